/* virtual_server: what kind of service it is, how it is balanced, how long it sticks. */
#include <arpa/inet.h>
#include <linux/ip_vs.h>
#include <stdlib.h>
#include <string.h>

#include "conf_lvs.h"

static void ip_family(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);
	int family = conf_is(c, 1, "inet")    ? AF_INET
		     : conf_is(c, 1, "inet6") ? AF_INET6
					      : 0;

	if (!family)
		conf_say(c, K_VALUE, 1, "ip_family is inet or inet6, not '%s'; ignored",
			 conf_word(c, 1));
	else if (s->family && s->family != family)
		conf_say(c, K_CONFLICT, 1,
			 "ip_family does not go with the address; ignored");
	else
		s->family = family;
}

static void lb_algo(struct conf_ctx *c)
{
	static const char *const known[] = { "rr",    "wrr", "lc", "wlc", "lblc",
					     "sh",    "mh",  "dh", "fo",  "ovf",
					     "lblcr", "sed", "nq", "twos" };
	struct lvs_service_conf *s = conf_service(c);
	const char *name = conf_word(c, 1);
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i], name)) {
			s->scheduler = known[i];
			return;
		}
	if (!c->give_up)
		conf_say(c, K_VALUE, 1, "IPVS has no scheduler '%s'; ignored", name);
}

static void flag(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);
	const char *word = conf_word(c, 0);
	bool hash = s->scheduler &&
		    (!strcmp(s->scheduler, "sh") || !strcmp(s->scheduler, "mh"));

	if (!strcmp(word, "ops"))
		s->one_packet = true;
	else if (!strncmp(word, "flag-", 5))
		s->sched_flags |= word[5] == '1'   ? IP_VS_SVC_F_SCHED1
				  : word[5] == '2' ? IP_VS_SVC_F_SCHED2
						   : IP_VS_SVC_F_SCHED3;
	else if (!hash)
		conf_say(c, K_VALUE, 0,
			 "'%s' is for lb_algo sh or mh, set above it; ignored", word);
	else if (!strncmp(word, s->scheduler, 2))
		s->sched_flags |= !strcmp(word + 2, "-port") ? IP_VS_SVC_F_SCHED2
							     : IP_VS_SVC_F_SCHED1;
}

static void lb_kind(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);
	struct lvs_build *b = c->lvs;
	struct lvs_method m = { s->forward, b->tun_type, b->tun_port, b->tun_flags };

	conf_lvs_method(c, &m);
	s->forward = m.forward;
	b->tun_type = m.tun_type;
	b->tun_port = m.tun_port;
	b->tun_flags = m.tun_flags;
}

static void protocol(struct conf_ctx *c)
{
	const char *name = conf_word(c, 1);

	if (c->give_up)
		return;
	if (!strcasecmp(name, "TCP"))
		conf_service(c)->protocol = IPPROTO_TCP;
	else if (!strcasecmp(name, "UDP"))
		conf_service(c)->protocol = IPPROTO_UDP;
	else if (!strcasecmp(name, "SCTP"))
		conf_service(c)->protocol = IPPROTO_SCTP;
	else
		conf_say(c, K_VALUE, 1,
			 "protocol is TCP, UDP or SCTP, not '%s'; ignored", name);
}

static void persistence_timeout(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);
	unsigned int n;

	if (conf_nword(c) < 2)
		s->persistence_s = PERSISTENCE_DEFAULT;
	else if (conf_uint(c, 1, 1, 86400 * 31, false, &n))
		s->persistence_s = n;
	else
		conf_say(c, K_VALUE, 1, "persistence_timeout is ignored");
}

static void persistence_engine(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);

	if (strlen(conf_word(c, 1)) >= IP_VS_PENAME_MAXLEN)
		conf_say(c, K_VALUE, 1, "this name is cut to %d characters",
			 IP_VS_PENAME_MAXLEN - 1);
	free(s->pe_name);
	s->pe_name = conf_dup(c, 1);
	if (s->pe_name && strlen(s->pe_name) >= IP_VS_PENAME_MAXLEN)
		s->pe_name[IP_VS_PENAME_MAXLEN - 1] = '\0';
}

/* An IPv4 netmask as inet_aton reads it: 255.255.255.0, 0xffffff00. */
static void persistence_granularity(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);
	const char *text = conf_word(c, 1);
	int family = s->family ? s->family : strchr(text, '.') ? AF_INET : AF_INET6;
	struct in_addr mask;
	unsigned int n;

	if (c->give_up)
		return;
	if (family == AF_INET6 ? !conf_uint(c, 1, 1, 128, false, &n)
			       : !inet_aton(text, &mask)) {
		conf_say(c, K_VALUE, 1, "persistence_granularity is ignored");
		return;
	}
	s->persistence_granularity = family == AF_INET6 ? n : mask.s_addr;
	s->family = family;
	if (!s->persistence_s)
		s->persistence_s = PERSISTENCE_DEFAULT;
}

static const struct conf_kw words[] = {
	{ .name = "flag-1", .fn = flag },
	{ .name = "flag-2", .fn = flag },
	{ .name = "flag-3", .fn = flag },
	{ .name = "hashed", .fn = flag },
	{ .name = "ip_family", .fn = ip_family },
	{ .name = "lb_algo", .fn = lb_algo },
	{ .name = "lb_kind", .fn = lb_kind },
	{ .name = "lvs_method", .fn = lb_kind },
	{ .name = "lvs_sched", .fn = lb_algo },
	{ .name = "mh-fallback", .fn = flag },
	{ .name = "mh-port", .fn = flag },
	{ .name = "ops", .fn = flag },
	{ .name = "persistence_engine", .fn = persistence_engine },
	{ .name = "persistence_granularity", .fn = persistence_granularity },
	{ .name = "persistence_timeout", .fn = persistence_timeout },
	{ .name = "protocol", .fn = protocol },
	{ .name = "sh-fallback", .fn = flag },
	{ .name = "sh-port", .fn = flag },
};

const struct conf_words conf_lvs_kind_words = CONF_WORDS(words);
