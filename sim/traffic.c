#include "traffic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "endpoint.h"
#include "log.h"
#include "traffic_impl.h"

/* Enough to see replies come, without work for nothing before the case begins. */
#define WARM_RATE_MAX 20.0

static const struct traffic_ops *const kinds[] = {
	[TRAFFIC_HTTP] = &traffic_http_ops,
	[TRAFFIC_KEEPALIVE] = &traffic_keepalive_ops,
	[TRAFFIC_STREAM] = &traffic_stream_ops,
	[TRAFFIC_UDP] = &traffic_udp_ops,
};

const struct traffic_conf *traffic_conf(const struct traffic *t)
{
	return t->conf;
}

/* --- the schedule --- */

static int64_t due_of(const struct traffic *t, uint64_t n)
{
	return t->start_ns +
	       (int64_t)((double)(n * t->nnode + t->k) * t->interval_ns + 0.5);
}

static void send_due(struct loop_timer *timer, void *arg)
{
	struct traffic *t = arg;
	struct request r;
	int64_t now = clock_now();

	/* All that are due: the harness may have been busy for a moment. */
	while ((r.due_ns = due_of(t, t->next)) <= now) {
		r.n = t->next++ * t->nnode + t->k;
		r.judged = t->phase == TRAFFIC_JUDGED;
		if (r.judged)
			t->under_way++;
		t->ops->send(t, &r);
	}
	loop_timer_set(t->env.loop, timer, r.due_ns);
}

static void begin(struct traffic *t, enum traffic_phase phase, int64_t start_ns,
		  double rate)
{
	t->phase = phase;
	t->start_ns = start_ns;
	t->interval_ns = (double)NS_PER_S / rate;
	t->next = 0;
	loop_timer_set(t->env.loop, &t->timer, due_of(t, 0));
}

void traffic_warm(struct traffic *t)
{
	double rate = t->conf->rate_per_s;

	if (t->phase == TRAFFIC_IDLE)
		begin(t, TRAFFIC_WARM, clock_now(), rate < WARM_RATE_MAX ? rate :
									   WARM_RATE_MAX);
}

void traffic_judge(struct traffic *t, int64_t start_ns)
{
	if (t->phase < TRAFFIC_JUDGED)
		begin(t, TRAFFIC_JUDGED, start_ns, t->conf->rate_per_s);
}

void traffic_stop(struct traffic *t)
{
	loop_timer_cancel(t->env.loop, &t->timer);
	t->phase = TRAFFIC_STOPPED;
}

size_t traffic_under_way(const struct traffic *t)
{
	return t->under_way;
}

void traffic_cut(struct traffic *t)
{
	t->ops->drop(t, REQ_CUT);
}

unsigned int traffic_streak(const struct traffic *t)
{
	return t->streak;
}

void traffic_node_down(struct traffic *t, const char *node)
{
	if (strcmp(node, t->from) != 0)
		return;
	t->ops->drop(t, REQ_CUT); /* the client itself is gone: nothing to judge */
	t->ops->close(t);
}

/* --- results --- */

void traffic_end(struct traffic *t, const struct request *r, enum request_result result,
		 const char *backend)
{
	struct event e = { .type = EV_REQUEST, .node = t->from };

	t->streak = result == REQ_OK ? t->streak + 1 : 0;
	if (!r->judged)
		return;
	t->under_way--;
	e.t = record_now(t->env.rec);
	e.request.traffic = t->name;
	e.request.n = r->n;
	e.request.due = record_time(t->env.rec, r->due_ns);
	e.request.result = result;
	e.request.backend = backend;
	record_add(t->env.rec, &e);
}

const char *traffic_backend(const struct traffic *t, const char *body)
{
	const struct topology *topo = t->env.topo;
	size_t i, j;

	for (i = 0; i < topo->nnode; i++)
		for (j = 0; j < topo->node[i].nweb; j++)
			if (strcmp(topo->node[i].web[j].body, body) == 0)
				return record_text(t->env.rec, topo->node[i].name);
	return NULL;
}

enum request_result traffic_result(int err)
{
	switch (err) {
	case ECONNREFUSED:
		return REQ_REFUSED;
	case ECONNRESET:
	case EPIPE:
		return REQ_RESET;
	case ETIMEDOUT:
		return REQ_TIMEOUT;
	case EADDRNOTAVAIL: /* no port left: the harness's limit, not the site's */
		return REQ_CUT;
	default: /* EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN, EACCES … */
		return REQ_UNREACHABLE;
	}
}

/* --- life --- */

size_t traffic_busy(const struct traffic *t)
{
	double busy = t->conf->rate_per_s * (double)t->conf->timeout_ns / (double)NS_PER_S;

	return (size_t)(busy / (double)t->nnode);
}

int traffic_new(struct traffic **out, const struct traffic_conf *conf, size_t k,
		const struct traffic_env *env)
{
	const struct traffic_ops *ops = kinds[conf->kind];
	struct traffic *t;
	int r;

	*out = NULL;
	t = calloc(1, ops->size);
	if (!t)
		return -ENOMEM;
	t->conf = conf;
	t->ops = ops;
	t->env = *env;
	t->name = record_text(env->rec, conf->name);
	t->from = record_text(env->rec, traffic_conf_node(conf, k));
	t->k = k;
	t->nnode = conf->nnode ? conf->nnode : 1;
	loop_timer_init(&t->timer, send_due, t);
	r = endpoint_parse(conf->target, &t->to);
	if (r < 0) {
		log_warnx("traffic %s: bad target '%s'", conf->name, conf->target);
		free(t);
		return r;
	}
	t->to_len = endpoint_len(&t->to);
	r = ops->open(t);
	if (r < 0) {
		traffic_free(t);
		return r;
	}
	*out = t;
	return 0;
}

void traffic_free(struct traffic *t)
{
	if (!t)
		return;
	loop_timer_cancel(t->env.loop, &t->timer);
	t->ops->free(t);
	free(t);
}
