#include "lvs_sync.h"

#include <errno.h>
#include <linux/ip_vs.h>
#include <string.h>
#include <sys/socket.h>

#include "log.h"

#define BOTH (IP_VS_STATE_MASTER | IP_VS_STATE_BACKUP)

/* Carries out one command; a failure is reported unless `quiet`. */
static void talk(struct lvs_sync *s, struct ipvs_cmd *cmd, bool quiet)
{
	char text[256];

	if (ipvs_submit(s->ipvs, cmd, 1) == 0 && cmd->err == 0)
		return;
	/* Stopped before it ever ran. */
	if (quiet || (cmd->op == IPVS_STOP_DAEMON && cmd->err == -EINTR))
		return;
	ipvs_cmd_text(cmd, text, sizeof(text));
	log_warnx("IPVS %s: %s", text, strerror(-cmd->err));
}

/* --- timeouts --- */

static void put_back(struct lvs_sync *s)
{
	struct ipvs_cmd cmd = { .op = IPVS_SET_TIMEOUTS, .timeouts = s->found };

	if (s->found.tcp_s)
		talk(s, &cmd, false);
}

static void set_timeouts(struct lvs_sync *s)
{
	const struct conf_global *g = s->conf;
	struct ipvs_cmd cmd = { .op = IPVS_SET_TIMEOUTS };
	int r;

	if (!g->lvs_timeout_tcp_s && !g->lvs_timeout_fin_s && !g->lvs_timeout_udp_s) {
		put_back(s); /* a reload took them away */
		return;
	}
	if (!s->found.tcp_s) {
		r = s->ipvs->ops->get_timeouts(s->ipvs->self, &s->found);
		if (r < 0)
			log_warnx("IPVS timeouts: %s", strerror(-r));
	}
	cmd.timeouts = s->found;
	if (g->lvs_timeout_tcp_s)
		cmd.timeouts.tcp_s = g->lvs_timeout_tcp_s;
	if (g->lvs_timeout_fin_s)
		cmd.timeouts.tcp_fin_s = g->lvs_timeout_fin_s;
	if (g->lvs_timeout_udp_s)
		cmd.timeouts.udp_s = g->lvs_timeout_udp_s;
	talk(s, &cmd, false);
}

/* --- daemons --- */

static void start_daemon(struct lvs_sync *s, uint32_t states)
{
	const struct conf_global *g = s->conf;
	struct ipvs_cmd cmd;
	uint32_t state;

	for (state = IP_VS_STATE_MASTER; state <= IP_VS_STATE_BACKUP; state <<= 1) {
		if (!(states & state))
			continue;
		memset(&cmd, 0, sizeof(cmd));
		cmd.op = IPVS_START_DAEMON;
		cmd.daemon.state = state;
		cmd.daemon.sync_id = (uint32_t)g->lvs_sync_id;
		memccpy(cmd.daemon.ifname, g->lvs_sync_ifname, 0,
			sizeof(cmd.daemon.ifname) - 1);
		cmd.daemon.maxlen = g->lvs_sync_maxlen;
		cmd.daemon.port = g->lvs_sync_port;
		cmd.daemon.ttl = g->lvs_sync_ttl;
		cmd.daemon.group_family = (uint16_t)g->lvs_sync_group.family;
		memcpy(cmd.daemon.group, &g->lvs_sync_group.v6, 16);
		talk(s, &cmd, false);
	}
}

static void stop_daemon(struct lvs_sync *s, uint32_t states, uint32_t id, bool quiet)
{
	struct ipvs_cmd cmd;
	uint32_t state;

	for (state = IP_VS_STATE_MASTER; state <= IP_VS_STATE_BACKUP; state <<= 1) {
		if (!(states & state))
			continue;
		memset(&cmd, 0, sizeof(cmd));
		cmd.op = IPVS_STOP_DAEMON;
		cmd.daemon.state = state;
		cmd.daemon.sync_id = id;
		talk(s, &cmd, quiet);
	}
}

static uint32_t bound_state(const struct lvs_sync *s)
{
	return s->master ? IP_VS_STATE_MASTER : IP_VS_STATE_BACKUP;
}

static void start_daemons(struct lvs_sync *s)
{
	if (s->conf->lvs_sync_ifname)
		start_daemon(s, s->conf->lvs_sync_instance ? bound_state(s) : BOTH);
}

static void stop_daemons(struct lvs_sync *s)
{
	if (!s->conf->lvs_sync_ifname)
		return;
	if (s->conf->lvs_sync_instance)
		stop_daemon(s, bound_state(s), (uint32_t)s->conf->lvs_sync_id, false);
	else
		stop_daemon(s, BOTH, 0, true);
}

void lvs_sync_instance(struct lvs_sync *s, const char *instance, bool master)
{
	uint32_t id = (uint32_t)s->conf->lvs_sync_id;

	if (!s->conf->lvs_sync_ifname || !s->conf->lvs_sync_instance ||
	    strcmp(instance, s->conf->lvs_sync_instance) != 0 || s->master == master)
		return;
	stop_daemon(s, bound_state(s), id, false);
	s->master = master;
	start_daemon(s, bound_state(s));
}

/* --- as a whole --- */

void lvs_sync_init(struct lvs_sync *s, struct ipvs *v, const struct conf_global *g)
{
	memset(s, 0, sizeof(*s));
	s->ipvs = v;
	s->conf = g;
}

void lvs_sync_start(struct lvs_sync *s)
{
	struct ipvs_cmd flush = { .op = IPVS_FLUSH };

	if (s->conf->lvs_timeout_tcp_s || s->conf->lvs_timeout_fin_s ||
	    s->conf->lvs_timeout_udp_s)
		set_timeouts(s);
	/* One that a predecessor left; that there is none is no error. */
	if (s->conf->lvs_sync_ifname)
		stop_daemon(s, BOTH, 0, true);
	start_daemons(s);
	if (s->conf->lvs_flush)
		talk(s, &flush, false);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_daemon(const struct conf_global *a, const struct conf_global *b)
{
	return same_text(a->lvs_sync_ifname, b->lvs_sync_ifname) &&
	       same_text(a->lvs_sync_instance, b->lvs_sync_instance) &&
	       a->lvs_sync_id == b->lvs_sync_id &&
	       a->lvs_sync_maxlen == b->lvs_sync_maxlen &&
	       a->lvs_sync_port == b->lvs_sync_port && a->lvs_sync_ttl == b->lvs_sync_ttl &&
	       a->lvs_sync_group.family == b->lvs_sync_group.family &&
	       !memcmp(&a->lvs_sync_group.v6, &b->lvs_sync_group.v6, 16);
}

static bool same_timeouts(const struct conf_global *a, const struct conf_global *b)
{
	return a->lvs_timeout_tcp_s == b->lvs_timeout_tcp_s &&
	       a->lvs_timeout_fin_s == b->lvs_timeout_fin_s &&
	       a->lvs_timeout_udp_s == b->lvs_timeout_udp_s;
}

void lvs_sync_reload(struct lvs_sync *s, const struct conf_global *g)
{
	bool changed = !same_daemon(s->conf, g), timeouts = !same_timeouts(s->conf, g);

	if (changed)
		stop_daemons(s);
	s->conf = g;
	if (timeouts)
		set_timeouts(s);
	if (changed)
		start_daemons(s);
}

void lvs_sync_stop(struct lvs_sync *s)
{
	if (s->stopped)
		return;
	s->stopped = true;
	stop_daemons(s);
	put_back(s);
}
