/* events.jsonl: one JSON object a line, by the field table of event.c. */
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

/* --- writing --- */

/* JSON must be UTF-8; what a program printed need not be. */
static json_t *text_json(const char *text)
{
	json_t *j = json_string(text);
	char *copy, *p;

	if (j)
		return j;
	copy = strdup(text);
	if (!copy)
		return NULL;
	for (p = copy; *p; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	j = json_string(copy);
	free(copy);
	return j;
}

/* Most texts are plain: they need no library, which would cost the guest ten times. */
static bool plain(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text == '"' || *text == '\\')
			return false; /* bytes from 0x80 on are negative */
	return true;
}

static int put_text(FILE *f, const char *text)
{
	json_t *j;
	int r;

	if (plain(text)) {
		putc_unlocked('"', f);
		fputs_unlocked(text, f);
		putc_unlocked('"', f);
		return 0;
	}
	j = text_json(text);
	r = j ? json_dumpf(j, f, JSON_ENCODE_ANY) : -1;
	json_decref(j);
	return r < 0 ? -ENOMEM : 0;
}

static void put_int(FILE *f, int64_t v)
{
	char buf[24], *p = buf + sizeof(buf);
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	*--p = '\0';
	do {
		*--p = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (v < 0)
		*--p = '-';
	fputs_unlocked(p, f);
}

static int put_field(FILE *f, const struct event *e, const struct event_field *fd)
{
	const char *p = (const char *)e + fd->at;
	uint64_t u;

	switch (fd->kind) {
	case FIELD_TEXT:
		return put_text(f, *(const char *const *)p);
	case FIELD_BOOL:
		fputs_unlocked(*(const bool *)p ? "true" : "false", f);
		return 0;
	case FIELD_INT:
		put_int(f, *(const int *)p);
		return 0;
	case FIELD_I64:
		put_int(f, *(const int64_t *)p);
		return 0;
	case FIELD_U64:
		u = *(const uint64_t *)p;
		put_int(f, (int64_t)u);
		return u <= INT64_MAX ? 0 : -EINVAL;
	case FIELD_NAME:
		return put_text(f, fd->names[*(const int *)p]);
	}
	return -EINVAL;
}

static int put_fields(FILE *f, const struct event *e, const struct event_field *fd)
{
	int r = 0;

	for (; !r && fd->key; fd++) {
		if (fd->kind == FIELD_TEXT &&
		    !*(const char *const *)((const char *)e + fd->at))
			continue;
		fputs_unlocked(",\"", f);
		fputs_unlocked(fd->key, f);
		fputs_unlocked("\":", f);
		r = put_field(f, e, fd);
	}
	return r;
}

int event_write(const struct event *e, FILE *f)
{
	int r;

	fputs_unlocked("{\"t\":", f);
	put_int(f, e->t);
	fputs_unlocked(",\"type\":\"", f);
	fputs_unlocked(event_type_name(e->type), f);
	putc_unlocked('"', f);
	r = put_fields(f, e, event_common);
	if (!r)
		r = put_fields(f, e, event_fields(e->type));
	fputs_unlocked("}\n", f);
	return r ? r : ferror_unlocked(f) ? -EIO : 0;
}

int event_log_write(const struct event_log *log, FILE *f)
{
	size_t i;
	int r;

	for (i = 0; i < log->n; i++) {
		r = event_write(&log->v[i], f);
		if (r < 0)
			return r;
	}
	return fflush(f) == EOF ? -errno : 0;
}

/* --- reading --- */

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
