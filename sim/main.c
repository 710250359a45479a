/* halbsim: the table of verbs. */
#include <stdio.h>
#include <string.h>

#include "block.h"
#include "busy.h"
#include "cmd.h"
#include "guest.h"
#include "log.h"
#include "run.h"
#include "span.h"

static const struct verb *const verbs[] = {
	&verb_run,     &verb_sweep,    &verb_merge,   &verb_check,  &verb_list,
	&verb_diff,    &verb_report,   &verb_compare, &verb_baseline, &verb_history,
	&verb_replay,  &verb_up,       &verb_status,  &verb_sh,     &verb_exec,
	&verb_fault,   &verb_events,   &verb_down,    &verb_clean,  &verb_doctor,
};
#define NVERBS (sizeof(verbs) / sizeof(verbs[0]))

static void help(FILE *out)
{
	char left[64];
	int width = 0;
	size_t i;

	fputs("usage: halbsim VERB [OPTION…] [WORD…]\n\n"
	      "Builds an LVS/keepalived site in network namespaces, breaks it on a script\n"
	      "and measures how long its users are without service.\n\n",
	      out);
	for (i = 0; i < NVERBS; i++) {
		int w = text_width(verbs[i]->name) + 1 + text_width(verbs[i]->args);

		width = w > width ? w : width;
	}
	for (i = 0; i < NVERBS; i++) {
		snprintf(left, sizeof(left), "%s %s", verbs[i]->name, verbs[i]->args);
		fprintf(out, "  %s%*s  %s\n", left, width - text_width(left), "",
			verbs[i]->summary);
	}
	fputs("\nhalbsim VERB --help says more about each; man halbsim has it all.\n\n"
	      "exit codes:\n"
	      "   0  every expectation held\n"
	      "   1  one did not\n"
	      "   2  inconclusive: never settled, a fault without effect, a run that died\n"
	      "   4  skipped: something needed is missing (said which, and what gets it)\n"
	      "  64  wrong usage, or a file in error\n"
	      "  70  halbsim itself failed\n"
	      "Of several runs the worst counts, in the order 70, 64, 1, 2, 4, 0.\n",
	      out);
}

static int unknown_verb(const char *word)
{
	const char *names[NVERBS + 1], *near;
	size_t i;

	for (i = 0; i < NVERBS; i++)
		names[i] = verbs[i]->name;
	names[NVERBS] = "help";
	near = block_nearest(word, names, NVERBS + 1);
	if (near)
		fprintf(stderr, "halbsim: unknown verb '%s' (did you mean '%s'?)\n", word,
			near);
	else
		fprintf(stderr, "halbsim: unknown verb '%s' (halbsim --help lists them)\n",
			word);
	return EXIT_USAGE_ERROR;
}

static const struct verb *find(const char *word)
{
	size_t i;

	for (i = 0; i < NVERBS; i++)
		if (!strcmp(word, verbs[i]->name))
			return verbs[i];
	return strcmp(word, verb_run_inside.name) ? NULL : &verb_run_inside;
}

/* For shell completion: the verbs, or one verb's options (opts.h). */
static int complete(int argc, char **argv)
{
	char table[] = OPTS_TABLE;
	char *table_argv[] = { NULL, table, NULL };
	const struct verb *v;
	size_t i;

	for (i = 0; argc == 2 && i < NVERBS; i++)
		printf("%s\t%s\n", verbs[i]->name, verbs[i]->summary);
	if (argc == 2)
		return EXIT_HELD;
	v = find(argv[2]);
	table_argv[0] = argv[2];
	return v ? v->run(v, 2, table_argv) : EXIT_USAGE_ERROR;
}

int main(int argc, char **argv)
{
	const struct verb *v;
	char dash_help[] = "--help";
	char *help_argv[] = { NULL, dash_help, NULL };

	if (guest_is_init())
		guest_init();
	log_init("halbsim", LOG_LVL_INFO, LOG_TO_STDERR);
	if (argc < 2) {
		help(stderr);
		return EXIT_USAGE_ERROR;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("halbsim " HALB_VERSION);
		return EXIT_HELD;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
	    (!strcmp(argv[1], "help") && argc == 2)) {
		help(stdout);
		return EXIT_HELD;
	}
	if (!strcmp(argv[1], "help")) {
		v = find(argv[2]);
		help_argv[0] = argv[2];
		return v ? v->run(v, 2, help_argv) : unknown_verb(argv[2]);
	}
	/* for developers, and so in no list: any command in the guest */
	if (!strcmp(argv[1], "guest-exec"))
		return guest_exec_main(argc - 1, argv + 1);
	/* what keeps a slow node busy (fault_cpu.c) */
	if (!strcmp(argv[1], BUSY_VERB))
		return busy_main();
	if (!strcmp(argv[1], "complete"))
		return complete(argc, argv);
	v = find(argv[1]);
	return v ? v->run(v, argc - 1, argv + 1) : unknown_verb(argv[1]);
}
