/* What a program needs to start: its ELF interpreter and its libraries. */
#ifndef HALBSIM_GUEST_ELF_H
#define HALBSIM_GUEST_ELF_H

#include <stddef.h>

/*
 * Calls fn once for each file that `program` needs beside itself: the
 * interpreter, then the libraries as that interpreter resolves them (so rpaths,
 * ld.so.conf and LD_LIBRARY_PATH count, whatever the C library). A static
 * program and a script need nothing here. Stops at the first call that does
 * not return 0 and returns what it returned.
 *
 * Returns 0, or -errno: -ENOEXEC neither ELF nor script, -ENOENT a library that
 * was not found (one message names it).
 */
int guest_elf_needs(const char *program, int (*fn)(const char *path, void *arg),
		    void *arg);

/*
 * Reads PT_INTERP into buf. Returns 1 when there is one, 0 for a static program,
 * -ENOEXEC when the file is not a 64-bit ELF program, or -errno.
 */
int guest_elf_interp(const char *program, char *buf, size_t size);

#endif
