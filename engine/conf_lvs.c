/* The words of virtual_server and real_server. Checks: conf_lvs_done.c. */
#include "conf_lvs.h"
#include "conf_reuse.h"

#include <arpa/inet.h>
#include <limits.h>
#include <linux/ip_vs.h>
#include <stdlib.h>
#include <string.h>

#define WEIGHT_MAX INT32_MAX
#define S_NS	   INT64_C(1000000000)

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

static struct lvs_timing *service_timing(struct conf_ctx *c)
{
	return &c->lvs->service;
}

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
	c->lvs->service = conf_lvs_unset;
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

void conf_service_reuse(struct conf_ctx *c)
{
	const struct conf *old = c->opt->old;
	const struct conf_reuse_block *b = &old->reuse->v[c->line->reuse - 1];
	struct lvs_service_conf *s = conf_lvs(c) ? service_add(c) : NULL;

	if (s && conf_reuse_copy(s, &old->service[b->service], c->line->file,
				 c->line->line - b->line) < 0)
		conf_nomem(c);
}

static void s_connect_timeout(struct conf_ctx *c)
{
	conf_lvs_time(c, 1, UINT_MAX, &service_timing(c)->connect_timeout_ns);
}

static void s_delay_loop(struct conf_ctx *c)
{
	conf_lvs_time(c, 1, ULONG_MAX - 1, &service_timing(c)->delay_loop_ns);
}

static void s_delay_before_retry(struct conf_ctx *c)
{
	conf_lvs_time(c, 0, ULONG_MAX - 1, &service_timing(c)->delay_before_retry_ns);
}

static void s_warmup(struct conf_ctx *c)
{
	conf_lvs_time(c, 0, ULONG_MAX - 1, &service_timing(c)->warmup_ns);
}

static void s_retry(struct conf_ctx *c)
{
	conf_lvs_retry(c, &service_timing(c)->retry);
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
	int family = conf_is(c, 1, "inet")    ? AF_INET
		     : conf_is(c, 1, "inet6") ? AF_INET6
					      : 0;

	if (!family)
		conf_say(c, K_VALUE, 1, "ip_family is inet or inet6, not '%s'; ignored",
			 conf_word(c, 1));
	else if (s->family && s->family != family)
		conf_say(c, K_CONFLICT, 1,
			 "ip_family does not go with the address; ignored");
	else
		s->family = family;
}

static void lb_algo(struct conf_ctx *c)
{
	static const char *const known[] = { "rr",    "wrr", "lc", "wlc", "lblc",
					     "sh",    "mh",  "dh", "fo",  "ovf",
					     "lblcr", "sed", "nq", "twos" };
	struct lvs_service_conf *s = conf_service(c);
	const char *name = conf_word(c, 1);
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i], name)) {
			s->scheduler = known[i];
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
		s->sched_flags |= word[5] == '1'   ? IP_VS_SVC_F_SCHED1
				  : word[5] == '2' ? IP_VS_SVC_F_SCHED2
						   : IP_VS_SVC_F_SCHED3;
	else if (!hash)
		conf_say(c, K_VALUE, 0,
			 "'%s' is for lb_algo sh or mh, set above it; ignored", word);
	else if (!strncmp(word, s->scheduler, 2))
		s->sched_flags |= !strcmp(word + 2, "-port") ? IP_VS_SVC_F_SCHED2
							     : IP_VS_SVC_F_SCHED1;
}

static void lb_kind(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);
	struct lvs_build *b = c->lvs;
	struct lvs_method m = { s->forward, b->tun_type, b->tun_port, b->tun_flags };

	conf_lvs_method(c, &m);
	s->forward = m.forward;
	b->tun_type = m.tun_type;
	b->tun_port = m.tun_port;
	b->tun_flags = m.tun_flags;
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
		conf_say(c, K_VALUE, 1,
			 "protocol is TCP, UDP or SCTP, not '%s'; ignored", name);
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
	if (family == AF_INET6 ? !conf_uint(c, 1, 1, 128, false, &n)
			       : !inet_aton(text, &mask)) {
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

static void quorum_up(struct conf_ctx *c)
{
	conf_lvs_notify(c, &conf_service(c)->quorum_up);
}

static void quorum_down(struct conf_ctx *c)
{
	conf_lvs_notify(c, &conf_service(c)->quorum_down);
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
		conf_say(c, K_SERVER, 1,
			 "'%s' is no address and port; there is no sorry server", text);
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
		conf_say(c, K_SERVER, 0,
			 "sorry_server_inhibit stands before a sorry_server; "
			 "ignored");
}

static void sorry_method(struct conf_ctx *c)
{
	if (conf_service(c)->sorry)
		conf_real_method(c, conf_service(c)->sorry);
	else
		conf_say(c, K_SERVER, 0,
			 "sorry_server_lvs_method stands before a sorry_server; "
			 "ignored");
}

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
	{ .name = "real_server", .fn = conf_real_start, .sub = &conf_real_block },
	{ .name = "retry", .fn = s_retry },
	{ .name = "sh-fallback", .fn = flag },
	{ .name = "sh-port", .fn = flag },
	{ .name = "smtp_alert", .fn = conf_lvs_check_switch,
	  .later = "send mail about what happens here",
	  .unsafe = "whoever waits for it hears nothing; use notify scripts" },
	{ .name = "snmp_name", .fn = conf_lvs_snmp_name,
	  .later = "name it so for SNMP" },
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
