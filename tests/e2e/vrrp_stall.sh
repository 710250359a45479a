#!/bin/sh
# A backup that stood still while its master went on sending (a busy machine, a
# paused guest) must not take over when it goes on: the adverts that wait for it
# came in before its timer ended.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vrrp/rig.sh"
rig_enter "$@"
rig_conf "$TMP/1.conf" 'state MASTER' 'priority 255'
rig_conf "$TMP/2.conf" 'state BACKUP' 'priority 100'
rig_start 1 "$HALBD" "$TMP/1.conf"
rig_wait 'rig_has 1 10.9.0.200'
rig_start 2 "$HALBD" "$TMP/2.conf"
rig_wait "grep -q BACKUP '$TMP/log.2'"
rig_sleep 1.5
vrrp=$(cat "$TMP/vrrp_pid.2")
kill -STOP "$vrrp"
rig_sleep 6
kill -CONT "$vrrp"
rig_sleep 2.5
t_ok 'the master is still the master' rig_has 1 10.9.0.200
t_is 'and the backup never was one' "$(grep -c MASTER "$TMP/log.2")" 0
kill -STOP "$vrrp"
rig_kill_all 1
rig_in 1 ip addr flush dev va
rig_sleep 6
kill -CONT "$vrrp"
t_ok 'a backup that stood still while the master died takes over' rig_wait 'rig_has 2 10.9.0.200'
rig_stop 2
t_done
