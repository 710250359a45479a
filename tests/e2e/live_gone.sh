#!/bin/sh
# Two sites at once, in the guest: which one is meant; the holder of one is killed, and
# clean takes away what it has left, and nothing else; one that is interrupted while it
# comes up leaves nothing to clean.
. "$(dirname "$0")/live_lib.sh"
trap '"$sim" clean --all >/dev/null 2>&1; t_cleanup' EXIT

t_exit "a site" 0 "$sim" up --quiet lvs_dr
t_exit "a second one, by another name" 0 "$sim" up --quiet --engine keepalived --name other cases/master_down
t_exit "which one?" 64 "$sim" exec lvs1 -- true
t_grep "  says which there are" 'which site\? --name one of: lvs_dr, other' "$TMP/err"
t_exit "by its name" 0 "$sim" exec --name other lvs1 -- pidof keepalived
t_exit "status lists both" 0 "$sim" status
t_is "  a line each" "$(cut -d ' ' -f 1 "$TMP/out" | paste -sd ' ')" "lvs_dr other"
other=$(holder other)
kill -KILL "$other"
t_ok "a killed holder is gone" wait_for gone "$other"
t_exit "and told clearly" 64 "$sim" status other
t_grep "  with what to do" 'site other is gone: .*halbsim clean' "$TMP/err"
t_exit "up of that name" 64 "$sim" up --name other lvs_dr
t_exit "clean -n says what it would do" 0 "$sim" clean -n
t_grep "  remove it" 'would remove .*/other ' "$TMP/out"
t_exit "clean" 0 "$sim" clean
t_grep "  removes it" '^removed .*/other ' "$TMP/out"
t_grep "  and leaves the living one" '^site lvs_dr is up and stays' "$TMP/out"

t_exit "down" 0 "$sim" down
t_is "nothing is left" "$(ls "$XDG_RUNTIME_DIR/halbsim")" ""

# --- interrupted while it comes up ---
"$sim" up lvs_dr >"$TMP/log" 2>&1 </dev/null &
up=$!
t_ok "coming up" wait_for sees 'started|IPVS' "$TMP/log"
kill -INT $up
wait $up
t_is "an interrupted up" $? 130
t_is "  leaves nothing" "$(ls "$XDG_RUNTIME_DIR/halbsim")" ""
t_exit "nothing to clean" 0 "$sim" clean
t_grep "  it says" 'nothing to clean' "$TMP/out"
t_done
