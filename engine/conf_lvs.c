/* The words of virtual_server and real_server. Checks: conf_lvs_done.c. */
#include "conf_lvs.h"

#include <arpa/inet.h>
#include <limits.h>
#include <linux/ip_vs.h>
#include <stdlib.h>
#include <string.h>

#define WEIGHT_MAX INT32_MAX
#define S_NS	   INT64_C(1000000000)

#ifndef IP_VS_CONN_F_TUNNEL_TYPE_GRE
#define IP_VS_CONN_F_TUNNEL_TYPE_GRE 2
#endif

struct lvs_build *conf_lvs(struct conf_ctx *c)
{
	if (!c->lvs)
		c->lvs = calloc(1, sizeof(*c->lvs));
	if (!c->lvs)
		conf_nomem(c);
	return c->lvs;
}

struct lvs_service_conf *conf_service(struct conf_ctx *c)
{
	return &c->conf->service[c->conf->nservice - 1];
}

bool conf_service_alive(const struct conf_ctx *c)
{
	return c->conf->nservice;
}

bool conf_real_alive(const struct conf_ctx *c)
{
	return c->conf->nservice && c->conf->service[c->conf->nservice - 1].nreal;
}

struct lvs_real_conf *conf_real(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);

	return &s->real[s->nreal - 1];
}

static struct lvs_timing *service_timing(struct conf_ctx *c)
{
	return &c->lvs->service;
}

static struct lvs_timing *real_timing(struct conf_ctx *c)
{
	return &c->lvs->real[c->lvs->nreal - 1];
}

static const struct lvs_timing unset = {
	.connect_timeout_ns = UNSET_NS,
	.delay_loop_ns = UNSET_NS,
	.warmup_ns = UNSET_NS,
	.delay_before_retry_ns = UNSET_NS,
	.retry = -1,
	.alpha = -1,
	.inhibit = -1,
	.weight = -1,
};

/* --- virtual_server ADDRESS [PORT] | fwmark N | group NAME --- */

static struct lvs_service_conf *service_add(struct conf_ctx *c)
{
	struct lvs_service_conf *more =
		conf_grow(c, c->conf->service, &c->conf->nservice, sizeof(*more));
	struct conf_pos pos = conf_here(c, 1);
	char **wanted;

	if (!more)
		return NULL;
	c->conf->service = more;
	more += c->conf->nservice - 1;
	more->line = pos.line;
	more->col = pos.col;
	more->file = pos.file;
	more->forward = LVS_UNSET;
	more->quorum = 1;
	wanted = conf_grow(c, c->lvs->wanted, &c->lvs->nwanted, sizeof(*wanted));
	if (!wanted)
		return NULL;
	c->lvs->wanted = wanted;
	c->lvs->service = unset;
	c->lvs->service.connect_timeout_ns = 5 * S_NS;
	c->lvs->service.delay_loop_ns = 60 * S_NS;
	c->lvs->service.weight = 1;
	c->lvs->service.inhibit = 0;
	c->lvs->service.alpha = 0;
	c->lvs->nreal = 0;
	c->lvs->tun_type = 0;
	c->lvs->tun_port = c->lvs->tun_flags = 0;
	return more;
}

static void refuse_service(struct conf_ctx *c, const char *why)
{
	conf_say(c, K_SERVER, 1, "%s; this virtual_server is left out", why);
	conf_skip_block(c);
}

void conf_service_start(struct conf_ctx *c)
{
	const char *what = conf_word(c, 1);
	struct lvs_service_conf s = { 0 }, *added;
	char *group = NULL;

	if (c->give_up || !conf_lvs(c))
		return;
	if (!strcmp(what, "group")) {
		group = conf_dup(c, 2);
		if (!group)
			return;
	} else if (!strcmp(what, "fwmark")) {
		if (!conf_uint(c, 2, 0, UINT32_MAX, true, &s.fwmark)) {
			refuse_service(c, "this is no fwmark");
			return;
		}
	} else if (!conf_port(c, 2, &s.port) || !conf_addr_text(what, &s.addr)) {
		refuse_service(c, "this is no address and port");
		return;
	}
	added = service_add(c);
	if (!added) {
		free(group);
		return;
	}
	added->fwmark = s.fwmark;
	added->port = s.port;
	added->addr = s.addr;
	added->family = s.addr.family;
	c->lvs->wanted[c->lvs->nwanted - 1] = group;
}

/* --- times and numbers, for both --- */

static void take_time(struct conf_ctx *c, uint64_t lo, uint64_t hi, int64_t *ns)
{
	uint64_t us;

	if (conf_time_us(c, 1, lo, hi, &us))
		*ns = us > INT64_MAX / 1000 ? INT64_MAX : (int64_t)us * 1000;
	else
		conf_say(c, K_VALUE, 1, "'%s' is ignored", conf_word(c, 0));
}

static void take_retry(struct conf_ctx *c, int64_t *retry)
{
	unsigned int n;

	if (conf_uint(c, 1, 1, UINT32_MAX, false, &n))
		*retry = n;
	else
		conf_say(c, K_VALUE, 1, "'%s' is ignored", conf_word(c, 0));
}

static void take_switch(struct conf_ctx *c, int *out)
{
	int on = conf_switch(c);

	if (on >= 0)
		*out = on;
}

static void check_switch(struct conf_ctx *c)
{
	conf_switch(c);
}

static void s_connect_timeout(struct conf_ctx *c)
{
	take_time(c, 1, UINT_MAX, &service_timing(c)->connect_timeout_ns);
}

static void s_delay_loop(struct conf_ctx *c)
{
	take_time(c, 1, ULONG_MAX - 1, &service_timing(c)->delay_loop_ns);
}

static void s_delay_before_retry(struct conf_ctx *c)
{
	take_time(c, 0, ULONG_MAX - 1, &service_timing(c)->delay_before_retry_ns);
}

static void s_warmup(struct conf_ctx *c)
{
	take_time(c, 0, ULONG_MAX - 1, &service_timing(c)->warmup_ns);
}

static void s_retry(struct conf_ctx *c)
{
	take_retry(c, &service_timing(c)->retry);
}

static void s_inhibit(struct conf_ctx *c)
{
	service_timing(c)->inhibit = 1;
}

static void s_alpha(struct conf_ctx *c)
{
	service_timing(c)->alpha = 1;
	conf_service(c)->alpha = true;
}

static void s_omega(struct conf_ctx *c)
{
	conf_service(c)->omega = true;
}

static void s_weight(struct conf_ctx *c)
{
	unsigned int n;

	if (conf_uint(c, 1, 1, WEIGHT_MAX, true, &n))
		service_timing(c)->weight = n;
	else
		conf_say(c, K_VALUE, 1, "weight must be 1 to %d; ignored", WEIGHT_MAX);
}

/* --- what kind of service --- */

static void ip_family(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);
	int family = conf_is(c, 1, "inet") ? AF_INET : conf_is(c, 1, "inet6") ? AF_INET6 : 0;

	if (!family)
		conf_say(c, K_VALUE, 1, "ip_family is inet or inet6, not '%s'; ignored",
			 conf_word(c, 1));
	else if (s->family && s->family != family)
		conf_say(c, K_CONFLICT, 1, "ip_family does not go with the address; ignored");
	else
		s->family = family;
}

static void lb_algo(struct conf_ctx *c)
{
	static const char *const known[] = { "rr", "wrr", "lc",	 "wlc", "lblc",	 "sh",	"mh",
					     "dh", "fo",  "ovf", "lblcr", "sed", "nq", "twos" };
	struct lvs_service_conf *s = conf_service(c);
	const char *name = conf_word(c, 1);
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i], name)) {
			free(s->scheduler);
			s->scheduler = conf_dup(c, 1);
			return;
		}
	if (!c->give_up)
		conf_say(c, K_VALUE, 1, "IPVS has no scheduler '%s'; ignored", name);
}

static void flag(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);
	const char *word = conf_word(c, 0);
	bool hash = s->scheduler &&
		    (!strcmp(s->scheduler, "sh") || !strcmp(s->scheduler, "mh"));

	if (!strcmp(word, "ops"))
		s->one_packet = true;
	else if (!strncmp(word, "flag-", 5))
		s->sched_flags |= word[5] == '1' ? IP_VS_SVC_F_SCHED1 :
				  word[5] == '2' ? IP_VS_SVC_F_SCHED2 :
						   IP_VS_SVC_F_SCHED3;
	else if (!hash)
		conf_say(c, K_VALUE, 0, "'%s' is for lb_algo sh or mh, set above it; ignored",
			 word);
	else if (!strncmp(word, s->scheduler, 2))
		s->sched_flags |= !strcmp(word + 2, "-port") ? IP_VS_SVC_F_SCHED2 :
							       IP_VS_SVC_F_SCHED1;
}

/* DR | NAT | TUN [type T] [port N] [csum]; for a virtual, real or sorry server. */
struct method {
	enum lvs_forward forward;
	uint8_t tun_type;
	uint16_t tun_port, tun_flags;
};

static bool tunnel_option(struct conf_ctx *c, size_t *i, struct method *m)
{
	unsigned int port;

	if (conf_is(c, *i, "type") || conf_is(c, *i, "port")) {
		bool type = conf_is(c, (*i)++, "type");

		if (*i >= conf_nword(c))
			return false;
		if (!type) {
			if (!conf_uint(c, *i, 1, 65535, false, &port))
				return false;
			m->tun_port = (uint16_t)port;
		} else if (conf_is(c, *i, "ipip"))
			m->tun_type = IP_VS_CONN_F_TUNNEL_TYPE_IPIP;
		else if (conf_is(c, *i, "gue"))
			m->tun_type = IP_VS_CONN_F_TUNNEL_TYPE_GUE;
		else if (conf_is(c, *i, "gre"))
			m->tun_type = IP_VS_CONN_F_TUNNEL_TYPE_GRE;
		else
			return false;
	} else if (conf_is(c, *i, "nocsum")) {
		m->tun_flags = IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM;
	} else if (conf_is(c, *i, "csum")) {
		m->tun_flags = IP_VS_TUNNEL_ENCAP_FLAG_CSUM;
	} else if (conf_is(c, *i, "remcsum")) {
		m->tun_flags = IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM;
	} else {
		return false;
	}
	return true;
}

static void method(struct conf_ctx *c, struct method *m)
{
	const char *name = conf_word(c, 1);
	struct method new = { .forward = m->forward };
	size_t i;

	if (c->give_up)
		return;
	if (!strcmp(name, "NAT"))
		new.forward = LVS_NAT;
	else if (!strcmp(name, "DR"))
		new.forward = LVS_DR;
	else if (!strcmp(name, "TUN"))
		new.forward = LVS_TUN;
	else {
		conf_say(c, K_VALUE, 1, "'%s' is DR, NAT or TUN, not '%s'; ignored",
			 conf_word(c, 0), name);
		return;
	}
	/* The method counts even where its options do not. */
	m->forward = new.forward;
	for (i = 2; i < conf_nword(c); i++)
		if (!tunnel_option(c, &i, &new)) {
			conf_say(c, K_VALUE, i, "TUN's options are wrong from here on; ignored");
			return;
		}
	if ((new.tun_type == IP_VS_CONN_F_TUNNEL_TYPE_GUE) != (new.tun_port != 0))
		conf_say(c, K_VALUE, 2, "gue needs a port, the others have none; ignored");
	else if (new.tun_type == IP_VS_CONN_F_TUNNEL_TYPE_IPIP && new.tun_flags)
		conf_say(c, K_VALUE, 2, "ipip has no checksum; ignored");
	else if (new.tun_type == IP_VS_CONN_F_TUNNEL_TYPE_GRE &&
		 new.tun_flags == IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM)
		conf_say(c, K_VALUE, 2, "gre has no remote checksum; ignored");
	else
		*m = new;
}

static void lb_kind(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);
	struct lvs_build *b = c->lvs;
	struct method m = { s->forward, b->tun_type, b->tun_port, b->tun_flags };

	method(c, &m);
	s->forward = m.forward;
	b->tun_type = m.tun_type;
	b->tun_port = m.tun_port;
	b->tun_flags = m.tun_flags;
}

static void real_method(struct conf_ctx *c, struct lvs_real_conf *r)
{
	struct method m = { r->forward, r->tun_type, r->tun_port, r->tun_flags };

	method(c, &m);
	r->forward = m.forward;
	r->tun_type = m.tun_type;
	r->tun_port = m.tun_port;
	r->tun_flags = m.tun_flags;
}

static void protocol(struct conf_ctx *c)
{
	const char *name = conf_word(c, 1);

	if (c->give_up)
		return;
	if (!strcasecmp(name, "TCP"))
		conf_service(c)->protocol = IPPROTO_TCP;
	else if (!strcasecmp(name, "UDP"))
		conf_service(c)->protocol = IPPROTO_UDP;
	else if (!strcasecmp(name, "SCTP"))
		conf_service(c)->protocol = IPPROTO_SCTP;
	else
		conf_say(c, K_VALUE, 1, "protocol is TCP, UDP or SCTP, not '%s'; ignored", name);
}

static void persistence_timeout(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);
	unsigned int n;

	if (conf_nword(c) < 2)
		s->persistence_s = PERSISTENCE_DEFAULT;
	else if (conf_uint(c, 1, 1, 86400 * 31, false, &n))
		s->persistence_s = n;
	else
		conf_say(c, K_VALUE, 1, "persistence_timeout is ignored");
}

static void persistence_engine(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);

	if (strlen(conf_word(c, 1)) >= IP_VS_PENAME_MAXLEN)
		conf_say(c, K_VALUE, 1, "this name is cut to %d characters",
			 IP_VS_PENAME_MAXLEN - 1);
	free(s->pe_name);
	s->pe_name = conf_dup(c, 1);
	if (s->pe_name && strlen(s->pe_name) >= IP_VS_PENAME_MAXLEN)
		s->pe_name[IP_VS_PENAME_MAXLEN - 1] = '\0';
}

/* An IPv4 netmask as inet_aton reads it: 255.255.255.0, 0xffffff00. */
static void persistence_granularity(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);
	const char *text = conf_word(c, 1);
	int family = s->family ? s->family : strchr(text, '.') ? AF_INET : AF_INET6;
	struct in_addr mask;
	unsigned int n;

	if (c->give_up)
		return;
	if (family == AF_INET6 ? !conf_uint(c, 1, 1, 128, false, &n) :
				 !inet_aton(text, &mask)) {
		conf_say(c, K_VALUE, 1, "persistence_granularity is ignored");
		return;
	}
	s->persistence_granularity = family == AF_INET6 ? n : mask.s_addr;
	s->family = family;
	if (!s->persistence_s)
		s->persistence_s = PERSISTENCE_DEFAULT;
}

static void ha_suspend(struct conf_ctx *c)
{
	conf_service(c)->ha_suspend = true;
}

static void s_virtualhost(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);

	if (conf_nword(c) < 2) {
		conf_say(c, K_VALUE, 1, "virtualhost needs a name");
		return;
	}
	free(s->virtualhost);
	s->virtualhost = conf_dup(c, 1);
}

static void snmp_name(struct conf_ctx *c)
{
	if (conf_nword(c) != 2)
		conf_say(c, K_VALUE, 1, "snmp_name needs one name");
}

/* --- quorum --- */

static void quorum(struct conf_ctx *c)
{
	unsigned int n;

	if (!conf_uint(c, 1, 1, UINT_MAX, true, &n)) {
		conf_say(c, K_VALUE, 1, "quorum is taken as 1");
		n = 1;
	}
	conf_service(c)->quorum = n;
}

static void hysteresis(struct conf_ctx *c)
{
	unsigned int n;

	if (conf_uint(c, 1, 0, UINT_MAX, true, &n))
		conf_service(c)->hysteresis = n;
	else
		conf_say(c, K_VALUE, 1, "hysteresis is ignored");
}

static void notify(struct conf_ctx *c, struct conf_script *s)
{
	if (s->argv)
		conf_say(c, K_DUPLICATE, 0, "'%s' was set before; '%s' is ignored",
			 conf_word(c, 0), conf_word(c, 1));
	else
		conf_notify_script(c, s, conf_word(c, 0));
}

static void quorum_up(struct conf_ctx *c)
{
	notify(c, &conf_service(c)->quorum_up);
}

static void quorum_down(struct conf_ctx *c)
{
	notify(c, &conf_service(c)->quorum_down);
}

/* --- sorry_server --- */

static void sorry_server(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);
	struct lvs_real_conf *r;
	struct conf_addr addr;
	const char *text = conf_word(c, 1);
	int port;

	if (c->give_up)
		return;
	if (!conf_port(c, 2, &port) || !conf_addr_text(text, &addr)) {
		conf_say(c, K_SERVER, 1, "'%s' is no address and port; there is no sorry server",
			 text);
		return;
	}
	r = calloc(1, sizeof(*r));
	if (!r) {
		conf_nomem(c);
		return;
	}
	r->addr = addr;
	r->port = port;
	r->weight = 1;
	r->forward = s->forward;
	r->tun_type = c->lvs->tun_type;
	r->tun_port = c->lvs->tun_port;
	r->tun_flags = c->lvs->tun_flags;
	r->line = conf_here(c, 1).line;
	if (s->sorry)
		conf_real_clear(s->sorry);
	free(s->sorry);
	s->sorry = r;
}

static void sorry_inhibit(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);

	if (s->sorry)
		s->sorry_inhibit = s->sorry->inhibit = true;
	else
		conf_say(c, K_SERVER, 0, "sorry_server_inhibit stands before a sorry_server; "
					 "ignored");
}

static void sorry_method(struct conf_ctx *c)
{
	if (conf_service(c)->sorry)
		real_method(c, conf_service(c)->sorry);
	else
		conf_say(c, K_SERVER, 0, "sorry_server_lvs_method stands before a sorry_server; "
					 "ignored");
}

/* --- real_server --- */

static void real_start(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);
	const char *text = conf_word(c, 1);
	struct conf_pos pos = conf_here(c, 1);
	struct lvs_real_conf *more;
	struct lvs_timing *timing;
	struct conf_addr addr;
	int port;

	if (c->give_up)
		return;
	if (!conf_port(c, 2, &port) || !conf_addr_text(text, &addr)) {
		conf_say(c, K_SERVER, 1, "'%s' is no address and port; this real_server is "
					 "left out",
			 text);
		conf_skip_block(c);
		return;
	}
	more = conf_grow(c, s->real, &s->nreal, sizeof(*more));
	if (!more)
		return;
	s->real = more;
	timing = conf_grow(c, c->lvs->real, &c->lvs->nreal, sizeof(*timing));
	if (!timing)
		return;
	c->lvs->real = timing;
	*real_timing(c) = unset;
	more = conf_real(c);
	more->addr = addr;
	more->port = port;
	more->forward = s->forward;
	more->tun_type = c->lvs->tun_type;
	more->tun_port = c->lvs->tun_port;
	more->tun_flags = c->lvs->tun_flags;
	more->line = pos.line;
	more->col = (uint16_t)pos.col;
}

static void real_end(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);
	struct conf_pos pos;
	struct lvs_real_conf *r;
	char text[64];

	if (!s->nreal)
		return;
	r = conf_real(c);
	if (r->forward == LVS_TUN)
		return;
	if (!s->family)
		s->family = r->addr.family;
	if (s->family == r->addr.family)
		return;
	pos = conf_real_pos(c, s, r);
	conf_say_at(c, K_SERVER, &pos,
		    "real server %s is of the other family; only TUN can do that, left out",
		    conf_real_str(r, text));
	conf_real_clear(r);
	s->nreal--;
	c->lvs->nreal--;
}

static void r_weight(struct conf_ctx *c)
{
	unsigned int n;

	if (conf_uint(c, 1, 0, WEIGHT_MAX, true, &n))
		real_timing(c)->weight = n;
	else
		conf_say(c, K_VALUE, 1, "weight must be 0 to %d; ignored", WEIGHT_MAX);
}

static void r_method(struct conf_ctx *c)
{
	real_method(c, conf_real(c));
}

static void threshold(struct conf_ctx *c, uint32_t *out)
{
	unsigned int n;

	if (conf_uint(c, 1, 0, UINT_MAX, true, &n))
		*out = n;
	else
		conf_say(c, K_VALUE, 1, "'%s' is ignored", conf_word(c, 0));
}

static void uthreshold(struct conf_ctx *c)
{
	threshold(c, &conf_real(c)->upper_threshold);
}

static void lthreshold(struct conf_ctx *c)
{
	threshold(c, &conf_real(c)->lower_threshold);
}

static void r_inhibit(struct conf_ctx *c)
{
	take_switch(c, &real_timing(c)->inhibit);
}

static void r_alpha(struct conf_ctx *c)
{
	take_switch(c, &real_timing(c)->alpha);
}

/* Few servers have notify scripts: there is one only where there is one. */
static void real_notify(struct conf_ctx *c, struct conf_script **s)
{
	if (!*s)
		*s = calloc(1, sizeof(**s));
	if (!*s) {
		conf_nomem(c);
		return;
	}
	notify(c, *s);
	if (!(*s)->argv) {
		free(*s);
		*s = NULL;
	}
}

static void notify_up(struct conf_ctx *c)
{
	real_notify(c, &conf_real(c)->notify_up);
}

static void notify_down(struct conf_ctx *c)
{
	real_notify(c, &conf_real(c)->notify_down);
}

static void r_connect_timeout(struct conf_ctx *c)
{
	take_time(c, 1, UINT_MAX, &real_timing(c)->connect_timeout_ns);
}

static void r_delay_loop(struct conf_ctx *c)
{
	take_time(c, 1, ULONG_MAX - 1, &real_timing(c)->delay_loop_ns);
}

static void r_delay_before_retry(struct conf_ctx *c)
{
	take_time(c, 0, ULONG_MAX - 1, &real_timing(c)->delay_before_retry_ns);
}

static void r_retry(struct conf_ctx *c)
{
	take_retry(c, &real_timing(c)->retry);
}

static void r_warmup(struct conf_ctx *c)
{
	take_time(c, 0, ULONG_MAX - 1, &real_timing(c)->warmup_ns);
}

static void r_virtualhost(struct conf_ctx *c)
{
	struct lvs_real_conf *r = conf_real(c);

	if (conf_nword(c) < 2) {
		conf_say(c, K_VALUE, 1, "virtualhost needs a name");
		return;
	}
	free(r->virtualhost);
	r->virtualhost = conf_dup(c, 1);
}

static void checker_tcp(struct conf_ctx *c)
{
	conf_checker_add(c, CHECK_TCP);
}

static void checker_http(struct conf_ctx *c)
{
	conf_checker_add(c, CHECK_HTTP);
}

static void checker_ssl(struct conf_ctx *c)
{
	conf_checker_add(c, CHECK_SSL);
}

static void checker_misc(struct conf_ctx *c)
{
	conf_checker_add(c, CHECK_MISC);
}

static void checker_dns(struct conf_ctx *c)
{
	conf_checker_add(c, CHECK_DNS);
}

static void checker_smtp(struct conf_ctx *c)
{
	conf_checker_add(c, CHECK_SMTP);
}

static void checker_udp(struct conf_ctx *c)
{
	conf_checker_add(c, CHECK_UDP);
}

static void checker_ping(struct conf_ctx *c)
{
	conf_checker_add(c, CHECK_PING);
}

#define SNMP "there is no SNMP agent; ignoring it is safe for the service"

static const struct conf_kw real_words[] = {
	{ .name = "BFD_CHECK", .sub = &conf_bfd_check_block,
	  .later = "there is no BFD; the server counts as good" },
	{ .name = "DNS_CHECK", .fn = checker_dns, .sub = &conf_dns_block },
	{ .name = "FILE_CHECK", .sub = &conf_file_block,
	  .later = "files are not looked at; the server counts as good" },
	{ .name = "HTTP_GET", .fn = checker_http, .sub = &conf_http_block },
	{ .name = "MISC_CHECK", .fn = checker_misc, .sub = &conf_misc_block },
	{ .name = "PING_CHECK", .fn = checker_ping, .sub = &conf_ping_block },
	{ .name = "SMTP_CHECK", .fn = checker_smtp, .sub = &conf_smtp_block },
	{ .name = "SSL_GET", .fn = checker_ssl, .sub = &conf_http_block },
	{ .name = "TCP_CHECK", .fn = checker_tcp, .sub = &conf_tcp_block },
	{ .name = "UDP_CHECK", .fn = checker_udp, .sub = &conf_udp_block },
	{ .name = "alpha", .fn = r_alpha },
	{ .name = "connect_timeout", .fn = r_connect_timeout },
	{ .name = "delay_before_retry", .fn = r_delay_before_retry },
	{ .name = "delay_loop", .fn = r_delay_loop },
	{ .name = "inhibit_on_failure", .fn = r_inhibit },
	{ .name = "lthreshold", .fn = lthreshold },
	{ .name = "lvs_method", .fn = r_method },
	{ .name = "notify_down", .fn = notify_down },
	{ .name = "notify_up", .fn = notify_up },
	{ .name = "retry", .fn = r_retry },
	{ .name = "smtp_alert", .fn = check_switch },
	{ .name = "snmp_name", .fn = snmp_name, .later = SNMP },
	{ .name = "uthreshold", .fn = uthreshold },
	{ .name = "virtualhost", .fn = r_virtualhost },
	{ .name = "warmup", .fn = r_warmup },
	{ .name = "weight", .fn = r_weight },
};

const struct conf_block conf_real_block =
	CONF_BLOCK(real_words, real_end, conf_real_alive, "real_server");

static const struct conf_kw words[] = {
	{ .name = "alpha", .fn = s_alpha },
	{ .name = "connect_timeout", .fn = s_connect_timeout },
	{ .name = "delay_before_retry", .fn = s_delay_before_retry },
	{ .name = "delay_loop", .fn = s_delay_loop },
	{ .name = "flag-1", .fn = flag },
	{ .name = "flag-2", .fn = flag },
	{ .name = "flag-3", .fn = flag },
	{ .name = "ha_suspend", .fn = ha_suspend },
	{ .name = "hashed", .fn = flag },
	{ .name = "hysteresis", .fn = hysteresis },
	{ .name = "inhibit_on_failure", .fn = s_inhibit },
	{ .name = "ip_family", .fn = ip_family },
	{ .name = "lb_algo", .fn = lb_algo },
	{ .name = "lb_kind", .fn = lb_kind },
	{ .name = "lvs_method", .fn = lb_kind },
	{ .name = "lvs_sched", .fn = lb_algo },
	{ .name = "mh-fallback", .fn = flag },
	{ .name = "mh-port", .fn = flag },
	{ .name = "omega", .fn = s_omega },
	{ .name = "ops", .fn = flag },
	{ .name = "persistence_engine", .fn = persistence_engine },
	{ .name = "persistence_granularity", .fn = persistence_granularity },
	{ .name = "persistence_timeout", .fn = persistence_timeout },
	{ .name = "protocol", .fn = protocol },
	{ .name = "quorum", .fn = quorum },
	{ .name = "quorum_down", .fn = quorum_down },
	{ .name = "quorum_up", .fn = quorum_up },
	{ .name = "real_server", .fn = real_start, .sub = &conf_real_block },
	{ .name = "retry", .fn = s_retry },
	{ .name = "sh-fallback", .fn = flag },
	{ .name = "sh-port", .fn = flag },
	{ .name = "smtp_alert", .fn = check_switch },
	{ .name = "snmp_name", .fn = snmp_name, .later = SNMP },
	{ .name = "sorry_server", .fn = sorry_server },
	{ .name = "sorry_server_inhibit", .fn = sorry_inhibit },
	{ .name = "sorry_server_lvs_method", .fn = sorry_method },
	{ .name = "virtualhost", .fn = s_virtualhost },
	{ .name = "warmup", .fn = s_warmup },
	{ .name = "weight", .fn = s_weight },
};

static void end(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);
	struct conf_pos pos = conf_service_pos(c, s);
	bool mixed = false;
	char text[64];
	size_t i;

	if (s->sorry && s->sorry->forward != LVS_TUN) {
		if (!s->family)
			s->family = s->sorry->addr.family;
		if (s->family != s->sorry->addr.family) {
			conf_say_at(c, K_SERVER, &pos,
				    "sorry server %s is of the other family; left out",
				    conf_real_str(s->sorry, text));
			conf_real_clear(s->sorry);
			free(s->sorry);
			s->sorry = NULL;
		}
	}
	if (!s->family && !c->lvs->wanted[c->conf->nservice - 1]) {
		/* By fwmark, and every server through a tunnel. */
		if (s->sorry)
			s->family = s->sorry->addr.family;
		for (i = 0; i < s->nreal && !mixed; i++) {
			if (!s->family)
				s->family = s->real[i].addr.family;
			mixed = s->family != s->real[i].addr.family;
		}
		if (mixed || !s->family)
			s->family = AF_INET;
	}
	conf_service_settle(c);
}

const struct conf_block conf_service_block =
	CONF_BLOCK(words, end, conf_service_alive, "virtual_server");
