#include "notify_fifo.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "script.h"

#define MODE (S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH)

static void close_one(struct notify_fifos *f, size_t i)
{
	if (!f->v[i].path)
		return;
	if (f->v[i].pid > 0)
		kill(-f->v[i].pid, SIGTERM);
	if (f->v[i].fd >= 0)
		close(f->v[i].fd);
	if (f->v[i].made)
		unlink(f->v[i].path);
	free(f->v[i].path);
	memset(&f->v[i], 0, sizeof(f->v[i]));
}

static void open_one(struct notify_fifos *f, size_t i, const struct conf_fifo *c)
{
	const char *more[] = { c->path, NULL };
	struct stat st;

	if (f->v[i].path && c->path && !strcmp(f->v[i].path, c->path))
		return;
	close_one(f, i);
	if (!c->path)
		return;
	f->v[i].path = strdup(c->path);
	f->v[i].fd = -1;
	if (!f->v[i].path) {
		log_warn("notify FIFO %s", c->path);
		return;
	}
	f->v[i].made = mkfifo(c->path, MODE) == 0;
	if (!f->v[i].made && errno != EEXIST)
		log_warn("notify FIFO %s", c->path);
	if (f->v[i].made && (c->uid != geteuid() || c->gid != getegid()) &&
	    chown(c->path, c->uid, c->gid) < 0)
		log_warn("notify FIFO %s: owner", c->path);
	/* For reading too: then it opens without a reader, and never breaks. */
	f->v[i].fd = open(c->path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (f->v[i].fd >= 0 && (fstat(f->v[i].fd, &st) < 0 || !S_ISFIFO(st.st_mode))) {
		close(f->v[i].fd);
		f->v[i].fd = -1;
		errno = EINVAL;
	}
	if (f->v[i].fd < 0)
		log_warn("notify FIFO %s", c->path);
	if (c->script.argv)
		f->v[i].pid = script_start(&c->script, more);
	if (f->v[i].pid < 0)
		log_warnx("cannot run %s", c->script.argv[0]);
}

void notify_fifos_open(struct notify_fifos *f, const struct conf_global *g)
{
	open_one(f, 0, &g->notify_fifo);
	open_one(f, 1, &g->vrrp_notify_fifo);
}

void notify_fifos_close(struct notify_fifos *f)
{
	size_t i;

	for (i = 0; i < NOTIFY_NFIFO; i++)
		close_one(f, i);
}

void notify_fifos_write(struct notify_fifos *f, const char *kind, const char *name,
			const char *state, unsigned int priority)
{
	char line[512];
	size_t i;
	int n = snprintf(line, sizeof(line), "%s \"%s\" %s %u\n", kind, name, state, priority);

	if (n >= (int)sizeof(line))
		return;
	for (i = 0; i < NOTIFY_NFIFO; i++)
		if (f->v[i].path && f->v[i].fd >= 0 &&
		    write(f->v[i].fd, line, (size_t)n) < 0)
			log_warn("notify FIFO %s", f->v[i].path);
}
