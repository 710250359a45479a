/*
 * Writing events.jsonl: one JSON object a line, by the field table of event.c. Each
 * request is a line, and in the guest an instruction costs more than ten times as much as
 * here: no stream is asked for each of its bytes.
 */
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "event_field.h"

/* Text on its way to a file. */
struct out {
	FILE *f;
	char *p; /* so far */
	char buf[4096];
};

static void begin(struct out *o, FILE *f)
{
	o->f = f;
	o->p = o->buf;
}

static void drain(struct out *o)
{
	fwrite_unlocked(o->buf, 1, (size_t)(o->p - o->buf), o->f);
	o->p = o->buf;
}

static void put(struct out *o, const char *text)
{
	const char *end = o->buf + sizeof(o->buf);
	char *p = o->p;

	for (; *text; text++) {
		if (p == end) {
			o->p = p;
			drain(o);
			p = o->p;
		}
		*p++ = *text;
	}
	o->p = p;
}

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

/* Most texts are plain: they need no library. */
static bool plain(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text == '"' || *text == '\\')
			return false; /* bytes from 0x80 on are negative */
	return true;
}

static int put_text(struct out *o, const char *text)
{
	json_t *j;
	int r;

	if (plain(text)) {
		put(o, "\"");
		put(o, text);
		put(o, "\"");
		return 0;
	}
	drain(o);
	j = text_json(text);
	r = j ? json_dumpf(j, o->f, JSON_ENCODE_ANY) : -1;
	json_decref(j);
	return r < 0 ? -ENOMEM : 0;
}

static void put_int(struct out *o, int64_t v)
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
	put(o, p);
}

static int put_field(struct out *o, const struct event *e, const struct event_field *fd)
{
	const char *p = (const char *)e + fd->at;
	uint64_t u;

	switch (fd->kind) {
	case FIELD_TEXT:
		return put_text(o, *(const char *const *)p);
	case FIELD_BOOL:
		put(o, *(const bool *)p ? "true" : "false");
		return 0;
	case FIELD_INT:
		put_int(o, *(const int *)p);
		return 0;
	case FIELD_I64:
		put_int(o, *(const int64_t *)p);
		return 0;
	case FIELD_U64:
		u = *(const uint64_t *)p;
		put_int(o, (int64_t)u);
		return u <= INT64_MAX ? 0 : -EINVAL;
	case FIELD_NAME:
		return put_text(o, fd->names[*(const int *)p]);
	}
	return -EINVAL;
}

static int put_fields(struct out *o, const struct event *e, const struct event_field *fd)
{
	int r = 0;

	for (; !r && fd->key; fd++) {
		if (fd->kind == FIELD_TEXT &&
		    !*(const char *const *)((const char *)e + fd->at))
			continue;
		put(o, ",\"");
		put(o, fd->key);
		put(o, "\":");
		r = put_field(o, e, fd);
	}
	return r;
}

static int put_event(struct out *o, const struct event *e)
{
	int r;

	put(o, "{\"t\":");
	put_int(o, e->t);
	put(o, ",\"type\":\"");
	put(o, event_type_name(e->type));
	put(o, "\"");
	r = put_fields(o, e, event_common);
	if (!r)
		r = put_fields(o, e, event_fields(e->type));
	put(o, "}\n");
	return r;
}

int event_write(const struct event *e, FILE *f)
{
	struct out o;
	int r;

	begin(&o, f);
	r = put_event(&o, e);
	drain(&o);
	return r ? r : ferror_unlocked(f) ? -EIO : 0;
}

int event_log_write(const struct event_log *log, FILE *f)
{
	struct out o;
	size_t i;
	int r = 0;

	begin(&o, f);
	for (i = 0; !r && i < log->n; i++)
		r = put_event(&o, &log->v[i]);
	drain(&o);
	if (r)
		return r;
	return ferror_unlocked(f) ? -EIO : fflush(f) == EOF ? -errno : 0;
}
