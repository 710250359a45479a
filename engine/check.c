#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "check_pace.h"
#include "clock.h"
#include "log.h"

#define FIRST_DELAY_NS	(1 * NS_PER_S) /* keepalived's BOOTSTRAP_DELAY */
#define RANDOM_AT_ONCE	32

struct checks {
	struct checks_opts o;
	struct check *v; /* n of them; their numbers rise */
	size_t n;
	uint64_t random[RANDOM_AT_ONCE];
	size_t nrandom; /* of them left */
	size_t unscheduled; /* while it is made */
	double per_second;  /* attempts that all checkers ask for */
	struct check_pace pace;
};

static const struct check_type *const types[] = {
	[CHECK_TCP] = &check_tcp,   [CHECK_HTTP] = &check_http, [CHECK_SSL] = &check_ssl,
	[CHECK_MISC] = &check_misc, [CHECK_UDP] = &check_udp,	[CHECK_DNS] = &check_dns,
	[CHECK_PING] = &check_ping, [CHECK_SMTP] = &check_smtp,
};

const char *check_result_text(enum check_result r)
{
	static const char *const text[CHECK_NRESULTS] = {
		[CHECK_OK] = "ok",
		[CHECK_TIMEOUT] = "timeout",
		[CHECK_REFUSED] = "connection refused",
		[CHECK_RESET] = "connection reset",
		[CHECK_UNREACHABLE] = "unreachable",
		[CHECK_IO_ERROR] = "socket error",
		[CHECK_NO_REPLY] = "no reply",
		[CHECK_BAD_REPLY] = "bad reply",
		[CHECK_BAD_STATUS] = "bad status",
		[CHECK_BAD_DIGEST] = "wrong digest",
		[CHECK_NO_MATCH] = "the regex does not match",
		[CHECK_BAD_TLS] = "TLS failure",
		[CHECK_EXITED] = "script failed",
		[CHECK_SIGNALLED] = "script killed",
		[CHECK_NOT_RUN] = "not run",
	};

	return r < CHECK_NRESULTS ? text[r] : "?";
}

/* --- messages --- */

void check_target_text(const struct check *c, char *buf, size_t len)
{
	struct sockaddr_storage ss;
	socklen_t sl;
	char ip[INET6_ADDRSTRLEN] = "?";

	check_target(c, &ss, &sl);
	if (ss.ss_family == AF_INET6) {
		const struct sockaddr_in6 *a = (const struct sockaddr_in6 *)&ss;

		inet_ntop(AF_INET6, &a->sin6_addr, ip, sizeof(ip));
		snprintf(buf, len, "[%s]:%u", ip, ntohs(a->sin6_port));
	} else {
		const struct sockaddr_in *a = (const struct sockaddr_in *)&ss;

		inet_ntop(AF_INET, &a->sin_addr, ip, sizeof(ip));
		snprintf(buf, len, "%s:%u", ip, ntohs(a->sin_port));
	}
}

/* The one line that an attempt leaves, when it has news or all are wanted. */
static void report_line(struct check *c, enum check_result r, const char *detail,
			enum check_news news, bool was_up, bool had_run)
{
	const char *type = types[c->conf->type]->name;
	int64_t us = (check_now(c) - c->started_ns) / NS_PER_US;
	bool all = c->conf->log_all_failures ||
		   c->set->o.conf->global.checker_log_all_failures;
	char at[80];

	if (news == CHECK_SAME && !(all && r != CHECK_OK && was_up))
		return;
	check_target_text(c, at, sizeof(at));
	log_info("%s %s: %s%s%s%s after %lld.%03lld ms, state %s -> %s", type, at,
		 check_result_text(r), detail ? " (" : "", detail ? detail : "",
		 detail ? ")" : "", (long long)us / 1000, (long long)us % 1000,
		 !had_run ? "unknown" : was_up ? "up" : "down",
		 check_state(c)->is_up ? "up" : "down");
}

/* --- an attempt's beginning and end --- */

/* (Each has had its place in the loop since checks_new(): there is one.) */
static void schedule(struct check *c, int64_t due_ns)
{
	if (loop_timer_set(c->set->o.loop, &c->timer, due_ns) < 0)
		log_warnx("%s: no memory for its timer: checked no more",
			  types[c->conf->type]->name);
}

/* An attempt of a burst is put off: *due_ns moves on, and true. */
static bool take_turn(struct checks *s, int64_t *due_ns)
{
	int64_t at = check_pace_turn(&s->pace, *due_ns);
	bool later = at > *due_ns;

	*due_ns = at;
	return later;
}

/* May it begin now? Else it is put off. (Scripts are processes: not our burst.) */
static bool is_its_turn(struct check *c)
{
	int64_t due = c->started_ns;

	if (!c->has_turn && !c->set->o.scripts && take_turn(c->set, &due)) {
		c->has_turn = true;
		schedule(c, due);
		return false;
	}
	c->has_turn = false;
	return true;
}

static void begin(struct check *c)
{
	const struct check_type *type = types[c->conf->type];

	c->started_ns = check_now(c);
	if (check_state(c)->disabled) {
		schedule(c, c->started_ns + c->conf->delay_loop_ns);
		return;
	}
	if (!is_its_turn(c))
		return;
	c->running = true;
	/* start() may end the attempt, and then sets the timer itself. */
	if (type->start(c) && c->running)
		schedule(c, c->started_ns + c->conf->connect_timeout_ns);
}

void check_more_time(struct check *c)
{
	schedule(c, check_now(c) + c->conf->connect_timeout_ns);
}

static void timer_cb(struct loop_timer *t, void *arg)
{
	struct check *c = arg;

	(void)t;
	if (!c->running)
		begin(c);
	else if (types[c->conf->type]->timeout)
		types[c->conf->type]->timeout(c);
	else
		check_done(c, CHECK_TIMEOUT);
}

/* Frees all that the attempt holds. */
static void cleanup(struct check *c)
{
	const struct check_type *type = types[c->conf->type];

	if (type->finish)
		type->finish(c);
	c->job = NULL;
	c->running = false;
	if (type->open)
		loop_fd_del(c->set->o.loop, &c->io);
	else if (c->conf->fwmark)
		check_keep(c);
	else if (c->io.fd >= 0)
		loop_fd_close(c->set->o.loop, &c->io);
}

void check_done_detail(struct check *c, enum check_result result, const char *detail)
{
	struct check_state *s = check_state(c);
	struct check_report r = { .checker = c->index, .result = (uint8_t)result };
	bool was_up = s->is_up, had_run = s->has_run;
	enum check_news news = CHECK_SAME;
	int64_t delay = c->conf->delay_loop_ns;

	if (result != CHECK_NOT_RUN)
		delay = check_rule(c->conf, s, result == CHECK_OK, &news);
	else
		log_warnx("%s could not be run%s%s: tried again later",
			  types[c->conf->type]->name, detail ? ": " : "",
			  detail ? detail : "");
	report_line(c, result, detail, news, was_up, had_run);
	cleanup(c);
	if (c->conf->type == CHECK_MISC)
		delay += c->started_ns;
	else
		delay += check_now(c);
	schedule(c, delay);
	if (news == CHECK_SAME)
		return;
	r.up = news == CHECK_WENT_UP;
	c->set->o.report(c->set->o.arg, &r);
}

void check_done(struct check *c, enum check_result result)
{
	check_done_detail(c, result, NULL);
}

void check_report_weight(struct check *c, int32_t weight, bool quiet)
{
	struct check_report r = {
		.checker = c->index,
		.weight_only = 1,
		.weight_quiet = quiet,
		.has_weight = 1,
		.weight = weight,
	};

	c->set->o.report(c->set->o.arg, &r);
}

/* --- the set --- */

/*
 * The kernel's own random numbers, some at a time. No seed of ours: two
 * directors must not probe in step, and in a guest whose kernel is seeded they
 * are the same in every run.
 */
static uint64_t kernel_random(struct checks *s)
{
	uint64_t seed;

	if (!s->nrandom) {
		if (getrandom(s->random, sizeof(s->random), 0) ==
		    (ssize_t)sizeof(s->random)) {
			s->nrandom = RANDOM_AT_ONCE;
		} else { /* interrupted, or not allowed: spread by the clock */
			seed = (uint64_t)clock_now();
			return seed * UINT64_C(0x9e3779b97f4a7c15);
		}
	}
	return s->random[--s->nrandom];
}

/* Uniform in 0..span, from 53 random bits. */
static int64_t random_span(struct checks *s, int64_t span)
{
	uint64_t r = s->o.random ? s->o.random() : kernel_random(s);

	return (int64_t)((double)span * ((double)(r >> 11) * 0x1p-53));
}

static bool wanted(const struct checks_opts *o, const struct checker_conf *c)
{
	return (c->type == CHECK_MISC) == o->scripts;
}

/* Calls fn for each checker of the set, in order. */
static void each(struct checks *s,
		 void (*fn)(struct checks *, uint32_t index, const struct lvs_real_conf *,
			    const struct checker_conf *))
{
	const struct conf *c = s->o.conf;
	const struct lvs_real_conf *real;
	uint32_t index = 0;
	size_t i, j, k;

	for (i = 0; i < c->nservice; i++)
		for (j = 0; j < c->service[i].nreal; j++) {
			real = &c->service[i].real[j];
			for (k = 0; k < real->nchecker; k++, index++)
				if (wanted(&s->o, &real->checker[k]))
					fn(s, index, real, &real->checker[k]);
		}
}

static void count_one(struct checks *s, uint32_t index, const struct lvs_real_conf *real,
		      const struct checker_conf *conf)
{
	(void)index;
	(void)real;
	if (conf->delay_loop_ns > 0)
		s->per_second += (double)NS_PER_S / (double)conf->delay_loop_ns;
	s->n++;
}

static void make_one(struct checks *s, uint32_t index, const struct lvs_real_conf *real,
		     const struct checker_conf *conf)
{
	struct check *c = &s->v[s->n++];
	int64_t due = (s->o.now ? s->o.now() : clock_now()) + FIRST_DELAY_NS;

	if (conf->warmup_ns)
		due += random_span(s, conf->warmup_ns);
	else if (!s->o.scripts) /* all at once: each has its turn from the start */
		c->has_turn = take_turn(s, &due);
	loop_timer_init(&c->timer, timer_cb, c);
	c->io.fd = -1;
	c->set = s;
	c->index = index;
	c->conf = conf;
	c->real = real;
	if (types[conf->type]->open)
		types[conf->type]->open(c);
	else if (conf->fwmark)
		check_open_marked(c);
	if (loop_timer_set(s->o.loop, &c->timer, due) < 0)
		s->unscheduled++;
}

struct checks *checks_new(const struct checks_opts *o)
{
	struct checks *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->o = *o;
	each(s, count_one);
	s->v = calloc(s->n + 1, sizeof(*s->v));
	if (!s->v) {
		free(s);
		return NULL;
	}
	s->n = 0;
	check_pace_init(&s->pace, s->per_second);
	each(s, make_one);
	if (s->unscheduled) { /* a server that nobody checks is not to be */
		checks_free(s);
		errno = ENOMEM;
		return NULL;
	}
	return s;
}

void checks_free(struct checks *s)
{
	size_t i;

	if (!s)
		return;
	for (i = 0; i < s->n; i++) {
		loop_timer_cancel(s->o.loop, &s->v[i].timer);
		if (s->v[i].running)
			cleanup(&s->v[i]);
		if (s->v[i].io.fd >= 0)
			close(s->v[i].io.fd);
	}
	free(s->v);
	free(s);
}

size_t checks_n(const struct checks *s)
{
	return s->n;
}

void checks_correct(struct checks *s, uint32_t checker, bool up)
{
	s->o.state[checker].is_up = up;
}

struct loop *check_loop(struct check *c)
{
	return c->set->o.loop;
}

struct check_state *check_state(struct check *c)
{
	return &c->set->o.state[c->index];
}

int64_t check_now(struct check *c)
{
	return c->set->o.now ? c->set->o.now() : clock_now();
}
