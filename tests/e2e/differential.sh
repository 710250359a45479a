#!/bin/bash
# The thirty behaviours of `make differential`: halbd beside keepalived 2.2.7, each
# observable a check.
. "$(dirname "$0")/lib.sh"

"$TOP/tests/differential/run" -t "$@" >"$TMP/tap" 2>"$TMP/err"
status=$?
if [ $status = 4 ]; then
	t_skip "$(head -n 1 "$TMP/err")"
	t_done
fi
sed 's/^/# /' "$TMP/err"
cat "$TMP/tap"
t_count=$(grep -Ec '^(not )?ok ' "$TMP/tap")
t_is 'the suite ends well' "$status" 0
[ $# != 0 ] || t_is 'all thirty have rules' "$(sed -n 's/^row \([0-9]*\) .*/\1/p' \
	"$TOP"/tests/differential/*.conf | sort -n | head -n 30 | tr '\n' ' ')" "$(seq 30 | tr '\n' ' ')"
t_done
