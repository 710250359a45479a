/*
 * Faults: backends that are gone, hang, are slow or answer with errors. halbweb
 * takes these as commands on a socket in its node; any other backend can be
 * dead (killed) or hang (stopped), and healed of both.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "fault_impl.h"

#define CONTROL "/run/halbweb.sock"

/* In the server's namespace: the error that a connection to its port meets. */
static int try_port(void *arg)
{
	const struct timeval patience = { .tv_usec = 100000 };
	const struct fault_job *j = arg;
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd, r;

	a.sin_port =
		htons((uint16_t)(j->call.node->nweb ? j->call.node->web[0].port : 80));
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	r = connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ? -errno : 0;
	close(fd);
	return r;
}

static int port_state(struct fault_job *j)
{
	return site_in_netns(j->n->site, j->n, try_port, j);
}

static void look_dead(struct fault_job *j)
{
	if (site_pid(j->n, "web") == -ESRCH && port_state(j) == -ECONNREFUSED)
		fault_done(j, true, "connections are refused");
}

static void look_alive(struct fault_job *j)
{
	if (site_pid(j->n, "web") == -ESRCH)
		fault_done(j, false, "it ended again");
	else if (port_state(j) == 0)
		fault_done(j, true, "connections are taken");
}

static int make_dead(struct fault_job *j)
{
	int r;

	if (site_pid(j->n, "web") == -ESRCH) {
		fault_done(j, false, "it is dead already");
		return 0;
	}
	j->look = look_dead;
	r = site_node_signal_all(j->n, "web", SIGKILL);
	j->res.at_ns = clock_now();
	return r < 0 ? r : 0;
}

/* --- commands --- */

/* Connects to halbweb's socket. fd, or -errno: it is not halbweb. */
static int control(const struct fault_job *j)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd, r;

	snprintf(a.sun_path, sizeof(a.sun_path), "/proc/%d/root" CONTROL,
		 (int)j->n->init.pid);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

static void answered(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct fault_job *j = arg;
	char text[128];
	ssize_t n = recv(f->fd, text, sizeof(text) - 1, 0);

	(void)revents;
	text[n > 0 ? n : 0] = '\0';
	j->res.at_ns = clock_now();
	fault_done(j, !strncmp(text, "ok ", 3), "halbweb says: %s",
		   n > 0 ? text : "nothing");
}

/* Nothing to look at: the answer comes to the socket. */
static void look_ended(struct fault_job *j)
{
	if (site_pid(j->n, "web") == -ESRCH)
		fault_done(j, false, "it ended");
}

static int command(struct fault_job *j, int fd)
{
	const struct fault_call *c = &j->call;
	char text[64];

	j->fd = fd;
	j->look = look_ended;
	if (!strcmp(c->mode, "slow"))
		snprintf(text, sizeof(text), "slow %lld",
			 (long long)(c->ns / NS_PER_MS));
	else if (!strcmp(c->mode, "error"))
		snprintf(text, sizeof(text), "error %lld", (long long)c->number);
	else
		snprintf(text, sizeof(text), "%s", c->mode);
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		return -errno;
	return loop_fd_add(j->n->site->o.loop, &j->watch, fd, EPOLLIN, answered, j);
}

/* A backend that takes no commands. */
static int without_commands(struct fault_job *j)
{
	const char *mode = j->call.mode;

	if (!strcmp(mode, "hang"))
		return fault_pause(j); /* the kernel still takes connections */
	if (!strcmp(mode, "heal"))
		return fault_resume(j);
	fault_done(j, false, "only halbweb can be made %s",
		   !strcmp(mode, "slow") ? "slow" : "to answer with errors");
	return 0;
}

int fault_backend(struct fault_job *j)
{
	int fd, r;

	if (!site_node_is_up(j->n) || j->n->dying) {
		fault_done(j, false, "%s has no power", j->call.node->name);
		return 0;
	}
	if (!strcmp(j->call.mode, "dead"))
		return make_dead(j);
	if (site_pid(j->n, "web") == -ESRCH) {
		if (strcmp(j->call.mode, "heal") != 0) {
			fault_done(j, false, "it is dead");
			return 0;
		}
		j->look = look_alive;
		r = j->env->start(j->call.node->name, "web", j->env->arg);
		if (r < 0)
			fault_done(j, false, "it does not start: %s", strerror(-r));
		return 0;
	}
	fd = control(j);
	return fd < 0 ? without_commands(j) : command(j, fd);
}
