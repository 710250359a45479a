#!/bin/sh
# Rows 31 to 38: the options of every checker side by side. Each is a real server of
# its own, 10.1.FAMILY.N, of which something breaks at `broken` and is mended at
# `mended`; compared are the probes that it gets, what they ask, and the IPVS commands.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"
mkdir -p "$TMP/in"
for program in nginx openssl; do
	command -v $program >/dev/null || PATH=$PATH:/usr/sbin command -v $program >/dev/null ||
		cannot "needs $program"
done

: >"$TMP/keys"
f=0
# family PROTOCOL PORT: the checks that follow. row: 30 + its number
family() {
	f=$((f + 1))
	n=0
	protocol=$1
	port=$2
}
# checked NAME CHECKER [LINE...] [-- LINE...]: lines of the checker; and of the service.
checked() {
	n=$((n + 1))
	echo "$((30 + f)) $1 $protocol $f.$n $port" >>"$TMP/keys"
	key=$1
	printf 'virtual_server 10.9.%s.%s %s {\n\tprotocol %s\n\tlb_algo rr\n\tlb_kind NAT\n' \
		$f $n $port $protocol
	printf '\tdelay_loop 3\n'
	inner="$2 {
			connect_timeout 2
			delay_before_retry 2
			warmup 0"
	[ "$2" != MISC_CHECK ] || inner="$2 {
			misc_path \"/in/told -x /run/misc.$key misc $key\"
			warmup 0"
	shift 2
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		inner="$inner
			$1"
		shift
	done
	[ $# = 0 ] || shift
	[ $# = 0 ] || printf '\t%s\n' "$@"
	printf '\treal_server 10.1.%s.%s %s {\n\t\tweight 5\n\t\t%s\n\t\t}\n\t}\n}\n' \
		$f $n $port "$inner"
}
digest() {
	printf '%s' "$1" | md5sum | cut -d ' ' -f 1
}
url() {
	printf 'url {\n path %s\n' "$1"
	shift
	printf ' %s\n' "$@"
	printf '}'
}
{
	printf 'global_defs {\n\tscript_user root\n}\n'

	family TCP 80
	checked plain TCP_CHECK
	checked retries TCP_CHECK "retry 3" "delay_before_retry 1"
	checked no-retry TCP_CHECK "retry 0"
	checked bindto TCP_CHECK "bindto 10.1.200.1" "bind_port 7777"
	checked bind_if TCP_CHECK "bind_if lo"
	checked connect_ip TCP_CHECK "connect_ip 10.1.1.60" "connect_port 81"
	checked fwmark TCP_CHECK "fwmark 5"
	checked alpha TCP_CHECK "retry 1" -- alpha
	checked delay_loop TCP_CHECK "delay_loop 5" "retry 2"
	checked fractions TCP_CHECK "delay_loop 2.5" "delay_before_retry 0.75" "connect_timeout 1.5"
	checked of-service TCP_CHECK -- "retry 2"
	checked not-alpha TCP_CHECK "alpha" -- "inhibit_on_failure"

	family TCP 80
	checked digest HTTP_GET "$(url /changes "digest $(digest 'Server 111')")"
	checked digest-status HTTP_GET "$(url /changes "digest $(digest 'Server 111')" "status_code 200")"
	checked wrong-digest HTTP_GET "$(url /changes "digest $(digest 'Server 11')")"
	checked empty-digest HTTP_GET "$(url /empty "digest $(digest '')")"
	checked status HTTP_GET "$(url /moved "status_code 301")"
	checked status-range HTTP_GET "$(url /teapot "status_code 200-299 400-420 503")"
	checked status-default HTTP_GET "$(url /204)"
	checked status-301 HTTP_GET "$(url /moved)"
	checked regex HTTP_GET "$(url /changes 'regex "Ser[a-z]+ 1{3}"')"
	checked regex-no-match HTTP_GET "$(url /changes 'regex "999"' regex_no_match)"
	checked regex-caseless HTTP_GET "$(url /changes 'regex "^SERVER 111"' "regex_options caseless")"
	checked regex-offset HTTP_GET "$(url /changes 'regex "1"' "regex_min_offset 8")"
	checked regex-max HTTP_GET "$(url /changes 'regex "1"' "regex_max_offset 4")"
	checked regex-long HTTP_GET "$(url /long 'regex "x9999y"')"
	checked regex-header HTTP_GET "$(url /changes 'regex "nginx"')"
	checked regex-lines HTTP_GET "$(url /changes 'regex "^Server 111$"' "regex_options multiline")"
	checked virtualhost-url HTTP_GET "$(url /host "virtualhost a.example" 'regex "a.example"')"
	checked virtualhost HTTP_GET "virtualhost b.example" "$(url /host 'regex "b.example"')"
	checked virtualhost-service HTTP_GET "$(url /host 'regex "c.example"')" -- "virtualhost c.example"
	checked http-1.0 HTTP_GET "http_protocol 1.0" "$(url /protocol 'regex "1.0"')"
	checked http-1.0C HTTP_GET "http_protocol 1.0C" "$(url /protocol 'regex "1.0"')"
	checked http-1.1 HTTP_GET "http_protocol 1.1" "virtualhost d.example" "$(url /protocol 'regex "1.1"')"
	checked two-urls HTTP_GET "retry 2" "$(url /204)" "$(url /changes 'regex "111"')"
	checked fast HTTP_GET fast_recovery "$(url /204)" "$(url /changes 'regex "111"')" "$(url /host)"
	checked three-alpha HTTP_GET "$(url /204)" "$(url /changes 'regex "111"')" "$(url /host)" -- alpha
	checked defaults HTTP_GET "$(url /changes 'regex "111"')" "retry 1"
	checked query HTTP_GET "$(url '/204?a=b&c=d')"
	checked refused HTTP_GET "connect_port 9" "$(url /204)"
	checked bindto HTTP_GET "bindto 10.1.200.2" "$(url /204)"
	checked keepalive HTTP_GET "http_protocol 1.1" "$(url /chunked 'regex "111"')"

	family TCP 443
	checked plain SSL_GET "$(url /changes 'regex "111"')"
	checked digest SSL_GET "$(url /changes "digest $(digest 'Server 111')")"
	checked sni SSL_GET enable_sni "$(url /sni "virtualhost s.example" 'regex "s.example"')"
	checked no-sni SSL_GET "$(url /sni "virtualhost s.example" 'regex "s.example"')"
	checked sni-service SSL_GET enable_sni "$(url /sni 'regex "t.example"')" -- "virtualhost t.example"
	checked status SSL_GET "$(url /moved "status_code 300-399")"
	checked http-1.1 SSL_GET "http_protocol 1.1" "$(url /protocol 'regex "1.1"')"
	checked no-tls SSL_GET "connect_port 80" "$(url /204)"
	checked refused SSL_GET "connect_port 9" "$(url /204)" "retry 1"

	family TCP 80
	checked plain MISC_CHECK
	checked retries MISC_CHECK "retry 2" "delay_before_retry 1"
	checked dynamic MISC_CHECK misc_dynamic
	checked weighted MISC_CHECK
	checked hangs MISC_CHECK "misc_timeout 2"
	checked killed MISC_CHECK
	checked alpha MISC_CHECK misc_dynamic -- alpha

	family TCP 25
	checked plain SMTP_CHECK
	checked helo-name SMTP_CHECK "helo_name mx.example" "retry 2"
	checked busy SMTP_CHECK "retry 1"
	checked deaf SMTP_CHECK
	checked refuses SMTP_CHECK "retry 1" "delay_before_retry 1"
	checked from SMTP_CHECK "bindto 10.1.200.3"

	family UDP 53
	checked default DNS_CHECK
	checked a DNS_CHECK "type A" "name www.example.org" "retry 1"
	checked aaaa DNS_CHECK "type AAAA" "name www.example.org." "retry 0"
	checked mx DNS_CHECK "type MX" "name example.org"
	checked servfail DNS_CHECK "type TXT" "name example.org" "retry 1"
	checked nxdomain DNS_CHECK "type NS" "name no.example.org" "retry 1"
	checked empty DNS_CHECK "type A" "name www.example.org" "retry 1"
	checked another-id DNS_CHECK "type A" "name www.example.org" "retry 1"
	checked cname DNS_CHECK "type CNAME" "name www.example.org" "bindto 10.1.200.4"

	family UDP 5060
	checked plain UDP_CHECK
	checked reply UDP_CHECK "payload 70696e67" require_reply "retry 1"
	checked exact UDP_CHECK "payload 01020304" "require_reply 706f6e67"
	checked wild UDP_CHECK "payload 01" "require_reply 70xx6e67"
	checked wrong UDP_CHECK "payload 01" "require_reply 706f6e68" "retry 1"
	checked short UDP_CHECK "payload 01" require_reply "min_reply_length 5" "retry 1"
	checked long UDP_CHECK "payload 01" require_reply "max_reply_length 3" "retry 1"

	family TCP 80
	checked plain PING_CHECK
	checked retries PING_CHECK "retry 3" "delay_before_retry 1"
	checked from PING_CHECK "bindto 10.1.200.5"
} >"$TMP/in/k.conf"
cp "$TMP/keys" "$TMP/in/keys"

cp "$BIN/answer" "$TMP/in/"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 9999 \
	-subj /CN=server -keyout "$TMP/in/key.pem" -out "$TMP/in/cert.pem" 2>"$TMP/openssl" ||
	{ cat "$TMP/openssl" >&2; exit 1; }
cat >"$TMP/in/nginx.conf" <<'C'
user root;
worker_processes 1;
pid /run/nginx.pid;
error_log /out/nginx.err;
events { worker_connections 512; }
http {
	log_format probe '$server_addr:$server_port "$request" $request_length '
		'host=$http_host agent=$http_user_agent connection=$http_connection '
		'sni=$ssl_server_name';
	access_log /out/asked probe;
	server {
		include /in/listen;
		ssl_certificate /in/cert.pem;
		ssl_certificate_key /in/key.pem;
		root /tmp/www;
		location /moved { return 301 http://elsewhere/; }
		location /teapot { return 418 "tea"; }
		location /204 { return 204; }
		location /empty { return 200 ""; }
		location /host { return 200 "$host"; }
		location /protocol { return 200 "$server_protocol"; }
		location /sni { return 200 "$ssl_server_name"; }
	}
}
C
# What servers are at first, and when broken.
servers_of() {
	while read -r row name protocol number port; do
		kind=
		case $row.$port in
		31.*) kind=tcp ok='' ko=none ;;
		*.53) kind=dns ok=ok ko=silent ;;
		*.5060) kind=udp ok=pong ko= ;;
		*.25) kind=smtp ok='220 server ESMTP$|250 server$|221 bye$' ko=none ;;
		esac
		case $row.$name in
		31.connect_ip) number=1.60 port=81 ;;
		36.a) ko=none ;;
		36.servfail | 36.nxdomain | 36.empty | 36.another-id) ko=$name ;;
		37.plain) ko=none ;;
		37.wild) ko=peng ;;
		35.busy) ko='421 too busy$|250 server$|221 bye$' ;;
		35.deaf) ko='|250 server$|221 bye$' ;;
		35.refuses) ko='220 server ESMTP$|550 no$|550 no$' ;;
		esac
		[ $1 = ok ] || ok=$ko
		[ -z "$kind" ] || [ "$ok" = none ] ||
			echo "$kind 10.1.$number $port $row.$name $ok"
	done <"$TMP/keys"
}
servers_of ok >"$TMP/in/works"
servers_of ko >"$TMP/in/breaks"
cp "$BIN/answer" "$TMP/in/"
awk 'BEGIN { for (i = 1; i < 10500; i++) print "x" i "y" }' >"$TMP/in/long"
while read -r row name protocol number port; do
	[ $row = 32 ] || [ $row = 33 ] || continue
	echo "listen 10.1.$number:80;"
	[ $row = 32 ] || echo "listen 10.1.$number:443 ssl;"
done <"$TMP/keys" >"$TMP/in/listen"
sed 's/^[^ ]* [^ ]* [^ ]* \([^ ]*\) .*/10.1.\1/' "$TMP/keys" >"$TMP/in/addresses"
sed -n 's/^38 [^ ]* [^ ]* \([^ ]*\) .*/10.1.\1/p' "$TMP/keys" >"$TMP/in/pinged"
cat >"$TMP/in/run.sh" <<'S'
. /in/servers.sh
s_begin
addresses $(</in/addresses) 10.1.200.{1,2,3,4,5} 10.1.1.60
sysctl -qw net.ipv4.ping_group_range='0 2147483647'
# With that mark alone, 10.1.1.7 is reached.
sysctl -qw net.ipv4.tcp_fwmark_accept=1 net.ipv4.fwmark_reflect=1
ip -batch - <<'D'
rule add pref 5 to 10.1.1.7 fwmark 5 lookup local
rule add pref 10 lookup local
rule add pref 6 to 10.1.1.7 unreachable
rule del pref 0
D

mkdir -p /tmp/www /var/log/nginx /var/lib/nginx
ln -s /in/long /tmp/www/long
content() { printf '%s' "$1" | tee /tmp/www/changes >/tmp/www/chunked; }
# misc EXIT-CODES: of each, for told
misc() {
	for m; do echo ${m#*=} >/run/misc.${m%=*}; done
}
answers() { /in/answer /in/$1 /out/heard & w_all=$!; }
works() {
	content 'Server 111'
	answers works
	misc plain=0 retries=0 dynamic=12 weighted=9 hangs=0 killed=0 alpha=0
}
breaks() {
	content 'Server 999'
	kill $w_all
	wait $w_all
	answers breaks
	misc plain=1 retries=1 dynamic=9 weighted=9 hangs=hang killed=kill alpha=1
	silent $(</in/pinged)
}
web() { nginx -c /in/nginx.conf -g 'daemon off;' & w_web=$!; }
web
works
sleep 1
mark start; s_start /in/k.conf -C
sleep 11.55; mark broken; breaks
sleep 20; mark web-stops; kill $w_web; wait $w_web
sleep 10; mark web-runs; web
sleep 10; mark mended
kill $w_all
wait $w_all
works
heard $(</in/pinged)
sleep 15; mark stop; s_stop
kill $w_web $w_all
wait $w_web $w_all
s_end
S
servers run.sh

# (of one server: each line once, with how often in a row)
uniq_line() {
	uniq -c | sed 's/^ *//; s/ / x /; s/$/; /' | tr -d '\n\t'
}
decoded() {
	tcpdump -r "$TMP/out/lo.pcap" -nn "$@" 2>/dev/null
}
while read -r row name protocol number port; do
	address=10.1.$number
	[ $row.$name != 31.connect_ip ] || address=10.1.1.60
	if [ $row = 34 ]; then
		awk -v name="$name" '$2 == "misc" && $3 == name { print $1 }' "$TMP/events"
	else
		awk -v a="$address" '$2 == "probe" && ($3 == a || index($3, a ".") == 1) { print $1 }' \
			"$TMP/events"
	fi >"$TMP/times"
	# Searching other bytes, they go up and down at other times.
	case $row.$name in 32.regex-caseless | 32.regex-offset | 32.regex-header | 32.regex-lines)
		: >"$TMP/times"
		other=yes ;;
	*) other= ;;
	esac
	awk -v row=$row -v name="$name" -v start="$(awk '$2 == "start" { print $1 }' "$TMP/events")" '
		{ printf "%d\tprobe/%s.%d\t%.3f\n", row, name, NR, $1 - (NR > 1 ? last : start); last = $1 }
		END { printf "%d\tprobes/%s\t%d\n", row, name, NR }' "$TMP/times"
	case $row in
	31 | 35 | 36 | 38)
		observable=from/$name
		[ $row.$name != 38.from ] || observable=bindto
		o $row "$observable" "$(awk -v a="$address" '
			$2 == "probe" && ($3 == a || index($3, a ".") == 1) {
				n = split($4, part, "."); if (part[5] != 7777) sub(/[.][0-9]*$/, "", $4)
				if (n == 4) $4 = part[1] "." part[2] "." part[3] "." part[4]
				print $3, "from", $4
			}' "$TMP/events" | sort -u | uniq_line)"
		;;
	esac
	case $row in
	32 | 33) asks=$(grep "^$address:.*\"GET " "$TMP/out/asked" | uniq_line) ;;
	35) asks=$(sed -n "s/^$row.$name //p" "$TMP/out/heard" | uniq_line) ;;
	36) asks=$(decoded dst "$address" and udp dst port $port | sed 's/^.*: [0-9]*/query/' | uniq_line) ;;
	37) asks=$(decoded -x dst "$address" and udp dst port $port | awk '/^[0-9]/ { if (h) print h; h = "" }
		/^\t/ { sub(/^[^:]*: */, ""); gsub(/ /, ""); h = h $0 }
		END { print h }' | cut -c 57- | uniq_line) ;;
	38) asks=$(decoded dst "$address" and 'icmp[0] == 8' | sed 's/^.*length/length/' | uniq_line) ;;
	*) asks= ;;
	esac
	[ -z "$asks" ] || [ -n "$other" ] || o $row "asks/$name" "$asks"
	o $row "commands/$name" "$(commands " $protocol 10[.]9[.]$number:$port( |\$)" start stop)"
done <"$TMP/keys"
