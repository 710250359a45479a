/* Implementation for sites: building and taking down. */
#include "site.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "closer.h"
#include "fd.h"
#include "init.h"
#include "host_limits.h"
#include "link.h"
#include "log.h"
#include "nl.h"
#include "nlbatch.h"
#include "site_impl.h"
#include "sysctl.h"

/* --- names and addresses that nothing but the topology decides --- */

static void port_name(char name[IFNAMSIZ], const struct topo_node *t,
		      const struct topo_if *i, size_t k)
{
	int len = snprintf(name, IFNAMSIZ, "%s.%s", t->name, i->name);

	if (len >= IFNAMSIZ)
		snprintf(name, IFNAMSIZ, "n%d.%u", t->index, (unsigned int)k);
}

static void bridge_mac(uint8_t mac[ETH_ALEN], size_t k)
{
	const uint8_t m[ETH_ALEN] = { 0x0a, 0, 0, 0, (uint8_t)(k >> 8), (uint8_t)k };

	memcpy(mac, m, sizeof(m));
}

static int bridge_index(const struct site *s, const struct topo_link *l)
{
	return FIRST_BRIDGE_INDEX + (int)(l - s->o.topo->link);
}

/* --- the switches --- */

static int open_switch_socket(void *arg)
{
	static const struct {
		const char *key, *value;
	} quiet[] = {
		{ "net.ipv6.conf.all.disable_ipv6", "1" },
		{ "net.ipv6.conf.default.disable_ipv6", "1" },
		{ "net.bridge.bridge-nf-call-iptables", "0" },
		{ "net.bridge.bridge-nf-call-ip6tables", "0" },
		{ "net.bridge.bridge-nf-call-arptables", "0" },
	};
	struct site *s = arg;
	size_t i;

	s->switch_sk = nl_open(NETLINK_ROUTE);
	if (!s->switch_sk)
		return -errno;
	/* A switch speaks no IPv6 itself; without it, it says nothing at all.
	 * And it looks at no frame's inside, as br_netfilter would have it do
	 * on hosts that have that loaded. What a kernel lacks cannot be on. */
	for (i = 0; i < sizeof(quiet) / sizeof(quiet[0]); i++)
		sysctl_set(quiet[i].key, quiet[i].value);
	return 0;
}

static int build_switches(struct site *s)
{
	const struct topology *t = s->o.topo;
	uint8_t mac[ETH_ALEN];
	struct nl_batch b;
	size_t i;
	int r;

	s->switch_net = netns_new(s->home_net);
	if (s->switch_net < 0) {
		r = s->switch_net;
		log_warnx("cannot make a network namespace: %s%s", strerror(-r),
			  r == -EPERM ? " (root is needed)" : "");
		return r;
	}
	r = site_in_netns(s, NULL, open_switch_socket, s);
	if (r < 0) {
		log_warnx("switches: netlink: %s", strerror(-r));
		return r;
	}
	nl_batch_init(&b, s->switch_sk);
	for (i = 0; i < t->nlink; i++) {
		bridge_mac(mac, i);
		link_add_bridge(&b, t->link[i].name, bridge_index(s, &t->link[i]), mac);
	}
	r = site_commit(&b, "switches");
	nl_batch_finish(&b);
	return r;
}

/* --- inits --- */

static void init_ended(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct site_node *n = arg;

	(void)f;
	(void)revents;
	if (!n->dying)
		log_warnx("%s: its init was killed by somebody else", n->topo->name);
	node_reap(n);
}

int site_start_init(struct site_node *n)
{
	const struct init_node node = { n->site->run_id, n->topo->name,
					site_configure_inside, n };
	int r = node_init_start(&n->init, &node);

	if (r == 0)
		r = loop_fd_add(n->site->o.loop, &n->init_watch, n->init.pidfd, EPOLLIN,
				init_ended, n);
	if (r < 0) {
		log_warnx("%s: cannot make its namespaces: %s%s", n->topo->name,
			  strerror(-r), r == -EPERM ? " (root is needed)" : "");
		return r;
	}
	n->up = true;
	n->dying = false;
	return 0;
}

int site_wait_init(struct site_node *n)
{
	const char *step;
	int r = node_init_wait(&n->init, &step);

	if (r < 0)
		log_warnx("%s: cannot %s: %s", n->topo->name, step, strerror(-r));
	return r;
}

/* --- the whole --- */

/*
 * Some descriptors a node and two a process: more than the usual 1,024. Where even the
 * hard limit is too low, it is raised when we may.
 */
static void raise_fd_limit(const struct topology *t)
{
	struct rlimit lim, more;
	struct site_needs needs;

	limits_site(t, &needs);
	if (getrlimit(RLIMIT_NOFILE, &lim) < 0)
		return;
	more = lim;
	if (more.rlim_max < (rlim_t)needs.most[LIMIT_FILES])
		more.rlim_max = (rlim_t)needs.most[LIMIT_FILES];
	more.rlim_cur = more.rlim_max;
	if (more.rlim_cur > lim.rlim_cur && setrlimit(RLIMIT_NOFILE, &more) < 0) {
		lim.rlim_cur = lim.rlim_max;
		setrlimit(RLIMIT_NOFILE, &lim);
	}
}

static int make_node(struct site *s, struct site_node *n, const struct topo_node *t,
		     int *next_port)
{
	size_t i;

	n->site = s;
	n->topo = t;
	n->log_fd = n->cpu_fd = n->init.pidfd = n->init.ctl = -1;
	n->port = calloc(t->nif + 1, sizeof(*n->port));
	if (!n->port)
		return -ENOMEM;
	for (i = 0; i < t->nif; i++) {
		struct site_port *p = &n->port[n->nport];

		if (!t->ifs[i].link)
			continue;
		p->ifc = &t->ifs[i];
		port_name(p->name, t, p->ifc, n->nport);
		p->node_index = FIRST_NODE_INDEX + (int)n->nport;
		p->port_index = (*next_port)++;
		p->bridge = bridge_index(s, p->ifc->link);
		n->nport++;
	}
	return 0;
}

static struct site *site_new(const struct site_opts *o)
{
	struct site *s = calloc(1, sizeof(*s));
	int next_port = FIRST_PORT_INDEX;
	size_t i;

	if (!s)
		return NULL;
	s->o = *o;
	s->home_net = s->home_pid = s->switch_net = -1;
	s->run_id = strdup(o->run_id);
	s->log_dir = strdup(o->log_dir);
	s->node = calloc(o->topo->nnode + 1, sizeof(*s->node));
	if (!s->run_id || !s->log_dir || !s->node)
		goto fail;
	for (i = 0; i < o->topo->nnode; i++) {
		s->nnode++;
		if (make_node(s, &s->node[i], &o->topo->node[i], &next_port) < 0)
			goto fail;
	}
	return s;
fail:
	site_free(s);
	return NULL;
}

static int build(struct site *s)
{
	size_t i;
	int r;

	s->home_net = netns_own("net");
	s->home_pid = netns_own("pid");
	if (s->home_net < 0 || s->home_pid < 0) {
		r = s->home_net < 0 ? s->home_net : s->home_pid;
		log_warnx("cannot open our own namespaces: %s", strerror(-r));
		return r;
	}
	r = closer_start(s->run_id);
	if (r < 0) {
		log_warnx("cannot start the closer: %s", strerror(-r));
		return r;
	}
	s->has_closer = true;
	r = build_switches(s);
	for (i = 0; r == 0 && i < s->nnode; i++)
		r = site_start_init(&s->node[i]);
	if (r == 0)
		r = site_link_up(s);
	return r;
}

struct site *site_build(const struct site_opts *o)
{
	struct site *s = site_new(o);

	if (!s) {
		log_warnx("out of memory");
		return NULL;
	}
	raise_fd_limit(o->topo);
	/* What clean.c takes for the living owner of what it finds below it. */
	prctl(PR_SET_NAME, "halbsim");
	if (build(s) < 0) {
		site_free(s);
		return NULL;
	}
	return s;
}

void site_free(struct site *s)
{
	size_t i;

	if (!s)
		return;
	s->ended_cb = NULL;
	s->o.exit_cb = NULL;
	s->o.node_cb = NULL;
	for (i = 0; i < s->nnode; i++) /* all first, so that they die together */
		node_kill(&s->node[i]);
	for (i = 0; i < s->nnode; i++) {
		node_reap(&s->node[i]);
		node_free_files(&s->node[i]);
		shape_free(&s->node[i]);
		fd_close(&s->node[i].log_fd);
		free(s->node[i].port);
	}
	if (s->has_closer)
		closer_stop();
	nl_socket_free(s->switch_sk);
	fd_close(&s->switch_net);
	fd_close(&s->home_net);
	fd_close(&s->home_pid);
	free(s->node);
	free(s->run_id);
	free(s->log_dir);
	free(s);
}

/* --- looking things up --- */

struct site_node *site_node(struct site *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->nnode; i++)
		if (!strcmp(s->node[i].topo->name, name))
			return &s->node[i];
	return NULL;
}

const struct topo_node *site_node_topo(const struct site_node *n)
{
	return n->topo;
}

bool site_node_is_up(const struct site_node *n)
{
	return n->up;
}

struct site_port *node_port(const struct site_node *n, const char *ifname)
{
	size_t i;

	for (i = 0; i < n->nport; i++)
		if (!ifname || !strcmp(n->port[i].ifc->name, ifname))
			return &n->port[i];
	return NULL;
}

const char *site_port_name(const struct site_node *n, const struct topo_if *i)
{
	struct site_port *p = node_port(n, i->name);

	return p ? p->name : NULL;
}

int site_in_netns(struct site *s, const struct site_node *n, int (*fn)(void *),
		  void *arg)
{
	int fd = n ? n->init.pidfd : s->switch_net, r, back;

	if (fd < 0)
		return -ENETDOWN;
	r = netns_enter(fd);
	if (r < 0)
		return r;
	r = fn(arg);
	back = netns_enter(s->home_net);
	if (back < 0) /* everything that follows would happen in the wrong place */
		fatalx(70, "cannot return to our own network namespace: %s",
		       strerror(-back));
	return r;
}
