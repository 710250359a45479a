#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest_image.h"
#include "guest_kernel.h"
#include "guest_module.h"
#include "guest_save.h"
#include "log.h"
#include "paths.h"

#define NAME_MAX_MODULE 64

/* What sites and faults use, by module name. Dependencies come by themselves. */
static const char *const wanted[] = {
	"ip_vs", "ip_vs_rr", "ip_vs_wrr", "ip_vs_lc", "ip_vs_wlc", "ip_vs_lblc",
	"ip_vs_lblcr", "ip_vs_dh", "ip_vs_sh", "ip_vs_sed", "ip_vs_nq", "ip_vs_fo",
	"ip_vs_ovf", "ip_vs_mh", "ip_vs_twos", "ip_vs_ftp",
	"veth", "bridge", "8021q", "dummy", "macvlan", "ifb", "nlmon", "tun",
	"ipip", "ip6_tunnel", "sit", "fou", "ip_gre",
	"sch_netem", "sch_tbf", "sch_ingress", "sch_prio", "sch_htb", "sch_fq",
	"cls_u32", "cls_flower", "cls_matchall", "cls_fw", "cls_basic", "cls_bpf",
	"act_gact", "act_mirred", "act_police", "act_skbedit", "act_pedit",
	"nf_tables", "nft_ct", "nft_counter", "nft_limit", "nft_log", "nft_masq",
	"nft_nat", "nft_reject_inet", "nft_reject_ipv4", "nft_reject_ipv6",
	"nft_compat", "nft_numgen", "nft_hash", "nft_fib_inet", "nft_chain_nat",
	"x_tables", "ip_tables", "iptable_filter", "iptable_nat", "iptable_mangle",
	"xt_mark", "xt_conntrack", "xt_tcpudp", "xt_ipvs", "xt_set", "ip_set",
	"ip_set_hash_ip", "ip_set_hash_net",
	"nf_conntrack_netlink", "af_packet_diag", "inet_diag", "tcp_diag", "udp_diag",
};

struct module {
	char name[NAME_MAX_MODULE];
	char *path;
	bool visited;
};

struct index {
	struct module *v;
	size_t n, cap;
};

/* --- finding --- */

int guest_kernel_version(const char *image, char *buf, size_t size)
{
	unsigned char head[0x264];
	unsigned int at;
	ssize_t n;
	int fd, ret = 0;

	fd = open(image, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = -ENOEXEC;
	/* Documentation/x86/boot.rst: "HdrS" at 0x202, kernel_version at 0x20e */
	n = pread(fd, head, sizeof(head), 0);
	if (n != sizeof(head) || memcmp(head + 0x202, "HdrS", 4) != 0)
		goto out;
	at = head[0x20e] | (unsigned int)head[0x20f] << 8;
	if (!at)
		goto out;
	n = pread(fd, buf, size - 1, at + 0x200);
	if (n <= 0)
		goto out;
	buf[n] = '\0';
	buf[strcspn(buf, " ")] = '\0';
	ret = buf[0] && !strchr(buf, '/') ? 0 : -ENOEXEC;
out:
	close(fd);
	return ret;
}

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static char *find_modules(const char *image, const char *version)
{
	char *dir = strdup(image), *path = NULL, *slash;
	const char *here;
	int i, n;

	if (!dir)
		return NULL;
	slash = strrchr(dir, '/');
	if (slash)
		*slash = '\0';
	here = slash ? dir : ".";
	for (i = 0; i < 4; i++) {
		if (i == 0)
			n = asprintf(&path, "%s/modules", here);
		else if (i == 1)
			n = asprintf(&path, "%s/lib/modules/%s", here, version);
		else if (i == 2)
			n = asprintf(&path, "%s/../lib/modules/%s", here, version);
		else
			n = asprintf(&path, "/lib/modules/%s", version);
		if (n < 0 || is_dir(path))
			break;
		free(path);
		path = NULL;
	}
	free(dir);
	return n < 0 ? NULL : path;
}

static char *find_image(void)
{
	static const char *const places[] = { "guest", "../guest",
					      "../share/halbsim/guest" };
	const char *env = getenv("HALBSIM_KERNEL");
	char dir[PATH_MAX - 64], path[PATH_MAX];
	size_t i;

	if (env && *env)
		return strdup(env);
	if (path_own_dir(dir, sizeof(dir)) < 0)
		return NULL;
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s/vmlinuz", dir, places[i]);
		if (access(path, R_OK) == 0)
			return strdup(path);
	}
	if (guest_cache_dir(dir, sizeof(dir)) < 0)
		return NULL;
	snprintf(path, sizeof(path), "%s/kernel/vmlinuz", dir);
	return access(path, R_OK) == 0 ? strdup(path) : NULL;
}

/* An installed halbsim has the script that fetches; a built one has make. */
static void say_no_kernel(void)
{
	char *fetch = find_program("fetch-kernel");

	if (fetch)
		log_warnx("no kernel for the guest; get one with: %s (or name one: "
			  "--kernel VMLINUZ)", fetch);
	else
		log_warnx("no kernel for the guest; get one with: make guest "
			  "(or name one: --kernel VMLINUZ)");
	free(fetch);
}

int guest_kernel_find(struct guest_kernel *k, const char *kernel, const char *modules)
{
	char version[128];
	int ret;

	*k = (struct guest_kernel){ 0 };
	k->image = kernel ? strdup(kernel) : find_image();
	if (!k->image) {
		say_no_kernel();
		return -ENOENT;
	}
	ret = guest_kernel_version(k->image, version, sizeof(version));
	if (ret < 0) {
		if (ret == -ENOEXEC)
			log_warnx("'%s' is not a kernel image (bzImage)", k->image);
		else {
			errno = -ret;
			log_warn("cannot read the kernel '%s'", k->image);
		}
		goto fail;
	}
	k->modules = modules ? strdup(modules) : find_modules(k->image, version);
	if (!k->modules || !is_dir(k->modules)) {
		log_warnx("no modules for the kernel '%s': looked for modules/ beside it "
			  "and for lib/modules/%s; name them: --modules DIR",
			  k->image, version);
		goto fail;
	}
	return 0;
fail:
	guest_kernel_finish(k);
	return -ENOENT;
}

void guest_kernel_finish(struct guest_kernel *k)
{
	free(k->image);
	free(k->modules);
	*k = (struct guest_kernel){ 0 };
}

/* --- modules --- */

static struct index *walk_index; /* nftw() hands nothing through */

static int index_add(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct index *ix = walk_index;
	struct module *m;

	(void)st;
	(void)ftw;
	if (type != FTW_F)
		return 0;
	if (ix->n == ix->cap) {
		ix->cap = ix->cap ? ix->cap * 2 : 512;
		m = realloc(ix->v, ix->cap * sizeof(*m));
		if (!m)
			return -ENOMEM;
		ix->v = m;
	}
	m = &ix->v[ix->n];
	*m = (struct module){ 0 };
	if (guest_module_name(path, m->name, sizeof(m->name)) < 0)
		return 0;
	m->path = strdup(path);
	if (!m->path)
		return -ENOMEM;
	ix->n++;
	return 0;
}

static void index_finish(struct index *ix)
{
	size_t i;

	for (i = 0; i < ix->n; i++)
		free(ix->v[i].path);
	free(ix->v);
}

static int index_read(struct index *ix, const char *modules)
{
	/* The folder itself may be a link; those below it (build, source) lead away. */
	char *dir = realpath(modules, NULL);
	int ret;

	if (!dir)
		return -errno;
	walk_index = ix;
	ret = nftw(dir, index_add, 16, FTW_PHYS);
	walk_index = NULL;
	if (ret == -1)
		ret = -errno;
	free(dir);
	return ret;
}

static struct module *index_find(struct index *ix, const char *name)
{
	size_t i;

	for (i = 0; i < ix->n; i++) {
		if (strcmp(ix->v[i].name, name) == 0)
			return &ix->v[i];
	}
	return NULL;
}

struct order {
	struct index ix;
	int (*fn)(const char *name, const char *path, void *arg);
	void *arg;
};

static int visit(struct order *o, const char *name);

/* Visits each name of a list with any of `sep` between them. */
static int visit_list(struct order *o, const char *list, const char *sep)
{
	char *copy = strdup(list), *save, *name, *dash;
	int ret = 0;

	if (!copy)
		return -ENOMEM;
	for (name = strtok_r(copy, sep, &save); name && ret == 0;
	     name = strtok_r(NULL, sep, &save)) {
		while ((dash = strchr(name, '-')))
			*dash = '_';
		ret = visit(o, name);
	}
	free(copy);
	return ret;
}

/* Depth first: what a module depends on comes before it. */
static int visit(struct order *o, const char *name)
{
	struct module *m = index_find(&o->ix, name);
	struct guest_module file;
	const char *v = NULL;
	int ret;

	if (!m || m->visited)
		return 0;
	m->visited = true;
	ret = guest_module_read(&file, m->path);
	if (ret < 0) {
		errno = -ret;
		log_warn("cannot read the module %s", m->path);
		return ret;
	}
	/* softdep is "pre: a b post: c"; only what comes before matters here */
	while (ret == 0 && (v = guest_module_info(&file, "softdep", v))) {
		char *pre = strncmp(v, "pre: ", 5) == 0 ? strdup(v + 5) : NULL;
		char *post = pre ? strstr(pre, "post:") : NULL;

		if (post)
			*post = '\0';
		if (pre)
			ret = visit_list(o, pre, " ");
		free(pre);
	}
	v = guest_module_info(&file, "depends", NULL);
	if (ret == 0 && v)
		ret = visit_list(o, v, ",");
	guest_module_finish(&file);
	return ret ? ret : o->fn(m->name, m->path, o->arg);
}

int guest_modules_order(const char *modules, const char *const *names, size_t n,
			int (*fn)(const char *name, const char *path, void *arg),
			void *arg)
{
	struct order o = { .fn = fn, .arg = arg };
	size_t i;
	int ret = index_read(&o.ix, modules);

	if (ret < 0) {
		errno = -ret;
		log_warn("cannot read the modules in %s", modules);
	}
	for (i = 0; ret == 0 && i < n; i++)
		ret = visit(&o, names[i]);
	index_finish(&o.ix);
	return ret;
}

struct adding {
	struct guest_image *img;
	unsigned int no;
};

static int add_module(const char *name, const char *path, void *arg)
{
	struct adding *a = arg;
	struct guest_module m;
	char dst[128];
	int ret;

	/* needs SSE 4.2, which the guest's CPU model lacks; generic code serves */
	if (strcmp(name, "crc32c_intel") == 0)
		return 0;
	ret = guest_module_read(&m, path);
	if (ret < 0)
		return ret;
	snprintf(dst, sizeof(dst), "/lib/halbsim/%03u-%s.ko", a->no++, name);
	ret = guest_image_add_data(a->img, dst, m.data, m.len, 0644);
	guest_module_finish(&m);
	return ret;
}

int guest_modules_add(struct guest_image *img, const char *modules)
{
	struct adding a = { .img = img };

	return guest_modules_order(modules, wanted, sizeof(wanted) / sizeof(wanted[0]),
				   add_module, &a);
}
