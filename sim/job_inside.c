/* The half of a run that is the same in the guest and in real time. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "case_again.h"
#include "guest_late.h"
#include "job.h"
#include "live.h"
#include "log.h"
#include "need.h"
#include "paths.h"
#include "run.h"
#include "span.h"
#include "timeline.h"
#include "tree.h"

static int write_events(FILE *f, const void *arg)
{
	return event_log_write(arg, f);
}

/* In the guest, at the branch. */
static int take_late(void *arg, uint64_t *seed)
{
	struct case_ *c = arg;
	struct guest_late late;
	int r = guest_late_take(&late);

	if (r < 0)
		return r;
	*seed = late.seed;
	timeline_shift(c->step, c->nstep, late.phase_ns);
	return 0;
}

bool job_phase_is_late(const struct case_ *c)
{
	return c->nstep && timeline_moment(c->step, 0).after_settled;
}

static int save_events(const struct event_log *log, const char *out)
{
	char *path = path_join(out, "events.jsonl");
	int r = path ? file_write(path, write_events, log) : -ENOMEM;

	if (r) {
		errno = -r;
		log_warn("cannot write %s/events.jsonl", out);
	}
	free(path);
	return r;
}

static bool ended(const struct event_log *log, void *arg)
{
	const struct job_inside *j = arg;

	return save_events(log, j->out) == 0 && j->ended(j->arg);
}

int job_inside_with(const struct job_inside *j)
{
	struct run_live live = { .doors = j->doors, .up = j->up, .ended = ended,
				 .arg = (void *)(uintptr_t)j };
	struct run_opts o = { .engine = j->engine, .time = j->time, .seed = j->seed,
			      .out_dir = j->out, .run_id = j->run_id, .pcap = j->pcap,
			      .live = j->doors ? &live : NULL,
			      .progress = j->progress };
	char *path = textf("%s/cases/%s", j->in, j->folder);
	char *engine_path = find_program(engine_name(j->engine));
	char *halbweb = find_program("halbweb");
	char *halbweb_tls = find_program("halbweb-tls");
	struct case_ *c = path ? case_load_again(path, j->in) : NULL;
	struct event_log log;
	int r = EXIT_SOFTWARE;

	event_log_init(&log);
	if (!c)
		goto out;
	timeline_shift(c->step, c->nstep, j->phase_ns);
	o.c = c;
	if (!strcmp(j->time, "virtual") && !j->up && !j->rehearsal) {
		o.branch = (struct run_branch){ .ask = j->branch ? guest_late_ask : NULL,
						.take = take_late, .arg = c };
		o.leave = !j->doors && guest_ends_here();
	}
	o.engine_path = engine_path;
	o.engine_version = j->engine_version;
	o.halbweb_path = halbweb;
	o.halbweb_tls_path = halbweb_tls;
	r = engine_path ? run_case(&o, &log) : EXIT_SKIPPED;
	if (!engine_path)
		log_warnx("%s is missing", engine_name(j->engine));
	/* Of a site that stayed they were saved when its case was over. */
	if (log.n && !j->doors && (event_log_sort(&log) || save_events(&log, j->out)))
		r = EXIT_SOFTWARE;
	if (o.leave)
		r = guest_end(r); /* all that is below goes with the machine */
out:
	event_log_finish(&log);
	case_free(c);
	free(engine_path);
	free(halbweb);
	free(halbweb_tls);
	free(path);
	return r;
}
