/* virtual_server: when it counts as up, and who says sorry when it does not. */
#include <limits.h>
#include <stdlib.h>

#include "conf_lvs.h"

/* --- quorum --- */

static void quorum(struct conf_ctx *c)
{
	unsigned int n;

	if (!conf_uint(c, 1, 1, UINT_MAX, true, &n)) {
		conf_say(c, K_VALUE, 1, "quorum is taken as 1");
		n = 1;
	}
	conf_service(c)->quorum = n;
}

static void hysteresis(struct conf_ctx *c)
{
	unsigned int n;

	if (conf_uint(c, 1, 0, UINT_MAX, true, &n))
		conf_service(c)->hysteresis = n;
	else
		conf_say(c, K_VALUE, 1, "hysteresis is ignored");
}

static void quorum_up(struct conf_ctx *c)
{
	conf_lvs_notify(c, &conf_service(c)->quorum_up);
}

static void quorum_down(struct conf_ctx *c)
{
	conf_lvs_notify(c, &conf_service(c)->quorum_down);
}

/* --- sorry_server --- */

static void sorry_server(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);
	struct lvs_real_conf *r;
	struct conf_addr addr;
	const char *text = conf_word(c, 1);
	int port;

	if (c->give_up)
		return;
	if (!conf_port(c, 2, &port) || !conf_addr_text(text, &addr)) {
		conf_say(c, K_SERVER, 1,
			 "'%s' is no address and port; there is no sorry server", text);
		return;
	}
	r = calloc(1, sizeof(*r));
	if (!r) {
		conf_nomem(c);
		return;
	}
	r->addr = addr;
	r->port = port;
	r->weight = 1;
	r->forward = s->forward;
	r->tun_type = c->lvs->tun_type;
	r->tun_port = c->lvs->tun_port;
	r->tun_flags = c->lvs->tun_flags;
	r->line = conf_here(c, 1).line;
	if (s->sorry)
		conf_real_clear(s->sorry);
	free(s->sorry);
	s->sorry = r;
}

static void sorry_inhibit(struct conf_ctx *c)
{
	struct lvs_service_conf *s = conf_service(c);

	if (s->sorry)
		s->sorry_inhibit = s->sorry->inhibit = true;
	else
		conf_say(c, K_SERVER, 0,
			 "sorry_server_inhibit stands before a sorry_server; "
			 "ignored");
}

static void sorry_method(struct conf_ctx *c)
{
	if (conf_service(c)->sorry)
		conf_real_method(c, conf_service(c)->sorry);
	else
		conf_say(c, K_SERVER, 0,
			 "sorry_server_lvs_method stands before a sorry_server; "
			 "ignored");
}

static const struct conf_kw words[] = {
	{ .name = "hysteresis", .fn = hysteresis },
	{ .name = "quorum", .fn = quorum },
	{ .name = "quorum_down", .fn = quorum_down },
	{ .name = "quorum_up", .fn = quorum_up },
	{ .name = "sorry_server", .fn = sorry_server },
	{ .name = "sorry_server_inhibit", .fn = sorry_inhibit },
	{ .name = "sorry_server_lvs_method", .fn = sorry_method },
};

const struct conf_words conf_lvs_quorum_words = CONF_WORDS(words);
