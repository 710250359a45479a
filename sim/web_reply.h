/*
 * A web server's reply, read as it comes: where it ends, whether it is a good
 * one, and the beginning of its body, by which real servers are told apart.
 * Pure; takes any bytes.
 */
#ifndef HALBSIM_WEB_REPLY_H
#define HALBSIM_WEB_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLY_HEAD_MAX 2048
#define REPLY_BODY_KEPT 256

enum web_reply_state {
	REPLY_HEAD, /* headers are not complete */
	REPLY_BODY, /* more of the body is to come */
	REPLY_DONE, /* complete; `close` says what becomes of the connection */
	REPLY_BAD,  /* no HTTP, chunked, too long a header, or bytes too many */
};

/* web_reply_init() to begin. */
struct web_reply {
	enum web_reply_state state;
	int status;		/* 200 … */
	int64_t length;		/* of the body; -1: until the connection ends */
	int64_t got;		/* of the body so far */
	bool close;		/* the server will close the connection */
	const char *page;	/* in head: X-Page, whose page it is; NULL: not said */
	size_t head_len, body_len;
	char head[REPLY_HEAD_MAX];
	char body[REPLY_BODY_KEPT + 1]; /* its first bytes, NUL-terminated */
};

/* Cheap: the buffers are not cleared. */
void web_reply_init(struct web_reply *r);
/* Takes the next bytes; returns the state. */
enum web_reply_state web_reply_feed(struct web_reply *r, const char *data, size_t len);
/* The connection ended: REPLY_DONE when that is how this reply ends, else REPLY_BAD. */
enum web_reply_state web_reply_eof(struct web_reply *r);

/* The kept body without the white space at its end (cut in place). */
const char *web_reply_body(struct web_reply *r);

#endif
