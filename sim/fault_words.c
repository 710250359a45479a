/*
 * From words to a fault: the same code says before a run what is wrong with a
 * statement, and during it what to do.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "fault_words.h"

int fault_wrong(struct fault_words *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(w->error, sizeof(w->error), fmt, ap);
	va_end(ap);
	return -1;
}

int fault_wrong_shape(const struct fault_call *c, struct fault_words *w)
{
	return fault_wrong(w, "expected: %s", c->type->usage);
}

/* The same with the nearest of `names`. */
int fault_wrong_name(struct fault_words *w, const char *kind, const char *name,
		     const char *const *names, size_t n)
{
	const char *near = block_nearest(name, names, n);

	return fault_wrong(w, "no %s '%s'%s%s%s", kind, name,
			   near ? "; did you mean '" : "", near ? near : "",
			   near ? "'?" : "");
}

/* The next word, or NULL. */
const char *fault_next(struct fault_words *w)
{
	return w->at < w->argc ? w->argv[w->at] : NULL;
}

int fault_no_more(const struct fault_call *c, struct fault_words *w)
{
	return w->at < w->argc ? fault_wrong_shape(c, w) : 0;
}

static int wrong_node(struct fault_words *w, const char *name)
{
	const char **names = calloc(w->topo->nnode + 1, sizeof(*names));
	size_t i;
	int r;

	for (i = 0; names && i < w->topo->nnode; i++)
		names[i] = w->topo->node[i].name;
	r = fault_wrong_name(w, "node", name, names, names ? w->topo->nnode : 0);
	free(names);
	return r;
}

int fault_take_node(const struct fault_call *c, struct fault_words *w,
		    const struct topo_node **n)
{
	const char *name = fault_next(w);

	if (!name)
		return fault_wrong_shape(c, w);
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
	return fault_take_node(c, w, &c->node) < 0 ? -1 : fault_no_more(c, w);
}

/* "[engine|web]": must be what the node runs. */
static int take_what(struct fault_call *c, struct fault_words *w)
{
	static const char *const names[] = { "engine", "web" };
	const char *what = fault_next(w), *runs = fault_role_what(c->node->role);

	if (!what)
		return 0;
	if (strcmp(what, "engine") != 0 && strcmp(what, "web") != 0)
		return fault_wrong_name(w, "program", what, names, 2);
	if (!runs || strcmp(what, runs) != 0)
		return fault_wrong(w, "'%s' runs no %s", c->node->name,
				   what[0] == 'e' ? "engine: it is no director"
						  : "web server: it is no server");
	c->what = runs;
	w->at++;
	return 0;
}

int fault_words_node_any(struct fault_call *c, struct fault_words *w)
{
	if (fault_take_node(c, w, &c->node) < 0 || take_what(c, w) < 0)
		return -1;
	return fault_no_more(c, w);
}

int fault_words_node_what(struct fault_call *c, struct fault_words *w)
{
	if (fault_take_node(c, w, &c->node) < 0 || take_what(c, w) < 0)
		return -1;
	if (!c->what)
		c->what = fault_role_what(c->node->role);
	if (!c->what) {
		w->at = 1;
		return fault_wrong(
			w,
			"'%s' runs nothing that could be meant: it is neither "
			"director nor server",
			c->node->name);
	}
	return fault_no_more(c, w);
}

/* "NODE[:IF]". */
int fault_take_interface(struct fault_call *c, struct fault_words *w)
{
	const char *word = fault_next(w), *colon = word ? strchr(word, ':') : NULL;
	char name[64];
	size_t i;

	if (!word)
		return fault_wrong_shape(c, w);
	if (!colon) {
		if (fault_take_node(c, w, &c->node) < 0)
			return -1;
		for (i = 0; i < c->node->nif && !c->ifc; i++)
			if (c->node->ifs[i].link)
				c->ifc = &c->node->ifs[i];
		w->at--;
		if (!c->ifc)
			return fault_wrong(w, "'%s' has no interface", c->node->name);
		for (; i < c->node->nif; i++)
			if (c->node->ifs[i].link)
				return fault_wrong(
					w,
					"'%s' has several interfaces: say which, "
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
		return fault_wrong(w, "'%s' has no interface '%s'", name, colon + 1);
	w->at++;
	return 0;
}

int fault_words_link(struct fault_call *c, struct fault_words *w)
{
	static const char *const sides[] = {
		[LINK_NODE] = "node", [LINK_SWITCH] = "switch", [LINK_CABLE] = "cable"
	};
	const char *side;
	size_t i;

	if (fault_take_interface(c, w) < 0)
		return -1;
	side = fault_next(w);
	for (i = 0; side && i < 3; i++)
		if (!strcmp(side, sides[i]))
			break;
	if (side && i == 3)
		return fault_wrong_name(w, "side", side, sides, 3);
	if (side)
		w->at++;
	c->side = side ? (enum link_side)i : LINK_NODE;
	return fault_no_more(c, w);
}

int fault_take_span(struct fault_words *w, const char *example, int64_t *ns)
{
	const char *word = fault_next(w);

	if (!word || block_span_text(word, ns) < 0 || *ns < 0)
		return fault_wrong(w, "expected a span with its unit, like '%s'%s%s%s",
				   example, word ? ", got '" : "", word ? word : "",
				   word ? "'" : "");
	w->at++;
	return 0;
}

static int take_number(struct fault_words *w, int64_t lo, int64_t hi, int64_t *n)
{
	const char *word = fault_next(w);
	char *end = NULL;

	*n = word ? strtoll(word, &end, 10) : 0;
	if (!word || end == word || *end || *n < lo || *n > hi)
		return fault_wrong(w, "expected a number in %lld-%lld%s%s%s",
				   (long long)lo, (long long)hi, word ? ", got '" : "",
				   word ? word : "", word ? "'" : "");
	w->at++;
	return 0;
}

int fault_words_backend(struct fault_call *c, struct fault_words *w)
{
	static const char *const modes[] = { "dead", "hang", "slow", "error", "heal" };
	const char *mode = fault_next(w);
	size_t i;

	for (i = 0; mode && i < 5; i++)
		if (!strcmp(mode, modes[i]))
			break;
	if (!mode)
		return fault_wrong_shape(c, w);
	if (i == 5)
		return fault_wrong_name(w, "way to fail", mode, modes, 5);
	c->mode = modes[i];
	w->at++;
	if (!strcmp(mode, "slow") && fault_take_span(w, "200ms", &c->ns) < 0)
		return -1;
	if (!strcmp(mode, "error") && take_number(w, 400, 599, &c->number) < 0)
		return -1;
	if (fault_take_node(c, w, &c->node) < 0)
		return -1;
	if (c->node->role != ROLE_SERVER) {
		w->at--;
		return fault_wrong(w, "'%s' is no server", c->node->name);
	}
	c->what = "web";
	return fault_no_more(c, w);
}

int fault_words_exec(struct fault_call *c, struct fault_words *w)
{
	if (fault_take_node(c, w, &c->node) < 0)
		return -1;
	if (!fault_next(w) || strcmp(fault_next(w), "--") != 0 || w->at + 1 >= w->argc)
		return fault_wrong_shape(c, w);
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
		return fault_wrong(w, "expected a fault");
	while (names[n])
		n++;
	for (c->type = fault_types; c->type->name; c->type++)
		if (!strcmp(c->type->name, w->argv[0]))
			break;
	if (!c->type->name)
		return fault_wrong_name(w, "fault", w->argv[0], names, n);
	w->at = 1;
	return c->type->words(c, w);
}
