#include "live_client.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "live_dir.h"
#include "log.h"
#include "run.h"

#define PIECE 16384
/* No more input than this is on its way. */
#define BACKLOG 262144

static int send_all(int fd, struct bytes *b)
{
	ssize_t n;

	while (bytes_left(b)) {
		n = send(fd, b->v + b->at, bytes_left(b), MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			bytes_use(b, (size_t)n);
	}
	return 0;
}

int live_ask(int fd, json_t *ask)
{
	char *text = ask ? json_dumps(ask, JSON_COMPACT) : NULL;
	struct bytes b = { 0 };
	int r = text ? talk_put(&b, TALK_ASK, text, strlen(text)) : -ENOMEM;

	if (r == 0)
		r = send_all(fd, &b);
	bytes_finish(&b);
	free(text);
	json_decref(ask);
	return r;
}

void live_print_line(const struct talk *t, void *arg)
{
	(void)arg;
	if (t->kind != TALK_LINE)
		return;
	fwrite(t->data, 1, t->len, stdout);
	putchar('\n');
	fflush(stdout);
}

static void say(const struct talk *t)
{
	log_warnx("%.*s", (int)t->len, (const char *)t->data);
}

int live_hear(int fd, void (*got)(const struct talk *t, void *arg), void *arg)
{
	struct bytes in = { 0 };
	char buf[PIECE];
	struct talk t;
	ssize_t n;
	int r = 0, done = -EIO;

	while (done == -EIO) {
		n = read(fd, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || bytes_add(&in, buf, (size_t)n) < 0)
			break;
		while (done == -EIO && (r = talk_take(&in, &t)) > 0) {
			if (t.kind == TALK_DONE)
				done = talk_number(&t, 0);
			else if (t.kind == TALK_SAY)
				say(&t);
			else if (got)
				got(&t, arg);
		}
		if (r < 0)
			break;
	}
	bytes_finish(&in);
	return done;
}

int live_verb(const char *name, json_t *ask, void (*got)(const struct talk *t, void *arg),
	      void *arg)
{
	struct live_dir d;
	int r = live_dir_find(&d, name), fd;

	if (r) {
		json_decref(ask);
		return r;
	}
	fd = live_dir_connect(&d, NULL);
	if (fd < 0) {
		json_decref(ask);
		live_dir_finish(&d);
		return EXIT_SOFTWARE;
	}
	r = live_ask(fd, ask);
	if (r == 0)
		r = live_hear(fd, got, arg);
	if (r < 0) {
		log_warnx("site %s has ended", d.name);
		r = EXIT_SOFTWARE;
	}
	close(fd);
	live_dir_finish(&d);
	return r;
}

/* --- a program in a node --- */

struct session {
	int fd, sig_fd;
	bool tty, in_open;
	struct termios was;
	struct bytes in, out; /* from and to the site */
	int status;
};

static void put_size(struct session *s)
{
	struct winsize ws;
	int32_t v[2];

	if (!s->tty || ioctl(STDIN_FILENO, TIOCGWINSZ, &ws) < 0)
		return;
	v[0] = ws.ws_row;
	v[1] = ws.ws_col;
	talk_put(&s->out, TALK_SIZE, v, sizeof(v));
}

static void take_signal(struct session *s)
{
	struct signalfd_siginfo info;

	if (read(s->sig_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGWINCH)
		put_size(s);
	else
		talk_put_number(&s->out, TALK_SIGNAL, (int32_t)info.ssi_signo);
}

static void take_input(struct session *s)
{
	char buf[PIECE];
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));

	if (n > 0) {
		talk_put(&s->out, TALK_IN, buf, (size_t)n);
	} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		s->in_open = false;
		talk_put(&s->out, TALK_IN_END, NULL, 0);
	}
}

/* False when whoever reads our output has gone. */
static bool write_out(int fd, const unsigned char *p, size_t len)
{
	ssize_t n;

	for (; len; p += n, len -= (size_t)n) {
		n = write(fd, p, len);
		if (n < 0 && errno != EINTR)
			return false;
		n = n < 0 ? 0 : n;
	}
	return true;
}

/* 0 to go on, 1 at the end, -errno. */
static int take_talk(struct session *s)
{
	char buf[PIECE];
	ssize_t n = read(s->fd, buf, sizeof(buf));
	struct talk t;
	int r;

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	if (n == 0 || bytes_add(&s->in, buf, (size_t)n) < 0)
		return -EIO;
	while ((r = talk_take(&s->in, &t)) > 0) {
		if (t.kind == TALK_DONE) {
			s->status = talk_number(&t, 0);
			return 1;
		}
		if (t.kind == TALK_SAY)
			say(&t);
		else if ((t.kind == TALK_OUT && !write_out(STDOUT_FILENO, t.data, t.len)) ||
			 (t.kind == TALK_ERR && !write_out(STDERR_FILENO, t.data, t.len)))
			return -EPIPE;
	}
	return r;
}

static int converse(struct session *s)
{
	struct pollfd p[3];
	ssize_t n;
	int r = 0;

	while (r == 0) {
		size_t left = bytes_left(&s->out);

		p[0] = (struct pollfd){ s->fd, (short)(POLLIN | (left ? POLLOUT : 0)), 0 };
		p[1] = (struct pollfd){ s->sig_fd, POLLIN, 0 };
		p[2] = (struct pollfd){ s->in_open && left < BACKLOG ? STDIN_FILENO : -1,
					POLLIN, 0 };
		if (poll(p, 3, -1) < 0 && errno != EINTR)
			return -errno;
		if (p[1].revents)
			take_signal(s);
		if (p[2].revents)
			take_input(s);
		left = bytes_left(&s->out);
		if (left) {
			n = send(s->fd, s->out.v + s->out.at, left,
				 MSG_NOSIGNAL | MSG_DONTWAIT);
			if (n > 0)
				bytes_use(&s->out, (size_t)n);
			else if (n < 0 && errno != EAGAIN && errno != EINTR)
				bytes_use(&s->out, left); /* what it said is still to be read */
		}
		if (p[0].revents & (POLLIN | POLLHUP | POLLERR))
			r = take_talk(s);
	}
	return r;
}

static void raw(struct session *s, bool on)
{
	struct termios t;

	if (!s->tty)
		return;
	if (!on) {
		tcsetattr(STDIN_FILENO, TCSADRAIN, &s->was);
		return;
	}
	t = s->was;
	cfmakeraw(&t);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &t);
}

static json_t *exec_ask(const char *node, char *const argv[], bool tty)
{
	const char *term = getenv("TERM");
	json_t *words = json_array(), *ask;
	struct winsize ws;

	for (; *argv; argv++)
		if (json_array_append_new(words, json_string(*argv)) < 0) {
			log_warnx("'%s' is not UTF-8", *argv);
			json_decref(words);
			return NULL;
		}
	ask = json_pack("{s:s, s:s, s:o}", "verb", "exec", "node", node, "argv", words);
	if (tty)
		json_object_set_new(ask, "term", json_string(term && *term ? term : "dumb"));
	if (tty && ioctl(STDIN_FILENO, TIOCGWINSZ, &ws) == 0) {
		json_object_set_new(ask, "rows", json_integer(ws.ws_row));
		json_object_set_new(ask, "cols", json_integer(ws.ws_col));
	}
	return ask;
}

static int take_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH };
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

int live_run(const char *name, const char *node, char *const argv[], bool tty)
{
	struct session s = { .in_open = true, .tty = tty && tcgetattr(0, &s.was) == 0 };
	json_t *ask = exec_ask(node, argv, s.tty);
	struct live_dir d;
	int r = ask ? live_dir_find(&d, name) : EXIT_USAGE_ERROR;

	if (r) {
		json_decref(ask);
		return r;
	}
	s.fd = live_dir_connect(&d, NULL);
	if (s.fd < 0) {
		json_decref(ask);
		live_dir_finish(&d);
		return EXIT_SOFTWARE;
	}
	s.sig_fd = take_signals();
	r = live_ask(s.fd, ask);
	raw(&s, true);
	if (r == 0)
		r = converse(&s);
	raw(&s, false);
	close(s.fd);
	close(s.sig_fd);
	bytes_finish(&s.in);
	bytes_finish(&s.out);
	if (r < 0 && r != -EPIPE)
		log_warnx("site %s has ended", d.name);
	live_dir_finish(&d);
	return r == 1 ? s.status : r == -EPIPE ? 128 + SIGPIPE : EXIT_SOFTWARE;
}
