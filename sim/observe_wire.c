/*
 * The wire: one packet socket in the switches' namespace sees each frame twice,
 * entering the switch from the node that sent it and leaving it to each node
 * that gets it, with the kernel's own time stamps. A filter in the kernel picks
 * what wire.c can read, so that the clients' traffic costs next to nothing.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "observe_impl.h"

#define RCVBUF_BYTES (4 * 1024 * 1024)
#define SNAP_BYTES   2048
#define STEP_NS	     NS_PER_MS /* more than this between two clocks is a step */

/* A port of a switch, and whose it is. */
struct port {
	unsigned int index; /* 0: its node is down */
	const struct topo_node *node;
	const char *node_name, *link; /* interned */
	const struct topo_if *ifc;
};

struct observe_wire {
	struct observe_env env;
	int fd;
	struct loop_fd watch;
	int64_t real_offset_ns; /* the kernel's stamps to CLOCK_MONOTONIC */
	bool answers;
	struct port *port;
	size_t nport;
};

/* --- the filter --- */

#define LD_B(off)  BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (off))
#define LD_H(off)  BPF_STMT(BPF_LD | BPF_H | BPF_ABS, (off))
#define JEQ(v, t, f) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (v), (t), (f))
#define JSET(v, t, f) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (v), (t), (f))
#define RET(n)	   BPF_STMT(BPF_RET | BPF_K, (n))

/*
 * ARP; IPv4 with VRRP, or TCP that is SYN-ACK or RST; the same and neighbour
 * discovery on IPv6. Jumps count from the next instruction; 26 drops, 27 takes.
 */
static int set_filter(int fd, bool answers)
{
	struct sock_filter code[] = {
		/*  0 */ LD_H(12),
		/*  1 */ JEQ(ETHERTYPE_ARP, 25, 0),
		/*  2 */ JEQ(ETHERTYPE_IP, 0, 11),
		/*  3 */ LD_B(ETH_HLEN + 9),
		/*  4 */ JEQ(112, 22, 0),
		/*  5 */ JEQ(answers ? IPPROTO_TCP : 0xff, 0, 20),
		/*  6 */ LD_H(ETH_HLEN + 6),
		/*  7 */ JSET(0x1fff, 18, 0),
		/*  8 */ BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, ETH_HLEN),
		/*  9 */ BPF_STMT(BPF_LD | BPF_B | BPF_IND, ETH_HLEN + 13),
		/* 10 */ JSET(0x04, 16, 0),
		/* 11 */ BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12),
		/* 12 */ JEQ(0x12, 14, 0),
		/* 13 */ RET(0),
		/* 14 */ JEQ(ETHERTYPE_IPV6, 0, 11),
		/* 15 */ LD_B(ETH_HLEN + 6),
		/* 16 */ JEQ(112, 10, 0),
		/* 17 */ JEQ(IPPROTO_ICMPV6, 5, 0),
		/* 18 */ JEQ(answers ? IPPROTO_TCP : 0xff, 0, 7),
		/* 19 */ LD_B(ETH_HLEN + 40 + 13),
		/* 20 */ JSET(0x04, 6, 0),
		/* 21 */ BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12),
		/* 22 */ JEQ(0x12, 4, 3),
		/* 23 */ LD_B(ETH_HLEN + 40),
		/* 24 */ JEQ(135, 2, 0),
		/* 25 */ JEQ(136, 1, 0),
		/* 26 */ RET(0),
		/* 27 */ RET(SNAP_BYTES),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0)
		return -errno;
	return 0;
}

/* --- what was seen --- */

static const struct port *find_port(const struct observe_wire *w, int index)
{
	size_t i;

	for (i = 0; i < w->nport; i++)
		if (w->port[i].index == (unsigned int)index)
			return &w->port[i];
	return NULL;
}

static void saw_vrrp(struct observe_wire *w, const struct port *p, bool delivered,
		     int64_t t, const struct wire_vrrp *v)
{
	struct event e = { .t = t, .type = EV_VRRP, .node = p->node_name };
	struct record *rec = w->env.rec;

	if (delivered && p->node->role != ROLE_DIRECTOR)
		return; /* flooded there; nobody listens */
	e.vrrp.link = p->link;
	e.vrrp.delivered = delivered;
	e.vrrp.src = record_text(rec, v->src);
	e.vrrp.dst = record_text(rec, v->dst);
	e.vrrp.version = v->version;
	e.vrrp.vrid = v->vrid;
	e.vrrp.priority = v->priority;
	e.vrrp.auth_type = v->auth_type;
	e.vrrp.interval = v->interval_ns;
	e.vrrp.ttl = v->ttl;
	e.vrrp.checksum_ok = v->checksum_ok;
	e.vrrp.vips = record_text(rec, v->vips);
	record_add(rec, &e);
}

static void saw_arp(struct observe_wire *w, const struct port *p, bool delivered,
		    int64_t t, const struct wire_arp *a)
{
	struct event e = { .t = t, .type = EV_ARP, .node = p->node_name };
	struct record *rec = w->env.rec;

	/* Who learns a virtual address's MAC: those who send to it. */
	if (delivered && p->node->role != ROLE_CLIENT && p->node->role != ROLE_ROUTER)
		return;
	e.arp.link = p->link;
	e.arp.delivered = delivered;
	e.arp.request = a->request;
	e.arp.gratuitous = a->gratuitous;
	e.arp.sender_mac = record_text(rec, a->sender_mac);
	e.arp.sender_ip = record_text(rec, a->sender_ip);
	e.arp.target_ip = record_text(rec, a->target_ip);
	e.arp.dst_mac = record_text(rec, a->dst_mac);
	record_add(rec, &e);
}

static void saw_frame(struct observe_wire *w, const struct sockaddr_ll *from, int64_t t,
		      const uint8_t *frame, size_t len)
{
	const struct port *p = find_port(w, from->sll_ifindex);
	bool delivered = from->sll_pkttype == PACKET_OUTGOING;
	struct wire wire;

	if (!p) /* a switch's own interface: it sees what its ports saw */
		return;
	wire_decode(frame, len, &wire);
	switch (wire.kind) {
	case WIRE_VRRP:
		saw_vrrp(w, p, delivered, t, &wire.vrrp);
		break;
	case WIRE_ARP:
		saw_arp(w, p, delivered, t, &wire.arp);
		break;
	case WIRE_ANSWER:
		if (delivered && w->env.answer)
			w->env.answer(p->node->name, &wire.answer, w->env.arg);
		break;
	case WIRE_OTHER:
		break;
	}
}

/* The kernel's stamp in run time; now, when there is none. */
static int64_t stamp_of(struct observe_wire *w, struct msghdr *m)
{
	struct cmsghdr *c;
	struct timespec ts;

	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&ts, CMSG_DATA(c), sizeof(ts));
		return record_time(w->env.rec, (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec -
						       w->real_offset_ns);
	}
	return record_now(w->env.rec);
}

static ssize_t receive(struct observe_wire *w)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(struct timespec))];
	} control;
	uint8_t frame[SNAP_BYTES];
	struct sockaddr_ll from;
	struct iovec iov = { frame, sizeof(frame) };
	struct msghdr m = { .msg_name = &from,
			    .msg_namelen = sizeof(from),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(w->fd, &m, 0);

	if (n > 0)
		saw_frame(w, &from, stamp_of(w, &m), frame, (size_t)n);
	return n;
}

static void ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct observe_wire *w = arg;
	int64_t offset = clock_real_offset();

	(void)f;
	(void)revents;
	/* Somebody may set the host's clock; small differences are our reading's. */
	if (offset > w->real_offset_ns + STEP_NS || offset < w->real_offset_ns - STEP_NS)
		w->real_offset_ns = offset;
	while (receive(w) >= 0)
		;
	if (errno != EAGAIN && errno != ENETDOWN)
		log_warn("the wire's observer");
}

/* --- ports --- */

struct ports_of {
	struct observe_wire *w;
	struct site_node *n;
};

static int find_indexes(void *arg)
{
	struct ports_of *po = arg;
	struct observe_wire *w = po->w;
	size_t i;

	for (i = 0; i < w->nport; i++)
		if (w->port[i].node == site_node_topo(po->n))
			w->port[i].index = if_nametoindex(site_port_name(po->n,
									 w->port[i].ifc));
	return 0;
}

static void record_port(struct observe_wire *w, const struct port *p)
{
	struct event e = { .t = record_now(w->env.rec), .type = EV_PORT,
			   .node = p->node_name };
	char mac[WIRE_MAC_TEXT];

	wire_mac_text(p->ifc->mac, mac);
	e.port.ifname = record_text(w->env.rec, p->ifc->name);
	e.port.link = p->link;
	e.port.mac = record_text(w->env.rec, mac);
	record_add(w->env.rec, &e);
}

static void add_port(struct observe_wire *w, const struct topo_node *node,
		     const struct topo_if *ifc)
{
	struct port *p = reallocarray(w->port, w->nport + 1, sizeof(*p));

	if (!p) {
		w->env.rec->err = -ENOMEM;
		return;
	}
	w->port = p;
	p = &w->port[w->nport++];
	*p = (struct port){ .node = node, .ifc = ifc };
	p->node_name = record_text(w->env.rec, node->name);
	p->link = record_text(w->env.rec, ifc->link->name);
	record_port(w, p);
}

void observe_wire_ports(struct observe_wire *w, struct site_node *n)
{
	const struct topo_node *node = site_node_topo(n);
	struct ports_of po = { w, n };
	bool known = false;
	size_t i;

	for (i = 0; i < w->nport; i++)
		known = known || w->port[i].node == node;
	for (i = 0; !known && i < node->nif; i++)
		if (node->ifs[i].link)
			add_port(w, node, &node->ifs[i]);
	site_in_netns(w->env.site, NULL, find_indexes, &po);
}

/* --- life --- */

static int open_socket(void *arg)
{
	struct observe_wire *w = arg;
	struct sockaddr_ll all = { .sll_family = AF_PACKET,
				   .sll_protocol = htons(ETH_P_ALL) };
	int on = 1, size = RCVBUF_BYTES, r;

	/* Protocol 0 hears nothing yet: the filter comes first. */
	w->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (w->fd < 0)
		return -errno;
	r = set_filter(w->fd, true);
	if (r < 0)
		return r;
	if (setsockopt(w->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) < 0 ||
	    setsockopt(w->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0 ||
	    bind(w->fd, (struct sockaddr *)&all, sizeof(all)) < 0)
		return -errno;
	return 0;
}

struct observe_wire *observe_wire_new(const struct observe_env *env)
{
	struct observe_wire *w = calloc(1, sizeof(*w));
	int r;

	if (!w) {
		log_warnx("observers: no memory");
		return NULL;
	}
	w->env = *env;
	w->fd = -1;
	w->answers = true;
	w->real_offset_ns = clock_real_offset();
	r = site_in_netns(env->site, NULL, open_socket, w);
	if (!r)
		r = loop_fd_add(env->loop, &w->watch, w->fd, EPOLLIN, ready, w);
	if (r < 0) {
		errno = -r;
		log_warn("the wire's observer");
		observe_wire_free(w);
		return NULL;
	}
	return w;
}

void observe_wire_no_answers(struct observe_wire *w)
{
	if (w->answers && set_filter(w->fd, false) == 0)
		w->answers = false;
}

void observe_wire_free(struct observe_wire *w)
{
	if (!w)
		return;
	loop_fd_del(w->env.loop, &w->watch);
	if (w->fd >= 0)
		close(w->fd);
	free(w->port);
	free(w);
}
