/* The words of HTTP_GET and SSL_GET. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf_check.h"

static bool conf_url_alive(const struct conf_ctx *c)
{
	const struct lvs_service_conf *s = &c->conf->service[c->conf->nservice - 1];
	const struct lvs_real_conf *r = &s->real[s->nreal - 1];

	return conf_real_alive(c) && r->nchecker && r->checker[r->nchecker - 1].nurl;
}

static struct http_url_conf *url(struct conf_ctx *c)
{
	struct checker_conf *k = conf_checker(c);

	return &k->url[k->nurl - 1];
}

static void url_start(struct conf_ctx *c)
{
	struct checker_conf *k = conf_checker(c);
	struct http_url_conf *more = conf_grow(c, k->url, &k->nurl, sizeof(*more));

	if (more)
		k->url = more;
	c->lvs->url_pos = conf_here(c, 0);
}

static void path(struct conf_ctx *c)
{
	free(url(c)->path);
	url(c)->path = conf_dup(c, 1);
}

static void digest(struct conf_ctx *c)
{
	const char *text = conf_word(c, 1);
	struct http_url_conf *u = url(c);
	uint8_t md5[16];
	size_t i;

	if (c->give_up)
		return;
	if (u->has_digest) {
		conf_say(c, K_DUPLICATE, 1, "a second digest, ignored");
		return;
	}
	if (strlen(text) != 2 * sizeof(md5)) {
		conf_say(c, K_VALUE, 1,
			 "a digest has 32 hexadecimal digits, not %zu; ignored",
			 strlen(text));
		return;
	}
	for (i = 0; i < sizeof(md5); i++) {
		int hi = conf_hex_digit(text[2 * i]),
		    lo = conf_hex_digit(text[2 * i + 1]);

		if (hi < 0 || lo < 0) {
			conf_say(c, K_VALUE, 1,
				 "'%.2s' is not hexadecimal; digest is ignored",
				 text + 2 * i);
			return;
		}
		md5[i] = (uint8_t)(hi << 4 | lo);
	}
	memcpy(u->digest, md5, sizeof(md5));
	u->has_digest = true;
}

static bool code_range(const char *text, unsigned long *lo, unsigned long *hi)
{
	char *rest;

	*lo = *hi = strtoul(text, &rest, 10);
	if (*rest == '-')
		*hi = strtoul(rest + 1, &rest, 10);
	return !*rest && *lo >= 100 && *hi <= 599 && *lo <= *hi;
}

static void status_code(struct conf_ctx *c)
{
	struct http_url_conf *u = url(c);
	unsigned long lo, hi, code;
	size_t i;

	for (i = 1; i < conf_nword(c); i++) {
		if (!code_range(conf_word(c, i), &lo, &hi)) {
			conf_say(c, K_VALUE, i,
				 "'%s' is no HTTP status 100-599; ignored",
				 conf_word(c, i));
			continue;
		}
		for (code = lo - 100; code <= hi - 100; code++)
			u->status_set[code / 64] |= UINT64_C(1) << (code % 64);
	}
}

static void url_virtualhost(struct conf_ctx *c)
{
	if (conf_nword(c) < 2) {
		conf_say(c, K_VALUE, 1, "virtualhost needs a name");
		return;
	}
	free(url(c)->virtualhost);
	url(c)->virtualhost = conf_dup(c, 1);
}

static void regex(struct conf_ctx *c)
{
	char **words = conf_words_escaped(c->line->text);

	if (!words && errno == ENOMEM)
		conf_nomem(c);
	else if (!words || !words[1] || words[2])
		conf_say(c, K_NOTE, 1, "regex needs one pattern; ignored");
	else {
		free(url(c)->regex);
		url(c)->regex = conf_strdup(c, words[1]);
	}
	conf_words_free(words);
}

static void regex_no_match(struct conf_ctx *c)
{
	url(c)->regex_no_match = true;
}

const char *const conf_regex_options[] = {
	"allow_empty_class",
	"alt_bsux",
	"auto_callout",
	"caseless",
	"dollar_endonly",
	"dotall",
	"dupnames",
	"extended",
	"firstline",
	"match_unset_backref",
	"multiline",
	"never_ucp",
	"never_utf",
	"no_auto_capture",
	"no_auto_possess",
	"no_dotstar_anchor",
	"no_start_optimize",
	"ucp",
	"ungreedy",
	"utf",
	"never_backslash_c",
	"alt_circumflex",
	"alt_verbnames",
	"use_offset_limit",
	NULL,
};

static void regex_options(struct conf_ctx *c)
{
	size_t i, j;

	for (i = 1; i < conf_nword(c); i++)
		for (j = 0; conf_regex_options[j]; j++)
			if (conf_is(c, i, conf_regex_options[j]))
				url(c)->regex_options |= UINT32_C(1) << j;
}

static size_t offset(struct conf_ctx *c)
{
	unsigned long n;
	char *rest;

	if (conf_nword(c) != 2)
		return 0;
	n = strtoul(conf_word(c, 1), &rest, 10);
	return *rest ? 0 : n;
}

static void regex_min_offset(struct conf_ctx *c)
{
	url(c)->regex_min = offset(c);
}

static void regex_max_offset(struct conf_ctx *c)
{
	url(c)->regex_max = offset(c) + 1;
}

static void url_end(struct conf_ctx *c)
{
	struct http_url_conf *u = url(c);

	if (!u->regex) {
		u->regex_no_match = false;
		u->regex_options = 0;
		u->regex_min = u->regex_max = 0;
	}
	if (u->regex_max && u->regex_min >= u->regex_max) {
		conf_say_at(c, K_NOTE, &c->lvs->url_pos,
			    "regex_min_offset is beyond regex_max_offset; both are "
			    "ignored");
		u->regex_min = u->regex_max = 0;
	}
	if (u->path)
		return;
	conf_say_at(c, K_CHECKER, &c->lvs->url_pos, "this url has no path; left out");
	conf_url_clear(u);
	conf_checker(c)->nurl--;
}

static const struct conf_kw url_words[] = {
	{ .name = "digest", .fn = digest },
	{ .name = "path", .fn = path },
	{ .name = "regex", .fn = regex },
	{ .name = "regex_max_offset", .fn = regex_max_offset },
	{ .name = "regex_min_offset", .fn = regex_min_offset },
	{ .name = "regex_no_match", .fn = regex_no_match },
	{ .name = "regex_options", .fn = regex_options },
	{ .name = "regex_stack" },
	{ .name = "status_code", .fn = status_code },
	{ .name = "virtualhost", .fn = url_virtualhost },
};

const struct conf_block conf_url_block =
	CONF_BLOCK(url_words, url_end, conf_url_alive, "url");

static void nb_get_retry(struct conf_ctx *c)
{
	conf_say(c, K_DEPRECATED, 0,
		 "nb_get_retry is now 'retry'; it works all the same");
	conf_check_retry(c);
}

static void http_virtualhost(struct conf_ctx *c)
{
	struct checker_conf *k = conf_checker(c);

	if (conf_nword(c) < 2) {
		conf_say(c, K_VALUE, 1, "virtualhost needs a name");
		return;
	}
	free(k->virtualhost);
	k->virtualhost = conf_dup(c, 1);
}

static void http_protocol(struct conf_ctx *c)
{
	struct checker_conf *k = conf_checker(c);

	if (conf_nword(c) < 2)
		conf_say(c, K_VALUE, 1, "http_protocol needs a version");
	else if (conf_is(c, 1, "1.0"))
		k->http_version = HTTP_1_0;
	else if (conf_is(c, 1, "1.1"))
		k->http_version = HTTP_1_1;
	else if (conf_is(c, 1, "1.0C") || conf_is(c, 1, "1.0c"))
		k->http_version = HTTP_1_0_CLOSE;
	else
		conf_say(c, K_VALUE, 1,
			 "http_protocol is 1.0, 1.0C or 1.1, not '%s'; ignored",
			 conf_word(c, 1));
}

static void enable_sni(struct conf_ctx *c)
{
	int on = conf_switch(c);

	if (on >= 0)
		conf_checker(c)->sni = on;
}

static void fast_recovery(struct conf_ctx *c)
{
	int on = conf_switch(c);

	if (on >= 0)
		conf_checker(c)->fast_recovery = on;
}

static void http_end(struct conf_ctx *c)
{
	struct conf_pos pos = conf_real_pos(c, conf_service(c), conf_real(c));

	if (conf_checker(c)->nurl) {
		conf_check_can_connect(c);
		return;
	}
	conf_say_at(c, K_CHECKER, &pos, "a checker without a url; left out");
	conf_checker_drop(c);
}

static const struct conf_kw http_words[] = {
	COMMON_A,
	CONNECT_B,
	CONNECT_C,
	COMMON_D,
	{ .name = "enable_sni", .fn = enable_sni },
	{ .name = "fast_recovery", .fn = fast_recovery },
	CONNECT_F,
	{ .name = "http_protocol", .fn = http_protocol },
	COMMON_L,
	{ .name = "nb_get_retry", .fn = nb_get_retry },
	COMMON_R,
	{ .name = "url", .fn = url_start, .sub = &conf_url_block },
	{ .name = "virtualhost", .fn = http_virtualhost },
	COMMON_W,
};

const struct conf_block conf_http_block =
	CONF_BLOCK(http_words, http_end, conf_real_alive, "HTTP_GET");
