#include "backend_wants.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../engine/conf.h"
#include "../engine/http_status.h"
#include "case.h"
#include "http_req.h"
#include "siteconf.h"
#include "topology.h"

static bool equal(const struct backend_want *a, const struct backend_want *b)
{
	return a->port == b->port && a->tls == b->tls && !a->path == !b->path &&
	       a->path_len == b->path_len &&
	       (!a->path || !memcmp(a->path, b->path, a->path_len));
}

static int add(struct backend_wants *w, const struct backend_want *one)
{
	struct backend_want *v;
	size_t i;

	for (i = 0; i < w->n; i++)
		if (equal(&w->v[i], one))
			return 0;
	v = realloc(w->v, (w->n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	w->v = v;
	w->v[w->n++] = *one;
	return 0;
}

/* 200, or the lowest that is wanted; 0: none can be. */
static int status_for(const struct http_url_conf *url)
{
	int s;

	if (http_status_wanted(url, 200))
		return 200;
	for (s = HTTP_STATUS_MIN; s <= HTTP_STATUS_MAX; s++)
		if (http_status_wanted(url, s))
			return s;
	return 0;
}

static int add_urls(struct backend_wants *w, const struct checker_conf *k, int port)
{
	struct backend_want one = { .port = port, .tls = k->type == CHECK_SSL };
	size_t i;
	int r = one.tls ? add(w, &one) : 0;

	one.tls = false;
	for (i = 0; r == 0 && i < k->nurl; i++) {
		one.path = k->url[i].path;
		one.path_len = strcspn(one.path, "?");
		one.status = status_for(&k->url[i]);
		if (one.status && !http_path_is_root(one.path, one.path_len))
			r = add(w, &one);
	}
	return r;
}

static int add_real(struct backend_wants *w, const struct case_ *c,
		    const struct topo_node *n, const struct lvs_real_conf *real)
{
	struct conf_addr addr;
	char ip[64];
	int port, r = 0;
	size_t i;

	for (i = 0; r == 0 && i < real->nchecker; i++) {
		const struct checker_conf *k = &real->checker[i];

		if ((k->type != CHECK_HTTP && k->type != CHECK_SSL) ||
		    !siteconf_check_target(real, k, &addr, &port))
			continue;
		siteconf_addr_text(&addr, ip, sizeof(ip));
		if (topology_by_ip(c->topo, ip) == n)
			r = add_urls(w, k, port);
	}
	return r;
}

int backend_wants_of(struct backend_wants *w, const struct case_ *c,
		     const struct topo_node *n)
{
	const struct siteconf *sc = c->siteconf;
	const struct conf *conf;
	size_t d, s, i;
	int r = 0;

	*w = (struct backend_wants){ 0 };
	for (d = 0; sc && d < sc->n; d++) {
		conf = sc->v[d].conf;
		for (s = 0; s < conf->nservice; s++)
			for (i = 0; r == 0 && i < conf->service[s].nreal; i++)
				r = add_real(w, c, n, &conf->service[s].real[i]);
	}
	if (r < 0)
		backend_wants_finish(w);
	return r;
}

void backend_wants_finish(struct backend_wants *w)
{
	free(w->v);
	*w = (struct backend_wants){ 0 };
}

bool backend_wants_tls(const struct backend_wants *w)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (w->v[i].tls)
			return true;
	return false;
}
