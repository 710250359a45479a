#!/bin/sh
# A sweep in shards with GNU parallel, on this machine or on several:
#
#	packaging/sweep/parallel.sh 8 OUT CASE [OPTION of halbsim sweep]…
#
# OUT/shard-I are the shards, OUT/whole is what a sweep in one piece would have
# left. Run again after an interruption, it goes on. For other machines, give
# parallel its --sshlogin in PARALLEL_OPTIONS; OUT and halbsim must then be at the
# same paths everywhere, and halbsim the same build.
set -eu

if [ $# -lt 3 ]; then
	echo "usage: $0 SHARDS OUT CASE [OPTION...]" >&2
	exit 64
fi
halbsim=${HALBSIM:-halbsim}
shards=$1 out=$2
shift 2
mkdir -p "$out"
# A trial whose expectations do not hold is a result; more than 2 is a failure.
# shellcheck disable=SC2086
seq "$shards" | parallel --quote ${PARALLEL_OPTIONS:-} --halt soon,fail=1 sh -c \
	'"$@"; r=$?; [ $r -le 2 ] || exit $r' sh \
	"$halbsim" sweep --quiet --shard "{}/$shards" --out "$out/shard-{}" "$@"
rm -rf "$out/whole"
set --
for i in $(seq "$shards"); do
	set -- "$@" "$out/shard-$i"
done
exec "$halbsim" merge --out "$out/whole" "$@"
