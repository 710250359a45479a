#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guest_module.h"

/* What sign-file appends: a struct module_signature, then this. */
#define SIG_MAGIC "~Module signature appended~\n"
#define SIG_INFO  12 /* bytes; its last four are the signature's length, big-endian */

#define MODULE_MAX (64u << 20)

static int grow(struct guest_module *m, size_t *cap)
{
	size_t want = *cap ? *cap * 2 : 1 << 18;
	unsigned char *p;

	if (want > MODULE_MAX)
		return -EFBIG;
	p = realloc(m->data, want);
	if (!p)
		return -ENOMEM;
	m->data = p;
	*cap = want;
	return 0;
}

static int read_all(struct guest_module *m, struct archive *a)
{
	size_t cap = 0;
	la_ssize_t n;
	int ret;

	for (;;) {
		if (m->len == cap) {
			ret = grow(m, &cap);
			if (ret < 0)
				return ret;
		}
		n = archive_read_data(a, m->data + m->len, cap - m->len);
		if (n < 0)
			return -EIO;
		if (n == 0)
			return 0;
		m->len += (size_t)n;
	}
}

/*
 * The guest does not enforce signatures, and checking sixty of them by RSA is
 * most of what loading costs under emulation.
 */
static void drop_signature(struct guest_module *m)
{
	size_t magic = strlen(SIG_MAGIC), tail = magic + SIG_INFO, sig;
	const unsigned char *p;

	if (m->len < tail || memcmp(m->data + m->len - magic, SIG_MAGIC, magic) != 0)
		return;
	p = m->data + m->len - magic - 4;
	sig = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
	if (sig <= m->len - tail)
		m->len -= tail + sig;
}

static int section(const struct guest_module *m, const Elf64_Ehdr *eh, unsigned int i,
		   Elf64_Shdr *sh)
{
	size_t at = eh->e_shoff + (size_t)i * sizeof(*sh);

	if (i >= eh->e_shnum || eh->e_shoff > m->len || at + sizeof(*sh) > m->len)
		return -ENOEXEC;
	memcpy(sh, m->data + at, sizeof(*sh));
	if (sh->sh_type != SHT_NOBITS &&
	    (sh->sh_offset > m->len || sh->sh_size > m->len - sh->sh_offset))
		return -ENOEXEC;
	return 0;
}

static int find_info(struct guest_module *m)
{
	Elf64_Shdr names, sh;
	Elf64_Ehdr eh;
	unsigned int i;

	if (m->len < sizeof(eh))
		return -ENOEXEC;
	memcpy(&eh, m->data, sizeof(eh));
	if (memcmp(eh.e_ident, ELFMAG, SELFMAG) != 0 ||
	    eh.e_ident[EI_CLASS] != ELFCLASS64 || eh.e_shentsize != sizeof(sh) ||
	    section(m, &eh, eh.e_shstrndx, &names) < 0)
		return -ENOEXEC;
	for (i = 0; i < eh.e_shnum; i++) {
		if (section(m, &eh, i, &sh) < 0)
			return -ENOEXEC;
		if (names.sh_size < sizeof(".modinfo") ||
		    sh.sh_name > names.sh_size - sizeof(".modinfo") ||
		    memcmp(m->data + names.sh_offset + sh.sh_name, ".modinfo",
			   sizeof(".modinfo")) != 0)
			continue;
		m->info = (const char *)m->data + sh.sh_offset;
		m->info_len = sh.sh_size;
		/* a last string without its NUL would run on */
		while (m->info_len && m->info[m->info_len - 1])
			m->info_len--;
		return 0;
	}
	return 0;
}

int guest_module_read(struct guest_module *m, const char *path)
{
	struct archive *a = archive_read_new();
	struct archive_entry *e;
	int ret = -EIO;

	*m = (struct guest_module){ 0 };
	if (!a)
		return -ENOMEM;
	archive_read_support_format_raw(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_zstd(a);
	if (archive_read_open_filename(a, path, 1 << 16) != ARCHIVE_OK ||
	    archive_read_next_header(a, &e) != ARCHIVE_OK) {
		if (archive_errno(a) > 0)
			ret = -archive_errno(a);
		goto out;
	}
	ret = read_all(m, a);
	if (ret < 0)
		goto out;
	drop_signature(m);
	ret = find_info(m);
out:
	archive_read_free(a);
	if (ret < 0)
		guest_module_finish(m);
	return ret;
}

void guest_module_finish(struct guest_module *m)
{
	free(m->data);
	*m = (struct guest_module){ 0 };
}

const char *guest_module_info(const struct guest_module *m, const char *key,
			      const char *after)
{
	const char *p = m->info, *end;
	size_t len = strlen(key);

	if (!p)
		return NULL;
	end = p + m->info_len;
	if (after)
		p = after + strlen(after) + 1;
	for (; p < end; p += strlen(p) + 1) {
		if (strncmp(p, key, len) == 0 && p[len] == '=')
			return p + len + 1;
	}
	return NULL;
}

int guest_module_name(const char *path, char *buf, size_t size)
{
	const char *base = strrchr(path, '/'), *dot;
	size_t i, len;

	base = base ? base + 1 : path;
	dot = strstr(base, ".ko");
	if (!dot || dot == base || (dot[3] && dot[3] != '.'))
		return -EINVAL;
	len = (size_t)(dot - base);
	if (len >= size)
		return -EINVAL;
	for (i = 0; i < len; i++)
		buf[i] = base[i] == '-' ? '_' : base[i];
	buf[len] = '\0';
	return 0;
}
