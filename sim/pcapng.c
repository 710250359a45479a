#include "pcapng.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Block types and options of draft-ietf-opsawg-pcapng, sections 4 and 3.5. */
#define BLOCK_SECTION	0x0a0d0d0a
#define BLOCK_INTERFACE 1
#define BLOCK_NAMES	4
#define BLOCK_PACKET	6
#define BYTE_ORDER_MARK 0x1a2b3c4d
#define LINK_ETHERNET	1

#define OPT_END		0
#define OPT_COMMENT	1
#define OPT_APPLICATION 4 /* of a section */
#define OPT_IF_NAME	2
#define OPT_IF_ABOUT	3
#define OPT_IF_TSRESOL	9
#define OPT_FLAGS	2 /* of a packet */
#define FLAGS_INBOUND	1
#define NAME_IPV4	1
#define NAME_IPV6	2

struct packet {
	int64_t t;
	size_t at; /* in data */
	uint32_t caplen, len;
	int interface;
	size_t seq; /* breaks ties */
};

struct interface {
	char *name, *about; /* (owned) */
};

struct remark {
	int64_t t;
	char *text; /* (owned) */
};

struct host {
	int family;
	uint8_t addr[16];
	char *name; /* (owned) */
};

struct pcapng {
	struct packet *packet;
	size_t npacket, packet_cap;
	uint8_t *data;
	size_t ndata, data_cap;
	struct interface *interface;
	int ninterface;
	struct remark *remark;
	size_t nremark;
	struct host *host;
	size_t nhost;
};

struct pcapng *pcapng_new(void)
{
	return calloc(1, sizeof(struct pcapng));
}

void pcapng_free(struct pcapng *p)
{
	size_t i;
	int k;

	if (!p)
		return;
	for (k = 0; k < p->ninterface; k++) {
		free(p->interface[k].name);
		free(p->interface[k].about);
	}
	for (i = 0; i < p->nremark; i++)
		free(p->remark[i].text);
	for (i = 0; i < p->nhost; i++)
		free(p->host[i].name);
	free(p->packet);
	free(p->data);
	free(p->interface);
	free(p->remark);
	free(p->host);
	free(p);
}

static int grow_data(struct pcapng *p, size_t cap)
{
	uint8_t *v;

	if (cap <= p->data_cap)
		return 0;
	v = realloc(p->data, cap);
	if (!v)
		return -ENOMEM;
	p->data = v;
	memset(v + p->data_cap, 0, cap - p->data_cap); /* pages are there now */
	p->data_cap = cap;
	return 0;
}

static int grow_packets(struct pcapng *p, size_t cap)
{
	struct packet *v;

	if (cap <= p->packet_cap)
		return 0;
	v = reallocarray(p->packet, cap, sizeof(*v));
	if (!v)
		return -ENOMEM;
	p->packet = v;
	memset(v + p->packet_cap, 0, (cap - p->packet_cap) * sizeof(*v));
	p->packet_cap = cap;
	return 0;
}

int pcapng_reserve(struct pcapng *p, size_t bytes)
{
	int r = grow_data(p, bytes);

	return r ? r : grow_packets(p, bytes / 64);
}

int pcapng_interface(struct pcapng *p, const char *name, const char *about)
{
	struct interface *v =
		reallocarray(p->interface, (size_t)p->ninterface + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	p->interface = v;
	v = &v[p->ninterface];
	v->name = strdup(name);
	v->about = about ? strdup(about) : NULL;
	if (!v->name || (about && !v->about)) {
		free(v->name);
		free(v->about);
		return -ENOMEM;
	}
	return p->ninterface++;
}

int pcapng_name(struct pcapng *p, int family, const void *addr, const char *name)
{
	struct host *v = reallocarray(p->host, p->nhost + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	p->host = v;
	v = &v[p->nhost];
	*v = (struct host){ .family = family, .name = strdup(name) };
	if (!v->name)
		return -ENOMEM;
	memcpy(v->addr, addr, family == AF_INET6 ? 16 : 4);
	p->nhost++;
	return 0;
}

int pcapng_packet(struct pcapng *p, int interface, int64_t t, const void *frame,
		  uint32_t caplen, uint32_t len)
{
	int r;

	if (interface < 0 || interface >= p->ninterface)
		return -EINVAL;
	if (p->ndata + caplen > p->data_cap) {
		r = grow_data(p, 2 * p->data_cap + caplen + 4096);
		if (r)
			return r;
	}
	if (p->npacket == p->packet_cap) {
		r = grow_packets(p, p->packet_cap ? 2 * p->packet_cap : 64);
		if (r)
			return r;
	}
	memcpy(p->data + p->ndata, frame, caplen);
	p->packet[p->npacket] = (struct packet){
		t, p->ndata, caplen, len > caplen ? len : caplen, interface, p->npacket
	};
	p->npacket++;
	p->ndata += caplen;
	return 0;
}

int pcapng_remark(struct pcapng *p, int64_t t, const char *text)
{
	struct remark *v = reallocarray(p->remark, p->nremark + 1, sizeof(*v));
	size_t i;
	char *copy;

	if (!v)
		return -ENOMEM;
	p->remark = v;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	for (i = p->nremark; i > 0 && v[i - 1].t > t; i--)
		v[i] = v[i - 1];
	v[i] = (struct remark){ t, copy };
	p->nremark++;
	return 0;
}

size_t pcapng_count(const struct pcapng *p)
{
	return p->npacket;
}

/* --- blocks --- */

/* One block under construction; err is set once and kept. */
struct block {
	uint8_t *v;
	size_t n, cap;
	int err;
};

static void put(struct block *b, const void *data, size_t len)
{
	if (b->n + len > b->cap) {
		size_t cap = 2 * b->cap + len + 256;
		uint8_t *v = b->err ? NULL : realloc(b->v, cap);

		if (!v) {
			b->err = -ENOMEM;
			return;
		}
		b->v = v;
		b->cap = cap;
	}
	memcpy(b->v + b->n, data, len);
	b->n += len;
}

static void put16(struct block *b, uint16_t v)
{
	put(b, &v, sizeof(v));
}

static void put32(struct block *b, uint32_t v)
{
	put(b, &v, sizeof(v));
}

static void pad(struct block *b, size_t len)
{
	static const uint8_t zero[4];

	put(b, zero, (4 - len % 4) % 4);
}

static void option(struct block *b, uint16_t code, const void *value, size_t len)
{
	if (len > UINT16_MAX)
		len = UINT16_MAX;
	put16(b, code);
	put16(b, (uint16_t)len);
	put(b, value, len);
	pad(b, len);
}

static void text_option(struct block *b, uint16_t code, const char *text)
{
	if (text)
		option(b, code, text, strlen(text));
}

static void begin(struct block *b, uint32_t type)
{
	b->n = 0;
	put32(b, type);
	put32(b, 0); /* its length, later */
}

static int end(struct block *b, FILE *f)
{
	uint32_t len = (uint32_t)b->n + 4;

	put32(b, len);
	if (b->err)
		return b->err;
	memcpy(b->v + 4, &len, sizeof(len));
	return fwrite(b->v, 1, b->n, f) == b->n ? 0 : -EIO;
}

static int write_section(struct pcapng *p, struct block *b, FILE *f, const char *about)
{
	static const uint64_t unknown_length = UINT64_MAX;
	size_t i;

	begin(b, BLOCK_SECTION);
	put32(b, BYTE_ORDER_MARK);
	put16(b, 1);
	put16(b, 0);
	put(b, &unknown_length, sizeof(unknown_length));
	text_option(b, OPT_APPLICATION, "halbsim " HALB_VERSION);
	text_option(b, OPT_COMMENT, about);
	for (i = 0; !p->npacket && i < p->nremark; i++)
		text_option(b, OPT_COMMENT, p->remark[i].text);
	option(b, OPT_END, "", 0);
	return end(b, f);
}

static int write_interface(const struct interface *i, struct block *b, FILE *f)
{
	static const uint8_t nanoseconds = 9;

	begin(b, BLOCK_INTERFACE);
	put16(b, LINK_ETHERNET);
	put16(b, 0);
	put32(b, 0); /* no limit */
	text_option(b, OPT_IF_NAME, i->name);
	text_option(b, OPT_IF_ABOUT, i->about);
	option(b, OPT_IF_TSRESOL, &nanoseconds, 1);
	option(b, OPT_END, "", 0);
	return end(b, f);
}

static int write_names(const struct pcapng *p, struct block *b, FILE *f)
{
	size_t i;

	if (!p->nhost)
		return 0;
	begin(b, BLOCK_NAMES);
	for (i = 0; i < p->nhost; i++) {
		const struct host *h = &p->host[i];
		size_t addr = h->family == AF_INET6 ? 16 : 4;
		size_t len = addr + strlen(h->name) + 1;

		put16(b, h->family == AF_INET6 ? NAME_IPV6 : NAME_IPV4);
		put16(b, (uint16_t)len);
		put(b, h->addr, addr);
		put(b, h->name, strlen(h->name) + 1);
		pad(b, len);
	}
	put16(b, 0); /* end of the records */
	put16(b, 0);
	return end(b, f);
}

static int by_time(const void *a, const void *b)
{
	const struct packet *x = a, *y = b;

	if (x->t != y->t)
		return x->t < y->t ? -1 : 1;
	return (x->seq > y->seq) - (x->seq < y->seq);
}

/* Writes packet `at` with the remarks from *remark on that belong to it. */
static int write_packet(const struct pcapng *p, size_t at, int64_t zero_ns, size_t *remark,
			struct block *b, FILE *f)
{
	static const uint32_t inbound = FLAGS_INBOUND;
	const struct packet *k = &p->packet[at];
	uint64_t t = (uint64_t)(zero_ns + k->t);
	bool last = at + 1 == p->npacket;

	begin(b, BLOCK_PACKET);
	put32(b, (uint32_t)k->interface);
	put32(b, (uint32_t)(t >> 32));
	put32(b, (uint32_t)t);
	put32(b, k->caplen);
	put32(b, k->len);
	put(b, p->data + k->at, k->caplen);
	pad(b, k->caplen);
	for (; *remark < p->nremark && (last || p->remark[*remark].t <= k->t); (*remark)++)
		text_option(b, OPT_COMMENT, p->remark[*remark].text);
	option(b, OPT_FLAGS, &inbound, sizeof(inbound));
	option(b, OPT_END, "", 0);
	return end(b, f);
}

int pcapng_write(struct pcapng *p, FILE *f, int64_t zero_ns, const char *about)
{
	struct block b = { 0 };
	size_t i, remark = 0;
	int r, k;

	if (p->npacket)
		qsort(p->packet, p->npacket, sizeof(*p->packet), by_time);
	r = write_section(p, &b, f, about);
	for (k = 0; k < p->ninterface && !r; k++)
		r = write_interface(&p->interface[k], &b, f);
	if (!r)
		r = write_names(p, &b, f);
	for (i = 0; i < p->npacket && !r; i++)
		r = write_packet(p, i, zero_ns, &remark, &b, f);
	if (!r && fflush(f) == EOF)
		r = -errno;
	free(b.v);
	return r;
}
