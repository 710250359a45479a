/* Configurations of virtual servers, built by hand for the tests. */
#ifndef LVS_FIXTURE_H
#define LVS_FIXTURE_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "conf.h"

#define FIX_SERVICES 8
#define FIX_REALS    8
#define FIX_CHECKERS 3

/* Room for everything, so that pointers stay. Zero it, then fix_init(). */
struct fix {
	struct conf c;
	struct lvs_service_conf service[FIX_SERVICES];
	struct lvs_real_conf real[FIX_SERVICES][FIX_REALS];
	struct checker_conf checker[FIX_SERVICES][FIX_REALS][FIX_CHECKERS];
	struct lvs_real_conf sorry[FIX_SERVICES];
};

static inline struct conf_addr fix_addr(const char *text)
{
	struct conf_addr a = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };

	if (inet_pton(a.family, text, &a.v6) != 1)
		abort();
	return a;
}

static inline void fix_init(struct fix *f)
{
	memset(f, 0, sizeof(*f));
	f->c.service = f->service;
}

static inline struct lvs_service_conf *fix_service(struct fix *f, const char *ip, int port)
{
	size_t n = f->c.nservice++;
	struct lvs_service_conf *s = &f->service[n];
	static char rr[] = "rr";

	if (n >= FIX_SERVICES)
		abort();
	s->addr = fix_addr(ip);
	s->port = port;
	s->protocol = IPPROTO_TCP;
	s->scheduler = rr;
	s->forward = LVS_DR;
	s->quorum = 1;
	s->real = f->real[n];
	return s;
}

/* A real server with the service's port, weight 1 and no checker. */
static inline struct lvs_real_conf *fix_real(struct fix *f, struct lvs_service_conf *s,
					     const char *ip)
{
	struct lvs_real_conf *r = &s->real[s->nreal];

	if (s->nreal >= FIX_REALS)
		abort();
	r->addr = fix_addr(ip);
	r->port = s->port;
	r->weight = 1;
	r->forward = s->forward;
	r->checker = f->checker[s - f->service][s->nreal];
	s->nreal++;
	return r;
}

/* A checker with the seed's numbers: every 3 s, 3 s to connect, retry 1 after 4 s. */
static inline struct checker_conf *fix_checker(struct lvs_real_conf *r,
					       enum checker_type type)
{
	struct checker_conf *c = &r->checker[r->nchecker];

	if (r->nchecker >= FIX_CHECKERS)
		abort();
	r->nchecker++;
	c->type = type;
	c->connect_timeout_ns = 3 * NS_PER_S;
	c->delay_loop_ns = 3 * NS_PER_S;
	c->delay_before_retry_ns = 4 * NS_PER_S;
	c->retry = 1;
	return c;
}

static inline void fix_sorry(struct fix *f, struct lvs_service_conf *s, const char *ip)
{
	s->sorry = &f->sorry[s - f->service];
	s->sorry->addr = fix_addr(ip);
	s->sorry->port = s->port;
	s->sorry->weight = 1;
	s->sorry->forward = s->forward;
}

/* The lab: 192.168.31.200:80 on .113 and .150, DR, rr, a TCP_CHECK each. */
static inline void fix_lab(struct fix *f)
{
	struct lvs_service_conf *s;

	fix_init(f);
	s = fix_service(f, "192.168.31.200", 80);
	fix_checker(fix_real(f, s, "192.168.31.113"), CHECK_TCP);
	fix_checker(fix_real(f, s, "192.168.31.150"), CHECK_TCP);
}

#endif
