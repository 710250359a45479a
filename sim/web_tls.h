/*
 * TLS for the backend. Only halbweb-tls has it (web_tls.c, OpenSSL): halbweb stays small,
 * since a large site starts hundreds of it, and says web_tls == NULL (web_tls_none.c).
 */
#ifndef HALBSIM_WEB_TLS_H
#define HALBSIM_WEB_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define TLS_HANDSHAKE 0x16 /* a ClientHello's first byte (RFC 8446 5.1) */

struct web_tls_ops {
	/* Makes a certificate for "halbweb", once. 0 or -errno. */
	int (*init)(void);
	void (*finish)(void);
	/* A connection that has begun with a ClientHello; NULL: out of memory. */
	void *(*begin)(int fd);
	/* As recv() and send() without flags: -1 with errno, EAGAIN too. */
	ssize_t (*recv)(void *tls, void *buf, size_t len);
	ssize_t (*send)(void *tls, const void *buf, size_t len);
	/* Has it bytes that the socket has no longer? */
	bool (*pending)(void *tls);
	void (*bye)(void *tls); /* close_notify */
	void (*end)(void *tls);
};

extern const struct web_tls_ops *const web_tls;

#endif
