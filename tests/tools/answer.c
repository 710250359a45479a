/*
 * Servers for health checks that do as they are told, all in one process:
 *
 *	answer TABLE HEARD
 *
 * Each line of TABLE is a server: WHAT ADDRESS PORT NAME HOW, HOW to the line's end:
 *
 *	tcp	accepts, and closes when its client does
 *	http	HOW to every request, with status 200
 *	dns	ok, servfail, nxdomain, empty, another-id, silent
 *	udp	HOW to every datagram; nothing: silent
 *	smtp	GREETING|REPLY|REPLY TO QUIT: the first at once, REPLY to every line but
 *		QUIT; in these, $ is CR LF, + a pause of 200 ms, ! the connection's end
 *
 * What each connection of an smtp server said goes to HEARD when it ends, a line
 * `NAME TEXT`, with $ for CR LF. Servers without an address of this machine, and all
 * that cannot be, end it with a message. Runs until SIGTERM.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_FDS = 1024, PAUSE_MS = 200 };

struct server {
	enum { TCP, HTTP, DNS, UDP, SMTP } what;
	char name[64], how[1024];
	char *reply[3]; /* of SMTP; into `how` */
};

/* A server's socket, or a connection of one. */
struct end {
	const struct server *server;
	bool connection;
	char *heard;	 /* (owned) all that the client said */
	size_t line;	 /* where its current line begins */
	const char *say; /* what is left to say; NULL: nothing */
	long due_ms;	 /* when; 0: at once */
};

static struct pollfd fds[MAX_FDS];
static struct end ends[MAX_FDS];
static nfds_t nfds;
static FILE *heard;
static volatile sig_atomic_t ended;

static void fail(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fprintf(stderr, "answer: ");
	vfprintf(stderr, format, ap);
	fprintf(stderr, ": %s\n", strerror(errno));
	va_end(ap);
	exit(70);
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct end *add(int fd, const struct server *s, bool connection)
{
	struct end *e = &ends[nfds];

	if (nfds == MAX_FDS) {
		errno = EMFILE;
		fail("connections");
	}
	fds[nfds++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	*e = (struct end){ .server = s, .connection = connection };
	return e;
}

/* A connection that is over: what it said is told, its place given to the last. */
static void drop(size_t i)
{
	struct end *e = &ends[i];
	char *p;

	close(fds[i].fd);
	if (e->server->what == SMTP) {
		fprintf(heard, "%s ", e->server->name);
		for (p = e->heard; p && *p; p++) {
			if (*p == '\r' && p[1] == '\n')
				putc('$', heard), p++;
			else
				putc(*p >= ' ' && *p <= '~' ? *p : '?', heard);
		}
		putc('\n', heard);
	}
	free(e->heard);
	nfds--;
	*e = ends[nfds];
	fds[i] = fds[nfds];
}

/* --- SMTP --- */

/* Says what is to be said now; false: the connection is over. */
static bool say(int fd, struct end *e)
{
	char b[2 * sizeof(e->server->how)];
	size_t n = 0;

	for (; e->say && *e->say && !strchr("+!", *e->say); e->say++) {
		if (*e->say == '$')
			b[n++] = '\r', b[n++] = '\n';
		else
			b[n++] = *e->say;
	}
	if (n && send(fd, b, n, MSG_NOSIGNAL) < 0)
		return false;
	if (!e->say || *e->say == '!')
		return !e->say;
	if (*e->say == '+') {
		e->say++;
		e->due_ms = now_ms() + PAUSE_MS;
	} else {
		e->say = NULL;
	}
	return true;
}

static bool listen_to(int fd, struct end *e)
{
	size_t had = e->heard ? strlen(e->heard) : 0;
	char b[512], *more, *end;
	ssize_t n = recv(fd, b, sizeof(b) - 1, 0);

	if (n <= 0)
		return false;
	b[n] = '\0';
	more = realloc(e->heard, had + (size_t)n + 1);
	if (!more)
		fail("a client's words");
	memcpy(more + had, b, (size_t)n + 1);
	e->heard = more;
	while ((end = strchr(more + e->line, '\n'))) {
		e->say = e->server->reply[strncmp(more + e->line, "QUIT", 4) ? 1 : 2];
		e->line = (size_t)(end + 1 - more);
		if (!say(fd, e))
			return false;
	}
	return true;
}

/* --- HTTP: a request is in one piece here --- */

static bool page(int fd, const struct server *s)
{
	char b[2048];
	int n;

	if (recv(fd, b, sizeof(b), 0) > 0) {
		n = snprintf(b, sizeof(b), "HTTP/1.0 200 OK\r\nContent-Length: %zu\r\n\r\n%s",
			     strlen(s->how), s->how);
		if (send(fd, b, (size_t)n, MSG_NOSIGNAL) < 0)
			perror("answer: send");
	}
	return false;
}

/* --- datagrams --- */

/* The query becomes its reply; the length of that. */
static size_t dns_reply(unsigned char *b, size_t n, const char *kind)
{
	/* A record of the name asked for: pointer, type and class asked for, TTL, data. */
	static const unsigned char record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0,
						60,   0,  4, 10, 1, 1, 1 };

	b[2] |= 0x80;
	b[3] = 0x80 | (!strcmp(kind, "servfail") ? 2 : !strcmp(kind, "nxdomain") ? 3 : 0);
	if (!strcmp(kind, "another-id"))
		b[0] ^= 0x55;
	if (b[3] & 15 || !strcmp(kind, "empty"))
		return n;
	memcpy(b + n, record, sizeof(record));
	memcpy(b + n + 2, b + n - 4, 4);
	b[7] = 1;
	return n + sizeof(record);
}

static void datagram(int fd, const struct server *s)
{
	unsigned char b[2048];
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(fd, b, 1024, 0, (struct sockaddr *)&from, &len);

	if (n < 0 || !*s->how || !strcmp(s->how, "silent"))
		return;
	if (s->what == DNS && n > 16)
		n = (ssize_t)dns_reply(b, (size_t)n, s->how);
	else if (s->what == UDP)
		n = (ssize_t)strlen(strcpy((char *)b, s->how));
	if (sendto(fd, b, (size_t)n, 0, (struct sockaddr *)&from, len) < 0)
		perror("answer: sendto");
}

/* --- all of them --- */

static void serve(const char *what, const char *address, int port, struct server *s)
{
	static const char *const words[] = { "tcp", "http", "dns", "udp", "smtp" };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd, one = 1;
	bool stream;

	while (s->what <= SMTP && strcmp(words[s->what], what))
		s->what++;
	errno = EINVAL;
	if (s->what > SMTP || inet_pton(AF_INET, address, &in.sin_addr) != 1)
		fail("%s %s", what, address);
	if (s->what == SMTP) {
		char *rest = s->how;

		s->reply[0] = strsep(&rest, "|");
		s->reply[1] = strsep(&rest, "|");
		s->reply[2] = strsep(&rest, "|");
	}
	stream = s->what != DNS && s->what != UDP;
	fd = socket(AF_INET, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, (struct sockaddr *)&in, sizeof(in)) < 0 ||
	    (stream && listen(fd, 16) < 0))
		fail("%s %s %d", what, address, port);
	add(fd, s, false);
}

static void read_table(const char *path)
{
	char line[1200], what[16], address[32];
	FILE *f = fopen(path, "r");
	int port, at;

	if (!f)
		fail("%s", path);
	while (fgets(line, sizeof(line), f)) {
		struct server *s = calloc(1, sizeof(*s));

		line[strcspn(line, "\n")] = '\0';
		errno = EINVAL;
		if (!s || sscanf(line, "%15s %31s %d %63s %n", what, address, &port, s->name,
				 &at) != 4)
			fail("%s: %s", path, line);
		snprintf(s->how, sizeof(s->how), "%s", line + at);
		serve(what, address, port, s);
	}
	fclose(f);
}

static void newcomer(size_t i)
{
	const struct server *s = ends[i].server;
	int fd = accept4(fds[i].fd, NULL, NULL, SOCK_CLOEXEC), one = 1;
	struct end *e;

	if (fd < 0)
		return;
	e = add(fd, s, true);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	e->say = s->what == SMTP ? s->reply[0] : NULL;
	if (!say(fd, e))
		drop(nfds - 1);
}

/* What came in on one of them; false: that connection is over. */
static bool ready(size_t i)
{
	struct end *e = &ends[i];
	char b[512];

	if (e->connection && e->server->what == SMTP)
		return listen_to(fds[i].fd, e);
	if (e->connection && e->server->what == HTTP)
		return page(fds[i].fd, e->server);
	if (e->connection)
		return recv(fds[i].fd, b, sizeof(b), 0) > 0;
	if (e->server->what == DNS || e->server->what == UDP)
		datagram(fds[i].fd, e->server);
	else
		newcomer(i);
	return true;
}

static void term(int signo)
{
	(void)signo;
	ended = 1;
}

int main(int argc, char **argv)
{
	sigset_t blocked, none;
	size_t i;

	if (argc != 3) {
		fprintf(stderr, "usage: answer TABLE HEARD\n");
		return 64;
	}
	sigemptyset(&none);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	signal(SIGTERM, term);
	heard = fopen(argv[2], "a");
	if (!heard)
		fail("%s", argv[2]);
	read_table(argv[1]);
	while (!ended) {
		long now = now_ms(), wait = -1;
		struct timespec t;

		for (i = nfds; i-- > 0;) {
			if (ends[i].due_ms && ends[i].due_ms <= now) {
				ends[i].due_ms = 0;
				if (!say(fds[i].fd, &ends[i])) {
					drop(i);
					continue;
				}
			}
			if (ends[i].due_ms && (wait < 0 || ends[i].due_ms - now < wait))
				wait = ends[i].due_ms > now ? ends[i].due_ms - now : 0;
		}
		t = (struct timespec){ wait / 1000, wait % 1000 * 1000000 };
		if (ppoll(fds, nfds, wait < 0 ? NULL : &t, &none) < 0) {
			if (errno != EINTR)
				fail("poll");
			continue;
		}
		for (i = nfds; i-- > 0;)
			if (fds[i].revents && !ready(i))
				drop(i);
	}
	for (i = nfds; i-- > 0;)
		if (ends[i].connection)
			drop(i);
	fclose(heard);
	return 0;
}
