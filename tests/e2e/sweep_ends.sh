#!/bin/sh
# Sweeps that meet with trouble: a guest that dies, a disk that fills up, a value that
# engines do not take. What is finished is kept, the same command goes on, and nothing
# that was met shows in the tables. Two engines, random phases, kept run folders; a
# trial that began before its fault is its replay from the beginning, byte for byte.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1
sim=$BIN/halbsim
quick_case master_down

sweep() { # OUT OPTION...
	out=$1
	shift
	"$sim" sweep "$TMP/cases/master_down" --quiet --phase '2 random' --out "$out" "$@"
}

t_exit "two engines, random phases, folders kept" 0 sweep "$TMP/a" \
	--engine halbd,keepalived --keep -j 2
t_is "a trial for each" "$(wc -l <"$TMP/a/table.jsonl")" 4
t_is "both engines" "$(cut -d, -f2 "$TMP/a/table.csv" | sort | uniq -c | tr -s ' \n' ' ')" \
	" 1 engine 2 halbd 2 keepalived "
phases() { # ENGINE
	awk -F, -v e="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "phase_ns") at = i }
		$2 == e { print $at }' "$TMP/a/table.csv"
}
t_is "at the same phases" "$(phases halbd)" "$(phases keepalived)"
t_ok "within an advert's interval" test "$(phases halbd | sort -n | tail -n 1)" -lt 1000000000
for n in 1 3; do
	t_exit "trial $n again, from its beginning" 0 "$sim" replay \
		"$TMP/a/runs/$n/master_down/latest"
	t_grep "the same events" 'equal +events.jsonl' "$TMP/out"
	t_grep "the same report" 'equal +report.json' "$TMP/out"
	t_grep "the same log of lvs2" 'equal +logs/lvs2.log' "$TMP/out"
done

# --- a guest that dies: not a result, and what is finished stays ---
cat >"$TMP/qemu" <<SH
#!/bin/sh
[ ! -e "$TMP/die" ] || exit 1
exec ${HALBSIM_QEMU:-qemu-system-x86_64} "\$@"
SH
chmod 755 "$TMP/qemu"
HALBSIM_QEMU=$TMP/qemu
HALBSIM_FREEZE=no # so that it is asked each time
export HALBSIM_QEMU HALBSIM_FREEZE
t_exit "half of it" 0 sweep "$TMP/b" --shard 1/2
: >"$TMP/die"
t_exit "the guest does not start" 2 sweep "$TMP/b"
t_grep "which trial" 'trial 1 did not come to a result; the others are kept' "$TMP/err"
t_is "the finished ones are there" "$(ls "$TMP/b/trials" | paste -sd ' ')" "0.json"
rm "$TMP/die"
t_exit "gone on with" 0 sweep "$TMP/b"
head -n 2 "$TMP/a/table.jsonl" >"$TMP/halbd"
t_ok "as if nothing had been" cmp "$TMP/halbd" "$TMP/b/table.jsonl"
unset HALBSIM_QEMU HALBSIM_FREEZE

# --- a full disk ---
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	cat >"$TMP/full.sh" <<'SH'
# SIM DIR RESULT: a sweep of $CASE onto a small disk, filled after half of it
mount -t tmpfs -o size=4m none "$2" || exit 99
run() {
	"$1" sweep "$CASE" --quiet --phase '2 random' --out "$2/c" $3
}
run "$1" "$2" "--shard 1/2" || exit 98
dd if=/dev/zero of="$2/filler" bs=4k 2>/dev/null
run "$1" "$2" "" 2>"$3/err"
echo $? >"$3/status"
ls "$2/c/trials" | grep -v new >"$3/trials"
rm "$2/filler"
run "$1" "$2" "" || exit 97
cp "$2/c/table.jsonl" "$3/table.jsonl"
SH
	mkdir "$TMP/disk" "$TMP/full"
	t_exit "a disk fills up" 0 env CASE="$TMP/cases/master_down" unshare -m sh "$TMP/full.sh" "$sim" "$TMP/disk" "$TMP/full"
	t_is "the sweep ends in an error" "$(cat "$TMP/full/status")" 70
	t_grep "that says why" 'No space left on device' "$TMP/full/err"
	t_is "the finished ones are there" "$(paste -sd ' ' "$TMP/full/trials")" "0.json"
	t_ok "with room again it goes on" cmp "$TMP/halbd" "$TMP/full/table.jsonl"
else
	t_skip "a full disk needs root and a mount namespace"
fi

# --- a value that engines do not take; told before anything is started ---
HALBSIM_QEMU=/nowhere
export HALBSIM_QEMU
sweep "$TMP/d" --set advert_int=900 >"$TMP/out" 2>"$TMP/err"
t_grep "which value, and where" 'advert_int=900: warning: lvs1/keepalived.conf:[0-9]+:.*900' \
	"$TMP/err"
t_is "once for each file" "$(grep -c "must be 0.01 to 255" "$TMP/err")" 2
sweep "$TMP/e" --set advert_int=2 >"$TMP/out" 2>"$TMP/err"
t_is "nothing of a good one" "$(grep -c warning "$TMP/err")" 0
t_done
