/* halbsim fault: breaks and mends a site that is up, by hand. */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "fault.h"
#include "live_client.h"
#include "log.h"

static int list(void)
{
	const char *const *usage = fault_usages();

	for (; *usage; usage++)
		puts(*usage);
	return 0;
}

static int main_(const struct verb *v, int argc, char **argv)
{
	const char *name = NULL;
	bool want_list = false;
	const struct opt opt[] = {
		{ "name", 'n', OPT_TEXT, &name, "NAME", "of the site, when several are up", 0,
		  0, NULL },
		{ "list", 'l', OPT_FLAG, &want_list, NULL, "how each is written", 0, 0, NULL },
	};
	json_t *words = json_array();
	int r, i;

	r = opts_read(v, opt, sizeof(opt) / sizeof(opt[0]), &argc, &argv);
	if (r == OPTS_GO && want_list)
		r = list();
	else if (r == OPTS_GO && !argc)
		r = opts_usage_error(v, "which fault? (--list says how each is written)");
	for (i = 0; r == OPTS_GO && i < argc; i++)
		if (json_array_append_new(words, json_string(argv[i])) < 0)
			r = opts_usage_error(v, "'%s' is not UTF-8", argv[i]);
	if (r != OPTS_GO) {
		json_decref(words);
		return r;
	}
	return live_verb(name, json_pack("{s:s, s:o}", "verb", "fault", "words", words),
			 live_print_line, NULL);
}

const struct verb verb_fault = {
	.name = "fault",
	.args = "FAULT WORD…",
	.summary = "break or mend a site that is up, by hand",
	.about = "The words are those of a step in a case's timeline; so is the proof that it\n"
		 "took effect, which is printed. Options come before the words.\n"
		 "\n"
		 "  halbsim fault crash lvs1        halbsim fault boot lvs1\n"
		 "  halbsim fault stop lvs1         halbsim fault start lvs1\n"
		 "  halbsim fault backend dead web1 halbsim fault backend heal web1\n"
		 "  halbsim fault cut lvs1 lvs2     halbsim fault heal lvs1 lvs2\n"
		 "  halbsim fault loss lvs2 20%     halbsim fault heal lvs2\n"
		 "\n"
		 "Exit: 0 it took effect; 2 it did not; 64 the words are wrong, no such site.",
	.run = main_,
	.options_first = true,
};
