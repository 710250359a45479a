#!/bin/sh
# max_auto_priority: processes that stood still get a real-time priority, a step each
# time, in halbd as in keepalived: VRRP, and who checks, in halbd a worker of user nobody.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/guest_lib.sh"
KEEPALIVED=$(command -v keepalived || echo /usr/sbin/keepalived)
if [ ! -x "$KEEPALIVED" ]; then
	t_skip "keepalived is not installed"
	t_done
fi
need_guest

mkdir "$TMP/in"
cp "$BIN/halbd" "$TMP/in/"
cat >"$TMP/in/run.sh" <<'S'
ip link set lo up
ip link add va type veth peer name vb
ip addr add 10.9.0.1/24 dev va
ip link set va up
ip link set vb up
mkdir -p /run
$ENGINE -n -l -f /in/k.conf -p /run/p -c /run/c -r /run/r >/out/log 2>&1 &
sleep 5
vrrp=$(cat /run/r)
checks=$(cat /run/c)
worker=$(cat /proc/$checks/task/$checks/children)
checks=${worker:-$checks}
# Real-time priority and policy (2: SCHED_RR) of each.
show() {
	for pid in $vrrp $checks; do
		awk '{ printf "%s %s;", $40, $41 }' /proc/$pid/stat
	done
	echo
}
show
for again in 1 2 3; do
	kill -STOP $vrrp $checks
	sleep 4
	kill -CONT $vrrp $checks
	sleep 4
	show
done
S
# seen ENGINE GLOBAL_DEFS: what show said, a line each.
seen() {
	mkdir -p "$TMP/out"
	cat >"$TMP/in/k.conf" <<-C
		global_defs {
		    $2
		}
		vrrp_instance A {
		    state MASTER
		    interface va
		    virtual_router_id 51
		    priority 255
		    virtual_ipaddress {
		        10.9.0.200
		    }
		}
		virtual_server 10.9.0.200 80 {
		    delay_loop 1
		    lb_algo rr
		    lb_kind DR
		    protocol TCP
		    real_server 127.0.0.1 80 {
		        TCP_CHECK {
		            connect_timeout 1
		        }
		    }
		}
	C
	g --program "$KEEPALIVED" --in "$TMP/in" --out "$TMP/out" -- \
		env ENGINE="$1" bash /in/run.sh 2>"$TMP/err" | paste -sd ' '
}
auto='max_auto_priority 2
min_auto_priority_delay 2000'
each='0 0;0 0; 1 2;1 2; 2 2;2 2; 2 2;2 2;'
t_is "keepalived: a step each time, to the last" "$(seen "$KEEPALIVED" "$auto")" "$each"
t_is "halbd: the same" "$(seen /in/halbd "$auto")" "$each"
t_grep "  and says so" 'late: real-time priority is 2 from now' "$TMP/out/log"
from="vrrp_rt_priority 10
$(echo "$auto" | sed 's/2$/11/')"
each='10 2;0 0; 11 2;1 2; 11 2;2 2; 11 2;3 2;'
t_is "keepalived: from a priority that it has" "$(seen "$KEEPALIVED" "$from")" "$each"
t_is "halbd: the same" "$(seen /in/halbd "$from")" "$each"
each='0 0;0 0; 0 0;0 0; 0 0;0 0; 0 0;0 0;'
t_is "not unless it is wanted" "$(seen /in/halbd 'router_id x')" "$each"
t_is "nor when it was not late enough" "$(seen /in/halbd 'max_auto_priority
min_auto_priority_delay 9000000')" "$each"
t_done
