#include "capture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "packet_sock.h"
#include "pcapng.h"
#include "span.h"

#define RCVBUF_BYTES  (16 * 1024 * 1024)
#define RESERVE_BYTES (4 * 1024 * 1024) /* a link; more is allocated as it comes */

struct cap_port {
	unsigned int index; /* 0: its node is down */
	const struct topo_node *node;
	const struct topo_if *ifc;
	size_t link;
	int interface; /* in its link's file */
};

struct capture {
	struct site *site;
	const struct topology *topo;
	struct loop *loop;
	struct record *rec;
	int fd;
	struct loop_fd watch;
	int64_t real_offset_ns;
	struct pcapng **link; /* as many as the topology has */
	struct cap_port *port;
	size_t nport;
	uint64_t dropped;
	bool remarked;
	int err; /* the first frame that could not be kept: -ENOMEM */
};

/* --- frames --- */

static const struct cap_port *find_port(const struct capture *c, int index)
{
	size_t i;

	for (i = 0; i < c->nport; i++)
		if (c->port[i].index == (unsigned int)index)
			return &c->port[i];
	return NULL;
}

static ssize_t receive(struct capture *c)
{
	uint8_t frame[PACKET_SNAP];
	struct sockaddr_ll from;
	const struct cap_port *p;
	int64_t mono_ns;
	ssize_t n = packet_receive(c->fd, c->real_offset_ns, frame, sizeof(frame), &from,
				   &mono_ns);
	int r;

	if (n <= 0 || from.sll_pkttype == PACKET_OUTGOING)
		return n;
	p = find_port(c, from.sll_ifindex);
	if (!p) /* the switch's own interface */
		return n;
	r = pcapng_packet(c->link[p->link], p->interface, record_time(c->rec, mono_ns),
			  frame, (uint32_t)(n < PACKET_SNAP ? n : PACKET_SNAP), (uint32_t)n);
	if (r && !c->err)
		c->err = r;
	return n;
}

static void ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct capture *c = arg;

	(void)f;
	(void)revents;
	packet_follow_clock(&c->real_offset_ns);
	while (receive(c) >= 0)
		;
	if (errno != EAGAIN && errno != ENETDOWN)
		log_warn("capture");
}

/* --- ports --- */

struct ports_of {
	struct capture *c;
	struct site_node *n;
};

static int find_indexes(void *arg)
{
	struct ports_of *po = arg;
	size_t i;

	for (i = 0; i < po->c->nport; i++) {
		struct cap_port *p = &po->c->port[i];

		if (p->node == site_node_topo(po->n))
			p->index = if_nametoindex(site_port_name(po->n, p->ifc));
	}
	return 0;
}

void capture_node(struct capture *c, const char *node)
{
	struct ports_of po = { c, site_node(c->site, node) };

	if (po.n)
		site_in_netns(c->site, NULL, find_indexes, &po);
}

static size_t link_number(const struct topology *t, const struct topo_link *l)
{
	size_t i;

	for (i = 0; i < t->nlink; i++)
		if (&t->link[i] == l || !strcmp(t->link[i].name, l->name))
			return i;
	return 0;
}

static int name_addresses(struct pcapng *file, const struct cap_port *p)
{
	size_t i;
	int r = 0;

	for (i = 0; i < p->ifc->naddr && !r; i++) {
		const struct topo_addr *a = &p->ifc->addr[i];
		const void *bytes = a->family == AF_INET6 ? (const void *)&a->v6 :
							    (const void *)&a->v4;

		r = pcapng_name(file, a->family, bytes, p->node->name);
	}
	return r;
}

static int add_port(struct capture *c, const struct topo_node *node,
		    const struct topo_if *ifc)
{
	struct cap_port *p = reallocarray(c->port, c->nport + 1, sizeof(*p));
	char *name;

	if (!p)
		return -ENOMEM;
	c->port = p;
	p = &p[c->nport];
	*p = (struct cap_port){ .node = node,
				.ifc = ifc,
				.link = link_number(c->topo, ifc->link) };
	name = textf("%s:%s", node->name, ifc->name);
	p->interface = name ? pcapng_interface(c->link[p->link], name,
					       ifc->naddr ? ifc->addr[0].text : NULL) :
			      -ENOMEM;
	free(name);
	if (p->interface < 0)
		return p->interface;
	c->nport++;
	return name_addresses(c->link[p->link], p);
}

static int add_ports(struct capture *c)
{
	size_t i, k;
	int r = 0;

	for (i = 0; i < c->topo->nnode && !r; i++) {
		const struct topo_node *n = &c->topo->node[i];

		for (k = 0; k < n->nif && !r; k++)
			if (n->ifs[k].link)
				r = add_port(c, n, &n->ifs[k]);
		if (!r)
			capture_node(c, n->name);
	}
	return r;
}

/* --- life --- */

static int open_socket(void *arg)
{
	struct capture *c = arg;
	struct sockaddr_ll all = { .sll_family = AF_PACKET,
				   .sll_protocol = htons(ETH_P_ALL) };
	int on = 1, size = RCVBUF_BYTES;

	c->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return -errno;
	/* Leaving frames were entering ones a moment before. */
	if (setsockopt(c->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0 &&
	    errno != ENOPROTOOPT)
		return -errno;
	if (setsockopt(c->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) < 0 ||
	    setsockopt(c->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0 ||
	    bind(c->fd, (struct sockaddr *)&all, sizeof(all)) < 0)
		return -errno;
	return 0;
}

static int open_files(struct capture *c)
{
	size_t i;
	int r = 0;

	c->link = calloc(c->topo->nlink + 1, sizeof(struct pcapng *));
	if (!c->link)
		return -ENOMEM;
	for (i = 0; i < c->topo->nlink && !r; i++) {
		c->link[i] = pcapng_new();
		r = c->link[i] ? pcapng_reserve(c->link[i], RESERVE_BYTES) : -ENOMEM;
	}
	return r;
}

struct capture *capture_new(struct site *site, const struct topology *topo,
			    struct loop *loop, struct record *rec)
{
	struct capture *c = calloc(1, sizeof(*c));
	int r;

	if (!c) {
		log_warnx("capture: no memory");
		return NULL;
	}
	*c = (struct capture){ .site = site, .topo = topo, .loop = loop, .rec = rec,
			       .fd = -1, .real_offset_ns = clock_real_offset() };
	r = open_files(c);
	if (!r)
		r = add_ports(c);
	if (!r)
		r = site_in_netns(site, NULL, open_socket, c);
	if (!r)
		r = loop_fd_add(loop, &c->watch, c->fd, EPOLLIN, ready, c);
	if (r < 0) {
		errno = -r;
		log_warn("capture");
		capture_free(c);
		return NULL;
	}
	return c;
}

void capture_free(struct capture *c)
{
	size_t i;

	if (!c)
		return;
	loop_fd_del(c->loop, &c->watch);
	if (c->fd >= 0)
		close(c->fd);
	for (i = 0; c->link && i < c->topo->nlink; i++)
		pcapng_free(c->link[i]);
	free(c->link);
	free(c->port);
	free(c);
}

/* --- writing --- */

static int add_remarks(struct pcapng *file, const struct event_log *log)
{
	size_t i;
	int r = 0;

	for (i = 0; i < log->n && !r; i++) {
		const struct event *e = &log->v[i];

		if (e->type == EV_SETTLED)
			r = pcapng_remark(file, e->t, "settled");
		else if (e->type == EV_FAULT && e->text)
			r = pcapng_remark(file, e->t, e->text);
	}
	return r;
}

static int write_link(const struct capture *c, size_t at, const char *dir,
		      int64_t zero_ns, const char *about)
{
	char *path = textf("%s/%s.pcapng", dir, c->topo->link[at].name);
	FILE *f = path ? fopen(path, "we") : NULL;
	int r = path ? f ? 0 : -errno : -ENOMEM;

	if (!r)
		r = pcapng_write(c->link[at], f, zero_ns, about);
	if (f && fclose(f) == EOF && !r)
		r = -errno;
	if (r) {
		errno = -r;
		log_warn("%s", path ? path : dir);
	}
	free(path);
	return r;
}

static void count_dropped(struct capture *c)
{
	struct tpacket_stats st;
	socklen_t len = sizeof(st);

	if (getsockopt(c->fd, SOL_PACKET, PACKET_STATISTICS, &st, &len) == 0)
		c->dropped += st.tp_drops;
}

int capture_write(struct capture *c, const char *dir, const struct event_log *log,
		  int64_t zero_ns)
{
	char *about = NULL;
	size_t i;
	int r = 0;

	while (receive(c) >= 0)
		;
	count_dropped(c);
	if (c->dropped)
		about = textf("%ju frames are missing: the socket was full",
			      (uintmax_t)c->dropped);
	if (about)
		log_warnx("capture: %s", about);
	if (c->err)
		log_warnx("capture: frames are missing: no memory");
	if (mkdir(dir, 0777) < 0 && errno != EEXIST) {
		r = -errno;
		log_warn("%s", dir);
	}
	for (i = 0; i < c->topo->nlink && !r && !c->remarked; i++)
		r = add_remarks(c->link[i], log);
	c->remarked = true;
	for (i = 0; i < c->topo->nlink && !r; i++)
		r = write_link(c, i, dir, zero_ns, about);
	free(about);
	return r;
}
