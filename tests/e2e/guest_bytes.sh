#!/bin/sh
# Equal seed, equal bytes: restored, booted, saved anew, and beside other work.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/guest_lib.sh"
need_guest

# Clock to the nanosecond around sleeps, forks and TCP; random bytes; an hour of
# quiet. Whatever the guest's clock or random numbers depend on shows up here.
cat >"$TMP/probe" <<'TEXT'
now() { sed -n 's/^now at \([0-9]*\) nsecs$/\1/p' /proc/timer_list; }
now
head -c 16 /dev/urandom | od -An -tx1
i=0
while [ $i -lt 80 ]; do
	i=$((i + 1))
	usleep $((i * 7919 % 20000))
	now
done
sh -c 'while :; do echo x | nc -l -p 80 >/dev/null; done' &
sleep 1
for i in 1 2 3 4 5 6 7 8 9 10; do
	echo y | nc 127.0.0.1 80 >/dev/null
	now
	sleep 0.1
done
kill $!
sleep 3600
now
TEXT
mkdir "$TMP/in"
cp "$TMP/probe" "$TMP/in/probe"

probe() {
	name=$1
	shift
	g --in "$TMP/in" "$@" -- sh /in/probe >"$TMP/$name" 2>"$TMP/$name.err" </dev/null
}

same() {
	if cmp -s "$TMP/first" "$TMP/$1"; then
		t_pass "$2"
	else
		t_fail "$2"
		diff "$TMP/first" "$TMP/$1" | head -n 10 | sed 's/^/# /'
		sed 's/^/# /' "$TMP/$1.err"
	fi
}

t_ok "a run" probe first
t_is "it went through to its end" "$(wc -l <"$TMP/first")" 93
probe second
same second "the same bytes again"
probe cold --cold
same cold "the same bytes from a boot of its own"

# Twice as many at once as there are processors, so that they get in each
# other's way.
n=$(($(nproc) * 2))
pids=
i=0
while [ $i -lt $n ]; do
	i=$((i + 1))
	probe "busy$i" &
	pids="$pids $!"
done
# shellcheck disable=SC2086
wait $pids
i=0
while [ $i -lt $n ]; do
	i=$((i + 1))
	same "busy$i" "the same bytes with $n at once ($i)"
done

HALBSIM_CACHE=$TMP/cache probe anew
same anew "the same bytes from a guest that was saved again"

probe other --seed 2
t_ok "another seed goes through, too" test "$(wc -l <"$TMP/other")" = 93
if [ "$(sed -n 2p "$TMP/other")" != "$(sed -n 2p "$TMP/first")" ]; then
	t_pass "another seed gives other random bytes"
else
	t_fail "another seed gives other random bytes"
fi
t_done
