/* What travels in and out of the guest, and the saved guests' folder. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest_pack.h"
#include "guest_save.h"

#define ROOM (1 << 20)

static char scratch[64], a[128], b[128];
static char buf[ROOM], again[ROOM];

static int set_up(void **state)
{
	(void)state;
	strcpy(scratch, "/tmp/halbsim-unit.XXXXXX");
	if (!mkdtemp(scratch))
		return -1;
	snprintf(a, sizeof(a), "%s/a", scratch);
	snprintf(b, sizeof(b), "%s/b", scratch);
	return mkdir(a, 0755) || mkdir(b, 0755) ? -1 : 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", scratch);
	return system(command);
}

static void run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *fmt, ...)
{
	char command[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	assert_int_equal(system(command), 0);
}

static void guest_pack__round_trip(void **state)
{
	size_t n, room;

	(void)state;
	run("cd %s && mkdir -p x/y empty && echo one >x/one && : >x/y/nothing && "
	    "ln -s ../x/one x/link && printf '#!/bin/sh\\n' >run && chmod 755 run && "
	    "head -c 300000 /dev/zero >zeros",
	    a);
	assert_int_equal(guest_pack(a, buf, sizeof(buf), &n), 0);
	assert_true(n > 300000 && n < sizeof(buf));
	assert_int_equal(guest_pack_room(a, &room), 0);
	assert_true(room >= n);
	assert_int_equal(guest_unpack(buf, n, b), 0);
	run("diff -r --no-dereference %s %s && test -x %s/run && test -d %s/empty", a, b, b,
	    b);
}

/* Equal trees give equal bytes, whenever and by whomever they were made. */
static void guest_pack__same_tree_same_bytes(void **state)
{
	size_t n, m;

	(void)state;
	run("cd %s && mkdir d && echo 1 >d/1 && echo 2 >d/2 && touch -d 2001-01-01 d/1", a);
	run("cd %s && mkdir d && echo 2 >d/2 && echo 1 >d/1", b);
	assert_int_equal(guest_pack(a, buf, sizeof(buf), &n), 0);
	assert_int_equal(guest_pack(b, again, sizeof(again), &m), 0);
	assert_int_equal(n, m);
	assert_memory_equal(buf, again, n);
}

static void guest_pack__room_is_enough_for_many_small(void **state)
{
	size_t n, room;

	(void)state;
	run("cd %s && for i in 1 2 3 4 5 6 7 8 9; do mkdir $i; for j in a b c; do "
	    "ln -s target-of-$i-$j $i/$j; echo $j >$i/file-$j; done; done",
	    a);
	assert_int_equal(guest_pack_room(a, &room), 0);
	assert_int_equal(guest_pack(a, buf, room, &n), 0);
	assert_true(n <= room);
}

static void guest_pack__too_large(void **state)
{
	size_t n;

	(void)state;
	run("head -c 2000000 /dev/zero >%s/big", a);
	assert_int_equal(guest_pack(a, buf, sizeof(buf), &n), -ENOSPC);
	assert_int_equal(guest_pack("/no/such/folder", buf, sizeof(buf), &n), -ENOENT);
}

static size_t archive_with(const char *path, const char *symlink_to)
{
	struct archive *w = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	size_t n = 0;

	archive_write_set_format_cpio_newc(w);
	archive_write_open_memory(w, buf, sizeof(buf), &n);
	if (symlink_to) {
		archive_entry_set_pathname(e, "trap");
		archive_entry_set_mode(e, S_IFLNK | 0777);
		archive_entry_set_symlink(e, symlink_to);
		archive_entry_set_size(e, 0);
		assert_int_equal(archive_write_header(w, e), ARCHIVE_OK);
		archive_entry_clear(e);
	}
	archive_entry_set_pathname(e, path);
	archive_entry_set_mode(e, S_IFREG | 0644);
	archive_entry_set_size(e, 4);
	assert_int_equal(archive_write_header(w, e), ARCHIVE_OK);
	assert_int_equal(archive_write_data(w, "evil", 4), 4);
	archive_write_close(w);
	archive_write_free(w);
	archive_entry_free(e);
	return n;
}

/* What a guest hands out stays below the folder it is unpacked into. */
static void guest_unpack__stays_inside(void **state)
{
	char outside[160];

	(void)state;
	snprintf(outside, sizeof(outside), "%s/outside", scratch);
	assert_true(guest_unpack(buf, archive_with("../outside", NULL), b) < 0);
	assert_int_equal(access(outside, F_OK), -1);
	assert_true(guest_unpack(buf, archive_with("trap/outside", scratch), b) < 0);
	assert_int_equal(access(outside, F_OK), -1);
	assert_int_equal(guest_unpack(buf, archive_with("inside", NULL), b), 0);
}

static void guest_unpack__survives_damage(void **state)
{
	size_t n, i;

	(void)state;
	run("cd %s && mkdir d && echo text >d/file && ln -s d/file link", a);
	assert_int_equal(guest_pack(a, buf, sizeof(buf), &n), 0);
	for (i = 0; i < n; i += 7) {
		memcpy(again, buf, n);
		again[i] ^= 0x55;
		(void)guest_unpack(again, n, b);
		(void)guest_unpack(buf, i, b);
	}
	run("rm -rf %s/*", b);
	assert_int_equal(guest_unpack(buf, n, b), 0);
	run("diff -r --no-dereference %s %s", a, b);
}

/* --- saved guests --- */

static int filled(const char *text, off_t at, off_t size)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	assert_int_equal(pwrite(fd, text, strlen(text), at), (ssize_t)strlen(text));
	return fd;
}

static void store(const char *key, const char *text)
{
	int ram = filled(text, 8192, 1 << 20), state = filled(text, 0, 1001);

	assert_int_equal(guest_saved_store(a, key, ram, state, -1), 0);
	close(ram);
	close(state);
}

static void guest_save__opens_what_was_stored(void **state)
{
	static const char key[] = "0123456789abcdef0123456789abcdef";
	struct guest_saved s;
	char text[16] = "";
	struct stat st;

	(void)state;
	assert_int_equal(guest_saved_open(&s, a, key), -ENOENT);
	store(key, "saved");
	assert_int_equal(guest_saved_open(&s, a, key), 0);
	assert_int_equal(pread(s.ram_fd, text, 5, 8192), 5);
	assert_string_equal(text, "saved");
	assert_int_equal(fstat(s.ram_fd, &st), 0);
	assert_int_equal(st.st_size, 1 << 20);
	assert_true(st.st_blocks * 512 < st.st_size); /* holes where it is zero */
	assert_int_equal(pread(s.state_fd, text, 5, 0), 5);
	assert_string_equal(text, "saved");
	assert_int_equal(fstat(s.state_fd, &st), 0);
	assert_int_equal(st.st_size, 1001);
	guest_saved_close(&s);
	guest_saved_close(&s); /* twice is harmless */
}

/* Old ones go, foreign files stay, and what is open goes on. */
static void guest_save__keeps_the_newest(void **state)
{
	struct guest_saved first;
	char key[HASH_TEXT], text[8] = "";
	int i, left = 0;

	(void)state;
	run("cd %s && echo mine >vmlinuz && echo half >"
	    "ffffffffffffffffffffffffffffffff.new",
	    a);
	for (i = 0; i < 8; i++) {
		snprintf(key, sizeof(key), "%032x", i);
		store(key, "guest");
		if (i == 0)
			assert_int_equal(guest_saved_open(&first, a, key), 0);
		/* their age in whole seconds, so that the order is plain */
		run("touch -d @%d %s/%s.state", 1000000000 + i, a, key);
	}
	store("ffffffffffffffffffffffffffffffff", "last");
	for (i = 0; i < 8; i++) {
		struct guest_saved s;

		snprintf(key, sizeof(key), "%032x", i);
		if (guest_saved_open(&s, a, key) == 0) {
			left++;
			assert_true(i > 3);
			guest_saved_close(&s);
		}
	}
	assert_true(left > 0 && left < 5);
	run("test -f %s/vmlinuz && ! ls %s/*.new 2>/dev/null", a, a);
	assert_int_equal(pread(first.ram_fd, text, 5, 8192), 5);
	assert_string_equal(text, "guest");
	guest_saved_close(&first);
}

static void guest_save__lock_excludes(void **state)
{
	char path[160];
	int one, two;

	(void)state;
	one = guest_cache_lock(a);
	assert_true(one >= 0);
	snprintf(path, sizeof(path), "flock -n %s/lock true", a);
	assert_int_not_equal(system(path), 0);
	close(one);
	two = guest_cache_lock(a);
	assert_true(two >= 0);
	close(two);
	assert_int_equal(guest_cache_lock("/no/such/folder"), -ENOENT);
}

static void guest_cache__folder_is_made(void **state)
{
	char dir[PATH_MAX], want[160];

	(void)state;
	snprintf(want, sizeof(want), "%s/not/yet/there", scratch);
	setenv("HALBSIM_CACHE", want, 1);
	assert_int_equal(guest_cache_dir(dir, sizeof(dir)), 0);
	assert_string_equal(dir, want);
	assert_int_equal(access(want, W_OK), 0);
	setenv("HALBSIM_CACHE", "/proc/no", 1);
	assert_true(guest_cache_dir(dir, sizeof(dir)) < 0);
	unsetenv("HALBSIM_CACHE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
		T(guest_pack__round_trip),
		T(guest_pack__same_tree_same_bytes),
		T(guest_pack__room_is_enough_for_many_small),
		T(guest_pack__too_large),
		T(guest_unpack__stays_inside),
		T(guest_unpack__survives_damage),
		T(guest_save__opens_what_was_stored),
		T(guest_save__keeps_the_newest),
		T(guest_save__lock_excludes),
		T(guest_cache__folder_is_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
