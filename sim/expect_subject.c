/* Each kind of expectation: its words to struct expect. */
#include "expect_subject.h"

#include <stdlib.h>
#include <string.h>

#include "pattern.h"

const char *cursor_word(const struct cursor *c)
{
	return c->i < c->s->nword ? c->s->word[c->i].text : NULL;
}

bool cursor_is(const struct cursor *c, const char *w)
{
	return cursor_word(c) && !strcmp(cursor_word(c), w);
}

bool cursor_take(struct cursor *c, const char *w)
{
	if (!cursor_is(c, w))
		return false;
	c->i++;
	return true;
}

/* A word that names something; `what` says what in the message. */
static const char *name(struct cursor *c, size_t *at, const char *what)
{
	const char *w = cursor_word(c);

	if (!w) {
		block_error_at(c->d, c->s, c->i, "%s is missing here", what);
		return NULL;
	}
	if (at)
		*at = c->i;
	c->i++;
	return w;
}

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
		e->traffic = name(c, &e->traffic_at, "the traffic");
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

static int parse_traffic(struct cursor *c, struct expect *e)
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

static int parse_latency(struct cursor *c, struct expect *e)
{
	const char *w = cursor_word(c);

	if (w && strcmp(w, "max") && !(*w == 'p' && w[1] >= '0' && w[1] <= '9'))
		opt_traffic(c, e);
	if (read_quantile(c, e))
		return -1;
	return end_of_quantity(c, e, V_SPAN);
}

/* backend [TRAFFIC] NODE answers|share [OP] VALUE */
static int parse_backend(struct cursor *c, struct expect *e)
{
	e->node = name(c, &e->node_at, "the real server");
	if (!e->node)
		return -1;
	if (!cursor_is(c, "answers") && !cursor_is(c, "share")) {
		e->traffic = e->node;
		e->traffic_at = e->node_at;
		e->node = name(c, &e->node_at, "the real server");
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

static int opt_vrid(struct cursor *c, struct expect *e);

static int parse_node_count(struct cursor *c, struct expect *e)
{
	int64_t priority;

	e->node = name(c, &e->node_at, "the node");
	if (!e->node)
		return -1;
	if (e->quantity != Q_GARPS && opt_vrid(c, e))
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
static int parse_packets(struct cursor *c, struct expect *e)
{
	e->node = name(c, &e->node_at, "the node or link");
	if (e->node && is_op(c)) {
		block_error_at(c->d, c->s, c->i, "of which protocol? vrrp, arp, tcp, udp, icmp "
			       "or sctp");
		return -1;
	}
	e->protocol = e->node ? name(c, &e->protocol_at, "the protocol") : NULL;
	return e->protocol ? end_of_quantity(c, e, V_COUNT) : -1;
}

/* log NODE "REGEX" OP N|present|absent [WINDOW] */
static int parse_log(struct cursor *c, struct expect *e)
{
	enum mode mode = MODE_ALWAYS;

	e->node = name(c, &e->node_at, "the node");
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
static int parse_fair(struct cursor *c, struct expect *e)
{
	e->first_at = c->i;
	while (cursor_word(c) && !is_op(c))
		c->i++;
	e->nnamed = c->i - e->first_at;
	return end_of_quantity(c, e, V_COUNT);
}

static int parse_plain_count(struct cursor *c, struct expect *e)
{
	return end_of_quantity(c, e, V_COUNT);
}

static int opt_vrid(struct cursor *c, struct expect *e)
{
	int64_t vrid;

	if (!cursor_take(c, "vrid"))
		return 0;
	if (block_int(c->d, c->s, c->i, 1, 255, &vrid))
		return -1;
	c->i++;
	e->vrid = (int)vrid;
	return 0;
}

/* The words after a state: WHEN, as far as the mode leaves one open. */
static int end_of_state(struct cursor *c, struct expect *e)
{
	enum mode mode = e->mode;

	if (window_parse(&e->window, &mode, c->s, &c->i, c->d))
		return -1;
	if (e->mode == MODE_AT) { /* no always, never or eventually before it */
		e->mode = mode;
		if (!e->window.given ||
		    !(e->window.has_from && e->window.has_to)) {
			block_error_at(c->d, c->s, c->i,
				       "when? `at end`, `within 3s`, or `always` before it");
			return -1;
		}
		/* between A and B: at some moment of it */
		return 0;
	}
	if (mode == MODE_AT && e->window.given) {
		block_error_at(c->d, c->s, c->i - 1,
			       "always, never and eventually look at a time, not at an "
			       "instant: after, before, between");
		return -1;
	}
	return 0;
}

/* vip ADDR [not] on NODE WHEN */
static int parse_vip(struct cursor *c, struct expect *e)
{
	e->state = ST_VIP;
	e->addr = name(c, &e->addr_at, "the virtual address");
	if (!e->addr)
		return -1;
	e->negated = cursor_take(c, "not");
	if (!cursor_take(c, "on")) {
		block_error_at(c->d, c->s, c->i, "vip %s on NODE …", e->addr);
		return -1;
	}
	e->node = name(c, &e->node_at, "the node");
	return e->node ? end_of_state(c, e) : -1;
}

/* master [not] NODE [vrid N] WHEN */
static int parse_master(struct cursor *c, struct expect *e)
{
	e->state = ST_MASTER;
	e->negated = cursor_take(c, "not");
	e->node = name(c, &e->node_at, "the node");
	if (!e->node || opt_vrid(c, e))
		return -1;
	return end_of_state(c, e);
}

/* ipvs NODE "TCP 192.168.31.200:80" has|lacks DEST [weight N] | exists | absent */
static int parse_ipvs(struct cursor *c, struct expect *e)
{
	int64_t weight;

	e->state = ST_IPVS;
	e->node = name(c, &e->node_at, "the node");
	e->service = e->node ? name(c, &e->addr_at, "the service") : NULL;
	if (!e->service)
		return -1;
	if (cursor_take(c, "exists"))
		return end_of_state(c, e);
	if (!strcmp(e->service, "table")) {
		e->state = ST_TABLE;
		e->service = NULL;
		return end_of_state(c, e);
	}
	if (cursor_take(c, "absent")) {
		e->negated = true;
		return end_of_state(c, e);
	}
	if (cursor_take(c, "lacks")) {
		e->negated = true;
	} else if (!cursor_take(c, "has")) {
		block_error_at(c->d, c->s, c->i,
			       "has, lacks, exists or absent belongs here, got '%s'",
			       cursor_word(c) ? cursor_word(c) : "nothing");
		return -1;
	}
	e->dest = name(c, NULL, "the destination (192.168.31.113:80)");
	if (!e->dest)
		return -1;
	if (cursor_take(c, "weight")) {
		if (block_int(c->d, c->s, c->i, 0, 65535, &weight))
			return -1;
		c->i++;
		e->weight = (int)weight;
	}
	return end_of_state(c, e);
}

static int parse_one(struct cursor *c, struct expect *e)
{
	if (e->mode != MODE_ALWAYS) {
		block_error_at(c->d, c->s, 0, "always %s", c->s->word[c->i - 1].text);
		return -1;
	}
	return end_of_state(c, e);
}

/* first_advert [NODE] [vrid N] within SPAN|bound[+SPAN] [of BASE] | after | between */
static int parse_step(struct cursor *c, struct expect *e)
{
	const char *w;

	e->mode = MODE_ALWAYS;
	if (cursor_word(c) && !cursor_is(c, "within") && !cursor_is(c, "after") && !cursor_is(c, "between") &&
	    !cursor_is(c, "vrid"))
		e->node = name(c, &e->node_at, "the node");
	if (opt_vrid(c, e))
		return -1;
	if (cursor_is(c, "within") && c->i + 1 < c->s->nword &&
	    !strncmp(c->s->word[c->i + 1].text, "bound", 5)) {
		c->i++;
		w = cursor_word(c);
		if (w[5] && (w[5] != '+' || block_span_text(w + 6, &e->value))) {
			block_error_at(c->d, c->s, c->i, "bound, or bound+5ms; got '%s'", w);
			return -1;
		}
		e->bound = true;
		c->i++;
		if (cursor_is(c, "of")) {
			block_error_at(c->d, c->s, c->i,
				       "the bound has its own beginning; no `of` here");
			return -1;
		}
		return 0;
	}
	if (window_parse(&e->window, &e->mode, c->s, &c->i, c->d))
		return -1;
	if (!e->window.given || e->mode == MODE_AT) {
		block_error_at(c->d, c->s, c->i, "within, after or between belongs here");
		return -1;
	}
	return 0;
}

static int parse_no(struct cursor *c, struct expect *e)
{
	enum mode mode = MODE_ALWAYS;

	if (!cursor_take(c, "failover")) {
		block_error_at(c->d, c->s, c->i, "no failover …, got '%s'",
			       cursor_word(c) ? cursor_word(c) : "nothing");
		return -1;
	}
	return window_parse(&e->window, &mode, c->s, &c->i, c->d);
}

const struct subject expect_subjects[] = {
	{ "longest_gap", parse_traffic, EX_QUANTITY, Q_LONGEST_GAP },
	{ "total_gap", parse_traffic, EX_QUANTITY, Q_TOTAL_GAP },
	{ "gaps", parse_traffic, EX_QUANTITY, Q_GAPS },
	{ "backends_per_client", parse_traffic, EX_QUANTITY, Q_PER_CLIENT },
	{ "sent", parse_traffic, EX_QUANTITY, Q_SENT },
	{ "ok", parse_traffic, EX_QUANTITY, Q_OK },
	{ "failed", parse_traffic, EX_QUANTITY, Q_FAILED },
	{ "latency", parse_latency, EX_QUANTITY, Q_LATENCY },
	{ "backend", parse_backend, EX_QUANTITY, Q_ANSWERS },
	{ "failovers", parse_plain_count, EX_QUANTITY, Q_FAILOVERS },
	{ "adverts", parse_node_count, EX_QUANTITY, Q_ADVERTS },
	{ "garps", parse_node_count, EX_QUANTITY, Q_GARPS },
	{ "advert_interval", parse_node_count, EX_QUANTITY, Q_ADVERT_INTERVAL },
	{ "advert_priority", parse_node_count, EX_QUANTITY, Q_ADVERT_PRIORITY },
	{ "packets", parse_packets, EX_QUANTITY, Q_PACKETS },
	{ "log", parse_log, EX_QUANTITY, Q_LOG },
	{ "fair", parse_fair, EX_QUANTITY, Q_FAIR },
	{ "timeout", parse_traffic, EX_QUANTITY, Q_REASON },
	{ "refused", parse_traffic, EX_QUANTITY, Q_REASON },
	{ "reset", parse_traffic, EX_QUANTITY, Q_REASON },
	{ "unreachable", parse_traffic, EX_QUANTITY, Q_REASON },
	{ "bad_reply", parse_traffic, EX_QUANTITY, Q_REASON },
	{ "lost", parse_traffic, EX_QUANTITY, Q_REASON },
	{ "vip", parse_vip, EX_STATE, ST_VIP },
	{ "master", parse_master, EX_STATE, ST_MASTER },
	{ "ipvs", parse_ipvs, EX_STATE, ST_IPVS },
	{ "one_master", parse_one, EX_STATE, ST_ONE_MASTER },
	{ "one_vip_holder", parse_one, EX_STATE, ST_ONE_HOLDER },
	{ "vip_answered_by_master", parse_one, EX_STATE, ST_BY_MASTER },
	{ "takeover", parse_step, EX_STEP, BS_FIRST_ADVERT },
	{ "last_advert", parse_step, EX_STEP, BS_LAST_ADVERT },
	{ "first_advert", parse_step, EX_STEP, BS_FIRST_ADVERT },
	{ "vip_added", parse_step, EX_STEP, BS_VIP },
	{ "garp", parse_step, EX_STEP, BS_GARP },
	{ "arp", parse_step, EX_STEP, BS_ARP },
	{ "first_ok", parse_step, EX_STEP, BS_FIRST_OK },
	{ "no", parse_no, EX_NO_FAILOVER, 0 },
};
const size_t expect_nsubjects = sizeof(expect_subjects) / sizeof(expect_subjects[0]);
const char *const expect_modes[] = { "always", "never", "eventually", NULL };
