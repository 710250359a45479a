/* What all checkers that talk to the network share: sockets, and errors. */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "check.h"
#include "log.h"

enum check_result check_errno_result(int err)
{
	switch (err) {
	case 0:
		return CHECK_OK;
	case ETIMEDOUT:
		return CHECK_TIMEOUT;
	case ECONNREFUSED:
		return CHECK_REFUSED;
	case ECONNRESET:
	case ECONNABORTED:
	case EPIPE:
		return CHECK_RESET;
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EHOSTDOWN:
	case ENETDOWN:
		return CHECK_UNREACHABLE;
	case ENOMEM:
	case ENOBUFS:
	case EMFILE:
	case ENFILE:
	case ENOSPC:
		return CHECK_NOT_RUN; /* ours, not the server's */
	}
	return CHECK_IO_ERROR;
}

static socklen_t make_sockaddr(struct sockaddr_storage *ss, const struct conf_addr *a,
			       int port, const char *bind_if)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *v4 = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	ss->ss_family = (sa_family_t)a->family;
	if (a->family == AF_INET6) {
		v6->sin6_addr = a->v6;
		v6->sin6_port = htons((uint16_t)port);
		if (bind_if && IN6_IS_ADDR_LINKLOCAL(&a->v6))
			v6->sin6_scope_id = if_nametoindex(bind_if);
		return sizeof(*v6);
	}
	v4->sin_addr = a->v4;
	v4->sin_port = htons((uint16_t)port);
	return sizeof(*v4);
}

void check_target(const struct check *c, struct sockaddr_storage *ss, socklen_t *len)
{
	const struct conf_addr *a = &c->conf->connect_ip;
	int port = c->conf->connect_port;

	*len = make_sockaddr(ss, a->family ? a : &c->real->addr,
			     port ? port : c->real->port, c->conf->bind_if);
}

/* Applies bind_if, fwmark and bindto. 0 or -errno. */
static int set_up(const struct check *c, int fd)
{
	const struct checker_conf *conf = c->conf;
	struct sockaddr_storage ss;
	socklen_t len;

	if (conf->fwmark &&
	    setsockopt(fd, SOL_SOCKET, SO_MARK, &conf->fwmark, sizeof(conf->fwmark)) < 0)
		return -errno;
	if (conf->bind_if && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, conf->bind_if,
					(socklen_t)strlen(conf->bind_if) + 1) < 0)
		return -errno;
	if (!conf->bindto.family)
		return 0;
	len = make_sockaddr(&ss, &conf->bindto, conf->bind_port, conf->bind_if);
	return bind(fd, (struct sockaddr *)&ss, len) < 0 ? -errno : 0;
}

int check_socket(struct check *c, int type, int protocol)
{
	struct sockaddr_storage ss;
	socklen_t len;
	int fd, r;

	check_target(c, &ss, &len);
	fd = socket(ss.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		return -errno;
	r = set_up(c, fd);
	if (r < 0) {
		close(fd);
		return r;
	}
	c->io.fd = fd;
	return 0;
}

int check_connect(struct check *c)
{
	struct sockaddr_storage ss;
	socklen_t len;

	check_target(c, &ss, &len);
	if (connect(c->io.fd, (struct sockaddr *)&ss, len) < 0 && errno != EINPROGRESS)
		return -errno;
	return 0;
}

int check_connected(struct check *c, uint32_t revents)
{
	socklen_t len = sizeof(int);
	int err = 0;

	if (!(revents & (EPOLLERR | EPOLLHUP)))
		return 0;
	if (getsockopt(c->io.fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		return -errno;
	return -err; /* a server that hung up at once did connect */
}

int check_watch(struct check *c, uint32_t events,
		void (*cb)(struct loop_fd *, uint32_t, void *))
{
	if (!c->io.added)
		return loop_fd_add(check_loop(c), &c->io, c->io.fd, events, cb, c);
	c->io.cb = cb;
	return loop_fd_mod(check_loop(c), &c->io, events);
}

void check_open_marked(struct check *c)
{
	bool udp = c->conf->type == CHECK_UDP || c->conf->type == CHECK_DNS;
	int r = check_socket(c, udp ? SOCK_DGRAM : SOCK_STREAM,
			     udp ? IPPROTO_UDP : IPPROTO_TCP);

	if (r < 0) {
		errno = -r;
		log_warn("a socket with fwmark %u", c->conf->fwmark);
	}
}

void check_keep(struct check *c)
{
	loop_fd_del(check_loop(c), &c->io);
	if (c->io.fd >= 0)
		shutdown(c->io.fd, SHUT_RDWR); /* the peer sees an end; or there was none */
}

int check_disconnect(struct check *c)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	return connect(c->io.fd, &none, sizeof(none)) < 0 ? -errno : 0;
}

/* Errors of connect() that say something about the server, not about us. */
static bool is_verdict(int err)
{
	enum check_result r = check_errno_result(err);

	return r != CHECK_IO_ERROR && r != CHECK_NOT_RUN;
}

bool check_begin(struct check *c, int type, int protocol, uint32_t events,
		 void (*cb)(struct loop_fd *, uint32_t, void *))
{
	bool connecting = false;
	int r = c->io.fd >= 0 ? check_disconnect(c) : check_socket(c, type, protocol);

	if (!r) {
		connecting = true;
		r = check_connect(c);
	}
	if (!r) {
		connecting = false;
		r = check_watch(c, events, cb);
	}
	if (!r)
		return true;
	if (connecting && is_verdict(-r))
		check_done(c, check_errno_result(-r));
	else
		check_done_detail(c, CHECK_NOT_RUN, strerror(-r));
	return false;
}
