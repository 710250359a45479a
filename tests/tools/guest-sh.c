/*
 * Any command in the virtual-time guest, without the rest of halbsim:
 *
 *	build/guest-sh [OPTION]... -- sh -c 'ipvsadm -A -t 10.0.0.1:80 -s rr; …'
 *
 * The same as `halbsim guest-exec`; links as soon as sim/guest*.c does.
 */
#include <string.h>

#include "guest.h"

int main(int argc, char **argv)
{
	if (guest_is_init())
		guest_init();
	if (argc > 1 && !strcmp(argv[1], "guest-exec")) {
		argc--;
		argv++;
	}
	return guest_exec_main(argc, argv);
}
