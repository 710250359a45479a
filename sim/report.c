/* From a run's folder to a judged report. */
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "case_again.h"
#include "log.h"
#include "paths.h"
#include "report_html.h"
#include "run.h"
#include "span.h"
#include "timeline.h"
#include "tree.h"

const char *verdict_name(enum verdict v)
{
	switch (v) {
	case VERDICT_HELD:
		return "held";
	case VERDICT_FAILED:
		return "failed";
	case VERDICT_INCONCLUSIVE:
		break;
	}
	return "inconclusive";
}

int verdict_exit(enum verdict v)
{
	switch (v) {
	case VERDICT_HELD:
		return EXIT_HELD;
	case VERDICT_FAILED:
		return EXIT_FAILED;
	case VERDICT_INCONCLUSIVE:
		break;
	}
	return EXIT_INCONCLUSIVE;
}

/* Where a code stands; what is none of ours is as bad as can be. */
static size_t badness(int code)
{
	static const int order[] = { EXIT_SOFTWARE,	EXIT_USAGE_ERROR, EXIT_FAILED,
				     EXIT_INCONCLUSIVE, EXIT_SKIPPED,	  EXIT_HELD };
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (code == order[i])
			return i;
	return 0;
}

int exit_worst(int a, int b)
{
	int worst = badness(a) < badness(b) ? a : b;

	return badness(worst) ? worst : EXIT_SOFTWARE;
}

const char *report_engine(const struct report *r)
{
	return r->run && r->run->run.engine ? r->run->run.engine : r->info.engine;
}

const char *report_engine_version(const struct report *r)
{
	return r->run ? r->run->run.engine_version : NULL;
}

const char *report_kernel(const struct report *r)
{
	return r->run ? r->run->run.kernel : NULL;
}

uint64_t report_seed(const struct report *r)
{
	return r->run ? r->run->run.seed : r->info.seed;
}

static void reason(struct report *r, char *text)
{
	if (text && r->nreason < REPORT_MAX_REASONS)
		r->reason[r->nreason++] = text;
	else
		free(text);
}

static void add_reasons(struct report *r)
{
	size_t i;

	if (r->info.died)
		reason(r, textf("%s", r->info.why ? r->info.why : "the run died"));
	for (i = 0; i < r->log.n; i++) {
		const struct event *e = &r->log.v[i];

		if (e->type == EV_UNSETTLED)
			reason(r, textf("the site never settled: %s",
					e->text ? e->text : "no reason given"));
		else if (e->type == EV_FAULT && !e->fault.effective)
			reason(r, textf("'%s' %s%s%s", e->text,
					!strncmp(e->text, "when ", 5) ? "did not come" :
									"had no effect",
					e->fault.proof ? ": " : "",
					e->fault.proof ? e->fault.proof : ""));
	}
	if (!r->m.complete && !r->nreason)
		reason(r, textf("the run did not reach its end"));
}

static void set_verdict(struct report *r)
{
	size_t i, undecided = 0, failed = 0;

	add_reasons(r);
	for (i = 0; i < r->expect.n; i++) {
		failed += r->expect.v[i].outcome == EXPECT_NOT_HELD;
		undecided += r->expect.v[i].outcome == EXPECT_UNDECIDED;
	}
	if (r->nreason) {
		r->verdict = VERDICT_INCONCLUSIVE;
	} else if (failed) {
		r->verdict = VERDICT_FAILED;
	} else if (undecided) {
		r->verdict = VERDICT_INCONCLUSIVE;
		reason(r, textf("%zu expectation%s could not be judged", undecided,
				undecided == 1 ? "" : "s"));
	} else {
		r->verdict = VERDICT_HELD;
	}
}

static int load_case(struct report *r, const char *dir)
{
	char *root = path_join(dir, "input"), *path = NULL;

	if (root)
		path = textf("%s/cases/%s", root, r->info.case_folder);
	if (path)
		r->c = case_load_again(path, root);
	if (r->c)
		timeline_shift(r->c->step, r->c->nstep, r->info.phase_ns);
	free(root);
	free(path);
	return r->c ? 0 : EXIT_USAGE_ERROR;
}

static int load_events(struct report *r, const char *dir)
{
	char *path = path_join(dir, "events.jsonl");
	size_t i;
	int e = 0;

	event_log_init(&r->log);
	if (!path)
		return EXIT_SOFTWARE;
	if (path_is_file(path) || !r->info.died) {
		e = event_log_read(&r->log, path);
		if (!e)
			e = event_log_sort(&r->log);
	}
	free(path);
	for (i = 0; i < r->log.n && !r->run; i++)
		if (r->log.v[i].type == EV_RUN)
			r->run = &r->log.v[i];
	return e ? EXIT_USAGE_ERROR : 0;
}

int report_load(struct report *r, const char *dir, const char *name)
{
	int e;

	*r = (struct report){ .dir = strdup(name ? name : dir) };
	if (!r->dir)
		return EXIT_SOFTWARE;
	if (run_info_read(dir, &r->info)) {
		e = EXIT_USAGE_ERROR;
		goto out;
	}
	e = load_case(r, dir);
	if (!e)
		e = load_events(r, dir);
	if (e)
		goto out;
	e = EXIT_SOFTWARE;
	if (measure(&r->m, r->c, &r->log) ||
	    expect_judge(&r->expect, r->c, &r->log, &r->m)) {
		log_warnx("out of memory");
		goto out;
	}
	set_verdict(r);
	e = 0;
out:
	if (e)
		report_finish(r);
	return e;
}

int report_load_run(struct report *r, const char *arg, const char *out)
{
	char *dir = rundir_resolve(arg, out);
	int e = dir ? report_load(r, dir, NULL) : EXIT_USAGE_ERROR;

	free(dir);
	return e;
}

void report_finish(struct report *r)
{
	size_t i;

	expect_results_finish(&r->expect);
	measures_finish(&r->m);
	event_log_finish(&r->log);
	case_free(r->c);
	run_info_finish(&r->info);
	for (i = 0; i < r->nreason; i++)
		free(r->reason[i]);
	free(r->dir);
	*r = (struct report){ 0 };
}

static int save_json(FILE *f, const void *arg)
{
	return report_json(f, arg);
}

static int save_text(FILE *f, const void *arg)
{
	static const struct style plain = { .utf8 = true };

	return report_text(f, arg, &plain);
}

struct page {
	const struct report *r;
	struct conf_texts conf;
};

static int save_html(FILE *f, const void *arg)
{
	const struct page *page = arg;

	return report_html(f, &page->r, &page->conf, 1);
}

int report_save(const struct report *r, const char *dir)
{
	char *json = path_join(dir, "report.json"), *text = path_join(dir, "report.txt");
	char *html = path_join(dir, "report.html");
	struct page page = { .r = r };
	int e = -ENOMEM;

	if (json && text && html)
		e = conf_texts_read(&page.conf, dir);
	if (!e)
		e = file_write(json, save_json, r);
	if (!e)
		e = file_write(text, save_text, r);
	if (!e)
		e = file_write(html, save_html, &page);
	if (e) {
		errno = -e;
		log_warn("cannot write the report into %s", dir);
	}
	conf_texts_finish(&page.conf);
	free(json);
	free(text);
	free(html);
	return e;
}
