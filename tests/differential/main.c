/*
 * The judge's command line.
 *
 *	differential-judge [-t] [-m FILE] KEEPALIVED HALBD RULES...
 *
 * KEEPALIVED and HALBD: what was seen of each (observed.h); RULES: files of rules.h.
 * A table on stdout, TAP with -t; with -m also Markdown, in FILE. Exit code 0 when
 * every row holds, 1 otherwise, 64 wrong usage or a file in error, 70 no memory.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "print.h"

static int usage(void)
{
	fputs("usage: differential-judge [-t] [-m FILE] KEEPALIVED HALBD RULES...\n", stderr);
	return 64;
}

static int read_seen(struct observed *o, const char *path)
{
	FILE *in = fopen(path, "r");
	int r;

	if (!in) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	r = observed_read(o, in, path, stderr);
	fclose(in);
	return r;
}

static int write_markdown(const char *path, const struct verdicts *f)
{
	FILE *out = fopen(path, "w");

	if (out)
		print_markdown(out, f);
	if (!out || fclose(out) != 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	return 0;
}

static int say(const struct verdicts *f, int tap, const char *markdown)
{
	if (tap)
		print_tap(stdout, f);
	else
		print_table(stdout, f);
	if (markdown && write_markdown(markdown, f) < 0)
		return 70;
	if (fflush(stdout) != 0) {
		fprintf(stderr, "stdout: %s\n", strerror(errno));
		return 70;
	}
	return verdicts_failed(f) ? 1 : 0;
}

int main(int argc, char *argv[])
{
	struct block_diag diag = { .out = stderr };
	struct observed seen[SIDES] = { 0 };
	struct verdicts findings = { 0 };
	struct rules rules = { 0 };
	const char *markdown = NULL;
	int opt, i, tap = 0, status = 64;

	while ((opt = getopt(argc, argv, "tm:")) >= 0) {
		if (opt == 't')
			tap = 1;
		else if (opt == 'm')
			markdown = optarg;
		else
			return usage();
	}
	if (argc - optind < 3)
		return usage();
	for (i = 0; i < SIDES; i++)
		if (read_seen(&seen[i], argv[optind + i]) < 0)
			goto out;
	for (i = optind + SIDES; i < argc; i++)
		rules_read(&rules, argv[i], &diag);
	if (diag.errors)
		goto out;
	if (judge(&findings, &rules, seen) < 0) {
		fputs("differential-judge: out of memory\n", stderr);
		status = 70;
	} else {
		status = say(&findings, tap, markdown);
	}
out:
	verdicts_finish(&findings);
	rules_finish(&rules);
	for (i = 0; i < SIDES; i++)
		observed_finish(&seen[i]);
	return status;
}
