# Helpers for the end-to-end tests: TAP on stdout, everything else on stderr.
#
# A test is an executable tests/e2e/NAME.sh that sources this file, calls
# t_ok/t_is/t_grep/t_skip for each thing it checks and ends with t_done.
# $TOP is the source tree, $BIN where the programs are, $TMP a private folder
# that is removed at the end (kept with KEEP=1).

set -u

TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BIN=${BIN:-$TOP/build}
TMP=$(mktemp -d "${TMPDIR:-/tmp}/halbsim-test.XXXXXX") || exit 1
t_count=0
t_failed=0

t_cleanup() {
	if [ "${KEEP:-}" = 1 ]; then
		echo "# kept $TMP" >&2
	else
		rm -rf "$TMP"
	fi
}
trap t_cleanup EXIT
trap 'exit 130' INT TERM

t_pass() {
	t_count=$((t_count + 1))
	echo "ok $t_count - $*"
}

t_fail() {
	t_count=$((t_count + 1))
	t_failed=$((t_failed + 1))
	echo "not ok $t_count - $*"
}

# t_skip REASON...: one check that cannot be made here; never counts as passed.
t_skip() {
	t_count=$((t_count + 1))
	echo "ok $t_count - # SKIP $*"
}

# quick_case NAME...: copies of cases in $TMP/cases whose clients ask 25 times a second,
# for tests that are not about clients. (Every 40 ms is within what the cases expect.)
quick_case() {
	mkdir -p "$TMP/cases"
	for t_case; do
		cp -r "$TOP/cases/$t_case" "$TMP/cases/"
		sed -i 's|rate [0-9]*/s|rate 25/s|' "$TMP/cases/$t_case/case.conf"
	done
}

# t_ok DESCRIPTION COMMAND...: the command must succeed.
t_ok() {
	t_what=$1
	shift
	if "$@" >"$TMP/.out" 2>&1; then
		t_pass "$t_what"
	else
		t_fail "$t_what (exit $?: $*)"
		sed 's/^/# /' "$TMP/.out"
	fi
}

# t_is DESCRIPTION ACTUAL EXPECTED: equal strings.
t_is() {
	if [ "$2" = "$3" ]; then
		t_pass "$1"
	else
		t_fail "$1"
		printf '# expected: %s\n# actual:   %s\n' "$3" "$2"
	fi
}

# t_exit DESCRIPTION CODE COMMAND...: the exit code; output in $TMP/out, $TMP/err.
t_exit() {
	t_what=$1
	t_want=$2
	shift 2
	"$@" >"$TMP/out" 2>"$TMP/err" </dev/null
	t_got=$?
	t_is "$t_what" "$t_got" "$t_want"
	if [ "$t_got" != "$t_want" ]; then
		sed 's/^/# /' "$TMP/out" "$TMP/err" | tail -n 30
	fi
}

# t_grep DESCRIPTION PATTERN FILE: an extended regular expression is found.
t_grep() {
	if grep -Eq -- "$2" "$3"; then
		t_pass "$1"
	else
		t_fail "$1 (no match for $2)"
		sed 's/^/# /' "$3" | tail -n 20
	fi
}

t_done() {
	echo "1..$t_count"
	[ "$t_failed" = 0 ]
	exit
}
