/* Between traffic.c and the kinds of traffic. */
#ifndef HALBSIM_TRAFFIC_IMPL_H
#define HALBSIM_TRAFFIC_IMPL_H

#include "traffic.h"

/* One request, as every kind keeps it. */
struct request {
	uint64_t n;
	int64_t due_ns; /* CLOCK_MONOTONIC */
	bool judged;
};

struct traffic_ops {
	enum traffic_kind kind;
	size_t size; /* of its own struct, which begins with a struct traffic */
	/* Before the first request. 0 or -errno after a message. */
	int (*open)(struct traffic *t);
	/* A request is due: send it, or end it with traffic_end(). */
	void (*send)(struct traffic *t, const struct request *r);
	/* Ends every request under way with that result, at once. */
	void (*drop)(struct traffic *t, enum request_result result);
	/* Closes all sockets; send() may open new ones later. */
	void (*close)(struct traffic *t);
	/* Closes, and frees what open() and send() made. */
	void (*free)(struct traffic *t);
};

enum traffic_phase { TRAFFIC_IDLE, TRAFFIC_WARM, TRAFFIC_JUDGED, TRAFFIC_STOPPED };

struct traffic {
	const struct traffic_conf *conf;
	const struct traffic_ops *ops;
	struct traffic_env env;
	struct sockaddr_storage to;
	socklen_t to_len;
	enum traffic_phase phase;
	struct loop_timer timer; /* the next request is due */
	int64_t start_ns;
	double interval_ns; /* of all nodes that take turns */
	uint64_t next;	    /* of this one's requests */
	size_t k, nnode;    /* it is number k of these */
	size_t under_way;
	unsigned int streak;
	const char *name, *from; /* interned */
};

/* Every request ends here, exactly once. `backend`: who answered, or NULL. */
void traffic_end(struct traffic *t, const struct request *r, enum request_result result,
		 const char *backend);

/* How many requests are under way when nobody answers. */
size_t traffic_busy(const struct traffic *t);

/* The node whose page begins with that text; interned; NULL: nobody's. */
const char *traffic_backend(const struct traffic *t, const char *body);

/* What an errno of a socket means for the request. */
enum request_result traffic_result(int err);

extern const struct traffic_ops traffic_http_ops, traffic_keepalive_ops,
	traffic_stream_ops, traffic_udp_ops;

#endif
