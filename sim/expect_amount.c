/* Expectations of an amount (how long, how many, which share): their words. */
#include <stdlib.h>
#include <string.h>

#include "expect_subject.h"
#include "pattern.h"

static const struct {
	const char *text;
	enum op op;
} ops[] = {
	{ "<=", OP_LE }, { "<", OP_LT },  { ">=", OP_GE }, { ">", OP_GT },
	{ "==", OP_EQ }, { "=", OP_EQ },  { "!=", OP_NE },
};

static bool is_op(const struct cursor *c)
{
	size_t k;

	for (k = 0; k < sizeof(ops) / sizeof(ops[0]); k++)
		if (cursor_is(c, ops[k].text))
			return true;
	return false;
}

static int read_op(struct cursor *c, enum op *op)
{
	size_t k;

	for (k = 0; k < sizeof(ops) / sizeof(ops[0]); k++) {
		if (cursor_take(c, ops[k].text)) {
			*op = ops[k].op;
			return 0;
		}
	}
	if (cursor_word(c))
		block_error_at(c->d, c->s, c->i, "<=, <, >=, >, == or != belongs here, got '%s'",
			       cursor_word(c));
	else
		block_error_at(c->d, c->s, c->i, "<=, <, >=, >, == or != belongs here");
	return -1;
}

enum value_kind { V_SPAN, V_COUNT, V_SHARE, V_COUNT_OR_SHARE };

static int read_value(struct cursor *c, struct expect *e, enum value_kind kind)
{
	const char *w = cursor_word(c);
	bool percent = w && *w && w[strlen(w) - 1] == '%';

	if (kind == V_SPAN) {
		if (block_span(c->d, c->s, c->i, &e->value))
			return -1;
	} else if (kind == V_SHARE || (kind == V_COUNT_OR_SHARE && percent)) {
		if (block_percent(c->d, c->s, c->i, &e->share))
			return -1;
		e->percent = true;
	} else if (block_int(c->d, c->s, c->i, 0, INT64_MAX, &e->value)) {
		return -1;
	}
	c->i++;
	return 0;
}

/* [TRAFFIC] before an operator or the word `until`. */
static void opt_traffic(struct cursor *c, struct expect *e)
{
	if (cursor_word(c) && !is_op(c))
		e->traffic = cursor_name(c, &e->traffic_at, "the traffic");
}

static int end_of_quantity(struct cursor *c, struct expect *e, enum value_kind kind)
{
	enum mode mode = MODE_ALWAYS;

	if (read_op(c, &e->op) || read_value(c, e, kind) ||
	    window_parse(&e->window, &mode, c->s, &c->i, c->d))
		return -1;
	if (e->window.given && mode != MODE_ALWAYS && mode != MODE_WITHIN) {
		block_error_at(c->d, c->s, c->i - 1,
			       "a quantity counts over a time: after, before, between, within");
		return -1;
	}
	return 0;
}

int amount_traffic(struct cursor *c, struct expect *e)
{
	opt_traffic(c, e);
	switch (e->quantity) {
	case Q_LONGEST_GAP:
	case Q_TOTAL_GAP:
		return end_of_quantity(c, e, V_SPAN);
	case Q_OK:
	case Q_FAILED:
	case Q_REASON:
		return end_of_quantity(c, e, V_COUNT_OR_SHARE);
	default:
		return end_of_quantity(c, e, V_COUNT);
	}
}

static int read_quantile(struct cursor *c, struct expect *e)
{
	const char *w = cursor_word(c);
	char *end;

	if (cursor_take(c, "max")) {
		e->quantile = 1;
		return 0;
	}
	if (w && *w == 'p') {
		e->quantile = strtod(w + 1, &end) / 100;
		if (end != w + 1 && !*end && e->quantile > 0 && e->quantile < 1) {
			c->i++;
			return 0;
		}
	}
	block_error_at(c->d, c->s, c->i, "p50, p99, p99.9 or max belongs here, got '%s'",
		       w ? w : "nothing");
	return -1;
}

int amount_latency(struct cursor *c, struct expect *e)
{
	const char *w = cursor_word(c);

	if (w && strcmp(w, "max") && !(*w == 'p' && w[1] >= '0' && w[1] <= '9'))
		opt_traffic(c, e);
	if (read_quantile(c, e))
		return -1;
	return end_of_quantity(c, e, V_SPAN);
}

/* backend [TRAFFIC] NODE answers|share [OP] VALUE */
int amount_backend(struct cursor *c, struct expect *e)
{
	e->node = cursor_name(c, &e->node_at, "the real server");
	if (!e->node)
		return -1;
	if (!cursor_is(c, "answers") && !cursor_is(c, "share")) {
		e->traffic = e->node;
		e->traffic_at = e->node_at;
		e->node = cursor_name(c, &e->node_at, "the real server");
		if (!e->node)
			return -1;
	}
	if (cursor_take(c, "answers")) {
		e->quantity = Q_ANSWERS;
	} else if (cursor_take(c, "share")) {
		e->quantity = Q_SHARE;
	} else {
		block_error_at(c->d, c->s, c->i, "answers or share belongs here, got '%s'",
			       cursor_word(c) ? cursor_word(c) : "nothing");
		return -1;
	}
	if (!is_op(c) && cursor_word(c)) {
		enum mode mode = MODE_ALWAYS;

		e->op = OP_EQ;
		if (read_value(c, e, e->quantity == Q_SHARE ? V_SHARE : V_COUNT))
			return -1;
		return window_parse(&e->window, &mode, c->s, &c->i, c->d);
	}
	return end_of_quantity(c, e, e->quantity == Q_SHARE ? V_SHARE : V_COUNT);
}

int amount_node_count(struct cursor *c, struct expect *e)
{
	int64_t priority;

	e->node = cursor_name(c, &e->node_at, "the node");
	if (!e->node)
		return -1;
	if (e->quantity != Q_GARPS && cursor_vrid(c, e))
		return -1;
	if (e->quantity == Q_ADVERT_INTERVAL)
		e->pick = cursor_take(c, "max") ? PICK_LONGEST :
			  cursor_take(c, "min") ? PICK_SHORTEST :
						  PICK_EACH;
	if (e->quantity == Q_ADVERTS && cursor_take(c, "priority")) {
		if (block_int(c->d, c->s, c->i, 0, 255, &priority))
			return -1;
		e->priority = (int)priority;
		c->i++;
	}
	return end_of_quantity(c, e, e->quantity == Q_ADVERT_INTERVAL ? V_SPAN : V_COUNT);
}

/* packets NODE|LINK PROTOCOL OP N [WINDOW] */
int amount_packets(struct cursor *c, struct expect *e)
{
	e->node = cursor_name(c, &e->node_at, "the node or link");
	if (e->node && is_op(c)) {
		block_error_at(c->d, c->s, c->i, "of which protocol? vrrp, arp, tcp, udp, icmp "
			       "or sctp");
		return -1;
	}
	e->protocol = e->node ? cursor_name(c, &e->protocol_at, "the protocol") : NULL;
	return e->protocol ? end_of_quantity(c, e, V_COUNT) : -1;
}

/* log NODE "REGEX" OP N|present|absent [WINDOW] */
int amount_log(struct cursor *c, struct expect *e)
{
	enum mode mode = MODE_ALWAYS;

	e->node = cursor_name(c, &e->node_at, "the node");
	if (!e->node || pattern_compile(&e->pattern, c->s, c->i, c->d) < 0)
		return -1;
	e->compiled = true;
	c->i++;
	if (cursor_take(c, "present")) {
		e->op = OP_GE;
		e->value = 1;
	} else if (cursor_take(c, "absent")) {
		e->op = OP_EQ;
		e->value = 0;
	} else if (cursor_word(c) && !is_op(c)) {
		block_error_at(c->d, c->s, c->i,
			       "present, absent or a count (>= 1) belongs here, got '%s'",
			       cursor_word(c));
		return -1;
	} else {
		return end_of_quantity(c, e, V_COUNT);
	}
	return window_parse(&e->window, &mode, c->s, &c->i, c->d);
}

/* fair [TRAFFIC] [NODE…] OP N [WINDOW]; which words are which is seen later */
int amount_fair(struct cursor *c, struct expect *e)
{
	e->first_at = c->i;
	while (cursor_word(c) && !is_op(c))
		c->i++;
	e->nnamed = c->i - e->first_at;
	return end_of_quantity(c, e, V_COUNT);
}

int amount_plain_count(struct cursor *c, struct expect *e)
{
	return end_of_quantity(c, e, V_COUNT);
}
