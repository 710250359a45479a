/* vrrp_script, and what instances and groups track. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "conf_build.h"

#define US 1000000

/* --- vrrp_script --- */

static struct script_build *cur(struct conf_ctx *c)
{
	return &c->script[c->nscript - 1];
}

struct script_build *conf_find_script(struct conf_ctx *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->nscript; i++)
		if (!c->script[i].remove && !strcmp(c->script[i].s.name, name))
			return &c->script[i];
	return NULL;
}

void conf_vscript_start(struct conf_ctx *c)
{
	const char *name = conf_word(c, 1);
	struct script_build *more;

	if (c->give_up)
		return;
	more = conf_grow(c, c->script, &c->nscript, sizeof(*more));
	if (!more)
		return;
	c->script = more;
	more = cur(c);
	more->pos = conf_here(c, 1);
	more->s.name = conf_strdup(c, name);
	if (!more->s.name)
		c->nscript--;
	more->s.interval_ns = INT64_C(1000000000);
	more->s.rise = more->s.fall = 1;
}

static void script(struct conf_ctx *c)
{
	char **argv = conf_script_argv(c);

	if (!argv)
		return;
	conf_words_free(cur(c)->s.argv);
	cur(c)->s.argv = argv;
}

/* Whole seconds, at least 1. */
static void seconds(struct conf_ctx *c, int64_t *ns)
{
	unsigned int n;

	if (!conf_uint(c, 1, 0, UINT_MAX / US, true, &n)) {
		conf_say(c, K_VALUE, 1, "'%s' takes whole seconds; ignored", conf_word(c, 0));
		return;
	}
	if (!n)
		conf_say(c, K_VALUE, 1, "'%s' must be above 0; taken as 1", conf_word(c, 0));
	*ns = (n ? n : 1) * INT64_C(1000000000);
}

static void interval(struct conf_ctx *c)
{
	seconds(c, &cur(c)->s.interval_ns);
}

static void timeout(struct conf_ctx *c)
{
	seconds(c, &cur(c)->s.timeout_ns);
}

static void weight(struct conf_ctx *c)
{
	int n = 0;

	if (!conf_int(c, 1, -253, 253, true, &n))
		conf_say(c, K_VALUE, 1, "weight is taken as %d all the same", n);
	cur(c)->s.weight = n;
	if (conf_nword(c) < 3)
		return;
	if (conf_is(c, 2, "reverse"))
		cur(c)->s.weight_reverse = true;
	else
		conf_say(c, K_VALUE, 2, "weight knows no '%s'", conf_word(c, 2));
}

static void count(struct conf_ctx *c, int *out)
{
	unsigned int n;

	if (!conf_uint(c, 1, 1, INT_MAX, true, &n)) {
		conf_say(c, K_VALUE, 1, "'%s' is taken as 1", conf_word(c, 0));
		n = 1;
	}
	*out = (int)n;
}

static void rise(struct conf_ctx *c)
{
	count(c, &cur(c)->s.rise);
}

static void fall(struct conf_ctx *c)
{
	count(c, &cur(c)->s.fall);
}

static void user(struct conf_ctx *c)
{
	struct script_build *s = cur(c);

	s->user_set = conf_script_user(c, 1, &s->s, &s->uid, &s->gid);
	s->remove = !s->user_set;
	if (s->remove && !c->give_up)
		conf_say(c, K_USER, 1, "there is no such user; the script is left out");
}

static void init_fail(struct conf_ctx *c)
{
	cur(c)->s.init_fail = true;
}

static void script_end(struct conf_ctx *c)
{
	struct script_build *s = cur(c);

	if (!s->s.argv || !s->s.argv[0]) {
		conf_say_at(c, K_SCRIPT, &s->pos, "'%s' has no script; left out", s->s.name);
		s->remove = true;
	} else if (!s->remove && !s->user_set &&
		   !conf_script_default_user(c, &s->s, &s->uid, &s->gid)) {
		conf_say_at(c, K_USER, &s->pos,
			    "there is nobody to run '%s' as; left out", s->s.name);
		s->remove = true;
	}
}

static const struct conf_kw script_words[] = {
	{ .name = "fall", .fn = fall },		{ .name = "init_fail", .fn = init_fail },
	{ .name = "interval", .fn = interval }, { .name = "rise", .fn = rise },
	{ .name = "script", .fn = script },	{ .name = "timeout", .fn = timeout },
	{ .name = "user", .fn = user },		{ .name = "weight", .fn = weight },
};

const struct conf_block conf_vscript_block =
	CONF_BLOCK(script_words, script_end, conf_vscript_alive, "vrrp_script");

/* --- tracking --- */

static struct conf_track *add(struct conf_ctx *c, struct conf_track **t, size_t *n,
			      const char *name)
{
	struct conf_track *more = conf_grow(c, *t, n, sizeof(*more));

	if (!more)
		return NULL;
	*t = more;
	more += *n - 1;
	more->name = conf_strdup(c, name);
	if (!more->name)
		--*n;
	return more;
}

void conf_track_drop(struct conf_track *t, size_t *n, size_t i)
{
	free(t[i].name);
	memmove(t + i, t + i + 1, (*n - i - 1) * sizeof(*t));
	--*n;
}

static bool tracked(const struct conf_track *t, size_t n, const char *name)
{
	while (n--)
		if (!strcmp(t[n].name, name))
			return true;
	return false;
}

/*
 * `NAME weight N [reverse]`. Returns false when the line is to be left out;
 * *w keeps its value where the number is none.
 */
static bool weight_option(struct conf_ctx *c, const char *who, int limit, bool noreverse,
			  int *w, bool *reverse)
{
	int n;

	if (conf_nword(c) < 2)
		return true;
	if (!conf_is(c, 1, "weight")) {
		conf_say(c, K_TRACK, 1, "(%s) only weight can follow, not '%s'; left out", who,
			 conf_word(c, 1));
		return false;
	}
	if (conf_nword(c) == 2) {
		conf_say(c, K_TRACK, 1, "(%s) weight needs a number; left out", who);
		return false;
	}
	if (!conf_int(c, 2, -254, 254, true, &n)) {
		conf_say(c, K_TRACK, 2, "(%s) weight is taken as %d", who, *w);
	} else if (n < -limit || n > limit) {
		*w = n < 0 ? -limit : limit;
		conf_say(c, K_TRACK, 2, "(%s) weight is taken as %d", who, *w);
	} else {
		*w = n;
	}
	if (conf_nword(c) < 4)
		return true;
	if (conf_is(c, 3, "reverse"))
		*reverse = true;
	else if (noreverse && conf_is(c, 3, "noreverse"))
		*reverse = false;
	else
		conf_say(c, K_TRACK, 3, "(%s) weight knows no '%s'", who, conf_word(c, 3));
	return true;
}

void conf_track_if_line(struct conf_ctx *c, const char *who, struct conf_track **t,
			size_t *n)
{
	const char *name = conf_word(c, 0);
	struct conf_track *added;
	bool reverse = false;
	int w = 0;

	if (!conf_if_wanted(c, name)) {
		conf_say(c, K_INTERFACE, 0, "(%s) there is no interface '%s' to track", who,
			 name);
		return;
	}
	if (tracked(*t, *n, name)) {
		conf_say(c, K_TRACK, 0, "(%s) '%s' is tracked already", who, name);
		return;
	}
	if (!weight_option(c, who, 253, false, &w, &reverse))
		return;
	added = add(c, t, n, name);
	if (!added)
		return;
	added->weight = w;
	added->reverse = reverse;
}

void conf_track_script_line(struct conf_ctx *c, const char *who, struct conf_track **t,
			    size_t *n)
{
	const char *name = conf_word(c, 0);
	struct script_build *s = conf_find_script(c, name);
	struct conf_track *added;
	bool reverse;
	int w;

	if (!s) {
		conf_say(c, K_TRACK, 0,
			 "(%s) there is no vrrp_script '%s' above; not tracked", who, name);
		return;
	}
	if (tracked(*t, *n, name)) {
		conf_say(c, K_TRACK, 0, "(%s) '%s' is tracked already", who, name);
		return;
	}
	w = s->s.weight;
	reverse = s->s.weight_reverse;
	if (!weight_option(c, who, 253, true, &w, &reverse))
		return;
	added = add(c, t, n, name);
	if (!added)
		return;
	added->weight = w;
	added->reverse = reverse;
}

void conf_track_named_line(struct conf_ctx *c, const char *who, int which)
{
	bool reverse = false;
	int w = 0;

	if (!conf_named(c, which, conf_word(c, 0)))
		conf_say(c, K_TRACK, 0, "(%s) there is no '%s' above; not tracked", who,
			 conf_word(c, 0));
	else
		weight_option(c, who, 254, true, &w, &reverse);
}
