#include "run_stage.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "log.h"
#include "sanitized.h"

#define PRIORITY  1 /* above all that is not real-time is enough */
#define FILES_MAX 65536

#if SANITIZED
#define LOCK_MEMORY 0 /* its shadow is larger than any machine */
#else
#define LOCK_MEMORY 1
#endif

/* A connection a request; the hard limit goes up only where that is permitted. */
static void more_files(void)
{
	struct rlimit have, want;

	if (getrlimit(RLIMIT_NOFILE, &have) < 0 || have.rlim_cur >= FILES_MAX)
		return;
	want = (struct rlimit){ FILES_MAX, FILES_MAX };
	if (have.rlim_max > FILES_MAX)
		want.rlim_max = have.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &want) == 0)
		return;
	want = (struct rlimit){ have.rlim_max, have.rlim_max };
	if (setrlimit(RLIMIT_NOFILE, &want) < 0)
		log_debug("descriptors are as few as they were: %s", strerror(errno));
}

void run_stage_enter(struct run_stage *st)
{
	struct sched_param param = { .sched_priority = PRIORITY };

	st->policy = sched_getscheduler(0);
	sched_getparam(0, &st->param);
	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param) < 0)
		log_debug("no real-time class: %s", strerror(errno));
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	if (LOCK_MEMORY && mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		log_debug("memory is not locked: %s", strerror(errno));
	more_files();
}

void run_stage_leave(const struct run_stage *st)
{
	sched_setscheduler(0, st->policy, &st->param);
	if (LOCK_MEMORY)
		munlockall();
}

void run_stage_backend(pid_t pid, bool urgent)
{
	struct sched_param param = { .sched_priority = urgent ? PRIORITY : 0 };

	if (sched_setscheduler(pid, urgent ? SCHED_FIFO : SCHED_OTHER, &param) < 0)
		log_debug("process %d stays in its class: %s", (int)pid,
			  strerror(errno));
}
