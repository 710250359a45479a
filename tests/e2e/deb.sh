#!/bin/sh
# The Debian packages: lintian finds nothing, and what they install runs from where
# it lies, without this tree. (make deb-check does it on a clean root.)
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1

for tool in dpkg-buildpackage dh lintian; do
	if ! command -v $tool >/dev/null 2>&1; then
		t_skip "needs $tool (make setup)"
		t_done
	fi
done
version=$(sed -n 's/^VERSION := //p' Makefile)
export DEB_BUILD_OPTIONS='noopt parallel=2'
t_exit "packages are built and lintian is content" 0 tools/make-deb "$version" "$TMP/deb"
t_is "two packages" "$(cd "$TMP/deb" && ls halb*_*.deb | grep -v dbgsym | tr '\n' ' ')" \
	"halbd_${version}_$(dpkg --print-architecture).deb halbsim_${version}_$(dpkg --print-architecture).deb "
t_exit "another version in the changelog" 1 tools/make-deb 99.0 "$TMP/other"
t_grep "is told" 'Makefile at 99.0' "$TMP/err"
t_is "and nothing was made" "$(ls "$TMP/other" 2>/dev/null)" ""

root=$TMP/root
for p in halbd halbsim; do
	dpkg-deb -x "$TMP"/deb/${p}_*.deb "$root" || exit 1
done
halbsim=$root/usr/bin/halbsim
for f in usr/sbin/halbd lib/systemd/system/halbd.service usr/share/man/man1/halbsim.1.gz \
	usr/share/man/man8/halbd.8.gz usr/share/man/man5/halbd.conf.5.gz \
	usr/share/man/man5/halbsim.case.5.gz usr/share/man/man5/halbsim.topology.5.gz \
	usr/share/halbsim/cases/master_down/case.conf; do
	t_ok "has $f" test -f "$root/$f"
done
t_is "the service is not enabled" "$(find "$root" -name '*.wants')" ""
t_is "no file of the system is ours" "$(find "$root/etc" 2>/dev/null)" ""

mkdir "$TMP/work"
cd "$TMP/work" || exit 1
t_exit "cases are found where they were installed" 0 "$halbsim" list
t_grep "by name" 'master_down' "$TMP/out"
export HALBSIM_CACHE="$TMP/cache"
t_exit "without a kernel" 4 env -u HALBSIM_KERNEL "$halbsim" run master_down
t_grep "the command that gets one is named" 'libexec/halbsim/fetch-kernel' "$TMP/err"
if [ ! -f "$BIN/guest/vmlinuz" ]; then
	t_skip "no kernel in $BIN/guest (make guest)"
	t_done
fi
mkdir -p "$TMP/cache/kernel"
ln -s "$BIN/guest/vmlinuz" "$BIN/guest/modules" "$TMP/cache/kernel/"
t_exit "with it in the cache, a case holds" 0 env -u HALBSIM_KERNEL "$halbsim" run --quiet master_down
t_is "with the packaged engine" "$(jq -r .engine.name reports/master_down/latest/report.json)" halbd
t_done
