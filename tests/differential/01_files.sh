#!/bin/sh
# Rows 1 and 2: every file of tests/data/conf, read with -t: the exit code, and the
# set of (line, kind of complaint).
#
# In a network namespace of its own, with the interfaces eth0 and enp0s3.
if [ "${D_NETNS:-}" != 1 ]; then
	flags=-n
	[ "$(id -u)" = 0 ] || flags=-rn
	if ! unshare $flags true 2>/dev/null; then
		echo 'no network namespace can be made here; run as root' >&2
		exit 4
	fi
	D_NETNS=1 exec unshare $flags "$0" "$@"
fi
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1

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

# What each says of a file: its exit code is the function's, complaints on stdout.
says_keepalived() {
	# Where it never ends, it need not be waited for; a busy machine is no reason.
	limit=120
	! grep -q "^$(basename "$1" .conf)	.*never ends" tests/data/conf/DISAGREEMENTS || limit=3
	timeout $limit "$KEEPALIVED" -t -f "$1" >"$TMP/said" 2>&1
	code=$?
	LC_ALL=C awk -f tests/differential/conf_kinds.awk "$TMP/said" | grep -v '	file$'
	return $code
}

says_halbd() {
	timeout 120 "$BIN/halbd" -t --kinds -f "$1" >"$TMP/said" 2>&1
	code=$?
	# What keepalived has no word for does not count.
	grep '^[0-9][0-9]*	' "$TMP/said" | cut -f 1,2 |
		grep -v '	note$\|	unsupported$\|	file$'
	return $code
}

case $("$KEEPALIVED" --version 2>&1) in
*v2.2.7*) ;;
*) cannot 'this needs keepalived 2.2.7: apt-get install keepalived' ;;
esac
site 2>"$TMP/site" || cannot "no veth interfaces can be made here: $(head -n 1 "$TMP/site")"
for file in tests/data/conf/*.conf; do
	name=$(basename "$file" .conf)
	"says_$ENGINE" "$file" >"$TMP/complaints" 2>/dev/null
	o 1 "rc/$name" $?
	o 2 "complaints/$name" "$(sort -u "$TMP/complaints" | tr '\t\n' ' ,')"
done
