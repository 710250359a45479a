/* Virtual servers, real servers and checkers as keepalived.conf. */
#include <inttypes.h>
#include <linux/ip_vs.h>
#include <string.h>

#include "conf_print.h"

#ifndef IP_VS_CONN_F_TUNNEL_TYPE_GRE
#define IP_VS_CONN_F_TUNNEL_TYPE_GRE 2
#endif

/* --- LVS --- */

void print_service_group(FILE *out, const struct lvs_group_conf *g)
{
	size_t i;

	print_named(out, "\nvirtual_server_group ", g->name, " {\n");
	for (i = 0; i < g->nentry; i++) {
		const struct lvs_group_entry_conf *e = &g->entry[i];
		struct conf_addr last = e->addr;
		uint32_t tail;

		if (!e->addr.family) {
			fprintf(out, "\tfwmark %u%s\n", e->fwmark,
				e->family == AF_INET	? " inet"
				: e->family == AF_INET6 ? " inet6"
							: "");
			continue;
		}
		/* The last address: the count added to the last 32 bits. */
		memcpy(&tail,
		       last.family == AF_INET ? (uint8_t *)&last.v4
					      : &last.v6.s6_addr[12],
		       4);
		tail = htonl(ntohl(tail) + e->count - 1);
		memcpy(last.family == AF_INET ? (uint8_t *)&last.v4
					      : &last.v6.s6_addr[12],
		       &tail, 4);
		fprintf(out, "\t%s", print_addr(&e->addr));
		if (e->count > 1)
			fprintf(out, "-%s", print_addr(&last));
		fprintf(out, " %d\n", e->port);
	}
	fprintf(out, "}\n");
}

static void method(FILE *out, const char *name, const struct lvs_real_conf *r)
{
	static const char *const csum[] = { "", " csum", " remcsum" };

	fprintf(out, "%s %s", name,
		r->forward == LVS_DR	? "DR"
		: r->forward == LVS_NAT ? "NAT"
					: "TUN");
	if (r->forward == LVS_TUN && r->tun_type == IP_VS_CONN_F_TUNNEL_TYPE_GUE)
		fprintf(out, " type gue port %u%s", r->tun_port,
			csum[r->tun_flags % 3]);
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
		fprintf(out, any ? " %d-%d" : "\t\t\t\tstatus_code %d-%d", first,
			code - 1);
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
			fprintf(out, "\t\t\t\tregex_options %s\n",
				conf_regex_options[i]);
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
		print_word(out, u->path);
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
		k->http_version == HTTP_1_1	    ? "1.1"
		: k->http_version == HTTP_1_0_CLOSE ? "1.0C"
						    : "1.0");
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

	fprintf(out, "\t\t\tconnect_ip %s\n", print_addr(ip));
	if (port)
		fprintf(out, "\t\t\tconnect_port %d\n", port);
	if (k->bindto.family)
		fprintf(out, "\t\t\tbindto %s\n", print_addr(&k->bindto));
	if (k->bind_port)
		fprintf(out, "\t\t\tbind_port %d\n", k->bind_port);
	if (k->bind_if)
		fprintf(out, "\t\t\tbind_if %s\n", k->bind_if);
	if (k->fwmark)
		fprintf(out, "\t\t\tfwmark %u\n", k->fwmark);
	fprintf(out, "\t\t\tconnect_timeout %s\n",
		print_seconds(k->connect_timeout_ns));
}

static void misc(FILE *out, const struct checker_conf *k)
{
	fprintf(out, "\t\t\tmisc_path ");
	print_command(out, k->misc);
	fprintf(out, "\n\t\t\tmisc_timeout %" PRId64 "\n",
		k->misc->timeout_ns / 1000000000);
	if (k->misc_dynamic)
		fprintf(out, "\t\t\tmisc_dynamic\n");
	if (k->misc->user)
		fprintf(out, "\t\t\tuser %s%s%s\n", k->misc->user,
			k->misc->group ? " " : "",
			k->misc->group ? k->misc->group : "");
}

static void checker(FILE *out, const struct checker_conf *k,
		    const struct lvs_real_conf *r)
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
		print_word(out, k->dns_name ? k->dns_name : "");
		fputc('\n', out);
	}
	if (k->type == CHECK_SMTP && k->helo_name)
		fprintf(out, "\t\t\thelo_name %s\n", k->helo_name);
	if (k->type == CHECK_UDP)
		udp(out, k->udp);
	fprintf(out, "\t\t\tretry %d\n", k->retry);
	fprintf(out, "\t\t\tdelay_before_retry %s\n",
		print_seconds(k->delay_before_retry_ns));
	fprintf(out, "\t\t\tdelay_loop %s\n\t\t\twarmup %s\n",
		print_seconds(k->delay_loop_ns), print_seconds(k->warmup_ns));
	fprintf(out, "\t\t\talpha %s\n", print_on_off(k->alpha));
	if (k->log_all_failures)
		fprintf(out, "\t\t\tlog_all_failures on\n");
	fprintf(out, "\t\t}\n");
}

static void real(FILE *out, const struct lvs_real_conf *r)
{
	size_t i;

	fprintf(out, "\treal_server %s %d {\n\t\tweight %d\n", print_addr(&r->addr),
		r->port, r->weight);
	method(out, "\t\tlvs_method", r);
	fprintf(out, "\t\tinhibit_on_failure %s\n", print_on_off(r->inhibit));
	if (r->upper_threshold)
		fprintf(out, "\t\tuthreshold %u\n", r->upper_threshold);
	if (r->lower_threshold)
		fprintf(out, "\t\tlthreshold %u\n", r->lower_threshold);
	if (r->virtualhost)
		fprintf(out, "\t\tvirtualhost %s\n", r->virtualhost);
	if (r->notify_up)
		print_notify(out, "\t\t", "notify_up", r->notify_up);
	if (r->notify_down)
		print_notify(out, "\t\t", "notify_down", r->notify_down);
	for (i = 0; i < r->nchecker; i++)
		checker(out, &r->checker[i], r);
	fprintf(out, "\t}\n");
}

static void service_head(FILE *out, const struct lvs_service_conf *s)
{
	if (s->group)
		print_named(out, "\nvirtual_server group ", s->group->name, " {\n");
	else if (s->addr.family)
		fprintf(out, "\nvirtual_server %s %d {\n", print_addr(&s->addr),
			s->port);
	else
		fprintf(out, "\nvirtual_server fwmark %u {\n", s->fwmark);
	if (!s->addr.family && s->family)
		fprintf(out, "\tip_family %s\n",
			s->family == AF_INET6 ? "inet6" : "inet");
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
			s->protocol == IPPROTO_TCP   ? "TCP"
			: s->protocol == IPPROTO_UDP ? "UDP"
						     : "SCTP");
}

void print_service(FILE *out, const struct lvs_service_conf *s)
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
		fprintf(out, "\tpersistence_granularity %u\n",
			s->persistence_granularity);
	else if (s->persistence_granularity)
		fprintf(out, "\tpersistence_granularity %s\n",
			print_addr(&(struct conf_addr){
				.family = AF_INET,
				.v4 = { s->persistence_granularity } }));
	if (s->pe_name)
		print_named(out, "\tpersistence_engine ", s->pe_name, "\n");
	if (s->alpha)
		fprintf(out, "\talpha\n");
	if (s->omega)
		fprintf(out, "\tomega\n");
	if (s->ha_suspend)
		fprintf(out, "\tha_suspend\n");
	if (s->virtualhost)
		print_named(out, "\tvirtualhost ", s->virtualhost, "\n");
	if (s->quorum)
		fprintf(out, "\tquorum %u\n\thysteresis %u\n", s->quorum,
			s->hysteresis);
	print_notify(out, "\t", "quorum_up", &s->quorum_up);
	print_notify(out, "\t", "quorum_down", &s->quorum_down);
	if (s->sorry) {
		fprintf(out, "\tsorry_server %s %d\n", print_addr(&s->sorry->addr),
			s->sorry->port);
		method(out, "\tsorry_server_lvs_method", s->sorry);
		if (s->sorry_inhibit)
			fprintf(out, "\tsorry_server_inhibit\n");
	}
	for (i = 0; i < s->nreal; i++)
		real(out, &s->real[i]);
	fprintf(out, "}\n");
}
