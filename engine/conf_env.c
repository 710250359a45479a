/* This machine, as far as a configuration refers to it: its interfaces. */
#include "conf_int.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MTU_DEFAULT 1500

static struct conf_if *find(struct conf_ctx *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->nif; i++)
		if (!strcmp(c->ifs[i].name, name))
			return &c->ifs[i];
	return NULL;
}

static struct conf_if *add(struct conf_ctx *c, const char *name)
{
	struct conf_if *ifs = conf_grow(c, c->ifs, &c->nif, sizeof(*ifs));

	if (!ifs)
		return NULL;
	c->ifs = ifs;
	ifs += c->nif - 1;
	strncpy(ifs->name, name, sizeof(ifs->name) - 1);
	ifs->mtu = MTU_DEFAULT;
	return ifs;
}

static unsigned int mtu_of(int fd, const char *name)
{
	struct ifreq req = { 0 };

	strncpy(req.ifr_name, name, sizeof(req.ifr_name) - 1);
	if (fd < 0 || ioctl(fd, SIOCGIFMTU, &req))
		return MTU_DEFAULT;
	return (unsigned int)req.ifr_mtu;
}

static void take_addr(struct conf_if *i, const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, sa, sizeof(in));
		if (!i->v4.s_addr)
			i->v4 = in.sin_addr;
	} else if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, sa, sizeof(in6));
		if (IN6_IS_ADDR_UNSPECIFIED(&i->ll6) &&
		    IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr))
			i->ll6 = in6.sin6_addr;
	} else if (sa->sa_family == AF_PACKET) {
		struct sockaddr_ll ll;

		memcpy(&ll, sa, sizeof(ll));
		i->index = (unsigned int)ll.sll_ifindex;
		i->hwtype = ll.sll_hatype;
	}
}

static int load_given(struct conf_ctx *c)
{
	const char *const *name;
	unsigned int index = 1;

	for (name = c->opt->interfaces; *name; name++) {
		struct conf_if *i = add(c, *name);

		if (!i)
			return -ENOMEM;
		i->index = index++;
		i->flags = IFF_UP | IFF_RUNNING | IFF_BROADCAST | IFF_MULTICAST;
		i->hwtype = strcmp(*name, "lo") ? ARPHRD_ETHER : ARPHRD_LOOPBACK;
	}
	return 0;
}

int conf_env_load(struct conf_ctx *c)
{
	struct ifaddrs *all, *a;
	int fd, ret = 0;

	if (c->opt->interfaces)
		return load_given(c);
	if (getifaddrs(&all))
		return -errno;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (a = all; a; a = a->ifa_next) {
		struct conf_if *i = find(c, a->ifa_name);

		if (!i && !(i = add(c, a->ifa_name))) {
			ret = -ENOMEM;
			break;
		}
		i->flags = a->ifa_flags;
		if (!i->index) {
			i->index = if_nametoindex(a->ifa_name);
			i->mtu = mtu_of(fd, a->ifa_name);
		}
		if (a->ifa_addr)
			take_addr(i, a->ifa_addr);
	}
	if (fd >= 0)
		close(fd);
	freeifaddrs(all);
	return ret;
}

const struct conf_if *conf_if(const struct conf_ctx *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->nif; i++)
		if (!strcmp(c->ifs[i].name, name))
			return &c->ifs[i];
	return NULL;
}

const struct conf_if *conf_if_wanted(struct conf_ctx *c, const char *name)
{
	const struct conf_if *i = conf_if(c, name);

	if (i)
		return i;
	if (c->opt->any_interface) {
		struct conf_if *made = add(c, name);

		if (made) {
			made->index = (unsigned int)c->nif;
			made->flags = IFF_UP | IFF_RUNNING | IFF_BROADCAST | IFF_MULTICAST;
			made->hwtype = ARPHRD_ETHER;
		}
		return made;
	}
	if (c->def.dynamic_interfaces)
		return add(c, name);
	c->unknown_if = true;
	return NULL;
}
