/* Reports from a run's folder: verdicts, the keys of report.json, other formats. */
#include "logbuild.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "paths.h"
#include "report.h"
#include "run.h"
#include "span.h"
#include "tree.h"

static const char topology_conf[] =
	"topology lab {\n"
	"    about \"the lab\"\n"
	"    link lan\n"
	"    director lvs1 { interface enp0s3 lan 192.168.31.54/24 }\n"
	"    director lvs2 { interface enp0s3 lan 192.168.31.51/24 }\n"
	"    server web1 { interface enp0s3 lan 192.168.31.113/24\n"
	"        lo 192.168.31.200/32\n"
	"        web 80 \"This is Server 111\"\n"
	"    }\n"
	"    server web2 { interface enp0s3 lan 192.168.31.150/24\n"
	"        lo 192.168.31.200/32\n"
	"        web 80 \"This is Server 222\"\n"
	"    }\n"
	"    client client { interface enp0s3 lan 192.168.31.10/24 }\n"
	"}\n";

static const char keepalived_conf[] =
	"vrrp_instance VI_1 {\n"
	"    state %s\n"
	"    interface enp0s3\n"
	"    virtual_router_id 51\n"
	"    priority %d\n"
	"    advert_int 1\n"
	"    virtual_ipaddress {\n"
	"        192.168.31.200\n"
	"    }\n"
	"}\n"
	"virtual_server 192.168.31.200 80 {\n"
	"    delay_loop 3\n"
	"    lb_algo rr\n"
	"    lb_kind DR\n"
	"    protocol TCP\n"
	"    real_server 192.168.31.113 80 {\n"
	"        TCP_CHECK {\n"
	"            connect_timeout 3\n"
	"        }\n"
	"    }\n"
	"}\n";

static const char case_conf[] = "case master_down {\n"
				"    about \"lvs1 loses <power> & \\\"more\\\"\"\n"
				"    topology lab\n"
				"    traffic http {\n"
				"        rate 100/s\n"
				"        timeout 100ms\n"
				"    }\n"
				"    timeline {\n"
				"        at settled+5250ms { crash lvs1 }\n"
				"        at +9750ms { end }\n"
				"    }\n"
				"    expect {\n"
				"        %s\n"
				"    }\n"
				"}\n";

static char tmp[64];
static struct report r;

static char *in_tmp(const char *name)
{
	static char buf[8][160];
	static int at;

	at = (at + 1) % 8;
	snprintf(buf[at], sizeof(buf[at]), "%s/%s", tmp, name);
	return buf[at];
}

static void put(const char *name, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void put(const char *name, const char *fmt, ...)
{
	char *path = in_tmp(name), *slash;
	va_list ap;
	FILE *f;

	slash = strrchr(path, '/');
	*slash = '\0';
	assert_int_equal(tree_make(path), 0);
	*slash = '/';
	f = fopen(path, "w");
	assert_non_null(f);
	va_start(ap, fmt);
	vfprintf(f, fmt, ap);
	va_end(ap);
	assert_int_equal(fclose(f), 0);
}

/* A finished run's folder with these expectations and the log as it is. */
static void make_run(const char *expect, bool died)
{
	struct run_info i = { .case_name = (char *)"master_down",
			      .case_folder = (char *)"master_down",
			      .engine = (char *)"halbd", .time = (char *)"virtual",
			      .seed = 1, .version = (char *)"0.1.0", .died = died,
			      .why = (char *)(died ? "the guest died" : NULL) };
	FILE *f;

	put("input/topologies/lab/topology.conf", "%s", topology_conf);
	put("input/topologies/lab/lvs1/keepalived.conf", keepalived_conf, "MASTER", 101);
	put("input/topologies/lab/lvs2/keepalived.conf", keepalived_conf, "BACKUP", 100);
	put("input/cases/master_down/case.conf", case_conf, expect);
	assert_int_equal(run_info_write(tmp, &i), 0);
	f = fopen(in_tmp("events.jsonl"), "w");
	assert_non_null(f);
	assert_int_equal(event_log_write(&lb_log, f), 0);
	assert_int_equal(fclose(f), 0);
}

static void load(const char *expect)
{
	make_run(expect, false);
	assert_int_equal(report_load(&r, tmp, "reports/master_down/RUN"), 0);
}

static int setup(void **state)
{
	strcpy(tmp, "/tmp/halbsim-report.XXXXXX");
	return mkdtemp(tmp) ? lb_setup(state) : -1;
}

static int teardown(void **state)
{
	report_finish(&r);
	tree_remove(tmp);
	return lb_teardown(state);
}

static char *to_text(int (*fn)(FILE *, const struct report *const *, size_t))
{
	const struct report *list[] = { &r };
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(fn(f, list, 1), 0);
	fclose(f);
	return text;
}

static char *json_text(void)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(report_json(f, &r), 0);
	fclose(f);
	return text;
}

static void verdict__held(void **state)
{
	(void)state;
	lb_master_down();
	load("longest_gap http <= 3.7s");
	assert_int_equal(r.verdict, VERDICT_HELD);
	assert_int_equal(verdict_exit(r.verdict), 0);
	assert_int_equal(r.nreason, 0);
}

static void verdict__failed(void **state)
{
	(void)state;
	lb_master_down();
	load("longest_gap http <= 3s\n        failed http >= 1");
	assert_int_equal(r.verdict, VERDICT_FAILED);
	assert_int_equal(verdict_exit(r.verdict), 1);
}

static void verdict__fault_without_effect_is_inconclusive(void **state)
{
	(void)state;
	lb_master_down();
	lb_fault(MD_FAULT + S, "crash lvs2", "lvs2", false);
	assert_int_equal(event_log_sort(&lb_log), 0);
	load("longest_gap http <= 3.7s");
	assert_int_equal(r.verdict, VERDICT_INCONCLUSIVE);
	assert_int_equal(verdict_exit(r.verdict), 2);
	assert_non_null(strstr(r.reason[0], "'crash lvs2' had no effect"));
}

static void verdict__never_settled_is_inconclusive(void **state)
{
	struct event e = { .t = 60 * S, .type = EV_UNSETTLED,
			   .text = "no master of VRID 51" };

	(void)state;
	lb_run();
	lb_add(e);
	lb_simple(60 * S, EV_END);
	load("always one_master");
	assert_int_equal(r.verdict, VERDICT_INCONCLUSIVE);
	assert_string_equal(r.reason[0], "the site never settled: no master of VRID 51");
}

static void verdict__no_end_is_inconclusive(void **state)
{
	(void)state;
	lb_run();
	lb_simple(2 * S, EV_SETTLED);
	lb_advert(3 * S, "lvs1", LVS1_IP, 101, "lvs2");
	load("always one_master");
	assert_int_equal(r.verdict, VERDICT_INCONCLUSIVE);
}

static void verdict__dead_run_is_inconclusive(void **state)
{
	(void)state;
	make_run("always one_master", true);
	assert_int_equal(unlink(in_tmp("events.jsonl")), 0);
	assert_int_equal(report_load(&r, tmp, NULL), 0);
	assert_int_equal(r.verdict, VERDICT_INCONCLUSIVE);
	assert_string_equal(r.reason[0], "the guest died");
	assert_string_equal(report_engine(&r), "halbd");
}

static void report__refuses_damaged_folders(void **state)
{
	(void)state;
	assert_int_equal(report_load(&r, tmp, NULL), EXIT_USAGE_ERROR);
	lb_master_down();
	make_run("always one_master", false);
	put("events.jsonl", "{\"t\": 1, \"type\"");
	assert_int_equal(report_load(&r, tmp, NULL), EXIT_USAGE_ERROR);
	assert_int_equal(unlink(in_tmp("events.jsonl")), 0);
	assert_int_equal(report_load(&r, tmp, NULL), EXIT_USAGE_ERROR);
}

static void has(const json_t *o, const char *key, json_type type)
{
	const json_t *v = json_object_get(o, key);

	if (!v)
		fail_msg("no key '%s'", key);
	if (json_typeof(v) != type)
		fail_msg("'%s' is of type %d", key, json_typeof(v));
}

static void json__has_the_keys_of_the_schema(void **state)
{
	const json_t *f, *t, *x;
	json_error_t err;
	char *text;
	json_t *j;

	(void)state;
	lb_master_down();
	load("longest_gap http <= 3.7s");
	text = json_text();
	j = json_loads(text, JSON_REJECT_DUPLICATES, &err);
	assert_non_null(j);
	has(j, "schema", JSON_STRING);
	has(j, "case", JSON_STRING);
	has(j, "verdict", JSON_STRING);
	has(j, "seed", JSON_INTEGER);
	has(j, "time", JSON_STRING);
	has(j, "kernel", JSON_STRING);
	has(json_object_get(j, "engine"), "name", JSON_STRING);
	has(json_object_get(j, "engine"), "version", JSON_STRING);
	f = json_array_get(json_object_get(j, "faults"), 0);
	has(f, "at_ns", JSON_INTEGER);
	has(f, "what", JSON_STRING);
	has(f, "effective", JSON_TRUE);
	f = json_array_get(json_object_get(j, "failovers"), 0);
	has(f, "fault_ns", JSON_INTEGER);
	has(f, "last_advert_ns", JSON_INTEGER);
	has(f, "prio0_ns", JSON_NULL);
	has(f, "first_advert_ns", JSON_INTEGER);
	has(f, "vip_ns", JSON_INTEGER);
	has(f, "garp_ns", JSON_INTEGER);
	has(f, "arp_ns", JSON_INTEGER);
	has(f, "first_ok_ns", JSON_INTEGER);
	has(f, "bound_ns", JSON_INTEGER);
	t = json_array_get(json_object_get(j, "traffic"), 0);
	has(t, "name", JSON_STRING);
	has(t, "sent", JSON_INTEGER);
	has(t, "ok", JSON_INTEGER);
	has(t, "failed", JSON_INTEGER);
	has(t, "reasons", JSON_OBJECT);
	has(t, "gaps", JSON_ARRAY);
	has(t, "longest_gap_ns", JSON_INTEGER);
	has(t, "total_gap_ns", JSON_INTEGER);
	has(t, "backends", JSON_OBJECT);
	x = json_array_get(json_object_get(j, "expect"), 0);
	has(x, "text", JSON_STRING);
	has(x, "ok", JSON_TRUE);
	has(x, "actual", JSON_STRING);
	assert_int_equal(json_integer_value(json_object_get(t, "longest_gap_ns")),
			 MD_OK - MD_FAULT);
	json_decref(j);
	free(text);
}

static void json__same_bytes_and_nothing_of_the_host(void **state)
{
	char *a, *b, host[256] = "";

	(void)state;
	lb_master_down();
	load("longest_gap http <= 3.7s");
	a = json_text();
	report_finish(&r);
	assert_int_equal(report_load(&r, tmp, "somewhere/else"), 0);
	b = json_text();
	assert_string_equal(a, b);
	assert_null(strstr(a, tmp));
	assert_null(strstr(a, "wall"));
	assert_int_equal(gethostname(host, sizeof(host) - 1), 0);
	if (strlen(host) > 5)
		assert_null(strstr(a, host));
	free(a);
	free(b);
}

/* Well-formed: every tag closed in turn, no bare `&` or `<` in what it says. */
static void well_formed(const char *xml)
{
	char stack[16][32];
	int depth = 0, roots = 0;
	const char *p = xml;

	assert_memory_equal(p, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", 38);
	for (p += 38; *p; p++) {
		if (*p == '&') {
			size_t n = strcspn(p, ";");

			assert_true(n > 1 && n < 7 && p[n] == ';');
		}
		if (*p != '<')
			continue;
		if (p[1] == '/') {
			size_t n = strcspn(p + 2, ">");

			assert_true(depth > 0);
			depth--;
			assert_int_equal(strlen(stack[depth]), n);
			assert_memory_equal(stack[depth], p + 2, n);
		} else {
			size_t n = strcspn(p + 1, " />"), end;
			bool quoted = false;

			for (end = 1; p[end] && (quoted || p[end] != '>'); end++) {
				if (p[end] == '"')
					quoted = !quoted;
				assert_int_not_equal(p[end], '<');
			}
			assert_int_equal(p[end], '>');
			roots += depth == 0;
			if (p[end - 1] != '/') {
				assert_true(depth < 16 && n < 32);
				snprintf(stack[depth++], 32, "%.*s", (int)n, p + 1);
			}
			p += end;
		}
	}
	assert_int_equal(depth, 0);
	assert_int_equal(roots, 1);
}

static void junit__is_xml_with_the_right_totals(void **state)
{
	char *text;

	(void)state;
	lb_master_down();
	load("longest_gap http < 3s\n        failed http >= 1\n"
	     "        takeover within 20s\n        latency p99 < 1ms after 9s of crash");
	text = to_text(report_junit);
	well_formed(text);
	assert_non_null(strstr(text, "<testsuite name=\"master_down.halbd\" tests=\"5\" "
				     "failures=\"2\" errors=\"0\""));
	assert_non_null(strstr(text, "name=\"longest_gap http &lt; 3s\""));
	assert_non_null(strstr(text, "<failure message=\"3.361 s\""));
	free(text);
}

static void junit__inconclusive_runs_pass_nothing(void **state)
{
	char *text;

	(void)state;
	lb_run();
	lb_simple(60 * S, EV_UNSETTLED);
	load("always one_master");
	text = to_text(report_junit);
	well_formed(text);
	assert_non_null(strstr(text, "tests=\"2\" failures=\"0\" errors=\"2\""));
	free(text);
}

static void tap__plan_and_lines_agree(void **state)
{
	int ok = 0, not_ok = 0, plan = 0;
	char *text, *line, *save = NULL;

	(void)state;
	lb_master_down();
	load("longest_gap http <= 3s\n        failed http >= 1");
	text = to_text(report_tap);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		ok += !strncmp(line, "ok ", 3);
		not_ok += !strncmp(line, "not ok ", 7);
		if (!strncmp(line, "1..", 3))
			plan = atoi(line + 3);
	}
	assert_int_equal(plan, 3);
	assert_int_equal(ok, 2);
	assert_int_equal(not_ok, 1);
	free(text);
}

static void markdown__escapes_cells(void **state)
{
	char *text;

	(void)state;
	lb_master_down();
	load("longest_gap http <= 3.7s");
	text = to_text(report_markdown);
	assert_non_null(strstr(text, "| ✅ | longest\\_gap http \\<= 3.7s |"));
	assert_non_null(strstr(text, "| first advert | 3359.000 ms |"));
	free(text);
}

static void text__fits_88_columns_and_ends_with_the_replay(void **state)
{
	static const struct style plain = { .utf8 = true };
	char *text, *line, *save = NULL, *last = NULL;
	size_t len;
	FILE *f;

	(void)state;
	lb_master_down();
	load("longest_gap http <= 3s\n        failed http >= 1\n        always one_master");
	f = open_memstream(&text, &len);
	assert_int_equal(report_text(f, &r, &plain), 0);
	fclose(f);
	assert_non_null(strstr(text, "not a claim about a CPU"));
	assert_null(strchr(text, '\033'));
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (text_width(line) > 88)
			fail_msg("%d columns: %s", text_width(line), line);
		last = line;
	}
	assert_string_equal(last, "replay   halbsim replay reports/master_down/RUN");
	free(text);
}

static void exit__worst_of_several(void **state)
{
	(void)state;
	assert_int_equal(exit_worst(0, 0), 0);
	assert_int_equal(exit_worst(0, 4), 4);
	assert_int_equal(exit_worst(4, 2), 2);
	assert_int_equal(exit_worst(1, 2), 1);
	assert_int_equal(exit_worst(1, 64), 64);
	assert_int_equal(exit_worst(70, 64), 70);
	assert_int_equal(exit_worst(0, 139), 70);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(verdict__held),
		T(verdict__failed),
		T(verdict__fault_without_effect_is_inconclusive),
		T(verdict__never_settled_is_inconclusive),
		T(verdict__no_end_is_inconclusive),
		T(verdict__dead_run_is_inconclusive),
		T(report__refuses_damaged_folders),
		T(json__has_the_keys_of_the_schema),
		T(json__same_bytes_and_nothing_of_the_host),
		T(junit__is_xml_with_the_right_totals),
		T(junit__inconclusive_runs_pass_nothing),
		T(tap__plan_and_lines_agree),
		T(markdown__escapes_cells),
		T(text__fits_88_columns_and_ends_with_the_replay),
		cmocka_unit_test(exit__worst_of_several),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
