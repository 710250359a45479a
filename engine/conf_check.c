/* The words of the checkers. */
#include <limits.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "conf_lvs.h"

#define US 1000000

struct checker_conf *conf_checker(struct conf_ctx *c)
{
	struct lvs_real_conf *r = conf_real(c);

	if (c->lvs->in_host)
		return &c->lvs->host;
	return c->lvs->dropped || !r->nchecker ? &c->lvs->scratch :
						 &r->checker[r->nchecker - 1];
}

static bool conf_url_alive(const struct conf_ctx *c)
{
	const struct lvs_service_conf *s = &c->conf->service[c->conf->nservice - 1];
	const struct lvs_real_conf *r = &s->real[s->nreal - 1];

	return conf_real_alive(c) && r->nchecker && r->checker[r->nchecker - 1].nurl;
}

struct checker_conf *conf_checker_add(struct conf_ctx *c, enum checker_type type)
{
	struct lvs_real_conf *r = conf_real(c);
	struct checker_conf *k = conf_grow(c, r->checker, &r->nchecker, sizeof(*k));

	if (!k)
		return NULL;
	r->checker = k;
	k = conf_checker(c);
	k->type = type;
	k->connect_ip = r->addr;
	k->connect_port = r->port;
	k->connect_timeout_ns = k->delay_loop_ns = UNSET_NS;
	k->delay_before_retry_ns = k->warmup_ns = UNSET_NS;
	k->retry = -1;
	k->alpha = -1;
	if (type == CHECK_DNS)
		k->dns_type = 6;
	if (type == CHECK_MISC) {
		k->misc = calloc(1, sizeof(*k->misc));
		if (!k->misc)
			conf_nomem(c);
	}
	c->lvs->user_set = c->lvs->connection_set = false;
	return k;
}

void conf_checker_drop(struct conf_ctx *c)
{
	struct lvs_real_conf *r = conf_real(c);

	if (!r->nchecker)
		return;
	conf_checker_clear(conf_checker(c));
	r->nchecker--;
}

static void udp_clear(struct udp_check_conf *u)
{
	if (!u)
		return;
	free(u->payload);
	free(u->reply);
	free(u->reply_mask);
	free(u);
}

static void url_clear(struct http_url_conf *u)
{
	free(u->path);
	free(u->virtualhost);
	free(u->regex);
	memset(u, 0, sizeof(*u));
}

void conf_checker_clear(struct checker_conf *k)
{
	free(k->bind_if);
	switch (k->type) {
	case CHECK_HTTP:
	case CHECK_SSL:
		while (k->nurl)
			url_clear(&k->url[--k->nurl]);
		free(k->url);
		free(k->virtualhost);
		break;
	case CHECK_MISC:
		if (k->misc)
			conf_script_clear(k->misc);
		free(k->misc);
		break;
	case CHECK_DNS:
		free(k->dns_name);
		break;
	case CHECK_UDP:
		udp_clear(k->udp);
		break;
	case CHECK_SMTP:
		free(k->helo_name);
		break;
	case CHECK_TCP:
	case CHECK_PING:
		break;
	}
	memset(k, 0, sizeof(*k));
}

/* A dropped checker's words are still read; they go nowhere. */
static bool dropped(struct conf_ctx *c)
{
	return c->lvs->dropped || !conf_real(c)->nchecker;
}

/* --- common to all --- */

static void take_time(struct conf_ctx *c, uint64_t lo, uint64_t hi, int64_t *ns)
{
	uint64_t us;

	if (conf_time_us(c, 1, lo, hi, &us))
		*ns = us > INT64_MAX / 1000 ? INT64_MAX : (int64_t)us * 1000;
	else
		conf_say(c, K_VALUE, 1, "'%s' is ignored", conf_word(c, 0));
}

static void retry(struct conf_ctx *c)
{
	unsigned int n;

	if (!conf_uint(c, 1, 0, UINT_MAX, true, &n))
		conf_say(c, K_VALUE, 1, "'%s' is ignored", conf_word(c, 0));
	else
		conf_checker(c)->retry = n > INT_MAX ? INT_MAX : (int)n;
}

static void delay_before_retry(struct conf_ctx *c)
{
	take_time(c, 0, ULONG_MAX - 1, &conf_checker(c)->delay_before_retry_ns);
}

static void warmup(struct conf_ctx *c)
{
	take_time(c, 0, ULONG_MAX - 1, &conf_checker(c)->warmup_ns);
}

static void delay_loop(struct conf_ctx *c)
{
	take_time(c, 1, ULONG_MAX - 1, &conf_checker(c)->delay_loop_ns);
}

static void alpha(struct conf_ctx *c)
{
	int on = conf_switch(c);

	if (on >= 0)
		conf_checker(c)->alpha = (signed char)on;
}

static void log_all_failures(struct conf_ctx *c)
{
	int on = conf_switch(c);

	if (on >= 0)
		conf_checker(c)->log_all_failures = on;
}

/* --- of those that connect --- */

/* The checker, of which something about its connection is said. */
static struct checker_conf *connecting(struct conf_ctx *c)
{
	if (!c->lvs->in_host)
		c->lvs->connection_set = true;
	return conf_checker(c);
}

static void connect_ip(struct conf_ctx *c)
{
	struct checker_conf *k = connecting(c);
	struct conf_addr addr;

	if (!conf_addr_text(conf_word(c, 1), &addr))
		conf_say(c, K_ADDRESS, 1, "'%s' is no address; ignored", conf_word(c, 1));
	else if (k->bindto.family && k->bindto.family != addr.family)
		conf_say(c, K_ADDRESS, 1, "connect_ip and bindto are of different families; "
					  "ignored");
	else
		k->connect_ip = addr;
}

static void take_port(struct conf_ctx *c, int *port)
{
	unsigned int n;

	if (conf_uint(c, 1, 1, 65535, true, &n))
		*port = (int)n;
	else
		conf_say(c, K_VALUE, 1, "'%s' is ignored", conf_word(c, 0));
}

static void connect_port(struct conf_ctx *c)
{
	take_port(c, &connecting(c)->connect_port);
}

static void bindto(struct conf_ctx *c)
{
	struct checker_conf *k = connecting(c);
	struct conf_addr addr;

	if (!conf_addr_text(conf_word(c, 1), &addr))
		conf_say(c, K_ADDRESS, 1, "'%s' is no address; ignored", conf_word(c, 1));
	else if (k->connect_ip.family && k->connect_ip.family != addr.family)
		conf_say(c, K_ADDRESS, 1, "bindto and connect_ip are of different families; "
					  "ignored");
	else
		k->bindto = addr;
}

static void bind_port(struct conf_ctx *c)
{
	take_port(c, &connecting(c)->bind_port);
}

static void bind_if(struct conf_ctx *c)
{
	struct checker_conf *k = connecting(c);

	if (strlen(conf_word(c, 1)) >= IFNAMSIZ) {
		conf_say(c, K_INTERFACE, 1, "'%s' is too long for an interface; ignored",
			 conf_word(c, 1));
		return;
	}
	free(k->bind_if);
	k->bind_if = conf_dup(c, 1);
}

static void connect_timeout(struct conf_ctx *c)
{
	take_time(c, 1, UINT_MAX, &connecting(c)->connect_timeout_ns);
}

static void fwmark(struct conf_ctx *c)
{
	unsigned int n;

	if (conf_uint(c, 1, 0, UINT_MAX, true, &n))
		connecting(c)->fwmark = n;
	else
		conf_say(c, K_VALUE, 1, "fwmark is ignored");
}

/* Where it connects; a checker that cannot is dropped. */
static bool can_connect(struct conf_ctx *c)
{
	struct checker_conf *k = conf_checker(c);
	struct conf_pos pos = conf_real_pos(c, conf_service(c), conf_real(c));

	if (!conf_addr_link_local(&k->connect_ip) || k->bind_if)
		return true;
	conf_say_at(c, K_CHECKER, &pos,
		    "a checker of a link-local address needs bind_if; it is left out");
	conf_checker_drop(c);
	return false;
}

static void connecting_end(struct conf_ctx *c)
{
	can_connect(c);
}

/* Words in the order of their names, in the places that a table has for them. */
#define COMMON_A { .name = "alpha", .fn = alpha }
#define CONNECT_B                                                                       \
	{ .name = "bind_if", .fn = bind_if }, { .name = "bind_port", .fn = bind_port }, \
	{ .name = "bindto", .fn = bindto }
#define CONNECT_C                                                                       \
	{ .name = "connect_ip", .fn = connect_ip },                                     \
		{ .name = "connect_port", .fn = connect_port },                         \
	{                                                                               \
		.name = "connect_timeout", .fn = connect_timeout                        \
	}
#define COMMON_D                                                                        \
	{ .name = "delay_before_retry", .fn = delay_before_retry },                     \
	{                                                                               \
		.name = "delay_loop", .fn = delay_loop                                  \
	}
#define CONNECT_F { .name = "fwmark", .fn = fwmark }
#define COMMON_L { .name = "log_all_failures", .fn = log_all_failures }
#define COMMON_R { .name = "retry", .fn = retry }
#define COMMON_W { .name = "warmup", .fn = warmup }

/* --- TCP_CHECK, PING_CHECK --- */

static const struct conf_kw tcp_words[] = {
	COMMON_A, CONNECT_B, CONNECT_C, COMMON_D, CONNECT_F, COMMON_L, COMMON_R, COMMON_W,
};

const struct conf_block conf_tcp_block =
	CONF_BLOCK(tcp_words, connecting_end, conf_real_alive, "TCP_CHECK");
const struct conf_block conf_ping_block =
	CONF_BLOCK(tcp_words, connecting_end, conf_real_alive, "PING_CHECK");

/* --- HTTP_GET, SSL_GET --- */

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

static int hex_digit(char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	ch |= 0x20;
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
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
		conf_say(c, K_VALUE, 1, "a digest has 32 hexadecimal digits, not %zu; ignored",
			 strlen(text));
		return;
	}
	for (i = 0; i < sizeof(md5); i++) {
		int hi = hex_digit(text[2 * i]), lo = hex_digit(text[2 * i + 1]);

		if (hi < 0 || lo < 0) {
			conf_say(c, K_VALUE, 1, "'%.2s' is not hexadecimal; digest is ignored",
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
			conf_say(c, K_VALUE, i, "'%s' is no HTTP status 100-599; ignored",
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

	if (!words || !words[1] || words[2])
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
	"allow_empty_class", "alt_bsux",	  "auto_callout",
	"caseless",	     "dollar_endonly",	  "dotall",
	"dupnames",	     "extended",	  "firstline",
	"match_unset_backref", "multiline",	  "never_ucp",
	"never_utf",	     "no_auto_capture",	  "no_auto_possess",
	"no_dotstar_anchor", "no_start_optimize", "ucp",
	"ungreedy",	     "utf",		  "never_backslash_c",
	"alt_circumflex",    "alt_verbnames",	  "use_offset_limit",
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
			    "regex_min_offset is beyond regex_max_offset; both are ignored");
		u->regex_min = u->regex_max = 0;
	}
	if (u->path)
		return;
	conf_say_at(c, K_CHECKER, &c->lvs->url_pos, "this url has no path; left out");
	url_clear(u);
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
	conf_say(c, K_DEPRECATED, 0, "nb_get_retry is now 'retry'; it works all the same");
	retry(c);
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
		conf_say(c, K_VALUE, 1, "http_protocol is 1.0, 1.0C or 1.1, not '%s'; ignored",
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
		can_connect(c);
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

/* --- MISC_CHECK --- */

static void misc_path(struct conf_ctx *c)
{
	struct checker_conf *k;
	char **argv;

	if (dropped(c))
		return;
	argv = conf_script_argv(c);
	if (!argv)
		return;
	k = conf_checker(c);
	conf_words_free(k->misc->argv);
	k->misc->argv = argv;
	c->lvs->misc_pos = conf_here(c, 1);
}

static void misc_timeout(struct conf_ctx *c)
{
	unsigned int n;

	if (dropped(c))
		return;
	if (conf_uint(c, 1, 0, UINT_MAX / US, true, &n))
		conf_checker(c)->misc->timeout_ns = n * INT64_C(1000000000);
	else
		conf_say(c, K_VALUE, 1, "misc_timeout is ignored");
}

static void misc_dynamic(struct conf_ctx *c)
{
	if (!dropped(c))
		conf_checker(c)->misc_dynamic = true;
}

static void misc_user(struct conf_ctx *c)
{
	struct conf_script *s;
	unsigned int uid, gid;

	if (dropped(c))
		return;
	if (conf_nword(c) < 2) {
		conf_say(c, K_USER, 1, "user needs a name; ignored");
		return;
	}
	s = conf_checker(c)->misc;
	c->lvs->user_set = conf_script_user(c, 1, s, &uid, &gid);
	if (c->lvs->user_set || c->give_up)
		return;
	conf_say(c, K_USER, 1, "there is no such user; the checker is left out");
	conf_checker_drop(c);
	c->lvs->dropped = true;
}

static void misc_end(struct conf_ctx *c)
{
	struct conf_pos pos = conf_real_pos(c, conf_service(c), conf_real(c));
	struct checker_conf *k;
	unsigned int uid, gid;

	if (c->lvs->dropped) {
		c->lvs->dropped = false;
		return;
	}
	k = conf_checker(c);
	if (!k->misc->argv) {
		conf_say_at(c, K_CHECKER, &pos, "MISC_CHECK without misc_path; left out");
		conf_checker_drop(c);
	} else if (!c->lvs->user_set &&
		   !conf_script_default_user(c, k->misc, &uid, &gid)) {
		conf_say_at(c, K_USER, &pos, "there is nobody to run it as; left out");
		conf_checker_drop(c);
	}
}

static const struct conf_kw misc_words[] = {
	COMMON_A,
	COMMON_D,
	COMMON_L,
	{ .name = "misc_dynamic", .fn = misc_dynamic },
	{ .name = "misc_path", .fn = misc_path },
	{ .name = "misc_timeout", .fn = misc_timeout },
	COMMON_R,
	{ .name = "user", .fn = misc_user },
	COMMON_W,
};

const struct conf_block conf_misc_block =
	CONF_BLOCK(misc_words, misc_end, conf_real_alive, "MISC_CHECK");

/* --- DNS_CHECK --- */

static void dns_type(struct conf_ctx *c)
{
	static const struct {
		const char *name;
		uint16_t type;
	} types[] = {
		{ "A", 1 },	 { "NS", 2 },	 { "CNAME", 5 },   { "SOA", 6 },
		{ "MX", 15 },	 { "TXT", 16 },	 { "AAAA", 28 },   { "RRSIG", 46 },
		{ "DNSKEY", 48 },
	};
	const char *name = conf_word(c, 1);
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcasecmp(types[i].name, name)) {
			conf_checker(c)->dns_type = types[i].type;
			return;
		}
	conf_say(c, K_VALUE, 1, "'%s' is no record type that is known here; ignored", name);
}

static void dns_name(struct conf_ctx *c)
{
	struct checker_conf *k = conf_checker(c);
	const char *name = conf_word(c, 1);

	if (c->give_up)
		return;
	if (k->dns_name)
		conf_say(c, K_DUPLICATE, 1, "a second name, ignored");
	else if ((name[0] == '.' && name[1]) || strstr(name, ".."))
		conf_say(c, K_VALUE, 1, "'%s' has an empty label; ignored", name);
	else if (name[0] && name[1] == '.')
		conf_say(c, K_VALUE, 1,
			 "'%s': keepalived 2.2.7 takes a first label of one letter for "
			 "an empty one; ignored",
			 name);
	else
		k->dns_name = conf_dup(c, 1);
}

static void dns_end(struct conf_ctx *c)
{
	if (can_connect(c) && !conf_checker(c)->dns_name)
		conf_checker(c)->dns_name = conf_strdup(c, "");
}

static const struct conf_kw dns_words[] = {
	COMMON_A,
	CONNECT_B,
	CONNECT_C,
	COMMON_D,
	CONNECT_F,
	COMMON_L,
	{ .name = "name", .fn = dns_name },
	COMMON_R,
	{ .name = "type", .fn = dns_type },
	COMMON_W,
};

const struct conf_block conf_dns_block =
	CONF_BLOCK(dns_words, dns_end, conf_real_alive, "DNS_CHECK");

/* --- SMTP_CHECK --- */

static void helo_name(struct conf_ctx *c)
{
	struct checker_conf *k = conf_checker(c);

	if (conf_nword(c) < 2) {
		conf_say(c, K_VALUE, 1, "helo_name needs a name");
		return;
	}
	free(k->helo_name);
	k->helo_name = conf_dup(c, 1);
}

static void host_start(struct conf_ctx *c)
{
	const struct lvs_real_conf *r = conf_real(c);

	c->lvs->host = (struct checker_conf){ .connect_ip = r->addr,
					      .connect_port = r->port,
					      .connect_timeout_ns = UNSET_NS };
	c->lvs->in_host = true;
}

static void host_end(struct conf_ctx *c)
{
	struct lvs_build *b = c->lvs;
	struct checker_conf *more;

	c->lvs->in_host = false;
	more = conf_grow(c, b->hosts, &b->nhosts, sizeof(*more));
	if (!more)
		return;
	b->hosts = more;
	more[b->nhosts - 1] = b->host;
	memset(&b->host, 0, sizeof(b->host));
}

static const struct conf_kw host_words[] = {
	COMMON_A, CONNECT_B, CONNECT_C, COMMON_D, CONNECT_F, COMMON_L, COMMON_R, COMMON_W,
};

const struct conf_block conf_host_block =
	CONF_BLOCK(host_words, host_end, conf_real_alive, "host");

/* Makes `k` connect as a host block says. */
static void take_host(struct checker_conf *k, struct checker_conf *host)
{
	k->connect_ip = host->connect_ip;
	k->connect_port = host->connect_port;
	k->bindto = host->bindto;
	k->bind_port = host->bind_port;
	free(k->bind_if);
	k->bind_if = host->bind_if;
	host->bind_if = NULL;
	k->fwmark = host->fwmark;
	if (host->connect_timeout_ns != UNSET_NS)
		k->connect_timeout_ns = host->connect_timeout_ns;
}

/*
 * Each host block is a checker of its own; so are the words beside them, unless
 * there are none about the connection.
 */
static void add_hosts(struct conf_ctx *c)
{
	struct lvs_build *b = c->lvs;
	size_t i = 0;

	if (b->nhosts && !b->connection_set)
		take_host(conf_checker(c), &b->hosts[i++]);
	for (; i < b->nhosts; i++) {
		struct checker_conf like = *conf_checker(c), *k;

		k = conf_checker_add(c, CHECK_SMTP);
		if (!k)
			break;
		*k = like;
		k->helo_name = like.helo_name ? conf_strdup(c, like.helo_name) : NULL;
		k->bind_if = NULL;
		take_host(k, &b->hosts[i]);
	}
	while (b->nhosts)
		conf_checker_clear(&b->hosts[--b->nhosts]);
	free(b->hosts);
	b->hosts = NULL;
}

static void smtp_end(struct conf_ctx *c)
{
	struct checker_conf *k = conf_checker(c);
	const struct lvs_timing *r = &c->lvs->real[c->lvs->nreal - 1];

	if (!k->helo_name)
		k->helo_name = conf_strdup(c, "smtpchecker.keepalived.org");
	/* What the servers say below this checker comes too late for it. */
	if (k->connect_timeout_ns == UNSET_NS)
		k->connect_timeout_ns = r->connect_timeout_ns != UNSET_NS ?
						r->connect_timeout_ns :
						c->lvs->service.connect_timeout_ns;
	if (can_connect(c))
		add_hosts(c);
}

static const struct conf_kw smtp_words[] = {
	COMMON_A,
	CONNECT_B,
	CONNECT_C,
	COMMON_D,
	CONNECT_F,
	{ .name = "helo_name", .fn = helo_name },
	{ .name = "host", .fn = host_start, .sub = &conf_host_block },
	COMMON_L,
	COMMON_R,
	COMMON_W,
};

const struct conf_block conf_smtp_block =
	CONF_BLOCK(smtp_words, smtp_end, conf_real_alive, "SMTP_CHECK");

/* --- UDP_CHECK --- */

static struct udp_check_conf *udp(struct conf_ctx *c)
{
	struct checker_conf *k = conf_checker(c);

	if (!k->udp) {
		k->udp = calloc(1, sizeof(*k->udp));
		if (!k->udp)
			conf_nomem(c);
		else
			k->udp->max_reply_len = 255;
	}
	return k->udp;
}

/* One hexadecimal digit of a reply; x is any. Returns -1 for anything else. */
static int nibble(char ch, bool wild, uint8_t *mask)
{
	*mask = wild && (ch | 0x20) == 'x' ? 0x0f : 0;
	return *mask ? 0 : hex_digit(ch);
}

/*
 * The words from 1 on as bytes: digits in pairs, or alone before a blank.
 * Returns how many, 0 when there are none or one is no digit.
 */
static uint16_t hex_words(struct conf_ctx *c, uint8_t **data, uint8_t **mask)
{
	size_t len = strlen(c->line->text) + 1, i, n = 0;
	uint8_t *bytes = calloc(1, len), *bits = calloc(1, len);
	bool wild = false;

	if (!bytes || !bits)
		conf_nomem(c);
	for (i = 1; i < conf_nword(c) && bytes && bits; i++) {
		const char *p = conf_word(c, i);

		while (*p) {
			uint8_t m, m2 = 0;
			int v, v2;

			if (*p == ' ' || *p == '\t') {
				p++;
				continue;
			}
			v = nibble(*p++, mask, &m);
			if (v >= 0 && *p && *p != ' ') {
				v2 = nibble(*p++, mask, &m2);
				v = v2 < 0 ? -1 : v << 4 | v2;
				m = (uint8_t)(m << 4 | m2);
			}
			if (v < 0)
				goto bad;
			wild |= m != 0;
			bytes[n] = (uint8_t)v;
			bits[n++] = m;
		}
	}
	/* keepalived 2.2.7 takes a last byte of ff for a mistake. */
	if (n && n <= UINT16_MAX && bytes && bits && bytes[n - 1] != 0xff) {
		free(*data);
		*data = bytes;
		if (mask) {
			free(*mask);
			*mask = wild ? bits : NULL;
		}
		if (!mask || !wild)
			free(bits);
		return (uint16_t)n;
	}
bad:
	free(bytes);
	free(bits);
	return 0;
}

static void payload(struct conf_ctx *c)
{
	struct udp_check_conf *u = udp(c);
	uint16_t n;

	if (conf_nword(c) < 2) {
		conf_say(c, K_VALUE, 1, "payload needs hexadecimal digits");
		return;
	}
	if (!u)
		return;
	n = hex_words(c, &u->payload, NULL);
	if (!n)
		conf_say(c, K_VALUE, 1, "payload is no hexadecimal text, or ends in ff; ignored");
	else
		u->payload_len = n;
}

static void require_reply(struct conf_ctx *c)
{
	struct udp_check_conf *u = udp(c);
	uint16_t n;

	if (!u)
		return;
	u->require_reply = true;
	if (conf_nword(c) < 2)
		return;
	n = hex_words(c, &u->reply, &u->reply_mask);
	if (!n)
		conf_say(c, K_VALUE, 1, "require_reply is no hexadecimal text; any reply will "
					"do");
	else
		u->reply_len = n;
}

static void take_length(struct conf_ctx *c, uint16_t *out)
{
	unsigned int n;

	if (conf_uint(c, 1, 0, UINT16_MAX, false, &n))
		*out = (uint16_t)n;
	else
		conf_say(c, K_VALUE, 1, "'%s' is ignored", conf_word(c, 0));
}

static void min_reply_length(struct conf_ctx *c)
{
	struct udp_check_conf *u = udp(c);

	if (u)
		take_length(c, &u->min_reply_len);
}

static void max_reply_length(struct conf_ctx *c)
{
	struct udp_check_conf *u = udp(c);

	if (u)
		take_length(c, &u->max_reply_len);
}

static void udp_end(struct conf_ctx *c)
{
	struct conf_pos pos = conf_real_pos(c, conf_service(c), conf_real(c));
	const struct udp_check_conf *u;

	if (!can_connect(c))
		return;
	u = conf_checker(c)->udp;
	if (u && u->min_reply_len > u->max_reply_len)
		conf_say_at(c, K_CONFLICT, &pos,
			    "min_reply_length is above max_reply_length: it always fails");
}

static const struct conf_kw udp_words[] = {
	COMMON_A,
	CONNECT_B,
	CONNECT_C,
	COMMON_D,
	CONNECT_F,
	COMMON_L,
	{ .name = "max_reply_length", .fn = max_reply_length },
	{ .name = "min_reply_length", .fn = min_reply_length },
	{ .name = "payload", .fn = payload },
	{ .name = "require_reply", .fn = require_reply },
	COMMON_R,
	COMMON_W,
};

const struct conf_block conf_udp_block =
	CONF_BLOCK(udp_words, udp_end, conf_real_alive, "UDP_CHECK");

/* --- FILE_CHECK, BFD_CHECK: known, not acted upon --- */

static void track_file(struct conf_ctx *c)
{
	c->lvs->file_known = conf_named(c, NAMED_TRACK_FILE, conf_word(c, 1));
	if (!c->lvs->file_known)
		conf_say(c, K_CHECKER, 1, "there is no track_file '%s' above", conf_word(c, 1));
}

static void file_weight(struct conf_ctx *c)
{
	int n;

	if (conf_nword(c) < 2)
		conf_say(c, K_VALUE, 1, "weight needs a number");
	else if (!conf_int(c, 1, -INT32_MAX, INT32_MAX, true, &n))
		conf_say(c, K_VALUE, 1, "weight is ignored");
	else if (conf_nword(c) > 2 && !conf_is(c, 2, "reverse") &&
		 !conf_is(c, 2, "noreverse"))
		conf_say(c, K_VALUE, 2, "weight knows no '%s'; ignored", conf_word(c, 2));
}

static void file_end(struct conf_ctx *c)
{
	struct conf_pos pos = conf_real_pos(c, conf_service(c), conf_real(c));

	if (!c->lvs->file_known)
		conf_say_at(c, K_CHECKER, &pos, "FILE_CHECK without a track_file; left out");
	c->lvs->file_known = false;
}

static const struct conf_kw file_words[] = {
	{ .name = "track_file", .fn = track_file },
	{ .name = "weight", .fn = file_weight },
};

const struct conf_block conf_file_block =
	CONF_BLOCK(file_words, file_end, conf_real_alive, "FILE_CHECK");

static void bfd_name(struct conf_ctx *c)
{
	c->lvs->bfd_named = true;
	if (conf_nword(c) != 2)
		conf_say(c, K_CHECKER, 1, "BFD_CHECK needs one name; left out");
	else if (!conf_named(c, NAMED_BFD, conf_word(c, 1)))
		conf_say(c, K_CHECKER, 1, "there is no bfd_instance '%s'; left out",
			 conf_word(c, 1));
}

static void bfd_alpha(struct conf_ctx *c)
{
	conf_switch(c);
}

static void bfd_end(struct conf_ctx *c)
{
	struct conf_pos pos = conf_real_pos(c, conf_service(c), conf_real(c));

	if (!c->lvs->bfd_named)
		conf_say_at(c, K_CHECKER, &pos, "BFD_CHECK without a name; left out");
	c->lvs->bfd_named = false;
}

static const struct conf_kw bfd_words[] = {
	{ .name = "alpha", .fn = bfd_alpha },
	{ .name = "name", .fn = bfd_name },
};

const struct conf_block conf_bfd_check_block =
	CONF_BLOCK(bfd_words, bfd_end, conf_real_alive, "BFD_CHECK");
