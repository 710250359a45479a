/*
 * How faults are made: fault.c dispatches and waits, fault_words.c turns words
 * into a struct fault_call (for checking and applying alike), and each
 * fault_*.c has the `apply` functions of one kind, with the revert beside.
 */
#ifndef HALBSIM_FAULT_IMPL_H
#define HALBSIM_FAULT_IMPL_H

#include "fault.h"
#include "loop.h"
#include "site_impl.h"

struct fault_type;

/* A fault's words, understood. What is not given is NULL or 0. */
struct fault_call {
	const struct fault_type *type;
	const struct topo_node *node, *peer;
	const struct topo_if *ifc;    /* NODE:IF */
	const struct topo_link *link; /* a whole link */
	const char *what;	      /* "engine", "web"; NULL: every process */
	enum link_side side;
	bool one_way, in, out;
	bool some;		  /* not all traffic, but: */
	enum filter_kind kind;
	int port; /* tcp and udp; 0: any */
	const char *mode; /* backend: dead, hang … */
	double share;	  /* 0..1 */
	int64_t ns;
	int64_t number;
	char *const *argv; /* (borrowed) exec's command, NULL at its end */
};

/* The words, and where in them a mistake is. */
struct fault_words {
	char *const *argv;
	size_t argc, at; /* at: the word looked at, or where the mistake is */
	const struct topology *topo;
	char error[200];
};

struct fault_job {
	uint64_t id; /* never used again, unlike the address */
	struct fault_env *env;
	struct fault_call call;
	struct site_node *n; /* of call.node */
	fault_done_cb *done;
	void *arg;
	struct fault_result res;
	/* Looks whether the effect is there; calls fault_done() when it is. */
	void (*look)(struct fault_job *j);
	struct loop_timer timer;
	int64_t started_ns, wait_ns;
	pid_t pid; /* of a process whose end is awaited */
	bool ended;
	int status;
	pid_t *pids;  /* (owned) others, as the node counts them */
	size_t npids; /* or how many of something were changed */
	int fd;	      /* (owned) a socket that an answer comes on; -1 */
	struct loop_fd watch;
	char *const *argv; /* (borrowed) the fault's own words; only while applying */
	size_t argc;
	struct fault_job *next;
};

struct fault_type {
	const char *name;
	const char *usage; /* "crash NODE" */
	/* Reads the words after the name. 0, or -1 with words->error. */
	int (*words)(struct fault_call *c, struct fault_words *w);
	/* Does it. 0, having called fault_done() or set j->look; or -errno. */
	int (*apply)(struct fault_job *j);
};

extern const struct fault_type fault_types[]; /* ends with name NULL */

/* Gives the result; frees the job. */
void fault_done(struct fault_job *j, bool effective, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * fault_held.c: the counter for the filters of this fault, -1 when there is none
 * (borrowed); while applying.
 */
int fault_counter(struct fault_job *j);
void fault_held_finish(struct fault_env *env);

/* fault_words.c: understands a statement. 0, or -1 with w->at and w->error. */
int fault_read(struct fault_call *c, struct fault_words *w);
int fault_words_node(struct fault_call *c, struct fault_words *w);
int fault_words_node_what(struct fault_call *c, struct fault_words *w);
int fault_words_node_any(struct fault_call *c, struct fault_words *w);
int fault_words_link(struct fault_call *c, struct fault_words *w);
int fault_words_backend(struct fault_call *c, struct fault_words *w);
int fault_words_cut(struct fault_call *c, struct fault_words *w);
int fault_words_share(struct fault_call *c, struct fault_words *w);
int fault_words_span(struct fault_call *c, struct fault_words *w);
int fault_words_bits(struct fault_call *c, struct fault_words *w);
int fault_words_drop(struct fault_call *c, struct fault_words *w);
int fault_words_cpu(struct fault_call *c, struct fault_words *w);
int fault_words_target(struct fault_call *c, struct fault_words *w);
int fault_words_heal(struct fault_call *c, struct fault_words *w);
int fault_words_exec(struct fault_call *c, struct fault_words *w);

/* The apply functions. */
int fault_crash(struct fault_job *j);
int fault_boot(struct fault_job *j);
int fault_kill(struct fault_job *j);
int fault_stop(struct fault_job *j);
int fault_start(struct fault_job *j);
int fault_pause(struct fault_job *j);
int fault_resume(struct fault_job *j);
int fault_reload(struct fault_job *j);
int fault_exec(struct fault_job *j);
int fault_link_down(struct fault_job *j);
int fault_link_up(struct fault_job *j);
int fault_cut(struct fault_job *j);
int fault_impair(struct fault_job *j);
int fault_loss(struct fault_job *j);
int fault_drop(struct fault_job *j);
int fault_cpu(struct fault_job *j);
int fault_arp_freeze(struct fault_job *j);
int fault_heal(struct fault_job *j);
int fault_backend(struct fault_job *j);

/* The protocols that loss, drop and cut know; NULL-terminated, static. */
const char *const *fault_protocol_names(void);

/* What a node of this role runs; NULL: nothing. */
const char *fault_role_what(enum topo_role role);

#endif
