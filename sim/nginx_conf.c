#include "nginx_conf.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "conf_copy.h"
#include "log.h"

/* Everything that nginx would write elsewhere is kept in the node's own /run. */
static const char head[] =
	"user root;\n"
	"worker_processes 1;\n"
	"pid /run/nginx.pid;\n"
	"error_log stderr warn;\n"
	"events {\n"
	"    worker_connections 4096;\n"
	"}\n"
	"http {\n"
	"    access_log off;\n"
	"    default_type text/html;\n"
	"    client_body_temp_path /run/nginx-body;\n"
	"    proxy_temp_path /run/nginx-proxy;\n"
	"    fastcgi_temp_path /run/nginx-fastcgi;\n"
	"    uwsgi_temp_path /run/nginx-uwsgi;\n"
	"    scgi_temp_path /run/nginx-scgi;\n";

/* A path in quotes, as nginx reads it. */
static void write_quoted(FILE *f, const char *text, size_t len)
{
	size_t i;

	fputc('"', f);
	for (i = 0; i < len; i++) {
		if (text[i] == '"' || text[i] == '\\')
			fputc('\\', f);
		fputc(text[i], f);
	}
	fputc('"', f);
}

static void write_server(FILE *f, const struct topo_web *web, const struct backend_wants *w)
{
	size_t i;

	fprintf(f,
		"    server {\n"
		"        listen %d;\n"
		"        root " NGINX_DIR_INSIDE "/%d;\n",
		web->port, web->port);
	for (i = 0; i < w->n; i++) {
		if (w->v[i].port != web->port || !w->v[i].path)
			continue;
		fputs("        location = ", f);
		write_quoted(f, w->v[i].path, w->v[i].path_len);
		if (w->v[i].status == 200)
			fputs(" { try_files /index.html =500; }\n", f);
		else
			fprintf(f, " { return %d; }\n", w->v[i].status);
	}
	fputs("    }\n", f);
}

static int write_conf(const struct topo_node *n, const struct backend_wants *w,
		      const char *path)
{
	FILE *f = fopen(path, "we");
	size_t i;

	if (!f)
		return -errno;
	fputs(head, f);
	for (i = 0; i < n->nweb; i++)
		write_server(f, &n->web[i], w);
	fputs("}\n", f);
	return fclose(f) == EOF ? -errno : 0;
}

static int write_page(const struct topo_web *w, const char *dir)
{
	char path[PATH_MAX];
	FILE *f;
	int r;

	snprintf(path, sizeof(path), "%s/%d", dir, w->port);
	r = conf_make_dirs(path);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "%s/%d/index.html", dir, w->port);
	f = fopen(path, "we");
	if (!f)
		return -errno;
	fprintf(f, "%s\n", w->body);
	return fclose(f) == EOF ? -errno : 0;
}

int nginx_conf_write(const struct topo_node *n, const struct backend_wants *w,
		     const char *dir)
{
	char path[PATH_MAX];
	size_t i;
	int r = conf_make_dirs(dir);

	snprintf(path, sizeof(path), "%s/nginx.conf", dir);
	if (!r)
		r = write_conf(n, w, path);
	for (i = 0; !r && i < n->nweb; i++)
		r = write_page(&n->web[i], dir);
	if (r < 0) {
		errno = -r;
		log_warn("%s: nginx's files in %s", n->name, dir);
	}
	return r;
}
