/*
 * Virtual servers: making them, building the table, taking it down. What is sent to
 * the kernel, and in which order, is what keepalived 2.2.7 sends.
 */
#include "lvs.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "lvs_match.h"
#include "lvs_priv.h"

/* --- texts --- */

static void endpoint(char *buf, size_t len, const struct conf_addr *a, int port)
{
	char ip[INET6_ADDRSTRLEN] = "?";

	inet_ntop(a->family, &a->v4, ip, sizeof(ip));
	snprintf(buf, len, a->family == AF_INET6 ? "[%s]:%d" : "%s:%d", ip, port);
}

const char *lvs_real_text(const struct lvs_real *r)
{
	static char buf[64];

	endpoint(buf, sizeof(buf), &r->conf->addr, r->conf->port);
	return buf;
}

const char *lvs_service_text(const struct lvs_service *s)
{
	static char buf[80];
	const struct lvs_service_conf *c = s->conf;
	char at[64];

	if (c->group) {
		snprintf(buf, sizeof(buf), "group %.60s", c->group->name);
	} else if (c->fwmark) {
		snprintf(buf, sizeof(buf), "FWM %u", c->fwmark);
	} else {
		endpoint(at, sizeof(at), &c->addr, c->port);
		snprintf(buf, sizeof(buf), "%s %s",
			 c->protocol == IPPROTO_TCP ? "TCP" :
			 c->protocol == IPPROTO_UDP ? "UDP" :
						      "SCTP",
			 at);
	}
	return buf;
}

/* --- up and down as a whole --- */

/* What the configuration says, and what the checkers add. */
static int64_t wanted_weight(const struct lvs *l, const struct lvs_real *r)
{
	int64_t weight = r->conf->weight;
	uint32_t i;

	for (i = 0; i < r->conf->nchecker; i++)
		weight += l->checker[r->first_checker + i].weight;
	return weight;
}

static void start_reals(struct lvs *l, struct lvs_service *s)
{
	struct lvs_real *r;
	size_t i;

	for (i = 0; i < s->conf->nreal; i++) {
		r = &s->real[i];
		if (r->reloaded) { /* a dead one is not added again by a reload */
			lvs_set_weight(l, s, r, wanted_weight(l, r), false);
			continue;
		}
		if (!((!r->failed && !r->alive) || (r->inhibit && !r->set)))
			continue;
		lvs_put(l, IPVS_NEW_DEST, s, r, false);
		if (r->failed)
			continue;
		lvs_set_alive(s, r, true);
		if (l->conf->global.rs_init_notifies)
			lvs_tell_real(l, s, r, false);
	}
}

static void start_sorry(struct lvs *l, struct lvs_service *s)
{
	if (!s->sorry || !s->sorry->inhibit || s->sorry->set)
		return;
	if (s->sorry_is_real) {
		s->sorry->set = true;
		return;
	}
	s->sorry->failed = 1; /* so that it goes in with weight 0 */
	lvs_put(l, IPVS_NEW_DEST, s, s->sorry, false);
	s->sorry->failed = 0;
}

static void sync_group(struct lvs *l, struct lvs_service *s)
{
	struct lvs_entry_use *row = l->use[lvs_group_index(l, s)];
	size_t i;

	for (i = 0; i < s->conf->group->nentry; i++)
		if (!row[i].reloaded)
			lvs_group_entry_add(l, s, i);
}

void lvs_build(struct lvs *l)
{
	struct lvs_service *s;
	size_t i;

	for (i = 0; i < l->conf->nservice; i++) {
		s = &l->service[i];
		if (!s->alive || s->conf->group)
			lvs_put(l, IPVS_NEW_SERVICE, s, NULL, false);
		s->alive = true;
		start_reals(l, s);
		if (s->reloaded && s->conf->group)
			sync_group(l, s);
		lvs_update_quorum(l, s, true);
		start_sorry(l, s);
	}
}

int lvs_start(struct lvs *l)
{
	lvs_batch_begin(l);
	lvs_build(l);
	return lvs_batch_end(l);
}

void lvs_clear_real(struct lvs *l, struct lvs_service *s, struct lvs_real *r,
		    bool stopping)
{
	if (!r->set)
		return;
	lvs_put(l, IPVS_DEL_DEST, s, r, true);
	if (!r->alive)
		return;
	lvs_set_alive(s, r, false);
	if (!stopping || s->conf->omega)
		lvs_tell_real(l, s, r, stopping);
}

static void clear_sorry(struct lvs *l, struct lvs_service *s)
{
	if (!s->sorry || !s->sorry->set)
		return;
	if (s->sorry_is_real)
		s->sorry->set = false;
	else
		lvs_put(l, IPVS_DEL_DEST, s, s->sorry, true);
	s->sorry->alive = false;
}

/* With lvs_flush_on_stop the service takes its destinations along. */
static void forget_reals(struct lvs *l, struct lvs_service *s, bool stopping)
{
	size_t i;

	lvs_lost_quorum(l, s, stopping);
	if (s->conf->group)
		for (i = 0; i < s->conf->group->nentry; i++)
			memset(&l->use[lvs_group_index(l, s)][i], 0, sizeof(**l->use));
	if (s->sorry && s->sorry->set)
		s->sorry->alive = false;
}

void lvs_clear_service(struct lvs *l, struct lvs_service *s, bool stopping)
{
	size_t i;

	if (l->conf->global.lvs_flush_on_stop || l->conf->global.lvs_flush_on_stop_vs) {
		forget_reals(l, s, stopping);
	} else {
		clear_sorry(l, s);
		for (i = 0; i < s->conf->nreal; i++)
			lvs_clear_real(l, s, &s->real[i], stopping);
		lvs_lost_quorum(l, s, stopping);
	}
	lvs_put(l, IPVS_DEL_SERVICE, s, NULL, false);
	s->alive = false;
}

static void flush_all(struct lvs *l)
{
	struct ipvs_cmd cmd = { .op = IPVS_FLUSH };
	size_t i;

	if (ipvs_submit(l->ipvs, &cmd, 1) < 0 || cmd.err)
		log_warnx("IPVS FLUSH: %s", strerror(-cmd.err));
	for (i = 0; i < l->conf->nservice; i++)
		lvs_lost_quorum(l, &l->service[i], true);
}

int lvs_stop(struct lvs *l)
{
	size_t i;

	if (l->conf->global.lvs_flush_on_stop &&
	    !l->conf->global.lvs_flush_on_stop_vs) {
		flush_all(l);
		return 0;
	}
	lvs_batch_begin(l);
	for (i = 0; i < l->conf->nservice; i++)
		lvs_clear_service(l, &l->service[i], true);
	return lvs_batch_end(l);
}

/* --- life --- */

static int init_sorry(struct lvs_service *s)
{
	size_t i;

	if (!s->conf->sorry)
		return 0;
	s->sorry = calloc(1, sizeof(*s->sorry));
	if (!s->sorry)
		return -1;
	s->sorry->conf = s->conf->sorry;
	s->sorry->weight = s->conf->sorry->weight;
	s->sorry->inhibit = s->conf->sorry->inhibit || s->conf->sorry_inhibit;
	for (i = 0; i < s->conf->nreal; i++)
		if (lvs_same_real(s->conf->sorry, &s->conf->real[i]))
			s->sorry_is_real = true;
	return 0;
}

static void init_checkers(struct lvs *l, struct lvs_service *s, struct lvs_real *r)
{
	struct lvs_checker *c;
	size_t i;

	r->first_checker = (uint32_t)l->nchecker;
	for (i = 0; i < r->conf->nchecker; i++) {
		c = &l->checker[l->nchecker++];
		c->service = s;
		c->real = r;
		c->is_up = true;
		if (r->conf->checker[i].alpha)
			lvs_checker_set(c, false);
	}
}

static void count(const struct conf *c, size_t *nreal, size_t *nchecker)
{
	size_t i, j;

	*nreal = *nchecker = 0;
	for (i = 0; i < c->nservice; i++) {
		*nreal += c->service[i].nreal;
		for (j = 0; j < c->service[i].nreal; j++)
			*nchecker += c->service[i].real[j].nchecker;
	}
}

static int init_groups(struct lvs *l)
{
	size_t i;

	l->use = calloc(l->conf->ngroup + 1, sizeof(*l->use));
	for (i = 0; l->use && i < l->conf->ngroup; i++) {
		l->use[i] = calloc(l->conf->group[i].nentry + 1, sizeof(**l->use));
		if (!l->use[i])
			return -1;
	}
	return l->use ? 0 : -1;
}

static int init_services(struct lvs *l)
{
	struct lvs_real *r = l->real;
	struct lvs_service *s;
	size_t i, j;

	for (i = 0; i < l->conf->nservice; i++) {
		s = &l->service[i];
		s->conf = &l->conf->service[i];
		s->real = r;
		for (j = 0; j < s->conf->nreal; j++, r++) {
			r->conf = &s->conf->real[j];
			r->weight = r->conf->weight;
			r->inhibit = r->conf->inhibit;
			init_checkers(l, s, r);
		}
		if (init_sorry(s) < 0)
			return -1;
	}
	return 0;
}

struct lvs *lvs_new(const struct conf *c, struct ipvs *v, const struct lvs_hooks *hooks)
{
	struct lvs *l = calloc(1, sizeof(*l));
	size_t nreal, nchecker;

	if (!l)
		return NULL;
	count(c, &nreal, &nchecker);
	l->conf = c;
	l->ipvs = v;
	if (hooks)
		l->hooks = *hooks;
	l->service = calloc(c->nservice + 1, sizeof(*l->service));
	l->real = calloc(nreal + 1, sizeof(*l->real));
	l->checker = calloc(nchecker + 1, sizeof(*l->checker));
	if (l->service && l->real && l->checker && init_groups(l) == 0 &&
	    init_services(l) == 0)
		return l;
	lvs_free(l);
	return NULL;
}

void lvs_free(struct lvs *l)
{
	size_t i;

	if (!l)
		return;
	for (i = 0; l->service && i < l->conf->nservice; i++)
		free(l->service[i].sorry);
	for (i = 0; l->use && i < l->conf->ngroup; i++)
		free(l->use[i]);
	free(l->use);
	free(l->service);
	free(l->real);
	free(l->checker);
	free(l);
}

size_t lvs_nchecker(const struct lvs *l)
{
	return l->nchecker;
}

struct lvs_checker *lvs_checker(struct lvs *l, uint32_t i)
{
	return &l->checker[i];
}

size_t lvs_nservice(const struct lvs *l)
{
	return l->conf->nservice;
}

const struct checker_conf *lvs_checker_conf(const struct lvs *l, uint32_t i)
{
	const struct lvs_real *r = l->checker[i].real;

	return &r->conf->checker[i - r->first_checker];
}

struct lvs_service *lvs_service(struct lvs *l, size_t i)
{
	return &l->service[i];
}

bool lvs_needed(const struct conf *c)
{
	/* As in keepalived, sync daemons of no instance need a virtual server. */
	return c->nservice > 0 ||
	       (c->global.lvs_sync_ifname && c->global.lvs_sync_instance);
}
