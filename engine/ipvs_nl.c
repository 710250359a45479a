/*
 * IPVS in the kernel, by generic netlink (family "IPVS", linux/ip_vs.h).
 *
 * A batch is one buffer of messages in one send. Only its last message asks for
 * an acknowledgement; the others are answered when they fail. The kernel works
 * through the buffer in order, so when the last answer is in, all are.
 */
#include <errno.h>
#include <linux/ip_vs.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ipvs.h"
#include "nl.h"

#define BATCH_BYTES  (32 * 1024) /* well below the default send buffer, 208 KiB */
#define MESSAGE_MAX  512	 /* the largest, a tunnelled destination's, takes 244 */
#define NO_ANSWER    1		 /* in ipvs_cmd.err, while it is under way */

struct ipvs_nl {
	struct nl_sock *sk;
	struct nl_cb *cb;
	int family_id;
	uint32_t seq; /* of the last message sent */
	/* the batch that is under way */
	struct ipvs_cmd *cmd;
	size_t n;
	uint32_t first_seq;
	bool done;
	_Alignas(NLMSG_ALIGNTO) char buf[BATCH_BYTES];
};

/* --- encoding --- */

static int put_service(struct nl_msg *msg, const struct ipvs_service *s)
{
	struct ip_vs_flags flags = { .flags = s->flags, .mask = ~0U };
	struct nlattr *nest = nla_nest_start(msg, IPVS_CMD_ATTR_SERVICE);

	if (!nest)
		return -1;
	NLA_PUT_U16(msg, IPVS_SVC_ATTR_AF, s->family);
	if (s->fwmark) {
		NLA_PUT_U32(msg, IPVS_SVC_ATTR_FWMARK, s->fwmark);
	} else {
		NLA_PUT_U16(msg, IPVS_SVC_ATTR_PROTOCOL, s->protocol);
		NLA_PUT(msg, IPVS_SVC_ATTR_ADDR, sizeof(s->addr), s->addr);
		NLA_PUT_U16(msg, IPVS_SVC_ATTR_PORT, htons(s->port));
	}
	NLA_PUT_STRING(msg, IPVS_SVC_ATTR_SCHED_NAME, s->sched);
	if (s->pe_name[0])
		NLA_PUT_STRING(msg, IPVS_SVC_ATTR_PE_NAME, s->pe_name);
	NLA_PUT(msg, IPVS_SVC_ATTR_FLAGS, sizeof(flags), &flags);
	NLA_PUT_U32(msg, IPVS_SVC_ATTR_TIMEOUT, s->timeout_s);
	NLA_PUT_U32(msg, IPVS_SVC_ATTR_NETMASK, s->netmask);
	nla_nest_end(msg, nest);
	return 0;
nla_put_failure:
	return -1;
}

static int put_dest(struct nl_msg *msg, const struct ipvs_dest *d)
{
	struct nlattr *nest = nla_nest_start(msg, IPVS_CMD_ATTR_DEST);

	if (!nest)
		return -1;
	NLA_PUT_U16(msg, IPVS_DEST_ATTR_ADDR_FAMILY, d->family);
	NLA_PUT(msg, IPVS_DEST_ATTR_ADDR, sizeof(d->addr), d->addr);
	NLA_PUT_U16(msg, IPVS_DEST_ATTR_PORT, htons(d->port));
	NLA_PUT_U32(msg, IPVS_DEST_ATTR_FWD_METHOD, d->forward);
	NLA_PUT_U32(msg, IPVS_DEST_ATTR_WEIGHT, (uint32_t)d->weight);
	if (d->forward == IP_VS_CONN_F_TUNNEL) {
		NLA_PUT_U8(msg, IPVS_DEST_ATTR_TUN_TYPE, d->tun_type);
		if (d->tun_type == IP_VS_CONN_F_TUNNEL_TYPE_GUE)
			NLA_PUT_U16(msg, IPVS_DEST_ATTR_TUN_PORT, htons(d->tun_port));
		if (d->tun_type != IP_VS_CONN_F_TUNNEL_TYPE_IPIP)
			NLA_PUT_U16(msg, IPVS_DEST_ATTR_TUN_FLAGS, d->tun_flags);
	}
	NLA_PUT_U32(msg, IPVS_DEST_ATTR_U_THRESH, d->upper);
	NLA_PUT_U32(msg, IPVS_DEST_ATTR_L_THRESH, d->lower);
	nla_nest_end(msg, nest);
	return 0;
nla_put_failure:
	return -1;
}

static int put_daemon(struct nl_msg *msg, const struct ipvs_daemon *d, bool start)
{
	struct nlattr *nest = nla_nest_start(msg, IPVS_CMD_ATTR_DAEMON);

	if (!nest)
		return -1;
	NLA_PUT_U32(msg, IPVS_DAEMON_ATTR_STATE, d->state);
	if (start)
		NLA_PUT_STRING(msg, IPVS_DAEMON_ATTR_MCAST_IFN, d->ifname);
	NLA_PUT_U32(msg, IPVS_DAEMON_ATTR_SYNC_ID, d->sync_id);
	if (start && d->maxlen)
		NLA_PUT_U16(msg, IPVS_DAEMON_ATTR_SYNC_MAXLEN, d->maxlen);
	if (start && d->port)
		NLA_PUT_U16(msg, IPVS_DAEMON_ATTR_MCAST_PORT, d->port);
	if (start && d->ttl)
		NLA_PUT_U8(msg, IPVS_DAEMON_ATTR_MCAST_TTL, d->ttl);
	if (start && d->group_family == AF_INET)
		NLA_PUT(msg, IPVS_DAEMON_ATTR_MCAST_GROUP, 4, d->group);
	if (start && d->group_family == AF_INET6)
		NLA_PUT(msg, IPVS_DAEMON_ATTR_MCAST_GROUP6, 16, d->group);
	nla_nest_end(msg, nest);
	return 0;
nla_put_failure:
	return -1;
}

static int put_timeouts(struct nl_msg *msg, const struct ipvs_timeouts *t)
{
	NLA_PUT_U32(msg, IPVS_CMD_ATTR_TIMEOUT_TCP, t->tcp_s);
	NLA_PUT_U32(msg, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, t->tcp_fin_s);
	NLA_PUT_U32(msg, IPVS_CMD_ATTR_TIMEOUT_UDP, t->udp_s);
	return 0;
nla_put_failure:
	return -1;
}

static int put_cmd(struct nl_msg *msg, const struct ipvs_cmd *cmd)
{
	switch (cmd->op) {
	case IPVS_NEW_SERVICE:
	case IPVS_SET_SERVICE:
	case IPVS_DEL_SERVICE:
		return put_service(msg, &cmd->svc);
	case IPVS_NEW_DEST:
	case IPVS_SET_DEST:
	case IPVS_DEL_DEST:
		if (put_service(msg, &cmd->svc) < 0)
			return -1;
		return put_dest(msg, &cmd->dest);
	case IPVS_START_DAEMON:
		return put_daemon(msg, &cmd->daemon, true);
	case IPVS_STOP_DAEMON:
		return put_daemon(msg, &cmd->daemon, false);
	case IPVS_SET_TIMEOUTS:
		return put_timeouts(msg, &cmd->timeouts);
	case IPVS_FLUSH:
	case IPVS_NOPS:
		break;
	}
	return 0;
}

static const uint8_t genl_cmd[IPVS_NOPS] = {
	[IPVS_NEW_SERVICE] = IPVS_CMD_NEW_SERVICE,
	[IPVS_SET_SERVICE] = IPVS_CMD_SET_SERVICE,
	[IPVS_DEL_SERVICE] = IPVS_CMD_DEL_SERVICE,
	[IPVS_NEW_DEST] = IPVS_CMD_NEW_DEST,
	[IPVS_SET_DEST] = IPVS_CMD_SET_DEST,
	[IPVS_DEL_DEST] = IPVS_CMD_DEL_DEST,
	[IPVS_START_DAEMON] = IPVS_CMD_NEW_DAEMON,
	[IPVS_STOP_DAEMON] = IPVS_CMD_DEL_DAEMON,
	[IPVS_SET_TIMEOUTS] = IPVS_CMD_SET_CONFIG,
	[IPVS_FLUSH] = IPVS_CMD_FLUSH,
};

int ipvs_nl_encode(const struct ipvs_cmd *cmd, int family_id, uint32_t seq, bool ack,
		   void *buf, size_t len)
{
	struct nl_msg *msg = nlmsg_alloc_size(MESSAGE_MAX);
	struct nlmsghdr *h;
	int r = -EMSGSIZE;

	if (!msg)
		return -ENOMEM;
	if (!genlmsg_put(msg, 0, seq, family_id, 0, ack ? NLM_F_ACK : 0,
			 genl_cmd[cmd->op], IPVS_GENL_VERSION))
		goto out;
	if (put_cmd(msg, cmd) < 0)
		goto out;
	h = nlmsg_hdr(msg);
	h->nlmsg_flags |= NLM_F_REQUEST;
	if (NLMSG_ALIGN(h->nlmsg_len) > len)
		goto out;
	memset((char *)buf + h->nlmsg_len, 0, NLMSG_ALIGN(h->nlmsg_len) - h->nlmsg_len);
	memcpy(buf, h, h->nlmsg_len);
	r = (int)NLMSG_ALIGN(h->nlmsg_len);
out:
	nlmsg_free(msg);
	return r;
}

/* --- answers --- */

/* Puts an answer in its place; an answer to something older is dropped. */
static void answer(struct ipvs_nl *nl, uint32_t seq, int err)
{
	uint32_t i = seq - nl->first_seq;

	if (i >= nl->n)
		return;
	nl->cmd[i].err = err;
	if (i == nl->n - 1)
		nl->done = true;
}

static int ack_cb(struct nl_msg *msg, void *arg)
{
	answer(arg, nlmsg_hdr(msg)->nlmsg_seq, 0);
	return NL_OK;
}

/* Answers carry the sequence numbers of a whole batch: answer() sorts them out. */
static int seq_cb(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

static int error_cb(struct sockaddr_nl *from, struct nlmsgerr *e, void *arg)
{
	(void)from;
	answer(arg, e->msg.nlmsg_seq, e->error);
	return NL_SKIP; /* go on with the rest of what was received */
}

/*
 * Sends cmd[0..n) in one piece and takes all answers: the kernel has done what a
 * message asks for, and answered, by the time it is sent. What fails with EINTR it does
 * not answer at all (a sync daemon stopped before it ever ran does). 0 or -errno.
 */
static int exchange(struct ipvs_nl *nl, struct ipvs_cmd *cmd, size_t n, size_t bytes)
{
	size_t i;
	int r;

	nl->cmd = cmd;
	nl->n = n;
	nl->done = false;
	for (i = 0; i < n; i++)
		cmd[i].err = NO_ANSWER;
	r = nl_sendto(nl->sk, nl->buf, bytes);
	while (r >= 0 && !nl->done)
		r = nl_recvmsgs(nl->sk, nl->cb);
	if (r == -NLE_AGAIN) {
		cmd[n - 1].err = -EINTR;
		r = 0;
	}
	r = r < 0 ? nl_errno(r) : 0;
	for (i = 0; i < n; i++)
		if (cmd[i].err == NO_ANSWER)
			cmd[i].err = r;
	nl->cmd = NULL;
	nl->n = 0;
	return r;
}

/* Encodes as many of cmd[0..n) as fit. Returns how many (*bytes: their length). */
static size_t fill(struct ipvs_nl *nl, const struct ipvs_cmd *cmd, size_t n,
		   size_t *bytes)
{
	struct nlmsghdr *last = NULL;
	size_t at = 0, i;
	int r;

	nl->first_seq = nl->seq + 1;
	for (i = 0; i < n; i++) {
		r = ipvs_nl_encode(&cmd[i], nl->family_id, nl->seq + 1, false,
				   nl->buf + at, sizeof(nl->buf) - at);
		if (r < 0)
			break;
		last = (struct nlmsghdr *)(nl->buf + at);
		at += (size_t)r;
		nl->seq++;
	}
	if (last)
		last->nlmsg_flags |= NLM_F_ACK;
	*bytes = at;
	return i;
}

static int kernel_submit(void *self, struct ipvs_cmd *cmd, size_t n)
{
	struct ipvs_nl *nl = self;
	size_t took, bytes;
	int r;

	while (n) {
		took = fill(nl, cmd, n, &bytes);
		r = took ? exchange(nl, cmd, took, bytes) : -ENOMEM;
		cmd += took;
		n -= took;
		if (r < 0) {
			while (n)
				cmd[--n].err = r;
			return r;
		}
	}
	return 0;
}

/* --- timeouts --- */

static int timeouts_cb(struct nl_msg *msg, void *arg)
{
	struct nlattr *a[IPVS_CMD_ATTR_MAX + 1];
	struct ipvs_timeouts *t = arg;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, a, IPVS_CMD_ATTR_MAX, NULL) < 0)
		return NL_SKIP;
	if (a[IPVS_CMD_ATTR_TIMEOUT_TCP])
		t->tcp_s = nla_get_u32(a[IPVS_CMD_ATTR_TIMEOUT_TCP]);
	if (a[IPVS_CMD_ATTR_TIMEOUT_TCP_FIN])
		t->tcp_fin_s = nla_get_u32(a[IPVS_CMD_ATTR_TIMEOUT_TCP_FIN]);
	if (a[IPVS_CMD_ATTR_TIMEOUT_UDP])
		t->udp_s = nla_get_u32(a[IPVS_CMD_ATTR_TIMEOUT_UDP]);
	return NL_OK;
}

static int kernel_get_timeouts(void *self, struct ipvs_timeouts *t)
{
	struct ipvs_nl *nl = self;
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int r;

	if (!cb)
		return -ENOMEM;
	memset(t, 0, sizeof(*t));
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, timeouts_cb, t);
	r = genl_send_simple(nl->sk, nl->family_id, IPVS_CMD_GET_CONFIG,
			     IPVS_GENL_VERSION, 0);
	if (r >= 0)
		r = nl_recvmsgs(nl->sk, cb);
	nl_cb_put(cb);
	return r < 0 ? nl_errno(r) : 0;
}

/* --- life --- */

static void kernel_close(void *self)
{
	struct ipvs_nl *nl = self;

	nl_cb_put(nl->cb);
	nl_socket_free(nl->sk);
	free(nl);
}

static const struct ipvs_ops kernel_ops = {
	.submit = kernel_submit,
	.get_timeouts = kernel_get_timeouts,
	.free = kernel_close,
};

int ipvs_nl_open(struct ipvs *v)
{
	struct ipvs_nl *nl = calloc(1, sizeof(*nl));
	int r = -ENOMEM;

	if (!nl)
		return -ENOMEM;
	nl->sk = nl_open(NETLINK_GENERIC);
	if (!nl->sk) {
		r = -errno;
		goto fail;
	}
	nl->cb = nl_cb_alloc(NL_CB_DEFAULT);
	if (!nl->cb)
		goto fail;
	nl->family_id = genl_ctrl_resolve(nl->sk, IPVS_GENL_NAME);
	if (nl->family_id < 0) {
		r = nl_errno(nl->family_id);
		goto fail;
	}
	r = nl_socket_set_nonblocking(nl->sk); /* exchange() */
	if (r < 0) {
		r = nl_errno(r);
		goto fail;
	}
	nl_socket_disable_auto_ack(nl->sk); /* get_timeouts: the reply is enough */
	nl_cb_set(nl->cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, seq_cb, NULL);
	nl_cb_set(nl->cb, NL_CB_ACK, NL_CB_CUSTOM, ack_cb, nl);
	nl_cb_err(nl->cb, NL_CB_CUSTOM, error_cb, nl);
	v->ops = &kernel_ops;
	v->self = nl;
	return 0;
fail:
	if (nl->cb)
		nl_cb_put(nl->cb);
	if (nl->sk)
		nl_socket_free(nl->sk);
	free(nl);
	return r;
}

void ipvs_close(struct ipvs *v)
{
	if (v->ops)
		v->ops->free(v->self);
	memset(v, 0, sizeof(*v));
}
