/* Packet filters for what wire.c can read. */
#ifndef HALBSIM_WIRE_FILTER_H
#define HALBSIM_WIRE_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>

#define WIRE_FILTER_MAX 32

struct wire_filter {
	struct sock_filter code[WIRE_FILTER_MAX];
	struct sock_fprog prog; /* points to code: do not copy */
};

/* ARP, neighbour discovery and VRRP; TCP's answers to connections when wanted. */
void wire_filter_init(struct wire_filter *f, bool answers);
/* Puts it into place of the socket's present one. 0 or -errno. */
int wire_filter_replace(struct wire_filter *f, int fd);

#endif
