/* `node NAME { … }` in a case: how its topology differs from the shared one. */
#include "case_read.h"

#include <stdlib.h>
#include <string.h>

#include "block.h"

/* True when `text` ("192.168.31.200/32") is the address `word`, prefix or not. */
static bool same_addr(const char *text, const char *word)
{
	size_t n = strcspn(text, "/");

	if (strchr(word, '/'))
		return strcmp(text, word) == 0;
	return strlen(word) == n && strncmp(text, word, n) == 0;
}

static size_t drop_addr(struct topo_if *i, const char *word)
{
	size_t from, kept = 0, dropped;

	for (from = 0; from < i->naddr; from++) {
		if (same_addr(i->addr[from].text, word))
			free(i->addr[from].text);
		else
			i->addr[kept++] = i->addr[from];
	}
	dropped = i->naddr - kept;
	i->naddr = kept;
	return dropped;
}

static void no_address(struct topo_node *n, const struct block_stmt *s,
		       struct block_diag *d)
{
	size_t i, dropped = 0;

	for (i = 0; i < n->nif; i++)
		dropped += drop_addr(&n->ifs[i], s->word[2].text);
	if (!dropped)
		block_error_at(d, s, 2, "%s has no address '%s' in this topology", n->name,
			       s->word[2].text);
}

static void no_route(struct topo_node *n, const struct block_stmt *s,
		     struct block_diag *d)
{
	const char *word = s->word[2].text;
	size_t from, kept = 0;
	struct topo_route *r;
	bool match;

	for (from = 0; from < n->nroute; from++) {
		r = &n->route[from];
		match = r->is_default ? strcmp(word, "default") == 0 :
					r->dst.text && same_addr(r->dst.text, word);
		if (match) {
			free(r->dst.text);
			free(r->via.text);
			free(r->dev);
		} else {
			n->route[kept++] = *r;
		}
	}
	if (kept == n->nroute)
		block_error_at(d, s, 2, "%s has no route '%s' in this topology", n->name, word);
	n->nroute = kept;
}

static void no_sysctl(struct topo_node *n, const struct block_stmt *s,
		      struct block_diag *d)
{
	size_t i;

	for (i = 0; i < n->nsysctl; i++)
		if (strcmp(n->sysctl[i].key, s->word[2].text) == 0)
			break;
	if (i == n->nsysctl) {
		block_error_at(d, s, 2, "%s has no sysctl '%s' in this topology", n->name,
			       s->word[2].text);
		return;
	}
	free(n->sysctl[i].key);
	free(n->sysctl[i].value);
	memmove(&n->sysctl[i], &n->sysctl[i + 1],
		(n->nsysctl - i - 1) * sizeof(*n->sysctl));
	n->nsysctl--;
}

static void read_no(void *to, const struct block_stmt *s, struct block_diag *d)
{
	static const char *const names[] = { "address", "route", "sysctl" };
	static void (*const fn[])(struct topo_node *, const struct block_stmt *,
				  struct block_diag *) = { no_address, no_route, no_sysctl };
	const char *near;
	size_t i;

	for (i = 0; i < 3; i++) {
		if (strcmp(names[i], s->word[1].text) == 0) {
			fn[i](to, s, d);
			return;
		}
	}
	near = block_nearest(s->word[1].text, names, 3);
	block_error_at(d, s, 1, "'no' takes away an address, a route or a sysctl, not a "
		       "'%s'%s%s%s", s->word[1].text, near ? "; did you mean '" : "",
		       near ? near : "", near ? "'?" : "");
}

static void read_sysctl(void *to, const struct block_stmt *s, struct block_diag *d)
{
	struct topo_node *n = to;
	struct topo_sysctl *sc;
	size_t i;

	(void)d;
	for (i = 0; i < n->nsysctl; i++) {
		if (strcmp(n->sysctl[i].key, s->word[1].text) == 0) {
			case_set_text(&n->sysctl[i].value, s, 2);
			return;
		}
	}
	sc = case_append(&n->sysctl, &n->nsysctl, sizeof(*sc));
	case_set_text(&sc->key, s, 1);
	case_set_text(&sc->value, s, 2);
}

const struct case_word case_node_words[] = {
	{ "no", read_no, 2, "no address 192.168.31.200" },
	{ "sysctl", read_sysctl, 2, "sysctl net.ipv4.ip_forward 1" },
	{ NULL, NULL, 0, NULL },
};

void case_read_node(void *to, const struct block_stmt *s, struct block_diag *d)
{
	struct case_ *c = to;
	struct topo_node *n;

	if (!c->topo) { /* reported already when its topology was no good */
		if (!block_find(c->tree->first->body, "topology", NULL) || !d->errors)
			block_error_at(d, s, 0, "put 'topology' above the nodes that it has");
		return;
	}
	n = topology_node(c->topo, s->word[1].text);
	if (!n)
		block_error_at(d, s, 1, "topology %s has no node '%s'", c->topo->name,
			       s->word[1].text);
	else
		case_read_block(n, s->body, case_node_words, "node", d);
}
