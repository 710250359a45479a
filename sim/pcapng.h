/*
 * A capture in memory, written as pcapng afterwards (draft-ietf-opsawg-pcapng):
 * one interface for each port of a switch, named after the node that it leads
 * to; time stamps in nanoseconds; remarks ("crash lvs1") as the comment of the
 * packet that follows them, where Wireshark shows them and finds them with the
 * filter frame.comment; and the nodes' names for their addresses.
 *
 * While a case runs nothing is written and, within what was reserved, nothing
 * is allocated. All returns are 0 or -errno unless said otherwise.
 */
#ifndef HALBSIM_PCAPNG_H
#define HALBSIM_PCAPNG_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct pcapng;

/* An empty capture, or NULL without memory. Free with pcapng_free() (NULL is fine). */
struct pcapng *pcapng_new(void);
void pcapng_free(struct pcapng *p);

/* Makes room for `bytes` of packets in all, in memory that is touched. */
int pcapng_reserve(struct pcapng *p, size_t bytes);

/*
 * Adds an Ethernet interface, "lvs1:enp0s3". Returns its number (from 0) or
 * -ENOMEM. `about` may be NULL.
 */
int pcapng_interface(struct pcapng *p, const char *name, const char *about);

/* A name for an address (AF_INET or AF_INET6), for those who resolve them. */
int pcapng_name(struct pcapng *p, int family, const void *addr, const char *name);

/*
 * A frame that entered the switch at time t; `caplen` bytes of its `len` are
 * kept. Frames may come slightly out of order. -EINVAL: no such interface.
 */
int pcapng_packet(struct pcapng *p, int interface, int64_t t, const void *frame,
		  uint32_t caplen, uint32_t len);

/* A remark at time t. */
int pcapng_remark(struct pcapng *p, int64_t t, const char *text);

/* Packets so far. */
size_t pcapng_count(const struct pcapng *p);

/*
 * Writes the whole capture, in order of time; zero_ns (since 1970) is added to
 * every time. A remark after the last packet
 * is given to that one; without any packet, to the file. `about` becomes the
 * file's comment (NULL: none).
 */
int pcapng_write(struct pcapng *p, FILE *f, int64_t zero_ns, const char *about);

#endif
