/* Answers of the backend, as text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "web_impl.h"

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
};

const char *web_page_reason(int status)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Whatever";
}

/* RFC 9110 5.6.7; the C locale's names are the ones it wants. */
static void date_text(char *buf, size_t len, time_t t)
{
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(buf, len, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

static int64_t now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME_COARSE, &ts); /* no system call */
	return ts.tv_sec;
}

/* RFC 9110 6.4.1, and 8.6 on its length. */
static bool may_have_body(int status)
{
	return status >= 200 && status != 204 && status != 304;
}

static char *answer(int status, bool keep, const char *more, const char *body,
		    bool with_body, time_t t, size_t *len, size_t *head_len)
{
	char date[64], content[96] = "", *text;
	int n;

	date_text(date, sizeof(date), t);
	if (may_have_body(status))
		snprintf(content, sizeof(content),
			 "Content-Type: text/plain\r\nContent-Length: %zu\r\n",
			 strlen(body) + 1);
	n = asprintf(&text,
		     "HTTP/1.1 %d %s\r\n"
		     "Server: halbweb\r\n"
		     "Date: %s\r\n"
		     "%sConnection: %s\r\n%s\r\n%s\n",
		     status, web_page_reason(status), date, content,
		     keep ? "keep-alive" : "close", more, body);
	if (n < 0)
		return NULL;
	*head_len = (size_t)n - strlen(body) - 1;
	*len = with_body && may_have_body(status) ? (size_t)n : *head_len;
	return text;
}

const struct web_page *web_page_get(struct web_port *p, bool keep)
{
	int64_t now = now_s();
	int i;

	if (p->page_s != now || !p->page[0].text || !p->page[1].text)
		for (i = 0; i < 2; i++) {
			free(p->page[i].text);
			p->page[i].text = answer(200, i, "", p->body, true, now,
						 &p->page[i].len, &p->page[i].head_len);
		}
	p->page_s = now;
	return p->page[keep].text ? &p->page[keep] : NULL;
}

char *web_page_status(int status, bool keep, bool head, size_t *len)
{
	size_t head_len;

	return answer(status, keep, status == 405 ? "Allow: GET, HEAD\r\n" : "",
		      web_page_reason(status), !head, now_s(), len, &head_len);
}

char *web_page_stream(const struct web_port *p, int64_t bytes, bool keep, size_t *len)
{
	char date[64], length[64] = "", *text;
	int n;

	date_text(date, sizeof(date), now_s());
	if (bytes >= 0)
		snprintf(length, sizeof(length), "Content-Length: %lld\r\n",
			 (long long)bytes);
	n = asprintf(&text,
		     "HTTP/1.1 200 OK\r\n"
		     "Server: halbweb\r\n"
		     "Date: %s\r\n"
		     "Content-Type: application/octet-stream\r\n"
		     "X-Page: %.*s\r\n"
		     "%sConnection: %s\r\n\r\n",
		     date, (int)strcspn(p->body, "\r\n"), p->body, length, keep ? "keep-alive" : "close");
	*len = n < 0 ? 0 : (size_t)n;
	return n < 0 ? NULL : text;
}
