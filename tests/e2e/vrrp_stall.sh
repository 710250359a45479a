#!/bin/sh
# A backup that stood still while its master went on sending (a busy machine, a
# paused guest) must not take over when it goes on: the adverts that wait for it
# came in before its timer ended.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vrrp/guest.sh"
v_need

cat >"$TMP/in/run.sh" <<'S'
. /in/guest.sh
conf() {
	cat <<-C
		vrrp_instance A {
			interface va
			virtual_router_id 51
			$1
			virtual_ipaddress {
				10.9.0.200
			}
		}
	C
}
has() {
	for n in 1 2; do
		v_has $n 10.9.0.200 && printf '%s' "$n"
	done
	echo " $1"
}
v_site
conf 'state MASTER
priority 255' >/tmp/1.conf
conf 'priority 100' >/tmp/2.conf
v_start 1 "$ENGINE" /tmp/1.conf
v_start 2 "$ENGINE" /tmp/2.conf
sleep 5.5
vrrp=$(cat /tmp/vrrp_pid.2)
{
	has 'at first'
	kill -STOP "$vrrp"
	sleep 6
	kill -CONT "$vrrp"
	sleep 0.3
	has 'when it goes on'
	sleep 6
	has 'later'
	kill -STOP "$vrrp"
	v_crash 1
	sleep 6
	kill -CONT "$vrrp"
	sleep 0.3
	v_in 1 ip addr flush dev va
	has 'when it goes on after the master died'
} >/out/has
v_stop 2
v_end
S
v_run halbd halbd run.sh
t_is 'a backup that stood still takes over only when its master is dead' \
	"$(cat "$TMP/halbd/has")" '1 at first
1 when it goes on
1 later
2 when it goes on after the master died'
t_is 'and sends its first advert after the last of the master' \
	"$(v_frames halbd vrrp | grep 'prio [1-9]' | awk '{ print $3 }' | uniq | tr '\n' ' ')" \
	'10.9.0.1 10.9.0.2 '
t_done
