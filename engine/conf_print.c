/* A configuration as keepalived.conf, every default filled in. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/ip_vs.h>
#include <linux/rtnetlink.h>
#include <linux/if_addr.h>
#include <string.h>

#include "conf_int.h"
#include "conf_test.h"

#ifndef IP_VS_CONN_F_TUNNEL_TYPE_GRE
#define IP_VS_CONN_F_TUNNEL_TYPE_GRE 2
#endif

static const char *addr(const struct conf_addr *a)
{
	static _Thread_local char buf[4][INET6_ADDRSTRLEN];
	static _Thread_local unsigned int next;
	char *out = buf[next++ % 4];

	if (!a->family || !inet_ntop(a->family, &a->v6, out, INET6_ADDRSTRLEN))
		strcpy(out, "?");
	return out;
}

/* Seconds, with as many decimals as are needed: 3, 0.5, 0.000001. */
static const char *seconds(int64_t ns)
{
	static _Thread_local char buf[4][32];
	static _Thread_local unsigned int next;
	char *out = buf[next++ % 4], *end;

	snprintf(out, 32, "%" PRId64 ".%06" PRId64, ns / 1000000000,
		 ns % 1000000000 / 1000);
	for (end = out + strlen(out); end[-1] == '0'; end--)
		end[-1] = '\0';
	if (end[-1] == '.')
		end[-1] = '\0';
	return out;
}

static const char *on_off(bool on)
{
	return on ? "on" : "off";
}

/* A word, in quotes where it needs them. */
static void word(FILE *out, const char *s)
{
	bool plain = *s && !s[strcspn(s, " \t#!{}\"\\$")];

	fprintf(out, plain ? "%s" : "\"%s\"", s);
}

/* `before NAME after` */
static void named(FILE *out, const char *before, const char *name, const char *after)
{
	fputs(before, out);
	word(out, name);
	fputs(after, out);
}

/*
 * A script's command line in quotes. It is cut into words once more inside
 * them, so what is no plain character goes as an octal escape, escaped.
 */
static void command(FILE *out, const struct conf_script *s)
{
	const char *p;
	size_t i;

	fputc('"', out);
	for (i = 0; s->argv[i]; i++) {
		if (i)
			fputc(' ', out);
		if (!*s->argv[i])
			fputs("''", out);
		for (p = s->argv[i]; *p; p++)
			fprintf(out, *p > ' ' && !strchr("\"'\\#!${}", *p) ? "%c" : "\\\\%03o",
				(unsigned char)*p);
	}
	fputc('"', out);
}

static void notify(FILE *out, const char *indent, const char *name,
		   const struct conf_script *s)
{
	if (!s->argv)
		return;
	fprintf(out, "%s%s ", indent, name);
	command(out, s);
	if (s->user)
		fprintf(out, " %s", s->user);
	if (s->user && s->group)
		fprintf(out, " %s", s->group);
	fputc('\n', out);
}

/* --- global_defs --- */

static void fifo(FILE *out, const char *name, const struct conf_fifo *f)
{
	char script[64];

	if (!f->path)
		return;
	fprintf(out, "\t%s ", name);
	word(out, f->path);
	fputc('\n', out);
	snprintf(script, sizeof(script), "%s_script", name);
	notify(out, "\t", script, &f->script);
}

static void sync_daemon(FILE *out, const struct conf_global *g)
{
	if (!g->lvs_sync_ifname)
		return;
	fprintf(out, "\tlvs_sync_daemon %s", g->lvs_sync_ifname);
	if (g->lvs_sync_instance)
		named(out, " inst ", g->lvs_sync_instance, "");
	fprintf(out, " id %d", g->lvs_sync_id);
	if (g->lvs_sync_maxlen)
		fprintf(out, " maxlen %u", g->lvs_sync_maxlen);
	if (g->lvs_sync_port)
		fprintf(out, " port %u", g->lvs_sync_port);
	if (g->lvs_sync_ttl)
		fprintf(out, " ttl %u", g->lvs_sync_ttl);
	if (g->lvs_sync_group.family)
		fprintf(out, " group %s", addr(&g->lvs_sync_group));
	fputc('\n', out);
}

static void lvs_globals(FILE *out, const struct conf_global *g)
{
	sync_daemon(out, g);
	if (g->lvs_timeout_tcp_s || g->lvs_timeout_fin_s || g->lvs_timeout_udp_s)
		fprintf(out, "\tlvs_timeouts tcp %u tcpfin %u udp %u\n", g->lvs_timeout_tcp_s,
			g->lvs_timeout_fin_s, g->lvs_timeout_udp_s);
	if (g->lvs_flush)
		fprintf(out, "\tlvs_flush\n");
	if (g->lvs_flush_on_stop)
		fprintf(out, "\tlvs_flush_on_stop\n");
	if (g->lvs_flush_on_stop_vs)
		fprintf(out, "\tlvs_flush_on_stop VS\n");
	fprintf(out, "\trs_init_notifies %s\n", on_off(g->rs_init_notifies));
	fprintf(out, "\tchecker_log_all_failures %s\n", on_off(g->checker_log_all_failures));
	if (g->checker_rt_priority)
		fprintf(out, "\tchecker_rt_priority %d\n", g->checker_rt_priority);
	if (g->checker_nice)
		fprintf(out, "\tchecker_priority %d\n", g->checker_nice);
	if (g->checker_no_swap)
		fprintf(out, "\tchecker_no_swap\n");
}

static void vrrp_globals(FILE *out, const struct conf_global *g)
{
	fprintf(out, "\tvrrp_version %d\n", g->vrrp_version);
	fprintf(out, "\tvrrp_mcast_group4 %s\n", addr(&g->mcast_group4));
	fprintf(out, "\tvrrp_mcast_group6 %s\n", addr(&g->mcast_group6));
	if (g->vrrp_startup_delay_ns)
		fprintf(out, "\tvrrp_startup_delay %s\n", seconds(g->vrrp_startup_delay_ns));
	if (g->garp_interval_ns)
		fprintf(out, "\tvrrp_garp_interval %s\n", seconds(g->garp_interval_ns));
	if (g->gna_interval_ns)
		fprintf(out, "\tvrrp_gna_interval %s\n", seconds(g->gna_interval_ns));
	if (g->vrrp_rt_priority)
		fprintf(out, "\tvrrp_rt_priority %d\n", g->vrrp_rt_priority);
	if (g->vrrp_nice)
		fprintf(out, "\tvrrp_priority %d\n", g->vrrp_nice);
	if (g->vrrp_no_swap)
		fprintf(out, "\tvrrp_no_swap\n");
	if (g->dynamic_interfaces)
		fprintf(out, "\tdynamic_interfaces\n");
	if (g->default_ifname)
		named(out, "\tdefault_interface ", g->default_ifname, "\n");
	fprintf(out, "\tvmac_prefix %s\n", g->vmac_prefix ? g->vmac_prefix : "vrrp");
}

static void globals(FILE *out, const struct conf_global *g)
{
	size_t i;

	fprintf(out, "global_defs {\n");
	if (g->router_id) {
		fprintf(out, "\trouter_id ");
		word(out, g->router_id);
		fputc('\n', out);
	}
	if (g->script_user)
		fprintf(out, "\tscript_user %s%s%s\n", g->script_user,
			g->script_group ? " " : "", g->script_group ? g->script_group : "");
	if (g->enable_script_security)
		fprintf(out, "\tenable_script_security\n");
	vrrp_globals(out, g);
	lvs_globals(out, g);
	fifo(out, "notify_fifo", &g->notify_fifo);
	fifo(out, "vrrp_notify_fifo", &g->vrrp_notify_fifo);
	fifo(out, "lvs_notify_fifo", &g->lvs_notify_fifo);
	for (i = 0; i < g->nemail; i++) {
		if (!i)
			fprintf(out, "\tnotification_email {\n");
		fprintf(out, "\t\t");
		word(out, g->email[i]);
		fprintf(out, i + 1 == g->nemail ? "\n\t}\n" : "\n");
	}
	if (g->email_from) {
		fprintf(out, "\tnotification_email_from ");
		word(out, g->email_from);
		fputc('\n', out);
	}
	if (g->smtp_server)
		named(out, "\tsmtp_server ", g->smtp_server, "\n");
	if (g->smtp_helo)
		named(out, "\tsmtp_helo_name ", g->smtp_helo, "\n");
	fprintf(out, "}\n");
}

/* --- VRRP --- */

static void script(FILE *out, const struct conf_script *s)
{
	named(out, "\nvrrp_script ", s->name, " {\n\tscript ");
	command(out, s);
	fprintf(out, "\n\tinterval %s\n", seconds(s->interval_ns));
	if (s->timeout_ns)
		fprintf(out, "\ttimeout %s\n", seconds(s->timeout_ns));
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
		fprintf(out, "\t\t%s peer %s", addr(&v->addr), addr(&v->peer));
	else
		fprintf(out, "\t\t%s/%d", addr(&v->addr), v->prefixlen);
	if (v->brd.family)
		fprintf(out, " brd %s", addr(&v->brd));
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
			fprintf(out, "\tvirtual_ipaddress%s {\n", excluded ? "_excluded" : "");
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
		named(out, "\t\t", t[i].name, "");
		fprintf(out, " weight %d%s\n", t[i].weight, t[i].reverse ? " reverse" : "");
	}
	fprintf(out, "\t}\n");
}

static void peers(FILE *out, const struct vrrp_conf *v)
{
	size_t i;

	if (v->unicast_src.family)
		fprintf(out, "\tunicast_src_ip %s\n", addr(&v->unicast_src));
	if (v->mcast_src.family)
		fprintf(out, "\tmcast_src_ip %s\n", addr(&v->mcast_src));
	if (v->mcast_dst.family)
		fprintf(out, "\tmcast_dst_ip %s\n", addr(&v->mcast_dst));
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
		fprintf(out, "\t\t%s", addr(&v->peer[i]));
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
			fprintf(out, " %02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3],
				m[4], m[5]);
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
	fprintf(out, "\tgarp_master_delay %s\n", seconds(v->garp_master_delay_ns));
	fprintf(out, "\tgarp_master_repeat %d\n", v->garp_master_rep);
	fprintf(out, "\tgarp_master_refresh %s\n", seconds(v->garp_master_refresh_ns));
	if (v->garp_master_refresh_rep)
		fprintf(out, "\tgarp_master_refresh_repeat %d\n", v->garp_master_refresh_rep);
	fprintf(out, "\tgarp_lower_prio_delay %s\n", seconds(v->garp_lower_prio_delay_ns));
	fprintf(out, "\tgarp_lower_prio_repeat %d\n", v->garp_lower_prio_rep);
	if (v->garp_extra_if_s)
		fprintf(out, "\tgarp_extra_if %s%d\n", v->garp_extra_if_all ? "all " : "",
			v->garp_extra_if_s);
}

static void vrrp_notify(FILE *out, const struct vrrp_conf *v)
{
	notify(out, "\t", "notify_master", &v->notify_master);
	notify(out, "\t", "notify_backup", &v->notify_backup);
	notify(out, "\t", "notify_fault", &v->notify_fault);
	notify(out, "\t", "notify_stop", &v->notify_stop);
	notify(out, "\t", "notify_deleted", &v->notify_deleted);
	notify(out, "\t", "notify", &v->notify);
	notify(out, "\t", "notify_master_rx_lower_pri", &v->notify_master_rx_lower_pri);
	fprintf(out, "\tnotify_priority_changes %s\n", on_off(v->notify_priority_changes));
}

static void instance(FILE *out, const struct vrrp_conf *v)
{
	named(out, "\nvrrp_instance ", v->name, " {\n");
	if (v->ifname)
		named(out, "\tinterface ", v->ifname, "\n");
	fprintf(out, "\tstate %s\n", v->start_master ? "MASTER" : "BACKUP");
	fprintf(out, "\tversion %d\n", v->version);
	fprintf(out, "\tvirtual_router_id %d\n\tpriority %d\n", v->vrid, v->priority);
	fprintf(out, "\tadvert_int %s\n", seconds(v->advert_ns));
	fprintf(out, "\tdown_timer_adverts %d\n", v->down_timer_adverts);
	fprintf(out, v->nopreempt ? "\tnopreempt\n" : "\tpreempt\n");
	if (v->preempt_delay_ns)
		fprintf(out, "\tpreempt_delay %s\n", seconds(v->preempt_delay_ns));
	fprintf(out, "\tstrict_mode %s\n\t%s\n", on_off(v->strict),
		v->accept ? "accept" : "no_accept");
	fprintf(out, "\tlower_prio_no_advert %s\n", on_off(v->lower_prio_no_advert));
	fprintf(out, "\thigher_prio_send_advert %s\n", on_off(v->higher_prio_send_advert));
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

	named(out, "\nvrrp_sync_group ", s->name, " {\n\tgroup {\n");
	for (i = 0; i < s->nmember; i++)
		named(out, "\t\t", s->member[i]->name, "\n");
	fprintf(out, "\t}\n");
	if (s->tracking_weight)
		fprintf(out, "\tsync_group_tracking_weight\n");
	tracks(out, "track_interface", s->track_if, s->ntrack_if);
	tracks(out, "track_script", s->track_script, s->ntrack_script);
	notify(out, "\t", "notify_master", &s->notify_master);
	notify(out, "\t", "notify_backup", &s->notify_backup);
	notify(out, "\t", "notify_fault", &s->notify_fault);
	notify(out, "\t", "notify_stop", &s->notify_stop);
	notify(out, "\t", "notify", &s->notify);
	fprintf(out, "}\n");
}

/* --- LVS --- */

static void service_group(FILE *out, const struct lvs_group_conf *g)
{
	size_t i;

	named(out, "\nvirtual_server_group ", g->name, " {\n");
	for (i = 0; i < g->nentry; i++) {
		const struct lvs_group_entry_conf *e = &g->entry[i];
		struct conf_addr last = e->addr;
		uint32_t tail;

		if (!e->addr.family) {
			fprintf(out, "\tfwmark %u%s\n", e->fwmark,
				e->family == AF_INET  ? " inet" :
				e->family == AF_INET6 ? " inet6" :
							"");
			continue;
		}
		/* The last address: the count added to the last 32 bits. */
		memcpy(&tail, last.family == AF_INET ? (uint8_t *)&last.v4 :
						       &last.v6.s6_addr[12], 4);
		tail = htonl(ntohl(tail) + e->count - 1);
		memcpy(last.family == AF_INET ? (uint8_t *)&last.v4 : &last.v6.s6_addr[12],
		       &tail, 4);
		fprintf(out, "\t%s", addr(&e->addr));
		if (e->count > 1)
			fprintf(out, "-%s", addr(&last));
		fprintf(out, " %d\n", e->port);
	}
	fprintf(out, "}\n");
}

static void method(FILE *out, const char *name, const struct lvs_real_conf *r)
{
	static const char *const csum[] = { "", " csum", " remcsum" };

	fprintf(out, "%s %s", name,
		r->forward == LVS_DR	? "DR" :
		r->forward == LVS_NAT ? "NAT" :
					"TUN");
	if (r->forward == LVS_TUN && r->tun_type == IP_VS_CONN_F_TUNNEL_TYPE_GUE)
		fprintf(out, " type gue port %u%s", r->tun_port, csum[r->tun_flags % 3]);
	else if (r->forward == LVS_TUN && r->tun_type == IP_VS_CONN_F_TUNNEL_TYPE_GRE)
		fprintf(out, " type gre%s", csum[r->tun_flags % 3]);
	fputc('\n', out);
}

static void status_codes(FILE *out, const uint64_t set[8])
{
	int code, first = 0;
	bool any = false;

	for (code = 100; code <= 600; code++) {
		int bit = code - 100;
		bool in = code < 600 && set[bit / 64] >> (bit % 64) & 1;

		if (in && !first)
			first = code;
		if (in || !first)
			continue;
		fprintf(out, any ? " %d-%d" : "\t\t\t\tstatus_code %d-%d", first, code - 1);
		any = true;
		first = 0;
	}
	if (any)
		fputc('\n', out);
}

/* A pattern in quotes, what is no plain character as an octal escape. */
static void pattern(FILE *out, const struct http_url_conf *u)
{
	const char *p;
	size_t i;

	if (!u->regex)
		return;
	fprintf(out, "\t\t\t\tregex \"");
	for (p = u->regex; *p; p++)
		fprintf(out, *p > ' ' && !strchr("\"'\\#!${}", *p) ? "%c" : "\\%03o",
			(unsigned char)*p);
	fprintf(out, "\"\n");
	if (u->regex_no_match)
		fprintf(out, "\t\t\t\tregex_no_match\n");
	for (i = 0; conf_regex_options[i]; i++)
		if (u->regex_options >> i & 1)
			fprintf(out, "\t\t\t\tregex_options %s\n", conf_regex_options[i]);
	if (u->regex_min)
		fprintf(out, "\t\t\t\tregex_min_offset %zu\n", u->regex_min);
	if (u->regex_max)
		fprintf(out, "\t\t\t\tregex_max_offset %zu\n", u->regex_max - 1);
}

static void urls(FILE *out, const struct checker_conf *k)
{
	size_t i, j;

	for (i = 0; i < k->nurl; i++) {
		const struct http_url_conf *u = &k->url[i];

		fprintf(out, "\t\t\turl {\n\t\t\t\tpath ");
		word(out, u->path);
		fputc('\n', out);
		if (u->virtualhost)
			fprintf(out, "\t\t\t\tvirtualhost %s\n", u->virtualhost);
		if (u->has_digest) {
			fprintf(out, "\t\t\t\tdigest ");
			for (j = 0; j < sizeof(u->digest); j++)
				fprintf(out, "%02x", u->digest[j]);
			fputc('\n', out);
		}
		status_codes(out, u->status_set);
		pattern(out, u);
		fprintf(out, "\t\t\t}\n");
	}
}

static void hex(FILE *out, const char *name, const uint8_t *p, const uint8_t *mask,
		size_t n)
{
	size_t i;

	if (!n)
		return;
	fprintf(out, "\t\t\t%s", name);
	for (i = 0; i < n; i++) {
		uint8_t m = mask ? mask[i] : 0;

		fputc(' ', out);
		fprintf(out, m & 0xf0 ? "x" : "%x", p[i] >> 4);
		fprintf(out, m & 0x0f ? "x" : "%x", p[i] & 0xf);
	}
	fputc('\n', out);
}

static void udp(FILE *out, const struct udp_check_conf *u)
{
	if (!u)
		return;
	hex(out, "payload", u->payload, NULL, u->payload_len);
	if (u->require_reply && u->reply_len)
		hex(out, "require_reply", u->reply, u->reply_mask, u->reply_len);
	else if (u->require_reply)
		fprintf(out, "\t\t\trequire_reply\n");
	fprintf(out, "\t\t\tmin_reply_length %u\n", u->min_reply_len);
	fprintf(out, "\t\t\tmax_reply_length %u\n", u->max_reply_len);
}

static const char *dns_type(uint16_t type)
{
	switch (type) {
	case 1:
		return "A";
	case 2:
		return "NS";
	case 5:
		return "CNAME";
	case 15:
		return "MX";
	case 16:
		return "TXT";
	case 28:
		return "AAAA";
	case 46:
		return "RRSIG";
	case 48:
		return "DNSKEY";
	default:
		return "SOA";
	}
}

static void http(FILE *out, const struct checker_conf *k)
{
	fprintf(out, "\t\t\thttp_protocol %s\n",
		k->http_version == HTTP_1_1	   ? "1.1" :
		k->http_version == HTTP_1_0_CLOSE ? "1.0C" :
						      "1.0");
	if (k->virtualhost)
		fprintf(out, "\t\t\tvirtualhost %s\n", k->virtualhost);
	if (k->sni)
		fprintf(out, "\t\t\tenable_sni on\n");
	if (k->fast_recovery)
		fprintf(out, "\t\t\tfast_recovery on\n");
	urls(out, k);
}

static void connection(FILE *out, const struct checker_conf *k,
		       const struct lvs_real_conf *r)
{
	const struct conf_addr *ip = k->connect_ip.family ? &k->connect_ip : &r->addr;
	int port = k->connect_port ? k->connect_port : r->port;

	fprintf(out, "\t\t\tconnect_ip %s\n", addr(ip));
	if (port)
		fprintf(out, "\t\t\tconnect_port %d\n", port);
	if (k->bindto.family)
		fprintf(out, "\t\t\tbindto %s\n", addr(&k->bindto));
	if (k->bind_port)
		fprintf(out, "\t\t\tbind_port %d\n", k->bind_port);
	if (k->bind_if)
		fprintf(out, "\t\t\tbind_if %s\n", k->bind_if);
	if (k->fwmark)
		fprintf(out, "\t\t\tfwmark %u\n", k->fwmark);
	fprintf(out, "\t\t\tconnect_timeout %s\n", seconds(k->connect_timeout_ns));
}

static void misc(FILE *out, const struct checker_conf *k)
{
	fprintf(out, "\t\t\tmisc_path ");
	command(out, k->misc);
	fprintf(out, "\n\t\t\tmisc_timeout %" PRId64 "\n", k->misc->timeout_ns / 1000000000);
	if (k->misc_dynamic)
		fprintf(out, "\t\t\tmisc_dynamic\n");
	if (k->misc->user)
		fprintf(out, "\t\t\tuser %s%s%s\n", k->misc->user,
			k->misc->group ? " " : "", k->misc->group ? k->misc->group : "");
}

static void checker(FILE *out, const struct checker_conf *k, const struct lvs_real_conf *r)
{
	static const char *const names[] = {
		[CHECK_TCP] = "TCP_CHECK",   [CHECK_HTTP] = "HTTP_GET",
		[CHECK_SSL] = "SSL_GET",     [CHECK_MISC] = "MISC_CHECK",
		[CHECK_UDP] = "UDP_CHECK",   [CHECK_DNS] = "DNS_CHECK",
		[CHECK_PING] = "PING_CHECK", [CHECK_SMTP] = "SMTP_CHECK",
	};

	fprintf(out, "\t\t%s {\n", names[k->type]);
	if (k->type == CHECK_MISC)
		misc(out, k);
	else
		connection(out, k, r);
	if (k->type == CHECK_HTTP || k->type == CHECK_SSL)
		http(out, k);
	if (k->type == CHECK_DNS) {
		fprintf(out, "\t\t\ttype %s\n\t\t\tname ", dns_type(k->dns_type));
		word(out, k->dns_name ? k->dns_name : "");
		fputc('\n', out);
	}
	if (k->type == CHECK_SMTP && k->helo_name)
		fprintf(out, "\t\t\thelo_name %s\n", k->helo_name);
	if (k->type == CHECK_UDP)
		udp(out, k->udp);
	fprintf(out, "\t\t\tretry %d\n", k->retry);
	fprintf(out, "\t\t\tdelay_before_retry %s\n", seconds(k->delay_before_retry_ns));
	fprintf(out, "\t\t\tdelay_loop %s\n\t\t\twarmup %s\n", seconds(k->delay_loop_ns),
		seconds(k->warmup_ns));
	fprintf(out, "\t\t\talpha %s\n", on_off(k->alpha));
	if (k->log_all_failures)
		fprintf(out, "\t\t\tlog_all_failures on\n");
	fprintf(out, "\t\t}\n");
}

static void real(FILE *out, const struct lvs_real_conf *r)
{
	size_t i;

	fprintf(out, "\treal_server %s %d {\n\t\tweight %d\n", addr(&r->addr), r->port,
		r->weight);
	method(out, "\t\tlvs_method", r);
	fprintf(out, "\t\tinhibit_on_failure %s\n", on_off(r->inhibit));
	if (r->upper_threshold)
		fprintf(out, "\t\tuthreshold %u\n", r->upper_threshold);
	if (r->lower_threshold)
		fprintf(out, "\t\tlthreshold %u\n", r->lower_threshold);
	if (r->virtualhost)
		fprintf(out, "\t\tvirtualhost %s\n", r->virtualhost);
	if (r->notify_up)
		notify(out, "\t\t", "notify_up", r->notify_up);
	if (r->notify_down)
		notify(out, "\t\t", "notify_down", r->notify_down);
	for (i = 0; i < r->nchecker; i++)
		checker(out, &r->checker[i], r);
	fprintf(out, "\t}\n");
}

static void service_head(FILE *out, const struct lvs_service_conf *s)
{
	if (s->group)
		named(out, "\nvirtual_server group ", s->group->name, " {\n");
	else if (s->addr.family)
		fprintf(out, "\nvirtual_server %s %d {\n", addr(&s->addr), s->port);
	else
		fprintf(out, "\nvirtual_server fwmark %u {\n", s->fwmark);
	if (!s->addr.family && s->family)
		fprintf(out, "\tip_family %s\n", s->family == AF_INET6 ? "inet6" : "inet");
	fprintf(out, "\tlb_algo %s\n", s->scheduler);
	if (s->sched_flags & IP_VS_SVC_F_SCHED1)
		fprintf(out, "\tflag-1\n");
	if (s->sched_flags & IP_VS_SVC_F_SCHED2)
		fprintf(out, "\tflag-2\n");
	if (s->sched_flags & IP_VS_SVC_F_SCHED3)
		fprintf(out, "\tflag-3\n");
	if (s->one_packet)
		fprintf(out, "\tops\n");
	if (s->protocol)
		fprintf(out, "\tprotocol %s\n",
			s->protocol == IPPROTO_TCP ? "TCP" :
			s->protocol == IPPROTO_UDP ? "UDP" :
						     "SCTP");
}

static void service(FILE *out, const struct lvs_service_conf *s)
{
	struct lvs_real_conf as_all = { .forward = s->forward };
	size_t i;

	service_head(out, s);
	/* Where every server has its own, there need not be one for all. */
	if (s->forward == LVS_DR || s->forward == LVS_NAT || s->forward == LVS_TUN)
		method(out, "\tlb_kind", &as_all);
	if (s->persistence_s)
		fprintf(out, "\tpersistence_timeout %u\n", s->persistence_s);
	if (s->persistence_granularity && s->family == AF_INET6)
		fprintf(out, "\tpersistence_granularity %u\n", s->persistence_granularity);
	else if (s->persistence_granularity)
		fprintf(out, "\tpersistence_granularity %s\n",
			addr(&(struct conf_addr){ .family = AF_INET,
						  .v4 = { s->persistence_granularity } }));
	if (s->pe_name)
		named(out, "\tpersistence_engine ", s->pe_name, "\n");
	if (s->alpha)
		fprintf(out, "\talpha\n");
	if (s->omega)
		fprintf(out, "\tomega\n");
	if (s->ha_suspend)
		fprintf(out, "\tha_suspend\n");
	if (s->virtualhost)
		named(out, "\tvirtualhost ", s->virtualhost, "\n");
	if (s->quorum)
		fprintf(out, "\tquorum %u\n\thysteresis %u\n", s->quorum, s->hysteresis);
	notify(out, "\t", "quorum_up", &s->quorum_up);
	notify(out, "\t", "quorum_down", &s->quorum_down);
	if (s->sorry) {
		fprintf(out, "\tsorry_server %s %d\n", addr(&s->sorry->addr), s->sorry->port);
		method(out, "\tsorry_server_lvs_method", s->sorry);
		if (s->sorry_inhibit)
			fprintf(out, "\tsorry_server_inhibit\n");
	}
	for (i = 0; i < s->nreal; i++)
		real(out, &s->real[i]);
	fprintf(out, "}\n");
}

void conf_print_effective(FILE *out, const struct conf *c)
{
	size_t i;

	globals(out, &c->global);
	for (i = 0; i < c->nscript; i++)
		script(out, &c->script[i]);
	for (i = 0; i < c->nvrrp; i++)
		instance(out, &c->vrrp[i]);
	for (i = 0; i < c->nsync_group; i++)
		group(out, &c->sync_group[i]);
	for (i = 0; i < c->ngroup; i++)
		service_group(out, &c->group[i]);
	for (i = 0; i < c->nservice; i++)
		service(out, &c->service[i]);
}
