/*
 * From virtual and real servers to IPVS commands: addresses, ports and flags as
 * keepalived 2.2.7 sends them, groups unrolled, batches, and which refusals of
 * the kernel's matter.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/ip_vs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "log.h"
#include "lvs_priv.h"

#define ALL_OF_IPV4 0xffffffffU
#define ALL_OF_IPV6 128

/* --- submitting --- */

/*
 * What an answer means: there already, or gone already, is what was wanted. The
 * kernel says ESRCH for a service that it does not have.
 */
static bool is_fine(const struct ipvs_cmd *cmd)
{
	switch (cmd->op) {
	case IPVS_NEW_SERVICE:
	case IPVS_NEW_DEST:
		return cmd->err == -EEXIST;
	case IPVS_DEL_SERVICE:
	case IPVS_DEL_DEST:
		return cmd->err == -ENOENT || cmd->err == -ESRCH;
	default:
		return false;
	}
}

static int judge(const struct ipvs_cmd *cmd)
{
	char text[256];
	bool fine;

	if (!cmd->err)
		return 0;
	fine = is_fine(cmd);
	ipvs_cmd_text(cmd, text, sizeof(text));
	if (fine)
		log_info("IPVS %s: %s (already so)", text, strerror(-cmd->err));
	else
		log_warnx("IPVS %s: %s", text, strerror(-cmd->err));
	return fine ? 0 : cmd->err;
}

/* Submits; a SET_DEST of what is not there is done again as a NEW_DEST. */
static void submit(struct lvs *l, struct ipvs_cmd *cmd, size_t n)
{
	size_t i;
	int r = ipvs_submit(l->ipvs, cmd, n);

	for (i = 0; !r && i < n; i++) {
		if (cmd[i].op != IPVS_SET_DEST ||
		    (cmd[i].err != -ENOENT && cmd[i].err != -ESRCH))
			continue;
		cmd[i].op = IPVS_NEW_DEST;
		r = ipvs_submit(l->ipvs, &cmd[i], 1);
	}
	if (r && !l->broken)
		l->broken = r;
}

static int flush(struct lvs *l)
{
	struct lvs_batch *b = l->batch;
	size_t i;

	if (!b->n)
		return 0;
	submit(l, b->cmd, b->n);
	for (i = 0; i < b->n; i++)
		judge(&b->cmd[i]);
	b->n = 0;
	return l->broken;
}

void lvs_batch_begin(struct lvs *l)
{
	l->batch = malloc(sizeof(*l->batch));
	if (l->batch)
		l->batch->n = 0;
	l->broken = 0;
}

int lvs_batch_end(struct lvs *l)
{
	int r = l->batch ? flush(l) : l->broken;

	free(l->batch);
	l->batch = NULL;
	return r;
}

static int talk(struct lvs *l, const struct ipvs_cmd *cmd)
{
	struct ipvs_cmd one;

	if (l->batch) {
		if (l->batch->n == LVS_BATCH)
			flush(l);
		l->batch->cmd[l->batch->n++] = *cmd;
		return 0;
	}
	one = *cmd;
	submit(l, &one, 1);
	return judge(&one);
}

/* --- from configuration --- */

static void copy_addr(uint8_t to[16], const struct conf_addr *a)
{
	memset(to, 0, 16);
	if (a->family == AF_INET6)
		memcpy(to, &a->v6, 16);
	else if (a->family == AF_INET)
		memcpy(to, &a->v4, 4);
}

static uint32_t whole_mask(uint16_t family)
{
	return family == AF_INET6 ? ALL_OF_IPV6 : ALL_OF_IPV4;
}

static uint16_t service_family(const struct lvs_service_conf *c)
{
	if (c->addr.family)
		return (uint16_t)c->addr.family;
	return (uint16_t)(c->family ? c->family : AF_INET);
}

/* Everything but address, port and mark. */
static void make_service(struct ipvs_service *svc, const struct lvs_service_conf *c,
			 bool with_persistence)
{
	memset(svc, 0, sizeof(*svc));
	svc->family = service_family(c);
	svc->protocol = (uint16_t)c->protocol;
	svc->flags = c->sched_flags;
	if (c->one_packet)
		svc->flags |= IP_VS_SVC_F_ONEPACKET;
	svc->netmask = whole_mask(svc->family);
	memccpy(svc->sched, c->scheduler, 0, sizeof(svc->sched) - 1);
	if (!c->persistence_s || !with_persistence)
		return;
	svc->timeout_s = c->persistence_s;
	svc->flags |= IP_VS_SVC_F_PERSISTENT;
	if (c->persistence_granularity && c->persistence_granularity != ALL_OF_IPV4)
		svc->netmask = c->persistence_granularity;
	if (c->pe_name)
		memccpy(svc->pe_name, c->pe_name, 0, sizeof(svc->pe_name) - 1);
}

static uint32_t forward_flag(enum lvs_forward f)
{
	switch (f) {
	case LVS_DR:
		return IP_VS_CONN_F_DROUTE;
	case LVS_TUN:
		return IP_VS_CONN_F_TUNNEL;
	case LVS_NAT:
		break;
	}
	return IP_VS_CONN_F_MASQ;
}

static void make_dest(struct ipvs_dest *d, const struct lvs_real *r)
{
	const struct lvs_real_conf *c = r->conf;

	memset(d, 0, sizeof(*d));
	d->family = (uint16_t)c->addr.family;
	d->port = (uint16_t)c->port;
	copy_addr(d->addr, &c->addr);
	d->forward = forward_flag(c->forward);
	d->weight = lvs_weight(r->weight);
	d->upper = c->upper_threshold;
	d->lower = c->lower_threshold;
	d->tun_type = c->tun_type;
	d->tun_port = c->tun_port;
	d->tun_flags = c->tun_flags;
}

/* --- groups --- */

static uint32_t *use_count(struct lvs_entry_use *u, const struct lvs_group_entry_conf *e,
			   const struct lvs_service_conf *c)
{
	if (e->fwmark)
		return service_family(c) == AF_INET ? &u->fwm4 : &u->fwm6;
	switch (c->protocol) {
	case IPPROTO_TCP:
		return &u->tcp;
	case IPPROTO_UDP:
		return &u->udp;
	}
	return &u->sctp;
}

/* Is there anything to tell the kernel, given who else uses the entry? */
static bool entry_concerned(enum ipvs_cmd_op op, uint32_t count, const struct lvs_real *r)
{
	switch (op) {
	case IPVS_NEW_SERVICE:
	case IPVS_DEL_SERVICE:
		return count == 0;
	case IPVS_NEW_DEST:
		return !r->alive;
	case IPVS_DEL_DEST:
		return r->alive;
	default:
		return true;
	}
}

/* The next address of a range; only its last 16 (IPv6) or 32 bits count. */
static void next_addr(uint8_t addr[16], uint16_t family)
{
	int first = family == AF_INET6 ? 14 : 0;
	int i = family == AF_INET6 ? 15 : 3;

	while (i >= first && ++addr[i] == 0)
		i--;
}

static uint16_t dest_port(const struct lvs_real *r, int service_port)
{
	return (uint16_t)(r->conf->forward == LVS_NAT ? r->conf->port : service_port);
}

/* The command for one entry: a mark, or each address of a range. */
static int put_entry(struct lvs *l, struct ipvs_cmd *cmd,
		     const struct lvs_group_entry_conf *e,
		     const struct lvs_service_conf *c, const struct lvs_real *r)
{
	uint32_t n;
	int ret;

	cmd->svc.family = (uint16_t)(e->addr.family ? e->addr.family :
				     e->family	    ? e->family :
						      service_family(c));
	cmd->svc.netmask = whole_mask(cmd->svc.family);
	cmd->svc.port = (uint16_t)e->port;
	cmd->svc.fwmark = e->fwmark;
	copy_addr(cmd->svc.addr, &e->addr);
	if (e->fwmark)
		cmd->svc.protocol = cmd->svc.port = 0;
	else
		cmd->svc.protocol = (uint16_t)c->protocol;
	if (r)
		cmd->dest.port = dest_port(r, cmd->svc.port);
	for (n = 0; n < (e->fwmark ? 1 : e->count); n++) {
		ret = talk(l, cmd);
		if (ret < 0)
			return ret;
		next_addr(cmd->svc.addr, cmd->svc.family);
	}
	return 0;
}

static int put_group(struct lvs *l, struct ipvs_cmd *cmd, struct lvs_service *s,
		     const struct lvs_real *r)
{
	const struct lvs_group_conf *g = s->conf->group;
	struct lvs_entry_use *row = l->use[lvs_group_index(l, s)];
	uint32_t *count;
	size_t i;
	int ret;

	for (i = 0; i < g->nentry; i++) {
		if (cmd->op == IPVS_NEW_SERVICE && l->reloading && row[i].reloaded)
			continue;
		count = use_count(&row[i], &g->entry[i], s->conf);
		if (entry_concerned(cmd->op, *count, r)) {
			ret = put_entry(l, cmd, &g->entry[i], s->conf, r);
			if (ret < 0)
				return ret;
		}
		if (cmd->op == IPVS_NEW_DEST)
			++*count;
		else if (cmd->op == IPVS_DEL_DEST && *count)
			--*count;
	}
	return 0;
}

void lvs_group_entry_add(struct lvs *l, struct lvs_service *s, size_t entry)
{
	const struct lvs_group_entry_conf *e = &s->conf->group->entry[entry];
	struct ipvs_cmd cmd = { .op = IPVS_NEW_DEST };
	struct lvs_real *r;
	size_t i;

	make_service(&cmd.svc, s->conf, false);
	for (i = 0; i < s->conf->nreal; i++) {
		r = &s->real[i];
		if (!r->reloaded || !(r->alive || (r->inhibit && r->set)))
			continue;
		make_dest(&cmd.dest, r);
		if (r->inhibit && !r->alive)
			cmd.dest.weight = 0;
		put_entry(l, &cmd, e, s->conf, r);
	}
}

void lvs_group_entry_remove(struct lvs *l, struct lvs_service *s, size_t entry)
{
	const struct lvs_group_entry_conf *e = &s->conf->group->entry[entry];
	struct ipvs_cmd cmd = { .op = IPVS_DEL_DEST };
	struct lvs_entry_use *u = &l->use[lvs_group_index(l, s)][entry];
	size_t i;

	make_service(&cmd.svc, s->conf, false);
	for (i = 0; i < s->conf->nreal && !l->conf->global.lvs_flush_on_stop; i++) {
		if (!s->real[i].alive)
			continue;
		make_dest(&cmd.dest, &s->real[i]);
		put_entry(l, &cmd, e, s->conf, &s->real[i]);
	}
	if (*use_count(u, e, s->conf))
		return;
	cmd.op = IPVS_DEL_SERVICE;
	put_entry(l, &cmd, e, s->conf, NULL);
}

/* --- one change --- */

/* What inhibit_on_failure makes of the command; keeps `set` up to date. */
static void apply_inhibit(struct ipvs_cmd *cmd, struct lvs_real *r, bool force)
{
	bool inhibit = r->inhibit && !force;

	if (cmd->op == IPVS_DEL_DEST && inhibit) {
		cmd->dest.weight = 0;
		cmd->op = IPVS_SET_DEST;
	} else if (cmd->op == IPVS_NEW_DEST && inhibit && r->set) {
		cmd->op = IPVS_SET_DEST;
	} else if (cmd->op == IPVS_NEW_DEST && !r->set) {
		r->set = true;
		if (inhibit && r->failed)
			cmd->dest.weight = 0;
	} else if (cmd->op == IPVS_DEL_DEST && r->set) {
		r->set = false;
	}
}

int lvs_put(struct lvs *l, enum ipvs_cmd_op op, struct lvs_service *s,
	    struct lvs_real *r, bool force)
{
	struct ipvs_cmd cmd = { .op = op };

	make_service(&cmd.svc, s->conf,
		     op == IPVS_NEW_SERVICE || op == IPVS_SET_SERVICE ||
			     op == IPVS_DEL_SERVICE);
	if (r) {
		make_dest(&cmd.dest, r);
		apply_inhibit(&cmd, r, force);
	}
	if (s->conf->group)
		return put_group(l, &cmd, s, r);
	if (s->conf->fwmark) {
		cmd.svc.fwmark = s->conf->fwmark;
		cmd.svc.protocol = 0;
	} else {
		copy_addr(cmd.svc.addr, &s->conf->addr);
		cmd.svc.port = (uint16_t)s->conf->port;
	}
	if (r)
		cmd.dest.port = dest_port(r, cmd.svc.port);
	return talk(l, &cmd);
}
