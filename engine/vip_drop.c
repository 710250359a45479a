#include "vip_drop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "nl.h"

#define TABLE "halbd"
#define SET   "vips"
#define BATCH_MAX 8192
/* nft's own numbers for what a set holds. */
#define TYPE_IPV4 7
#define TYPE_IPV6 8
#define PRIORITY  (-1) /* before others' filters, as keepalived's */

struct vip_drop {
	struct nl_sock *sk;
};

/* Where a family has what a rule looks at. */
static const struct family {
	uint8_t nfproto;
	int af;
	uint32_t key_type, bytes, src, dst;
} families[] = {
	{ NFPROTO_IPV4, AF_INET, TYPE_IPV4, 4, 12, 16 },
	{ NFPROTO_IPV6, AF_INET6, TYPE_IPV6, 16, 8, 24 },
};

/* --- batches: all of it happens, or nothing --- */

struct batch {
	char buf[BATCH_MAX];
	size_t len;
	int err;
};

static void put_message(struct batch *b, struct nl_msg *m)
{
	struct nlmsghdr *h = m ? nlmsg_hdr(m) : NULL;

	if (!h || b->len + NLMSG_ALIGN(h->nlmsg_len) > sizeof(b->buf)) {
		b->err = -ENOMEM;
	} else {
		memcpy(b->buf + b->len, h, h->nlmsg_len);
		b->len += NLMSG_ALIGN(h->nlmsg_len);
	}
	nlmsg_free(m);
}

static struct nl_msg *message(int type, int flags, uint8_t family, uint16_t res)
{
	struct nfgenmsg g = { .nfgen_family = family, .version = NFNETLINK_V0,
			      .res_id = htons(res) };
	struct nl_msg *m = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);

	if (m && nlmsg_append(m, &g, sizeof(g), NLMSG_ALIGNTO) < 0) {
		nlmsg_free(m);
		m = NULL;
	}
	return m;
}

static struct nl_msg *table_message(int type, int flags, const struct family *f)
{
	return message(NFNL_SUBSYS_NFTABLES << 8 | type, NLM_F_ACK | flags, f->nfproto, 0);
}

static void begin(struct batch *b)
{
	b->len = 0;
	b->err = 0;
	put_message(b, message(NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
}

/* The first error that comes back; the kernel is done when send() returns. */
static int answers(struct nl_sock *sk)
{
	union {
		struct nlmsghdr h;
		char bytes[8192];
	} buf;
	struct nlmsghdr *h;
	struct nlmsgerr *e;
	int left, r = 0;
	ssize_t n;

	while ((n = recv(nl_socket_get_fd(sk), &buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
		left = (int)n;
		for (h = &buf.h; nlmsg_ok(h, left); h = nlmsg_next(h, &left)) {
			e = nlmsg_data(h);
			if (h->nlmsg_type == NLMSG_ERROR && !r)
				r = e->error;
		}
	}
	return r;
}

static int commit(struct nl_sock *sk, struct batch *b)
{
	put_message(b, message(NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
	if (b->err)
		return b->err;
	if (send(nl_socket_get_fd(sk), b->buf, b->len, 0) < 0)
		return -errno;
	return answers(sk);
}

/* --- what goes into them; where nla_put() fails, the kernel refuses the request --- */

static void put32(struct nl_msg *m, int type, uint32_t v)
{
	nla_put_u32(m, type, htonl(v));
}

static void table(struct batch *b, const struct family *f, int type)
{
	struct nl_msg *m = table_message(type, 0, f);

	if (m)
		nla_put_string(m, NFTA_TABLE_NAME, TABLE);
	put_message(b, m);
}

static void set(struct batch *b, const struct family *f)
{
	struct nl_msg *m = table_message(NFT_MSG_NEWSET, NLM_F_CREATE, f);

	if (m) {
		nla_put_string(m, NFTA_SET_TABLE, TABLE);
		nla_put_string(m, NFTA_SET_NAME, SET);
		put32(m, NFTA_SET_KEY_TYPE, f->key_type);
		put32(m, NFTA_SET_KEY_LEN, f->bytes);
		put32(m, NFTA_SET_ID, 1);
	}
	put_message(b, m);
}

static void chain(struct batch *b, const struct family *f, const char *name,
		  uint32_t hook)
{
	struct nl_msg *m = table_message(NFT_MSG_NEWCHAIN, NLM_F_CREATE, f);
	struct nlattr *nest;

	if (m) {
		nla_put_string(m, NFTA_CHAIN_TABLE, TABLE);
		nla_put_string(m, NFTA_CHAIN_NAME, name);
		nest = nla_nest_start(m, NFTA_CHAIN_HOOK | NLA_F_NESTED);
		put32(m, NFTA_HOOK_HOOKNUM, hook);
		put32(m, NFTA_HOOK_PRIORITY, (uint32_t)PRIORITY);
		if (nest)
			nla_nest_end(m, nest);
		nla_put_string(m, NFTA_CHAIN_TYPE, "filter");
	}
	put_message(b, m);
}

/* One expression of a rule: opened and closed around its own attributes. */
struct expr {
	struct nlattr *elem, *data;
};

static struct expr expr(struct nl_msg *m, const char *name)
{
	struct expr e;

	e.elem = nla_nest_start(m, NFTA_LIST_ELEM | NLA_F_NESTED);
	nla_put_string(m, NFTA_EXPR_NAME, name);
	e.data = nla_nest_start(m, NFTA_EXPR_DATA | NLA_F_NESTED);
	return e;
}

static void end(struct nl_msg *m, struct expr e)
{
	if (e.data)
		nla_nest_end(m, e.data);
	if (e.elem)
		nla_nest_end(m, e.elem);
}

static void load(struct nl_msg *m, uint32_t base, uint32_t offset, uint32_t bytes)
{
	struct expr e = expr(m, "payload");

	put32(m, NFTA_PAYLOAD_DREG, NFT_REG_1);
	put32(m, NFTA_PAYLOAD_BASE, base);
	put32(m, NFTA_PAYLOAD_OFFSET, offset);
	put32(m, NFTA_PAYLOAD_LEN, bytes);
	end(m, e);
}

static void compare(struct nl_msg *m, uint32_t op, uint8_t value)
{
	struct expr e = expr(m, "cmp");
	struct nlattr *nest;

	put32(m, NFTA_CMP_SREG, NFT_REG_1);
	put32(m, NFTA_CMP_OP, op);
	nest = nla_nest_start(m, NFTA_CMP_DATA | NLA_F_NESTED);
	nla_put(m, NFTA_DATA_VALUE, 1, &value);
	if (nest)
		nla_nest_end(m, nest);
	end(m, e);
}

static void in_set(struct nl_msg *m)
{
	struct expr e = expr(m, "lookup");

	nla_put_string(m, NFTA_LOOKUP_SET, SET);
	put32(m, NFTA_LOOKUP_SREG, NFT_REG_1);
	put32(m, NFTA_LOOKUP_SET_ID, 1);
	end(m, e);
}

static void verdict(struct nl_msg *m, uint32_t code)
{
	struct expr e = expr(m, "immediate");
	struct nlattr *data, *v;

	put32(m, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	data = nla_nest_start(m, NFTA_IMMEDIATE_DATA | NLA_F_NESTED);
	v = nla_nest_start(m, NFTA_DATA_VERDICT | NLA_F_NESTED);
	put32(m, NFTA_VERDICT_CODE, code);
	if (v)
		nla_nest_end(m, v);
	if (data)
		nla_nest_end(m, data);
	end(m, e);
}

/* Neighbour discovery for the addresses, or what else is at `at` in the header. */
static void rule(struct batch *b, const struct family *f, const char *chain_name,
		 bool discovery, uint32_t at)
{
	struct nl_msg *m = table_message(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, f);
	struct nlattr *nest;

	if (!m) {
		put_message(b, m);
		return;
	}
	nla_put_string(m, NFTA_RULE_TABLE, TABLE);
	nla_put_string(m, NFTA_RULE_CHAIN, chain_name);
	nest = nla_nest_start(m, NFTA_RULE_EXPRESSIONS | NLA_F_NESTED);
	if (discovery) {
		load(m, NFT_PAYLOAD_NETWORK_HEADER, 6, 1);
		compare(m, NFT_CMP_EQ, IPPROTO_ICMPV6);
		load(m, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1);
		compare(m, NFT_CMP_GTE, 135); /* solicitation, */
		compare(m, NFT_CMP_LTE, 136); /* advertisement */
		verdict(m, NF_ACCEPT);
	} else {
		load(m, NFT_PAYLOAD_NETWORK_HEADER, at, f->bytes);
		in_set(m);
		verdict(m, NF_DROP);
	}
	if (nest)
		nla_nest_end(m, nest);
	put_message(b, m);
}

static void rules(struct batch *b, const struct family *f)
{
	table(b, f, NFT_MSG_NEWTABLE); /* one of a predecessor goes */
	table(b, f, NFT_MSG_DELTABLE);
	table(b, f, NFT_MSG_NEWTABLE);
	set(b, f);
	chain(b, f, "in", NF_INET_LOCAL_IN);
	chain(b, f, "out", NF_INET_LOCAL_OUT);
	if (f->af == AF_INET6) {
		rule(b, f, "in", true, 0);
		rule(b, f, "out", true, 0);
	}
	rule(b, f, "in", false, f->dst);
	rule(b, f, "out", false, f->src);
}

/* --- the interface --- */

struct vip_drop *vip_drop_new(void)
{
	struct vip_drop *d = calloc(1, sizeof(*d));
	struct batch *b = malloc(sizeof(*b));
	int r = -ENOMEM;

	if (d && b) {
		d->sk = nl_open(NETLINK_NETFILTER);
		r = -errno;
		if (d->sk) {
			begin(b);
			rules(b, &families[0]);
			rules(b, &families[1]);
			r = commit(d->sk, b);
		}
	}
	free(b);
	if (!r)
		return d;
	if (d)
		nl_socket_free(d->sk);
	free(d);
	errno = -r;
	return NULL;
}

void vip_drop_free(struct vip_drop *d)
{
	struct batch *b = d ? malloc(sizeof(*b)) : NULL;

	if (b) { /* otherwise the next start removes them */
		begin(b);
		table(b, &families[0], NFT_MSG_DELTABLE);
		table(b, &families[1], NFT_MSG_DELTABLE);
		commit(d->sk, b);
	}
	free(b);
	if (d)
		nl_socket_free(d->sk);
	free(d);
}

static void element(struct batch *b, const struct conf_addr *a, bool on)
{
	const struct family *f = &families[a->family == AF_INET6];
	struct nl_msg *m = table_message(on ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM,
					 on ? NLM_F_CREATE : 0, f);
	struct nlattr *list, *elem, *key;

	if (m) {
		nla_put_string(m, NFTA_SET_ELEM_LIST_TABLE, TABLE);
		nla_put_string(m, NFTA_SET_ELEM_LIST_SET, SET);
		list = nla_nest_start(m, NFTA_SET_ELEM_LIST_ELEMENTS | NLA_F_NESTED);
		elem = nla_nest_start(m, NFTA_LIST_ELEM | NLA_F_NESTED);
		key = nla_nest_start(m, NFTA_SET_ELEM_KEY | NLA_F_NESTED);
		nla_put(m, NFTA_DATA_VALUE, (int)f->bytes,
			f->af == AF_INET6 ? (const void *)&a->v6 : (const void *)&a->v4);
		if (key)
			nla_nest_end(m, key);
		if (elem)
			nla_nest_end(m, elem);
		if (list)
			nla_nest_end(m, list);
	}
	put_message(b, m);
}

int vip_drop_set(struct vip_drop *d, const struct conf_addr *a, bool on)
{
	struct batch *b = malloc(sizeof(*b));
	int r;

	if (!b)
		return -ENOMEM;
	begin(b);
	element(b, a, on);
	r = commit(d->sk, b);
	free(b);
	return (on && r == -EEXIST) || (!on && r == -ENOENT) ? 0 : r;
}
