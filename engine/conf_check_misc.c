/* The words of MISC_CHECK, DNS_CHECK and SMTP_CHECK. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "conf_check.h"

#define US 1000000

/* --- MISC_CHECK --- */

static void misc_path(struct conf_ctx *c)
{
	struct checker_conf *k;
	char **argv;

	if (conf_check_dropped(c))
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

	if (conf_check_dropped(c))
		return;
	if (conf_uint(c, 1, 0, UINT_MAX / US, true, &n))
		conf_checker(c)->misc->timeout_ns = n * INT64_C(1000000000);
	else
		conf_say(c, K_VALUE, 1, "misc_timeout is ignored");
}

static void misc_dynamic(struct conf_ctx *c)
{
	if (!conf_check_dropped(c))
		conf_checker(c)->misc_dynamic = true;
}

static void misc_user(struct conf_ctx *c)
{
	struct conf_script *s;
	unsigned int uid, gid;

	if (conf_check_dropped(c))
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
		conf_say_at(c, K_CHECKER, &pos,
			    "MISC_CHECK without misc_path; left out");
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
		{ "A", 1 },	{ "NS", 2 },	 { "CNAME", 5 },
		{ "SOA", 6 },	{ "MX", 15 },	 { "TXT", 16 },
		{ "AAAA", 28 }, { "RRSIG", 46 }, { "DNSKEY", 48 },
	};
	const char *name = conf_word(c, 1);
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcasecmp(types[i].name, name)) {
			conf_checker(c)->dns_type = types[i].type;
			return;
		}
	conf_say(c, K_VALUE, 1, "'%s' is no record type that is known here; ignored",
		 name);
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
	if (conf_check_can_connect(c) && !conf_checker(c)->dns_name)
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
	COMMON_A,  CONNECT_B, CONNECT_C, COMMON_D,
	CONNECT_F, COMMON_L,  COMMON_R,	 COMMON_W,
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
		k->connect_timeout_ns = r->connect_timeout_ns != UNSET_NS
						? r->connect_timeout_ns
						: c->lvs->service.connect_timeout_ns;
	if (conf_check_can_connect(c))
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
