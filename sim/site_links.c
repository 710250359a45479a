/* A site's cables: laid, and waited for until they carry frames. */
#include <errno.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "link.h"
#include "log.h"
#include "nlbatch.h"
#include "site_impl.h"

/*
 * So many nodes' cables are laid at a time. The kernel brings links into service (their
 * queues, and the state that daemons go by) a hundred a second, and at once only those
 * that find fewer than that waiting: all together, the links of a thousand nodes would
 * lose every frame for twenty seconds.
 */
#define CABLES_AT_ONCE 48

#define LOOK_AGAIN_NS  (NS_PER_MS / 10)
#define UP_LIMIT_NS    (30 * NS_PER_S) /* on a host others have links too */

/* Nodes have 02:…; the switch's side is told apart by its first byte. */
static void port_mac(uint8_t mac[ETH_ALEN], const uint8_t node_mac[ETH_ALEN])
{
	memcpy(mac, node_mac, ETH_ALEN);
	mac[0] = 0x06;
}

void site_queue_cables(struct site_node *n, struct nl_batch *b)
{
	uint8_t mac[ETH_ALEN];
	size_t i;

	for (i = 0; i < n->nport; i++) {
		struct site_port *p = &n->port[i];
		const struct link_cable c = {
			.port_name = p->name,
			.node_name = p->ifc->name,
			.port_index = p->port_index,
			.node_index = p->node_index,
			.port_mac = mac,
			.node_mac = p->ifc->mac,
			.bridge = p->bridge,
			.pid = n->init.pid,
			.port_up = site_has_ipv6(n),
		};

		port_mac(mac, p->ifc->mac);
		link_add_cable(b, &c);
	}
}

void site_queue_ports(struct site_node *n, struct nl_batch *b)
{
	size_t i;

	for (i = 0; i < n->nport; i++)
		link_set_up(b, n->port[i].port_index, n->port[i].name, true);
}

/* Commits what `queue` queues for each of these nodes, all in one. */
static int commit_each(struct site *s, size_t from, size_t to,
		       void (*queue)(struct site_node *n, struct nl_batch *b))
{
	struct nl_batch b;
	size_t i;
	int r;

	nl_batch_init(&b, s->switch_sk);
	for (i = from; i < to; i++)
		queue(&s->node[i], &b);
	r = site_commit(&b, "switches");
	nl_batch_finish(&b);
	return r;
}

/* --- in service --- */

struct look {
	const struct site_port *p;
	bool switch_side;
};

/* In the namespace: whether the kernel has brought an interface into service. */
static int is_running(void *arg)
{
	const struct look *l = arg;
	struct ifreq req = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int r;

	if (fd < 0)
		return -errno;
	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s",
		 l->switch_side ? l->p->name : l->p->ifc->name);
	r = ioctl(fd, SIOCGIFFLAGS, &req) < 0 ? -errno : !!(req.ifr_flags & IFF_RUNNING);
	close(fd);
	return r;
}

/* Waits for one end. 0 or -errno, said. */
static int wait_end(struct site_node *n, const struct site_port *p, bool switch_side,
		    int64_t deadline)
{
	const struct timespec pause = { .tv_nsec = LOOK_AGAIN_NS };
	struct look l = { p, switch_side };
	int r;

	while ((r = site_in_netns(n->site, switch_side ? NULL : n, is_running, &l)) == 0) {
		if (clock_now() > deadline) {
			r = -ETIMEDOUT;
			break;
		}
		nanosleep(&pause, NULL);
	}
	if (r > 0)
		return 0;
	log_warnx("%s: %s does not come up: %s", n->topo->name, p->ifc->name, strerror(-r));
	return r;
}

static int wait_links(struct site *s, size_t from, size_t to)
{
	int64_t deadline = clock_now() + UP_LIMIT_NS;
	size_t i, k;
	int r = 0;

	for (i = from; i < to; i++)
		for (k = 0; r == 0 && k < s->node[i].nport; k++) {
			const struct site_port *p = &s->node[i].port[k];

			r = wait_end(&s->node[i], p, true, deadline);
			if (r == 0)
				r = wait_end(&s->node[i], p, false, deadline);
		}
	return r;
}

int site_link_up(struct site *s)
{
	size_t from, to, i;
	int r = 0;

	for (from = 0; r == 0 && from < s->nnode; from = to) {
		to = from + CABLES_AT_ONCE < s->nnode ? from + CABLES_AT_ONCE : s->nnode;
		r = commit_each(s, from, to, site_queue_cables);
		for (i = from; r == 0 && i < to; i++)
			r = site_wait_init(&s->node[i]);
		/* One by one: the kernel has one lock for all of this, and makes those who
		 * write to disable_ipv6 meanwhile ask for it again and again. */
		for (i = from; r == 0 && i < to; i++)
			r = node_init_configure(&s->node[i].init);
		if (r == 0)
			r = commit_each(s, from, to, site_queue_ports);
		if (r == 0)
			r = wait_links(s, from, to);
	}
	return r;
}

