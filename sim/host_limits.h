/*
 * What a site of some size needs of a host's kernel, beside what that has: --time real
 * shares one kernel between all nodes, whose limits were made for one machine. Reading
 * the host and measuring the site are apart from comparing, which is pure.
 */
#ifndef HALBSIM_HOST_LIMITS_H
#define HALBSIM_HOST_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum limit {
	LIMIT_NEIGH4,	/* net.ipv4.neigh.default.gc_thresh3: none is added beyond it */
	LIMIT_NEIGH4_GC, /* gc_thresh2: beyond it they are thrown away after 5 s */
	LIMIT_NEIGH6,
	LIMIT_NEIGH6_GC,
	LIMIT_BACKLOG, /* frames that wait for a CPU */
	LIMIT_NET_NS,
	LIMIT_MNT_NS,
	LIMIT_PID_NS,
	LIMIT_UTS_NS,
	LIMIT_IPC_NS,
	LIMIT_PIDS,    /* process numbers that are free */
	LIMIT_THREADS, /* tasks that the kernel still makes */
	LIMIT_FILES,   /* descriptors that we may open */
	LIMIT_MEMORY,  /* MiB that are available */
	NLIMITS
};

#define LIMIT_UNKNOWN (-1) /* not to be read here, or there is no such limit */

struct host_limits {
	int64_t v[NLIMITS];
};

/* `least` of each is sure to be needed, `most` can be: when everybody has talked. */
struct site_needs {
	int64_t least[NLIMITS], most[NLIMITS];
};

struct topology;
void limits_site(const struct topology *t, struct site_needs *n);
/* A LAN as lvs_large is one: two directors, half of the others servers, half clients. */
void limits_lan(int nodes, struct site_needs *n);
/* Reads this host's, in the network namespace that we are in. */
void limits_host(struct host_limits *h);

struct limit_finding {
	enum limit limit;
	bool fatal; /* the site cannot work; else it may be disturbed */
	int64_t least, needs, has; /* sure to be needed; can be */
};

/* Which are too small, in the order above; `f` has room for NLIMITS. How many. */
size_t limits_compare(const struct site_needs *n, const struct host_limits *h,
		      struct limit_finding *f);

/* "net.core.netdev_max_backlog"; NULL: it is none. (fs.nr_open bounds LIMIT_FILES.) */
const char *limit_sysctl(enum limit l);

#define LIMIT_TEXT 256

/* "net.core.netdev_max_backlog is 1000, this site needs 2004: …" */
void limit_text(const struct limit_finding *f, char *buf, size_t size);
/* The command that raises it; NULL: there is none. */
const char *limit_command(const struct limit_finding *f, char *buf, size_t size);

/* All that for a topology on this host. */
size_t limits_look(const struct topology *t, struct limit_finding *f);

/*
 * The same, said on stderr by `who`, each limit once. 0, or -1 when the site
 * cannot work here.
 */
int limits_warn(const struct topology *t, const char *who);

#endif
