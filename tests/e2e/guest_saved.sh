#!/bin/sh
# Saved guests: made once by many, made again after a death, and never needed.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/guest_lib.sh"
need_guest
export HALBSIM_CACHE="$TMP/cache"

# --- killed while it makes one ---
sh -c 'echo $$ >"$1"; exec "$2" guest-exec -- true' - "$TMP/pid" "$BIN/halbsim" &
wait_for test -s "$TMP/pid"
wait_for has_qemu "$(cat "$TMP/pid")"
qemu=$(qemus "$(cat "$TMP/pid")")
kill -9 "$(cat "$TMP/pid")"
t_ok "kill -9 while it boots takes QEMU along" wait_for gone "$qemu"
t_is "and leaves no guest" "$(ls "$TMP/cache" | grep -c state)" 0
: >"$TMP/cache/00000000000000000000000000000000.new"

# --- three want it at once ---
mkdir "$TMP/prog"
printf '#!/bin/sh\necho "one $1"\n' >"$TMP/prog/hello"
chmod 755 "$TMP/prog/hello"
for i in 1 2 3; do
	g --program "$TMP/prog/hello" -- hello $i >"$TMP/out$i" 2>"$TMP/err$i" </dev/null &
done
wait
t_is "three at once" "$(cat "$TMP/out1" "$TMP/out2" "$TMP/out3")" "one 1
one 2
one 3"
t_is "make one guest" "$(ls "$TMP/cache" | grep -c '\.state$')" 1
t_is "half-written files of the dead are gone" "$(ls "$TMP/cache" | grep -c '\.new$')" 0

# --- a program changes ---
printf '#!/bin/sh\necho "two $1"\n' >"$TMP/prog/hello"
t_exit "one of its programs changes" 0 g --program "$TMP/prog/hello" -- hello 4
t_grep "and the changed one runs" '^two 4$' "$TMP/out"
t_is "each has its guest" "$(ls "$TMP/cache" | grep -c '\.state$')" 2

# --- QEMU as it stood still ---
saved() { ls "$TMP/cache" | grep -c "\.$1\$"; }
if [ "$(saved frozen)" = 2 ]; then
	t_exit "QEMU goes on where it was" 0 g --program "$TMP/prog/hello" -- hello 5
	cp "$TMP/out" "$TMP/thawed"
	t_exit "without that it is begun anew" 0 env HALBSIM_FREEZE=no "$BIN/halbsim" \
		guest-exec --program "$TMP/prog/hello" -- hello 5
	t_ok "to the same end" cmp "$TMP/out" "$TMP/thawed"
	for f in "$TMP"/cache/*.frozen; do
		: >"$f"
	done
	t_exit "one that is of no use is made anew" 0 g --program "$TMP/prog/hello" -- hello 6
	t_is "with what belongs to it" "$(find "$TMP/cache" -name '*.frozen' -size +0 | wc -l)" 1
else
	t_skip "QEMU cannot be frozen here (tracing is not permitted)"
fi

# --- a damaged one ---
rm -f "$TMP"/cache/*.frozen
for f in "$TMP"/cache/*.state; do
	head -c 1000 /dev/zero >"$f"
done
t_exit "a damaged guest is an error" 2 g --program "$TMP/prog/hello" -- true
t_grep "that is told" 'could not be restored' "$TMP/err"

# --- nowhere to keep it ---
export HALBSIM_CACHE=/proc/nowhere
t_exit "without a place to keep it, it boots" 3 g -- sh -c 'exit 3'
t_done
