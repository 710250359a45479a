#!/bin/sh
# Every keyword of keepalived 2.2.7 works in halbd or is named as one that does not,
# with what keepalived would do; halbd knows no others; halbd.conf(5) says the same.
. "$(dirname "$0")/lib.sh"

words=$TOP/tests/data/keywords-2.2.7
tab=$(printf '\t')
LC_ALL=C
export LC_ALL

"$BIN/halbd" --keywords >"$TMP/all"
# SSL_GET has the words of HTTP_GET.
sed -n "s/^HTTP_GET$tab/SSL_GET$tab/p" "$TMP/all" >>"$TMP/all"
cut -f 1,2 "$TMP/all" | grep -v "^-${tab}include" | sort -u >"$TMP/ours"
grep -v '^#' "$words" | sort -u >"$TMP/theirs"
t_is "every keyword of keepalived in its block" \
	"$(comm -13 "$TMP/ours" "$TMP/theirs" | tr '\t\n' '. ')" ""
t_is "no other keyword" "$(comm -23 "$TMP/ours" "$TMP/theirs" | tr '\t\n' '. ')" ""
t_is "each is said to work, or to be safe or unsafe to ignore" \
	"$(cut -f 3 "$TMP/all" | sort -u | tr '\n' ' ')" "safe unsafe works "

# The manual that is installed here. Words in bold at the start of a line are its
# keywords; these are headings, and words of values:
other='BFD|GLOBAL|Global|Important|LVS|NOT|Note|Static|VRRP|VRRPD|Virtual|dynamic|fwmark|keepalived|start|val1'
# vrrp_ipsets is for iptables, which Debian's keepalived is built without.
other="$other|vrrp_ipsets"
manual=/usr/share/man/man5/keepalived.conf.5.gz
if [ -r "$manual" ]; then
	gzip -dc "$manual" | sed -n 's/^ *\\fB\([A-Za-z_][A-Za-z0-9_-]*\).*/\1/p' |
		sort -u | grep -vxE "$other" >"$TMP/manual"
	cut -f 2 "$TMP/all" | sort -u >"$TMP/known"
	t_is "the $(grep -c . "$TMP/manual") keywords of keepalived.conf(5)" \
		"$(comm -23 "$TMP/manual" "$TMP/known" | tr '\n' ' ')" ""
else
	t_skip "the manual of keepalived is not installed here"
fi

# What stands around a word of a block.
vrrp='vrrp_instance V {
interface lo
virtual_router_id 1'
real='virtual_server 192.0.2.1 80 {
protocol TCP
real_server 192.0.2.2 80 {'
around() {
	case $1 in
	-) before= after= ;;
	vrrp_instance) before=$vrrp after='}' ;;
	authentication) before="$vrrp
authentication {" after='} }' ;;
	vrrp_sync_group) before='vrrp_sync_group G {
group {
V
}' after='}' ;;
	virtual_server) before='virtual_server 192.0.2.1 80 {
protocol TCP' after='}' ;;
	real_server) before=$real after='} }' ;;
	*_CHECK | *_GET) before="$real
$1 {" after='} } }' ;;
	url) before="$real
HTTP_GET {
url {" after='} } } }' ;;
	host) before="$real
SMTP_CHECK {
host {" after='} } } }' ;;
	track_file | vrrp_track_process | bfd_instance | track_group | vrrp_script)
		before="$1 n {" after='}' ;;
	*) before="$1 {" after='}' ;;
	esac
}

# Each word in a file of its own, as a user meets it.
silent=
unknown=
while IFS=$tab read -r block word status _; do
	case $word in include*) continue ;; esac
	around "$block"
	printf '%s\n%s 1 2 3\n%s\n' "$before" "$word" "$after" >"$TMP/one.conf"
	"$BIN/halbd" -t -f "$TMP/one.conf" >"$TMP/out" 2>&1 </dev/null
	if grep -qE "(unknown word '$word'|'$word' is not for here)" "$TMP/out"; then
		unknown="$unknown $block.$word"
	fi
	if [ "$status" != works ] && ! grep -qE \
		"'[^']*' is not supported by halbd; keepalived would .*; ignoring it is (not )?safe" \
		"$TMP/out"; then
		silent="$silent $block.$word"
	fi
done <"$TMP/all"
t_is "no keyword is called unknown in its block" "$unknown" ""
t_is "each that does not work is said so, with what ignoring it means" "$silent" ""

# Our manual: first what works, then what is not safe to ignore, then what is.
page=$TOP/man/halbd.conf.5
section() {
	awk -v want="$1" '
		/^\.SH KNOWN, NOT SAFE/ { part = "unsafe" }
		/^\.SH KNOWN, SAFE/ { part = "safe" }
		/^\.SH (DESCRIPTION|OUTSIDE)/ { part = "works" }
		/^\.SH SEE/ { part = "" }
		part == want && heading { print }
		{ heading = /^\.T[PQ]/ }' "$page" |
		sed -n 's/\\-/-/g; s/^\.B[A-Z]* *//p' | tr ',"' '  ' | awk '{
			for (i = 1; i <= NF && $i !~ /^[\\([{<]/; i++)
				print $i
		}' | sort -u
}
for status in works unsafe safe; do
	awk -F "$tab" -v want=$status '$3 == want { print $2 }' "$TMP/all" |
		sort -u >"$TMP/want"
	section $status >"$TMP/has"
	t_is "halbd.conf(5): every word that $(case $status in
		works) echo works ;;
		*) echo "is $status to ignore" ;;
		esac)" "$(comm -23 "$TMP/want" "$TMP/has" | tr '\n' ' ')" ""
	[ $status = works ] || t_is "... and no other" \
		"$(comm -13 "$TMP/want" "$TMP/has" | tr '\n' ' ')" ""
done
t_done
