#!/bin/sh
# A site with many nodes leaves no trace: master_down_large with both engines on
# --time real, in the guest, which is a host like any other. Before and after, what
# that host has is written down: processes, namespaces, links, mounts, files, groups.
# `make bench` does the same with 1,000 nodes: WEB=500 CLIENT=498 MEMORY=1536.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/guest_lib.sh"
cd "$TOP" || exit 1
need_guest

web=${WEB:-20}
client=${CLIENT:-5}
nodes=$((web + client + 2))

cat >"$TMP/inside" <<'END'
#!/usr/bin/busybox sh
# Kernel threads have no command line and belong to the kernel.
processes() {
	for p in /proc/[0-9]*; do
		[ -n "$(tr -d '\0' <$p/cmdline)" ] && cat $p/comm
	done
}
namespaces() {
	for p in /proc/[0-9]*; do
		readlink $p/ns/net $p/ns/mnt $p/ns/pid $p/ns/uts $p/ns/ipc
	done
}
look() {
	processes 2>/dev/null | grep -vx -e tr -e cat -e sort -e readlink | sort
	namespaces 2>/dev/null | sort -u
	ls /sys/class/net
	cat /proc/mounts
	find / -xdev ! -path '/proc/*' ! -path '/sys/*' ! -path '/out*' | sort
	find /tmp /run /var/run /dev/shm | sort
	find /sys/fs/cgroup -type d | sort
}
cd /in
look >/out/before
halbsim run --time real --engine both --out /out --set web=$1 --set client=$2 \
	cases/master_down_large
echo $? >/out/status
halbsim clean >/out/clean 2>&1
echo $? >/out/clean-status
look >/out/after
END

mkdir "$TMP/in" "$TMP/result"
mkdir "$TMP/in/cases"
cp -r cases/master_down_large "$TMP/in/cases/"
cp -r topologies "$TMP/in/"
t_exit "$nodes nodes in the guest" 0 "$BIN/halbsim" guest-exec \
	--memory "${MEMORY:-512}" --in "$TMP/in" --out "$TMP/result" -- \
	busybox sh -c "$(cat "$TMP/inside")" inside "$web" "$client"
r=$TMP/result
t_is "both engines hold what the case expects" "$(cat "$r/status")" 0
for engine in halbd keepalived; do
	run=$(echo "$r/master_down_large"/*-$engine)
	t_is "$engine: held" "$(jq -r .verdict "$run/report.json")" held
	t_is "$engine: every web server has answered" \
		"$(jq -r '.traffic[0].backends | length' "$run/report.json")" "$web"
	t_is "$engine: every node was built" \
		"$(jq -s 'map(select(.type == "port")) | length' "$run/events.jsonl")" "$nodes"
done
t_ok "something was there to be compared" test "$(wc -l <"$r/before")" -gt 20
t_is "no process, namespace, link, mount, file or group is left" \
	"$(diff "$r/before" "$r/after")" ""
t_is "clean finds nothing" "$(cat "$r/clean-status")" 0
t_done
