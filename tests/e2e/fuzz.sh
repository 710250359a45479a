#!/bin/sh
# Each harness of tests/fuzz takes its seeds, what once crashed it and a fixed number
# of inputs made of them, always the same. `make fuzz` goes on for as long as one
# likes.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1

build=$TOP/build/fuzz
RUNS=${RUNS:-4000}

# A seed folder without a harness is one that nobody reads.
for d in tests/fuzz/corpus/*; do
	t_ok "$(basename "$d") has a harness" test -f "tests/fuzz/fuzz_$(basename "$d").c"
done
if ! ls "$build"/fuzz_* >/dev/null 2>&1; then
	t_skip "no harness is built: make fuzz-build"
	t_done
fi
for f in tests/fuzz/fuzz_*.c; do
	name=$(basename "$f" .c)
	name=${name#fuzz_}
	if tools/fuzz -r "$RUNS" "$build" "$name" >"$TMP/out" 2>&1; then
		t_pass "$(sed 's/  */ /g' "$TMP/out")"
	else
		t_fail "$name"
		sed 's/^/# /' "$TMP/out"
	fi
done
t_done
