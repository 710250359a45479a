/* Faults of the network: which frames still get through, and which do not. */
#include "faultfix.h"

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>

struct ears {
	int fd;
	uint8_t mac[6];
};

/* A raw socket on a node's interface, for frames that come in. */
static int open_ears(void *arg)
{
	struct sockaddr_ll a = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	struct ears *e = arg;

	e->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
	assert_true(e->fd >= 0);
	a.sll_ifindex = (int)if_nametoindex("enp0s3");
	assert_int_equal(bind(e->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return 0;
}

static void ears_open(struct faultfix *f, const char *node, struct ears *e)
{
	struct site_node *n = site_node(f->s.site, node);

	memcpy(e->mac, site_node_topo(n)->ifs[0].mac, 6);
	assert_int_equal(site_in_netns(f->s.site, n, open_ears, e), 0);
}

enum frame { PLAIN, VRRP4, VRRP6, GARP, ARP, NA, NS6, TCP80, TCP80V6, UDP53, PING, PING6 };

/* Sends a broadcast frame of a kind; only what filters look at is right. */
static void shout(const struct ears *e, enum frame kind, uint8_t mark)
{
	uint8_t b[100] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	memcpy(b + 6, e->mac, 6);
	b[12] = 0x08;
	b[14] = 0x45;
	switch (kind) {
	case PLAIN:
		b[14 + 9] = 17;
		break;
	case VRRP4:
		b[14 + 9] = 112;
		break;
	case TCP80:
		b[14 + 9] = 6;
		b[14 + 20 + 3] = 80;
		break;
	case UDP53:
		b[14 + 9] = 17;
		b[14] = 0x46; /* behind an option */
		b[14 + 24 + 1] = 53;
		break;
	case PING:
		b[14 + 9] = 1;
		break;
	case TCP80V6:
	case PING6:
	case NS6:
		b[12] = 0x86, b[13] = 0xdd;
		b[14 + 6] = kind == TCP80V6 ? 6 : 58;
		b[14 + 40] = kind == PING6 ? 128 : kind == NS6 ? 135 : 0;
		if (kind == TCP80V6)
			b[14 + 40 + 1] = 80;
		break;
	case VRRP6:
		b[12] = 0x86, b[13] = 0xdd;
		b[14 + 6] = 112;
		break;
	case GARP:
	case ARP:
		b[13] = 0x06;
		memcpy(b + 28, "\xc0\xa8\x1f\xc8", 4);
		memcpy(b + 38, kind == GARP ? "\xc0\xa8\x1f\xc8" : "\xc0\xa8\x1f\x0a", 4);
		break;
	case NA:
		b[12] = 0x86, b[13] = 0xdd;
		b[14 + 6] = 58;
		b[14 + 24] = 0xff, b[14 + 25] = 0x02, b[14 + 39] = 1;
		b[14 + 40] = 136;
		break;
	}
	b[99] = mark;
	assert_int_equal(send(e->fd, b, sizeof(b), 0), sizeof(b));
}

/* Waits for the next frame; the mark of one of ours in *mark. False: none came. */
static bool next_frame(const struct ears *e, const uint8_t *from, uint8_t *mark, int ms)
{
	struct pollfd p = { .fd = e->fd, .events = POLLIN };
	uint8_t buf[2048];
	ssize_t n;

	do {
		if (poll(&p, 1, ms) <= 0)
			return false;
		n = recv(e->fd, buf, sizeof(buf), 0);
	} while (n != 100 || memcmp(buf + 6, from, 6) != 0);
	*mark = buf[99];
	return true;
}

/*
 * Whether a frame of that kind comes in at the other node. One of a kind that no
 * filter looks at, from nobody that is cut off, comes before it, again until it
 * arrives: a switch's port may forward a little later than it has a carrier.
 * Another one comes after it.
 */
static bool hears(struct faultfix *f, const char *from, const char *to, enum frame kind)
{
	static uint8_t mark;
	const uint8_t first = ++mark, ours = ++mark, last = ++mark;
	struct ears a, b, c;
	int tries = 0;
	uint8_t got;

	ears_open(f, from, &a);
	ears_open(f, to, &b);
	ears_open(f, "witness", &c);
	memcpy(c.mac, a.mac, 6);
	do {
		assert_true(tries++ < 200);
		shout(&c, PLAIN, first);
	} while (!next_frame(&b, a.mac, &got, 100));
	shout(&a, kind, ours);
	shout(&c, PLAIN, last);
	do {
		assert_true(next_frame(&b, a.mac, &got, 20000));
	} while (got != ours && got != last);
	close(a.fd);
	close(b.fd);
	close(c.fd);
	return got == ours;
}

static const char pair_conf[] =
	"topology t { link lan\n"
	" director lvs1 { interface enp0s3 lan 192.168.31.54/24 }\n"
	" director lvs2 { interface enp0s3 lan 192.168.31.51/24 }\n"
	" client client { interface enp0s3 lan 192.168.31.10/24 }\n"
	" node witness { interface enp0s3 lan } }\n";

static int look_running(void *arg)
{
	unsigned int flags = 0;
	struct ifreq ifr = { 0 };
	bool *running = arg;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(ifr.ifr_name, "enp0s3");
	if (ioctl(fd, SIOCGIFFLAGS, &ifr) == 0)
		flags = (unsigned short)ifr.ifr_flags;
	*running = flags & IFF_RUNNING;
	close(fd);
	return 0;
}

static bool all_running(struct sitefix *s)
{
	bool running = true;
	size_t i;

	for (i = 0; running && i < s->topo->nnode; i++)
		site_in_netns(s->site, site_node(s->site, s->topo->node[i].name),
			      look_running, &running);
	return running;
}

static void fix_build_pair(struct faultfix *f)
{
	fix_build_with(f, pair_conf);
	sitefix_wait(&f->s, all_running, "carrier");
}

static void fault__cuts(void **state)
{
	struct faultfix f;

	(void)state;
	if (!sitefix_possible())
		skip();
	fix_build_pair(&f);
	assert_true(hears(&f, "lvs1", "lvs2", PLAIN));
	assert_true(hears(&f, "lvs1", "lvs2", VRRP4));
	if (!apply(&f, "cut lvs1 lvs2 one-way vrrp") && strstr(f.res.proof, "kernel has no")) {
		print_message("skipped: %s\n", f.res.proof);
		fix_free(&f);
		skip();
	}
	assert_false(hears(&f, "lvs1", "lvs2", VRRP4));
	assert_false(hears(&f, "lvs1", "lvs2", VRRP6));
	assert_true(hears(&f, "lvs1", "lvs2", PLAIN));
	assert_true(hears(&f, "lvs1", "lvs2", GARP));
	assert_true(hears(&f, "lvs2", "lvs1", VRRP4));
	assert_true(hears(&f, "lvs1", "client", VRRP4));
	vain(&f, "cut lvs1 lvs2 one-way vrrp", "already");
	works(&f, "cut lvs1 lvs2", "2 filters");
	assert_false(hears(&f, "lvs1", "lvs2", PLAIN));
	assert_false(hears(&f, "lvs2", "lvs1", PLAIN));
	assert_true(hears(&f, "lvs2", "client", PLAIN));
	/* A cut outlasts a crash: it is in the switch. */
	works(&f, "crash lvs2", "gone");
	vain(&f, "cut lvs2 client", "lvs2 has no power");
	assert_true(apply(&f, "boot lvs2"));
	sitefix_wait(&f.s, all_running, "carrier");
	assert_false(hears(&f, "lvs1", "lvs2", PLAIN));
	works(&f, "heal lvs1 lvs2", "3 impairments");
	assert_true(hears(&f, "lvs1", "lvs2", VRRP4));
	assert_true(hears(&f, "lvs2", "lvs1", PLAIN));
	vain(&f, "heal lvs1 lvs2", "nothing to heal");
	fix_free(&f);
}

static void list_words(char *const *argv, size_t argc, void *arg)
{
	char *text = arg;
	size_t i;

	for (i = 0; i < argc; i++)
		sprintf(text + strlen(text), "%s%s", i ? " " : "", argv[i]);
	strcat(text, "; ");
}

/* Each protocol, and nothing else, each way. */
static void fault__drops(void **state)
{
	static const enum frame all[] = { VRRP4, VRRP6, GARP,  ARP,  NA,   NS6,
					  TCP80, TCP80V6, UDP53, PING, PING6 };
	static const struct {
		const char *fault;
		unsigned int held; /* bits of enum frame */
	} want[] = {
		{ "drop lvs1 out vrrp", 1 << VRRP4 | 1 << VRRP6 },
		{ "drop lvs1 out arp", 1 << GARP | 1 << ARP | 1 << NA | 1 << NS6 },
		{ "drop lvs1 out tcp", 1 << TCP80 | 1 << TCP80V6 },
		{ "drop lvs1 out tcp 80", 1 << TCP80 | 1 << TCP80V6 },
		{ "drop lvs1 out tcp 81", 0 },
		{ "drop lvs1 out udp 53", 1 << UDP53 },
		{ "drop lvs1 out udp 54", 0 },
		{ "drop lvs1 out icmp", 1 << PING | 1 << PING6 },
		{ "drop lvs1 in vrrp", 0 },
		{ "drop lvs2 in icmp", 1 << PING | 1 << PING6 },
		{ "drop lvs1 out", ~0U },
		{ "loss lvs1 100% out vrrp", 1 << VRRP4 | 1 << VRRP6 },
	};
	char heal[16], vacuous[256] = "";
	struct faultfix f;
	size_t i, k;

	(void)state;
	if (!sitefix_possible())
		skip();
	fix_build_pair(&f);
	if (!apply(&f, "drop lvs1 out tcp 9") && strstr(f.res.proof, "kernel has no")) {
		print_message("skipped: %s\n", f.res.proof);
		fix_free(&f);
		skip();
	}
	works(&f, "heal lvs1", "1 impairments");
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		works(&f, want[i].fault, strstr(want[i].fault, "loss") ? "1 directions" :
									 "1 filters");
		for (k = 0; k < sizeof(all) / sizeof(all[0]); k++)
			if (hears(&f, "lvs1", "lvs2", all[k]) == (want[i].held >> all[k] & 1))
				fail_msg("'%s' and frame %d", want[i].fault, all[k]);
		assert_true(hears(&f, "client", "lvs1", VRRP4) == !strstr(want[i].fault,
									  "1 in vrrp"));
		vain(&f, want[i].fault, "already");
		snprintf(heal, sizeof(heal), "heal %.4s", strstr(want[i].fault, "lvs"));
		works(&f, heal, "1 impairments");
	}
	assert_true(hears(&f, "lvs1", "lvs2", VRRP4));
	/* A filter is no effect yet. */
	fault_met_nothing(&f.env, list_words, vacuous);
	assert_string_equal(vacuous, "drop lvs1 out tcp 9; drop lvs1 out tcp 81; "
				     "drop lvs1 out udp 54; ");
	fix_free(&f);
}

/* Another share takes the first one's place; none takes it away. */
static void fault__loses_a_share_of_a_protocol(void **state)
{
	struct faultfix f;
	int heard = 0, i;

	(void)state;
	if (!sitefix_possible())
		skip();
	fix_build_pair(&f);
	if (!apply(&f, "loss lvs1 100% out vrrp") && strstr(f.res.proof, "kernel has no")) {
		print_message("skipped: %s\n", f.res.proof);
		fix_free(&f);
		skip();
	}
	assert_false(hears(&f, "lvs1", "lvs2", VRRP4));
	works(&f, "loss lvs1 50% out vrrp", "1 directions");
	for (i = 0; i < 100; i++)
		heard += hears(&f, "lvs1", "lvs2", VRRP4);
	/* 50 ± 5 of them; further off than eight times that is no chance */
	assert_in_range(heard, 10, 90);
	vain(&f, "loss lvs1 50% out vrrp", "that already");
	works(&f, "loss lvs1 0% out vrrp", "1 directions");
	assert_true(hears(&f, "lvs1", "lvs2", VRRP4));
	vain(&f, "heal lvs1", "nothing to heal");
	works(&f, "crash lvs1", "gone");
	vain(&f, "drop lvs1 vrrp", "no power");
	vain(&f, "loss lvs1 10% vrrp", "no power");
	fix_free(&f);
}

static void fault__arp_freeze(void **state)
{
	struct faultfix f;

	(void)state;
	if (!sitefix_possible())
		skip();
	fix_build_pair(&f);
	if (!apply(&f, "arp_freeze client") && strstr(f.res.proof, "kernel has no")) {
		print_message("skipped: %s\n", f.res.proof);
		fix_free(&f);
		skip();
	}
	assert_false(hears(&f, "lvs1", "client", GARP));
	assert_false(hears(&f, "lvs1", "client", NA));
	assert_true(hears(&f, "lvs1", "client", ARP));
	assert_true(hears(&f, "lvs1", "client", PLAIN));
	assert_true(hears(&f, "lvs1", "client", VRRP6));
	assert_true(hears(&f, "lvs1", "lvs2", GARP));
	vain(&f, "arp_freeze client", "already");
	works(&f, "heal client", "1 impairments");
	assert_true(hears(&f, "lvs1", "client", GARP));
	fix_free(&f);
}

static void fault__impairs(void **state)
{
	struct faultfix f;

	(void)state;
	if (!sitefix_possible())
		skip();
	fix_build_pair(&f);
	if (!apply(&f, "loss lvs2 100% in") && strstr(f.res.proof, "kernel has no")) {
		print_message("skipped: %s\n", f.res.proof);
		fix_free(&f);
		skip();
	}
	vain(&f, "loss lvs2 100% in", "that already");
	vain(&f, "reorder lvs2 25%", "no delay");
	works(&f, "delay lvs1 20ms out", "1 directions");
	works(&f, "reorder lvs1 25% out", "1 directions");
	works(&f, "jitter lvs1 1ms", "2 directions");
	works(&f, "rate lvs1 100mbit", "2 directions");
	works(&f, "duplicate lan 5%", "4 directions");
	works(&f, "crash lvs1", "gone");
	vain(&f, "delay lvs1 1ms", "no power");
	assert_true(apply(&f, "boot lvs1"));
	vain(&f, "delay lvs1 20ms out", "already"); /* it is as it was */
	works(&f, "heal lan", "impairments");
	vain(&f, "heal lan", "nothing");
	works(&f, "loss lvs1 0.5%", "2 directions");
	works(&f, "loss lvs1 0%", "2 directions");
	fix_free(&f);
}

/* A second late, so that the frame that comes after it is heard before. */
static void fault__impairs_a_protocol(void **state)
{
	struct faultfix f;

	(void)state;
	if (!sitefix_possible())
		skip();
	fix_build_pair(&f);
	if (!apply(&f, "delay lvs1 1s out vrrp") && strstr(f.res.proof, "kernel has no")) {
		print_message("skipped: %s\n", f.res.proof);
		fix_free(&f);
		skip();
	}
	vain(&f, "delay lvs1 1s out vrrp", "delay of VRRP is that already");
	assert_false(hears(&f, "lvs1", "lvs2", VRRP4));
	assert_false(hears(&f, "lvs1", "lvs2", VRRP6));
	assert_true(hears(&f, "lvs1", "lvs2", ARP));
	assert_true(hears(&f, "lvs1", "lvs2", PLAIN));
	assert_true(hears(&f, "lvs2", "lvs1", VRRP4));
	/* of a port, at the other end and at the switch's; one protocol stays as it was */
	works(&f, "delay lvs2 1s in tcp 80", "delay of TCP port 80 set in 1 directions");
	assert_false(hears(&f, "lvs1", "lvs2", TCP80));
	assert_false(hears(&f, "lvs1", "lvs2", TCP80V6));
	assert_true(hears(&f, "lvs1", "lvs2", UDP53));
	assert_true(hears(&f, "lvs1", "client", TCP80));
	assert_false(hears(&f, "lvs1", "lvs2", VRRP4));
	/* a port before its protocol */
	works(&f, "rate lvs2 1gbit in tcp", "1 directions");
	assert_false(hears(&f, "lvs1", "lvs2", TCP80));
	/* all traffic, and one kind that has something of its own */
	works(&f, "delay lvs1 1s out", "delay set in 1 directions");
	assert_false(hears(&f, "lvs1", "lvs2", PLAIN));
	vain(&f, "reorder lvs1 5% out udp", "no delay");
	works(&f, "jitter lvs1 1us out udp", "1 directions");
	assert_true(hears(&f, "lvs1", "lvs2", UDP53));
	works(&f, "reorder lvs1 5% out vrrp", "1 directions");
	works(&f, "reorder lvs1 0% out vrrp", "1 directions");
	works(&f, "delay lvs1 0ms out", "1 directions");
	assert_true(hears(&f, "lvs1", "lvs2", PLAIN));
	assert_false(hears(&f, "lvs1", "lvs2", VRRP4));
	/* back after a boot */
	works(&f, "crash lvs1", "gone");
	assert_true(apply(&f, "boot lvs1"));
	sitefix_wait(&f.s, all_running, "carrier");
	assert_true(hears(&f, "lvs1", "lvs2", PLAIN));
	assert_false(hears(&f, "lvs1", "lvs2", VRRP4));
	works(&f, "delay lvs1 0ms out vrrp", "1 directions");
	assert_true(hears(&f, "lvs1", "lvs2", VRRP4));
	works(&f, "heal lvs2", "2 impairments");
	assert_true(hears(&f, "lvs1", "lvs2", TCP80));
	works(&f, "heal lvs1", "1 impairments"); /* the jitter */
	works(&f, "duplicate lvs1 1% out tcp", "duplicate of TCP set in 1 directions");
	works(&f, "heal lvs1", "1 impairments");
	vain(&f, "heal lan", "nothing");
	fix_free(&f);
}

/* One processor: frames are heard in the order in which they were sent. */
static void stay_here(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
}

/* In the guest tests/e2e/impair.sh runs those that need its kernel's netem. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fault__cuts),
		cmocka_unit_test(fault__drops),
		cmocka_unit_test(fault__loses_a_share_of_a_protocol),
		cmocka_unit_test(fault__arp_freeze),
		cmocka_unit_test(fault__impairs),
		cmocka_unit_test(fault__impairs_a_protocol),
	};

	stay_here();
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
