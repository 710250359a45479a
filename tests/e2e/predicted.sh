#!/bin/sh
# What halbsim check predicts from the configuration is what happens, with both
# engines: a master that loses power, is stopped, comes back; a web server that
# refuses, is silent, is well again, hangs. Each at two moments of the timers. And
# the second of three directors, lost after the first.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/guest_lib.sh"

for tool in jq keepalived; do
	if ! command -v $tool >/dev/null 2>&1; then
		t_skip "$tool is not installed"
		t_done
	fi
done
need_guest

site=$TMP/site
mkdir -p "$site/cases/faults" "$site/cases/hangs"
cp -R "$TOP/topologies" "$site/"

# Times after settled that are no multiples of a timer.
write_faults() {
	cat >"$site/cases/faults/case.conf" <<-CONF
	case faults {
	    about "each class of fault once"
	    topology lvs_dr
	    traffic http {
	        rate 10/s
	        timeout 100ms
	    }
	    timeline {
	        at settled+$1 { stop web1 }
	        at +20s { start web1 }
	        at +10s { crash web2 }
	        at +32s { stop lvs1 }
	        at +6s { start lvs1 }
	        at +10.$2s { crash lvs1 }
	        at +6s { end }
	    }
	    expect { vip 192.168.31.200 on lvs2 at end }
	}
	CONF
}
cat >"$site/cases/hangs/case.conf" <<'CONF'
case hangs {
    about "a web server that takes connections and never answers"
    topology lvs_dr
    traffic http {
        rate 10/s
        timeout 100ms
    }
    timeline {
        at settled+2s { backend hang web1 }
        at +40s { end }
    }
    expect { no failover }
}
CONF
write_faults 2s 0
cd "$site" || exit 1
"$BIN/halbsim" check cases/faults >"$TMP/check" 2>&1

# "12 s to 15 s", "609.375 ms" after WORDS in what check printed: two nanoseconds.
predicted() {
	sed -n "s/.*$1 \{2,\}//p" "$TMP/check" | head -n 1 | awk '
		function ns(v, unit) { return v * (unit == "ms" ? 1e6 : 1e9) }
		{ printf "%.0f %.0f\n", ns($1, $2), (NF > 3 ? ns($4, $5) : ns($1, $2)) }'
}
# NAME WORDS MEASURED SLACK: how long after the upper bound it may be, in ns: the
# program's own work, which the prediction leaves out.
within() {
	set -- "$1" "$3" "$4" $(predicted "$2")
	if [ $# = 5 ] && [ -n "$2" ] && [ "$2" -ge "$4" ] 2>/dev/null && [ "$2" -le $(($5 + $3)) ]; then
		t_pass "$1: $2 ns of $4 to $5"
	else
		t_fail "$1: measured '$2' ns, predicted ${4:-nothing} to ${5:-nothing}"
	fi
}
failover() { # FAULT FROM: from that moment to the backup's first advert
	jq -r --arg f "$1" --arg from "$2" \
		'.failovers[] | select(.fault == $f) | .first_advert_ns - .[$from]' "$run/report.json"
}
# FAULT NODE OP DEST: from the fault to the change in that node's table.
table() {
	at=$(jq -r --arg f "$1" '.faults[] | select(.what == $f) | .at_ns' "$run/report.json")
	jq -rn --arg n "$2" --arg op "$3" --arg d "$4" --argjson at "${at:-0}" \
		'[inputs | select(.type == "ipvs" and .what == "dest" and .node == $n and
		.op == $op and .dest == $d and .t >= $at) | .t - $at] | first // empty' \
		"$run/events.jsonl"
}

for engine in halbd keepalived; do
	for phase in '2s 0' '2.7s 45'; do
		write_faults $phase
		what="$engine, settled+${phase% *}"
		out=$TMP/out-$engine-${phase% *}
		t_exit "$what" 0 "$BIN/halbsim" run --quiet --engine $engine --out "$out" cases/faults
		run=$out/faults/latest
		within "$what: the master loses power" 'loses power: lvs2 is master after' \
			"$(failover 'crash lvs1' fault_ns)" 1000000
		within "$what: its engine is stopped" 'engine is stopped:' \
			"$(failover 'stop lvs1' last_advert_ns)" 1000000
		within "$what: its engine is started again" 'engine is started again:' \
			"$(failover 'start lvs1' fault_ns)" 50000000
		for node in lvs1 lvs2; do
			within "$what: a web server refuses, $node" 'refuses connections: out of the table after' \
				"$(table 'stop web1' $node removed 192.168.31.113:80)" 20000000
			within "$what: it is well again, $node" 'well again: back after' \
				"$(table 'start web1' $node added 192.168.31.113:80)" 20000000
			within "$what: another is silent, $node" 'silent: out of the table after' \
				"$(table 'crash web2' $node removed 192.168.31.150:80)" 20000000
		done
	done
	t_grep "$engine: a server that hangs is never noticed" \
		'takes connections, never answers: +never' "$TMP/check"
	t_exit "$engine, hangs" 0 "$BIN/halbsim" run --quiet --engine $engine --out "$TMP/out-$engine" cases/hangs
	run=$TMP/out-$engine/hangs/latest
	t_is "  nor is it" "$(grep -c '"type":"ipvs".*"op":"removed"' "$run/events.jsonl")" 0
done

# Three directors: the one that took over is lost as well.
cp -R "$TOP/cases/master_down_three" "$site/cases/"
"$BIN/halbsim" check cases/master_down_three >"$TMP/check" 2>&1
for engine in halbd keepalived; do
	t_exit "$engine, three directors" 0 "$BIN/halbsim" run --quiet --engine $engine --out "$TMP/out-$engine" cases/master_down_three
	run=$TMP/out-$engine/master_down_three/latest
	within "$engine: the first of three loses power" 'loses power: lvs2 is master after' \
		"$(failover 'crash lvs1' fault_ns)" 1000000
	within "$engine: the second as well" 'lvs2 too: lvs3, priority 99, is master after' \
		"$(failover 'crash lvs2' fault_ns)" 1000000
done
t_done
