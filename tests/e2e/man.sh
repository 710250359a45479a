#!/bin/sh
# The manual pages: groff has nothing to say about them, they are installed, and
# their options are those of --help.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1

for page in man/*.[1-8]; do
	name=${page##*/}
	if ! command -v groff >/dev/null; then
		t_skip "$name: there is no groff here"
		continue
	fi
	t_is "$name: no warnings" "$(groff -man -ww -z -Kutf8 -Tutf8 "$page" 2>&1 | head -n 5)" ""
	t_is "$name: NAME as apropos wants it" \
		"$(sed -n '/^.SH NAME/{n;s/ .*//;p;q;}' "$page")" "${name%.*}"
done

# Long options of PROGRAM --help and of its page.
options() {
	grep -oE -- '(^|[ ,])--[a-z][a-z_-]*' | tr -d ' ,' | sort -u
}
for page in halbd.8 halbweb.1; do
	program=${page%.*}
	"$BIN/$program" --help | options >"$TMP/help"
	sed 's/\\-/-/g; s/[]["=]/ /g; s/^\.B[A-Z]* / /' "man/$page" |
		grep -E '^ *-|^\.' | options >"$TMP/page"
	t_is "$page has the options of --help" "$(comm -23 "$TMP/help" "$TMP/page" | tr '\n' ' ')" ""
done

t_ok "make install" make -s install DESTDIR="$TMP/root" PREFIX=/usr
lacking=
for page in man/*.[1-8]; do
	name=${page##*/}
	[ -s "$TMP/root/usr/share/man/man${name##*.}/$name" ] || lacking="$lacking $name"
done
t_is "every page is installed" "$lacking" ""
t_done
