#include "progress.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "event_field.h"
#include "guest_mail.h"

#define RECORD_MAX 1024
#define NO_TEXT	   UINT16_MAX

_Static_assert(sizeof(struct progress) <= MAIL_LIVE - MAIL_WATCH, "room in the mailbox");

/* --- events as bytes --- */

struct record_bytes {
	uint16_t len; /* with this */
	unsigned char v[RECORD_MAX];
};

static size_t field_size(const struct event_field *f)
{
	switch (f->kind) {
	case FIELD_BOOL:
		return sizeof(bool);
	case FIELD_INT:
	case FIELD_NAME:
		return sizeof(int);
	case FIELD_I64:
	case FIELD_U64:
		return sizeof(int64_t);
	case FIELD_TEXT:
		break;
	}
	return 0;
}

static size_t put_fields(unsigned char *at, size_t room, const struct event *e,
			 const struct event_field *f)
{
	size_t used = 0;

	for (; f->key; f++) {
		const char *p = (const char *)e + f->at;
		const char *text = f->kind == FIELD_TEXT ? *(const char *const *)p : NULL;
		size_t n = text ? strlen(text) : 0, size = field_size(f);
		uint16_t len = text ? (uint16_t)n : NO_TEXT;

		if (used + n + size + sizeof(len) > room || n >= NO_TEXT)
			return 0;
		if (f->kind != FIELD_TEXT) {
			memcpy(at + used, p, size);
			used += size;
			continue;
		}
		memcpy(at + used, &len, sizeof(len));
		if (text)
			memcpy(at + used + sizeof(len), text, n);
		used += sizeof(len) + n;
	}
	return used;
}

static void put_record(struct progress *p, const struct event *e)
{
	struct record_bytes r;
	uint32_t type = e->type;
	size_t at = sizeof(type) + sizeof(e->t), n;

	memcpy(r.v, &type, sizeof(type));
	memcpy(r.v + sizeof(type), &e->t, sizeof(e->t));
	n = put_fields(r.v + at, RECORD_MAX - at, e, event_common);
	at += n;
	if (n && event_fields(e->type)->key)
		n = put_fields(r.v + at, RECORD_MAX - at, e, event_fields(e->type));
	at += event_fields(e->type)->key ? n : 0;
	r.len = (uint16_t)(sizeof(r.len) + at);
	if (!n || !ring_put(&p->events, &r.len, sizeof(r.len), r.v, at))
		atomic_fetch_add_explicit(&p->lost, 1, memory_order_relaxed);
}

static void put_request(struct progress *p, const struct event *e)
{
	if (e->request.result == REQ_CUT)
		return;
	if (e->request.result == REQ_OK) {
		atomic_fetch_add_explicit(&p->ok, 1, memory_order_relaxed);
		atomic_store_explicit(&p->gap_from_ns, 0, memory_order_relaxed);
		return;
	}
	atomic_fetch_add_explicit(&p->failed, 1, memory_order_relaxed);
	if (!atomic_load_explicit(&p->gap_from_ns, memory_order_relaxed))
		atomic_store_explicit(&p->gap_from_ns, e->request.due, memory_order_relaxed);
}

void progress_put(struct progress *p, const struct event *e)
{
	if (!p)
		return;
	atomic_store_explicit(&p->now_ns, e->t, memory_order_relaxed);
	if (e->type == EV_REQUEST)
		put_request(p, e);
	else if ((e->type == EV_VRRP && e->vrrp.delivered) ||
		 (e->type == EV_ARP && e->arp.delivered) || e->type == EV_PACKET)
		return;
	else
		put_record(p, e);
}

/* False when the bytes are nonsense. */
static bool take_fields(const unsigned char **at, const unsigned char *end,
			struct event_log *texts, struct event *e,
			const struct event_field *f)
{
	char text[RECORD_MAX + 1];
	uint16_t len;

	for (; f->key; f++) {
		char *p = (char *)e + f->at;
		size_t size = f->kind == FIELD_TEXT ? sizeof(len) : field_size(f);

		if ((size_t)(end - *at) < size)
			return false;
		if (f->kind != FIELD_TEXT) {
			memcpy(p, *at, size);
			*at += size;
			continue;
		}
		memcpy(&len, *at, sizeof(len));
		*at += sizeof(len);
		if (len == NO_TEXT)
			continue;
		if (len > end - *at)
			return false;
		memcpy(text, *at, len);
		text[len] = '\0';
		*at += len;
		*(const char **)p = event_text(texts, text);
	}
	return true;
}

bool progress_take(struct progress *p, struct event_log *texts, struct event *e)
{
	struct record_bytes r;
	const unsigned char *at = r.v, *end;
	uint32_t type;

	if (!ring_peek(&p->events, 0, &r.len, sizeof(r.len)) ||
	    r.len < sizeof(r.len) + sizeof(type) + sizeof(e->t) || r.len > sizeof(r) ||
	    !ring_peek(&p->events, sizeof(r.len), r.v, r.len - sizeof(r.len)))
		return false;
	ring_skip(&p->events, r.len);
	end = r.v + r.len - sizeof(r.len);
	memset(e, 0, sizeof(*e));
	memcpy(&type, at, sizeof(type));
	memcpy(&e->t, at + sizeof(type), sizeof(e->t));
	at += sizeof(type) + sizeof(e->t);
	if (type >= EV_NTYPES)
		return false;
	e->type = (enum event_type)type;
	return take_fields(&at, end, texts, e, event_common) &&
	       take_fields(&at, end, texts, e, event_fields(e->type));
}

void progress_move(struct progress *from, struct progress *to)
{
	unsigned char buf[4096];
	size_t n;

	for (;;) {
		n = ring_used(&from->events);
		n = n < sizeof(buf) ? n : sizeof(buf);
		n = n < ring_room(&to->events) ? n : ring_room(&to->events);
		if (!n || !ring_peek(&from->events, 0, buf, n) ||
		    !ring_put(&to->events, buf, n, NULL, 0))
			break;
		ring_skip(&from->events, n);
	}
	atomic_store(&to->now_ns, atomic_load(&from->now_ns));
	atomic_store(&to->gap_from_ns, atomic_load(&from->gap_from_ns));
	atomic_store(&to->ok, atomic_load(&from->ok));
	atomic_store(&to->failed, atomic_load(&from->failed));
	atomic_store(&to->lost, atomic_load(&from->lost));
}

/* --- where it is --- */

struct progress *progress_guest(void)
{
	int fd = open("/dev/mem", O_RDWR | O_CLOEXEC);
	void *p = MAP_FAILED;

	if (fd >= 0) {
		p = mmap(NULL, sizeof(struct progress), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			 (off_t)(MAIL_PHYS + MAIL_WATCH));
		close(fd);
	}
	return p == MAP_FAILED ? NULL : p;
}

struct progress *progress_shared(void)
{
	void *p = mmap(NULL, sizeof(struct progress), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}
