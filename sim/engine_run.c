#include "engine_run.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend_wants.h"
#include "conf_copy.h"
#include "cpu_group.h"
#include "log.h"
#include "loop.h"
#include "nginx_conf.h"
#include "run_stage.h"

#define CONF_INSIDE "/etc/keepalived"
#define ARGS_MAX    1024

/* Words for execvp, whose texts live until argv_finish(). */
struct argv {
	char *v[ARGS_MAX];
	size_t n;
};

static void add(struct argv *a, const char *text)
{
	if (a->n + 1 >= ARGS_MAX)
		fatalx(EXIT_SOFTWARE, "too many words for a program");
	a->v[a->n] = strdup(text);
	if (!a->v[a->n++])
		fatal(EXIT_SOFTWARE, "starting a program");
}

static void argv_finish(struct argv *a)
{
	while (a->n)
		free(a->v[--a->n]);
}

/* Each node has its own /run, so the same names serve all. */
static void engine_argv(const struct run_opts *o, struct argv *a)
{
	static const char *const common[] = { "-n", "-l", "-D", "-f",
					      CONF_INSIDE "/keepalived.conf" };
	static const char *const pid_files[] = {
		"-p", "/run/keepalived.pid",	      "-r", "/run/keepalived_vrrp.pid",
		"-c", "/run/keepalived_checkers.pid",
	};
	size_t i;

	add(a, o->engine_path);
	for (i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		add(a, common[i]);
	if (o->engine != ENGINE_KEEPALIVED)
		return;
	for (i = 0; i < sizeof(pid_files) / sizeof(pid_files[0]); i++)
		add(a, pid_files[i]);
}

/* What the directors' checks ask of that port. */
static void add_wants(struct argv *a, const struct backend_wants *w, int port)
{
	char page[PATH_MAX];
	size_t i;

	for (i = 0; i < w->n; i++) {
		if (w->v[i].port != port)
			continue;
		if (w->v[i].tls)
			add(a, "-s");
		if (!w->v[i].path)
			continue;
		snprintf(page, sizeof(page), "%.*s=%d", (int)w->v[i].path_len,
			 w->v[i].path, w->v[i].status);
		add(a, "-P");
		add(a, page);
	}
}

static void halbweb_argv(const struct run_opts *o, const struct topo_node *n,
			 struct argv *a)
{
	struct backend_wants w;
	char port[8];
	size_t i;

	if (backend_wants_of(&w, o->c, n) < 0)
		fatal(EXIT_SOFTWARE, "starting a program");
	add(a, backend_wants_tls(&w) ? o->halbweb_tls_path : o->halbweb_path);
	add(a, "-C");
	add(a, "/run/halbweb.sock");
	for (i = 0; i < n->nweb; i++) {
		snprintf(port, sizeof(port), "%d", n->web[i].port);
		add(a, "-p");
		add(a, port);
		add(a, "-b");
		add(a, n->web[i].body);
		add_wants(a, &w, n->web[i].port);
		add(a, "-u");
		add(a, port);
	}
	backend_wants_finish(&w);
}

static void nginx_argv(struct argv *a)
{
	static const char *const words[] = { "nginx",	      "-e", "stderr", "-c",
					     NGINX_CONF_INSIDE, "-g", "daemon off;" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		add(a, words[i]);
}

const char *engine_program(const struct run_opts *o, const char *what)
{
	return strcmp(what, "engine") == 0 ? engine_name(o->engine) :
	       strcmp(what, "web") == 0	   ? backend_name(o->c->backend) :
					     what;
}

/* The backend that is next to a client in virtual time, where switching costs most. */
static bool is_close(const struct engine_run *er, const char *what)
{
	return !strcmp(what, "web") && er->o->c->backend == BACKEND_HALBWEB &&
	       !strcmp(er->o->time, "virtual");
}

int engine_start(const struct engine_run *er, const char *node, const char *what)
{
	struct site_node *n = site_node(er->site, node);
	struct event e = { .type = EV_START };
	struct argv a = { .n = 0 };
	pid_t pid;

	if (!n)
		return -ENOENT;
	if (strcmp(what, "engine") == 0)
		engine_argv(er->o, &a);
	else if (er->o->c->backend == BACKEND_NGINX)
		nginx_argv(&a);
	else
		halbweb_argv(er->o, site_node_topo(n), &a);
	e.t = record_now(er->rec);
	e.node = record_text(er->rec, node);
	e.proc.what = record_text(er->rec, engine_program(er->o, what));
	a.v[a.n] = NULL;
	/* In a site that stays, people look at processes: each shall have its own words. */
	pid = is_close(er, what) && !er->o->live ? site_spawn_beside(n, what, a.v) :
						   site_spawn(n, what, a.v);
	if (pid < 0) {
		errno = (int)-pid;
		log_warn("%s: cannot start %s", node, a.v[0]);
	} else {
		if (is_close(er, what) && cpu_group_share(n) >= 1)
			run_stage_backend(pid, true);
		record_add(er->rec, &e);
	}
	argv_finish(&a);
	return pid < 0 ? (int)pid : 0;
}

/* --- files --- */

/* What put_one() needs: the node, and where in it. */
struct putting {
	struct site_node *n;
	const char *inside; /* folder */
};

static int put_one(const char *path, const char *rel, void *arg)
{
	struct putting *p = arg;
	char inside[512];
	int r;

	snprintf(inside, sizeof(inside), "%s/%s", p->inside, rel);
	r = site_node_put_file(p->n, path, inside);
	if (r < 0) {
		errno = -r;
		log_warn("%s: cannot put %s", site_node_topo(p->n)->name, inside);
	}
	return r;
}

static int prepare_director(const struct engine_run *er, const struct topo_node *t,
			    const char *dir)
{
	struct putting p = { site_node(er->site, t->name), CONF_INSIDE };
	char from[1024];
	int r;

	snprintf(from, sizeof(from), "%s/%s", er->o->c->topo->dir, t->name);
	r = conf_copy_tree(from, dir);
	snprintf(from, sizeof(from), "%s/%s", er->o->c->dir, t->name);
	if (!r)
		r = conf_copy_tree(from, dir);
	return r < 0 ? r : conf_each_file(dir, put_one, &p);
}

static int prepare_nginx(const struct engine_run *er, const struct topo_node *t,
			 const char *dir)
{
	struct putting p = { site_node(er->site, t->name), NGINX_DIR_INSIDE };
	struct backend_wants w;
	int r = backend_wants_of(&w, er->o->c, t);

	if (!r)
		r = nginx_conf_write(t, &w, dir);
	backend_wants_finish(&w);
	return r < 0 ? r : conf_each_file(dir, put_one, &p);
}

int engine_prepare(const struct engine_run *er)
{
	const struct topology *t = er->o->c->topo;
	char dir[1024];
	size_t i;
	int r = 0;

	for (i = 0; !r && i < t->nnode; i++) {
		snprintf(dir, sizeof(dir), "%s/conf/%s", er->o->out_dir, t->node[i].name);
		if (t->node[i].role == ROLE_DIRECTOR)
			r = prepare_director(er, &t->node[i], dir);
		else if (t->node[i].role == ROLE_SERVER &&
			 er->o->c->backend == BACKEND_NGINX)
			r = prepare_nginx(er, &t->node[i], dir);
	}
	return r;
}

/* --- versions --- */

/* The first word that begins as a version does: "v2.2.7", "0.1.0". */
static void find_version(const char *text, char *buf, size_t size)
{
	const char *p = text;
	size_t n;

	snprintf(buf, size, "unknown");
	for (; *p; p += n + strspn(p + n, " \t\n,()/")) {
		n = strcspn(p, " \t\n,()/");
		if (*p == 'v')
			p++, n--;
		if (n && *p >= '0' && *p <= '9') {
			snprintf(buf, size, "%.*s", (int)n, p);
			return;
		}
		if (!n && !p[0])
			return;
	}
}

static void exec_version(const char *path, int out)
{
	char version[] = "--version", *name = strdup(path);
	char *const words[] = { name, version, NULL };

	loop_child_signals();
	if (name && dup2(out, STDOUT_FILENO) >= 0 && dup2(out, STDERR_FILENO) >= 0)
		execvp(path, words);
	_exit(127);
}

int engine_version(const char *path, char *buf, size_t size)
{
	char text[2048];
	size_t len = 0;
	int fd[2], status = 0;
	ssize_t n;
	pid_t pid;

	if (pipe(fd) < 0)
		return -errno;
	pid = fork();
	if (pid < 0) {
		n = -errno;
		close(fd[0]);
		close(fd[1]);
		return (int)n;
	}
	if (pid == 0)
		exec_version(path, fd[1]);
	close(fd[1]);
	while (len < sizeof(text) - 1 &&
	       (n = read(fd[0], text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	close(fd[0]);
	text[len] = '\0';
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return -ENOENT;
	find_version(text, buf, size);
	return 0;
}
