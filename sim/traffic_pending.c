#include "traffic_pending.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define SPARE 64

static struct pending_slot *slot_of(const struct pending *p, uint64_t nr)
{
	return &p->slot[nr % p->cap];
}

/* Passes over those that have ended. */
static void advance(struct pending *p)
{
	while (p->first < p->next && !slot_of(p, p->first)->open)
		p->first++;
}

static void arm(struct pending *p)
{
	if (p->first < p->next && !loop_timer_is_set(&p->deadline))
		loop_timer_set(p->t->env.loop, &p->deadline,
			       slot_of(p, p->first)->req.due_ns + p->t->conf->timeout_ns);
}

static void deadline_passed(struct loop_timer *timer, void *arg)
{
	struct pending *p = arg;
	int64_t now = clock_now();

	(void)timer;
	while (p->first < p->next &&
	       slot_of(p, p->first)->req.due_ns + p->t->conf->timeout_ns <= now)
		pending_end_first(p, p->late, NULL);
	arm(p);
}

int pending_init(struct pending *p, struct traffic *t, enum request_result late)
{
	memset(p, 0, sizeof(*p));
	p->t = t;
	p->late = late;
	p->cap = traffic_busy(t) + SPARE;
	p->slot = calloc(p->cap, sizeof(*p->slot));
	loop_timer_init(&p->deadline, deadline_passed, p);
	return p->slot ? 0 : -ENOMEM;
}

void pending_finish(struct pending *p)
{
	if (p->t)
		loop_timer_cancel(p->t->env.loop, &p->deadline);
	free(p->slot);
	memset(p, 0, sizeof(*p));
}

static int grow(struct pending *p)
{
	size_t cap = p->cap * 2;
	struct pending_slot *slot = calloc(cap, sizeof(*slot));
	uint64_t nr;

	if (!slot)
		return -ENOMEM;
	for (nr = p->first; nr < p->next; nr++)
		slot[nr % cap] = *slot_of(p, nr);
	free(p->slot);
	p->slot = slot;
	p->cap = cap;
	return 0;
}

int pending_add(struct pending *p, const struct request *req, uint64_t *nr)
{
	if (p->next - p->first == p->cap && grow(p) < 0)
		return -ENOMEM;
	*nr = p->next++;
	*slot_of(p, *nr) = (struct pending_slot){ *req, true };
	arm(p);
	return 0;
}

bool pending_end(struct pending *p, uint64_t nr, enum request_result result,
		 const char *backend)
{
	struct pending_slot *s;
	struct request req;

	if (nr < p->first || nr >= p->next || !slot_of(p, nr)->open)
		return false;
	s = slot_of(p, nr);
	req = s->req;
	s->open = false;
	advance(p);
	traffic_end(p->t, &req, result, backend);
	return true;
}

bool pending_end_first(struct pending *p, enum request_result result, const char *backend)
{
	return pending_end(p, p->first, result, backend);
}

void pending_end_all(struct pending *p, enum request_result result)
{
	while (pending_end_first(p, result, NULL))
		;
}
