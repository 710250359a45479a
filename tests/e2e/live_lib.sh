# For tests of `halbsim up`: sites that nobody else sees, and who holds them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/guest_lib.sh"
cd "$TOP" || exit 1
need_guest

sim=$BIN/halbsim
XDG_RUNTIME_DIR=$TMP/run
export XDG_RUNTIME_DIR
unset HALBSIM_NAME
mkdir "$XDG_RUNTIME_DIR"

holder() { # SITE: the holder's pid, by what it works in
	for p in /proc/[0-9]*; do
		[ "$(readlink "$p/cwd" 2>/dev/null)" = "$XDG_RUNTIME_DIR/halbsim/$1" ] &&
			[ "$(cat "$p/comm" 2>/dev/null)" = halbsim ] && echo "${p#/proc/}"
	done
}
sees() { # PATTERN FILE
	grep -Eq -- "$1" "$2"
}
