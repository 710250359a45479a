/* For tests that want a network namespace of their own, and can do without. */
#ifndef NETNSFIX_H
#define NETNSFIX_H

#include <sched.h>
#include <stdbool.h>

#include "log.h"

static bool have_netns;

/* (In a network namespace of our own; "lo" is all there is.) */
static inline int netns_setup(void **state)
{
	(void)state;
	have_netns = unshare(CLONE_NEWNET) == 0;
	log_init(NULL, LOG_LVL_ERR, 0);
	return 0;
}

#define need_netns()                                                             \
	do {                                                                     \
		if (!have_netns) {                                               \
			print_message("skipped: needs root, for namespaces\n");  \
			skip();                                                  \
		}                                                                \
	} while (0)

#endif
