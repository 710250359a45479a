/*
 * What a site consists of, for the files that make it up: site.c builds and
 * takes down, site_links.c lays cables, site_setup.c does the nodes' side of
 * that, node.c runs processes, nodefile.c puts files into nodes, power.c cuts the
 * power, port.c breaks and mends links, shape.c what goes over them. Everybody
 * else uses site.h.
 *
 * A site owns its nodes, a node its ports, processes and files. All
 * descriptors are close-on-exec. Indexes of interfaces are chosen here, the
 * same in every run.
 */
#ifndef HALBSIM_SITE_IMPL_H
#define HALBSIM_SITE_IMPL_H

#include <net/if.h>

#include "beside.h"
#include "filter.h"
#include "netem.h"
#include "netns.h"
#include "site.h"

struct nl_batch;
struct nl_sock;

/* Interface indexes; low ones are left to the kernel's own (lo, tunl0 …). */
enum {
	FIRST_NODE_INDEX = 10,
	FIRST_TUNNEL_INDEX = 300, /* a node has at most 200 interfaces */
	FIRST_BRIDGE_INDEX = 100,
	FIRST_PORT_INDEX = 10000
};

struct site_proc {
	struct site_node *node; /* (borrowed) */
	char *what;
	pid_t pid;    /* as the harness sees it */
	pid_t inside; /* as the node does */
	int pidfd;
	struct beside image; /* of one that runs in our memory */
	struct loop_fd watch;
	struct site_proc *next;
};

struct site_file {
	char *host, *inside;
	struct site_file *next;
};

struct site_port {
	const struct topo_if *ifc; /* (borrowed) */
	char name[IFNAMSIZ];	   /* of the switch's end */
	int port_index, node_index;
	int bridge;	      /* index of its switch */
	struct netem in, out; /* what happens to frames to and from the node */
	struct port_class *classes; /* frames of some kinds, each treated apart */
	struct port_filter *filters;
	int last_prio;
};

/* Frames that netem treats by themselves, in one direction. */
struct port_class {
	struct filter of; /* its kind and port; sent: from the node */
	struct netem e;
	int band; /* 1.., unique in its direction */
	struct port_class *next;
};

/* Frames that the switch holds back at a port. */
struct port_filter {
	struct filter of;
	int counter; /* (owned) -1: none */
	int prio; /* names it in the kernel; unique on its port */
	struct port_filter *next;
};

struct site_node {
	struct site *site;	      /* (borrowed) */
	const struct topo_node *topo; /* (borrowed) */
	struct node_init init;
	struct loop_fd init_watch;
	bool up;
	bool dying; /* killed, not yet reaped */
	struct site_port *port;
	size_t nport;
	struct site_proc *procs;
	struct site_file *files;
	int log_fd; /* -1: not opened yet */
	int cpu_fd; /* cpu_group.c: its group's list of processes; -1: it has none */
	double cpu_share;
};

struct site {
	struct site_opts o; /* with copies of its texts */
	char *run_id, *log_dir;
	int home_net, home_pid, switch_net;
	struct nl_sock *switch_sk; /* rtnetlink in the switches' namespace */
	bool has_closer;	   /* we started it */
	struct site_node *node;
	size_t nnode;
	/*
	 * Called after a process has ended, and (pid 0) after a whole node
	 * has; set by fault.c.
	 */
	void (*ended_cb)(struct site_node *n, pid_t pid, int status, void *arg);
	void *ended_arg;
};

/*
 * site_links.c: queues the cables of a node, and that its ports on the switch come up;
 * commits nothing. The ports last: a port that is up while the node's end is not would
 * be taken out of service, at a grace period each, to be brought back right away. But
 * with IPv6 they are up from the beginning, since a link that comes up later has its
 * own address (RFC 4862 5.3) when the kernel finds the time.
 */
void site_queue_cables(struct site_node *n, struct nl_batch *b);
void site_queue_ports(struct site_node *n, struct nl_batch *b);
/*
 * site_links.c: lays all cables, waits for the inits and configures the nodes; every
 * link carries frames when it returns. 0 or -errno, said.
 */
int site_link_up(struct site *s);
/*
 * site_setup.c: the node's side: sysctls, links, addresses, routes; run by the node's
 * init, with the node. 0 or -errno, said.
 */
int site_configure_inside(void *node);
/* site_setup.c: whether any interface has an IPv6 address; else IPv6 is off in there. */
bool site_has_ipv6(const struct site_node *n);
/* site_setup.c: commits and names what was refused. 0 or -errno, said. */
int site_commit(struct nl_batch *b, const char *where);
/* site_setup.c: queues the routes of a node (adding them again is harmless). */
void site_queue_routes(const struct site_node *n, struct nl_batch *b);
/* site.c: starts init, for building and booting. 0 or -errno, said. */
int site_start_init(struct site_node *n);
int site_wait_init(struct site_node *n);

/* node.c: kills and reaps all of a node's processes and init. */
void node_reap(struct site_node *n);
void node_kill(struct site_node *n);

/* port.c: whether a link is whole at that place. 0 or -errno. */
int node_link_is_up(struct site_node *n, const struct site_port *p, enum link_side side,
		    bool *up);

/* shape.c: what faults do to frames; all 0 or -errno. */
int shape_set(struct site_node *n, struct site_port *p, bool out,
	      const struct netem *e);
/*
 * The same for frames of one kind (of->sent: those from the node), which are then
 * treated by this alone. -ENOSPC: there are too many kinds.
 */
int shape_set_class(struct site_node *n, struct site_port *p, const struct filter *of,
		    const struct netem *e);
/* What happens to them; NULL: what happens to all. */
const struct netem *shape_class(const struct site_port *p, const struct filter *of);
int shape_add_filter(struct site_node *n, struct site_port *p, const struct filter *f,
		     int counter); /* (copied; -1: none) */
/*
 * Removes those that hold the same frames back as `like`; of all kinds and both
 * directions when `any` is set, which leaves only like->from to compare. How many.
 */
int shape_del_filters(struct site_node *n, struct site_port *p,
		      const struct filter *like, bool any);
/* After a boot: ports are new, but the network is as broken as before. */
int shape_restore(struct site_node *n);
void shape_free(struct site_node *n);

/* nodefile.c: puts all files again, after a boot. 0 or -errno, said. */
int node_put_files(struct site_node *n);
void node_free_files(struct site_node *n);

/* The port of an interface; NULL: no such interface. `ifname` NULL: the first. */
struct site_port *node_port(const struct site_node *n, const char *ifname);

#endif
