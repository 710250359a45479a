#!/bin/sh
# The IPVS table that halbd makes of a file is keepalived's, for every kind of service:
# schedulers, forwarding methods and tunnels, persistence, flags, thresholds, IPv6, UDP,
# SCTP, marks, groups; the timeouts too. A table that was there before is flushed or
# kept as the file says, and what is left after a stop is the same.
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/e2e/guest_lib.sh"
cd "$TOP" || exit 1

KEEPALIVED=$(command -v keepalived || echo /usr/sbin/keepalived)
if [ ! -x "$KEEPALIVED" ] || ! command -v ipvsadm >/dev/null; then
	t_skip "keepalived or ipvsadm is not installed"
	t_done
fi
need_guest
mkdir -p "$TMP/in"
cp "$BIN/halbd" "$TMP/in/"

# service HEAD LINE...
service() {
	echo "virtual_server $1 {"
	shift
	for line; do echo "    $line"; done
	echo "}"
}
real="real_server 10.1.0.1 80 { weight 3
}"
{
	n=1
	for algo in rr wrr lc wlc lblc lblcr sh mh dh fo ovf sed nq; do
		service "10.9.1.$n 80" "lb_algo $algo" "lb_kind DR" "protocol TCP" "$real"
		n=$((n + 1))
	done
	service "10.9.2.1 80" "lb_algo sh" "sh-port" "sh-fallback" "lb_kind DR" "protocol TCP" "$real"
	service "10.9.2.2 80" "lb_algo mh" "mh-port" "mh-fallback" "lb_kind DR" "protocol TCP" "$real"
	service "10.9.2.3 80" "lb_algo rr" "lb_kind NAT" "protocol TCP" \
		"real_server 10.1.0.1 8080 {" "weight 2" "uthreshold 90" "lthreshold 80" "}" \
		"real_server 10.1.0.2 8081 {" "weight 0" "}"
	for tun in "type ipip" "type gue port 5555" "type gue port 5555 nocsum" \
		"type gre" "type gre csum"; do
		service "10.9.3.$n 80" "lb_algo rr" "lb_kind TUN $tun" "protocol TCP" "$real"
		n=$((n + 1))
	done
	service "10.9.4.1 80" "lb_algo rr" "lb_kind DR" "protocol TCP" "persistence_timeout 60" \
		"persistence_granularity 255.255.255.0" "$real"
	service "10.9.4.2 0" "lb_algo rr" "lb_kind DR" "protocol TCP" "persistence_timeout" \
		"real_server 10.1.0.1 0 {" "weight 1" "}"
	service "10.9.4.3 53" "lb_algo rr" "lb_kind NAT" "protocol UDP" "ops" \
		"real_server 10.1.0.1 53 {" "}"
	service "10.9.4.4 5060" "lb_algo rr" "lb_kind NAT" "protocol UDP" \
		"real_server 10.1.0.1 5060 {" "}"
	service "10.9.4.5 9" "lb_algo rr" "lb_kind NAT" "protocol SCTP" \
		"real_server 10.1.0.1 9 {" "}"
	service "fd00:9::1 80" "lb_algo wlc" "lb_kind DR" "protocol TCP" "persistence_timeout 50" \
		"persistence_granularity 64" "real_server fd00:1::1 80 {" "weight 7" "}"
	service "fd00:9::2 80" "lb_algo rr" "lb_kind TUN" "protocol TCP" \
		"real_server 10.1.0.7 80 {" "}" "real_server fd00:1::2 80 {" "}"
	service "fwmark 5" "lb_algo rr" "lb_kind DR" "real_server 10.1.0.1 0 {" "}"
	service "fwmark 6" "ip_family inet6" "lb_algo rr" "lb_kind DR" \
		"real_server fd00:1::1 0 {" "}"
	cat <<-CONF
	virtual_server_group G {
	    10.9.5.1-3 80
	    fwmark 12
	}
	CONF
	service "group G" "lb_algo rr" "lb_kind DR" "protocol TCP" "$real"
	# Without its real servers, as none is up: alpha, and nobody answers.
	service "10.9.6.1 80" "lb_algo rr" "lb_kind DR" "protocol TCP" "alpha" \
		"sorry_server 10.1.0.9 80" "real_server 10.1.0.1 80 {" "TCP_CHECK {" "}" "}"
	service "10.9.6.2 80" "lb_algo rr" "lb_kind DR" "protocol TCP" "alpha" \
		"sorry_server 10.1.0.9 80" "sorry_server_inhibit" "inhibit_on_failure" \
		"real_server 10.1.0.1 80 {" "TCP_CHECK {" "}" "}"
} >"$TMP/services"
globals() {
	printf 'global_defs {\n lvs_timeouts tcp 700 tcpfin 70 udp 170\n%s\n}\n' "$1"
	cat "$TMP/services"
}
globals "" >"$TMP/in/kept.conf"
globals " lvs_flush
 lvs_flush_onstop" >"$TMP/in/flushed.conf"

cat >"$TMP/in/run.sh" <<'S'
exec 2>/out/err
mkdir -p /run
ip link set lo up
for how in kept flushed; do
	ipvsadm -A -t 10.9.8.8:80 -s rr
	ipvsadm -a -t 10.9.8.8:80 -r 10.1.0.8:80 -g -w 4
	$ENGINE -n -l -D -C -f /in/$how.conf -p /run/p -c /run/c -r /run/r >/out/log.$how & pid=$!
	sleep 0.9 # before the first check
	ipvsadm -Sn >/out/table.$how
	ipvsadm -Ln --timeout >/out/timeouts.$how
	kill $pid
	wait $pid
	ipvsadm -Sn >/out/left.$how
	ipvsadm -C
done
exit 0
S
for engine in keepalived halbd; do
	mkdir "$TMP/$engine"
	program=/in/halbd
	[ $engine = halbd ] || program=$KEEPALIVED
	g --program "$KEEPALIVED" --program "$(command -v ipvsadm)" --in "$TMP/in" \
		--out "$TMP/$engine" -- env ENGINE="$program" bash /in/run.sh \
		>"$TMP/console" 2>&1 </dev/null
	t_is "$engine starts and stops twice" "$?" 0
done
for how in kept flushed; do
	n=$(grep -c . "$TMP/keepalived/table.$how")
	for what in table timeouts left; do
		if [ $what = table ] && [ "$n" -lt 60 ]; then
			t_fail "$how: keepalived made a table of $n lines only"
			sed 's/^/# /' "$TMP/keepalived/log.$how" "$TMP/keepalived/err" | tail -n 40
		elif cmp -s "$TMP/keepalived/$what.$how" "$TMP/halbd/$what.$how"; then
			t_pass "$how: the same $what, $(grep -c . "$TMP/halbd/$what.$how") lines"
		else
			t_fail "$how: another $what"
			diff -u "$TMP/keepalived/$what.$how" "$TMP/halbd/$what.$how" | sed 's/^/# /'
		fi
	done
done
t_done
