#!/bin/sh
# --time real, in the guest, which is a host with IPVS like any other: the same
# case, run by halbsim in that kernel; and on a host without IPVS it says so.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1

mkdir "$TMP/in" "$TMP/result"
cp -r cases topologies "$TMP/in/"
for engine in halbd keepalived; do
	rm -rf "$TMP/result" && mkdir "$TMP/result"
	t_exit "master_down in real time with $engine" 0 "$BIN/halbsim" guest-exec \
		--in "$TMP/in" --out "$TMP/result" -- sh -c "cd /in && exec halbsim run \
		--time real --engine $engine --out /out cases/master_down"
	run=$TMP/result/master_down/latest
	t_is "$engine: held" "$(jq -r .verdict "$run/report.json")" held
	t_is "$engine: it says which time" "$(jq -r .time "$run/report.json")" real
	t_grep "$engine: in words too" "^real time: this machine's own clock" "$run/report.txt"
done
if [ ! -e /proc/net/ip_vs ] && [ ! -d /sys/module/ip_vs ]; then
	t_exit "no IPVS here: skipped, not passed" 4 "$BIN/halbsim" run --time real \
		--out "$TMP/none" cases/master_down
	t_grep "it names what is missing" "(IPVS|ip_vs|root)" "$TMP/err"
else
	t_skip "this host has IPVS"
fi
t_done
