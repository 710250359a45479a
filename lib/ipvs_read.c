#include "ipvs_read.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nl.h"

/* What identifies a service to the kernel. */
struct ipvs_read_key {
	uint16_t family, protocol, port; /* port: network order */
	uint32_t fwmark;
	uint8_t addr[16];
	struct ipvs_entry entry; /* the service's line */
};

/* One dump under way. */
struct reading {
	struct ipvs_table *t;
	const struct ipvs_read_key *key; /* the service whose dests are read */
	int err;
};

/* Room for one more of `n` elements of `size`. Returns the array or NULL. */
static void *grow(void *v, size_t n, size_t *cap, size_t size)
{
	size_t want = *cap ? *cap * 2 : 16;
	void *bigger;

	if (n < *cap)
		return v;
	bigger = realloc(v, want * size);
	if (bigger)
		*cap = want;
	return bigger;
}

static void endpoint_text(char *buf, size_t len, uint16_t family, const void *addr,
			  uint16_t port)
{
	char text[INET6_ADDRSTRLEN] = "?";

	inet_ntop(family, addr, text, sizeof(text));
	snprintf(buf, len, family == AF_INET6 ? "[%s]:%u" : "%s:%u", text, ntohs(port));
}

static const char *protocol_name(uint16_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return "TCP";
	case IPPROTO_UDP:
		return "UDP";
	case IPPROTO_SCTP:
		return "SCTP";
	}
	return "?";
}

static void service_text(struct ipvs_read_key *k)
{
	char at[IPVS_TEXT_MAX - 5];

	if (k->fwmark) {
		snprintf(k->entry.service, sizeof(k->entry.service), "FWM %u%s",
			 k->fwmark, k->family == AF_INET6 ? " IPv6" : "");
		return;
	}
	endpoint_text(at, sizeof(at), k->family, k->addr, k->port);
	snprintf(k->entry.service, sizeof(k->entry.service), "%s %s",
		 protocol_name(k->protocol), at);
}

static uint32_t get_u32(struct nlattr *a)
{
	return a ? nla_get_u32(a) : 0;
}

static uint16_t get_u16(struct nlattr *a)
{
	return a ? nla_get_u16(a) : 0;
}

static void get_addr(uint8_t addr[16], struct nlattr *a)
{
	memset(addr, 0, 16);
	if (a)
		nla_memcpy(addr, a, 16);
}

/* Parses the nested attribute `which` of a message. 0 or -errno. */
static int nested(struct nl_msg *msg, int which, struct nlattr **attr, int max)
{
	struct nlattr *top[IPVS_CMD_ATTR_MAX + 1];
	int r = genlmsg_parse(nlmsg_hdr(msg), 0, top, IPVS_CMD_ATTR_MAX, NULL);

	if (r < 0)
		return nl_errno(r);
	if (!top[which])
		return -EBADMSG;
	return nl_errno(nla_parse_nested(attr, max, top[which], NULL));
}

static int add_service(struct ipvs_table *t, struct nl_msg *msg)
{
	struct nlattr *a[IPVS_SVC_ATTR_MAX + 1];
	struct ip_vs_flags flags = { 0 };
	struct ipvs_read_key *k;
	int r = nested(msg, IPVS_CMD_ATTR_SERVICE, a, IPVS_SVC_ATTR_MAX);

	if (r < 0)
		return r;
	k = grow(t->key, t->nkey, &t->keycap, sizeof(*k));
	if (!k)
		return -ENOMEM;
	t->key = k;
	k += t->nkey;
	memset(k, 0, sizeof(*k));
	k->family = get_u16(a[IPVS_SVC_ATTR_AF]);
	k->protocol = get_u16(a[IPVS_SVC_ATTR_PROTOCOL]);
	k->port = get_u16(a[IPVS_SVC_ATTR_PORT]);
	k->fwmark = get_u32(a[IPVS_SVC_ATTR_FWMARK]);
	get_addr(k->addr, a[IPVS_SVC_ATTR_ADDR]);
	if (a[IPVS_SVC_ATTR_FLAGS])
		nla_memcpy(&flags, a[IPVS_SVC_ATTR_FLAGS], sizeof(flags));
	k->entry.flags = flags.flags & ~(uint32_t)IP_VS_SVC_F_HASHED;
	if (flags.flags & IP_VS_SVC_F_PERSISTENT)
		k->entry.persistence_s = get_u32(a[IPVS_SVC_ATTR_TIMEOUT]);
	k->entry.netmask = get_u32(a[IPVS_SVC_ATTR_NETMASK]);
	if (a[IPVS_SVC_ATTR_SCHED_NAME])
		nla_strlcpy(k->entry.sched, a[IPVS_SVC_ATTR_SCHED_NAME],
			    sizeof(k->entry.sched));
	service_text(k);
	t->nkey++;
	return 0;
}

static const char *forward_name(uint32_t method)
{
	switch (method & IP_VS_CONN_F_FWD_MASK) {
	case IP_VS_CONN_F_MASQ:
		return "NAT";
	case IP_VS_CONN_F_LOCALNODE:
		return "LOCAL";
	case IP_VS_CONN_F_TUNNEL:
		return "TUN";
	case IP_VS_CONN_F_DROUTE:
		return "DR";
	}
	return "?";
}

/* Room for one more entry; returns it, or NULL. */
static struct ipvs_entry *add_entry(struct ipvs_table *t)
{
	struct ipvs_entry *v = grow(t->v, t->n, &t->cap, sizeof(*v));

	if (!v)
		return NULL;
	t->v = v;
	return &t->v[t->n++];
}

static int add_dest(struct ipvs_table *t, const struct ipvs_read_key *k,
		    struct nl_msg *msg)
{
	struct nlattr *a[IPVS_DEST_ATTR_MAX + 1];
	struct ipvs_entry *e;
	uint16_t family;
	uint8_t addr[16];
	int r = nested(msg, IPVS_CMD_ATTR_DEST, a, IPVS_DEST_ATTR_MAX);

	if (r < 0)
		return r;
	e = add_entry(t);
	if (!e)
		return -ENOMEM;
	memset(e, 0, sizeof(*e));
	memcpy(e->service, k->entry.service, sizeof(e->service));
	memcpy(e->sched, k->entry.sched, sizeof(e->sched));
	/* A destination's family may differ from its service's (tunnels); kernels
	 * before 3.18 do not say it. */
	family = get_u16(a[IPVS_DEST_ATTR_ADDR_FAMILY]);
	get_addr(addr, a[IPVS_DEST_ATTR_ADDR]);
	endpoint_text(e->dest, sizeof(e->dest), family ? family : k->family, addr,
		      get_u16(a[IPVS_DEST_ATTR_PORT]));
	snprintf(e->forward, sizeof(e->forward), "%s",
		 forward_name(get_u32(a[IPVS_DEST_ATTR_FWD_METHOD])));
	e->weight = (int)get_u32(a[IPVS_DEST_ATTR_WEIGHT]);
	e->upper = get_u32(a[IPVS_DEST_ATTR_U_THRESH]);
	e->lower = get_u32(a[IPVS_DEST_ATTR_L_THRESH]);
	e->active = get_u32(a[IPVS_DEST_ATTR_ACTIVE_CONNS]);
	e->inactive = get_u32(a[IPVS_DEST_ATTR_INACT_CONNS]);
	e->persistent = get_u32(a[IPVS_DEST_ATTR_PERSIST_CONNS]);
	return 0;
}

static int valid_cb(struct nl_msg *msg, void *arg)
{
	struct reading *rd = arg;
	int r;

	r = rd->key ? add_dest(rd->t, rd->key, msg) : add_service(rd->t, msg);
	if (r < 0 && !rd->err)
		rd->err = r;
	return NL_OK; /* read to the end, so that the socket stays usable */
}

/* Names a service in a request. */
static int put_key(struct nl_msg *msg, const struct ipvs_read_key *k)
{
	struct nlattr *nest = nla_nest_start(msg, IPVS_CMD_ATTR_SERVICE);
	int r;

	if (!nest)
		return -NLE_NOMEM;
	r = nla_put_u16(msg, IPVS_SVC_ATTR_AF, k->family);
	if (k->fwmark) {
		if (!r)
			r = nla_put_u32(msg, IPVS_SVC_ATTR_FWMARK, k->fwmark);
	} else {
		if (!r)
			r = nla_put_u16(msg, IPVS_SVC_ATTR_PROTOCOL, k->protocol);
		if (!r)
			r = nla_put(msg, IPVS_SVC_ATTR_ADDR, 16, k->addr);
		if (!r)
			r = nla_put_u16(msg, IPVS_SVC_ATTR_PORT, k->port);
	}
	nla_nest_end(msg, nest);
	return r;
}

/* One dump: all services, or (rd->key) the destinations of one. */
static int ask(struct nl_sock *sk, int family_id, int cmd, struct reading *rd)
{
	struct nl_msg *msg = nlmsg_alloc_size(256);
	int r = -NLE_NOMEM;

	if (!msg)
		return -ENOMEM;
	if (!genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family_id, 0, NLM_F_DUMP,
			 (uint8_t)cmd, IPVS_GENL_VERSION))
		goto out;
	if (rd->key) {
		r = put_key(msg, rd->key);
		if (r < 0)
			goto out;
	}
	r = nl_send_auto(sk, msg);
	if (r >= 0)
		r = nl_recvmsgs_default(sk);
out:
	nlmsg_free(msg);
	return r < 0 ? nl_errno(r) : 0;
}

int ipvs_family(struct nl_sock *sk)
{
	int id = genl_ctrl_resolve(sk, IPVS_GENL_NAME);

	return id < 0 ? nl_errno(id) : id;
}

int ipvs_dump(struct nl_sock *sk, int family_id, struct ipvs_table *out)
{
	struct reading rd = { .t = out };
	struct ipvs_entry *e;
	size_t i;
	int r;

	out->n = out->nkey = 0;
	r = nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, valid_cb, &rd);
	if (r < 0)
		return nl_errno(r);
	r = ask(sk, family_id, IPVS_CMD_GET_SERVICE, &rd);
	for (i = 0; !r && !rd.err && i < out->nkey; i++) {
		e = add_entry(out);
		if (!e) {
			r = -ENOMEM;
			break;
		}
		*e = out->key[i].entry;
		rd.key = &out->key[i];
		r = ask(sk, family_id, IPVS_CMD_GET_DEST, &rd);
	}
	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_DEFAULT, NULL, NULL);
	return r ? r : rd.err;
}

void ipvs_table_finish(struct ipvs_table *t)
{
	free(t->v);
	free(t->key);
	memset(t, 0, sizeof(*t));
}
