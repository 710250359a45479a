#include "http_page.h"

#include <ctype.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

int http_page_init(struct http_page *r, bool digest, size_t keep)
{
	memset(r, 0, offsetof(struct http_page, header));
	r->length = HTTP_NO_LENGTH;
	r->keep = keep;
	if (!digest)
		return 0;
	r->md5 = EVP_MD_CTX_new();
	if (r->md5 && EVP_DigestInit_ex(r->md5, EVP_md5(), NULL) == 1)
		return 0;
	http_page_finish(r);
	return -ENOMEM;
}

void http_page_finish(struct http_page *r)
{
	EVP_MD_CTX_free(r->md5);
	r->md5 = NULL;
	free(r->kept);
	r->kept = NULL;
}

/* "HTTP/1.1 200 OK": three digits between blanks. 0: not so. */
static int parse_status(const char *header)
{
	const char *p = header + strcspn(header, " \r");

	if (*p++ != ' ' || !isdigit((unsigned char)p[0]) ||
	    !isdigit((unsigned char)p[1]) || !isdigit((unsigned char)p[2]) || p[3] != ' ')
		return 0;
	return atoi(p);
}

static size_t parse_length(const char *header)
{
	static const char name[] = "Content-Length:";
	const char *p = strstr(header, name);
	unsigned long long n;
	char *end;

	if (!p)
		return HTTP_NO_LENGTH;
	n = strtoull(p + sizeof(name) - 1, &end, 10);
	return *end && *end != '\r' && *end != '\n' ? HTTP_NO_LENGTH : (size_t)n;
}

/* Keeps as much of it as is wanted. */
static int keep_body(struct http_page *r, const char *data, size_t len)
{
	size_t cap = r->kept_cap ? r->kept_cap : 4096;
	char *bigger;

	if (len > r->keep - r->nkept)
		len = r->keep - r->nkept;
	while (cap < r->nkept + len)
		cap *= 2;
	if (len && cap > r->kept_cap) {
		bigger = realloc(r->kept, cap);
		if (!bigger)
			return -ENOMEM;
		r->kept = bigger;
		r->kept_cap = cap;
	}
	if (len)
		memcpy(r->kept + r->nkept, data, len);
	r->nkept += len;
	return 0;
}

static int take_body(struct http_page *r, const char *data, size_t len)
{
	size_t counted = len;

	if (r->length != HTTP_NO_LENGTH)
		counted = r->body >= r->length	     ? 0 :
			  len > r->length - r->body ? r->length - r->body :
						      len;
	if (r->md5 && counted)
		EVP_DigestUpdate(r->md5, data, counted);
	r->body += len;
	return keep_body(r, data, len);
}

/* Where the body begins in header[], or NULL. Looks only where it may newly be. */
static char *header_end(struct http_page *r, size_t before)
{
	size_t from = before < 3 ? 0 : before - 3;

	return memmem(r->header + from, r->nheader - from, "\r\n\r\n", 4);
}

int http_page_feed(struct http_page *r, const void *data, size_t len)
{
	const char *p = data;
	size_t before, take;
	char *end;

	if (r->in_body)
		return take_body(r, p, len);
	before = r->nheader;
	take = len < HTTP_HEADER_MAX - before ? len : HTTP_HEADER_MAX - before;
	memcpy(r->header + before, p, take);
	r->nheader += take;
	r->header[r->nheader] = '\0';
	end = header_end(r, before);
	if (!end)
		return r->nheader == HTTP_HEADER_MAX ? -EMSGSIZE : 0;
	end += 4;
	r->in_body = true;
	take = (size_t)(end - r->header) - before; /* of this piece */
	*end = '\0';
	r->status = parse_status(r->header);
	r->length = parse_length(r->header);
	return take_body(r, p + take, len - take);
}

bool http_page_digest(struct http_page *r, uint8_t digest[16])
{
	return r->md5 && EVP_DigestFinal_ex(r->md5, digest, NULL) == 1;
}
