#include "script.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"

#define MORE_MAX 4

static struct script_run *running;

/* Becomes the script's user. 0, or -1 after a message. */
static int become(const struct conf_script *s)
{
	gid_t gid = s->gid;

	if (s->uid == getuid() && s->gid == getgid())
		return 0;
	if (setgid(gid) == 0 && setgroups(1, &gid) == 0 && setuid(s->uid) == 0)
		return 0;
	log_warn("script %s: cannot become user %u, group %u", s->argv[0], s->uid, s->gid);
	return -1;
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
	setpriority(PRIO_PROCESS, 0, 0); /* a script is nothing special */
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
