#include "siteconf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../engine/conf.h"
#include "block.h"
#include "case.h"
#include "conf_each.h"
#include "endpoint.h"
#include "log.h"
#include "run.h"

#define MAX_INTERFACES 64

struct conf *siteconf_read(const char *path, const char *text,
			   const struct topo_node *node, FILE *out, int *status)
{
	const char *names[MAX_INTERFACES + 2] = { "lo" };
	struct conf_options opt = { .path = path,
				    .text = text,
				    .text_len = text ? strlen(text) : 0,
				    .out = out,
				    .interfaces = names };
	enum conf_status st = CONF_OK;
	struct conf *conf;
	size_t i, n = 1;

	for (i = 0; node && i < node->nif && n <= MAX_INTERFACES; i++)
		names[n++] = node->ifs[i].name;
	opt.any_interface = !node;
	conf = conf_load_with(&opt, &st);
	*status = (int)st;
	return conf;
}

/* The site is the topology's, whatever the files were written for. */
static void say_interfaces(const struct topo_node *node, FILE *out)
{
	const char *sep = " has";
	size_t i;

	fprintf(out, "In this topology %s", node->name);
	for (i = 0; i < node->nif; i++) {
		if (!node->ifs[i].link)
			continue;
		fprintf(out, "%s %s", sep, node->ifs[i].name);
		sep = ",";
	}
	fputs(*sep == ',' ? ".\n" : " has no interface on a link.\n", out);
	fputs("A site with other interfaces or addresses needs a topology of its own: copy "
	      "this one's folder,\nedit its topology.conf, and name it in the case.\n",
	      out);
}

/*
 * keepalived's remarks about a file are for `halbsim check`; here they only
 * matter when the file is no good at all.
 */
static struct conf *load_quietly(const char *path, const char *text,
				 const struct topo_node *node, struct block_diag *d)
{
	int status;
	struct conf *conf;
	char *said = NULL;
	size_t len;
	FILE *f = open_memstream(&said, &len);

	if (!f)
		fatal(EXIT_SOFTWARE, "%s", path);
	conf = siteconf_read(path, text, node, f, &status);
	fclose(f);
	if (!conf) {
		d->errors++;
		fprintf(d->out, "%s%s: keepalived would not start with this\n", said, path);
		if (strstr(said, "no interface"))
			say_interfaces(node, d->out);
	}
	free(said);
	return conf;
}

static void load_one(struct siteconf *sc, const struct case_ *c,
		     const struct topo_node *node, struct block_diag *d)
{
	char *path = case_node_file(c, node->name, "keepalived.conf");
	struct siteconf_node *n;
	char *text = NULL;
	struct conf *conf;

	if (!path) {
		block_error(d, c->file, 1, 1, "director %s has no keepalived.conf: put one "
			    "into %s/%s/", node->name, c->dir, node->name);
		return;
	}
	conf = conf_each_read(path, c->topo, d, &text) < 0 ?
		       NULL :
		       load_quietly(path, text, node, d);
	if (!conf) {
		free(path);
		free(text);
		return;
	}
	n = &sc->v[sc->n++];
	n->node = node;
	n->path = path;
	n->text = text;
	n->conf = conf;
}

struct siteconf *siteconf_load(const struct case_ *c, struct block_diag *d)
{
	struct siteconf *sc = calloc(1, sizeof(*sc));
	unsigned int before = d->errors;
	size_t i;

	if (sc)
		sc->v = calloc(c->topo->nnode + 1, sizeof(*sc->v));
	if (!sc || !sc->v)
		fatal(EXIT_SOFTWARE, "%s", c->file);
	for (i = 0; i < c->topo->nnode; i++)
		if (c->topo->node[i].role == ROLE_DIRECTOR)
			load_one(sc, c, &c->topo->node[i], d);
	if (d->errors == before)
		return sc;
	siteconf_free(sc);
	return NULL;
}

void siteconf_free(struct siteconf *sc)
{
	size_t i;

	if (!sc)
		return;
	for (i = 0; i < sc->n; i++) {
		conf_free(sc->v[i].conf);
		free(sc->v[i].path);
		free(sc->v[i].text);
	}
	free(sc->v);
	free(sc);
}

const struct siteconf_node *siteconf_node(const struct siteconf *sc, const char *name)
{
	size_t i;

	for (i = 0; sc && i < sc->n; i++)
		if (strcmp(sc->v[i].node->name, name) == 0)
			return &sc->v[i];
	return NULL;
}

int siteconf_first_service(const struct siteconf *sc, int protocol, char *buf,
			   size_t size)
{
	const struct lvs_group_entry_conf *e;
	const struct lvs_service_conf *s;
	size_t i, j;

	for (i = 0; sc && i < sc->n; i++) {
		for (j = 0; j < sc->v[i].conf->nservice; j++) {
			s = &sc->v[i].conf->service[j];
			if (s->protocol != protocol)
				continue;
			e = s->group && s->group->nentry ? s->group->entry : NULL;
			if (e && e->addr.family && e->port) {
				endpoint_format(buf, size, e->addr.family, &e->addr.v4,
						e->port);
				return 0;
			}
			if (!s->addr.family || !s->port)
				continue;
			endpoint_format(buf, size, s->addr.family, &s->addr.v4, s->port);
			return 0;
		}
	}
	return -ENOENT;
}
