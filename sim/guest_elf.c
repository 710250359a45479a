#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest_elf.h"
#include "log.h"

#define PHDRS_MAX 128

static int read_at(int fd, void *buf, size_t len, off_t at)
{
	ssize_t n = pread(fd, buf, len, at);

	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -ENOEXEC;
}

int guest_elf_interp(const char *program, char *buf, size_t size)
{
	Elf64_Ehdr eh;
	Elf64_Phdr ph;
	int fd, i, ret;

	fd = open(program, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = read_at(fd, &eh, sizeof(eh), 0);
	if (ret < 0)
		goto out;
	ret = -ENOEXEC;
	if (memcmp(eh.e_ident, ELFMAG, SELFMAG) != 0 ||
	    eh.e_ident[EI_CLASS] != ELFCLASS64 || eh.e_phentsize != sizeof(ph) ||
	    eh.e_phnum > PHDRS_MAX)
		goto out;
	for (i = 0; i < eh.e_phnum; i++) {
		ret = read_at(fd, &ph, sizeof(ph),
			      (off_t)(eh.e_phoff + (size_t)i * sizeof(ph)));
		if (ret < 0)
			goto out;
		if (ph.p_type != PT_INTERP)
			continue;
		ret = -ENOEXEC;
		if (ph.p_filesz < 2 || ph.p_filesz > size)
			goto out;
		ret = read_at(fd, buf, ph.p_filesz, (off_t)ph.p_offset);
		if (ret < 0)
			goto out;
		ret = buf[ph.p_filesz - 1] == '\0' ? 1 : -ENOEXEC;
		goto out;
	}
	ret = 0;
out:
	close(fd);
	return ret;
}

static int is_script(const char *path)
{
	char head[2];
	int fd, ret;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = read_at(fd, head, sizeof(head), 0);
	close(fd);
	if (ret == -ENOEXEC)
		return 0;
	return ret < 0 ? ret : memcmp(head, "#!", 2) == 0;
}

/* Starts `interp --list program`; returns a stream of what it says. */
static FILE *list_start(const char *interp, const char *program, pid_t *pid)
{
	int fds[2];
	FILE *f;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return NULL;
	*pid = fork();
	if (*pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		unsetenv("LD_PRELOAD");
		execl(interp, interp, "--list", program, (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	if (*pid < 0) {
		close(fds[0]);
		return NULL;
	}
	f = fdopen(fds[0], "r");
	if (!f)
		close(fds[0]);
	return f;
}

/*
 * One line of the list: `name => /path (0x…)`, `/path (0x…)`, `name => not
 * found`, or the vDSO, which has no path. Returns the path inside line, NULL
 * for none; *missing is the name of a library that was not found.
 */
static char *list_line(char *line, char **missing)
{
	char *arrow = strstr(line, " => "), *path, *end;

	*missing = NULL;
	line += strspn(line, " \t");
	path = arrow ? arrow + 4 : line;
	if (arrow && strncmp(path, "not found", 9) == 0) {
		*arrow = '\0';
		*missing = line;
		return NULL;
	}
	if (*path != '/')
		return NULL;
	end = strstr(path, " (0x");
	if (end)
		*end = '\0';
	else
		path[strcspn(path, "\n")] = '\0';
	return path;
}

static int list_needs(const char *interp, const char *program,
		      int (*fn)(const char *, void *), void *arg)
{
	char *line = NULL, *path, *missing;
	size_t cap = 0;
	int ret = 0, status;
	pid_t pid = -1;
	FILE *f = list_start(interp, program, &pid);

	if (!f) {
		ret = -errno;
		if (pid > 0)
			waitpid(pid, NULL, 0);
		return ret;
	}
	while (getline(&line, &cap, f) >= 0) {
		if (ret)
			continue; /* let it finish */
		path = list_line(line, &missing);
		if (missing) {
			log_warnx("%s needs %s, which is not found", program, missing);
			ret = -ENOENT;
		} else if (path && strcmp(path, interp) != 0) {
			ret = fn(path, arg);
		}
	}
	free(line);
	fclose(f);
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	if (!ret && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
		log_warnx("%s --list %s failed", interp, program);
		ret = -ENOEXEC;
	}
	return ret;
}

int guest_elf_needs(const char *program, int (*fn)(const char *path, void *arg),
		    void *arg)
{
	char interp[512];
	int ret = guest_elf_interp(program, interp, sizeof(interp));

	if (ret == -ENOEXEC && is_script(program) == 1)
		return 0;
	if (ret <= 0)
		return ret;
	ret = fn(interp, arg);
	return ret ? ret : list_needs(interp, program, fn, arg);
}
