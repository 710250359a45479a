/*
 * Instances of the VRRP state machine in a world without sockets: a clock that
 * tests set, and a journal of what the machine did.
 */
#ifndef TEST_VRRP_FIXTURE_H
#define TEST_VRRP_FIXTURE_H

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clock.h"
#include "vrrp.h"

#define MAX_PEERS 3

struct world {
	int64_t now;
	char journal[4096]; /* "advert 100; add; garp 5; MASTER; " */
	bool names;	    /* say whose it is */
	struct vrrp_conf conf[MAX_PEERS];
	struct conf_vip vip[MAX_PEERS][2];
	struct vrrp v[MAX_PEERS];
	struct vrrp_sync_group_conf group_conf;
	struct vrrp_group group;
	struct vrrp *member[MAX_PEERS];
};

static inline void note(struct vrrp *v, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static inline void note(struct vrrp *v, const char *fmt, ...)
{
	struct world *w = v->arg;
	size_t n = strlen(w->journal);
	va_list ap;

	if (w->names)
		n += (size_t)snprintf(w->journal + n, sizeof(w->journal) - n, "%s ",
				      v->conf->name);
	va_start(ap, fmt);
	n += (size_t)vsnprintf(w->journal + n, sizeof(w->journal) - n, fmt, ap);
	va_end(ap);
	snprintf(w->journal + n, sizeof(w->journal) - n, "; ");
}

static inline void on_advert(struct vrrp *v, uint8_t priority)
{
	note(v, "advert %u", priority);
}

static inline void on_addresses(struct vrrp *v, bool add)
{
	note(v, add ? "add" : "del");
}

static inline void on_garp(struct vrrp *v, int rounds)
{
	note(v, "garp %d", rounds);
}

static inline void on_garp_stop(struct vrrp *v)
{
	(void)v;
}

static inline void on_changed(struct vrrp *v, enum vrrp_state old)
{
	(void)old;
	note(v, "%s", vrrp_state_text(v->state));
}

static inline void on_group(struct vrrp_group *g, struct vrrp *cause)
{
	note(cause, "group %s", vrrp_state_text(g->state));
}

static inline void on_event(struct vrrp *v, enum vrrp_event e)
{
	static const char *const text[] = { "lower", "priority", "conflict", "same", "old" };

	note(v, "event %s", text[e]);
}

static inline void on_rearm(struct vrrp *v)
{
	(void)v;
}

static const struct vrrp_ops world_ops = {
	on_advert, on_addresses, on_garp, on_garp_stop, on_changed, on_group, on_event, on_rearm,
};

/* Instance n: keepalived's defaults, VRID 51 + n, our address 10.0.0.2. */
static inline struct vrrp_conf *world_conf(struct world *w, int n)
{
	static char names[MAX_PEERS][2] = { "A", "B", "C" };
	struct vrrp_conf *c = &w->conf[n];

	c->name = names[n];
	c->family = AF_INET;
	c->version = 2;
	c->vrid = 51 + n;
	c->priority = 100;
	c->advert_ns = NS_PER_S;
	c->garp_master_rep = 5;
	c->garp_master_delay_ns = 5 * NS_PER_S;
	c->garp_master_refresh_rep = 1;
	c->garp_lower_prio_rep = 5;
	c->garp_lower_prio_delay_ns = 5 * NS_PER_S;
	c->down_timer_adverts = 3;
	c->ttl = 255;
	c->vip = w->vip[n];
	c->nvip = 1;
	c->vip[0].addr.family = AF_INET;
	c->vip[0].prefixlen = 32;
	inet_pton(AF_INET, "192.168.31.200", &c->vip[0].addr.v4);
	return c;
}

static inline struct vrrp *world_init(struct world *w, int n)
{
	struct vrrp *v = &w->v[n];

	vrrp_init(v, &w->conf[n], &world_ops, w);
	v->src.family = AF_INET;
	inet_pton(AF_INET, "10.0.0.2", &v->src.v4);
	return v;
}

/* Puts the first n instances, initialised, into a sync group. */
static inline void world_group(struct world *w, int n)
{
	int i;

	w->group_conf.name = (char[]){ "G" };
	vrrp_group_init(&w->group, &w->group_conf);
	w->group.member = w->member;
	for (i = 0; i < n; i++) {
		w->member[w->group.nmember++] = &w->v[i];
		w->v[i].group = &w->group;
	}
}

/* One packet for instance n, as `src` with that priority would send it. */
static inline enum vrrp_verdict hear_conf(struct world *w, int n, const struct vrrp_conf *c,
					  const char *src, int priority)
{
	uint8_t buf[VRRP_PACKET_MAX];
	struct vrrp_tx t = { .buf = buf };
	struct conf_addr from = { .family = AF_INET }, to = { .family = AF_INET };
	struct vrrp_rx rx;

	inet_pton(AF_INET, src, &from.v4);
	inet_pton(AF_INET, "224.0.0.18", &to.v4);
	vrrp_tx_build(&t, c, &from, &to, (uint8_t)priority);
	assert_int_equal(vrrp_packet_ip4(buf, t.len, &rx), VRRP_OK);
	return vrrp_receive(&w->v[n], &rx, w->now);
}

static inline enum vrrp_verdict hear(struct world *w, int n, const char *src, int priority)
{
	return hear_conf(w, n, &w->conf[n], src, priority);
}

/* Lets time pass: every timer fires at its instant, in order. */
static inline void run_until(struct world *w, int64_t until)
{
	int64_t next, first;
	int i, who;

	for (;;) {
		first = 0;
		who = -1;
		for (i = 0; i < MAX_PEERS; i++) {
			next = w->v[i].ops ? vrrp_next(&w->v[i]) : 0;
			if (next && (!first || next < first)) {
				first = next;
				who = i;
			}
		}
		if (who < 0 || first > until)
			break;
		if (first > w->now)
			w->now = first;
		vrrp_run(&w->v[who], w->now);
	}
	w->now = until;
}

/* When instance n becomes MASTER; -1: not within a minute. */
static inline int64_t master_after(struct world *w, int n)
{
	int64_t start = w->now, next;

	while (w->v[n].state != VRRP_MASTER) {
		next = vrrp_next(&w->v[n]);
		if (!next || next > start + 60 * NS_PER_S)
			return -1;
		run_until(w, next);
	}
	return w->now - start;
}

#define expect_journal(w, text)                                  \
	do {                                                     \
		assert_string_equal((w)->journal, (text));       \
		(w)->journal[0] = '\0';                          \
	} while (0)

#endif
