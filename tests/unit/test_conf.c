/* The configuration as it will act: defaults, quirks, and what is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "conf.h"
#include "conf_int.h"
#include "conf_test.h"

#define S INT64_C(1000000000)

static const char *const interfaces[] = { "lo", "eth0", "enp0s3", NULL };

struct fixture {
	struct conf *c;
	enum conf_status status;
	char *said;
};

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	conf_free(f->c);
	free(f->said);
	free(f);
	return 0;
}

static struct conf *load(struct fixture *f, const char *text, bool test)
{
	size_t len;
	struct conf_options opt = { .path = "t.conf",
				    .text = text,
				    .text_len = strlen(text),
				    .test = test,
				    .interfaces = interfaces };

	conf_free(f->c);
	free(f->said);
	f->said = NULL;
	opt.out = open_memstream(&f->said, &len);
	assert_non_null(opt.out);
	f->c = conf_load_with(&opt, &f->status);
	fclose(opt.out);
	return f->c;
}

#define VRRP(words)                                                               \
	"vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 51\n" words     \
	"\n virtual_ipaddress {\n  192.0.2.10\n }\n}\n"

static const struct vrrp_conf *vrrp(struct fixture *f, const char *text)
{
	struct conf *c = load(f, text, false);

	assert_non_null(c);
	assert_int_equal(c->nvrrp, 1);
	return &c->vrrp[0];
}

#define REAL "real_server 192.0.2.21 80 {\n  TCP_CHECK {\n  }\n }\n"
#define LVS(words, real)                                                          \
	"virtual_server 192.0.2.10 80 {\n lb_algo rr\n lb_kind DR\n protocol TCP\n " words \
	"\n " real "}\n"

static const struct lvs_service_conf *service(struct fixture *f, const char *text)
{
	struct conf *c = load(f, text, false);

	assert_non_null(c);
	assert_int_equal(c->nservice, 1);
	return &c->service[0];
}

/* --- VRRP --- */

static void conf_vrrp__defaults(void **state)
{
	struct fixture *f = *state;
	const struct vrrp_conf *v = vrrp(f, VRRP(""));

	assert_int_equal(f->status, CONF_OK);
	assert_string_equal(f->said, "");
	assert_string_equal(v->name, "VI_1");
	assert_string_equal(v->ifname, "eth0");
	assert_int_equal(v->family, AF_INET);
	assert_int_equal(v->version, 2);
	assert_false(v->start_master);
	assert_int_equal(v->priority, 100);
	assert_int_equal(v->advert_ns, S);
	assert_int_equal(v->auth, VRRP_AUTH_NONE);
	assert_false(v->nopreempt);
	assert_int_equal(v->ttl, 255);
	assert_int_equal(v->garp_master_rep, 5);
	assert_int_equal(v->garp_master_delay_ns, 5 * S);
	assert_int_equal(v->garp_master_refresh_ns, 0);
	assert_int_equal(v->garp_master_refresh_rep, 1);
	assert_int_equal(v->garp_lower_prio_rep, 5);
	assert_int_equal(v->garp_lower_prio_delay_ns, 5 * S);
	assert_true(v->accept);
	assert_false(v->strict);
	assert_int_equal(v->down_timer_adverts, 3);
	assert_int_equal(v->nvip, 1);
	assert_int_equal(v->vip[0].prefixlen, 32);
	assert_null(v->vip[0].dev);
	assert_int_equal(v->mcast_dst.v4.s_addr, inet_addr("224.0.0.18"));
}

static void conf_vrrp__priority_from_state(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(vrrp(f, VRRP("state MASTER"))->priority, 255);
	assert_true(vrrp(f, VRRP("priority 255"))->start_master);
	assert_false(vrrp(f, VRRP("state master"))->start_master);
	assert_int_equal(vrrp(f, VRRP("priority 300"))->priority, 100);
}

static void conf_vrrp__advert_int_is_rounded(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(vrrp(f, VRRP("advert_int 0.5"))->advert_ns, S);
	assert_int_equal(vrrp(f, VRRP("advert_int 1.4"))->advert_ns, S);
	assert_int_equal(vrrp(f, VRRP("advert_int 1.5"))->advert_ns, 2 * S);
	assert_int_equal(vrrp(f, VRRP("advert_int 0"))->advert_ns, S);
	assert_int_equal(vrrp(f, VRRP("version 3\n advert_int 0.125"))->advert_ns, S * 13 / 100);
	assert_int_equal(vrrp(f, VRRP("version 3\n advert_int 41"))->advert_ns, S * 4095 / 100);
}

static void conf_vrrp__nopreempt_needs_backup(void **state)
{
	struct fixture *f = *state;

	assert_true(vrrp(f, VRRP("nopreempt"))->nopreempt);
	assert_false(vrrp(f, VRRP("nopreempt\n state MASTER\n priority 9"))->nopreempt);
	assert_int_equal(f->status, CONF_ERROR);
	assert_non_null(strstr(f->said, "t.conf:4:1: (VI_1) nopreempt does not work"));
	assert_int_equal(vrrp(f, VRRP("nopreempt\n preempt_delay 3"))->preempt_delay_ns, 0);
	assert_int_equal(vrrp(f, VRRP("preempt_delay 3.5"))->preempt_delay_ns, S * 7 / 2);
}

static void conf_vrrp__auth(void **state)
{
	struct fixture *f = *state;
	const struct vrrp_conf *v;

	v = vrrp(f, VRRP("authentication {\n auth_type PASS\n auth_pass ninechars\n }"));
	assert_int_equal(v->auth, VRRP_AUTH_PASS);
	assert_memory_equal(v->auth_data, "ninechar", 8);
	v = vrrp(f, VRRP("authentication {\n auth_type PASS\n auth_type 1234\n }"));
	assert_int_equal(v->auth, VRRP_AUTH_NONE);
	assert_non_null(strstr(f->said, "t.conf:6:2: (VI_1) auth_type is PASS or AH; '1234' is "
					"ignored, and no password is set; did you mean "
					"'auth_pass'?"));
}

static void conf_vrrp__same_vrid_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_null(load(f,
			 VRRP("") "vrrp_instance VI_2 {\n interface eth0\n virtual_router_id "
				  "51\n virtual_ipaddress {\n 192.0.2.11\n }\n}\n",
			 false));
	assert_int_equal(f->status, CONF_ERROR);
	assert_non_null(strstr(f->said, "VI_1 and VI_2 both have virtual_router_id 51"));
}

static void conf_vrrp__unknown_interface_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_null(load(f, "vrrp_instance VI_1 {\n interface eth9\n virtual_router_id 1\n}\n",
			 false));
	assert_non_null(strstr(f->said, "t.conf:2:12: (VI_1) there is no interface 'eth9'"));
	assert_non_null(load(f,
			     "global_defs {\n dynamic_interfaces\n}\nvrrp_instance VI_1 {\n "
			     "interface eth9\n virtual_router_id 1\n}\n",
			     false));
}

static void conf_vrrp__missing_word_stops_everything(void **state)
{
	struct fixture *f = *state;

	assert_null(load(f, VRRP("state") "nonsense\n", true));
	assert_int_equal(f->status, CONF_NO_MEMORY);
	assert_null(load(f, VRRP("priority"), false));
}

static void conf_vrrp__excluded_addresses_come_last(void **state)
{
	const struct vrrp_conf *v = vrrp(*state, VRRP("virtual_ipaddress_excluded {\n"
						      "192.0.2.99/24 dev enp0s3\n }"));

	assert_int_equal(v->nvip, 2);
	assert_false(v->vip[0].excluded);
	assert_true(v->vip[1].excluded);
	assert_string_equal(v->vip[1].dev, "enp0s3");
	assert_int_equal(v->vip[1].prefixlen, 24);
}

static void conf_vrrp__strict(void **state)
{
	struct fixture *f = *state;
	const struct vrrp_conf *v;

	v = vrrp(f, "global_defs {\n vrrp_strict\n}\n" VRRP("state MASTER\n priority 100\n "
							      "accept"));
	assert_true(v->strict);
	assert_false(v->start_master);
	assert_false(v->accept);
	assert_int_equal(v->garp_lower_prio_rep, 0);
	assert_true(v->lower_prio_no_advert);
}

static void conf_vrrp__unicast(void **state)
{
	const struct vrrp_conf *v =
		vrrp(*state, VRRP("unicast_src_ip 192.0.2.1\n unicast_peer {\n 192.0.2.2\n "
				  "192.0.2.3 min_ttl 10 max_ttl 20\n }"));

	assert_int_equal(v->npeer, 2);
	assert_int_equal(v->unicast_src.family, AF_INET);
	assert_int_equal(v->mcast_src.family, 0);
	assert_int_equal(v->mcast_dst.family, 0);
	assert_int_equal(v->peer_ttl[0].max, 255);
	assert_int_equal(v->peer_ttl[1].min, 10);
	assert_true(v->check_unicast_src);
}

static void conf_vrrp__vmac_name(void **state)
{
	const struct vrrp_conf *v = vrrp(*state, VRRP("use_vmac"));

	assert_true(v->use_vmac);
	assert_string_equal(v->vmac_ifname, "vrrp.51");
}

static void conf_vrrp__group_tracks_for_its_members(void **state)
{
	struct fixture *f = *state;
	struct conf *c = load(f,
			      VRRP("") "vrrp_instance VI_2 {\n interface enp0s3\n "
				       "virtual_router_id 52\n virtual_ipaddress {\n "
				       "192.0.2.11\n }\n}\nvrrp_sync_group G {\n group {\n "
				       "VI_1\n VI_2\n }\n track_interface {\n enp0s3\n }\n}\n",
			      false);

	assert_non_null(c);
	assert_int_equal(c->nsync_group, 1);
	assert_int_equal(c->sync_group[0].nmember, 2);
	assert_ptr_equal(c->sync_group[0].member[1], &c->vrrp[1]);
	assert_ptr_equal(c->vrrp[0].sync_group, &c->sync_group[0]);
	assert_int_equal(c->vrrp[0].ntrack_if, 1);
	assert_string_equal(c->vrrp[0].track_if[0].name, "enp0s3");
}

static void conf_vrrp__number_with_a_tail(void **state)
{
	struct fixture *f = *state;

	/* The daemon complains and takes it; -t does not take it. */
	assert_int_equal(vrrp(f, VRRP("debug 3\n down_timer_adverts 5x"))->down_timer_adverts, 5);
	assert_int_equal(f->status, CONF_ERROR);
	assert_non_null(load(f, VRRP("down_timer_adverts 5x"), true));
	assert_int_equal(f->c->vrrp[0].down_timer_adverts, 3);
}

/* --- LVS --- */

static void conf_lvs__defaults(void **state)
{
	struct fixture *f = *state;
	const struct lvs_service_conf *s =
		service(f, "virtual_server 192.0.2.10 80 {\n" REAL "}\n");
	const struct checker_conf *k = &s->real[0].checker[0];

	assert_int_equal(f->status, CONF_ERROR);
	assert_int_equal(s->protocol, IPPROTO_UDP);
	assert_string_equal(s->scheduler, "wlc");
	assert_int_equal(s->forward, LVS_NAT);
	assert_int_equal(s->real[0].forward, LVS_NAT);
	assert_int_equal(s->quorum, 1);
	assert_int_equal(s->real[0].weight, 1);
	assert_int_equal(k->connect_timeout_ns, 5 * S);
	assert_int_equal(k->delay_loop_ns, 60 * S);
	assert_int_equal(k->delay_before_retry_ns, S);
	assert_int_equal(k->retry, 1);
	assert_int_equal(k->warmup_ns, 60 * S);
	assert_false(k->alpha);
	assert_int_equal(k->connect_port, 0); /* the server's */
	assert_non_null(strstr(f->said, "did you mean 'protocol TCP'?"));
}

static void conf_lvs__checkers_inherit(void **state)
{
	const struct lvs_service_conf *s = service(
		*state,
		LVS("delay_loop 3\n retry 7\n connect_timeout 2\n weight 4\n alpha",
		    "real_server 192.0.2.21 80 {\n delay_loop 5\n TCP_CHECK {\n retry 0\n }\n }\n"
		    "real_server 192.0.2.22 80 {\n weight 9\n alpha no\n HTTP_GET {\n url {\n "
		    "path /\n }\n warmup 1\n }\n }\n"));
	const struct checker_conf *a = &s->real[0].checker[0], *b = &s->real[1].checker[0];

	assert_int_equal(a->delay_loop_ns, 5 * S);
	assert_int_equal(a->warmup_ns, 5 * S);
	assert_int_equal(a->retry, 0);
	assert_int_equal(a->connect_timeout_ns, 2 * S);
	assert_true(a->alpha);
	assert_int_equal(s->real[0].weight, 4);
	assert_int_equal(b->delay_loop_ns, 3 * S);
	assert_int_equal(b->warmup_ns, S);
	assert_int_equal(b->retry, 7);
	assert_int_equal(b->delay_before_retry_ns, 3 * S);
	assert_false(b->alpha);
	assert_int_equal(s->real[1].weight, 9);
}

static void conf_lvs__defaults_by_checker(void **state)
{
	const struct lvs_service_conf *s =
		service(*state, LVS("delay_loop 6", "real_server 192.0.2.21 80 {\n DNS_CHECK {\n "
						    "}\n MISC_CHECK {\n misc_path /bin/true\n "
						    "}\n }\n"));
	const struct checker_conf *dns = &s->real[0].checker[0];
	const struct checker_conf *misc = &s->real[0].checker[1];

	assert_int_equal(dns->retry, 3);
	assert_int_equal(dns->delay_before_retry_ns, 6 * S);
	assert_int_equal(dns->dns_type, 6);
	assert_int_equal(misc->retry, 0);
	assert_int_equal(misc->misc->timeout_ns, 6 * S);
}

static void conf_lvs__port_is_reset_without_nat(void **state)
{
	struct fixture *f = *state;
	const char *real = "real_server 192.0.2.21 8080 {\n TCP_CHECK {\n }\n }\n";
	const struct lvs_service_conf *s;
	char text[512];

	snprintf(text, sizeof(text), LVS("", "%s"), real);
	s = service(f, text);
	assert_int_equal(s->real[0].port, 80);
	/* The checker was told its port before that. */
	assert_int_equal(s->real[0].checker[0].connect_port, 8080);
	assert_int_equal(service(f, LVS("", "real_server 192.0.2.21 {\n }\n"))->real[0].port, 80);
}

static void conf_lvs__duplicates_are_left_out(void **state)
{
	struct fixture *f = *state;
	size_t len;
	char *text;
	FILE *out;
	int i;

	assert_int_equal(service(f, LVS("", REAL REAL))->nreal, 1);
	out = open_memstream(&text, &len);
	assert_non_null(out);
	fprintf(out, "virtual_server 192.0.2.10 80 {\n");
	for (i = 0; i < 300; i++)
		fprintf(out, "real_server 192.0.2.%d 80 {\n}\n", i % 100 + 1);
	fprintf(out, "}\n");
	fclose(out);
	assert_int_equal(service(f, text)->nreal, 100);
	assert_int_equal(f->c->service[0].real[99].addr.v4.s_addr, inet_addr("192.0.2.100"));
	free(text);
}

static void conf_lvs__method_by_place(void **state)
{
	const struct lvs_service_conf *s =
		service(*state, "virtual_server 192.0.2.10 80 {\n real_server 192.0.2.21 80 "
				"{\n}\n lb_kind DR\n real_server 192.0.2.22 80 {\n}\n lb_kind "
				"TUN\n}\n");

	assert_int_equal(s->forward, LVS_TUN);
	assert_int_equal(s->real[0].forward, LVS_TUN);
	assert_int_equal(s->real[1].forward, LVS_DR);
}

static void conf_lvs__groups(void **state)
{
	struct fixture *f = *state;
	const struct lvs_service_conf *s =
		service(f, "virtual_server_group G {\n fwmark 7\n 192.0.2.10 80\n "
			   "192.0.2.20-25 80\n 192.0.2.32/28 81\n}\nvirtual_server group G {\n "
			   "protocol TCP\n" REAL "}\n");

	assert_ptr_equal(s->group, &f->c->group[0]);
	assert_int_equal(s->group->nentry, 4);
	assert_int_equal(s->group->entry[0].count, 1);
	assert_int_equal(s->group->entry[1].count, 6);
	assert_int_equal(s->group->entry[2].count, 16);
	assert_int_equal(s->group->entry[2].port, 81);
	assert_int_equal(s->group->entry[3].fwmark, 7);
}

static void conf_lvs__seconds_with_a_unit(void **state)
{
	struct fixture *f = *state;

	/* keepalived: 3 millionths of a second, said to be invalid, and taken. */
	assert_int_equal(service(f, LVS("delay_loop 3s", REAL))->real[0].checker[0].delay_loop_ns,
			 3000);
	assert_non_null(strstr(f->said, "'3s' is no number of seconds; keepalived takes it as "
					"0.000003 s"));
}

static void conf_lvs__status_codes(void **state)
{
	const struct lvs_service_conf *s =
		service(*state, LVS("", "real_server 192.0.2.21 80 {\n HTTP_GET {\n url {\n path "
					"/\n status_code 200-202 404\n }\n }\n }\n"));
	const uint64_t *set = s->real[0].checker[0].url[0].status_set;

	assert_true(set[100 / 64] >> (100 % 64) & 1);
	assert_true(set[102 / 64] >> (102 % 64) & 1);
	assert_false(set[103 / 64] >> (103 % 64) & 1);
	assert_true(set[304 / 64] >> (304 % 64) & 1);
}

static void conf_lvs__virtualhost_from_above(void **state)
{
	const struct lvs_service_conf *s = service(
		*state, LVS("virtualhost all.example", "real_server 192.0.2.21 80 {\n HTTP_GET {\n "
						       "url {\n path /\n }\n }\n }\n"));

	assert_string_equal(s->real[0].checker[0].virtualhost, "all.example");
}

/* --- the rest --- */

static void conf__lab(void **state)
{
	struct fixture *f = *state;
	struct conf_options opt = { .path = "tests/data/conf/lab_lvs1.conf",
				    .interfaces = interfaces };
	const struct checker_conf *k;

	f->c = conf_load_with(&opt, &f->status);
	assert_non_null(f->c);
	assert_int_equal(f->status, CONF_ERROR);
	assert_int_equal(f->c->vrrp[0].priority, 101);
	assert_int_equal(f->c->vrrp[0].auth, VRRP_AUTH_NONE);
	assert_int_equal(f->c->service[0].persistence_s, 0);
	assert_int_equal(f->c->service[0].nreal, 2);
	k = &f->c->service[0].real[0].checker[0];
	assert_int_equal(k->retry, 1);
	assert_int_equal(k->delay_before_retry_ns, 4 * S);
	assert_int_equal(k->delay_loop_ns, 3 * S);
}

static void conf__tables_are_sorted(void **state)
{
	const struct conf_words *w;
	size_t i, j, k;

	(void)state;
	for (i = 0; conf_all_blocks[i]; i++)
		for (k = 0; (w = conf_block_words(conf_all_blocks[i], k)); k++)
			for (j = 1; j < w->n; j++)
				assert_true(strcmp(w->kw[j - 1].name, w->kw[j].name) < 0);
	for (j = 1; j < conf_nroots; j++)
		assert_true(strcmp(conf_roots[j - 1].kw.name, conf_roots[j].kw.name) < 0);
}

static void conf__hints(void **state)
{
	static const struct {
		const char *text, *hint;
	} cases[] = {
		{ LVS("", "real_server 192.0.2.21 80 {\n TCP_CHECK {\n nb_get_retry 3\n }\n }\n"),
		  "t.conf:8:2: unknown word 'nb_get_retry', ignored; did you mean 'retry'?" },
		{ LVS("nat_mask 255.255.255.0", REAL), "gone since keepalived" },
		{ LVS("persistence 60", REAL), "did you mean 'persistence_timeout'?" },
		{ VRRP("virtual_ipadress 192.0.2.1"), "did you mean 'virtual_ipaddress'?" },
		{ VRRP("auth_pass 1234"), "it belongs in 'authentication { … }'" },
		{ VRRP("lb_algo rr"), "it belongs in virtual_server" },
		{ "virtual_sever 1.2.3.4 80 {\n}\n", "did you mean 'virtual_server'?" },
		{ VRRP("foo {\n }"), "will close the block around it" },
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		load(f, cases[i].text, true);
		assert_int_equal(f->status, CONF_ERROR);
		if (!strstr(f->said, cases[i].hint))
			fail_msg("'%s' not in '%s'", cases[i].hint, f->said);
	}
}

static void conf__messages_come_once(void **state)
{
	struct fixture *f = *state;

	load(f, "nonsense\n", true);
	assert_string_equal(f->said, "t.conf:1:1: unknown word 'nonsense', ignored\n");
}

static void conf__unsupported_is_said(void **state)
{
	struct fixture *f = *state;

	load(f, VRRP("virtual_routes {\n 192.0.2.0/24 via 192.0.2.1 dev eth0\n }"), true);
	assert_int_equal(f->status, CONF_OK);
	assert_non_null(strstr(f->said, "'virtual_routes' is not supported by halbd; keepalived "
					"would move these routes with the addresses; ignoring it "
					"is not safe: what is reached by them is lost"));
	load(f, "global_defs {\n process_names\n}\n", true);
	assert_int_equal(f->status, CONF_OK);
	assert_non_null(strstr(f->said, "would name its processes by their work; ignoring it "
					"is safe\n"));
}

static void conf__script_words(void **state)
{
	struct fixture *f = *state;
	const struct vrrp_conf *v =
		vrrp(f, VRRP("notify_master \"/bin/true 'a b' \\\"c\\\" ''\""));
	char *const *argv = v->notify_master.argv;

	/* Where the path leads to is what runs. */
	assert_string_equal(strrchr(argv[0], '/'), "/true");
	assert_string_equal(argv[1], "a b");
	assert_string_equal(argv[2], "c");
	assert_string_equal(argv[3], "");
	assert_null(argv[4]);
}

static char *effective(const struct conf *c)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	conf_print_effective(out, c);
	fclose(out);
	return text;
}

/* What --effective prints reads back as the same, without a complaint. */
static void conf__effective_reads_back(void **state)
{
	struct fixture *f = *state;
	char *first, *second;
	size_t i, n = 0;
	glob_t g;

	if (glob("tests/data/conf/*.conf", 0, NULL, &g)) {
		print_message("skipped: run from the top folder\n");
		skip();
	}
	for (i = 0; i < g.gl_pathc; i++) {
		struct conf_options opt = { .path = g.gl_pathv[i], .any_interface = true };
		struct conf *c = conf_load_with(&opt, &f->status);

		if (!c)
			continue;
		first = effective(c);
		conf_free(c);
		opt.text = first;
		opt.text_len = strlen(first);
		c = conf_load_with(&opt, &f->status);
		if (!c)
			fail_msg("%s: not readable:\n%s", g.gl_pathv[i], first);
		second = effective(c);
		if (strcmp(first, second))
			fail_msg("%s: differs:\n%s\n---\n%s", g.gl_pathv[i], first, second);
		conf_free(c);
		free(first);
		free(second);
		n++;
	}
	globfree(&g);
	assert_true(n > 100);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(conf_vrrp__defaults),
		T(conf_vrrp__priority_from_state),
		T(conf_vrrp__advert_int_is_rounded),
		T(conf_vrrp__nopreempt_needs_backup),
		T(conf_vrrp__auth),
		T(conf_vrrp__same_vrid_is_refused),
		T(conf_vrrp__unknown_interface_is_refused),
		T(conf_vrrp__missing_word_stops_everything),
		T(conf_vrrp__excluded_addresses_come_last),
		T(conf_vrrp__strict),
		T(conf_vrrp__unicast),
		T(conf_vrrp__vmac_name),
		T(conf_vrrp__group_tracks_for_its_members),
		T(conf_vrrp__number_with_a_tail),
		T(conf_lvs__defaults),
		T(conf_lvs__checkers_inherit),
		T(conf_lvs__defaults_by_checker),
		T(conf_lvs__port_is_reset_without_nat),
		T(conf_lvs__duplicates_are_left_out),
		T(conf_lvs__method_by_place),
		T(conf_lvs__groups),
		T(conf_lvs__seconds_with_a_unit),
		T(conf_lvs__status_codes),
		T(conf_lvs__virtualhost_from_above),
		T(conf__lab),
		T(conf__tables_are_sorted),
		T(conf__hints),
		T(conf__messages_come_once),
		T(conf__unsupported_is_said),
		T(conf__script_words),
		T(conf__effective_reads_back),
	};

	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
