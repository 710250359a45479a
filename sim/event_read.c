/* Reading events.jsonl: one JSON object a line, by the field table of event.c. */
#include "event.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "event_field.h"
#include "log.h"

static int *int_at(struct event *e, size_t at)
{
	return (int *)((char *)e + at);
}

_Static_assert(sizeof(enum request_result) == sizeof(int) &&
		       sizeof(enum ipvs_op) == sizeof(int) &&
		       sizeof(enum ipvs_what) == sizeof(int),
	       "enum fields are read and written as int");

struct where {
	const char *path;
	int line;
};

static int bad(const struct where *w, const char *what, const char *key)
{
	log_warnx("%s:%d: %s '%s'", w->path, w->line, what, key);
	return -EINVAL;
}

static int read_name(const struct event_field *f, const json_t *j, int *out)
{
	const char *s = json_string_value(j);
	int i;

	for (i = 0; s && f->names[i]; i++)
		if (strcmp(f->names[i], s) == 0) {
			*out = i;
			return 0;
		}
	return -EINVAL;
}

/* 0, or -EINVAL when the value is not of the field's kind. */
static int read_value(struct event_log *log, struct event *e,
		      const struct event_field *f, const json_t *j)
{
	char *p = (char *)e + f->at;
	json_int_t n = json_integer_value(j);

	switch (f->kind) {
	case FIELD_TEXT:
		if (!json_is_string(j))
			return -EINVAL;
		*(const char **)p = event_text(log, json_string_value(j));
		return *(const char **)p ? 0 : -ENOMEM;
	case FIELD_BOOL:
		*(bool *)p = json_is_true(j);
		return json_is_boolean(j) ? 0 : -EINVAL;
	case FIELD_INT:
		if (!json_is_integer(j) || n < INT32_MIN || n > INT32_MAX)
			return -EINVAL;
		*int_at(e, f->at) = (int)n;
		return 0;
	case FIELD_I64:
		*(int64_t *)p = n;
		return json_is_integer(j) ? 0 : -EINVAL;
	case FIELD_U64:
		*(uint64_t *)p = (uint64_t)n;
		return json_is_integer(j) && n >= 0 ? 0 : -EINVAL;
	case FIELD_NAME:
		return read_name(f, j, int_at(e, f->at));
	}
	return -EINVAL;
}

/* Reads what the table knows; counts what it found. */
static int read_fields(struct event_log *log, struct event *e, const json_t *o,
		       const struct event_field *f, const struct where *w, size_t *found)
{
	const json_t *j;
	int r;

	for (; f->key; f++) {
		j = json_object_get(o, f->key);
		if (!j && f->kind == FIELD_TEXT)
			continue;
		if (!j)
			return bad(w, "no field", f->key);
		r = read_value(log, e, f, j);
		if (r == -EINVAL)
			return bad(w, "unusable value of", f->key);
		if (r < 0)
			return r;
		(*found)++;
	}
	return 0;
}

static bool known_key(enum event_type t, const char *key)
{
	const struct event_field *f;

	if (strcmp(key, "t") == 0 || strcmp(key, "type") == 0)
		return true;
	for (f = event_common; f->key; f++)
		if (strcmp(f->key, key) == 0)
			return true;
	for (f = event_fields(t); f->key; f++)
		if (strcmp(f->key, key) == 0)
			return true;
	return false;
}

static int read_type(const json_t *o, enum event_type *t)
{
	const char *name = json_string_value(json_object_get(o, "type"));
	int i;

	for (i = 0; name && i < EV_NTYPES; i++)
		if (strcmp(event_type_name((enum event_type)i), name) == 0) {
			*t = (enum event_type)i;
			return 0;
		}
	return -EINVAL;
}

static int read_object(struct event_log *log, json_t *o, const struct where *w)
{
	struct event e = { 0 };
	const json_t *t = json_object_get(o, "t");
	const char *key;
	json_t *value;
	size_t found = 2;
	int r;

	if (!json_is_integer(t))
		return bad(w, "no number", "t");
	e.t = json_integer_value(t);
	if (read_type(o, &e.type) < 0)
		return bad(w, "no event type that is known", "type");
	r = read_fields(log, &e, o, event_common, w, &found);
	if (!r)
		r = read_fields(log, &e, o, event_fields(e.type), w, &found);
	if (r < 0)
		return r;
	if (found != json_object_size(o))
		json_object_foreach(o, key, value)
			if (!known_key(e.type, key))
				return bad(w, "unknown field", key);
	return event_add(log, &e);
}

static int read_line(struct event_log *log, const char *line, size_t len,
		     const struct where *w)
{
	json_error_t err;
	json_t *o;
	int r;

	o = json_loadb(line, len, JSON_REJECT_DUPLICATES, &err);
	if (!o) {
		log_warnx("%s:%d: not JSON: %s", w->path, w->line, err.text);
		return -EINVAL;
	}
	if (json_is_object(o)) {
		r = read_object(log, o, w);
	} else {
		log_warnx("%s:%d: not a JSON object", w->path, w->line);
		r = -EINVAL;
	}
	json_decref(o);
	return r;
}

int event_log_read(struct event_log *log, const char *path)
{
	struct where w = { path, 0 };
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	int r = 0;

	if (!f) {
		r = -errno;
		log_warn("%s", path);
		return r;
	}
	while (!r && (len = getline(&line, &cap, f)) >= 0) {
		w.line++;
		r = read_line(log, line, (size_t)len, &w);
	}
	if (!r && ferror(f)) {
		r = -EIO;
		log_warnx("%s: cannot be read", path);
	}
	free(line);
	fclose(f);
	return r;
}
