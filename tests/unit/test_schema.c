/* docs/event.schema.json against the table that events.jsonl is written by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "event.h"
#include "event_field.h"

static json_t *schema;

static int setup(void **state)
{
	json_error_t err;

	(void)state;
	schema = json_load_file("docs/event.schema.json", 0, &err);
	if (!schema)
		print_error("docs/event.schema.json:%d: %s (run it from the source tree)\n",
			    err.line, err.text);
	return schema ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	json_decref(schema);
	return 0;
}

/* The branch for one type; counts how many there are. */
static const json_t *branch(const char *type, size_t *n)
{
	const json_t *all = json_object_get(schema, "oneOf"), *found = NULL;
	size_t i;

	for (i = 0; i < json_array_size(all); i++) {
		const json_t *b = json_array_get(all, i);
		const json_t *t = json_object_get(
			json_object_get(json_object_get(b, "properties"), "type"), "const");

		if (json_string_value(t) && !strcmp(json_string_value(t), type)) {
			found = b;
			(*n)++;
		}
	}
	return found;
}

static bool is_required(const json_t *b, const char *key)
{
	const json_t *list = json_object_get(b, "required");
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		if (!strcmp(json_string_value(json_array_get(list, i)), key))
			return true;
	return false;
}

/* An enum in the schema lists the names of the table, in any order. */
static void same_names(const json_t *p, const char *const *names, const char *key)
{
	const json_t *list = json_object_get(p, "enum");
	size_t n = 0, i, k;

	for (; names[n]; n++)
		;
	if (json_array_size(list) != n)
		fail_msg("%s: %zu names, %zu in the schema", key, n, json_array_size(list));
	for (i = 0; i < n; i++) {
		for (k = 0; k < n; k++)
			if (!strcmp(json_string_value(json_array_get(list, k)), names[i]))
				break;
		if (k == n)
			fail_msg("%s: the schema has no '%s'", key, names[i]);
	}
}

static void check_field(const json_t *b, const char *type, const struct event_field *f)
{
	static const char *const kinds[] = { [FIELD_TEXT] = "string",
					     [FIELD_BOOL] = "boolean",
					     [FIELD_INT] = "integer",
					     [FIELD_I64] = "integer",
					     [FIELD_U64] = "integer" };
	const json_t *p = json_object_get(json_object_get(b, "properties"), f->key);
	const char *kind;

	if (!p)
		fail_msg("%s: the schema has no '%s'", type, f->key);
	if (is_required(b, f->key) != (f->kind != FIELD_TEXT))
		fail_msg("%s: '%s' is %srequired", type, f->key,
			 is_required(b, f->key) ? "" : "not ");
	if (f->kind == FIELD_NAME) {
		same_names(p, f->names, f->key);
		return;
	}
	kind = json_string_value(json_object_get(p, "type"));
	/* text that is one of a few words may be listed as these */
	if (!kind && f->kind == FIELD_TEXT && json_object_get(p, "enum"))
		return;
	if (!kind || strcmp(kind, kinds[f->kind]))
		fail_msg("%s: '%s' is %s, in the schema %s", type, f->key, kinds[f->kind],
			 kind ? kind : "nothing");
}

static void schema__events_are_those_of_the_table(void **state)
{
	int t;

	(void)state;
	assert_int_equal(json_array_size(json_object_get(schema, "oneOf")), EV_NTYPES);
	for (t = 0; t < EV_NTYPES; t++) {
		const char *type = event_type_name((enum event_type)t);
		const struct event_field *f = event_fields((enum event_type)t);
		size_t branches = 0, fields = 4; /* t, type, node, text */
		const json_t *b = branch(type, &branches);

		if (branches != 1)
			fail_msg("%s: %zu branches in the schema", type, branches);
		for (; f->key; f++, fields++)
			check_field(b, type, f);
		if (json_object_size(json_object_get(b, "properties")) != fields)
			fail_msg("%s: the schema has fields that no event has", type);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schema__events_are_those_of_the_table),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
