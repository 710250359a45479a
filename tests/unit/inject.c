/* Implementation for faults on demand: the linker's --wrap. */
#include "inject.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cmocka.h>

static int countdown; /* 1: the next chance is taken; 0: none */
static bool fired;

static bool fails(void)
{
	if (!countdown || --countdown)
		return false;
	fired = true;
	return true;
}

/* clang-format off */
#define WRAP(type, failure, err, name, params, args)     \
	type __real_##name params;                       \
	type __wrap_##name params;                       \
	type __wrap_##name params                        \
	{                                                \
		if (fails()) {                           \
			errno = err;                     \
			return failure;                  \
		}                                        \
		return __real_##name args;               \
	}

WRAP(void *, NULL, ENOMEM, malloc, (size_t n), (n))
WRAP(void *, NULL, ENOMEM, calloc, (size_t n, size_t m), (n, m))
WRAP(void *, NULL, ENOMEM, realloc, (void *p, size_t n), (p, n))
WRAP(char *, NULL, ENOMEM, strdup, (const char *s), (s))
WRAP(int, -1, EMFILE, socket, (int d, int t, int p), (d, t, p))
WRAP(int, -1, ENOBUFS, setsockopt, (int f, int l, int o, const void *v, socklen_t n),
     (f, l, o, v, n))
WRAP(int, -1, EADDRINUSE, bind, (int f, const struct sockaddr *a, socklen_t n), (f, a, n))
WRAP(ssize_t, -1, ENOBUFS, send, (int f, const void *b, size_t n, int g), (f, b, n, g))
WRAP(ssize_t, -1, ENOBUFS, sendmsg, (int f, const struct msghdr *m, int g), (f, m, g))
WRAP(int, -1, ENOSPC, epoll_ctl, (int e, int o, int f, struct epoll_event *v), (e, o, f, v))
/* libnl's own, as the project calls them */
struct nl_sock;
struct nl_msg;
WRAP(struct nl_sock *, NULL, ENOMEM, nl_socket_alloc, (void), ())
WRAP(struct nl_msg *, NULL, ENOMEM, nlmsg_alloc_size, (size_t n), (n))
WRAP(struct nl_msg *, NULL, ENOMEM, nlmsg_alloc_simple, (int t, int f), (t, f))
WRAP(int, -5 /* NLE_NOMEM */, ENOMEM, nl_send_auto, (struct nl_sock *s, struct nl_msg *m),
     (s, m))
WRAP(int, -5, ENOMEM, nl_send_simple,
     (struct nl_sock *s, int t, int f, void *b, size_t n), (s, t, f, b, n))
/* clang-format on */

int inject_each(int (*fn)(void *), void *arg, int max, int *survived)
{
	int n, r;

	for (n = 1; n <= max; n++) {
		fired = false;
		countdown = n;
		r = fn(arg);
		countdown = 0;
		if (!fired) {
			assert_int_equal(r, 0);
			return n - 1;
		}
		assert_true(r <= 0);
		if (r == 0 && survived)
			(*survived)++;
	}
	fail_msg("more than %d chances to fail", max);
	return -1;
}
