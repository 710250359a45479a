#include "figures.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "span.h"

/* Where reading is, for messages; `bad` says that one has been given. */
struct reader {
	struct figures *f;
	bool bad;
	bool no_memory;
};

static void complain(struct reader *r, const char *what, const char *key)
{
	if (!r->bad)
		log_warnx("%s: %s '%s'", r->f->path, what, key);
	r->bad = true;
}

/* A member of an object; complains when it is missing. */
static const json_t *get(struct reader *r, const json_t *o, const char *key)
{
	const json_t *j = json_object_get(o, key);

	if (!j)
		complain(r, "damaged, or not a report: it lacks", key);
	return j;
}

static char *get_text(struct reader *r, const json_t *o, const char *key)
{
	const json_t *j = get(r, o, key);
	char *copy;

	if (!j || json_is_null(j))
		return NULL;
	if (!json_is_string(j)) {
		complain(r, "damaged, or not a report: no text in", key);
		return NULL;
	}
	copy = strdup(json_string_value(j));
	r->no_memory |= !copy;
	return copy;
}

/* INT64_MIN for null. */
static int64_t get_number(struct reader *r, const json_t *o, const char *key)
{
	const json_t *j = get(r, o, key);

	if (!j || json_is_null(j))
		return INT64_MIN;
	if (!json_is_integer(j))
		complain(r, "damaged, or not a report: no number in", key);
	return json_integer_value(j);
}

static const json_t *get_array(struct reader *r, const json_t *o, const char *key)
{
	const json_t *j = get(r, o, key);

	if (j && !json_is_array(j))
		complain(r, "damaged, or not a report: no list in", key);
	return j;
}

/* Takes `name` over, which may be NULL (no memory). */
static struct figure *add(struct reader *r, char *name, int64_t value)
{
	struct figure *v = name ? reallocarray(r->f->v, r->f->n + 1, sizeof(*v)) : NULL;

	if (!v) {
		free(name);
		r->no_memory = true;
		return NULL;
	}
	r->f->v = v;
	v = &v[r->f->n++];
	*v = (struct figure){ .name = name, .seen = value != INT64_MIN, .value = value };
	return v;
}

/* --- the parts of a report --- */

static void add_time(struct reader *r, char *name, int64_t value, int64_t every,
		     bool phased)
{
	struct figure *v = add(r, name, value);

	if (!v)
		return;
	v->is_time = true;
	v->phased = phased;
	v->every_ns = every == INT64_MIN ? 0 : every;
}

static void read_traffic(struct reader *r, const json_t *o)
{
	const json_t *latency = get(r, o, "latency"), *gaps = get_array(r, o, "gaps");
	char *name = get_text(r, o, "name");
	int64_t every = get_number(r, o, "every_ns");
	struct figure *v;

	if (!name || !latency)
		complain(r, "damaged, or not a report: it lacks", "name");
	if (r->bad)
		goto out;
	add_time(r, textf("%s: longest gap", name), get_number(r, o, "longest_gap_ns"), every,
		 true);
	add_time(r, textf("%s: all gaps", name), get_number(r, o, "total_gap_ns"), every,
		 true);
	add(r, textf("%s: number of gaps", name), (int64_t)json_array_size(gaps));
	v = add(r, textf("%s: failed requests", name), get_number(r, o, "failed"));
	if (v) {
		v->every_ns = every == INT64_MIN ? 0 : every;
		v->phased = true;
	}
	add_time(r, textf("%s: latency, median", name), get_number(r, latency, "p50_ns"), 0,
		 false);
	add_time(r, textf("%s: latency, p99", name), get_number(r, latency, "p99_ns"), 0,
		 false);
	add_time(r, textf("%s: latency, most", name), get_number(r, latency, "max_ns"), 0,
		 false);
out:
	free(name);
}

static int64_t minus(int64_t a, int64_t b)
{
	return a == INT64_MIN || b == INT64_MIN ? INT64_MIN : a - b;
}

/* The shortest time between two requests: how exact a first good reply is. */
static int64_t finest(const json_t *traffic)
{
	int64_t every = 0;
	size_t i;

	for (i = 0; i < json_array_size(traffic); i++) {
		int64_t e = json_integer_value(
			json_object_get(json_array_get(traffic, i), "every_ns"));

		if (e > 0 && (!every || e < every))
			every = e;
	}
	return every;
}

/* Steps count from the RFC's bound, which moves with the fault; else from the fault. */
static void read_failover(struct reader *r, const json_t *o, size_t at, int64_t every)
{
	static const struct {
		const char *key, *name;
	} steps[] = {
		{ "first_advert_ns", "first advert" },
		{ "vip_ns", "VIP" },
		{ "garp_ns", "gratuitous ARP" },
		{ "arp_ns", "neighbour entry" },
		{ "first_ok_ns", "first good reply" },
	};
	int64_t fault = get_number(r, o, "fault_ns"), bound = get_number(r, o, "bound_ns");
	int64_t from = bound != INT64_MIN ? bound : fault;
	const char *words = bound != INT64_MIN ? "after the bound" : "after the fault";
	size_t i;

	if (!at)
		r->f->phase_ns = minus(fault, get_number(r, o, "last_advert_ns"));
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		add_time(r, textf("failover %zu: %s %s", at + 1, steps[i].name, words),
			 minus(get_number(r, o, steps[i].key), from),
			 !strcmp(steps[i].key, "first_ok_ns") ? every : 0,
			 bound == INT64_MIN);
}

static void read_expect(struct reader *r, const json_t *o)
{
	struct figure_expect *v =
		reallocarray(r->f->expect, r->f->nexpect + 1, sizeof(*v));
	const json_t *ok = get(r, o, "ok");

	if (!v) {
		r->no_memory = true;
		return;
	}
	r->f->expect = v;
	v = &v[r->f->nexpect];
	v->text = get_text(r, o, "text");
	v->ok = json_is_true(ok) ? 1 : json_is_false(ok) ? 0 : -1;
	if (v->text)
		r->f->nexpect++;
	else
		complain(r, "damaged, or not a report: it lacks", "text");
}

static void read_head(struct reader *r, const json_t *o)
{
	const json_t *engine = get(r, o, "engine");

	r->f->case_name = get_text(r, o, "case");
	r->f->time = get_text(r, o, "time");
	r->f->verdict = get_text(r, o, "verdict");
	r->f->kernel = get_text(r, o, "kernel");
	r->f->seed = get_number(r, o, "seed");
	if (engine) {
		r->f->engine = get_text(r, engine, "name");
		r->f->version = get_text(r, engine, "version");
	}
	if (!r->bad && (!r->f->case_name || !r->f->time || !r->f->verdict || !r->f->engine))
		complain(r, "damaged, or not a report: nothing in", "case");
}

static void read_all(struct reader *r, const json_t *o)
{
	const json_t *traffic = get_array(r, o, "traffic");
	const json_t *failovers = get_array(r, o, "failovers");
	const json_t *expect = get_array(r, o, "expect");
	struct figure *v;
	size_t i;

	read_head(r, o);
	for (i = 0; i < json_array_size(traffic) && !r->bad; i++)
		read_traffic(r, json_array_get(traffic, i));
	v = r->bad ? NULL :
		     add(r, strdup("failovers"), (int64_t)json_array_size(failovers));
	if (v)
		v->exact = true;
	for (i = 0; i < json_array_size(failovers) && !r->bad; i++)
		read_failover(r, json_array_get(failovers, i), i, finest(traffic));
	for (i = 0; i < json_array_size(expect) && !r->bad; i++)
		read_expect(r, json_array_get(expect, i));
}

static int check_schema(const struct figures *f, const json_t *o)
{
	const char *schema = json_string_value(json_object_get(o, "schema"));

	if (!schema)
		log_warnx("%s: not a report of halbsim: it has no schema", f->path);
	else if (strcmp(schema, "halbsim-report-1"))
		log_warnx("%s: schema '%s', this halbsim reads halbsim-report-1", f->path,
			  schema);
	else
		return 0;
	return -EINVAL;
}

int figures_read(struct figures *f, const char *path)
{
	struct reader r = { .f = f };
	json_error_t err;
	json_t *o;
	int e;

	*f = (struct figures){ .path = strdup(path), .phase_ns = INT64_MIN };
	if (!f->path)
		return -ENOMEM;
	errno = 0;
	o = json_load_file(path, JSON_REJECT_DUPLICATES, &err);
	if (!o) {
		e = json_error_code(&err) == json_error_cannot_open_file ? -errno : -EINVAL;
		if (json_error_code(&err) == json_error_cannot_open_file)
			log_warnx("%s: %s", path, strerror(-e));
		else
			log_warnx("%s:%d:%d: damaged: %s", path, err.line, err.column,
				  err.text);
		figures_finish(f);
		return e;
	}
	e = check_schema(f, o);
	if (!e) {
		read_all(&r, o);
		e = r.bad ? -EINVAL : r.no_memory ? -ENOMEM : 0;
	}
	json_decref(o);
	if (e)
		figures_finish(f);
	return e;
}

void figures_finish(struct figures *f)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		free(f->v[i].name);
	for (i = 0; i < f->nexpect; i++)
		free(f->expect[i].text);
	free(f->v);
	free(f->expect);
	free(f->path);
	free(f->case_name);
	free(f->engine);
	free(f->version);
	free(f->kernel);
	free(f->time);
	free(f->verdict);
	*f = (struct figures){ 0 };
}

const struct figure *figures_find(const struct figures *f, const char *name)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (!strcmp(f->v[i].name, name))
			return &f->v[i];
	return NULL;
}
