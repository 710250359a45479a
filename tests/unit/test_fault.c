/* Faults: what is refused before a run, and that what is done shows. */
#include "sitefix.h"

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "fault.h"

/* --- checking words --- */

static const char check_conf[] =
	"topology t { link lan\n"
	" director lvs1 { interface enp0s3 lan }\n"
	" director lvs2 { interface enp0s3 lan\n interface enp0s8 lan }\n"
	" server web1 { interface enp0s3 lan\n web 80 x }\n"
	" client client { interface enp0s3 lan }\n"
	" client alone { } }\n";

static char *messages_for(const char *statement)
{
	char dir[] = "/var/tmp/halbsim-fault.XXXXXX", path[64];
	struct block_diag d = { 0 };
	struct topology *t;
	struct block *b;
	char *text;
	size_t len;
	int r;

	assert_non_null(mkdtemp(dir));
	t = sitefix_topology(dir, check_conf);
	snprintf(path, sizeof(path), "%s/topology.conf", dir);
	unlink(path);
	rmdir(dir);
	d.out = open_memstream(&text, &len);
	b = block_parse("c", statement, strlen(statement), &d);
	assert_non_null(b);
	assert_non_null(b->first);
	r = fault_check(b->first, t, &d);
	fclose(d.out);
	assert_int_equal(r, d.errors ? -1 : 0);
	block_free(b);
	topology_free(t);
	return text;
}

static void accepted(const char *statement)
{
	char *text = messages_for(statement);

	if (*text)
		fail_msg("'%s': %s", statement, text);
	free(text);
}

static void refused(const char *statement, const char *place, const char *part)
{
	char *text = messages_for(statement);

	if (strncmp(text, place, strlen(place)) != 0 || !strstr(text, part))
		fail_msg("'%s': wanted %s … %s, got %s", statement, place, part, text);
	free(text);
}

static void fault_check__accepts(void **state)
{
	static const char *const good[] = {
		"crash lvs1", "boot lvs1", "kill lvs1", "kill web1 web", "stop lvs1 engine",
		"start web1", "reload lvs2", "pause client", "pause lvs1 engine",
		"resume lvs1", "link_down lvs1", "link_down lvs2:enp0s8 switch",
		"link_up lvs1:enp0s3 cable", "backend dead web1", "backend slow 200ms web1",
		"backend error 503 web1", "backend hang web1", "backend heal web1",
		"exec lvs1 -- ip link show", "cut lvs1 lvs2", "cut lvs1 web1 one-way vrrp",
		"cut lvs1 web1 both all", "heal lvs1 lvs2", "heal lvs1", "heal lan",
		"heal lvs2:enp0s8", "loss lan 1%", "loss lvs1 0.5% in", "loss lvs1 100% out",
		"delay lvs2:enp0s8 5ms", "jitter lvs1 100us", "duplicate lvs1 0%",
		"reorder lvs1 25%", "rate lvs1 10mbit", "rate lan 0bit", "arp_freeze client",
		"delay lvs1 50ms vrrp", "delay lan 1ms tcp 80", "jitter lvs1 1ms in udp",
		"rate lvs1 1mbit out tcp 80", "duplicate lvs1 5% arp", "reorder lan 5% icmp",
		"arp_freeze lan", "cut lvs1 lvs2 tcp 80 one-way", "cut lvs1 lvs2 arp",
		"cut lvs1 web1 icmp both", "drop lvs1", "drop lvs1 in", "drop lvs1 out udp",
		"drop lan vrrp", "drop lvs2:enp0s8 in udp 53", "drop lvs1 all",
		"cpu lvs1 10%", "cpu client 100%", "cpu web1 12.5%",
		"loss lvs1 10% vrrp", "loss lvs1 10% in tcp 80", "loss lan 10% icmp",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		accepted(good[i]);
}

static void fault_check__names_the_place(void **state)
{
	(void)state;
	refused("crush lvs1", "c:1:1:", "did you mean 'crash'");
	refused("crash lvs3", "c:1:7:", "did you mean 'lvs1'");
	refused("crash", "c:1:", "expected: crash NODE");
	refused("crash lvs1 lvs2", "c:1:12:", "expected: crash NODE");
	refused("stop lvs1 web", "c:1:11:", "no web server");
	refused("stop lvs1 engin", "c:1:11:", "did you mean 'engine'");
	refused("kill client", "c:1:6:", "neither director nor server");
	refused("link_down lvs2", "c:1:11:", "several interfaces");
	refused("link_down lvs1:eth0", "c:1:11:", "no interface 'eth0'");
	refused("link_down lvs9:eth0", "c:1:11:", "no node 'lvs9'");
	refused("link_down alone", "c:1:11:", "no interface");
	refused("link_down lvs1 swich", "c:1:16:", "did you mean 'switch'");
	refused("backend ded web1", "c:1:9:", "did you mean 'dead'");
	refused("backend slow web1", "c:1:14:", "with its unit");
	refused("backend slow 200 web1", "c:1:14:", "with its unit");
	refused("backend error 700 web1", "c:1:15:", "400-599");
	refused("backend dead lvs1", "c:1:14:", "no server");
	refused("cut lvs1", "c:1:", "expected: cut NODE NODE");
	refused("cut lvs1 lvs1", "c:1:10:", "twice");
	refused("cut lvs1 alone", "c:1:10:", "no link in common");
	refused("cut lvs1 lvs2 one-wei", "c:1:15:", "did you mean 'one-way'");
	refused("heal lvs1 lvs2 lvs1", "c:1:11:", "expected: heal");
	refused("heal lam", "c:1:6:", "did you mean 'lan'");
	refused("loss lan 1", "c:1:10:", "share like '1%'");
	refused("loss lan 101%", "c:1:10:", "share");
	refused("loss lan -1%", "c:1:10:", "share");
	refused("loss lan 1% in", "c:1:13:", "whole link");
	refused("loss lvs1 1% inn", "c:1:14:", "did you mean 'in'");
	refused("delay lan 5", "c:1:11:", "with its unit");
	refused("rate lan 10", "c:1:10:", "'10mbit'");
	refused("rate lan 10/s", "c:1:10:", "'10mbit'");
	refused("loss lvs1:x 1%", "c:1:6:", "no interface 'x'");
	refused("drop lvs1 vrpp", "c:1:11:", "did you mean 'vrrp'");
	refused("drop lvs1 in vrpp", "c:1:14:", "did you mean 'vrrp'");
	refused("drop lan in", "c:1:10:", "whole link");
	refused("drop lvs1 tcp 70000", "c:1:15:", "1-65535");
	refused("drop lvs1 vrrp 80", "c:1:16:", "expected: drop");
	refused("drop lvs1 vrrp in", "c:1:16:", "expected: drop");
	refused("drop lvs9", "c:1:6:", "did you mean 'lvs1'");
	refused("cut lvs1 lvs2 vrrp tcp", "c:1:20:", "one protocol a cut");
	refused("cut lvs1 lvs2 tpc", "c:1:15:", "did you mean 'tcp'");
	refused("delay lvs1 5ms vrpp", "c:1:16:", "did you mean 'vrrp'");
	refused("delay lvs1 5ms inn", "c:1:16:", "did you mean 'in'");
	refused("rate lvs1 1mbit out tcp 0", "c:1:25:", "1-65535");
	refused("jitter lan 1ms in vrrp", "c:1:16:", "whole link");
	refused("cpu lvs1", "c:1:9:", "expected a share");
	refused("cpu lvs1 10", "c:1:10:", "like '10%'");
	refused("cpu lvs1 0%", "c:1:10:", "1% to 100%");
	refused("cpu lvs1 150%", "c:1:10:", "1% to 100%");
	refused("cpu 10% lvs1", "c:1:5:", "no node '10%'");
	refused("cpu lvs1 10% now", "c:1:14:", "expected: cpu NODE SHARE");
	refused("exec lvs1 ip", "c:1:11:", "expected: exec");
	refused("exec lvs1 --", "c:1:", "expected: exec");
}

/* --- applying --- */

struct faultfix {
	struct sitefix s;
	struct fault_env env;
	struct fault_result res;
	int ndone, nstarted;
	const char *program; /* what start() runs as "engine" */
};

static struct faultfix *fix; /* sitefix_wait() knows only its own struct */

static int start_cb(const char *node, const char *what, void *arg)
{
	struct faultfix *f = arg;
	char *web[] = { (char *)sitefix_program("halbweb"), (char *)"-p", (char *)"80",
			(char *)"-b", (char *)"hello", NULL };
	char *engine[] = { (char *)"sh", (char *)"-c", (char *)f->program, NULL };
	pid_t pid;

	pid = site_spawn(site_node(f->s.site, node), what,
			 !strcmp(what, "web") ? web : engine);
	f->nstarted++;
	return pid < 0 ? (int)pid : 0;
}

static void done_cb(const struct fault_result *res, void *arg)
{
	struct faultfix *f = arg;

	f->res = *res;
	f->ndone++;
}

static bool is_done(struct sitefix *s)
{
	(void)s;
	return fix->ndone > 0;
}

static void fix_build_with(struct faultfix *f, const char *conf)
{
	memset(f, 0, sizeof(*f));
	sitefix_build(&f->s, conf);
	f->env.site = f->s.site;
	f->env.start = start_cb;
	f->env.arg = f;
	f->program = "trap 'exit 7' TERM; trap : HUP; sleep 1000 & while :; do wait; done";
	fix = f;
}

static void fix_build(struct faultfix *f)
{
	fix_build_with(f, sitefix_conf);
}

static void fix_free(struct faultfix *f)
{
	fault_env_finish(&f->env);
	sitefix_free(&f->s);
}

/* Applies a fault and waits for its result. */
static bool apply(struct faultfix *f, const char *statement)
{
	char text[128], *argv[16], *save = NULL;
	size_t argc = 0;

	snprintf(text, sizeof(text), "%s", statement);
	for (argv[0] = strtok_r(text, " ", &save); argv[argc];)
		argv[++argc] = strtok_r(NULL, " ", &save);
	f->ndone = 0;
	assert_int_equal(fault_apply(&f->env, argv, argc, done_cb, f), 0);
	sitefix_wait(&f->s, is_done, statement);
	assert_int_equal(f->ndone, 1);
	assert_null(f->env.jobs);
	return f->res.effective;
}

static void works(struct faultfix *f, const char *statement, const char *proof)
{
	if (!apply(f, statement) || !strstr(f->res.proof, proof))
		fail_msg("'%s': wanted '%s', got %s: %s", statement, proof,
			 f->res.effective ? "effect" : "no effect", f->res.proof);
	assert_true(f->res.at_ns <= clock_now());
}

static void vain(struct faultfix *f, const char *statement, const char *proof)
{
	if (apply(f, statement) || !strstr(f->res.proof, proof))
		fail_msg("'%s': wanted '%s', got %s: %s", statement, proof,
			 f->res.effective ? "effect" : "no effect", f->res.proof);
}

static bool engine_is_whole(struct sitefix *s)
{
	return site_node_signal_all(s->lvs1, "engine", 0) == 2;
}

static void fault__crash_and_boot(void **state)
{
	struct faultfix f;

	(void)state;
	if (!sitefix_possible())
		skip();
	fix_build(&f);
	vain(&f, "boot lvs1", "up already");
	works(&f, "start lvs1", "engine started");
	works(&f, "crash lvs1", "1 link cut");
	vain(&f, "crash lvs1", "no power");
	vain(&f, "stop lvs1", "no power");
	vain(&f, "start lvs1", "no power");
	vain(&f, "link_down lvs1", "no power");
	works(&f, "boot lvs1", "1 links up, engine started");
	assert_int_equal(f.nstarted, 2);
	assert_true(site_pid(f.s.lvs1, "engine") > 0);
	works(&f, "crash client", "0 processes gone");
	works(&f, "boot client", "1 links up");
	assert_int_equal(f.nstarted, 2);
	fix_free(&f);
}

static void fault__processes(void **state)
{
	struct faultfix f;

	(void)state;
	if (!sitefix_possible())
		skip();
	fix_build(&f);
	vain(&f, "stop lvs1", "does not run");
	vain(&f, "kill lvs1", "does not run");
	vain(&f, "pause lvs1", "nothing runs");
	works(&f, "start lvs1", "engine started");
	vain(&f, "start lvs1", "already");
	sitefix_wait(&f.s, engine_is_whole, "the engine's child");
	vain(&f, "resume lvs1", "no process on lvs1 was paused");
	works(&f, "pause lvs1 engine", "2 processes stopped");
	works(&f, "resume lvs1 engine", "2 processes run again");
	works(&f, "pause lvs1", "2 processes stopped");
	works(&f, "resume lvs1", "2 processes run again");
	works(&f, "reload lvs1", "took SIGHUP");
	works(&f, "kill lvs1", "2 processes gone");
	works(&f, "start lvs1", "engine started");
	sitefix_wait(&f.s, engine_is_whole, "the engine's child");
	works(&f, "stop lvs1", "status 7");
	fix_free(&f);
}

static void fault__a_program_that_does_not_listen(void **state)
{
	struct faultfix f;

	(void)state;
	if (!sitefix_possible())
		skip();
	fix_build(&f);
	f.program = "sleep 1000 & wait"; /* HUP ends it */
	works(&f, "start lvs1", "engine started");
	sitefix_wait(&f.s, engine_is_whole, "the engine's child");
	vain(&f, "reload lvs1", "ended instead");
	fix_free(&f);
}

static void fault__links(void **state)
{
	static const char *const sides[] = { "node", "switch", "cable" };
	char text[64];
	struct faultfix f;
	size_t i;

	(void)state;
	if (!sitefix_possible())
		skip();
	fix_build(&f);
	vain(&f, "link_up lvs1", "up already");
	for (i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "link_down lvs1:enp0s3 %s", sides[i]);
		works(&f, text, "is down");
		vain(&f, text, "is down already");
		snprintf(text, sizeof(text), "link_up lvs1:enp0s3 %s", sides[i]);
		works(&f, text, "is up");
	}
	fix_free(&f);
}

struct http {
	char reply[1024];
	int port_error;
	int64_t took_ns;
};

/* One request of the client's; what came within `wait`. */
static int request(void *arg)
{
	const struct timeval wait = { .tv_usec = 300000 };
	static const char text[] = "GET / HTTP/1.0\r\n\r\n";
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(80) };
	struct http *h = arg;
	int64_t start = clock_now();
	ssize_t n;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, "192.168.31.113", &a.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	h->reply[0] = '\0';
	h->port_error = connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ? errno : 0;
	if (!h->port_error && send(fd, text, sizeof(text) - 1, MSG_NOSIGNAL) > 0) {
		n = recv(fd, h->reply, sizeof(h->reply) - 1, MSG_WAITALL);
		h->reply[n < 0 ? 0 : n] = '\0';
	}
	h->took_ns = clock_now() - start;
	close(fd);
	return 0;
}

static struct http ask(struct faultfix *f)
{
	struct http h;

	assert_int_equal(site_in_netns(f->s.site, f->s.client, request, &h), 0);
	return h;
}

static void fault__backends(void **state)
{
	struct faultfix f;
	struct http h;

	(void)state;
	if (!sitefix_possible())
		skip();
	fix_build(&f);
	vain(&f, "backend hang web1", "dead");
	works(&f, "backend heal web1", "connections are taken");
	assert_non_null(strstr(ask(&f).reply, "\r\n\r\nhello\n"));
	vain(&f, "backend heal web1", "fine already");
	works(&f, "backend hang web1", "ok hang");
	h = ask(&f);
	assert_int_equal(h.port_error, 0);
	assert_string_equal(h.reply, "");
	works(&f, "backend slow 50ms web1", "ok slow 50");
	h = ask(&f);
	assert_true(h.took_ns >= 50 * NS_PER_MS);
	assert_non_null(strstr(h.reply, "hello"));
	works(&f, "backend error 503 web1", "ok error 503");
	assert_non_null(strstr(ask(&f).reply, "HTTP/1.1 503 "));
	works(&f, "backend heal web1", "ok heal");
	assert_non_null(strstr(ask(&f).reply, "hello"));
	works(&f, "backend dead web1", "refused");
	assert_int_equal(ask(&f).port_error, ECONNREFUSED);
	vain(&f, "backend dead web1", "dead already");
	works(&f, "backend heal web1", "taken");
	assert_non_null(strstr(ask(&f).reply, "hello"));
	works(&f, "stop web1 web", "status 0");
	works(&f, "start web1 web", "web started");
	fix_free(&f);
}

/* --- what gets through --- */

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

static void fault__exec(void **state)
{
	struct faultfix f;

	(void)state;
	if (!sitefix_possible())
		skip();
	fix_build(&f);
	works(&f, "exec lvs1 -- sh -c exit", "status 0");
	vain(&f, "exec lvs1 -- ip nonsense", "status ");
	vain(&f, "exec lvs1 -- /nonexistent", "No such file");
	works(&f, "exec lvs1 -- ip link set enp0s3 down", "status 0");
	works(&f, "link_up lvs1", "is up");
	fix_free(&f);
}

/* A run may end while a result is still awaited. */
static void fault__the_end_comes_first(void **state)
{
	char *argv[] = { (char *)"stop", (char *)"lvs1", NULL };
	struct faultfix f;

	(void)state;
	if (!sitefix_possible())
		skip();
	fix_build(&f);
	f.program = "trap '' TERM; sleep 1000 & while :; do wait; done";
	works(&f, "start lvs1", "engine started");
	sitefix_wait(&f.s, engine_is_whole, "the engine's child");
	f.ndone = 0;
	assert_int_equal(fault_apply(&f.env, argv, 2, done_cb, &f), 0);
	assert_int_equal(f.ndone, 0);
	fault_env_finish(&f.env);
	assert_int_equal(f.ndone, 1);
	assert_false(f.res.effective);
	sitefix_free(&f.s);
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
		cmocka_unit_test(fault_check__accepts),
		cmocka_unit_test(fault_check__names_the_place),
		cmocka_unit_test(fault__crash_and_boot),
		cmocka_unit_test(fault__processes),
		cmocka_unit_test(fault__a_program_that_does_not_listen),
		cmocka_unit_test(fault__links),
		cmocka_unit_test(fault__backends),
		cmocka_unit_test(fault__cuts),
		cmocka_unit_test(fault__drops),
		cmocka_unit_test(fault__loses_a_share_of_a_protocol),
		cmocka_unit_test(fault__arp_freeze),
		cmocka_unit_test(fault__impairs),
		cmocka_unit_test(fault__impairs_a_protocol),
		cmocka_unit_test(fault__exec),
		cmocka_unit_test(fault__the_end_comes_first),
	};

	stay_here();
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
