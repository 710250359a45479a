/* Messages about the configuration: where, what, what was probably meant. */
#include "conf_int.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"

/* How much a kind weighs in the exit code of -t; of several the highest wins. */
enum weight { NOTHING = 0, FATAL = 4, MISTAKE = 5, SECURITY = 6 };

static const struct {
	const char *name;
	enum weight weight;
} kinds[K_COUNT] = {
	[K_NOTE] = { "note", NOTHING },
	[K_UNSUPPORTED] = { "unsupported", NOTHING },
	[K_FILE] = { "file", NOTHING },
	[K_UNKNOWN] = { "unknown", MISTAKE },
	[K_BRACE] = { "brace", MISTAKE },
	[K_QUOTE] = { "quote", MISTAKE },
	[K_MISSING] = { "missing", NOTHING }, /* its exit code is its own */
	[K_NUMBER] = { "number", MISTAKE },
	[K_VALUE] = { "value", MISTAKE },
	[K_ADDRESS] = { "address", MISTAKE },
	[K_INTERFACE] = { "interface", MISTAKE },
	[K_NO_INTERFACE] = { "no-interface", FATAL },
	[K_DUPLICATE] = { "duplicate", MISTAKE },
	[K_DEPRECATED] = { "deprecated", MISTAKE },
	[K_AUTH] = { "auth", MISTAKE },
	[K_STATE] = { "state", MISTAKE },
	[K_PREEMPT] = { "preempt", MISTAKE },
	[K_ADVERT] = { "advert", MISTAKE },
	[K_VIP] = { "vip", MISTAKE },
	[K_VRID] = { "vrid", MISTAKE },
	[K_UNICAST] = { "unicast", MISTAKE },
	[K_STRICT] = { "strict", MISTAKE },
	[K_VMAC] = { "vmac", MISTAKE },
	[K_TRACK] = { "track", MISTAKE },
	[K_SCRIPT] = { "script", MISTAKE },
	[K_SECURITY] = { "security", SECURITY },
	[K_SYNC] = { "sync", MISTAKE },
	[K_DEFAULT] = { "default", MISTAKE },
	[K_PORT] = { "port", MISTAKE },
	[K_QUORUM] = { "quorum", MISTAKE },
	[K_SERVER] = { "server", MISTAKE },
	[K_CHECKER] = { "checker", MISTAKE },
	[K_CONFLICT] = { "conflict", MISTAKE },
	[K_MANY_FILES] = { "many-files", MISTAKE },
	[K_USER] = { "user", MISTAKE },
};

/* Hashes of what has been said; open addressing. */
struct seen {
	uint64_t *slot;
	size_t n, cap; /* cap: a power of two */
};

const char *conf_kind_name(enum conf_kind kind)
{
	return kinds[kind].name;
}

void conf_nomem(struct conf_ctx *c)
{
	c->nomem = c->give_up = c->refused = true;
}

static uint64_t hash(const struct conf_pos *pos, int oracle_line, const char *text)
{
	uint64_t h = 14695981039346656037u ^ (uint64_t)pos->line << 32 ^
		     (uint64_t)pos->col ^ (uint64_t)oracle_line << 20;
	const char *p;

	for (p = pos->file; *p; p++)
		h = (h ^ (unsigned char)*p) * 1099511628211u;
	for (p = text; *p; p++)
		h = (h ^ (unsigned char)*p) * 1099511628211u;
	return h ? h : 1;
}

static void put(struct seen *s, uint64_t h)
{
	size_t i = h & (s->cap - 1);

	while (s->slot[i] && s->slot[i] != h)
		i = (i + 1) & (s->cap - 1);
	s->slot[i] = h;
}

static bool has(const struct seen *s, uint64_t h)
{
	size_t i = h & (s->cap - 1);

	while (s->slot[i] && s->slot[i] != h)
		i = (i + 1) & (s->cap - 1);
	return s->slot[i] == h;
}

/* Notes a hash; returns whether it is new. */
static bool is_new(struct conf_ctx *c, uint64_t h)
{
	struct seen *s = c->seen, bigger = { 0 };
	size_t i;

	if (!s && !(s = c->seen = calloc(1, sizeof(*s))))
		goto nomem;
	if (s->n * 2 >= s->cap) {
		bigger.cap = s->cap ? s->cap * 2 : 64;
		bigger.slot = calloc(bigger.cap, sizeof(*bigger.slot));
		if (!bigger.slot)
			goto nomem;
		for (i = 0; i < s->cap; i++)
			if (s->slot[i])
				put(&bigger, s->slot[i]);
		free(s->slot);
		s->slot = bigger.slot;
		s->cap = bigger.cap;
	}
	if (has(s, h))
		return false;
	put(s, h);
	s->n++;
	return true;
nomem:
	conf_nomem(c);
	return false;
}

void conf_seen_free(struct seen *seen)
{
	if (!seen)
		return;
	free(seen->slot);
	free(seen);
}

/* --- saying --- */

static void say(struct conf_ctx *c, enum conf_kind kind, const struct conf_pos *pos,
		int oracle_line, const char *fmt, va_list ap)
	__attribute__((format(printf, 5, 0)));

static void say(struct conf_ctx *c, enum conf_kind kind, const struct conf_pos *pos,
		int oracle_line, const char *fmt, va_list ap)
{
	char *text;

	if (c->give_up)
		return;
	if (kinds[kind].weight > c->status)
		c->status = kinds[kind].weight;
	c->said++;
	if (!c->out)
		return;
	if (vasprintf(&text, fmt, ap) < 0) {
		conf_nomem(c);
		return;
	}
	if (is_new(c, hash(pos, oracle_line, text))) {
		if (c->opt->kinds)
			fprintf(c->out, "%d\t%s\t", oracle_line, kinds[kind].name);
		fprintf(c->out, "%s:%d:%d: %s\n", pos->file, pos->line, pos->col, text);
	}
	free(text);
}

struct conf_pos conf_here(const struct conf_ctx *c, size_t i)
{
	const struct conf_line *l = c->line;
	struct conf_pos pos = { c->opt->path, 1, 1 };

	if (!l)
		return pos;
	pos.file = l->file ? l->file : c->opt->path;
	pos.line = l->line;
	pos.col = l->text_col;
	if (!l->nword)
		return pos;
	if (i < l->nword)
		pos.col = l->word[i].col;
	else
		pos.col = l->word[l->nword - 1].col +
			  (int)strlen(l->word[l->nword - 1].text);
	return pos;
}

void conf_say(struct conf_ctx *c, enum conf_kind kind, size_t i, const char *fmt, ...)
{
	struct conf_pos pos = conf_here(c, i);
	va_list ap;

	va_start(ap, fmt);
	say(c, kind, &pos, c->line ? c->line->oracle_line : 0, fmt, ap);
	va_end(ap);
}

void conf_say_at(struct conf_ctx *c, enum conf_kind kind, const struct conf_pos *pos,
		 const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(c, kind, pos, c->line ? c->line->oracle_line : 0, fmt, ap);
	va_end(ap);
}

void conf_say_line(struct conf_ctx *c, enum conf_kind kind, const struct conf_pos *pos,
		   int oracle_line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(c, kind, pos, oracle_line, fmt, ap);
	va_end(ap);
}

/* --- words that nobody knows --- */

/* Words that people write, and what to say of them. */
static const struct {
	const char *block, *word; /* block NULL: anywhere */
	const char *hint;
} hints[] = {
	{ "TCP_CHECK", "nb_get_retry", "did you mean 'retry'? without it there is one" },
	{ "SMTP_CHECK", "nb_get_retry", "did you mean 'retry'? without it there is one" },
	{ "MISC_CHECK", "nb_get_retry", "did you mean 'retry'? without it there is none" },
	{ "TCP_CHECK", "nb_get_try", "did you mean 'retry'? without it there is one" },
	{ "virtual_server", "nat_mask",
	  "gone since keepalived 1.2.8; nothing is lost without it" },
	{ "virtual_server", "persistence", "did you mean 'persistence_timeout'?" },
	{ "virtual_server", "nopreempt", "it belongs in a vrrp_instance" },
	{ "virtual_server", "scheduler", "did you mean 'lb_algo'?" },
	{ "virtual_server", "method", "did you mean 'lb_kind'?" },
	{ "virtual_server", "TCP_CHECK", "it belongs in a real_server" },
	{ "virtual_server", "HTTP_GET", "it belongs in a real_server" },
	{ "vrrp_instance", "auth_type", "it belongs in 'authentication { … }'" },
	{ "vrrp_instance", "auth_pass", "it belongs in 'authentication { … }'" },
	{ "vrrp_instance", "vrrp_version", "did you mean 'version'?" },
	{ "vrrp_instance", "vrrp_strict", "did you mean 'strict_mode'?" },
	{ "vrrp_instance", "vrid", "did you mean 'virtual_router_id'?" },
	{ "vrrp_instance", "virtual_address", "did you mean 'virtual_ipaddress'?" },
	{ "vrrp_instance", "smtp_alert_vrrp", "did you mean 'smtp_alert'?" },
	{ "vrrp_instance", "vrrp_script",
	  "it stands outside; inside, 'track_script { … }' names it" },
	{ "vrrp_script", "retry", "did you mean 'fall'?" },
	{ "vrrp_script", "exec", "did you mean 'script'?" },
	{ "vrrp_script", "script_user", "did you mean 'user'?" },
	{ "global_defs", "lvs_id", "did you mean 'router_id'?" },
	{ "global_defs", "vrrp_mcast_group", "did you mean 'vrrp_mcast_group4'?" },
	{ "global_defs", "vrrp_ipsets", "keepalived here uses nftables, and so does halbd" },
	{ NULL, "}", "a brace too many above, or one missing at its opening" },
};

static bool knows(const struct conf_block *b, const char *word)
{
	const struct conf_words *w;
	size_t i, j;

	for (i = 0; (w = conf_block_words(b, i)); i++)
		for (j = 0; j < w->n; j++)
			if (!strcmp(w->kw[j].name, word))
				return true;
	return false;
}

/* The block, other than `not_in`, that knows a word. */
static const char *known_in(const char *word, const struct conf_block *not_in)
{
	size_t i;

	for (i = 0; conf_all_blocks[i]; i++)
		if (conf_all_blocks[i] != not_in && knows(conf_all_blocks[i], word))
			return conf_all_blocks[i]->what;
	for (i = 0; i < conf_nroots; i++)
		if (!strcmp(conf_roots[i].kw.name, word))
			return not_in ? "the file, outside every block" : NULL;
	return NULL;
}

static const char *nearest(const char *word, const struct conf_block *b)
{
	const struct conf_words *w;
	const char *names[256];
	size_t n = 0, i, j;

	for (i = 0; !b && i < conf_nroots; i++)
		names[n++] = conf_roots[i].kw.name;
	for (i = 0; b && (w = conf_block_words(b, i)); i++)
		for (j = 0; j < w->n && n < 256; j++)
			names[n++] = w->kw[j].name;
	return block_nearest(word, names, n);
}

void conf_say_unknown(struct conf_ctx *c, const struct conf_block *b)
{
	const char *word = c->line->word[0].text, *where;
	size_t i;

	if (!c->out) {
		conf_say(c, K_UNKNOWN, 0, " ");
		return;
	}
	for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		if (strcmp(hints[i].word, word) ||
		    (hints[i].block && (!b || strcmp(hints[i].block, b->what))))
			continue;
		conf_say(c, K_UNKNOWN, 0, "unknown word '%s', ignored; %s", word,
			 hints[i].hint);
		return;
	}
	where = known_in(word, b);
	if (where)
		conf_say(c, K_UNKNOWN, 0, "'%s' is not for here, ignored; it belongs in %s",
			 word, where);
	else if ((where = nearest(word, b)))
		conf_say(c, K_UNKNOWN, 0, "unknown word '%s', ignored; did you mean '%s'?",
			 word, where);
	else
		conf_say(c, K_UNKNOWN, 0, "unknown word '%s', ignored", word);
}

void conf_say_later(struct conf_ctx *c, const struct conf_kw *kw)
{
	conf_say(c, K_UNSUPPORTED, 0,
		 "'%s' is not supported by halbd; keepalived would %s; ignoring it is %s%s",
		 kw->name, kw->later, kw->unsafe ? "not safe: " : "safe",
		 kw->unsafe ? kw->unsafe : "");
}
