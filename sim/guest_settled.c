#include "guest_settled.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest_mail.h"
#include "guest_vm.h"
#include "log.h"

/* Everything that decides what the guest is at settled. */
static void make_key(struct guest_settled *s, const struct guest *g,
		     const struct guest_vm *vm)
{
	const struct mail_head *h = vm->mail;
	struct hash hash;

	hash_init(&hash);
	hash_add_text(&hash, "settled-1");
	hash_add_text(&hash, g->key);
	hash_add(&hash, &h->seed, sizeof(h->seed));
	hash_add(&hash, &h->argc, sizeof(h->argc));
	hash_add(&hash, h->argv, sizeof(h->argv));
	hash_add(&hash, (const char *)h + h->in_at, h->in_len);
	hash_text(&hash, s->key);
}

void guest_settled_init(struct guest_settled *s)
{
	*s = (struct guest_settled){ .saved = { -1, -1 }, .lock_fd = -1, .ram_fd = -1,
				     .save_fd = -1 };
}

void guest_settled_find(struct guest_settled *s, const struct guest *g,
			const struct guest_vm *vm)
{
	/* A guest that boots for each run is not one to save either. */
	if (g->saved.state_fd < 0 || guest_settled_dir(s->dir, sizeof(s->dir)) < 0)
		return;
	make_key(s, g, vm);
	if (guest_saved_open(&s->saved, s->dir, s->key) == 0)
		return;
	s->lock_fd = guest_cache_lock_one(s->dir, s->key);
	/* It may have been finished meanwhile. */
	if (s->lock_fd >= 0 && guest_saved_open(&s->saved, s->dir, s->key) == 0) {
		close(s->lock_fd);
		s->lock_fd = -1;
	}
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void guest_settled_finish(struct guest_settled *s)
{
	guest_saved_close(&s->saved);
	close_fd(&s->lock_fd);
	close_fd(&s->ram_fd);
	close_fd(&s->save_fd);
}

/* Memory to work in that can be saved afterwards. */
static int make_room(struct guest_settled *s, const struct guest *g)
{
	s->ram_fd = memfd_create("halbsim-ram", MFD_CLOEXEC);
	s->save_fd = memfd_create("halbsim-state", MFD_CLOEXEC);
	if (s->ram_fd < 0 || s->save_fd < 0)
		return -errno;
	return guest_copy_sparse(g->saved.ram_fd, s->ram_fd);
}

static void cannot(struct guest_settled *s, int err)
{
	errno = -err;
	log_warn("cannot save the settled guest (runs will settle each time)");
	close_fd(&s->lock_fd);
}

int guest_settled_begin(struct guest_settled *s, const struct guest *g,
			struct guest_vm *vm, int64_t deadline)
{
	struct guest_start start = { &g->saved, -1, -1, false };
	int r;

	if (s->saved.state_fd >= 0) {
		start.from = &s->saved;
		return guest_restore(g, vm, &start, deadline);
	}
	if (s->lock_fd < 0)
		return guest_begin(g, vm, deadline);
	r = make_room(s, g);
	if (r < 0) {
		cannot(s, r);
		return guest_begin(g, vm, deadline);
	}
	start.ram_fd = s->ram_fd;
	start.save_fd = s->save_fd;
	return guest_restore(g, vm, &start, deadline);
}

void guest_settled_drop(struct guest_settled *s)
{
	int lock = s->key[0] ? guest_cache_lock(s->dir) : -1;

	if (lock < 0)
		return;
	guest_saved_remove(s->dir, s->key);
	close(lock);
}

void guest_settled_save(struct guest_settled *s, struct guest_vm *vm, int64_t deadline)
{
	int lock = -1, r;

	if (s->lock_fd < 0)
		return;
	r = guest_vm_save(vm, deadline);
	if (r == 0)
		r = lock = guest_cache_lock(s->dir);
	if (r >= 0)
		r = guest_saved_store(s->dir, s->key, s->ram_fd, s->save_fd);
	close_fd(&lock);
	if (r < 0)
		cannot(s, r);
	close_fd(&s->lock_fd);
}
