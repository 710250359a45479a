#!/bin/sh
# Each harness of tests/fuzz takes its seeds, what once crashed it and a fixed number
# of inputs made of them, always the same. `make fuzz` goes on for as long as one
# likes.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1

build=$TOP/build/san
RUNS=${RUNS:-4000}

# A seed folder without a harness is one that nobody reads.
for d in tests/fuzz/corpus/*; do
	t_ok "$(basename "$d") has a harness" test -f "tests/fuzz/fuzz_$(basename "$d").c"
done
# A fault in one is told, the rest still run, in order, and it all ends in error.
mkdir "$TMP/fake"
for name in a c; do
	printf '#!/bin/sh\necho %s >>"%s"\necho stat::number_of_executed_units: 7\n' "$name" \
		"$TMP/order" >"$TMP/fake/fuzz_$name"
done
printf '#!/bin/sh\necho b >>"%s"\necho "==1==ERROR: sample"\nexit 77\n' "$TMP/order" \
	>"$TMP/fake/fuzz_b"
chmod +x "$TMP"/fake/fuzz_*
tools/fuzz -r 1 "$TMP/fake" a b c >"$TMP/out" 2>&1
t_is "a fault ends in exit 1" "$?" 1
t_is "harnesses run in order, also after a fault" "$(tr '\n' ' ' <"$TMP/order")" "a b c "
t_ok "the fault is shown" grep -q '^==1==ERROR: sample' "$TMP/out"
t_ok "and which harness it was" grep -q "^b  *FAULT; its input is in $TMP/fake/crash-b-" "$TMP/out"
t_is "the others had none" "$(grep -c '^[ac] .* 7 inputs.*no fault$' "$TMP/out")" 2
tools/fuzz -r 1 "$TMP/fake" a c >"$TMP/out" 2>&1
t_is "without a fault it ends well" "$?" 0
# `make fuzz` goes through all there are.
t_is "make fuzz runs every harness" \
	"$(env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u T -u FUZZ_SECONDS make -n fuzz | tr -d '\\\n' | sed -n 's/.*tools\/fuzz -s 600 [^ ]*//p' | xargs)" \
	"$(for f in tests/fuzz/fuzz_*.c; do basename "$f" .c | sed s/fuzz_//; done | xargs)"

if ! ls "$build"/fuzz_block >/dev/null 2>&1; then
	t_skip "no harness is built: make sanitize"
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
