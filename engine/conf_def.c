#include "conf_def.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More replacements in one line than anybody means: it refers to itself. */
#define REPLACE_MAX 500

enum builtin { BUILTIN_NONE, BUILTIN_PWD, BUILTIN_INSTANCE, BUILTIN_RANDOM };

struct conf_def {
	struct conf_def *next;
	char *name, *value;
	size_t len; /* of the name */
	bool multiline;
	enum builtin builtin;
};

/* Where a variable stands in a line, and what it is. */
struct use {
	struct conf_def *def;
	size_t len; /* all of it, from the $ */
	unsigned long lo, hi; /* ${_RANDOM lo hi} */
};

static bool name_start(char c)
{
	return isalpha((unsigned char)c) || c == '_';
}

static bool name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static struct conf_def *find(struct conf_defs *defs, const char *name, size_t len)
{
	struct conf_def *d;

	for (d = defs->first; d; d = d->next)
		if (d->len == len && !memcmp(d->name, name, len))
			return d;
	return NULL;
}

static void def_free(struct conf_def *d)
{
	free(d->name);
	free(d->value);
	free(d);
}

/* Makes or replaces a definition; NULL when memory runs out. */
static struct conf_def *define(struct conf_defs *defs, const char *name, size_t len,
			       const char *value, size_t value_len)
{
	struct conf_def *d = find(defs, name, len), **tail;
	char *copy = strndup(value, value_len);

	if (!copy)
		return NULL;
	if (d) {
		free(d->value);
		d->value = copy;
		d->builtin = BUILTIN_NONE;
		d->multiline = false;
		return d;
	}
	d = calloc(1, sizeof(*d));
	if (d)
		d->name = strndup(name, len);
	if (!d || !d->name) {
		free(d);
		free(copy);
		return NULL;
	}
	d->len = len;
	d->value = copy;
	for (tail = &defs->first; *tail; tail = &(*tail)->next)
		;
	*tail = d;
	return d;
}

bool conf_defs_init(struct conf_defs *defs, const char *id)
{
	static const struct {
		const char *name, *value;
		enum builtin builtin;
	} std[] = {
		{ "_PWD", "", BUILTIN_PWD },
		{ "_INSTANCE", "", BUILTIN_INSTANCE },
		{ "_RANDOM", "", BUILTIN_RANDOM },
		{ "_HASH", "#", BUILTIN_NONE },
		{ "_BANG", "!", BUILTIN_NONE },
	};
	struct conf_def *d;
	size_t i;

	defs->first = NULL;
	defs->id = id;
	for (i = 0; i < sizeof(std) / sizeof(std[0]); i++) {
		d = define(defs, std[i].name, strlen(std[i].name), std[i].value,
			   strlen(std[i].value));
		if (!d)
			return false;
		d->builtin = std[i].builtin;
	}
	return true;
}

void conf_defs_finish(struct conf_defs *defs)
{
	struct conf_def *d, *next;

	for (d = defs->first; d; d = next) {
		next = d->next;
		def_free(d);
	}
	defs->first = NULL;
}

bool conf_def_set(struct conf_defs *defs, const char *name, const char *value)
{
	return define(defs, name, strlen(name), value, strlen(value)) != NULL;
}

struct conf_def *conf_def_parse(struct conf_defs *defs, const char *line, bool *more,
				bool *nomem)
{
	const char *end, *value;
	struct conf_def *d;
	size_t len;

	*more = *nomem = false;
	if (line[0] != '$' || !name_start(line[1]))
		return NULL;
	for (end = line + 2; name_char(*end); end++)
		;
	if (*end != '=')
		return NULL;
	value = end + 1 + strspn(end + 1, " \t");
	len = strlen(value);
	if (len && value[len - 1] == '\\') {
		*more = true;
		for (len--; len && (value[len - 1] == ' ' || value[len - 1] == '\t'); len--)
			;
	}
	d = define(defs, line + 1, (size_t)(end - line - 1), value, len);
	if (!d) {
		*nomem = true;
		return NULL;
	}
	d->multiline = *more;
	if (*more && len) {
		/* Lines of a value are parted by newlines. */
		char *grown = realloc(d->value, len + 2);

		if (!grown) {
			*nomem = true;
			return NULL;
		}
		memcpy(grown + len, "\n", 2);
		d->value = grown;
	}
	return d;
}

void conf_def_close(struct conf_def *def)
{
	if (!*def->value)
		def->multiline = false;
}

bool conf_def_append(struct conf_def *def, char *line, bool *nomem)
{
	size_t len = strlen(line), old = strlen(def->value);
	bool more = len && line[len - 1] == '\\';
	char *grown;

	*nomem = false;
	if (more) {
		for (len--; len && (line[len - 1] == ' ' || line[len - 1] == '\t'); len--)
			;
		line[len++] = '\n';
	} else {
		conf_def_close(def);
	}
	if (len < 2 && (more || !len))
		return more;
	grown = realloc(def->value, old + len + 1);
	if (!grown) {
		*nomem = true;
		return false;
	}
	memcpy(grown + old, line, len);
	grown[old + len] = '\0';
	def->value = grown;
	return more;
}

/*
 * ${NAME}, or ${_RANDOM 1 10}: p is after the opening brace and the name.
 * Returns what follows the closing brace, or NULL.
 */
static const char *brace_end(const char *p, struct use *u, bool *params)
{
	const char *start = p;
	char *end;

	*params = false;
	while (*p == ' ' || isdigit((unsigned char)*p)) {
		*params |= *p != ' ';
		p++;
	}
	if (*p != '}' || (*params && p[-1] == ' '))
		return NULL;
	u->lo = 0;
	u->hi = 32767;
	if (*params) {
		u->lo = strtoul(start, &end, 10);
		if (end < p)
			u->hi = strtoul(end, NULL, 10);
	}
	return p + 1;
}

/* Is there a variable at p, which points to a $? */
static bool use_at(struct conf_defs *defs, const char *p, struct use *u)
{
	bool brace = p[1] == '{', params = false;
	const char *name = p + 1 + brace, *end = name;

	if (!name_start(*name))
		return false;
	while (name_char(*end))
		end++;
	u->def = find(defs, name, (size_t)(end - name));
	if (brace) {
		end = brace_end(end, u, &params);
		if (!end)
			return false;
	} else {
		u->lo = 0;
		u->hi = 32767;
		if (*end && !strchr(" \t,)", *end))
			return false;
	}
	u->len = (size_t)(end - p);
	if (!u->def || (params && u->def->builtin != BUILTIN_RANDOM))
		return false;
	return !u->def->multiline || !*end;
}

static unsigned long next_random(struct conf_defs *defs)
{
	defs->random = defs->random * 6364136223846793005u + 1442695040888963407u;
	return (unsigned long)(defs->random >> 33);
}

/* What a variable stands for now; `buf` may be used for it. */
static const char *value_of(struct conf_defs *defs, const struct use *u, char *buf,
			    size_t size)
{
	unsigned long span;

	switch (u->def->builtin) {
	case BUILTIN_PWD:
		return defs->dir ? defs->dir : "";
	case BUILTIN_INSTANCE:
		return defs->id ? defs->id : "";
	case BUILTIN_RANDOM:
		span = u->hi - u->lo + 1;
		snprintf(buf, size, "%lu",
			 (span ? next_random(defs) % span : next_random(defs)) + u->lo);
		return buf;
	case BUILTIN_NONE:
		break;
	}
	return u->def->value;
}

enum conf_replace conf_defs_replace(struct conf_defs *defs, char *buf, size_t size,
				    size_t *first, char **rest)
{
	enum conf_replace done = REPLACE_NONE;
	char random[24], *p = buf;
	struct use u;
	int n = 0;

	while ((p = strchr(p, '$')) && p[1]) {
		const char *value;
		size_t len, tail;

		if (!use_at(defs, p, &u)) {
			p++;
			continue;
		}
		if (++n > REPLACE_MAX)
			return REPLACE_LOOP;
		value = value_of(defs, &u, random, sizeof(random));
		len = u.def->multiline ? strcspn(value, "\n") : strlen(value);
		tail = strlen(p + u.len) + 1;
		if ((size_t)(p - buf) + len + tail > size)
			return REPLACE_NONE;
		if (u.def->multiline) {
			const char *more = value + len + (value[len] == '\n');

			*rest = strdup(more);
			if (!*rest)
				return REPLACE_NOMEM;
		}
		if (done == REPLACE_NONE || (size_t)(p - buf) < *first)
			*first = (size_t)(p - buf);
		done = REPLACE_DONE;
		memmove(p + len, p + u.len, tail);
		memcpy(p, value, len);
		/* The rest of several lines comes first; then this line again. */
		if (u.def->multiline || value[strspn(value, " \t")] == '~')
			break;
	}
	return done;
}
