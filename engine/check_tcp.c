/* TCP_CHECK: the connection can be made; nothing is said. */
#include <netinet/in.h>
#include <sys/epoll.h>

#include "check.h"

static void writable(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct check *c = arg;

	(void)f;
	check_done(c, check_errno_result(-check_connected(c, revents)));
}

static bool start(struct check *c)
{
	return check_begin(c, SOCK_STREAM, IPPROTO_TCP, EPOLLOUT, writable);
}

const struct check_type check_tcp = {
	.name = "TCP_CHECK",
	.start = start,
};
