/*
 * Virtual servers while they run: what a checker's verdict means for its real
 * server, weights, quorum, and the sorry server.
 */
#include "log.h"
#include "lvs_priv.h"

/* --- small changes of state --- */

void lvs_set_alive(struct lvs_service *s, struct lvs_real *r, bool alive)
{
	if (r->alive == alive)
		return;
	r->alive = alive;
	if (r != s->sorry)
		s->live_weight += alive ? lvs_weight(r->weight) : -lvs_weight(r->weight);
}

void lvs_checker_set(struct lvs_checker *c, bool up)
{
	if (c->is_up == up)
		return;
	c->is_up = up;
	if (!up)
		c->real->failed++;
	else if (c->real->failed)
		c->real->failed--;
}

void lvs_tell_real(struct lvs *l, struct lvs_service *s, struct lvs_real *r,
		   bool stopping)
{
	if (l->hooks.real)
		l->hooks.real(l->hooks.arg, s, r, stopping);
}

static void tell_quorum(struct lvs *l, struct lvs_service *s, bool stopping)
{
	if (stopping && !s->conf->omega)
		return;
	if (l->hooks.quorum)
		l->hooks.quorum(l->hooks.arg, s, stopping);
}

/* Live real servers stand in the table unless the sorry server does. */
static bool reals_serve(const struct lvs_service *s)
{
	return s->quorum_up || !s->sorry || !s->sorry->alive;
}

/* --- quorum --- */

/* Puts all live real servers into the table, or takes them out. */
static void swap_reals(struct lvs *l, struct lvs_service *s, bool add)
{
	struct lvs_real *r;
	size_t i;

	log_info("%s: %s the live real servers", lvs_service_text(s),
		 add ? "adding back" : "removing");
	for (i = 0; i < s->conf->nreal; i++) {
		r = &s->real[i];
		if (!r->alive)
			continue;
		if (add)
			r->alive = false; /* a group's entries count only newcomers */
		lvs_put(l, add ? IPVS_NEW_DEST : IPVS_DEL_DEST, s, r, false);
		r->alive = true;
	}
}

static void gained_quorum(struct lvs *l, struct lvs_service *s, int64_t threshold)
{
	s->quorum_up = true;
	log_info("%s: quorum gained (weight %lld, needed %lld)", lvs_service_text(s),
		 (long long)s->live_weight, (long long)threshold);
	if (s->sorry && s->sorry->alive) {
		log_info("%s: %s sorry server %s", lvs_service_text(s),
			 s->sorry->inhibit ? "disabling" : "removing",
			 lvs_real_text(s->sorry));
		lvs_put(l, IPVS_DEL_DEST, s, s->sorry, false);
		s->sorry->alive = false;
		swap_reals(l, s, true);
	}
	tell_quorum(l, s, false);
}

static void no_quorum(struct lvs *l, struct lvs_service *s, int64_t threshold)
{
	s->quorum_up = false;
	log_info("%s: no quorum (weight %lld, needed %lld)", lvs_service_text(s),
		 (long long)s->live_weight, (long long)threshold);
	if (s->sorry && !s->sorry->alive) {
		log_info("%s: %s sorry server %s", lvs_service_text(s),
			 s->sorry->inhibit ? "enabling" : "adding",
			 lvs_real_text(s->sorry));
		swap_reals(l, s, false);
		lvs_put(l, IPVS_NEW_DEST, s, s->sorry, false);
		s->sorry->alive = true;
	}
	tell_quorum(l, s, false);
}

void lvs_update_quorum(struct lvs *l, struct lvs_service *s, bool init)
{
	int64_t quorum = s->conf->quorum, hysteresis = s->conf->hysteresis;
	int64_t threshold = s->quorum_up ? quorum - hysteresis : quorum + hysteresis;
	bool lost = s->quorum_up && (!s->live_weight || s->live_weight < threshold);
	bool start = init && !s->quorum_up && s->sorry && !s->sorry->alive;

	if (!s->quorum_up && s->live_weight >= threshold)
		gained_quorum(l, s, threshold);
	else if (lost || start)
		no_quorum(l, s, threshold);
}

/* The quorum goes because real servers or the service do: no sorry server then. */
void lvs_lost_quorum(struct lvs *l, struct lvs_service *s, bool stopping)
{
	int64_t threshold = (int64_t)s->conf->quorum - s->conf->hysteresis;
	bool lost = s->quorum_up && (!s->live_weight || s->live_weight < threshold);

	if (!stopping && !lost)
		return;
	s->quorum_up = false;
	tell_quorum(l, s, stopping);
}

/* --- real servers --- */

bool lvs_real_state(struct lvs *l, struct lvs_service *s, struct lvs_real *r, bool up)
{
	if (r->alive == up)
		return true;
	log_info("%s: %s real server %s", lvs_service_text(s),
		 r->inhibit ? (up ? "enabling" : "disabling") :
			      (up ? "adding" : "removing"),
		 lvs_real_text(r));
	if (reals_serve(s) &&
	    lvs_put(l, up ? IPVS_NEW_DEST : IPVS_DEL_DEST, s, r, false) < 0)
		return false;
	lvs_set_alive(s, r, up);
	lvs_tell_real(l, s, r, false);
	lvs_update_quorum(l, s, false);
	return true;
}

void lvs_set_weight(struct lvs *l, struct lvs_service *s, struct lvs_real *r,
		    int64_t weight, bool quorum)
{
	int old = lvs_weight(r->weight), new = lvs_weight(weight);

	r->weight = (int32_t)weight;
	if (old == new)
		return;
	if (r->alive)
		s->live_weight += new - old;
	log_info("%s: weight of %s real server %s from %d to %d", lvs_service_text(s),
		 r->alive ? "live" : "dead", lvs_real_text(r), old, new);
	if (r->set && r->alive && reals_serve(s))
		lvs_put(l, IPVS_SET_DEST, s, r, false);
	if (quorum)
		lvs_update_quorum(l, s, false);
}

bool lvs_check_state(struct lvs *l, uint32_t checker, bool up)
{
	struct lvs_checker *c = &l->checker[checker];
	bool first = !c->has_run;

	c->has_run = true;
	if (c->is_up == up) {
		if (first && (lvs_checker_conf(l, checker)->alpha || !up))
			lvs_tell_real(l, c->service, c->real, false);
		return true;
	}
	/* The last of its checkers to come up, or the first to go down, decides. */
	if (c->real->failed <= (up ? 1 : 0) &&
	    !lvs_real_state(l, c->service, c->real, up))
		return false;
	lvs_checker_set(c, up);
	return true;
}

void lvs_check_weight(struct lvs *l, uint32_t checker, int32_t weight, bool quiet)
{
	struct lvs_checker *c = &l->checker[checker];
	int64_t effective = (int64_t)c->real->weight - c->weight + weight;

	c->weight = weight;
	if (!quiet) {
		lvs_set_weight(l, c->service, c->real, effective, true);
		return;
	}
	if (c->real->alive)
		c->service->live_weight +=
			lvs_weight(effective) - lvs_weight(c->real->weight);
	c->real->weight = (int32_t)effective;
}
