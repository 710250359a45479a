/* What all the real servers of a service must not do: be twice, run bad scripts. */
#include <stdlib.h>
#include <string.h>

#include "conf_lvs.h"

/* More real servers than this are compared through a hash table. */
#define FEW 32

/* --- duplicates --- */

bool conf_real_same(const struct lvs_real_conf *a, const struct lvs_real_conf *b)
{
	return a->port == b->port && conf_addr_equal(&a->addr, &b->addr);
}

static size_t hash_server(const struct lvs_real_conf *r)
{
	const uint8_t *p = (const uint8_t *)&r->addr.v6;
	size_t n = r->addr.family == AF_INET6 ? 16 : 4, h = (size_t)r->port, i;

	for (i = 0; i < n; i++)
		h = (h ^ p[i]) * 16777619u;
	return h ^ h >> 15;
}

static void say_duplicate(struct conf_ctx *c, const struct lvs_service_conf *s,
			  size_t i)
{
	struct conf_pos pos = conf_real_pos(c, s, &s->real[i]);
	char name[128], server[64];

	conf_say_at(c, K_DUPLICATE, &pos, "%s has %s twice; this one is left out",
		    conf_service_str(s, name), conf_real_str(&s->real[i], server));
}

static void drop_duplicates_few(struct conf_ctx *c, struct lvs_service_conf *s)
{
	size_t i, j;

	for (i = 1; i < s->nreal; i++)
		for (j = 0; j < i; j++)
			if (conf_real_same(&s->real[i], &s->real[j])) {
				say_duplicate(c, s, i);
				conf_real_drop(s, i--);
				break;
			}
}

void conf_service_drop_duplicates(struct conf_ctx *c, struct lvs_service_conf *s)
{
	size_t cap = 64, i, kept = 0, at, *slot;

	if (s->nreal <= FEW) {
		drop_duplicates_few(c, s);
		return;
	}
	while (cap < s->nreal * 2)
		cap *= 2;
	slot = calloc(cap, sizeof(*slot)); /* index + 1 */
	if (!slot) {
		conf_nomem(c);
		return;
	}
	for (i = 0; i < s->nreal; i++) {
		at = hash_server(&s->real[i]) & (cap - 1);
		while (slot[at] && !conf_real_same(&s->real[i], &s->real[slot[at] - 1]))
			at = (at + 1) & (cap - 1);
		if (slot[at]) {
			say_duplicate(c, s, i);
			conf_real_clear(&s->real[i]);
			continue;
		}
		if (kept != i)
			s->real[kept] = s->real[i];
		slot[at] = ++kept;
	}
	s->nreal = kept;
	free(slot);
}

/* --- scripts --- */

static unsigned int check_misc(struct conf_ctx *c, const struct lvs_service_conf *s,
			       struct lvs_real_conf *r)
{
	struct conf_pos pos = conf_real_pos(c, s, r);
	unsigned int all = 0, flags;
	size_t i = 0;

	while (i < r->nchecker) {
		struct checker_conf *k = &r->checker[i];

		if (k->type != CHECK_MISC) {
			i++;
			continue;
		}
		all |= flags = conf_script_check(c, k->misc, &pos);
		if (!(flags & (SC_INHIBIT | SC_NOT_FOUND)) &&
		    flags & (SC_EXECUTABLE | SC_SYSTEM)) {
			i++;
			continue;
		}
		conf_say_at(
			c, K_NOTE, &pos,
			"'%s' cannot or may not run; the checker is left out, and the "
			"server counts as good",
			k->misc->argv[0]);
		conf_checker_clear(k);
		memmove(k, k + 1, (r->nchecker - i - 1) * sizeof(*k));
		r->nchecker--;
	}
	return all;
}

static unsigned int check_notify(struct conf_ctx *c, struct conf_script **s,
				 const struct conf_pos *pos)
{
	unsigned int flags = *s ? conf_notify_check(c, *s, pos) : 0;

	if (*s && !(*s)->argv) {
		free(*s);
		*s = NULL;
	}
	return flags;
}

void conf_lvs_check_scripts(struct conf_ctx *c)
{
	struct conf_global *g = &c->conf->global;
	unsigned int flags = 0;
	struct conf_pos pos;
	size_t i, j;

	if (!c->conf->nservice)
		return;
	for (i = 0; i < c->conf->nservice; i++) {
		struct lvs_service_conf *s = &c->conf->service[i];

		pos = conf_service_pos(c, s);
		flags |= conf_notify_check(c, &s->quorum_up, &pos);
		flags |= conf_notify_check(c, &s->quorum_down, &pos);
		for (j = 0; j < s->nreal; j++) {
			pos = conf_real_pos(c, s, &s->real[j]);
			flags |= check_notify(c, &s->real[j].notify_up, &pos);
			flags |= check_notify(c, &s->real[j].notify_down, &pos);
			flags |= check_misc(c, s, &s->real[j]);
		}
	}
	pos = conf_service_pos(c, &c->conf->service[0]);
	flags |= conf_notify_check(c, &g->notify_fifo.script, &pos);
	flags |= conf_notify_check(c, &g->lvs_notify_fifo.script, &pos);
	if (flags & SC_IS_SCRIPT && !g->enable_script_security)
		conf_say_at(
			c, K_SECURITY, &pos,
			"check scripts run, and enable_script_security is not set%s",
			flags & SC_INSECURE ? "; others can change some of them" : "");
}
