#include "host_limits.h"

#include <inttypes.h>
#include <stdio.h>

#include "log.h"

#define NO_NEIGHBOURS	"neighbours that are not in the full table get no packets"
#define LOST_NEIGHBOURS "neighbour entries are thrown away and asked for again"
#define NO_NODES	"nodes cannot be made"
#define NO_PROGRAMS	"nodes and their programs cannot be started"

static const struct {
	const char *sysctl;   /* that it is, and that raises it; NULL: there is none */
	const char *short_of; /* what goes wrong when it is too small */
	const char *name;     /* NULL: the sysctl's */
	bool left;	      /* what is left of it is compared, not what it is */
} limits[NLIMITS] = {
	[LIMIT_NEIGH4] = { "net.ipv4.neigh.default.gc_thresh3", NO_NEIGHBOURS, NULL, false },
	[LIMIT_NEIGH4_GC] = { "net.ipv4.neigh.default.gc_thresh2", LOST_NEIGHBOURS, NULL,
			      false },
	[LIMIT_NEIGH6] = { "net.ipv6.neigh.default.gc_thresh3", NO_NEIGHBOURS, NULL, false },
	[LIMIT_NEIGH6_GC] = { "net.ipv6.neigh.default.gc_thresh2", LOST_NEIGHBOURS, NULL,
			      false },
	[LIMIT_BACKLOG] = { "net.core.netdev_max_backlog",
			    "a broadcast (ARP, VRRP) does not reach every node", NULL, false },
	[LIMIT_NET_NS] = { "user.max_net_namespaces", NO_NODES, NULL, false },
	[LIMIT_MNT_NS] = { "user.max_mnt_namespaces", NO_NODES, NULL, false },
	[LIMIT_PID_NS] = { "user.max_pid_namespaces", NO_NODES, NULL, false },
	[LIMIT_UTS_NS] = { "user.max_uts_namespaces", NO_NODES, NULL, false },
	[LIMIT_IPC_NS] = { "user.max_ipc_namespaces", NO_NODES, NULL, false },
	[LIMIT_PIDS] = { "kernel.pid_max", NO_PROGRAMS, NULL, true },
	[LIMIT_THREADS] = { "kernel.threads-max", NO_PROGRAMS, NULL, true },
	[LIMIT_FILES] = { "fs.nr_open", "nodes cannot be reached or watched",
			  "open files (ulimit -Hn; fs.nr_open)", false },
	[LIMIT_MEMORY] = { NULL, "programs may be killed, this one among them",
			   "memory in MiB", true },
};

const char *limit_sysctl(enum limit l)
{
	return limits[l].sysctl;
}

static const char *name_of(enum limit l)
{
	return limits[l].name ? limits[l].name : limits[l].sysctl;
}

size_t limits_compare(const struct site_needs *n, const struct host_limits *h,
		      struct limit_finding *f)
{
	size_t i, k = 0;

	for (i = 0; i < NLIMITS; i++) {
		if (h->v[i] == LIMIT_UNKNOWN || n->most[i] <= h->v[i])
			continue;
		f[k++] = (struct limit_finding){
			.limit = (enum limit)i,
			.fatal = n->least[i] > h->v[i],
			.least = n->least[i],
			.needs = n->most[i],
			.has = h->v[i],
		};
	}
	return k;
}

void limit_text(const struct limit_finding *f, char *buf, size_t size)
{
	char upto[32] = "";

	if (f->fatal && f->needs > f->least)
		snprintf(upto, sizeof(upto), " to %" PRId64, f->needs);
	snprintf(buf, size, "%s%s is %" PRId64 ", this site %s %" PRId64 "%s: %s",
		 name_of(f->limit), limits[f->limit].left ? ", what is left of it," : "",
		 f->has, f->fatal ? "needs" : "may need", f->fatal ? f->least : f->needs,
		 upto, limits[f->limit].short_of);
}

/* Round, and with room for what else the host does. */
static int64_t enough(const struct limit_finding *f)
{
	int64_t v = 1024;

	while (v < f->needs + f->needs / 4)
		v *= 2;
	return v;
}

const char *limit_command(const struct limit_finding *f, char *buf, size_t size)
{
	const char *key = limit_sysctl(f->limit);
	int64_t to = enough(f);

	if (!key)
		return NULL;
	/* Of what is shared with others, so much more. */
	if (limits[f->limit].left)
		snprintf(buf, size, "sysctl -w %s=$(($(sysctl -n %s) + %" PRId64 "))", key,
			 key, to);
	else
		snprintf(buf, size, "sysctl -w %s=%" PRId64, key, to);
	return buf;
}

size_t limits_look(const struct topology *t, struct limit_finding *f)
{
	struct site_needs needs;
	struct host_limits host;

	limits_site(t, &needs);
	limits_host(&host);
	return limits_compare(&needs, &host, f);
}

int limits_warn(const struct topology *t, const char *who)
{
	static bool said[NLIMITS];
	struct limit_finding f[NLIMITS];
	char text[LIMIT_TEXT], cmd[LIMIT_TEXT];
	size_t i, n = limits_look(t, f);
	int r = 0;

	for (i = 0; i < n; i++) {
		if (f[i].fatal)
			r = -1;
		if (said[f[i].limit])
			continue;
		said[f[i].limit] = true;
		limit_text(&f[i], text, sizeof(text));
		log_warnx("%s: %s%s", who, f[i].fatal ? "" : "warning: ", text);
		if (limit_command(&f[i], cmd, sizeof(cmd)))
			log_warnx("  this raises it: %s", cmd);
	}
	return r;
}
