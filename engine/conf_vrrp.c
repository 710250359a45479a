/* The words of vrrp_instance. Defaults and checks: conf_vrrp_done.c. */
#include <limits.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>

#include "conf_vrrp_words.h"

#define US    1000000
#define US_NS 1000

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

static void down_timer(struct conf_ctx *c)
{
	unsigned int n;

	if (conf_uint(c, 1, 1, 100, true, &n))
		cur(c)->v.down_timer_adverts = (int)n;
	else
		conf_say(c, K_VALUE, 1, "(%s) '%s' is ignored", name(c), conf_word(c, 0));
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

static const struct conf_kw words[] = {
	{ .name = "accept", .fn = accept_mode },
	{ .name = "advert_int", .fn = advert_int },
	{ .name = "authentication", .sub = &conf_auth_block },
	{ .name = "debug", .fn = debug },
	{ .name = "dont_track_primary", .fn = dont_track_primary },
	{ .name = "down_timer_adverts", .fn = down_timer },
	{ .name = "higher_prio_send_advert", .fn = higher_prio_send_advert },
	{ .name = "interface", .fn = interface },
	{ .name = "kernel_rx_buf_size", .fn = rx_buf_size },
	{ .name = "linkbeat_use_polling", .fn = linkbeat },
	{ .name = "lower_prio_no_advert", .fn = lower_prio_no_advert },
	{ .name = "lvs_sync_daemon_interface", .fn = lvs_sync_daemon_interface },
	{ .name = "native_ipv6", .fn = native_ipv6 },
	{ .name = "no_accept", .fn = no_accept },
	{ .name = "nopreempt", .fn = nopreempt },
	{ .name = "notify_priority_changes", .fn = priority_changes },
	{ .name = "preempt", .fn = preempt },
	{ .name = "preempt_delay", .fn = preempt_delay },
	{ .name = "priority", .fn = priority },
	{ .name = "promote_secondaries", .fn = promote_secondaries },
	{ .name = "skip_check_adv_addr", .fn = skip_check_adv_addr },
	{ .name = "smtp_alert", .fn = check_switch,
	  .later = "send mail about what happens here",
	  .unsafe = "whoever waits for it hears nothing; use notify scripts" },
	{ .name = "state", .fn = state },
	{ .name = "strict_mode", .fn = strict_mode },
	{ .name = "track_src_ip", .fn = track_src_ip },
	{ .name = "use_ipvlan",
	  .later = "put the addresses on an ipvlan interface of their own",
	  .unsafe = "they go to the interface itself, and answer there" },
	{ .name = "version", .fn = version },
	{ .name = "virtual_router_id", .fn = virtual_router_id },
	{ .name = "vrf",
	  .later = "run the instance in this VRF",
	  .unsafe = "the addresses would be set up outside of it" },
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

const struct conf_block conf_vrrp_block = {
	.words = CONF_WORDS(words),
	.more = { &conf_vrrp_garp_words, &conf_vrrp_addr_words, &conf_vrrp_notify_words },
	.end = end,
	.alive = conf_vrrp_alive,
	.what = "vrrp_instance",
};
