/* halbsim status: what a site that is up looks like now. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd.h"
#include "live_client.h"
#include "live_dir.h"
#include "live_table.h"
#include "log.h"
#include "run.h"
#include "span.h"

#define REDRAW_MS 500

struct status {
	const char *name;
	bool json, watch;
	json_t *state;
};

static void got(const struct talk *t, void *arg)
{
	struct status *st = arg;

	if (t->kind == TALK_JSON && !st->state)
		st->state = json_loadb((const char *)t->data, t->len, 0, NULL);
}

/* The list, when it was not said which and there are several or none. */
struct listing {
	int n;
	bool json;
	json_t *all;
};

static void list_one(const char *name, const char *path, bool alive, void *arg)
{
	struct listing *l = arg;
	json_t *about = live_dir_about(path);

	l->n++;
	if (l->json) {
		if (!about)
			about = json_object();
		json_object_set_new(about, "name", json_string(name));
		json_object_set_new(about, "alive", json_boolean(alive));
		json_array_append_new(l->all, about);
		return;
	}
	if (alive)
		printf("%-16s %s with %s, %s time, up since %s\n", name,
		       json_string_value(json_object_get(about, "topology")),
		       json_string_value(json_object_get(about, "engine")),
		       json_string_value(json_object_get(about, "time")),
		       json_string_value(json_object_get(about, "started")));
	else
		printf("%-16s gone: its holder was killed (halbsim clean)\n", name);
	json_decref(about);
}

static int list_all(bool json)
{
	struct listing l = { .json = json, .all = json_array() };

	live_dir_each(list_one, &l);
	if (json) {
		json_dumpf(l.all, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (!l.n) {
		puts("no site is up (halbsim up TOPOLOGY makes one)");
	}
	json_decref(l.all);
	return EXIT_HELD;
}

/* Cut to the window: a block that is longer would scroll. */
static void draw(const char *text)
{
	struct winsize ws;
	int rows = ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_row > 1 ? ws.ws_row - 1 :
										 24;

	fputs("\033[H", stdout);
	for (; *text && rows > 0; rows--) {
		size_t len = strcspn(text, "\n");

		printf("%.*s\033[K\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
	fputs("\033[J", stdout);
	fflush(stdout);
}

static int show(struct status *st, const json_t *about, bool redraw)
{
	struct style s = style_for(stdout);
	char *text = NULL;
	size_t len;
	FILE *f;

	if (st->json) {
		json_dumpf(st->state, stdout, st->watch ? JSON_COMPACT : JSON_INDENT(2));
		putchar('\n');
		fflush(stdout);
		return 0;
	}
	f = redraw ? open_memstream(&text, &len) : stdout;
	if (!f)
		return EXIT_SOFTWARE;
	live_table(f, about, st->state, &s);
	if (!redraw)
		return fflush(f);
	fclose(f);
	draw(text);
	free(text);
	return 0;
}

static int main_(const struct verb *v, int argc, char **argv)
{
	struct status st = { 0 };
	const struct opt opt[] = {
		{ "name", 'n', OPT_TEXT, &st.name, "NAME", "of the site, when several are up",
		  0, 0, NULL },
		{ "json", 'j', OPT_FLAG, &st.json, NULL, "everything, for programs", 0, 0,
		  NULL },
		{ "watch", 'w', OPT_FLAG, &st.watch, NULL, "again and again, until Ctrl-C", 0, 0,
		  NULL },
	};
	struct live_dir d;
	json_t *about;
	bool redraw, all = false;
	int r;

	r = opts_read(v, opt, sizeof(opt) / sizeof(opt[0]), &argc, &argv);
	if (r != OPTS_GO)
		return r;
	if (argc > 1)
		return opts_usage_error(v, "one site at most");
	if (argc)
		st.name = argv[0];
	if (!st.name && live_dir_count() != 1)
		all = true;
	if (all && !st.watch)
		return list_all(st.json);
	r = live_dir_find(&d, st.name);
	if (r)
		return r;
	about = live_dir_about(d.path);
	redraw = st.watch && isatty(STDOUT_FILENO);
	if (redraw)
		fputs("\033[2J", stdout);
	do {
		json_decref(st.state);
		st.state = NULL;
		r = live_verb(d.name, json_pack("{s:s}", "verb", "status"), got, &st);
		if (!r && st.state)
			r = show(&st, about, redraw);
		if (!r && st.watch)
			poll(NULL, 0, REDRAW_MS);
	} while (!r && st.watch);
	json_decref(st.state);
	json_decref(about);
	live_dir_finish(&d);
	return r;
}

const struct verb verb_status = {
	.name = "status",
	.args = "[NAME]",
	.summary = "what a site that is up looks like now",
	.about = "Masters, nodes with what runs there and their addresses, IPVS tables and the\n"
		 "health of the real servers, what clients got. All of it as seen from outside,\n"
		 "as in a run's report. With several sites up, and none named, a list of them.",
	.run = main_,
};
