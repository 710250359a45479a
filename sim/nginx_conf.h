/* nginx as a backend: a plain server of one page a port, as in the lab. */
#ifndef HALBSIM_NGINX_CONF_H
#define HALBSIM_NGINX_CONF_H

#include "backend_wants.h"
#include "topology.h"

#define NGINX_DIR_INSIDE  "/run/nginx"
#define NGINX_CONF_INSIDE NGINX_DIR_INSIDE "/nginx.conf"

/*
 * Writes nginx.conf and the pages of the node's ports into `dir`, to be put
 * into the node at NGINX_DIR_INSIDE; `w`: the paths that checks ask for (it speaks no
 * TLS). 0, or -errno after a message.
 */
int nginx_conf_write(const struct topo_node *n, const struct backend_wants *w,
		     const char *dir);

#endif
