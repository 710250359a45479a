/*
 * The reader of topology.conf: statements to structs. Each word has a handler;
 * a handler reports its own mistakes and reading goes on, so that one run finds
 * as many as possible.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "sysctl.h"
#include "topology.h"

#define MAX_NODES 65000 /* two bytes of every MAC say which node it is */
#define MAX_IFS	  200
#define LEN(a)	  (sizeof(a) / sizeof((a)[0]))

struct reader {
	struct topology *t;
	struct block_diag *d;
};

/* Appends a zeroed element to an array of `n`; NULL and an error when it cannot. */
static void *append(struct block_diag *d, const struct block_stmt *s, void *array,
		    size_t *n, size_t size)
{
	void **base = array;
	char *p = reallocarray(*base, *n + 1, size);

	if (!p) {
		block_error_at(d, s, 0, "out of memory");
		return NULL;
	}
	*base = p;
	p += *n * size;
	(*n)++;
	return memset(p, 0, size);
}

static char *copy_text(struct block_diag *d, const struct block_stmt *s, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		block_error_at(d, s, 0, "out of memory");
	return copy;
}

/* Whether a statement has lo..hi words after its name and a body or none. */
static bool shape(struct block_diag *d, const struct block_stmt *s, size_t lo, size_t hi,
		  bool body, const char *usage)
{
	if (s->nword - 1 < lo || s->nword - 1 > hi || !s->body == body) {
		block_error_at(d, s, s->nword - 1 < lo ? s->nword : s->nword > hi + 1 ? hi + 1 : 0,
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

/* "1.2.3.4/24"; without a prefix length when `bare`. 0 or -1, said. */
static int read_addr(struct block_diag *d, const struct block_stmt *s, size_t i,
		     bool bare, struct topo_addr *a)
{
	const char *text = s->word[i].text, *slash = strchr(text, '/');
	char ip[INET6_ADDRSTRLEN];
	char *end = NULL;
	long plen = 0;
	size_t len;
	int max;

	if (!slash && !bare) {
		block_error_at(d, s, i, "an address here needs its prefix length, like "
					"'192.168.31.54/24', got '%s'", text);
		return -1;
	}
	len = slash ? (size_t)(slash - text) : strlen(text);
	if (len >= sizeof(ip))
		len = 0;
	memcpy(ip, text, len);
	ip[len] = '\0';
	a->family = strchr(ip, ':') ? AF_INET6 : AF_INET;
	max = a->family == AF_INET ? 32 : 128;
	if (slash && isdigit((unsigned char)slash[1]))
		plen = strtol(slash + 1, &end, 10);
	if (inet_pton(a->family, ip, &a->v6) != 1 || (slash && bare) ||
	    (slash && (!end || *end || plen > max))) {
		block_error_at(d, s, i, "not an address%s: '%s'",
			       bare ? "" : " with a prefix length", text);
		return -1;
	}
	a->prefixlen = slash ? (int)plen : max;
	a->text = copy_text(d, s, text);
	return a->text ? 0 : -1;
}

/* --- words inside a node --- */

static void read_addrs(struct reader *r, struct topo_if *ifc, const struct block_stmt *s,
		       size_t from)
{
	struct topo_addr *a, read = { 0 };
	size_t i, k;

	for (i = from; i < s->nword; i++) {
		if (read_addr(r->d, s, i, false, &read) < 0)
			continue;
		for (k = 0; k < ifc->naddr; k++)
			if (topo_addr_same(&ifc->addr[k], &read))
				block_error_at(r->d, s, i, "'%s' is given twice",
					       read.text);
		a = append(r->d, s, &ifc->addr, &ifc->naddr, sizeof(*ifc->addr));
		if (a)
			*a = read;
		else
			free(read.text);
	}
}

static struct topo_link *find_link(struct reader *r, const struct block_stmt *s, size_t i)
{
	struct topo_link *l = topology_link(r->t, s->word[i].text);
	const char **names;
	const char *near = NULL;
	size_t k;

	if (l)
		return l;
	names = calloc(r->t->nlink + 1, sizeof(*names));
	for (k = 0; names && k < r->t->nlink; k++)
		names[k] = r->t->link[k].name;
	if (names)
		near = block_nearest(s->word[i].text, names, r->t->nlink);
	block_error_at(r->d, s, i, "no link '%s' above%s%s%s", s->word[i].text,
		       near ? "; did you mean '" : "", near ? near : "",
		       near ? "'?" : "");
	free(names);
	return NULL;
}

static void word_interface(struct reader *r, struct topo_node *n,
			   const struct block_stmt *s)
{
	struct topo_link *l;
	struct topo_if *ifc;
	const char *name;

	if (!shape(r->d, s, 2, SIZE_MAX - 1, false, "interface NAME LINK [ADDRESS/LEN…]"))
		return;
	name = s->word[1].text;
	l = find_link(r, s, 2);
	if (!*name || strlen(name) >= IFNAMSIZ || strpbrk(name, "/ \t:") ||
	    !strcmp(name, ".") || !strcmp(name, "..") || !strcmp(name, "lo"))
		block_error_at(r->d, s, 1,
			       "an interface has a name of 1-%d characters, without "
			       "'/' and ':' and not 'lo', got '%s'", IFNAMSIZ - 1, name);
	if (topology_if(n, name)) {
		block_error_at(r->d, s, 1, "'%s' has an interface '%s' already", n->name,
			       name);
		return;
	}
	if (n->nif >= MAX_IFS) {
		block_error_at(r->d, s, 1, "more than %d interfaces", MAX_IFS);
		return;
	}
	ifc = append(r->d, s, &n->ifs, &n->nif, sizeof(*n->ifs));
	if (!ifc)
		return;
	ifc->link = l;
	ifc->name = copy_text(r->d, s, name);
	read_addrs(r, ifc, s, 3);
}

static void word_lo(struct reader *r, struct topo_node *n, const struct block_stmt *s)
{
	struct topo_if *ifc;

	if (!shape(r->d, s, 1, SIZE_MAX - 1, false, "lo ADDRESS/LEN…"))
		return;
	ifc = topology_if(n, "lo");
	if (!ifc) {
		ifc = append(r->d, s, &n->ifs, &n->nif, sizeof(*n->ifs));
		if (!ifc)
			return;
		ifc->name = copy_text(r->d, s, "lo");
		if (!ifc->name) {
			n->nif--;
			return;
		}
	}
	read_addrs(r, ifc, s, 1);
}

static void word_route(struct reader *r, struct topo_node *n, const struct block_stmt *s)
{
	static const char usage[] = "route default|NET/LEN [via ADDRESS] [dev INTERFACE]";
	struct topo_route *rt;
	size_t i;

	if (!shape(r->d, s, 3, 5, false, usage))
		return;
	rt = append(r->d, s, &n->route, &n->nroute, sizeof(*n->route));
	if (!rt)
		return;
	rt->is_default = !strcmp(s->word[1].text, "default");
	if (!rt->is_default && read_addr(r->d, s, 1, false, &rt->dst) < 0)
		return;
	for (i = 2; i + 1 < s->nword; i += 2) {
		if (!strcmp(s->word[i].text, "via") && !rt->via.text) {
			if (read_addr(r->d, s, i + 1, true, &rt->via) < 0)
				return;
		} else if (!strcmp(s->word[i].text, "dev") && !rt->dev) {
			rt->dev = copy_text(r->d, s, s->word[i + 1].text);
			if (!topology_if(n, s->word[i + 1].text))
				block_error_at(r->d, s, i + 1,
					       "'%s' has no interface '%s' above",
					       n->name, s->word[i + 1].text);
		} else {
			break;
		}
	}
	if (i < s->nword)
		block_error_at(r->d, s, i, "expected: %s", usage);
	else if (rt->is_default && !rt->via.text)
		block_error_at(r->d, s, 1, "a default route needs 'via ADDRESS'");
	else if (rt->via.text && !rt->is_default && rt->via.family != rt->dst.family)
		block_error_at(r->d, s, 1, "'%s' and '%s' are of two families",
			       rt->dst.text, rt->via.text);
}

static void word_sysctl(struct reader *r, struct topo_node *n, const struct block_stmt *s)
{
	struct topo_sysctl *c;

	if (!shape(r->d, s, 2, 2, false, "sysctl KEY VALUE"))
		return;
	if (!sysctl_is_per_node(s->word[1].text) || strstr(s->word[1].text, "..")) {
		block_error_at(r->d, s, 1,
			       "only net.* belongs to a node, the rest to the whole "
			       "machine; got '%s'", s->word[1].text);
		return;
	}
	c = append(r->d, s, &n->sysctl, &n->nsysctl, sizeof(*n->sysctl));
	if (!c)
		return;
	c->key = copy_text(r->d, s, s->word[1].text);
	c->value = copy_text(r->d, s, s->word[2].text);
}

static void word_web(struct reader *r, struct topo_node *n, const struct block_stmt *s)
{
	struct topo_web *w;
	int64_t port;
	size_t i;

	if (!shape(r->d, s, 2, 2, false, "web PORT \"BODY\"") ||
	    block_int(r->d, s, 1, 1, 65535, &port) < 0)
		return;
	for (i = 0; i < n->nweb; i++)
		if (n->web[i].port == port)
			block_error_at(r->d, s, 1, "port %d is given twice", (int)port);
	w = append(r->d, s, &n->web, &n->nweb, sizeof(*n->web));
	if (!w)
		return;
	w->port = (int)port;
	w->body = copy_text(r->d, s, s->word[2].text);
}

static const struct {
	const char *name;
	void (*read)(struct reader *r, struct topo_node *n, const struct block_stmt *s);
} node_words[] = {
	{ "interface", word_interface }, { "lo", word_lo },   { "route", word_route },
	{ "sysctl", word_sysctl },	 { "web", word_web },
};

static void unknown(struct block_diag *d, const struct block_stmt *s,
		    const char *const *names, size_t n, const char *where)
{
	const char *near = block_nearest(s->word[0].text, names, n);

	block_error_at(d, s, 0, "unknown word '%s' in a %s%s%s%s", s->word[0].text, where,
		       near ? "; did you mean '" : "", near ? near : "",
		       near ? "'?" : "");
}

static void read_node_word(struct reader *r, struct topo_node *n,
			   const struct block_stmt *s)
{
	const char *names[LEN(node_words)];
	size_t i;

	for (i = 0; i < LEN(node_words); i++) {
		names[i] = node_words[i].name;
		if (!strcmp(s->word[0].text, names[i])) {
			node_words[i].read(r, n, s);
			return;
		}
	}
	unknown(r->d, s, names, LEN(node_words), "node");
}

/* --- words inside a topology --- */

static const struct {
	const char *name;
	enum topo_role role;
} roles[] = {
	{ "director", ROLE_DIRECTOR }, { "server", ROLE_SERVER }, { "client", ROLE_CLIENT },
	{ "router", ROLE_ROUTER },     { "node", ROLE_OTHER },
};

static void set_macs(struct topo_node *n)
{
	unsigned int id = (unsigned int)n->index + 1;
	size_t i;

	for (i = 0; i < n->nif; i++) {
		const uint8_t mac[ETH_ALEN] = { 0x02, 0, 0, (uint8_t)(id >> 8),
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

	if (topology_node(r->t, name)) {
		block_error_at(r->d, s, 1, "a node '%s' is there already", name);
		return;
	}
	if (r->t->nnode >= MAX_NODES) {
		block_error_at(r->d, s, 1, "more than %d nodes", MAX_NODES);
		return;
	}
	n = append(r->d, s, &r->t->node, &r->t->nnode, sizeof(*r->t->node));
	if (!n)
		return;
	n->role = role;
	n->index = (int)r->t->nnode - 1;
	n->name = copy_text(r->d, s, name);
	if (!n->name) {
		r->t->nnode--;
		return;
	}
	for (in = s->body->first; in; in = in->next)
		read_node_word(r, n, in);
	set_macs(n);
	if (n->nweb && role != ROLE_SERVER)
		block_warning_at(r->d, s, 0, "'%s' is no server: its web words do nothing",
				 name);
}

static void read_node(struct reader *r, const struct block_stmt *s, enum topo_role role)
{
	unsigned int errors = r->d->errors, k;
	int64_t count = 1;
	char name[80];

	if (!shape(r->d, s, 1, 2, true, "director|server|client|router|node NAME [COUNT] {") ||
	    !good_name(r->d, s, 1, 32))
		return;
	if (s->nword == 2) {
		read_one_node(r, s, role, s->word[1].text);
		return;
	}
	if (block_int(r->d, s, 2, 1, MAX_NODES, &count) < 0)
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

	if (!shape(r->d, s, 1, 1, false, "link NAME") ||
	    !good_name(r->d, s, 1, IFNAMSIZ - 1))
		return;
	if (topology_link(r->t, s->word[1].text) || !strcmp(s->word[1].text, "lo")) {
		block_error_at(r->d, s, 1, "a link '%s' is there already", s->word[1].text);
		return;
	}
	l = append(r->d, s, &r->t->link, &r->t->nlink, sizeof(*r->t->link));
	if (l)
		l->name = copy_text(r->d, s, s->word[1].text);
	if (l && !l->name)
		r->t->nlink--;
}

static void read_about(struct reader *r, const struct block_stmt *s)
{
	if (!shape(r->d, s, 1, 1, false, "about \"WHAT IT IS\""))
		return;
	free(r->t->about);
	r->t->about = copy_text(r->d, s, s->word[1].text);
}

/* Links first: interfaces point to them, and the array must not move then. */
static void read_body(struct reader *r, const struct block_stmt *top)
{
	static const char *const names[] = { "about", "link", "director", "server",
					     "client", "router", "node" };
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
			unknown(r->d, s, names, LEN(names), "topology");
	}
	if (!r->t->nnode)
		block_error_at(r->d, top, 1, "a topology without nodes");
}

/* Two interfaces with one address: whoever is asked first answers. */
static void check_addresses(struct reader *r, const struct block_stmt *top)
{
	const struct topo_node *n, *other;
	char ip[INET6_ADDRSTRLEN];
	size_t i, k, j;

	for (i = 0; i < r->t->nnode; i++) {
		n = &r->t->node[i];
		for (k = 0; k < n->nif; k++)
			for (j = 0; n->ifs[k].link && j < n->ifs[k].naddr; j++) {
				inet_ntop(n->ifs[k].addr[j].family, &n->ifs[k].addr[j].v6, ip,
					  sizeof(ip));
				other = topology_by_ip(r->t, ip);
				if (other && other != n)
					block_error_at(r->d, top, 1,
						       "'%s' and '%s' both have %s",
						       other->name, n->name, ip);
			}
	}
}

static struct block_stmt *only_topology(struct reader *r, const struct block *b,
					const char *path)
{
	static const char *const names[] = { "topology" };
	struct block_stmt *s, *top = NULL;

	for (s = b->first; s; s = s->next) {
		if (strcmp(s->word[0].text, "topology") != 0)
			unknown(r->d, s, names, 1, "topology file");
		else if (top)
			block_error_at(r->d, s, 0, "a second topology");
		else if (shape(r->d, s, 1, 1, true, "topology NAME {") &&
			 good_name(r->d, s, 1, 64))
			top = s;
	}
	if (!top && !r->d->errors)
		block_error(r->d, path, 1, 1, "there is no 'topology NAME {' in it");
	return top;
}

struct topology *topology_load(const char *dir, struct block_diag *d)
{
	struct reader r = { .d = d };
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
		r.t->name = copy_text(d, top, top->word[1].text);
		r.t->dir = copy_text(d, top, dir);
		read_body(&r, top);
		check_addresses(&r, top);
	}
	block_free(b);
	if (d->errors == errors)
		return r.t;
	topology_free(r.t);
	return NULL;
}
