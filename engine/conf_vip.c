/* Addresses with their options: virtual_ipaddress and its like. */
#include <arpa/inet.h>
#include <limits.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "conf_build.h"

#define SCOPES_FILE "/etc/iproute2/rt_scopes"

/* What a line says before it is accepted. */
struct vip_line {
	struct conf_vip vip;
	int brd; /* -1: +, -2: -, computed from the prefix; 1: given */
	bool lft_set;
	bool is_static;
};

void conf_vip_clear(struct conf_vip *vip)
{
	free(vip->dev);
	free(vip->label);
	memset(vip, 0, sizeof(*vip));
}

/* ADDRESS[/PREFIX] from word i. Returns false after a complaint. */
static bool address(struct conf_ctx *c, size_t i, bool prefix, struct conf_addr *addr,
		    int *len)
{
	const char *text = conf_word(c, i), *slash = prefix ? strchr(text, '/') : NULL;
	char plain[INET6_ADDRSTRLEN + 1];
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	unsigned int bits;

	if (c->give_up)
		return false;
	memset(addr, 0, sizeof(*addr));
	addr->family = strchr(text, ':') ? AF_INET6 : AF_INET;
	*len = addr->family == AF_INET6 ? 128 : 32;
	if (slash) {
		if (conf_uint_text(c, i, slash + 1, 0, (unsigned int)*len, true, &bits))
			*len = (int)bits;
		else
			conf_say(c, K_ADDRESS, i, "'%s' is no prefix length; taken as /%d",
				 slash + 1, *len);
	}
	if (n < sizeof(plain)) {
		memcpy(plain, text, n);
		plain[n] = '\0';
		if (inet_pton(addr->family, plain, &addr->v6) == 1)
			return true;
	}
	conf_say(c, K_ADDRESS, i, "'%s' is no address; left out", text);
	return false;
}

/* --- scopes --- */

static bool scope_in_file(const char *name, int *scope)
{
	char line[256], word[64];
	FILE *f = fopen(SCOPES_FILE, "re");
	bool found = false;
	int id;

	while (f && !found && fgets(line, sizeof(line), f))
		if (sscanf(line, "%i %63s", &id, word) == 2 && !strcmp(word, name)) {
			*scope = id & 0xff;
			found = true;
		}
	if (f)
		fclose(f);
	return found;
}

static bool scope_of(const char *name, int *scope)
{
	static const struct {
		const char *name;
		int id;
	} known[] = {
		{ "global", RT_SCOPE_UNIVERSE }, { "site", RT_SCOPE_SITE },
		{ "link", RT_SCOPE_LINK },	 { "host", RT_SCOPE_HOST },
		{ "nowhere", RT_SCOPE_NOWHERE },
	};
	unsigned long id;
	char *rest;
	size_t i;

	id = strtoul(name, &rest, 0);
	if (rest != name && !*rest) {
		*scope = (int)(id & 0xff);
		return (unsigned int)id <= 255;
	}
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i].name, name)) {
			*scope = known[i].id;
			return true;
		}
	return scope_in_file(name, scope);
}

/* --- options --- */

static bool opt_dev(struct conf_ctx *c, struct vip_line *l, size_t i)
{
	const char *name = conf_word(c, i);

	if (l->vip.dev) {
		conf_say(c, K_INTERFACE, i, "a second dev; the address is left out");
		return false;
	}
	if (!conf_if_wanted(c, name)) {
		conf_say(c, K_INTERFACE, i, "there is no interface '%s' here", name);
		return false;
	}
	l->vip.dev = conf_dup(c, i);
	return l->vip.dev != NULL;
}

static bool opt_broadcast(struct conf_ctx *c, struct vip_line *l, size_t i)
{
	const char *text = conf_word(c, i);

	if (l->vip.addr.family == AF_INET6) {
		conf_say(c, K_VIP, i, "IPv6 has no broadcast; the address is left out");
		return false;
	}
	l->brd = !strcmp(text, "-") ? -2 : !strcmp(text, "+") ? -1 : 1;
	if (l->brd < 0)
		return true;
	l->vip.brd.family = AF_INET;
	if (inet_pton(AF_INET, text, &l->vip.brd.v4) == 1)
		return true;
	conf_say(c, K_VIP, i, "'%s' is no broadcast address; the address is left out", text);
	return false;
}

static bool opt_label(struct conf_ctx *c, struct vip_line *l, size_t i)
{
	if (strlen(conf_word(c, i)) >= 16) {
		conf_say(c, K_VIP, i, "a label has at most 15 characters; the address is "
				      "left out");
		return false;
	}
	free(l->vip.label);
	l->vip.label = conf_dup(c, i);
	return l->vip.label != NULL;
}

static void opt_peer(struct conf_ctx *c, struct vip_line *l, size_t i)
{
	struct conf_addr peer;
	int len;

	if (l->vip.has_peer) {
		conf_say(c, K_VIP, i, "a second peer, ignored");
		return;
	}
	if (!address(c, i, false, &peer, &len)) {
		conf_say(c, K_VIP, i, "the peer is ignored");
		return;
	}
	if (peer.family != l->vip.addr.family) {
		conf_say(c, K_VIP, i, "the peer is of the other family; ignored");
		return;
	}
	if (l->vip.prefixlen != (peer.family == AF_INET6 ? 128 : 32))
		conf_say(c, K_VIP, i, "with a peer there is no prefix length; ignored");
	l->vip.has_peer = true;
	l->vip.peer = peer;
	l->vip.prefixlen = len;
}

static void opt_lft(struct conf_ctx *c, struct vip_line *l, size_t i)
{
	unsigned int n;

	if (conf_is(c, i, "forever"))
		l->vip.preferred_lft = UINT32_MAX;
	else if (conf_uint(c, i, 0, UINT32_MAX, true, &n))
		l->vip.preferred_lft = n;
	else {
		conf_say(c, K_VIP, i, "preferred_lft is ignored");
		return;
	}
	l->lft_set = true;
}

static void set_flag(struct vip_line *l, uint32_t flag, bool on)
{
	l->vip.flag_mask |= flag;
	if (on)
		l->vip.flags |= flag;
}

/* Options of one word. */
static void opt_alone(struct conf_ctx *c, struct vip_line *l, size_t i)
{
	const char *word = conf_word(c, i);

	if (!strcmp(word, "home"))
		set_flag(l, IFA_F_HOMEADDRESS, true);
	else if (!strcmp(word, "-nodad"))
		set_flag(l, IFA_F_NODAD, false);
	else if (!strcmp(word, "mngtmpaddr"))
		set_flag(l, IFA_F_MANAGETEMPADDR, true);
	else if (!strcmp(word, "noprefixroute"))
		set_flag(l, IFA_F_NOPREFIXROUTE, true);
	else if (!strcmp(word, "autojoin"))
		set_flag(l, IFA_F_MCAUTOJOIN, true);
	else if (!strcmp(word, "no_track"))
		l->vip.no_track = true;
	else if (!l->is_static && !strcmp(word, "use_vmac"))
		l->vip.use_vmac = true;
	else
		conf_say(c, K_VIP, i, "an address has no option '%s'; ignored", word);
}

static bool takes_value(const struct vip_line *l, const char *word)
{
	static const char *const words[] = { "dev",   "scope", "broadcast",	"brd",
					     "label", "peer",  "preferred_lft" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i], word))
			return true;
	return l->is_static && !strcmp(word, "track_group");
}

/* An option with its value at i + 1. Returns false when the address must go. */
static bool opt_valued(struct conf_ctx *c, struct vip_line *l, size_t i)
{
	const char *word = conf_word(c, i);
	int scope;

	if (i + 1 >= conf_nword(c)) {
		conf_say(c, K_VIP, i, "'%s' needs a value; the address is left out", word);
		return false;
	}
	switch (*word) {
	case 'd':
		return opt_dev(c, l, i + 1);
	case 's':
		if (scope_of(conf_word(c, i + 1), &scope))
			l->vip.scope = scope;
		else
			conf_say(c, K_VIP, i + 1, "'%s' is no scope; ignored",
				 conf_word(c, i + 1));
		return true;
	case 'b':
		return opt_broadcast(c, l, i + 1);
	case 'l':
		return opt_label(c, l, i + 1);
	case 't':
		if (!conf_named(c, NAMED_TRACK_GROUP, conf_word(c, i + 1)))
			conf_say(c, K_VIP, i + 1, "there is no track_group '%s'",
				 conf_word(c, i + 1));
		return true;
	default:
		if (!strcmp(word, "peer"))
			opt_peer(c, l, i + 1);
		else
			opt_lft(c, l, i + 1);
		return true;
	}
}

static bool options(struct conf_ctx *c, struct vip_line *l)
{
	size_t i;

	for (i = 1; i < conf_nword(c) && !c->give_up; i++) {
		if (!takes_value(l, conf_word(c, i)))
			opt_alone(c, l, i);
		else if (!opt_valued(c, l, i++))
			return false;
	}
	return !c->give_up;
}

static void settle_broadcast(struct conf_ctx *c, struct vip_line *l)
{
	struct conf_vip *v = &l->vip;
	uint32_t host;

	if (!l->brd)
		return;
	if (v->has_peer) {
		conf_say(c, K_VIP, 0, "broadcast and peer exclude each other; broadcast is "
				      "ignored");
		memset(&v->brd, 0, sizeof(v->brd));
	} else if (l->brd < 0 && v->prefixlen <= 30) {
		host = htonl(UINT32_MAX >> v->prefixlen);
		v->brd = v->addr;
		if (l->brd == -1)
			v->brd.v4.s_addr |= host;
		else
			v->brd.v4.s_addr &= ~host;
	} else if (l->brd < 0) {
		conf_say(c, K_VIP, 0, "a /%d has no broadcast address", v->prefixlen);
	}
}

static void settle_v6(struct conf_ctx *c, struct vip_line *l)
{
	struct conf_vip *v = &l->vip;

	if (v->addr.family != AF_INET6)
		return;
	if (v->scope)
		conf_say(c, K_VIP, 0, "an IPv6 address has no scope to set; ignored");
	if (v->label)
		conf_say(c, K_VIP, 0, "an IPv6 address has no label; ignored");
	v->scope = 0;
	free(v->label);
	v->label = NULL;
	if (!l->lft_set)
		v->preferred_lft = v->prefixlen == 128 ? 0 : UINT32_MAX;
}

static bool read_line(struct conf_ctx *c, struct vip_line *l)
{
	if (!address(c, 0, true, &l->vip.addr, &l->vip.prefixlen) || !options(c, l)) {
		conf_vip_clear(&l->vip);
		return false;
	}
	settle_broadcast(c, l);
	settle_v6(c, l);
	return true;
}

bool conf_vip_line(struct conf_ctx *c, struct conf_vip **vip, size_t *n)
{
	struct vip_line l = { .brd = 0 };
	struct conf_vip *more;

	if (!read_line(c, &l))
		return false;
	more = conf_grow(c, *vip, n, sizeof(*more));
	if (!more) {
		conf_vip_clear(&l.vip);
		return false;
	}
	*vip = more;
	more[*n - 1] = l.vip;
	return true;
}

void conf_static_address(struct conf_ctx *c)
{
	struct vip_line l = { .is_static = true };

	if (read_line(c, &l))
		conf_vip_clear(&l.vip);
}
