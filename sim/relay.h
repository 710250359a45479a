/*
 * Connections carried over two rings: between a site in the guest and the
 * sockets of whoever looks at it on the host. The same code is at both ends.
 *
 * The rings are looked at by a timer: often while something moves, some fifty
 * times a second otherwise. Nothing of this exists while a case runs (rings wait
 * for the other side, and a guest that waits sees its clock jump).
 *
 * Each connection may have RELAY_WINDOW bytes under way, so that one whose
 * reader is slow does not hold up the others.
 */
#ifndef HALBSIM_RELAY_H
#define HALBSIM_RELAY_H

#include "loop.h"
#include "ring.h"

#define RELAY_WINDOW (UINT32_C(1) << 16)

/* In shared memory, at MAIL_LIVE. */
struct relay_rings {
	struct ring down; /* host to guest */
	struct ring up;
};

struct relay;

struct relay_env {
	struct loop *loop;
	struct ring *out, *in; /* written here, read here */
	/* Somebody at the other end opened a connection; the receiver owns fd.
	 * NULL: none is expected. */
	void (*accept)(int fd, void *arg);
	void *arg;
};

/* NULL with errno. Free with relay_free() (NULL is fine): closes them all. */
struct relay *relay_new(const struct relay_env *env);
void relay_free(struct relay *r);

/* Carries a connected socket (owned from here on). 0 or -errno. */
int relay_open(struct relay *r, int fd);

#endif
