/* halbsim doctor: what this machine can do, and what gets the rest. */
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>

#include "cmd.h"
#include "guest.h"
#include "host_limits.h"
#include "need.h"
#include "paths.h"
#include "report.h"
#include "run.h"
#include "span.h"

#define MIB	 (UINT64_C(1024) * 1024)
#define BIG_SITE 1000 /* nodes */

static void line(const struct style *s, bool ok, const char *what, const char *detail,
		 const char *how)
{
	printf("  %s %-20s %s\n", style_mark(s, ok ? EXPECT_HELD : EXPECT_NOT_HELD), what,
	       detail);
	if (!ok && how)
		printf("      %s\n", how);
}

static bool program(const struct style *s, const char *name, const char *how)
{
	char *path = find_program(name);
	bool ok = path != NULL;

	line(s, ok, name, ok ? path : "missing", how);
	free(path);
	return ok;
}

static void disk(const struct style *s)
{
	struct statvfs v;
	uint64_t mib;
	char text[64];

	if (statvfs(".", &v)) {
		line(s, false, "disk", "cannot be asked", NULL);
		return;
	}
	mib = (uint64_t)v.f_bavail * v.f_frsize / MIB;
	snprintf(text, sizeof(text), "%ju MiB free here", (uintmax_t)mib);
	line(s, mib >= 500, "disk", text,
	     "a kernel with its modules and a saved guest take about 400 MiB");
}

/* What a site needs that is as large as sites get; a small one says itself what it lacks. */
static void limits(const struct style *s)
{
	struct limit_finding f[NLIMITS];
	struct host_limits host;
	struct site_needs needs;
	char text[LIMIT_TEXT], cmd[LIMIT_TEXT];
	size_t i, n;

	limits_host(&host);
	limits_lan(BIG_SITE, &needs);
	n = limits_compare(&needs, &host, f);
	if (n)
		snprintf(text, sizeof(text), "%zu too small for a LAN of %d nodes", n, BIG_SITE);
	else
		snprintf(text, sizeof(text), "large enough for a LAN of %d nodes", BIG_SITE);
	line(s, !n, "limits", text, NULL);
	for (i = 0; i < n; i++) {
		limit_text(&f[i], text, sizeof(text));
		printf("      ");
		text_wrap(stdout, text, 8);
		if (limit_command(&f[i], cmd, sizeof(cmd)))
			printf("        %s\n", cmd);
	}
}

static void real(const struct style *s)
{
	struct utsname u;
	bool root = have_root(), netns = have_netns();

	puts("\nreal time (--time real)");
	if (!uname(&u))
		line(s, true, "kernel", u.release, NULL);
	line(s, root, "root", root ? "yes" : "no", "sudo halbsim run --time real CASE");
	line(s, netns, "network namespaces", netns ? "yes" : "refused",
	     root ? "a kernel with CONFIG_NET_NS; a container needs --privileged" :
		    "as root");
	line(s, have_ipvs(), "IPVS", have_ipvs() ? "yes" : "not in this kernel",
	     "modprobe ip_vs (Debian: any linux-image package but its -cloud flavour's "
	     "extras)");
	line(s, have_netem(), "netem", have_netem() ? "yes" : "not in this kernel, or not root",
	     "modprobe sch_netem; only loss, delay, jitter, duplicate, reorder, rate need it");
	limits(s);
}

static int main_(const struct verb *v, int argc, char **argv)
{
	struct style s;
	bool ours;
	int r, guest;

	r = opts_read(v, NULL, 0, &argc, &argv);
	if (r != OPTS_GO)
		return r;
	if (argc)
		return opts_usage_error(v, "takes no words, got '%s'", argv[0]);
	s = style_for(stdout);
	puts("programs");
	ours = program(&s, "halbd", "make");
	ours &= program(&s, "halbweb", "make");
	program(&s, "keepalived", "apt-get install keepalived (for --engine keepalived)");
	program(&s, "nginx", "apt-get install nginx-light (for cases with `backend nginx`)");
	disk(&s);
	puts("\nvirtual time (the default)");
	fflush(stdout);
	guest = guest_doctor();
	real(&s);
	printf("\n%s\n", guest == 0 && ours ? "runs in virtual time work here" :
					      "runs in virtual time do not work here yet");
	return guest == 0 && ours ? EXIT_HELD : EXIT_SKIPPED;
}

const struct verb verb_doctor = {
	.name = "doctor",
	.args = "",
	.summary = "what this machine can do, what is missing, what gets it",
	.about = "Exit: 0 when runs in virtual time work, 4 when not.",
	.run = main_,
};
