/*
 * Implementation for the rehearsal. The topology is topologies/lvs_dr as it is; the
 * assembler reads its files (the Makefile knows). The case is master_down with few
 * requests: what is run twice need not be translated twice.
 */
#include "guest_rehearsal.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest_image.h"
#include "guest_late.h"
#include "loop.h"
#include "sanitized.h"
#include "tree.h"

#define IN  "/usr/share/halbsim/rehearsal"
#define OUT "/tmp/rehearsal"

#define ASSET(symbol, path)                                                   \
	extern const char symbol[];                                           \
	__asm__(".pushsection .rodata\n" #symbol ":\n"                        \
		".incbin \"" path "\"\n"                                      \
		".byte 0\n"                                                   \
		".popsection\n")

ASSET(rehearsal_topology, "topologies/lvs_dr/topology.conf");
ASSET(rehearsal_lvs1, "topologies/lvs_dr/lvs1/keepalived.conf");
ASSET(rehearsal_lvs2, "topologies/lvs_dr/lvs2/keepalived.conf");

static const char rehearsal_case[] =
	"case rehearsal {\n"
	"    topology lvs_dr\n"
	"    traffic http {\n"
	"        rate 40/s\n"
	"        timeout 100ms\n"
	"    }\n"
	"    timeline {\n"
	"        at settled+500ms { crash lvs1 }\n"
	"        at +4500ms { end }\n"
	"    }\n"
	"}\n";

int guest_rehearsal_add(struct guest_image *img)
{
	const struct {
		const char *path, *text;
	} file[] = {
		{ IN "/cases/rehearsal/case.conf", rehearsal_case },
		{ IN "/topologies/lvs_dr/topology.conf", rehearsal_topology },
		{ IN "/topologies/lvs_dr/lvs1/keepalived.conf", rehearsal_lvs1 },
		{ IN "/topologies/lvs_dr/lvs2/keepalived.conf", rehearsal_lvs2 },
	};
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < sizeof(file) / sizeof(file[0]); i++)
		r = guest_image_add_data(img, file[i].path, file[i].text,
					 strlen(file[i].text), 0644);
	return r;
}

static void child(const char *engine) __attribute__((noreturn));
static void child(const char *engine)
{
	const char *const argv[] = { "/usr/bin/halbsim", "run-inside", "--rehearsal",
				     "--engine", engine, "--in", IN, "--out", OUT,
				     "rehearsal", NULL };
	static const char *const env[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=/root", "TERM=dumb", "LANG=C.UTF-8", "TZ=UTC0", NULL
	};
	int null = open("/dev/null", O_RDWR);

	loop_child_signals();
	setsid();
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		_exit(127);
	execve(argv[0], (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
	_exit(127);
}

static void rehearse(const char *engine)
{
	pid_t pid = fork();

	if (pid == 0)
		child(engine);
	/* What is orphaned becomes ours: all of it. */
	while (pid > 0 && (wait(NULL) > 0 || errno == EINTR))
		continue;
	(void)tree_remove(OUT);
}

void guest_rehearse(void)
{
	/* Instrumented, it would take longer than all the runs that it is for. */
	if (SANITIZED || access(IN, F_OK) < 0)
		return;
	/* The same each time, also where a guest boots for each run. */
	if (guest_reseed(1) < 0)
		return;
	if (access("/usr/bin/halbd", X_OK) == 0)
		rehearse("halbd");
	if (access("/usr/bin/keepalived", X_OK) == 0)
		rehearse("keepalived");
}
