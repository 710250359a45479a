#include "traffic_socks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fd.h"
#include "traffic_impl.h"

/* Unless the traffic says which. */
enum { FIRST_PORT = 1024, LAST_PORT = 65535 };

void traffic_socks_init(struct traffic_socks *s, struct traffic *t,
			bool (*make_room)(struct traffic *t))
{
	s->t = t;
	s->make_room = make_room;
	s->n = s->taken = 0;
	s->first_port = t->conf->first_port ? t->conf->first_port : FIRST_PORT;
	s->last_port = t->conf->last_port ? t->conf->last_port : LAST_PORT;
	s->port = s->first_port;
}

static bool bind_port(const struct traffic_socks *s, int fd, const struct sockaddr *sa)
{
	if (bind(fd, sa, s->t->to_len) == 0)
		return true;
	return errno == EADDRINUSE && s->make_room(s->t) &&
	       bind(fd, sa, s->t->to_len) == 0;
}

/* Binds to the next port that is free. 0 or -errno. */
static int bind_next(struct traffic_socks *s, int fd)
{
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} any = { .sa.sa_family = s->t->to.ss_family };
	int tries;

	for (tries = s->first_port; tries <= s->last_port; tries++) {
		/* sin_port and sin6_port are in the same place */
		any.v4.sin_port = htons((uint16_t)s->port);
		s->port = s->port < s->last_port ? s->port + 1 : s->first_port;
		if (bind_port(s, fd, &any.sa))
			return 0;
		if (errno != EADDRINUSE)
			return -errno;
	}
	return -EADDRNOTAVAIL;
}

static int new_socket(const struct traffic_socks *s)
{
	return socket(s->t->to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static int open_one(struct traffic_socks *s)
{
	int fd = new_socket(s), r;
	const int off = 0;

	if (fd < 0 && errno == EMFILE && s->make_room(s->t))
		fd = new_socket(s);
	if (fd < 0)
		return -errno;
	/* The handshake's last ACK goes with the request. */
	r = setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof(off)) < 0 ? -errno : 0;
	if (r == 0)
		r = bind_next(s, fd);
	if (r < 0)
		fd_close(&fd);
	return r < 0 ? r : fd;
}

/* Runs in the client's namespace, when all have been taken. */
static int open_some(void *arg)
{
	struct traffic_socks *s = arg;
	int fd;

	s->n = s->taken = 0;
	do {
		fd = open_one(s);
		if (fd >= 0)
			s->fd[s->n++] = fd;
	} while (fd >= 0 && s->n < TRAFFIC_SOCKS);
	return s->n ? 0 : fd;
}

static int fill(struct traffic_socks *s)
{
	const struct traffic_env *env = &s->t->env;

	return traffic_socks_none(s) ? env->in_node(s->t->from, open_some, s, env->arg) : 0;
}

int traffic_socks_take(struct traffic_socks *s)
{
	int r = fill(s);

	return r < 0 ? r : s->fd[s->taken++];
}

void traffic_socks_refill(struct traffic_socks *s)
{
	(void)fill(s); /* whoever takes one hears why there is none */
}

void traffic_socks_close(struct traffic_socks *s)
{
	while (s->taken < s->n)
		close(s->fd[s->taken++]);
}
