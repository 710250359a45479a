/*
 * Interface for netem: what is done to the frames that an interface sends.
 * Needs sch_netem in the kernel, for some frames only sch_prio too.
 */
#ifndef HALBSIM_NETEM_H
#define HALBSIM_NETEM_H

#include <stdbool.h>
#include <stdint.h>

struct nl_sock;

/* All zero: nothing. Shares are 0..1. */
struct netem {
	double loss, duplicate, reorder; /* reorder: overtake those delayed */
	int64_t delay_ns, jitter_ns;
	uint64_t bits_per_s; /* 0: as fast as can be */
};

bool netem_is_none(const struct netem *e);
bool netem_same(const struct netem *a, const struct netem *b);

/*
 * Makes an interface of the socket's namespace do it, in place of what it did
 * before, and reads back that it does. 0 or -errno; -ENOENT: the kernel has no
 * netem; -EIO: it says something else than it was told.
 */
int netem_set(struct nl_sock *sk, int index, const struct netem *e);

/*
 * Frames of some kinds treated apart: netem_sort() gives an interface bands, in place
 * of what netem_set() did; filters (filter.h) put frames into one, and those that no
 * filter knows are in band 0. netem_set_band() is netem_set() for one. What is on its
 * way when netem_sort() or netem_unsort() is called gets lost. 0 or -errno.
 */
#define NETEM_BANDS  16
#define NETEM_SORTER 0x00ff0000U
int netem_sort(struct nl_sock *sk, int index);
int netem_unsort(struct nl_sock *sk, int index);
int netem_set_band(struct nl_sock *sk, int index, int band, const struct netem *e);
/* What a filter calls that band. */
uint32_t netem_band_class(int band);

#endif
