/*
 * What one HTTP request costs on the client's side, in CPU time, which in the guest is
 * instructions: halbsim's own clients, wrk and curl, each with a new connection a
 * request, against the same halbweb on this machine's own address.
 *
 *	build/probe-bench HALBWEB
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "event.h"
#include "loop.h"
#include "record.h"
#include "traffic.h"

#define PORT	 8080
#define URL	 "http://127.0.0.1:8080/"
#define BODY	 "This is Server 111"
#define REQUESTS 2000 /* of ours and curl's */
#define RATE	 1000.0

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

/* --- ours --- */

static int here(const char *node, int (*fn)(void *), void *fn_arg, void *arg)
{
	(void)node;
	(void)arg;
	return fn(fn_arg);
}

static void enough(struct loop_timer *t, void *arg)
{
	(void)t;
	loop_stop(arg, 0);
}

static void ours(void)
{
	static char name[] = "http", from[] = "client", path[] = "/", target[] = "127.0.0.1:8080",
		    server[] = "web1", body[] = BODY;
	struct traffic_conf conf = { .name = name, .kind = TRAFFIC_HTTP, .from = from,
				     .target = target, .path = path, .rate_per_s = RATE,
				     .timeout_ns = NS_PER_S };
	struct topo_web web = { PORT, body };
	struct topo_node node = { .name = server, .role = ROLE_SERVER, .web = &web, .nweb = 1 };
	struct topology topo = { .node = &node, .nnode = 1 };
	struct event_log log;
	struct record rec = { .log = &log, .zero_ns = clock_now() };
	struct traffic_env env = { loop_new(), &rec, &topo, here, NULL };
	struct loop_timer end;
	struct traffic *t = NULL;
	uint64_t good = 0;
	int64_t before = -1;
	size_t i;

	event_log_init(&log);
	if (!env.loop || event_log_reserve(&log, 2 * REQUESTS) < 0 ||
	    traffic_new(&t, &conf, 0, &env) < 0)
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
	loop_free(env.loop);
}

/* --- the others --- */

static pid_t start(const char *const argv[], int *out)
{
	int fd[2] = { -1, -1 };
	pid_t pid;

	if (out && pipe(fd) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		if (out)
			dup2(fd[1], 1);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	if (out) {
		close(fd[1]);
		*out = fd[0];
	}
	return pid;
}

/* Runs it; its CPU time, and what it wrote in `text`. */
static int64_t run(const char *const argv[], char *text, size_t size)
{
	siginfo_t info = { 0 };
	int64_t cpu = -1;
	size_t len = 0;
	ssize_t n;
	int fd;
	pid_t pid = start(argv, &fd);

	if (pid < 0)
		return -1;
	while (len + 1 < size && (n = read(fd, text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0 && !info.si_status)
		cpu = cpu_ns(pid);
	close(fd);
	waitpid(pid, NULL, 0);
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

int main(int argc, char **argv)
{
	char port[16];
	const char *server[] = { argc > 1 ? argv[1] : "halbweb", "-p", port, "-b", BODY, NULL };
	pid_t pid;

	snprintf(port, sizeof(port), "%d", PORT);
	pid = start(server, NULL);
	if (pid < 0)
		return 1;
	usleep(100000); /* measures nothing when it is not there yet, and says so */
	ours();
	wrk();
	curl();
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	return 0;
}
