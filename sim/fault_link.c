/* Faults: links, on the node's side, the switch's, or the cable between. */
#include <errno.h>
#include <string.h>

#include "clock.h"
#include "fault_impl.h"

static const char *const places[] = {
	[LINK_NODE] = "interface",
	[LINK_SWITCH] = "port on the switch",
	[LINK_CABLE] = "cable",
};

static int set(struct fault_job *j, bool up)
{
	const struct fault_call *c = &j->call;
	const char *name = c->ifc->name;
	bool was = up;
	int r;

	if (!site_node_is_up(j->n) || j->n->dying) {
		fault_done(j, false, "%s has no power", c->node->name);
		return 0;
	}
	r = node_link_is_up(j->n, node_port(j->n, name), c->side, &was);
	if (r < 0)
		return r;
	if (was == up) {
		fault_done(j, false, "the %s of %s:%s is %s already", places[c->side],
			   c->node->name, name, up ? "up" : "down");
		return 0;
	}
	r = site_link_set(j->n, name, c->side, up); /* looks at the result itself */
	if (r < 0)
		return r;
	j->res.at_ns = clock_now();
	fault_done(j, true, "the %s of %s:%s is %s", places[c->side], c->node->name,
		   name, up ? "up" : "down");
	return 0;
}

int fault_link_down(struct fault_job *j)
{
	return set(j, false);
}

int fault_link_up(struct fault_job *j)
{
	return set(j, true);
}
