/*
 * Health checks: when each one runs, what it found, and when it runs again.
 *
 * struct checks is a set of checkers in one event loop. Each checker waits for
 * its time, runs one attempt (its type's start()), and ends in check_done() with
 * a result; nothing else ends an attempt. One deadline covers all of an attempt,
 * connecting and talking (SMTP_CHECK moves it on). What a result means for the real server, and when the
 * next attempt is due, is check_rule(): pure, and keepalived 2.2.7's.
 *
 * The set that talks to the network lives in the check worker, a process without
 * capabilities (check_worker.c); scripts (MISC_CHECK), which must be run as other
 * users, in the process that owns the IPVS table. Both sets number checkers as
 * lvs.h does, and share one array of struct check_state: it survives the worker,
 * so that a new one goes on where the old one was.
 */
#ifndef HALBD_CHECK_H
#define HALBD_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "conf.h"
#include "loop.h"

struct checks;

enum check_result {
	CHECK_OK,
	CHECK_TIMEOUT,	   /* no answer in time */
	CHECK_REFUSED,	   /* connection refused */
	CHECK_RESET,	   /* connection reset or closed early */
	CHECK_UNREACHABLE, /* no route, host or network down */
	CHECK_IO_ERROR,	   /* another error of the socket's */
	CHECK_NO_REPLY,	   /* connected, closed without a word */
	CHECK_BAD_REPLY,   /* not what the protocol says */
	CHECK_BAD_STATUS,  /* a status that is not wanted (HTTP, SMTP, DNS) */
	CHECK_BAD_DIGEST,  /* not the page that is wanted */
	CHECK_NO_MATCH,	   /* the regex says so */
	CHECK_BAD_TLS,	   /* no TLS connection */
	CHECK_EXITED,	   /* the script's exit status */
	CHECK_SIGNALLED,   /* the script was killed */
	CHECK_NOT_RUN,	   /* could not be tried (no socket, no memory): no verdict */
	CHECK_NRESULTS
};

/* "connection refused" */
const char *check_result_text(enum check_result r);
/* What an errno of connect, send or recv means. */
enum check_result check_errno_result(int err);

/* What the rules remember of a checker. */
struct check_state {
	uint32_t retry_it;  /* failures in a row that were let pass */
	uint16_t url;	    /* HTTP: the one to fetch next */
	uint16_t failed_url; /* HTTP: one more than the one that failed; 0: none */
	uint8_t exit_code;  /* MISC: of the last run that counted */
	bool is_up, has_run;
	bool disabled; /* ha_suspend; the owner of the table writes it, nobody else */
};

enum check_news {
	CHECK_SAME,
	CHECK_WENT_UP,	/* or its first success */
	CHECK_WENT_DOWN /* or its first failure */
};

/* The state of a checker that never ran. */
void check_state_init(struct check_state *s, const struct checker_conf *c);
/*
 * Takes a verdict in: changes the state, and says what is new and in how many
 * nanoseconds the next attempt is due, counted from the end of this one (MISC:
 * from its start).
 */
int64_t check_rule(const struct checker_conf *c, struct check_state *s, bool ok,
		   enum check_news *news);

/* What leaves a set of checks. */
struct check_report {
	uint32_t checker;
	uint8_t up;	    /* valid unless weight_only */
	uint8_t result;	    /* enum check_result */
	uint8_t weight_only; /* misc_dynamic: only the weight is new */
	uint8_t weight_quiet; /* the weight goes without a command of its own */
	uint8_t has_weight;
	int32_t weight; /* added to the real server's configured one */
};

struct check;

/* A kind of checker. All callbacks run in the loop. */
struct check_type {
	const char *name; /* "TCP_CHECK" */
	/*
	 * Begins an attempt. It ends, here or later, in one check_done(). Returns
	 * false when it may take longer than connect_timeout (MISC keeps its own
	 * time); true: the deadline stands.
	 */
	bool (*start)(struct check *c);
	/* The deadline came. NULL: check_done(c, CHECK_TIMEOUT). */
	void (*timeout)(struct check *c);
	/* The end of an attempt: frees what hangs on c->job. NULL: nothing does. */
	void (*finish)(struct check *c);
	/*
	 * Called once for each checker, while there still are privileges, before any
	 * attempt: opens a socket that stays for all attempts in c->io.fd. What
	 * fails here is reported by the attempts. NULL: a socket each attempt.
	 */
	void (*open)(struct check *c);
};

extern const struct check_type check_tcp, check_http, check_ssl, check_misc, check_udp,
	check_dns, check_ping, check_smtp;

/* One checker at work. */
struct check {
	struct loop_timer timer; /* the next attempt, or this one's deadline */
	struct loop_fd io;	 /* io.fd < 0: no socket */
	struct checks *set;	 /* (borrowed) */
	const struct checker_conf *conf;
	const struct lvs_real_conf *real;
	void *job; /* this attempt's; the type's finish() frees it */
	int64_t started_ns;
	uint32_t index;
	bool running;
	bool has_turn; /* its timer is its turn (check_pace.h), not when it was due */
};

struct checks_opts {
	struct loop *loop;	   /* (borrowed) */
	const struct conf *conf;   /* (borrowed) */
	struct check_state *state; /* (borrowed) one for each checker of conf */
	bool scripts;		   /* MISC_CHECKs; false: all others */
	void (*report)(void *arg, const struct check_report *r);
	void *arg;
	/* For tests; NULL: CLOCK_MONOTONIC and the kernel's random numbers. */
	int64_t (*now)(void);
	uint64_t (*random)(void);
};

/*
 * Makes the set and schedules every first attempt: after 1 s and a random share
 * of the checker's warmup. NULL when memory runs out (errno set).
 */
struct checks *checks_new(const struct checks_opts *o);
/* Ends all attempts, without verdict. NULL is fine. */
void checks_free(struct checks *s);
size_t checks_n(const struct checks *s);

/* A verdict was not taken: the checker is what it was. */
void checks_correct(struct checks *s, uint32_t checker, bool up);

/* --- for the types --- */

/* The one way an attempt ends. */
void check_done(struct check *c, enum check_result result);
/* check_done() with text for the message ("status 503"); NULL: none. */
void check_done_detail(struct check *c, enum check_result result, const char *detail);

/* The attempt's deadline is connect_timeout from now. */
void check_more_time(struct check *c);

/* Where to connect to, from the checker and its real server. */
void check_target(const struct check *c, struct sockaddr_storage *ss, socklen_t *len);
/* The same as "192.0.2.1:80" or "[2001:db8::1]:80". */
void check_target_text(const struct check *c, char *buf, size_t len);
/*
 * A non-blocking socket with bind_if, fwmark and bindto applied, in c->io.fd; 0,
 * or -errno with c->io.fd < 0.
 */
int check_socket(struct check *c, int type, int protocol);
/*
 * A mark takes a capability (CAP_NET_ADMIN), which the worker gives up: a checker
 * with fwmark has one socket, opened before, for all of its attempts. check_keep()
 * ends an attempt's connection, check_disconnect() makes it ready for the next; 0 or
 * -errno.
 */
void check_open_marked(struct check *c);
void check_keep(struct check *c);
int check_disconnect(struct check *c);
/*
 * Connects it. 0 (done or on its way), or -errno. After -errno the attempt is
 * over: check_done(c, check_errno_result(-r)).
 */
int check_connect(struct check *c);
/* After EPOLLOUT: 0 when the connection stands, or -errno. */
int check_connected(struct check *c, uint32_t revents);
/* Watches c->io.fd, or changes what it is watched for. 0 or -errno. */
int check_watch(struct check *c, uint32_t events,
		void (*cb)(struct loop_fd *, uint32_t, void *));
/* A socket that could be opened and connected, watched; else the attempt is ended. */
bool check_begin(struct check *c, int type, int protocol, uint32_t events,
		 void (*cb)(struct loop_fd *, uint32_t, void *));

struct loop *check_loop(struct check *c);
struct check_state *check_state(struct check *c);
int64_t check_now(struct check *c);
void check_report_weight(struct check *c, int32_t weight, bool quiet);

#endif
