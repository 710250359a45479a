/* The addresses of an instance, once the file has been read: what an advert holds. */
#include <string.h>

#include "conf_build.h"

#define VIPS_MAX 255
#define ETHER	 14
#define VRRP_HDR 8
#define AUTH_LEN 8
#define AH_LEN	 24
#define IPV4_HDR 20
#define IPV6_HDR 40

void conf_done_link_local(struct conf_ctx *c, struct vrrp_build *b)
{
	const struct vrrp_conf *v = &b->v;

	if (v->family != AF_INET6 || b->unicast || !v->nvip ||
	    conf_addr_link_local(&v->vip[0].addr))
		return;
	conf_say_at(c, b->strict_on ? K_STRICT : K_NOTE, conf_pos_of(b, &b->vip_pos),
		    "(%s) the first IPv6 address should be link-local", v->name);
}

void conf_done_limit_vips(struct conf_ctx *c, struct vrrp_build *b)
{
	const struct conf_if *i = conf_if_of(c, b);
	size_t mtu = i ? i->mtu : 1500, head = ETHER + VRRP_HDR, max;
	struct vrrp_conf *v = &b->v;

	if (v->family == AF_INET) {
		head += IPV4_HDR + (v->version == 2 ? AUTH_LEN : 0);
		if (v->version == 2 && v->auth == VRRP_AUTH_AH)
			head += AH_LEN;
		max = mtu > head ? (mtu - head) / sizeof(struct in_addr) : 0;
	} else {
		head += IPV6_HDR;
		max = mtu > head ? (mtu - head) / sizeof(struct in6_addr) : 0;
	}
	if (max > VIPS_MAX)
		max = VIPS_MAX;
	if (v->nvip <= max)
		return;
	conf_say_at(c, K_VIP, conf_pos_of(b, &b->vip_pos),
		    "(%s) an advert holds %zu addresses, not %zu; the others are not in it",
		    v->name, max, v->nvip);
	while (v->nvip > max) {
		struct conf_vip *more = conf_grow(c, b->evip, &b->nevip, sizeof(*more));

		if (!more)
			return;
		b->evip = more;
		/* Keep their order: the first that goes stands first. */
		more[b->nevip - 1] = v->vip[max];
		memmove(v->vip + max, v->vip + max + 1,
			(v->nvip - max - 1) * sizeof(*v->vip));
		v->nvip--;
	}
}
