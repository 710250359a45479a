/*
 * Programs that somebody runs in a node: input and output as they come, at a
 * terminal of their own when that is wanted. Whatever is slow is waited for and
 * holds up nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "block.h"
#include "live_impl.h"
#include "log.h"
#include "run.h"

#define ARGS_MAX 256
#define PIECE	 16384

struct live_exec {
	struct live_conn *conn; /* (borrowed) */
	struct site_node *node;
	char what[24];
	pid_t pid; /* its own process group; 0: it has ended */
	int in, out, err; /* our ends; of a terminal in and out are one, err -1 */
	struct loop_fd w_in, w_out, w_err;
	struct bytes input; /* not yet taken by it */
	bool input_ended, tty, ended;
	int status;
};

static struct loop *loop_of(struct live_exec *x)
{
	return x->conn->live->env.loop;
}

static void shut(struct live_exec *x, struct loop_fd *w, int *fd)
{
	loop_fd_del(loop_of(x), w);
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* --- its output --- */

static void out_ready(struct loop_fd *f, uint32_t revents, void *arg);

/* Reads one piece; false when there is none now, or none any more. */
static bool pull(struct live_exec *x, struct loop_fd *w, int *fd, enum talk_kind kind)
{
	char buf[PIECE];
	ssize_t n;

	if (*fd < 0)
		return false;
	n = read(*fd, buf, sizeof(buf));
	if (n > 0) {
		live_put(x->conn, kind, buf, (size_t)n);
		return true;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	/* EIO: nobody has the terminal open any more */
	shut(x, w, fd);
	return false;
}

static void listen_to(struct live_exec *x)
{
	bool room = bytes_left(&x->conn->out) < LIVE_BACKLOG;
	struct {
		struct loop_fd *w;
		int fd;
	} v[] = { { &x->w_out, x->out }, { &x->w_err, x->err } };
	size_t i;

	for (i = 0; i < 2; i++) {
		if (v[i].fd < 0)
			continue;
		if (room && !v[i].w->added)
			loop_fd_add(loop_of(x), v[i].w, v[i].fd, EPOLLIN, out_ready, x);
		else if (!room && v[i].w->added)
			loop_fd_del(loop_of(x), v[i].w);
	}
}

/*
 * When it has ended, what it still had to say is there to be read; others that
 * hold its output open are not waited for.
 */
static void finish(struct live_exec *x)
{
	if (!x->ended)
		return;
	while (bytes_left(&x->conn->out) < LIVE_BACKLOG &&
	       (pull(x, &x->w_out, &x->out, TALK_OUT) ||
		pull(x, &x->w_err, &x->err, TALK_ERR)))
		;
	if (bytes_left(&x->conn->out) < LIVE_BACKLOG)
		live_done(x->conn, x->status < 0 ? 128 - x->status : x->status);
}

static void out_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct live_exec *x = arg;

	(void)revents;
	if (f == &x->w_out)
		pull(x, &x->w_out, &x->out, TALK_OUT);
	else
		pull(x, &x->w_err, &x->err, TALK_ERR);
	listen_to(x);
	finish(x);
}

void live_exec_room(struct live_exec *x)
{
	listen_to(x);
	if (x->ended && !x->conn->done)
		finish(x);
}

bool live_exec_ended(struct live_exec *x, const char *what, int status)
{
	if (strcmp(x->what, what) != 0)
		return false;
	x->pid = 0;
	x->ended = true;
	x->status = status;
	finish(x);
	return true;
}

/* --- its input --- */

static void in_ready(struct loop_fd *f, uint32_t revents, void *arg);

static void feed(struct live_exec *x)
{
	size_t left = bytes_left(&x->input);
	ssize_t n;

	if (x->in < 0)
		return;
	if (left) {
		n = write(x->in, x->input.v + x->input.at, left);
		if (n > 0)
			bytes_use(&x->input, (size_t)n);
		else if (n < 0 && errno != EAGAIN && errno != EINTR)
			bytes_use(&x->input, left); /* it reads no more */
	}
	left = bytes_left(&x->input);
	if (left && !x->w_in.added)
		loop_fd_add(loop_of(x), &x->w_in, x->in, EPOLLOUT, in_ready, x);
	else if (!left)
		loop_fd_del(loop_of(x), &x->w_in);
	if (!left && x->input_ended && !x->tty)
		shut(x, &x->w_in, &x->in);
}

static void in_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct live_exec *x = arg;

	(void)f;
	(void)revents;
	feed(x);
	live_watch(x->conn);
}

bool live_exec_wants(const struct live_exec *x)
{
	return bytes_left(&x->input) < LIVE_BACKLOG;
}

static void set_size(const struct live_exec *x, int rows, int cols)
{
	struct winsize ws = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };

	if (x->tty && rows > 0 && cols > 0)
		ioctl(x->in, TIOCSWINSZ, &ws);
}

void live_exec_input(struct live_conn *c, const struct talk *t)
{
	struct live_exec *x = c->exec;
	int signo;

	switch (t->kind) {
	case TALK_IN:
		bytes_add(&x->input, t->data, t->len);
		feed(x);
		break;
	case TALK_IN_END:
		x->input_ended = true;
		feed(x);
		break;
	case TALK_SIZE:
		set_size(x, talk_number(t, 0), talk_number(t, 1));
		break;
	case TALK_SIGNAL:
		signo = talk_number(t, 0);
		if (x->pid && signo > 0 && signo < NSIG)
			kill(-x->pid, signo);
		break;
	default:
		break;
	}
}

/* --- life --- */

void live_exec_free(struct live_exec *x)
{
	if (!x)
		return;
	x->conn->exec = NULL;
	/* Its group and no more; what left it goes on, as after any log-out. */
	if (x->pid)
		kill(-x->pid, SIGKILL);
	shut(x, &x->w_in, &x->in);
	shut(x, &x->w_out, &x->out);
	shut(x, &x->w_err, &x->err);
	bytes_finish(&x->input);
	free(x);
}

/* Ours and its ends, ours non-blocking. theirs[]: in, out, err. 0 or -errno. */
static int make_ends(struct live_exec *x, int theirs[3])
{
	int p[3][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 } }, i;

	if (x->tty) {
		if (openpty(&x->in, &theirs[0], NULL, NULL, NULL) < 0)
			return -errno;
		fcntl(x->in, F_SETFD, FD_CLOEXEC);
		fcntl(theirs[0], F_SETFD, FD_CLOEXEC);
		fcntl(x->in, F_SETFL, O_NONBLOCK);
		x->out = fcntl(x->in, F_DUPFD_CLOEXEC, 3);
		theirs[1] = theirs[2] = theirs[0];
		return x->out < 0 ? -errno : 0;
	}
	for (i = 0; i < 3; i++)
		if (pipe2(p[i], O_CLOEXEC) < 0)
			return -errno;
	theirs[0] = p[0][0];
	x->in = p[0][1];
	x->out = p[1][0];
	theirs[1] = p[1][1];
	x->err = p[2][0];
	theirs[2] = p[2][1];
	fcntl(x->in, F_SETFL, O_NONBLOCK);
	fcntl(x->out, F_SETFL, O_NONBLOCK);
	fcntl(x->err, F_SETFL, O_NONBLOCK);
	return 0;
}

static int start(struct live_exec *x, char *const argv[], const char *term)
{
	char env_term[80], env_ps1[80];
	const char *const env[] = { "HOME=/root", env_ps1, x->tty ? env_term : NULL, NULL };
	int theirs[3] = { -1, -1, -1 }, i;
	struct site_io io = { .tty = x->tty, .env = env };
	pid_t pid = make_ends(x, theirs);

	snprintf(env_term, sizeof(env_term), "TERM=%s", term ? term : "dumb");
	snprintf(env_ps1, sizeof(env_ps1), "PS1=%s\\$ ", site_node_topo(x->node)->name);
	io.in = theirs[0];
	io.out = theirs[1];
	io.err = theirs[2];
	if (pid == 0)
		pid = site_spawn_io(x->node, x->what, argv, &io);
	for (i = 0; i < 3; i++)
		if (theirs[i] >= 0 && (i == 0 || theirs[i] != theirs[0]))
			close(theirs[i]);
	if (pid < 0)
		return (int)pid;
	x->pid = pid;
	return 0;
}

static void refuse(struct live_conn *c, int err, const char *node, const char *program)
{
	if (err == -ENETDOWN)
		live_say(c, "%s has no power (halbsim fault boot %s)", node, node);
	else if (err == -ENOENT)
		live_say(c, "%s: no program '%s' in there", node, program);
	else
		live_say(c, "%s: cannot run '%s': %s", node, program, strerror(-err));
	/* As a shell has it. */
	live_done(c, err == -ENOENT ? 127 : err == -EACCES ? 126 : EXIT_SOFTWARE);
}

static struct site_node *find_node(struct live_conn *c, const char *name)
{
	const struct topology *t = c->live->env.c->topo;
	struct site_node *n = site_node(c->live->env.site, name);
	const char *names[256], *near;
	size_t i;

	if (n)
		return n;
	for (i = 0; i < t->nnode && i < 256; i++)
		names[i] = t->node[i].name;
	near = block_nearest(name, names, i);
	live_say(c, near ? "no node '%s' in %s, did you mean '%s'?" :
			   "no node '%s' in %s (halbsim status shows them)%s",
		 name, t->name, near ? near : "");
	live_done(c, EXIT_USAGE_ERROR);
	return NULL;
}

void live_exec_start(struct live_conn *c, const json_t *ask)
{
	const json_t *words = json_object_get(ask, "argv");
	const char *node = json_string_value(json_object_get(ask, "node"));
	const char *term = json_string_value(json_object_get(ask, "term"));
	struct site_node *n = find_node(c, node ? node : "");
	struct live_exec *x;
	char *argv[ARGS_MAX + 1];
	size_t i, count = json_array_size(words);
	int r;

	if (!n)
		return;
	x = calloc(1, sizeof(*x));
	if (!x || !count || count > ARGS_MAX) {
		free(x);
		live_done(c, EXIT_USAGE_ERROR);
		return;
	}
	for (i = 0; i < count; i++)
		argv[i] = (char *)(uintptr_t)json_string_value(json_array_get(words, i));
	argv[count] = NULL;
	*x = (struct live_exec){ .conn = c, .node = n, .tty = term != NULL,
				 .in = -1, .out = -1, .err = -1 };
	snprintf(x->what, sizeof(x->what), "exec-%u", ++c->live->last_exec);
	c->exec = x;
	r = start(x, argv, term);
	if (r < 0) {
		live_exec_free(x);
		refuse(c, r, node, argv[0]);
		return;
	}
	set_size(x, (int)json_integer_value(json_object_get(ask, "rows")),
		 (int)json_integer_value(json_object_get(ask, "cols")));
	listen_to(x);
	live_watch(c);
}
