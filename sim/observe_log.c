#include "observe_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "expect.h"
#include "log.h"
#include "pattern.h"
#include "trigger.h"

#define LINE_MAX_LEN 400

/* One node's log. */
struct log_file {
	const char *node; /* (borrowed from the topology) */
	int fd;
	char line[LINE_MAX_LEN + 1]; /* what has come of the last one */
	size_t len;
	bool skips; /* the rest of a line that is too long */
};

struct observe_log {
	const struct case_ *c;
	struct record *rec;
	struct loop *loop;
	int fd; /* inotify */
	struct loop_fd watch;
	struct log_file *file;
	size_t n;
};

/* Whether the case asks about that line of that node; line NULL: about any. */
static bool asked(const struct case_ *c, const char *node, const char *line)
{
	const struct expect *e;
	const regex_t *re;
	const char *of;
	size_t i;

	for (i = 0; i < c->nstep; i++) {
		const struct trigger *t = c->step[i].when;

		if (t && t->kind == TRIGGER_LOG && !strcmp(t->node, node) &&
		    (!line || pattern_matches(&t->pattern, line)))
			return true;
	}
	for (e = c->expect; e; e = expect_next(e)) {
		re = expect_log_pattern(e, &of);
		if (re && !strcmp(of, node) && (!line || pattern_matches(re, line)))
			return true;
	}
	return false;
}

static void line_ends(struct observe_log *o, struct log_file *f)
{
	struct event e = { .t = record_now(o->rec), .type = EV_LOG };

	f->line[f->len] = '\0';
	f->len = 0;
	f->skips = false;
	/* Our own, before each program's output. */
	if (!strncmp(f->line, "== ", 3) || !asked(o->c, f->node, f->line))
		return;
	e.node = record_text(o->rec, f->node);
	e.text = record_text(o->rec, f->line);
	record_add(o->rec, &e);
}

static void read_file(struct observe_log *o, struct log_file *f)
{
	char buf[4096];
	ssize_t n, i;

	while ((n = read(f->fd, buf, sizeof(buf))) > 0) {
		for (i = 0; i < n; i++) {
			if (buf[i] == '\n')
				line_ends(o, f);
			else if (!f->skips && f->len < LINE_MAX_LEN)
				f->line[f->len++] = buf[i];
			else
				f->skips = true;
		}
	}
}

void observe_log_flush(struct observe_log *o)
{
	size_t i;

	for (i = 0; o && i < o->n; i++)
		read_file(o, &o->file[i]);
}

static void written(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct observe_log *o = arg;
	char buf[4096];

	(void)revents;
	while (read(f->fd, buf, sizeof(buf)) > 0)
		; /* whichever it was */
	observe_log_flush(o);
}

static int add_file(struct observe_log *o, const char *node, const char *dir)
{
	struct log_file *f = &o->file[o->n];
	char path[1024];

	snprintf(path, sizeof(path), "%s/%s.log", dir, node);
	f->node = node;
	f->fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0644);
	if (f->fd < 0)
		return -errno;
	o->n++;
	if (lseek(f->fd, 0, SEEK_END) < 0 || inotify_add_watch(o->fd, path, IN_MODIFY) < 0)
		return -errno;
	return 0;
}

static int open_all(struct observe_log *o, const char *dir)
{
	const struct topology *t = o->c->topo;
	size_t i;
	int r = 0;

	o->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (o->fd < 0)
		return -errno;
	o->file = calloc(t->nnode, sizeof(*o->file));
	if (!o->file)
		return -ENOMEM;
	for (i = 0; !r && i < t->nnode; i++)
		if (asked(o->c, t->node[i].name, NULL))
			r = add_file(o, t->node[i].name, dir);
	return r ? r : loop_fd_add(o->loop, &o->watch, o->fd, EPOLLIN, written, o);
}

int observe_log_new(struct observe_log **out, const struct case_ *c, const char *dir,
		    struct loop *loop, struct record *rec)
{
	struct observe_log *o;
	bool any = false;
	size_t i;
	int r;

	*out = NULL;
	for (i = 0; i < c->topo->nnode && !any; i++)
		any = asked(c, c->topo->node[i].name, NULL);
	if (!any)
		return 0;
	o = calloc(1, sizeof(*o));
	if (!o)
		return -ENOMEM;
	*o = (struct observe_log){ .c = c, .rec = rec, .loop = loop, .fd = -1 };
	r = open_all(o, dir);
	if (!r) {
		*out = o;
		return 0;
	}
	errno = -r;
	log_warn("%s: the nodes' logs", dir);
	observe_log_free(o);
	return r;
}

void observe_log_free(struct observe_log *o)
{
	if (!o)
		return;
	loop_fd_del(o->loop, &o->watch);
	while (o->n)
		close(o->file[--o->n].fd);
	if (o->fd >= 0)
		close(o->fd);
	free(o->file);
	free(o);
}
