/*
 * Interface for running a program in our own memory: loaded as the kernel would load
 * it, but beside us, and run by a process that was cloned with CLONE_VM.
 *
 * It is for virtual time. Emulation forgets all translations of addresses whenever the
 * processor goes to another address space, and a request goes from the client (us) to
 * the backend and back. Where both have one, it goes nowhere.
 *
 * Only memory is shared, and of that only the page tables: the program is static and
 * brings its own C library, with its own heap, thread-local storage and locks, so it
 * may be killed at any instant. Files, signals, namespaces and the pid are its own.
 * What is not: /proc/PID/exe, cmdline and environ, which belong to the memory. And it
 * could write into ours if it were broken.
 *
 * A program must not move the break, which is ours (web_heap.c).
 */
#ifndef HALBSIM_BESIDE_H
#define HALBSIM_BESIDE_H

#include <stddef.h>

/* Zeroed: none. */
struct beside {
	char *base; /* (owned) program and stack, one range */
	size_t len;
	void *entry, *sp; /* where it begins */
};

/*
 * Loads a static position-independent program, with these words and environment. 0;
 * -ENOEXEC: it is of another kind, or this machine is; or -errno.
 */
int beside_load(struct beside *b, const char *path, char *const argv[],
		char *const envp[]);
/* Top of a stack for the child until beside_enter(): a part of the program's own. */
void *beside_stack(const struct beside *b);
/*
 * In the child: closes all descriptors but the standard three, and begins the program,
 * which may map nothing more. When they are closed the child is done with what is not
 * its own: who has waited for that may use errno again.
 */
void beside_enter(const struct beside *b) __attribute__((noreturn));
/* After the process has been reaped, or has never been. Safe when zeroed. */
void beside_free(struct beside *b);

#endif
