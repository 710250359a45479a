#include "lvs_notify.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "script.h"

/* --- FIFOs --- */

/* Makes it unless it is there. True: we did. */
static bool make(const struct conf_fifo *c)
{
	if (mkfifo(c->path, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH) < 0) {
		if (errno != EEXIST)
			log_warn("notify FIFO %s", c->path);
		return false;
	}
	if ((c->uid != geteuid() || c->gid != getegid()) &&
	    chown(c->path, c->uid, c->gid) < 0)
		log_warn("notify FIFO %s: owner", c->path);
	return true;
}

static void open_one(struct lvs_notify *n, size_t i, const struct conf_fifo *c,
		     bool with_script)
{
	const char *more[] = { c->path, NULL };
	pid_t pid = 0;

	n->fifo[i].fd = -1;
	if (!c->path)
		return;
	n->fifo[i].made = make(c);
	if (with_script && c->script.argv)
		pid = script_start(&c->script, more);
	if (pid < 0)
		log_warnx("notify FIFO's script %s: %s", c->script.argv[0], strerror(-pid));
	/* For reading too: then it opens without a reader, and never breaks. */
	n->fifo[i].fd = open(c->path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	if (n->fifo[i].fd < 0)
		log_warn("notify FIFO %s", c->path);
	n->fifo[i].path = c->path;
}

void lvs_notify_open(struct lvs_notify *n, const struct conf_global *g)
{
	/* The common FIFO's script is the parent's to run: it is the same for all. */
	open_one(n, 0, &g->notify_fifo, false);
	open_one(n, 1, &g->lvs_notify_fifo, true);
}

void lvs_notify_close(struct lvs_notify *n)
{
	size_t i;

	for (i = 0; i < LVS_NFIFO; i++) {
		if (!n->fifo[i].path)
			continue;
		if (n->fifo[i].fd >= 0)
			close(n->fifo[i].fd);
		if (n->fifo[i].made && i > 0)
			unlink(n->fifo[i].path);
		n->fifo[i].path = NULL;
	}
}

static void tell(struct lvs_notify *n, const char *line)
{
	size_t i;

	for (i = 0; i < LVS_NFIFO; i++)
		if (n->fifo[i].path && n->fifo[i].fd >= 0 &&
		    write(n->fifo[i].fd, line, strlen(line)) < 0)
			log_warn("notify FIFO %s", n->fifo[i].path);
}

/* --- keepalived's names of things --- */

static const char *protocol(const struct lvs_service_conf *c)
{
	switch (c->protocol) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_SCTP:
		return "sctp";
	}
	return "none";
}

static void endpoint(char *buf, size_t len, const struct conf_addr *a, int port,
		     const struct lvs_service_conf *c)
{
	char ip[INET6_ADDRSTRLEN] = "";

	inet_ntop(a->family, &a->v6, ip, sizeof(ip));
	snprintf(buf, len, "[%s]:%s:%d", ip, protocol(c), port);
}

static void service_name(char *buf, size_t len, const struct lvs_service *s)
{
	const struct lvs_service_conf *c = s->conf;

	if (c->group)
		snprintf(buf, len, "[%s]:%d", c->group->name, c->port);
	else if (c->fwmark)
		snprintf(buf, len, "FWM %u", c->fwmark);
	else
		endpoint(buf, len, &c->addr, c->port, c);
}

/* --- the hooks --- */

/* Runs a script; NULL or without words: there is none. */
static void run(const struct conf_script *s)
{
	pid_t pid = s && s->argv ? script_start(s, NULL) : 0;

	if (pid < 0)
		log_warnx("notify script %s: %s", s->argv[0], strerror(-pid));
}

void lvs_notify_real(void *arg, const struct lvs_service *s, const struct lvs_real *r,
		     bool stopping)
{
	char line[512], service[256], real[80];

	(void)stopping;
	run(r->alive ? r->conf->notify_up : r->conf->notify_down);
	endpoint(real, sizeof(real), &r->conf->addr, r->conf->port, s->conf);
	service_name(service, sizeof(service), s);
	snprintf(line, sizeof(line), "RS %s %s %s\n", real, service,
		 r->alive ? "UP" : "DOWN");
	tell(arg, line);
}

void lvs_notify_quorum(void *arg, const struct lvs_service *s, bool stopping)
{
	char line[512], service[256];

	(void)stopping;
	run(s->quorum_up ? &s->conf->quorum_up : &s->conf->quorum_down);
	service_name(service, sizeof(service), s);
	snprintf(line, sizeof(line), "VS %s %s\n", service, s->quorum_up ? "UP" : "DOWN");
	tell(arg, line);
}
