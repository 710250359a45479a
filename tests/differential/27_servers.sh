#!/bin/sh
# Rows 4 and 27 to 29: a director, its checks and its IPVS commands while backends die,
# fall silent and come back, a script changes its mind, the engine is killed and starts
# again; and row 30's commands of a reload.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"
mkdir -p "$TMP/in"

# service HEAD LINE...
service() {
	echo "virtual_server $1 {"
	shift
	for line; do echo "    $line"; done
	echo "}"
}
# real ADDRESS CHECK [WEIGHT] [LINE]
real() {
	printf 'real_server %s 80 {\n weight %s\n %s\n%s\n}' "$1" "${3:-1}" "$2" "${4:-}"
}
check='TCP_CHECK { connect_timeout 1
	retry 1
	delay_before_retry 1
	warmup 0 }'
# The lab's: one retry, whatever its file says.
lab='TCP_CHECK { connect_timeout 3
	delay_before_retry 4
	warmup 0 }'

# conf WEIGHT: the configuration; 9 is the one after the reload.
conf() {
	cat <<-CONF
	global_defs {
	    script_user root
	}
	virtual_server_group G {
	    10.9.0.20-21 80
	    fwmark 12
	}
	CONF
	quick="delay_loop 2"
	service "10.9.0.1 80" "$quick" "lb_algo rr" "lb_kind DR" "protocol TCP" \
		"$(real 10.1.0.1 "$check" "$1")" "$(real 10.1.0.2 "$check")" \
		"$([ "$1" = 9 ] || real 10.1.0.3 "$check")"
	service "10.9.0.2 80" "$quick" "lb_algo wrr" "lb_kind DR" "protocol TCP" "quorum 2" \
		"sorry_server 10.1.0.9 80" \
		"$(real 10.1.0.1 "$check")" "$(real 10.1.0.2 "$check")"
	service "10.9.0.3 80" "$quick" "lb_algo wlc" "lb_kind NAT" "protocol TCP" "alpha" \
		"persistence_timeout 60" "persistence_granularity 255.255.255.0" \
		"sorry_server 10.1.0.9 80" "sorry_server_inhibit" \
		"$(real 10.1.0.1 "$check")" "$(real 10.1.0.3 "$check")"
	service "10.9.0.4 80" "$quick" "lb_algo lc" "lb_kind TUN" "protocol TCP" \
		"inhibit_on_failure" \
		"$(real 10.1.0.1 "$check" 3)" "$(real 10.1.0.3 "$check" 4)"
	http='HTTP_GET { url { path /
		status_code 200 }
		connect_timeout 1
		retry 1
		delay_before_retry 1
		warmup 0 }'
	service "10.9.0.5 80" "$quick" "lb_algo sh" "lb_kind DR" "protocol TCP" \
		"$(real 10.1.0.1 "$http")" "$(real 10.1.0.2 "$http")" \
		"$([ "$1" = 9 ] && real 10.1.0.4 "$http")"
	misc='MISC_CHECK { misc_path "/in/told -x /run/misc"
		misc_dynamic
		warmup 0 }'
	service "10.9.0.6 80" "$quick" "lb_algo wrr" "lb_kind DR" "protocol TCP" \
		"$(real 10.1.0.1 "$misc" 5)" "$(real 10.1.0.2 "$check" 6)"
	service "10.9.0.7 53" "$quick" "lb_algo rr" "lb_kind NAT" "protocol UDP" "ops" \
		"real_server 10.1.0.1 5353 {" "weight 2" "uthreshold 90" "lthreshold 80" "}"
	service "fwmark 7" "$quick" "lb_algo rr" "lb_kind DR" \
		"$(real 10.1.0.1 "$check")" "$(real 10.1.0.3 "$check")"
	service "group G" "$quick" "lb_algo rr" "lb_kind DR" "protocol TCP" \
		"$(real 10.1.0.1 "$check")" "$(real 10.1.0.2 "$check")"
	if [ "$1" = 9 ]; then
		service "10.9.0.9 80" "$quick" "lb_algo dh" "lb_kind DR" "protocol TCP" \
			"$(real 10.1.0.1 "$check")"
	else
		service "10.9.0.8 80" "$quick" "lb_algo dh" "lb_kind DR" "protocol TCP" \
			"$(real 10.1.0.1 "$check")"
	fi
	service "10.9.0.30 80" "real_server 10.1.0.1 80 {" "}"
	for n in 41 42 43 44 45 51 52; do
		service "10.9.0.$n 80" "delay_loop 3" "lb_algo rr" "lb_kind DR" "protocol TCP" \
			"$(real 10.1.0.$n "$lab")"
	done
	for n in 53 54; do
		service "10.9.0.$n 80" "delay_loop 3" "lb_algo rr" "lb_kind DR" "protocol TCP" alpha \
			"$(real 10.1.0.$n "$lab")"
	done
	# Weights 2 of 3 up to stay, 3 to come back.
	service "10.9.0.61 80" "delay_loop 3" "lb_algo wrr" "lb_kind DR" "protocol TCP" \
		"quorum 2" "hysteresis 1" 'quorum_up "/in/told says quorum up"' \
		'quorum_down "/in/told says quorum down"' "sorry_server 10.1.0.9 80" \
		"sorry_server_inhibit" "inhibit_on_failure" \
		"$(real 10.1.0.41 "$lab" 2 'notify_up "/in/told says 41 up"
			notify_down "/in/told says 41 down"')" \
		"$(real 10.1.0.42 "$lab" 1 'notify_up "/in/told says 42 up"
			notify_down "/in/told says 42 down"')"
	service "10.9.0.62 80" "delay_loop 3" "lb_algo wrr" "lb_kind DR" "protocol TCP" \
		"alpha" "omega" "quorum 2" 'quorum_up "/in/told says alpha-quorum up"' \
		'quorum_down "/in/told says alpha-quorum down"' "sorry_server 10.1.0.9 80" \
		"$(real 10.1.0.43 "$lab" 1 'notify_up "/in/told says 43 up"
			notify_down "/in/told says 43 down"')" \
		"$(real 10.1.0.44 "$lab" 1)" "$(real 10.1.0.52 "$lab" 1)"
}
conf 1 >"$TMP/in/before.conf"
conf 9 >"$TMP/in/after.conf"

for n in 1 2 3 4 41 42 43 44 45 51 52 53 54; do
	echo "http 10.1.0.$n 80 $n hello" >"$TMP/in/web.$n"
done
cp "$BIN/answer" "$TMP/in/"
cat >"$TMP/in/run.sh" <<'S'
. /in/servers.sh
s_begin
echo 0 >/run/misc
web() { /in/answer /in/web.$1 /dev/null & eval "w$1=$!"; }
dies() { eval "kill \$w$1; wait \$w$1"; }
addresses 10.1.0.{1,2,3,4,41,42,43,44,45,51,52,53,54}
for n in 1 2 41 42 43 44 45 51 53; do web $n; done
cp /in/before.conf /run/k.conf
mark start; s_start /run/k.conf -C
sleep 4.3; mark 1-dies; dies 1
sleep 7; mark 1-is-back; web 1
sleep 7; mark weight-10; echo 12 >/run/misc
sleep 0.95
mark 41-dies; dies 41; sleep 0.5
mark 42-dies; dies 42; sleep 0.7
mark 43-dies; dies 43; sleep 0.3
mark 44-dies; dies 44; sleep 0.8
mark 45-dies; dies 45; sleep 0.2
mark 51-silent; silent 10.1.0.51
sleep 3; mark script-fails; echo 1 >/run/misc
sleep 16.35; mark script-content; echo 0 >/run/misc
mark 41-back; web 41; sleep 0.5
mark 42-back; web 42; sleep 0.7
mark 43-back; web 43; sleep 0.3
mark 44-back; web 44; sleep 0.8
mark 45-back; web 45
mark 51-back; heard 10.1.0.51
sleep 0.7; mark weight-7; echo 9 >/run/misc
sleep 13.6; mark both-die; dies 1; dies 2
sleep 6.8; mark 1-comes-back; web 1 # apart, so that there is an order
sleep 3; mark 2-comes-back; web 2
sleep 7; mark unchanged; kill -HUP $s_engine
sleep 5; mark reload; cp /in/after.conf /run/k.conf; kill -HUP $s_engine
sleep 5; mark killed
all=$(cat /run/c)
kill -STOP $s_engine $all # at once: none may clean up after another
kill -KILL $s_engine $all
wait $s_engine
sleep 1; mark again; s_start /run/k.conf -C
sleep 4; mark stop; s_stop
sleep 0.2
ipvsadm -Ln >/out/left
s_end
S
servers run.sh

o 4 service "$(commands 'NEW_SERVICE .*10[.]9[.]0[.]30:80' start 1-dies)"
o 4 destination "$(commands 'NEW_DEST .*10[.]9[.]0[.]30:80' start 1-dies)"

# when ROW NAME SERVER FROM TO: probes of a server between two marks.
when() {
	awk -v row="$1" -v name="$2" -v server="10.1.0.$3.80" -v from="$4" -v to="$5" '
		$2 == "start" { t = $1 }
		$2 == from { on = 1 }
		$2 == to { on = 0 }
		on && $2 == "probe" && $3 == server {
			printf "%d\tprobe/%s.%d\t%.3f\n", row, name, ++n, $1 - t
		}' "$TMP/events"
}
for n in 45 51 53 54; do
	case $n in
	45) when 27 45 45 start weight-7 ;;
	*) when 28 $n $n start weight-7 ;;
	esac
done
for n in 41 42 43 44 45; do
	s="TCP 10.9.0.$n:80"
	o 27 "gone/$n" "$(after $n-dies "DEL_DEST $s ")"
	o 27 "back/$n" "$(after $n-back "NEW_DEST $s ")"
	o 27 "commands/$n" "$(commands "$s( |\$)" start unchanged)"
done
o 28 gone "$(after 51-silent 'DEL_DEST TCP 10.9.0.51:80 ')"
o 28 back "$(after 51-back 'NEW_DEST TCP 10.9.0.51:80 ')"
o 28 dead "$(after start 'DEL_DEST TCP 10.9.0.52:80 ')"
o 28 alpha "$(after start 'NEW_DEST TCP 10.9.0.53:80 ')"
for n in 51 52 53 54; do
	o 28 "commands/$n" "$(commands "TCP 10.9.0.$n:80( |\$)" start unchanged)"
done

# What scripts are told, beside each command.
for n in 61 62; do
	o 29 "commands/10.9.0.$n" "$(commands "TCP 10.9.0.$n:80( |\$)" start unchanged)"
done
for who in quorum alpha-quorum 41 42 43; do
	awk -v who=$who '$2 == "start" { t = $1 }
		$2 == "says" && $3 == who { printf "29\tsays/%s.%d.%s\t%.3f\n", who, ++n, $4, $1 - t }
		' "$TMP/events"
done
# (keepalived 2.2.7 sets weight 0 on a reload when a misc_dynamic script last exited
# with 0; halbd does not. That is why the script says another number by then.)
for s in 'TCP 10.9.0.1:80' 'TCP 10.9.0.2:80' 'TCP 10.9.0.3:80' 'TCP 10.9.0.4:80' \
	'TCP 10.9.0.5:80' 'TCP 10.9.0.6:80' 'UDP 10.9.0.7:53' 'TCP 10.9.0.8:80' \
	'TCP 10.9.0.9:80' 'TCP 10.9.0.20:80' 'TCP 10.9.0.21:80' 'FWM 7' 'FWM 12'; do
	[ "$s" = 'TCP 10.9.0.9:80' ] || # it is there from the reload on
		o 29 "commands/${s#* }" "$(commands "$s( |\$)" start unchanged)"
	o 30 "commands/${s#* }" "$(commands "$s( |\$)" reload killed)"
	o 29 "restart/${s#* }" "$(commands "$s( |\$)" killed end)"
done
o 29 left "$(grep -c -- '-> 10' "$TMP/out/left")"
o 30 unchanged "$(commands . unchanged reload)"
awk '$2 == "start" { t = $1 }
	$2 == "unchanged" { exit }
	t && $2 == "ipvs" && /TCP 10.9.0.1:80/ {
		printf "29\ttime/%d\t%.3f\n", ++n, $1 - t }' "$TMP/events"
