/*
 * Checkers when the machine that checks runs out of something: memory, descriptors,
 * watches, processes. Whatever it is, it is no verdict about the server: the attempt
 * is made again, and the first thing that is reported is that the server is up.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "check_bench.h"
#include "http_regex.h"
#include "inject.h"
#include "log.h"
#include "scriptfix.h"

/* --- servers: each in a process of its own, where nothing fails --- */

struct server {
	pid_t pid;
	int port;
};

static void start_server(struct server *s, int type, void (*serve)(int listener))
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, type, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 64), 0);
	s->port = ntohs(sin.sin_port);
	s->pid = fork();
	if (s->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			serve(fd);
	}
	assert_true(s->pid > 0);
	close(fd);
}

static void stop_server(struct server *s)
{
	assert_int_equal(kill(s->pid, SIGKILL), 0);
	assert_int_equal(waitpid(s->pid, NULL, 0), s->pid);
}

static void say(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		return; /* the other side has ended its attempt */
}

static void serve_http(int listener)
{
	char buf[1024];
	size_t n = 0;
	ssize_t r;
	int fd = accept(listener, NULL, NULL);

	while (n < sizeof(buf) - 1 && (r = recv(fd, buf + n, sizeof(buf) - 1 - n, 0)) > 0) {
		n += (size_t)r;
		buf[n] = '\0';
		if (strstr(buf, "\r\n\r\n")) {
			say(fd, "HTTP/1.0 200 OK\r\n\r\nThis is Server 111\n");
			break;
		}
	}
	close(fd);
}

static void serve_smtp(int listener)
{
	int fd = accept(listener, NULL, NULL);
	char buf[512];

	say(fd, "220 mail\r\n");
	if (recv(fd, buf, sizeof(buf), 0) > 0) {
		say(fd, "250 pleased\r\n");
		if (recv(fd, buf, sizeof(buf), 0) > 0)
			say(fd, "221 bye\r\n");
	}
	close(fd);
}

/* What came goes back, as a DNS reply if it was a query. */
static void serve_datagram(int fd)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	char buf[512];
	ssize_t n = recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &len);

	if (n > 3)
		buf[2] |= (char)0x80;
	if (n > 0)
		sendto(fd, buf, (size_t)n, 0, (struct sockaddr *)&from, len);
}

static void serve_tls(int listener)
{
	static SSL_CTX *ctx;
	char buf[1024];
	SSL *ssl;
	int fd;

	if (!ctx) {
		EVP_PKEY *key = EVP_EC_gen("P-256");
		X509 *cert = X509_new();

		ctx = SSL_CTX_new(TLS_server_method());
		X509_gmtime_adj(X509_getm_notBefore(cert), 0);
		X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
		X509_set_pubkey(cert, key);
		X509_sign(cert, key, EVP_sha256());
		SSL_CTX_use_certificate(ctx, cert);
		SSL_CTX_use_PrivateKey(ctx, key);
		signal(SIGPIPE, SIG_IGN);
	}
	fd = accept(listener, NULL, NULL);
	ssl = SSL_new(ctx);
	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1 && SSL_read(ssl, buf, sizeof(buf)) > 0) {
		SSL_write(ssl, "HTTP/1.0 200 OK\r\n\r\npage\n", 24);
		SSL_shutdown(ssl);
	}
	SSL_free(ssl);
	close(fd);
}

/* --- one round --- */

static struct checker_conf *(*describe)(struct attempts *a, struct server *s);

static int checks(void *arg)
{
	struct attempts *a = calloc(1, sizeof(*a));
	struct checker_conf *c;
	struct checks_opts o;
	int r = -ENOMEM;

	if (!a)
		return r;
	a->stop_after = 1;
	fix_init(&a->f);
	c = describe(a, arg);
	c->delay_loop_ns = c->delay_before_retry_ns = NS_PER_MS;
	c->connect_timeout_ns = 60 * NS_PER_S;
	c->retry = 0;
	o = (struct checks_opts){ .conf = &a->f.c, .state = a->state, .report = on_report,
				  .arg = a, .now = shifted_now, .random = no_random,
				  .scripts = c->type == CHECK_MISC };
	check_state_init(&a->state[0], c);
	o.loop = a->loop = loop_new();
	if (a->loop)
		r = o.scripts ? scripts_watch(a->loop) : 0;
	if (!r) {
		shift_ns = NS_PER_S; /* the first attempt is due now */
		a->set = checks_new(&o);
		shift_ns = 0;
		r = a->set ? 0 : -errno;
	}
	if (!r) {
		assert_int_equal(loop_run(a->loop), 0);
		if (a->last.result != CHECK_OK || !a->last.up)
			fail_msg("after %s: %s", inject_what(),
				 check_result_text((enum check_result)a->last.result));
		assert_true(a->state[0].is_up);
	}
	checks_free(a->set);
	loop_free(a->loop);
	free(a);
	http_regex_reset();
	return r;
}

static void try_all(struct checker_conf *(*d)(struct attempts *, struct server *), int type,
		    void (*serve)(int), int at_least)
{
	struct server s;
	int before = inject_open_fds(), survived = 0, n;

	describe = d;
	start_server(&s, type, serve);
	n = inject_each(checks, &s, 200, &survived);
	stop_server(&s);
	assert_int_equal(inject_open_fds(), before);
	if (n < at_least || survived < 4)
		fail_msg("%d chances, %d survived", n, survived);
}

static struct checker_conf *tcp(struct attempts *a, struct server *s)
{
	struct checker_conf *c = one_checker(a, CHECK_TCP, s->port);

	c->fwmark = geteuid() ? 0 : 7;
	c->bindto = fix_addr("127.0.0.1");
	return c;
}

static void check_errors__tcp(void **state)
{
	(void)state;
	try_all(tcp, SOCK_STREAM, serve_http, 12);
}

static struct http_url_conf url;

static struct checker_conf *page(struct attempts *a, struct server *s,
				 enum checker_type type)
{
	struct checker_conf *c = one_checker(a, type, s->port);
	static char path[] = "/";

	url.path = path;
	c->url = &url;
	c->nurl = 1;
	return c;
}

static struct checker_conf *http(struct attempts *a, struct server *s)
{
	/* printf 'This is Server 111\n' | md5sum */
	static const uint8_t md5[16] = { 0x85, 0xb4, 0x33, 0x12, 0xbb, 0xbc, 0x77, 0xb0,
					 0x9f, 0x2c, 0xa9, 0x08, 0xe6, 0x8f, 0x20, 0x12 };
	static char pattern[] = "Server 1+$";

	url.has_digest = true;
	memcpy(url.digest, md5, sizeof(md5));
	url.regex = pattern;
	return page(a, s, CHECK_HTTP);
}

static void check_errors__http(void **state)
{
	(void)state;
	try_all(http, SOCK_STREAM, serve_http, 18);
	memset(&url, 0, sizeof(url));
}

static struct checker_conf *tls(struct attempts *a, struct server *s)
{
	return page(a, s, CHECK_SSL);
}

static void check_errors__ssl(void **state)
{
	(void)state;
	try_all(tls, SOCK_STREAM, serve_tls, 14);
}

static struct checker_conf *smtp(struct attempts *a, struct server *s)
{
	return one_checker(a, CHECK_SMTP, s->port);
}

static void check_errors__smtp(void **state)
{
	(void)state;
	try_all(smtp, SOCK_STREAM, serve_smtp, 14);
}

static struct checker_conf *udp(struct attempts *a, struct server *s)
{
	static struct udp_check_conf u = { .require_reply = true, .max_reply_len = 255 };
	struct checker_conf *c = one_checker(a, CHECK_UDP, s->port);

	c->udp = &u;
	return c;
}

static void check_errors__udp(void **state)
{
	(void)state;
	try_all(udp, SOCK_DGRAM, serve_datagram, 12);
}

static struct checker_conf *dns(struct attempts *a, struct server *s)
{
	return one_checker(a, CHECK_DNS, s->port);
}

static void check_errors__dns(void **state)
{
	(void)state;
	try_all(dns, SOCK_DGRAM, serve_datagram, 12);
}

static struct checker_conf *ping(struct attempts *a, struct server *s)
{
	(void)s;
	return one_checker(a, CHECK_PING, 0);
}

static int lo_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), r = ioctl(fd, SIOCSIFFLAGS, &ifr);

	close(fd);
	return r;
}

/*
 * A namespace in which anybody may ping, whatever the host's net.ipv4.ping_group_range:
 * a check that may not open its socket has no verdict, and would be waited for for ever.
 */
static void let_ping(void)
{
	static const char all[] = "0 2147483647";
	int fd;

	if (unshare(CLONE_NEWNET) < 0)
		return;
	assert_int_equal(lo_up(), 0);
	fd = open("/proc/sys/net/ipv4/ping_group_range", O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, all, sizeof(all) - 1), sizeof(all) - 1);
	close(fd);
}

static void check_errors__ping(void **state)
{
	int fd;

	(void)state;
	let_ping();
	fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
	if (fd < 0) {
		print_message("skipped: neither root nor in net.ipv4.ping_group_range\n");
		skip();
	}
	close(fd);
	try_all(ping, SOCK_DGRAM, serve_datagram, 10);
}

static struct checker_conf *misc(struct attempts *a, struct server *s)
{
	static char path[] = "/bin/true", *argv[] = { path, NULL };
	static struct conf_script script;
	struct checker_conf *c = one_checker(a, CHECK_MISC, 80);

	(void)s;
	script = (struct conf_script){ .argv = argv, .uid = getuid(), .gid = getgid(),
				       .timeout_ns = 60 * NS_PER_S };
	c->misc = &script;
	return c;
}

static void check_errors__misc(void **state)
{
	(void)state;
	try_all(misc, SOCK_DGRAM, serve_datagram, 10);
}

/* A network that is not there yet leaves no socket without a peer behind. */
static void check_ping__unreachable_at_first(void **state)
{
	struct attempts *a = *state;
	struct checker_conf *c;

	if (unshare(CLONE_NEWNET) < 0) {
		print_message("skipped: needs root, for a namespace\n");
		skip();
	}
	c = one_checker(a, CHECK_PING, 0);
	c->delay_loop_ns = c->delay_before_retry_ns = NS_PER_MS;
	assert_int_equal(run(a), CHECK_UNREACHABLE);
	assert_false(a->last.up);
	assert_int_equal(lo_up(), 0);
	assert_int_equal(run(a), CHECK_OK);
	assert_true(a->last.up);
}

static int quiet(void **state)
{
	(void)state;
	log_init(NULL, LOG_LVL_ERR, 0);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_errors__tcp),
		cmocka_unit_test(check_errors__http),
		cmocka_unit_test(check_errors__ssl),
		cmocka_unit_test(check_errors__smtp),
		cmocka_unit_test(check_errors__udp),
		cmocka_unit_test(check_errors__dns),
		cmocka_unit_test(check_errors__ping),
		cmocka_unit_test(check_errors__misc),
		cmocka_unit_test_setup_teardown(check_ping__unreachable_at_first, setup, teardown),
	};

	return cmocka_run_group_tests(tests, quiet, NULL);
}
