/* The guest's root: what is put in is what comes out, in a fixed order. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest_elf.h"
#include "guest_image.h"

/* --- helpers --- */

struct found {
	char path[PATH_MAX], link[PATH_MAX], data[4096];
	mode_t mode;
	size_t len;
};

struct listing {
	struct found v[512];
	size_t n;
};

static struct listing *read_back(struct guest_image *img)
{
	struct listing *l = calloc(1, sizeof(*l));
	struct archive *a = archive_read_new();
	struct archive_entry *e;
	int fd = memfd_create("image", MFD_CLOEXEC);

	assert_non_null(l);
	assert_true(fd >= 0);
	assert_int_equal(guest_image_write(img, fd), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	archive_read_support_format_cpio(a);
	assert_int_equal(archive_read_open_fd(a, fd, 65536), ARCHIVE_OK);
	while (archive_read_next_header(a, &e) == ARCHIVE_OK) {
		struct found *f = &l->v[l->n++];
		const char *link = archive_entry_symlink(e);

		assert_true(l->n < 512);
		snprintf(f->path, sizeof(f->path), "%s", archive_entry_pathname(e));
		snprintf(f->link, sizeof(f->link), "%s", link ? link : "");
		f->mode = archive_entry_mode(e);
		f->len = (size_t)archive_read_data(a, f->data, sizeof(f->data));
	}
	archive_read_free(a);
	close(fd);
	return l;
}

static const struct found *find(const struct listing *l, const char *path)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (!strcmp(l->v[i].path, path))
			return &l->v[i];
	}
	return NULL;
}

static char scratch[64];

static int set_up(void **state)
{
	(void)state;
	strcpy(scratch, "/tmp/halbsim-unit.XXXXXX");
	return mkdtemp(scratch) ? 0 : -1;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", scratch);
	return system(command);
}

static void put(const char *name, const char *text, mode_t mode, char *path)
{
	FILE *f;

	snprintf(path, PATH_MAX, "%s/%s", scratch, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
}

/* --- image --- */

static void guest_image__reads_back(void **state)
{
	struct guest_image *img = guest_image_new();
	const struct found *f;
	struct listing *l;
	char src[PATH_MAX];

	(void)state;
	put("src", "from a file", 0750, src);
	assert_int_equal(guest_image_add_data(img, "/etc/hosts", "data", 4, 0644), 0);
	assert_int_equal(guest_image_add_file(img, "/usr/bin/x", src), 0);
	assert_int_equal(guest_image_add_link(img, "/bin/x", "/usr/bin/x"), 0);
	assert_int_equal(guest_image_add_dir(img, "/proc"), 0);
	l = read_back(img);
	f = find(l, "etc/hosts");
	assert_non_null(f);
	assert_int_equal(f->mode, S_IFREG | 0644);
	assert_int_equal(f->len, 4);
	assert_memory_equal(f->data, "data", 4);
	f = find(l, "usr/bin/x");
	assert_non_null(f);
	assert_int_equal(f->mode, S_IFREG | 0755);
	assert_int_equal(f->len, 11);
	assert_memory_equal(f->data, "from a file", 11);
	f = find(l, "bin/x");
	assert_non_null(f);
	assert_true(S_ISLNK(f->mode));
	assert_string_equal(f->link, "/usr/bin/x");
	f = find(l, "proc");
	assert_non_null(f);
	assert_true(S_ISDIR(f->mode));
	free(l);
	guest_image_free(img);
}

/* The kernel unpacks in order: a folder must come before what is in it. */
static void guest_image__parents_come_first(void **state)
{
	struct guest_image *img = guest_image_new();
	struct listing *l;
	size_t i, j;

	(void)state;
	assert_int_equal(guest_image_add_data(img, "/z/y/x", "1", 1, 0644), 0);
	assert_int_equal(guest_image_add_data(img, "/a/b", "2", 1, 0644), 0);
	assert_int_equal(guest_image_add_data(img, "/z/y-x", "3", 1, 0644), 0);
	l = read_back(img);
	assert_int_equal(l->n, 6);
	for (i = 0; i < l->n; i++) {
		char *slash = strrchr(l->v[i].path, '/');

		if (!slash)
			continue;
		for (j = 0; j < i; j++) {
			if (strlen(l->v[j].path) == (size_t)(slash - l->v[i].path) &&
			    !strncmp(l->v[j].path, l->v[i].path, strlen(l->v[j].path)))
				break;
		}
		assert_true(j < i);
	}
	free(l);
	guest_image_free(img);
}

static void guest_image__same_thing_twice_is_harmless(void **state)
{
	struct guest_image *img = guest_image_new();

	(void)state;
	assert_int_equal(guest_image_add_data(img, "/a/b", "1", 1, 0644), 0);
	assert_int_equal(guest_image_add_data(img, "/a/b", "1", 1, 0644), 0);
	assert_int_equal(guest_image_add_data(img, "/a/b", "2", 1, 0644), -EEXIST);
	assert_int_equal(guest_image_add_link(img, "/a/b", "x"), -EEXIST);
	assert_int_equal(guest_image_add_data(img, "relative", "2", 1, 0644), -EINVAL);
	assert_int_equal(guest_image_add_file(img, "/c", "/no/such/file"), -ENOENT);
	guest_image_free(img);
}

static void key_of(struct guest_image *img, char *text)
{
	struct hash h;

	hash_init(&h);
	assert_int_equal(guest_image_hash(img, &h), 0);
	hash_text(&h, text);
}

static void guest_image__hash_follows_content(void **state)
{
	struct guest_image *a = guest_image_new(), *b = guest_image_new();
	char one[HASH_TEXT], two[HASH_TEXT], src[PATH_MAX];

	(void)state;
	put("src", "first", 0644, src);
	assert_int_equal(guest_image_add_file(a, "/x", src), 0);
	assert_int_equal(guest_image_add_data(a, "/y", "1", 1, 0644), 0);
	/* the order of adding does not matter */
	assert_int_equal(guest_image_add_data(b, "/y", "1", 1, 0644), 0);
	assert_int_equal(guest_image_add_file(b, "/x", src), 0);
	key_of(a, one);
	key_of(b, two);
	assert_string_equal(one, two);
	put("src", "other", 0644, src);
	key_of(b, two);
	assert_string_not_equal(one, two);
	put("src", "first", 0644, src);
	key_of(b, two);
	assert_string_equal(one, two);
	assert_int_equal(guest_image_add_link(b, "/z", "y"), 0);
	key_of(b, two);
	assert_string_not_equal(one, two);
	guest_image_free(a);
	guest_image_free(b);
}

static void hash__items_have_borders(void **state)
{
	char one[HASH_TEXT], two[HASH_TEXT];
	struct hash a, b;

	(void)state;
	hash_init(&a);
	hash_init(&b);
	hash_add_text(&a, "ab");
	hash_add_text(&a, "c");
	hash_add_text(&b, "a");
	hash_add_text(&b, "bc");
	hash_text(&a, one);
	hash_text(&b, two);
	assert_string_not_equal(one, two);
	assert_int_equal(strlen(one), HASH_TEXT - 1);
	assert_int_equal(strspn(one, "0123456789abcdef"), HASH_TEXT - 1);
}

/* --- what programs need --- */

struct needs {
	char path[64][PATH_MAX];
	size_t n;
};

static int collect(const char *path, void *arg)
{
	struct needs *n = arg;

	assert_true(n->n < 64);
	snprintf(n->path[n->n++], PATH_MAX, "%s", path);
	return 0;
}

static void guest_elf__closure_of_this_test(void **state)
{
	struct needs *n = calloc(1, sizeof(*n));
	char self[PATH_MAX], interp[PATH_MAX];
	bool libc = false, cmocka = false;
	size_t i;

	(void)state;
	assert_non_null(realpath("/proc/self/exe", self));
	assert_int_equal(guest_elf_interp(self, interp, sizeof(interp)), 1);
	assert_int_equal(guest_elf_needs(self, collect, n), 0);
	assert_true(n->n > 2);
	assert_string_equal(n->path[0], interp);
	for (i = 0; i < n->n; i++) {
		assert_int_equal(n->path[i][0], '/');
		assert_int_equal(access(n->path[i], R_OK), 0);
		libc |= strstr(n->path[i], "/libc.") != NULL;
		cmocka |= strstr(n->path[i], "/libcmocka") != NULL;
	}
	assert_true(libc);
	assert_true(cmocka);
	free(n);
}

static void guest_elf__scripts_need_nothing_here(void **state)
{
	struct needs *n = calloc(1, sizeof(*n));
	char path[PATH_MAX];

	(void)state;
	put("script", "#!/bin/sh\necho hello\n", 0755, path);
	assert_int_equal(guest_elf_needs(path, collect, n), 0);
	assert_int_equal(n->n, 0);
	free(n);
}

static void guest_elf__refuses_what_is_no_program(void **state)
{
	char path[PATH_MAX], interp[64];

	(void)state;
	put("text", "just text, and long enough that a header could be in it: "
		    "................................................", 0755, path);
	assert_int_equal(guest_elf_needs(path, collect, NULL), -ENOEXEC);
	put("short", "\177ELF", 0755, path);
	assert_int_equal(guest_elf_interp(path, interp, sizeof(interp)), -ENOEXEC);
	assert_int_equal(guest_elf_needs("/no/such/program", collect, NULL), -ENOENT);
}

static void guest_image__program_brings_its_libraries(void **state)
{
	struct guest_image *img = guest_image_new();
	struct needs *n = calloc(1, sizeof(*n));
	char self[PATH_MAX];
	struct listing *l;
	size_t i;

	(void)state;
	assert_non_null(realpath("/proc/self/exe", self));
	assert_int_equal(guest_image_add_program(img, "/usr/bin/test", self), 0);
	assert_int_equal(guest_elf_needs(self, collect, n), 0);
	l = read_back(img);
	assert_non_null(find(l, "usr/bin/test"));
	for (i = 0; i < n->n; i++)
		assert_non_null(find(l, n->path[i] + 1));
	free(l);
	free(n);
	guest_image_free(img);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guest_image__reads_back),
		cmocka_unit_test(guest_image__parents_come_first),
		cmocka_unit_test(guest_image__same_thing_twice_is_harmless),
		cmocka_unit_test(guest_image__hash_follows_content),
		cmocka_unit_test(hash__items_have_borders),
		cmocka_unit_test(guest_elf__closure_of_this_test),
		cmocka_unit_test(guest_elf__scripts_need_nothing_here),
		cmocka_unit_test(guest_elf__refuses_what_is_no_program),
		cmocka_unit_test(guest_image__program_brings_its_libraries),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
