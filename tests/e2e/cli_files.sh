#!/bin/sh
# Cases and keepalived.conf files in error or odd: place, nearest word, exit code;
# check explains without running anything.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1
H=$BIN/halbsim

mkdir -p "$TMP/site/cases/c"
ln -s "$TOP/topologies" "$TMP/site/topologies"
C=$TMP/site/cases/c/case.conf

# write_case EXPECTATION [FAULT]
write_case() {
	cat >"$C" <<-CASE
	case c {
	    about "a case for this test"
	    topology lvs_dr
	    traffic http {
	        rate 100/s
	        timeout 100ms
	    }
	    timeline {
	        at settled+5s { ${2:-crash lvs1} }
	        at +10s { end }
	    }
	    expect {
	        $1
	    }
	}
	CASE
}

write_case "longest_gap http <= 3.7s"
t_exit "a good case" 0 "$H" check "$TMP/site/cases/c"
t_grep "  its failover is predicted" 'lvs1 loses power: lvs2 is master after +2\.609375 s to 3\.609375 s' "$TMP/out"
t_grep "  a stop too" "lvs1's engine is stopped: +609\.375 ms" "$TMP/out"
t_exit "by its file" 0 "$H" check "$C"

# bad DESCRIPTION EXPECTATION PATTERN [FAULT]
bad() {
	write_case "$2" "${4:-}"
	t_exit "$1: check" 64 "$H" check "$TMP/site/cases/c"
	cat "$TMP/out" "$TMP/err" >"$TMP/both"
	t_grep "  place and word" "$3" "$TMP/both"
	t_exit "$1: run" 64 "$H" run --out "$TMP/out-dir" "$TMP/site/cases/c"
	t_is "  nothing was started" "$(ls "$TMP/out-dir" 2>/dev/null)" ""
}
bad "an unknown expectation" "longest_gab http <= 3.7s" \
	"case.conf:13:9: .*did you mean 'longest_gap'"
bad "a number without its unit" "longest_gap http <= 3" "case.conf:13:29: "
bad "an unknown node" "vip 192.168.31.200 on lvs3 at end" "case.conf:13:31: .*'lvs3'"
bad "an unknown address" "vip 192.168.31.201 on lvs2 at end" \
	"case.conf:13:13: .*did you mean '192.168.31.200'"
bad "an unknown traffic" "failed htpp == 0" "did you mean 'http'"
bad "what can never be judged" "failed http == 0 after 20s of crash" "can never be judged"
bad "an unknown fault" "failed http >= 0" "case.conf:9:25: .*did you mean 'crash'" "crush lvs1"
bad "a fault on nobody" "failed http >= 0" "case.conf:9:31: .*'lvs9'" "crash lvs9"

bad "a fault on no link" "failed http >= 0" "case.conf:9:30: .*did you mean 'lan'" "loss lam 1%"
bad "a fault on no interface" "failed http >= 0" "case.conf:9:35: .*no interface 'eth0'" \
	"link_down lvs1:eth0"
bad "an unknown protocol" "failed http >= 0" "case.conf:9:39: .*did you mean 'vrrp'" \
	"loss lvs1 10% vrpp"
bad "a share without its sign" "failed http >= 0" "case.conf:9:34: .*like '10%'" "cpu lvs1 10"
bad "an event of nobody" "failed http >= 0" "case.conf:10:6: .*did you mean 'lvs1'" \
	"crash lvs1 }
when lvs9 becomes master { boot lvs1"
bad "an event that is none" "failed http >= 0" "case.conf:10:11: .*did you mean 'becomes'" \
	"crash lvs1 }
when lvs2 become master { boot lvs1"
bad "a time after an event that nobody knows" "failed http >= 0" "case.conf:11:17: .*count from it" \
	"crash lvs1 }
when lvs2 becomes master { boot lvs1 }
at settled+8s { reload lvs2"
bad "a repetition without its time" "failed http >= 0" "case.conf:9:33: how often" \
	"repeat 5 { reload lvs1 }"
bad "a flap on nobody" "failed http >= 0" "case.conf:9:30: .*'lvs9'" "flap lvs9 5 times every 1s"
bad "an instant past the end" "vip 192.168.31.200 on lvs2 at 30s of settled" \
	"case.conf:13:46: this can never be judged"
bad "a fault that is not in the timeline" "failed http == 0 after 1s of boot lvs1" \
	"case.conf:13:38: no fault of the timeline begins with 'boot lvs1'"
bad "packets of nothing" "packets client tpc >= 1" "case.conf:13:24: .*did you mean 'tcp'"
bad "packets of nobody" "packets lam tcp >= 1" "case.conf:13:17: .*did you mean 'lan'"
bad "a pattern that is none" "log lvs1 \"(\" absent" "case.conf:13:18: .*no regular expression"
bad "a log of nobody" "log lvs3 \"up\" absent" "case.conf:13:13: .*did you mean 'lvs1'"
bad "fair among nobody" "fair http web1 web9 <= 1" "case.conf:13:24: .*did you mean 'web1'"
bad "a table without lines" "ipvs lvs1 table at end" "case.conf:13:.*lines in braces"
bad "a table's line" "ipvs lvs1 table at end { TCP 192.168.31.200:80
}" "case.conf:13:34: a line is"
bad "an interval without its unit" "advert_interval lvs1 <= 1" "case.conf:13:33: "
bad "a priority that is none" "adverts lvs1 priority 300 >= 1" "case.conf:13:31: "

# The lab's own file, mistakes included, is explained, not refused.
t_exit "the lab's own files" 0 "$H" check cases/lab_verbatim
t_grep "  unauthenticated" "VI_1 is not authenticated" "$TMP/out"
t_grep "  one retry" "one retry \(keepalived's default\)" "$TMP/out"
t_grep "  no persistence" "is not persistent" "$TMP/out"
t_grep "  web server refuses" "refuses connections: out of the table after +4 s to 7 s" "$TMP/out"
t_grep "  web server silent" "silent: out of the table after +10 s to 13 s" "$TMP/out"
t_exit "a forgotten real server" 0 "$H" check cases/realserver_forgotten
t_grep "  is seen" "web1 \(192\.168\.31\.113\) does not have 192\.168\.31\.200 on lo" "$TMP/out"

# Two files as one site.
A=$TMP/a.conf
B=$TMP/b.conf
cp topologies/lvs_dr/lvs1/keepalived.conf "$A"
sed 's/virtual_router_id 51/virtual_router_id 52/' topologies/lvs_dr/lvs2/keepalived.conf >"$B"
t_exit "VRIDs that differ" 0 "$H" check "$A" "$B"
t_grep "  are told" "two virtual routers" "$TMP/out"
sed 's/advert_int 1/advert_int 2/' topologies/lvs_dr/lvs2/keepalived.conf >"$B"
t_exit "intervals that differ" 0 "$H" check "$A" "$B"
t_grep "  are told" "advert_int is 1 s on .* and 2 s on" "$TMP/out"
sed 's/protocol TCP//' topologies/lvs_dr/lvs2/keepalived.conf >"$B"
t_exit "no protocol" 0 "$H" check "$A" "$B"
t_grep "  is UDP" "is a UDP service" "$TMP/out"

for word in cases/mastr_down mastr_down; do
	t_exit "run $word" 64 "$H" run --out "$TMP/out-dir" $word
	t_grep "  names the nearest" "no such case: .*did you mean '${word%mastr_down}master_down'" \
		"$TMP/err"
done
t_exit "check of a misspelt topology" 64 "$H" check topologies/lvs_dd
t_grep "  names the nearest" "did you mean 'topologies/lvs_dr'" "$TMP/out"
t_exit "check of nothing like it" 64 "$H" check zzzzz
t_grep "  says where they are shown" "'halbsim list' shows them" "$TMP/out"

t_exit "list" 0 "$H" list
t_grep "  has the cases" "^  master_down +lvs1 loses power" "$TMP/out"
t_grep "  and the topologies" "^  lvs_dr +" "$TMP/out"
t_exit "nothing to clean" 0 "$H" clean --out "$TMP/none"
t_done
