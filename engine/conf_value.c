/* Words of the line being read, as numbers, times, switches and addresses. */
#include "conf_int.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\f\n\r\v"

const char *conf_word(struct conf_ctx *c, size_t i)
{
	if (i < c->line->nword)
		return c->line->word[i].text;
	if (!c->give_up) {
		conf_say(c, K_MISSING, i,
			 "'%s' needs another word; keepalived stops reading here, and "
			 "would not start",
			 c->line->nword ? c->line->word[0].text : "");
		c->give_up = c->refused = true;
	}
	return "";
}

bool conf_is(struct conf_ctx *c, size_t i, const char *word)
{
	return !strcmp(conf_word(c, i), word);
}

char *conf_strdup(struct conf_ctx *c, const char *s)
{
	char *copy = strdup(s);

	if (!copy)
		conf_nomem(c);
	return copy;
}

char *conf_dup(struct conf_ctx *c, size_t i)
{
	const char *s = conf_word(c, i);

	return c->give_up ? NULL : conf_strdup(c, s);
}

/* What keepalived does with digits that something follows. */
static bool taken_anyway(const struct conf_ctx *c, bool lenient)
{
	return lenient && !c->opt->test;
}

bool conf_int(struct conf_ctx *c, size_t i, int lo, int hi, bool lenient, int *out)
{
	const char *text = conf_word(c, i);
	char *rest;
	long n;

	if (c->give_up)
		return false;
	errno = 0;
	n = strtol(text, &rest, 10);
	*out = (int)n;
	if (*rest)
		conf_say(c, K_NUMBER, i, "'%s' is not a whole number", text);
	else if (errno == ERANGE || n < INT_MIN || n > INT_MAX)
		conf_say(c, K_NUMBER, i, "'%s' is far too large", text);
	else if (n < lo || n > hi)
		conf_say(c, K_NUMBER, i, "'%s' must be %d to %d, got '%s'",
			 conf_word(c, i ? i - 1 : 0), lo, hi, text);
	else
		return true;
	return taken_anyway(c, lenient) && n >= lo && n <= hi;
}

/* Nothing but one to nine digits, as nearly all numbers are. */
static bool short_number(const char *text, unsigned int *n)
{
	const char *p = text;
	unsigned int sum = 0;

	for (; *p >= '0' && *p <= '9' && p - text < 9; p++)
		sum = sum * 10 + (unsigned int)(*p - '0');
	*n = sum;
	return p > text && !*p;
}

bool conf_uint_text(struct conf_ctx *c, size_t i, const char *text, unsigned int lo,
		    unsigned int hi, bool lenient, unsigned int *out)
{
	unsigned long n;
	char *rest;

	if (c->give_up)
		return false;
	if (short_number(text, out) && *out >= lo && *out <= hi)
		return true;
	text += strspn(text, BLANKS);
	errno = 0;
	n = strtoul(text, &rest, 10);
	*out = (unsigned int)n;
	if (*text == '-')
		conf_say(c, K_NUMBER, i, "'%s' must not be negative", text);
	else if (*rest)
		conf_say(c, K_NUMBER, i, "'%s' is not a whole number", text);
	else if (errno == ERANGE || n > UINT_MAX)
		conf_say(c, K_NUMBER, i, "'%s' is far too large", text);
	else if (n < lo || n > hi)
		conf_say(c, K_NUMBER, i, "'%s' must be %u to %u, got '%s'",
			 conf_word(c, i ? i - 1 : 0), lo, hi, text);
	else
		return true;
	return taken_anyway(c, lenient) && n >= lo && n <= hi;
}

bool conf_uint(struct conf_ctx *c, size_t i, unsigned int lo, unsigned int hi,
	       bool lenient, unsigned int *out)
{
	return conf_uint_text(c, i, conf_word(c, i), lo, hi, lenient, out);
}

/*
 * keepalived shifts the point out of the text and reads digits; what follows
 * them stops it early, so that "3s" is 3 millionths. It says "invalid", and
 * takes it. So must we.
 */
bool conf_time_us(struct conf_ctx *c, size_t i, uint64_t lo, uint64_t hi, uint64_t *us)
{
	const char *text = conf_word(c, i), *point;
	char digits[CONF_LINE_MAX + 8], *rest;
	size_t whole, part = 0;
	bool up = false, bad;
	unsigned long long n;
	unsigned int s;

	if (c->give_up)
		return false;
	if (short_number(text, &s) && s * UINT64_C(1000000) >= lo &&
	    s * UINT64_C(1000000) <= hi) {
		*us = s * UINT64_C(1000000);
		return true;
	}
	if (*text == '-') {
		conf_say(c, K_NUMBER, i, "'%s' must not be negative", text);
		return false;
	}
	point = strchr(text, '.');
	whole = point ? (size_t)(point - text) : strlen(text);
	if (point)
		part = strlen(point + 1);
	if (part > 6) {
		conf_say(c, K_NUMBER, i, "'%s' is finer than a microsecond; rounded", text);
		up = point[7] >= '5';
		part = 6;
	}
	memcpy(digits, text, whole);
	if (point)
		memcpy(digits + whole, point + 1, part);
	memset(digits + whole + part, '0', 6 - part);
	digits[whole + 6] = '\0';
	if (!point && whole + 6 >= sizeof(digits))
		return false;
	errno = 0;
	n = strtoull(digits, &rest, 10);
	bad = *rest;
	if (up)
		n++;
	*us = n;
	if (errno == ERANGE && !bad) {
		conf_say(c, K_NUMBER, i, "'%s' is far too large", text);
		return false;
	}
	if (bad && n >= lo && n <= hi)
		conf_say(c, K_NUMBER, i,
			 "'%s' is no number of seconds; keepalived takes it as %.6f s",
			 text, (double)n / 1e6);
	else if (bad)
		conf_say(c, K_NUMBER, i, "'%s' is no number of seconds", text);
	else if (n < lo || n > hi)
		conf_say(c, K_NUMBER, i, "'%s' must be %.6g to %.6g seconds, got '%s'",
			 conf_word(c, i ? i - 1 : 0), (double)lo / 1e6, (double)hi / 1e6,
			 text);
	else
		return true;
	return n >= lo && n <= hi;
}

int conf_bool_text(const char *text)
{
	if (!strcmp(text, "true") || !strcmp(text, "on") || !strcmp(text, "yes"))
		return 1;
	if (!strcmp(text, "false") || !strcmp(text, "off") || !strcmp(text, "no"))
		return 0;
	return -1;
}

int conf_switch(struct conf_ctx *c)
{
	int on;

	if (conf_nword(c) < 2)
		return 1;
	on = conf_bool_text(conf_word(c, 1));
	if (on < 0)
		conf_say(c, K_VALUE, 1, "'%s' must be on or off, got '%s'; ignored",
			 conf_word(c, 0), conf_word(c, 1));
	return on;
}

/* --- addresses --- */

/* Four numbers of up to three digits without leading zeros; false: look closely. */
static bool plain_ipv4(const char *p, struct in_addr *out)
{
	uint32_t addr = 0, n;
	const char *start;
	int i;

	for (i = 0; i < 4; i++) {
		start = p;
		for (n = 0; *p >= '0' && *p <= '9' && p - start < 3; p++)
			n = n * 10 + (uint32_t)(*p - '0');
		if (p == start || n > 255 || (*start == '0' && p - start > 1) ||
		    *p != (i < 3 ? '.' : '\0'))
			return false;
		addr = addr << 8 | n;
		p++;
	}
	out->s_addr = htonl(addr);
	return true;
}

bool conf_addr_text(const char *text, struct conf_addr *out)
{
	char copy[INET6_ADDRSTRLEN + 1];
	const char *end;
	size_t len;

	memset(out, 0, sizeof(*out));
	if (plain_ipv4(text, &out->v4)) {
		out->family = AF_INET;
		return true;
	}
	end = strchr(text, '-');
	if (!end)
		end = strchr(text, '/');
	len = end ? (size_t)(end - text) : strlen(text);
	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	out->family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(out->family, copy, &out->v6) == 1)
		return true;
	memset(out, 0, sizeof(*out));
	return false;
}

bool conf_addr_equal(const struct conf_addr *a, const struct conf_addr *b)
{
	if (a->family != b->family)
		return false;
	if (a->family == AF_INET)
		return a->v4.s_addr == b->v4.s_addr;
	return !a->family || !memcmp(&a->v6, &b->v6, sizeof(a->v6));
}

const char *conf_addr_str(const struct conf_addr *a, char *buf)
{
	if (!a->family || !inet_ntop(a->family, &a->v6, buf, INET6_ADDRSTRLEN))
		strcpy(buf, "?");
	return buf;
}

bool conf_addr_link_local(const struct conf_addr *a)
{
	return a->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&a->v6);
}

bool conf_addr_multicast(const struct conf_addr *a)
{
	if (a->family == AF_INET6)
		return IN6_IS_ADDR_MULTICAST(&a->v6);
	return a->family == AF_INET && IN_MULTICAST(ntohl(a->v4.s_addr));
}

bool conf_port(struct conf_ctx *c, size_t i, int *port)
{
	const char *text = i < conf_nword(c) ? conf_word(c, i) : "";
	unsigned int n;

	*port = 0;
	if (!text[strspn(text, "0")])
		return true;
	if (!conf_uint_text(c, i, text, 1, 65535, true, &n))
		return false;
	*port = (int)n;
	return true;
}

void *conf_grow(struct conf_ctx *c, void *p, size_t *n, size_t size)
{
	char *more = p;

	/* Room doubles; n alone tells when it is full. */
	if (!(*n & (*n - 1))) {
		more = realloc(p, (*n ? *n * 2 : 1) * size);
		if (!more) {
			conf_nomem(c);
			return NULL;
		}
	}
	memset(more + *n * size, 0, size);
	(*n)++;
	return more;
}
