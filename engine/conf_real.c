/* The words of real_server. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "conf_lvs.h"

#define WEIGHT_MAX INT32_MAX

struct lvs_real_conf *conf_real(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);

	return &s->real[s->nreal - 1];
}

bool conf_real_alive(const struct conf_ctx *c)
{
	return c->conf->nservice && c->conf->service[c->conf->nservice - 1].nreal;
}

static struct lvs_timing *real_timing(struct conf_ctx *c)
{
	return &c->lvs->real[c->lvs->nreal - 1];
}

/*
 * After a virtual_server that was refused its words go to the one before, as
 * keepalived has it, whose array conf_service_settle() has cut to size: makes it as
 * long again as conf_grow() takes it to be. False: memory ran out.
 */
static bool regain_room(struct conf_ctx *c, struct lvs_service_conf *s)
{
	struct lvs_real_conf *more;
	size_t cap = 1;

	if (c->lvs->nfitted != c->conf->nservice)
		return true;
	while (cap < s->nreal)
		cap *= 2;
	more = realloc(s->real, cap * sizeof(*more));
	if (!more) {
		conf_nomem(c);
		return false;
	}
	s->real = more;
	c->lvs->nfitted = 0;
	return true;
}

void conf_real_start(struct conf_ctx *c)
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
		conf_say(c, K_SERVER, 1,
			 "'%s' is no address and port; this real_server is "
			 "left out",
			 text);
		conf_skip_block(c);
		return;
	}
	if (!regain_room(c, s))
		return;
	more = conf_grow(c, s->real, &s->nreal, sizeof(*more));
	if (!more)
		return;
	s->real = more;
	timing = conf_grow(c, c->lvs->real, &c->lvs->nreal, sizeof(*timing));
	if (!timing)
		return;
	c->lvs->real = timing;
	*real_timing(c) = conf_lvs_unset;
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
	conf_say_at(
		c, K_SERVER, &pos,
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
	conf_real_method(c, conf_real(c));
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
	conf_lvs_switch(c, &real_timing(c)->inhibit);
}

static void r_alpha(struct conf_ctx *c)
{
	conf_lvs_switch(c, &real_timing(c)->alpha);
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
	conf_lvs_notify(c, *s);
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
	conf_lvs_time(c, 1, UINT_MAX, &real_timing(c)->connect_timeout_ns);
}

static void r_delay_loop(struct conf_ctx *c)
{
	conf_lvs_time(c, 1, ULONG_MAX - 1, &real_timing(c)->delay_loop_ns);
}

static void r_delay_before_retry(struct conf_ctx *c)
{
	conf_lvs_time(c, 0, ULONG_MAX - 1, &real_timing(c)->delay_before_retry_ns);
}

static void r_retry(struct conf_ctx *c)
{
	conf_lvs_retry(c, &real_timing(c)->retry);
}

static void r_warmup(struct conf_ctx *c)
{
	conf_lvs_time(c, 0, ULONG_MAX - 1, &real_timing(c)->warmup_ns);
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

static const struct conf_kw real_words[] = {
	{ .name = "BFD_CHECK",
	  .sub = &conf_bfd_check_block,
	  .later = "take the server out when a BFD session dies",
	  .unsafe = "without another checker the server counts as good" },
	{ .name = "DNS_CHECK", .fn = checker_dns, .sub = &conf_dns_block },
	{ .name = "FILE_CHECK",
	  .sub = &conf_file_block,
	  .later = "set the weight by a number in a file",
	  .unsafe = "without another checker the server counts as good" },
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
	{ .name = "smtp_alert", .fn = conf_lvs_check_switch,
	  .later = "send mail about what happens here",
	  .unsafe = "whoever waits for it hears nothing; use notify scripts" },
	{ .name = "snmp_name", .fn = conf_lvs_snmp_name,
	  .later = "name it so for SNMP" },
	{ .name = "uthreshold", .fn = uthreshold },
	{ .name = "virtualhost", .fn = r_virtualhost },
	{ .name = "warmup", .fn = r_warmup },
	{ .name = "weight", .fn = r_weight },
};

const struct conf_block conf_real_block =
	CONF_BLOCK(real_words, real_end, conf_real_alive, "real_server");
