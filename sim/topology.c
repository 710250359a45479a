/* Implementation for topologies: looking things up, freeing. */
#include "topology_impl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where a node of that name stands in by_name, or would. FNV-1a. */
static size_t slot_of(const struct topology *t, const char *name)
{
	uint32_t h = 2166136261U;
	const char *p;
	size_t i;

	for (p = name; *p; p++)
		h = (h ^ (unsigned char)*p) * 16777619U;
	for (i = h & t->by_name_mask; t->by_name[i]; i = (i + 1) & t->by_name_mask)
		if (!strcmp(t->node[t->by_name[i] - 1].name, name))
			break;
	return i;
}

struct topo_node *topology_node(const struct topology *t, const char *name)
{
	uint32_t n;
	size_t i;

	for (i = 0; !t->by_name && i < t->nnode; i++) /* made by hand */
		if (!strcmp(t->node[i].name, name))
			return &t->node[i];
	n = t->by_name ? t->by_name[slot_of(t, name)] : 0;
	return n ? &t->node[n - 1] : NULL;
}

int topology_name_last(struct topology *t)
{
	size_t room = t->by_name ? t->by_name_mask + 1 : 16, i;
	uint32_t *grown;

	if (t->by_name && t->nnode * 2 <= room) {
		t->by_name[slot_of(t, t->node[t->nnode - 1].name)] = (uint32_t)t->nnode;
		return 0;
	}
	while (room < t->nnode * 2)
		room *= 2;
	grown = calloc(room, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	free(t->by_name);
	t->by_name = grown;
	t->by_name_mask = room - 1;
	for (i = 0; i < t->nnode; i++)
		t->by_name[slot_of(t, t->node[i].name)] = (uint32_t)i + 1;
	return 0;
}

bool topology_if_has(const struct topo_if *i, int family)
{
	size_t k;

	for (k = 0; k < i->naddr; k++)
		if (i->addr[k].family == family)
			return true;
	return false;
}

struct topo_link *topology_link(const struct topology *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->nlink; i++)
		if (!strcmp(t->link[i].name, name))
			return &t->link[i];
	return NULL;
}

struct topo_if *topology_if(const struct topo_node *n, const char *name)
{
	size_t i;

	for (i = 0; i < n->nif; i++)
		if (!strcmp(n->ifs[i].name, name))
			return &n->ifs[i];
	return NULL;
}

const struct topo_node *topology_by_mac(const struct topology *t, const uint8_t *mac)
{
	size_t i, k;

	for (i = 0; i < t->nnode; i++)
		for (k = 0; k < t->node[i].nif; k++)
			if (t->node[i].ifs[k].link &&
			    !memcmp(t->node[i].ifs[k].mac, mac, ETH_ALEN))
				return &t->node[i];
	return NULL;
}

bool topo_addr_same(const struct topo_addr *a, const struct topo_addr *b)
{
	if (a->family != b->family)
		return false;
	return a->family == AF_INET ? a->v4.s_addr == b->v4.s_addr
				    : !memcmp(&a->v6, &b->v6, sizeof(a->v6));
}

static bool owns(const struct topo_node *n, const struct topo_addr *a)
{
	size_t i, k;

	for (i = 0; i < n->nif; i++)
		for (k = 0; n->ifs[i].link && k < n->ifs[i].naddr; k++)
			if (topo_addr_same(&n->ifs[i].addr[k], a))
				return true;
	return false;
}

const struct topo_node *topology_by_ip(const struct topology *t, const char *ip)
{
	struct topo_addr a = { .family = AF_INET };
	size_t i;

	if (inet_pton(AF_INET, ip, &a.v4) != 1) {
		a.family = AF_INET6;
		if (inet_pton(AF_INET6, ip, &a.v6) != 1)
			return NULL;
	}
	for (i = 0; i < t->nnode; i++)
		if (owns(&t->node[i], &a))
			return &t->node[i];
	return NULL;
}

static void free_if(struct topo_if *i)
{
	size_t k;

	for (k = 0; k < i->naddr; k++)
		free(i->addr[k].text);
	free(i->addr);
	free(i->name);
}

static void free_node(struct topo_node *n)
{
	size_t i;

	for (i = 0; i < n->nif; i++)
		free_if(&n->ifs[i]);
	for (i = 0; i < n->nroute; i++) {
		free(n->route[i].dst.text);
		free(n->route[i].via.text);
		free(n->route[i].dev);
	}
	for (i = 0; i < n->nsysctl; i++) {
		free(n->sysctl[i].key);
		free(n->sysctl[i].value);
	}
	for (i = 0; i < n->nweb; i++)
		free(n->web[i].body);
	free(n->ifs);
	free(n->route);
	free(n->sysctl);
	free(n->web);
	free(n->name);
	free(n->many);
}

void topology_free(struct topology *t)
{
	size_t i;

	if (!t)
		return;
	for (i = 0; i < t->nnode; i++)
		free_node(&t->node[i]);
	for (i = 0; i < t->nlink; i++)
		free(t->link[i].name);
	free(t->node);
	free(t->by_name);
	free(t->link);
	free(t->name);
	free(t->about);
	free(t->dir);
	free(t);
}
