#include "need.h"

#include <linux/pkt_sched.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/route/qdisc.h>
#include <netlink/route/tc.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host_limits.h"
#include "log.h"
#include "nl.h"
#include "paths.h"
#include "run.h"

static int need_program(const char *name, const char *how)
{
	char *path = find_program(name);
	bool found = path != NULL;

	free(path);
	if (found)
		return 0;
	log_warnx("%s is missing; this gets it: %s", name, how);
	return -1;
}

int need_programs(const struct case_ *c, enum engine engine)
{
	if (engine == ENGINE_KEEPALIVED &&
	    need_program("keepalived", "apt-get install keepalived"))
		return -1;
	if (engine == ENGINE_HALBD && need_program("halbd", "make"))
		return -1;
	if (c->backend == BACKEND_NGINX)
		return need_program("nginx", "apt-get install nginx-light");
	return need_program("halbweb", "make");
}

bool have_root(void)
{
	return geteuid() == 0;
}

/* In a child, so that nothing of ours moves to another namespace. */
static bool in_new_netns(bool (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return false;
	if (pid == 0) {
		if (unshare(CLONE_NEWNET))
			_exit(1);
		_exit(!fn || fn() ? 0 : 1);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && !WEXITSTATUS(status);
}

bool have_netns(void)
{
	return in_new_netns(NULL);
}

/* Asking for the family makes the kernel load the module, where there is one. */
static bool resolve_ipvs(void)
{
	struct nl_sock *s = nl_open(NETLINK_GENERIC);
	bool found = s && genl_ctrl_resolve(s, "IPVS") >= 0;

	nl_socket_free(s);
	return found;
}

bool have_ipvs(void)
{
	return resolve_ipvs();
}

static bool netem_on_lo(void)
{
	struct nl_sock *s = nl_open(NETLINK_ROUTE);
	struct rtnl_qdisc *q = rtnl_qdisc_alloc();
	bool ok = false;

	if (s && q) {
		rtnl_tc_set_ifindex(TC_CAST(q), 1);
		rtnl_tc_set_parent(TC_CAST(q), TC_H_ROOT);
		ok = rtnl_tc_set_kind(TC_CAST(q), "netem") == 0 &&
		     rtnl_qdisc_add(s, q, NLM_F_CREATE) == 0;
	}
	rtnl_qdisc_put(q);
	nl_socket_free(s);
	return ok;
}

bool have_netem(void)
{
	return in_new_netns(netem_on_lo);
}

int need_real_for(const struct topology *t)
{
	int r = need_real();

	return r ? r : limits_warn(t, "--time real");
}

int need_real(void)
{
	char why[256];

	if (!run_prerequisites(why, sizeof(why)))
		return 0;
	log_warnx("--time real: %s", why);
	return -1;
}
