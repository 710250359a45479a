#include "conf_reuse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"

/* --- sums --- */

#define PRIME_A UINT64_C(0x9e3779b97f4a7c15)
#define PRIME_B UINT64_C(0xc2b2ae3d27d4eb4f)

static void sum(const char *text, size_t len, uint64_t out[2])
{
	uint64_t a = len, b = ~(uint64_t)len, word;

	for (; len; text += 8, len -= 8) {
		word = 0;
		if (len < 8) {
			memcpy(&word, text, len);
			len = 8;
		} else {
			memcpy(&word, text, 8);
		}
		a = (a ^ word) * PRIME_A;
		a ^= a >> 29;
		b = (b + word) * PRIME_B;
		b ^= b >> 31;
	}
	out[0] = a;
	out[1] = b;
}

static uint64_t head_of(const char *text, size_t len)
{
	uint64_t s[2];

	sum(text, len, s);
	return s[0];
}

/* --- the table --- */

int conf_reuse_again(struct conf_reuse *u, const struct conf_reuse_block *b, size_t file,
		     int line)
{
	struct conf_reuse_block *more;

	if (u->n == u->room) {
		size_t room = u->room ? u->room * 2 : 16;

		more = realloc(u->v, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		u->v = more;
		u->room = room;
	}
	more = &u->v[u->n++];
	*more = *b;
	more->file = file;
	more->line = line;
	return 0;
}

int conf_reuse_add(struct conf_reuse *u, const char *text, size_t len, size_t head,
		   size_t file, int line, int lines)
{
	struct conf_reuse_block b = {
		.head = head_of(text, head),
		.len = len,
		.lines = lines,
	};

	sum(text, len, b.sum);
	return conf_reuse_again(u, &b, file, line);
}

const struct conf_reuse_block *conf_reuse_find(const struct conf_reuse *u,
					       const char *text, size_t head, size_t left)
{
	const struct conf_reuse_block *b;
	uint64_t h = head_of(text, head), s[2];
	size_t at;

	for (at = h & u->mask; u->slot && u->slot[at]; at = (at + 1) & u->mask) {
		b = &u->v[u->slot[at] - 1];
		if (b->head != h || b->len > left)
			continue;
		sum(text, b->len, s);
		if (s[0] == b->sum[0] && s[1] == b->sum[1])
			return b;
	}
	return NULL;
}

static bool has_script(const struct conf_script *s)
{
	return s && s->argv;
}

/* May be copied: nothing in it that the text alone does not tell, or that is deep. */
static bool reusable(const struct lvs_service_conf *s)
{
	const struct checker_conf *k;
	size_t i, j;

	if (s->group || has_script(&s->quorum_up) || has_script(&s->quorum_down))
		return false;
	for (i = 0; i < s->nreal; i++) {
		if (s->real[i].notify_up || s->real[i].notify_down)
			return false;
		for (j = 0; j < s->real[i].nchecker; j++) {
			k = &s->real[i].checker[j];
			if (k->bind_if || (k->type != CHECK_TCP && k->type != CHECK_PING))
				return false;
		}
	}
	return true;
}

/* Services are in the order of their blocks: both are gone through once. */
static size_t match(struct conf_reuse *u, const struct conf *c)
{
	const struct lvs_service_conf *s = NULL;
	size_t i, kept = 0, at = 0, j;

	for (i = 0; i < u->n; i++) {
		for (j = at; j < c->nservice; j++) {
			s = &c->service[j];
			if (s->line == u->v[i].line && s->file == c->file[u->v[i].file])
				break;
		}
		if (j == c->nservice)
			continue;
		at = j + 1;
		if (!reusable(s))
			continue;
		u->v[kept] = u->v[i];
		u->v[kept++].service = (uint32_t)j;
	}
	return kept;
}

int conf_reuse_settle(struct conf_reuse *u, const struct conf *c)
{
	struct conf_reuse_block *fit;
	size_t size = 4, i, at;

	u->n = match(u, c);
	fit = u->n ? realloc(u->v, u->n * sizeof(*fit)) : NULL;
	if (fit) {
		u->v = fit;
		u->room = u->n;
	}
	while (size < u->n * 2)
		size *= 2;
	u->mask = size - 1;
	u->slot = calloc(size, sizeof(*u->slot));
	if (!u->slot)
		return -ENOMEM;
	for (i = 0; i < u->n; i++) {
		for (at = u->v[i].head & u->mask; u->slot[at];)
			at = (at + 1) & u->mask;
		u->slot[at] = (uint32_t)i + 1;
	}
	return 0;
}

void conf_reuse_free(struct conf_reuse *u)
{
	if (!u)
		return;
	free(u->v);
	free(u->slot);
	free(u);
}

/* --- copying --- */

static char *copy_text(const char *s, int *r)
{
	char *copy = s ? strdup(s) : NULL;

	if (s && !copy)
		*r = -ENOMEM;
	return copy;
}

/* `owned`: the checkers that the one before has, which it may share. */
static int copy_real(struct lvs_real_conf *to, const struct lvs_real_conf *from,
		     const struct lvs_real_conf *before, struct checker_conf **owned, int by)
{
	int r = 0;

	*to = *from;
	to->line += by;
	to->checker = NULL;
	to->nchecker = 0;
	to->checker_shared = false;
	to->virtualhost = copy_text(from->virtualhost, &r);
	if (r < 0 || !from->nchecker)
		return r;
	if (!*owned || !before || before->checker != from->checker) {
		*owned = malloc(from->nchecker * sizeof(**owned));
		if (!*owned)
			return -ENOMEM;
		memcpy(*owned, from->checker, from->nchecker * sizeof(**owned));
	} else {
		to->checker_shared = true;
	}
	to->checker = *owned;
	to->nchecker = from->nchecker;
	return 0;
}

int conf_reuse_copy(struct lvs_service_conf *to, const struct lvs_service_conf *from,
		    const char *file, int by)
{
	const struct lvs_real_conf *before = NULL;
	struct checker_conf *owned = NULL;
	size_t i;
	int r = 0;

	*to = *from;
	to->file = file;
	to->line += by;
	to->real_borrowed = false;
	to->nreal = 0;
	to->sorry = NULL;
	to->real = from->nreal ? calloc(from->nreal, sizeof(*to->real)) : NULL;
	to->pe_name = copy_text(from->pe_name, &r);
	to->virtualhost = copy_text(from->virtualhost, &r);
	if (from->nreal && !to->real)
		return -ENOMEM;
	for (i = 0; !r && i < from->nreal; i++) {
		r = copy_real(&to->real[i], &from->real[i], before, &owned, by);
		to->nreal++;
		if (from->real[i].nchecker)
			before = &from->real[i];
	}
	if (r < 0 || !from->sorry)
		return r;
	to->sorry = calloc(1, sizeof(*to->sorry));
	owned = NULL;
	return to->sorry ? copy_real(to->sorry, from->sorry, NULL, &owned, by) : -ENOMEM;
}
