/* Health checks against what the topology's nodes answer (backend_wants.h). */
#include <netinet/in.h>
#include <string.h>

#include "../engine/conf.h"
#include "../engine/http_status.h"
#include "http_req.h"
#include "lint.h"
#include "siteconf.h"
#include "topology.h"

/* What one check is looked at with. */
struct looked {
	struct findings *f;
	const struct director *d;
	const struct lvs_real_conf *r;
	const struct topo_node *n; /* that it goes to */
	const char *real;
};

static const struct topo_web *web_of(const struct topo_node *n, int port)
{
	size_t i;

	for (i = 0; i < n->nweb; i++)
		if (n->web[i].port == port)
			return &n->web[i];
	return NULL;
}

static void check_url(const struct looked *l, const struct http_url_conf *u)
{
	if (http_path_is_root(u->path, strcspn(u->path, "?")) && !http_status_wanted(u, 200))
		finding_add(l->f, l->d->path, l->r->line,
			    "%s: the check does not take status 200, which %s answers to %s: "
			    "it fails",
			    l->real, l->n->name, u->path);
	if (u->has_digest || u->regex)
		finding_add(l->f, l->d->path, l->r->line,
			    "%s: the check of %s wants a page of its own (%s): here it is "
			    "what `web` of %s says in topology.conf",
			    l->real, u->path, u->has_digest ? "digest" : "regex", l->n->name);
}

static void check_one(struct looked *l, const struct topology *topo,
		      const struct checker_conf *k)
{
	struct conf_addr addr;
	char ip[64];
	int port;
	size_t i;

	if (!siteconf_check_target(l->r, k, &addr, &port))
		return;
	siteconf_addr_text(&addr, ip, sizeof(ip));
	l->n = topology_by_ip(topo, ip);
	if (!l->n) {
		finding_add(l->f, l->d->path, l->r->line,
			    "%s: no node of the topology has %s: its check fails", l->real,
			    ip);
	} else if (k->type == CHECK_SMTP) {
		finding_add(l->f, l->d->path, l->r->line,
			    "%s: nothing in %s speaks SMTP: its check fails unless a step "
			    "starts something that does",
			    l->real, l->n->name);
	} else if (!web_of(l->n, port)) {
		finding_add(l->f, l->d->path, l->r->line,
			    "%s: %s does not listen on port %d (`web %d` in topology.conf): "
			    "its check fails",
			    l->real, l->n->name, port, port);
	} else if (k->type == CHECK_HTTP || k->type == CHECK_SSL) {
		for (i = 0; i < k->nurl; i++)
			check_url(l, &k->url[i]);
	}
}

void lint_checks(struct findings *f, const struct director *d, const struct topology *topo,
		 const struct lvs_real_conf *r, const char *real)
{
	struct looked l = { .f = f, .d = d, .r = r, .real = real };
	size_t i;

	for (i = 0; topo && i < r->nchecker; i++) {
		if (r->checker[i].type == CHECK_DNS)
			finding_add(f, d->path, r->line,
				    "%s: nothing here answers DNS: its check fails unless a "
				    "step starts something that does",
				    real);
		check_one(&l, topo, &r->checker[i]);
	}
}
