/*
 * A node's share of the processors: a control group (version 2) with a limit of
 * its own, below /sys/fs/cgroup, called halbsim.RUN.NODE. The kernel lets the
 * group run for the share of each CPU_PERIOD_NS and then stops it until the next.
 */
#ifndef HALBSIM_CPU_GROUP_H
#define HALBSIM_CPU_GROUP_H

#include <stdbool.h>
#include <stdint.h>

struct site_node;

/*
 * A prime number of milliseconds: with the usual 100 ms a timer of one second would
 * meet every pause at the same place, and be late always or never.
 */
#define CPU_PERIOD_NS (INT64_C(97) * 1000 * 1000)

/*
 * Puts all processes of the node into a group of that share of one processor, now
 * and whatever is started in it later; 1: no limit. 0 or -errno; -ENOENT or
 * -EOPNOTSUPP: no control groups of version 2, or none that limit processors.
 */
int cpu_group_limit(struct site_node *n, double share);
/* The share that is set; 1: none. */
double cpu_group_share(const struct site_node *n);
/* In a child before its exec: joins the node's group, when it has one. 0 or -errno. */
int cpu_group_join(const struct site_node *n);
/* The node's processes are gone: removes the group. */
void cpu_group_finish(struct site_node *n);

/*
 * Removes groups of that prefix that nobody is in any more, or only names them.
 * How many, or -errno.
 */
int cpu_group_clean(bool dry_run, void (*one)(const char *path, void *arg), void *arg);

#endif
