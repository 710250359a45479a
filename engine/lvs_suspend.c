/*
 * One socket hears that addresses have changed, another asks which there are. What
 * changed is not taken from the news: news may be lost, and a takeover brings
 * hundreds at once. They are drained, then all addresses are read again.
 */
#include "lvs_suspend.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "clock.h"
#include "log.h"
#include "lvs_match.h"
#include "nl.h"

#define AGAIN_NS (1 * NS_PER_S)

struct lvs_suspend {
	struct loop *loop;
	const struct conf *conf;
	void (*changed)(void *arg, size_t service, bool here);
	void *arg;
	struct nl_sock *news, *ask;
	struct loop_fd watch;
	struct loop_timer again; /* the addresses could not be read */
	bool *here, *seen; /* of each service; seen: in this reading */
	bool first;
};

bool lvs_suspend_needed(const struct conf *c)
{
	size_t i;

	for (i = 0; i < c->nservice; i++)
		if (c->service[i].ha_suspend)
			return true;
	return false;
}

/* As keepalived: by the service's own address; never for a group or a mark. */
static bool is_of(const struct lvs_service_conf *c, const struct conf_addr *a)
{
	return c->ha_suspend && !c->group && c->addr.family &&
	       lvs_same_addr(&c->addr, a);
}

static int address_cb(struct nl_msg *msg, void *arg)
{
	struct lvs_suspend *s = arg;
	struct nlattr *attr[IFA_MAX + 1], *ip;
	struct conf_addr a = { 0 };
	struct ifaddrmsg *m;
	size_t i;

	if (nlmsg_hdr(msg)->nlmsg_type != RTM_NEWADDR ||
	    nlmsg_parse(nlmsg_hdr(msg), sizeof(*m), attr, IFA_MAX, NULL) < 0)
		return NL_OK;
	m = nlmsg_data(nlmsg_hdr(msg));
	ip = attr[IFA_LOCAL] ? attr[IFA_LOCAL] : attr[IFA_ADDRESS];
	a.family = m->ifa_family;
	if (!ip || (a.family != AF_INET && a.family != AF_INET6))
		return NL_OK;
	nla_memcpy(&a.v6, ip, sizeof(a.v6));
	for (i = 0; i < s->conf->nservice; i++)
		if (is_of(&s->conf->service[i], &a))
			s->seen[i] = true;
	return NL_OK;
}

static void close_ask(struct lvs_suspend *s)
{
	nl_socket_free(s->ask);
	s->ask = NULL;
}

static int open_ask(struct lvs_suspend *s)
{
	int r;

	s->ask = nl_open(NETLINK_ROUTE);
	if (!s->ask)
		return -errno;
	r = nl_socket_modify_cb(s->ask, NL_CB_VALID, NL_CB_CUSTOM, address_cb, s);
	if (r >= 0)
		return 0;
	close_ask(s);
	return nl_errno(r);
}

/* 0 or -errno; then nothing is changed. */
static int read_addresses(struct lvs_suspend *s)
{
	struct ifaddrmsg m = { .ifa_family = AF_UNSPEC };
	size_t i;
	int r;

	memset(s->seen, 0, s->conf->nservice * sizeof(*s->seen));
	r = s->ask ? 0 : open_ask(s);
	if (r < 0)
		return r;
	r = nl_send_simple(s->ask, RTM_GETADDR, NLM_F_DUMP, &m, sizeof(m));
	if (r >= 0)
		r = nl_recvmsgs_default(s->ask);
	if (r < 0) { /* what is still in there would answer the next question */
		close_ask(s);
		return nl_errno(r);
	}
	for (i = 0; i < s->conf->nservice; i++) {
		if (!s->conf->service[i].ha_suspend ||
		    (s->seen[i] == s->here[i] && !s->first))
			continue;
		s->here[i] = s->seen[i];
		s->changed(s->arg, i, s->here[i]);
	}
	s->first = false;
	return 0;
}

/* The news is gone: nobody else will say that there is something to be read. */
static void read_or_again(struct lvs_suspend *s)
{
	int r = read_addresses(s);

	if (r == 0)
		return;
	log_warnx("ha_suspend: reading addresses: %s; again in a second", strerror(-r));
	loop_timer_must(s->loop, &s->again, clock_now() + AGAIN_NS);
}

static void again_cb(struct loop_timer *t, void *arg)
{
	(void)t;
	read_or_again(arg);
}

static void news_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct lvs_suspend *s = arg;
	char buf[8192];

	(void)revents;
	while (recv(f->fd, buf, sizeof(buf), MSG_DONTWAIT) >= 0 || errno == ENOBUFS)
		;
	read_or_again(s);
}

static int open_news(struct lvs_suspend *s)
{
	int r;

	s->news = nl_open(NETLINK_ROUTE);
	if (!s->news)
		return -errno;
	r = nl_socket_add_memberships(s->news, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, 0);
	if (r < 0)
		return nl_errno(r);
	return loop_fd_add(s->loop, &s->watch, nl_socket_get_fd(s->news), EPOLLIN,
			   news_ready, s);
}

struct lvs_suspend *lvs_suspend_new(struct loop *l, const struct conf *c,
				    void (*changed)(void *arg, size_t service, bool here),
				    void *arg)
{
	struct lvs_suspend *s = calloc(1, sizeof(*s));
	int r = -ENOMEM;

	if (!s)
		return NULL;
	s->loop = l;
	s->conf = c;
	s->changed = changed;
	s->arg = arg;
	s->first = true;
	loop_timer_init(&s->again, again_cb, s);
	s->here = calloc(c->nservice + 1, sizeof(*s->here));
	s->seen = calloc(c->nservice + 1, sizeof(*s->seen));
	if (s->here && s->seen)
		r = open_news(s);
	if (!r)
		r = read_addresses(s);
	if (!r)
		return s;
	lvs_suspend_free(s);
	errno = -r;
	return NULL;
}

void lvs_suspend_free(struct lvs_suspend *s)
{
	if (!s)
		return;
	loop_timer_cancel(s->loop, &s->again);
	loop_fd_del(s->loop, &s->watch);
	nl_socket_free(s->news);
	nl_socket_free(s->ask);
	free(s->here);
	free(s->seen);
	free(s);
}
