/* Implementation for faults on demand: the linker's --wrap. */
#include "inject.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <ifaddrs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cmocka.h>

static int countdown; /* 1: the next chance is taken; 0: none */
static bool fired;
static const char *what = "";

static bool fails(const char *name)
{
	if (!countdown || --countdown)
		return false;
	fired = true;
	what = name;
	return true;
}

/* clang-format off */
#define WRAP(type, failure, err, name, params, args)     \
	type __real_##name params;                       \
	type __wrap_##name params;                       \
	type __wrap_##name params                        \
	{                                                \
		if (fails(#name)) {                      \
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
WRAP(char *, NULL, ENOMEM, strndup, (const char *s, size_t n), (s, n))
WRAP(int, -1, ENOMEM, vasprintf, (char **p, const char *f, va_list v), (p, f, v))
WRAP(FILE *, NULL, EMFILE, fopen, (const char *p, const char *m), (p, m))
WRAP(FILE *, NULL, ENOMEM, fdopen, (int f, const char *m), (f, m))
WRAP(DIR *, NULL, EMFILE, opendir, (const char *p), (p))
WRAP(int, -1, EIO, fstat, (int f, struct stat *t), (f, t))
WRAP(int, -1, EIO, rename, (const char *a, const char *b), (a, b))
WRAP(int, -1, EROFS, mkfifo, (const char *p, mode_t m), (p, m))
WRAP(int, -1, EMFILE, socketpair, (int d, int t, int p, int *v), (d, t, p, v))
WRAP(int, -1, EMFILE, pipe2, (int *v, int f), (v, f))
WRAP(int, -1, EAGAIN, connect, (int f, const struct sockaddr *a, socklen_t n), (f, a, n))
WRAP(int, -1, ENOBUFS, getsockopt, (int f, int l, int o, void *v, socklen_t *n),
     (f, l, o, v, n))
WRAP(ssize_t, -1, ENOMEM, recv, (int f, void *b, size_t n, int g), (f, b, n, g))
WRAP(ssize_t, -1, EIO, read, (int f, void *b, size_t n), (f, b, n))
WRAP(ssize_t, -1, ENOSPC, write, (int f, const void *b, size_t n), (f, b, n))
WRAP(pid_t, -1, EAGAIN, fork, (void), ())
WRAP(int, -1, EMFILE, epoll_create1, (int f), (f))
WRAP(int, -1, EMFILE, timerfd_create, (int c, int f), (c, f))
WRAP(int, -1, EMFILE, signalfd, (int f, const sigset_t *s, int g), (f, s, g))
WRAP(void *, MAP_FAILED, ENOMEM, mmap, (void *a, size_t n, int p, int g, int f, off_t o),
     (a, n, p, g, f, o))
WRAP(int, GLOB_NOSPACE, ENOMEM, glob,
     (const char *p, int f, int (*e)(const char *, int), glob_t *g), (p, f, e, g))
WRAP(int, -1, ENOMEM, getifaddrs, (struct ifaddrs **p), (p))
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
struct nl_cb;
WRAP(struct nl_cb *, NULL, ENOMEM, nl_cb_alloc, (int k), (k))
WRAP(int, -5, ENOMEM, nl_sendto, (struct nl_sock *s, void *b, size_t n), (s, b, n))
WRAP(int, -5, ENOMEM, nl_recvmsgs, (struct nl_sock *s, struct nl_cb *c), (s, c))
WRAP(int, -5, ENOMEM, nl_recvmsgs_default, (struct nl_sock *s), (s))
WRAP(int, -5, ENOMEM, nl_wait_for_ack, (struct nl_sock *s), (s))
WRAP(int, -12 /* NLE_OBJ_NOTFOUND */, ENOENT, genl_ctrl_resolve,
     (struct nl_sock *s, const char *n), (s, n))
WRAP(int, -5, ENOMEM, genl_send_simple, (struct nl_sock *s, int f, int c, int v, int g),
     (s, f, c, v, g))
/* and what a checker asks of OpenSSL and PCRE2 */
WRAP(void *, NULL, ENOMEM, SSL_CTX_new, (const void *m), (m))
WRAP(void *, NULL, ENOMEM, SSL_new, (void *c), (c))
WRAP(int, 0, ENOMEM, SSL_set_fd, (void *s, int f), (s, f))
WRAP(void *, NULL, ENOMEM, EVP_MD_CTX_new, (void), ())
WRAP(void *, NULL, ENOMEM, pcre2_match_data_create_from_pattern_8,
     (const void *p, void *g), (p, g))
WRAP(void *, NULL, ENOMEM, pcre2_match_context_create_8, (void *g), (g))
/* clang-format on */

/* (These take a variable list, or leave an error behind by other means.) */
int __wrap_open(const char *path, int flags, ...);
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	if (fails("open")) {
		errno = EMFILE;
		return -1;
	}
	va_start(ap, flags);
	if (flags & O_CREAT)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	return __real_open(path, flags, mode);
}

int __wrap_asprintf(char **out, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int __wrap_asprintf(char **out, const char *fmt, ...)
{
	va_list ap;
	int r;

	if (fails("asprintf")) {
		*out = NULL;
		errno = ENOMEM;
		return -1;
	}
	va_start(ap, fmt);
	r = __real_vasprintf(out, fmt, ap);
	va_end(ap);
	return r;
}

#define PCRE2_ERROR_HEAP_FAILED 121 /* (of compiling) */

void *__real_pcre2_compile_8(const void *p, size_t n, uint32_t o, int *e, size_t *at,
			     void *c);
void *__wrap_pcre2_compile_8(const void *p, size_t n, uint32_t o, int *e, size_t *at,
			     void *c);
void *__wrap_pcre2_compile_8(const void *p, size_t n, uint32_t o, int *e, size_t *at,
			     void *c)
{
	if (fails("pcre2_compile")) {
		*e = PCRE2_ERROR_HEAP_FAILED;
		return NULL;
	}
	return __real_pcre2_compile_8(p, n, o, e, at, c);
}

int inject_each(int (*fn)(void *), void *arg, int max, int *survived)
{
	int n, r;

	for (n = 1; n <= max; n++) {
		fired = false;
		what = "";
		countdown = n;
		r = fn(arg);
		countdown = 0;
		if (!fired) {
			assert_int_equal(r, 0);
			return n - 1;
		}
		if (r > 0)
			print_error("fault %d, in %s: returned %d\n", n, what, r);
		assert_true(r <= 0);
		if (r == 0 && survived)
			(*survived)++;
	}
	fail_msg("more than %d chances to fail", max);
	return -1;
}

bool inject_fired(void)
{
	return fired;
}

void inject_pause(bool on)
{
	static int held;

	if (on) {
		held = countdown;
		countdown = 0;
	} else {
		countdown = held;
	}
}

const char *inject_what(void)
{
	return what;
}

int inject_open_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

void inject_all(int (*fn)(void *), void *arg, int at_least)
{
	int before, survived = 0, n;

	/* What libraries keep for good is there after the first time. */
	assert_int_equal(fn(arg), 0);
	before = inject_open_fds();
	n = inject_each(fn, arg, 5000, &survived);
	assert_int_equal(inject_open_fds(), before);
	assert_true(n >= at_least);
	assert_true(survived < n);
}
