/*
 * When a failure counts, and when to look again. Each kind of checker has rules
 * of its own in keepalived 2.2.7, down to its oddities, which users' time-outs are
 * tuned to:
 *
 *  - The first attempt ever needs no retries to fail: retry_it starts at `retry`
 *    (but SMTP_CHECK forgets that, and does retry).
 *  - A TCP_CHECK that is down goes on counting retries, so that it comes back
 *    after delay_before_retry and delay_loop by turns (later versions: delay_loop).
 *  - An HTTP_GET fetches one url an attempt, delay_loop apart. After a failure it
 *    stays with the url that failed; when that answers, all urls are gone
 *    through again before the checker is up.
 *  - MISC_CHECK counts from the start of an attempt, the others from its end.
 */
#include "check.h"

void check_state_init(struct check_state *s, const struct checker_conf *c)
{
	*s = (struct check_state){
		.retry_it = c->type == CHECK_SMTP ? 0 : (uint32_t)c->retry,
		.is_up = !c->alpha,
	};
}

static enum check_news verdict(struct check_state *s, bool ok)
{
	enum check_news news = CHECK_SAME;

	if (s->is_up != ok || !s->has_run)
		news = ok ? CHECK_WENT_UP : CHECK_WENT_DOWN;
	s->is_up = ok;
	s->has_run = true;
	return news;
}

static int64_t rule_tcp(const struct checker_conf *c, struct check_state *s, bool ok,
			enum check_news *news)
{
	if (!ok && s->retry_it < (uint32_t)c->retry) {
		s->retry_it++;
		s->has_run = true;
		return c->delay_before_retry_ns;
	}
	s->retry_it = 0;
	*news = verdict(s, ok);
	return c->delay_loop_ns;
}

/* UDP_CHECK, PING_CHECK: a checker that is down does not count retries. */
static int64_t rule_udp(const struct checker_conf *c, struct check_state *s, bool ok,
			enum check_news *news)
{
	bool live = s->is_up || !s->has_run;

	if (ok || (live && s->retry_it >= (uint32_t)c->retry)) {
		s->retry_it = 0;
		*news = verdict(s, ok);
		return c->delay_loop_ns;
	}
	s->has_run = true;
	if (!s->is_up)
		return c->delay_loop_ns;
	s->retry_it++;
	return c->delay_before_retry_ns;
}

static int64_t rule_dns(const struct checker_conf *c, struct check_state *s, bool ok,
			enum check_news *news)
{
	if (!ok && (s->is_up || !s->has_run) && s->retry_it < (uint32_t)c->retry) {
		s->retry_it++;
		s->has_run = true;
		return c->delay_before_retry_ns;
	}
	s->retry_it = 0;
	if (ok || s->is_up || !s->has_run)
		*news = verdict(s, ok);
	return c->delay_loop_ns;
}

static int64_t rule_smtp(const struct checker_conf *c, struct check_state *s, bool ok,
			 enum check_news *news)
{
	if (!ok && ++s->retry_it <= (uint32_t)c->retry)
		return c->delay_before_retry_ns;
	s->retry_it = 0;
	if (ok || s->is_up || !s->has_run)
		*news = verdict(s, ok);
	return c->delay_loop_ns;
}

static int64_t http_success(const struct checker_conf *c, struct check_state *s,
			    enum check_news *news)
{
	bool all = (size_t)s->url + 1 >= c->nurl;

	s->retry_it = 0;
	if (s->failed_url) {
		/* The one that failed answers: now all of them once more. */
		s->failed_url = 0;
		s->url = 0;
	} else if (all) {
		s->url = 0;
		*news = verdict(s, true);
	} else {
		s->url++;
	}
	if (!s->has_run)
		s->retry_it = (uint32_t)c->retry;
	if (c->fast_recovery && (!s->has_run || (!s->is_up && !s->failed_url)))
		return 0;
	return c->delay_loop_ns;
}

static int64_t rule_http(const struct checker_conf *c, struct check_state *s, bool ok,
			 enum check_news *news)
{
	int64_t delay;

	if (ok)
		return http_success(c, s, news);
	if (s->is_up || !s->has_run) {
		s->has_run = true;
		if (++s->retry_it > (uint32_t)c->retry) {
			if (s->is_up)
				*news = CHECK_WENT_DOWN;
			s->is_up = false;
			s->failed_url = (uint16_t)(s->url + 1);
		}
	}
	delay = c->delay_before_retry_ns;
	if (s->failed_url && delay < c->delay_loop_ns)
		delay = c->delay_loop_ns;
	if (c->fast_recovery && !s->is_up && !s->failed_url)
		delay = 0;
	return delay;
}

static int64_t rule_misc(const struct checker_conf *c, struct check_state *s, bool ok,
			 enum check_news *news)
{
	if (ok) {
		s->retry_it = 0;
		*news = verdict(s, true);
	} else if (s->is_up || !s->has_run) {
		if (s->retry_it < (uint32_t)c->retry) {
			s->retry_it++;
		} else {
			s->retry_it = 0;
			*news = verdict(s, false);
		}
	}
	s->has_run = true;
	return s->retry_it ? c->delay_before_retry_ns : c->delay_loop_ns;
}

int64_t check_rule(const struct checker_conf *c, struct check_state *s, bool ok,
		   enum check_news *news)
{
	*news = CHECK_SAME;
	switch (c->type) {
	case CHECK_TCP:
		return rule_tcp(c, s, ok, news);
	case CHECK_UDP:
	case CHECK_PING:
		return rule_udp(c, s, ok, news);
	case CHECK_DNS:
		return rule_dns(c, s, ok, news);
	case CHECK_SMTP:
		return rule_smtp(c, s, ok, news);
	case CHECK_HTTP:
	case CHECK_SSL:
		return rule_http(c, s, ok, news);
	case CHECK_MISC:
		return rule_misc(c, s, ok, news);
	}
	return c->delay_loop_ns;
}
