/* IPVS commands as text: for messages, and for the recorder. */
#include <arpa/inet.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ipvs.h"

/* Text that grows in a buffer of fixed size. */
struct text {
	char *buf;
	size_t len, at;
};

static void add(struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->at, t->len - t->at, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->at += (size_t)n;
	if (t->at >= t->len)
		t->at = t->len - 1;
}

const char *ipvs_op_name(enum ipvs_cmd_op op)
{
	static const char *const name[IPVS_NOPS] = {
		[IPVS_NEW_SERVICE] = "NEW_SERVICE",
		[IPVS_SET_SERVICE] = "SET_SERVICE",
		[IPVS_DEL_SERVICE] = "DEL_SERVICE",
		[IPVS_NEW_DEST] = "NEW_DEST",
		[IPVS_SET_DEST] = "SET_DEST",
		[IPVS_DEL_DEST] = "DEL_DEST",
		[IPVS_START_DAEMON] = "START_DAEMON",
		[IPVS_STOP_DAEMON] = "STOP_DAEMON",
		[IPVS_SET_TIMEOUTS] = "SET_TIMEOUTS",
		[IPVS_FLUSH] = "FLUSH",
	};

	return op < IPVS_NOPS ? name[op] : "?";
}

static void add_endpoint(struct text *t, uint16_t family, const uint8_t *addr,
			 uint16_t port)
{
	char ip[INET6_ADDRSTRLEN] = "?";

	inet_ntop(family, addr, ip, sizeof(ip));
	add(t, family == AF_INET6 ? "[%s]:%u" : "%s:%u", ip, port);
}

static void add_service(struct text *t, const struct ipvs_service *s)
{
	if (s->fwmark) {
		add(t, " FWM %u%s", s->fwmark, s->family == AF_INET6 ? " IPv6" : "");
		return;
	}
	add(t, " %s ",
	    s->protocol == IPPROTO_TCP	  ? "TCP" :
	    s->protocol == IPPROTO_UDP	  ? "UDP" :
	    s->protocol == IPPROTO_SCTP ? "SCTP" :
					    "?");
	add_endpoint(t, s->family, s->addr, s->port);
}

static void add_service_settings(struct text *t, const struct ipvs_service *s)
{
	uint32_t rest = s->flags & ~(uint32_t)IP_VS_SVC_F_PERSISTENT;
	uint32_t all = s->family == AF_INET6 ? 128 : 0xffffffff;

	add(t, " %s", s->sched);
	if (s->flags & IP_VS_SVC_F_PERSISTENT)
		add(t, " persistent %u", s->timeout_s);
	if (s->netmask != all && s->family == AF_INET6)
		add(t, " mask %u", s->netmask);
	else if (s->netmask != all)
		add(t, " mask %08x", ntohl(s->netmask));
	if (rest & IP_VS_SVC_F_ONEPACKET)
		add(t, " ops");
	if (rest & ~(uint32_t)IP_VS_SVC_F_ONEPACKET)
		add(t, " flags %#x", rest & ~(uint32_t)IP_VS_SVC_F_ONEPACKET);
	if (s->pe_name[0])
		add(t, " pe %s", s->pe_name);
}

static void add_dest_settings(struct text *t, const struct ipvs_dest *d)
{
	add(t, " %s weight %d",
	    d->forward == IP_VS_CONN_F_DROUTE ? "DR" :
	    d->forward == IP_VS_CONN_F_TUNNEL ? "TUN" :
						"NAT",
	    d->weight);
	if (d->upper || d->lower)
		add(t, " thresholds %u %u", d->upper, d->lower);
	if (d->forward == IP_VS_CONN_F_TUNNEL && d->tun_type)
		add(t, " tun %u port %u flags %u", d->tun_type, d->tun_port,
		    d->tun_flags);
}

void ipvs_cmd_text(const struct ipvs_cmd *cmd, char *buf, size_t len)
{
	struct text t = { buf, len, 0 };
	bool dest = cmd->op == IPVS_NEW_DEST || cmd->op == IPVS_SET_DEST ||
		    cmd->op == IPVS_DEL_DEST;

	add(&t, "%s", ipvs_op_name(cmd->op));
	if (cmd->op <= IPVS_DEL_DEST)
		add_service(&t, &cmd->svc);
	if (cmd->op == IPVS_NEW_SERVICE || cmd->op == IPVS_SET_SERVICE)
		add_service_settings(&t, &cmd->svc);
	if (dest) {
		add(&t, " -> ");
		add_endpoint(&t, cmd->dest.family, cmd->dest.addr, cmd->dest.port);
	}
	if (dest && cmd->op != IPVS_DEL_DEST)
		add_dest_settings(&t, &cmd->dest);
	if (cmd->op == IPVS_START_DAEMON || cmd->op == IPVS_STOP_DAEMON)
		add(&t, " %s id %u",
		    cmd->daemon.state == IP_VS_STATE_MASTER ? "master" : "backup",
		    cmd->daemon.sync_id);
	if (cmd->op == IPVS_START_DAEMON)
		add(&t, " on %s", cmd->daemon.ifname);
	if (cmd->op == IPVS_SET_TIMEOUTS)
		add(&t, " %u %u %u", cmd->timeouts.tcp_s, cmd->timeouts.tcp_fin_s,
		    cmd->timeouts.udp_s);
}
