/* Backends in the harness's own memory: in everything else they are as if executed. */
#include "sitefix.h"

#include <linux/kcmp.h>
#include <malloc.h>
#include <sys/syscall.h>
#include <time.h>

#include "sanitized.h"
#include "site_impl.h"

/* Instrumented programs are not static: they are executed, and all else holds too. */
#define SHARES (!SANITIZED)

#define ROUNDS (SHARES ? 1000 : 100)

/* --- the backend --- */

static pid_t spawn(struct sitefix *f, const char *program)
{
	char *argv[] = { (char *)sitefix_program(program), (char *)"-p", (char *)"80",
			 (char *)"-b", (char *)"This is Server 111", NULL };

	f->nended = 0;
	return site_spawn_beside(f->web1, "web", argv);
}

/* In the node itself: one request; what was answered. */
struct get {
	char reply[512];
	ssize_t n;
};

static int get(void *arg)
{
	const struct timeval patience = { .tv_usec = 300000 };
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(80) };
	struct get *g = arg;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	g->n = connect(fd, (struct sockaddr *)&a, sizeof(a));
	if (g->n == 0) {
		assert_int_equal(send(fd, "GET / HTTP/1.0\r\n\r\n", 18, 0), 18);
		g->n = recv(fd, g->reply, sizeof(g->reply) - 1, 0);
	}
	g->reply[g->n > 0 ? g->n : 0] = '\0';
	close(fd);
	return 0;
}

static bool answers(struct sitefix *f)
{
	struct get g;

	assert_int_equal(site_in_netns(f->site, f->web1, get, &g), 0);
	return strstr(g.reply, "This is Server 111") != NULL;
}

static bool ended(struct sitefix *f)
{
	return f->nended > 0;
}

static void end(struct sitefix *f, int signo, int status)
{
	assert_int_equal(site_node_signal(f->web1, "web", signo), 0);
	sitefix_wait(f, ended, "halbweb to end");
	assert_int_equal(f->status, status);
	assert_string_equal(f->ended, "web1 web");
	assert_int_equal(site_pid(f->web1, "web"), -ESRCH);
}

/* --- what is looked at --- */

static long share(pid_t pid, int type)
{
	return syscall(SYS_kcmp, getpid(), pid, type, 0, 0);
}

static void read_namespace(pid_t pid, const char *type, char text[64])
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, type);
	n = readlink(path, text, 63);
	assert_true(n > 0);
	text[n] = '\0';
}

/* Whether it is in the node's namespace, and that is not ours. */
static void is_in_node(struct sitefix *f, pid_t pid, const char *type)
{
	char its[64], ours[64], node[64];

	read_namespace(pid, type, its);
	read_namespace(getpid(), type, ours);
	read_namespace(f->web1->init.pid, type, node);
	assert_string_equal(its, node);
	assert_string_not_equal(its, ours);
}

static int entries(const char *path)
{
	DIR *d = opendir(path);
	int n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static int mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	int c, n = 0;

	assert_non_null(maps);
	while ((c = fgetc(maps)) != EOF)
		n += c == '\n';
	fclose(maps);
	return n;
}

/* --- tests --- */

static void beside__shares_memory_and_nothing_else(void **state)
{
	char path[64], text[64] = "";
	void *brk_before;
	struct sitefix f;
	pid_t pid;
	int fd;

	(void)state;
	if (!sitefix_possible())
		skip();
	sitefix_build(&f, sitefix_conf);
	brk_before = (void *)syscall(SYS_brk, 0);
	pid = spawn(&f, "halbweb");
	assert_true(pid > 0);
	sitefix_wait(&f, answers, "an answer");
	if (share(pid, KCMP_VM) < 0)
		print_message("this kernel does not compare processes\n");
	else
		assert_int_equal(share(pid, KCMP_VM) == 0, SHARES);
	assert_int_not_equal(share(pid, KCMP_FILES), 0);
	assert_int_not_equal(share(pid, KCMP_FS), 0);
	assert_int_not_equal(share(pid, KCMP_SIGHAND), 0);
	is_in_node(&f, pid, "net");
	is_in_node(&f, pid, "mnt");
	is_in_node(&f, pid, "pid");
	is_in_node(&f, pid, "uts");
	assert_int_equal(getsid(pid), pid);
	assert_int_equal(f.web1->procs->inside, 2);
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	fd = open(path, O_RDONLY);
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	assert_string_equal(text, "halbweb\n");
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	assert_in_range(entries(path), 2 + 3, 2 + 12); /* (with . and ..) */
	assert_ptr_equal((void *)syscall(SYS_brk, 0), brk_before);
	assert_non_null(strstr(sitefix_log(&f, "web1"), "== web: "));
	end(&f, SIGKILL, -SIGKILL);
	sitefix_free(&f);
}

static void beside__takes_signals(void **state)
{
	struct sitefix f;

	(void)state;
	if (!sitefix_possible())
		skip();
	sitefix_build(&f, sitefix_conf);
	assert_true(spawn(&f, "halbweb") > 0);
	sitefix_wait(&f, answers, "an answer");
	assert_int_equal(site_node_signal_all(f.web1, "web", SIGSTOP), 1);
	assert_false(answers(&f));
	assert_int_equal(site_node_signal_all(f.web1, "web", SIGCONT), 1);
	sitefix_wait(&f, answers, "an answer after a pause");
	end(&f, SIGTERM, 0);
	assert_true(spawn(&f, "halbweb") > 0);
	sitefix_wait(&f, answers, "an answer of the next one");
	end(&f, SIGABRT, -SIGABRT); /* its end alone */
	/* A broken one says so, and ends as it would elsewhere: the port is taken. */
	assert_true(spawn(&f, "halbweb") > 0);
	sitefix_wait(&f, answers, "an answer of the third");
	assert_true(spawn(&f, "halbweb") > 0);
	sitefix_wait(&f, ended, "the fourth to end");
	assert_int_equal(f.status, 70);
	assert_non_null(strstr(sitefix_log(&f, "web1"),
			       "\nhalbweb: port 80: Address already in use\n"));
	assert_true(answers(&f));
	assert_int_equal(site_node_crash(f.web1, NULL), 0);
	assert_int_equal(site_node_boot(f.web1), 0);
	assert_true(spawn(&f, "halbweb") > 0);
	sitefix_wait(&f, answers, "an answer after a boot");
	sitefix_free(&f);
}

/* What needs a loader, or is no program at all, is executed as always. */
static void beside__executes_the_rest(void **state)
{
	char *sh[] = { (char *)"sh", (char *)"-c", (char *)"exit 3", NULL };
	char *nothing[] = { (char *)"/nonexistent/program", NULL };
	struct sitefix f;
	pid_t pid;

	(void)state;
	if (!sitefix_possible())
		skip();
	sitefix_build(&f, sitefix_conf);
	pid = spawn(&f, "halbweb-tls");
	assert_true(pid > 0);
	sitefix_wait(&f, answers, "an answer");
	assert_int_not_equal(share(pid, KCMP_VM), 0);
	end(&f, SIGTERM, 0);
	f.nended = 0;
	assert_true(site_spawn_beside(f.web1, "sh", sh) > 0);
	sitefix_wait(&f, ended, "sh to end");
	assert_int_equal(f.status, 3);
	assert_int_equal(site_spawn_beside(f.web1, "x", nothing), -ENOENT);
	sitefix_free(&f);
}

/* A thousand are killed at whatever they do, from their first instruction on. */
static void beside__leaves_nothing(void **state)
{
	struct timespec some = { 0 };
	int before[3] = { 0 }, i;
	struct sitefix f;
	char *p;

	(void)state;
	if (!sitefix_possible())
		skip();
	sitefix_build(&f, sitefix_conf);
	for (i = 0; i < ROUNDS; i++) {
		if (i == 10) {
			before[0] = entries("/proc/self/fd");
			before[1] = entries("/proc/self/task");
			before[2] = mappings();
		}
		assert_true(spawn(&f, "halbweb") > 0);
		some.tv_nsec = i % 100 * 20000;
		nanosleep(&some, NULL);
		p = malloc(1000 + (size_t)i % 7 * 100000); /* no lock is held for ever */
		assert_non_null(p);
		memset(p, i, 1000);
		end(&f, SIGKILL, -SIGKILL);
		assert_int_equal(p[999], (char)i);
		free(p);
		malloc_trim(0);
	}
	assert_int_equal(entries("/proc/self/fd"), before[0]);
	assert_int_equal(entries("/proc/self/task"), before[1]);
	assert_in_range(mappings(), before[2] - 3, before[2] + 3);
	assert_true(spawn(&f, "halbweb") > 0);
	sitefix_wait(&f, answers, "an answer");
	sitefix_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beside__shares_memory_and_nothing_else),
		cmocka_unit_test(beside__takes_signals),
		cmocka_unit_test(beside__executes_the_rest),
		cmocka_unit_test(beside__leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
