/* Implementation of observed.h. */
#include "observed.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	const struct observation *x = a, *y = b;
	int r = x->row - y->row;

	if (!r)
		r = strcmp(x->name, y->name);
	return r ? r : strcmp(x->key, y->key);
}

/* Cuts a line into *out. False when it has another form. */
static bool cut(char *line, struct observation *out)
{
	char *name = strchr(line, '\t'), *value = name ? strchr(name + 1, '\t') : NULL, *end;

	if (!value || value == name + 1)
		return false;
	*name++ = *value++ = '\0';
	out->row = (int)strtol(line, &end, 10);
	if (end == line || *end || out->row < 1)
		return false;
	out->name = strdup(name);
	out->value = strdup(value);
	if (!out->name || !out->value)
		return false;
	out->key = strchr(out->name, '/');
	if (out->key)
		*out->key++ = '\0';
	else
		out->key = out->name + strlen(out->name);
	return true;
}

static int add(struct observed *o, char *line)
{
	struct observation *all = reallocarray(o->at, o->n + 1, sizeof(*all));

	if (!all)
		return -1;
	o->at = all;
	o->at[o->n] = (struct observation){ 0 };
	return cut(line, &o->at[o->n++]) ? 0 : -1;
}

static int no_two(const struct observed *o, const char *name, FILE *err)
{
	size_t i;

	for (i = 1; i < o->n; i++) {
		if (compare(&o->at[i - 1], &o->at[i]))
			continue;
		fprintf(err, "%s: row %d: %s%s%s is there twice\n", name, o->at[i].row,
			o->at[i].name, *o->at[i].key ? "/" : "", o->at[i].key);
		return -1;
	}
	return 0;
}

int observed_read(struct observed *o, FILE *in, const char *name, FILE *err)
{
	char *line = NULL;
	size_t size = 0, n = 0;
	ssize_t len;
	int r = 0;

	while (!r && (len = getline(&line, &size, in)) >= 0) {
		n++;
		if (len && line[len - 1] == '\n')
			line[len - 1] = '\0';
		r = add(o, line);
		if (r)
			fprintf(err, "%s:%zu: not ROW<TAB>OBSERVABLE<TAB>VALUE: '%s'\n", name,
				n, line);
	}
	free(line);
	if (!r && ferror(in)) {
		fprintf(err, "%s: cannot be read\n", name);
		r = -1;
	}
	if (r)
		return r;
	if (o->n)
		qsort(o->at, o->n, sizeof(*o->at), compare);
	return no_two(o, name, err);
}

void observed_finish(struct observed *o)
{
	size_t i;

	for (i = 0; i < o->n; i++) {
		free(o->at[i].name);
		free(o->at[i].value);
	}
	free(o->at);
	*o = (struct observed){ 0 };
}

struct observation *observed_find(const struct observed *o, int row, const char *name,
				  size_t *n)
{
	size_t i, first = 0;

	*n = 0;
	for (i = 0; i < o->n; i++) {
		if (o->at[i].row != row || strcmp(o->at[i].name, name) != 0)
			continue;
		if (!(*n)++)
			first = i;
	}
	return *n ? &o->at[first] : NULL;
}
