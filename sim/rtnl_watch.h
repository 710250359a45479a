/* A node's rtnetlink messages: what there is, then every change, in the loop. */
#ifndef HALBSIM_RTNL_WATCH_H
#define HALBSIM_RTNL_WATCH_H

#include <stdbool.h>

#include "loop.h"
#include "site.h"

struct nlmsghdr;
struct nl_sock;

/* Embedded in its user's struct; zero it, set `msg` and `arg`, then open. */
struct rtnl_watch {
	/* Each message; `first` while what there already was is read. */
	void (*msg)(struct nlmsghdr *h, bool first, void *arg);
	void *arg;
	struct nl_sock *sk;
	struct loop *loop;
	struct loop_fd fd;
	const char *node; /* (borrowed) */
	bool first;
};

/*
 * Subscribes to `groups` (RTNLGRP_…, 0 ends) in the node's namespace, then
 * dumps each of `requests` (RTM_GET…, 0 ends). 0, or -errno after a message.
 */
int rtnl_watch_open(struct rtnl_watch *w, struct site *s, struct site_node *n,
		    struct loop *loop, const int *groups, const int *requests);
void rtnl_watch_close(struct rtnl_watch *w);

/* Opens a netlink socket (nl_open()) in a node's namespace; NULL with errno. */
struct nl_sock *node_nl_open(struct site *s, struct site_node *n, int protocol);

#endif
