/* A configuration as keepalived.conf, every default filled in. */
#include <inttypes.h>
#include <linux/ip_vs.h>
#include <linux/rtnetlink.h>
#include <linux/if_addr.h>
#include <string.h>

#include "clock.h"
#include "conf_print.h"
#include "conf_test.h"

/* --- global_defs --- */

static void fifo(FILE *out, const char *name, const struct conf_fifo *f)
{
	char script[64];

	if (!f->path)
		return;
	fprintf(out, "\t%s ", name);
	print_word(out, f->path);
	fputc('\n', out);
	snprintf(script, sizeof(script), "%s_script", name);
	print_notify(out, "\t", script, &f->script);
}

static void sync_daemon(FILE *out, const struct conf_global *g)
{
	if (!g->lvs_sync_ifname)
		return;
	fprintf(out, "\tlvs_sync_daemon %s", g->lvs_sync_ifname);
	if (g->lvs_sync_instance)
		print_named(out, " inst ", g->lvs_sync_instance, "");
	fprintf(out, " id %d", g->lvs_sync_id);
	if (g->lvs_sync_maxlen)
		fprintf(out, " maxlen %u", g->lvs_sync_maxlen);
	if (g->lvs_sync_port)
		fprintf(out, " port %u", g->lvs_sync_port);
	if (g->lvs_sync_ttl)
		fprintf(out, " ttl %u", g->lvs_sync_ttl);
	if (g->lvs_sync_group.family)
		fprintf(out, " group %s", print_addr(&g->lvs_sync_group));
	fputc('\n', out);
}

static void lvs_globals(FILE *out, const struct conf_global *g)
{
	sync_daemon(out, g);
	if (g->lvs_timeout_tcp_s || g->lvs_timeout_fin_s || g->lvs_timeout_udp_s)
		fprintf(out, "\tlvs_timeouts tcp %u tcpfin %u udp %u\n",
			g->lvs_timeout_tcp_s, g->lvs_timeout_fin_s,
			g->lvs_timeout_udp_s);
	if (g->lvs_flush)
		fprintf(out, "\tlvs_flush\n");
	if (g->lvs_flush_on_stop)
		fprintf(out, "\tlvs_flush_on_stop\n");
	if (g->lvs_flush_on_stop_vs)
		fprintf(out, "\tlvs_flush_on_stop VS\n");
	fprintf(out, "\trs_init_notifies %s\n", print_on_off(g->rs_init_notifies));
	fprintf(out, "\tchecker_log_all_failures %s\n",
		print_on_off(g->checker_log_all_failures));
	if (g->checker_rt_priority)
		fprintf(out, "\tchecker_rt_priority %d\n", g->checker_rt_priority);
	if (g->checker_nice)
		fprintf(out, "\tchecker_priority %d\n", g->checker_nice);
	if (g->checker_no_swap)
		fprintf(out, "\tchecker_no_swap\n");
}

/*
 * No refreshing ARPs at all come of vrrp_min_garp alone; its other effects are in
 * the words of each instance.
 */
static bool min_garp(const struct conf *c)
{
	size_t i;

	for (i = 0; i < c->nvrrp; i++)
		if (!c->vrrp[i].garp_master_refresh_rep)
			return true;
	return false;
}

static void vrrp_globals(FILE *out, const struct conf *c)
{
	const struct conf_global *g = &c->global;

	fprintf(out, "\tvrrp_version %d\n", g->vrrp_version);
	fprintf(out, "\tvrrp_mcast_group4 %s\n", print_addr(&g->mcast_group4));
	fprintf(out, "\tvrrp_mcast_group6 %s\n", print_addr(&g->mcast_group6));
	if (g->vrrp_startup_delay_ns)
		fprintf(out, "\tvrrp_startup_delay %s\n",
			print_seconds(g->vrrp_startup_delay_ns));
	if (g->garp_interval_ns)
		fprintf(out, "\tvrrp_garp_interval %s\n",
			print_seconds(g->garp_interval_ns));
	if (g->gna_interval_ns)
		fprintf(out, "\tvrrp_gna_interval %s\n",
			print_seconds(g->gna_interval_ns));
	if (min_garp(c))
		fprintf(out, "\tvrrp_min_garp on\n");
	if (g->max_auto_priority)
		fprintf(out, "\tmax_auto_priority %d\n\tmin_auto_priority_delay %" PRId64 "\n",
			g->max_auto_priority, g->min_auto_delay_ns / NS_PER_US);
	if (g->vrrp_rt_priority)
		fprintf(out, "\tvrrp_rt_priority %d\n", g->vrrp_rt_priority);
	if (g->vrrp_nice)
		fprintf(out, "\tvrrp_priority %d\n", g->vrrp_nice);
	if (g->vrrp_no_swap)
		fprintf(out, "\tvrrp_no_swap\n");
	if (g->dynamic_interfaces)
		fprintf(out, "\tdynamic_interfaces\n");
	if (g->default_ifname)
		print_named(out, "\tdefault_interface ", g->default_ifname, "\n");
	fprintf(out, "\tvmac_prefix %s\n", g->vmac_prefix ? g->vmac_prefix : "vrrp");
}

static void globals(FILE *out, const struct conf *c)
{
	const struct conf_global *g = &c->global;
	size_t i;

	fprintf(out, "global_defs {\n");
	if (g->router_id) {
		fprintf(out, "\trouter_id ");
		print_word(out, g->router_id);
		fputc('\n', out);
	}
	if (g->script_user)
		fprintf(out, "\tscript_user %s%s%s\n", g->script_user,
			g->script_group ? " " : "",
			g->script_group ? g->script_group : "");
	if (g->enable_script_security)
		fprintf(out, "\tenable_script_security\n");
	vrrp_globals(out, c);
	lvs_globals(out, g);
	fifo(out, "notify_fifo", &g->notify_fifo);
	fifo(out, "vrrp_notify_fifo", &g->vrrp_notify_fifo);
	fifo(out, "lvs_notify_fifo", &g->lvs_notify_fifo);
	for (i = 0; i < g->nemail; i++) {
		if (!i)
			fprintf(out, "\tnotification_email {\n");
		fprintf(out, "\t\t");
		print_word(out, g->email[i]);
		fprintf(out, i + 1 == g->nemail ? "\n\t}\n" : "\n");
	}
	if (g->email_from) {
		fprintf(out, "\tnotification_email_from ");
		print_word(out, g->email_from);
		fputc('\n', out);
	}
	if (g->smtp_server)
		print_named(out, "\tsmtp_server ", g->smtp_server, "\n");
	if (g->smtp_helo)
		print_named(out, "\tsmtp_helo_name ", g->smtp_helo, "\n");
	fprintf(out, "}\n");
}

/* --- VRRP --- */

static void script(FILE *out, const struct conf_script *s)
{
	print_named(out, "\nvrrp_script ", s->name, " {\n\tscript ");
	print_command(out, s);
	fprintf(out, "\n\tinterval %s\n", print_seconds(s->interval_ns));
	if (s->timeout_ns)
		fprintf(out, "\ttimeout %s\n", print_seconds(s->timeout_ns));
	fprintf(out, "\tweight %d%s\n", s->weight, s->weight_reverse ? " reverse" : "");
	fprintf(out, "\trise %d\n\tfall %d\n", s->rise, s->fall);
	if (s->user)
		fprintf(out, "\tuser %s%s%s\n", s->user, s->group ? " " : "",
			s->group ? s->group : "");
	if (s->init_fail)
		fprintf(out, "\tinit_fail\n");
	fprintf(out, "}\n");
}

static void flag_words(FILE *out, const struct conf_vip *v)
{
	if (v->flags & IFA_F_HOMEADDRESS)
		fprintf(out, " home");
	if (v->flag_mask & IFA_F_NODAD)
		fprintf(out, " -nodad");
	if (v->flags & IFA_F_MANAGETEMPADDR)
		fprintf(out, " mngtmpaddr");
	if (v->flags & IFA_F_NOPREFIXROUTE)
		fprintf(out, " noprefixroute");
	if (v->flags & IFA_F_MCAUTOJOIN)
		fprintf(out, " autojoin");
	if (v->no_track)
		fprintf(out, " no_track");
	if (v->use_vmac)
		fprintf(out, " use_vmac");
}

static void vip(FILE *out, const struct conf_vip *v)
{
	if (v->has_peer)
		fprintf(out, "\t\t%s peer %s", print_addr(&v->addr),
			print_addr(&v->peer));
	else
		fprintf(out, "\t\t%s/%d", print_addr(&v->addr), v->prefixlen);
	if (v->brd.family)
		fprintf(out, " brd %s", print_addr(&v->brd));
	if (v->dev)
		fprintf(out, " dev %s", v->dev);
	if (v->label)
		fprintf(out, " label %s", v->label);
	if (v->addr.family == AF_INET)
		fprintf(out, " scope %d", v->scope);
	else if (v->preferred_lft == UINT32_MAX)
		fprintf(out, " preferred_lft forever");
	else
		fprintf(out, " preferred_lft %u", v->preferred_lft);
	flag_words(out, v);
	fputc('\n', out);
}

static void vips(FILE *out, const struct vrrp_conf *v, bool excluded)
{
	bool any = false;
	size_t i;

	for (i = 0; i < v->nvip; i++) {
		if (v->vip[i].excluded != excluded)
			continue;
		if (!any)
			fprintf(out, "\tvirtual_ipaddress%s {\n",
				excluded ? "_excluded" : "");
		any = true;
		vip(out, &v->vip[i]);
	}
	if (any)
		fprintf(out, "\t}\n");
}

static void tracks(FILE *out, const char *name, const struct conf_track *t, size_t n)
{
	size_t i;

	if (!n)
		return;
	fprintf(out, "\t%s {\n", name);
	for (i = 0; i < n; i++) {
		print_named(out, "\t\t", t[i].name, "");
		fprintf(out, " weight %d%s\n", t[i].weight,
			t[i].reverse ? " reverse" : "");
	}
	fprintf(out, "\t}\n");
}

static void peers(FILE *out, const struct vrrp_conf *v)
{
	size_t i;

	if (v->unicast_src.family)
		fprintf(out, "\tunicast_src_ip %s\n", print_addr(&v->unicast_src));
	if (v->mcast_src.family)
		fprintf(out, "\tmcast_src_ip %s\n", print_addr(&v->mcast_src));
	if (v->mcast_dst.family)
		fprintf(out, "\tmcast_dst_ip %s\n", print_addr(&v->mcast_dst));
	if (v->fault_no_peer)
		fprintf(out, "\tunicast_fault_no_peer\n");
	if (v->track_src_ip)
		fprintf(out, "\ttrack_src_ip\n");
	if (!v->npeer)
		return;
	if (v->ttl >= 0)
		fprintf(out, "\tunicast_ttl %d\n", v->ttl);
	if (v->check_unicast_src)
		fprintf(out, "\tcheck_unicast_src\n");
	if (v->old_unicast_checksum || v->old_unicast_checksum_never)
		fprintf(out, "\told_unicast_checksum%s\n",
			v->old_unicast_checksum ? "" : " never");
	fprintf(out, "\tunicast_peer {\n");
	for (i = 0; i < v->npeer; i++) {
		fprintf(out, "\t\t%s", print_addr(&v->peer[i]));
		if (v->peer_ttl[i].min || v->peer_ttl[i].max != 255)
			fprintf(out, " min_ttl %u max_ttl %u", v->peer_ttl[i].min,
				v->peer_ttl[i].max);
		fputc('\n', out);
	}
	fprintf(out, "\t}\n");
}

static void vmac(FILE *out, const struct vrrp_conf *v)
{
	const uint8_t *m = v->vmac_mac;

	if (v->use_vmac) {
		fprintf(out, "\tuse_vmac");
		if (v->vmac_ifname)
			fprintf(out, " %s", v->vmac_ifname);
		if (v->has_vmac_mac)
			fprintf(out, " %02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2],
				m[3], m[4], m[5]);
		fputc('\n', out);
	}
	if (v->use_vmac_addr)
		fprintf(out, "\tuse_vmac_addr\n");
	if (v->vmac_xmit_base)
		fprintf(out, "\tvmac_xmit_base\n");
}

static void auth(FILE *out, const struct vrrp_conf *v)
{
	if (v->auth == VRRP_AUTH_NONE)
		return;
	fprintf(out, "\tauthentication {\n\t\tauth_type %s\n\t\tauth_pass ",
		v->auth == VRRP_AUTH_PASS ? "PASS" : "AH");
	fprintf(out, "\"%.8s\"\n\t}\n", (const char *)v->auth_data);
}

static void garp(FILE *out, const struct vrrp_conf *v)
{
	fprintf(out, "\tgarp_master_delay %s\n",
		print_seconds(v->garp_master_delay_ns));
	fprintf(out, "\tgarp_master_repeat %d\n", v->garp_master_rep);
	fprintf(out, "\tgarp_master_refresh %s\n",
		print_seconds(v->garp_master_refresh_ns));
	if (v->garp_master_refresh_rep)
		fprintf(out, "\tgarp_master_refresh_repeat %d\n",
			v->garp_master_refresh_rep);
	fprintf(out, "\tgarp_lower_prio_delay %s\n",
		print_seconds(v->garp_lower_prio_delay_ns));
	fprintf(out, "\tgarp_lower_prio_repeat %d\n", v->garp_lower_prio_rep);
	if (v->garp_extra_if_s)
		fprintf(out, "\tgarp_extra_if %s%d\n",
			v->garp_extra_if_all ? "all " : "", v->garp_extra_if_s);
}

static void vrrp_notify(FILE *out, const struct vrrp_conf *v)
{
	print_notify(out, "\t", "notify_master", &v->notify_master);
	print_notify(out, "\t", "notify_backup", &v->notify_backup);
	print_notify(out, "\t", "notify_fault", &v->notify_fault);
	print_notify(out, "\t", "notify_stop", &v->notify_stop);
	print_notify(out, "\t", "notify_deleted", &v->notify_deleted);
	print_notify(out, "\t", "notify", &v->notify);
	print_notify(out, "\t", "notify_master_rx_lower_pri",
		     &v->notify_master_rx_lower_pri);
	fprintf(out, "\tnotify_priority_changes %s\n",
		print_on_off(v->notify_priority_changes));
}

static void instance(FILE *out, const struct vrrp_conf *v)
{
	print_named(out, "\nvrrp_instance ", v->name, " {\n");
	if (v->ifname)
		print_named(out, "\tinterface ", v->ifname, "\n");
	fprintf(out, "\tstate %s\n", v->start_master ? "MASTER" : "BACKUP");
	fprintf(out, "\tversion %d\n", v->version);
	fprintf(out, "\tvirtual_router_id %d\n\tpriority %d\n", v->vrid, v->priority);
	fprintf(out, "\tadvert_int %s\n", print_seconds(v->advert_ns));
	fprintf(out, "\tdown_timer_adverts %d\n", v->down_timer_adverts);
	fprintf(out, v->nopreempt ? "\tnopreempt\n" : "\tpreempt\n");
	if (v->preempt_delay_ns)
		fprintf(out, "\tpreempt_delay %s\n",
			print_seconds(v->preempt_delay_ns));
	fprintf(out, "\tstrict_mode %s\n\t%s\n", print_on_off(v->strict),
		v->accept ? "accept" : "no_accept");
	fprintf(out, "\tlower_prio_no_advert %s\n",
		print_on_off(v->lower_prio_no_advert));
	fprintf(out, "\thigher_prio_send_advert %s\n",
		print_on_off(v->higher_prio_send_advert));
	if (v->skip_check_adv_addr)
		fprintf(out, "\tskip_check_adv_addr on\n");
	if (v->dont_track_primary)
		fprintf(out, "\tdont_track_primary\n");
	if (v->promote_secondaries)
		fprintf(out, "\tpromote_secondaries\n");
	if (v->rx_buf_size)
		fprintf(out, "\tkernel_rx_buf_size %u\n", v->rx_buf_size);
	auth(out, v);
	vmac(out, v);
	peers(out, v);
	garp(out, v);
	vips(out, v, false);
	vips(out, v, true);
	tracks(out, "track_interface", v->track_if, v->ntrack_if);
	tracks(out, "track_script", v->track_script, v->ntrack_script);
	vrrp_notify(out, v);
	fprintf(out, "}\n");
}

static void group(FILE *out, const struct vrrp_sync_group_conf *s)
{
	size_t i;

	print_named(out, "\nvrrp_sync_group ", s->name, " {\n\tgroup {\n");
	for (i = 0; i < s->nmember; i++)
		print_named(out, "\t\t", s->member[i]->name, "\n");
	fprintf(out, "\t}\n");
	if (s->tracking_weight)
		fprintf(out, "\tsync_group_tracking_weight\n");
	tracks(out, "track_interface", s->track_if, s->ntrack_if);
	tracks(out, "track_script", s->track_script, s->ntrack_script);
	print_notify(out, "\t", "notify_master", &s->notify_master);
	print_notify(out, "\t", "notify_backup", &s->notify_backup);
	print_notify(out, "\t", "notify_fault", &s->notify_fault);
	print_notify(out, "\t", "notify_stop", &s->notify_stop);
	print_notify(out, "\t", "notify", &s->notify);
	fprintf(out, "}\n");
}

void conf_print_effective(FILE *out, const struct conf *c)
{
	size_t i;

	globals(out, c);
	for (i = 0; i < c->nscript; i++)
		script(out, &c->script[i]);
	for (i = 0; i < c->nvrrp; i++)
		instance(out, &c->vrrp[i]);
	for (i = 0; i < c->nsync_group; i++)
		group(out, &c->sync_group[i]);
	for (i = 0; i < c->ngroup; i++)
		print_service_group(out, &c->group[i]);
	for (i = 0; i < c->nservice; i++)
		print_service(out, &c->service[i]);
}
