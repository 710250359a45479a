#include "wire_filter.h"

#include <errno.h>
#include <netinet/if_ether.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "packet_sock.h"
#include "wire.h"

#define LD_B(off)     BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (off))
#define LD_H(off)     BPF_STMT(BPF_LD | BPF_H | BPF_ABS, (off))
#define LD_W(off)     BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (off))
#define TAX	      BPF_STMT(BPF_MISC | BPF_TAX, 0)
#define JEQ_X(t, f)   BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, (t), (f))
#define LD_B_X(off)   BPF_STMT(BPF_LD | BPF_B | BPF_IND, (off))
#define LDX_IHL(off)  BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, (off))
#define AND(k)	      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, (k))
#define JEQ(v, t, f)  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (v), (t), (f))
#define JSET(v, t, f) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (v), (t), (f))
#define RET(n)	      BPF_STMT(BPF_RET | BPF_K, (n))

#define ARP_OP	  (ETH_HLEN + 6)
#define ARP_SPA	  (ETH_HLEN + 14)
#define ARP_TPA	  (ETH_HLEN + 24)
#define VRRP	  112
#define NOTHING	  0xff /* a protocol number that nobody has */
#define RST	  0x04
#define SYN_ACK	  0x12
#define IP4_FLAGS (ETH_HLEN + 13)      /* of TCP, from the end of the IP header */
#define IP6_FLAGS (ETH_HLEN + 40 + 13)

void wire_filter_init(struct wire_filter *f, bool answers)
{
	const uint32_t tcp = answers ? IPPROTO_TCP : NOTHING;
	/* Jumps count from the next instruction; 25 drops, 26 takes. */
	const struct sock_filter code[] = {
		/*  0 */ LD_H(12),
		/*  1 */ JEQ(ETHERTYPE_ARP, 24, 0),
		/*  2 */ JEQ(ETHERTYPE_IP, 0, 10),
		/*  3 */ LD_B(ETH_HLEN + 9),
		/*  4 */ JEQ(VRRP, 21, 0),
		/*  5 */ JEQ(tcp, 0, 19),
		/*  6 */ LD_H(ETH_HLEN + 6),
		/*  7 */ JSET(0x1fff, 17, 0), /* a later fragment */
		/*  8 */ LDX_IHL(ETH_HLEN),
		/*  9 */ LD_B_X(IP4_FLAGS),
		/* 10 */ JSET(RST, 15, 0),
		/* 11 */ AND(SYN_ACK),
		/* 12 */ JEQ(SYN_ACK, 13, 12),
		/* 13 */ JEQ(ETHERTYPE_IPV6, 0, 11),
		/* 14 */ LD_B(ETH_HLEN + 6),
		/* 15 */ JEQ(VRRP, 10, 0),
		/* 16 */ JEQ(IPPROTO_ICMPV6, 5, 0),
		/* 17 */ JEQ(tcp, 0, 7),
		/* 18 */ LD_B(IP6_FLAGS),
		/* 19 */ JSET(RST, 6, 0),
		/* 20 */ AND(SYN_ACK),
		/* 21 */ JEQ(SYN_ACK, 4, 3),
		/* 22 */ LD_B(ETH_HLEN + 40),
		/* 23 */ JEQ(135, 2, 0), /* neighbour solicitation */
		/* 24 */ JEQ(136, 1, 0), /* neighbour advertisement */
		/* 25 */ RET(0),
		/* 26 */ RET(PACKET_SNAP),
	};

	_Static_assert(sizeof(code) <= sizeof(f->code), "the filter fits");
	memcpy(f->code, code, sizeof(code));
	f->prog.len = sizeof(code) / sizeof(code[0]);
	f->prog.filter = f->code;
}

void wire_filter_delivered(struct wire_filter *f, bool director, bool answers)
{
	/* Jumps count from the next instruction; 9 goes on with the others. */
	const struct sock_filter before[] = {
		/* 0 */ LD_H(12),
		/* 1 */ JEQ(ETHERTYPE_ARP, 0, 7),
		/* 2 */ LD_H(ARP_OP),
		/* 3 */ JEQ(director ? NOTHING : ARPOP_REPLY, 5, 0),
		/* 4 */ LD_W(ARP_SPA),
		/* 5 */ TAX,
		/* 6 */ LD_W(ARP_TPA),
		/* 7 */ JEQ_X(director ? 0 : 1, 0),
		/* 8 */ RET(0),
	};
	const size_t n = sizeof(before) / sizeof(before[0]);

	wire_filter_init(f, answers);
	memmove(f->code + n, f->code, f->prog.len * sizeof(f->code[0]));
	memcpy(f->code, before, sizeof(before));
	f->prog.len = (unsigned short)(f->prog.len + n);
}

int wire_filter_replace(struct wire_filter *f, int fd)
{
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &f->prog, sizeof(f->prog)) < 0)
		return -errno;
	return 0;
}

void wire_protocols_add(struct wire_protocols *p, const char *name)
{
	int ip4, ip6;
	size_t i;

	if (wire_protocol_numbers(name, &ip4, &ip6) < 0)
		return;
	for (i = 0; i < p->n; i++)
		if (p->ip4[i] == ip4 && p->ip6[i] == ip6)
			return;
	if (p->n == WIRE_PROTOCOLS_MAX)
		return;
	p->ip4[p->n] = ip4;
	p->ip6[p->n++] = ip6;
}

/* One family's part: the protocol's field, and a jump to `take` for each number. */
static size_t one_family(struct sock_filter *code, size_t at, unsigned int field,
			 const int *number, size_t n, size_t take)
{
	size_t i;

	code[at++] = (struct sock_filter)LD_B(field);
	for (i = 0; i < n; i++, at++)
		code[at] = (struct sock_filter)JEQ((unsigned int)number[i],
						   (unsigned char)(take - at - 1), 0);
	code[at++] = (struct sock_filter)RET(0);
	return at;
}

void wire_filter_protocols(struct wire_filter *f, const struct wire_protocols *p)
{
	const size_t take = 7 + 2 * p->n, second = 4 + p->n, drop = take - 1;
	size_t at = 0;

	_Static_assert(8 + 2 * WIRE_PROTOCOLS_MAX <= WIRE_FILTER_MAX, "the filter fits");
	f->code[at++] = (struct sock_filter)LD_H(12);
	f->code[at++] = (struct sock_filter)JEQ(ETHERTYPE_IP, 0,
						(unsigned char)(second - 2));
	at = one_family(f->code, at, ETH_HLEN + 9, p->ip4, p->n, take);
	f->code[at++] = (struct sock_filter)JEQ(ETHERTYPE_IPV6, 0,
						(unsigned char)(drop - second - 1));
	at = one_family(f->code, at, ETH_HLEN + 6, p->ip6, p->n, take);
	f->code[at++] = (struct sock_filter)RET(ETH_HLEN + 60);
	f->prog.len = (unsigned short)at;
	f->prog.filter = f->code;
}
