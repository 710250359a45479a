/* Faults: power loss, and power again. */
#include <errno.h>
#include <string.h>

#include "clock.h"
#include "fault_impl.h"
#include "proctree.h"

/* How many processes the node has, init apart. */
static size_t count(const struct site_node *n)
{
	struct proctree t = { 0 };
	size_t found = proctree_read(&t, n->init.pid) == 0 ? t.n : 0;

	proctree_finish(&t);
	return found;
}

static void look_gone(struct fault_job *j)
{
	if (site_node_is_gone(j->n))
		fault_done(j, true, "%zu link%s cut, %zu process%s gone", j->n->nport,
			   j->n->nport == 1 ? "" : "s", j->npids,
			   j->npids == 1 ? "" : "es");
}

int fault_crash(struct fault_job *j)
{
	int r;

	if (!site_node_is_up(j->n) || j->n->dying) {
		fault_done(j, false, "%s has no power already", j->call.node->name);
		return 0;
	}
	j->npids = count(j->n);
	j->look = look_gone;
	r = site_node_crash(j->n, &j->res.at_ns);
	return r;
}

int fault_boot(struct fault_job *j)
{
	const char *what = fault_role_what(j->call.node->role);
	int r;

	r = site_node_boot(j->n);
	if (r == -EALREADY) {
		fault_done(j, false, "%s is up already", j->call.node->name);
		return 0;
	}
	if (r < 0)
		return r;
	j->res.at_ns = clock_now();
	r = what ? j->env->start(j->call.node->name, what, j->env->arg) : 0;
	if (r < 0)
		fault_done(j, false, "up, but its %s does not start: %s", what,
			   strerror(-r));
	else
		fault_done(j, true, "%zu links up%s%s%s", j->n->nport, what ? ", " : "",
			   what ? what : "", what ? " started" : "");
	return 0;
}
