/*
 * An HTTP reply as HTTP_GET looks at it: status, length, MD5 of the body. Bytes
 * come in as they arrive; the end of the stream is the end of the reply. Reads
 * what keepalived 2.2.7 reads, no more: the header must fit 4 KiB.
 */
#ifndef HALBD_HTTP_PAGE_H
#define HALBD_HTTP_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEADER_MAX 4095
#define HTTP_NO_LENGTH	SIZE_MAX

struct http_page {
	bool in_body;	   /* the header is complete */
	int status;	   /* 100..599; 0: none that could be read */
	size_t length;	   /* Content-Length, or HTTP_NO_LENGTH */
	size_t body;	   /* bytes of the body so far */
	void *md5;	   /* (owned) NULL: no digest wanted */
	char *kept;	   /* (owned) the body's beginning; NULL: none yet */
	size_t nkept, kept_cap, keep; /* keep: how much of it is wanted */
	size_t nheader;	   /* bytes in header[] */
	char header[HTTP_HEADER_MAX + 1];
};

/*
 * For a page whose digest is wanted, or the first `keep` bytes of whose body are. 0,
 * or -ENOMEM. Release with http_page_finish().
 */
int http_page_init(struct http_page *r, bool digest, size_t keep);
void http_page_finish(struct http_page *r);

/* 0, -EMSGSIZE when the header does not end, or -ENOMEM. */
int http_page_feed(struct http_page *r, const void *data, size_t len);

/*
 * The MD5 of the body (of Content-Length bytes of it, when it says so): what
 * keepalived's genhash prints. Once, at the end. False when it was not wanted.
 */
bool http_page_digest(struct http_page *r, uint8_t digest[16]);

#endif
