#include "conf_share.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "conf_int.h"
#include "lvs_match.h"

/* What lvs_same_checker() does not look at: how often, how soon. */
static bool same_times(const struct checker_conf *a, const struct checker_conf *b)
{
	return a->delay_loop_ns == b->delay_loop_ns && a->warmup_ns == b->warmup_ns &&
	       a->delay_before_retry_ns == b->delay_before_retry_ns &&
	       a->retry == b->retry && a->alpha == b->alpha &&
	       a->log_all_failures == b->log_all_failures;
}

static bool same(const struct checker_conf *a, const struct checker_conf *b)
{
	if (!same_times(a, b) || !lvs_same_checker(a, b))
		return false;
	switch (a->type) {
	case CHECK_HTTP:
	case CHECK_SSL:
		return a->http_version == b->http_version && a->sni == b->sni &&
		       a->fast_recovery == b->fast_recovery;
	case CHECK_UDP:
		return !a->udp && !b->udp;
	case CHECK_MISC: /* a script may be told apart by who runs it */
		return false;
	case CHECK_TCP:
	case CHECK_DNS:
	case CHECK_PING:
	case CHECK_SMTP:
		break;
	}
	return true;
}

static bool all_same(const struct lvs_real_conf *a, const struct lvs_real_conf *b)
{
	size_t i;

	if (a->nchecker != b->nchecker)
		return false;
	for (i = 0; i < a->nchecker; i++)
		if (!same(&a->checker[i], &b->checker[i]))
			return false;
	return true;
}

/* Where a checker goes is the real server's address and port, unless it says else. */
static void forget_target(struct lvs_real_conf *r)
{
	struct checker_conf *k;
	size_t i;

	for (i = 0; i < r->nchecker; i++) {
		k = &r->checker[i];
		if (lvs_same_addr(&k->connect_ip, &r->addr))
			memset(&k->connect_ip, 0, sizeof(k->connect_ip));
		if (k->connect_port == r->port)
			k->connect_port = 0;
	}
}

static void share(struct lvs_real_conf *r, const struct lvs_real_conf *owner)
{
	size_t i;

	for (i = 0; i < r->nchecker; i++)
		conf_checker_clear(&r->checker[i]);
	free(r->checker);
	r->checker = owner->checker;
	r->checker_shared = true;
}

/* --- in one piece --- */

static void count(const struct conf *c, size_t *nreal, size_t *nchecker)
{
	const struct lvs_service_conf *s;
	size_t i, j;

	*nreal = *nchecker = 0;
	for (i = 0; i < c->nservice; i++) {
		s = &c->service[i];
		*nreal += s->nreal;
		for (j = 0; j < s->nreal; j++)
			if (!s->real[j].checker_shared)
				*nchecker += s->real[j].nchecker;
	}
}

/* Those of the real servers of a service: who shares follows whom it shares with. */
static void move_checkers(struct conf *c, struct lvs_service_conf *s)
{
	struct checker_conf *owned = NULL;
	struct lvs_real_conf *r;
	size_t i;

	for (i = 0; i < s->nreal; i++) {
		r = &s->real[i];
		if (!r->nchecker)
			continue;
		if (!r->checker_shared) {
			owned = c->checker + c->nchecker;
			memcpy(owned, r->checker, r->nchecker * sizeof(*owned));
			c->nchecker += r->nchecker;
			free(r->checker);
			r->checker_shared = true;
		}
		r->checker = owned;
	}
}

/*
 * Moves all real servers into one piece, their checkers into another, and the
 * services into one that fits. Between their old places lies what was freed while
 * they were read; now whole pages of that are free. Without memory all stays.
 */
static void compact(struct conf *c)
{
	struct lvs_service_conf *fit, *s;
	struct lvs_real_conf *at;
	size_t i, nreal, nchecker;

	count(c, &nreal, &nchecker);
	if (!nreal)
		return;
	fit = realloc(c->service, c->nservice * sizeof(*fit));
	if (fit)
		c->service = fit;
	at = c->real = malloc(nreal * sizeof(*c->real));
	if (nchecker)
		c->checker = malloc(nchecker * sizeof(*c->checker));
	for (i = 0; i < c->nservice; i++) {
		s = &c->service[i];
		if (c->checker)
			move_checkers(c, s);
		if (!at || !s->nreal)
			continue;
		memcpy(at, s->real, s->nreal * sizeof(*at));
		free(s->real);
		s->real = at;
		s->real_borrowed = true;
		at += s->nreal;
	}
}

void conf_share(struct conf *c)
{
	struct lvs_real_conf *owner, *r;
	struct lvs_service_conf *s;
	size_t i, j;

	for (i = 0; i < c->nservice; i++) {
		s = &c->service[i];
		owner = NULL;
		for (j = 0; j < s->nreal; j++) {
			r = &s->real[j];
			if (!r->nchecker || r->checker_shared)
				continue;
			forget_target(r);
			if (owner && all_same(r, owner))
				share(r, owner);
			else
				owner = r;
		}
	}
	compact(c);
	malloc_trim(0);
}
