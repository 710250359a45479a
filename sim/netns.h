/*
 * Interface for namespaces: entering and leaving them, and the init of a node.
 *
 * A node's namespaces live as long as its init, a forked child of the harness
 * that does next to nothing: it sets up the node's mounts, then sends signals
 * inside the node when it is asked to, and ends when the harness ends, however
 * that ends. With it the kernel kills everything else in the node.
 */
#ifndef HALBSIM_NETNS_H
#define HALBSIM_NETNS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Opens the caller's own namespace ("net", "pid", "mnt"). fd or -errno. */
int netns_own(const char *type);
/*
 * Makes a network namespace that lives as long as the descriptor, and stays in
 * the caller's own (`home`). fd or -errno.
 */
int netns_new(int home);
/* Enters a network namespace, or a process's (by pidfd). 0 or -errno. */
int netns_enter(int fd);

struct init_node;

/* A running init. Zero it and set both descriptors to -1 first. */
struct node_init {
	pid_t pid;
	int pidfd; /* also what setns() takes */
	int ctl;   /* SOCK_SEQPACKET to it */
};

/*
 * Starts a node in new network, mount, pid, uts and ipc namespaces. Returns 0 at once, while init still works on the mounts:
 * node_init_wait() must follow. Or -errno.
 */
int node_init_start(struct node_init *in, const struct init_node *node);
/* 0 when init is ready, or the -errno that it failed with; *step says at what. */
int node_init_wait(struct node_init *in, const char **step);
/* Has init configure its node. 0 or -errno (init has said what). */
int node_init_configure(struct node_init *in);
/*
 * Sends a signal inside the node to `n` pids (as the node counts them), or, n
 * 0, to all of its processes but init. Returns how many got it, or -errno.
 */
int node_init_kill(struct node_init *in, int signo, const pid_t *pid, size_t n);
/* Kills it, when it runs, without waiting. */
void node_init_end(struct node_init *in);
/* Closes the descriptors; after it has been reaped. */
void node_init_finish(struct node_init *in);

/*
 * A fork whose child is in init's pid namespace (the caller's `home_pid` is put
 * back) and has a pidfd. 0 in the child, its pid in the parent, or -errno.
 */
pid_t node_init_fork(const struct node_init *in, int home_pid, int *pidfd);
/*
 * The same, but the child shares the caller's memory and nothing else, and runs
 * fn(arg) on a stack that ends at `stack`. Both have one errno: the child may do what
 * sets it only while the caller waits for it.
 */
pid_t node_init_share(const struct node_init *in, int home_pid, int *pidfd,
		      int (*fn)(void *), void *stack, void *arg);
/*
 * Waits for such a child and closes its pidfd. 0, the -errno whose number it exited
 * with, or -EIO when it was killed.
 */
int node_init_reap(int pidfd);
/* In such a child: enters the node's other namespaces. 0 or -errno. */
int node_init_join(const struct node_init *in);

#endif
