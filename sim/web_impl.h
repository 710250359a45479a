/* What web.c, web_conn.c (pages), web_echo.c and web_ctl.c share. */
#ifndef HALBSIM_WEB_IMPL_H
#define HALBSIM_WEB_IMPL_H

#include "http_req.h"
#include "loop.h"
#include "web.h"

/* A ready-made answer; Date makes it old after a second. */
struct web_page {
	char *text;
	size_t len, head_len;
};

/* A path that is answered besides `/`. */
struct web_path {
	char *path; /* (owned) */
	size_t len;
	int status;
	struct web_path *next;
};

struct web_port {
	struct web *web; /* (borrowed) */
	int port, fd[2]; /* IPv4, IPv6; -1: not open */
	char *body;
	bool tls; /* for those who begin with a ClientHello */
	struct web_path *paths;
	struct web_page page[2]; /* connection closes, stays */
	int64_t page_s;		 /* the second that they are of */
	struct loop_fd watch[2];
	struct web_port *next;
};

enum conn_state {
	CONN_READ,   /* waiting for (the rest of) a request */
	CONN_HELD,   /* has one; its answer waits for a timer or a better mode */
	CONN_WRITE,  /* waiting to write the rest of an answer */
	CONN_LINGER, /* answered and shut; reads until the client closes too */
};

struct web_conn {
	struct web_port *port; /* (borrowed) */
	int fd;
	enum conn_state state;
	struct loop_fd watch;
	struct loop_timer timer;
	char *out; /* (owned) rest of an answer */
	size_t out_len, out_at;
	int64_t stream; /* bytes still to make up; -1: without end */
	uint64_t skip;	/* bytes of a request's body still to come */
	bool keep;	/* after this answer */
	bool begun;	/* whether it speaks TLS is known */
	void *tls;	/* (owned) web_tls.h; NULL: plain */
	struct web_conn *prev, *next;
	size_t len; /* in buf */
	char buf[HTTP_MAX_HEAD];
};

struct web_udp {
	struct web *web;
	int fd;
	struct loop_fd watch;
	struct web_udp *next;
};

#define WEB_OVER_MAX 64

struct web {
	struct loop *loop; /* (borrowed) */
	struct web_port *ports;
	struct web_conn *conns, *spare;
	int over[WEB_OVER_MAX]; /* shut down, but not closed */
	size_t nover;
	struct loop_timer over_timer;
	struct web_udp *udps;
	enum web_mode mode;
	int value;
	bool stopping;
	struct loop_timer stop_timer;
	int ctl;
	struct loop_fd ctl_watch;
	struct web_ctl_conn *ctl_conns;
};

/* web_ctl.c, web_echo.c */
void web_ctl_finish(struct web *w);
void web_echo_finish(struct web *w);
/* web_conn.c. Takes one connection; false when there is none: gone again, or we are out
 * of descriptors. */
bool web_conn_accept(struct web_port *p, int listener);
/* Answers whole requests that have come, one after the other, while it can. */
void web_conn_serve(struct web_conn *c);
void web_conn_free(struct web_conn *c, bool reset);
/* Closes what has been answered and shut down. */
void web_close_over(struct web *w);
/* web_listen.c: opens and closes a port's sockets. */
int web_port_open(struct web_port *p);
void web_port_close(struct web_port *p);
/* web_conn.c: a listener is ready. */
void web_port_accept(struct loop_fd *f, uint32_t revents, void *arg);
/* web_page.c: the ready-made answer of a port. NULL: out of memory. */
const struct web_page *web_page_get(struct web_port *p, bool keep);
/* web_page.c: an answer with a status; malloc'd, its length in *len; or NULL. */
char *web_page_status(int status, bool keep, bool head, size_t *len);
/* web_page.c: the head of a stream; bytes -1: until the connection closes. It has the
 * port's page as X-Page, so that a client knows who answers. */
char *web_page_stream(const struct web_port *p, int64_t bytes, bool keep, size_t *len);
const char *web_page_reason(int status);

#endif
