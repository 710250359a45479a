/*
 * A site to test with: three nodes on one link, in real namespaces. Tests that
 * use it skip aloud where these cannot be had.
 */
#ifndef TEST_SITEFIX_H
#define TEST_SITEFIX_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "block.h"
#include "clock.h"
#include "loop.h"
#include "site.h"
#include "topology.h"

static const char sitefix_conf[] =
	"topology small { link lan\n"
	" director lvs1 { interface enp0s3 lan 192.168.31.54/24\n"
	"  sysctl net.ipv4.ip_forward 1 }\n"
	" server web1 { interface enp0s3 lan 192.168.31.113/24 fd00::113/64\n"
	"  lo 192.168.31.200/32\n"
	"  sysctl net.ipv4.conf.all.arp_ignore 1\n"
	"  route default via 192.168.31.54\n"
	"  web 80 \"This is Server 111\" }\n"
	" client client { interface enp0s3 lan 192.168.31.10/24 fd00::10/64 } }\n";

struct sitefix {
	char dir[64], run[32];
	struct topology *topo;
	struct loop *loop;
	struct site *site;
	struct site_node *lvs1, *web1, *client;
	char ended[64]; /* "web1 web" of the last process that ended */
	int status, nended;
	char events[128]; /* "-web1 +web1 " */
	struct loop_timer timer;
};

static inline bool sitefix_possible(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID) < 0);
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	print_message("skipped: namespaces need root\n");
	return false;
}

static inline void sitefix_exit_cb(const char *node, const char *what, int status, void *arg)
{
	struct sitefix *f = arg;

	snprintf(f->ended, sizeof(f->ended), "%s %s", node, what);
	f->status = status;
	f->nended++;
}

static inline void sitefix_node_cb(const char *node, bool up, void *arg)
{
	struct sitefix *f = arg;
	size_t len = strlen(f->events);

	snprintf(f->events + len, sizeof(f->events) - len, "%c%s ", up ? '+' : '-', node);
}

static inline struct topology *sitefix_topology(const char *dir, const char *text)
{
	struct block_diag d = { .out = stderr };
	struct topology *t;
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/topology.conf", dir);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	t = topology_load(dir, &d);
	assert_non_null(t);
	return t;
}

static inline void sitefix_build(struct sitefix *f, const char *conf)
{
	struct site_opts o = { 0 };

	memset(f, 0, sizeof(*f));
	snprintf(f->dir, sizeof(f->dir), "/var/tmp/halbsim-site.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->topo = sitefix_topology(f->dir, conf);
	f->loop = loop_new();
	assert_non_null(f->loop);
	o.topo = f->topo;
	snprintf(f->run, sizeof(f->run), "test-site-%d", (int)getpid());
	o.run_id = f->run;
	o.log_dir = f->dir;
	o.loop = f->loop;
	o.exit_cb = sitefix_exit_cb;
	o.node_cb = sitefix_node_cb;
	o.arg = f;
	f->site = site_build(&o);
	assert_non_null(f->site);
	f->lvs1 = site_node(f->site, "lvs1");
	f->web1 = site_node(f->site, "web1");
	f->client = site_node(f->site, "client");
}

static inline void sitefix_free(struct sitefix *f)
{
	char path[400];
	struct dirent *e;
	DIR *d;

	site_free(f->site);
	loop_free(f->loop);
	topology_free(f->topo);
	d = opendir(f->dir);
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.') {
			snprintf(path, sizeof(path), "%s/%s", f->dir, e->d_name);
			unlink(path);
		}
	if (d)
		closedir(d);
	rmdir(f->dir);
}

/* The program beside our own folder: build/unit/test_x -> build/NAME. */
static inline const char *sitefix_program(const char *name)
{
	static char path[PATH_MAX + 32];
	char *slash;
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);

	assert_true(n > 0);
	path[n] = '\0';
	for (int i = 0; i < 2; i++) {
		slash = strrchr(path, '/');
		assert_non_null(slash);
		*slash = '\0';
	}
	strcat(path, "/");
	strcat(path, name);
	return path;
}

static inline void sitefix_tick(struct loop_timer *t, void *arg)
{
	struct sitefix *f = arg;

	(void)t;
	loop_stop(f->loop, 0);
}

/* Runs the loop until `until` says so; fails after a long time. */
static inline void sitefix_wait(struct sitefix *f, bool (*until)(struct sitefix *),
				const char *what)
{
	int64_t end = clock_now() + 20 * NS_PER_S;

	loop_timer_init(&f->timer, sitefix_tick, f);
	while (!until(f)) {
		if (clock_now() > end)
			fail_msg("waited in vain for: %s", what);
		loop_timer_set(f->loop, &f->timer, clock_now() + NS_PER_MS);
		assert_int_equal(loop_run(f->loop), 0);
	}
}

/* All of a node's log; in a static buffer. */
static inline const char *sitefix_log(struct sitefix *f, const char *node)
{
	static char buf[65536];
	char path[128];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s.log", f->dir, node);
	fd = open(path, O_RDONLY);
	n = fd < 0 ? 0 : read(fd, buf, sizeof(buf) - 1);
	if (fd >= 0)
		close(fd);
	buf[n < 0 ? 0 : n] = '\0';
	return buf;
}

#endif
