/* QEMU's control protocol: one JSON text a line, commands and events. */
#ifndef HALBSIM_GUEST_QMP_H
#define HALBSIM_GUEST_QMP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct guest_qmp {
	int fd;		  /* (owned by its user) a stream socket, non-blocking */
	char line[65536]; /* input not yet read as a line */
	size_t nline;
	bool stopped; /* a STOP event came; cleared by whoever lets it go on */
	bool ended;   /* a SHUTDOWN event: one that was thawed does not exit by itself */
};

/*
 * All of these wait until CLOCK_MONOTONIC deadline_ns at most and return 0 or
 * -errno: -ETIMEDOUT; -EIO QEMU has ended; -EPROTO it refused (one message) or
 * speaks nonsense.
 */

/* Reads the greeting, which comes first. */
int guest_qmp_greeting(struct guest_qmp *q, int64_t deadline_ns);
/*
 * Runs a command (one JSON text with its newline) and waits for its answer;
 * *result (may be NULL) is what it returned, the caller's to free.
 */
int guest_qmp_command(struct guest_qmp *q, const char *text, int64_t deadline_ns,
		      json_t **result);
/* A command without arguments and without an interesting answer. */
int guest_qmp_simple(struct guest_qmp *q, const char *command, int64_t deadline_ns);
int guest_qmp_wait_stop(struct guest_qmp *q, int64_t deadline_ns);

#endif
