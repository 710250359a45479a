#include "vrrp_garp.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "vrrp_arp.h"

#define BATCH 32

struct vrrp_garp {
	int fd;
	struct loop *loop; /* (borrowed) */
};

struct vrrp_garp *vrrp_garp_new(struct loop *l)
{
	struct vrrp_garp *g = calloc(1, sizeof(*g));
	int err;

	if (!g)
		return NULL;
	g->loop = l;
	/* Protocol 0: it never receives. */
	g->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (g->fd >= 0)
		return g;
	err = errno;
	free(g);
	errno = err;
	return NULL;
}

void vrrp_garp_free(struct vrrp_garp *g)
{
	if (!g)
		return;
	close(g->fd);
	free(g);
}

static void to_link(struct sockaddr_ll *sll, const struct vrrp_if *i, const uint8_t *frame)
{
	memset(sll, 0, sizeof(*sll));
	sll->sll_family = AF_PACKET;
	sll->sll_ifindex = i->index;
	sll->sll_halen = ETH_ALEN;
	memcpy(sll->sll_addr, frame, ETH_ALEN);
	memcpy(&sll->sll_protocol, frame + 12, 2);
}

/* One round, in as few system calls as possible. A frame that the kernel does
 * not take is lost, as on any wire; that is what the repeats are for. */
static void send_round(struct vrrp_garp *g, struct vips *s)
{
	struct mmsghdr msg[BATCH];
	struct sockaddr_ll to[BATCH];
	struct iovec iov[BATCH];
	unsigned int n = 0, done;
	size_t i;
	int r;

	for (i = 0; i <= s->n; i++) {
		if (n == BATCH || (i == s->n && n)) {
			for (done = 0; done < n; done += (unsigned int)r) {
				r = sendmmsg(g->fd, msg + done, n - done, 0);
				if (r <= 0)
					r = 1; /* that one failed; the others may go */
			}
			n = 0;
		}
		if (i == s->n)
			break;
		if (!s->v[i].frame_len || !s->v[i].ifp->index)
			continue;
		to_link(&to[n], s->v[i].ifp, s->v[i].frame);
		iov[n] = (struct iovec){ s->v[i].frame, s->v[i].frame_len };
		memset(&msg[n], 0, sizeof(msg[n]));
		msg[n].msg_hdr.msg_name = &to[n];
		msg[n].msg_hdr.msg_namelen = sizeof(to[n]);
		msg[n].msg_hdr.msg_iov = &iov[n];
		msg[n].msg_hdr.msg_iovlen = 1;
		n++;
	}
}

static void send_frame(struct vrrp_garp *g, const struct vrrp_if *i, const uint8_t *frame,
		       size_t len)
{
	struct sockaddr_ll to;

	to_link(&to, i, frame);
	if (sendto(g->fd, frame, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		return; /* lost */
}

/* --- spacing --- */

/* When may this address's next frame go? */
static int64_t *next_of(struct vip *v)
{
	return v->conf->addr.family == AF_INET6 ? &v->ifp->gna_next_ns :
						  &v->ifp->garp_next_ns;
}

/* Sends what may go now; sets the timer for the rest. */
static void run_queue(struct vrrp_garp_queue *q, int64_t now)
{
	int64_t earliest = 0, interval, *next;
	size_t done;
	struct vip *v;

	for (done = 0; done < q->vips->n; done++) {
		v = &q->vips->v[q->next];
		if (v->pending) {
			next = next_of(v);
			if (*next > now) {
				if (!earliest || *next < earliest)
					earliest = *next;
				break; /* in turn: the others of this kind wait as well */
			}
			v->pending--;
			if (v->frame_len && v->ifp->index)
				send_frame(q->garp, v->ifp, v->frame, v->frame_len);
			interval = v->conf->addr.family == AF_INET6 ? q->gna_interval_ns :
								      q->garp_interval_ns;
			*next = now + interval;
			if (!earliest)
				earliest = *next > now ? *next : now + 1;
		}
		q->next = (q->next + 1) % q->vips->n;
	}
	if (earliest)
		loop_timer_must(q->garp->loop, &q->timer, earliest);
}

static void queue_cb(struct loop_timer *t, void *arg)
{
	(void)t;
	run_queue(arg, clock_now());
}

void vrrp_garp_queue_init(struct vrrp_garp_queue *q, struct vrrp_garp *g,
			  struct vips *vips, const struct vrrp_conf *c)
{
	q->garp = g;
	q->vips = vips;
	q->garp_interval_ns = c->garp_interval_ns;
	q->gna_interval_ns = c->gna_interval_ns;
	q->next = 0;
	loop_timer_init(&q->timer, queue_cb, q);
}

void vrrp_garp_send(struct vrrp_garp_queue *q, int rounds, int64_t now)
{
	size_t i;

	if (!q->garp_interval_ns && !q->gna_interval_ns) {
		for (; rounds > 0; rounds--)
			send_round(q->garp, q->vips);
		return;
	}
	for (i = 0; i < q->vips->n; i++)
		q->vips->v[i].pending += rounds;
	run_queue(q, now);
}

void vrrp_garp_stop(struct vrrp_garp_queue *q)
{
	size_t i;

	if (!q->garp)
		return;
	loop_timer_cancel(q->garp->loop, &q->timer);
	for (i = 0; i < q->vips->n; i++)
		q->vips->v[i].pending = 0;
}

void vrrp_garp_for(struct vrrp_garp *g, const struct vrrp_if *i,
		   const struct conf_addr *addr)
{
	uint8_t frame[VRRP_NA_BYTES];

	if (!i->ether || !i->index)
		return;
	if (addr->family == AF_INET) {
		vrrp_arp_build(frame, i->mac, &addr->v4);
		send_frame(g, i, frame, VRRP_ARP_BYTES);
	} else {
		vrrp_ndisc_build(frame, i->mac, &addr->v6, false);
		send_frame(g, i, frame, VRRP_NA_BYTES);
	}
}
