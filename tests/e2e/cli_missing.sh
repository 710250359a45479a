#!/bin/sh
# What is missing is skipped with exit 4, and the command that gets it is named;
# a skip is never a pass.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1
H=$BIN/halbsim

t_exit "a kernel that is not there" 4 "$H" run --out "$TMP/r" --kernel "$TMP/none" cases/master_down
t_grep "  is named" "$TMP/none" "$TMP/err"
t_is "  no run folder is left" "$(find "$TMP/r" -name run.json 2>/dev/null)" ""

# A copy without its neighbours, in a PATH without the programs.
mkdir "$TMP/bin"
cp "$H" "$TMP/bin/halbsim"
t_exit "no halbd" 4 env PATH="$TMP" "$TMP/bin/halbsim" run --out "$TMP/r" cases/master_down
t_grep "  how to get it" "halbd is missing; this gets it: make" "$TMP/err"

if [ "$(id -u)" = 0 ] && grep -q ip_vs /proc/modules 2>/dev/null; then
	t_skip "real time is possible here"
else
	t_exit "real time without root or IPVS" 4 "$H" run --time real --out "$TMP/r" cases/master_down
	t_grep "  says what is missing" "root|IPVS|namespaces" "$TMP/err"
fi
t_exit "several runs, all skipped" 4 "$H" run --engine both --kernel "$TMP/none" --out "$TMP/r" \
	cases/master_down cases/master_stop
t_done
