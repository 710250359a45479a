/*
 * What the directors are configured to do, as the harness itself reads their
 * keepalived.conf: which masters, addresses, services and checks it waits for
 * before a site counts as settled.
 */
#ifndef HALBSIM_SITECONF_H
#define HALBSIM_SITECONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct block_diag;
struct case_;
struct conf;
struct conf_addr;
struct checker_conf;
struct lvs_real_conf;
struct lvs_service_conf;
struct topo_node;

/* One director. */
struct siteconf_node {
	const struct topo_node *node; /* (borrowed) */
	char *path;		      /* the file that it reads */
	char *text; /* what is read instead of it (conf_each.h); NULL: the file */
	struct conf *conf;	      /* (owned) engine/conf.h */
};

struct siteconf {
	struct siteconf_node *v; /* in the topology's order */
	size_t n;
};

/*
 * Reads the file of every director of c->topo. What keepalived lives with is
 * no error here either; a director without a file, or one with which
 * keepalived would not start, is. Returns NULL after such an error in `d`.
 * Free with siteconf_free() (NULL is fine).
 */
struct siteconf *siteconf_load(const struct case_ *c, struct block_diag *d);
void siteconf_free(struct siteconf *sc);

/*
 * Reads one director's file as its engine would in that node: the node's
 * interfaces are the ones there are (NULL: whatever is named exists). `text`, when
 * there is one, is what the file shall be. Messages go to `out`; *status is what
 * `keepalived -t` would exit with (enum conf_status). NULL when keepalived would
 * not start. Free with conf_free().
 */
struct conf *siteconf_read(const char *path, const char *text,
			   const struct topo_node *node, FILE *out, int *status);

const struct siteconf_node *siteconf_node(const struct siteconf *sc, const char *name);

/* "ADDRESS:PORT" of the first virtual server of that protocol. 0 or -ENOENT. */
int siteconf_first_service(const struct siteconf *sc, int protocol, char *buf,
			   size_t size);

/* "TCP 192.168.31.200:80", "FWM 1", as EV_IPVS has it; "group NAME" of many. */
void siteconf_service_text(const struct lvs_service_conf *s, char *buf, size_t size);
/*
 * The same of service number `at` (from 0) of those that a virtual_server stands
 * for: one, or each address and mark of its group. False: there are no more.
 */
bool siteconf_each_service(const struct lvs_service_conf *s, size_t at, char *buf,
			   size_t size);
/* "192.168.31.113:80" */
void siteconf_real_text(const struct lvs_real_conf *r, char *buf, size_t size);
/* The same as an entry of the IPVS table's service of that name (without its scheduler). */
void siteconf_entry_text(const char *service, const struct lvs_real_conf *r, char *buf,
			 size_t size);
/* The bare address. */
void siteconf_addr_text(const struct conf_addr *a, char *buf, size_t size);

/*
 * Where a check of a real server connects to, by TCP. Returns false when the
 * check is of a kind that does not connect (script, ping, UDP, DNS).
 */
bool siteconf_check_target(const struct lvs_real_conf *r, const struct checker_conf *k,
			   struct conf_addr *addr, int *port);

#endif
