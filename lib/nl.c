#include "nl.h"

#include <errno.h>
#include <netlink/errno.h>
#include <netlink/socket.h>

#define RCVBUF_BYTES (1024 * 1024)

static const int errnos[] = {
	[NLE_SUCCESS] = 0,
	[NLE_FAILURE] = EIO,
	[NLE_INTR] = EINTR,
	[NLE_BAD_SOCK] = EBADF,
	[NLE_AGAIN] = EAGAIN,
	[NLE_NOMEM] = ENOMEM,
	[NLE_EXIST] = EEXIST,
	[NLE_INVAL] = EINVAL,
	[NLE_RANGE] = ERANGE,
	[NLE_MSGSIZE] = EMSGSIZE,
	[NLE_OPNOTSUPP] = EOPNOTSUPP,
	[NLE_AF_NOSUPPORT] = EAFNOSUPPORT,
	[NLE_OBJ_NOTFOUND] = ENOENT,
	[NLE_NOATTR] = ENODATA,
	[NLE_MISSING_ATTR] = EINVAL,
	[NLE_AF_MISMATCH] = EAFNOSUPPORT,
	[NLE_SEQ_MISMATCH] = EILSEQ,
	[NLE_MSG_OVERFLOW] = EOVERFLOW,
	[NLE_MSG_TRUNC] = EMSGSIZE,
	[NLE_NOADDR] = EADDRNOTAVAIL,
	[NLE_SRCRT_NOSUPPORT] = EOPNOTSUPP,
	[NLE_MSG_TOOSHORT] = EBADMSG,
	[NLE_MSGTYPE_NOSUPPORT] = EOPNOTSUPP,
	[NLE_OBJ_MISMATCH] = EINVAL,
	[NLE_NOCACHE] = ENOENT,
	[NLE_BUSY] = EBUSY,
	[NLE_PROTO_MISMATCH] = EPROTO,
	[NLE_NOACCESS] = EACCES,
	[NLE_PERM] = EPERM,
	[NLE_PKTLOC_FILE] = EIO,
	[NLE_PARSE_ERR] = EBADMSG,
	[NLE_NODEV] = ENODEV,
	[NLE_IMMUTABLE] = EROFS,
	[NLE_DUMP_INTR] = EINTR,
	[NLE_ATTRSIZE] = EINVAL,
};

int nl_errno(int nlerr)
{
	size_t n = (size_t)(nlerr < 0 ? -nlerr : nlerr);

	if (n >= sizeof(errnos) / sizeof(errnos[0]))
		return -EIO;
	if (n && !errnos[n])
		return -EIO;
	return -errnos[n];
}

struct nl_sock *nl_open(int protocol)
{
	struct nl_sock *sk = nl_socket_alloc();
	int r;

	if (!sk) {
		errno = ENOMEM;
		return NULL;
	}
	r = nl_connect(sk, protocol); /* opens with SOCK_CLOEXEC */
	if (r == 0)
		r = nl_socket_set_buffer_size(sk, RCVBUF_BYTES, 0);
	if (r < 0) {
		nl_socket_free(sk);
		errno = -nl_errno(r);
		return NULL;
	}
	return sk;
}
