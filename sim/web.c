/* Implementation for the backend's server: its life, and its modes. */
#include <stdlib.h>

#include "clock.h"
#include "web_impl.h"
#include "web_tls.h"

#define STOP_NS NS_PER_S

static void over_due(struct loop_timer *t, void *arg)
{
	(void)t;
	web_close_over(arg);
}

struct web *web_new(struct loop *l)
{
	struct web *w = calloc(1, sizeof(*w));

	if (w) {
		w->loop = l;
		w->ctl = -1;
		loop_timer_init(&w->over_timer, over_due, w);
	}
	return w;
}

static void free_port(struct web_port *p)
{
	struct web_path *path;
	int i;

	web_port_close(p);
	for (i = 0; i < 2; i++)
		free(p->page[i].text);
	while ((path = p->paths)) {
		p->paths = path->next;
		free(path->path);
		free(path);
	}
	free(p->body);
	free(p);
}

void web_free(struct web *w)
{
	struct web_port *p;
	struct web_conn *c;

	if (!w)
		return;
	w->stopping = false;
	loop_timer_cancel(w->loop, &w->stop_timer);
	while (w->conns)
		web_conn_free(w->conns, false);
	web_close_over(w);
	while ((c = w->spare)) {
		w->spare = c->next;
		free(c);
	}
	while ((p = w->ports)) {
		w->ports = p->next;
		free_port(p);
	}
	web_echo_finish(w);
	web_ctl_finish(w);
	if (web_tls)
		web_tls->finish();
	free(w);
}

/* Answers what a former mode has held. */
static void release(struct web *w)
{
	struct web_conn *c, *next;

	for (c = w->conns; c; c = next) {
		next = c->next;
		if (c->state != CONN_HELD)
			continue;
		loop_timer_cancel(w->loop, &c->timer);
		web_conn_serve(c);
	}
}

int web_set_mode(struct web *w, enum web_mode mode, int value)
{
	struct web_port *p;
	int r = 0;

	w->mode = mode;
	w->value = value;
	if (mode == WEB_DEAD) {
		for (p = w->ports; p; p = p->next)
			web_port_close(p);
		while (w->conns)
			web_conn_free(w->conns, true);
		return 0;
	}
	for (p = w->ports; p && r == 0; p = p->next)
		r = web_port_open(p);
	if (mode == WEB_FINE || mode == WEB_ERROR)
		release(w);
	return r;
}

static void stop_late(struct loop_timer *t, void *arg)
{
	struct web *w = arg;

	(void)t;
	loop_stop(w->loop, 0);
}

void web_stop(struct web *w)
{
	struct web_conn *c, *next;
	struct web_port *p;

	int i;

	if (w->stopping)
		return;
	/* Who has been let in by the kernel is not turned away. */
	for (p = w->ports; p; p = p->next)
		for (i = 0; i < 2; i++)
			while (p->fd[i] >= 0 && web_conn_accept(p, p->fd[i]))
				;
	w->stopping = true;
	for (p = w->ports; p; p = p->next)
		web_port_close(p);
	for (c = w->conns; c; c = next) {
		next = c->next;
		if ((c->state == CONN_READ && !c->len) || c->stream < 0)
			web_conn_free(c, false);
	}
	if (!w->conns)
		loop_stop(w->loop, 0);
	loop_timer_init(&w->stop_timer, stop_late, w);
	loop_timer_set(w->loop, &w->stop_timer, clock_now() + STOP_NS);
}
