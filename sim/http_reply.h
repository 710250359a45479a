/*
 * A web server's reply, read as it comes: where it ends, whether it is a good
 * one, and the beginning of its body, by which real servers are told apart.
 * Pure; takes any bytes.
 */
#ifndef HALBSIM_HTTP_REPLY_H
#define HALBSIM_HTTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEAD_MAX 2048
#define HTTP_BODY_KEPT 256

enum http_state {
	HTTP_HEAD, /* headers are not complete */
	HTTP_BODY, /* more of the body is to come */
	HTTP_DONE, /* complete; `close` says what becomes of the connection */
	HTTP_BAD,  /* no HTTP, chunked, too long a header, or bytes too many */
};

/* http_reply_init() to begin. */
struct http_reply {
	enum http_state state;
	int status;		/* 200 … */
	int64_t length;		/* of the body; -1: until the connection ends */
	int64_t got;		/* of the body so far */
	bool close;		/* the server will close the connection */
	size_t head_len, body_len;
	char head[HTTP_HEAD_MAX];
	char body[HTTP_BODY_KEPT + 1]; /* its first bytes, NUL-terminated */
};

/* Cheap: the buffers are not cleared. */
void http_reply_init(struct http_reply *r);
/* Takes the next bytes; returns the state. */
enum http_state http_reply_feed(struct http_reply *r, const char *data, size_t len);
/* The connection ended: HTTP_DONE when that is how this reply ends, else HTTP_BAD. */
enum http_state http_reply_eof(struct http_reply *r);

/* The kept body without the white space at its end (cut in place). */
const char *http_reply_body(struct http_reply *r);

#endif
