/*
 * Options of a verb as a table, which getopt_long(), the environment and --help
 * are all fed from: what is said is what is accepted.
 *
 * Every long option has an environment variable, HALBSIM_ and its name in
 * capitals with `-` as `_`; the command line wins. For a flag, `1` and `yes`
 * set it, `0`, `no` and the empty string do not.
 */
#ifndef HALBSIM_OPTS_H
#define HALBSIM_OPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum opt_kind {
	OPT_FLAG,   /* to: bool */
	OPT_TEXT,   /* to: const char * */
	OPT_NUMBER, /* to: uint64_t, lo..hi */
	OPT_CHOICE, /* to: int, index into choices */
	OPT_LIST,   /* to: struct opt_list; may be given several times */
};

#define OPT_LIST_MAX 16

struct opt_list {
	const char *v[OPT_LIST_MAX];
	size_t n;
};

struct opt {
	const char *name;
	char letter; /* 0: none */
	enum opt_kind kind;
	void *to;
	const char *arg;  /* "N", "DIR"; NULL for a flag */
	const char *help; /* a sentence; NULL: not shown and not in the environment */
	uint64_t lo, hi;
	const char *const *choices; /* NULL-terminated */
};

struct verb {
	const char *name;
	const char *args;    /* "CASE…" */
	const char *summary; /* a line */
	const char *about;   /* paragraphs under it; NULL: none */
	int (*run)(const struct verb *v, int argc, char **argv);
	/* What follows the first word is not ours to read: a command's own options. */
	bool options_first;
};

#define OPTS_GO (-1)

/*
 * Reads the environment and argv (argv[0] is the verb) into the table's
 * targets. On return *argc and *argv hold what is left after the options, in
 * order. Returns OPTS_GO to go on, else the exit status: 0 after --help, 64
 * after a message.
 */
int opts_read(const struct verb *v, const struct opt *opt, size_t n, int *argc,
	      char ***argv);

/* Writes `halbsim VERB --help`. */
void opts_help(FILE *out, const struct verb *v, const struct opt *opt, size_t n);

/*
 * The same for programs (`halbsim complete VERB`, which shell completion asks):
 * a first line with the verb's words, then one for each option,
 *	--engine TAB -e TAB choice TAB halbd keepalived TAB the help
 * where the third field is flag, number, choice, or text; the fourth is the
 * choices, or what is wanted ("DIR"). opts_read() answers OPTS_TABLE with it.
 */
#define OPTS_TABLE "--help-table"
void opts_table(FILE *out, const struct verb *v, const struct opt *opt, size_t n);

/* One message on stderr, with where to read on; returns 64. */
int opts_usage_error(const struct verb *v, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
