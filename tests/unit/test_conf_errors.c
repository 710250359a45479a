/*
 * Memory and files that fail while a configuration is read, read again, laid out and
 * printed: what comes back is the whole of it or nothing, never a part.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <unistd.h>

#include <cmocka.h>

#include "block.h"
#include "conf.h"
#include "conf_reuse.h"
#include "conf_test.h"
#include "inject.h"

static const char *const interfaces[] = { "lo", "eth0", "eth1", NULL };

static const char all_words[] =
	"$IP=192.0.2\n$SET=\\\n lb_algo rr\\\n lb_kind DR\n"
	"global_defs {\n router_id LVS_1\n script_user root\n enable_script_security\n"
	" lvs_sync_daemon eth0 VI_1\n vrrp_notify_fifo /tmp/f\n"
	" vrrp_notify_fifo_script \"/bin/true a\"\n}\n"
	"static_ipaddress {\n 198.51.100.1/32 dev eth0\n}\n"
	"vrrp_script chk {\n script \"/bin/true one two\"\n interval 2\n weight -5\n}\n"
	"vrrp_sync_group G {\n group {\n  VI_1\n  VI_2\n }\n notify \"/bin/true\" root\n}\n"
	"vrrp_instance VI_1 {\n state MASTER\n interface eth0\n virtual_router_id 51\n"
	" priority 150\n unicast_peer {\n  192.0.2.2\n  192.0.2.3\n }\n"
	" authentication {\n  auth_type PASS\n  auth_pass 1111\n }\n"
	" track_interface {\n  eth1 weight 10\n }\n track_script {\n  chk\n }\n"
	" virtual_ipaddress {\n  $IP.10/24 dev eth0 label eth0:1\n  $IP.11\n }\n"
	" virtual_ipaddress_excluded {\n  $IP.12\n }\n notify_master \"/bin/true m\"\n}\n"
	"vrrp_instance VI_2 {\n interface eth1\n virtual_router_id 52\n use_vmac\n"
	" virtual_ipaddress {\n  $IP.20\n }\n}\n"
	"virtual_server_group GR {\n $IP.30-32 80\n fwmark 7\n}\n"
	"virtual_server group GR {\n $SET\n protocol TCP\n quorum_up \"/bin/true q\"\n"
	" sorry_server 192.0.2.99 80\n virtualhost www.example\n"
	" real_server 192.0.2.41 80 {\n  HTTP_GET {\n   url {\n    path /\n"
	"    status_code 200\n    regex \"a b\"\n   }\n   url {\n    path /two\n"
	"    digest 640205b7b0fc66c1ea91c463fac6334d\n   }\n  }\n"
	"  notify_up \"/bin/true up\"\n }\n"
	" real_server 192.0.2.42 80 {\n  MISC_CHECK {\n   misc_path \"/bin/true x\"\n  }\n"
	"  TCP_CHECK {\n   connect_port 81\n   bind_if eth0\n  }\n }\n}\n"
	"~SEQ(n, 1, 3) virtual_server 192.0.2.5$n 53 {\n protocol UDP\n lb_algo wrr\n"
	" real_server 192.0.2.6$n 53 {\n  DNS_CHECK {\n   name example.\n  }\n"
	"  UDP_CHECK {\n   payload 00ff\n   require_reply 01\n  }\n }\n"
	" real_server 192.0.2.7$n 53 {\n  SMTP_CHECK {\n   helo_name h\n  }\n"
	"  PING_CHECK {\n  }\n }\n}\n";

static char *effective(const struct conf *c)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	conf_print_effective(f, c);
	fclose(f);
	return text;
}

static char *wanted; /* as printed after a round without a fault */

/* What was read in spite of a fault is what would have been read without. */
static int judge(struct conf *c, enum conf_status status)
{
	char *got;
	size_t n;

	if (!c) {
		assert_int_equal(status, CONF_NO_MEMORY);
		return -ENOMEM;
	}
	inject_pause(true);
	got = effective(c);
	if (!wanted)
		wanted = got;
	for (n = 0; got[n] && got[n] == wanted[n];)
		n++;
	if (got[n] || wanted[n]) /* (of long texts cmocka shows the first bytes) */
		fail_msg("a fault in %s: '%.60s' instead of '%.60s'", inject_what(), got + n,
			 wanted + n);
	if (got != wanted)
		free(got);
	conf_free(c);
	inject_pause(false);
	return 0;
}

static void forget_wanted(void)
{
	free(wanted);
	wanted = NULL;
}

static int read_text(void *arg)
{
	struct conf_options o = { .path = "t.conf", .text = all_words,
				  .text_len = sizeof(all_words) - 1, .keep = true,
				  .interfaces = interfaces, .out = arg };
	enum conf_status status;
	struct conf *c = conf_load_with(&o, &status);

	return judge(c, status);
}

static void conf_errors__text(void **state)
{
	FILE *out = fopen("/dev/null", "we");

	(void)state;
	assert_non_null(out);
	inject_all(read_text, out, 300);
	fclose(out);
	forget_wanted();
}

/* --- files --- */

struct files {
	char dir[32], main[64], part[2][64];
	struct conf *old;
};

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

#define SERVER(ip, weight)                                                           \
	"virtual_server " ip " 80 {\n lb_algo rr\n lb_kind DR\n protocol TCP\n"      \
	" sorry_server 192.0.2.9 80\n virtualhost w.example\n"                       \
	" real_server 192.0.2.1 80 {\n  weight " weight "\n  TCP_CHECK {\n   retry 1\n" \
	"   delay_before_retry 1\n   connect_timeout 1\n  }\n }\n"                   \
	" real_server 192.0.2.2 80 {\n  weight 1\n  TCP_CHECK {\n   retry 2\n"       \
	"   delay_before_retry 1\n   connect_timeout 1\n  }\n }\n}\n"

static void make_files(struct files *f)
{
	strcpy(f->dir, "/tmp/conf_errors.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->main, sizeof(f->main), "%s/main.conf", f->dir);
	snprintf(f->part[0], sizeof(f->part[0]), "%s/1.inc", f->dir);
	snprintf(f->part[1], sizeof(f->part[1]), "%s/2.inc", f->dir);
	put(f->part[0], SERVER("10.0.0.1", "1"));
	put(f->part[1], SERVER("10.0.0.2", "1"));
	put(f->main, "include *.inc\n" SERVER("10.0.0.3", "1"));
}

static void remove_files(struct files *f)
{
	unlink(f->main);
	unlink(f->part[0]);
	unlink(f->part[1]);
	rmdir(f->dir);
}

/*
 * A file that cannot be opened is left out with a message, as keepalived does; memory
 * is another matter.
 */
static bool file_fault(void)
{
	const char *w = inject_what();

	return !strcmp(w, "read") || !strcmp(w, "fstat");
}

static int read_files(void *arg)
{
	struct files *f = arg;
	enum conf_status status;
	struct conf *c = conf_load(f->main, NULL, &status);
	int r = 0;

	inject_pause(true);
	if (!c) {
		if (status == CONF_OK)
			fail_msg("no configuration, and no error: after %s", inject_what());
		r = -ENOMEM;
	} else if (file_fault()) {
		assert_in_range(c->nservice, 0, 3);
	} else if (c->nservice != 3) {
		fail_msg("%zu services: after %s", c->nservice, inject_what());
	}
	conf_free(c);
	inject_pause(false);
	return r;
}

static void conf_errors__files(void **state)
{
	struct files f = { 0 };

	(void)state;
	make_files(&f);
	inject_all(read_files, &f, 60);
	remove_files(&f);
}

/* What needs not be read again is copied; one service is another. */
static int read_again(void *arg)
{
	struct files *f = arg;
	enum conf_status status;
	const struct conf_options o = { .path = f->main, .keep = true, .old = f->old };
	struct conf *c = conf_load_with(&o, &status); /* (conf_reload() tries twice) */
	int r = c ? 0 : -ENOMEM;

	inject_pause(true);
	if (!c)
		assert_int_not_equal(status, CONF_OK);
	else if (!file_fault()) {
		assert_int_equal(c->nservice, 3);
		assert_int_equal(c->service[0].real[0].weight, 1);
		assert_int_equal(c->service[2].real[0].weight, 5);
	}
	conf_free(c);
	inject_pause(false);
	return r;
}

static void conf_errors__reload(void **state)
{
	struct files f = { 0 };
	enum conf_status status;

	(void)state;
	make_files(&f);
	put(f.main, SERVER("10.0.0.1", "1") SERVER("10.0.0.2", "1") SERVER("10.0.0.3", "1"));
	f.old = conf_load(f.main, NULL, &status);
	assert_non_null(f.old);
	assert_non_null(f.old->reuse);
	assert_int_equal(f.old->reuse->n, 3);
	put(f.main, SERVER("10.0.0.1", "1") SERVER("10.0.0.2", "1") SERVER("10.0.0.3", "5"));
	inject_all(read_again, &f, 60);
	conf_free(f.old);
	remove_files(&f);
}

/* --- the block syntax --- */

static int read_block(void *arg)
{
	static const char text[] = "node lvs1 {\n link \"a b\" 1 2 3 4 5 6 7 8 9\n"
				   " inner {\n  deep x\n }\n}\nlast 5ms\n";
	struct block_diag d = { 0 };
	struct block *b = block_parse("t", text, sizeof(text) - 1, &d);
	struct block_stmt *s;

	(void)arg;
	if (!b) {
		assert_int_equal(errno, ENOMEM);
		assert_true(d.errors > 0);
		return -ENOMEM;
	}
	assert_int_equal(d.errors, 0);
	s = block_find(b, "node", NULL);
	assert_non_null(s);
	assert_non_null(s->body);
	assert_int_equal(block_find(s->body, "link", NULL)->nword, 11);
	assert_non_null(block_find(s->body, "inner", NULL)->body);
	assert_non_null(block_find(b, "last", NULL));
	block_free(b);
	return 0;
}

static void block_errors__text(void **state)
{
	(void)state;
	inject_all(read_block, NULL, 20);
}

static int read_block_file(void *arg)
{
	struct files *f = arg;
	struct block_diag d = { 0 };
	struct block *b = block_read(f->main, &d);
	int r = b ? 0 : -errno;

	if (!b)
		assert_true(d.errors > 0 || r < 0);
	block_free(b);
	return r;
}

static void block_errors__file(void **state)
{
	struct files f = { 0 };

	(void)state;
	make_files(&f);
	put(f.main, "node lvs1 {\n link a\n}\n");
	inject_all(read_block_file, &f, 8);
	remove_files(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conf_errors__text),
		cmocka_unit_test(conf_errors__files),
		cmocka_unit_test(conf_errors__reload),
		cmocka_unit_test(block_errors__text),
		cmocka_unit_test(block_errors__file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
