/* halbsim replay DIR/trials/N.json: one trial again, by itself. */
#include "sweep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "log.h"
#include "paths.h"
#include "pool.h"
#include "run.h"
#include "span.h"
#include "tree.h"

struct again {
	struct sweep s;
	const struct job *common;
	const char *dir, *old; /* the sweep's folder; the trial's line */
	char *tmp;
	size_t trial;
	int status;
};

char *sweep_dir_of(const char *path)
{
	size_t len = strlen(path);
	char *real, *cut, *dir = NULL;

	if (len < 6 || strcmp(path + len - 5, ".json") != 0)
		return NULL;
	real = realpath(path, NULL);
	cut = real ? strrchr(real, '/') : NULL;
	if (cut)
		*cut = '\0';
	if (cut && !strcmp(path_base(real), "trials")) {
		*strrchr(real, '/') = '\0';
		dir = strdup(real);
	}
	free(real);
	return dir;
}

static int work(size_t i, FILE *out, void *arg)
{
	struct again *a = arg;
	char *line = NULL;
	int r = sweep_trial(&a->s, a->dir, a->common, a->trial, a->tmp, &line);

	(void)i;
	(void)out;
	if (r)
		return r;
	r = strcmp(line, a->old) ? EXIT_FAILED : EXIT_HELD;
	if (r)
		printf("  first:  %s  second: %snot the same\n", a->old, line);
	else
		printf("%strial %zu: every byte is the same (`events` is the fingerprint of "
		       "events.jsonl)\n",
		       line, a->trial);
	free(line);
	return r;
}

static void done(size_t i, int status, const char *text, void *arg)
{
	(void)i;
	(void)text;
	((struct again *)arg)->status = status;
}

/* Another program takes other time: then a difference says nothing. */
static void note_build(const struct sweep *s)
{
	char *build = run_info_build();

	if (build && s->build && strcmp(build, s->build) != 0)
		puts("note: the sweep was made by another build of halbsim");
	free(build);
}

int sweep_replay(const char *path, const char *dir, const struct job *common)
{
	char tmp[] = "/tmp/halbsim-replay.XXXXXX", *old = NULL;
	struct job job = *common;
	struct again a = { .common = &job, .dir = dir, .tmp = tmp, .status = EXIT_SOFTWARE };
	struct sweep_result r;
	size_t len;
	int e = sweep_read(&a.s, dir);

	if (e) {
		if (e == -ENOENT)
			log_warnx("%s: no sweep.json there", dir);
		return EXIT_USAGE_ERROR;
	}
	e = file_read(path, &old, &len);
	if (e) {
		errno = -e;
		log_warn("%s", path);
	} else if (sweep_result_parse(&r, &a.s, old)) {
		log_warnx("%s: not a trial of this sweep", path);
		e = -EINVAL;
	}
	if (e) {
		free(old);
		sweep_finish(&a.s);
		return EXIT_USAGE_ERROR;
	}
	note_build(&a.s);
	a.trial = r.at.trial;
	a.old = old;
	job.bare = true;
	if (!job.kernel)
		job.kernel = a.s.kernel;
	e = EXIT_SOFTWARE;
	if (!mkdtemp(tmp)) {
		log_warn("cannot make a folder in /tmp");
	} else {
		e = pool_run(1, 1, work, done, &a);
		e = e > 0 ? e : e < 0 ? EXIT_SOFTWARE : a.status;
		tree_remove(tmp);
	}
	sweep_result_finish(&r);
	free(old);
	sweep_finish(&a.s);
	return e;
}
