/*
 * For harnesses whose reader takes a path: the input as a file, in a folder that
 * lives as long as the process (tools/fuzz removes it after a crash).
 */
#ifndef FUZZ_FILE_H
#define FUZZ_FILE_H

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char fuzz_folder[256], fuzz_path[512];

static void fuzz_remove(void)
{
	unlink(fuzz_path);
	rmdir(fuzz_folder);
}

static inline const char *fuzz_dir(void)
{
	return fuzz_folder;
}

/* Writes the input to a file of this name; returns its path. */
static inline const char *fuzz_file(const char *name, const uint8_t *data, size_t size)
{
	const char *tmp = getenv("TMPDIR");
	int fd;

	if (!*fuzz_folder) {
		snprintf(fuzz_folder, sizeof(fuzz_folder), "%s/fuzz.XXXXXX",
			 tmp ? tmp : "/tmp");
		if (!mkdtemp(fuzz_folder))
			abort();
		snprintf(fuzz_path, sizeof(fuzz_path), "%s/%s", fuzz_folder, name);
		atexit(fuzz_remove);
	}
	fd = open(fuzz_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size || close(fd))
		abort();
	return fuzz_path;
}

#endif
