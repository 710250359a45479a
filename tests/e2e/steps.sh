#!/bin/sh
# Steps that wait for events and steps that repeat, faults of one protocol, a slow
# node, and expectations about the wire, tables, logs and shares; all in the guest.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/guest_lib.sh"
need_guest
cd "$TOP" || exit 1
H=$BIN/halbsim
mkdir -p "$TMP/site/cases"
ln -s "$TOP/topologies" "$TMP/site/topologies"

# put NAME: the timeline and the expectations on stdin
put() {
	mkdir "$TMP/site/cases/$1"
	{
		printf 'case %s {\n    about "a case for this test"\n    topology lvs_dr\n' "$1"
		printf '    traffic http {\n        rate 50/s\n        timeout 100ms\n    }\n'
		cat
		echo '}'
	} >"$TMP/site/cases/$1/case.conf"
}
# is NAME ENGINE VERDICT: its report is $TMP/text then
is() {
	dir=$(ls -d "$TMP/reports/$1"/*-"$2" 2>/dev/null | head -n 1)
	tr '\n' ' ' <"${dir:-/nonexistent}/report.txt" | tr -s ' ' >"$TMP/flat"
	cp "$dir/report.txt" "$TMP/text"
	verdict=$(jq -r .verdict "$dir/report.json" 2>/dev/null)
	t_is "$1, with $2" "$verdict" "$3"
	[ "$verdict" = "$3" ] || sed 's/^/# /' "$TMP/text"
}

put events <<'CASE'
    timeline {
        at settled+2s { drop lvs1 out vrrp }
        when lvs2 becomes master within 5s { heal lvs1 }
        when lvs2 becomes backup within 3s { drop web1 in tcp 80 }
        when lvs1 removes web1 within 40s { heal web1 }
        when ipvs lvs1 "TCP 192.168.31.200:80" has 192.168.31.113:80 within 20s {
            wait 1s
            flap client 2 times every 400ms
        }
        when traffic http recovers within 2s {
            wait 500ms
            repeat 2 every 300ms { reload lvs2 }
        }
        at +1s { end }
    }
    expect {
        vip 192.168.31.200 on lvs2 within 3.7s of drop lvs1
        vip 192.168.31.200 on lvs2 within 50ms of when lvs2 becomes master
        master lvs1 at end
        fair http <= 1 before drop lvs1
        fair http web1 web2 >= 10 after drop web1
        packets lvs1 vrrp >= 5
        packets client tcp >= 100 before drop lvs1
        packets lan udp == 0
        adverts lvs2 priority 100 >= 1
        advert_priority lvs1 == 101
        advert_interval lvs1 max <= 1.05s
        log lvs2 "-> MASTER|Entering MASTER STATE" == 1
        log lvs1 "-> FAULT|Entering FAULT STATE" absent
        ipvs lvs1 table before drop web1
        always one_master
        always vip_answered_by_master before drop lvs1
    }
CASE
# a table takes its lines in braces
sed -i 's/^        ipvs lvs1 table before drop web1$/        always ipvs lvs1 table before drop web1 {\
            TCP 192.168.31.200:80 rr\
            -> 192.168.31.113:80 Route 1\
            -> 192.168.31.150:80 Route 1\
        }\
        ipvs lvs1 table within 40s of drop web1 {\
            TCP 192.168.31.200:80 rr\
            -> 192.168.31.150:80 Route 1\
        }/' "$TMP/site/cases/events/case.conf"
put never <<'CASE'
    timeline {
        at settled+1s { drop client out udp 99 }
        when lvs2 becomes master within 1500ms { crash lvs1 }
        at +1s { end }
    }
    expect { always one_master }
CASE
put slow <<'CASE'
    timeline {
        at settled+1500ms { cpu lvs1 5% }
        at +6s { cpu lvs1 100% }
        at +1s { cpu web1 20% }
        at +1s { cpu web1 100% }
        at +1s { end }
    }
    expect {
        advert_interval lvs1 max >= 1.02s between 0s and 6s of cpu lvs1 5%
        advert_interval lvs1 max <= 1.001s after 10ms of cpu lvs1 100%
        always one_master
        latency http max >= 40ms between 0s and 1s of cpu web1 20%
        latency http max <= 1ms after 100ms of cpu web1 100%
        failed http == 0
    }
CASE
# An expectation that does not hold says what decides it.
put wrong <<'CASE'
    timeline {
        at settled+1s { kill web1 }
        at +1s { end }
    }
    expect {
        packets client tcp <= 3
        advert_priority lvs1 == 100
        ipvs lvs1 table at end { TCP 192.168.31.200:80 wrr
        }
    }
CASE
"$H" run --quiet -j2 --engine both --out "$TMP/reports" "$TMP/site/cases/events" \
	>/dev/null 2>&1 </dev/null
t_exit "the worst of them" 1 "$H" run --quiet -j2 --out "$TMP/reports" \
	"$TMP/site/cases/never" "$TMP/site/cases/slow" "$TMP/site/cases/wrong"

for engine in halbd keepalived; do
	is events $engine held
	t_grep "  what was awaited is in the story" 'when lvs2 becomes master within 5s$' "$TMP/text"
	t_is "  each link_down of the flap" "$(grep -c '^link_down client at' "$TMP/text")" 2
	t_is "  each reload" "$(grep -c '^reload lvs2 at' "$TMP/text")" 2
	t_grep "  one protocol was held back" '1 filters on the switch hold VRRP back' "$TMP/text"
	t_grep "  of one port" 'hold TCP port 80 back' "$TMP/text"
done

is never halbd inconclusive
t_grep "  an event that does not come is told" \
	"'when lvs2 becomes master within 1500ms' did not come: not seen within 1.5 s" "$TMP/flat"
t_grep "  so is a fault that met nothing" \
	"'drop client out udp 99' had no effect: no frame that it holds back came by" "$TMP/flat"
t_is "  and what follows it is not done" "$(grep -c 'crash lvs1 at' "$TMP/text")" 0

is slow halbd held
t_grep "  its timers are late" 'nothing ran in lvs1 for [0-9.]+ ms: timers are as late' "$TMP/text"
t_grep "  until it is none" 'no limit, and nothing keeps it busy' "$TMP/text"

is wrong halbd failed
t_grep "  a count" '^ +actual +[0-9]+$' "$TMP/text"
t_grep "  its moment" 'the first by client' "$TMP/text"
t_grep "  a priority" 'lvs1 advertises 101' "$TMP/text"
t_grep "  a table" 'lacks TCP 192.168.31.200:80 wrr' "$TMP/text"
# What a dead run left of a slow node is found, what lives is not touched.
cat >"$TMP/site/groups" <<'TEXT'
cd /sys/fs/cgroup || exit 1
mkdir halbsim.dead.lvs1 halbsim.live.lvs1 other
sleep 100 &
echo $! >halbsim.live.lvs1/cgroup.procs
halbsim clean
ls -d halbsim.* other
TEXT
g --in "$TMP/site" -- sh /in/groups >"$TMP/groups" 2>&1 </dev/null
t_is "clean removes groups that nobody is in" "$(tr '\n' ' ' <"$TMP/groups")" \
	"removed /sys/fs/cgroup/halbsim.dead.lvs1 (nobody is in it) halbsim.live.lvs1 other "
t_done
