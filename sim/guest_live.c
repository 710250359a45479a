#include "guest_live.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "guest_kept.h"
#include "guest_mail.h"
#include "guest_make.h"
#include "guest_vm.h"
#include "live.h"
#include "log.h"
#include "loop.h"
#include "relay.h"

#define BEGIN_LIMIT_NS (180 * NS_PER_S)

_Static_assert(sizeof(struct relay_rings) <= MAIL_SIZE - MAIL_LIVE, "room for the rings");

struct holder {
	struct guest_vm *vm;
	struct loop *loop;
	struct relay *relay;
	struct loop_fd door, qmp;
	int status;
};

static void door_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct holder *h = arg;
	int fd = accept4(f->fd, NULL, NULL, SOCK_CLOEXEC);

	(void)revents;
	if (fd >= 0 && relay_open(h->relay, fd) < 0)
		log_warnx("a connection was turned away: too many");
}

/* QEMU says something: that the site has ended, or that it is itself at its end. */
static void qmp_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct holder *h = arg;
	int r = guest_vm_wait_stop(h->vm, clock_now() + NS_PER_MS);
	int status = h->vm->mail->status;

	(void)f;
	(void)revents;
	if (r == -ETIMEDOUT)
		return;
	if (r == 0) {
		h->status = WIFEXITED(status) ? WEXITSTATUS(status) :
						128 + WTERMSIG(status);
		guest_vm_copy_console(h->vm, STDERR_FILENO);
	} else {
		h->status = r;
		log_warnx("the guest died; the end of its console:");
		guest_vm_show_end(h->vm, stderr, GUEST_CONSOLE_LINES);
	}
	loop_stop(h->loop, 0);
}

static void signalled(int signo, void *arg)
{
	struct holder *h = arg;

	(void)signo;
	loop_stop(h->loop, 0);
}

static int set_up(struct holder *h, int listen_fd, int owner_fd)
{
	struct relay_rings *rings = (void *)((char *)h->vm->mail + MAIL_LIVE);
	struct relay_env env = { h->loop, &rings->down, &rings->up, NULL, NULL };
	sigset_t set;
	int r;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	r = loop_signals(h->loop, &set, signalled, h);
	if (r < 0)
		return r;
	h->relay = relay_new(&env);
	if (!h->relay)
		return -errno;
	if (owner_fd >= 0)
		r = relay_open(h->relay, owner_fd);
	if (r == 0 && listen_fd >= 0)
		r = loop_fd_add(h->loop, &h->door, listen_fd, EPOLLIN, door_ready, h);
	if (r == 0)
		r = loop_fd_add(h->loop, &h->qmp, h->vm->qmp.fd, EPOLLIN, qmp_ready, h);
	return r;
}

/* Lets the guest go on and carries connections, until it ends or we are to. */
static int hold(struct guest_vm *vm, int listen_fd, int owner_fd)
{
	struct holder h = { .vm = vm, .loop = loop_new() };
	int r = h.loop ? set_up(&h, listen_fd, owner_fd) : -errno;

	if (r == 0)
		r = guest_vm_cont(vm, clock_now() + BEGIN_LIMIT_NS);
	if (r == 0)
		r = loop_run(h.loop);
	if (r < 0) {
		errno = -r;
		log_warn("cannot hold the guest");
	}
	relay_free(h.relay);
	loop_free(h.loop);
	return r < 0 ? r : h.status;
}

static int begin(const struct guest *g, struct guest_vm *vm, const struct guest_opts *o,
		 const char *in_dir, const char *const argv[])
{
	int64_t deadline = clock_now() + BEGIN_LIMIT_NS;
	struct timespec now;
	int r = guest_vm_init(vm);

	if (r < 0) {
		errno = -r;
		log_warn("guest");
		return r;
	}
	r = guest_begin_wall(g, vm, deadline);
	if (r == 0)
		r = guest_put_input(vm, o, in_dir, argv);
	clock_gettime(CLOCK_REALTIME, &now);
	vm->mail->real_ns = now.tv_sec * NS_PER_S + now.tv_nsec;
	return r;
}

int guest_live(const struct guest_opts *o, const char *in_dir, const char *const argv[],
	       int listen_fd, int owner_fd)
{
	struct guest_vm *vm = malloc(sizeof(*vm));
	struct guest own, *g = guest_prepared(o);
	int r;

	if (!vm)
		return -ENOMEM;
	r = g ? 0 : guest_make(&own, o);
	if (r == 0) {
		r = begin(g ? g : &own, vm, o, in_dir, argv);
		if (r == 0)
			r = hold(vm, listen_fd, owner_fd);
		guest_vm_finish(vm);
	}
	if (!g)
		guest_finish(&own);
	free(vm);
	return r;
}

/* --- a guest that stays after its run --- */

void guest_kept_free(struct guest_kept *k)
{
	if (!k)
		return;
	guest_vm_finish(&k->vm);
	if (k->ram_fd >= 0)
		close(k->ram_fd);
	if (k->save_fd >= 0)
		close(k->save_fd);
	if (k->own)
		guest_finish(&k->guest);
	free(k);
}

/*
 * The same memory and devices in another QEMU, which has the other pace: what
 * decides about it cannot be changed while it runs.
 */
static int change_pace(struct guest_kept *k)
{
	int64_t deadline = clock_now() + BEGIN_LIMIT_NS;
	struct guest_saved now = { .ram_fd = k->ram_fd, .state_fd = k->save_fd,
				   .frozen_fd = -1 };
	struct guest_start start = { &now, k->ram_fd, -1, true };
	int r = guest_vm_save(&k->vm, deadline);

	if (r < 0) {
		errno = -r;
		log_warn("cannot save the guest as it is");
		return r;
	}
	guest_vm_end(&k->vm);
	return guest_restore(k->g, &k->vm, &start, deadline);
}

int guest_kept_live(struct guest_kept *k, int listen_fd)
{
	int r = change_pace(k);

	if (r == 0)
		r = hold(&k->vm, listen_fd, -1);
	guest_kept_free(k);
	return r;
}

/* --- in the guest --- */

int guest_live_doors(struct live_doors *d)
{
	struct relay_rings *rings;
	int fd = open("/dev/mem", O_RDWR | O_CLOEXEC), r = 0;

	if (fd < 0)
		return -errno;
	rings = mmap(NULL, sizeof(*rings), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		     (off_t)(MAIL_PHYS + MAIL_LIVE));
	if (rings == MAP_FAILED)
		r = -errno;
	close(fd);
	if (r == 0)
		*d = (struct live_doors){ .listen_fd = -1, .owner_fd = -1,
					  .out = &rings->up, .in = &rings->down };
	return r;
}
