/* Virtual servers under construction. */
#ifndef HALBD_CONF_LVS_H
#define HALBD_CONF_LVS_H

#include "conf_int.h"

#define LVS_UNSET ((enum lvs_forward)-1) /* forward: not said yet */
#define UNSET_NS  INT64_C(-1)
#define PERSISTENCE_DEFAULT 360

/* What a virtual or real server says for those below it; -1: not said. */
struct lvs_timing {
	int64_t connect_timeout_ns, delay_loop_ns, warmup_ns, delay_before_retry_ns;
	int64_t retry;
	int alpha, inhibit;
	int64_t weight;
};

struct lvs_build {
	/* the virtual server being read */
	struct lvs_timing service;
	uint8_t tun_type;
	uint16_t tun_port, tun_flags;
	/* its real servers' */
	struct lvs_timing *real;
	size_t nreal;
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

struct lvs_build *conf_lvs(struct conf_ctx *c);
/* Fills in what the checkers of the service just read leave open. */
void conf_service_settle(struct conf_ctx *c);
struct conf_pos conf_service_pos(const struct conf_ctx *c, const struct lvs_service_conf *s);
struct conf_pos conf_real_pos(const struct conf_ctx *c, const struct lvs_service_conf *s,
			      const struct lvs_real_conf *r);
/* "192.168.31.200 tcp port 80", for messages. */
const char *conf_service_str(const struct lvs_service_conf *s, char buf[128]);
const char *conf_real_str(const struct lvs_real_conf *r, char buf[64]);

#endif
