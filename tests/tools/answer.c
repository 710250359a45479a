/*
 * A DNS, UDP or SMTP server for health checks that does as it is told:
 *
 *	answer dns ADDRESS KIND		ok, servfail, nxdomain, empty, another-id, silent
 *	answer udp ADDRESS TEXT		port 5060: TEXT to every datagram; none: silent
 *	answer smtp ADDRESS KIND	ok, busy (421), deaf (no word), helo (550 to HELO)
 *
 * SMTP: every line that a client says goes to stdout. Runs until it is killed.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int server(const char *address, int type, int port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, type, 0), one = 1;

	if (fd < 0 || inet_pton(AF_INET, address, &in.sin_addr) != 1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, (struct sockaddr *)&in, sizeof(in)) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 16) < 0)) {
		perror(address);
		exit(70);
	}
	return fd;
}

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

static void datagrams(int fd, const char *how, int dns)
{
	unsigned char b[2048];
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	ssize_t n;

	while ((n = recvfrom(fd, b, 1024, 0, (struct sockaddr *)&from, &len)) >= 0) {
		if (dns && n > 16)
			n = (ssize_t)dns_reply(b, (size_t)n, how);
		else if (!dns)
			n = (ssize_t)strlen(strcpy((char *)b, how));
		if (*how && strcmp(how, "silent") &&
		    sendto(fd, b, (size_t)n, 0, (struct sockaddr *)&from, len) < 0)
			perror("answer: sendto");
	}
}

static void say(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		perror("answer: write");
}

/* One client after the other. */
static void smtp(int fd, const char *how)
{
	char line[512];
	int client;
	FILE *in;

	while ((client = accept(fd, NULL, NULL)) >= 0) {
		if (strcmp(how, "deaf"))
			say(client, strcmp(how, "busy") ? "220-hello\r\n220 server ESMTP\r\n" :
							  "421 too busy\r\n");
		in = fdopen(client, "r+");
		while (in && fgets(line, sizeof(line), in)) {
			line[strcspn(line, "\r\n")] = '\0';
			puts(line);
			fflush(stdout);
			say(client, !strcmp(how, "helo") ? "550 no\r\n" :
				    !strncmp(line, "QUIT", 4) ? "221 bye\r\n" :
								"250 server\r\n");
		}
		if (in)
			fclose(in);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc == 4 ? argv[1] : "";

	if (!strcmp(what, "dns"))
		datagrams(server(argv[2], SOCK_DGRAM, 53), argv[3], 1);
	else if (!strcmp(what, "udp"))
		datagrams(server(argv[2], SOCK_DGRAM, 5060), argv[3], 0);
	else if (!strcmp(what, "smtp"))
		smtp(server(argv[2], SOCK_STREAM, 25), argv[3]);
	else
		fprintf(stderr, "usage: answer dns|udp|smtp ADDRESS HOW\n");
	return 64;
}
