/* Packet filters for what wire.c can read. */
#ifndef HALBSIM_WIRE_FILTER_H
#define HALBSIM_WIRE_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

#define WIRE_FILTER_MAX 40

struct wire_filter {
	struct sock_filter code[WIRE_FILTER_MAX];
	struct sock_fprog prog; /* points to code: do not copy */
};

/* ARP, neighbour discovery and VRRP; TCP's answers to connections when wanted. */
void wire_filter_init(struct wire_filter *f, bool answers);
/*
 * What is listened for in a node: a director's own ARP is of no interest, nor is what
 * others' requests ask of third parties, which a broadcast brings to every node of a
 * large site; ARP that says where an address is is taken.
 */
void wire_filter_delivered(struct wire_filter *f, bool director, bool answers);
/* IP packets of some protocols, by their names (wire_protocol_numbers()). */
#define WIRE_PROTOCOLS_MAX 4

struct wire_protocols {
	int ip4[WIRE_PROTOCOLS_MAX], ip6[WIRE_PROTOCOLS_MAX];
	size_t n;
};

/* Adds one, once; unknown names are nothing. */
void wire_protocols_add(struct wire_protocols *p, const char *name);
/* A filter for them alone; their headers are copied, no more. */
void wire_filter_protocols(struct wire_filter *f, const struct wire_protocols *p);

/* Puts it into place of the socket's present one. 0 or -errno. */
int wire_filter_replace(struct wire_filter *f, int fd);

#endif
