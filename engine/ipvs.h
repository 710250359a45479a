/*
 * IPVS through an ops table: the kernel by generic netlink (ipvs_nl.c), or a
 * recorder for tests (ipvs_fake.c).
 *
 * Commands go in batches: the kernel carries out a batch in its order, and a
 * command that fails does not stop those after it.
 */
#ifndef HALBD_IPVS_H
#define HALBD_IPVS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define IPVS_SCHED_MAX 16
#define IPVS_PE_MAX    16

enum ipvs_cmd_op {
	IPVS_NEW_SERVICE,
	IPVS_SET_SERVICE,
	IPVS_DEL_SERVICE,
	IPVS_NEW_DEST,
	IPVS_SET_DEST,
	IPVS_DEL_DEST,
	IPVS_START_DAEMON,
	IPVS_STOP_DAEMON,
	IPVS_SET_TIMEOUTS,
	IPVS_FLUSH,
	IPVS_NOPS
};

/* Addresses are 16 bytes, an IPv4 one in the first four. Ports: host order. */
struct ipvs_service {
	uint16_t family;
	uint16_t protocol, port; /* both 0 when by fwmark */
	uint32_t fwmark;	 /* 0: by address */
	uint8_t addr[16];
	char sched[IPVS_SCHED_MAX];
	char pe_name[IPVS_PE_MAX]; /* "": none */
	uint32_t flags;		   /* IP_VS_SVC_F_… */
	uint32_t timeout_s;	   /* of persistence */
	uint32_t netmask;	   /* IPv4: network order; IPv6: prefix length */
};

struct ipvs_dest {
	uint16_t family, port;
	uint8_t addr[16];
	uint32_t forward; /* IP_VS_CONN_F_MASQ, _TUNNEL, _DROUTE */
	int weight;
	uint32_t upper, lower;	     /* thresholds of connections */
	uint8_t tun_type;	     /* tunnels only, as the next two */
	uint16_t tun_port, tun_flags;
};

/* A sync daemon; all but the state and the id only matter for starting. */
struct ipvs_daemon {
	uint32_t state; /* IP_VS_STATE_MASTER or _BACKUP */
	uint32_t sync_id;
	char ifname[16];
	uint16_t maxlen, port; /* 0: the kernel's own, as the rest */
	uint8_t ttl;
	uint16_t group_family;
	uint8_t group[16];
};

struct ipvs_timeouts {
	uint32_t tcp_s, tcp_fin_s, udp_s;
};

struct ipvs_cmd {
	enum ipvs_cmd_op op;
	int err; /* out: 0 or -errno, as the kernel said it */
	union {
		struct {
			struct ipvs_service svc; /* for destinations too: whose */
			struct ipvs_dest dest;
		};
		struct ipvs_daemon daemon;
		struct ipvs_timeouts timeouts;
	};
};

struct ipvs_ops {
	/*
	 * Carries out `n` commands in order and sets the err of each. Returns 0,
	 * or -errno when the conversation itself broke down (every command
	 * without an answer then has that err).
	 */
	int (*submit)(void *self, struct ipvs_cmd *cmd, size_t n);
	/* Reads the connection timeouts. 0 or -errno. */
	int (*get_timeouts)(void *self, struct ipvs_timeouts *t);
	void (*free)(void *self);
};

struct ipvs {
	const struct ipvs_ops *ops;
	void *self;
};

static inline int ipvs_submit(struct ipvs *v, struct ipvs_cmd *cmd, size_t n)
{
	return v->ops->submit(v->self, cmd, n);
}

/*
 * The kernel of the caller's network namespace. 0, or -errno: -ENOENT when it
 * has no IPVS, -EPERM without CAP_NET_ADMIN. Release with ipvs_close().
 */
int ipvs_nl_open(struct ipvs *v);
/* Releases either kind; harmless when zeroed. */
void ipvs_close(struct ipvs *v);

/*
 * For tests and for ipvs_nl.c: the netlink message (header and all) of one
 * command, written to buf. `seq` and `ack` go into the header. Returns its
 * length (a multiple of 4), or -EMSGSIZE when buf is too small.
 */
int ipvs_nl_encode(const struct ipvs_cmd *cmd, int family_id, uint32_t seq, bool ack,
		   void *buf, size_t len);

/*
 * The recorder. It keeps a table like the kernel's, so that commands fail with
 * the same errors (EEXIST, ESRCH, ENOENT), and a line of text for each command.
 */
int ipvs_fake_open(struct ipvs *v);
/*
 * The lines so far, oldest first, joined by newlines; (borrowed) valid until
 * the next command. ipvs_fake_clear() forgets the lines, not the table.
 */
const char *ipvs_fake_log(struct ipvs *v);
void ipvs_fake_clear(struct ipvs *v);
/* Writes the table, sorted as it was made: like ipvsadm -Ln. */
void ipvs_fake_print(struct ipvs *v, FILE *f);
/* Number of submit calls so far. */
unsigned int ipvs_fake_batches(struct ipvs *v);
/* Makes the next `count` commands of this kind fail with `err` (-errno). */
void ipvs_fake_fail(struct ipvs *v, enum ipvs_cmd_op op, int err, unsigned int count);

/* One command as text: "NEW_DEST TCP 10.0.0.1:80 -> 10.0.1.1:80 DR weight 1". */
void ipvs_cmd_text(const struct ipvs_cmd *cmd, char *buf, size_t len);
/* Its first word. */
const char *ipvs_op_name(enum ipvs_cmd_op op);

#endif
