#include "rtnl_watch.h"

#include <errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <sys/epoll.h>

#include "log.h"
#include "nl.h"

struct opening {
	int protocol;
	struct nl_sock *sk;
};

static int open_here(void *arg)
{
	struct opening *op = arg;

	op->sk = nl_open(op->protocol);
	return op->sk ? 0 : -errno;
}

struct nl_sock *node_nl_open(struct site *s, struct site_node *n, int protocol)
{
	struct opening op = { protocol, NULL };
	int r = site_in_netns(s, n, open_here, &op);

	if (r < 0)
		errno = -r;
	return r < 0 ? NULL : op.sk;
}

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct rtnl_watch *w = arg;

	w->msg(nlmsg_hdr(msg), w->first, w->arg);
	return NL_OK;
}

static void ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct rtnl_watch *w = arg;
	int r;

	(void)f;
	(void)revents;
	do {
		r = nl_recvmsgs_default(w->sk);
	} while (r >= 0);
	if (r != -NLE_AGAIN)
		log_warnx("%s: its kernel's messages: %s", w->node, nl_geterror(r));
}

static int dump(struct nl_sock *sk, int request)
{
	struct rtgenmsg g = { .rtgen_family = AF_UNSPEC };
	int r = nl_send_simple(sk, request, NLM_F_DUMP, &g, sizeof(g));

	return r < 0 ? r : nl_recvmsgs_default(sk);
}

int rtnl_watch_open(struct rtnl_watch *w, struct site *s, struct site_node *n,
		    struct loop *loop, const int *groups, const int *requests)
{
	int r = 0;

	w->node = site_node_topo(n)->name;
	w->loop = loop;
	w->sk = node_nl_open(s, n, NETLINK_ROUTE);
	if (!w->sk) {
		r = -errno;
		log_warn("%s: its kernel's messages", w->node);
		return r;
	}
	nl_socket_disable_seq_check(w->sk); /* notifications have their own numbers */
	for (; !r && *groups; groups++)
		r = nl_socket_add_membership(w->sk, *groups);
	if (!r)
		r = nl_socket_modify_cb(w->sk, NL_CB_VALID, NL_CB_CUSTOM, on_valid, w);
	w->first = true;
	for (; r >= 0 && *requests; requests++)
		r = dump(w->sk, *requests);
	w->first = false;
	if (r >= 0)
		r = nl_socket_set_nonblocking(w->sk);
	r = nl_errno(r < 0 ? r : 0);
	if (!r)
		r = loop_fd_add(loop, &w->fd, nl_socket_get_fd(w->sk), EPOLLIN, ready, w);
	if (r < 0) {
		errno = -r;
		log_warn("%s: its kernel's messages", w->node);
		rtnl_watch_close(w);
	}
	return r;
}

void rtnl_watch_close(struct rtnl_watch *w)
{
	if (!w->sk)
		return;
	loop_fd_del(w->loop, &w->fd);
	nl_socket_free(w->sk);
	w->sk = NULL;
}
