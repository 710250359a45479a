/* Topologies: what the reader takes, what it refuses and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "block.h"
#include "topology.h"

#define DIR_TEMPLATE "/tmp/halbsim-topology.XXXXXX"

struct loaded {
	struct topology *t;
	char *messages;
	struct block_diag d;
};

static struct loaded load_dir(const char *dir)
{
	struct loaded l = { 0 };
	size_t len;

	l.d.out = open_memstream(&l.messages, &len);
	assert_non_null(l.d.out);
	l.t = topology_load(dir, &l.d);
	fclose(l.d.out);
	return l;
}

/* Loads a topology.conf with this text. */
static struct loaded load(const char *text)
{
	char dir[] = DIR_TEMPLATE, path[64];
	struct loaded l;
	FILE *f;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/topology.conf", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	l = load_dir(dir);
	unlink(path);
	rmdir(dir);
	return l;
}

static void unload(struct loaded *l)
{
	topology_free(l->t);
	free(l->messages);
}

/* A mistake: its place and a part of its text. */
static void refused(const char *text, const char *place, const char *part)
{
	struct loaded l = load(text);

	if (l.t || !strstr(l.messages, place) || !strstr(l.messages, part))
		fail_msg("wanted '%s' and '%s', got %s:\n%s", place, part,
			 l.t ? "a topology" : "a refusal", l.messages);
	assert_true(l.d.errors > 0);
	unload(&l);
}

static void topology__reads_a_node(void **state)
{
	struct loaded l = load("topology t {\n"
			       "	about \"a test\"\n"
			       "	server web1 {\n"
			       "		interface eth0 lan 10.0.0.1/24 fd00::1/64\n"
			       "		lo 10.0.0.200/32\n"
			       "		route default via 10.0.0.254 dev eth0\n"
			       "		route 10.9.0.0/16 dev eth0\n"
			       "		sysctl net.ipv4.ip_forward 1\n"
			       "		web 80 \"hello\"\n"
			       "	}\n"
			       "	link lan\n"
			       "}\n");
	const struct topo_node *n;

	(void)state;
	assert_string_equal(l.messages, "");
	assert_non_null(l.t);
	assert_string_equal(l.t->name, "t");
	assert_string_equal(l.t->about, "a test");
	n = topology_node(l.t, "web1");
	assert_non_null(n);
	assert_int_equal(n->role, ROLE_SERVER);
	assert_int_equal(n->nif, 2);
	assert_ptr_equal(n->ifs[0].link, &l.t->link[0]);
	assert_int_equal(n->ifs[0].naddr, 2);
	assert_int_equal(n->ifs[0].addr[0].prefixlen, 24);
	assert_int_equal(n->ifs[0].addr[1].family, AF_INET6);
	assert_null(n->ifs[1].link);
	assert_int_equal(n->nroute, 2);
	assert_true(n->route[0].is_default);
	assert_string_equal(n->route[0].dev, "eth0");
	assert_null(n->route[1].via.text);
	assert_string_equal(n->sysctl[0].key, "net.ipv4.ip_forward");
	assert_int_equal(n->web[0].port, 80);
	assert_ptr_equal(topology_by_ip(l.t, "10.0.0.1"), n);
	assert_null(topology_by_ip(l.t, "10.0.0.200")); /* on lo: not its own */
	assert_ptr_equal(topology_by_mac(l.t, n->ifs[0].mac), n);
	assert_int_equal(n->ifs[0].mac[0], 0x02);
	unload(&l);
}

static void topology__reads_a_tunnel(void **state)
{
	struct loaded l = load("topology t { link lan\n"
			       " server web 2 { interface eth0 lan 10.0.0.1/24\n"
			       "  tunnel tunl0 10.9.0.200/32 } }\n");
	const struct topo_node *n;

	(void)state;
	assert_string_equal(l.messages, "");
	n = topology_node(l.t, "web2");
	assert_int_equal(n->nif, 2);
	assert_true(n->ifs[1].tunnel);
	assert_null(n->ifs[1].link);
	assert_string_equal(n->ifs[1].addr[0].text, "10.9.0.200/32");
	assert_null(topology_by_ip(l.t, "10.9.0.200"));
	unload(&l);
	refused("topology t { node a { tunnel tunl0 } }\n", ":1:35:", "expected: tunnel");
	refused("topology t { node a { tunnel lo 10.0.0.1/32 } }\n", ":1:30:", "not 'lo'");
	refused("topology t { link lan\n node a { interface e0 lan\n tunnel e0 1.2.3.4/32 } }\n",
		":3:9:", "already");
}

static void topology__counts_nodes(void **state)
{
	struct loaded l = load("topology t { link lan\n"
			       " client c { interface eth0 lan 10.0.0.1/16 }\n"
			       " server web 300 { interface eth0 lan 10.0.1.1/16\n"
			       "  lo 10.0.0.200/32\n"
			       "  web 80 \"server %n here\" } }\n");
	const struct topo_node *n;

	(void)state;
	assert_string_equal(l.messages, "");
	assert_int_equal(l.t->nnode, 301);
	n = topology_node(l.t, "web300");
	assert_non_null(n);
	assert_string_equal(n->ifs[0].addr[0].text, "10.0.2.44/16");
	assert_string_equal(n->ifs[1].addr[0].text, "10.0.0.200/32");
	assert_string_equal(n->web[0].body, "server 300 here");
	assert_ptr_equal(topology_by_ip(l.t, "10.0.2.44"), n);
	assert_ptr_equal(topology_by_mac(l.t, n->ifs[0].mac), n);
	unload(&l);
}

/* As many as there can be, which compared in pairs took minutes. */
static void topology__finds_each_of_many_nodes(void **state)
{
	struct loaded l = load("topology t { link lan\n client one { }\n"
			       " server web 32000 { interface eth0 lan }\n"
			       " server mail 32999 { }\n }");
	char name[16];
	size_t i;

	(void)state;
	assert_non_null(l.t);
	assert_int_equal(l.t->nnode, 65000);
	for (i = 0; i < l.t->nnode; i++)
		assert_ptr_equal(topology_node(l.t, l.t->node[i].name), &l.t->node[i]);
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "web%zu", 32001 + i);
		assert_null(topology_node(l.t, name));
	}
	assert_null(topology_node(l.t, ""));
	unload(&l);
	refused("topology t { link lan\n server web7 { }\n server web 32000 { }\n }",
		":3:9:", "a node 'web7' is there already");
}

static void topology__macs_follow_the_order(void **state)
{
	static const char text[] = "topology t { link lan\n"
				   " node a { interface e0 lan\n interface e1 lan }\n"
				   " node b { interface e0 lan } }\n";
	struct loaded l = load(text), m = load(text);

	(void)state;
	assert_memory_equal(l.t->node[0].ifs[1].mac, m.t->node[0].ifs[1].mac, 6);
	assert_memory_not_equal(l.t->node[0].ifs[0].mac, l.t->node[0].ifs[1].mac, 6);
	assert_memory_not_equal(l.t->node[0].ifs[0].mac, l.t->node[1].ifs[0].mac, 6);
	unload(&l);
	unload(&m);
}

static void topology__names_the_place(void **state)
{
	(void)state;
	refused("topology t {\n  link lan\n  node a {\n    interfase e0 lan\n  }\n}\n",
		"topology.conf:4:5:", "did you mean 'interface'");
	refused("topology t {\n  link lan\n  node a {\n    interface e0 lann\n  }\n}\n",
		"topology.conf:4:18:", "did you mean 'lan'");
	refused("topology t {\n  link lan\n  serfer a {\n  }\n}\n", ":3:3:",
		"did you mean 'server'");
	refused("topologie t {\n}\n", ":1:1:", "did you mean 'topology'");
}

static void topology__refuses_bad_addresses(void **state)
{
	static const char *const bad[] = { "10.0.0.1",	   "10.0.0.1/33", "10.0.0.256/24",
					   "10.0.0.1/",	   "10.0.0.1/a",  "fd00::1/129",
					   "10.0.0.1/-1",  "/24",	  "10.0.0.1/24/24",
					   "fd00::g/64" };
	char text[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text),
			 "topology t {\n link lan\n node a { interface e0 lan %s }\n}\n",
			 bad[i]);
		refused(text, ":3:28:", bad[i]);
	}
}

static void topology__refuses_what_collides(void **state)
{
	(void)state;
	refused("topology t { link lan\n node a { interface e0 lan }\n node a { } }\n",
		":3:7:", "already");
	refused("topology t { link lan\n link lan\n node a { } }\n", ":2:7:", "already");
	refused("topology t { link lan\n node a { interface e0 lan\n interface e0 lan } }\n",
		":3:12:", "already");
	refused("topology t { link lan\n node a { interface e0 lan 10.0.0.1/24 }\n"
		" node b { interface e0 lan 10.0.0.1/8 } }\n",
		":1:", "both have 10.0.0.1");
	refused("topology t { link lan\n node lan { } }\n", ":2:7:", "a link 'lan' is there");
	refused("topology t { node a { } }\ntopology u { }\n", ":2:1:", "second");
	refused("topology t { node a { web 80 x\n web 80 y } }\n", ":2:6:", "twice");
}

static void topology__refuses_what_would_leave_the_node(void **state)
{
	(void)state;
	refused("topology t { node a { sysctl kernel.panic 1 } }\n", ":1:30:", "net.*");
	refused("topology t { node a { sysctl net/../kernel/panic 1 } }\n", ":1:30:",
		"net.*");
	refused("topology t { node ../a { } }\n", ":1:19:", "letters");
	refused("topology t { link lan\n node a { interface x/y lan } }\n", ":2:21:",
		"without '/'");
	refused("topology t { link averyveryverylongname\n node a { } }\n", ":1:19:", "1-15");
}

static void topology__refuses_wrong_shapes(void **state)
{
	(void)state;
	refused("", ":1:1:", "no 'topology NAME {'");
	refused("topology t { }\n", ":1:10:", "without nodes");
	refused("topology t {\n", ":", "");
	refused("topology t { node a }\n", ":1:14:", "expected: director|server");
	refused("topology t { node a { interface e0 } }\n", ":1:35:", "expected: interface");
	refused("topology t { node a { web 70000 x } }\n", ":1:27:", "");
	refused("topology t { node a { route default 1.2.3.4 } }\n", ":", "expected: route");
	refused("topology t { node a { route default dev e0 } }\n", ":", "no interface 'e0'");
	refused("topology t { node a 0 { } }\n", ":1:21:", "");
}

static void topology__no_file(void **state)
{
	struct loaded l = load_dir("/nonexistent");

	(void)state;
	assert_null(l.t);
	assert_non_null(strstr(l.messages, "/nonexistent/topology.conf"));
	unload(&l);
}

static void topology__the_labs_own(void **state)
{
	struct loaded l = load_dir("topologies/lvs_dr");

	(void)state;
	assert_string_equal(l.messages, "");
	assert_non_null(l.t);
	assert_string_equal(topology_by_ip(l.t, "192.168.31.54")->name, "lvs1");
	assert_string_equal(topology_by_ip(l.t, "192.168.31.150")->name, "web2");
	assert_null(topology_by_ip(l.t, "192.168.31.200"));
	unload(&l);
	l = load_dir("topologies/lvs_nat");
	assert_string_equal(l.messages, "");
	assert_int_equal(l.t->nlink, 2);
	unload(&l);
}

static void topology__all_that_come_along(void **state)
{
	struct dirent **list;
	int n = scandir("topologies", &list, NULL, alphasort), i, seen = 0;

	(void)state;
	assert_true(n > 0);
	for (i = 0; i < n; i++) {
		char dir[300];
		struct loaded l;

		if (list[i]->d_name[0] != '.') {
			snprintf(dir, sizeof(dir), "topologies/%s", list[i]->d_name);
			l = load_dir(dir);
			assert_string_equal(l.messages, "");
			assert_string_equal(l.t->name, list[i]->d_name);
			assert_non_null(l.t->about);
			unload(&l);
			seen++;
		}
		free(list[i]);
	}
	free(list);
	assert_true(seen >= 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(topology__reads_a_node),
		cmocka_unit_test(topology__reads_a_tunnel),
		cmocka_unit_test(topology__counts_nodes),
		cmocka_unit_test(topology__finds_each_of_many_nodes),
		cmocka_unit_test(topology__macs_follow_the_order),
		cmocka_unit_test(topology__names_the_place),
		cmocka_unit_test(topology__refuses_bad_addresses),
		cmocka_unit_test(topology__refuses_what_collides),
		cmocka_unit_test(topology__refuses_what_would_leave_the_node),
		cmocka_unit_test(topology__refuses_wrong_shapes),
		cmocka_unit_test(topology__no_file),
		cmocka_unit_test(topology__the_labs_own),
		cmocka_unit_test(topology__all_that_come_along),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
