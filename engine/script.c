#include "script.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"

#define MORE_MAX 4

static struct script_run *running;

/* Becomes the script's user. 0, or -1 after a message. */
static int become(const struct conf_script *s)
{
	struct passwd *pw = NULL;
	struct group *gr = NULL;
	gid_t gid = getgid();
	uid_t uid = getuid();

	if (s->user && !(pw = getpwnam(s->user))) {
		log_warnx("script %s: no user '%s'", s->argv[0], s->user);
		return -1;
	}
	if (s->group && !(gr = getgrnam(s->group))) {
		log_warnx("script %s: no group '%s'", s->argv[0], s->group);
		return -1;
	}
	if (pw) {
		uid = pw->pw_uid;
		gid = pw->pw_gid;
	}
	if (gr)
		gid = gr->gr_gid;
	if (uid == getuid() && gid == getgid())
		return 0;
	if (setgid(gid) < 0 || setgroups(1, &gid) < 0 || setuid(uid) < 0) {
		log_warn("script %s: cannot become %s", s->argv[0], s->user);
		return -1;
	}
	return 0;
}

static void to_dev_null(void)
{
	int fd = open("/dev/null", O_RDWR);

	if (fd < 0)
		return;
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	if (fd > 2)
		close(fd);
}

static void run_child(const struct conf_script *s, char **argv, pid_t parent)
	__attribute__((noreturn));

static void run_child(const struct conf_script *s, char **argv, pid_t parent)
{
	loop_child_signals();
	setpgid(0, 0);
	if (become(s) < 0)
		_exit(0);
	prctl(PR_SET_PDEATHSIG, SIGTERM); /* after the change of user, which clears it */
	if (getppid() != parent)
		_exit(0);
	to_dev_null();
	execvp(argv[0], argv);
	_exit(0); /* what is wrong with a script says nothing about the server */
}

pid_t script_start(const struct conf_script *s, const char *const *more)
{
	char **argv;
	size_t n = 0, m = 0;
	pid_t pid, self = getpid();

	while (s->argv[n])
		n++;
	argv = calloc(n + MORE_MAX + 1, sizeof(*argv));
	if (!argv)
		return -ENOMEM;
	memcpy(argv, s->argv, n * sizeof(*argv));
	for (; more && more[m] && m < MORE_MAX; m++)
		argv[n + m] = (char *)(uintptr_t)more[m]; /* execvp changes nothing */
	pid = fork();
	if (pid == 0)
		run_child(s, argv, self);
	if (pid < 0)
		pid = -errno;
	else
		setpgid(pid, pid); /* whoever comes first */
	free(argv);
	return pid;
}

int script_run(struct script_run *run, const struct conf_script *s)
{
	pid_t pid = script_start(s, NULL);

	if (pid < 0)
		return (int)pid;
	run->pid = pid;
	run->next = running;
	running = run;
	return 0;
}

static bool forget(struct script_run *run)
{
	struct script_run **at;

	for (at = &running; *at; at = &(*at)->next) {
		if (*at != run)
			continue;
		*at = run->next;
		return true;
	}
	return false;
}

bool script_reaped(pid_t pid, int status)
{
	struct script_run *run;

	for (run = running; run && run->pid != pid; run = run->next)
		;
	if (!run)
		return false;
	forget(run);
	run->done(run, status);
	return true;
}

void script_abandon(struct script_run *run, int signo)
{
	if (!run->pid || !forget(run))
		return;
	if (kill(-run->pid, signo) < 0 && errno != ESRCH)
		log_warn("script: kill -%d %d", signo, (int)run->pid);
	run->pid = 0;
}

bool script_any(void)
{
	return running != NULL;
}

void script_forked(void)
{
	running = NULL;
}
