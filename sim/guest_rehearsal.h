/*
 * The rehearsal: at the end of its boot, before anything depends on a run, the guest runs
 * a short case with each engine that it has. QEMU has then translated what runs consist
 * of, kernel included, and that stays with the guest where QEMU itself is saved
 * (frozen.h).
 */
#ifndef HALBSIM_GUEST_REHEARSAL_H
#define HALBSIM_GUEST_REHEARSAL_H

struct guest_image;

/* On the host: the case and its topology, into the guest's root. 0 or -errno. */
int guest_rehearsal_add(struct guest_image *img);

/* PID 1's part. Whether it works is no business of a run's; nothing of it is left. */
void guest_rehearse(void);

#endif
