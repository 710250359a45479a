/* What a site needs, from its topology; what a host has, from /proc. */
#include <linux/capability.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "host_limits.h"
#include "sysctl.h"
#include "topology.h"

/* Measured with lvs_large; what a node has open in the harness, and what it weighs. */
#define FILES_A_NODE 6
#define FILES_MORE   128
#define KIB_A_NODE   800
#define MIB_MORE     64

/* An engine's processes with its scripts; a server's, which may be nginx. */
#define PROCS_DIRECTOR 8
#define PROCS_SERVER   3
#define PROCS_MORE     16

/* Who is on a switch, with addresses of one family. */
struct company {
	int64_t directors, servers, others;
};

static void meet(struct company *c, const struct topo_node *n, const struct topo_link *l,
		 int family)
{
	size_t i;

	for (i = 0; i < n->nif; i++) {
		if (n->ifs[i].link != l || !topology_if_has(&n->ifs[i], family))
			continue;
		if (n->role == ROLE_DIRECTOR)
			c->directors++;
		else if (n->role == ROLE_SERVER)
			c->servers++;
		else
			c->others++;
	}
}

/*
 * Neighbour entries of all nodes are in one table. Every director checks every server,
 * and one of them has the clients; each side of a pair has an entry. Beyond that,
 * servers that answer clients directly know them, and clients their servers.
 */
static void neighbours(const struct company *c, int64_t *least, int64_t *most)
{
	*least += 2 * c->directors * c->servers;
	*least += c->directors ? 2 * c->others : 0;
	*most += 2 * c->directors * (c->servers + c->others);
	*most += 2 * c->servers * c->others;
}

static void all_neighbours(const struct topology *t, int family, int64_t *least,
			   int64_t *most)
{
	size_t i, k;

	for (i = 0; i < t->nlink; i++) {
		struct company c = { 0 };

		for (k = 0; k < t->nnode; k++)
			meet(&c, &t->node[k], &t->link[i], family);
		neighbours(&c, least, most);
	}
}

/* One broadcast waits once for each port of its switch, all of them at once. */
static int64_t widest(const struct topology *t)
{
	int64_t ports, most = 0;
	size_t i, k, m;

	for (i = 0; i < t->nlink; i++) {
		ports = 0;
		for (k = 0; k < t->nnode; k++)
			for (m = 0; m < t->node[k].nif; m++)
				ports += t->node[k].ifs[m].link == &t->link[i];
		if (ports > most)
			most = ports;
	}
	return most;
}

/* How many nodes there are of a kind. */
static int64_t count_role(const struct topology *t, enum topo_role role)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < t->nnode; i++)
		n += t->node[i].role == role;
	return n;
}

/* All that follows from how many there are; `most` is never less than `least`. */
static void from_counts(struct site_needs *n, int64_t nodes, int64_t directors,
			int64_t servers)
{
	enum limit l;

	n->least[LIMIT_NET_NS] = nodes + 2; /* the switches', and one to look around */
	for (l = LIMIT_MNT_NS; l <= LIMIT_IPC_NS; l++)
		n->least[l] = nodes;
	n->least[LIMIT_PIDS] = n->least[LIMIT_THREADS] =
		nodes + PROCS_DIRECTOR * directors + PROCS_SERVER * servers + PROCS_MORE;
	n->least[LIMIT_FILES] = FILES_MORE + 3 * nodes;
	n->most[LIMIT_FILES] = FILES_MORE + FILES_A_NODE * nodes;
	n->most[LIMIT_MEMORY] = MIB_MORE + KIB_A_NODE * nodes / 1024;
	n->most[LIMIT_NEIGH4_GC] = n->most[LIMIT_NEIGH4];
	n->most[LIMIT_NEIGH6_GC] = n->most[LIMIT_NEIGH6];
	for (l = 0; l < NLIMITS; l++)
		if (n->most[l] < n->least[l])
			n->most[l] = n->least[l];
}

void limits_site(const struct topology *t, struct site_needs *n)
{
	memset(n, 0, sizeof(*n));
	all_neighbours(t, AF_INET, &n->least[LIMIT_NEIGH4], &n->most[LIMIT_NEIGH4]);
	all_neighbours(t, AF_INET6, &n->least[LIMIT_NEIGH6], &n->most[LIMIT_NEIGH6]);
	n->most[LIMIT_BACKLOG] = 2 * widest(t);
	from_counts(n, (int64_t)t->nnode, count_role(t, ROLE_DIRECTOR),
		    count_role(t, ROLE_SERVER));
}

void limits_lan(int nodes, struct site_needs *n)
{
	const struct company c = { .directors = 2,
				   .servers = (nodes - 2) / 2,
				   .others = nodes - 2 - (nodes - 2) / 2 };

	memset(n, 0, sizeof(*n));
	neighbours(&c, &n->least[LIMIT_NEIGH4], &n->most[LIMIT_NEIGH4]);
	n->most[LIMIT_BACKLOG] = 2 * (int64_t)nodes;
	from_counts(n, nodes, c.directors, c.servers);
}

/* The number that a text begins with; LIMIT_UNKNOWN: none, or a negative one. */
static int64_t number(const char *text)
{
	char *end;
	int64_t v = strtoll(text, &end, 10);

	return end == text || v < 0 ? LIMIT_UNKNOWN : v;
}

static int64_t read_sysctl(const char *key)
{
	char text[64];

	return key && sysctl_get(key, text, sizeof(text)) == 0 ? number(text) : LIMIT_UNKNOWN;
}

/* The number that follows `after` in the file. */
static int64_t read_after(const char *path, const char *after)
{
	int64_t v = LIMIT_UNKNOWN;
	char line[256], *at;
	FILE *f = fopen(path, "re");

	while (f && v == LIMIT_UNKNOWN && fgets(line, sizeof(line), f)) {
		at = strstr(line, after);
		if (at)
			v = number(at + strlen(after));
	}
	if (f)
		fclose(f);
	return v;
}

/* Of numbers that are shared by all, what nobody has taken. */
static int64_t left_of(int64_t all, int64_t used)
{
	return all == LIMIT_UNKNOWN || used == LIMIT_UNKNOWN ? LIMIT_UNKNOWN :
	       all > used				     ? all - used :
							       0;
}

/* The hard limit; who may go beyond it is let up to the kernel's own by site.c. */
static int64_t files(void)
{
	int64_t most = read_sysctl(limit_sysctl(LIMIT_FILES));
	struct rlimit lim;

	if (geteuid() == 0 && prctl(PR_CAPBSET_READ, CAP_SYS_RESOURCE, 0, 0, 0) == 1 &&
	    most != LIMIT_UNKNOWN)
		return most;
	if (getrlimit(RLIMIT_NOFILE, &lim) < 0 || lim.rlim_max == RLIM_INFINITY)
		return LIMIT_UNKNOWN;
	return (int64_t)lim.rlim_max;
}

void limits_host(struct host_limits *h)
{
	int64_t tasks = read_after("/proc/loadavg", "/");
	int64_t kib = read_after("/proc/meminfo", "MemAvailable:");
	size_t i;

	for (i = 0; i < NLIMITS; i++)
		h->v[i] = read_sysctl(limit_sysctl((enum limit)i));
	h->v[LIMIT_PIDS] = left_of(h->v[LIMIT_PIDS], tasks);
	h->v[LIMIT_THREADS] = left_of(h->v[LIMIT_THREADS], tasks);
	h->v[LIMIT_FILES] = files();
	h->v[LIMIT_MEMORY] = kib == LIMIT_UNKNOWN ? kib : kib / 1024;
}
