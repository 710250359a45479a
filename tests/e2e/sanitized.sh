#!/bin/sh
# halbsim, halbd and halbweb built with ASan and UBSan run cases in the guest;
# their logs are free of findings.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1

san=$TOP/build/san
if [ ! -x "$san/halbsim" ]; then
	t_skip "no instrumented build: make sanitize"
	t_done
fi
cases="master_down master_back web_back lab_verbatim master_down_nat"
# shellcheck disable=SC2086
quick_case $cases
for case in $cases; do
	t_exit "$case, instrumented" 0 "$san/halbsim" run --quiet --out "$TMP/reports" "$TMP/cases/$case"
done
found=$(grep -rlE 'AddressSanitizer|LeakSanitizer|runtime error' "$TMP/reports" "$TMP/err")
t_is "no finding" "$found" ""
[ -z "$found" ] || grep -rhE -A8 'Sanitizer|runtime error' $found | head -n 60 | sed 's/^/# /'
t_done
