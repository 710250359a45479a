/*
 * From one configuration to the next, touching what differs: what is gone goes,
 * what stays keeps its state, what is new is added. The order of commands is
 * keepalived 2.2.7's; the time it takes grows with the size of the files, not with
 * its square.
 *
 * Where keepalived 2.2.7 goes wrong it is not followed: a misc_dynamic script whose
 * last exit status was 0 keeps the configured weight (there it becomes 0), and
 * changed thresholds are told to the kernel.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "log.h"
#include "lvs_match.h"
#include "lvs_priv.h"

struct lvs_plan {
	struct lvs *l, *old;
	const struct check_state *from;
	struct check_state *to;
	struct lvs_index services; /* of l */
	struct lvs_index reals;	   /* of one service at a time; room for the largest */
	/* The counts of shared groups, as they were at the beginning. */
	struct lvs_entry_use **before;
};

/* --- groups --- */

static const struct lvs_group_conf *find_group(const struct conf *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->ngroup; i++)
		if (!strcmp(c->group[i].name, name))
			return &c->group[i];
	return NULL;
}

static struct lvs_entry_use *find_entry(struct lvs *l, const struct lvs_group_conf *g,
					const struct lvs_group_entry_conf *e)
{
	size_t i;

	for (i = 0; g && i < g->nentry; i++)
		if (lvs_same_entry(&g->entry[i], e))
			return &l->use[g - l->conf->group][i];
	return NULL;
}

/* Calls fn for every entry that is in both configurations. */
static void each_entry(struct lvs_plan *r,
		       void (*fn)(struct lvs_entry_use *new, struct lvs_entry_use *old,
				  struct lvs_entry_use *before))
{
	const struct conf *c = r->old->conf;
	const struct lvs_group_conf *g;
	struct lvs_entry_use *new;
	size_t i, j;

	for (i = 0; i < c->ngroup; i++) {
		g = find_group(r->l->conf, c->group[i].name);
		for (j = 0; j < c->group[i].nentry; j++) {
			new = find_entry(r->l, g, &c->group[i].entry[j]);
			if (new)
				fn(new, &r->old->use[i][j], &r->before[i][j]);
		}
	}
}

static void inherit_use(struct lvs_entry_use *new, struct lvs_entry_use *old,
			struct lvs_entry_use *before)
{
	*before = *old;
	*new = *old;
	new->reloaded = true;
}

/* What the old side took away counts on the new side too. */
static void settle_use(struct lvs_entry_use *new, struct lvs_entry_use *old,
		       struct lvs_entry_use *before)
{
	new->tcp += old->tcp - before->tcp;
	new->udp += old->udp - before->udp;
	new->sctp += old->sctp - before->sctp;
	new->fwm4 += old->fwm4 - before->fwm4;
	new->fwm6 += old->fwm6 - before->fwm6;
}

static void diff_group(struct lvs_plan *r, struct lvs_service *was)
{
	const struct lvs_group_conf *g = was->conf->group;
	size_t i;

	for (i = 0; i < g->nentry; i++)
		if (!find_entry(r->l, find_group(r->l->conf, g->name), &g->entry[i]))
			lvs_group_entry_remove(r->old, was, i);
}

/* --- checkers --- */

static uint32_t index_of(struct lvs *l, const struct lvs_checker *c)
{
	return (uint32_t)(c - l->checker);
}

/*
 * Failures let pass so far. With fewer retries than were used already, one more
 * failure is to be enough.
 */
static uint32_t inherit_retries(uint32_t used, uint32_t retry)
{
	if (!used || !retry)
		return 0;
	return used >= retry ? retry - 1 : used;
}

static void inherit_checker(struct lvs_plan *r, struct lvs_checker *c,
			    const struct lvs_checker *was)
{
	const struct check_state *from = &r->from[index_of(r->old, was)];
	struct check_state *to = &r->to[index_of(r->l, c)];
	const struct checker_conf *conf = lvs_checker_conf(r->l, index_of(r->l, c));

	if (was->has_run && was->is_up != c->is_up)
		lvs_checker_set(c, was->is_up);
	c->has_run = was->has_run;
	to->retry_it = inherit_retries(from->retry_it, (uint32_t)conf->retry);
	if (conf->type != CHECK_MISC)
		return;
	to->exit_code = from->exit_code;
	if (conf->misc_dynamic && to->exit_code >= 2)
		c->weight = to->exit_code - 2 - c->real->conf->weight;
}

static const struct lvs_checker *find_checker(struct lvs_plan *r,
					      const struct lvs_checker *c,
					      const struct lvs_real *was)
{
	const struct checker_conf *conf = lvs_checker_conf(r->l, index_of(r->l, c));
	size_t i;

	for (i = 0; i < was->conf->nchecker; i++)
		if (lvs_same_checker(&was->conf->checker[i], conf))
			return &r->old->checker[was->first_checker + i];
	return NULL;
}

/* Those that never ran: one failure is enough, and alpha ones wait for a success. */
static void start_pessimistic(struct lvs_plan *r, struct lvs_real *real)
{
	struct lvs_checker *c = &r->l->checker[real->first_checker];
	uint32_t i;

	for (i = 0; i < real->conf->nchecker; i++) {
		if (c[i].has_run)
			continue;
		if (real->conf->checker[i].alpha)
			lvs_checker_set(&c[i], false);
		r->to[real->first_checker + i].retry_it =
			(uint32_t)real->conf->checker[i].retry;
	}
}

static void inherit_checkers(struct lvs_plan *r, struct lvs_service *s,
			     struct lvs_real *real, const struct lvs_real *was)
{
	struct lvs_checker *c = &r->l->checker[real->first_checker];
	const struct lvs_checker *old;
	bool any_ran = false;
	uint32_t i;

	for (i = 0; i < real->conf->nchecker; i++) {
		old = find_checker(r, &c[i], was);
		if (old)
			inherit_checker(r, &c[i], old);
	}
	real->failed = 0;
	for (i = 0; i < real->conf->nchecker; i++) {
		real->failed += c[i].has_run && !c[i].is_up;
		any_ran = any_ran || c[i].has_run;
	}
	if (real->failed || (!real->alive && !any_ran))
		start_pessimistic(r, real);
	if (!real->failed && !real->alive)
		lvs_real_state(r->l, s, real, true);
	else if (real->failed && real->set != real->inhibit)
		lvs_put(r->l, real->inhibit ? IPVS_NEW_DEST : IPVS_DEL_DEST, s, real,
			false);
}

/* --- real servers --- */

static bool needs_edit(const struct lvs_real_conf *a, const struct lvs_real_conf *b)
{
	return a->forward != b->forward || a->tun_type != b->tun_type ||
	       a->tun_port != b->tun_port || a->tun_flags != b->tun_flags ||
	       a->lower_threshold != b->lower_threshold ||
	       a->upper_threshold != b->upper_threshold;
}

static void inherit_real(struct lvs_plan *r, struct lvs_service *s, struct lvs_real *real,
			 const struct lvs_real *was)
{
	real->weight = was->weight; /* the new one is told by lvs_build() */
	lvs_set_alive(s, real, was->alive);
	real->set = was->set;
	real->reloaded = true;
	inherit_checkers(r, s, real, was);
	if (needs_edit(real->conf, was->conf) && real->set)
		lvs_put(r->l, IPVS_SET_DEST, s, real, false);
}

static struct lvs_real *find_real(struct lvs_service *s, const struct lvs_index *x,
				  const struct lvs_real_conf *c)
{
	uint64_t pos = lvs_hash_real(c);
	int64_t i;

	while ((i = lvs_index_next(x, &pos)) >= 0)
		if (lvs_same_real(s->real[i].conf, c))
			return &s->real[i];
	return NULL;
}

static void diff_reals(struct lvs_plan *r, struct lvs_service *s, struct lvs_service *was)
{
	struct lvs_real *real;
	uint32_t i;

	if (!was->conf->nreal)
		return;
	lvs_index_clear(&r->reals, s->conf->nreal);
	for (i = 0; i < s->conf->nreal; i++)
		lvs_index_add(&r->reals, lvs_hash_real(s->real[i].conf), i);
	for (i = 0; i < was->conf->nreal; i++) {
		real = find_real(s, &r->reals, was->real[i].conf);
		if (real) {
			inherit_real(r, s, real, &was->real[i]);
			continue;
		}
		log_info("%s: real server %s is no more", lvs_service_text(was),
			 lvs_real_text(&was->real[i]));
		lvs_clear_real(r->old, was, &was->real[i], false);
	}
	lvs_lost_quorum(r->old, was, false);
}

static void diff_sorry(struct lvs_plan *r, struct lvs_service *s, struct lvs_service *was)
{
	struct lvs_real *old = was->sorry, *new = s->sorry;

	if (!old)
		return;
	if (new && lvs_same_real(new->conf, old->conf)) {
		new->alive = old->alive;
		new->set = old->set;
		new->reloaded = true;
		return;
	}
	if (!old->alive && !(old->inhibit && old->set))
		return;
	log_info("%s: removing sorry server %s", lvs_service_text(was), lvs_real_text(old));
	lvs_put(r->old, IPVS_DEL_DEST, was, old, true);
}

/* --- services --- */

static bool settings_differ(const struct lvs_service_conf *a,
			    const struct lvs_service_conf *b)
{
	const char *pe_a = a->pe_name ? a->pe_name : "";
	const char *pe_b = b->pe_name ? b->pe_name : "";

	return strcmp(a->scheduler, b->scheduler) != 0 ||
	       a->sched_flags != b->sched_flags || a->one_packet != b->one_packet ||
	       strcmp(pe_a, pe_b) != 0 || a->persistence_s != b->persistence_s ||
	       a->persistence_granularity != b->persistence_granularity;
}

static struct lvs_service *find_service(struct lvs_plan *r, const struct lvs_service_conf *c)
{
	uint64_t pos = lvs_hash_service(c);
	int64_t i;

	while ((i = lvs_index_next(&r->services, &pos)) >= 0)
		if (lvs_same_service(r->l->service[i].conf, c))
			return &r->l->service[i];
	return NULL;
}

static void diff_service(struct lvs_plan *r, struct lvs_service *was)
{
	struct lvs_service *s = find_service(r, was->conf);

	if (!s) {
		log_info("%s: removed", lvs_service_text(was));
		lvs_clear_service(r->old, was, false);
		return;
	}
	s->alive = was->alive;
	s->quorum_up = was->quorum_up;
	s->reloaded = true;
	if (was->conf->group)
		diff_group(r, was);
	if (settings_differ(s->conf, was->conf))
		lvs_put(r->l, IPVS_SET_SERVICE, s, NULL, false);
	/* Whether the sorry server serves decides what is done with the others. */
	if (s->sorry && was->sorry && lvs_same_real(s->sorry->conf, was->sorry->conf))
		s->sorry->alive = was->sorry->alive;
	diff_reals(r, s, was);
	diff_sorry(r, s, was);
}

/* A real server that is new starts down when a checker of its is alpha. */
static void start_new_reals(struct lvs_plan *r)
{
	struct lvs_checker *c;
	uint32_t i;

	for (i = 0; i < r->l->nchecker; i++) {
		c = &r->l->checker[i];
		if (c->real->reloaded || !lvs_checker_conf(r->l, i)->alpha)
			continue;
		lvs_checker_set(c, false);
		lvs_set_alive(c->service, c->real, false);
	}
}

/* --- as a whole --- */

static int make_indexes(struct lvs_plan *r)
{
	const struct conf *c = r->l->conf;
	size_t most = 0;
	uint32_t i;

	for (i = 0; i < c->nservice; i++)
		most = c->service[i].nreal > most ? c->service[i].nreal : most;
	if (lvs_index_make(&r->services, c->nservice) < 0 ||
	    lvs_index_make(&r->reals, most) < 0)
		return -ENOMEM;
	for (i = 0; i < c->nservice; i++)
		lvs_index_add(&r->services, lvs_hash_service(r->l->service[i].conf), i);
	return 0;
}

static int make_counts(struct lvs_plan *r)
{
	const struct conf *c = r->old->conf;
	size_t i;

	r->before = calloc(c->ngroup + 1, sizeof(*r->before));
	for (i = 0; r->before && i < c->ngroup; i++) {
		r->before[i] = calloc(c->group[i].nentry + 1, sizeof(**r->before));
		if (!r->before[i])
			return -ENOMEM;
	}
	return r->before ? 0 : -ENOMEM;
}

struct lvs_plan *lvs_plan_new(struct lvs *l, struct lvs *old)
{
	struct lvs_plan *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->l = l;
	r->old = old;
	if (make_indexes(r) == 0 && make_counts(r) == 0)
		return r;
	lvs_plan_free(r);
	return NULL;
}

void lvs_plan_free(struct lvs_plan *r)
{
	size_t i;

	if (!r)
		return;
	for (i = 0; r->before && i < r->old->conf->ngroup; i++)
		free(r->before[i]);
	free(r->before);
	lvs_index_finish(&r->services);
	lvs_index_finish(&r->reals);
	free(r);
}

static void begin(struct lvs_plan *r)
{
	uint32_t i;

	for (i = 0; i < r->l->nchecker; i++) {
		memset(&r->to[i], 0, sizeof(r->to[i]));
		lvs_checker_set(&r->l->checker[i], true); /* alpha comes later */
	}
	lvs_batch_begin(r->l);
	r->old->batch = r->l->batch;
	r->l->reloading = true;
}

static void tell_states(struct lvs_plan *r)
{
	size_t i;

	for (i = 0; i < r->l->nchecker; i++) {
		r->to[i].is_up = r->l->checker[i].is_up;
		r->to[i].has_run = r->l->checker[i].has_run;
	}
}

static int end(struct lvs_plan *r)
{
	int ret;

	r->old->batch = NULL;
	ret = lvs_batch_end(r->l);
	r->l->reloading = false;
	tell_states(r);
	return ret;
}

int lvs_reload(struct lvs_plan *r, const struct check_state *from, struct check_state *to)
{
	struct lvs *old = r->old;
	size_t i;
	int ret;

	r->from = from;
	r->to = to;
	begin(r);
	each_entry(r, inherit_use);
	for (i = 0; i < old->conf->nservice; i++)
		diff_service(r, &old->service[i]);
	each_entry(r, settle_use);
	start_new_reals(r);
	lvs_build(r->l);
	ret = end(r);
	lvs_plan_free(r);
	lvs_free(old);
	return ret;
}
