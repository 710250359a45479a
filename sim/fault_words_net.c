/* From words to a fault: those of fault_net.c. */
#include <stdlib.h>
#include <string.h>

#include "fault_words.h"

/* "NODE[:IF]|LINK"; a node without :IF means all of its interfaces. */
static int take_target(struct fault_call *c, struct fault_words *w)
{
	const char *word = fault_next(w), **names;
	size_t n = w->topo->nnode, i;
	int r;

	if (!word)
		return fault_wrong_shape(c, w);
	if (strchr(word, ':'))
		return fault_take_interface(c, w);
	c->node = topology_node(w->topo, word);
	c->link = c->node ? NULL : topology_link(w->topo, word);
	if (c->node || c->link) {
		w->at++;
		return 0;
	}
	names = calloc(n + w->topo->nlink + 1, sizeof(*names));
	for (i = 0; names && i < n + w->topo->nlink; i++)
		names[i] = i < n ? w->topo->node[i].name : w->topo->link[i - n].name;
	r = fault_wrong_name(w, "node or link", word, names, names ? i : 0);
	free(names);
	return r;
}

static const struct {
	const char *name;
	enum filter_kind kind;
} protocols[] = {
	{ "all", FILTER_ALL }, { "vrrp", FILTER_VRRP }, { "arp", FILTER_ARP },
	{ "tcp", FILTER_TCP }, { "udp", FILTER_UDP },	{ "icmp", FILTER_ICMP },
};
#define NPROTOCOL (sizeof(protocols) / sizeof(protocols[0]))

const char *const *fault_protocol_names(void)
{
	static const char *names[NPROTOCOL + 1];
	size_t i;

	for (i = 0; i < NPROTOCOL; i++)
		names[i] = protocols[i].name;
	return names;
}

/* "vrrp", "tcp" or "tcp 80". 1: it was one; 0: the word is something else; -1 */
static int take_protocol(struct fault_call *c, struct fault_words *w)
{
	const char *word = fault_next(w);
	char *end;
	size_t i;
	long port;

	for (i = 0; word && i < NPROTOCOL; i++)
		if (!strcmp(word, protocols[i].name))
			break;
	if (!word || i == NPROTOCOL)
		return 0;
	c->kind = protocols[i].kind;
	c->some = c->kind != FILTER_ALL;
	w->at++;
	word = fault_next(w);
	if ((c->kind != FILTER_TCP && c->kind != FILTER_UDP) || !word || *word < '0' ||
	    *word > '9')
		return 1;
	port = strtol(word, &end, 10);
	if (*end || port < 1 || port > 65535)
		return fault_wrong(w, "expected a port in 1-65535, got '%s'", word);
	c->port = (int)port;
	w->at++;
	return 1;
}

static int opt_protocol(struct fault_call *c, struct fault_words *w)
{
	const char *names[NPROTOCOL + 2] = { [NPROTOCOL] = "in", "out" };
	const char *word = fault_next(w);
	bool directed = c->link || !c->in || !c->out;
	size_t i;
	int r;

	if (!word)
		return 0;
	r = take_protocol(c, w);
	for (i = 0; r == 0 && i < NPROTOCOL; i++)
		names[i] = protocols[i].name;
	if (r == 0)
		return fault_wrong_name(w, directed ? "protocol" : "direction or protocol",
					word, names, NPROTOCOL + (directed ? 0 : 2));
	return r < 0 ? -1 : fault_no_more(c, w);
}

/*
 * "[in|out]", as the node sees it; neither: both. On a whole link a frame is
 * treated once, on its way out of the switch.
 */
static int take_direction(struct fault_call *c, struct fault_words *w)
{
	const char *word = fault_next(w);
	bool in = word && !strcmp(word, "in"), out = word && !strcmp(word, "out");

	c->in = !out;
	c->out = c->node && !in;
	if (!in && !out)
		return 0;
	if (c->link)
		return fault_wrong(
			w, "'%s' is a whole link: a direction belongs to a node",
			c->link->name);
	w->at++;
	return 0;
}

/* "[in|out] [PROTOCOL]" */
static int take_frames(struct fault_call *c, struct fault_words *w)
{
	return take_direction(c, w) < 0 ? -1 : opt_protocol(c, w);
}

int fault_words_drop(struct fault_call *c, struct fault_words *w)
{
	c->share = 1;
	return take_target(c, w) < 0 ? -1 : take_frames(c, w);
}

int fault_words_share(struct fault_call *c, struct fault_words *w)
{
	const char *word;
	char *end = NULL;

	if (take_target(c, w) < 0)
		return -1;
	word = fault_next(w);
	c->share = word ? strtod(word, &end) / 100 : -1;
	if (!word || end == word || strcmp(end, "%") != 0 ||
	    !(c->share >= 0 && c->share <= 1))
		return fault_wrong(w, "expected a share like '1%%' or '0.5%%'%s%s%s",
				   word ? ", got '" : "", word ? word : "",
				   word ? "'" : "");
	w->at++;
	return take_frames(c, w);
}

int fault_words_span(struct fault_call *c, struct fault_words *w)
{
	if (take_target(c, w) < 0 || fault_take_span(w, "5ms", &c->ns) < 0)
		return -1;
	return take_frames(c, w);
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
	word = fault_next(w);
	if (word)
		n = strtod(word, &end);
	for (i = 0; word && end > word && i < 4; i++)
		if (!strcmp(end, units[i].unit))
			break;
	if (!word || end == word || i == 4 || !(n >= 0 && n * units[i].bits <= 1e12))
		return fault_wrong(w, "expected a rate like '10mbit'%s%s%s",
				   word ? ", got '" : "", word ? word : "",
				   word ? "'" : "");
	c->number = (int64_t)(n * units[i].bits);
	w->at++;
	return take_frames(c, w);
}

int fault_words_target(struct fault_call *c, struct fault_words *w)
{
	return take_target(c, w) < 0 ? -1 : fault_no_more(c, w);
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
	if (fault_take_node(c, w, &c->node) < 0 || fault_take_node(c, w, &c->peer) < 0)
		return -1;
	w->at--;
	if (c->node == c->peer)
		return fault_wrong(w, "'%s' twice", c->node->name);
	if (!share_a_link(c->node, c->peer))
		return fault_wrong(w, "'%s' and '%s' have no link in common",
				   c->node->name, c->peer->name);
	w->at++;
	return 0;
}

int fault_words_cut(struct fault_call *c, struct fault_words *w)
{
	const char *names[NPROTOCOL + 2] = { "one-way", "both" }, *word;
	bool has_protocol = false;
	size_t i;
	int r;

	c->share = 1;
	if (take_pair(c, w) < 0)
		return -1;
	for (i = 0; i < NPROTOCOL; i++)
		names[i + 2] = protocols[i].name;
	while ((word = fault_next(w))) {
		if (!strcmp(word, "one-way") || !strcmp(word, "both")) {
			c->one_way = *word == 'o';
			w->at++;
			continue;
		}
		if (has_protocol)
			return fault_wrong(w, "one protocol a cut: make it two");
		r = take_protocol(c, w);
		if (r == 0)
			return fault_wrong_name(w, "kind of cut", word, names,
						NPROTOCOL + 2);
		if (r < 0)
			return -1;
		has_protocol = true;
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
	return fault_no_more(c, w);
}
