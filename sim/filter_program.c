/* Programs of filters, made for the kernel's own machine. */
#include "filter_program.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Where fields are in a frame. */
enum {
	ETH_TYPE = 12,
	IP4_FRAGMENT = ETH_HLEN + 6,
	IP4_PROTO = ETH_HLEN + 9,
	IP6_NEXT = ETH_HLEN + 6,
	IP6_DST = ETH_HLEN + 24,
	IP6_TYPE = ETH_HLEN + 40, /* ICMPv6, when no extension header comes before */
	ARP_SENDER = ETH_HLEN + 14,
	ARP_TARGET = ETH_HLEN + 24,
	IP6_PAYLOAD = ETH_HLEN + 40,
	PROTO_ICMP = 1,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_VRRP = 112,
	PROTO_ICMP6 = 58,
	ROUTER_SOLICIT = 133, /* neighbour discovery begins … */
	NEIGHBOUR_SOLICIT = 135,
	NEIGHBOUR_ADVERT = 136,
	REDIRECT = 137, /* … and ends */
};
#define ALL_NODES_START 0xff020000U /* of ff02::1 */

/* --- a small assembler --- */

enum label { PASS, DROP, HERE, DICE, KILL, NLABELS };

struct program {
	struct bpf_insn insn[64];
	enum label to[64]; /* of jumps, until they are resolved */
	int at[NLABELS];
	int n;
};

static void emit(struct program *p, struct bpf_insn i)
{
	p->insn[p->n++] = i;
}

/* r0 = what is at that place of the frame, in host order. Needs r6. */
static void load(struct program *p, int size, int at)
{
	emit(p, (struct bpf_insn){ .code = (uint8_t)(BPF_LD | BPF_ABS | size),
				   .imm = at });
}

static void move(struct program *p, uint8_t to, uint8_t from)
{
	emit(p, (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_X,
				   .dst_reg = to & 0xf,
				   .src_reg = from & 0xf });
}

/* Jumps when `op` holds for r0 and the value (32 bits). */
static void jump(struct program *p, int op, uint32_t value, enum label to)
{
	p->to[p->n] = to;
	emit(p, (struct bpf_insn){ .code = (uint8_t)(BPF_JMP32 | op | BPF_K),
				   .dst_reg = BPF_REG_0,
				   .imm = (int32_t)value });
}

static void jump_if_r7(struct program *p, enum label to)
{
	p->to[p->n] = to;
	emit(p, (struct bpf_insn){ .code = BPF_JMP32 | BPF_JEQ | BPF_X,
				   .dst_reg = BPF_REG_0,
				   .src_reg = BPF_REG_7 });
}

static void go(struct program *p, enum label to)
{
	p->to[p->n] = to;
	emit(p, (struct bpf_insn){ .code = BPF_JMP | BPF_JA });
}

static void leave(struct program *p, enum label label, int verdict)
{
	p->at[label] = p->n;
	emit(p,
	     (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = verdict });
	emit(p, (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT });
}

/* r0 = r0 op value */
static void alu(struct program *p, int op, int value)
{
	emit(p, (struct bpf_insn){ .code = (uint8_t)(BPF_ALU | op | BPF_K), .imm = value });
}

/* r0 = what is `at` bytes behind the place that r8 says, in host order. */
static void load_behind_r8(struct program *p, int at)
{
	emit(p, (struct bpf_insn){ .code = BPF_LD | BPF_IND | BPF_H,
				   .src_reg = BPF_REG_8,
				   .imm = at });
}

static void call(struct program *p, int function)
{
	emit(p, (struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .imm = function });
}

/* One more in element 0 of the counter. */
static void count(struct program *p, int counter)
{
	emit(p, (struct bpf_insn){ .code = BPF_ST | BPF_MEM | BPF_W,
				   .dst_reg = BPF_REG_10,
				   .off = -4 });
	move(p, BPF_REG_2, BPF_REG_10);
	emit(p, (struct bpf_insn){ .code = BPF_ALU64 | BPF_ADD | BPF_K,
				   .dst_reg = BPF_REG_2,
				   .imm = -4 });
	emit(p, (struct bpf_insn){ .code = BPF_LD | BPF_IMM | BPF_DW,
				   .dst_reg = BPF_REG_1,
				   .src_reg = BPF_PSEUDO_MAP_FD,
				   .imm = counter });
	emit(p, (struct bpf_insn){ .code = 0 }); /* the second half of that */
	call(p, BPF_FUNC_map_lookup_elem);
	p->to[p->n] = DICE;
	emit(p, (struct bpf_insn){ .code = BPF_JMP | BPF_JEQ | BPF_K });
	emit(p, (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K,
				   .dst_reg = BPF_REG_1,
				   .imm = 1 });
	emit(p, (struct bpf_insn){ .code = BPF_STX | BPF_ATOMIC | BPF_DW,
				   .dst_reg = BPF_REG_0,
				   .src_reg = BPF_REG_1,
				   .imm = BPF_ADD });
}

/* Adds the ends and resolves the jumps. */
static void finish(struct program *p, double share, bool passes, int counter,
		   const struct verdicts *v)
{
	int i, op, class;

	if (passes)
		leave(p, PASS, v->pass);
	p->at[DROP] = p->n;
	if (counter >= 0)
		count(p, counter);
	p->at[DICE] = p->n;
	if (share < 1) {
		call(p, BPF_FUNC_get_prandom_u32);
		jump(p, BPF_JGE, (uint32_t)(share * UINT32_MAX), PASS);
	}
	leave(p, KILL, v->match);
	for (i = 0; i < p->n; i++) {
		class = BPF_CLASS(p->insn[i].code);
		op = BPF_OP(p->insn[i].code);
		if ((class == BPF_JMP || class == BPF_JMP32) && op != BPF_EXIT &&
		    op != BPF_CALL)
			p->insn[i].off = (int16_t)(p->at[p->to[i]] - i - 1);
	}
}

/* --- the programs --- */

/* Drops when one of the two ports that begin the payload is that. */
static void drop_port(struct program *p, int port)
{
	load(p, BPF_H, IP6_PAYLOAD);
	jump(p, BPF_JEQ, (uint32_t)port, DROP);
	load(p, BPF_H, IP6_PAYLOAD + 2);
	jump(p, BPF_JEQ, (uint32_t)port, DROP);
	go(p, PASS);
}

static void drop_port_ip4(struct program *p, int port)
{
	load(p, BPF_H, IP4_FRAGMENT);
	alu(p, BPF_AND, 0x1fff);
	jump(p, BPF_JNE, 0, PASS); /* a later fragment has no ports */
	load(p, BPF_B, ETH_HLEN);
	alu(p, BPF_AND, 0xf);
	alu(p, BPF_LSH, 2);
	move(p, BPF_REG_8, BPF_REG_0);
	load_behind_r8(p, ETH_HLEN);
	jump(p, BPF_JEQ, (uint32_t)port, DROP);
	load_behind_r8(p, ETH_HLEN + 2);
	jump(p, BPF_JEQ, (uint32_t)port, DROP);
	go(p, PASS);
}

/* One protocol of both families, or (port) its packets from or to a port. */
static void drop_ip(struct program *p, int proto, int port)
{
	load(p, BPF_H, ETH_TYPE);
	jump(p, BPF_JEQ, ETH_P_IP, HERE);
	jump(p, BPF_JNE, ETH_P_IPV6, PASS);
	load(p, BPF_B, IP6_NEXT);
	jump(p, BPF_JNE, (uint32_t)proto, PASS);
	if (port)
		drop_port(p, port);
	else
		go(p, DROP);
	p->at[HERE] = p->n;
	load(p, BPF_B, IP4_PROTO);
	jump(p, BPF_JNE, (uint32_t)proto, PASS);
	if (port)
		drop_port_ip4(p, port);
	else
		go(p, DROP);
}

/* The type of an ICMPv6 message, of a frame whose ETH_TYPE is loaded; others pass. */
static void icmp6_type(struct program *p)
{
	jump(p, BPF_JNE, ETH_P_IPV6, PASS);
	load(p, BPF_B, IP6_NEXT);
	jump(p, BPF_JNE, PROTO_ICMP6, PASS);
	load(p, BPF_B, IP6_TYPE);
}

static void drop_icmp(struct program *p)
{
	load(p, BPF_H, ETH_TYPE);
	jump(p, BPF_JEQ, ETH_P_IP, HERE);
	icmp6_type(p);
	jump(p, BPF_JLT, ROUTER_SOLICIT, DROP);
	jump(p, BPF_JGT, REDIRECT, DROP);
	go(p, PASS);
	p->at[HERE] = p->n;
	load(p, BPF_B, IP4_PROTO);
	jump(p, BPF_JEQ, PROTO_ICMP, DROP);
	go(p, PASS);
}

static void drop_arp(struct program *p)
{
	load(p, BPF_H, ETH_TYPE);
	jump(p, BPF_JEQ, ETH_P_ARP, DROP);
	icmp6_type(p);
	jump(p, BPF_JEQ, NEIGHBOUR_SOLICIT, DROP);
	jump(p, BPF_JEQ, NEIGHBOUR_ADVERT, DROP);
	go(p, PASS);
}

/*
 * RFC 5227: sender's and target's address are the same, in a request or a
 * reply. RFC 4861 7.2.6: an advertisement to all nodes.
 */
static void drop_garp(struct program *p)
{
	load(p, BPF_H, ETH_TYPE);
	jump(p, BPF_JEQ, ETH_P_ARP, HERE);
	jump(p, BPF_JNE, ETH_P_IPV6, PASS);
	load(p, BPF_B, IP6_NEXT);
	jump(p, BPF_JNE, PROTO_ICMP6, PASS);
	load(p, BPF_W, IP6_DST);
	jump(p, BPF_JNE, ALL_NODES_START, PASS);
	load(p, BPF_B, IP6_TYPE);
	jump(p, BPF_JEQ, NEIGHBOUR_ADVERT, DROP);
	go(p, PASS);
	p->at[HERE] = p->n;
	load(p, BPF_W, ARP_SENDER);
	move(p, BPF_REG_7, BPF_REG_0);
	load(p, BPF_W, ARP_TARGET);
	jump_if_r7(p, DROP);
	go(p, PASS);
}

/* The kernel takes no program with a part that nothing leads to. */
static bool passes_some(const struct filter *f)
{
	return f->from || f->kind != FILTER_ALL || f->share < 1;
}

static void build(struct program *p, const struct filter *f, int counter,
		  const struct verdicts *v)
{
	move(p, BPF_REG_6, BPF_REG_1); /* the frame, for load() */
	if (f->from) {
		emit(p, (struct bpf_insn){
				.code = BPF_LDX | BPF_MEM | BPF_W,
				.dst_reg = BPF_REG_0,
				.src_reg = BPF_REG_6,
				.off = offsetof(struct __sk_buff, ingress_ifindex) });
		jump(p, BPF_JNE, (uint32_t)f->from, PASS);
	}
	switch (f->kind) {
	case FILTER_ALL:
		go(p, DROP);
		break;
	case FILTER_VRRP:
		drop_ip(p, PROTO_VRRP, 0);
		break;
	case FILTER_ARP:
		drop_arp(p);
		break;
	case FILTER_TCP:
		drop_ip(p, PROTO_TCP, f->port);
		break;
	case FILTER_UDP:
		drop_ip(p, PROTO_UDP, f->port);
		break;
	case FILTER_ICMP:
		drop_icmp(p);
		break;
	case FILTER_GARP:
		drop_garp(p);
		break;
	}
	finish(p, f->share, passes_some(f), counter, v);
}

int filter_program(const struct filter *f, int counter, const struct verdicts *v)
{
	struct program p = { .n = 0 };
	union bpf_attr attr;
	long fd;

	build(&p, f, counter, v);
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SCHED_CLS;
	attr.insns = (uintptr_t)p.insn;
	attr.insn_cnt = (uint32_t)p.n;
	attr.license = (uintptr_t) "MIT";
	fd = syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	return fd < 0 ? -errno : (int)fd;
}
