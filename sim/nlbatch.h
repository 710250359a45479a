/*
 * Interface for batches of netlink requests: many messages, one system call,
 * one acknowledgement. Used on rtnetlink sockets from nl_open().
 */
#ifndef HALBSIM_NLBATCH_H
#define HALBSIM_NLBATCH_H

#include <stddef.h>
#include <stdint.h>

struct nl_msg;
struct nl_sock;

struct nl_batch_item {
	const char *verb, *noun; /* (borrowed) for the message about a failure */
	size_t len;
};

/* Zero it, then nl_batch_init(). */
struct nl_batch {
	struct nl_sock *sk; /* (borrowed) */
	char *buf;
	size_t len, cap;
	struct nl_batch_item *item;
	size_t n, cap_items;
	int err; /* first error while adding */
};

void nl_batch_init(struct nl_batch *b, struct nl_sock *sk);
void nl_batch_finish(struct nl_batch *b);

/*
 * Takes a message over (freed in each case; NULL counts as out of memory) and
 * queues it. `verb` and `noun` name it when the kernel refuses it: "add
 * address", "enp0s3"; they must live until the commit. Errors wait for it too.
 */
void nl_batch_add(struct nl_batch *b, struct nl_msg *m, const char *verb,
		  const char *noun);

/*
 * Sends what is queued and waits for the kernel's answer; the batch is empty
 * afterwards. Every message is tried. Returns 0, or the first -errno; then,
 * when `bad` is given, *bad is the item that was refused (verb NULL: none).
 */
int nl_batch_commit(struct nl_batch *b, struct nl_batch_item *bad);

/*
 * One question: sends a message (freed in each case; NULL counts as out of
 * memory) and copies the first answer into `buf`, aligned for a nlmsghdr. 0 or
 * -errno; -ENODATA: the kernel agrees, but has nothing to say.
 */
int nl_ask(struct nl_sock *sk, struct nl_msg *m, void *buf, size_t size);

#endif
