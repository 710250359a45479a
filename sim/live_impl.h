/* Between live.c, live_answer.c and live_exec.c. */
#ifndef HALBSIM_LIVE_IMPL_H
#define HALBSIM_LIVE_IMPL_H

#include <jansson.h>
#include <stdint.h>

#include "live.h"
#include "sitestate.h"
#include "talk.h"

struct live_exec;

struct live_conn {
	struct live *live;
	int fd;
	struct loop_fd watch;
	struct bytes in, out;
	bool asked;	    /* its question has come */
	bool done;	    /* close when all is written */
	bool owner;	    /* brings it up: its end is the site's, until settled */
	bool waits, follows; /* for settled; events */
	bool json, all;
	uint64_t lost; /* events that it was too slow for */
	struct live_exec *exec;
	struct live_conn *next;
};

struct live {
	struct live_env env;
	struct loop_fd door;
	struct relay *relay;
	struct live_conn *conns;
	struct sitestate state;
	unsigned int last_exec;
};

/* Messages to whoever asked. */
void live_say(struct live_conn *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void live_put(struct live_conn *c, enum talk_kind kind, const void *data, size_t len);
void live_put_line(struct live_conn *c, const char *line);
/* The last one: its exit status. */
void live_done(struct live_conn *c, int status);
/* Watches what there is to read and write. */
void live_watch(struct live_conn *c);

/* How much may wait for a slow reader before its source is left alone. */
#define LIVE_BACKLOG 262144

static inline bool live_is_settled(const struct live *l)
{
	return l->state.phase != PHASE_SETTLING && l->state.phase != PHASE_BUILDING;
}

/* live_answer.c. A question: answered now, or what it waits for is noted. */
void live_answer(struct live_conn *c, const struct talk *t);
/* To who waits for it: how settling ended. */
void live_answer_wait(struct live_conn *c);
/* An event in the form that was asked for; `before` is the state without it. */
void live_put_event(struct live_conn *c, const struct event *e,
		    const struct sitestate *before);

/* live_exec.c. Starts it, or says why not and ends the connection. */
void live_exec_start(struct live_conn *c, const json_t *ask);
void live_exec_input(struct live_conn *c, const struct talk *t);
/* What was written to the asker made room. */
void live_exec_room(struct live_exec *x);
/* Whether it takes more input now. */
bool live_exec_wants(const struct live_exec *x);
bool live_exec_ended(struct live_exec *x, const char *what, int status);
/* The asker is gone: ends the program. NULL is fine. */
void live_exec_free(struct live_exec *x);

#endif
