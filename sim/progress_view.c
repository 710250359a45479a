#include "progress_view.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "clock.h"
#include "event_line.h"
#include "report.h"
#include "span.h"

#define WIPE_MS 2000

int progress_view_init(struct progress_view *v, struct progress *p, const char *title)
{
	const char *term = getenv("TERM");

	memset(v, 0, sizeof(*v));
	v->p = p;
	v->title = title;
	v->tty = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
	event_log_init(&v->texts);
	return sitestate_init(&v->state);
}

/* --- the block --- */

struct pen {
	char *text;
	size_t len;
	FILE *f;
	int lines, max, width;
	struct style style;
};

/* One line, cut to the window: a longer one would wrap and be drawn over badly. */
static void line(struct pen *p, const char *color, const char *words)
{
	int left = p->width - 1;
	const char *at = words;

	if (p->lines >= p->max)
		return;
	while (*at && left > 0) {
		at++;
		left--;
		while ((*at & 0xc0) == 0x80) /* the rest of a character */
			at++;
	}
	fprintf(p->f, "%s%.*s%s\033[K\n", style_on(&p->style, color), (int)(at - words), words,
		style_off(&p->style));
	p->lines++;
}

static void node_words(char *buf, size_t size, const struct progress_view *v,
		       const struct st_node *n)
{
	const struct sitestate *s = &v->state;
	size_t len, i, k;

	len = (size_t)snprintf(buf, size, "  %-8s", n->name);
	if (n->down)
		len += (size_t)snprintf(buf + len, size - len, " no power");
	for (i = 0; !n->down && i < n->nprog && len < size - 1; i++)
		len += (size_t)snprintf(buf + len, size - len, " %s%s", n->prog[i].what,
					n->prog[i].running ? "" : " (ended)");
	for (i = 0; i < s->nrouter; i++)
		for (k = 0; k < s->router[i].nclaim && len < size - 1; k++)
			if (!strcmp(s->router[i].claim[k].node, n->name) &&
			    st_claim_stands(s, &s->router[i].claim[k], s->now_ns))
				len += (size_t)snprintf(buf + len, size - len,
							"  master of %d", s->router[i].vrid);
	for (i = 0; !n->down && i < n->naddr && len < size - 1; i++)
		if (strncmp(n->addr[i].addr, "fe80:", 5) != 0)
			len += (size_t)snprintf(buf + len, size - len, "  %s", n->addr[i].addr);
}

static void block(struct progress_view *v, struct pen *pen)
{
	int64_t now = atomic_load(&v->p->now_ns), gap = atomic_load(&v->p->gap_from_ns);
	const struct sitestate *s = &v->state;
	char text[512], a[SPAN_LEN], b[SPAN_LEN];
	size_t i;

	if (s->settled_ns)
		snprintf(text, sizeof(text), "%s  %s s after settled%s", v->title,
			 span_offset(a, now - s->settled_ns),
			 s->phase == PHASE_ENDED ? ", over" : "");
	else
		snprintf(text, sizeof(text), "%s  %s s, %s", v->title, span_offset(a, now),
			 site_phase_name(s->phase));
	line(pen, "1", text);
	for (i = 0; i < s->nnode; i++) {
		node_words(text, sizeof(text), v, &s->node[i]);
		line(pen, s->node[i].down ? "31" : "", text);
	}
	snprintf(text, sizeof(text), "  requests %ju answered, %ju failed%s%s",
		 (uintmax_t)atomic_load(&v->p->ok), (uintmax_t)atomic_load(&v->p->failed),
		 gap ? ", no answers for " : "", gap ? span_text(b, now - gap) : "");
	if (s->settled_ns)
		line(pen, gap ? "31" : "", text);
	if (v->last[0])
		line(pen, "2", v->last);
}

static void go_back(const struct progress_view *v)
{
	if (v->lines)
		fprintf(stderr, "\033[%dA\r", v->lines);
}

static void draw(struct progress_view *v)
{
	struct pen pen = { .style = style_for(stderr), .max = 20, .width = 80 };
	struct winsize ws;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 1 && ws.ws_row > 1) {
		pen.width = ws.ws_col;
		pen.max = ws.ws_row - 1 < pen.max ? ws.ws_row - 1 : pen.max;
	}
	pen.f = open_memstream(&pen.text, &pen.len);
	if (!pen.f)
		return;
	block(v, &pen);
	fclose(pen.f);
	go_back(v);
	fwrite(pen.text, 1, pen.len, stderr);
	fputs("\033[J", stderr);
	fflush(stderr);
	v->lines = pen.lines;
	atomic_store(&v->p->drawn, 1);
	free(pen.text);
}

static void wipe(struct progress_view *v)
{
	if (!v->tty || !atomic_load(&v->p->drawn))
		return;
	go_back(v);
	fputs("\033[J", stderr);
	fflush(stderr);
	v->lines = 0;
	atomic_store(&v->p->drawn, 0);
}

/* --- what is new --- */

/* Without a terminal: the site's changes, not what each was made of. */
static bool worth_a_line(const struct event *e)
{
	return e->type == EV_SETTLED || e->type == EV_UNSETTLED || e->type == EV_FAULT ||
	       e->type == EV_VRRP || e->type == EV_EXIT || e->type == EV_END;
}

void progress_view_look(struct progress_view *v)
{
	struct event e;
	char text[600];

	while (progress_take(v->p, &v->texts, &e)) {
		/* a run that had to be begun again */
		if (e.type == EV_RUN && v->state.phase != PHASE_BUILDING) {
			sitestate_finish(&v->state);
			if (sitestate_init(&v->state) < 0)
				return;
		}
		if (event_line(text, sizeof(text), &e, &v->state)) {
			snprintf(v->last, sizeof(v->last), "%.255s", text);
			if (!v->tty && worth_a_line(&e))
				fprintf(stderr, "%s\n", text);
		}
		sitestate_event(&v->state, &e);
	}
	if (!v->tty)
		return;
	if (atomic_load(&v->p->over))
		wipe(v);
	else if (v->state.phase != PHASE_BUILDING)
		draw(v);
}

void progress_view_finish(struct progress_view *v)
{
	wipe(v);
	sitestate_finish(&v->state);
	event_log_finish(&v->texts);
}

void progress_over(struct progress *p)
{
	int i;

	if (!p)
		return;
	atomic_store(&p->over, 1);
	for (i = 0; atomic_load(&p->drawn) && i < WIPE_MS; i += 5)
		poll(NULL, 0, 5);
}
