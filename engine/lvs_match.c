#include "lvs_match.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* --- the same? --- */

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool lvs_same_addr(const struct conf_addr *a, const struct conf_addr *b)
{
	if (a->family != b->family)
		return false;
	if (a->family == AF_INET6)
		return !memcmp(&a->v6, &b->v6, sizeof(a->v6));
	return !a->family || a->v4.s_addr == b->v4.s_addr;
}

static int family_of(const struct lvs_service_conf *c)
{
	int family = c->addr.family ? c->addr.family : c->family;

	return family ? family : AF_INET;
}

bool lvs_same_service(const struct lvs_service_conf *a, const struct lvs_service_conf *b)
{
	if (a->group || b->group)
		return a->group && b->group && a->protocol == b->protocol &&
		       same_text(a->group->name, b->group->name);
	if (family_of(a) != family_of(b) || a->fwmark != b->fwmark)
		return false;
	return a->fwmark || (a->protocol == b->protocol && a->port == b->port &&
			     lvs_same_addr(&a->addr, &b->addr));
}

bool lvs_same_real(const struct lvs_real_conf *a, const struct lvs_real_conf *b)
{
	return a->port == b->port && lvs_same_addr(&a->addr, &b->addr);
}

bool lvs_same_entry(const struct lvs_group_entry_conf *a,
		    const struct lvs_group_entry_conf *b)
{
	return a->fwmark == b->fwmark &&
	       (a->fwmark || (lvs_same_addr(&a->addr, &b->addr) && a->port == b->port &&
			      a->count == b->count));
}

static bool same_connection(const struct checker_conf *a, const struct checker_conf *b)
{
	return lvs_same_addr(&a->connect_ip, &b->connect_ip) &&
	       a->connect_port == b->connect_port && a->bind_port == b->bind_port &&
	       lvs_same_addr(&a->bindto, &b->bindto) && a->fwmark == b->fwmark &&
	       a->connect_timeout_ns == b->connect_timeout_ns &&
	       same_text(a->bind_if, b->bind_if);
}

static bool same_regex(const struct http_url_conf *a, const struct http_url_conf *b)
{
	return same_text(a->regex, b->regex) && a->regex_options == b->regex_options &&
	       a->regex_no_match == b->regex_no_match && a->regex_min == b->regex_min &&
	       a->regex_max == b->regex_max;
}

static bool same_urls(const struct checker_conf *a, const struct checker_conf *b)
{
	const struct http_url_conf *u, *v;
	size_t i;

	if (a->nurl != b->nurl || !same_text(a->virtualhost, b->virtualhost))
		return false;
	for (i = 0; i < a->nurl; i++) {
		u = &a->url[i];
		v = &b->url[i];
		if (!same_text(u->path, v->path) || u->has_digest != v->has_digest ||
		    memcmp(u->digest, v->digest, sizeof(u->digest)) != 0 ||
		    u->status_min != v->status_min || u->status_max != v->status_max ||
		    memcmp(u->status_set, v->status_set, sizeof(u->status_set)) != 0 ||
		    !same_text(u->virtualhost, v->virtualhost) ||
		    !same_regex(u, v))
			return false;
	}
	return true;
}

static bool same_script(const struct conf_script *a, const struct conf_script *b)
{
	size_t i;

	for (i = 0; a->argv[i] && b->argv[i]; i++)
		if (strcmp(a->argv[i], b->argv[i]) != 0)
			return false;
	return !a->argv[i] && !b->argv[i] && same_text(a->user, b->user) &&
	       same_text(a->group, b->group);
}

bool lvs_same_checker(const struct checker_conf *a, const struct checker_conf *b)
{
	if (a->type != b->type)
		return false;
	if (a->type == CHECK_MISC)
		return a->misc_dynamic == b->misc_dynamic &&
		       same_script(a->misc, b->misc);
	if (!same_connection(a, b))
		return false;
	switch (a->type) {
	case CHECK_HTTP:
	case CHECK_SSL:
		return same_urls(a, b);
	case CHECK_DNS:
		return a->dns_type == b->dns_type && same_text(a->dns_name, b->dns_name);
	case CHECK_SMTP:
		return same_text(a->helo_name, b->helo_name);
	case CHECK_TCP:
	case CHECK_UDP:
	case CHECK_PING:
	case CHECK_MISC:
		break;
	}
	return true;
}

/* --- finding --- */

/* FNV-1a. */
static uint64_t hash(uint64_t h, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len--)
		h = (h ^ *p++) * UINT64_C(0x100000001b3);
	return h;
}

#define HASH_START UINT64_C(0xcbf29ce484222325)

static uint64_t hash_addr(uint64_t h, const struct conf_addr *a)
{
	return hash(h, &a->v6,
		    a->family == AF_INET6 ? 16 :
		    a->family		  ? 4 :
					    0);
}

uint64_t lvs_hash_service(const struct lvs_service_conf *c)
{
	uint64_t h = HASH_START;

	if (c->group)
		return hash(h, c->group->name, strlen(c->group->name));
	if (c->fwmark)
		return hash(h, &c->fwmark, sizeof(c->fwmark));
	h = hash_addr(h, &c->addr);
	h = hash(h, &c->protocol, sizeof(c->protocol));
	return hash(h, &c->port, sizeof(c->port));
}

uint64_t lvs_hash_real(const struct lvs_real_conf *c)
{
	return hash(hash_addr(HASH_START, &c->addr), &c->port, sizeof(c->port));
}

static size_t slots_for(size_t n)
{
	size_t size = 4;

	while (size < n * 2)
		size *= 2;
	return size;
}

int lvs_index_make(struct lvs_index *x, size_t n)
{
	size_t size = slots_for(n);

	x->slot = calloc(size, sizeof(*x->slot));
	x->mask = size - 1;
	return x->slot ? 0 : -ENOMEM;
}

void lvs_index_clear(struct lvs_index *x, size_t n)
{
	x->mask = slots_for(n) - 1;
	memset(x->slot, 0, (x->mask + 1) * sizeof(*x->slot));
}

void lvs_index_finish(struct lvs_index *x)
{
	free(x->slot);
	memset(x, 0, sizeof(*x));
}

void lvs_index_add(struct lvs_index *x, uint64_t h, uint32_t i)
{
	while (x->slot[h & x->mask])
		h++;
	x->slot[h & x->mask] = i + 1;
}

int64_t lvs_index_next(const struct lvs_index *x, uint64_t *pos)
{
	return (int64_t)x->slot[(*pos)++ & x->mask] - 1;
}
