/* Implementation for reading HTTP requests. */
#include "http_req.h"

#include <string.h>
#include <strings.h>

struct line {
	const char *text;
	size_t len; /* without its end */
};

/* Takes a line (CRLF, or LF alone: RFC 9112 2.2). Returns bytes, 0: no end yet. */
static size_t take_line(const char *buf, size_t len, struct line *l)
{
	const char *nl = memchr(buf, '\n', len);

	if (!nl)
		return 0;
	l->text = buf;
	l->len = (size_t)(nl - buf);
	if (l->len && buf[l->len - 1] == '\r')
		l->len--;
	return (size_t)(nl - buf) + 1;
}

/* RFC 9110 5.6.2. */
static bool is_token(const char *s, size_t len)
{
	static const char others[] = "!#$%&'*+-.^_`|~";
	size_t i;

	for (i = 0; i < len; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') ||
		      (s[i] >= '0' && s[i] <= '9') ||
		      (s[i] && memchr(others, s[i], sizeof(others) - 1))))
			return false;
	return len > 0;
}

/* The first of two characters in s, or its end. */
static size_t until(const char *s, size_t len, char a, char b)
{
	size_t i;

	for (i = 0; i < len && s[i] != a && s[i] != b; i++)
		;
	return i;
}

/* "/path?query", or the absolute form of it, which servers must take (3.2.2). */
static int split_target(struct http_req *r, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)s[i] <= ' ' || s[i] == 0x7f)
			return 400;
	if (len > 7 && !strncasecmp(s, "http://", 7)) {
		i = 7 + until(s + 7, len - 7, '/', '?');
		s += i;
		len -= i;
		/* An empty path is the same as "/" (RFC 9110 4.2.3). */
		r->path = len && *s == '/' ? s : "/";
	} else {
		if (!len || s[0] != '/')
			return 400;
		r->path = s;
	}
	i = until(s, len, '?', '?');
	r->path_len = r->path == s ? i : 1;
	r->query = i < len ? s + i + 1 : NULL;
	r->query_len = i < len ? len - i - 1 : 0;
	return 0;
}

/* Method, target, version. Sets *minor. 0 or a status. */
static int read_request_line(struct http_req *r, const struct line *l, int *minor)
{
	const char *sp1 = memchr(l->text, ' ', l->len), *sp2;
	size_t left, method;
	int status;

	if (!sp1)
		return 400;
	method = (size_t)(sp1 - l->text);
	left = l->len - method - 1;
	sp2 = memchr(sp1 + 1, ' ', left);
	if (!sp2 || !is_token(l->text, method))
		return 400;
	left -= (size_t)(sp2 - sp1);
	if (left != 8 || memcmp(sp2 + 1, "HTTP/", 5) != 0 || sp2[7] != '.' ||
	    sp2[6] < '0' || sp2[6] > '9' || sp2[8] < '0' || sp2[8] > '9')
		return 400;
	if (sp2[6] != '1')
		return 505;
	*minor = sp2[8] - '0';
	status = split_target(r, sp1 + 1, (size_t)(sp2 - sp1) - 1);
	if (status)
		return status;
	r->head = method == 4 && !memcmp(l->text, "HEAD", 4);
	return r->head || (method == 3 && !memcmp(l->text, "GET", 3)) ? 0 : 405;
}

static bool has_option(const char *value, size_t len, const char *option)
{
	size_t want = strlen(option), n;

	while (len) {
		for (; len && (*value == ' ' || *value == '\t' || *value == ','); len--)
			value++;
		for (n = 0;
		     n < len && value[n] != ',' && value[n] != ' ' && value[n] != '\t';
		     n++)
			;
		if (n == want && !strncasecmp(value, option, n))
			return true;
		value += n;
		len -= n;
	}
	return false;
}

struct seen {
	bool host, length;
};

static int read_length(struct http_req *r, struct seen *seen, const char *v, size_t len)
{
	uint64_t n = 0;
	size_t i;

	if (!len || len > 18)
		return 400;
	for (i = 0; i < len; i++) {
		if (v[i] < '0' || v[i] > '9')
			return 400;
		n = n * 10 + (uint64_t)(v[i] - '0');
	}
	if (seen->length && n != r->body_len)
		return 400; /* RFC 9112 6.3: two lengths are an attack */
	seen->length = true;
	r->body_len = n;
	return 0;
}

static int read_header(struct http_req *r, struct seen *seen, const struct line *l)
{
	const char *colon = memchr(l->text, ':', l->len), *v;
	size_t name, len;

	name = colon ? (size_t)(colon - l->text) : 0;
	if (!colon || !is_token(l->text, name)) /* folded lines too: RFC 9112 5.2 */
		return 400;
	v = colon + 1;
	len = l->len - name - 1;
	for (; len && (*v == ' ' || *v == '\t'); len--)
		v++;
	while (len && (v[len - 1] == ' ' || v[len - 1] == '\t'))
		len--;
	if (memchr(v, '\0', len) || memchr(v, '\r', len))
		return 400;
	switch (l->text[0] | 0x20) {
	case 'h':
		if (name == 4 && !strncasecmp(l->text, "host", 4)) {
			if (seen->host)
				return 400;
			seen->host = true;
		}
		break;
	case 'c':
		if (name == 10 && !strncasecmp(l->text, "connection", 10)) {
			if (has_option(v, len, "close"))
				r->keep_alive = false;
			else if (has_option(v, len, "keep-alive"))
				r->keep_alive = true;
		} else if (name == 14 && !strncasecmp(l->text, "content-length", 14)) {
			return read_length(r, seen, v, len);
		}
		break;
	case 't':
		if (name == 17 && !strncasecmp(l->text, "transfer-encoding", 17))
			return 501; /* nobody needs to send us that much */
		break;
	}
	return 0;
}

int http_req_read(const char *buf, size_t len, struct http_req *r)
{
	struct seen seen = { 0 };
	struct line l;
	size_t at = 0, n;
	int status = 0, later, minor = 0;

	memset(r, 0, sizeof(*r));
	/* An empty line before a request is skipped (2.2). */
	while (at < len && (buf[at] == '\r' || buf[at] == '\n') && at < 4)
		at++;
	n = take_line(buf + at, len - at, &l);
	if (!n)
		return len >= HTTP_MAX_HEAD ? 431 : -1;
	status = read_request_line(r, &l, &minor);
	if (status && status != 405)
		return status;
	r->keep_alive = minor >= 1;
	for (at += n; (n = take_line(buf + at, len - at, &l)); at += n) {
		if (!l.len) {
			r->head_len = at + n;
			if (minor >= 1 && !seen.host)
				return 400; /* RFC 9112 3.2 */
			return status;
		}
		later = read_header(r, &seen, &l);
		if (later)
			return later;
	}
	return len >= HTTP_MAX_HEAD ? 431 : -1;
}

int64_t http_req_number(const struct http_req *r, const char *name, int64_t none)
{
	const char *p = r->query, *end;
	size_t want = strlen(name);
	int64_t n = 0;

	if (!p)
		return none;
	end = p + r->query_len;
	while (p && p < end) {
		if ((size_t)(end - p) > want && !memcmp(p, name, want) &&
		    p[want] == '=')
			break;
		p = memchr(p, '&', (size_t)(end - p));
		p = p ? p + 1 : NULL;
	}
	if (!p || p >= end)
		return none;
	p += want + 1;
	if (p == end || *p == '&')
		return -1;
	for (; p < end && *p != '&'; p++) {
		if (*p < '0' || *p > '9' || n > INT64_MAX / 10 - 10)
			return -1;
		n = n * 10 + (*p - '0');
	}
	return n;
}

bool http_path_is_root(const char *path, size_t len)
{
	static const char *const roots[] = { "/", "/index.html" };
	size_t i;

	for (i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		if (len == strlen(roots[i]) && !memcmp(path, roots[i], len))
			return true;
	return false;
}
