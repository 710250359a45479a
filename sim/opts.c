#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "opts.h"
#include "run.h"

#define MAX_OPTS 40

int opts_usage_error(const struct verb *v, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "halbsim %s: ", v->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n(halbsim %s --help lists what it takes)\n", v->name);
	return EXIT_USAGE_ERROR;
}

static int set_number(const struct verb *v, const struct opt *o, const char *name,
		      const char *text)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 0);
	if (errno || end == text || *end || !isdigit((unsigned char)text[0]) ||
	    n < o->lo || n > o->hi)
		return opts_usage_error(v, "%s takes a number from %ju to %ju, got '%s'",
					name, (uintmax_t)o->lo, (uintmax_t)o->hi, text);
	*(uint64_t *)o->to = n;
	return OPTS_GO;
}

static int set_choice(const struct verb *v, const struct opt *o, const char *name,
		      const char *text)
{
	char list[160] = "";
	const char *near;
	size_t n = 0;

	for (; o->choices[n]; n++) {
		if (!strcmp(o->choices[n], text)) {
			*(int *)o->to = (int)n;
			return OPTS_GO;
		}
		if (n)
			strncat(list, ", ", sizeof(list) - strlen(list) - 1);
		strncat(list, o->choices[n], sizeof(list) - strlen(list) - 1);
	}
	near = block_nearest(text, o->choices, n);
	if (near)
		return opts_usage_error(v, "%s is one of %s; got '%s' (did you mean '%s'?)",
					name, list, text, near);
	return opts_usage_error(v, "%s is one of %s; got '%s'", name, list, text);
}

/* `name` is what the message calls it: --seed, or HALBSIM_SEED. */
static int set(const struct verb *v, const struct opt *o, const char *name,
	       const char *text)
{
	struct opt_list *list;

	switch (o->kind) {
	case OPT_FLAG:
		if (!text || !strcmp(text, "1") || !strcmp(text, "yes"))
			*(bool *)o->to = true;
		else if (!strcmp(text, "0") || !strcmp(text, "no") || !*text)
			*(bool *)o->to = false;
		else
			return opts_usage_error(v, "%s is 1 or 0, got '%s'", name, text);
		return OPTS_GO;
	case OPT_TEXT:
		*(const char **)o->to = text;
		return OPTS_GO;
	case OPT_LIST:
		list = o->to;
		if (list->n == OPT_LIST_MAX)
			return opts_usage_error(v, "%s: at most %d of them", name, OPT_LIST_MAX);
		list->v[list->n++] = text;
		return OPTS_GO;
	case OPT_NUMBER:
		return set_number(v, o, name, text);
	case OPT_CHOICE:
		return set_choice(v, o, name, text);
	}
	return EXIT_SOFTWARE;
}

static void env_name(const struct opt *o, char *buf, size_t size)
{
	size_t i;

	snprintf(buf, size, "HALBSIM_%s", o->name);
	for (i = strlen("HALBSIM_"); buf[i]; i++)
		buf[i] = buf[i] == '-' ? '_' : (char)toupper((unsigned char)buf[i]);
}

static int read_env(const struct verb *v, const struct opt *opt, size_t n)
{
	char name[64];
	const char *text;
	size_t i;
	int r;

	for (i = 0; i < n; i++) {
		if (!opt[i].help)
			continue;
		env_name(&opt[i], name, sizeof(name));
		text = getenv(name);
		if (!text || (!*text && opt[i].kind != OPT_FLAG))
			continue;
		r = set(v, &opt[i], name, text);
		if (r != OPTS_GO)
			return r;
	}
	return OPTS_GO;
}

/* What getopt_long() could not make sense of, in words. */
static int unknown(const struct verb *v, const struct opt *opt, size_t n,
		   const char *word, int letter)
{
	const char *names[MAX_OPTS + 1], *near;
	char bare[64];
	size_t i, m = 0;

	if (strncmp(word, "--", 2))
		return opts_usage_error(v, "unknown option '-%c'", letter);
	for (i = 0; i < n; i++)
		if (opt[i].help)
			names[m++] = opt[i].name;
	names[m++] = "help";
	snprintf(bare, sizeof(bare), "%.*s", (int)strcspn(word + 2, "="), word + 2);
	near = block_nearest(bare, names, m);
	if (near)
		return opts_usage_error(v, "unknown option '--%s' (did you mean '--%s'?)",
					bare, near);
	return opts_usage_error(v, "unknown option '--%s'", bare);
}

static const struct opt *by_letter(const struct opt *opt, size_t n, int letter)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (opt[i].letter && opt[i].letter == letter)
			return &opt[i];
	return NULL;
}

static bool exact_long(const struct opt *opt, size_t n, const char *word)
{
	size_t i, len = strcspn(word, "=");

	for (i = 0; i < n; i++)
		if (strlen(opt[i].name) == len && !strncmp(opt[i].name, word, len))
			return true;
	return len == 4 && !strncmp(word, "help", 4);
}

static void fill_tables(const struct verb *v, const struct opt *opt, size_t n,
			struct option *lo, char *sh)
{
	size_t i;

	if (v->options_first)
		*sh++ = '+';
	*sh++ = ':';
	*sh++ = 'h';
	for (i = 0; i < n; i++) {
		lo[i].name = opt[i].name;
		lo[i].has_arg = opt[i].kind == OPT_FLAG ? no_argument : required_argument;
		lo[i].val = 256 + (int)i;
		if (opt[i].letter) {
			*sh++ = opt[i].letter;
			if (opt[i].kind != OPT_FLAG)
				*sh++ = ':';
		}
	}
	lo[n].name = "help";
	lo[n].val = 'h';
	*sh = '\0';
}

int opts_read(const struct verb *v, const struct opt *opt, size_t n, int *argc,
	      char ***argv)
{
	struct option lo[MAX_OPTS + 2] = { 0 };
	char sh[2 * MAX_OPTS + 5], name[64];
	const struct opt *o;
	const char *word;
	int ch, r;

	if (n > MAX_OPTS)
		return EXIT_SOFTWARE;
	if (*argc == 2 && !strcmp((*argv)[1], OPTS_TABLE)) {
		opts_table(stdout, v, opt, n);
		return EXIT_HELD;
	}
	r = read_env(v, opt, n);
	if (r != OPTS_GO)
		return r;
	fill_tables(v, opt, n, lo, sh);
	opterr = 0;
	optind = 0; /* glibc: start afresh */
	while ((ch = getopt_long(*argc, *argv, sh, lo, NULL)) != -1) {
		word = (*argv)[optind > 0 ? optind - 1 : 0];
		if (ch == 'h') {
			opts_help(stdout, v, opt, n);
			return EXIT_HELD;
		}
		if (ch == '?')
			return unknown(v, opt, n, word, optopt);
		if (ch == ':')
			return opts_usage_error(v, "'%s' needs a value", word);
		o = ch >= 256 ? &opt[ch - 256] : by_letter(opt, n, ch);
		if (!o)
			return EXIT_SOFTWARE;
		snprintf(name, sizeof(name), "--%s", o->name);
		r = set(v, o, name, o->kind == OPT_FLAG ? NULL : optarg);
		if (r != OPTS_GO)
			return r;
	}
	/* getopt_long() takes unique beginnings; a script that uses one breaks
	 * when an option is added, so only whole names are good. */
	for (r = 1; r < optind; r++) {
		word = (*argv)[r];
		if (!strcmp(word, "--"))
			break;
		if (!strncmp(word, "--", 2) && !exact_long(opt, n, word + 2))
			return unknown(v, opt, n, word, 0);
	}
	*argc -= optind;
	*argv += optind;
	return OPTS_GO;
}

static void help_text(FILE *out, const char *text, int indent, int width)
{
	int col = indent;

	while (*text) {
		int len = (int)strcspn(text, " ");

		if (col > indent && col + 1 + len > width) {
			fprintf(out, "\n%*s", indent, "");
			col = indent;
		} else if (col > indent) {
			fputc(' ', out);
			col++;
		}
		fprintf(out, "%.*s", len, text);
		col += len;
		text += len;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

void opts_help(FILE *out, const struct verb *v, const struct opt *opt, size_t n)
{
	char left[64], sh[8];
	size_t i;

	fprintf(out, "usage: halbsim %s%s%s%s\n\n%s\n", v->name, n ? " [OPTION…]" : "",
		*v->args ? " " : "", v->args, v->summary);
	if (v->about)
		fprintf(out, "\n%s\n", v->about);
	fprintf(out, "\noptions (each has an environment variable, HALBSIM_NAME):\n");
	for (i = 0; i < n; i++) {
		if (!opt[i].help)
			continue;
		snprintf(sh, sizeof(sh), "    ");
		if (opt[i].letter)
			snprintf(sh, sizeof(sh), "-%c, ", opt[i].letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", sh, opt[i].name,
			 opt[i].arg ? " " : "", opt[i].arg ? opt[i].arg : "");
		fprintf(out, "  %-26s ", left);
		help_text(out, opt[i].help, 29, 84);
	}
	fprintf(out, "  %-26s this\n", "-h, --help");
}

void opts_table(FILE *out, const struct verb *v, const struct opt *opt, size_t n)
{
	static const char *const kinds[] = { [OPT_FLAG] = "flag",
					     [OPT_TEXT] = "text",
					     [OPT_LIST] = "text",
					     [OPT_NUMBER] = "number",
					     [OPT_CHOICE] = "choice" };
	size_t i, k;

	fprintf(out, "%s\t%s\n", v->name, v->args);
	for (i = 0; i < n; i++) {
		if (!opt[i].help)
			continue;
		fprintf(out, "--%s\t", opt[i].name);
		if (opt[i].letter)
			fprintf(out, "-%c", opt[i].letter);
		fprintf(out, "\t%s\t", kinds[opt[i].kind]);
		for (k = 0; opt[i].kind == OPT_CHOICE && opt[i].choices[k]; k++)
			fprintf(out, "%s%s", k ? " " : "", opt[i].choices[k]);
		if (opt[i].kind != OPT_CHOICE && opt[i].arg)
			fputs(opt[i].arg, out);
		fprintf(out, "\t%s\n", opt[i].help);
	}
	fputs("--help\t-h\tflag\t\tthis\n", out);
}
