/* Virtual servers under construction. */
#ifndef HALBD_CONF_LVS_H
#define HALBD_CONF_LVS_H

#include "conf_int.h"

#define LVS_UNSET	    ((enum lvs_forward) - 1) /* forward: not said yet */
#define UNSET_NS	    INT64_C(-1)
#define PERSISTENCE_DEFAULT 360

/* What a virtual or real server says for those below it; -1: not said. */
struct lvs_timing {
	int64_t connect_timeout_ns, delay_loop_ns, warmup_ns, delay_before_retry_ns;
	int64_t retry;
	int alpha, inhibit;
	int64_t weight;
};

/* DR | NAT | TUN [type T] [port N] [csum]; of a virtual, real or sorry server. */
struct lvs_method {
	enum lvs_forward forward;
	uint8_t tun_type;
	uint16_t tun_port, tun_flags;
};

struct lvs_build {
	/* the virtual server being read */
	struct lvs_timing service;
	uint8_t tun_type;
	uint16_t tun_port, tun_flags;
	/* its real servers' */
	struct lvs_timing *real;
	size_t nreal;
	size_t nfitted; /* services whose room for real servers was given back */
	/* names of the groups that services want (owned; NULL: none), by service */
	char **wanted;
	size_t nwanted;
	/* the checker being read */
	struct conf_pos url_pos, misc_pos;
	bool user_set, dropped, file_known, bfd_named;
	/* SMTP_CHECK's old host blocks: the one being read, and those read */
	bool in_host, connection_set;
	struct checker_conf host, *hosts;
	size_t nhosts;
	/* where words about a checker that was dropped go */
	struct checker_conf scratch;
};

extern const struct lvs_timing conf_lvs_unset;

/* Values that virtual and real servers have: word 1 of the line. */
void conf_lvs_time(struct conf_ctx *c, uint64_t lo, uint64_t hi, int64_t *ns);
void conf_lvs_retry(struct conf_ctx *c, int64_t *retry);
void conf_lvs_switch(struct conf_ctx *c, int *out);
void conf_lvs_check_switch(struct conf_ctx *c);
void conf_lvs_snmp_name(struct conf_ctx *c);
void conf_lvs_notify(struct conf_ctx *c, struct conf_script *s);
void conf_lvs_method(struct conf_ctx *c, struct lvs_method *m);
void conf_real_method(struct conf_ctx *c, struct lvs_real_conf *r);

/* real_server of a virtual server. */
void conf_real_start(struct conf_ctx *c);
extern const struct conf_block conf_real_block;
/* Parts of conf_service_block. */
extern const struct conf_words conf_lvs_kind_words, conf_lvs_quorum_words;

struct lvs_build *conf_lvs(struct conf_ctx *c);
/* Fills in what the checkers of the service just read leave open. */
void conf_service_settle(struct conf_ctx *c);
bool conf_real_same(const struct lvs_real_conf *a, const struct lvs_real_conf *b);
/* Takes real server i out of its service. */
void conf_real_drop(struct lvs_service_conf *s, size_t i);
void conf_service_drop_duplicates(struct conf_ctx *c, struct lvs_service_conf *s);
/* May the notify and check scripts run? What may not is left out. */
void conf_lvs_check_scripts(struct conf_ctx *c);
struct conf_pos conf_service_pos(const struct conf_ctx *c,
				 const struct lvs_service_conf *s);
struct conf_pos conf_real_pos(const struct conf_ctx *c,
			      const struct lvs_service_conf *s,
			      const struct lvs_real_conf *r);
/* "192.168.31.200 tcp port 80", for messages. */
const char *conf_service_str(const struct lvs_service_conf *s, char buf[128]);
const char *conf_real_str(const struct lvs_real_conf *r, char buf[64]);

#endif
