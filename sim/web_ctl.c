/* The backend's control socket: faults come in as words. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "web_impl.h"

struct web_ctl_conn {
	struct web *web;
	int fd;
	struct loop_fd watch;
	struct web_ctl_conn *next;
};

static const struct {
	const char *name;
	enum web_mode mode;
	int lo, hi; /* of its number; 0: takes none */
} commands[] = {
	{ "heal", WEB_FINE, 0, 0 },	  { "hang", WEB_HANG, 0, 0 },
	{ "slow", WEB_SLOW, 1, 3600000 }, { "error", WEB_ERROR, 400, 599 },
	{ "dead", WEB_DEAD, 0, 0 },
};

void web_command(struct web *w, const char *text, char *answer, size_t len)
{
	size_t i, name = strcspn(text, " ");
	char *end = NULL;
	long value = 0;
	int r;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strlen(commands[i].name) == name &&
		    !strncmp(text, commands[i].name, name))
			break;
	if (i == sizeof(commands) / sizeof(commands[0])) {
		snprintf(answer, len, "error: unknown command '%.40s'", text);
		return;
	}
	if (text[name])
		value = strtol(text + name + 1, &end, 10);
	if (commands[i].hi
		    ? (!end || *end || value < commands[i].lo || value > commands[i].hi)
		    : text[name] != '\0') {
		if (commands[i].hi)
			snprintf(answer, len, "error: '%s' needs a number in %d-%d",
				 commands[i].name, commands[i].lo, commands[i].hi);
		else
			snprintf(answer, len, "error: '%s' takes nothing",
				 commands[i].name);
		return;
	}
	if (commands[i].mode == WEB_FINE && w->mode == WEB_FINE) {
		snprintf(answer, len, "error: it is fine already");
		return;
	}
	r = web_set_mode(w, commands[i].mode, (int)value);
	if (r < 0)
		snprintf(answer, len, "error: %s: %s", commands[i].name, strerror(-r));
	else
		snprintf(answer, len, "ok %.40s", text);
}

static void ctl_free(struct web_ctl_conn *c)
{
	struct web_ctl_conn **at;

	for (at = &c->web->ctl_conns; *at && *at != c; at = &(*at)->next)
		;
	if (*at)
		*at = c->next;
	loop_fd_del(c->web->loop, &c->watch);
	close(c->fd);
	free(c);
}

static void ctl_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct web_ctl_conn *c = arg;
	char text[128], answer[192];
	ssize_t n = recv(f->fd, text, sizeof(text) - 1, 0);

	(void)revents;
	if (n <= 0) {
		if (n == 0 || errno != EAGAIN)
			ctl_free(c);
		return;
	}
	text[n] = '\0';
	web_command(c->web, text, answer, sizeof(answer));
	if (send(f->fd, answer, strlen(answer), MSG_NOSIGNAL) < 0)
		ctl_free(c);
}

static void ctl_accept(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct web *w = arg;
	struct web_ctl_conn *c;
	int fd = accept4(f->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)revents;
	if (fd < 0)
		return;
	c = calloc(1, sizeof(*c));
	if (!c) {
		close(fd);
		return;
	}
	c->web = w;
	c->fd = fd;
	c->next = w->ctl_conns;
	w->ctl_conns = c;
	if (loop_fd_add(w->loop, &c->watch, fd, EPOLLIN, ctl_ready, c) < 0)
		ctl_free(c);
}

int web_control(struct web *w, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int r;

	if (strlen(path) >= sizeof(a.sun_path))
		return -ENAMETOOLONG;
	memcpy(a.sun_path, path, strlen(path) + 1);
	w->ctl = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (w->ctl < 0)
		return -errno;
	unlink(path); /* of one that was killed; nobody else's path is given here */
	r = bind(w->ctl, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(w->ctl, 8) < 0
		    ? -errno
		    : loop_fd_add(w->loop, &w->ctl_watch, w->ctl, EPOLLIN, ctl_accept,
				  w);
	if (r < 0) {
		close(w->ctl);
		w->ctl = -1;
	}
	return r;
}

void web_ctl_finish(struct web *w)
{
	while (w->ctl_conns)
		ctl_free(w->ctl_conns);
	if (w->ctl < 0)
		return;
	loop_fd_del(w->loop, &w->ctl_watch);
	close(w->ctl);
	w->ctl = -1;
}
