/* RUN/run.json: what a run was asked for. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "log.h"
#include "paths.h"
#include "rundir.h"
#include "tree.h"

char *run_info_build(void)
{
	char text[HASH_TEXT];
	struct hash h;

	hash_init(&h);
	if (hash_add_file(&h, "/proc/self/exe"))
		return NULL;
	hash_text(&h, text);
	return strdup(text);
}

static int write_json(FILE *f, const void *arg)
{
	if (json_dumpf(arg, f, JSON_INDENT(2)) || fputc('\n', f) == EOF)
		return -EIO;
	return 0;
}

int run_info_write(const char *dir, const struct run_info *i)
{
	char *path = path_join(dir, "run.json");
	json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s*, s:s, s:s*, s:b, s:b, s:s*}",
			      "schema", "halbsim-run-1", "case", i->case_name, "folder",
			      i->case_folder, "engine", i->engine, "time", i->time, "seed",
			      (json_int_t)i->seed, "kernel", i->kernel, "version",
			      i->version, "build", i->build, "pcap", i->pcap, "died",
			      i->died, "why", i->why);
	int r;

	if (i->phase_ns)
		json_object_set_new(j, "phase_ns", json_integer(i->phase_ns));
	if (i->kept)
		json_object_set_new(j, "kept", json_true());
	if (i->settle_apart)
		json_object_set_new(j, "settle_seed", json_integer((json_int_t)i->settle_seed));
	r = path && j ? file_write(path, write_json, j) : -ENOMEM;

	json_decref(j);
	free(path);
	return r;
}

static char *copy(const char *s)
{
	return s ? strdup(s) : NULL;
}

int run_info_read(const char *dir, struct run_info *i)
{
	const char *schema, *name, *folder, *engine, *time, *version;
	const char *kernel = NULL, *build = NULL, *why = NULL;
	char *path = path_join(dir, "run.json");
	json_error_t err;
	json_int_t seed, settle = -1, phase = 0;
	int died = 0, pcap = 0, kept = 0, r = 0;
	json_t *j;

	*i = (struct run_info){ 0 };
	j = path ? json_load_file(path, 0, &err) : NULL;
	if (!j) {
		if (path && err.line < 0)
			log_warnx("%s: not a run's folder (%s)", dir, err.text);
		else
			log_warnx("%s/run.json:%d:%d: %s", dir, err.line, err.column,
				  err.text);
		free(path);
		return -EINVAL;
	}
	if (json_unpack_ex(j, &err, 0,
			   "{s:s, s:s, s:s, s:s, s:s, s:I, s?s, s:s, s?s, s?b, s?b, s?s, s?I, s?I, s?b}",
			   "schema", &schema, "case", &name, "folder", &folder, "engine",
			   &engine, "time", &time, "seed", &seed, "kernel", &kernel,
			   "version", &version, "build", &build, "pcap", &pcap, "died",
			   &died, "why", &why, "phase_ns", &phase, "settle_seed", &settle,
			   "kept", &kept))
		r = -EINVAL;
	if (r || strcmp(schema, "halbsim-run-1") || seed < 0 ||
	    phase < 0 || strchr(folder, '/') ||
	    folder[0] == '.') {
		log_warnx("%s/run.json: not a run of this halbsim (%s)", dir,
			  r ? err.text : "schema halbsim-run-1 expected");
		r = -EINVAL;
		goto out;
	}
	*i = (struct run_info){
		.case_name = copy(name), .case_folder = copy(folder),
		.engine = copy(engine),	 .time = copy(time),
		.seed = (uint64_t)seed,	 .kernel = copy(kernel),
		.version = copy(version), .build = copy(build),
		.pcap = pcap != 0,	 .died = died != 0,
		.why = copy(why),
		.phase_ns = phase,
		.kept = kept != 0,
		.settle_apart = settle >= 0,
		.settle_seed = settle >= 0 ? (uint64_t)settle : 0,
	};
out:
	json_decref(j);
	free(path);
	return r;
}

void run_info_finish(struct run_info *i)
{
	free(i->case_name);
	free(i->case_folder);
	free(i->engine);
	free(i->time);
	free(i->kernel);
	free(i->version);
	free(i->build);
	free(i->why);
	*i = (struct run_info){ 0 };
}
