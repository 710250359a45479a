#include "live_table.h"

#include <string.h>

#include "clock.h"
#include "span.h"

#define BOLD  "1"
#define GREEN "32"
#define RED   "31"
#define DIM   "2"

struct table {
	FILE *f;
	const struct style *s;
	const json_t *state;
	int64_t now, zero;
	int width; /* of the nodes' names */
};

static const char *text(const json_t *o, const char *key)
{
	const char *t = json_string_value(json_object_get(o, key));

	return t ? t : "";
}

static int64_t number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static bool yes(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

static void put(const struct table *t, const char *color, const char *words)
{
	fprintf(t->f, "%s%s%s", style_on(t->s, color), words, style_off(t->s));
}

static void heading(const struct table *t, const char *words)
{
	fputc('\n', t->f);
	put(t, BOLD, words);
	fputc('\n', t->f);
}

static void head(const struct table *t, const json_t *about)
{
	const json_t *engine = json_object_get(t->state, "engine");
	char a[SPAN_LEN];

	put(t, BOLD, *text(about, "name") ? text(about, "name") : text(t->state, "case"));
	fprintf(t->f, "  %s, %s %s, %s time, kernel %s\n", text(t->state, "topology"),
		text(engine, "name"), text(engine, "version"), text(about, "time"),
		text(t->state, "kernel"));
	if (!strcmp(text(t->state, "phase"), "settled"))
		fprintf(t->f, "settled, %s ago\n",
			span_text(a, (t->now - t->zero) / NS_PER_MS * NS_PER_MS));
	else if (!strcmp(text(t->state, "phase"), "ended"))
		fputs("its case is over; no client asks any more\n", t->f);
	else
		fprintf(t->f, "%s%s%s\n", text(t->state, "phase"),
			*text(t->state, "missing") ? ": " : "", text(t->state, "missing"));
}

static void masters(const struct table *t)
{
	const json_t *list = json_object_get(t->state, "routers"), *r, *m, *who;
	char a[SPAN_LEN];
	size_t i, k;

	heading(t, "Virtual routers");
	json_array_foreach(list, i, r) {
		who = json_object_get(r, "masters");
		fprintf(t->f, "  VRID %-3d %-8s ", (int)number(r, "vrid"), text(r, "link"));
		if (!json_array_size(who))
			put(t, RED, "no master");
		json_array_foreach(who, k, m) {
			fputs(k ? ", " : "", t->f);
			put(t, json_array_size(who) > 1 ? RED : GREEN, text(m, "node"));
			fprintf(t->f, " (priority %d) for %s", (int)number(m, "priority"),
				span_text(a, (t->now - number(m, "since_ns")) / NS_PER_MS *
						     NS_PER_MS));
		}
		fputc('\n', t->f);
	}
	if (!json_array_size(list))
		fputs("  none was seen\n", t->f);
}

static const json_t *node_state(const struct table *t, const char *name)
{
	const json_t *list = json_object_get(t->state, "nodes"), *n;
	size_t i;

	json_array_foreach(list, i, n)
		if (!strcmp(text(n, "name"), name))
			return n;
	return NULL;
}

static void programs(const struct table *t, const json_t *n)
{
	const json_t *p;
	char why[60];
	size_t i;

	json_array_foreach(json_object_get(n, "programs"), i, p) {
		int status = (int)number(p, "status");

		fputs(i ? ", " : "  ", t->f);
		if (yes(p, "running")) {
			put(t, GREEN, text(p, "what"));
			continue;
		}
		snprintf(why, sizeof(why), "%s ended, %s %d", text(p, "what"),
			 status < 0 ? "signal" : "status", status < 0 ? -status : status);
		put(t, RED, why);
	}
}

/* Those that not every node has by its configuration: the rest is in `ip addr`. */
static void addresses(const struct table *t, const json_t *n)
{
	const json_t *a, *p;
	size_t i;

	json_array_foreach(json_object_get(n, "addresses"), i, a)
		if (strncmp(text(a, "address"), "fe80:", 5) != 0 &&
		    strcmp(text(a, "ifname"), "lo") != 0)
			fprintf(t->f, "%s%s", i ? " " : "  ", text(a, "address"));
	json_array_foreach(json_object_get(n, "interfaces"), i, p)
		if (json_object_get(p, "up") && (!yes(p, "up") || !yes(p, "carrier"))) {
			fprintf(t->f, "  ");
			put(t, RED, text(p, "ifname"));
			put(t, RED, yes(p, "up") ? " has no carrier" : " is down");
		}
}

static void nodes(const struct table *t)
{
	const json_t *list = json_object_get(t->state, "site"), *n, *now;
	size_t i;

	heading(t, "Nodes");
	json_array_foreach(list, i, n) {
		now = node_state(t, text(n, "name"));
		fprintf(t->f, "  %-*s %-8s", t->width, text(n, "name"), text(n, "role"));
		if (!yes(n, "up")) {
			put(t, RED, "  no power");
		} else {
			programs(t, now);
			addresses(t, now);
		}
		fputc('\n', t->f);
	}
}

static void tables(const struct table *t)
{
	const json_t *list = json_object_get(t->state, "site"), *n, *now, *svc, *d;
	size_t i, k, m;

	heading(t, "IPVS tables");
	json_array_foreach(list, i, n) {
		if (strcmp(text(n, "role"), "director") != 0)
			continue;
		now = node_state(t, text(n, "name"));
		if (!json_array_size(json_object_get(now, "ipvs")))
			fprintf(t->f, "  %-*s empty\n", t->width, text(n, "name"));
		json_array_foreach(json_object_get(now, "ipvs"), k, svc) {
			fprintf(t->f, "  %-*s %s %s\n", t->width,
				k ? "" : text(n, "name"), text(svc, "service"),
				text(svc, "sched"));
			json_array_foreach(json_object_get(svc, "dests"), m, d) {
				bool out = number(d, "weight") == 0;

				fprintf(t->f, "  %-*s   -> %-22s %-6s weight %d  ", t->width, "",
					text(d, "dest"), text(d, "forward"),
					(int)number(d, "weight"));
				put(t, out ? RED : GREEN, out ? "inhibited" : "healthy");
				fputc('\n', t->f);
			}
			if (!json_array_size(json_object_get(svc, "dests"))) {
				fprintf(t->f, "  %-*s   ", t->width, "");
				put(t, RED, "no real server");
				fputc('\n', t->f);
			}
		}
	}
}

static void clients(const struct table *t)
{
	const json_t *list = json_object_get(t->state, "traffic"), *x, *count;
	char a[SPAN_LEN];
	const char *why;
	size_t i;

	if (!json_array_size(list))
		return;
	heading(t, "Clients, since settled");
	json_array_foreach(list, i, x) {
		fprintf(t->f, "  %-8s %jd answered, %jd failed", text(x, "name"),
			(intmax_t)number(x, "ok"), (intmax_t)number(x, "failed"));
		json_object_foreach((json_t *)(uintptr_t)json_object_get(x, "reasons"), why,
				    count)
			fprintf(t->f, " (%s %jd)", why, (intmax_t)json_integer_value(count));
		if (number(x, "longest_gap_ns"))
			fprintf(t->f, ", longest gap %s",
				span_text(a, number(x, "longest_gap_ns")));
		if (json_object_get(x, "in_gap_ns")) {
			fputs(", ", t->f);
			put(t, RED, "no answers for ");
			put(t, RED, span_text(a, number(x, "in_gap_ns") / NS_PER_MS * NS_PER_MS));
		}
		fputc('\n', t->f);
	}
}

static void faults(const struct table *t)
{
	const json_t *list = json_object_get(t->state, "faults"), *f;
	size_t n = json_array_size(list), i = n > 8 ? n - 8 : 0;
	char a[SPAN_LEN];

	if (!n)
		return;
	heading(t, "Faults, the last ones");
	for (; i < n; i++) {
		f = json_array_get(list, i);
		fprintf(t->f, "  %13s s  %s: ", span_offset(a, number(f, "at_ns") - t->zero),
			text(f, "what"));
		if (!yes(f, "effective"))
			put(t, RED, "no effect: ");
		fprintf(t->f, "%s\n", text(f, "proof"));
	}
}

void live_table(FILE *f, const json_t *about, const json_t *state, const struct style *s)
{
	struct table t = { .f = f, .s = s, .state = state, .now = number(state, "now_ns"),
			   .zero = number(state, "settled_ns"), .width = 6 };
	const json_t *list = json_object_get(state, "site"), *n;
	size_t i;

	json_array_foreach(list, i, n)
		if (text_width(text(n, "name")) > t.width)
			t.width = text_width(text(n, "name"));
	head(&t, about);
	masters(&t);
	nodes(&t);
	tables(&t);
	clients(&t);
	faults(&t);
}
