#include "web_reply.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void web_reply_init(struct web_reply *r)
{
	memset(r, 0, offsetof(struct web_reply, head));
	r->body[0] = '\0';
}

static enum web_reply_state bad(struct web_reply *r)
{
	return r->state = REPLY_BAD;
}

/* "HTTP/1.1 200 OK" */
static bool status_line(struct web_reply *r, const char *line)
{
	const char *p = line + 9;

	if (strncmp(line, "HTTP/1.", 7) != 0 || (line[7] != '0' && line[7] != '1') ||
	    line[8] != ' ' || !isdigit((unsigned char)p[0]) ||
	    !isdigit((unsigned char)p[1]) || !isdigit((unsigned char)p[2]))
		return false;
	r->status = (p[0] - '0') * 100 + (p[1] - '0') * 10 + p[2] - '0';
	r->close = line[7] == '0';
	return true;
}

/* One header; false when it makes the reply unusable. */
static bool header(struct web_reply *r, const char *line)
{
	const char *value = strchr(line, ':');
	size_t n;
	char *end;

	if (!value)
		return false;
	n = (size_t)(value - line);
	value += 1 + strspn(value + 1, " \t");
	if (n == 14 && strncasecmp(line, "Content-Length", n) == 0) {
		if (!isdigit((unsigned char)*value))
			return false;
		r->length = strtoll(value, &end, 10);
		return *end == '\0' || *end == ' ';
	}
	if (n == 17 && strncasecmp(line, "Transfer-Encoding", n) == 0)
		return false;
	if (n == 6 && strncasecmp(line, "X-Page", n) == 0)
		r->page = value;
	if (n == 10 && strncasecmp(line, "Connection", n) == 0)
		r->close = strncasecmp(value, "keep-alive", 10) != 0;
	return true;
}

/* The header is complete: `head` holds it, ended by a NUL at the blank line. */
static bool parse_head(struct web_reply *r)
{
	char *line = r->head, *next;
	bool first = true;

	r->length = -1;
	for (; line; line = next, first = false) {
		next = strstr(line, "\r\n");
		if (next) {
			*next = '\0';
			next += 2;
		}
		if (first ? !status_line(r, line) : !header(r, line))
			return false;
	}
	if (r->status == 204 || r->status == 304)
		r->length = 0;
	if (r->length < 0)
		r->close = true;
	return true;
}

static enum web_reply_state feed_body(struct web_reply *r, const char *data, size_t len)
{
	size_t keep = REPLY_BODY_KEPT - r->body_len;

	if (r->length >= 0 && (int64_t)len > r->length - r->got)
		return bad(r);
	if (keep > len)
		keep = len;
	if (keep)
		memcpy(r->body + r->body_len, data, keep);
	r->body_len += keep;
	r->body[r->body_len] = '\0';
	r->got += (int64_t)len;
	if (r->length >= 0 && r->got == r->length)
		r->state = REPLY_DONE;
	return r->state;
}

static enum web_reply_state feed_head(struct web_reply *r, const char *data, size_t len)
{
	size_t room = REPLY_HEAD_MAX - 1 - r->head_len, n = len < room ? len : room;
	size_t from = r->head_len < 3 ? 0 : r->head_len - 3, used;
	char *blank;

	memcpy(r->head + r->head_len, data, n);
	blank = memmem(r->head + from, r->head_len + n - from, "\r\n\r\n", 4);
	if (!blank) {
		r->head_len += n;
		return n < len || r->head_len == REPLY_HEAD_MAX - 1 ? bad(r) : REPLY_HEAD;
	}
	used = (size_t)(blank - r->head) + 4 - r->head_len; /* of data */
	*blank = '\0';
	if (memchr(r->head, '\0', (size_t)(blank - r->head)) || !parse_head(r))
		return bad(r);
	r->state = REPLY_BODY;
	return feed_body(r, data + used, len - used);
}

enum web_reply_state web_reply_feed(struct web_reply *r, const char *data, size_t len)
{
	switch (r->state) {
	case REPLY_HEAD:
		return feed_head(r, data, len);
	case REPLY_BODY:
		return feed_body(r, data, len);
	case REPLY_DONE:
		return len ? bad(r) : REPLY_DONE;
	case REPLY_BAD:
		break;
	}
	return REPLY_BAD;
}

enum web_reply_state web_reply_eof(struct web_reply *r)
{
	if (r->state == REPLY_BODY && r->length < 0)
		r->state = REPLY_DONE;
	return r->state == REPLY_DONE ? REPLY_DONE : bad(r);
}

const char *web_reply_body(struct web_reply *r)
{
	while (r->body_len && isspace((unsigned char)r->body[r->body_len - 1]))
		r->body[--r->body_len] = '\0';
	return r->body;
}
