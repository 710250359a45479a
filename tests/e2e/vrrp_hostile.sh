#!/bin/sh
# Packets that no honest router sends (too short, too long, another TTL, version,
# type, id, count, authentication, interval, checksum, address) change no state of a
# master and no timer of a backup, and are counted by reason. They come from a raw
# socket, each as one of priority 255, which would win if it were believed, and as
# one of priority 0.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vrrp/guest.sh"
. "$(dirname "$0")/vrrp/packets.sh"
v_need
if ! command -v jq >/dev/null; then
	t_skip 'needs jq'
	t_done
fi
make -s -C "$TOP" BUILD="$BIN" "$BIN/vrrp-raw" >&2 || exit 1
cp "$BIN/vrrp-raw" "$TMP/in/"

hostile_packets | cut -d ' ' -f 2 >"$TMP/in/packets"
# An honest one, twice: as a backup hears it.
honest_packet >"$TMP/in/honest"

cat >"$TMP/in/run.sh" <<'S'
. /in/guest.sh
conf() {
	cat <<-C
		vrrp_instance A {
			interface va
			virtual_router_id 51
			priority 100
			virtual_ipaddress {
				10.9.0.200
			}
		}
	C
}
# dump NAME [SIGNAL]
dump() {
	rm -f /tmp/pid.2.json /tmp/pid.2.data
	kill -${2:-USR1} $v_engine_2
	sleep 0.5
	cp /tmp/pid.2.json "/out/$1.json"
	cp /tmp/pid.2.data "/out/$1.data"
}
v_site
conf >/tmp/2.conf
v_start 2 "$ENGINE" /tmp/2.conf
sleep 6
ip netns exec n1 /in/vrrp-raw packet va $(cat /in/packets)
sleep 2
dump master
# A backup of something of priority 200 that then goes silent: what comes in
# meanwhile must not hold the timer up.
ip netns exec n1 /in/vrrp-raw packet va $(cat /in/honest)
for n in 1 2 3; do
	sleep 1
	ip netns exec n1 /in/vrrp-raw packet va $(cat /in/packets)
done
dump backup
sleep 3
dump after "$(/in/halbd --signum=STATS_CLEAR)"
dump cleared "$(/in/halbd --signum=JSON)"
for what in STOP RELOAD DATA STATS STATS_CLEAR JSON; do
	echo "$what $("$KEEPALIVED" --signum=$what) $(/in/halbd --signum=$what)"
done >/out/signals
v_stop 2
v_end
S
v_run halbd halbd run.sh

j() {
	jq -r "$2" "$TMP/halbd/$1.json"
}
n=$(grep -c . "$TMP/in/packets")
t_is 'a master stays one' "$(j master '.instances[0] | .state, .became_master, .received')" 'MASTER
1
0'
t_is 'every packet is counted, by reason' "$(j master '.instances[0].ignored, .for_nobody |
	to_entries[] | select(.value > 0) | "\(.key): \(.value)"' | sort)" \
	'another advertisement interval than ours: 4
another authentication type than ours: 2
another number of addresses than ours: 6
not an advertisement: 2
other addresses than ours: 2
too short: 8
unknown authentication type: 2
wrong TTL: 4
wrong checksum: 2
wrong length: 6
wrong version: 4
wrong virtual router id: 4'
t_is 'none is missing' "$(j master '[.instances[0].ignored[], .for_nobody[]] | add')" "$n"
t_grep 'and people can read it' '^  ignored +2 \(wrong checksum\)' "$TMP/halbd/master.data"
t_grep 'also of those for nobody' '^packets for nobody here: 4 \(wrong virtual router id\)' \
	"$TMP/halbd/master.data"
t_is 'the honest one made it a backup' "$(j backup '.instances[0] | .state, .received, .master_priority')" 'BACKUP
1
200'
t_is 'which takes over when it should' "$(j after '.instances[0] | .state, .reason')" 'MASTER
no advert for 3.609 s'
t_is 'STATS_CLEAR counts from 0 again, and JSON says so' \
	"$(j cleared '.instances[0] | .state, ([.ignored[]] | add)')" 'MASTER
0'
t_is "signals have keepalived's numbers" "$(awk '$2 != $3 || NF != 3' "$TMP/halbd/signals")" ''
t_exit 'a signal that there is none of' 1 "$BIN/halbd" --signum=NONE
t_is 'adverts went out at their own pace only' "$(v_frames halbd 'src 10.9.0.2 and vrrp' |
	awk '/prio 100/ && last { d = $1 - last; if (d > 1.002 || d < 0.998) n++ } { last = $1 }
		END { print n + 0 }')" 1
t_done
