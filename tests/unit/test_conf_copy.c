/* Trees of configuration files, and nginx's that are made up. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf_copy.h"
#include "nginx_conf.h"

static char top[] = "/tmp/test_conf_copy.XXXXXX";

static char *in(const char *name)
{
	static char path[4][128];
	static int at;

	at = (at + 1) % 4;
	snprintf(path[at], sizeof(path[at]), "%s/%s", top, name);
	return path[at];
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(in(name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* The whole of a small file; valid until the next call. */
static const char *get(const char *name)
{
	static char text[4096];
	FILE *f = fopen(in(name), "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

struct seen {
	char names[256];
	int stop_at;
};

static int note(const char *path, const char *rel, void *arg)
{
	struct seen *s = arg;

	assert_int_equal(access(path, R_OK), 0);
	strcat(strcat(s->names, rel), " ");
	return --s->stop_at == 0 ? 7 : 0;
}

static void conf_copy__lays_one_tree_over_another(void **state)
{
	struct seen s = { .stop_at = 100 };

	(void)state;
	assert_int_equal(conf_make_dirs(in("a/conf.d/deep")), 0);
	assert_int_equal(conf_make_dirs(in("a/conf.d/deep")), 0);
	assert_int_equal(conf_make_dirs(in("b")), 0);
	put("a/keepalived.conf", "of the topology");
	put("a/conf.d/one.conf", "one");
	put("a/conf.d/deep/two.conf", "two");
	put("a/.hidden", "not copied");
	put("b/keepalived.conf", "of the case");
	assert_int_equal(conf_copy_tree(in("a"), in("to/lvs1")), 0);
	assert_int_equal(conf_copy_tree(in("b"), in("to/lvs1")), 0);
	assert_int_equal(conf_copy_tree(in("nowhere"), in("to/lvs1")), 0);
	assert_string_equal(get("to/lvs1/keepalived.conf"), "of the case");
	assert_string_equal(get("to/lvs1/conf.d/deep/two.conf"), "two");
	assert_int_equal(conf_each_file(in("to/lvs1"), note, &s), 0);
	assert_string_equal(s.names, "conf.d/deep/two.conf conf.d/one.conf keepalived.conf ");
}

static void conf_copy__stops_when_told(void **state)
{
	struct seen s = { .stop_at = 2 };

	(void)state;
	assert_int_equal(conf_each_file(in("a"), note, &s), 7);
	assert_string_equal(s.names, "conf.d/deep/two.conf conf.d/one.conf ");
}

static void conf_copy__reports_what_it_cannot_write(void **state)
{
	(void)state;
	put("file", "in the way");
	assert_int_equal(conf_copy_tree(in("a"), in("file/lvs1")), -ENOTDIR);
}

static void nginx_conf__has_a_page_a_port(void **state)
{
	char one[] = "This is Server 111", two[] = "other";
	struct topo_web web[] = { { 80, one }, { 8080, two } };
	char name[] = "web1";
	struct topo_node n = { .name = name, .web = web, .nweb = 2 };

	struct backend_want want[] = {
		{ .port = 8080, .path = "/health", .path_len = 7, .status = 204 },
		{ .port = 8080, .path = "/a\"b", .path_len = 4, .status = 200 },
		{ .port = 8080, .tls = true },
	};
	const struct backend_wants wants = { want, 3 };
	const char *text;

	(void)state;
	assert_int_equal(nginx_conf_write(&n, &wants, in("nginx")), 0);
	assert_string_equal(get("nginx/80/index.html"), "This is Server 111\n");
	assert_string_equal(get("nginx/8080/index.html"), "other\n");
	assert_non_null(strstr(get("nginx/nginx.conf"), "listen 8080;"));
	text = get("nginx/nginx.conf");
	assert_non_null(strstr(text, "root /run/nginx/80;"));
	text = strstr(text, "listen 8080;"); /* what checks ask of that port */
	assert_non_null(strstr(text, "location = \"/health\" { return 204; }"));
	assert_non_null(strstr(text, "location = \"/a\\\"b\" { try_files /index.html =500; }"));
}

static int make_top(void **state)
{
	(void)state;
	return mkdtemp(top) ? 0 : -1;
}

static int drop(const char *path, const char *rel, void *arg)
{
	(void)rel;
	(void)arg;
	return unlink(path);
}

static int drop_top(void **state)
{
	static const char *const dirs[] = {
		"a/conf.d/deep", "a/conf.d", "a", "b", "to/lvs1/conf.d/deep",
		"to/lvs1/conf.d", "to/lvs1", "to", "nginx/80", "nginx/8080", "nginx",
	};
	size_t i;

	(void)state;
	unlink(in("a/.hidden"));
	conf_each_file(top, drop, NULL);
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		rmdir(in(dirs[i]));
	return rmdir(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conf_copy__lays_one_tree_over_another),
		cmocka_unit_test(conf_copy__stops_when_told),
		cmocka_unit_test(conf_copy__reports_what_it_cannot_write),
		cmocka_unit_test(nginx_conf__has_a_page_a_port),
	};

	return cmocka_run_group_tests(tests, make_top, drop_top);
}
