/*
 * Topologies: what the site consists of. topologies/NAME/topology.conf, in the
 * block syntax, says it; this is the same as structs. Read-only after load.
 */
#ifndef HALBSIM_TOPOLOGY_H
#define HALBSIM_TOPOLOGY_H

#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct block_diag;
struct block_stmt;

/* An address of either family with its prefix length. */
struct topo_addr {
	int family; /* AF_INET or AF_INET6 */
	union {
		struct in_addr v4;
		struct in6_addr v6;
	};
	int prefixlen;
	char *text; /* as written: "192.168.31.54/24" */
};

/* A switch: one bridge, one broadcast domain. */
struct topo_link {
	char *name;
};

/* One interface of a node; link NULL: its lo, or a tunnel. */
struct topo_if {
	char *name;
	struct topo_link *link; /* (borrowed) */
	bool tunnel;		/* takes IP-in-IP from anybody, as tunl0 does */
	uint8_t mac[ETH_ALEN];
	struct topo_addr *addr;
	size_t naddr;
};

struct topo_route {
	bool is_default;
	struct topo_addr dst, via; /* via.text NULL: on link */
	char *dev;		   /* NULL: the kernel's choice */
};

struct topo_sysctl {
	char *key, *value; /* "net.ipv4.ip_forward", "1" */
};

enum topo_role { ROLE_OTHER, ROLE_DIRECTOR, ROLE_SERVER, ROLE_CLIENT, ROLE_ROUTER };

struct topo_web {
	int port;
	char *body; /* "This is Server 111" */
};

struct topo_node {
	char *name;
	enum topo_role role; /* a director runs the engine; a server runs the backend */
	struct topo_if *ifs;
	size_t nif;
	struct topo_route *route;
	size_t nroute;
	struct topo_sysctl *sysctl;
	size_t nsysctl;
	struct topo_web *web; /* servers: what they listen on */
	size_t nweb;
	int index; /* in the topology; MACs and order come from it */
	char *many; /* "web" of web7 in `server web 200`; NULL: written singly */
	unsigned int number; /* 7 of web7 */
};

struct topology {
	char *name, *about, *dir; /* dir: where its files are */
	struct topo_link *link;
	size_t nlink;
	struct topo_node *node;
	size_t nnode;
	uint32_t *by_name; /* nodes, one more than the index, where their name hashes to */
	size_t by_name_mask;
};

/* Whether the interface has an address of that family. */
bool topology_if_has(const struct topo_if *i, int family);

/*
 * Reads DIR/topology.conf:
 *
 *	topology lvs_dr {
 *		about "what it is"
 *		link lan
 *		director lvs1 {                 # server, client, router, node
 *			interface enp0s3 lan 192.168.31.54/24
 *			lo 192.168.31.200/32
 *			tunnel tunl0 192.168.31.200/32
 *			route default via 192.168.31.1 dev enp0s3
 *			sysctl net.ipv4.ip_forward 1
 *			web 80 "This is Server 111"
 *		}
 *		server web 200 { ... }          # web1 ... web200, see below
 *	}
 *
 * A node with a count stands for so many: their names end in 1, 2, …, their
 * addresses (not those of lo) count up from the one given, and %n in a body is
 * the number.
 *
 * Every mistake goes to `d`. Returns NULL when there was any (or the file cannot
 * be read). Free with topology_free().
 */
struct topology *topology_load(const char *dir, struct block_diag *d);

/* How many of a node with a count there are, instead of what the file says. */
struct topo_count {
	const struct block_stmt *stmt; /* (borrowed) `web 500`, in a case */
	bool used;		       /* set when the topology has such a node */
};
/* The same with other counts. Each that names no such node is a mistake of its own. */
struct topology *topology_load_with(const char *dir, struct topo_count *count, size_t n,
				    struct block_diag *d);
void topology_free(struct topology *t);

struct topo_node *topology_node(const struct topology *t, const char *name);
struct topo_link *topology_link(const struct topology *t, const char *name);
struct topo_if *topology_if(const struct topo_node *n, const char *name);
/* The same address, whatever the prefix lengths. */
bool topo_addr_same(const struct topo_addr *a, const struct topo_addr *b);
/* The node whose interface (not its lo) has a MAC or an address; NULL when nobody does.
 */
const struct topo_node *topology_by_mac(const struct topology *t, const uint8_t *mac);
const struct topo_node *topology_by_ip(const struct topology *t, const char *ip);

#endif
