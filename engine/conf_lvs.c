/* virtual_server, and what it says for its real servers. Checks: conf_lvs_done.c. */
#include "conf_lvs.h"
#include "conf_reuse.h"

#include <limits.h>
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

static const struct conf_kw words[] = {
	{ .name = "alpha", .fn = s_alpha },
	{ .name = "connect_timeout", .fn = s_connect_timeout },
	{ .name = "delay_before_retry", .fn = s_delay_before_retry },
	{ .name = "delay_loop", .fn = s_delay_loop },
	{ .name = "ha_suspend", .fn = ha_suspend },
	{ .name = "inhibit_on_failure", .fn = s_inhibit },
	{ .name = "omega", .fn = s_omega },
	{ .name = "real_server", .fn = conf_real_start, .sub = &conf_real_block },
	{ .name = "retry", .fn = s_retry },
	{ .name = "smtp_alert", .fn = conf_lvs_check_switch,
	  .later = "send mail about what happens here",
	  .unsafe = "whoever waits for it hears nothing; use notify scripts" },
	{ .name = "snmp_name", .fn = conf_lvs_snmp_name,
	  .later = "name it so for SNMP" },
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

const struct conf_block conf_service_block = {
	.words = CONF_WORDS(words),
	.more = { &conf_lvs_kind_words, &conf_lvs_quorum_words },
	.end = end,
	.alive = conf_service_alive,
	.what = "virtual_server",
};
