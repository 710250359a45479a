/*
 * Implementation for netem: one qdisc at the root of an interface, or one in each of
 * the bands of a prio qdisc there.
 */
#include "netem.h"

#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <string.h>

#include "nlbatch.h"

/* So many frames may be under way at once; a long delay needs them. */
#define LIMIT_FRAMES 100000
#define HANDLE	     0x00010000U
/* Of the qdisc that sorts, of its bands, and of what is in them. */
#define BAND_CLASS(band)  (NETEM_SORTER | (uint32_t)((band) + 1))
#define BAND_HANDLE(band) (HANDLE + ((uint32_t)((band) + 1) << 16))

bool netem_is_none(const struct netem *e)
{
	const struct netem none = { 0 };

	return netem_same(e, &none);
}

bool netem_same(const struct netem *a, const struct netem *b)
{
	return !(a->loss < b->loss || a->loss > b->loss) &&
	       !(a->duplicate < b->duplicate || a->duplicate > b->duplicate) &&
	       !(a->reorder < b->reorder || a->reorder > b->reorder) &&
	       a->delay_ns == b->delay_ns && a->jitter_ns == b->jitter_ns &&
	       a->bits_per_s == b->bits_per_s;
}

/* The kernel compares a random 32-bit number with this. */
static uint32_t chance(double share)
{
	return share >= 1 ? UINT32_MAX : (uint32_t)(share * UINT32_MAX);
}

static struct nl_msg *tc_msg(int type, int flags, int index, uint32_t parent,
			     uint32_t handle)
{
	struct tcmsg tc = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = index,
		.tcm_parent = parent,
		.tcm_handle = handle,
	};
	struct nl_msg *m = nlmsg_alloc_simple(type, flags);

	if (m && nlmsg_append(m, &tc, sizeof(tc), NLMSG_ALIGNTO) < 0) {
		nlmsg_free(m);
		m = NULL;
	}
	return m;
}

static struct nl_msg *set_msg(int index, uint32_t parent, uint32_t handle,
			      const struct netem *e)
{
	struct nl_msg *m = tc_msg(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, index, parent,
				  handle);
	struct tc_netem_qopt q = {
		.limit = LIMIT_FRAMES,
		.loss = chance(e->loss),
		.duplicate = chance(e->duplicate),
		.gap = e->reorder > 0 ? 1 : 0,
	};
	struct tc_netem_reorder reorder = { .probability = chance(e->reorder) };
	struct tc_netem_rate rate = { .rate = (uint32_t)(e->bits_per_s / 8) };
	struct nlattr *opts;
	int bad = !m;

	if (!m)
		return NULL;
	bad |= nla_put_string(m, TCA_KIND, "netem");
	bad |= !(opts = nla_nest_start(m, TCA_OPTIONS));
	bad |= nlmsg_append(m, &q, sizeof(q), NLMSG_ALIGNTO);
	bad |= nla_put_u64(m, TCA_NETEM_LATENCY64, (uint64_t)e->delay_ns);
	bad |= nla_put_u64(m, TCA_NETEM_JITTER64, (uint64_t)e->jitter_ns);
	if (e->reorder > 0)
		bad |= nla_put(m, TCA_NETEM_REORDER, sizeof(reorder), &reorder);
	if (e->bits_per_s) {
		bad |= nla_put(m, TCA_NETEM_RATE, sizeof(rate), &rate);
		if (e->bits_per_s / 8 > UINT32_MAX) {
			rate.rate = UINT32_MAX;
			bad |= nla_put_u64(m, TCA_NETEM_RATE64, e->bits_per_s / 8);
		}
	}
	if (bad) {
		nlmsg_free(m);
		return NULL;
	}
	nla_nest_end(m, opts);
	return m;
}

/* Whether the answer describes a netem that does `e`. */
static bool says(struct nlmsghdr *h, const struct netem *e)
{
	struct nlattr *kind = nlmsg_find_attr(h, sizeof(struct tcmsg), TCA_KIND);
	struct nlattr *opts = nlmsg_find_attr(h, sizeof(struct tcmsg), TCA_OPTIONS);
	struct tc_netem_qopt q;
	struct nlattr *a;
	int head = NLA_ALIGN(sizeof(q));

	if (!kind || strcmp(nla_get_string(kind), "netem") != 0)
		return netem_is_none(e);
	if (!opts || nla_len(opts) < head)
		return false;
	memcpy(&q, nla_data(opts), sizeof(q));
	a = nla_find((struct nlattr *)(void *)((char *)nla_data(opts) + head),
		     nla_len(opts) - head, TCA_NETEM_LATENCY64);
	return q.loss == chance(e->loss) && q.duplicate == chance(e->duplicate) && a &&
	       nla_get_u64(a) == (uint64_t)e->delay_ns;
}

static int read_back(struct nl_sock *sk, int index, uint32_t parent,
		     const struct netem *e)
{
	_Alignas(struct nlmsghdr) char buf[8192];
	int r;

	/* Before Linux 6.7 an answer is a notice to those who listen, and an
	 * echo to who asked for one. */
	r = nl_ask(sk, tc_msg(RTM_GETQDISC, NLM_F_ECHO, index, parent, 0), buf,
		   sizeof(buf));
	/* Of a qdisc that nobody added the kernel says nothing. */
	if (r == -ENODATA || r == -ENOENT)
		return netem_is_none(e) ? 0 : -EIO;
	if (r < 0)
		return r;
	return says((struct nlmsghdr *)(void *)buf, e) ? 0 : -EIO;
}

static int set_at(struct nl_sock *sk, int index, uint32_t parent, uint32_t handle,
		  const struct netem *e)
{
	bool none = netem_is_none(e);
	struct nl_batch b;
	int r;

	nl_batch_init(&b, sk);
	if (none)
		nl_batch_add(&b, tc_msg(RTM_DELQDISC, 0, index, parent, handle), "remove",
			     "netem");
	else
		nl_batch_add(&b, set_msg(index, parent, handle, e), "add", "netem");
	r = nl_batch_commit(&b, NULL);
	nl_batch_finish(&b);
	if (none && (r == -ENOENT || r == -EINVAL))
		r = 0; /* there was none */
	return r < 0 ? r : read_back(sk, index, parent, e);
}

int netem_set(struct nl_sock *sk, int index, const struct netem *e)
{
	return set_at(sk, index, TC_H_ROOT, HANDLE, e);
}

int netem_sort(struct nl_sock *sk, int index)
{
	const struct tc_prio_qopt q = { .bands = NETEM_BANDS };
	struct nl_msg *m = tc_msg(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, index,
				  TC_H_ROOT, NETEM_SORTER);
	struct nl_batch b;
	int r;

	if (m && (nla_put_string(m, TCA_KIND, "prio") < 0 ||
		  nla_put(m, TCA_OPTIONS, sizeof(q), &q) < 0)) {
		nlmsg_free(m);
		m = NULL;
	}
	nl_batch_init(&b, sk);
	nl_batch_add(&b, m, "add", "prio");
	r = nl_batch_commit(&b, NULL);
	nl_batch_finish(&b);
	return r;
}

int netem_unsort(struct nl_sock *sk, int index)
{
	struct nl_batch b;
	int r;

	nl_batch_init(&b, sk);
	nl_batch_add(&b, tc_msg(RTM_DELQDISC, 0, index, TC_H_ROOT, NETEM_SORTER), "remove",
		     "prio");
	r = nl_batch_commit(&b, NULL);
	nl_batch_finish(&b);
	return r;
}

int netem_set_band(struct nl_sock *sk, int index, int band, const struct netem *e)
{
	return set_at(sk, index, BAND_CLASS(band), BAND_HANDLE(band), e);
}

uint32_t netem_band_class(int band)
{
	return BAND_CLASS(band);
}
