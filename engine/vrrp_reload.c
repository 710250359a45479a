/*
 * SIGHUP in the VRRP process. An instance that is the same virtual router in the
 * new configuration goes on as it is, MASTER or BACKUP, and only what differs is
 * touched; the others stop and start.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "vrrp_proc_priv.h"

/* The running instance that goes on as `c`, taken out of `old`. */
static struct vrrp_inst *take(struct vrrp_inst **old, size_t n, const struct vrrp_conf *c)
{
	struct vrrp_inst *i;
	size_t k;

	for (k = 0; k < n; k++) {
		i = old[k];
		if (i && vrrp_inst_same(i, c)) {
			old[k] = NULL;
			return i;
		}
	}
	return NULL;
}

/* Results of scripts that are still there. */
static struct vrrp_script_count *carry_scripts(const struct vrrp_proc *p,
					       const struct conf *new)
{
	struct vrrp_script_count *s = calloc(new->nscript ? new->nscript : 1, sizeof(*s));
	const struct conf_script *a, *b;
	size_t n, k;

	for (n = 0; s && n < new->nscript; n++) {
		b = &new->script[n];
		vrrp_script_count_init(&s[n], b->rise, b->fall, b->init_fail);
		for (k = 0; k < p->conf->nscript; k++) {
			a = &p->conf->script[k];
			if (!strcmp(a->name, b->name) && a->rise == b->rise &&
			    a->fall == b->fall)
				s[n] = p->script[k];
		}
	}
	return s;
}

/* The instances of `new`: taken over (kept[n]) or set up. 0 or -errno. */
static int gather(struct vrrp_proc *p, const struct conf *new, struct vrrp_inst **inst,
		  bool *kept)
{
	size_t n;
	int r;

	for (n = 0; n < new->nvrrp; n++) {
		inst[n] = take(p->inst, p->ninst, &new->vrrp[n]);
		kept[n] = inst[n];
		if (inst[n])
			continue;
		inst[n] = calloc(1, sizeof(*inst[n]));
		if (!inst[n])
			return -ENOMEM;
		r = vrrp_inst_init(inst[n], &new->vrrp[n], new, &p->env);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Undoes gather(): what was taken goes back to its place, what is new goes. */
static void give_back(struct vrrp_proc *p, const struct conf *new, struct vrrp_inst **inst,
		      const bool *kept)
{
	size_t n, k;

	for (n = 0; n < new->nvrrp; n++) {
		if (!inst[n])
			continue;
		if (!kept[n]) {
			vrrp_inst_finish(inst[n]);
			free(inst[n]);
			continue;
		}
		for (k = 0; p->inst[k] || inst[n]->v.conf != &p->conf->vrrp[k]; k++)
			;
		p->inst[k] = inst[n];
	}
	free(inst);
}

static void drop_old(struct vrrp_proc *p, int64_t now)
{
	size_t n;

	for (n = 0; n < p->ninst; n++) {
		if (!p->inst[n]) /* goes on */
			continue;
		p->inst[n]->v.group = NULL;
		vrrp_stop(&p->inst[n]->v, now);
		vrrp_inst_finish(p->inst[n]);
		free(p->inst[n]);
	}
	free(p->inst);
}

/* What the group's members do already. */
static void settle_group(struct vrrp_group *g)
{
	size_t n;

	vrrp_group_start(g);
	if (g->state == VRRP_FAULT)
		return;
	for (n = 0; n < g->nmember; n++)
		if (g->member[n]->state != VRRP_MASTER)
			break;
	if (n && n == g->nmember)
		g->state = VRRP_MASTER;
}

static int bring_up(struct vrrp_proc *p, const bool *kept, int64_t now)
{
	const struct conf *c = p->conf;
	struct vrrp_inst *i;
	size_t n;
	int r = vrrp_ifs_read(p->env.ifs);

	if (!r)
		r = vrrp_proc_groups(p);
	for (n = 0; !r && n < p->ninst; n++) {
		i = p->inst[n];
		if (kept[n]) {
			r = vrrp_inst_reconf(i, &c->vrrp[n], c, p->script);
		} else {
			r = vrrp_inst_open(i);
			if (!r)
				vrrp_inst_preset(i, p->script);
		}
	}
	if (r < 0)
		return r;
	for (n = 0; n < p->ngroup; n++)
		settle_group(&p->group[n]);
	for (n = 0; n < p->ninst; n++) {
		if (kept[n])
			vrrp_reconf_done(&p->inst[n]->v, now);
		else
			vrrp_start(&p->inst[n]->v, now);
	}
	return 0;
}

void vrrp_proc_reload(struct vrrp_proc *p, const char *path)
{
	FILE *nowhere = fopen("/dev/null", "we"); /* the parent has shown it all */
	enum conf_status status;
	struct conf *new = nowhere ? conf_reload(path, nowhere, &status, p->conf) : NULL;
	struct conf *before = p->owned;
	int64_t now = clock_now();
	struct vrrp_script_count *script = new ? carry_scripts(p, new) : NULL;
	struct vrrp_inst **inst = new ? calloc(new->nvrrp + 1, sizeof(*inst)) : NULL;
	bool *kept = new ? calloc(new->nvrrp + 1, sizeof(*kept)) : NULL;
	int r = -EINVAL;

	if (nowhere)
		fclose(nowhere);
	if (!script || !inst || !kept) {
		log_warnx("the new configuration cannot be used; going on with the old one");
		free(script);
		free(inst);
		free(kept);
		conf_free(new);
		return;
	}
	r = gather(p, new, inst, kept);
	if (r < 0) {
		errno = -r;
		log_warn("the new configuration does not work; starting again");
		give_back(p, new, inst, kept);
		free(script);
		free(kept);
		conf_free(new);
		loop_stop(p->env.loop, 1);
		return;
	}
	drop_old(p, now);
	vrrp_proc_groups_free(p);
	free(p->script);
	p->inst = inst;
	p->ninst = new->nvrrp;
	p->script = script;
	p->conf = p->owned = new;
	vrrp_proc_drop(p);
	r = bring_up(p, kept, now);
	free(kept);
	if (r < 0) { /* (instances that were not reached still have the old one) */
		p->before = before;
		errno = -r;
		log_warn("the new configuration does not work; starting again");
		loop_stop(p->env.loop, 1);
	} else {
		conf_free(before);
	}
}
