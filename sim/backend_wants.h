/*
 * What the directors' health checks ask of a real server: so that a site runs with
 * unmodified keepalived.conf files, its backend answers the paths that they name, and
 * speaks TLS where they do.
 */
#ifndef HALBSIM_BACKEND_WANTS_H
#define HALBSIM_BACKEND_WANTS_H

#include <stdbool.h>
#include <stddef.h>

struct case_;
struct topo_node;

struct backend_want {
	int port;	  /* host order */
	const char *path; /* (borrowed) without its query; NULL: none, TLS alone */
	size_t path_len;
	int status; /* that the check takes: 200 where it can be */
	bool tls;
};

struct backend_wants {
	struct backend_want *v;
	size_t n;
};

/*
 * Of all HTTP_GET and SSL_GET of all directors that go to an address of this node, each
 * port, path and TLS once. `/` and `/index.html` are answered anyway and no paths here.
 * 0 or -ENOMEM. End with backend_wants_finish().
 */
int backend_wants_of(struct backend_wants *w, const struct case_ *c,
		     const struct topo_node *n);
void backend_wants_finish(struct backend_wants *w);
bool backend_wants_tls(const struct backend_wants *w);

#endif
