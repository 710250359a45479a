#!/bin/sh
# What a site finds in the guest: IPVS and its schedulers, links, faults, programs.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/guest_lib.sh"
need_guest

# --- files there and back ---
mkdir -p "$TMP/in/a/b" "$TMP/out"
printf 'text\n' >"$TMP/in/a/file"
printf '#!/bin/sh\necho ran\n' >"$TMP/in/a/b/run"
chmod 755 "$TMP/in/a/b/run"
ln -s ../file "$TMP/in/a/b/link"
head -c 5000000 /dev/urandom >"$TMP/in/bytes"
t_ok "a tree goes in and comes out" g --in "$TMP/in" --out "$TMP/out" -- sh -c \
	'cp -a /in/. /out/ && /in/a/b/run >/out/said'
t_is "a script from /in runs" "$(cat "$TMP/out/said")" ran
rm "$TMP/out/said"
t_ok "and is the same" diff -r --no-dereference "$TMP/in" "$TMP/out"

# --- the kernel ---
cat >"$TMP/in/kernel" <<'TEXT'
ok() { what=$1; shift; if "$@" >/tmp/o 2>&1; then echo "ok $what"; else echo "no $what: $(cat /tmp/o)"; fi; }
port=1
for s in rr wrr lc wlc lblc lblcr dh sh sed nq fo ovf mh; do
	ok "scheduler $s" ipvsadm -A -t 10.0.0.1:$port -s $s
	port=$((port + 1))
done
ok DR ipvsadm -a -t 10.0.0.1:1 -r 10.0.0.2 -g
ok NAT ipvsadm -a -t 10.0.0.1:1 -r 10.0.0.3 -m
ok TUN ipvsadm -a -t 10.0.0.1:1 -r 10.0.0.4 -i
ok IPv6 ipvsadm -A -t [fd00::1]:80 -s rr
ok namespace ip netns add one
ok veth ip link add name va type veth peer name vb netns one
ok bridge ip link add name br0 type bridge
ok macvlan ip link add name mv link va type macvlan
ok nomacvlan ip link del mv
ok port ip link set va master br0
ok dummy ip link add name du type dummy
ok vlan ip link add name vl link va type vlan id 5
ok ipip ip link add name tu type ipip remote 10.0.0.9 local 10.0.0.8
ok netem tc qdisc add dev va root netem loss 1% delay 10ms 1ms duplicate 1% reorder 1%
ok tbf tc qdisc add dev du root tbf rate 1mbit burst 10k latency 50ms
ok ingress tc qdisc add dev va clsact
ok u32 tc filter add dev va egress protocol ip u32 match ip protocol 112 0xff action drop
ok flower tc filter add dev va ingress protocol ip flower ip_proto 0x70 action drop
ok hour sleep 3600
ok keepalived keepalived --version
TEXT
g --in "$TMP/in" -- sh /in/kernel >"$TMP/kernel" 2>&1
grep -q '^ok hour' "$TMP/kernel" || t_fail "the script did not go through"
command -v keepalived >/dev/null 2>&1 || command -v /usr/sbin/keepalived >/dev/null 2>&1 ||
	sed -i '/keepalived/d' "$TMP/kernel"
while read -r result what; do
	case $result in
	ok) t_pass "$what" ;;
	*) t_fail "$what" ;;
	esac
done <"$TMP/kernel"
t_done
