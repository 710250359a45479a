/* The backend's sockets. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "web_impl.h"
#include "web_tls.h"

#define BACKLOG 4096

/* Bound: connections come, and the ACK of a request goes with its reply. */
static int start_listening(int fd)
{
	const int off = 0;

	if (listen(fd, BACKLOG) < 0)
		return -1;
	/* afterwards: listen() forgets it */
	return setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof(off));
}

/* A bound socket on all addresses of a family. fd or -errno. */
static int bound(int family, int type, int port)
{
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6,
				   .sin6_port = htons((uint16_t)port) };
	struct sockaddr_in a4 = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port) };
	struct sockaddr *a = family == AF_INET ? (void *)&a4 : (void *)&a6;
	socklen_t len = family == AF_INET ? sizeof(a4) : sizeof(a6);
	int fd, one = 1, r;

	fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    (family == AF_INET6 &&
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) < 0) ||
	    bind(fd, a, len) < 0 || (type == SOCK_STREAM && start_listening(fd) < 0)) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

int web_port_open(struct web_port *p)
{
	static const int family[2] = { AF_INET, AF_INET6 };
	int i, fd, r;

	for (i = 0; i < 2; i++) {
		if (p->fd[i] >= 0)
			continue;
		fd = bound(family[i], SOCK_STREAM, p->port);
		if (fd < 0 && i == 1)
			break; /* a machine without IPv6 is fine */
		if (fd < 0)
			return fd;
		r = loop_fd_add(p->web->loop, &p->watch[i], fd, EPOLLIN,
				web_port_accept, p);
		if (r < 0) {
			close(fd);
			return r;
		}
		p->fd[i] = fd;
	}
	return 0;
}

void web_port_close(struct web_port *p)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (p->fd[i] < 0)
			continue;
		loop_fd_del(p->web->loop, &p->watch[i]);
		close(p->fd[i]);
		p->fd[i] = -1;
	}
}

int web_listen(struct web *w, int port, const char *body)
{
	struct web_port *p = calloc(1, sizeof(*p)), **at;

	if (!p)
		return -ENOMEM;
	p->web = w;
	p->port = port;
	p->fd[0] = p->fd[1] = -1;
	p->body = strdup(body);
	if (!p->body) {
		free(p);
		return -ENOMEM;
	}
	for (at = &w->ports; *at; at = &(*at)->next)
		;
	*at = p; /* web_free() closes it */
	return web_port_open(p);
}

static struct web_port *last_port(struct web *w)
{
	struct web_port *p = w->ports;

	while (p && p->next)
		p = p->next;
	return p;
}

int web_page(struct web *w, const char *path, int status)
{
	struct web_port *p = last_port(w);
	struct web_path *one = p ? calloc(1, sizeof(*one)) : NULL;

	if (!one)
		return p ? -ENOMEM : -EINVAL;
	one->path = strdup(path);
	if (!one->path) {
		free(one);
		return -ENOMEM;
	}
	one->len = strlen(path);
	one->status = status;
	one->next = p->paths;
	p->paths = one;
	return 0;
}

int web_tls_on(struct web *w)
{
	struct web_port *p = last_port(w);
	int r;

	if (!p || !web_tls)
		return p ? -ENOTSUP : -EINVAL;
	r = web_tls->init();
	p->tls = r == 0;
	return r;
}

/* --- UDP --- */

/*
 * Where a datagram was sent to comes as a control message; given back with the
 * answer, it is where that comes from.
 */
static void echo_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	_Alignas(struct cmsghdr) char control[256];
	struct web_udp *u = arg;
	struct sockaddr_storage from;
	char buf[2048];
	struct iovec iov = { buf, sizeof(buf) / 2 };
	struct msghdr m = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	const char *body = u->web->ports ? u->web->ports->body : "";
	struct cmsghdr *c;
	size_t room;
	ssize_t n = recvmsg(f->fd, &m, 0);

	(void)revents;
	if (n < 0 || u->web->mode == WEB_HANG || u->web->mode == WEB_DEAD)
		return;
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
			((struct in_pktinfo *)(void *)CMSG_DATA(c))->ipi_ifindex = 0;
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
			((struct in6_pktinfo *)(void *)CMSG_DATA(c))->ipi6_ifindex = 0;
	}
	room = sizeof(buf) - (size_t)n - 1;
	buf[n] = ' ';
	iov.iov_len = strlen(body) < room ? strlen(body) : room;
	memcpy(buf + n + 1, body, iov.iov_len);
	iov.iov_len += (size_t)n + 1;
	sendmsg(f->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL); /* lost is lost: it is UDP */
}

int web_echo(struct web *w, int port)
{
	static const int family[2] = { AF_INET, AF_INET6 };
	struct web_udp *u;
	int i, r = 0, one = 1;

	for (i = 0; i < 2 && r == 0; i++) {
		u = calloc(1, sizeof(*u));
		if (!u)
			return -ENOMEM;
		u->web = w;
		u->fd = bound(family[i], SOCK_DGRAM, port);
		if (u->fd < 0) {
			r = i == 1 ? 0 : u->fd;
			free(u);
			continue;
		}
		u->next = w->udps;
		w->udps = u;
		if (i == 0)
			r = setsockopt(u->fd, IPPROTO_IP, IP_PKTINFO, &one,
				       sizeof(one));
		else
			r = setsockopt(u->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one,
				       sizeof(one));
		r = r < 0 ? -errno
			  : loop_fd_add(w->loop, &u->watch, u->fd, EPOLLIN, echo_ready,
					u);
	}
	return r;
}

void web_echo_finish(struct web *w)
{
	struct web_udp *u;

	while ((u = w->udps)) {
		w->udps = u->next;
		loop_fd_del(w->loop, &u->watch);
		close(u->fd);
		free(u);
	}
}
