/* halbsim sh and exec: in a node of a site that is up. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "live_client.h"

static int sh(const struct verb *v, int argc, char **argv)
{
	/* bash where there is one: the node says so before anything is typed */
	static char prog[] = "sh", flag[] = "-c",
		    try[] = "command -v bash >/dev/null && exec bash --norc --noprofile; "
			    "exec sh";
	char *words[] = { prog, flag, try, NULL };
	const char *name = NULL;
	const struct opt opt[] = {
		{ "name", 'n', OPT_TEXT, &name, "NAME", "of the site, when several are up", 0,
		  0, NULL },
	};
	int r;

	r = opts_read(v, opt, sizeof(opt) / sizeof(opt[0]), &argc, &argv);
	if (r != OPTS_GO)
		return r;
	if (argc != 1)
		return opts_usage_error(v, argc ? "one node; for a command there is 'exec'" :
						  "in which node?");
	return live_run(name, argv[0], words, isatty(STDIN_FILENO));
}

static int exec_(const struct verb *v, int argc, char **argv)
{
	const char *name = NULL;
	bool tty = false;
	const struct opt opt[] = {
		{ "name", 'n', OPT_TEXT, &name, "NAME", "of the site, when several are up", 0,
		  0, NULL },
		{ "tty", 't', OPT_FLAG, &tty, NULL, "at a terminal, as top and less want it", 0,
		  0, NULL },
	};
	char *node;
	int r;

	r = opts_read(v, opt, sizeof(opt) / sizeof(opt[0]), &argc, &argv);
	if (r != OPTS_GO)
		return r;
	if (!argc)
		return opts_usage_error(v, "in which node?");
	node = *argv++;
	argc--;
	if (argc && !strcmp(argv[0], "--"))
		argv++, argc--;
	if (!argc)
		return opts_usage_error(v, "what is to be run in %s? (a shell: halbsim sh %s)",
					node, node);
	if (tty && !isatty(STDIN_FILENO))
		return opts_usage_error(v, "--tty, but standard input is no terminal");
	return live_run(name, node, argv, tty);
}

const struct verb verb_sh = {
	.name = "sh",
	.args = "NODE",
	.summary = "a shell in a node of a site that is up",
	.about = "Commands can be piped in. Exit: the shell's.",
	.run = sh,
};

const struct verb verb_exec = {
	.name = "exec",
	.args = "NODE -- COMMAND…",
	.summary = "a command in a node of a site that is up",
	.about = "Input, output and errors are the command's, signals go to it: tcpdump ends\n"
		 "with Ctrl-C and its summary. Options come before NODE.\n"
		 "\n"
		 "  halbsim exec lvs1 -- ipvsadm -Ln\n"
		 "  halbsim exec lvs2 -- tcpdump -ni enp0s3 vrrp\n"
		 "  halbsim exec client -- curl -s http://192.168.31.200/\n"
		 "\n"
		 "Exit: the command's; 128+N when signal N ended it; 127 no such command; 64\n"
		 "no such site or node; 70 the site has ended or the node has no power.",
	.run = exec_,
	.options_first = true,
};
