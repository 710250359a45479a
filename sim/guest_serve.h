/* Inside the guest: PID 1's part of a run. Needs the ports of guest_mail.h. */
#ifndef HALBSIM_GUEST_SERVE_H
#define HALBSIM_GUEST_SERVE_H

#include <stddef.h>

struct mail_head;

/* A line for whoever watches the guest's console. */
void guest_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Says what failed, with errno, and powers off. There is nobody to return to. */
void guest_die(const char *what) __attribute__((noreturn));

/* Maps a part of the mailbox. Never fails: it dies. */
void *guest_map_mail(size_t at, size_t len);

/*
 * Writes a byte to a port, for which there is permission. The host may look at memory
 * then: all that was written before is there.
 */
void guest_port_write(unsigned short port, unsigned char value);
/* Stops the machine: the host takes what is in the mailbox. */
void guest_stop(void) __attribute__((noreturn));

/* Reseeds, unpacks /in, runs the command, packs /out into the mailbox. */
void guest_serve(struct mail_head *h);

/*
 * Not PID 1's: the command itself packs /out into the mailbox, with that wait
 * status, and stops the machine. When this returns (0 or -errno), it goes on, perhaps at
 * another pace.
 */
int guest_hand_over(int status);

#endif
