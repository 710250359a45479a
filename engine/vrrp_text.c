#include "vrrp.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>

#include "clock.h"

static const char *const state_text[] = {
	[VRRP_INIT] = "INIT",	  [VRRP_BACKUP] = "BACKUP",   [VRRP_MASTER] = "MASTER",
	[VRRP_FAULT] = "FAULT", [VRRP_STOPPED] = "STOPPED",
};

/* Those that end in a space get their figures added. */
static const char *const reason_text[VRRP_NREASONS] = {
	[VRRP_WHY_START] = "start",
	[VRRP_WHY_NO_ADVERT] = "no advert for ",
	[VRRP_WHY_PRIORITY_0] = "priority 0 from ",
	[VRRP_WHY_PREEMPT] = "lower priority than ours from ",
	[VRRP_WHY_OWNER] = "address owner",
	[VRRP_WHY_HIGHER] = "higher priority from ",
	[VRRP_WHY_TIE] = "same priority from the higher address ",
	[VRRP_WHY_INTERFACE] = "interface down",
	[VRRP_WHY_NO_ADDRESS] = "no address on the interface",
	[VRRP_WHY_SCRIPT] = "track script failed",
	[VRRP_WHY_SCRIPT_WAIT] = "waiting for a track script",
	[VRRP_WHY_RECOVERED] = "fault is over",
	[VRRP_WHY_ADDRESS_GONE] = "a virtual address was removed",
	[VRRP_WHY_GROUP] = "sync group",
	[VRRP_WHY_CONFIG] = "the configuration cannot work",
	[VRRP_WHY_RELOAD] = "configuration reloaded",
	[VRRP_WHY_STOP] = "stopping",
};

const char *vrrp_state_text(enum vrrp_state s)
{
	return state_text[s];
}

static void addr_text(const struct conf_addr *a, char *buf, size_t len)
{
	snprintf(buf, len, "?");
	if (a->family == AF_INET)
		inet_ntop(AF_INET, &a->v4, buf, (socklen_t)len);
	else if (a->family == AF_INET6)
		inet_ntop(AF_INET6, &a->v6, buf, (socklen_t)len);
}

char *vrrp_reason_text(const struct vrrp *v, char *buf, size_t len)
{
	char detail[64] = "", addr[INET6_ADDRSTRLEN];
	int64_t us;

	switch (v->why) {
	case VRRP_WHY_NO_ADVERT:
		us = (v->since_ns - v->heard_ns) / NS_PER_US;
		snprintf(detail, sizeof(detail), "%" PRId64 ".%03d s", us / 1000000,
			 (int)(us % 1000000 / 1000));
		break;
	case VRRP_WHY_PRIORITY_0:
	case VRRP_WHY_TIE:
		addr_text(&v->master, detail, sizeof(detail));
		break;
	case VRRP_WHY_PREEMPT:
	case VRRP_WHY_HIGHER:
		addr_text(&v->master, addr, sizeof(addr));
		snprintf(detail, sizeof(detail), "%s: %u, ours %u", addr,
			 v->master_priority, v->priority);
		break;
	default:
		break;
	}
	snprintf(buf, len, "%s%s", reason_text[v->why], detail);
	return buf;
}
