#!/bin/sh
# halbd -t and keepalived -t agree on every file of tests/data/conf: the same
# exit code, and the same set of (line, kind of complaint).
#
# Both run in a network namespace of their own with the interfaces eth0 and
# enp0s3. Files on which the two differ stand in DISAGREEMENTS with the reason,
# and must differ. NAME... picks files: conf_differential.sh lvs_port_dr

if [ "${HALB_NETNS:-}" != 1 ] && command -v unshare >/dev/null; then
	flags=-n
	[ "$(id -u)" = 0 ] || flags=-rn
	# Without a namespace of our own there is nothing to compare in.
	if unshare $flags true 2>/dev/null; then
		HALB_NETNS=1 exec unshare $flags "$0" "$@"
	fi
fi

. "$(dirname "$0")/lib.sh"

data=$TOP/tests/data/conf
kinds=$TOP/tests/e2e/conf_kinds.awk

site() {
	ip link set lo up &&
		ip link add eth0 type veth peer name peer0 &&
		ip link add enp0s3 type veth peer name peer1 &&
		for i in eth0 enp0s3 peer0 peer1; do
			ip link set "$i" up || return
		done &&
		ip address add 10.0.0.1/24 dev eth0 &&
		ip address add 192.168.31.54/24 dev enp0s3
}

# What each says of a file: the exit code, then the sorted set.
says_keepalived() {
	timeout "$2" keepalived -t -f "$1" >"$TMP/k.out" 2>&1
	echo "exit $?"
	LC_ALL=C awk -f "$kinds" "$TMP/k.out" | grep -v '	file$' | sort -u
}

says_halbd() {
	timeout 120 "$BIN/halbd" -t --kinds -f "$1" >"$TMP/h.out" 2>&1
	echo "exit $?"
	# What keepalived has no word for does not count.
	grep '^[0-9][0-9]*	' "$TMP/h.out" | cut -f 1,2 |
		grep -v '	note$\|	unsupported$\|	file$' | sort -u
}

compare() {
	name=$(basename "$1" .conf)
	reason=$(awk -F '\t' -v n="$name" '$1 == n { print $2 }' "$data/DISAGREEMENTS")
	# A busy machine is no disagreement; where keepalived never ends, it need not be
	# waited for.
	case $reason in
	*'never ends'*) limit=3 ;;
	*) limit=120 ;;
	esac
	(cd "$data/../../.." && says_keepalived "tests/data/conf/$name.conf" $limit) \
		>"$TMP/k" 2>/dev/null
	(cd "$data/../../.." && says_halbd "tests/data/conf/$name.conf") >"$TMP/h"
	if cmp -s "$TMP/k" "$TMP/h"; then
		if [ -n "$reason" ]; then
			t_fail "$name agrees, though it stands in DISAGREEMENTS"
		else
			t_pass "$name"
			agreed=$((agreed + 1))
		fi
	elif [ -n "$reason" ]; then
		t_pass "$name differs: $reason"
		known=$((known + 1))
	else
		t_fail "$name (< keepalived, > halbd)"
		diff "$TMP/k" "$TMP/h" | sed 's/^/# /'
		sed 's/^/#   keepalived: /' "$TMP/k.out"
		sed 's/^/#   halbd: /' "$TMP/h.out"
	fi
}

if [ "${HALB_NETNS:-}" != 1 ]; then
	t_skip "no network namespace can be made here; run as root"
	t_done
fi
case $(keepalived --version 2>&1) in
*v2.2.7*) ;;
*)
	t_skip "this needs keepalived 2.2.7: apt-get install keepalived"
	t_done
	;;
esac
if ! site 2>"$TMP/err"; then
	t_skip "no veth interfaces can be made here: $(head -n 1 "$TMP/err")"
	t_done
fi

agreed=0
known=0
if [ $# = 0 ]; then
	set -- "$data"/*.conf
fi
for f in "$@"; do
	compare "$f"
done
echo "# $agreed of $# files agree, $known differ with a reason"
t_done
