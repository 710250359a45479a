#!/bin/sh
# Row 39: the daemons that keep the directors' connections in step, bound to an instance
# and not: at the start, takeover, return, fault, reload and stop. Node 1 (priority 101)
# has a virtual server, node 2 (100) none.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/routers.sh"
mkdir -p "$TMP/in"
cp "$BIN/ipvs-watch" "$TMP/in/"

# conf NAME LINE: 1.NAME and 2.NAME, with that line of global_defs
conf() {
	for n in 1 2; do
		{
			printf 'global_defs {\n\t%s\n}\n' "$2"
			printf 'vrrp_instance I {\n\tinterface va\n\tvirtual_router_id 1\n'
			printf '\tpriority %s\n\tvirtual_ipaddress {\n\t\t10.9.1.1\n\t}\n}\n' $((102 - n))
			[ $n = 2 ] || printf 'virtual_server 10.9.1.1 80 {\n\tprotocol TCP\n%s\n}\n' \
				'real_server 10.9.0.9 80 {
				}'
		} >"$TMP/in/$n.$1"
	done
}
conf bound 'lvs_sync_daemon va inst I id 51 maxlen 1400 port 8849 ttl 3 group 224.0.0.82'
conf other 'lvs_sync_daemon va inst I id 52 port 8850 group 224.0.0.83'
conf plain 'lvs_sync_daemon va inst I'
conf old 'lvs_sync_daemon va I 60'
conf alone 'lvs_sync_daemon va id 7'
conf none '# no daemon'

cat >"$TMP/in/run.sh" <<'S'
. /in/routers.sh

d_begin
for n in 1 2; do
	ip netns exec n$n /in/ipvs-watch nlmon0 -t >/out/commands.$n & d_watch="$d_watch $!"
done
sleep 0.5
# step NAME SECONDS: what both have by the end of it
step() {
	sleep $2
	for n in 1 2; do
		ip netns exec n$n ipvsadm -L --daemon | while read -r line; do
			mark shows $n $line
		done
	done
}
use() {
	cp /in/$1.$2 /tmp/$1.conf
}
reload() {
	mark reload-$1
	for n in 1 2; do
		use $n $1
		eval "kill -HUP \$v_engine_$n"
		sleep 1.1 # apart: the order of two nodes' commands is nobody's business
	done
	step reload-$1 1.2
}
use 1 bound; use 2 bound
mark start; v_start 1 "$ENGINE" /tmp/1.conf; step start 1
mark master; step master 4
mark join; v_start 2 "$ENGINE" /tmp/2.conf; step join 5
mark killed; kill9 1; step killed 5
renew 1
mark return; v_start 1 "$ENGINE" /tmp/1.conf; step return 6
mark fault; v_in 1 ip link set va down; step fault 6
mark mended; v_in 1 ip link set va up; step mended 6
for c in bound other plain old alone bound none alone bound; do reload $c; done
mark stop; v_stop 1; step stop 4
mark stop-2; v_stop 2; step stop-2 1
renew 1; renew 2
use 1 alone; use 2 alone
mark alone; v_start 1 "$ENGINE" /tmp/1.conf; v_start 2 "$ENGINE" /tmp/2.conf; step alone 6
mark alone-killed; kill9 1; step alone-killed 5
renew 1
mark alone-return; v_start 1 "$ENGINE" /tmp/1.conf; step alone-return 6
mark alone-stop; v_stop 1; step alone-stop 4
mark alone-stop-2; v_stop 2; step alone-stop-2 1
kill $d_watch
wait $d_watch
d_end
S
routers run.sh

# By step (a number before its name, as some come twice) and node.
{
	for n in 1 2; do sed "s/ / ipvs $n /" "$TMP/out/commands.$n"; done
	cat "$TMP/out/marks"
} | sort -s -n -k 1,1 | awk '
	function o(name, value) { printf "39\t%s\t%s\n", name, value }
	function after(n) { line = $0; sub("^[^ ]* [^ ]* " n " ", "", line); return line }
	function done_(n) {
		if (step == "") return
		for (n = 1; n <= 2; n++) {
			o("shows/" step "." n, shows[n])
			# (At its start and in a reload halbd stops what may be left first.)
			if (step ~ /master|killed|fault|mended|-stop$/)
				o("commands/" step "." n, given[n])
			shows[n] = given[n] = ""
		}
		for (n in started) o("when/" step "." n, started[n])
		split("", started)
	}
	$2 == "shows" { if (/sync daemon/) shows[$3] = shows[$3] after($3) "; "; next }
	$2 == "ipvs" {
		if (!/_DAEMON/) next
		given[$3] = given[$3] after($3) "; "
		if (/START_DAEMON/ && step !~ /reload/)
			started[$5 "." $3] = sprintf("%.3f", ($1 - began) * 1000)
		next
	}
	$2 == "begin" { next }
	{ done_(); step = ++steps "-" $2; began = $1 }
	$2 == "end" { exit }'
