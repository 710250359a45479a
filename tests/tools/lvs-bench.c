/*
 * Measures an engine's IPVS side from outside, in the guest (tests/bench/engine_lvs.sh):
 *
 *	lvs-bench table ADDRESS PORT NDEST -- COMMAND...
 *		starts COMMAND and waits until the service has that many destinations
 *	lvs-bench reload PID ADDRESS PORT DESTINATION WEIGHT
 *		sends SIGHUP and waits until the destination has that weight
 *	lvs-bench cpu PID
 *		what PID and all below it have used of the CPU
 *
 * Prints nanoseconds. Waiting is one small getsockopt each millisecond, the same for
 * every engine; the answer is exact to that. Gives up after 100 s.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/ip_vs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

#define STEP_NS	 NS_PER_MS
#define LIMIT_NS (100 * NS_PER_S)
#define DESTS	 64 /* of the service that a reload changes */

static int fail(const char *what)
{
	fprintf(stderr, "lvs-bench: %s: %s\n", what, strerror(errno));
	return 70;
}

static int ipvs_socket(void)
{
	return socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
}

static void step(int64_t *due)
{
	struct timespec ts;

	*due += STEP_NS;
	ts.tv_sec = *due / NS_PER_S;
	ts.tv_nsec = *due % NS_PER_S;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

/* How many destinations the service has; -1: there is no such service. */
static int destinations(int fd, const char *addr, const char *port)
{
	struct ip_vs_service_entry e = { .protocol = IPPROTO_TCP,
					 .addr = inet_addr(addr),
					 .port = htons((uint16_t)atoi(port)) };
	socklen_t len = sizeof(e);

	if (getsockopt(fd, IPPROTO_IP, IP_VS_SO_GET_SERVICE, &e, &len) < 0)
		return -1;
	return (int)e.num_dests;
}

static int weight(int fd, const char *addr, const char *port, const char *dest)
{
	static struct {
		struct ip_vs_get_dests head;
		struct ip_vs_dest_entry entry[DESTS];
	} g;
	int i, n = destinations(fd, addr, port);
	socklen_t len;

	if (n < 0 || n > DESTS)
		return -1;
	g.head.protocol = IPPROTO_TCP;
	g.head.addr = inet_addr(addr);
	g.head.port = htons((uint16_t)atoi(port));
	g.head.num_dests = (unsigned int)n;
	len = (socklen_t)(sizeof(g.head) + (size_t)n * sizeof(g.entry[0])); /* exactly */
	if (getsockopt(fd, IPPROTO_IP, IP_VS_SO_GET_DESTS, &g, &len) < 0)
		return -1;
	for (i = 0; i < n; i++)
		if (g.head.entrytable[i].addr == inet_addr(dest))
			return g.head.entrytable[i].weight;
	return -1;
}

static int table(char **argv)
{
	int fd = ipvs_socket(), want = atoi(argv[2]);
	int64_t start = clock_now(), due = start;
	pid_t pid;

	if (fd < 0)
		return fail("socket");
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		dup2(STDERR_FILENO, STDOUT_FILENO); /* whoever reads ours need not wait */
		execvp(argv[4], argv + 4);
		_exit(fail(argv[4]));
	}
	while (pid > 0 && due - start < LIMIT_NS) {
		if (destinations(fd, argv[0], argv[1]) >= want) {
			printf("%" PRId64 "\n", clock_now() - start);
			return 0;
		}
		step(&due);
	}
	errno = ETIMEDOUT;
	return fail("table");
}

static int reload(char **argv)
{
	int64_t start = clock_now(), due = start;
	int fd = ipvs_socket(), want = atoi(argv[4]);

	if (fd < 0 || kill((pid_t)atoi(argv[0]), SIGHUP) < 0)
		return fail("reload");
	while (due - start < LIMIT_NS) {
		if (weight(fd, argv[1], argv[2], argv[3]) == want) {
			printf("%" PRId64 "\n", clock_now() - start);
			return 0;
		}
		step(&due);
	}
	errno = ETIMEDOUT;
	return fail("reload");
}

/* A field of /proc/PID/FILE, counted from 0 after the last ')'; -1: not there. */
static int64_t field(const char *pid, const char *file, int at)
{
	char path[64], text[512] = "", *p;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.20s/%s", pid, file);
	f = fopen(path, "re");
	if (!f)
		return -1;
	p = fgets(text, sizeof(text), f);
	fclose(f);
	if (!p)
		return -1;
	p = strrchr(text, ')');
	p = p ? p + 2 : text;
	while (at-- > 0 && (p = strchr(p, ' ')))
		p++;
	return p ? atoll(p) : -1;
}

/* Of `pid` and all below it that still run. */
static int64_t cpu(int64_t pid)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int64_t sum = 0, ns;

	while (d && (e = readdir(d))) {
		if (e->d_name[0] < '0' || e->d_name[0] > '9')
			continue;
		ns = field(e->d_name, "schedstat", 0);
		if (atoll(e->d_name) == pid && ns > 0)
			sum += ns;
		else if (field(e->d_name, "stat", 1) == pid)
			sum += cpu(atoll(e->d_name));
	}
	if (d)
		closedir(d);
	return sum;
}

int main(int argc, char **argv)
{
	if (argc > 6 && !strcmp(argv[1], "table"))
		return table(argv + 2);
	if (argc == 7 && !strcmp(argv[1], "reload"))
		return reload(argv + 2);
	if (argc == 3 && !strcmp(argv[1], "cpu")) {
		printf("%" PRId64 "\n", cpu(atoll(argv[2])));
		return 0;
	}
	fputs("usage: lvs-bench table ADDRESS PORT NDEST -- COMMAND...\n"
	      "       lvs-bench reload PID ADDRESS PORT DESTINATION WEIGHT\n"
	      "       lvs-bench cpu PID\n",
	      stderr);
	return 64;
}
