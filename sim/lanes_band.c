/* When a fault was in force on a node: from its words to those that undo it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lanes_impl.h"
#include "span.h"

/* The nth word of a text: its start, and its length in *len; NULL: no such word. */
static const char *word(const char *text, int n, size_t *len)
{
	for (;; n--) {
		text += strspn(text, " \t");
		*len = strcspn(text, " \t");
		if (!*len)
			return NULL;
		if (!n)
			return text;
		text += *len;
	}
}

static bool word_is(const char *text, int n, const char *want)
{
	size_t len;
	const char *w = text ? word(text, n, &len) : NULL;

	return w && strlen(want) == len && !strncmp(w, want, len);
}

static bool names_node(const struct event *e, const char *node)
{
	size_t len;
	int i;

	if (text_same(e->node, node))
		return true;
	for (i = 1; e->text && word(e->text, i, &len); i++)
		if (word_is(e->text, i, node))
			return true;
	return false;
}

bool lane_is_fault(const struct event *e, const char *verb, const char *node)
{
	return e->type == EV_FAULT && e->fault.effective && word_is(e->text, 0, verb) &&
	       names_node(e, node);
}

/* Which words undo which. Verbs that are not here do something at one instant. */
static const struct {
	const char *verb, *undo[4];
} pairs[] = {
	{ "crash", { "boot" } },
	{ "kill", { "start", "boot" } },
	{ "stop", { "start", "boot" } },
	{ "pause", { "resume", "boot" } },
	{ "link_down", { "link_up", "boot" } },
	{ "cut", { "heal", "boot" } },
	{ "loss", { "loss", "heal", "boot" } },
	{ "delay", { "delay", "heal", "boot" } },
	{ "jitter", { "jitter", "heal", "boot" } },
	{ "duplicate", { "duplicate", "heal", "boot" } },
	{ "reorder", { "reorder", "heal", "boot" } },
	{ "rate", { "rate", "heal", "boot" } },
	{ "backend", { "backend", "boot" } },
	{ "arp_freeze", { "arp_freeze", "heal", "boot" } },
};
#define NPAIRS (sizeof(pairs) / sizeof(pairs[0]))
#define NUNDO  (sizeof(pairs[0].undo) / sizeof(pairs[0].undo[0]))

/* "backend heal web1", "loss lvs1 off", "loss lvs1 0%": undone, not done anew. */
static bool begins_nothing(const char *text)
{
	size_t len;
	int i;

	for (i = 1; word(text, i, &len); i++)
		if (word_is(text, i, "heal") || word_is(text, i, "off") ||
		    word_is(text, i, "0%"))
			return true;
	return false;
}

static int64_t undone_at(const struct lane_work *w, size_t at, size_t pair,
			 const char *node)
{
	size_t i, u;

	for (i = at + 1; i < w->log->n; i++)
		for (u = 0; u < NUNDO && pairs[pair].undo[u]; u++)
			if (lane_is_fault(&w->log->v[i], pairs[pair].undo[u], node))
				return w->log->v[i].t;
	return w->m->end_ns;
}

static int add(struct lanes *l, const char *node, const char *what, int64_t from,
	       int64_t to)
{
	struct lane_band *v;

	if (to <= from)
		return 0;
	v = realloc(l->band, (l->nband + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	l->band = v;
	v[l->nband++] = (struct lane_band){ node, what, from, to };
	return 0;
}

int lane_bands(struct lane_work *w, const struct names *nodes)
{
	size_t i, j, p;
	int r = 0;

	for (i = 0; i < w->log->n && !r; i++) {
		const struct event *e = &w->log->v[i];

		if (e->type != EV_FAULT || !e->fault.effective || !e->text ||
		    begins_nothing(e->text))
			continue;
		for (p = 0; p < NPAIRS && !word_is(e->text, 0, pairs[p].verb); p++)
			;
		for (j = 0; p < NPAIRS && j < nodes->n && !r; j++)
			if (names_node(e, nodes->v[j]))
				r = add(w->l, nodes->v[j], e->text, e->t,
					undone_at(w, i, p, nodes->v[j]));
	}
	return r;
}
