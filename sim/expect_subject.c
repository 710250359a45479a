/* Each kind of expectation: its words to struct expect. States, steps, and the table. */
#include "expect_subject.h"

#include <stdlib.h>
#include <string.h>

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
	e->addr = cursor_name(c, &e->addr_at, "the virtual address");
	if (!e->addr)
		return -1;
	e->negated = cursor_take(c, "not");
	if (!cursor_take(c, "on")) {
		block_error_at(c->d, c->s, c->i, "vip %s on NODE …", e->addr);
		return -1;
	}
	e->node = cursor_name(c, &e->node_at, "the node");
	return e->node ? end_of_state(c, e) : -1;
}

/* master [not] NODE [vrid N] WHEN */
static int parse_master(struct cursor *c, struct expect *e)
{
	e->state = ST_MASTER;
	e->negated = cursor_take(c, "not");
	e->node = cursor_name(c, &e->node_at, "the node");
	if (!e->node || cursor_vrid(c, e))
		return -1;
	return end_of_state(c, e);
}

/* ipvs NODE "TCP 192.168.31.200:80" has|lacks DEST [weight N] | exists | absent */
static int parse_ipvs(struct cursor *c, struct expect *e)
{
	int64_t weight;

	e->state = ST_IPVS;
	e->node = cursor_name(c, &e->node_at, "the node");
	e->service = e->node ? cursor_name(c, &e->addr_at, "the service") : NULL;
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
	e->dest = cursor_name(c, NULL, "the destination (192.168.31.113:80)");
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
		e->node = cursor_name(c, &e->node_at, "the node");
	if (cursor_vrid(c, e))
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
	{ "longest_gap", amount_traffic, EX_QUANTITY, Q_LONGEST_GAP },
	{ "total_gap", amount_traffic, EX_QUANTITY, Q_TOTAL_GAP },
	{ "gaps", amount_traffic, EX_QUANTITY, Q_GAPS },
	{ "backends_per_client", amount_traffic, EX_QUANTITY, Q_PER_CLIENT },
	{ "sent", amount_traffic, EX_QUANTITY, Q_SENT },
	{ "ok", amount_traffic, EX_QUANTITY, Q_OK },
	{ "failed", amount_traffic, EX_QUANTITY, Q_FAILED },
	{ "latency", amount_latency, EX_QUANTITY, Q_LATENCY },
	{ "backend", amount_backend, EX_QUANTITY, Q_ANSWERS },
	{ "failovers", amount_plain_count, EX_QUANTITY, Q_FAILOVERS },
	{ "adverts", amount_node_count, EX_QUANTITY, Q_ADVERTS },
	{ "garps", amount_node_count, EX_QUANTITY, Q_GARPS },
	{ "advert_interval", amount_node_count, EX_QUANTITY, Q_ADVERT_INTERVAL },
	{ "advert_priority", amount_node_count, EX_QUANTITY, Q_ADVERT_PRIORITY },
	{ "packets", amount_packets, EX_QUANTITY, Q_PACKETS },
	{ "log", amount_log, EX_QUANTITY, Q_LOG },
	{ "fair", amount_fair, EX_QUANTITY, Q_FAIR },
	{ "timeout", amount_traffic, EX_QUANTITY, Q_REASON },
	{ "refused", amount_traffic, EX_QUANTITY, Q_REASON },
	{ "reset", amount_traffic, EX_QUANTITY, Q_REASON },
	{ "unreachable", amount_traffic, EX_QUANTITY, Q_REASON },
	{ "bad_reply", amount_traffic, EX_QUANTITY, Q_REASON },
	{ "lost", amount_traffic, EX_QUANTITY, Q_REASON },
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
