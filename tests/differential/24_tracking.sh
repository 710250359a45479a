#!/bin/sh
# Rows 24 to 26: what is tracked fails and recovers (a script, an interface, one's
# own; alone, with a weight, in a sync group), from the start and later. Node 1
# (priority 101) tracks, node 2 (100) does not.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/routers.sh"
mkdir -p "$TMP/in"

# instance VRID PRIORITY [LINE...]: in both files, the lines in node 1's only.
instance() {
	vrid=$1
	head=$(printf 'vrrp_instance I%s {\n\tinterface va\n\tvirtual_router_id %s' $vrid $vrid)
	tail=$(printf '\tvirtual_ipaddress {\n\t\t10.9.%s.1\n\t}\n}' $vrid)
	printf '%s\n\tpriority 100\n%s\n' "$head" "$tail" >>"$TMP/in/2.conf"
	{
		printf '%s\n\tpriority %s\n\tnotify "/in/told notify 1"\n' "$head" "$2"
		shift 2
		printf '\t%s\n' "$@"
		echo "$tail"
	} >>"$TMP/in/1.conf"
}
# group NAME VRID VRID
group() {
	printf 'vrrp_sync_group %s {\n\tgroup {\n\t\tI%s\n\t\tI%s\n\t}\n' "$@" >>"$TMP/in/2.conf"
	echo '}' >>"$TMP/in/2.conf"
	printf 'vrrp_sync_group %s {\n\tgroup {\n\t\tI%s\n\t\tI%s\n\t}\n\tnotify "/in/told notify 1"\n}\n' \
		"$@" >>"$TMP/in/1.conf"
}
# script NAME [LINE...]: fails while there is no /tmp/NAME.
script() {
	printf 'vrrp_script %s {\n\tscript "/in/told -e /tmp/%s"\n' "$1" "$1" >>"$TMP/in/1.conf"
	printf '\tinterval 1\n\ttimeout 20\n\tfall 2\n\trise 2\n' >>"$TMP/in/1.conf"
	shift
	printf '\t%s\n' "$@" '}' >>"$TMP/in/1.conf"
}
printf 'global_defs {\n\tscript_user root\n}\n' | tee "$TMP/in/1.conf" >"$TMP/in/2.conf"
script zero
script group_script
script minus 'weight -20'
script plus 'weight 20'
instance 1 101 'track_interface {' other '}'
instance 2 101 'track_interface {' 'other weight -30' '}'
instance 3 101 'track_script {' zero '}'
instance 4 101 'track_script {' minus '}'
instance 5 90 'track_script {' plus '}'
instance 6 101 'track_interface {' group_link '}'
instance 7 101
instance 8 101 'track_script {' group_script '}'
instance 9 101
instance 10 101
instance 11 101 nopreempt
group G 6 7
group H 8 9

cat >"$TMP/in/run.sh" <<'S'
. /in/routers.sh
bad() {
	(cd /tmp && rm "$@")
}
good() {
	for s; do : >/tmp/$s; done
}
link() {
	v_in 1 ip link set dev "$1" "$2"
}
d_begin
for i in other group_link; do
	v_in 1 ip link add name $i type veth peer name ${i}_peer
	link ${i}_peer up
done
v_start 2 "$ENGINE" /in/2.conf; sleep 5
mark section bad_from_the_start; v_start 1 "$ENGINE" /in/1.conf; sleep 10.5
mark section good; good zero minus plus group_script; link other up; link group_link up; sleep 10
mark section fails; bad zero minus plus group_script; link other down; link group_link down
sleep 9
mark section recovers; good zero minus plus group_script; link other up; link group_link up
sleep 9
mark section address_taken; v_in 1 ip addr del 10.9.10.1/32 dev va; sleep 5
mark section own_down; link va down; sleep 7
mark section own_up; link va up; sleep 7
mark section stop; v_stop 1; sleep 3
v_stop 2
d_end
S
routers run.sh

# Stories: whose adverts of which priority came, as these change (each priority 0
# counts), and what the notify scripts were told, by section and instance.
events '
function row_of(vrid) { return vrid == 2 || vrid == 4 || vrid == 5 ? 24 : vrid >= 6 && vrid <= 9 ? 26 : 25 }
function tell(list, what) { return list (list == "" ? "" : ", ") what }
function first(section, words,   i) {
	i = next_(1, "section " section)
	return span(i, next_(i, words))
}
END {
	for (i = 1; i <= NR; i++) {
		if (w[i, 1] == "section") section = w[i, 2]
		if (section == "" || section == "bad_from_the_start" && w[i, 1] == "adv") continue
		if (w[i, 1] == "adv") {
			now = "node " w[i, 2] ": " w[i, 4]
			k = section "." w[i, 3]
			if (now != was[w[i, 3]] || w[i, 4] == 0) story[k] = tell(story[k], now)
			was[w[i, 3]] = now
		} else if (w[i, 1] == "notify") {
			k = section "." w[i, 4]
			told[k] = tell(told[k], w[i, 5])
		}
	}
	for (k in story) {
		split(k, part, ".")
		o(row_of(part[2]), "adverts/" k, story[k])
	}
	for (k in told) {
		split(k, part, ".")
		name = part[2]; sub(/^I/, "", name)
		o(name == "G" || name == "H" ? 26 : row_of(name + 0), "notified/" k, told[k])
	}
	o(24, "takeover/script_minus", first("fails", "adv 2 4"))
	o(24, "takeover/script_plus", first("fails", "adv 2 5"))
	o(24, "takeover/interface", first("fails", "adv 2 2"))
	o(24, "back/script_minus", first("recovers", "adv 1 4"))
	o(24, "back/script_plus", first("recovers", "adv 1 5"))
	o(24, "back/interface", first("recovers", "adv 1 2"))
	o(25, "goodbye/interface", first("fails", "adv 1 1 0"))
	o(25, "goodbye/script", first("fails", "adv 1 3 0"))
	o(25, "goodbye/address", first("address_taken", "adv 1 10 0"))
	o(25, "back/interface", first("recovers", "adv 1 1"))
	o(25, "back/script", first("recovers", "adv 1 3"))
	o(25, "back/own", first("own_up", "adv 1 1"))
	o(25, "back/address", first("address_taken", "adv 1 10 101"))
	i = next_(1, "section fails")
	o(26, "together/interface", span(next_(i, "adv 1 6 0"), next_(i, "adv 1 7 0")))
	o(26, "together/script", span(next_(i, "adv 1 8 0"), next_(i, "adv 1 9 0")))
	o(26, "apart/interface", span(next_(i, "adv 2 6"), next_(i, "adv 2 7")))
	o(26, "apart/script", span(next_(i, "adv 2 8"), next_(i, "adv 2 9")))
}
'
