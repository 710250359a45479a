/* halbsim down: ends a site that is up. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd.h"
#include "hold.h"
#include "live_dir.h"
#include "log.h"
#include "run.h"

#define PATIENCE_MS 20000

static int end_one(const char *name)
{
	struct live_dir d;
	pid_t holder = 0;
	int r = live_dir_find(&d, name), fd;

	if (r)
		return r;
	fd = live_dir_connect(&d, &holder);
	if (fd >= 0) {
		close(fd);
		hold_end(holder);
	}
	r = fd >= 0 && live_dir_wait_gone(&d, PATIENCE_MS) ? EXIT_HELD : EXIT_SOFTWARE;
	if (r == EXIT_HELD)
		printf("site %s is down\n", d.name);
	else if (fd >= 0)
		log_warnx("site %s does not end (process %d)", d.name, (int)holder);
	live_dir_finish(&d);
	return r;
}

struct all {
	int worst;
};

static void each(const char *name, const char *path, bool alive, void *arg)
{
	struct all *a = arg;
	int r = alive ? end_one(name) : 0;

	(void)path;
	if (r)
		a->worst = r;
}

static int main_(const struct verb *v, int argc, char **argv)
{
	const char *name = NULL;
	struct all a = { 0 };
	bool all = false;
	const struct opt opt[] = {
		{ "all", 'a', OPT_FLAG, &all, NULL, "every site that is up", 0, 0, NULL },
		{ "name", 'n', OPT_TEXT, &name, "NAME", "the same as NAME alone", 0, 0, NULL },
	};
	int r, i;

	r = opts_read(v, opt, sizeof(opt) / sizeof(opt[0]), &argc, &argv);
	if (r != OPTS_GO)
		return r;
	if (all && argc)
		return opts_usage_error(v, "--all and '%s' at once", argv[0]);
	if (all) {
		live_dir_each(each, &a);
		return a.worst;
	}
	if (!argc)
		return end_one(name);
	for (i = 0, r = 0; i < argc; i++) {
		int e = end_one(argv[i]);

		r = r ? r : e;
	}
	return r;
}

const struct verb verb_down = {
	.name = "down",
	.args = "[NAME…]",
	.summary = "end a site that is up",
	.about = "Without a name the only one there is. Nothing of it is left: processes,\n"
		 "namespaces, guest, folder. Exit: 0; 64 no such site; 70 it does not end.",
	.run = main_,
};
