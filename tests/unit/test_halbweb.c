/* The backend program, over loopback with plain sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

struct fix {
	pid_t pid;
	int port, udp;
	char control[64];
};

/* A port that is free at this moment. */
static int free_port(int type)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, type, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	close(fd);
	return ntohs(a.sin_port);
}

static void program(const char *name, char path[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 16);
	char *slash;

	assert_true(n > 0);
	path[n] = '\0';
	for (int i = 0; i < 2; i++) {
		slash = strrchr(path, '/');
		assert_non_null(slash);
		*slash = '\0';
	}
	strcat(path, name);
}

static int dial(const struct fix *f)
{
	const struct timeval patience = { .tv_sec = 10 };
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_port = htons((uint16_t)f->port);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	close(fd);
	return -errno;
}

static int begin(void **state, const char *name, const char *tls)
{
	struct fix *f = calloc(1, sizeof(*f));
	char path[PATH_MAX], port[8], udp[8];
	int fd, tries;

	assert_non_null(f);
	f->port = free_port(SOCK_STREAM);
	f->udp = free_port(SOCK_DGRAM);
	snprintf(port, sizeof(port), "%d", f->port);
	snprintf(udp, sizeof(udp), "%d", f->udp);
	snprintf(f->control, sizeof(f->control), "/tmp/halbweb-test.%d", (int)getpid());
	program(name, path);
	f->pid = fork();
	if (f->pid == 0) {
		execl(path, "halbweb", "-p", port, "-b", "This is Server 111", "-P",
		      "/health=204", "-P", "/ready", "-u", udp, "-C", f->control, tls,
		      NULL);
		_exit(127);
	}
	for (tries = 0; (fd = dial(f)) < 0; tries++) { /* until it listens */
		assert_true(tries < 10000);
		usleep(1000);
	}
	close(fd);
	*state = f;
	return 0;
}

static int setup(void **state)
{
	return begin(state, "/halbweb", NULL);
}

static int setup_tls(void **state)
{
	return begin(state, "/halbweb-tls", "-s");
}

/* Ends it and returns its status; tests that ended it already have pid 0. */
static int end(struct fix *f, int signo)
{
	int status;

	assert_int_equal(kill(f->pid, signo), 0);
	assert_int_equal(waitpid(f->pid, &status, 0), f->pid);
	f->pid = 0;
	return status;
}

static int teardown(void **state)
{
	struct fix *f = *state;
	int status = f->pid ? end(f, SIGTERM) : 0;

	unlink(f->control);
	free(f);
	return status; /* a sanitizer's complaint shows here */
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Reads until the other side closes; in a static buffer. */
static const char *hear_all(int fd)
{
	static char buf[65536];
	size_t len = 0;
	ssize_t n;

	while ((n = recv(fd, buf + len, sizeof(buf) - 1 - len, 0)) > 0)
		len += (size_t)n;
	assert_int_equal(n, 0);
	buf[len] = '\0';
	return buf;
}

static const char *ask(struct fix *f, const char *request)
{
	const char *reply;
	int fd = dial(f);

	assert_true(fd >= 0);
	say(fd, request);
	reply = hear_all(fd);
	close(fd);
	return reply;
}

static int count(const char *text, const char *part)
{
	int n = 0;

	for (; (text = strstr(text, part)); text++)
		n++;
	return n;
}

static void halbweb__answers_http10(void **state)
{
	const char *reply = ask(*state, "GET / HTTP/1.0\r\n\r\n");

	assert_int_equal(strncmp(reply, "HTTP/1.1 200 OK\r\n", 17), 0);
	assert_non_null(strstr(reply, "\r\nServer: halbweb\r\n"));
	assert_non_null(strstr(reply, "\r\nContent-Length: 19\r\n"));
	assert_non_null(strstr(reply, " GMT\r\n"));
	assert_non_null(strstr(reply, "\r\nConnection: close\r\n"));
	assert_non_null(strstr(reply, "\r\n\r\nThis is Server 111\n"));
}

static void halbweb__answers_head(void **state)
{
	const char *reply = ask(*state, "HEAD / HTTP/1.0\r\n\r\n");

	assert_non_null(strstr(reply, "\r\nContent-Length: 19\r\n"));
	assert_string_equal(reply + strlen(reply) - 4, "\r\n\r\n");
}

static void halbweb__answers_pages_of_its_own(void **state)
{
	const char *reply = ask(*state, "GET /ready?x=1 HTTP/1.0\r\n\r\n");

	assert_int_equal(strncmp(reply, "HTTP/1.1 200 OK\r\n", 17), 0);
	assert_non_null(strstr(reply, "\r\n\r\nThis is Server 111\n"));
	reply = ask(*state, "GET /health HTTP/1.0\r\n\r\n");
	assert_int_equal(strncmp(reply, "HTTP/1.1 204 No Content\r\n", 25), 0);
	assert_null(strstr(reply, "Content-Length")); /* RFC 9110 8.6 */
	assert_string_equal(reply + strlen(reply) - 4, "\r\n\r\n");
	reply = ask(*state, "GET /healthy HTTP/1.0\r\n\r\n");
	assert_int_equal(strncmp(reply, "HTTP/1.1 404 ", 13), 0);
}

/* One request over TLS, and all that comes back. The handshake must succeed. */
static size_t ask_tls(struct fix *f, const char *request, char *buf, size_t size)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *s = ctx ? SSL_new(ctx) : NULL;
	int fd = dial(f), r;
	size_t len = 0;

	assert_non_null(s);
	assert_true(fd >= 0);
	assert_int_equal(SSL_set_fd(s, fd), 1);
	assert_int_equal(SSL_connect(s), 1);
	assert_int_equal(SSL_write(s, request, (int)strlen(request)), strlen(request));
	while ((r = SSL_read(s, buf + len, (int)(size - 1 - len))) > 0)
		len += (size_t)r;
	/* It says that it closes. */
	assert_int_equal(SSL_get_error(s, r), SSL_ERROR_ZERO_RETURN);
	buf[len] = '\0';
	SSL_free(s);
	SSL_CTX_free(ctx);
	close(fd);
	return len;
}

static void halbweb__speaks_tls_to_those_who_do(void **state)
{
	static char buf[1 << 21];
	struct fix *f = *state;
	size_t len;

	ask_tls(f, "GET /ready HTTP/1.0\r\n\r\n", buf, sizeof(buf));
	assert_int_equal(strncmp(buf, "HTTP/1.1 200 OK\r\n", 17), 0);
	assert_non_null(strstr(buf, "\r\n\r\nThis is Server 111\n"));
	/* More than a record and a socket buffer hold. */
	len = ask_tls(f, "GET /stream?bytes=1000000 HTTP/1.0\r\n\r\n", buf, sizeof(buf));
	assert_in_range(len, 1000000, 1000500);
	/* Two requests in one record: the second is in no socket any more. */
	ask_tls(f,
		"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
		"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
		buf, sizeof(buf));
	assert_int_equal(count(buf, "This is Server 111\n"), 2);
	/* And plain HTTP on the same port. */
	assert_non_null(strstr(ask(f, "GET / HTTP/1.0\r\n\r\n"), "This is Server 111\n"));
	assert_int_equal(WEXITSTATUS(end(f, SIGTERM)), 0);
}

static void halbweb__keeps_alive_and_pipelines(void **state)
{
	const char *reply = ask(*state, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
					"GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n"
					"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nGET "
					"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");

	assert_int_equal(count(reply, "HTTP/1.1 200 OK"), 2);
	assert_int_equal(count(reply, "HTTP/1.1 404 Not Found"), 1);
	assert_int_equal(count(reply, "HTTP/1.1 405 Method Not Allowed"), 1);
	assert_int_equal(count(reply, "Connection: keep-alive"), 3);
	assert_non_null(strstr(reply, "Allow: GET, HEAD\r\n"));
}

static void halbweb__takes_a_request_byte_by_byte(void **state)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
	int fd = dial(*state);
	size_t i;

	for (i = 0; i < sizeof(text) - 1; i++)
		assert_int_equal(send(fd, text + i, 1, 0), 1);
	assert_non_null(strstr(hear_all(fd), "This is Server 111"));
	close(fd);
}

static void halbweb__refuses(void **state)
{
	char big[20000];

	assert_non_null(strstr(ask(*state, "nonsense\r\n\r\n"), " 400 Bad Request"));
	assert_non_null(strstr(ask(*state, "GET / HTTP/1.1\r\n\r\n"), " 400 "));
	assert_non_null(strstr(ask(*state, "GET / HTTP/3.0\r\n\r\n"), " 505 "));
	assert_non_null(strstr(ask(*state, "GET /stream?bytes=x HTTP/1.0\r\n\r\n"), " 400 "));
	/* What is sent after a refusal must not turn the answer into a reset. */
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	memcpy(big, "GET / HTTP/1.0\r\nX: ", 19);
	assert_non_null(strstr(ask(*state, big), " 431 "));
}

static void halbweb__streams(void **state)
{
	struct fix *f = *state;
	char buf[65536];
	size_t got = 0;
	ssize_t n;
	int fd;

	assert_int_equal(strlen(strstr(ask(f, "GET /stream?bytes=0 HTTP/1.0\r\n\r\n"),
				       "\r\n\r\n")),
			 4);
	fd = dial(f);
	say(fd, "GET /stream?bytes=3000000 HTTP/1.0\r\n\r\n");
	for (n = 0; n < 4 || memcmp(buf + n - 4, "\r\n\r\n", 4) != 0; n++)
		assert_int_equal(recv(fd, buf + n, 1, 0), 1);
	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0)
		got += (size_t)n;
	assert_int_equal(got, 3000000);
	close(fd);
	fd = dial(f); /* without end, until the client has enough */
	say(fd, "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
	for (got = 0; got < 1000000; got += (size_t)n) {
		n = recv(fd, buf, sizeof(buf), 0);
		assert_true(n > 0);
	}
	close(fd);
	assert_non_null(strstr(ask(f, "GET / HTTP/1.0\r\n\r\n"), "This is"));
}

static void halbweb__echoes_udp(void **state)
{
	const struct timeval patience = { .tv_sec = 10 };
	struct sockaddr_in a = { .sin_family = AF_INET }, from;
	socklen_t len = sizeof(from);
	struct fix *f = *state;
	char buf[128];
	ssize_t n;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	/* Any loopback address will do; the answer must come from that one. */
	a.sin_port = htons((uint16_t)f->udp);
	a.sin_addr.s_addr = htonl(0x7f000009);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(sendto(fd, "seq 42", 6, 0, (struct sockaddr *)&a, sizeof(a)), 6);
	n = recvfrom(fd, buf, sizeof(buf) - 1, 0, (struct sockaddr *)&from, &len);
	assert_true(n > 0);
	buf[n] = '\0';
	assert_string_equal(buf, "seq 42 This is Server 111");
	assert_int_equal(from.sin_addr.s_addr, a.sin_addr.s_addr);
	close(fd);
}

static const char *command(struct fix *f, const char *text)
{
	static char answer[256];
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	ssize_t n;

	memcpy(a.sun_path, f->control, strlen(f->control) + 1);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	say(fd, text);
	n = recv(fd, answer, sizeof(answer) - 1, 0);
	assert_true(n > 0);
	answer[n] = '\0';
	close(fd);
	return answer;
}

static void halbweb__obeys(void **state)
{
	struct fix *f = *state;
	char buf[64];
	int fd;

	assert_string_equal(command(f, "nonsense"), "error: unknown command 'nonsense'");
	assert_string_equal(command(f, "slow"), "error: 'slow' needs a number in 1-3600000");
	assert_string_equal(command(f, "hang 3"), "error: 'hang' takes nothing");
	assert_string_equal(command(f, "error 503"), "ok error 503");
	assert_non_null(strstr(ask(f, "GET / HTTP/1.0\r\n\r\n"), " 503 Service Unavailable"));
	assert_string_equal(command(f, "hang"), "ok hang");
	fd = dial(f);
	assert_true(fd >= 0);
	say(fd, "GET / HTTP/1.0\r\n\r\n");
	/* Later commands are answered: it is not the program that hangs. */
	assert_string_equal(command(f, "slow 20"), "ok slow 20");
	assert_true(recv(fd, buf, sizeof(buf), MSG_DONTWAIT) < 0);
	assert_string_equal(command(f, "heal"), "ok heal");
	assert_non_null(strstr(hear_all(fd), "This is Server 111")); /* what hung */
	close(fd);
	assert_string_equal(command(f, "heal"), "error: it is fine already");
	assert_string_equal(command(f, "slow 20"), "ok slow 20");
	assert_int_equal(count(ask(f, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
				      "GET / HTTP/1.0\r\n\r\n"), "This is"), 2);
	fd = dial(f);
	assert_string_equal(command(f, "dead"), "ok dead");
	assert_true(recv(fd, buf, sizeof(buf), 0) < 0);
	assert_int_equal(errno, ECONNRESET);
	close(fd);
	assert_int_equal(dial(f), -ECONNREFUSED);
	assert_string_equal(command(f, "heal"), "ok heal");
	assert_non_null(strstr(ask(f, "GET / HTTP/1.0\r\n\r\n"), "This is"));
}

static void halbweb__finishes_what_it_has_begun(void **state)
{
	struct fix *f = *state;
	int idle, busy, status;
	pid_t pid = f->pid;

	assert_string_equal(command(f, "slow 200"), "ok slow 200");
	idle = dial(f);
	busy = dial(f);
	say(busy, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_string_equal(command(f, "slow 200"), "ok slow 200"); /* it has been read */
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_string_equal(hear_all(idle), "");
	assert_non_null(strstr(hear_all(busy), "Connection: close\r\n\r\nThis is Server 111"));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	f->pid = 0;
	assert_int_equal(status, 0);
	assert_int_equal(dial(f), -ECONNREFUSED);
	close(idle);
	close(busy);
}

static void halbweb__many_connections(void **state)
{
	enum { N = 500 };
	int fd[N], i;

	for (i = 0; i < N; i++) {
		fd[i] = dial(*state);
		assert_true(fd[i] >= 0);
	}
	for (i = 0; i < N; i++)
		say(fd[i], "GET / HTTP/1.0\r\n\r\n");
	for (i = 0; i < N; i++) {
		assert_non_null(strstr(hear_all(fd[i]), "This is Server 111\n"));
		close(fd[i]);
	}
}

static void halbweb__usage(void **state)
{
	char path[PATH_MAX + 64];
	FILE *p;
	int status;

	(void)state;
	program("/halbweb", path);
	strcat(path, " -p 99999 2>&1");
	p = popen(path, "r");
	assert_non_null(p);
	assert_non_null(fgets(path, sizeof(path), p));
	assert_non_null(strstr(path, "1-65535, got '99999'"));
	status = pclose(p);
	assert_int_equal(WEXITSTATUS(status), 64);
}

static int descriptors(const struct fix *f)
{
	char path[32];
	struct dirent *e;
	DIR *d;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)f->pid);
	d = opendir(path);
	assert_non_null(d);
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

/* Closed several at a time and a little later, but closed. */
static void halbweb__keeps_few_descriptors(void **state)
{
	struct fix *f = *state;
	int i, before, tries;

	ask(f, "GET / HTTP/1.0\r\n\r\n"); /* it has begun */
	before = descriptors(f);
	for (i = 0; i < 200; i++) {
		ask(f, "GET / HTTP/1.0\r\n\r\n");
		assert_true(descriptors(f) <= before + 64);
	}
	for (tries = 0; descriptors(f) > before + 15; tries++) {
		assert_true(tries < 10000);
		usleep(1000);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(halbweb__answers_http10),
		TEST(halbweb__answers_head),
		TEST(halbweb__answers_pages_of_its_own),
		TEST(halbweb__keeps_alive_and_pipelines),
		TEST(halbweb__takes_a_request_byte_by_byte),
		TEST(halbweb__refuses),
		TEST(halbweb__streams),
		TEST(halbweb__echoes_udp),
		TEST(halbweb__obeys),
		TEST(halbweb__finishes_what_it_has_begun),
		TEST(halbweb__many_connections),
		TEST(halbweb__keeps_few_descriptors),
		cmocka_unit_test_setup_teardown(halbweb__speaks_tls_to_those_who_do, setup_tls,
						teardown),
		cmocka_unit_test(halbweb__usage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
