/*
 * The progress of a run for people, on stderr: on a terminal a block that is drawn
 * again and again, elsewhere a line for what is news.
 */
#ifndef HALBSIM_PROGRESS_VIEW_H
#define HALBSIM_PROGRESS_VIEW_H

#include "event.h"
#include "progress.h"
#include "sitestate.h"

#define PROGRESS_MS 100

struct progress_view {
	struct progress *p; /* (borrowed) */
	const char *title;
	bool tty;
	int lines; /* drawn, to be drawn over */
	char last[256]; /* the last thing that happened */
	struct event_log texts;
	struct sitestate state;
};

/* 0 or -ENOMEM. */
int progress_view_init(struct progress_view *v, struct progress *p, const char *title);
void progress_view_finish(struct progress_view *v);
/* Looks, and shows what there is: every PROGRESS_MS or so. */
void progress_view_look(struct progress_view *v);

/* The run's side: whatever is drawn is wiped before the report is printed. */
void progress_over(struct progress *p);

#endif
