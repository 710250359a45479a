#!/bin/sh
# The IPVS commands of halbd are keepalived's, service by service: which, in which
# order, with which settings, and when. Both run in the guest through the same
# events (backends die and come back, a script changes its mind, a reload, a kill, a
# stop) while a netlink monitor writes down every command.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1

KEEPALIVED=$(command -v keepalived || echo /usr/sbin/keepalived)
if [ ! -x "$KEEPALIVED" ]; then
	t_skip "keepalived is not installed"
	t_done
	exit
fi
if [ ! -e "$BIN/guest/vmlinuz" ]; then
	t_skip "there is no kernel for the guest (make guest)"
	t_done
	exit
fi
make -s BUILD="$BIN" "$BIN/ipvs-watch" "$BIN/guest-sh" "$BIN/halbd" >&2 || exit 1

mkdir -p "$TMP/in"
cp "$BIN/ipvs-watch" "$BIN/halbd" "$TMP/in/"

# conf WEIGHT: the configuration; 9 is the one after the reload.
conf() {
	check='TCP_CHECK { connect_timeout 1
		retry 1
		delay_before_retry 1
		warmup 0 }'
	cat <<-CONF
	global_defs {
	    script_user root
	}
	virtual_server_group G {
	    10.9.0.20-21 80
	    fwmark 12
	}
	CONF
	# service HEAD BODY...
	service() {
		echo "virtual_server $1 {"
		echo "    delay_loop 2"
		shift
		for line; do echo "    $line"; done
		echo "}"
	}
	# real ADDRESS CHECK [LINE]
	real() {
		printf 'real_server %s 80 {\n weight %s\n %s\n%s\n}' "$1" "${3:-1}" "$2" "${4:-}"
	}
	service "10.9.0.1 80" "lb_algo rr" "lb_kind DR" "protocol TCP" \
		"$(real 10.1.0.1 "$check" "$1")" "$(real 10.1.0.2 "$check")" \
		"$([ "$1" = 9 ] || real 10.1.0.3 "$check")"
	service "10.9.0.2 80" "lb_algo wrr" "lb_kind DR" "protocol TCP" "quorum 2" \
		"sorry_server 10.1.0.9 80" \
		"$(real 10.1.0.1 "$check")" "$(real 10.1.0.2 "$check")"
	service "10.9.0.3 80" "lb_algo wlc" "lb_kind NAT" "protocol TCP" "alpha" \
		"persistence_timeout 60" "persistence_granularity 255.255.255.0" \
		"sorry_server 10.1.0.9 80" "sorry_server_inhibit" \
		"$(real 10.1.0.1 "$check")" "$(real 10.1.0.3 "$check")"
	service "10.9.0.4 80" "lb_algo lc" "lb_kind TUN" "protocol TCP" "inhibit_on_failure" \
		"$(real 10.1.0.1 "$check" 3)" "$(real 10.1.0.3 "$check" 4)"
	http='HTTP_GET { url { path /
		status_code 200 }
		connect_timeout 1
		retry 1
		delay_before_retry 1
		warmup 0 }'
	service "10.9.0.5 80" "lb_algo sh" "lb_kind DR" "protocol TCP" \
		"$(real 10.1.0.1 "$http")" "$(real 10.1.0.2 "$http")" \
		"$([ "$1" = 9 ] && real 10.1.0.4 "$http")"
	misc='MISC_CHECK { misc_path "/in/misc.sh"
		misc_dynamic
		warmup 0 }'
	service "10.9.0.6 80" "lb_algo wrr" "lb_kind DR" "protocol TCP" \
		"$(real 10.1.0.1 "$misc" 5)" "$(real 10.1.0.2 "$check" 6)"
	service "10.9.0.7 53" "lb_algo rr" "lb_kind NAT" "protocol UDP" "ops" \
		"real_server 10.1.0.1 5353 {" "weight 2" "uthreshold 90" "lthreshold 80" "}"
	service "fwmark 7" "lb_algo rr" "lb_kind DR" \
		"$(real 10.1.0.1 "$check")" "$(real 10.1.0.3 "$check")"
	service "group G" "lb_algo rr" "lb_kind DR" "protocol TCP" \
		"$(real 10.1.0.1 "$check")" "$(real 10.1.0.2 "$check")"
	if [ "$1" = 9 ]; then
		service "10.9.0.9 80" "lb_algo dh" "lb_kind DR" "protocol TCP" \
			"$(real 10.1.0.1 "$check")"
	else
		service "10.9.0.8 80" "lb_algo dh" "lb_kind DR" "protocol TCP" \
			"$(real 10.1.0.1 "$check")"
	fi
}
conf 1 >"$TMP/in/before.conf"
conf 9 >"$TMP/in/after.conf"

cat >"$TMP/in/misc.sh" <<-'SH'
	#!/bin/sh
	exit $(cat /run/misc)
SH
chmod 755 "$TMP/in/misc.sh"

cat >"$TMP/in/run.sh" <<-'SH'
	ENGINE=$1
	exec 2>/out/err
	ip link set lo up
	ip link add nlmon0 type nlmon
	ip link set nlmon0 up
	for n in 1 2 3 4; do ip addr add 10.1.0.$n/32 dev lo; done
	mkdir -p /run /tmp/www
	echo hello >/tmp/www/index.html
	echo 0 >/run/misc
	web() { busybox httpd -f -p 10.1.0.$1:80 -h /tmp/www & eval "W$1=$!"; }
	web 1; web 2
	/in/ipvs-watch nlmon0 -t >>/out/commands & M=$!
	cp /in/before.conf /tmp/k.conf
	start() {
		$ENGINE -n -l -D -C -f /tmp/k.conf -p /tmp/p -c /tmp/c -r /tmp/r >>/out/log & P=$!
	}
	mark() { echo "== $1" >>/out/commands; }
	sleep 0.5
	mark start; start
	sleep 4.3; mark "backend 1 dies"; kill $W1
	sleep 7; mark "backend 1 is back"; web 1
	sleep 7; mark "the script says weight 10"; echo 12 >/run/misc
	sleep 4; mark "the script fails"; echo 1 >/run/misc
	sleep 4; mark "the script is content"; echo 0 >/run/misc
	sleep 3; mark "and says weight 7"; echo 9 >/run/misc
	sleep 4; mark "both backends die"; kill $W1 $W2
	sleep 6; mark "both are back"; web 1; web 2
	sleep 7; mark "reload"; cp /in/after.conf /tmp/k.conf; kill -HUP $P
	sleep 5; mark "killed"
	all=
	for d in /proc/[0-9]*; do
		case $(tr '\0' ' ' <$d/cmdline) in
		"$ENGINE "*) all="${d#/proc/} $all" ;;
		esac
	done
	kill -STOP $all # all at once: none may clean up after another
	kill -KILL $all
	wait $P
	sleep 1; mark "started again"; start
	sleep 4; mark "stop"; kill $P
	wait $P
	sleep 0.2
	kill $M $W1 $W2
	ipvsadm -Ln >/out/left
SH

run() {
	mkdir -p "$TMP/$1"
	"$BIN/guest-sh" --program "$KEEPALIVED" --in "$TMP/in" --out "$TMP/$1" -- \
		sh /in/run.sh "$2" >"$TMP/$1/console" 2>&1
	t_is "$1 goes through the events" "$?" 0
}
run keepalived "$KEEPALIVED"
run halbd /in/halbd

# (keepalived 2.2.7 sets weight 0 on a reload when a misc_dynamic script last exited
# with 0; halbd does not. That is why the script says another number by then.)

# Commands about one service, with the events between them and without times.
about() {
	grep -E "^== |(TCP|UDP|FWM) $2[: ]|(FWM) $2\$" "$TMP/$1/commands" |
		sed -E 's/^[0-9.]+ //'
}
for s in 10.9.0.1 10.9.0.2 10.9.0.3 10.9.0.4 10.9.0.5 10.9.0.6 10.9.0.7 10.9.0.8 \
	10.9.0.9 10.9.0.20 10.9.0.21 7 12; do
	about keepalived "$s" >"$TMP/k"
	about halbd "$s" >"$TMP/h"
	if ! grep -qv '^==' "$TMP/k"; then
		t_fail "$s: keepalived gave no command"
	elif cmp -s "$TMP/k" "$TMP/h"; then
		t_pass "$s: the same $(grep -cv '^==' "$TMP/k") commands"
	else
		t_fail "$s: other commands"
		diff -u "$TMP/k" "$TMP/h" | sed 's/^/# /'
	fi
done

# When: from the first command to each; keepalived's clock is late by its own work.
offsets() {
	awk '/^==/ { next } !first { first = $1 }
		/10\.9\.0\.1:80/ { printf "%.2f\n", $1 - first }' "$TMP/$1/commands"
}
offsets keepalived >"$TMP/k"
offsets halbd >"$TMP/h"
late=$(paste "$TMP/k" "$TMP/h" | awk '{ d = $2 - $1; if (d < 0) d = -d; if (d > 0.1) n++ }
	END { print n + 0 }')
t_is "10.9.0.1: each command within 100 ms of keepalived's" "$late" 0
t_ok "keepalived leaves nothing behind" sh -c "! grep -q -- '-> 10' '$TMP/keepalived/left'"
t_ok "halbd leaves nothing behind" sh -c "! grep -q -- '-> 10' '$TMP/halbd/left'"
t_done
