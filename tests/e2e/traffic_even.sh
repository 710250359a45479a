#!/bin/sh
# What the client and the backends do besides requests (opening and closing sockets) is in
# the latency of none: in virtual time, where nothing else is, they all take as long.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/guest_lib.sh"
need_guest
cd "$TOP" || exit 1
mkdir -p "$TMP/site/cases/even"
ln -s "$TOP/topologies" "$TMP/site/topologies"

# rate RATE: a steady site, as many requests a second
rate() {
	cat >"$TMP/site/cases/even/case.conf" <<-CASE
		case even {
		    about "nothing happens"
		    topology lvs_dr
		    traffic http {
		        rate $1/s
		    }
		    timeline {
		        at settled+3s { end }
		    }
		    expect {
		        failed http == 0
		    }
		}
	CASE
	"$BIN/halbsim" run --quiet --engine halbd --out "$TMP/$1" "$TMP/site/cases/even" \
		>/dev/null
	t_is "$1 requests a second: held" $? 0
	jq -c '.traffic[0] | [.ok, .failed, .latency]' "$TMP/$1"/even/latest/report.json >"$TMP/got"
	sed 's/^/# /' "$TMP/got"
	# the first was due before the site had settled
	t_ok "$1 requests a second: all are answered" \
		jq -e ".[0] >= $1 * 3 - 1 and .[1] == 0" "$TMP/got"
	t_ok "$1 requests a second: 99 of 100 take at most a quarter longer than half of them" \
		jq -e '.[2].p99_ns <= .[2].p50_ns * 1.25' "$TMP/got"
}
rate 100
rate 1000
t_done
