#include "guest_branch.h"

#include <errno.h>
#include <unistd.h>

#include "fd.h"
#include "guest_mail.h"
#include "guest_vm.h"
#include "log.h"

/* Everything that decides what the guest is at the branch. */
static void make_key(struct guest_branch *b, const struct guest *g,
		     const struct guest_vm *vm)
{
	const struct mail_head *h = vm->mail;
	struct hash hash;

	hash_init(&hash);
	hash_add_text(&hash, "branch-1");
	hash_add_text(&hash, g->key);
	hash_add(&hash, &h->seed, sizeof(h->seed));
	hash_add(&hash, &h->argc, sizeof(h->argc));
	hash_add(&hash, h->argv, sizeof(h->argv));
	hash_add(&hash, (const char *)h + h->in_at, h->in_len);
	hash_text(&hash, b->key);
}

void guest_branch_init(struct guest_branch *b)
{
	*b = (struct guest_branch){ .saved = { -1, -1, -1 }, .lock_fd = -1, .ram_fd = -1,
				    .save_fd = -1 };
}

void guest_branch_find(struct guest_branch *b, const struct guest *g,
		       const struct guest_vm *vm)
{
	/* A guest that boots for each run is not one to save either. */
	if (g->saved.state_fd < 0 || guest_branch_dir(b->dir, sizeof(b->dir)) < 0)
		return;
	make_key(b, g, vm);
	if (guest_saved_open(&b->saved, b->dir, b->key) == 0)
		return;
	b->lock_fd = guest_cache_lock_one(b->dir, b->key);
	/* It may have been finished meanwhile. */
	if (b->lock_fd >= 0 && guest_saved_open(&b->saved, b->dir, b->key) == 0)
		fd_close(&b->lock_fd);
}

void guest_branch_finish(struct guest_branch *b)
{
	guest_saved_close(&b->saved);
	fd_close(&b->lock_fd);
	fd_close(&b->ram_fd);
	fd_close(&b->save_fd);
}

static void cannot(struct guest_branch *b, int err)
{
	errno = -err;
	log_warn("cannot save the guest before its fault (each trial begins anew)");
	fd_close(&b->lock_fd);
}

int guest_branch_begin(struct guest_branch *b, const struct guest *g,
		       struct guest_vm *vm, int64_t deadline)
{
	struct guest_start start = { &g->saved, -1, -1, false };
	int r;

	if (b->saved.state_fd >= 0) {
		start.from = &b->saved;
		return guest_restore(g, vm, &start, deadline);
	}
	if (b->lock_fd < 0)
		return guest_begin(g, vm, deadline);
	r = guest_make_room(g, &b->ram_fd, &b->save_fd);
	if (r < 0) {
		cannot(b, r);
		return guest_begin(g, vm, deadline);
	}
	start.ram_fd = b->ram_fd;
	start.save_fd = b->save_fd;
	return guest_restore(g, vm, &start, deadline);
}

void guest_branch_save(struct guest_branch *b, struct guest_vm *vm, int64_t deadline)
{
	int lock = -1, frozen, r;

	if (b->lock_fd < 0)
		return;
	r = guest_vm_save(vm, deadline);
	frozen = r == 0 ? guest_make_frozen(vm) : -1;
	if (r == 0)
		r = lock = guest_cache_lock(b->dir);
	if (r >= 0)
		r = guest_saved_store(b->dir, b->key, b->ram_fd, b->save_fd, frozen);
	fd_close(&lock);
	fd_close(&frozen);
	if (r < 0)
		cannot(b, r);
	fd_close(&b->lock_fd);
}
