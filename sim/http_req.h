/*
 * Interface for reading HTTP requests: RFC 9112, as much of it as a server of
 * one page needs. Pure: bytes in, struct out.
 */
#ifndef HALBSIM_HTTP_REQ_H
#define HALBSIM_HTTP_REQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_MAX_HEAD 8192

struct http_req {
	bool head;	  /* HEAD, else GET */
	bool keep_alive;  /* the connection may go on (section 9.3) */
	const char *path; /* in the buffer, or "/"; without query, not terminated */
	size_t path_len;
	const char *query; /* after '?'; NULL: none */
	size_t query_len;
	uint64_t body_len; /* bytes to skip after the head */
	size_t head_len;   /* bytes of the head, its empty line included */
};

/*
 * Reads one request head from the start of `buf`. Returns 0 when it is whole
 * and fine, -1 when more bytes are needed, or the status to answer with before
 * closing: 400, 405 (the request is well formed: head_len and body_len count),
 * 431, 501 or 505.
 */
int http_req_read(const char *buf, size_t len, struct http_req *r);

/* Is this `/`, or the page by its own name? (`path` without its query.) */
bool http_path_is_root(const char *path, size_t len);

/* The number of "name=…" in a query; `none` when it is not there. -1: no number. */
int64_t http_req_number(const struct http_req *r, const char *name, int64_t none);

#endif
