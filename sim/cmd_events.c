/* halbsim events: what happens at a site that is up, as it happens. */
#include <stdlib.h>

#include "cmd.h"
#include "live_client.h"

static int main_(const struct verb *v, int argc, char **argv)
{
	const char *name = NULL;
	bool json = false, all = false, past = false, stop = false;
	const struct opt opt[] = {
		{ "name", 'n', OPT_TEXT, &name, "NAME", "of the site, when several are up", 0,
		  0, NULL },
		{ "json", 'j', OPT_FLAG, &json, NULL,
		  "every event as a line of events.jsonl has it", 0, 0, NULL },
		{ "all", 'a', OPT_FLAG, &all, NULL,
		  "every event in words: each advert, each request", 0, 0, NULL },
		{ "past", 'p', OPT_FLAG, &past, NULL, "what has happened first", 0, 0, NULL },
		{ "no-follow", 0, OPT_FLAG, &stop, NULL, "only that (with --past)", 0, 0,
		  NULL },
	};
	int r;

	r = opts_read(v, opt, sizeof(opt) / sizeof(opt[0]), &argc, &argv);
	if (r != OPTS_GO)
		return r;
	if (argc)
		return opts_usage_error(v, "takes no words, got '%s'", argv[0]);
	if (stop && !past)
		return opts_usage_error(v, "--no-follow without --past shows nothing");
	return live_verb(name,
			 json_pack("{s:s, s:b, s:b, s:b, s:b}", "verb", "events", "json", json,
				   "all", all, "past", past, "follow", !stop),
			 live_print_line, NULL);
}

const struct verb verb_events = {
	.name = "events",
	.args = "",
	.summary = "what happens at a site that is up, as it happens",
	.about = "Until Ctrl-C, or the site's end. Times are seconds since it was settled.\n"
		 "In words, only what is news: not each advert of the same master, and of the\n"
		 "requests only the first that fails and the first that is answered again.",
	.run = main_,
};
