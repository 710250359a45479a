/* virtual_server_group: addresses, ranges of them, and firewall marks. */
#include "conf_lvs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct lvs_group_conf *cur(struct conf_ctx *c)
{
	return &c->conf->group[c->conf->ngroup - 1];
}

static void entry_add(struct conf_ctx *c, const struct lvs_group_entry_conf *e)
{
	struct lvs_group_conf *g = cur(c);
	struct lvs_group_entry_conf *more = conf_grow(c, g->entry, &g->nentry, sizeof(*more));
	size_t at = g->nentry - 1;

	if (!more)
		return;
	g->entry = more;
	/* Addresses stand before firewall marks. */
	while (e->addr.family && at && !more[at - 1].addr.family) {
		more[at] = more[at - 1];
		at--;
	}
	more[at] = *e;
}

static void fwmark(struct conf_ctx *c)
{
	struct lvs_group_entry_conf e = { .count = 1 };

	if (!conf_uint(c, 1, 0, UINT32_MAX, true, &e.fwmark)) {
		conf_say(c, K_SERVER, 1, "(%s) this fwmark is left out", cur(c)->name);
		return;
	}
	if (conf_nword(c) > 2) {
		e.family = conf_is(c, 2, "inet")  ? AF_INET :
			   conf_is(c, 2, "inet6") ? AF_INET6 :
						    0;
		if (!e.family) {
			conf_say(c, K_SERVER, 2, "(%s) the family is inet or inet6; left out",
				 cur(c)->name);
			return;
		}
	}
	entry_add(c, &e);
}

/* The last 32 bits of an address, as a number. */
static uint32_t tail(const struct conf_addr *a)
{
	uint32_t n;

	memcpy(&n, a->family == AF_INET ? (const uint8_t *)&a->v4 : &a->v6.s6_addr[12], 4);
	return ntohl(n);
}

/* ADDRESS/BITS: the bits beyond must be 0. */
static bool by_mask(struct conf_ctx *c, const char *slash, struct lvs_group_entry_conf *e)
{
	unsigned int all = e->addr.family == AF_INET ? 32 : 128, host, i;
	unsigned long bits;
	char *rest;

	bits = strtoul(slash + 1, &rest, 10);
	if (*rest || !bits || bits > all) {
		conf_say(c, K_SERVER, 0, "'%s' is no prefix length; left out", slash + 1);
		return false;
	}
	host = all - (unsigned int)bits;
	for (i = 0; i < host; i++) {
		const uint8_t *p = e->addr.family == AF_INET ? (const uint8_t *)&e->addr.v4 :
							       e->addr.v6.s6_addr;

		if (p[(all - 1 - i) / 8] >> (i % 8) & 1) {
			conf_say(c, K_SERVER, 0,
				 "the bits after the prefix must be 0; left out");
			return false;
		}
	}
	e->count = host >= 32 ? UINT32_MAX : UINT32_C(1) << host;
	return true;
}

/* ADDRESS-ADDRESS. */
static bool by_end(struct conf_ctx *c, const char *text, struct lvs_group_entry_conf *e)
{
	struct conf_addr last;

	if (!conf_addr_text(text, &last) || last.family != e->addr.family) {
		conf_say(c, K_SERVER, 0, "'%s' ends no range; left out", text);
		return false;
	}
	if (memcmp(&e->addr.v6, &last.v6, e->addr.family == AF_INET ? 4 : 16) > 0) {
		conf_say(c, K_SERVER, 0, "the range ends before it begins; left out");
		return false;
	}
	if (e->addr.family == AF_INET6 && memcmp(&e->addr.v6, &last.v6, 12))
		e->count = UINT32_MAX;
	else
		e->count = tail(&last) - tail(&e->addr) + 1;
	return true;
}

/* ADDRESS-N: N is the end of its last part. */
static bool by_last_part(struct conf_ctx *c, const char *text,
			 struct lvs_group_entry_conf *e)
{
	bool six = e->addr.family == AF_INET6;
	uint32_t part = six ? 0xffff : 0xff, first = tail(&e->addr) & part;
	unsigned long last;
	char *rest;

	errno = 0;
	last = strtoul(text, &rest, six ? 16 : 10);
	if (*rest) {
		conf_say(c, K_NUMBER, 0, "something follows the range: '%s'%s", rest,
			 c->opt->test ? "; left out" : "");
		if (c->opt->test)
			return false;
	} else if (errno || last > part) {
		conf_say(c, K_NUMBER, 0, "'%s' is beyond the last part of an address; left out",
			 text);
		return false;
	}
	if (first >= last) {
		conf_say(c, K_SERVER, 0, "the range ends before it begins; left out");
		return false;
	}
	e->count = (uint32_t)(last & part) - first + 1;
	return true;
}

static void entry_line(struct conf_ctx *c)
{
	const char *text = conf_word(c, 0), *slash = strchr(text, '/');
	const char *dash = strchr(text, '-');
	struct lvs_group_entry_conf e = { .count = 1 };

	if (!strcmp(text, "fwmark")) {
		fwmark(c);
		return;
	}
	if (!conf_port(c, 1, &e.port) || !conf_addr_text(text, &e.addr)) {
		conf_say(c, K_SERVER, 0, "'%s' is no address and port; left out", text);
		return;
	}
	if (slash ? !by_mask(c, slash, &e) :
	    dash && strchr(dash + 1, e.addr.family == AF_INET ? '.' : ':') ?
		    !by_end(c, dash + 1, &e) :
		    dash && !by_last_part(c, dash + 1, &e))
		return;
	entry_add(c, &e);
}

void conf_service_group(struct conf_ctx *c)
{
	const char *name = conf_word(c, 1);
	struct conf_pos pos = conf_here(c, 1);
	bool v4 = false, v6 = false, any = false;
	struct lvs_group_conf *more;
	size_t i;

	if (c->give_up)
		return;
	more = conf_grow(c, c->conf->group, &c->conf->ngroup, sizeof(*more));
	if (!more)
		return;
	c->conf->group = more;
	cur(c)->name = conf_strdup(c, name);
	if (!cur(c)->name)
		return;
	conf_value_lines(c, 2, entry_line);
	more = cur(c);
	for (i = 0; i < more->nentry; i++) {
		int family = more->entry[i].addr.family ? more->entry[i].addr.family :
							  more->entry[i].family;

		v4 |= family == AF_INET;
		v6 |= family == AF_INET6;
		any |= !family;
	}
	if (!c->give_up && !more->nentry)
		conf_say_at(c, K_SERVER, &pos, "virtual_server_group '%s' is empty; left out",
			    more->name);
	else if (v4 && v6 && any)
		conf_say_at(c, K_SERVER, &pos,
			    "virtual_server_group '%s' mixes families; its fwmarks must name "
			    "theirs, left out",
			    more->name);
	else
		return;
	free(more->name);
	free(more->entry);
	c->conf->ngroup--;
}
