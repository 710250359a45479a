#!/bin/sh
# Row 30 as clients see it: a site under load whose master reads its file again: as it
# is, with another weight, without one of the servers.
. "$(dirname "$0")/lib.sh"
[ -x "$KEEPALIVED" ] || cannot 'needs keepalived'
mkdir -p "$TMP/cases/reload"
cat >"$TMP/cases/reload/case.conf" <<'CONF'
case reload {
    about "reloads under load"
    topology lvs_dr
    traffic http {
        rate 200/s
        timeout 100ms
    }
    timeline {
        at settled+1s { reload lvs1 }
        at +3s { exec lvs1 -- busybox sed -i "s/weight 1/weight 3/" /etc/keepalived/keepalived.conf }
        at +0.1s { reload lvs1 }
        at +3s { exec lvs1 -- busybox sed -i "/server 192.168.31.150/,/^    }/d" /etc/keepalived/keepalived.conf }
        at +0.1s { reload lvs1 }
        at +3s { end }
    }
    expect {
        no failover
    }
}
CONF
"$BIN/halbsim" run --quiet --engine "$ENGINE" --out "$TMP/r" "$TMP/cases/reload" >&2
status=$?
[ $status != 4 ] || cannot 'no guest here'
[ $status = 0 ] || exit 1
run=$TMP/r/reload/latest

o 30 lost "$(jq '[.traffic[].failed] | add' "$run/report.json")"
# after(KIND): what a node had of that kind once the site was settled
after() {
	jq -rs --arg kind "$1" '(map(select(.type == "settled")) | first.t) as $t |
		map(select(.type == $kind and .t > $t)) | .[] | '"$2" "$run/events.jsonl"
}
o 30 addresses "$(after addr '"\(.node) \(.addr) \(.added)"' | paste -sd ';')"
o 30 masters "$(after vrrp 'select(.delivered | not) | .node' | sort -u | paste -sd ' ')"
after vrrp 'select(.delivered | not) | .t' | awk 'NR > 1 && $1 - last > most { most = $1 - last } { last = $1 }
	END { print most / 1e6 }' | { read -r ms && o 30 silence "$ms"; }
after ipvs '"\(.node) \(.op) \(.dest // .service) \(.weight)"' | sort | paste -sd ';' |
	{ read -r all && o 30 table "$all"; }
