/*
 * Interface for the backend's server: pages over HTTP, an echo over UDP, and
 * the ways in which it can be made to misbehave. halbweb.c is the program.
 */
#ifndef HALBSIM_WEB_H
#define HALBSIM_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct web;

enum web_mode {
	WEB_FINE,
	WEB_HANG,  /* takes connections and requests, never answers */
	WEB_SLOW,  /* answers after `value` milliseconds */
	WEB_ERROR, /* answers with status `value` */
	WEB_DEAD,  /* closed ports, every connection reset */
};

/* Returns a server in a loop (borrowed), or NULL with errno set. */
struct web *web_new(struct loop *l);
void web_free(struct web *w);

/* Serves `body` (and a newline) on a TCP port, IPv4 and, if there is, IPv6. */
int web_listen(struct web *w, int port, const char *body);
/*
 * The port that was opened last also answers this path: with the body when the status is
 * 200, else with that status. 0 or -ENOMEM.
 */
int web_page(struct web *w, const char *path, int status);
/*
 * It speaks TLS to whoever begins with a ClientHello, and HTTP to the others. 0 or
 * -errno; -ENOTSUP: this program has no TLS (web_tls.h).
 */
int web_tls_on(struct web *w);
/*
 * Echoes datagrams on a UDP port, from the address that they were sent to:
 * behind LVS that is the virtual one. The answer is the datagram, then a blank
 * and the body of the first page.
 */
int web_echo(struct web *w, int port);

/* Changes how it behaves; what hung is answered when it is fine again. */
int web_set_mode(struct web *w, enum web_mode mode, int value);
/* A command of the control socket: "hang", "slow 200", "error 503", "dead",
 * "heal". Writes the answer, "ok …" or "error: …". */
void web_command(struct web *w, const char *text, char *answer, size_t len);
/* Listens for such commands on a SOCK_SEQPACKET socket. 0 or -errno. */
int web_control(struct web *w, const char *path);

/*
 * Ends it in good order: ports and idle connections closed now, answers that
 * are under way finished, then the loop stopped (after a second at most).
 */
void web_stop(struct web *w);

#endif
