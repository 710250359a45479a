/* vrrp_instance: its addresses, its peers, and VMACs. */
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "conf_vrrp_words.h"

/* --- addresses --- */

static void vip_line(struct conf_ctx *c)
{
	struct vrrp_build *b = cur(c);
	struct conf_vip *v;

	if (!conf_vip_line(c, &b->v.vip, &b->v.nvip))
		return;
	v = &b->v.vip[b->v.nvip - 1];
	if (!b->v.family) {
		b->v.family = v->addr.family;
	} else if (v->addr.family != b->v.family) {
		conf_say(c, K_VIP, 0,
			 "(%s) an instance has addresses of one family; this one is left out",
			 name(c));
		conf_vip_clear(v);
		b->v.nvip--;
	}
}

static void virtual_ipaddress(struct conf_ctx *c)
{
	cur(c)->vip_pos = conf_here(c, 0);
	conf_value_block(c, vip_line);
}

static void evip_line(struct conf_ctx *c)
{
	conf_vip_line(c, &cur(c)->evip, &cur(c)->nevip);
}

static void virtual_ipaddress_excluded(struct conf_ctx *c)
{
	conf_value_block(c, evip_line);
}

/* The address after the word; false after a message. */
static bool take_addr(struct conf_ctx *c, struct conf_addr *addr)
{
	if (conf_addr_text(conf_word(c, 1), addr))
		return true;
	conf_say(c, K_ADDRESS, 1, "(%s) '%s' is no address; ignored", name(c),
		 conf_word(c, 1));
	return false;
}

static void src_ip(struct conf_ctx *c)
{
	struct vrrp_build *b = cur(c);
	struct conf_addr addr;

	if (!take_addr(c, &addr))
		return;
	b->saddr = addr;
	b->saddr_set = true;
	if (!b->v.family) {
		b->v.family = addr.family;
	} else if (addr.family != b->v.family) {
		conf_say(c, K_ADDRESS, 1, "(%s) this address is of the other family; ignored",
			 name(c));
		memset(&b->saddr, 0, sizeof(b->saddr));
		b->saddr_set = false;
	}
}

static void unicast_src_ip(struct conf_ctx *c)
{
	cur(c)->unicast_configured = true;
	src_ip(c);
}

static void mcast_dst_ip(struct conf_ctx *c)
{
	struct vrrp_build *b = cur(c);
	struct conf_addr addr;

	if (!take_addr(c, &addr))
		return;
	if (!b->v.family)
		b->v.family = addr.family;
	if (addr.family != b->v.family || !conf_addr_multicast(&addr) ||
	    (addr.family == AF_INET6 && !IN6_IS_ADDR_MC_LINKLOCAL(&addr.v6))) {
		conf_say(c, K_ADDRESS, 1,
			 "(%s) this is no%s multicast address of the instance's family; ignored",
			 name(c), addr.family == AF_INET6 ? " link-local" : "");
		return;
	}
	b->v.mcast_dst = addr;
}

/* min_ttl N, max_ttl N after a peer. */
static void peer_ttl(struct conf_ctx *c, struct conf_ttl *ttl)
{
	unsigned int n;
	size_t i;

	for (i = 1; i < conf_nword(c); i += 2) {
		if (i + 1 >= conf_nword(c)) {
			conf_say(c, K_UNICAST, i, "(%s) '%s' needs a number", name(c),
				 conf_word(c, i));
			return;
		}
		if (!conf_uint_text(c, i + 1, conf_word(c, i + 1), 0, 255, false, &n))
			continue;
		if (conf_is(c, i, "min_ttl"))
			ttl->min = (uint8_t)n;
		else if (conf_is(c, i, "max_ttl"))
			ttl->max = (uint8_t)n;
		else {
			conf_say(c, K_UNICAST, i, "(%s) a peer has no option '%s'", name(c),
				 conf_word(c, i));
			return;
		}
		cur(c)->v.check_unicast_src = true;
	}
}

static void peer_line(struct conf_ctx *c)
{
	struct conf_ttl ttl = { 0, 255 }, *ttls;
	struct vrrp_build *b = cur(c);
	struct conf_addr addr, *peers;
	size_t n = b->v.npeer;

	if (!conf_addr_text(conf_word(c, 0), &addr)) {
		conf_say(c, K_ADDRESS, 0, "(%s) '%s' is no address; this peer is left out",
			 name(c), conf_word(c, 0));
		return;
	}
	if (!b->v.family)
		b->v.family = addr.family;
	if (addr.family != b->v.family) {
		conf_say(c, K_ADDRESS, 0,
			 "(%s) this peer is of the other family, and left out", name(c));
		return;
	}
	peer_ttl(c, &ttl);
	if (ttl.min > ttl.max)
		conf_say(c, K_UNICAST, 0, "(%s) min_ttl above max_ttl: nothing it sends counts",
			 name(c));
	ttls = conf_grow(c, b->v.peer_ttl, &n, sizeof(*ttls));
	if (!ttls)
		return;
	b->v.peer_ttl = ttls;
	ttls[n - 1] = ttl;
	peers = conf_grow(c, b->v.peer, &b->v.npeer, sizeof(*peers));
	if (!peers)
		return;
	b->v.peer = peers;
	peers[b->v.npeer - 1] = addr;
}

static void unicast_peer(struct conf_ctx *c)
{
	cur(c)->unicast_configured = true;
	conf_value_block(c, peer_line);
}

static void fault_no_peer(struct conf_ctx *c)
{
	cur(c)->unicast_configured = true;
	cur(c)->v.fault_no_peer = true;
}

static void check_src(struct conf_ctx *c)
{
	cur(c)->unicast_configured = true;
	cur(c)->v.check_unicast_src = true;
}

static void old_checksum(struct conf_ctx *c)
{
	struct vrrp_build *b = cur(c);

	b->unicast_configured = true;
	if (conf_nword(c) < 2)
		b->v.old_unicast_checksum = true;
	else if (conf_is(c, 1, "never"))
		b->v.old_unicast_checksum_never = true;
	else
		conf_say(c, K_VALUE, 1, "(%s) old_unicast_checksum takes never or nothing; "
					"ignored",
			 name(c));
}

static void unicast_ttl(struct conf_ctx *c)
{
	unsigned int n;

	if (conf_uint(c, 1, 0, 255, false, &n))
		cur(c)->v.ttl = (int)n;
	else
		conf_say(c, K_VALUE, 1, "(%s) unicast_ttl must be 0 to 255; ignored", name(c));
}

/* --- VMAC --- */

static bool parse_mac(const char *p, uint8_t mac[6], bool *by_vrid)
{
	char *rest;
	int i;

	*by_vrid = false;
	for (i = 0; i < 6; i++) {
		unsigned long n = strtoul(p, &rest, 16);

		if (rest == p || rest - p > 2 || n > 255)
			return false;
		mac[i] = (uint8_t)n;
		if (*rest != ':' && (*rest || i < 4))
			return false;
		if (i == 4 && (!*rest || !rest[1])) {
			*by_vrid = true;
			return true;
		}
		p = rest + (*rest == ':');
		if (!*p && i < 5)
			return false;
	}
	return true;
}

static void vmac_mac(struct conf_ctx *c, size_t i)
{
	static const uint8_t rfc[4] = { 0x00, 0x00, 0x5e, 0x00 };
	const char *text = conf_word(c, i);
	struct vrrp_build *b = cur(c);
	uint8_t mac[6] = { 0 };
	bool by_vrid;

	if (b->v.has_vmac_mac)
		conf_say(c, K_VMAC, i, "a second MAC address, ignored");
	else if (text[strspn(text, "0123456789ABCDEFabcdef:")] ||
		 !parse_mac(text, mac, &by_vrid))
		conf_say(c, K_VMAC, i, "'%s' is no MAC address; ignored", text);
	else if (mac[0] & 1)
		conf_say(c, K_VMAC, i, "'%s' is a multicast MAC address; ignored", text);
	else if (!memcmp(mac, rfc, 4) && (mac[4] == 1 || mac[4] == 2))
		conf_say(c, K_VMAC, i, "'%s' is of VRRP's own range; ignored", text);
	else {
		b->v.has_vmac_mac = true;
		b->vmac_mac_by_vrid = by_vrid;
		memcpy(b->v.vmac_mac, mac, 6);
	}
}

static bool valid_ifname(const char *s)
{
	return *s && strlen(s) < IFNAMSIZ && strcmp(s, ".") && strcmp(s, "..") &&
	       !strpbrk(s, "/: \t\n\v\f\r");
}

static void vmac_name(struct conf_ctx *c, size_t i)
{
	const char *text = conf_word(c, i);
	struct vrrp_build *b = cur(c);
	const struct conf_if *existing;
	size_t j;

	if (b->v.vmac_ifname) {
		conf_say(c, K_VMAC, i, "a second VMAC interface, ignored");
		return;
	}
	if (!valid_ifname(text)) {
		conf_say(c, K_VMAC, i, "'%s' cannot name an interface; ignored", text);
		return;
	}
	for (j = 0; j + 1 < c->nvrrp; j++)
		if (c->vrrp[j].v.vmac_ifname && !strcmp(c->vrrp[j].v.vmac_ifname, text)) {
			conf_say(c, K_VMAC, i, "(%s) instance %s has '%s' already; ignored",
				 name(c), c->vrrp[j].v.name, text);
			return;
		}
	existing = conf_if(c, text);
	if (existing && !existing->private_macvlan)
		conf_say(c, K_VMAC, i, "(%s) '%s' exists and is no private macvlan; ignored",
			 name(c), text);
	else
		b->v.vmac_ifname = conf_dup(c, i);
}

static void use_vmac(struct conf_ctx *c)
{
	size_t i;

	cur(c)->v.use_vmac = true;
	for (i = 1; i < conf_nword(c) && i <= 2; i++) {
		if (strchr(conf_word(c, i), ':'))
			vmac_mac(c, i);
		else
			vmac_name(c, i);
	}
}

static void use_vmac_addr(struct conf_ctx *c)
{
	cur(c)->v.use_vmac_addr = true;
}

static void vmac_xmit_base(struct conf_ctx *c)
{
	cur(c)->v.vmac_xmit_base = true;
}

static const struct conf_kw words[] = {
	{ .name = "check_unicast_src", .fn = check_src },
	{ .name = "mcast_dst_ip", .fn = mcast_dst_ip },
	{ .name = "mcast_src_ip", .fn = src_ip },
	{ .name = "old_unicast_checksum", .fn = old_checksum },
	{ .name = "unicast_fault_no_peer", .fn = fault_no_peer },
	{ .name = "unicast_peer", .fn = unicast_peer },
	{ .name = "unicast_src_ip", .fn = unicast_src_ip },
	{ .name = "unicast_ttl", .fn = unicast_ttl },
	{ .name = "use_vmac", .fn = use_vmac },
	{ .name = "use_vmac_addr", .fn = use_vmac_addr },
	{ .name = "virtual_ipaddress", .fn = virtual_ipaddress },
	{ .name = "virtual_ipaddress_excluded", .fn = virtual_ipaddress_excluded },
	{ .name = "vmac_xmit_base", .fn = vmac_xmit_base },
};

const struct conf_words conf_vrrp_addr_words = CONF_WORDS(words);
