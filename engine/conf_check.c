/* Checkers: what they have in common, and those with no words of their own. */
#include <limits.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "conf_check.h"

struct checker_conf *conf_checker(struct conf_ctx *c)
{
	struct lvs_real_conf *r = conf_real(c);

	if (c->lvs->in_host)
		return &c->lvs->host;
	return c->lvs->dropped || !r->nchecker ? &c->lvs->scratch
					       : &r->checker[r->nchecker - 1];
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

void conf_url_clear(struct http_url_conf *u)
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
			conf_url_clear(&k->url[--k->nurl]);
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

bool conf_check_dropped(struct conf_ctx *c)
{
	return c->lvs->dropped || !conf_real(c)->nchecker;
}

int conf_hex_digit(char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	ch |= 0x20;
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
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

void conf_check_retry(struct conf_ctx *c)
{
	unsigned int n;

	if (!conf_uint(c, 1, 0, UINT_MAX, true, &n))
		conf_say(c, K_VALUE, 1, "'%s' is ignored", conf_word(c, 0));
	else
		conf_checker(c)->retry = n > INT_MAX ? INT_MAX : (int)n;
}

void conf_check_delay_before_retry(struct conf_ctx *c)
{
	take_time(c, 0, ULONG_MAX - 1, &conf_checker(c)->delay_before_retry_ns);
}

void conf_check_warmup(struct conf_ctx *c)
{
	take_time(c, 0, ULONG_MAX - 1, &conf_checker(c)->warmup_ns);
}

void conf_check_delay_loop(struct conf_ctx *c)
{
	take_time(c, 1, ULONG_MAX - 1, &conf_checker(c)->delay_loop_ns);
}

void conf_check_alpha(struct conf_ctx *c)
{
	int on = conf_switch(c);

	if (on >= 0)
		conf_checker(c)->alpha = (signed char)on;
}

void conf_check_log_all_failures(struct conf_ctx *c)
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

void conf_check_connect_ip(struct conf_ctx *c)
{
	struct checker_conf *k = connecting(c);
	struct conf_addr addr;

	if (!conf_addr_text(conf_word(c, 1), &addr))
		conf_say(c, K_ADDRESS, 1, "'%s' is no address; ignored",
			 conf_word(c, 1));
	else if (k->bindto.family && k->bindto.family != addr.family)
		conf_say(c, K_ADDRESS, 1,
			 "connect_ip and bindto are of different families; "
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

void conf_check_connect_port(struct conf_ctx *c)
{
	take_port(c, &connecting(c)->connect_port);
}

void conf_check_bindto(struct conf_ctx *c)
{
	struct checker_conf *k = connecting(c);
	struct conf_addr addr;

	if (!conf_addr_text(conf_word(c, 1), &addr))
		conf_say(c, K_ADDRESS, 1, "'%s' is no address; ignored",
			 conf_word(c, 1));
	else if (k->connect_ip.family && k->connect_ip.family != addr.family)
		conf_say(c, K_ADDRESS, 1,
			 "bindto and connect_ip are of different families; "
			 "ignored");
	else
		k->bindto = addr;
}

void conf_check_bind_port(struct conf_ctx *c)
{
	take_port(c, &connecting(c)->bind_port);
}

void conf_check_bind_if(struct conf_ctx *c)
{
	struct checker_conf *k = connecting(c);

	if (strlen(conf_word(c, 1)) >= IFNAMSIZ) {
		conf_say(c, K_INTERFACE, 1,
			 "'%s' is too long for an interface; ignored", conf_word(c, 1));
		return;
	}
	free(k->bind_if);
	k->bind_if = conf_dup(c, 1);
}

void conf_check_connect_timeout(struct conf_ctx *c)
{
	take_time(c, 1, UINT_MAX, &connecting(c)->connect_timeout_ns);
}

void conf_check_fwmark(struct conf_ctx *c)
{
	unsigned int n;

	if (conf_uint(c, 1, 0, UINT_MAX, true, &n))
		connecting(c)->fwmark = n;
	else
		conf_say(c, K_VALUE, 1, "fwmark is ignored");
}

/* Where it connects; a checker that cannot is dropped. */
bool conf_check_can_connect(struct conf_ctx *c)
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
	conf_check_can_connect(c);
}

/* --- TCP_CHECK, PING_CHECK --- */

static const struct conf_kw tcp_words[] = {
	COMMON_A,  CONNECT_B, CONNECT_C, COMMON_D,
	CONNECT_F, COMMON_L,  COMMON_R,	 COMMON_W,
};

const struct conf_block conf_tcp_block =
	CONF_BLOCK(tcp_words, connecting_end, conf_real_alive, "TCP_CHECK");
const struct conf_block conf_ping_block =
	CONF_BLOCK(tcp_words, connecting_end, conf_real_alive, "PING_CHECK");

/* --- FILE_CHECK, BFD_CHECK: known, not acted upon --- */

static void track_file(struct conf_ctx *c)
{
	c->lvs->file_known = conf_named(c, NAMED_TRACK_FILE, conf_word(c, 1));
	if (!c->lvs->file_known)
		conf_say(c, K_CHECKER, 1, "there is no track_file '%s' above",
			 conf_word(c, 1));
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
		conf_say(c, K_VALUE, 2, "weight knows no '%s'; ignored",
			 conf_word(c, 2));
}

static void file_end(struct conf_ctx *c)
{
	struct conf_pos pos = conf_real_pos(c, conf_service(c), conf_real(c));

	if (!c->lvs->file_known)
		conf_say_at(c, K_CHECKER, &pos,
			    "FILE_CHECK without a track_file; left out");
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
