/* A guest that stands still after its run; between guest.c and guest_live.c. */
#ifndef HALBSIM_GUEST_KEPT_H
#define HALBSIM_GUEST_KEPT_H

#include "guest_make.h"
#include "guest_vm.h"

struct guest_kept {
	struct guest_vm vm;
	struct guest guest; /* ours when `own` */
	const struct guest *g;
	bool own;
	int ram_fd, save_fd; /* (owned) its memory; where its devices can go */
};

/* The prepared guest, when that is what `o` asks for; else NULL. */
struct guest *guest_prepared(const struct guest_opts *o);

#endif
