#!/bin/sh
# tests/run: several tests at a time change neither the report's order nor its
# totals; what counts as failed; nothing is left of what it is made to end.
. "$(dirname "$0")/lib.sh"
cd "$TMP" || exit 1

# fake NAME LINE...: a test of that name, to run in $TMP.
fake() {
	fake_name=$1
	shift
	{
		echo '#!/bin/sh'
		printf '%s\n' "$@"
	} >"$TMP/$fake_name"
	chmod 755 "$TMP/$fake_name"
}
# Those that come first on the command line end last.
fake first 'until [ -e second.done ]; do sleep 0.05; done' 'echo "ok 1 - a"' 'echo "ok 2 - b"'
fake second 'echo "ok 1 - a"' 'echo "ok 2 - # SKIP no moon"' ': >second.done'
fake bad 'echo "ok 1 - a"' 'echo "not ok 2 - b"' 'exit 1'
fake odd 'echo "ok 1 - a"' 'exit 3'
fake none 'exit 0'
fake unit 'echo "[==========] Running 3 test(s)."' 'echo "[  PASSED  ] 3 test(s)."'

t_exit "all is well" 0 "$TOP/tests/run" -j 2 -l logs ./first ./second ./unit
t_is "in the order of the command line" "$(awk '/^ok/ { print $2 }' out | paste -sd ' ')" \
	"first second unit"
t_grep "with what was skipped" 'SKIP no moon' out
t_is "and totals at the end" "$(tail -n 1 out)" "6 passed, 0 failed, 1 skipped"

t_exit "something failed" 1 "$TOP/tests/run" -j 3 -l logs ./bad ./odd ./none ./unit
t_grep "with its lines" 'not ok 2 - b' out
t_grep "good results and a bad end" 'ended with status 3' out
t_grep "no result" 'none .*no result' out
t_grep "all of them once more" '^failed: bad odd none$' out
t_is "and counted" "$(tail -n 1 out)" "5 passed, 3 failed, 0 skipped"
t_exit "no number" 64 "$TOP/tests/run" -j x ./unit

# A name that is run alone: the other has not begun, or has ended, though there is room.
fake leftovers.sh 'sleep 0.5; if [ ! -e slow.begun ] || [ -e slow.done ]; then' \
	'echo "ok 1 - alone"; fi'
fake slow ': >slow.begun' 'sleep 2' 'echo "ok 1 - a"' ': >slow.done'
t_exit "those that must be alone are" 0 "$TOP/tests/run" -j 4 -l logs ./slow ./leftovers.sh

fake forever 'echo $$ >forever.pid' 'sleep 100000 & echo $! >child.part' 'mv child.part child.pid' 'wait'
"$TOP/tests/run" -j 2 -l logs ./forever ./unit >out 2>err &
pid=$!
until [ -s child.pid ]; do sleep 0.05; done
kill -TERM $pid
wait $pid
t_is "made to end" $? 130
gone() {
	for p in "$@"; do
		[ ! -e "/proc/$p" ] || grep -q '^State:.Z' "/proc/$p/status" || return 1
	done
}
n=0
until gone "$(cat forever.pid)" "$(cat child.pid)" || [ $n -ge 1200 ]; do
	sleep 0.05
	n=$((n + 1))
done
t_ok "nothing is left" gone "$(cat forever.pid)" "$(cat child.pid)"
t_done
