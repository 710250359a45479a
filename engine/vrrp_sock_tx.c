/* Adverts that go out: at once, or several in one call. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "vrrp_sock_priv.h"

socklen_t vrrp_sock_addr(struct sockaddr_storage *ss, const struct conf_addr *a, int index)
{
	struct sockaddr_in *in = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;

	memset(ss, 0, sizeof(*ss));
	ss->ss_family = (sa_family_t)a->family;
	if (a->family == AF_INET) {
		in->sin_addr = a->v4;
		return sizeof(*in);
	}
	in6->sin6_addr = a->v6;
	if (IN6_IS_ADDR_LINKLOCAL(&a->v6) || IN6_IS_ADDR_MULTICAST(&a->v6))
		in6->sin6_scope_id = (uint32_t)index;
	return sizeof(*in6);
}

int vrrp_sock_send(struct vrrp_sock *s, const struct vrrp_tx *t,
		   const struct conf_addr *src, const struct conf_addr *dst)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in6_pktinfo))] = { 0 };
	struct in6_pktinfo info = { .ipi6_addr = src->v6,
				    .ipi6_ifindex = (unsigned int)s->index };
	struct sockaddr_storage to;
	struct iovec iov = { t->buf, t->len };
	struct msghdr m = { .msg_name = &to, .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;

	m.msg_namelen = vrrp_sock_addr(&to, dst, s->index);
	if (s->family == AF_INET6) {
		m.msg_control = control;
		m.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = IPPROTO_IPV6;
		c->cmsg_type = IPV6_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(c), &info, sizeof(info));
	}
	return sendmsg(s->out, &m, s->unicast ? 0 : MSG_DONTROUTE) < 0 ? -errno : 0;
}

void vrrp_sock_queue(struct vrrp_sock *s, const struct vrrp_tx *t,
		     const struct conf_addr *src)
{
	struct vrrp_socks *p = s->pool;

	/* (IPv6 has its source in ancillary data, a peer its own destination.) */
	if (s->unicast || s->family != AF_INET) {
		vrrp_sock_send(s, t, src, &s->at);
		return;
	}
	if (s->nqueue == VRRP_SOCK_QUEUE)
		vrrp_sock_flush(s);
	s->queue[s->nqueue++] = (struct iovec){ t->buf, t->len };
	if (s->waits)
		return;
	s->waits = true;
	s->next_waiting = p->waiting;
	p->waiting = s;
}

/* One that the kernel does not take is lost, as on the wire. */
static void send_queue(struct vrrp_sock *s)
{
	struct mmsghdr m[VRRP_SOCK_QUEUE];
	struct sockaddr_storage to;
	socklen_t len = vrrp_sock_addr(&to, &s->at, s->index);
	unsigned int i, done;
	int r;

	for (i = 0; i < s->nqueue; i++)
		m[i].msg_hdr = (struct msghdr){ .msg_name = &to, .msg_namelen = len,
						.msg_iov = &s->queue[i], .msg_iovlen = 1 };
	for (done = 0; done < s->nqueue; done += r > 0 ? (unsigned int)r : 1)
		r = sendmmsg(s->out, m + done, s->nqueue - done, MSG_DONTROUTE);
	s->nqueue = 0;
}

void vrrp_sock_flush(struct vrrp_sock *s)
{
	struct vrrp_sock **at;

	if (!s || !s->waits)
		return;
	for (at = &s->pool->waiting; *at != s; at = &(*at)->next_waiting)
		;
	*at = s->next_waiting;
	s->waits = false;
	send_queue(s);
}

void vrrp_socks_flush(void *socks)
{
	struct vrrp_socks *p = socks;

	while (p->waiting)
		vrrp_sock_flush(p->waiting);
}
