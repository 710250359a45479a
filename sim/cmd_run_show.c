/* What `halbsim run` says of one run and of many. */
#include "cmd_run.h"

#include <string.h>

#include "clock.h"
#include "paths.h"
#include "run.h"
#include "span.h"

/* The longest gap and the failed requests, of all traffic. */
static void headline(FILE *out, const struct report *r)
{
	char a[SPAN_LEN];
	int64_t longest;
	uint64_t failed;

	measures_totals(&r->m, &longest, &failed);
	if (r->m.ntraffic)
		fprintf(out, "longest gap %s ms, %ju failed", span_ms(a, longest),
			(uintmax_t)failed);
}

static void short_report(FILE *out, const struct report *r, const struct style *s)
{
	size_t i;

	headline(out, r);
	fputc('\n', out);
	for (i = 0; i < r->nreason; i++)
		fprintf(out, "      inconclusive: %s\n", r->reason[i]);
	for (i = 0; i < r->expect.n; i++) {
		const struct expect_result *x = &r->expect.v[i];

		if (x->outcome != EXPECT_HELD)
			fprintf(out, "      %s %s: %s\n", style_mark(s, x->outcome),
				expect_text(x->of), x->actual);
	}
	if (r->verdict != VERDICT_HELD)
		fprintf(out, "      halbsim report %s\n", r->dir);
}

static const char *word_of(int status)
{
	switch (status) {
	case EXIT_HELD:
		return "held";
	case EXIT_FAILED:
		return "failed";
	case EXIT_INCONCLUSIVE:
		return "inconclusive";
	case EXIT_SKIPPED:
		return "skipped";
	default:
		return status > 128 ? "killed" : "error";
	}
}

size_t run_show_slot(int status)
{
	switch (status) {
	case EXIT_HELD:
		return 0;
	case EXIT_FAILED:
		return 1;
	case EXIT_INCONCLUSIVE:
		return 2;
	case EXIT_SKIPPED:
		return 3;
	default:
		return 4;
	}
}

/* On a terminal, one line under those that have ended. */
void run_show_count(void *arg)
{
	struct run_cmd *cmd = arg;
	size_t left = cmd->n - cmd->ndone;

	fprintf(stderr, "\r%zu of %zu done, %zu under way\033[K", cmd->ndone, cmd->n,
		left < cmd->jobs ? left : (size_t)cmd->jobs);
	fflush(stderr);
	cmd->counted = true;
}

void run_show_no_count(struct run_cmd *cmd)
{
	if (cmd->counted)
		fputs("\r\033[K", stderr);
	cmd->counted = false;
}

/* Those that took longest, and those that did not hold: who has many looks for these. */
static void name_some(const struct run_cmd *cmd)
{
	const struct planned *slow = NULL;
	char a[SPAN_LEN];
	size_t i;

	for (i = 0; i < cmd->n; i++)
		if (!slow || cmd->v[i].wall_ns > slow->wall_ns)
			slow = &cmd->v[i];
	if (slow && slow->wall_ns)
		printf("slowest: %s with %s, seed %ju, %s\n", path_base(slow->path),
		       engine_name(slow->engine), (uintmax_t)slow->seed,
		       span_text(a, slow->wall_ns / (100 * NS_PER_MS) * (100 * NS_PER_MS)));
	for (i = 0; i < cmd->n; i++)
		if (cmd->v[i].status != EXIT_HELD)
			printf("%s: %s with %s, seed %ju%s%s\n", word_of(cmd->v[i].status),
			       path_base(cmd->v[i].path), engine_name(cmd->v[i].engine),
			       (uintmax_t)cmd->v[i].seed, cmd->v[i].dir ? ", " : "",
			       cmd->v[i].dir ? cmd->v[i].dir : "");
}

void run_show_summary(const struct run_cmd *cmd, int64_t wall_ns)
{
	static const char *const names[] = { "held", "failed", "inconclusive", "skipped",
					     "in error" };
	char a[SPAN_LEN];
	size_t i;

	printf("\n%zu runs: ", cmd->n);
	for (i = 0; i < 5; i++)
		if (cmd->count[i] || !i)
			printf("%s%zu %s", i ? ", " : "", cmd->count[i], names[i]);
	printf("; %s\n", span_text(a, wall_ns / (100 * NS_PER_MS) * (100 * NS_PER_MS)));
	if (!cmd->quiet)
		name_some(cmd);
}

void run_show_report(FILE *out, const struct report *r, const struct run_cmd *cmd)
{
	struct style s = style_for(stdout);

	if (cmd->n == 1 && !cmd->quiet)
		report_text(stdout, r, &s);
	else
		short_report(out, r, &s);
}

void run_show_end(const struct run_cmd *cmd, const struct planned *p, const char *text)
{
	struct style s = style_for(stdout);
	enum expect_outcome o = p->status == EXIT_HELD   ? EXPECT_HELD :
				p->status == EXIT_FAILED ? EXPECT_NOT_HELD :
							   EXPECT_UNDECIDED;
	bool bare = !*text || cmd->quiet;

	if (cmd->n == 1 && !cmd->quiet)
		return;
	if (cmd->n == 1)
		printf("%s %s\n", path_base(p->path), word_of(p->status));
	else
		printf("%s %-22s %-11s seed %-4ju %-*s%s%s", style_mark(&s, o),
		       path_base(p->path), engine_name(p->engine), (uintmax_t)p->seed,
		       bare ? 0 : 13, word_of(p->status), bare ? "" : " ",
		       bare ? "\n" : text);
	fflush(stdout);
}
