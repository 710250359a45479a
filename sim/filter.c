/* Implementation for filters. */
#include "filter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter_program.h"
#include "nlbatch.h"

/* On to the next filter; held back. */
static const struct verdicts hold_back = { TC_ACT_UNSPEC, TC_ACT_SHOT };
/* None of its own; into the class that the filter names. */
static const struct verdicts classify = { 0, -1 };

bool filter_same_frames(const struct filter *a, const struct filter *b)
{
	return a->kind == b->kind && a->port == b->port && a->from == b->from &&
	       a->sent == b->sent;
}

/* --- counters --- */

int filter_counter_new(void)
{
	union bpf_attr attr;
	long fd;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = sizeof(uint32_t);
	attr.value_size = sizeof(uint64_t);
	attr.max_entries = 1;
	fd = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	return fd < 0 ? -errno : (int)fd;
}

uint64_t filter_counted(int counter)
{
	const uint32_t key = 0;
	union bpf_attr attr;
	uint64_t n = 0;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)counter;
	attr.key = (uintptr_t)&key;
	attr.value = (uintptr_t)&n;
	return syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, &attr, sizeof(attr)) < 0 ? 0 : n;
}

/* --- hanging them up --- */

static struct nl_msg *tc_msg(int type, int flags, int index, uint32_t parent,
			     uint32_t handle, uint32_t info)
{
	struct tcmsg tc = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = index,
		.tcm_parent = parent,
		.tcm_handle = handle,
		.tcm_info = info,
	};
	struct nl_msg *m = nlmsg_alloc_simple(type, flags);

	if (m && nlmsg_append(m, &tc, sizeof(tc), NLMSG_ALIGNTO) < 0) {
		nlmsg_free(m);
		m = NULL;
	}
	return m;
}

static int send_one(struct nl_sock *sk, struct nl_msg *m)
{
	struct nl_batch b;
	int r;

	nl_batch_init(&b, sk);
	nl_batch_add(&b, m, "filter", "");
	r = nl_batch_commit(&b, NULL);
	nl_batch_finish(&b);
	return r;
}

static int add_clsact(struct nl_sock *sk, int index)
{
	struct nl_msg *m = tc_msg(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, index,
				  TC_H_CLSACT, TC_H_MAKE(TC_H_CLSACT, 0), 0);
	int r;

	if (!m || nla_put_string(m, TCA_KIND, "clsact") < 0) {
		nlmsg_free(m);
		return -ENOMEM;
	}
	r = send_one(sk, m);
	return r == -EEXIST ? 0 : r;
}

static uint32_t info_of(int prio)
{
	return TC_H_MAKE((uint32_t)prio << 16, htons(ETH_P_ALL));
}

static uint32_t parent_of(const struct filter *f)
{
	return TC_H_MAKE(TC_H_CLSACT, f->sent ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS);
}

/* Hangs a program up: `class` 0: what it says is what happens. */
static int hang_up(struct nl_sock *sk, int index, uint32_t parent, int prio, int fd,
		   uint32_t class)
{
	struct nl_msg *m = tc_msg(RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, index, parent,
				  0, info_of(prio));
	struct nlattr *opts;
	int bad = !m;

	if (m) {
		bad |= nla_put_string(m, TCA_KIND, "bpf");
		bad |= !(opts = nla_nest_start(m, TCA_OPTIONS));
		bad |= nla_put_u32(m, TCA_BPF_FD, (uint32_t)fd);
		bad |= nla_put_string(m, TCA_BPF_NAME, "halbsim");
		if (class)
			bad |= nla_put_u32(m, TCA_BPF_CLASSID, class);
		else
			bad |= nla_put_u32(m, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
		if (!bad)
			nla_nest_end(m, opts);
	}
	if (bad) {
		nlmsg_free(m);
		return -ENOMEM;
	}
	return send_one(sk, m);
}

int filter_add(struct nl_sock *sk, int index, int prio, const struct filter *f,
	       int counter)
{
	int fd, r;

	r = add_clsact(sk, index);
	if (r < 0)
		return r;
	fd = filter_program(f, counter, &hold_back);
	if (fd < 0)
		return fd;
	r = hang_up(sk, index, parent_of(f), prio, fd, 0);
	close(fd); /* the filter holds it */
	return r;
}

int filter_classify(struct nl_sock *sk, int index, uint32_t qdisc, int prio,
		    const struct filter *f, uint32_t class)
{
	int fd = filter_program(f, -1, &classify), r;

	if (fd < 0)
		return fd;
	r = hang_up(sk, index, qdisc, prio, fd, class);
	close(fd);
	return r;
}

int filter_declassify(struct nl_sock *sk, int index, uint32_t qdisc, int prio)
{
	return send_one(sk, tc_msg(RTM_DELTFILTER, 0, index, qdisc, 0, info_of(prio)));
}

int filter_del(struct nl_sock *sk, int index, int prio, const struct filter *f)
{
	return send_one(sk, tc_msg(RTM_DELTFILTER, 0, index, parent_of(f), 0,
				   info_of(prio)));
}
