/* The reader of topology.conf: the words inside a node. */
#include <arpa/inet.h>
#include <ctype.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sysctl.h"
#include "topology_impl.h"

#define MAX_IFS 200 /* one byte of a MAC says which it is */
#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

/* "1.2.3.4/24"; without a prefix length when `bare`. 0 or -1, said. */
static int read_addr(struct reader *r, const struct block_stmt *s, size_t i, bool bare,
		     struct topo_addr *a)
{
	const char *text = s->word[i].text, *slash = strchr(text, '/');
	char ip[INET6_ADDRSTRLEN];
	char *end = NULL;
	long plen = 0;
	size_t len;
	int max;

	if (!slash && !bare) {
		block_error_at(r->d, s, i,
			       "an address here needs its prefix length, like "
			       "'192.168.31.54/24', got '%s'",
			       text);
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
		block_error_at(r->d, s, i, "not an address%s: '%s'",
			       bare ? "" : " with a prefix length", text);
		return -1;
	}
	a->prefixlen = slash ? (int)plen : max;
	a->text = topo_text(r, s, text);
	return a->text ? 0 : -1;
}

static void read_addrs(struct reader *r, struct topo_if *ifc,
		       const struct block_stmt *s, size_t from)
{
	struct topo_addr *a, read = { 0 };
	size_t i, k;

	for (i = from; i < s->nword; i++) {
		if (read_addr(r, s, i, false, &read) < 0)
			continue;
		for (k = 0; k < ifc->naddr; k++)
			if (topo_addr_same(&ifc->addr[k], &read))
				block_error_at(r->d, s, i, "'%s' is given twice",
					       read.text);
		a = topo_append(r, s, &ifc->addr, &ifc->naddr, sizeof(*ifc->addr));
		if (a)
			*a = read;
		else
			free(read.text);
	}
}

static struct topo_link *find_link(struct reader *r, const struct block_stmt *s,
				   size_t i)
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

/* Word 1: the name of a new interface of `n`. */
static bool good_if_name(struct reader *r, const struct topo_node *n,
			 const struct block_stmt *s)
{
	const char *name = s->word[1].text;

	if (!*name || strlen(name) >= IFNAMSIZ || strpbrk(name, "/ \t:") ||
	    !strcmp(name, ".") || !strcmp(name, "..") || !strcmp(name, "lo"))
		block_error_at(r->d, s, 1,
			       "an interface has a name of 1-%d characters, without "
			       "'/' and ':' and not 'lo', got '%s'",
			       IFNAMSIZ - 1, name);
	if (topology_if(n, name)) {
		block_error_at(r->d, s, 1, "'%s' has an interface '%s' already",
			       n->name, name);
		return false;
	}
	if (n->nif >= MAX_IFS) {
		block_error_at(r->d, s, 1, "more than %d interfaces", MAX_IFS);
		return false;
	}
	return true;
}

static void word_interface(struct reader *r, struct topo_node *n,
			   const struct block_stmt *s)
{
	struct topo_link *l;
	struct topo_if *ifc;

	if (!topo_shape(r, s, 2, SIZE_MAX - 1, false,
			"interface NAME LINK [ADDRESS/LEN…]"))
		return;
	l = find_link(r, s, 2);
	if (!good_if_name(r, n, s))
		return;
	ifc = topo_append(r, s, &n->ifs, &n->nif, sizeof(*n->ifs));
	if (!ifc)
		return;
	ifc->link = l;
	ifc->name = topo_text(r, s, s->word[1].text);
	read_addrs(r, ifc, s, 3);
}

static void word_lo(struct reader *r, struct topo_node *n, const struct block_stmt *s)
{
	struct topo_if *ifc;

	if (!topo_shape(r, s, 1, SIZE_MAX - 1, false, "lo ADDRESS/LEN…"))
		return;
	ifc = topology_if(n, "lo");
	if (!ifc) {
		ifc = topo_append(r, s, &n->ifs, &n->nif, sizeof(*n->ifs));
		if (!ifc)
			return;
		ifc->name = topo_text(r, s, "lo");
		if (!ifc->name) {
			n->nif--;
			return;
		}
	}
	read_addrs(r, ifc, s, 1);
}

static void word_tunnel(struct reader *r, struct topo_node *n,
			const struct block_stmt *s)
{
	struct topo_if *ifc;

	if (!topo_shape(r, s, 2, SIZE_MAX - 1, false, "tunnel NAME ADDRESS/LEN…") ||
	    !good_if_name(r, n, s))
		return;
	ifc = topo_append(r, s, &n->ifs, &n->nif, sizeof(*n->ifs));
	if (!ifc)
		return;
	ifc->tunnel = true;
	ifc->name = topo_text(r, s, s->word[1].text);
	read_addrs(r, ifc, s, 2);
}

static void word_route(struct reader *r, struct topo_node *n,
		       const struct block_stmt *s)
{
	static const char usage[] =
		"route default|NET/LEN [via ADDRESS] [dev INTERFACE]";
	struct topo_route *rt;
	size_t i;

	if (!topo_shape(r, s, 3, 5, false, usage))
		return;
	rt = topo_append(r, s, &n->route, &n->nroute, sizeof(*n->route));
	if (!rt)
		return;
	rt->is_default = !strcmp(s->word[1].text, "default");
	if (!rt->is_default && read_addr(r, s, 1, false, &rt->dst) < 0)
		return;
	for (i = 2; i + 1 < s->nword; i += 2) {
		if (!strcmp(s->word[i].text, "via") && !rt->via.text) {
			if (read_addr(r, s, i + 1, true, &rt->via) < 0)
				return;
		} else if (!strcmp(s->word[i].text, "dev") && !rt->dev) {
			rt->dev = topo_text(r, s, s->word[i + 1].text);
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

static void word_sysctl(struct reader *r, struct topo_node *n,
			const struct block_stmt *s)
{
	struct topo_sysctl *c;

	if (!topo_shape(r, s, 2, 2, false, "sysctl KEY VALUE"))
		return;
	if (!sysctl_is_per_node(s->word[1].text) || strstr(s->word[1].text, "..")) {
		block_error_at(r->d, s, 1,
			       "only net.* belongs to a node, the rest to the whole "
			       "machine; got '%s'",
			       s->word[1].text);
		return;
	}
	c = topo_append(r, s, &n->sysctl, &n->nsysctl, sizeof(*n->sysctl));
	if (!c)
		return;
	c->key = topo_text(r, s, s->word[1].text);
	c->value = topo_text(r, s, s->word[2].text);
}

static void word_web(struct reader *r, struct topo_node *n, const struct block_stmt *s)
{
	struct topo_web *w;
	int64_t port;
	size_t i;

	if (!topo_shape(r, s, 2, 2, false, "web PORT \"BODY\"") ||
	    block_int(r->d, s, 1, 1, 65535, &port) < 0)
		return;
	for (i = 0; i < n->nweb; i++)
		if (n->web[i].port == port)
			block_error_at(r->d, s, 1, "port %d is given twice", (int)port);
	w = topo_append(r, s, &n->web, &n->nweb, sizeof(*n->web));
	if (!w)
		return;
	w->port = (int)port;
	w->body = topo_text(r, s, s->word[2].text);
}

static const struct {
	const char *name;
	void (*read)(struct reader *r, struct topo_node *n, const struct block_stmt *s);
} node_words[] = {
	{ "interface", word_interface }, { "lo", word_lo },
	{ "tunnel", word_tunnel },	 { "route", word_route },
	{ "sysctl", word_sysctl },	 { "web", word_web },
};

const char *const *topo_node_word_names(void)
{
	static const char *names[LEN(node_words) + 1];
	size_t i;

	for (i = 0; i < LEN(node_words); i++)
		names[i] = node_words[i].name;
	return names;
}

void topo_node_word(struct reader *r, struct topo_node *n, const struct block_stmt *s)
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
	topo_unknown(r, s, names, LEN(node_words), "node");
}
