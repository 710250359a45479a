#include "keep.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "hold.h"
#include "live_dir.h"
#include "log.h"
#include "paths.h"
#include "run.h"

struct keeping {
	const struct keep *k;
	const struct job *j;
	int tell_fd; /* the exit code, to whoever waits for it */
	bool shown, stays;
	struct live_dir dir;
};

static int describe(struct keeping *g, const struct report *r)
{
	json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "name", g->dir.name, "case",
			      r->c->name, "topology", r->c->topo->name, "engine",
			      engine_name(g->j->engine), "time",
			      g->j->real ? "real" : "virtual", "started", "the end of its case");
	int e = j ? live_dir_describe(&g->dir, j) : -ENOMEM;

	json_decref(j);
	return e;
}

/* Leaves whoever waits; what we say goes to the site's log from here on. */
static int leave(struct keeping *g, int status)
{
	char *log = path_join(g->dir.path, "log");
	int fd = log ? hold_log(log) : -ENOMEM, r = fd < 0 ? fd : 0;
	unsigned char code = (unsigned char)status;

	free(log);
	if (r == 0)
		r = hold_leave(fd);
	if (fd >= 0)
		close(fd);
	if (r == 0 && chdir(g->dir.path) < 0)
		r = -errno;
	/* Last: its end is no longer ours. */
	if (r == 0 && write(g->tell_fd, &code, 1) != 1)
		r = -errno;
	return r;
}

/* The report is there: shows it, and decides. */
static int stays(const struct report *r, void *arg)
{
	struct keeping *g = arg;
	const char *name = g->k->name ? g->k->name : r->c->name;
	int fd, e;

	g->k->show(r, g->k->arg);
	g->shown = true;
	if (!g->k->always && r->verdict == VERDICT_HELD)
		return -1;
	if (live_dir_create(&g->dir, live_name_ok(name) ? name : "kept", !g->k->name))
		return -1;
	g->stays = true;
	e = describe(g, r);
	fd = e < 0 ? e : live_dir_listen(&g->dir);
	if (fd >= 0) {
		printf("site %s stays as it is now (halbsim status %s; halbsim down %s)\n",
		       g->dir.name, g->dir.name, g->dir.name);
		e = leave(g, verdict_exit(r->verdict));
	} else {
		e = fd;
	}
	if (e == 0)
		return fd;
	errno = -e;
	log_warn("the site cannot stay");
	if (fd >= 0)
		close(fd);
	return -1;
}

static void child(struct keeping *g) __attribute__((noreturn));
static void child(struct keeping *g)
{
	struct job j = *g->j;
	struct report r;
	bool ran;
	int e;

	j.stays = stays;
	j.stays_arg = g;
	e = job_run(&j, &r, &ran);
	if (ran && !g->shown)
		g->k->show(&r, g->k->arg);
	if (ran)
		report_finish(&r);
	if (g->stays)
		live_dir_remove(&g->dir);
	fflush(NULL);
	_exit(e);
}

int keep_run(const struct job *j, const struct keep *k)
{
	struct keeping g = { .k = k, .j = j, .dir = { .lock_fd = -1, .dir_fd = -1 } };
	unsigned char code;
	pid_t pid, parent = getpid();
	int fds[2];
	ssize_t n;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return EXIT_SOFTWARE;
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		/* Until it stays, it ends with us. */
		setsid();
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent)
			_exit(EXIT_SOFTWARE);
		close(fds[0]);
		g.tell_fd = fds[1];
		child(&g);
	}
	close(fds[1]);
	do {
		n = pid < 0 ? -1 : read(fds[0], &code, 1);
	} while (n < 0 && errno == EINTR);
	close(fds[0]);
	if (pid < 0)
		return EXIT_SOFTWARE;
	return n == 1 ? code : hold_wait(pid);
}
