#include "words.h"

#include <string.h>

#include "case.h"
#include "case_read.h"
#include "expect_subject.h"
#include "fault_impl.h"
#include "topology_impl.h"
#include "trigger.h"

static void one(FILE *out, const char *section, const char *word, const char *usage)
{
	fprintf(out, "%s\t%s\t%s\n", section, word, usage);
}

static void table(FILE *out, const char *section, const struct case_word *w)
{
	for (; w->name; w++)
		one(out, section, w->name, w->usage);
}

static void names(FILE *out, const char *section, const char *const *v)
{
	for (; *v; v++)
		one(out, section, *v, *v);
}

/* "when NODE adds|removes SERVER": adds, and removes; "when vip …": vip */
static void event(FILE *out, const char *form)
{
	const char *w = strchr(form, ' ') + 1;
	char word[32];
	size_t n;

	if (!strncmp(w, "NODE ", 5))
		w += 5;
	for (; *w != ' '; w += *w == '|') {
		n = strcspn(w, "| ");
		snprintf(word, sizeof(word), "%.*s", (int)n, w);
		one(out, "event", word, form);
		w += n;
	}
}

static void expectations(FILE *out)
{
	size_t i;

	for (i = 0; i < expect_nsubjects; i++)
		one(out, "expect", expect_subjects[i].name, expect_subjects[i].name);
	names(out, "expect", expect_modes);
	names(out, "window", window_words);
	for (i = 0; i < BS_NSTEPS; i++)
		one(out, "base", budget_step_names[i], budget_step_names[i]);
}

void words_print(FILE *out)
{
	const struct fault_type *f;
	const char *const *form;
	size_t i;

	table(out, "case", case_words);
	table(out, "settle", case_settle_words);
	table(out, "node", case_node_words);
	for (i = 0; i < TRAFFIC_NKINDS; i++)
		one(out, "traffic kind", traffic_kind_name((enum traffic_kind)i),
		    "traffic KIND [NAME] { … }");
	table(out, "traffic", case_traffic_words);
	table(out, "timeline", case_timeline_words);
	names(out, "step", case_step_words);
	for (form = trigger_forms(); *form; form++)
		event(out, *form);
	for (f = fault_types; f->name; f++)
		one(out, "fault", f->name, f->usage);
	names(out, "protocol", fault_protocol_names());
	expectations(out);
	names(out, "topology", topo_words);
	names(out, "topology node", topo_node_word_names());
}
