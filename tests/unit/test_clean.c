/* clean: finds what carries the mark of a dead run, and nothing else. */
#include "sitefix.h"

#include <sys/mount.h>

#include "clean.h"

struct seen {
	const char *run;
	pid_t want;
	int of_run, wanted; /* with that run id; and of these the wanted one */
	struct clean_proc last;
};

static void note(const struct clean_proc *p, void *arg)
{
	struct seen *s = arg;

	if (strcmp(p->run_id, s->run) != 0)
		return;
	s->of_run++;
	s->last = *p;
	s->wanted += p->pid == s->want;
}

/* A process with these variables, whose parent has died. Its pid. */
static pid_t orphan(const char *env1, const char *env2)
{
	char *argv[] = { (char *)"sleep", (char *)"1000", NULL };
	char *envp[] = { (char *)env1, (char *)env2, NULL };
	int report[2];
	pid_t pid, child;

	assert_int_equal(pipe(report), 0);
	pid = fork();
	if (pid == 0) {
		child = fork();
		if (child == 0) {
			fcntl(report[1], F_SETFD, FD_CLOEXEC);
			close(report[0]);
			execve("/bin/sleep", argv, envp);
			_exit(127);
		}
		if (write(report[1], &child, sizeof(child)) != sizeof(child))
			_exit(1);
		_exit(0);
	}
	close(report[1]);
	assert_int_equal(read(report[0], &child, sizeof(child)), sizeof(child));
	waitpid(pid, NULL, 0);
	assert_int_equal(read(report[0], &pid, 1), 0); /* its exec has closed it */
	close(report[0]);
	return child;
}

static bool is_alive(pid_t pid)
{
	char path[64], buf[256];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY);
	n = fd < 0 ? 0 : read(fd, buf, sizeof(buf) - 1);
	if (fd >= 0)
		close(fd);
	buf[n < 0 ? 0 : n] = '\0';
	return n > 0 && !strstr(buf, ") Z ");
}

static void clean__finds_only_marked_orphans(void **state)
{
	char run[32], mark[64], other[80];
	struct seen s = { .run = run };
	pid_t marked, plain;

	(void)state;
	snprintf(run, sizeof(run), "test-clean-%d", (int)getpid());
	snprintf(mark, sizeof(mark), "HALBSIM_RUN=%s", run);
	snprintf(other, sizeof(other), "OTHER=%s", mark);
	marked = s.want = orphan(mark, "HALBSIM_NODE=lvs1");
	plain = orphan(other, "X=y");
	assert_true(clean_processes(true, note, &s) >= 1);
	assert_int_equal(s.of_run, 1);
	assert_int_equal(s.wanted, 1);
	assert_string_equal(s.last.node, "lvs1");
	assert_string_equal(s.last.name, "sleep");
	assert_true(is_alive(marked)); /* only looked at */
	kill(marked, SIGKILL);
	kill(plain, SIGKILL);
}

/*
 * In a pid namespace of its own: there is nothing else in it that could be
 * killed. The status says which look was wrong.
 */
static int kill_in_here(void)
{
	struct seen s = { .run = "test-clean-kill" };
	pid_t plain;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("proc", "/proc", "proc", 0, NULL) < 0)
		return 1;
	s.want = orphan("HALBSIM_RUN=test-clean-kill", "HALBSIM_NODE=lvs1");
	plain = orphan("A=b", "X=y");
	if (clean_processes(false, note, &s) != 1 || s.wanted != 1)
		return 2;
	if (waitpid(s.want, NULL, 0) != s.want) /* we are its init */
		return 3;
	if (!is_alive(plain))
		return 4;
	return clean_processes(false, note, &s) == 0 ? 0 : 5;
}

static void clean__kills_what_it_finds(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if (!sitefix_possible())
		skip();
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0)
			_exit(10);
		pid = fork();
		if (pid == 0)
			_exit(kill_in_here());
		waitpid(pid, &status, 0);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 11);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* What belongs to a run that lives is left alone. */
static void clean__leaves_living_runs(void **state)
{
	struct sitefix f;
	struct seen s = { .run = f.run };
	char *sleeps[] = { (char *)"sleep", (char *)"1000", NULL };

	(void)state;
	if (!sitefix_possible())
		skip();
	sitefix_build(&f, sitefix_conf);
	assert_true(site_spawn(f.web1, "sleep", sleeps) > 0);
	clean_processes(true, note, &s);
	assert_int_equal(s.of_run, 0);
	assert_true(site_pid(f.web1, "sleep") > 0);
	sitefix_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clean__finds_only_marked_orphans),
		cmocka_unit_test(clean__kills_what_it_finds),
		cmocka_unit_test(clean__leaves_living_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
