/*
 * A processor for a guest. QEMU's two threads take turns at each idle moment of the guest,
 * some thousand times a run: on one processor that is a switch, between two it is an
 * interrupt that wakes the other up, and costs a fifth of a run.
 */
#ifndef HALBSIM_GUEST_CPU_H
#define HALBSIM_GUEST_CPU_H

/*
 * Takes one that no other guest of this user has, the one we are on if it can be: its
 * number, with *lock to be closed when it is given back; -errno (and *lock -1) where
 * there is none, and the guest runs wherever the kernel likes.
 */
int guest_cpu_take(int *lock);

/* This process, and what it becomes, runs there alone. */
void guest_cpu_stay(int cpu);

#endif
