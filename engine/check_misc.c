/*
 * MISC_CHECK: a script's exit status. 0 is up; with misc_dynamic, 2 to 255 are up
 * too, and the weight is the status less two.
 *
 * A script that overstays its time gets SIGTERM, two seconds later SIGKILL; the
 * attempt ends, as a failure, when it has ended.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "check.h"
#include "clock.h"
#include "log.h"
#include "script.h"

#define PATIENCE_NS	 (2 * NS_PER_S)	 /* between the signals */
#define LAST_PATIENCE_NS (10 * NS_PER_S) /* after SIGKILL */

struct misc_job {
	struct script_run run;
	struct check *check;
	int sent; /* the last signal; 0: none */
};

/* Failed for good: what it added to the weight goes. */
static void failed(struct check *c, enum check_result r, const char *detail, int code)
{
	struct check_state *s = check_state(c);
	bool last = (s->is_up || !s->has_run) && s->retry_it >= (uint32_t)c->conf->retry;

	if (last && code >= 0) {
		s->exit_code = (uint8_t)code;
		check_report_weight(c, 0, true);
	}
	check_done_detail(c, r, detail);
}

static void exited(struct check *c, int code)
{
	struct check_state *s = check_state(c);
	char detail[32];

	if (code != 0 && !(c->conf->misc_dynamic && code >= 2)) {
		snprintf(detail, sizeof(detail), "exit status %d", code);
		failed(c, CHECK_EXITED, detail, code);
		return;
	}
	if (code != s->exit_code) {
		check_report_weight(c, code ? code - 2 - c->real->weight : 0, false);
		s->exit_code = (uint8_t)code;
	}
	check_done(c, CHECK_OK);
}

static void done(struct script_run *run, int status)
{
	struct misc_job *job = (struct misc_job *)run; /* its first member */
	struct check *c = job->check;
	char detail[32];

	if (WIFEXITED(status)) {
		run->pid = 0;
		exited(c, WEXITSTATUS(status));
		return;
	}
	if (job->sent == SIGTERM) /* what it started may still be there */
		kill(-run->pid, SIGKILL);
	run->pid = 0;
	if (job->sent) {
		failed(c, CHECK_TIMEOUT, NULL, -1);
		return;
	}
	snprintf(detail, sizeof(detail), "signal %d", WTERMSIG(status));
	failed(c, CHECK_SIGNALLED, detail, -1);
}

static void set_timer(struct check *c, int64_t span)
{
	if (loop_timer_set(check_loop(c), &c->timer, check_now(c) + span) < 0)
		log_warnx("MISC_CHECK: no memory for its timer");
}

static void timeout(struct check *c)
{
	struct misc_job *job = c->job;
	int64_t patience = job->sent ? LAST_PATIENCE_NS : PATIENCE_NS;

	if (job->sent == SIGTERM)
		patience = PATIENCE_NS;
	job->sent = job->sent ? SIGKILL : SIGTERM;
	if (kill(-job->run.pid, job->sent) < 0 && errno != ESRCH)
		log_warn("MISC_CHECK: kill -%d %d", job->sent, (int)job->run.pid);
	set_timer(c, patience);
}

static bool start(struct check *c)
{
	struct misc_job *job = calloc(1, sizeof(*job));
	int r = -ENOMEM;

	if (job) {
		job->check = c;
		job->run.done = done;
		c->job = job;
		r = script_run(&job->run, c->conf->misc);
	}
	if (r < 0) {
		check_done_detail(c, CHECK_NOT_RUN, strerror(-r));
		return false;
	}
	set_timer(c, c->conf->misc->timeout_ns ? c->conf->misc->timeout_ns :
						c->conf->delay_loop_ns);
	return false;
}

static void finish(struct check *c)
{
	struct misc_job *job = c->job;

	if (job)
		script_abandon(&job->run, SIGTERM);
	free(job);
}

const struct check_type check_misc = {
	.name = "MISC_CHECK",
	.start = start,
	.timeout = timeout,
	.finish = finish,
};
