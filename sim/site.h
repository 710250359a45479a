/*
 * A site: a topology built for real, out of network namespaces, veth pairs and
 * bridges, with its processes. All by netlink; nothing is left in the host's
 * own namespaces (the switches live in a namespace too). Every namespace and
 * process carries the run's mark, so that what a dead run left can be found.
 */
#ifndef HALBSIM_SITE_H
#define HALBSIM_SITE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "loop.h"
#include "topology.h"

struct event_log;
struct site;
struct site_node;

struct site_opts {
	const struct topology *topo; /* (borrowed) */
	const char *run_id;	     /* in every name and in every environment */
	const char *log_dir;	     /* logs/NODE.log go here */
	struct loop *loop;	     /* (borrowed) child exits are handled in it */
	/* Called when a process of a node ends. status: exit status or -signal. */
	void (*exit_cb)(const char *node, const char *what, int status, void *arg);
	/*
	 * Called when a node has lost its namespaces (up false: whoever has
	 * sockets there closes them now) and when it has new ones (up true:
	 * no process runs yet). Not called by site_build() and site_free().
	 */
	void (*node_cb)(const char *node, bool up, void *arg);
	void *arg;
};

/*
 * Builds everything: namespaces, links, addresses, routes, sysctls. Returns the
 * site, or NULL after one message. site_free() takes all of it down again, and
 * is safe at every stage.
 */
struct site *site_build(const struct site_opts *o);
void site_free(struct site *s);

struct site_node *site_node(struct site *s, const char *name);
const struct topo_node *site_node_topo(const struct site_node *n);

/*
 * Runs `fn` with the calling thread inside a node's network namespace (NULL:
 * the switches'), then comes back. Sockets opened there stay there. Returns
 * what fn returned, or -errno when the namespace could not be entered.
 */
int site_in_netns(struct site *s, const struct site_node *n, int (*fn)(void *),
		  void *arg);

/* Name of the switch-side port of a node's interface, in the switches' namespace. */
const char *site_port_name(const struct site_node *n, const struct topo_if *i);

/*
 * Starts a program in a node (its own network, mount, pid and uts namespaces).
 * `what` names it in events and later calls; argv is execvp's. Output goes to
 * the node's log. Returns the pid (as the harness sees it), or -errno.
 */
pid_t site_spawn(struct site_node *n, const char *what, char *const argv[]);
/*
 * The same in the harness's own memory where the program can be run so (beside.h).
 * Nothing else of it is different, but that /proc shows the harness's words and
 * environment for it.
 */
pid_t site_spawn_beside(struct site_node *n, const char *what, char *const argv[]);
/* What somebody at a terminal runs in a node: not into the log. */
struct site_io {
	int in, out, err;	  /* (borrowed) */
	bool tty;		  /* `in` is a terminal, to be the controlling one */
	const char *const *env; /* "NAME=value" besides the usual, NULL-terminated */
};
/*
 * The same with its own input and output; it leads a process group of its own.
 * Also finds what busybox stands for where the guest has only that.
 */
pid_t site_spawn_io(struct site_node *n, const char *what, char *const argv[],
		    const struct site_io *io);
/* The pid of a running process of that name, or -ESRCH. */
pid_t site_pid(const struct site_node *n, const char *what);

/*
 * Puts a copy of a host file at an absolute path inside a node, say
 * /etc/keepalived/keepalived.conf; the node sees it, the host does not. The
 * directories are made as needed, private to the node. The copy is made again
 * when the node boots after a crash: its disk has survived. Its mode is the host
 * file's. 0 or -errno.
 */
int site_node_put_file(struct site_node *n, const char *host_path, const char *inside);

/* --- what faults do; each returns 0 only when the effect was confirmed --- */

/*
 * Power loss: frozen, unplugged, killed; nothing of its state survives. The
 * instant is *at_ns (CLOCK_MONOTONIC; may be NULL). Returns as soon as nothing
 * can leave the node any more; the processes are reaped from the loop, and
 * site_node_is_gone() says when that is done.
 */
int site_node_crash(struct site_node *n, int64_t *at_ns);
bool site_node_is_gone(const struct site_node *n);
/*
 * A crashed node again, as new: links, addresses, routes, sysctls, files; no
 * processes. -EALREADY when it is up.
 */
int site_node_boot(struct site_node *n);
bool site_node_is_up(const struct site_node *n);
/* Sends a signal to a named process of the node (not to its children). */
int site_node_signal(struct site_node *n, const char *what, int signo);
/*
 * Sends a signal to a named process and all its descendants, or (what NULL) to
 * every process of the node, at one instant. Returns how many, or -errno.
 */
int site_node_signal_all(struct site_node *n, const char *what, int signo);

/* Where a link is broken; its revert is the same with up true. */
enum link_side {
	LINK_NODE,   /* the node's own interface: set down; its routes go too */
	LINK_SWITCH, /* the port leaves the bridge: the node's carrier stays */
	LINK_CABLE,  /* unplugged: no carrier on both ends */
};
int site_link_set(struct site_node *n, const char *ifname, enum link_side side,
		  bool up);

#endif
