/*
 * An expectation as it was read; private to the expect_*.c files.
 *
 *	QUANTITY   longest_gap [TRAFFIC] OP VALUE [WINDOW]
 *	           backend [TRAFFIC] NODE answers|share OP VALUE [WINDOW]
 *	           fair [TRAFFIC] [NODE…] OP N [WINDOW]
 *	           adverts NODE [vrid N] [priority P] OP N [WINDOW]
 *	           advert_interval NODE [vrid N] [min|max] OP SPAN [WINDOW]
 *	           advert_priority NODE [vrid N] OP N [WINDOW]
 *	           packets NODE|LINK [PROTOCOL] OP N [WINDOW]
 *	           log NODE "REGEX" OP N [WINDOW] | log NODE "REGEX" present|absent …
 *	STATE      [always|never|eventually] vip ADDR on NODE  WHEN
 *	           ipvs NODE table WHEN { lines as of ipvsadm -Ln }
 *	           always one_master | one_vip_holder | vip_answered_by_master [WINDOW]
 *	STEP       first_advert [NODE] [vrid N] within SPAN|bound[+SPAN] [of BASE]
 *	           no failover [WINDOW]
 *
 *	WINDOW     after [SPAN of] BASE | before [SPAN of] BASE |
 *	           between SPAN and SPAN [of BASE]
 *	WHEN       at end | at SPAN [of BASE] | within SPAN [of BASE] | WINDOW
 *	BASE       settled | start | end | fault N | the first words of a fault or
 *	           of a `when` | last_advert, first_advert … (of the first failover)
 */
#ifndef HALBSIM_EXPECT_INT_H
#define HALBSIM_EXPECT_INT_H

#include <regex.h>

#include "block.h"
#include "event.h"
#include "expect.h"
#include "measure.h"

enum quantity {
	Q_SENT,
	Q_OK,
	Q_FAILED,
	Q_REASON,
	Q_GAPS,
	Q_PER_CLIENT, /* backends: of the client with most */
	Q_LONGEST_GAP,
	Q_TOTAL_GAP,
	Q_LATENCY,
	Q_ANSWERS, /* backend: good replies */
	Q_SHARE,   /* backend: of all good replies */
	Q_FAILOVERS,
	Q_ADVERTS,
	Q_GARPS,
	Q_ADVERT_INTERVAL, /* between two adverts of one router that follow each other */
	Q_ADVERT_PRIORITY,
	Q_PACKETS,
	Q_LOG,	/* lines */
	Q_FAIR, /* answers of the one with most, less those of the one with fewest */
};

enum op { OP_LE, OP_LT, OP_GE, OP_GT, OP_EQ, OP_NE };

enum state {
	ST_VIP,
	ST_MASTER,
	ST_IPVS,
	ST_TABLE, /* the whole of it */
	ST_ONE_MASTER,
	ST_ONE_HOLDER,
	ST_BY_MASTER, /* only a master answers ARP for its virtual addresses */
};

/* How a state or a step is held against time. */
enum mode { MODE_AT, MODE_WITHIN, MODE_ALWAYS, MODE_NEVER, MODE_EVENTUALLY };

enum budget_step {
	BS_LAST_ADVERT,
	BS_FIRST_ADVERT,
	BS_VIP,
	BS_GARP,
	BS_ARP,
	BS_FIRST_OK,
	BS_NSTEPS
};

enum base_kind {
	BASE_DEFAULT, /* the first fault; settled in a case without any */
	BASE_SETTLED,
	BASE_START,
	BASE_END,
	BASE_FAULT_NR,
	BASE_FAULT_WORDS,
	BASE_STEP,
};

struct base {
	enum base_kind kind;
	int nr;		       /* BASE_FAULT_NR, from 1 */
	enum budget_step step; /* BASE_STEP */
	char *words;	       /* BASE_FAULT_WORDS (owned) */
	size_t at;	       /* word of the statement, for messages */
};

/* From base + from_ns to base + to_ns. */
struct window {
	bool given, has_from, has_to;
	int64_t from_ns, to_ns;
	struct base base;
};

enum expect_kind { EX_QUANTITY, EX_STATE, EX_STEP, EX_NO_FAILOVER };

struct expect {
	struct expect *next;
	enum expect_kind kind;
	char *text;			/* as written */
	const struct block_stmt *stmt; /* (borrowed from the case's tree) */
	int line;

	/* quantity */
	enum quantity quantity;
	enum request_result reason;
	double quantile;
	enum op op;
	bool percent;
	int64_t value; /* a count or nanoseconds */
	double share;  /* with percent: as a fraction of one */

	/* words that name something (borrowed from the tree; NULL: not given) */
	const char *traffic, *node, *addr, *service, *dest;
	size_t traffic_at, node_at, addr_at;
	int vrid;   /* 0: any */
	int weight; /* -1: any */

	int priority;	      /* of adverts; -1: any */
	enum { PICK_EACH, PICK_LONGEST, PICK_SHORTEST } pick; /* advert_interval */
	bool compiled;
	regex_t pattern;      /* log */
	const char *protocol; /* packets; NULL: all */
	size_t protocol_at;
	size_t first_at, nnamed; /* fair: the servers' words; none: all */
	char **line_of;		 /* table: its lines (owned) */
	size_t nline;

	/* state and step */
	enum state state;
	bool negated; /* lacks, off, absent */
	enum mode mode;
	enum budget_step step;
	bool bound; /* within bound: of the RFC, plus value */
	struct window window;
};

extern const char *const budget_step_names[BS_NSTEPS];
/* What a window may begin with; ended by NULL. */
extern const char *const window_words[];

/* expect_window.c: the words from *i on. 0, or -1 after a message. */
int window_parse(struct window *w, enum mode *mode, const struct block_stmt *s,
		 size_t *i, struct block_diag *d);
int base_check(const struct base *b, const struct block_stmt *s, const struct case_ *c,
	       struct block_diag *d);
void window_finish(struct window *w);

/* What judging needs, all borrowed. */
struct judge {
	const struct case_ *c;
	const struct event_log *log;
	const struct measures *m;
	struct expect_result *r;
};

/* expect_moment.c: the instant of a base; NS_NONE when it never came. */
int64_t base_time(const struct judge *j, const struct base *b);
/* What a base is called in a sentence: "the fault", "crash lvs1". */
const char *base_name(const struct base *b);
/* The window's edges; false (with the reason in r) when the base never came. */
bool window_times(const struct judge *j, const struct window *w, int64_t *from,
		  int64_t *to);
int64_t step_time(const struct failover *f, enum budget_step s);

/* expect_table.c: the lines of a table, as read and as they were at a time. */
struct table_lines {
	char **v; /* (owned) */
	size_t n;
};

int table_parse(struct expect *e, const struct block *body, struct block_diag *d);
void table_finish(struct expect *e);
/* One more event of that node. 0 or -ENOMEM. */
int table_event(struct table_lines *t, const struct event *v, const char *node);
void table_lines_finish(struct table_lines *t);
bool table_is(const struct table_lines *t, const struct expect *e);
/* In words. 0 or -ENOMEM. */
int table_differs(char *buf, size_t size, const struct event_log *log,
		  const struct expect *e, int64_t at);

/* expect_quantity.c: `actual` against e's bound, into the result. */
void judge_int(const struct judge *j, const struct expect *e, int64_t actual);
bool holds_int(int64_t a, enum op op, int64_t b);

/* expect_wire.c: in [from, to]. 0 or -ENOMEM. */
int judge_count(const struct judge *j, const struct expect *e, int64_t from, int64_t to);
int judge_interval(const struct judge *j, const struct expect *e, int64_t from, int64_t to);
int judge_priority(const struct judge *j, const struct expect *e, int64_t from, int64_t to);
int judge_by_master(const struct judge *j, int64_t from, int64_t to, int64_t grace);

/* Result helpers: texts are malloc'd printf results. */
void result_set(char **slot, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void result_moment(struct expect_result *r, int64_t t, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void result_undecided(struct expect_result *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* One each for the kinds. 0 or -ENOMEM. */
int judge_quantity(const struct judge *j, const struct expect *e);
int judge_state(const struct judge *j, const struct expect *e);
int judge_step(const struct judge *j, const struct expect *e);

#endif
