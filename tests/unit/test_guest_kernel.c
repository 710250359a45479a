/* Kernels and modules: names, what a module asks for, the order of loading. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "guest_kernel.h"
#include "guest_module.h"

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

/* --- a module file as small as the format allows: .modinfo and names --- */

struct ko {
	unsigned char b[4096];
	size_t n;
};

static void ko_make(struct ko *k, const char *info, size_t info_len)
{
	static const char names[] = "\0.modinfo\0.shstrtab";
	Elf64_Ehdr eh = { .e_type = ET_REL, .e_machine = EM_X86_64, .e_version = 1 };
	Elf64_Shdr sh[3] = { 0 };

	memcpy(eh.e_ident, ELFMAG, SELFMAG);
	eh.e_ident[EI_CLASS] = ELFCLASS64;
	eh.e_ident[EI_DATA] = ELFDATA2LSB;
	eh.e_ehsize = sizeof(eh);
	eh.e_shentsize = sizeof(sh[0]);
	eh.e_shnum = 3;
	eh.e_shstrndx = 2;
	sh[1].sh_name = 1;
	sh[1].sh_type = SHT_PROGBITS;
	sh[1].sh_offset = sizeof(eh);
	sh[1].sh_size = info_len;
	sh[2].sh_name = 10;
	sh[2].sh_type = SHT_STRTAB;
	sh[2].sh_offset = sizeof(eh) + info_len;
	sh[2].sh_size = sizeof(names);
	eh.e_shoff = sh[2].sh_offset + sizeof(names);
	memcpy(k->b, &eh, sizeof(eh));
	memcpy(k->b + sizeof(eh), info, info_len);
	memcpy(k->b + sh[2].sh_offset, names, sizeof(names));
	memcpy(k->b + eh.e_shoff, sh, sizeof(sh));
	k->n = eh.e_shoff + sizeof(sh);
}

static void file_put(const char *name, const void *data, size_t len, char *path)
{
	FILE *f;

	snprintf(path, PATH_MAX, "%s/%s", scratch, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	fclose(f);
}

/* `info` is "depends=a,b" and the like, one per argument, NULL at the end. */
static void ko_put(const char *name, const char *first, const char *second)
{
	char info[512] = "license=GPL", path[PATH_MAX];
	size_t n = strlen(info) + 1;
	struct ko k;

	n += (size_t)sprintf(info + n, "%s", first) + 1;
	if (second)
		n += (size_t)sprintf(info + n, "%s", second) + 1;
	ko_make(&k, info, n);
	file_put(name, k.b, k.n, path);
}

/* --- modules --- */

static void guest_module__names(void **state)
{
	char name[32];

	(void)state;
	assert_int_equal(guest_module_name("/a/b/ip_vs.ko", name, sizeof(name)), 0);
	assert_string_equal(name, "ip_vs");
	assert_int_equal(guest_module_name("crc32c-intel.ko.xz", name, sizeof(name)), 0);
	assert_string_equal(name, "crc32c_intel");
	assert_int_equal(guest_module_name("/x/modules.dep", name, sizeof(name)), -EINVAL);
	assert_int_equal(guest_module_name("/x/.ko", name, sizeof(name)), -EINVAL);
	assert_int_equal(guest_module_name("/x/a.kop", name, sizeof(name)), -EINVAL);
	assert_int_equal(guest_module_name("/x/name_that_does_not_fit_into_the_room.ko",
					   name, sizeof(name)),
			 -EINVAL);
}

static void guest_module__info(void **state)
{
	static const char info[] = "license=GPL\0depends=b,c\0alias=one\0alias=two";
	struct guest_module m;
	char path[PATH_MAX];
	const char *v;
	struct ko k;

	(void)state;
	ko_make(&k, info, sizeof(info));
	file_put("a.ko", k.b, k.n, path);
	assert_int_equal(guest_module_read(&m, path), 0);
	assert_int_equal(m.len, k.n);
	assert_string_equal(guest_module_info(&m, "depends", NULL), "b,c");
	v = guest_module_info(&m, "alias", NULL);
	assert_string_equal(v, "one");
	v = guest_module_info(&m, "alias", v);
	assert_string_equal(v, "two");
	assert_null(guest_module_info(&m, "alias", v));
	assert_null(guest_module_info(&m, "lic", NULL));
	guest_module_finish(&m);
}

static void guest_module__signature_is_dropped(void **state)
{
	static const char info[] = "depends=";
	static const char sig[] = "SIGNATURE\0\0\2\0\0\0\0\0\0\0\0\11"
				  "~Module signature appended~\n";
	struct guest_module m;
	char path[PATH_MAX];
	struct ko k;
	size_t bare;

	(void)state;
	ko_make(&k, info, sizeof(info));
	bare = k.n;
	memcpy(k.b + k.n, sig, sizeof(sig) - 1);
	k.n += sizeof(sig) - 1;
	file_put("s.ko", k.b, k.n, path);
	assert_int_equal(guest_module_read(&m, path), 0);
	assert_int_equal(m.len, bare);
	assert_memory_equal(m.data, k.b, bare);
	guest_module_finish(&m);
}

static void guest_module__compressed(void **state)
{
	static const char info[] = "depends=x";
	struct guest_module m;
	char path[PATH_MAX];
	struct ko k;
	gzFile z;

	(void)state;
	ko_make(&k, info, sizeof(info));
	snprintf(path, sizeof(path), "%s/g.ko.gz", scratch);
	z = gzopen(path, "wb");
	assert_non_null(z);
	assert_int_equal(gzwrite(z, k.b, (unsigned int)k.n), (int)k.n);
	gzclose(z);
	assert_int_equal(guest_module_read(&m, path), 0);
	assert_int_equal(m.len, k.n);
	assert_string_equal(guest_module_info(&m, "depends", NULL), "x");
	guest_module_finish(&m);
}

/* Every prefix and every byte turned over: an error or a module, never a crash. */
static void guest_module__survives_damage(void **state)
{
	static const char info[] = "license=GPL\0depends=b,c";
	struct guest_module m;
	char path[PATH_MAX];
	struct ko k;
	size_t i;

	(void)state;
	ko_make(&k, info, sizeof(info));
	for (i = 0; i < k.n; i++) {
		file_put("d.ko", k.b, i, path);
		if (guest_module_read(&m, path) == 0) {
			(void)guest_module_info(&m, "depends", NULL);
			guest_module_finish(&m);
		}
		k.b[i] ^= 0xff;
		file_put("d.ko", k.b, k.n, path);
		if (guest_module_read(&m, path) == 0) {
			(void)guest_module_info(&m, "depends", NULL);
			guest_module_finish(&m);
		}
		k.b[i] ^= 0xff;
	}
	assert_int_equal(guest_module_read(&m, "/no/such/module.ko"), -ENOENT);
}

/* --- order --- */

struct seen {
	char text[256];
	int stop_at;
	int calls;
};

static int note(const char *name, const char *path, void *arg)
{
	struct seen *s = arg;

	assert_int_equal(access(path, R_OK), 0);
	strcat(s->text, name);
	strcat(s->text, " ");
	return ++s->calls == s->stop_at ? -ECANCELED : 0;
}

static void guest_modules__order(void **state)
{
	static const char *const names[] = { "top", "absent", "other", "base" };
	struct seen s = { 0 };

	(void)state;
	ko_put("top.ko", "depends=mid-one,mid_two", NULL);
	ko_put("mid-one.ko", "depends=base", NULL);
	ko_put("mid_two.ko", "depends=base", "softdep=pre: helper missing post: late");
	ko_put("base.ko", "depends=", NULL);
	ko_put("helper.ko", "depends=", NULL);
	ko_put("late.ko", "depends=", NULL);
	ko_put("other.ko", "depends=top", NULL);
	assert_int_equal(guest_modules_order(scratch, names, 4, note, &s), 0);
	assert_string_equal(s.text, "base mid_one helper mid_two top other ");
}

static void guest_modules__cycle_ends(void **state)
{
	static const char *const names[] = { "a" };
	struct seen s = { 0 };

	(void)state;
	ko_put("a.ko", "depends=b", NULL);
	ko_put("b.ko", "depends=a", NULL);
	assert_int_equal(guest_modules_order(scratch, names, 1, note, &s), 0);
	assert_string_equal(s.text, "b a ");
}

static void guest_modules__stops_when_told(void **state)
{
	static const char *const names[] = { "a" };
	struct seen s = { .stop_at = 1 };

	(void)state;
	ko_put("a.ko", "depends=b", NULL);
	ko_put("b.ko", "depends=", NULL);
	assert_int_equal(guest_modules_order(scratch, names, 1, note, &s), -ECANCELED);
	assert_string_equal(s.text, "b ");
	assert_int_equal(guest_modules_order("/no/such/folder", names, 1, note, &s),
			 -ENOENT);
}

/* --- kernels --- */

static void kernel_put(const char *name, const char *version, char *path)
{
	unsigned char b[0x400] = { 0 };

	memcpy(b + 0x202, "HdrS", 4);
	b[0x20e] = 0x80; /* version at 0x200 + 0x80 */
	strcpy((char *)b + 0x280, version);
	file_put(name, b, sizeof(b), path);
}

static void guest_kernel__version(void **state)
{
	char path[PATH_MAX], version[64];

	(void)state;
	kernel_put("vmlinuz", "6.1.0-9-test (someone@somewhere) #1 SMP", path);
	assert_int_equal(guest_kernel_version(path, version, sizeof(version)), 0);
	assert_string_equal(version, "6.1.0-9-test");
	kernel_put("evil", "../../etc (x)", path);
	assert_int_equal(guest_kernel_version(path, version, sizeof(version)), -ENOEXEC);
	file_put("text", "no kernel", 9, path);
	assert_int_equal(guest_kernel_version(path, version, sizeof(version)), -ENOEXEC);
	assert_int_equal(guest_kernel_version("/no/such", version, sizeof(version)),
			 -ENOENT);
}

static void guest_kernel__modules_are_found_beside_it(void **state)
{
	char path[PATH_MAX], want[PATH_MAX];
	struct guest_kernel k;

	(void)state;
	kernel_put("vmlinuz", "6.1.0-9-test (x)", path);
	snprintf(want, sizeof(want), "%s/lib", scratch);
	assert_int_equal(mkdir(want, 0755), 0);
	strcat(want, "/modules");
	assert_int_equal(mkdir(want, 0755), 0);
	strcat(want, "/6.1.0-9-test");
	assert_int_equal(mkdir(want, 0755), 0);
	assert_int_equal(guest_kernel_find(&k, path, NULL), 0);
	assert_string_equal(k.image, path);
	assert_string_equal(k.modules, want);
	guest_kernel_finish(&k);
	assert_int_equal(rmdir(want), 0);
	assert_int_equal(guest_kernel_find(&k, path, NULL), -ENOENT);
	assert_int_equal(guest_kernel_find(&k, path, scratch), 0);
	assert_string_equal(k.modules, scratch);
	guest_kernel_finish(&k);
	guest_kernel_finish(&k); /* twice is harmless */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guest_module__names),
		cmocka_unit_test(guest_module__info),
		cmocka_unit_test(guest_module__signature_is_dropped),
		cmocka_unit_test(guest_module__compressed),
		cmocka_unit_test(guest_module__survives_damage),
		cmocka_unit_test(guest_modules__order),
		cmocka_unit_test(guest_modules__cycle_ends),
		cmocka_unit_test(guest_modules__stops_when_told),
		cmocka_unit_test(guest_kernel__version),
		cmocka_unit_test(guest_kernel__modules_are_found_beside_it),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
