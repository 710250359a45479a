/*
 * The reader of topology.conf: statements to structs. Each word has a handler;
 * a handler reports its own mistakes and reading goes on, so that one run finds
 * as many as possible.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topology_impl.h"

#define MAX_NODES 65000 /* two bytes of every MAC say which node it is */
#define LEN(a)	  (sizeof(a) / sizeof((a)[0]))

void *topo_append(struct reader *r, const struct block_stmt *s, void *array, size_t *n,
		  size_t size)
{
	void **base = array;
	char *p = *base;

	/* Room doubles at 1, 2, 4…; n alone tells when it is full. */
	if (!(*n & (*n - 1))) {
		p = reallocarray(p, *n ? *n * 2 : 1, size);
		if (!p) {
			block_error_at(r->d, s, 0, "out of memory");
			return NULL;
		}
		*base = p;
	}
	p += *n * size;
	(*n)++;
	return memset(p, 0, size);
}

char *topo_text(struct reader *r, const struct block_stmt *s, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		block_error_at(r->d, s, 0, "out of memory");
	return copy;
}

bool topo_shape(struct reader *r, const struct block_stmt *s, size_t lo, size_t hi,
		bool body, const char *usage)
{
	if (s->nword - 1 < lo || s->nword - 1 > hi || !s->body == body) {
		block_error_at(r->d, s,
			       s->nword - 1 < lo   ? s->nword
			       : s->nword > hi + 1 ? hi + 1
						   : 0,
			       "expected: %s", usage);
		return false;
	}
	return true;
}

/* Names become file names, host names, parts of device names. */
static bool good_name(struct block_diag *d, const struct block_stmt *s, size_t i,
		      size_t max)
{
	const char *name = s->word[i].text, *c;

	if (!isalnum((unsigned char)name[0]) || strlen(name) > max)
		goto bad;
	for (c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '_' && *c != '-')
			goto bad;
	return true;
bad:
	block_error_at(d, s, i,
		       "a name is 1-%zu letters, digits, '_' or '-' and starts with a "
		       "letter or digit, got '%s'",
		       max, name);
	return false;
}

void topo_unknown(struct reader *r, const struct block_stmt *s,
		  const char *const *names, size_t n, const char *where)
{
	const char *near = block_nearest(s->word[0].text, names, n);

	block_error_at(r->d, s, 0, "unknown word '%s' in a %s%s%s%s", s->word[0].text,
		       where, near ? "; did you mean '" : "", near ? near : "",
		       near ? "'?" : "");
}

/* --- words inside a topology --- */

static const struct {
	const char *name;
	enum topo_role role;
} roles[] = {
	{ "director", ROLE_DIRECTOR }, { "server", ROLE_SERVER },
	{ "client", ROLE_CLIENT },     { "router", ROLE_ROUTER },
	{ "node", ROLE_OTHER },
};

static void set_macs(struct topo_node *n)
{
	unsigned int id = (unsigned int)n->index + 1;
	size_t i;

	for (i = 0; i < n->nif; i++) {
		const uint8_t mac[ETH_ALEN] = { 0x02,	     0,
						0,	     (uint8_t)(id >> 8),
						(uint8_t)id, (uint8_t)(i + 1) };

		if (n->ifs[i].link)
			memcpy(n->ifs[i].mac, mac, ETH_ALEN);
	}
}

/* Adds `k` to an address; the carry stops at the family's end. */
static void count_up(struct topo_addr *a, unsigned int k)
{
	uint8_t *b = (uint8_t *)&a->v6;
	size_t i = a->family == AF_INET ? 4 : 16;

	while (k && i-- > 0) {
		k += b[i];
		b[i] = (uint8_t)k;
		k >>= 8;
	}
}

static char *addr_text(const struct topo_addr *a)
{
	char ip[INET6_ADDRSTRLEN], *text;

	inet_ntop(a->family, &a->v6, ip, sizeof(ip));
	return asprintf(&text, "%s/%d", ip, a->prefixlen) < 0 ? NULL : text;
}

/* Node `k` (from 0) of many: name, addresses and bodies get its number. */
static void number(struct reader *r, struct topo_node *n, const struct block_stmt *s,
		   unsigned int k)
{
	size_t i, j;
	char *old, *at;

	n->number = k + 1;
	n->many = topo_text(r, s, s->word[1].text);
	for (i = 0; i < n->nif; i++)
		for (j = 0; n->ifs[i].link && j < n->ifs[i].naddr; j++) {
			struct topo_addr *a = &n->ifs[i].addr[j];

			count_up(a, k);
			free(a->text);
			a->text = addr_text(a);
			if (!a->text)
				block_error_at(r->d, s, 0, "out of memory");
		}
	for (i = 0; i < n->nweb; i++) {
		old = n->web[i].body;
		at = old ? strstr(old, "%n") : NULL;
		if (!at)
			continue;
		if (asprintf(&n->web[i].body, "%.*s%u%s", (int)(at - old), old, k + 1,
			     at + 2) < 0) {
			n->web[i].body = NULL;
			block_error_at(r->d, s, 0, "out of memory");
		}
		free(old);
	}
}

static void read_one_node(struct reader *r, const struct block_stmt *s,
			  enum topo_role role, const char *name)
{
	struct topo_node *n;
	struct block_stmt *in;

	if (topology_node(r->t, name) || topology_link(r->t, name)) {
		block_error_at(r->d, s, 1, "a %s '%s' is there already",
			       topology_link(r->t, name) ? "link" : "node", name);
		return;
	}
	if (r->t->nnode >= MAX_NODES) {
		block_error_at(r->d, s, 1, "more than %d nodes", MAX_NODES);
		return;
	}
	n = topo_append(r, s, &r->t->node, &r->t->nnode, sizeof(*r->t->node));
	if (!n)
		return;
	n->role = role;
	n->index = (int)r->t->nnode - 1;
	n->name = topo_text(r, s, name);
	if (n->name && topology_name_last(r->t) < 0) {
		block_error_at(r->d, s, 0, "out of memory");
		free(n->name);
		n->name = NULL;
	}
	if (!n->name) {
		r->t->nnode--;
		return;
	}
	for (in = s->body->first; in; in = in->next)
		topo_node_word(r, n, in);
	set_macs(n);
	if (n->nweb && role != ROLE_SERVER)
		block_warning_at(r->d, s, 0,
				 "'%s' is no server: its web words do nothing", name);
}

/* Whether the case has another count for `name`; -1: a bad one, said. */
static int other_count(struct reader *r, const char *name, int64_t *count)
{
	size_t i;

	for (i = 0; i < r->ncount; i++) {
		if (strcmp(r->count[i].stmt->word[0].text, name) != 0)
			continue;
		r->count[i].used = true;
		return block_int(r->d, r->count[i].stmt, 1, 1, MAX_NODES, count);
	}
	return 0;
}

static void read_node(struct reader *r, const struct block_stmt *s, enum topo_role role)
{
	unsigned int errors = r->d->errors, k;
	int64_t count = 1;
	char name[80];

	if (!topo_shape(r, s, 1, 2, true,
			"director|server|client|router|node NAME [COUNT] {") ||
	    !good_name(r->d, s, 1, 32))
		return;
	if (s->nword == 2) {
		read_one_node(r, s, role, s->word[1].text);
		return;
	}
	if (block_int(r->d, s, 2, 1, MAX_NODES, &count) < 0 ||
	    other_count(r, s->word[1].text, &count) < 0)
		return;
	/* The first mistake is in all of them. */
	for (k = 0; k < count && r->d->errors == errors; k++) {
		snprintf(name, sizeof(name), "%s%u", s->word[1].text, k + 1);
		read_one_node(r, s, role, name);
		if (r->d->errors == errors)
			number(r, &r->t->node[r->t->nnode - 1], s, k);
	}
}

static void read_link(struct reader *r, const struct block_stmt *s)
{
	struct topo_link *l;

	if (!topo_shape(r, s, 1, 1, false, "link NAME") ||
	    !good_name(r->d, s, 1, IFNAMSIZ - 1))
		return;
	if (topology_link(r->t, s->word[1].text) || !strcmp(s->word[1].text, "lo")) {
		block_error_at(r->d, s, 1, "a link '%s' is there already",
			       s->word[1].text);
		return;
	}
	l = topo_append(r, s, &r->t->link, &r->t->nlink, sizeof(*r->t->link));
	if (l)
		l->name = topo_text(r, s, s->word[1].text);
	if (l && !l->name)
		r->t->nlink--;
}

static void read_about(struct reader *r, const struct block_stmt *s)
{
	if (!topo_shape(r, s, 1, 1, false, "about \"WHAT IT IS\""))
		return;
	free(r->t->about);
	r->t->about = topo_text(r, s, s->word[1].text);
}

const char *const topo_words[] = { "about",  "link",   "director", "server",
				   "client", "router", "node",	   NULL };

/* Links first: interfaces point to them, and the array must not move then. */
static void read_body(struct reader *r, const struct block_stmt *top)
{
	struct block_stmt *s;
	const char *word;
	size_t i;

	for (s = top->body->first; s; s = s->next)
		if (!strcmp(s->word[0].text, "link"))
			read_link(r, s);
	for (s = top->body->first; s; s = s->next) {
		word = s->word[0].text;
		for (i = 0; i < LEN(roles) && strcmp(word, roles[i].name) != 0; i++)
			;
		if (i < LEN(roles))
			read_node(r, s, roles[i].role);
		else if (!strcmp(word, "about"))
			read_about(r, s);
		else if (strcmp(word, "link") != 0)
			topo_unknown(r, s, topo_words, LEN(topo_words) - 1, "topology");
	}
	if (!r->t->nnode)
		block_error_at(r->d, top, 1, "a topology without nodes");
}

struct owned {
	const struct topo_addr *a;
	const struct topo_node *n;
};

static int by_address(const void *x, const void *y)
{
	const struct owned *p = x, *q = y;
	int c = p->a->family - q->a->family;

	if (!c)
		c = memcmp(&p->a->v6, &q->a->v6, p->a->family == AF_INET ? 4 : 16);
	return c ? c : (p->n->index > q->n->index) - (p->n->index < q->n->index);
}

/* All addresses but those of lo, sorted; their number in *count. NULL: no memory. */
static struct owned *list_addresses(const struct topology *t, size_t *count)
{
	struct owned *v;
	size_t i, k, j, n = 0;

	for (i = 0; i < t->nnode; i++)
		for (k = 0; k < t->node[i].nif; k++)
			n += t->node[i].ifs[k].naddr;
	v = calloc(n + 1, sizeof(*v));
	*count = 0;
	for (i = 0; v && i < t->nnode; i++)
		for (k = 0; k < t->node[i].nif; k++) {
			const struct topo_if *ifc = &t->node[i].ifs[k];

			for (j = 0; ifc->link && j < ifc->naddr; j++)
				v[(*count)++] =
					(struct owned){ &ifc->addr[j], &t->node[i] };
		}
	if (v)
		qsort(v, *count, sizeof(*v), by_address);
	return v;
}

/* Two nodes with one address: whoever is asked first answers. */
static void check_addresses(struct reader *r, const struct block_stmt *top)
{
	char ip[INET6_ADDRSTRLEN];
	size_t i, n;
	struct owned *v = list_addresses(r->t, &n);

	if (!v)
		block_error_at(r->d, top, 0, "out of memory");
	for (i = 1; v && i < n; i++) {
		if (!topo_addr_same(v[i - 1].a, v[i].a) || v[i - 1].n == v[i].n)
			continue;
		inet_ntop(v[i].a->family, &v[i].a->v6, ip, sizeof(ip));
		block_error_at(r->d, top, 1, "'%s' and '%s' both have %s",
			       v[i - 1].n->name, v[i].n->name, ip);
	}
	free(v);
}

static struct block_stmt *only_topology(struct reader *r, const struct block *b,
					const char *path)
{
	static const char *const names[] = { "topology" };
	struct block_stmt *s, *top = NULL;

	for (s = b->first; s; s = s->next) {
		if (strcmp(s->word[0].text, "topology") != 0)
			topo_unknown(r, s, names, 1, "topology file");
		else if (top)
			block_error_at(r->d, s, 0, "a second topology");
		else if (topo_shape(r, s, 1, 1, true, "topology NAME {") &&
			 good_name(r->d, s, 1, 64))
			top = s;
	}
	if (!top && !r->d->errors)
		block_error(r->d, path, 1, 1, "there is no 'topology NAME {' in it");
	return top;
}

/* Counts that the case has for nodes that this topology has not, or has one of. */
static void unused_counts(const struct reader *r)
{
	const char *names[16], *near;
	size_t i, k, n = 0;

	for (i = 0; i < r->t->nnode && n < LEN(names); i++)
		if (r->t->node[i].number == 1)
			names[n++] = r->t->node[i].many;
	for (k = 0; k < r->ncount; k++) {
		if (r->count[k].used)
			continue;
		near = block_nearest(r->count[k].stmt->word[0].text, names, n);
		block_error_at(r->d, r->count[k].stmt, 0,
			       "topology %s has no '%s' with a number%s%s%s", r->t->name,
			       r->count[k].stmt->word[0].text,
			       near ? ", did you mean '" :
			       n    ? "; it has '" :
				      "; nor any other",
			       near ? near : n ? names[0] : "",
			       near ? "'?" : n ? "'" : "");
	}
}

struct topology *topology_load(const char *dir, struct block_diag *d)
{
	return topology_load_with(dir, NULL, 0, d);
}

struct topology *topology_load_with(const char *dir, struct topo_count *count, size_t n,
				    struct block_diag *d)
{
	struct reader r = { .d = d, .count = count, .ncount = n };
	unsigned int errors = d->errors;
	struct block_stmt *top;
	char path[PATH_MAX];
	struct block *b;

	if (snprintf(path, sizeof(path), "%s/topology.conf", dir) >= PATH_MAX) {
		block_error(d, dir, 1, 1, "the path is too long");
		return NULL;
	}
	b = block_read(path, d);
	if (!b)
		return NULL;
	r.t = calloc(1, sizeof(*r.t));
	top = r.t ? only_topology(&r, b, path) : NULL;
	if (!r.t)
		block_error(d, path, 1, 1, "out of memory");
	if (top) {
		r.t->name = topo_text(&r, top, top->word[1].text);
		r.t->dir = topo_text(&r, top, dir);
		read_body(&r, top);
		check_addresses(&r, top);
		unused_counts(&r);
	}
	block_free(b);
	if (d->errors == errors)
		return r.t;
	topology_free(r.t);
	return NULL;
}
