#!/bin/sh
# halbsim run --pcap: a pcapng file a link that tshark reads without a warning,
# with interface names, the run's own times and the faults as comments.
. "$(dirname "$0")/lib.sh"

for tool in tshark jq; do
	command -v $tool >/dev/null 2>&1 && continue
	t_skip "no $tool: apt-get install tshark jq"
	t_done
done
"$BIN/halbsim" run --quiet --pcap --out "$TMP/runs" "$TOP/cases/master_down" \
	>"$TMP/run.out" 2>&1
status=$?
if [ $status = 4 ]; then
	t_skip "no run to look at: $(tail -n 1 "$TMP/run.out")"
	t_done
fi
t_is "a run with captures" "$status" 0
if [ "$status" != 0 ]; then
	sed 's/^/# /' "$TMP/run.out"
	t_done
fi
run=$TMP/runs/master_down/latest
cap=$run/captures/lan.pcapng

shark() {
	tshark -r "$cap" "$@" 2>"$TMP/shark.err"
}

t_is "one file, for the one link" "$(ls "$run/captures")" lan.pcapng
t_is "every advert that was sent, and no other" \
	"$(shark -Y vrrp -T fields -e frame.interface_name -e vrrp.prio | sort | uniq -c | awk '{print $1, $2, $3}')" \
	"$(jq -r 'select(.type == "vrrp" and (.delivered | not)) | "\(.node):enp0s3 \(.priority)"' \
		"$run/events.jsonl" | sort | uniq -c | awk '{print $1, $2, $3}')"
t_is "at the times that events.jsonl has" \
	"$(shark -Y vrrp -T fields -e frame.time_epoch)" \
	"$(jq -r 'select(.type == "vrrp" and (.delivered | not)) | .t' "$run/events.jsonl" |
		awk '{printf "%d.%s\n", 1767225600 + substr($1, 1, length($1) - 9), substr($1, length($1) - 8)}')"
t_is "every ARP packet that was sent" "$(shark -Y arp -T fields -e frame.number | wc -l)" \
	"$(jq -r 'select(.type == "arp" and (.delivered | not)) | .t' "$run/events.jsonl" | wc -l)"
# An address that moves is what a failover is; Wireshark rightly remarks on it.
t_is "VRRP and ARP dissect without a complaint" \
	"$(shark -o ip.check_checksum:TRUE -Y '(vrrp || arp) && !arp.duplicate-address-detected && (_ws.malformed || _ws.expert.severity == "Warning" || _ws.expert.severity == "Error")')" ""
t_is "the fault and the settling are comments" \
	"$(shark -Y frame.comment -T fields -e frame.comment | paste -sd ' ')" "settled crash lvs1"
t_is "no frame of lvs1 after its power was cut" \
	"$(shark -Y "frame.interface_name == \"lvs1:enp0s3\" && frame.time_epoch > $(jq -r 'select(.type == "fault") | .done' "$run/events.jsonl" | awk '{printf "%d.%s", 1767225600 + substr($1, 1, length($1) - 9), substr($1, length($1) - 8)}')")" ""
t_ok "the client's requests are there too" \
	test "$(shark -Y 'tcp.dstport == 80 && tcp.flags.syn == 1 && frame.interface_name == "client:enp0s3"' -T fields -e frame.number | wc -l)" -ge \
	"$(jq '.traffic[0].ok' "$run/report.json")"
t_exit "replay with captures" 0 "$BIN/halbsim" replay "$run"
t_done
