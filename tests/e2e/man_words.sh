#!/bin/sh
# halbsim.case(5) and halbsim.topology(5) against what the reader accepts: every word
# has its place there, every fault and kind of traffic its own section, no word is
# there that the reader does not know, and every example is taken.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1
H=$BIN/halbsim
CASE=man/halbsim.case.5
TOPO=man/halbsim.topology.5

t_exit "the words" 0 "$H" check --words
sort -u "$TMP/out" >"$TMP/words"
t_ok "  there are many" test "$(wc -l <"$TMP/words")" -gt 80
t_exit "and no file beside them" 64 "$H" check --words cases/master_down

# page FILE: kind, section and words of each line, without what is font alone.
# Kinds: tag (of a .TP or .TQ), sub (.SS), text.
page() {
	awk '
	function bare(s) {
		gsub(/\\f[BIRP]/, "", s); gsub(/\\-/, "-", s); gsub(/\\\(mu/, "x", s)
		sub(/^\.(BI|BR|IR|RI|RB|IB|B|I|SS|SH) */, "", s)
		gsub(/"/, "", s); gsub(/[|,\[\]+:]/, " ", s)
		return " " s " "
	}
	/^\.SH/ { sh = bare($0); sub(/^ */, "", sh); sub(/ *$/, "", sh); next }
	/^\.EX/ { skip = 1 } /^\.EE/ { skip = 0; next } skip { next }
	/^\.SS/ { print "sub\t" sh "\t" bare($0); next }
	/^\.T[PQ]/ { tag = 1; next }
	/^\.[PS]/ && !/^\.SS/ { next }
	{ print (tag ? "tag" : "text") "\t" sh "\t" bare($0); tag = 0 }
	' "$1"
}
page "$CASE" >"$TMP/case.page"
page "$TOPO" >"$TMP/topo.page"

# has KIND SECTION WORD PAGE
has() {
	awk -F '\t' -v kind="$1" -v sh="$2" -v word=" $3 " \
		'(kind == "any" || $1 == kind) && $2 == sh && index($3, word) { f = 1 }
		END { exit !f }' "$4"
}

missing=
while IFS="$(printf '\t')" read -r section word usage; do
	case $section in
	case | settle) set -- tag "THE CASE" "$TMP/case.page" ;;
	node) set -- tag "CHANGES OF A NODE" "$TMP/case.page" ;;
	traffic) set -- tag TRAFFIC "$TMP/case.page" ;;
	timeline | step) set -- tag "THE TIMELINE" "$TMP/case.page" ;;
	event) set -- tag EVENTS "$TMP/case.page" ;;
	expect | window) set -- any EXPECTATIONS "$TMP/case.page" ;;
	base) set -- any EXPECTATIONS "$TMP/case.page" ;;
	protocol) set -- any FAULTS "$TMP/case.page" ;;
	topology) set -- tag "THE TOPOLOGY" "$TMP/topo.page" ;;
	"topology node") set -- tag "A NODE" "$TMP/topo.page" ;;
	fault)
		# as it is written in the messages, to the letter
		grep -Fqx ".SS $(printf %s "$usage" | sed 's/-/\\-/g')" "$CASE" ||
			missing="$missing; $usage"
		continue
		;;
	"traffic kind")
		grep -Fqx ".SS traffic $word" "$CASE" || missing="$missing; traffic $word"
		continue
		;;
	*) missing="$missing; section $section" && continue ;;
	esac
	has "$1" "$2" "$word" "$3" || missing="$missing; $section $word"
done <"$TMP/words"
t_is "every word is in the pages" "$missing" ""

# What a line begins with, in bold, is a word of the reader's.
cut -f 2 "$TMP/words" | sort -u >"$TMP/known"
unknown=
for word in $(awk -F '\t' '$1 == "tag" || ($1 == "sub" && $2 == "FAULTS") {
		split($3, w, " "); print w[1] }' "$TMP/case.page" "$TMP/topo.page" |
	grep '^[a-z]' | sort -u); do
	grep -Fqx "$word" "$TMP/known" || unknown="$unknown $word"
done
t_is "and no other" "$unknown" ""

# --- the examples ---

mkdir -p "$TMP/ex" "$TMP/site/cases"
ln -s "$TOP/topologies" "$TMP/site/topologies"
cat "$CASE" "$TOPO" | awk -v dir="$TMP/ex" '
	/^\.EX/ { n++; file = sprintf("%s/%03d", dir, n); next }
	/^\.EE/ { close(file); file = ""; next }
	file { gsub(/\\-/, "-"); gsub(/\\\\/, "\\"); print > file }'
t_ok "there are examples" test "$(ls "$TMP/ex" | wc -l)" -gt 30

# whole TRAFFIC OTHER TIMELINE EXPECT: a case around an example
whole() {
	printf 'case example {\n about "an example"\n topology lvs_dr\n%s\n%s\n%s\n%s\n}\n' \
		"$1" "$2" "$3" "$4"
}
traffic='traffic http { rate 200/s
 timeout 100ms }'
timeline='timeline { at settled+2s { crash lvs1 }
 at +30s { end } }'
expect='expect { always one_master }'
for ex in "$TMP"/ex/*; do
	first=$(awk 'NR == 1 { print $1 }' "$ex")
	dir=$TMP/site/cases/example
	rm -rf "$dir"
	mkdir "$dir"
	file=$dir/case.conf
	case $first in
	case) cp "$ex" "$file" ;;
	topology) file=$dir/topology.conf && cp "$ex" "$file" ;;
	settle | node) whole "$traffic" "$(cat "$ex")" "$timeline" "$expect" >"$file" ;;
	traffic) whole "$(cat "$ex")" "" "$timeline" "$expect" >"$file" ;;
	timeline) whole "$traffic" "" "$(cat "$ex")" "$expect" >"$file" ;;
	expect) whole "$traffic" "" "$timeline" "$(cat "$ex")" >"$file" ;;
	*) whole "$traffic" "" "timeline { $(cat "$ex")
 at +1s { end } }" "$expect" >"$file" ;;
	esac
	t_exit "example $(basename "$ex"): $(head -n 1 "$ex")" 0 "$H" check "$file"
done
t_done
