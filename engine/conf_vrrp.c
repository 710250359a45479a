/* The words of vrrp_instance. Defaults and checks: conf_vrrp_done.c. */
#include <limits.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>

#include "conf_build.h"

#define US    1000000
#define US_NS 1000

static struct vrrp_build *cur(struct conf_ctx *c)
{
	return conf_cur_vrrp(c);
}

static const char *name(struct conf_ctx *c)
{
	return cur(c)->v.name;
}

void conf_vrrp_start(struct conf_ctx *c)
{
	struct vrrp_build *more;
	size_t i;

	if (conf_nword(c) != 2) {
		conf_say(c, K_VALUE, 1, "vrrp_instance needs one name; left out");
		conf_skip_block(c);
		return;
	}
	for (i = 0; i < c->nvrrp; i++)
		if (!strcmp(c->vrrp[i].v.name, conf_word(c, 1))) {
			conf_say(c, K_DUPLICATE, 1,
				 "vrrp_instance '%s' was defined before, at line %d; this one "
				 "is left out",
				 conf_word(c, 1), c->vrrp[i].pos.line);
			conf_skip_block(c);
			return;
		}
	more = conf_grow(c, c->vrrp, &c->nvrrp, sizeof(*more));
	if (!more)
		return;
	c->vrrp = more;
	more = cur(c);
	more->pos = conf_here(c, 1);
	more->v.name = conf_dup(c, 1);
	if (!more->v.name) {
		c->nvrrp--;
		return;
	}
	more->v.file = more->pos.file;
	more->v.line = more->pos.line;
	more->v.ttl = -1;
	more->v.garp_master_rep = (int)c->def.garp_rep;
	more->v.garp_master_refresh_rep = (int)c->def.garp_refresh_rep;
	more->v.garp_master_refresh_ns = c->def.garp_refresh_s * INT64_C(1000000000);
	more->v.garp_master_delay_ns = c->def.garp_delay_us * US_NS;
	more->v.down_timer_adverts = (int)c->def.down_timer_adverts;
	more->v.skip_check_adv_addr = c->def.skip_check_adv_addr;
	more->lower_prio_delay_us = -1;
	more->lower_prio_rep = UINT_MAX;
	more->strict = more->accept = more->priority_changes = -1;
	more->lower_prio_no_advert = more->higher_prio_send_advert = -1;
}

/* --- who --- */

static void state(struct conf_ctx *c)
{
	struct vrrp_build *b = cur(c);
	const char *text = conf_word(c, 1);

	if (c->give_up)
		return;
	b->state_pos = conf_here(c, 1);
	if (!strcmp(text, "MASTER")) {
		b->want = WANT_MASTER;
	} else if (!strcmp(text, "BACKUP")) {
		if (b->want == WANT_MASTER)
			conf_say(c, K_STATE, 1, "(%s) state was MASTER before; BACKUP is ignored",
				 name(c));
		else
			b->want = WANT_BACKUP;
	} else {
		conf_say(c, K_STATE, 1, "(%s) state is MASTER or BACKUP; '%s' is taken as BACKUP%s",
			 name(c), text,
			 !strcasecmp(text, "master") ? "; did you mean 'MASTER'?" : "");
		b->want = WANT_BACKUP;
	}
}

static void interface(struct conf_ctx *c)
{
	const char *ifname = conf_word(c, 1);
	struct vrrp_build *b = cur(c);
	const struct conf_if *i;

	if (c->give_up)
		return;
	if (strlen(ifname) >= IFNAMSIZ) {
		conf_say(c, K_INTERFACE, 1, "'%s' is too long for an interface; ignored",
			 ifname);
		return;
	}
	i = conf_if_wanted(c, ifname);
	free(b->v.ifname);
	b->v.ifname = NULL;
	if (!i)
		conf_say(c, K_INTERFACE, 1,
			 "(%s) there is no interface '%s' here; keepalived would not start",
			 name(c), ifname);
	else if (i->hwtype == ARPHRD_LOOPBACK && i->index)
		conf_say(c, K_INTERFACE, 1, "(%s) '%s' is a loopback; VRRP cannot use it",
			 name(c), ifname);
	else
		b->v.ifname = conf_dup(c, 1);
}

static void virtual_router_id(struct conf_ctx *c)
{
	unsigned int n;

	if (conf_uint(c, 1, 1, 255, false, &n))
		cur(c)->v.vrid = (int)n;
	else
		conf_say(c, K_VRID, 1, "(%s) virtual_router_id must be 1 to 255; ignored",
			 name(c));
}

static void priority(struct conf_ctx *c)
{
	struct vrrp_build *b = cur(c);
	unsigned int n;

	b->prio_pos = conf_here(c, 1);
	if (!conf_uint(c, 1, 1, 255, false, &n)) {
		conf_say(c, K_VALUE, 1, "(%s) priority must be 1 to 255; taken as 100", name(c));
		n = 100;
	}
	b->v.priority = (int)n;
}

static void advert_int(struct conf_ctx *c)
{
	struct vrrp_build *b = cur(c);
	uint64_t us;

	b->advert_pos = conf_here(c, 1);
	if (conf_time_us(c, 1, US / 100, 255 * US, &us))
		b->advert_us = (int64_t)us;
	else
		conf_say(c, K_ADVERT, 1, "(%s) advert_int is ignored", name(c));
}

static void version(struct conf_ctx *c)
{
	struct vrrp_build *b = cur(c);
	int n;

	if (!conf_int(c, 1, 2, 3, true, &n)) {
		conf_say(c, K_VALUE, 1, "(%s) version must be 2 or 3; ignored", name(c));
		return;
	}
	if ((b->v.version && b->v.version != n) || (n == 2 && b->v.family == AF_INET6))
		conf_say(c, K_CONFLICT, 1,
			 "(%s) version %d does not go with what stands above; ignored", name(c),
			 n);
	else
		b->v.version = n;
}

static void native_ipv6(struct conf_ctx *c)
{
	if (cur(c)->v.family == AF_INET) {
		conf_say(c, K_CONFLICT, 0, "(%s) native_ipv6 with IPv4 addresses; ignored",
			 name(c));
		return;
	}
	cur(c)->v.family = AF_INET6;
	cur(c)->v.version = 3;
}

/* --- authentication --- */

static void auth_type(struct conf_ctx *c)
{
	struct vrrp_build *b = cur(c);
	const char *text = conf_word(c, 1);

	if (c->give_up)
		return;
	b->auth_pos = conf_here(c, 0);
	if (!strcmp(text, "AH"))
		b->v.auth = VRRP_AUTH_AH;
	else if (!strcmp(text, "PASS"))
		b->v.auth = VRRP_AUTH_PASS;
	else
		conf_say(c, K_AUTH, 0,
			 "(%s) auth_type is PASS or AH; '%s' is ignored%s", name(c), text,
			 b->v.auth ? ", and no password is set; did you mean 'auth_pass'?" : "");
}

static void auth_pass(struct conf_ctx *c)
{
	struct vrrp_build *b = cur(c);
	const char *text = conf_word(c, 1);
	size_t len = strlen(text);

	if (c->give_up)
		return;
	if (len > sizeof(b->v.auth_data)) {
		len = sizeof(b->v.auth_data);
		conf_say(c, K_AUTH, 1, "a password has 8 bytes on the wire; '%.8s' counts",
			 text);
	}
	memset(b->v.auth_data, 0, sizeof(b->v.auth_data));
	memcpy(b->v.auth_data, text, len);
}

static const struct conf_kw auth_words[] = {
	{ .name = "auth_pass", .fn = auth_pass },
	{ .name = "auth_type", .fn = auth_type },
};

const struct conf_block conf_auth_block =
	CONF_BLOCK(auth_words, NULL, conf_vrrp_alive, "authentication");

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

static void src_ip(struct conf_ctx *c)
{
	struct vrrp_build *b = cur(c);
	struct conf_addr addr;

	if (!conf_addr_text(conf_word(c, 1), &addr)) {
		conf_say(c, K_ADDRESS, 1, "(%s) '%s' is no address; ignored", name(c),
			 conf_word(c, 1));
		return;
	}
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

	if (!conf_addr_text(conf_word(c, 1), &addr)) {
		conf_say(c, K_ADDRESS, 1, "(%s) '%s' is no address; ignored", name(c),
			 conf_word(c, 1));
		return;
	}
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

/* --- preemption --- */

static void nopreempt(struct conf_ctx *c)
{
	cur(c)->preempt_pos = conf_here(c, 0);
	cur(c)->v.nopreempt = true;
}

static void preempt(struct conf_ctx *c)
{
	cur(c)->v.nopreempt = false;
}

static void preempt_delay(struct conf_ctx *c)
{
	struct vrrp_build *b = cur(c);
	uint64_t us;

	if (!b->preempt_pos.line)
		b->preempt_pos = conf_here(c, 0);
	b->v.preempt_delay_ns = 0;
	if (conf_time_us(c, 1, 0, UINT64_C(1000) * US, &us))
		b->v.preempt_delay_ns = (int64_t)us * US_NS;
	else
		conf_say(c, K_PREEMPT, 1, "(%s) preempt_delay must be 0 to 1000; taken as 0",
			 name(c));
}

/* --- gratuitous ARP --- */

static bool take(struct conf_ctx *c, unsigned int lo, unsigned int hi, unsigned int *n)
{
	if (conf_uint(c, 1, lo, hi, true, n))
		return true;
	conf_say(c, K_VALUE, 1, "(%s) '%s' is ignored", name(c), conf_word(c, 0));
	return false;
}

static void garp_delay(struct conf_ctx *c)
{
	unsigned int n;

	if (take(c, 0, UINT_MAX / US, &n))
		cur(c)->v.garp_master_delay_ns = n * INT64_C(1000000000);
}

static void garp_refresh(struct conf_ctx *c)
{
	unsigned int n;

	cur(c)->v.garp_master_refresh_ns = 0;
	if (take(c, 0, UINT_MAX, &n))
		cur(c)->v.garp_master_refresh_ns = n * INT64_C(1000000000);
}

static void repeat(struct conf_ctx *c, int *out)
{
	unsigned int n;

	if (!take(c, 0, UINT_MAX, &n))
		return;
	if (!n)
		conf_say(c, K_VALUE, 1, "(%s) '%s' must be above 0; taken as 1", name(c),
			 conf_word(c, 0));
	*out = n ? n > INT_MAX ? INT_MAX : (int)n : 1;
}

static void garp_repeat(struct conf_ctx *c)
{
	repeat(c, &cur(c)->v.garp_master_rep);
}

static void garp_refresh_repeat(struct conf_ctx *c)
{
	repeat(c, &cur(c)->v.garp_master_refresh_rep);
}

static void lower_prio_delay(struct conf_ctx *c)
{
	unsigned int n;

	if (take(c, 0, UINT_MAX / US, &n))
		cur(c)->lower_prio_delay_us = (int64_t)n * US;
}

static void lower_prio_repeat(struct conf_ctx *c)
{
	take(c, 0, INT_MAX, &cur(c)->lower_prio_rep);
}

static void down_timer(struct conf_ctx *c)
{
	unsigned int n;

	if (take(c, 1, 100, &n))
		cur(c)->v.down_timer_adverts = (int)n;
}

static void garp_extra_if(struct conf_ctx *c)
{
	struct vrrp_build *b = cur(c);
	unsigned int delay = UINT_MAX;
	size_t i;

	if (conf_is(c, 0, "vmac_garp_intvl"))
		conf_say(c, K_DEPRECATED, 0, "vmac_garp_intvl is now garp_extra_if");
	for (i = 1; i < conf_nword(c); i++) {
		if (conf_is(c, i, "all"))
			b->v.garp_extra_if_all = true;
		else if (!conf_uint(c, i, 0, 86400, true, &delay)) {
			conf_say(c, K_VALUE, i, "(%s) '%s' is ignored", name(c),
				 conf_word(c, 0));
			return;
		}
	}
	if (delay == UINT_MAX) {
		conf_say(c, K_VALUE, 1, "(%s) '%s' needs a time; ignored", name(c),
			 conf_word(c, 0));
		return;
	}
	b->v.garp_extra_if_s = (int)delay;
	b->garp_extra_set = true;
}

/* --- switches --- */

static void take_switch(struct conf_ctx *c, int *out)
{
	int on = conf_switch(c);

	if (on >= 0)
		*out = on;
}

static void lower_prio_no_advert(struct conf_ctx *c)
{
	take_switch(c, &cur(c)->lower_prio_no_advert);
}

static void higher_prio_send_advert(struct conf_ctx *c)
{
	take_switch(c, &cur(c)->higher_prio_send_advert);
}

static void strict_mode(struct conf_ctx *c)
{
	take_switch(c, &cur(c)->strict);
}

static void skip_check_adv_addr(struct conf_ctx *c)
{
	/* Any word that is a switch turns it on; "off" too, in 2.2.7. */
	if (conf_switch(c) >= 0)
		cur(c)->v.skip_check_adv_addr = true;
}

static void priority_changes(struct conf_ctx *c)
{
	take_switch(c, &cur(c)->priority_changes);
}

static void check_switch(struct conf_ctx *c)
{
	conf_switch(c);
}

static void accept_mode(struct conf_ctx *c)
{
	cur(c)->accept = 1;
}

static void no_accept(struct conf_ctx *c)
{
	cur(c)->accept = 0;
}

static void dont_track_primary(struct conf_ctx *c)
{
	cur(c)->v.dont_track_primary = true;
}

static void track_src_ip(struct conf_ctx *c)
{
	cur(c)->v.track_src_ip = true;
}

static void promote_secondaries(struct conf_ctx *c)
{
	cur(c)->v.promote_secondaries = true;
}

static void debug(struct conf_ctx *c)
{
	unsigned int n;

	if (!conf_uint(c, 1, 0, 4, true, &n))
		conf_say(c, K_VALUE, 1, "(%s) debug must be 0 to 4; ignored", name(c));
}

static void rx_buf_size(struct conf_ctx *c)
{
	unsigned int n;

	if (conf_nword(c) == 2 && conf_uint(c, 1, 0, UINT_MAX, false, &n))
		cur(c)->v.rx_buf_size = n;
	else
		conf_say(c, K_VALUE, 1, "(%s) kernel_rx_buf_size needs one number", name(c));
}

static void linkbeat(struct conf_ctx *c)
{
	conf_say(c, K_DEPRECATED, 0,
		 "(%s) linkbeat_use_polling is old; netlink tells when a link goes down",
		 name(c));
}

static void lvs_sync_daemon_interface(struct conf_ctx *c)
{
	struct conf_global *g = &c->conf->global;

	conf_say(c, K_DEPRECATED, 0,
		 "(%s) lvs_sync_daemon_interface is old; write 'lvs_sync_daemon %s %s' in "
		 "global_defs",
		 name(c), conf_nword(c) > 1 ? conf_word(c, 1) : "INTERFACE", name(c));
	if (g->lvs_sync_ifname) {
		conf_say(c, K_DUPLICATE, 0, "(%s) the sync daemon has '%s' already; ignored",
			 name(c), g->lvs_sync_ifname);
		return;
	}
	g->lvs_sync_ifname = conf_dup(c, 1);
	cur(c)->syncd = true;
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

/* --- tracking --- */

static void track_if_line(struct conf_ctx *c)
{
	conf_track_if_line(c, name(c), &cur(c)->v.track_if, &cur(c)->v.ntrack_if);
}

static void track_interface(struct conf_ctx *c)
{
	conf_value_block(c, track_if_line);
}

static void track_script_line(struct conf_ctx *c)
{
	conf_track_script_line(c, name(c), &cur(c)->v.track_script, &cur(c)->v.ntrack_script);
}

static void track_script(struct conf_ctx *c)
{
	conf_value_block(c, track_script_line);
}

static void track_file_line(struct conf_ctx *c)
{
	conf_track_named_line(c, name(c), NAMED_TRACK_FILE);
}

static void track_file(struct conf_ctx *c)
{
	conf_value_block(c, track_file_line);
}

static void track_process_line(struct conf_ctx *c)
{
	conf_track_named_line(c, name(c), NAMED_TRACK_PROCESS);
}

static void track_process(struct conf_ctx *c)
{
	conf_value_block(c, track_process_line);
}

static void track_bfd_line(struct conf_ctx *c)
{
	conf_track_named_line(c, name(c), NAMED_BFD);
}

static void track_bfd(struct conf_ctx *c)
{
	conf_value_block(c, track_bfd_line);
}

static void virtual_routes(struct conf_ctx *c)
{
	conf_value_block(c, conf_route_line);
}

static void virtual_rules(struct conf_ctx *c)
{
	conf_value_block(c, conf_rule_line);
}

/* --- notify --- */

/* `whose`: the name of the instance or group. */
static void set_notify(struct conf_ctx *c, const char *whose, struct conf_script *s)
{
	if (s->argv)
		conf_say(c, K_DUPLICATE, 0, "(%s) '%s' was set before; '%s' is ignored", whose,
			 conf_word(c, 0), conf_word(c, 1));
	else
		conf_notify_script(c, s, conf_word(c, 0));
}

static void notify(struct conf_ctx *c, struct conf_script *s)
{
	set_notify(c, name(c), s);
}

static void notify_master(struct conf_ctx *c)
{
	notify(c, &cur(c)->v.notify_master);
}

static void notify_backup(struct conf_ctx *c)
{
	notify(c, &cur(c)->v.notify_backup);
}

static void notify_fault(struct conf_ctx *c)
{
	notify(c, &cur(c)->v.notify_fault);
}

static void notify_stop(struct conf_ctx *c)
{
	notify(c, &cur(c)->v.notify_stop);
}

static void notify_any(struct conf_ctx *c)
{
	notify(c, &cur(c)->v.notify);
}

static void notify_lower(struct conf_ctx *c)
{
	notify(c, &cur(c)->v.notify_master_rx_lower_pri);
}

static void notify_deleted(struct conf_ctx *c)
{
	if (conf_nword(c) > 1)
		notify(c, &cur(c)->v.notify_deleted);
}

static const struct conf_kw words[] = {
	{ .name = "accept", .fn = accept_mode },
	{ .name = "advert_int", .fn = advert_int },
	{ .name = "authentication", .sub = &conf_auth_block },
	{ .name = "check_unicast_src", .fn = check_src },
	{ .name = "debug", .fn = debug },
	{ .name = "dont_track_primary", .fn = dont_track_primary },
	{ .name = "down_timer_adverts", .fn = down_timer },
	{ .name = "garp_extra_if", .fn = garp_extra_if },
	{ .name = "garp_lower_prio_delay", .fn = lower_prio_delay },
	{ .name = "garp_lower_prio_repeat", .fn = lower_prio_repeat },
	{ .name = "garp_master_delay", .fn = garp_delay },
	{ .name = "garp_master_refresh", .fn = garp_refresh },
	{ .name = "garp_master_refresh_repeat", .fn = garp_refresh_repeat },
	{ .name = "garp_master_repeat", .fn = garp_repeat },
	{ .name = "higher_prio_send_advert", .fn = higher_prio_send_advert },
	{ .name = "interface", .fn = interface },
	{ .name = "kernel_rx_buf_size", .fn = rx_buf_size },
	{ .name = "linkbeat_use_polling", .fn = linkbeat },
	{ .name = "lower_prio_no_advert", .fn = lower_prio_no_advert },
	{ .name = "lvs_sync_daemon_interface", .fn = lvs_sync_daemon_interface },
	{ .name = "mcast_dst_ip", .fn = mcast_dst_ip },
	{ .name = "mcast_src_ip", .fn = src_ip },
	{ .name = "native_ipv6", .fn = native_ipv6 },
	{ .name = "no_accept", .fn = no_accept },
	{ .name = "nopreempt", .fn = nopreempt },
	{ .name = "notify", .fn = notify_any },
	{ .name = "notify_backup", .fn = notify_backup },
	{ .name = "notify_deleted", .fn = notify_deleted },
	{ .name = "notify_fault", .fn = notify_fault },
	{ .name = "notify_master", .fn = notify_master },
	{ .name = "notify_master_rx_lower_pri", .fn = notify_lower },
	{ .name = "notify_priority_changes", .fn = priority_changes },
	{ .name = "notify_stop", .fn = notify_stop },
	{ .name = "old_unicast_checksum", .fn = old_checksum },
	{ .name = "preempt", .fn = preempt },
	{ .name = "preempt_delay", .fn = preempt_delay },
	{ .name = "priority", .fn = priority },
	{ .name = "promote_secondaries", .fn = promote_secondaries },
	{ .name = "skip_check_adv_addr", .fn = skip_check_adv_addr },
	{ .name = "smtp_alert", .fn = check_switch },
	{ .name = "state", .fn = state },
	{ .name = "strict_mode", .fn = strict_mode },
	{ .name = "track_bfd", .fn = track_bfd,
	  .later = "there is no BFD; a path that fails is noticed by VRRP's own timers only" },
	{ .name = "track_file", .fn = track_file,
	  .later = "files are not tracked; what they would change, stays" },
	{ .name = "track_interface", .fn = track_interface },
	{ .name = "track_process", .fn = track_process,
	  .later = "processes are not tracked; a vrrp_script with pidof does that" },
	{ .name = "track_script", .fn = track_script },
	{ .name = "track_src_ip", .fn = track_src_ip },
	{ .name = "unicast_fault_no_peer", .fn = fault_no_peer },
	{ .name = "unicast_peer", .fn = unicast_peer },
	{ .name = "unicast_src_ip", .fn = unicast_src_ip },
	{ .name = "unicast_ttl", .fn = unicast_ttl },
	{ .name = "use_ipvlan",
	  .later = "addresses go to the interface itself, with its MAC" },
	{ .name = "use_vmac", .fn = use_vmac },
	{ .name = "use_vmac_addr", .fn = use_vmac_addr },
	{ .name = "version", .fn = version },
	{ .name = "virtual_ipaddress", .fn = virtual_ipaddress },
	{ .name = "virtual_ipaddress_excluded", .fn = virtual_ipaddress_excluded },
	{ .name = "virtual_router_id", .fn = virtual_router_id },
	{ .name = "virtual_routes", .fn = virtual_routes,
	  .later = "routes do not move with the address; ignoring it is not safe" },
	{ .name = "virtual_rules", .fn = virtual_rules,
	  .later = "rules do not move with the address; ignoring it is not safe" },
	{ .name = "vmac_garp_intvl", .fn = garp_extra_if },
	{ .name = "vmac_xmit_base", .fn = vmac_xmit_base },
	{ .name = "vrf", .later = "VRFs are not looked at; ignoring it is not safe" },
};

static void end(struct conf_ctx *c)
{
	struct vrrp_build *b = cur(c);

	if (b->unicast_configured && b->v.use_vmac) {
		if (!b->v.ifname) {
			conf_say_at(c, K_VMAC, &b->pos,
				    "(%s) a VMAC needs an interface; use_vmac is ignored",
				    b->v.name);
			b->v.use_vmac = false;
			free(b->v.vmac_ifname);
			b->v.vmac_ifname = NULL;
		} else if (!b->v.vmac_xmit_base) {
			conf_say_at(c, K_VMAC, &b->pos,
				    "(%s) unicast with use_vmac needs vmac_xmit_base; set",
				    b->v.name);
			b->v.vmac_xmit_base = true;
		}
	}
	if (!b->v.npeer && b->v.ttl != -1) {
		conf_say_at(c, K_UNICAST, &b->pos,
			    "(%s) unicast_ttl without unicast_peer is ignored", b->v.name);
		b->v.ttl = 0;
	}
}

const struct conf_block conf_vrrp_block =
	CONF_BLOCK(words, end, conf_vrrp_alive, "vrrp_instance");

/* --- vrrp_sync_group --- */

static struct sync_build *sync_cur(struct conf_ctx *c)
{
	return conf_cur_sync(c);
}

void conf_sync_start(struct conf_ctx *c)
{
	struct sync_build *more;
	size_t i;

	if (conf_nword(c) != 2) {
		conf_say(c, K_VALUE, 1, "vrrp_sync_group needs one name; left out");
		conf_skip_block(c);
		return;
	}
	for (i = 0; i < c->nsync; i++)
		if (!strcmp(c->sync[i].s.name, conf_word(c, 1))) {
			conf_say(c, K_DUPLICATE, 1,
				 "vrrp_sync_group '%s' was defined before; left out",
				 conf_word(c, 1));
			conf_skip_block(c);
			return;
		}
	more = conf_grow(c, c->sync, &c->nsync, sizeof(*more));
	if (!more)
		return;
	c->sync = more;
	more = sync_cur(c);
	more->pos = conf_here(c, 1);
	more->s.file = more->pos.file;
	more->s.line = more->pos.line;
	more->priority_changes = -1;
	more->s.name = conf_dup(c, 1);
	if (!more->s.name)
		c->nsync--;
}

static void member_line(struct conf_ctx *c)
{
	struct sync_build *s = sync_cur(c);
	size_t i;

	for (i = 0; i < conf_nword(c); i++) {
		char **more = conf_grow(c, s->member, &s->nmember, sizeof(*more));

		if (!more)
			return;
		s->member = more;
		more[s->nmember - 1] = conf_dup(c, i);
		if (!more[s->nmember - 1])
			s->nmember--;
	}
}

static void group(struct conf_ctx *c)
{
	struct conf_pos pos = conf_here(c, 0);
	struct sync_build *s = sync_cur(c);

	if (s->nmember) {
		conf_say(c, K_DUPLICATE, 0, "group stands twice in '%s'; ignored", s->s.name);
		conf_skip_block(c);
		return;
	}
	conf_value_block(c, member_line);
	if (!s->nmember)
		conf_say_at(c, K_SYNC, &pos, "group of '%s' is empty", s->s.name);
}

static void sync_if_line(struct conf_ctx *c)
{
	struct sync_build *s = sync_cur(c);

	conf_track_if_line(c, s->s.name, &s->s.track_if, &s->s.ntrack_if);
}

static void sync_track_interface(struct conf_ctx *c)
{
	conf_value_block(c, sync_if_line);
}

static void sync_script_line(struct conf_ctx *c)
{
	struct sync_build *s = sync_cur(c);

	conf_track_script_line(c, s->s.name, &s->s.track_script, &s->s.ntrack_script);
}

static void sync_track_script(struct conf_ctx *c)
{
	conf_value_block(c, sync_script_line);
}

static void sync_file_line(struct conf_ctx *c)
{
	conf_track_named_line(c, sync_cur(c)->s.name, NAMED_TRACK_FILE);
}

static void sync_track_file(struct conf_ctx *c)
{
	conf_value_block(c, sync_file_line);
}

static void sync_process_line(struct conf_ctx *c)
{
	conf_track_named_line(c, sync_cur(c)->s.name, NAMED_TRACK_PROCESS);
}

static void sync_track_process(struct conf_ctx *c)
{
	conf_value_block(c, sync_process_line);
}

static void sync_bfd_line(struct conf_ctx *c)
{
	conf_track_named_line(c, sync_cur(c)->s.name, NAMED_BFD);
}

static void sync_track_bfd(struct conf_ctx *c)
{
	conf_value_block(c, sync_bfd_line);
}

static void sync_notify(struct conf_ctx *c, struct conf_script *s)
{
	set_notify(c, sync_cur(c)->s.name, s);
}

static void sync_notify_master(struct conf_ctx *c)
{
	sync_notify(c, &sync_cur(c)->s.notify_master);
}

static void sync_notify_backup(struct conf_ctx *c)
{
	sync_notify(c, &sync_cur(c)->s.notify_backup);
}

static void sync_notify_fault(struct conf_ctx *c)
{
	sync_notify(c, &sync_cur(c)->s.notify_fault);
}

static void sync_notify_stop(struct conf_ctx *c)
{
	sync_notify(c, &sync_cur(c)->s.notify_stop);
}

static void sync_notify_any(struct conf_ctx *c)
{
	sync_notify(c, &sync_cur(c)->s.notify);
}

static void tracking_weight(struct conf_ctx *c)
{
	sync_cur(c)->s.tracking_weight = true;
}

static void global_tracking(struct conf_ctx *c)
{
	conf_say(c, K_DEPRECATED, 0,
		 "(%s) global_tracking is old; track on the group itself", sync_cur(c)->s.name);
	sync_cur(c)->s.tracking_weight = true;
}

static void sync_priority_changes(struct conf_ctx *c)
{
	take_switch(c, &sync_cur(c)->priority_changes);
}

static const struct conf_kw sync_words[] = {
	{ .name = "global_tracking", .fn = global_tracking },
	{ .name = "group", .fn = group },
	{ .name = "notify", .fn = sync_notify_any },
	{ .name = "notify_backup", .fn = sync_notify_backup },
	{ .name = "notify_fault", .fn = sync_notify_fault },
	{ .name = "notify_master", .fn = sync_notify_master },
	{ .name = "notify_priority_changes", .fn = sync_priority_changes },
	{ .name = "notify_stop", .fn = sync_notify_stop },
	{ .name = "smtp_alert", .fn = check_switch },
	{ .name = "sync_group_tracking_weight", .fn = tracking_weight },
	{ .name = "track_bfd", .fn = sync_track_bfd, .later = "there is no BFD" },
	{ .name = "track_file", .fn = sync_track_file, .later = "files are not tracked" },
	{ .name = "track_interface", .fn = sync_track_interface },
	{ .name = "track_process", .fn = sync_track_process,
	  .later = "processes are not tracked" },
	{ .name = "track_script", .fn = sync_track_script },
};

const struct conf_block conf_sync_block =
	CONF_BLOCK(sync_words, NULL, conf_sync_alive, "vrrp_sync_group");
