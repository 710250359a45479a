/*
 * Virtual servers, once read: what their checkers inherit, what does not go
 * together, and the services as they will run.
 */
#include "conf_lvs.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define S_NS INT64_C(1000000000)

/* --- inheritance --- */

static int64_t first_said(int64_t a, int64_t b, int64_t c)
{
	return a >= 0 ? a : b >= 0 ? b : c;
}

/* The name that a page is asked for by: the url's, the checker's, the server's. */
static void settle_virtualhost(struct conf_ctx *c, struct checker_conf *k,
			       const struct lvs_real_conf *r,
			       const struct lvs_service_conf *s)
{
	const char *name = r->virtualhost ? r->virtualhost : s->virtualhost;

	if ((k->type == CHECK_HTTP || k->type == CHECK_SSL) && !k->virtualhost && name)
		k->virtualhost = conf_strdup(c, name);
}

static void settle_checker(struct checker_conf *k, const struct lvs_timing *r,
			   const struct lvs_timing *s)
{
	int64_t retry = k->type == CHECK_MISC ? 0 : k->type == CHECK_DNS ? 3 : 1;
	int64_t delay = k->type == CHECK_HTTP || k->type == CHECK_SSL ? 3 * S_NS : S_NS;

	if (k->alpha < 0)
		k->alpha = (signed char)first_said(r->alpha, s->alpha, 0);
	if (k->retry < 0) {
		int64_t n = first_said(r->retry, s->retry, retry);

		k->retry = n > INT32_MAX ? INT32_MAX : (int)n;
	}
	if (k->connect_timeout_ns < 0)
		k->connect_timeout_ns =
			first_said(r->connect_timeout_ns, s->connect_timeout_ns, 0);
	if (k->delay_loop_ns < 0)
		k->delay_loop_ns = first_said(r->delay_loop_ns, s->delay_loop_ns, 0);
	if (k->warmup_ns < 0)
		k->warmup_ns = first_said(r->warmup_ns, s->warmup_ns, k->delay_loop_ns);
	if (k->delay_before_retry_ns < 0)
		k->delay_before_retry_ns =
			first_said(r->delay_before_retry_ns, s->delay_before_retry_ns,
				   k->type == CHECK_DNS ? k->delay_loop_ns : delay);
	if (k->type == CHECK_MISC && !k->misc->timeout_ns)
		k->misc->timeout_ns = s->delay_loop_ns;
}

void conf_service_settle(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);
	const struct lvs_timing *all = &c->lvs->service;
	size_t i, j;

	for (i = 0; i < s->nreal && i < c->lvs->nreal; i++) {
		struct lvs_real_conf *r = &s->real[i];
		const struct lvs_timing *t = &c->lvs->real[i];

		r->weight = (int)first_said(t->weight, all->weight, 1);
		r->inhibit = first_said(t->inhibit, all->inhibit, 0);
		for (j = 0; j < r->nchecker; j++) {
			settle_checker(&r->checker[j], t, all);
			settle_virtualhost(c, &r->checker[j], r, s);
		}
	}
	/* No more will come: give back the room kept for them. */
	if (s->nreal) {
		struct lvs_real_conf *fit = realloc(s->real, s->nreal * sizeof(*fit));

		if (fit)
			s->real = fit;
		c->lvs->nfitted = c->conf->nservice;
	}
}

/* --- dropping --- */

void conf_real_drop(struct lvs_service_conf *s, size_t i)
{
	conf_real_clear(&s->real[i]);
	memmove(&s->real[i], &s->real[i + 1], (s->nreal - i - 1) * sizeof(*s->real));
	s->nreal--;
}

static void drop_service(struct conf_ctx *c, size_t i)
{
	struct conf *conf = c->conf;

	conf_service_clear(&conf->service[i]);
	memmove(&conf->service[i], &conf->service[i + 1],
		(conf->nservice - i - 1) * sizeof(*conf->service));
	conf->nservice--;
	free(c->lvs->wanted[i]);
	memmove(&c->lvs->wanted[i], &c->lvs->wanted[i + 1],
		(c->lvs->nwanted - i - 1) * sizeof(*c->lvs->wanted));
	c->lvs->nwanted--;
}

/* --- groups --- */

static struct lvs_group_conf *find_group(const struct conf_ctx *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->conf->ngroup; i++)
		if (!strcmp(c->conf->group[i].name, name))
			return &c->conf->group[i];
	return NULL;
}

static void group_families(const struct lvs_group_conf *g, bool *v4, bool *v6)
{
	size_t i;

	*v4 = *v6 = false;
	for (i = 0; i < g->nentry; i++) {
		int family = g->entry[i].addr.family ? g->entry[i].addr.family :
						       g->entry[i].family;

		*v4 |= family == AF_INET;
		*v6 |= family == AF_INET6;
	}
}

/* Finds the service's group. Returns false when the service cannot run. */
static bool link_group(struct conf_ctx *c, size_t i)
{
	struct lvs_service_conf *s = &c->conf->service[i];
	struct conf_pos pos = conf_service_pos(c, s);
	bool v4, v6;

	s->group = find_group(c, c->lvs->wanted[i]);
	if (!s->group) {
		conf_say_at(c, K_NOTE, &pos,
			    "there is no virtual_server_group '%s'; this service is left out",
			    c->lvs->wanted[i]);
		return false;
	}
	group_families(s->group, &v4, &v6);
	if ((v4 && v6 && s->family) || (v4 && s->family == AF_INET6) ||
	    (v6 && s->family == AF_INET)) {
		conf_say_at(c, K_NOTE, &pos,
			    "group '%s' and its servers are of different families; this "
			    "service is left out",
			    c->lvs->wanted[i]);
		return false;
	}
	if (!s->family && v4 != v6)
		s->family = v4 ? AF_INET : AF_INET6;
	return true;
}

static bool has_addresses(const struct lvs_service_conf *s)
{
	return s->group ? s->group->nentry && s->group->entry[0].addr.family : !s->fwmark;
}

static bool has_fwmarks(const struct lvs_service_conf *s)
{
	if (!s->group)
		return s->fwmark;
	return s->group->nentry && !s->group->entry[s->group->nentry - 1].addr.family;
}

/* --- one service --- */

static void settle_protocol(struct conf_ctx *c, struct lvs_service_conf *s)
{
	struct conf_pos pos = conf_service_pos(c, s);
	char name[128];
	size_t i;

	conf_service_str(s, name);
	if (s->ha_suspend && has_fwmarks(s)) {
		conf_say_at(c, K_CONFLICT, &pos, "%s: ha_suspend does not go with fwmarks",
			    name);
		s->ha_suspend = false;
	}
	if (has_addresses(s)) {
		if (!s->protocol) {
			conf_say_at(c, K_DEFAULT, &pos,
				    "%s has no protocol: taken as UDP; did you mean "
				    "'protocol TCP'?",
				    name);
			s->protocol = IPPROTO_UDP;
		}
		if (s->one_packet && s->protocol != IPPROTO_UDP) {
			conf_say_at(c, K_CONFLICT, &pos, "%s: ops is for UDP; ignored", name);
			s->one_packet = false;
		}
		if (!s->persistence_s && !s->group && !s->fwmark && !s->port) {
			conf_say_at(c, K_PORT, &pos,
				    "%s has no port: all ports, which needs persistence; set to "
				    "%d s",
				    name, PERSISTENCE_DEFAULT);
			s->persistence_s = PERSISTENCE_DEFAULT;
		}
	}
	for (i = 0; s->group && !s->persistence_s && i < s->group->nentry; i++)
		if (s->group->entry[i].addr.family && !s->group->entry[i].port) {
			conf_say_at(c, K_PORT, &pos,
				    "%s has an address without a port, which needs "
				    "persistence; set to %d s",
				    name, PERSISTENCE_DEFAULT);
			s->persistence_s = PERSISTENCE_DEFAULT;
		}
	if (s->protocol && has_fwmarks(s) && !has_addresses(s)) {
		conf_say_at(c, K_CONFLICT, &pos, "%s: a fwmark has no protocol; ignored", name);
		s->protocol = 0;
	}
	if (!s->scheduler) {
		conf_say_at(c, K_DEFAULT, &pos, "%s has no lb_algo: taken as wlc", name);
		s->scheduler = "wlc";
	}
}

/* --- forwarding, quorum, ports --- */

static void settle_method(struct conf_ctx *c, struct lvs_service_conf *s,
			  struct lvs_real_conf *r)
{
	struct conf_pos pos = conf_service_pos(c, s);
	char name[128];

	if (r->forward != LVS_UNSET)
		return;
	if (s->forward == LVS_UNSET) {
		conf_say_at(c, K_DEFAULT, &pos, "%s has no lb_kind: taken as NAT",
			    conf_service_str(s, name));
		s->forward = LVS_NAT;
	}
	r->forward = s->forward;
}

static void settle_quorum(struct conf_ctx *c, struct lvs_service_conf *s)
{
	struct conf_pos pos = conf_service_pos(c, s);
	unsigned int sum = 0;
	char name[128];
	size_t i;

	for (i = 0; i < s->nreal; i++)
		sum += (unsigned int)s->real[i].weight;
	if (s->quorum > sum) {
		conf_say_at(c, K_QUORUM, &pos,
			    "%s: quorum %u is more than all weights, %u; taken as %u",
			    conf_service_str(s, name), s->quorum, sum, sum);
		s->quorum = sum;
	}
	if (s->hysteresis >= s->quorum) {
		conf_say_at(c, K_QUORUM, &pos,
			    "%s: hysteresis %u must be below quorum %u; taken as %u",
			    conf_service_str(s, name), s->hysteresis, s->quorum,
			    s->quorum - 1);
		s->hysteresis = s->quorum - 1;
	}
}

static void sorry_like_real(struct conf_ctx *c, struct lvs_service_conf *s,
			    const struct lvs_real_conf *r)
{
	struct conf_pos pos = conf_service_pos(c, s);
	char name[128];

	if (!s->sorry || !conf_real_same(s->sorry, r) || s->sorry->inhibit == r->inhibit)
		return;
	conf_say_at(c, K_CONFLICT, &pos,
		    "%s: the sorry server is a real server too, and inhibits as that does",
		    conf_service_str(s, name));
	s->sorry->inhibit = s->sorry_inhibit = r->inhibit;
}

/* Without NAT, a packet arrives at the port it was sent to. */
static void settle_port(struct conf_ctx *c, struct lvs_service_conf *s,
			struct lvs_real_conf *r, bool sorry)
{
	struct conf_pos pos = conf_real_pos(c, s, r);
	char name[128], server[64];

	if (r->forward == LVS_NAT) {
		if (!s->fwmark && !r->port && !sorry)
			r->port = s->port;
		return;
	}
	if (s->fwmark && r->port) {
		conf_say_at(c, K_PORT, &pos,
			    "%s: without NAT the port stays as it came; %s is taken without one",
			    conf_service_str(s, name), conf_real_str(r, server));
		r->port = 0;
	} else if (!s->fwmark && r->port && r->port != s->port) {
		conf_say_at(c, K_PORT, &pos,
			    "%s: without NAT the port stays as it came; %s is taken with port %d",
			    conf_service_str(s, name), conf_real_str(r, server), s->port);
		r->port = s->port;
	} else if (!s->fwmark) {
		r->port = s->port;
	}
}

/* In a group the ports are only complained about. */
static void check_group_port(struct conf_ctx *c, const struct lvs_service_conf *s,
			     const struct lvs_real_conf *r)
{
	struct conf_pos pos = conf_real_pos(c, s, r);
	char name[128], server[64];
	size_t i;

	if (r->forward == LVS_NAT || !r->port)
		return;
	for (i = 0; i < s->group->nentry; i++)
		if (!s->group->entry[i].addr.family || s->group->entry[i].port != r->port)
			conf_say_at(c, K_PORT, &pos,
				    "%s: without NAT the port stays as it came, whatever %s says",
				    conf_service_str(s, name), conf_real_str(r, server));
}

static void settle_ports(struct conf_ctx *c, struct lvs_service_conf *s)
{
	size_t i;

	for (i = 0; i < s->nreal; i++) {
		if (s->group)
			check_group_port(c, s, &s->real[i]);
		else
			settle_port(c, s, &s->real[i], false);
	}
	if (s->sorry && s->group)
		check_group_port(c, s, s->sorry);
	else if (s->sorry)
		settle_port(c, s, s->sorry, true);
}

static void complete_service(struct conf_ctx *c, struct lvs_service_conf *s)
{
	size_t i;

	settle_protocol(c, s);
	conf_service_drop_duplicates(c, s);
	for (i = 0; i < s->nreal; i++) {
		settle_method(c, s, &s->real[i]);
		sorry_like_real(c, s, &s->real[i]);
	}
	if (s->sorry)
		settle_method(c, s, s->sorry);
	settle_quorum(c, s);
	settle_ports(c, s);
}

void conf_lvs_complete(struct conf_ctx *c)
{
	struct conf *conf = c->conf;
	struct conf_pos pos;
	char name[128];
	size_t i;

	for (i = 0; i < conf->nservice;) {
		if (c->lvs->wanted[i] && !link_group(c, i))
			drop_service(c, i);
		else
			i++;
	}
	for (i = 0; i < conf->nservice;) {
		struct lvs_service_conf *s = &conf->service[i];

		if (s->nreal) {
			complete_service(c, s);
			i++;
			continue;
		}
		pos = conf_service_pos(c, s);
		conf_say_at(c, K_SERVER, &pos, "%s has no real server; left out",
			    conf_service_str(s, name));
		drop_service(c, i);
	}
	conf_lvs_check_scripts(c);
}
