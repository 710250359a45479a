/*
 * The configuration: keepalived.conf as structs, read-only after load, with
 * every default already filled in as keepalived 2.2.7 would. The VRRP and the
 * LVS side hold const pointers into it.
 *
 * conf_load() owns everything; conf_free() frees it. Times are nanoseconds.
 */
#ifndef HALBD_CONF_H
#define HALBD_CONF_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* keepalived's exit codes for -t; of several errors the highest class wins. */
enum conf_status {
	CONF_OK = 0,
	CONF_NO_MEMORY = 2, /* and: a parameter is missing, parsing was given up */
	CONF_FATAL = 4,
	CONF_ERROR = 5,	  /* mistakes that keepalived lives with */
	CONF_SECURITY = 6 /* scripts that are not safe to run */
};

struct conf_addr {
	int family; /* AF_INET, AF_INET6; 0: not set */
	union {
		struct in_addr v4;
		struct in6_addr v6;
	};
};

/* One line of virtual_ipaddress. */
struct conf_vip {
	struct conf_addr addr;
	int prefixlen;
	char *dev;   /* NULL: the instance's interface */
	char *label; /* NULL: none */
	int scope;   /* RT_SCOPE_… */
	struct conf_addr brd;
	bool excluded; /* virtual_ipaddress_excluded: not in the advert */
	bool no_track, use_vmac;
	bool has_peer;
	struct conf_addr peer;
	uint32_t flags, flag_mask; /* IFA_F_… to set, of those that the file names */
	uint32_t preferred_lft;	   /* seconds; UINT32_MAX: for ever (IPv6 only) */
};

enum vrrp_auth { VRRP_AUTH_NONE = 0, VRRP_AUTH_PASS = 1, VRRP_AUTH_AH = 2 };

/* A script to run: argv (owned, NULL-terminated) and as whom. */
struct conf_script {
	char *name;  /* vrrp_script's name; NULL for notify scripts */
	char **argv; /* NULL: not set */
	int64_t interval_ns, timeout_ns;
	int rise, fall, weight;
	bool init_fail;
	bool weight_reverse;
	char *user, *group; /* as named; NULL: the default */
	uint32_t uid, gid;  /* whom that is */
};

/* One of unicast_peer's TTL bounds; 0 and 255 unless said. */
struct conf_ttl {
	uint8_t min, max;
};

/* track_interface or track_script entry with its weight. */
struct conf_track {
	char *name; /* interface, or vrrp_script */
	int weight; /* 0: losing it is a FAULT */
	bool reverse;
};

struct vrrp_conf {
	char *name; /* "VI_1" */
	char *ifname;
	int family;	     /* AF_INET or AF_INET6, from its addresses */
	int version;	     /* 2 or 3 */
	bool start_master;   /* state MASTER */
	int vrid;	     /* 1-255 */
	int priority;	     /* 1-255 */
	int64_t advert_ns;   /* advert_int */
	enum vrrp_auth auth; /* what goes on the wire */
	uint8_t auth_data[8];
	bool nopreempt;
	int64_t preempt_delay_ns;
	struct conf_vip *vip; /* in the file's order; excluded ones last */
	size_t nvip;
	struct conf_addr mcast_src, unicast_src;
	struct conf_addr mcast_dst; /* 224.0.0.18, ff02::12 unless said; unicast: unset */
	struct conf_addr *peer;	    /* unicast_peer */
	struct conf_ttl *peer_ttl;  /* of each peer */
	size_t npeer;
	bool check_unicast_src; /* drop what comes from others */
	bool fault_no_peer;	/* unicast without a peer: FAULT, not multicast */
	bool old_unicast_checksum, old_unicast_checksum_never;
	int ttl; /* of adverts: 255 for IPv4 unless said; -1: the kernel's */
	int garp_master_rep;		 /* 5: how many at once */
	int64_t garp_master_delay_ns;	 /* 5 s: then again */
	int garp_master_refresh_rep;	 /* 1 */
	int64_t garp_master_refresh_ns;	 /* 0: off */
	int garp_lower_prio_rep;	 /* 5 */
	int64_t garp_lower_prio_delay_ns; /* 5 s */
	int64_t garp_interval_ns, gna_interval_ns; /* spacing; 0: none */
	bool lower_prio_no_advert, higher_prio_send_advert;
	bool strict, accept, dont_track_primary, skip_check_adv_addr;
	bool use_vmac, use_vmac_addr, vmac_xmit_base;
	char *vmac_ifname; /* use_vmac: "vrrp.51" unless said */
	bool has_vmac_mac;
	uint8_t vmac_mac[6];
	bool promote_secondaries, track_src_ip, notify_priority_changes;
	uint32_t rx_buf_size;	/* 0: keepalived's */
	bool config_fault;	/* stays in FAULT: its configuration cannot work */
	int garp_extra_if_s;	/* 0: none */
	bool garp_extra_if_all;
	struct conf_track *track_if, *track_script;
	size_t ntrack_if, ntrack_script;
	struct conf_script notify_master, notify_backup, notify_fault, notify_stop;
	struct conf_script notify; /* called with "INSTANCE" name STATE prio */
	struct conf_script notify_master_rx_lower_pri, notify_deleted;
	struct vrrp_sync_group_conf *sync_group; /* (borrowed) NULL: none */
	int down_timer_adverts;			 /* 3 */
	int line;				 /* where it was declared */
	const char *file;
};

struct vrrp_sync_group_conf {
	char *name;
	struct vrrp_conf **member; /* (borrowed) */
	size_t nmember;
	struct conf_script notify_master, notify_backup, notify_fault, notify;
	struct conf_script notify_stop;
	bool tracking_weight; /* members may have weights */
	struct conf_track *track_if, *track_script; /* of the group; members have them too */
	size_t ntrack_if, ntrack_script;
	int line;
	const char *file;
};

enum checker_type {
	CHECK_TCP,
	CHECK_HTTP,
	CHECK_SSL,
	CHECK_MISC,
	CHECK_UDP,
	CHECK_DNS,
	CHECK_PING,
	CHECK_SMTP,
};

struct http_url_conf {
	char *path, *virtualhost; /* virtualhost: NULL: the checker's, or the address */
	uint8_t digest[16];
	bool has_digest;
	int status_min, status_max; /* 0: any 200-299 */
	/* status_code with a list: bit (code - 100) of 100..599; all 0: the two
	 * above. */
	uint64_t status_set[8];
	char *regex; /* PCRE2; NULL: none */
	bool regex_no_match;
	uint32_t regex_options;	       /* PCRE2_… */
	size_t regex_min, regex_max;   /* offsets; max is one beyond, 0: no bound */
};

/* HTTP_GET and SSL_GET: the line that is sent. */
enum http_version { HTTP_1_0, HTTP_1_0_CLOSE, HTTP_1_1 };

/* UDP_CHECK's own words; zeroed: send some bytes, silence is success. */
struct udp_check_conf {
	uint8_t *payload, *reply, *reply_mask; /* NULL: not set; mask: bits ignored */
	uint16_t payload_len, reply_len;
	uint16_t min_reply_len, max_reply_len; /* max: 255 by default */
	bool require_reply;
};

struct checker_conf {
	enum checker_type type;
	struct conf_addr connect_ip; /* family 0: the real server's */
	int connect_port;	     /* host order; 0: the real server's */
	struct conf_addr bindto;
	int bind_port;
	int64_t connect_timeout_ns;
	int64_t delay_loop_ns;	       /* its own, or the virtual server's */
	int64_t delay_before_retry_ns; /* default 1 s; HTTP 3 s */
	int retry;		       /* default 1; MISC 0 */
	int64_t warmup_ns;	       /* upper bound of the random first delay */
	signed char alpha;	       /* down until the first success */
	bool log_all_failures;
	char *bind_if;	 /* NULL: any */
	uint32_t fwmark; /* of the probe's packets; 0: none */
	/* What only one type has; of the others' there is nothing to read. */
	union {
		struct { /* CHECK_HTTP, CHECK_SSL */
			struct http_url_conf *url;
			size_t nurl;
			/* for urls without their own; NULL: the address */
			char *virtualhost;
			enum http_version http_version;
			bool sni, fast_recovery;
		};
		struct { /* CHECK_MISC */
			/* (owned) timeout_ns: misc_timeout, or the service's delay_loop */
			struct conf_script *misc;
			bool misc_dynamic;
		};
		struct { /* CHECK_DNS: "" is the root */
			char *dns_name;
			uint16_t dns_type; /* 6, SOA, by default */
		};
		struct udp_check_conf *udp; /* CHECK_UDP; (owned) NULL: all defaults */
		char *helo_name;	    /* CHECK_SMTP */
	};
};

enum lvs_forward { LVS_DR, LVS_NAT, LVS_TUN };

struct lvs_real_conf {
	struct conf_addr addr;
	int port; /* host order */
	int weight;
	enum lvs_forward forward;
	bool inhibit; /* inhibit_on_failure: weight 0 instead of removal */
	uint32_t lower_threshold, upper_threshold;
	/* Real servers that are checked in the same way share them (one owns). */
	struct checker_conf *checker;
	size_t nchecker;
	bool checker_shared; /* another real server's (borrowed) */
	uint8_t tun_type;  /* IP_VS_CONN_F_TUNNEL_TYPE_… of a LVS_TUN */
	uint16_t tun_port; /* host order; GUE */
	uint16_t tun_flags;
	struct conf_script *notify_up, *notify_down; /* (owned) NULL: none */
	char *virtualhost; /* for its checkers; NULL: the service's */
	int line;
	uint16_t col;
};

/* One line of a virtual_server_group: an address range, or a fwmark. */
struct lvs_group_entry_conf {
	struct conf_addr addr; /* first; family 0: by fwmark */
	uint32_t count;	       /* how many addresses, at least 1 */
	int port;
	uint32_t fwmark;
	int family; /* of a fwmark; 0: the service's */
};

struct lvs_group_conf {
	char *name;
	struct lvs_group_entry_conf *entry; /* addresses first, then fwmarks */
	size_t nentry;
};

struct lvs_service_conf {
	struct conf_addr addr; /* family 0: by fwmark */
	int port;
	int family; /* AF_INET, AF_INET6; of a service by fwmark too; 0: AF_INET */
	uint32_t fwmark;
	struct lvs_group_conf *group; /* (borrowed) virtual_server group; NULL: none */
	int protocol;	 /* IPPROTO_TCP …; keepalived's default is UDP */
	const char *scheduler; /* "wlc" by default; never freed */
	uint32_t sched_flags; /* IP_VS_SVC_F_SCHED1 … */
	char *pe_name;	      /* persistence engine, "sip"; NULL: none */
	enum lvs_forward forward; /* NAT by default */
	uint32_t persistence_s;	  /* 0: none */
	uint32_t persistence_granularity; /* netmask, network order */
	bool one_packet, alpha, omega, ha_suspend;
	unsigned int quorum, hysteresis;
	struct conf_script quorum_up, quorum_down;
	struct lvs_real_conf *real;
	size_t nreal;
	bool real_borrowed; /* from conf.real */
	struct lvs_real_conf *sorry; /* (owned) NULL: none */
	bool sorry_inhibit;
	char *virtualhost; /* NULL: the address */
	int line, col;
	const char *file;
};

struct conf_global {
	char *router_id;
	char *script_user, *script_group;
	bool enable_script_security;
	int vrrp_version; /* 2 */
	char *lvs_sync_ifname, *lvs_sync_instance;
	int lvs_sync_id;
	uint16_t lvs_sync_maxlen, lvs_sync_port; /* 0: the kernel's own */
	uint8_t lvs_sync_ttl;
	struct conf_addr lvs_sync_group;
	uint32_t lvs_timeout_tcp_s, lvs_timeout_fin_s, lvs_timeout_udp_s; /* 0: as is */
	bool lvs_flush, lvs_flush_on_stop;
	bool lvs_flush_on_stop_vs; /* lvs_flush_on_stop VS: our services only */
	bool rs_init_notifies, checker_log_all_failures;
	int vrrp_rt_priority, checker_rt_priority; /* 0: none */
	int max_auto_priority;	 /* 0: none */
	int64_t min_auto_delay_ns; /* 1 s */
	int vrrp_nice, checker_nice;		   /* vrrp_priority, checker_priority */
	bool vrrp_no_swap, checker_no_swap;
	int64_t vrrp_startup_delay_ns;
	int64_t garp_interval_ns, gna_interval_ns;
	struct conf_addr mcast_group4, mcast_group6;
	bool dynamic_interfaces;
	char *default_ifname;	    /* NULL: the first */
	char *vmac_prefix;	    /* "vrrp" */
	struct conf_fifo {
		char *path; /* NULL: none */
		uint32_t uid, gid;
		struct conf_script script; /* run with the path as its last word */
	} notify_fifo, vrrp_notify_fifo, lvs_notify_fifo;
	/* Recorded; halbd sends no mail. */
	char **email;
	size_t nemail;
	char *email_from, *smtp_server, *smtp_helo;
};

struct conf {
	struct conf_global global;
	struct vrrp_conf *vrrp;
	size_t nvrrp;
	struct vrrp_sync_group_conf *sync_group;
	size_t nsync_group;
	struct conf_script *script; /* vrrp_script blocks */
	size_t nscript;
	struct lvs_service_conf *service;
	size_t nservice;
	/* Of all services, each in one piece; NULL: apart. */
	struct lvs_real_conf *real;
	struct checker_conf *checker;
	size_t nchecker;
	struct lvs_group_conf *group;
	size_t ngroup;
	char **file; /* every file read, NULL-terminated */
	struct conf_reuse *reuse; /* what a reload need not read again; NULL: all */
};

/* How to load; zero is conf_load(). */
struct conf_options {
	const char *path;
	const char *text; /* instead of the file; NULL: read it */
	size_t text_len;
	const char *id; /* for @id lines; NULL: what conf_set_id() said */
	FILE *out;	/* messages; NULL: none */
	/*
	 * Read as `keepalived -t` does, which differs from the daemon: "5x" is no
	 * number, where the daemon complains and takes 5.
	 */
	bool test;
	/* Before each message: the line that keepalived would name, and its kind. */
	bool kinds;
	/* The interfaces there are (NULL-terminated); NULL: this machine's. */
	const char *const *interfaces;
	bool any_interface; /* every name is an interface */
	bool keep;	    /* note what conf_reload() need not read again */
	const struct conf *old; /* (borrowed) what is the same comes from there */
};

/*
 * Reads `path` as keepalived 2.2.7 would. Messages go to `out`, one a line,
 * `FILE:LINE:COL: what (what it is taken to mean; what was probably meant)`.
 * Sets *status to what `keepalived -t` would exit with; returns the configuration
 * as it will act, or NULL when keepalived would not start with it.
 * Free with conf_free().
 */
struct conf *conf_load(const char *path, FILE *out, enum conf_status *status);
/*
 * The same for a file that is read again: of what it says, what `old` (borrowed) said
 * in the same words already is taken from there. Makes no difference but in time.
 */
struct conf *conf_reload(const char *path, FILE *out, enum conf_status *status,
			 const struct conf *old);
/* keepalived's -i (borrowed; NULL: the host's name, up to the first dot). */
void conf_set_id(const char *id);
/* The same with options. With `test`, what keepalived refuses is returned too. */
struct conf *conf_load_with(const struct conf_options *opt, enum conf_status *status);
void conf_free(struct conf *c);

#endif
