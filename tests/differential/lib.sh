# Helpers of the differential suite's scripts; sourced by each on the host.
#
# A script tests/differential/NN_name.sh is run once for each engine, by
# tests/differential/run:
#
#	NN_name.sh keepalived|halbd
#
# and writes what it saw to stdout, a line each (o, below); all else goes to stderr.
# Exit code 0, whatever was seen; 4 and a reason on stderr where it cannot run here;
# any other fails the suite. NN_name.conf beside it has the rules (rules.h). It sees
# $TOP (the source tree), $BIN (the programs), $TMP (its own folder, which is removed
# afterwards), $ENGINE (its argument), $KEEPALIVED (the program).

set -u
ENGINE=${1:?}
KEEPALIVED=$(PATH=$PATH:/usr/sbin:/sbin command -v keepalived || echo /usr/sbin/keepalived)

# o ROW OBSERVABLE[/KEY] VALUE
o() {
	printf '%s\t%s\t%s\n' "$1" "$2" "$3"
}

# cannot REASON: ends the script as one that cannot run here.
cannot() {
	echo "$*" >&2
	exit 4
}

# in_guest SCRIPT [OPTION...]: runs $TMP/in/SCRIPT in the virtual-time guest with
# ENGINE=/path/of/the/engine (each engine's processes, and nothing else, are called
# so); what it leaves in /out is then in $TMP/out. Options go to `halbsim guest-exec`
# (--program FILE ...). The guest's instructions are what a row costs, not the time that
# passes in it: a process started takes a million and more, so scripts of engines are
# /in/told (tests/tools/told.c), and pause.sh has what needs none.
in_guest() {
	d_script=$1
	shift
	[ -x "$KEEPALIVED" ] || cannot 'needs keepalived'
	mkdir -p "$TMP/in" "$TMP/out"
	cp "$BIN/halbd" "$BIN/told" "$TOP/tests/differential/pause.sh" "$TMP/in/" || exit 1
	case $ENGINE in
	keepalived) d_engine=$KEEPALIVED ;;
	*) d_engine=/in/halbd ;;
	esac
	"$BIN/halbsim" guest-exec "$@" --in "$TMP/in" --out "$TMP/out" -- \
		env ENGINE="$d_engine" NAME="$ENGINE" KEEPALIVED="$KEEPALIVED" \
		bash "/in/$d_script" >"$TMP/console" 2>&1 </dev/null
	d_status=$?
	[ $d_status != 4 ] || cannot "$(head -n 1 "$TMP/console")"
	if [ $d_status != 0 ]; then
		echo "$d_script in the guest: exit code $d_status" >&2
		tail -n 30 "$TMP/console" "$TMP/out/err" >&2
		exit 1
	fi
}
