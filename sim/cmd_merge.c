/* halbsim merge: shards of one sweep, put together. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "log.h"
#include "paths.h"
#include "run.h"
#include "span.h"
#include "sweep.h"
#include "tree.h"

/* One trial into OUT; one that is there already must be the same. */
static int merge_trial(const struct sweep_result *r, const char *from, const char *out)
{
	char *path = sweep_trial_path(out, r->at.trial), *old = NULL;
	size_t len;
	int e = path ? file_read(path, &old, &len) : -ENOMEM;

	if (e == -ENOENT)
		e = file_write_text(path, r->line);
	else if (!e && strcmp(old, r->line) != 0)
		e = -EEXIST;
	if (e == -EEXIST) {
		log_warnx("%s: trial %zu differs from the one in another folder", from,
			  r->at.trial);
	} else if (e) {
		errno = -e;
		log_warn("%s", path ? path : out);
	}
	free(old);
	free(path);
	return e == -EEXIST ? EXIT_FAILED : e ? EXIT_SOFTWARE : 0;
}

static int merge_dir(const struct sweep *s, const char *dir, const char *out)
{
	struct sweep_results r;
	struct sweep other;
	size_t i;
	int e = sweep_read(&other, dir);

	if (e) {
		if (e == -ENOENT)
			log_warnx("%s: no sweep.json here", dir);
		return EXIT_USAGE_ERROR;
	}
	if (strcmp(other.key, s->key) != 0) {
		log_warnx("%s: another sweep than the first one (other case, options or build)",
			  dir);
		sweep_finish(&other);
		return EXIT_USAGE_ERROR;
	}
	sweep_finish(&other);
	if (sweep_results_read(&r, s, dir))
		return EXIT_USAGE_ERROR;
	for (i = 0; !e && i < r.n; i++)
		e = merge_trial(&r.v[i], dir, out);
	sweep_results_finish(&r);
	return e;
}

/* sweep.json, input/ and trials/ of the first one. */
static int begin(const struct sweep *s, const char *from, const char *out)
{
	char *a = path_join(from, "input"), *b = path_join(out, "input");
	char *trials = path_join(out, "trials");
	int e = a && b && trials ? tree_make(trials) : -ENOMEM;

	if (!e)
		e = tree_copy(a, b);
	if (e) {
		errno = -e;
		log_warn("cannot make %s", out);
	}
	free(a);
	free(b);
	free(trials);
	return e || sweep_write(s, out) ? EXIT_SOFTWARE : 0;
}

static int finish(const struct sweep *s, const char *out)
{
	struct style style = style_for(stdout);
	struct sweep_results r;
	size_t n = sweep_count(s);
	int e;

	if (sweep_results_read(&r, s, out))
		return EXIT_SOFTWARE;
	e = sweep_tables(s, &r, out) || sweep_text(stdout, s, &r, out, &style) ?
		    EXIT_SOFTWARE :
		    0;
	if (!e && r.n < n) {
		log_warnx("%zu of %zu trials are missing: merge the other shards too", n - r.n, n);
		e = EXIT_INCONCLUSIVE;
	}
	sweep_results_finish(&r);
	return e;
}

static const char about[] =
	"DIRs are what `halbsim sweep --shard I/N` left. What comes out is, byte for byte,\n"
	"what the whole sweep would have left. Shards of different sweeps, and trials that\n"
	"are in two of them and differ, are refused.\n"
	"\n"
	"Exit: 0 whole, 1 a trial differs, 2 trials are missing, 64 not shards of one sweep.";

static int main_(const struct verb *v, int argc, char **argv)
{
	const char *out = NULL;
	const struct opt opt[] = {
		{ "out", 'o', OPT_TEXT, &out, "DIR", "where the whole goes (must not hold a sweep)",
		  0, 0, NULL },
	};
	struct sweep s, there;
	int r, i;

	r = opts_read(v, opt, sizeof(opt) / sizeof(opt[0]), &argc, &argv);
	if (r != OPTS_GO)
		return r;
	if (!argc || !out)
		return opts_usage_error(v, argc ? "where to? (--out DIR)" : "which folders?");
	r = sweep_read(&there, out);
	if (r != -ENOENT) {
		if (!r)
			sweep_finish(&there);
		log_warnx("%s: holds a sweep already", out);
		return EXIT_USAGE_ERROR;
	}
	r = sweep_read(&s, argv[0]);
	if (r) {
		if (r == -ENOENT)
			log_warnx("%s: no sweep.json here", argv[0]);
		return EXIT_USAGE_ERROR;
	}
	r = begin(&s, argv[0], out);
	for (i = 0; !r && i < argc; i++)
		r = merge_dir(&s, argv[i], out);
	if (!r)
		r = finish(&s, out);
	sweep_finish(&s);
	return r;
}

const struct verb verb_merge = {
	.name = "merge",
	.args = "DIR…",
	.summary = "shards of a sweep, put together",
	.about = about,
	.run = main_,
};
