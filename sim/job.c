#include "job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "case_again.h"
#include "clock.h"
#include "engine_run.h"
#include "guest.h"
#include "guest_live.h"
#include "job_stage.h"
#include "live.h"
#include "log.h"
#include "need.h"
#include "paths.h"
#include "progress.h"
#include "run.h"
#include "rundir.h"
#include "span.h"
#include "tree.h"

struct wall {
	char started[32];
	int64_t ms;
};

static int write_wall(FILE *f, const void *arg)
{
	const struct wall *w = arg;

	fprintf(f, "{\n  \"started\": \"%s\",\n  \"wall_ms\": %jd\n}\n", w->started,
		(intmax_t)w->ms);
	return 0;
}

/* Wall time lives apart: report.json must be equal between equal runs. */
static void save_wall(const char *dir, int64_t began_ns)
{
	struct wall w = { .ms = (clock_now() - began_ns) / NS_PER_MS };
	time_t at = time(NULL) - (time_t)(w.ms / 1000);
	char *path = path_join(dir, "wall.json");
	struct tm tm;

	if (gmtime_r(&at, &tm))
		strftime(w.started, sizeof(w.started), "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (!path || file_write(path, write_wall, &w))
		log_warnx("cannot write %s/wall.json", dir);
	free(path);
}

/* A run in its folder, on its way. */
struct at_work {
	const struct job *j;
	const struct case_ *c;
	struct run_info *info;
	struct rundir *d;
	struct report *r;
	bool *ran;
	size_t nnode;
	int64_t began_ns;
	bool finished;
	int status; /* when finished */
	struct live_doors doors;
	struct guest_kept *kept;
	char *out; /* in real time: the folder's path while the run is under way */
};

/*
 * A node takes half a megabyte of kernel memory, and its processes more. Two sizes
 * only: each is a saved guest of its own.
 */
#define NODES_USUAL    150
#define MANY_NODES_MIB 1536u

/* Of each engine; empty when it does not say. */
static struct {
	bool asked;
	char text[64];
} version[] = { [ENGINE_HALBD] = { 0 }, [ENGINE_KEEPALIVED] = { 0 } };

/*
 * The guest has the very programs that are here, where asking them costs nothing of
 * the site's time.
 */
void job_know_engine(enum engine engine)
{
	char *path;

	if (version[engine].asked)
		return;
	version[engine].asked = true;
	path = find_program(engine_name(engine));
	if (!path || engine_version(path, version[engine].text,
				    sizeof(version[engine].text)) < 0)
		version[engine].text[0] = '\0';
	free(path);
}

static void look(void *mail, void *arg)
{
	progress_move(mail, arg);
}

/* Virtual: an exit code, or -errno as guest_run(). */
static int in_guest(struct at_work *w, const char *input)
{
	const struct job *j = w->j;
	bool late = job_phase_is_late(w->c), branch = late && j->settle_apart;
	struct guest_opts g = { .memory_mib = w->nnode > NODES_USUAL ? MANY_NODES_MIB : 0,
				.kernel = j->kernel,
				.modules = j->modules,
				.seed = j->settle_apart ? j->settle_seed : j->seed,
				.late_seed = j->seed,
				.late_phase_ns = late ? j->phase_ns : 0,
				.share = branch && j->share,
				.wall_limit_ns = (int64_t)j->limit_s * NS_PER_S,
				.watch = j->progress ? look : NULL,
				.watch_arg = j->progress,
				.kept = j->stays ? &w->kept : NULL,
				.cold = j->cold,
				.console_fd = STDERR_FILENO };
	char seed[32], phase[32];
	const char *argv[16] = { "run-inside", "--engine", engine_name(j->engine), "--seed",
				 seed, "--phase", phase, w->info->case_folder };
	size_t n = 8;

	job_know_engine(j->engine);
	if (version[j->engine].text[0]) {
		argv[n++] = "--engine-version";
		argv[n++] = version[j->engine].text;
	}
	if (j->pcap)
		argv[n++] = "--pcap";
	if (branch)
		argv[n++] = "--branch";
	if (w->info->kept)
		argv[n++] = "--keep";
	snprintf(seed, sizeof(seed), "%ju", (uintmax_t)g.seed);
	snprintf(phase, sizeof(phase), "%jd", late ? 0 : (intmax_t)j->phase_ns);
	return guest_run(&g, input, argv, w->d->work);
}

/* Everything that is left to do when the run itself is over. */
static void finish(struct at_work *w)
{
	const char *dir = w->d->work;

	w->finished = true;
	w->status = EXIT_SOFTWARE;
	if (w->info->died && run_info_write(dir, w->info))
		return;
	save_wall(dir, w->began_ns);
	w->status = report_load(w->r, dir, w->d->path);
	if (w->status)
		return;
	*w->ran = true;
	w->status = (!w->j->bare && report_save(w->r, dir)) || rundir_commit(w->d) ?
			    EXIT_SOFTWARE :
			    verdict_exit(w->r->verdict);
}

/*
 * The site of a run in real time may stay; the files that it was given are found by
 * the folder's old name as long as it does.
 */
static bool ended_real(void *arg)
{
	struct at_work *w = arg;

	finish(w);
	if (!*w->ran)
		return false;
	w->doors.listen_fd = w->j->stays(w->r, w->j->stays_arg);
	if (w->doors.listen_fd >= 0 && symlink(w->d->name, w->out) < 0)
		log_warn("%s", w->out);
	return w->doors.listen_fd >= 0;
}

static int in_real(struct at_work *w, const char *input)
{
	const struct job *j = w->j;
	char id[32];
	struct job_inside in = { .in = input, .folder = w->info->case_folder,
				 .engine = j->engine, .time = "real", .seed = j->seed,
				 .run_id = id, .pcap = j->pcap, .phase_ns = j->phase_ns,
				 .doors = j->stays ? &w->doors : NULL,
				 .ended = ended_real, .arg = w,
				 .progress = j->progress };
	int r;

	w->out = realpath(w->d->work, NULL);
	if (!w->out)
		return EXIT_SOFTWARE;
	in.out = w->out;
	snprintf(id, sizeof(id), "r%d", (int)getpid());
	r = job_inside_with(&in);
	if (w->doors.listen_fd >= 0)
		unlink(w->out); /* a link by now */
	free(w->out);
	return r;
}

/* The run itself, in its folder. Returns 0 to go on to the report, or an exit code. */
static int carry_out(struct at_work *w, const char *input)
{
	struct run_info *info = w->info;
	int r = w->j->real ? in_real(w, input) : in_guest(w, input);

	switch (r) {
	case 0:
		return 0;
	case -ENOENT:
		return EXIT_SKIPPED;
	case -ETIMEDOUT:
		info->why = textf("the guest was killed by the watchdog; console.log has "
				  "what it said");
		break;
	case -EIO:
		info->why = textf("the guest died; console.log has what it said");
		break;
	case EXIT_SKIPPED:
	case EXIT_SOFTWARE:
		return r;
	default:
		if (r < 128)
			return EXIT_SOFTWARE;
		info->why = textf("halbsim in the guest died of signal %d", r - 128);
	}
	info->died = true;
	return 0;
}

/* The site of a run in virtual time, at another pace from here on. */
static void hold_kept(struct at_work *w)
{
	int fd = w->kept && *w->ran ? w->j->stays(w->r, w->j->stays_arg) : -1;

	if (fd >= 0)
		guest_kept_live(w->kept, fd);
	else
		guest_kept_free(w->kept);
	w->kept = NULL;
}

static int run_info_init(struct run_info *i, const struct job *j, const struct case_ *c)
{
	char *dir = realpath(c->dir, NULL);

	*i = (struct run_info){
		.case_name = strdup(c->name),
		.case_folder = dir ? strdup(path_base(dir)) : NULL,
		.engine = strdup(engine_name(j->engine)),
		.time = strdup(j->real ? "real" : "virtual"),
		.seed = j->seed,
		.kernel = j->kernel ? realpath(j->kernel, NULL) : NULL,
		.version = strdup(HALB_VERSION),
		.pcap = j->pcap,
		.phase_ns = j->phase_ns,
		.kept = !j->real && (j->stays || j->as_kept),
		.settle_apart = j->settle_apart,
		.settle_seed = j->settle_seed,
		.build = run_info_build(),
	};
	free(dir);
	return i->case_name && i->case_folder && i->engine && i->time && i->version ?
		       0 :
		       EXIT_SOFTWARE;
}

static int in_folder(const struct job *j, const struct case_ *c, struct run_info *info,
		     struct rundir *d, struct report *r, bool *ran)
{
	struct at_work w = { .j = j, .c = c, .info = info, .d = d, .r = r, .ran = ran,
			     .began_ns = clock_now(), .doors = { .listen_fd = -1,
								 .owner_fd = -1 } };
	char *input = path_join(d->work, "input");
	int e = EXIT_SOFTWARE;

	if (!input || job_stage(c, input, info->case_folder) ||
	    job_stage_set(j, c, input, info->case_folder) || run_info_write(d->work, info))
		goto out;
	e = job_stage_each(input, info->case_folder, &w.nnode);
	if (e)
		goto out;
	e = carry_out(&w, input);
	if (e && !w.finished)
		goto out;
	if (!w.finished)
		finish(&w);
	hold_kept(&w);
	e = w.status;
out:
	free(input);
	return e;
}

int job_run(const struct job *j, struct report *r, bool *ran)
{
	struct run_info info = { 0 };
	struct rundir d = { .lock_fd = -1 };
	struct case_ *c;
	int e;

	*ran = false;
	c = case_load_again(j->case_path, j->root);
	if (!c)
		return EXIT_USAGE_ERROR;
	e = EXIT_SKIPPED;
	if (c->engine_only && c->engine != j->engine) {
		log_warnx("%s: this case is for %s alone", c->name, engine_name(c->engine));
		goto out;
	}
	if (need_programs(c, j->engine) || (j->real && need_real_for(c->topo)))
		goto out;
	e = run_info_init(&info, j, c);
	if (!e && rundir_create(&d, j->out, c->name, info.engine, j->seed))
		e = EXIT_SOFTWARE;
	if (e)
		goto out;
	e = in_folder(j, c, &info, &d, r, ran);
	if (e == EXIT_SOFTWARE && j->keep && d.work)
		rundir_commit(&d);
out:
	rundir_finish(&d);
	run_info_finish(&info);
	case_free(c);
	return e;
}
