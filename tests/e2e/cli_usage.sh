#!/bin/sh
# Wrong usage: exit 64, one message that names what was probably meant, nothing
# started. Help and version: exit 0, on stdout.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1
H=$BIN/halbsim

t_exit "no verb" 64 "$H"
t_exit "--version" 0 "$H" --version
t_grep "  names itself" '^halbsim [0-9]+\.[0-9]+' "$TMP/out"
t_exit "--help" 0 "$H" --help
t_grep "  has the exit codes" '^  64  wrong usage' "$TMP/out"

for v in run check list diff report replay clean doctor; do
	t_exit "$v --help" 0 "$H" $v --help
	t_grep "  is a usage text" "^usage: halbsim $v" "$TMP/out"
	t_exit "help $v" 0 "$H" help $v
	t_exit "$v with an unknown option" 64 "$H" $v --nonsense
	t_grep "  says which" "halbsim $v: unknown option '--nonsense'" "$TMP/err"
	t_is "  and nothing on stdout" "$(wc -c <"$TMP/out" | tr -d ' ')" 0
done

t_exit "a verb with a slip" 64 "$H" chekc
t_grep "  nearest verb" "unknown verb 'chekc' \(did you mean 'check'\?\)" "$TMP/err"
t_exit "an option with a slip" 64 "$H" run --sed 3 cases/master_down
t_grep "  nearest option" "unknown option '--sed' \(did you mean '--seed'\?\)" "$TMP/err"
t_exit "the beginning of an option is not the option" 64 "$H" run --see 3 x
t_exit "a value that is no number" 64 "$H" run --seed x cases/master_down
t_grep "  range and input" "\-\-seed takes a number from 0 to [0-9]+, got 'x'" "$TMP/err"
t_exit "a negative number" 64 "$H" run --seed -1 cases/master_down
t_exit "a value that is missing" 64 "$H" run cases/master_down --seed
t_exit "a choice with a slip" 64 "$H" run --engine halb cases/master_down
t_grep "  nearest choice" "did you mean 'halbd'" "$TMP/err"
t_exit "an unknown letter" 64 "$H" run -Z cases/master_down
t_grep "  named" "unknown option '-Z'" "$TMP/err"
t_exit "run without a case" 64 "$H" run
t_exit "diff with one run" 64 "$H" diff a
t_exit "replay without a run" 64 "$H" replay
t_exit "list with a word" 64 "$H" list x

t_exit "the environment counts" 64 env HALBSIM_ENGINE=nothing "$H" run cases/master_down
t_grep "  and is named" "HALBSIM_ENGINE is one of" "$TMP/err"
t_exit "a flag by the environment" 64 env HALBSIM_QUIET=perhaps "$H" run cases/master_down
t_grep "  is 1 or 0" "HALBSIM_QUIET is 1 or 0, got 'perhaps'" "$TMP/err"

t_exit "a case that is not there" 64 "$H" run cases/nowhere
t_exit "a run that is not there" 64 "$H" report nowhere
t_grep "  named" "nowhere: no such run" "$TMP/err"
mkdir "$TMP/empty"
t_exit "a folder that is no run" 64 "$H" report "$TMP/empty"
t_grep "  named" "not a run's folder" "$TMP/err"
t_done
