/* Faults: what is taken, and what is refused before a run. */
#include "sitefix.h"

#include "fault.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fault_check__accepts),
		cmocka_unit_test(fault_check__names_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
