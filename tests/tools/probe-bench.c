/*
 * What one HTTP request costs on the client's side, in CPU time, which in the guest is
 * instructions: halbsim's own clients, wrk and curl, each with a new connection a
 * request, against the same halbweb; and the floor, the five system calls that no
 * client can do without, in a loop and nothing else.
 *
 * The server is another node of a site, and frames take a millisecond in each
 * direction. On one CPU what the other side does to a frame (its softirq) is otherwise
 * done, and paid for, by whoever has sent it; so it is done when the client sleeps.
 *
 *	build/probe-bench HALBWEB
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "event.h"
#include "loop.h"
#include "block.h"
#include "netem.h"
#include "nl.h"
#include "record.h"
#include "site.h"
#include "site_impl.h"
#include "traffic.h"

#define SERVER	 "10.0.0.2"
#define PORT	 "8080"
#define URL	 "http://" SERVER ":" PORT "/"
#define BODY	 "This is Server 111"
#define REQUESTS 500
#define RATE	 100.0 /* of ours: one after another, as with the others */

static const char site_text[] =
	"topology pair { link lan\n"
	" server web1 { interface enp0s3 lan " SERVER "/24\n web " PORT " \"" BODY "\" }\n"
	" client client { interface enp0s3 lan 10.0.0.1/24 } }\n";
static struct site *site;

/* CPU time of a process in nanoseconds, alive or not yet waited for; -1. */
static int64_t cpu_ns(pid_t pid)
{
	char path[64], text[128] = "";
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	return n > 0 ? strtoll(text, NULL, 10) : -1;
}

static void print(const char *who, int64_t cpu, uint64_t requests)
{
	if (cpu < 0 || !requests)
		printf("%-10s  not measured\n", who);
	else
		printf("%-10s %8" PRIu64 " requests %10.0f ns a request\n", who, requests,
		       (double)cpu / (double)requests);
	fflush(stdout);
}

/* --- the pair of nodes --- */

static struct topology *read_site(const char *dir)
{
	struct block_diag d = { .out = stderr };
	struct topology *t = NULL;
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/topology.conf", dir);
	f = fopen(path, "w");
	if (f && fputs(site_text, f) >= 0 && fclose(f) == 0)
		t = topology_load(dir, &d);
	unlink(path);
	return t;
}

/* In a node: what it sends is a millisecond under way. */
static int slow_down(void *node)
{
	const struct netem e = { .delay_ns = NS_PER_MS };
	struct site_node *n = node;
	struct nl_sock *sk = nl_open(NETLINK_ROUTE);
	int r = sk ? netem_set(sk, n->port[0].node_index, &e) : -errno;

	nl_socket_free(sk);
	return r;
}

static int build(struct loop *loop, const struct topology *t, const char *dir)
{
	struct site_opts o = { .topo = t, .run_id = "probe-bench", .log_dir = dir,
			       .loop = loop };
	size_t i;
	int r = 0;

	site = site_build(&o);
	for (i = 0; site && r == 0 && i < site->nnode; i++)
		r = site_in_netns(site, &site->node[i], slow_down, &site->node[i]);
	if (r < 0)
		fprintf(stderr, "probe-bench: netem: %s\n", strerror(-r));
	return site ? r : -1;
}

/* --- ours --- */

static int here(const char *node, int (*fn)(void *), void *fn_arg, void *arg)
{
	(void)arg;
	return site_in_netns(site, site_node(site, node), fn, fn_arg);
}

static void enough(struct loop_timer *t, void *arg)
{
	(void)t;
	loop_stop(arg, 0);
}

static void ours(struct loop *loop, const struct topology *topo)
{
	static char name[] = "http", from[] = "client", path[] = "/",
		    target[] = SERVER ":" PORT;
	struct traffic_conf conf = { .name = name, .kind = TRAFFIC_HTTP, .from = from,
				     .target = target, .path = path, .rate_per_s = RATE,
				     .timeout_ns = NS_PER_S };
	struct event_log log;
	struct record rec = { .log = &log, .zero_ns = clock_now() };
	struct traffic_env env = { loop, &rec, topo, here, NULL };
	struct loop_timer end;
	struct traffic *t = NULL;
	uint64_t good = 0;
	int64_t before = -1;
	size_t i;

	event_log_init(&log);
	if (event_log_reserve(&log, 2 * REQUESTS) < 0 || traffic_new(&t, &conf, 0, &env) < 0)
		exit(1);
	loop_timer_init(&end, enough, env.loop);
	loop_timer_set(env.loop, &end,
		       clock_now() + (int64_t)(REQUESTS / RATE * (double)NS_PER_S));
	before = cpu_ns(getpid());
	traffic_judge(t, clock_now());
	loop_run(env.loop);
	for (i = 0; i < log.n; i++)
		good += log.v[i].type == EV_REQUEST && log.v[i].request.result == REQ_OK;
	print("halbsim", before < 0 ? -1 : cpu_ns(getpid()) - before, good);
	traffic_free(t);
	event_log_finish(&log);
}

/* --- the others --- */

struct program {
	const char *const *argv; /* NULL: the floor */
	int *out;
	pid_t pid;
};

/* The same again and again: nothing is waited for but the server. */
static void __attribute__((noreturn)) floor_main(void)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: " SERVER ":" PORT "\r\n"
				      "Connection: close\r\n\r\n";
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)atoi(PORT)) };
	char reply[4096];
	int i, fd;

	inet_pton(AF_INET, SERVER, &to.sin_addr);
	for (i = 0; i < REQUESTS; i++) {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 ||
		    send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0 ||
		    recv(fd, reply, sizeof(reply), 0) < (ssize_t)sizeof(BODY))
			_exit(1);
		close(fd);
	}
	_exit(0);
}

/* In the client's network. */
static int start(void *arg)
{
	struct program *p = arg;
	int fd[2] = { -1, -1 };

	if (p->out && pipe(fd) < 0)
		return -errno;
	p->pid = fork();
	if (p->pid == 0) {
		if (!p->argv)
			floor_main();
		if (p->out)
			dup2(fd[1], 1);
		execvp(p->argv[0], (char *const *)(uintptr_t)p->argv);
		_exit(127);
	}
	if (p->out) {
		close(fd[1]);
		*p->out = fd[0];
	}
	return p->pid < 0 ? -errno : 0;
}

/* Runs it; its CPU time, and what it wrote in `text`. */
static int64_t run(const char *const argv[], char *text, size_t size)
{
	siginfo_t info = { 0 };
	int64_t cpu = -1;
	size_t len = 0;
	ssize_t n;
	int fd = -1;
	struct program p = { argv, &fd, -1 };

	if (site_in_netns(site, site_node(site, "client"), start, &p) < 0)
		return -1;
	while (len + 1 < size && (n = read(fd, text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	if (waitid(P_PID, (id_t)p.pid, &info, WEXITED | WNOWAIT) == 0 && !info.si_status)
		cpu = cpu_ns(p.pid);
	close(fd);
	waitpid(p.pid, NULL, 0);
	return cpu;
}

/* Of all its threads: wrk's own is in another than its main one. */
static void wrk(void)
{
	static const char *const argv[] = { "sh", "-c",
		"wrk -t1 -c1 -d2s -H 'Connection: close' " URL " & p=$!; sleep 1.9;"
		"for t in /proc/$p/task/*; do read -r ns rest <$t/schedstat; echo cpu $ns; done;"
		"wait $p", NULL };
	char text[4096], *at;
	int64_t cpu = 0;
	uint64_t n = 0;

	if (run(argv, text, sizeof(text)) < 0)
		cpu = -1;
	for (at = text; cpu >= 0 && (at = strstr(at, "cpu ")); at += 4)
		cpu += strtoll(at + 4, NULL, 10);
	at = strstr(text, " requests in ");
	while (at && at > text && at[-1] >= '0' && at[-1] <= '9')
		at--;
	/* what it had done when it was looked at */
	n = at ? (uint64_t)((double)strtoull(at, NULL, 10) * 1.9 / 2.0) : 0;
	print("wrk", cpu, n);
}

static void curl(void)
{
	static const char *argv[REQUESTS + 8] = { "curl", "-s", "-H", "Connection: close" };
	static char text[REQUESTS * (sizeof(BODY) + 1) + 1];
	uint64_t n = 0;
	int64_t cpu;
	char *at;
	int i;

	for (i = 0; i < REQUESTS; i++)
		argv[4 + i] = URL;
	cpu = run(argv, text, sizeof(text));
	for (at = text; (at = strstr(at, BODY)); at++)
		n++;
	print("curl", cpu, n);
}

static void floor_(void)
{
	char text[16];

	print("floor", run(NULL, text, sizeof(text)), REQUESTS);
}

int main(int argc, char **argv)
{
	static char what[] = "web", port_opt[] = "-p", port[] = PORT, body_opt[] = "-b",
		    body[] = BODY;
	char dir[] = "/tmp/probe-bench.XXXXXX";
	char *server[] = { argc > 1 ? argv[1] : what, port_opt, port, body_opt, body, NULL };
	struct loop *loop = loop_new();
	struct topology *t = mkdtemp(dir) ? read_site(dir) : NULL;

	if (!loop || !t || build(loop, t, dir) < 0 ||
	    site_spawn(site_node(site, "web1"), what, server) < 0)
		return 1;
	usleep(100000); /* measures nothing when it is not there yet, and says so */
	floor_();
	ours(loop, t);
	wrk();
	curl();
	site_free(site);
	topology_free(t);
	loop_free(loop);
	return 0;
}
