/* The words of UDP_CHECK. */
#include <stdlib.h>
#include <string.h>

#include "conf_check.h"

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
	return *mask ? 0 : conf_hex_digit(ch);
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
		conf_say(c, K_VALUE, 1,
			 "payload is no hexadecimal text, or ends in ff; ignored");
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
		conf_say(c, K_VALUE, 1,
			 "require_reply is no hexadecimal text; any reply will "
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

	if (!conf_check_can_connect(c))
		return;
	u = conf_checker(c)->udp;
	if (u && u->min_reply_len > u->max_reply_len)
		conf_say_at(
			c, K_CONFLICT, &pos,
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
