#!/bin/sh
# Checks that all time out together delay no VRRP advert: 2,000 of silent servers, in the
# guest, as `make bench-engine` does it with 10,000.
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/e2e/guest_lib.sh"
cd "$TOP" || exit 1
for p in keepalived tcpdump; do
	if ! command -v $p >/dev/null; then
		t_skip "$p is not installed"
		t_done
	fi
done
need_guest
t_exit "halbd with 2,000 checks that time out" 0 \
	env ENGINES=halbd BENCH_LATE=2000 tests/bench/engine_lvs.sh late
set -- $(sed -n 's/^halbd //p' "$TMP/out")
t_ok "adverts were seen, before, meanwhile and after (${1:-0})" [ "${1:-0}" -ge 1000 ]
t_ok "none was 1 ms from its due time (${2:-?} us at most)" [ "${2:-9999}" -lt 1000 ]
t_done
