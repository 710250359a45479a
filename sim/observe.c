#include "observe.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "observe_impl.h"

/*
 * What watches which node, in this order: observe_ipvs adds a device, which is
 * no news to observe_addr when it is there first.
 */
static const struct {
	unsigned int roles; /* bits of enum topo_role */
	const struct observer_ops *ops;
} kinds[] = {
	{ 1u << ROLE_DIRECTOR, &observe_ipvs_ops },
	{ 1u << ROLE_DIRECTOR, &observe_addr_ops },
	{ 1u << ROLE_DIRECTOR | 1u << ROLE_CLIENT | 1u << ROLE_ROUTER, &observe_rx_ops },
	{ 1u << ROLE_CLIENT | 1u << ROLE_ROUTER, &observe_neigh_ops },
};
#define NKIND (sizeof(kinds) / sizeof(kinds[0]))

struct observed {
	struct site_node *node;	 /* (borrowed) */
	const struct topo_node *topo;
	void *observer[NKIND];
};

struct observe {
	struct observe_env env;
	struct observe_wire *wire;
	struct observed *v;
	size_t n;
};

static bool attach(struct observe *o, struct observed *d)
{
	size_t k;

	for (k = 0; k < NKIND; k++) {
		if (!(kinds[k].roles & 1u << d->topo->role))
			continue;
		d->observer[k] = kinds[k].ops->open(&o->env, d->node);
		if (!d->observer[k])
			return false;
	}
	return true;
}

static void detach(struct observed *d, bool gone)
{
	size_t k;

	for (k = 0; k < NKIND; k++) {
		if (d->observer[k])
			kinds[k].ops->close(d->observer[k], gone);
		d->observer[k] = NULL;
	}
}

struct observe *observe_new(const struct observe_env *env)
{
	const struct topology *t = env->c->topo;
	struct observe *o = calloc(1, sizeof(*o));
	size_t i;

	if (o)
		o->v = calloc(t->nnode, sizeof(*o->v));
	if (!o || !o->v) {
		log_warnx("observers: no memory");
		free(o);
		return NULL;
	}
	o->env = *env;
	o->wire = observe_wire_new(&o->env);
	if (!o->wire)
		goto fail;
	for (i = 0; i < t->nnode; i++) {
		o->v[i].topo = &t->node[i];
		o->v[i].node = site_node(env->site, t->node[i].name);
		o->n++;
		observe_wire_ports(o->wire, o->v[i].node);
		if (!attach(o, &o->v[i]))
			goto fail;
	}
	return o;
fail:
	observe_free(o);
	return NULL;
}

void observe_free(struct observe *o)
{
	size_t i;

	if (!o)
		return;
	for (i = 0; i < o->n; i++)
		detach(&o->v[i], false);
	observe_wire_free(o->wire);
	free(o->v);
	free(o);
}

void observe_node(struct observe *o, const char *node, bool up)
{
	size_t i;

	for (i = 0; i < o->n; i++) {
		if (strcmp(o->v[i].topo->name, node) != 0)
			continue;
		detach(&o->v[i], true);
		if (!up)
			return;
		observe_wire_ports(o->wire, o->v[i].node);
		if (!attach(o, &o->v[i]))
			record_note(o->env.rec, node, "is not observed any more");
	}
}

void observe_no_answers(struct observe *o)
{
	size_t i, k;

	for (i = 0; i < o->n; i++)
		for (k = 0; k < NKIND; k++)
			if (o->v[i].observer[k] && kinds[k].ops->no_answers)
				kinds[k].ops->no_answers(o->v[i].observer[k]);
}
