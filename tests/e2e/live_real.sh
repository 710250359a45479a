#!/bin/sh
# A site to walk around in, in real time: the same verbs in the host's own kernel.
# The guest is that host, so that there is IPVS and nothing else to be disturbed.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/guest_lib.sh"
cd "$TOP" || exit 1
need_guest

mkdir "$TMP/in" "$TMP/out.d"
cp -r cases topologies "$TMP/in/"
cat >"$TMP/in/walk" <<'SH'
cd /in
do_() { # NAME COMMAND...: its output and status in /out
	name=$1
	shift
	"$@" >/out/$name 2>/out/$name.err </dev/null
	echo $? >/out/$name.status
}
state() {
	halbsim status --json --name lvs_dr | tr -d ' \n'
}
do_ up halbsim up --time real --engine keepalived lvs_dr
do_ again halbsim up --time real lvs_dr
do_ status halbsim status
do_ exec halbsim exec lvs1 -- ip -br addr
do_ code halbsim exec lvs1 -- sh -c 'exit 7'
do_ kill halbsim fault kill lvs1
n=0
until state | grep -q '"masters":\[{"node":"lvs2"' || [ $n = 300 ]; do
	n=$((n + 1))
	sleep 0.1
done
do_ curl halbsim exec client -- curl -s http://192.168.31.200/
do_ start halbsim fault start lvs1
do_ two halbsim up --quiet --time real --name two lvs_nat
do_ list halbsim status
echo hostname | halbsim sh --name two web1 >/out/sh
do_ down_two halbsim down two
holder=
for p in /proc/[0-9]*; do
	[ "$(readlink $p/cwd)" = /run/halbsim/lvs_dr ] &&
		[ "$(cat $p/comm)" = halbsim ] && holder=${p#/proc/}
done
kill -KILL $holder
do_ gone halbsim status lvs_dr
n=0
while ps | grep -q '[h]s:lvs1\|[k]eepalived -n' && [ $n != 100 ]; do
	n=$((n + 1))
	sleep 0.1
done
ps >/out/ps
do_ clean halbsim clean
do_ keep halbsim run --time real --keep --quiet --out reports cases/master_down
do_ kept halbsim status
do_ boot halbsim fault boot lvs1
do_ down halbsim down
do_ left halbsim clean
ls -A /run/halbsim >/out/folders
SH
t_exit "the walk" 0 g --in "$TMP/in" --out "$TMP/out.d" -- sh /in/walk
out=$TMP/out.d
is() { # NAME STATUS
	t_is "$1: exit status" "$(cat "$out/$1.status")" "$2"
}
is up 0
t_grep "  in this kernel" "keepalived, in this machine's kernel" "$out/up"
is again 64
is status 0
t_grep "  the master" 'VRID 51 .*lvs1 \(priority 101\)' "$out/status"
t_grep "  real time" 'real time' "$out/status"
is exec 0
t_grep "  the VIP" '192.168.31.200/32' "$out/exec"
is code 7
is kill 0
t_grep "  its proof" 'processes gone' "$out/kill"
is curl 0
t_grep "  after the failover" '^This is Server' "$out/curl"
is start 0
is two 0
t_is "two sites at once" "$(cut -d ' ' -f 1 "$out/list" | paste -sd ' ')" "lvs_dr two"
t_is "sh in the second" "$(cat "$out/sh")" web1
is down_two 0
is gone 64
t_grep "  a killed holder is told" 'is gone: its holder was killed' "$out/gone.err"
t_is "  its nodes went with it" "$(grep -c 'hs:lvs1\|keepalived -n' "$out/ps")" 0
is clean 0
t_grep "  removes its folder" '^removed /run/halbsim/lvs_dr' "$out/clean"
is keep 0
is kept 0
t_grep "  as it was at the end" 'lvs1 +director +no power' "$out/kept"
is boot 0
is down 0
t_grep "nothing is left" 'nothing to clean' "$out/left"
t_is "  no folder either" "$(cat "$out/folders")" ""
t_done
