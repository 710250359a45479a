/* The cache of saved guests: written whole, kept newest, made by one at a time. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../sim/guest_save.h"
#include "../../sim/tree.h"

static char dir[128];

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "%s/halbsim-save.XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return tree_remove(dir);
}

/* A key whose first digit is `c`. */
static void key_of(char key[HASH_TEXT], char c)
{
	memset(key, '0', HASH_TEXT - 1);
	key[0] = c;
	key[HASH_TEXT - 1] = '\0';
}

static int file_with(const char *text, off_t hole)
{
	int fd = memfd_create("test", MFD_CLOEXEC);
	size_t len = strlen(text);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, text, len, hole), (ssize_t)len);
	return fd;
}

static void store(char c, const char *memory, off_t hole)
{
	int ram = file_with(memory, hole), state = file_with("devices", 0);
	char key[HASH_TEXT];

	key_of(key, c);
	assert_int_equal(guest_saved_store(dir, key, ram, state, -1), 0);
	close(ram);
	close(state);
}

static void save__holds_memory_and_keeps_its_holes(void **state)
{
	const off_t hole = 1 << 20;
	struct guest_saved s;
	char key[HASH_TEXT], text[8] = "";
	struct stat st;

	(void)state;
	store('a', "memory", hole);
	key_of(key, 'a');
	assert_int_equal(guest_saved_open(&s, dir, key), 0);
	assert_int_equal(pread(s.ram_fd, text, 7, hole), 6);
	assert_string_equal(text, "memory");
	assert_int_equal(fstat(s.ram_fd, &st), 0);
	assert_int_equal(st.st_size, hole + 6);
	assert_true(st.st_blocks * 512 < hole);
	guest_saved_close(&s);
	assert_int_equal(s.ram_fd, -1);
	assert_int_equal(s.state_fd, -1);
}

/* A frozen QEMU that does not fit is as good as none of it all: it is made anew. */
static void save__frozen_that_does_not_fit(void **state)
{
	int ram = file_with("m", 0), devices = file_with("d", 0), frozen = file_with("f", 0);
	struct guest_saved s;
	char key[HASH_TEXT], path[256];

	(void)state;
	key_of(key, 'b');
	snprintf(path, sizeof(path), "%s/%s.frozen", dir, key);
	assert_int_equal(guest_saved_store(dir, key, ram, devices, frozen), 0);
	assert_int_equal(guest_saved_open(&s, dir, key), -ESTALE);
	assert_int_equal(s.ram_fd, -1);
	assert_int_equal(s.state_fd, -1);
	assert_int_equal(s.frozen_fd, -1);
	/* unless nobody asks for it */
	assert_int_equal(setenv("HALBSIM_FREEZE", "no", 1), 0);
	assert_int_equal(guest_saved_open(&s, dir, key), 0);
	assert_int_equal(s.frozen_fd, -1);
	guest_saved_close(&s);
	assert_int_equal(unsetenv("HALBSIM_FREEZE"), 0);
	/* stored again without one, it has none */
	assert_int_equal(guest_saved_store(dir, key, ram, devices, -1), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(guest_saved_open(&s, dir, key), 0);
	guest_saved_close(&s);
	close(ram);
	close(devices);
	close(frozen);
}

static void save__unknown_key(void **state)
{
	struct guest_saved s;
	char key[HASH_TEXT];

	(void)state;
	key_of(key, 'f');
	assert_int_equal(guest_saved_open(&s, dir, key), -ENOENT);
	assert_int_equal(s.ram_fd, -1);
}

/* The moment of its last use decides; half-written files of dead runs go. */
static void save__keeps_the_newest_and_no_halves(void **state)
{
	char path[256], key[HASH_TEXT], c;
	struct guest_saved s;
	int fd;

	(void)state;
	for (c = '1'; c <= '5'; c++) {
		struct timespec t[2] = { { .tv_sec = 1000 + c }, { .tv_sec = 1000 + c } };

		store(c, "m", 0);
		key_of(key, c);
		snprintf(path, sizeof(path), "%s/%s.state", dir, key);
		assert_int_equal(utimensat(AT_FDCWD, path, t, 0), 0);
	}
	key_of(key, '1'); /* the oldest is used */
	assert_int_equal(guest_saved_open(&s, dir, key), -ENOENT);
	key_of(key, '2');
	assert_int_equal(guest_saved_open(&s, dir, key), 0);
	guest_saved_close(&s);
	key_of(key, 'e');
	snprintf(path, sizeof(path), "%s/%s.new", dir, key);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	store('6', "m", 0);
	assert_int_equal(access(path, F_OK), -1);
	key_of(key, '2');
	assert_int_equal(guest_saved_open(&s, dir, key), 0);
	guest_saved_close(&s);
	key_of(key, '3');
	assert_int_equal(guest_saved_open(&s, dir, key), -ENOENT);
}

static void lock__one_of_many_at_once(void **state)
{
	char a[HASH_TEXT], b[HASH_TEXT];
	int first, other;

	(void)state;
	key_of(a, 'a');
	key_of(b, 'b');
	first = guest_cache_lock_one(dir, a);
	assert_true(first >= 0);
	assert_int_equal(guest_cache_lock_one(dir, a), -EAGAIN);
	other = guest_cache_lock_one(dir, b);
	assert_true(other >= 0);
	close(first);
	first = guest_cache_lock_one(dir, a);
	assert_true(first >= 0);
	close(first);
	close(other);
}

/* Whoever waits for a guest does not keep others from storing theirs. */
static void lock__of_one_is_not_the_folders(void **state)
{
	char a[HASH_TEXT];
	int one, all;

	(void)state;
	key_of(a, 'a');
	one = guest_cache_lock_one(dir, a);
	all = guest_cache_lock(dir);
	assert_true(one >= 0);
	assert_true(all >= 0);
	close(one);
	close(all);
}

static void lock__no_folder(void **state)
{
	char a[HASH_TEXT];

	(void)state;
	key_of(a, 'a');
	assert_int_equal(guest_cache_lock_one("/nowhere/at/all", a), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(save__holds_memory_and_keeps_its_holes, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(save__frozen_that_does_not_fit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(save__unknown_key, set_up, tear_down),
		cmocka_unit_test_setup_teardown(save__keeps_the_newest_and_no_halves, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(lock__one_of_many_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lock__of_one_is_not_the_folders, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(lock__no_folder, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("guest_save", tests, NULL, NULL);
}
