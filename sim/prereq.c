#include "prereq.h"

#include <errno.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/link/bridge.h>
#include <netlink/route/link/veth.h>
#include <netlink/socket.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipvs_read.h"
#include "nl.h"

/* What a forked child found, in a namespace of its own; its exit status. */
enum finding {
	FOUND_ALL,
	NO_ROOT,
	NO_NETNS,
	NO_MORE_NETNS,
	NO_NETLINK,
	NO_BRIDGE,
	NO_VETH,
	NO_IPVS,
	NFINDINGS
};

static const char *const findings[NFINDINGS] = {
	[NO_ROOT] = "root is needed for namespaces in the host's kernel: run it with sudo, or "
		    "in virtual time (--time virtual), which needs none",
	[NO_NETNS] = "this kernel makes no network namespaces (CONFIG_NET_NS), or a container "
		     "forbids it: run on the machine itself, or with --time virtual",
	[NO_MORE_NETNS] = "user.max_net_namespaces allows no more network namespaces; this raises "
			  "it: sysctl -w user.max_net_namespaces=$(($(sysctl -n "
			  "user.max_net_namespaces) + 1024))",
	[NO_NETLINK] = "no rtnetlink socket can be opened here",
	[NO_BRIDGE] = "no bridges in this kernel: modprobe bridge",
	[NO_VETH] = "no veth pairs in this kernel: modprobe veth",
	[NO_IPVS] = "no IPVS in this kernel: modprobe ip_vs (or run with --time virtual, whose "
		    "kernel has it)",
};

static enum finding try_links(void)
{
	struct nl_sock *sk = nl_open(NETLINK_ROUTE);
	enum finding f = FOUND_ALL;

	if (!sk)
		return NO_NETLINK;
	if (rtnl_link_bridge_add(sk, "br0") < 0)
		f = NO_BRIDGE;
	else if (rtnl_link_veth_add(sk, "veth0", "veth1", getpid()) < 0)
		f = NO_VETH;
	nl_socket_free(sk);
	return f;
}

static enum finding try_ipvs(void)
{
	struct nl_sock *sk = nl_open(NETLINK_GENERIC);
	int family;

	if (!sk)
		return NO_IPVS;
	family = ipvs_family(sk);
	nl_socket_free(sk);
	return family < 0 ? NO_IPVS : FOUND_ALL;
}

static enum finding try_all(bool ipvs)
{
	enum finding f;

	if (unshare(CLONE_NEWNET) < 0)
		return errno == EPERM  ? NO_ROOT :
		       errno == ENOSPC ? NO_MORE_NETNS :
					 NO_NETNS;
	f = try_links();
	return f == FOUND_ALL && ipvs ? try_ipvs() : f;
}

int prereq_check(bool ipvs, char *why, size_t size)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(try_all(ipvs));
	if (pid < 0 || waitpid(pid, &status, 0) < 0) {
		snprintf(why, size, "cannot fork: %s", strerror(errno));
		return -1;
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) >= NFINDINGS) {
		snprintf(why, size, "looking at the kernel ended with status %d", status);
		return -1;
	}
	if (WEXITSTATUS(status) == FOUND_ALL)
		return 0;
	if (WEXITSTATUS(status) == NO_ROOT && geteuid() == 0)
		snprintf(why, size, "%s", findings[NO_NETNS]);
	else
		snprintf(why, size, "%s", findings[WEXITSTATUS(status)]);
	return -1;
}
