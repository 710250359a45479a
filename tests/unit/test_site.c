/* Sites: what is built is what was asked for, and nothing of it is left. */
#include "sitefix.h"

#include <ifaddrs.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/stat.h>

#include "sysctl.h"

static bool one_ended(struct sitefix *f)
{
	return f->nended > 0;
}

/* Runs a shell command in a node; its exit status. The output is in the log. */
static int sh(struct sitefix *f, struct site_node *n, const char *command)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)command, NULL };

	f->nended = 0;
	assert_true(site_spawn(n, "sh", argv) > 0);
	sitefix_wait(f, one_ended, command);
	return f->status;
}

/* --- what is looked at inside a node --- */

struct look {
	char text[1024];
};

static int list_addresses(void *arg)
{
	struct look *l = arg;
	struct ifaddrs *list, *i;
	char ip[64];

	l->text[0] = '\0';
	assert_int_equal(getifaddrs(&list), 0);
	for (i = list; i; i = i->ifa_next) {
		const struct sockaddr_in *a = (const void *)i->ifa_addr;
		const struct sockaddr_in6 *b = (const void *)i->ifa_addr;

		if (!a || (a->sin_family != AF_INET && a->sin_family != AF_INET6))
			continue;
		if (a->sin_family == AF_INET)
			inet_ntop(AF_INET, &a->sin_addr, ip, sizeof(ip));
		else
			inet_ntop(AF_INET6, &b->sin6_addr, ip, sizeof(ip));
		snprintf(l->text + strlen(l->text), sizeof(l->text) - strlen(l->text),
			 "%s=%s ", i->ifa_name, ip);
	}
	freeifaddrs(list);
	return 0;
}

static int list_interfaces(void *arg)
{
	struct if_nameindex *list = if_nameindex(), *i;
	struct look *l = arg;

	l->text[0] = '\0';
	assert_non_null(list);
	for (i = list; i->if_name; i++)
		snprintf(l->text + strlen(l->text), sizeof(l->text) - strlen(l->text),
			 "%s ", i->if_name);
	if_freenameindex(list);
	return 0;
}

static int read_forward(void *arg)
{
	return sysctl_get("net.ipv4.ip_forward", arg, 16);
}

/* --- sockets in nodes --- */

struct tcp {
	const char *ip;
	int port, fd, error;
};

static int tcp_listen(void *arg)
{
	struct tcp *t = arg;
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)t->port) };

	t->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(t->fd >= 0);
	assert_int_equal(bind(t->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(t->fd, 8), 0);
	return 0;
}

static int tcp_connect(void *arg)
{
	const struct timeval patience = { .tv_sec = 10 };
	struct sockaddr_in a = { .sin_family = AF_INET };
	struct tcp *t = arg;

	a.sin_port = htons((uint16_t)t->port);
	inet_pton(AF_INET, t->ip, &a.sin_addr);
	t->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(t->fd >= 0);
	setsockopt(t->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(t->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	t->error = connect(t->fd, (struct sockaddr *)&a, sizeof(a)) < 0 ? errno : 0;
	return 0;
}

/* Whether `from` gets a TCP connection to a server in web1. */
static bool reaches(struct sitefix *f, struct site_node *from)
{
	struct tcp s = { .port = 7 }, c = { .ip = "192.168.31.113", .port = 7 };
	bool ok;

	assert_int_equal(site_in_netns(f->site, f->web1, tcp_listen, &s), 0);
	assert_int_equal(site_in_netns(f->site, from, tcp_connect, &c), 0);
	ok = c.error == 0;
	close(c.fd);
	close(s.fd);
	return ok;
}

/* Everything on the wire of the switch. */
static int open_watch(void *arg)
{
	struct sockaddr_ll a = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int *fd = arg;

	*fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
	assert_true(*fd >= 0);
	a.sll_ifindex = (int)if_nametoindex("lan");
	assert_true(a.sll_ifindex > 0);
	assert_int_equal(bind(*fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return 0;
}

/* Reads all there is; how many frames came from this MAC. */
static int frames_from(int fd, const uint8_t *mac)
{
	uint8_t frame[2048];
	int n = 0;

	while (recv(fd, frame, sizeof(frame), 0) >= ETH_HLEN)
		n += !memcmp(frame + ETH_ALEN, mac, ETH_ALEN);
	return n;
}

/* --- tests --- */

static void site__is_as_asked(void **state)
{
	struct look before, l;
	struct sitefix f;
	char value[16];

	if (!sitefix_possible())
		skip();
	(void)state;
	list_interfaces(&before);
	sitefix_build(&f, sitefix_conf);
	site_in_netns(f.site, f.web1, list_addresses, &l);
	assert_string_equal(l.text, "lo=127.0.0.1 lo:0=192.168.31.200 enp0s3=192.168.31.113 "
				    "lo=::1 enp0s3=fd00::113 enp0s3=fe80::ff:fe00:201 ");
	site_in_netns(f.site, f.lvs1, list_addresses, &l); /* no IPv6 asked for */
	assert_string_equal(l.text, "lo=127.0.0.1 enp0s3=192.168.31.54 ");
	assert_int_equal(site_in_netns(f.site, f.lvs1, read_forward, value), 0);
	assert_string_equal(value, "1");
	assert_int_equal(site_in_netns(f.site, f.client, read_forward, value), 0);
	assert_string_equal(value, "0");
	site_in_netns(f.site, NULL, list_interfaces, &l);
	assert_string_equal(l.text, "lo lan lvs1.enp0s3 web1.enp0s3 client.enp0s3 ");
	assert_int_equal(sh(&f, f.web1, "ip route show default"), 0);
	assert_non_null(strstr(sitefix_log(&f, "web1"), "default via 192.168.31.54 "));
	list_interfaces(&l); /* the host's own */
	assert_string_equal(l.text, before.text);
	assert_true(reaches(&f, f.client));
	assert_true(reaches(&f, f.lvs1));
	sitefix_free(&f);
}

static void site__nodes_are_apart(void **state)
{
	char want[64];
	const char *log;
	struct sitefix f;

	(void)state;
	if (!sitefix_possible())
		skip();
	sitefix_build(&f, sitefix_conf);
	assert_int_equal(sh(&f, f.web1, "uname -n; echo $HALBSIM_RUN.$HALBSIM_NODE; "
					"ls /sys/class/net; echo x > /run/here; "
					"echo x > /tmp/here; ps ax | wc -l; echo $HOME."),
			 0);
	log = sitefix_log(&f, "web1");
	assert_non_null(strstr(log, "== sh: sh -c uname"));
	snprintf(want, sizeof(want), "\nweb1\n%s.web1\nenp0s3\nlo\n", f.run);
	assert_non_null(strstr(log, want));
	assert_non_null(strstr(log, "\n.\n"));
	assert_int_equal(sh(&f, f.lvs1, "test ! -e /run/here && test ! -e /tmp/here"), 0);
	assert_int_not_equal(access("/run/here", F_OK), 0);
	sitefix_free(&f);
}

static void site__reports_ends(void **state)
{
	char *nothing[] = { (char *)"/nonexistent/program", NULL };
	char *sleeps[] = { (char *)"sleep", (char *)"1000", NULL };
	struct sitefix f;

	(void)state;
	if (!sitefix_possible())
		skip();
	sitefix_build(&f, sitefix_conf);
	assert_int_equal(sh(&f, f.web1, "exit 3"), 3);
	assert_string_equal(f.ended, "web1 sh");
	assert_int_equal(site_spawn(f.web1, "x", nothing), -ENOENT);
	assert_int_equal(site_pid(f.web1, "x"), -ESRCH);
	assert_true(site_spawn(f.web1, "sleep", sleeps) > 0);
	assert_true(site_pid(f.web1, "sleep") > 0);
	f.nended = 0;
	assert_int_equal(site_node_signal(f.web1, "sleep", SIGTERM), 0);
	sitefix_wait(&f, one_ended, "sleep to end");
	assert_int_equal(f.status, -SIGTERM);
	assert_int_equal(site_node_signal(f.web1, "sleep", SIGTERM), -ESRCH);
	sitefix_free(&f);
}

static bool none_running(struct sitefix *f)
{
	return site_node_signal_all(f->web1, NULL, 0) == -ESRCH;
}

static void site__signals_the_whole_family(void **state)
{
	char *family[] = { (char *)"sh", (char *)"-c",
			   (char *)"sleep 1000 & sleep 1000 & wait", NULL };
	char *other[] = { (char *)"sleep", (char *)"1000", NULL };
	struct sitefix f;

	(void)state;
	if (!sitefix_possible())
		skip();
	sitefix_build(&f, sitefix_conf);
	assert_true(site_spawn(f.web1, "engine", family) > 0);
	assert_true(site_spawn(f.web1, "other", other) > 0);
	while (site_node_signal_all(f.web1, "engine", 0) < 3)
		; /* the shell is still forking */
	assert_int_equal(site_node_signal_all(f.web1, NULL, 0), 4);
	assert_int_equal(site_node_signal_all(f.web1, "engine", SIGKILL), 3);
	sitefix_wait(&f, one_ended, "the family to end");
	assert_string_equal(f.ended, "web1 engine");
	assert_true(site_pid(f.web1, "other") > 0);
	assert_true(site_node_signal_all(f.web1, NULL, SIGKILL) > 0);
	sitefix_wait(&f, none_running, "all to end");
	sitefix_free(&f);
}

static void put_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void site__puts_files(void **state)
{
	char host[128];
	struct stat before, after;
	struct sitefix f;

	(void)state;
	if (!sitefix_possible())
		skip();
	sitefix_build(&f, sitefix_conf);
	snprintf(host, sizeof(host), "%s/put", f.dir);
	put_text(host, "first\n");
	assert_int_equal(stat("/etc/passwd", &before), 0);
	/* A folder that is not there, one that is, and a file that is. */
	assert_int_equal(site_node_put_file(f.web1, host, "/etc/halb-test/a/x.conf"), 0);
	assert_int_equal(site_node_put_file(f.web1, host, "/usr/share/halb-test.conf"), 0);
	assert_int_equal(site_node_put_file(f.web1, host, "/etc/passwd"), 0);
	assert_int_equal(site_node_put_file(f.web1, "/nonexistent", "/etc/x"), -ENOENT);
	assert_int_equal(site_node_put_file(f.web1, host, "relative"), -EINVAL);
	assert_int_equal(sh(&f, f.web1, "test \"$(cat /etc/halb-test/a/x.conf)\" = first && "
					"test \"$(cat /usr/share/halb-test.conf)\" = first && "
					"test \"$(cat /etc/passwd)\" = first && "
					"test -s /etc/group && ls /usr/share/doc >/dev/null"),
			 0);
	assert_int_equal(sh(&f, f.lvs1, "test ! -e /etc/halb-test && "
					"test \"$(cat /etc/passwd)\" != first"),
			 0);
	put_text(host, "second\n");
	assert_int_equal(site_node_put_file(f.web1, host, "/etc/halb-test/a/x.conf"), 0);
	assert_int_equal(sh(&f, f.web1, "test \"$(cat /etc/halb-test/a/x.conf)\" = second"),
			 0);
	assert_int_equal(site_node_crash(f.web1, NULL), 0);
	assert_int_equal(site_node_boot(f.web1), 0);
	assert_int_equal(sh(&f, f.web1, "test \"$(cat /etc/halb-test/a/x.conf)\" = second && "
					"test \"$(cat /etc/passwd)\" = second"),
			 0);
	assert_int_not_equal(access("/etc/halb-test", F_OK), 0);
	assert_int_equal(stat("/etc/passwd", &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(before.st_size, after.st_size);
	sitefix_free(&f);
}

static bool web1_gone(struct sitefix *f)
{
	return site_node_is_gone(f->web1);
}

static bool web1_listens(struct sitefix *f)
{
	struct tcp c = { .ip = "192.168.31.113", .port = 80 };

	site_in_netns(f->site, f->client, tcp_connect, &c);
	close(c.fd);
	return c.error == 0;
}

static void start_web(struct sitefix *f)
{
	char *argv[] = { (char *)sitefix_program("halbweb"), (char *)"-p", (char *)"80",
			 (char *)"-b", (char *)"This is Server 111", NULL };

	assert_true(site_spawn(f->web1, "web", argv) > 0);
	sitefix_wait(f, web1_listens, "halbweb to listen");
}

/* Without IPv6, whose kernel reports its groups whenever it likes. */
static const char quiet_conf[] =
	"topology quiet { link lan\n"
	" director lvs1 { interface enp0s3 lan 192.168.31.54/24 }\n"
	" server web1 { interface enp0s3 lan 192.168.31.113/24 }\n"
	" client client { interface enp0s3 lan 192.168.31.10/24 } }\n";

static void site__crash_says_nothing(void **state)
{
	struct tcp c = { .ip = "192.168.31.113", .port = 80 };
	const uint8_t *mac;
	struct sitefix f;
	int watch, n;
	char reply[512];

	(void)state;
	if (!sitefix_possible())
		skip();
	sitefix_build(&f, quiet_conf);
	mac = site_node_topo(f.web1)->ifs[0].mac;
	start_web(&f);
	/* An established connection: what a dying process would end with FIN or RST. */
	site_in_netns(f.site, f.client, tcp_connect, &c);
	assert_int_equal(c.error, 0);
	assert_true(send(c.fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27, 0) == 27);
	assert_true(recv(c.fd, reply, sizeof(reply), 0) > 0);
	assert_int_equal(site_in_netns(f.site, NULL, open_watch, &watch), 0);
	assert_int_equal(site_node_crash(f.web1, NULL), 0);
	sitefix_wait(&f, web1_gone, "web1 to be gone");
	n = frames_from(watch, mac);
	assert_int_equal(n, 0);
	assert_string_equal(f.ended, "web1 web");
	assert_string_equal(f.events, "-web1 ");
	assert_false(site_node_is_up(f.web1));
	assert_int_equal(site_in_netns(f.site, f.web1, list_interfaces, NULL), -ENETDOWN);
	/* The client has heard nothing: its connection stands, without an answer. */
	assert_true(recv(c.fd, reply, sizeof(reply), MSG_DONTWAIT) < 0);
	assert_int_equal(errno, EAGAIN);
	/* The watch does see what is sent: a clean end is heard. */
	assert_int_equal(site_node_boot(f.web1), 0);
	assert_string_equal(f.events, "-web1 +web1 ");
	assert_int_equal(site_node_boot(f.web1), -EALREADY);
	start_web(&f);
	assert_true(frames_from(watch, mac) > 0);
	assert_true(reaches(&f, f.client));
	close(watch);
	close(c.fd);
	sitefix_free(&f);
}

static void site__crash_and_boot_at_once(void **state)
{
	struct look l;
	struct sitefix f;
	int i;

	(void)state;
	if (!sitefix_possible())
		skip();
	sitefix_build(&f, sitefix_conf);
	for (i = 0; i < 5; i++) {
		start_web(&f);
		assert_int_equal(site_node_crash(f.web1, NULL), 0);
		assert_int_equal(site_node_crash(f.web1, NULL), -ENETDOWN);
		assert_int_equal(site_node_boot(f.web1), 0);
	}
	site_in_netns(f.site, f.web1, list_addresses, &l);
	assert_non_null(strstr(l.text, "enp0s3=192.168.31.113"));
	assert_true(reaches(&f, f.client));
	sitefix_free(&f);
}

struct carrier {
	bool up, running;
};

static int look_carrier(void *arg)
{
	struct carrier *c = arg;
	struct ifaddrs *list, *i;

	assert_int_equal(getifaddrs(&list), 0);
	for (i = list; i; i = i->ifa_next)
		if (!strcmp(i->ifa_name, "enp0s3")) {
			c->up = i->ifa_flags & IFF_UP;
			c->running = i->ifa_flags & IFF_RUNNING;
		}
	freeifaddrs(list);
	return 0;
}

static bool client_running(struct sitefix *f)
{
	struct carrier c;

	site_in_netns(f->site, f->client, look_carrier, &c);
	return c.running;
}

static bool client_not_running(struct sitefix *f)
{
	return !client_running(f);
}

static void site__breaks_links_on_each_side(void **state)
{
	struct sitefix f;
	struct carrier c;

	(void)state;
	if (!sitefix_possible())
		skip();
	sitefix_build(&f, sitefix_conf);
	sitefix_wait(&f, client_running, "carrier");
	/* The node's own interface. */
	assert_int_equal(site_link_set(f.client, NULL, LINK_NODE, false), 0);
	site_in_netns(f.site, f.client, look_carrier, &c);
	assert_false(c.up);
	assert_false(reaches(&f, f.client));
	assert_int_equal(site_link_set(f.client, "enp0s3", LINK_NODE, true), 0);
	sitefix_wait(&f, client_running, "carrier");
	assert_true(reaches(&f, f.client));
	/* The cable: still up, but no carrier. */
	assert_int_equal(site_link_set(f.client, "enp0s3", LINK_CABLE, false), 0);
	sitefix_wait(&f, client_not_running, "no carrier");
	site_in_netns(f.site, f.client, look_carrier, &c);
	assert_true(c.up);
	assert_int_equal(site_link_set(f.client, "enp0s3", LINK_CABLE, true), 0);
	sitefix_wait(&f, client_running, "carrier");
	assert_true(reaches(&f, f.client));
	/* The switch: the node notices nothing. */
	assert_int_equal(site_link_set(f.client, "enp0s3", LINK_SWITCH, false), 0);
	assert_true(client_running(&f));
	assert_int_equal(site_link_set(f.client, "enp0s3", LINK_SWITCH, true), 0);
	assert_true(reaches(&f, f.client));
	assert_int_equal(site_link_set(f.client, "eth9", LINK_NODE, true), -ENODEV);
	sitefix_free(&f);
}

/* What comes back with a link: routes, and addresses of IPv6. */
static void site__link_up_restores(void **state)
{
	struct look before, after;
	struct sitefix f;

	(void)state;
	if (!sitefix_possible())
		skip();
	sitefix_build(&f, sitefix_conf);
	site_in_netns(f.site, f.web1, list_addresses, &before);
	assert_int_equal(site_link_set(f.web1, NULL, LINK_NODE, false), 0);
	site_in_netns(f.site, f.web1, list_addresses, &after);
	assert_null(strstr(after.text, "fd00::113"));
	assert_int_equal(site_link_set(f.web1, NULL, LINK_NODE, true), 0);
	site_in_netns(f.site, f.web1, list_addresses, &after);
	assert_non_null(strstr(after.text, "fd00::113"));
	assert_int_equal(sh(&f, f.web1, "ip route show default | grep -q 192.168.31.54"), 0);
	sitefix_free(&f);
}

/* --- what is left --- */

static int open_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void site__leaks_no_descriptor(void **state)
{
	struct sitefix f;
	int before, i;

	(void)state;
	if (!sitefix_possible())
		skip();
	before = open_fds();
	for (i = 0; i < 3; i++) {
		sitefix_build(&f, sitefix_conf);
		start_web(&f);
		site_node_crash(f.web1, NULL);
		site_node_boot(f.web1);
		sitefix_free(&f);
	}
	assert_int_equal(open_fds(), before);
}

/* Processes that carry the mark in their environment. */
static int marked(const char *mark)
{
	DIR *d = opendir("/proc");
	char path[300], env[4096];
	struct dirent *e;
	ssize_t n;
	int fd, found = 0;

	while ((e = readdir(d))) {
		snprintf(path, sizeof(path), "/proc/%s/environ", e->d_name);
		fd = open(path, O_RDONLY);
		n = fd < 0 ? -1 : read(fd, env, sizeof(env));
		if (fd >= 0)
			close(fd);
		if (n > 0 && memmem(env, (size_t)n, mark, strlen(mark) + 1))
			found++;
	}
	closedir(d);
	return found;
}

static void site__dies_with_the_harness(void **state)
{
	struct sitefix f;
	int64_t end;
	int ready[2], found = 0;
	char byte, path[128], mark[64];
	pid_t pid;

	(void)state;
	if (!sitefix_possible())
		skip();
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		char *argv[] = { (char *)"sh", (char *)"-c",
				 (char *)"trap '' TERM; setsid sleep 1000 & sleep 1000",
				 NULL };

		sitefix_build(&f, sitefix_conf);
		site_spawn(f.web1, "sh", argv);
		while (site_node_signal_all(f.web1, NULL, 0) < 3)
			;
		if (write(ready[1], f.dir, sizeof(f.dir)) < 0)
			_exit(1);
		pause();
	}
	assert_int_equal(read(ready[0], f.dir, sizeof(f.dir)), sizeof(f.dir));
	snprintf(mark, sizeof(mark), "HALBSIM_RUN=test-site-%d", (int)pid);
	/* In the middle of its exec a process shows no environment. */
	for (end = clock_now() + 20 * NS_PER_S; clock_now() < end;) {
		found = marked(mark);
		if (found == 7)
			break;
		usleep(1000);
	}
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(found, 7); /* the closer, three inits, three processes */
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	/* Nothing else ends them: they are on their own now. */
	for (end = clock_now() + 20 * NS_PER_S; marked(mark) && clock_now() < end;)
		usleep(1000);
	assert_int_equal(marked(mark), 0);
	assert_int_equal(read(ready[0], &byte, 0), 0);
	close(ready[0]);
	close(ready[1]);
	snprintf(path, sizeof(path), "%s/topology.conf", f.dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/web1.log", f.dir);
	unlink(path);
	rmdir(f.dir);
}

static void site__says_what_is_wrong(void **state)
{
	char dir[] = "/var/tmp/halbsim-site.XXXXXX", path[128];
	struct site_opts o = { .run_id = "test-bad", .log_dir = dir };
	struct topology *t;
	int before;

	(void)state;
	if (!sitefix_possible())
		skip();
	assert_non_null(mkdtemp(dir));
	t = sitefix_topology(dir, "topology t { link lan\n node a { interface e0 lan 10.0.0.1/24\n"
				  " sysctl net.ipv4.no_such_key 1 } }\n");
	before = open_fds();
	o.topo = t;
	o.loop = loop_new();
	assert_null(site_build(&o));
	loop_free(o.loop);
	topology_free(t);
	assert_int_equal(open_fds(), before);
	/* A gateway that no interface reaches. */
	t = sitefix_topology(dir, "topology t { link lan\n node a { interface e0 lan 10.0.0.1/24\n"
				  " route default via 10.1.1.1 } }\n");
	o.topo = t;
	o.loop = loop_new();
	assert_null(site_build(&o));
	loop_free(o.loop);
	topology_free(t);
	assert_int_equal(open_fds(), before);
	snprintf(path, sizeof(path), "%s/topology.conf", dir);
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(site__is_as_asked),
		cmocka_unit_test(site__nodes_are_apart),
		cmocka_unit_test(site__reports_ends),
		cmocka_unit_test(site__signals_the_whole_family),
		cmocka_unit_test(site__puts_files),
		cmocka_unit_test(site__crash_says_nothing),
		cmocka_unit_test(site__crash_and_boot_at_once),
		cmocka_unit_test(site__breaks_links_on_each_side),
		cmocka_unit_test(site__link_up_restores),
		cmocka_unit_test(site__leaks_no_descriptor),
		cmocka_unit_test(site__dies_with_the_harness),
		cmocka_unit_test(site__says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
