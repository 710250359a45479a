/*
 * The VRRP process, with every call that can fail failing once. What comes out of SIGHUP
 * is one of three: the new configuration, whole; the old one, untouched; or the process
 * ends, so that its parent starts it anew. Never a bit of both. The same for the files of
 * SIGUSR1: new, or as they were.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netlink/netlink.h>
#include <netlink/socket.h>

#include <cmocka.h>

#include "clock.h"
#include "inject.h"
#include "link.h"
#include "log.h"
#include "loop.h"
#include "nl.h"
#include "nlbatch.h"
#include "reloadfix.h"
#include "vrrp_proc_priv.h"

/* Owners, so masters at once; the others are backups for minutes. */
static const char *const head =
	"global_defs {\n script_user root\n enable_script_security\n}\n"
	"vrrp_script one {\n script \"/bin/true\"\n interval 60\n}\n"
	"vrrp_script two {\n script \"/bin/true\"\n interval 60\n}\n";
static const char *const before_text =
	"vrrp_instance A {\n state MASTER\n interface eth0\n virtual_router_id 51\n priority 255\n"
	" advert_int 60\n virtual_ipaddress {\n 10.9.0.1/32\n 10.9.0.2/32\n }\n}\n"
	"vrrp_instance B {\n interface eth0\n virtual_router_id 52\n priority 100\n"
	" unicast_src_ip 10.8.0.1\n unicast_peer {\n 10.8.0.9\n }\n"
	" advert_int 60\n virtual_ipaddress {\n 10.9.0.3/32\n }\n"
	" track_script {\n one weight 2\n }\n}\n"
	"vrrp_instance C {\n interface eth0\n virtual_router_id 53\n priority 100\n"
	" advert_int 60\n virtual_ipaddress {\n 10.9.0.4/32\n }\n}\n"
	"vrrp_instance E {\n state MASTER\n interface eth0\n virtual_router_id 55\n"
	" priority 255\n advert_int 60\n virtual_ipaddress {\n 10.9.0.7/32\n }\n}\n"
	"vrrp_sync_group G {\n sync_group_tracking_weight\n group {\n B\n C\n }\n}\n";
/* A: another address; B: another script, priority and source; C and E went; D came. */
static const char *const after_text =
	"vrrp_instance A {\n state MASTER\n interface eth0\n virtual_router_id 51\n priority 255\n"
	" advert_int 60\n virtual_ipaddress {\n 10.9.0.1/32\n 10.9.0.5/32\n }\n}\n"
	"vrrp_instance B {\n interface eth0\n virtual_router_id 52\n priority 90\n"
	" unicast_src_ip 10.8.0.2\n unicast_peer {\n 10.8.0.9\n }\n"
	" advert_int 60\n virtual_ipaddress {\n 10.9.0.3/32\n }\n"
	" track_interface {\n eth1 weight 5\n }\n"
	" track_script {\n one weight 2\n two weight 3\n }\n}\n"
	"vrrp_instance D {\n interface eth0\n virtual_router_id 54\n priority 100\n"
	" advert_int 60\n virtual_ipaddress {\n 10.9.0.6/32\n }\n}\n"
	"vrrp_sync_group G {\n sync_group_tracking_weight\n group {\n B\n D\n }\n}\n";

/* eth0 with two addresses, on a switch. */
static int make_links(void)
{
	static const uint8_t mac[3][6] = { { 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 2 },
					   { 2, 0, 0, 0, 0, 3 } };
	const struct link_cable c = { .port_name = "eth1", .port_index = 12,
				      .port_mac = mac[1], .node_name = "eth0",
				      .node_index = 11, .node_mac = mac[2], .bridge = 77,
				      .pid = getpid(), .port_up = true };
	struct topo_addr a = { .family = AF_INET, .prefixlen = 24 };
	struct nl_sock *sk = nl_open(NETLINK_ROUTE);
	struct nl_batch_item bad;
	struct nl_batch b = { 0 };
	struct topo_addr a2 = a;
	int r;

	assert_non_null(sk);
	inet_pton(AF_INET, "10.8.0.1", &a.v4);
	inet_pton(AF_INET, "10.8.0.2", &a2.v4);
	nl_batch_init(&b, sk);
	link_add_bridge(&b, "br0", 77, mac[0]);
	link_add_cable(&b, &c);
	link_set_up(&b, 11, "eth0", true);
	link_add_addr(&b, 11, &a, NULL);
	link_add_addr(&b, 11, &a2, NULL);
	r = nl_batch_commit(&b, &bad);
	nl_batch_finish(&b);
	nl_socket_free(sk);
	return r;
}

/* How many of 10.9.0.0/24 there are. */
static int addresses(void)
{
	struct ifaddrs *all, *a;
	const struct sockaddr_in *sin;
	int n = 0;

	assert_int_equal(getifaddrs(&all), 0);
	for (a = all; a; a = a->ifa_next) {
		sin = (const struct sockaddr_in *)(const void *)a->ifa_addr;
		if (sin && sin->sin_family == AF_INET &&
		    (ntohl(sin->sin_addr.s_addr) & 0xffffff00) == 0x0a090000)
			n++;
	}
	freeifaddrs(all);
	return n;
}

/* An instance that works: everything that a reload has to put in order is. */
static void is_whole(const struct vrrp_inst *i, const struct vrrp_conf *c,
		     const struct vrrp_sync_group_conf *g)
{
	assert_ptr_equal(i->v.conf, c);
	assert_int_equal(i->v.state, c->priority == VRRP_PRIO_OWNER ? VRRP_MASTER : VRRP_BACKUP);
	assert_int_equal(i->v.addresses_set, i->v.state == VRRP_MASTER);
	assert_true(loop_timer_is_set(&i->timer));
	assert_non_null(i->sock);
	assert_non_null(i->tx.buf);
	assert_int_equal(i->vips.n, c->nvip);
	assert_int_equal(i->ntrack_if, 1 + c->ntrack_if);
	assert_int_equal(i->ntrack_script, c->ntrack_script);
	assert_ptr_equal(i->v.group ? i->v.group->conf : NULL, c->sync_group);
	assert_true(!g || c->sync_group == g || c->priority == VRRP_PRIO_OWNER);
}

static void all_are_whole(const struct vrrp_proc *p)
{
	const struct conf *c = p->conf;
	int want = 0;
	size_t n;

	assert_int_equal(p->ninst, c->nvrrp);
	assert_int_equal(p->ngroup, c->nsync_group);
	for (n = 0; n < p->ninst; n++)
		is_whole(p->inst[n], &c->vrrp[n], &c->sync_group[0]);
	for (n = 0; n < p->ninst; n++)
		want += p->inst[n]->v.addresses_set ? (int)p->inst[n]->vips.n : 0;
	for (n = 0; n < p->ngroup; n++) {
		assert_int_equal(p->group[n].nmember, 2);
		assert_int_equal(p->group[n].state, VRRP_BACKUP);
	}
	assert_int_equal(addresses(), want);
}

struct round {
	struct vrrp_proc p;
	const char *path;
};

static void reload_faulty(void *arg)
{
	struct round *r = arg;

	all_are_whole(&r->p);
	inject_pause(false);
	vrrp_proc_reload(&r->p, r->path);
	inject_pause(true);
}

static int reload(void *arg)
{
	const struct reload_files *f = arg;
	struct round r = { .p.parent_fd = -1, .path = f->after };
	enum conf_status status;
	struct conf *c;
	int64_t now;
	size_t n;
	int ended;

	inject_pause(true);
	c = conf_load(f->before, stderr, &status);
	assert_non_null(c);
	r.p.conf = c;
	assert_int_equal(vrrp_proc_open(&r.p), 0);
	vrrp_proc_start(&r.p); /* the owner's timer is due, before ours */
	ended = reload_run(r.p.env.loop, reload_faulty, &r);
	if (ended == WENT_ON)
		all_are_whole(&r.p);
	else if (ended == 0)
		fail_msg("after %s the process ended as if that was well", inject_what());
	ended = ended == WENT_ON && r.p.conf != c ? 0 : -EAGAIN;
	now = clock_now();
	for (n = 0; n < r.p.ninst; n++)
		vrrp_stop(&r.p.inst[n]->v, now);
	vrrp_proc_close(&r.p);
	conf_free(c);
	if (addresses())
		fail_msg("after %s addresses are left", inject_what());
	inject_pause(false);
	return ended;
}

static void vrrp_proc_errors__reload(void **state)
{
	inject_all(reload, *state, 100);
}

/* --- the dump --- */

static const char old_dump[] = "what the last one has left\n";

/* Whether FILE.suffix is new, from its first word to its last; else it is the old one. */
static bool is_new(const char *base, const char *suffix, const char *first, const char *last)
{
	char path[80], text[16384];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s%s.new", base, suffix);
	if (access(path, F_OK) == 0)
		fail_msg("%s is left after %s", path, inject_what());
	path[strlen(path) - 4] = '\0';
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	unlink(path);
	if (!strcmp(text, old_dump))
		return false;
	assert_int_equal(strncmp(text, first, strlen(first)), 0);
	assert_true(n > strlen(last) && !strcmp(text + n - strlen(last), last));
	return true;
}

static void leave_old(const char *base, const char *suffix)
{
	char path[80];
	FILE *f;

	snprintf(path, sizeof(path), "%s%s", base, suffix);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(old_dump, f);
	assert_int_equal(fclose(f), 0);
}

struct dumped {
	struct vrrp_proc p;
	char base[64];
};

static int dump(void *arg)
{
	struct dumped *d = arg;
	bool text, json;
	int r;

	inject_pause(true);
	leave_old(d->base, ".data");
	leave_old(d->base, ".json");
	inject_pause(false);
	r = vrrp_proc_dump(&d->p, d->base);
	inject_pause(true);
	text = is_new(d->base, ".data", "instance A\n", "  state            BACKUP\n");
	json = is_new(d->base, ".json", "{\"instances\":[{\"name\":\"A\"", "}}\n");
	if ((r == 0) != (text && json))
		fail_msg("%d, and text %d, JSON %d, after %s", r, text, json, inject_what());
	inject_pause(false);
	return r;
}

static void vrrp_proc_errors__dump(void **state)
{
	const struct reload_files *f = *state;
	struct dumped d = { .p.parent_fd = -1 };
	enum conf_status status;
	struct conf *c = conf_load(f->before, stderr, &status);
	size_t n;

	assert_non_null(c);
	d.p.conf = c;
	snprintf(d.base, sizeof(d.base), "%s/dump", f->dir);
	assert_int_equal(vrrp_proc_open(&d.p), 0);
	vrrp_proc_start(&d.p);
	inject_all(dump, &d, 6);
	for (n = 0; n < d.p.ninst; n++)
		vrrp_stop(&d.p.inst[n]->v, clock_now());
	vrrp_proc_close(&d.p);
	conf_free(c);
}

static int setup(void **state)
{
	static struct reload_files f;

	*state = &f;
	if (reload_setup(&f, head, before_text, after_text) < 0)
		return -1;
	return make_links() < 0 ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vrrp_proc_errors__reload),
		cmocka_unit_test(vrrp_proc_errors__dump),
	};

	if (geteuid() != 0) {
		print_message("skipped: needs root, for namespaces\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, setup, reload_teardown);
}
