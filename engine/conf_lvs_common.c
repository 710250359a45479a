/* What virtual and real servers have in common. */
#include <limits.h>
#include <linux/ip_vs.h>
#include <stdlib.h>
#include <string.h>

#include "conf_lvs.h"

#ifndef IP_VS_CONN_F_TUNNEL_TYPE_GRE
#define IP_VS_CONN_F_TUNNEL_TYPE_GRE 2
#endif

const struct lvs_timing conf_lvs_unset = {
	.connect_timeout_ns = UNSET_NS,
	.delay_loop_ns = UNSET_NS,
	.warmup_ns = UNSET_NS,
	.delay_before_retry_ns = UNSET_NS,
	.retry = -1,
	.alpha = -1,
	.inhibit = -1,
	.weight = -1,
};

void conf_lvs_time(struct conf_ctx *c, uint64_t lo, uint64_t hi, int64_t *ns)
{
	uint64_t us;

	if (conf_time_us(c, 1, lo, hi, &us))
		*ns = us > INT64_MAX / 1000 ? INT64_MAX : (int64_t)us * 1000;
	else
		conf_say(c, K_VALUE, 1, "'%s' is ignored", conf_word(c, 0));
}

void conf_lvs_retry(struct conf_ctx *c, int64_t *retry)
{
	unsigned int n;

	if (conf_uint(c, 1, 1, UINT32_MAX, false, &n))
		*retry = n;
	else
		conf_say(c, K_VALUE, 1, "'%s' is ignored", conf_word(c, 0));
}

void conf_lvs_switch(struct conf_ctx *c, int *out)
{
	int on = conf_switch(c);

	if (on >= 0)
		*out = on;
}

void conf_lvs_check_switch(struct conf_ctx *c)
{
	conf_switch(c);
}

void conf_lvs_notify(struct conf_ctx *c, struct conf_script *s)
{
	if (s->argv)
		conf_say(c, K_DUPLICATE, 0, "'%s' was set before; '%s' is ignored",
			 conf_word(c, 0), conf_word(c, 1));
	else
		conf_notify_script(c, s, conf_word(c, 0));
}

void conf_lvs_snmp_name(struct conf_ctx *c)
{
	if (conf_nword(c) != 2)
		conf_say(c, K_VALUE, 1, "snmp_name needs one name");
}

static bool tunnel_option(struct conf_ctx *c, size_t *i, struct lvs_method *m)
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

void conf_lvs_method(struct conf_ctx *c, struct lvs_method *m)
{
	const char *name = conf_word(c, 1);
	struct lvs_method new = { .forward = m->forward };
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
			conf_say(c, K_VALUE, i,
				 "TUN's options are wrong from here on; ignored");
			return;
		}
	if ((new.tun_type == IP_VS_CONN_F_TUNNEL_TYPE_GUE) != (new.tun_port != 0))
		conf_say(c, K_VALUE, 2,
			 "gue needs a port, the others have none; ignored");
	else if (new.tun_type == IP_VS_CONN_F_TUNNEL_TYPE_IPIP &&new.tun_flags)
		conf_say(c, K_VALUE, 2, "ipip has no checksum; ignored");
	else if (new.tun_type == IP_VS_CONN_F_TUNNEL_TYPE_GRE &&new.tun_flags ==
		 IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM)
		conf_say(c, K_VALUE, 2, "gre has no remote checksum; ignored");
	else
		*m = new;
}

void conf_real_method(struct conf_ctx *c, struct lvs_real_conf *r)
{
	struct lvs_method m = { r->forward, r->tun_type, r->tun_port, r->tun_flags };

	conf_lvs_method(c, &m);
	r->forward = m.forward;
	r->tun_type = m.tun_type;
	r->tun_port = m.tun_port;
	r->tun_flags = m.tun_flags;
}

/* --- names for messages --- */

struct conf_pos conf_service_pos(const struct conf_ctx *c,
				 const struct lvs_service_conf *s)
{
	struct conf_pos pos = { s->file ? s->file : c->opt->path, s->line, s->col };

	return pos;
}

struct conf_pos conf_real_pos(const struct conf_ctx *c,
			      const struct lvs_service_conf *s,
			      const struct lvs_real_conf *r)
{
	struct conf_pos pos = conf_service_pos(c, s);

	pos.line = r->line;
	pos.col = r->col ? r->col : 1;
	return pos;
}

const char *conf_real_str(const struct lvs_real_conf *r, char buf[64])
{
	char text[INET6_ADDRSTRLEN];

	snprintf(buf, 64, r->addr.family == AF_INET6 ? "[%s]:%d" : "%s:%d",
		 conf_addr_str(&r->addr, text), r->port);
	return buf;
}

const char *conf_service_str(const struct lvs_service_conf *s, char buf[128])
{
	char text[INET6_ADDRSTRLEN];

	if (s->group)
		snprintf(buf, 128, "group %.100s", s->group->name);
	else if (s->fwmark || !s->addr.family)
		snprintf(buf, 128, "fwmark %u", s->fwmark);
	else
		snprintf(buf, 128, s->addr.family == AF_INET6 ? "[%s]:%d" : "%s:%d",
			 conf_addr_str(&s->addr, text), s->port);
	return buf;
}

/* --- freeing --- */

static void script_free(struct conf_script **s)
{
	if (*s)
		conf_script_clear(*s);
	free(*s);
	*s = NULL;
}

void conf_real_clear(struct lvs_real_conf *r)
{
	size_t i;

	for (i = 0; i < r->nchecker && !r->checker_shared; i++)
		conf_checker_clear(&r->checker[i]);
	if (!r->checker_shared)
		free(r->checker);
	script_free(&r->notify_up);
	script_free(&r->notify_down);
	free(r->virtualhost);
	memset(r, 0, sizeof(*r));
}

void conf_service_clear(struct lvs_service_conf *s)
{
	size_t i;

	for (i = 0; i < s->nreal; i++)
		conf_real_clear(&s->real[i]);
	if (!s->real_borrowed)
		free(s->real);
	if (s->sorry)
		conf_real_clear(s->sorry);
	free(s->sorry);
	free(s->pe_name);
	free(s->virtualhost);
	conf_script_clear(&s->quorum_up);
	conf_script_clear(&s->quorum_down);
}

void conf_lvs_build_free(struct conf_ctx *c)
{
	size_t i;

	if (!c->lvs)
		return;
	conf_checker_clear(&c->lvs->scratch);
	conf_checker_clear(&c->lvs->host);
	while (c->lvs->nhosts)
		conf_checker_clear(&c->lvs->hosts[--c->lvs->nhosts]);
	free(c->lvs->hosts);
	for (i = 0; i < c->lvs->nwanted; i++)
		free(c->lvs->wanted[i]);
	free(c->lvs->wanted);
	free(c->lvs->real);
	free(c->lvs);
}
