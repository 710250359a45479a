#!/bin/sh
# Row 40: SMTP_CHECK's words. Each server is an honest one at first and speaks as below
# from `broken` to `mended`; compared are the connections that it gets, what they say,
# and the IPVS commands.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"
mkdir -p "$TMP/in"

honest='220 server ESMTP$|250 server$|221 bye$'
n=0
# speaks NAME REPLIES [LINE...]: as tests/tools/answer.c has them; the checker's lines
speaks() {
	n=$((n + 1))
	echo "$1 10.1.10.$n" >>"$TMP/keys"
	echo "smtp 10.1.10.$n 25 $1 $honest" >>"$TMP/in/works"
	echo "smtp 10.1.10.$n 25 $1 $2" >>"$TMP/in/breaks"
	shift 2
	{
		printf 'virtual_server 10.9.10.%s 25 {\n\tprotocol TCP\n\tlb_algo rr\n' $n
		printf '\tdelay_loop 3\n\treal_server 10.1.10.%s 25 {\n' $n
		printf '\t\tSMTP_CHECK {\n'
		printf '\t\t\t%s\n' 'connect_timeout 2' 'delay_before_retry 2' 'warmup 0' "$@" '}'
		printf '\t}\n}\n'
	} >>"$TMP/in/k.conf"
}
printf 'global_defs {\n\tscript_user root\n}\n' >"$TMP/in/k.conf"
speaks two-lines '220-mail$220 ready$|250 server$|221 bye$'
speaks two-lines-apart '220-mail$+220 ready$|250 server$|221 bye$'
speaks two-lines-554 '554-no$554 never$|250 server$|221 bye$'
speaks helo-lines '220 mail$|250-mail$250 HELP$|221 bye$'
speaks quit-lines '220 mail$|250 server$|221-bye$221 server$'
speaks split '22+0 mail+ ready$|250 server$|221 bye$'
speaks split-helo '220 mail$|25+0 server$|221 bye$'
speaks split-before-end '220 mail+$|250 server+$|221 bye$'
speaks slow '2+2+0+ +m+a+i+l+e+r+s+.+o$|250 server$|221 bye$'
speaks slow-each '220+ +m+a+i+l+er$|250+ +m+a+i+l+er$|221+ +m+a+i+l+er$'
speaks code-alone '220$|250$|221$'
speaks code-glued '220mail$|250 server$|221 bye$'
speaks code-long '2200 mail$|250 server$|221 bye$'
speaks two-replies '220 mail$250 early$|250 server$|221 bye$'
speaks helo-450 '220 mail$|450 later$|221 bye$' 'retry 1'
speaks helo-502 '220 mail$|502 what$|221 bye$' 'retry 0'
speaks quit-500 '220 mail$|250 server$|500 what$'
speaks quit-silent '220 mail$|250 server$|'
speaks greets-421 '421 later$!|250 server$|221 bye$'
speaks greets-554 '554 no$|250 server$|221 bye$' 'helo_name mx.example'
speaks words 'hello there$|250 server$|221 bye$'
speaks eof-at-once '!|250 server$|221 bye$'
speaks eof-in-greeting '220 ma!|250 server$|221 bye$'
speaks eof-for-helo '220 mail$|!|221 bye$'
speaks eof-in-helo '220 mail$|250 ser!|221 bye$'
speaks eof-for-quit '220 mail$|250 server$|!'
speaks eof-in-quit '220 mail$|250 server$|22!'
speaks long "220 $(printf '%0600d' 0)\$|250 server\$|221 bye\$"
cut -d ' ' -f 2 "$TMP/keys" >"$TMP/in/addresses"
cp "$BIN/answer" "$TMP/in/"

cat >"$TMP/in/run.sh" <<'S'
. /in/servers.sh
s_begin
addresses $(</in/addresses)
answers() {
	[ -z "${w_all:-}" ] || { kill $w_all; wait $w_all; }
	/in/answer /in/$1 /out/heard & w_all=$!
}
answers works
sleep 1
mark start; s_start /in/k.conf -C
sleep 11.55; mark broken; answers breaks
sleep 25; mark mended; answers works
sleep 12; mark stop; s_stop
kill $w_all
wait $w_all
s_end
S
servers run.sh

while read -r name address; do
	o 40 "commands/$name" "$(commands " TCP 10[.]9[.]${address#*.*.}:25( |\$)" start stop)"
	o 40 "says/$name" "$(sed -n "s/^$name //p" "$TMP/out/heard" | uniq -c |
		sed 's/^ *//; s/ / x /; s/$/;/' | tr '\n' ' ')"
	# These are up with one engine and down with the other, by intention.
	case $name in two-lines | two-lines-apart | helo-lines | code-alone) continue ;; esac
	awk -v name="$name" -v address="$address." '
		$2 == "start" { start = $1 }
		$2 == "probe" && index($3, address) == 1 {
			printf "40\tprobe/%s.%d\t%.3f\n", name, ++n, $1 - start
		}
		END { printf "40\tprobes/%s\t%d\n", name, n }' "$TMP/events"
done <"$TMP/keys"
