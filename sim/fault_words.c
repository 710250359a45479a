/*
 * From words to a fault: the same code says before a run what is wrong with a
 * statement, and during it what to do.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "fault_impl.h"

/* A mistake at word w->at. Always -1. */
__attribute__((format(printf, 2, 3))) static int wrong(struct fault_words *w,
							const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(w->error, sizeof(w->error), fmt, ap);
	va_end(ap);
	return -1;
}

static int wrong_shape(const struct fault_call *c, struct fault_words *w)
{
	return wrong(w, "expected: %s", c->type->usage);
}

/* The same with the nearest of `names`. */
static int wrong_name(struct fault_words *w, const char *kind, const char *name,
		      const char *const *names, size_t n)
{
	const char *near = block_nearest(name, names, n);

	return wrong(w, "no %s '%s'%s%s%s", kind, name, near ? "; did you mean '" : "",
		     near ? near : "", near ? "'?" : "");
}

/* The next word, or NULL. */
static const char *next(struct fault_words *w)
{
	return w->at < w->argc ? w->argv[w->at] : NULL;
}

static int no_more(const struct fault_call *c, struct fault_words *w)
{
	return w->at < w->argc ? wrong_shape(c, w) : 0;
}

static int wrong_node(struct fault_words *w, const char *name)
{
	const char **names = calloc(w->topo->nnode + 1, sizeof(*names));
	size_t i;
	int r;

	for (i = 0; names && i < w->topo->nnode; i++)
		names[i] = w->topo->node[i].name;
	r = wrong_name(w, "node", name, names, names ? w->topo->nnode : 0);
	free(names);
	return r;
}

static int take_node(const struct fault_call *c, struct fault_words *w,
		     const struct topo_node **n)
{
	const char *name = next(w);

	if (!name)
		return wrong_shape(c, w);
	*n = topology_node(w->topo, name);
	if (!*n)
		return wrong_node(w, name);
	w->at++;
	return 0;
}

const char *fault_role_what(enum topo_role role)
{
	switch (role) {
	case ROLE_DIRECTOR:
		return "engine";
	case ROLE_SERVER:
		return "web";
	case ROLE_OTHER:
	case ROLE_CLIENT:
	case ROLE_ROUTER:
		break;
	}
	return NULL;
}

int fault_words_node(struct fault_call *c, struct fault_words *w)
{
	return take_node(c, w, &c->node) < 0 ? -1 : no_more(c, w);
}

/* "[engine|web]": must be what the node runs. */
static int take_what(struct fault_call *c, struct fault_words *w)
{
	static const char *const names[] = { "engine", "web" };
	const char *what = next(w), *runs = fault_role_what(c->node->role);

	if (!what)
		return 0;
	if (strcmp(what, "engine") != 0 && strcmp(what, "web") != 0)
		return wrong_name(w, "program", what, names, 2);
	if (!runs || strcmp(what, runs) != 0)
		return wrong(w, "'%s' runs no %s", c->node->name,
			     what[0] == 'e' ? "engine: it is no director"
					    : "web server: it is no server");
	c->what = runs;
	w->at++;
	return 0;
}

int fault_words_node_any(struct fault_call *c, struct fault_words *w)
{
	if (take_node(c, w, &c->node) < 0 || take_what(c, w) < 0)
		return -1;
	return no_more(c, w);
}

int fault_words_node_what(struct fault_call *c, struct fault_words *w)
{
	if (take_node(c, w, &c->node) < 0 || take_what(c, w) < 0)
		return -1;
	if (!c->what)
		c->what = fault_role_what(c->node->role);
	if (!c->what) {
		w->at = 1;
		return wrong(w, "'%s' runs nothing that could be meant: it is neither "
				"director nor server", c->node->name);
	}
	return no_more(c, w);
}

/* "NODE[:IF]". */
static int take_interface(struct fault_call *c, struct fault_words *w)
{
	const char *word = next(w), *colon = word ? strchr(word, ':') : NULL;
	char name[64];
	size_t i;

	if (!word)
		return wrong_shape(c, w);
	if (!colon) {
		if (take_node(c, w, &c->node) < 0)
			return -1;
		for (i = 0; i < c->node->nif && !c->ifc; i++)
			if (c->node->ifs[i].link)
				c->ifc = &c->node->ifs[i];
		w->at--;
		if (!c->ifc)
			return wrong(w, "'%s' has no interface", c->node->name);
		for (; i < c->node->nif; i++)
			if (c->node->ifs[i].link)
				return wrong(w, "'%s' has several interfaces: say which, "
						"as in '%s:%s'",
					     c->node->name, c->node->name, c->ifc->name);
		w->at++;
		return 0;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(colon - word), word);
	c->node = topology_node(w->topo, name);
	if (!c->node)
		return wrong_node(w, name);
	c->ifc = topology_if(c->node, colon + 1);
	if (!c->ifc || !c->ifc->link)
		return wrong(w, "'%s' has no interface '%s'", name, colon + 1);
	w->at++;
	return 0;
}

int fault_words_link(struct fault_call *c, struct fault_words *w)
{
	static const char *const sides[] = { [LINK_NODE] = "node",
					     [LINK_SWITCH] = "switch",
					     [LINK_CABLE] = "cable" };
	const char *side;
	size_t i;

	if (take_interface(c, w) < 0)
		return -1;
	side = next(w);
	for (i = 0; side && i < 3; i++)
		if (!strcmp(side, sides[i]))
			break;
	if (side && i == 3)
		return wrong_name(w, "side", side, sides, 3);
	if (side)
		w->at++;
	c->side = side ? (enum link_side)i : LINK_NODE;
	return no_more(c, w);
}

static int take_span(struct fault_words *w, const char *example, int64_t *ns)
{
	const char *word = next(w);

	if (!word || block_span_text(word, ns) < 0 || *ns < 0)
		return wrong(w, "expected a span with its unit, like '%s'%s%s%s", example,
			     word ? ", got '" : "", word ? word : "", word ? "'" : "");
	w->at++;
	return 0;
}

static int take_number(struct fault_words *w, int64_t lo, int64_t hi, int64_t *n)
{
	const char *word = next(w);
	char *end = NULL;

	*n = word ? strtoll(word, &end, 10) : 0;
	if (!word || end == word || *end || *n < lo || *n > hi)
		return wrong(w, "expected a number in %lld-%lld%s%s%s", (long long)lo,
			     (long long)hi, word ? ", got '" : "", word ? word : "",
			     word ? "'" : "");
	w->at++;
	return 0;
}

/* "NODE[:IF]|LINK"; a node without :IF means all of its interfaces. */
static int take_target(struct fault_call *c, struct fault_words *w)
{
	const char *word = next(w), **names;
	size_t n = w->topo->nnode, i;
	int r;

	if (!word)
		return wrong_shape(c, w);
	if (strchr(word, ':'))
		return take_interface(c, w);
	c->node = topology_node(w->topo, word);
	c->link = c->node ? NULL : topology_link(w->topo, word);
	if (c->node || c->link) {
		w->at++;
		return 0;
	}
	names = calloc(n + w->topo->nlink + 1, sizeof(*names));
	for (i = 0; names && i < n + w->topo->nlink; i++)
		names[i] = i < n ? w->topo->node[i].name : w->topo->link[i - n].name;
	r = wrong_name(w, "node or link", word, names, names ? i : 0);
	free(names);
	return r;
}

/*
 * "[in|out]", as the node sees it; neither: both. On a whole link a frame is
 * treated once, on its way out of the switch.
 */
static int take_direction(struct fault_call *c, struct fault_words *w)
{
	static const char *const names[] = { "in", "out" };
	const char *word = next(w);

	c->in = !word || !strcmp(word, "in");
	c->out = c->node && (!word || !strcmp(word, "out"));
	if (!word)
		return 0;
	if (c->link)
		return wrong(w, "'%s' is a whole link: a direction belongs to a node",
			     c->link->name);
	if (!c->in && !c->out)
		return wrong_name(w, "direction", word, names, 2);
	w->at++;
	return no_more(c, w);
}

int fault_words_share(struct fault_call *c, struct fault_words *w)
{
	const char *word;
	char *end = NULL;

	if (take_target(c, w) < 0)
		return -1;
	word = next(w);
	c->share = word ? strtod(word, &end) / 100 : -1;
	if (!word || end == word || strcmp(end, "%") != 0 || !(c->share >= 0 && c->share <= 1))
		return wrong(w, "expected a share like '1%%' or '0.5%%'%s%s%s",
			     word ? ", got '" : "", word ? word : "", word ? "'" : "");
	w->at++;
	return take_direction(c, w);
}

int fault_words_span(struct fault_call *c, struct fault_words *w)
{
	if (take_target(c, w) < 0 || take_span(w, "5ms", &c->ns) < 0)
		return -1;
	return take_direction(c, w);
}

/* As tc(8) writes it: bits a second. 0 takes the limit away. */
int fault_words_bits(struct fault_call *c, struct fault_words *w)
{
	static const struct {
		const char *unit;
		double bits;
	} units[] = { { "bit", 1 }, { "kbit", 1e3 }, { "mbit", 1e6 }, { "gbit", 1e9 } };
	const char *word;
	double n = -1;
	char *end = NULL;
	size_t i;

	if (take_target(c, w) < 0)
		return -1;
	word = next(w);
	if (word)
		n = strtod(word, &end);
	for (i = 0; word && end > word && i < 4; i++)
		if (!strcmp(end, units[i].unit))
			break;
	if (!word || end == word || i == 4 || !(n >= 0 && n * units[i].bits <= 1e12))
		return wrong(w, "expected a rate like '10mbit'%s%s%s",
			     word ? ", got '" : "", word ? word : "", word ? "'" : "");
	c->number = (int64_t)(n * units[i].bits);
	w->at++;
	return take_direction(c, w);
}

int fault_words_target(struct fault_call *c, struct fault_words *w)
{
	return take_target(c, w) < 0 ? -1 : no_more(c, w);
}

static bool share_a_link(const struct topo_node *a, const struct topo_node *b)
{
	size_t i, k;

	for (i = 0; i < a->nif; i++)
		for (k = 0; a->ifs[i].link && k < b->nif; k++)
			if (a->ifs[i].link == b->ifs[k].link)
				return true;
	return false;
}

static int take_pair(struct fault_call *c, struct fault_words *w)
{
	if (take_node(c, w, &c->node) < 0 || take_node(c, w, &c->peer) < 0)
		return -1;
	w->at--;
	if (c->node == c->peer)
		return wrong(w, "'%s' twice", c->node->name);
	if (!share_a_link(c->node, c->peer))
		return wrong(w, "'%s' and '%s' have no link in common", c->node->name,
			     c->peer->name);
	w->at++;
	return 0;
}

int fault_words_cut(struct fault_call *c, struct fault_words *w)
{
	static const char *const names[] = { "one-way", "both", "vrrp", "all" };
	const char *word;

	if (take_pair(c, w) < 0)
		return -1;
	for (; (word = next(w)); w->at++) {
		if (!strcmp(word, "one-way"))
			c->one_way = true;
		else if (!strcmp(word, "vrrp"))
			c->only_vrrp = true;
		else if (strcmp(word, "both") != 0 && strcmp(word, "all") != 0)
			return wrong_name(w, "kind of cut", word, names, 4);
	}
	return 0;
}

int fault_words_heal(struct fault_call *c, struct fault_words *w)
{
	if (w->argc == 3) {
		if (take_pair(c, w) < 0)
			return -1;
	} else if (take_target(c, w) < 0) {
		return -1;
	}
	return no_more(c, w);
}

int fault_words_backend(struct fault_call *c, struct fault_words *w)
{
	static const char *const modes[] = { "dead", "hang", "slow", "error", "heal" };
	const char *mode = next(w);
	size_t i;

	for (i = 0; mode && i < 5; i++)
		if (!strcmp(mode, modes[i]))
			break;
	if (!mode)
		return wrong_shape(c, w);
	if (i == 5)
		return wrong_name(w, "way to fail", mode, modes, 5);
	c->mode = modes[i];
	w->at++;
	if (!strcmp(mode, "slow") && take_span(w, "200ms", &c->ns) < 0)
		return -1;
	if (!strcmp(mode, "error") && take_number(w, 400, 599, &c->number) < 0)
		return -1;
	if (take_node(c, w, &c->node) < 0)
		return -1;
	if (c->node->role != ROLE_SERVER) {
		w->at--;
		return wrong(w, "'%s' is no server", c->node->name);
	}
	c->what = "web";
	return no_more(c, w);
}

int fault_words_exec(struct fault_call *c, struct fault_words *w)
{
	if (take_node(c, w, &c->node) < 0)
		return -1;
	if (!next(w) || strcmp(next(w), "--") != 0 || w->at + 1 >= w->argc)
		return wrong_shape(c, w);
	c->argv = w->argv + w->at + 1;
	return 0;
}

int fault_read(struct fault_call *c, struct fault_words *w)
{
	const char *const *names = fault_names();
	size_t n = 0;

	memset(c, 0, sizeof(*c));
	w->at = 0;
	if (!w->argc)
		return wrong(w, "expected a fault");
	while (names[n])
		n++;
	for (c->type = fault_types; c->type->name; c->type++)
		if (!strcmp(c->type->name, w->argv[0]))
			break;
	if (!c->type->name)
		return wrong_name(w, "fault", w->argv[0], names, n);
	w->at = 1;
	return c->type->words(c, w);
}
