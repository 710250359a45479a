#!/bin/sh
# The recipe for Slurm, on a real slurmctld and slurmd of this machine: an array of
# two shards makes the table of the whole.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1

for program in slurmctld slurmd munged sbatch; do
	PATH=$PATH:/usr/sbin
	if ! command -v $program >/dev/null 2>&1; then
		t_skip "$program is missing: apt-get install slurmctld slurmd munge"
		t_done
	fi
done
if [ "$(id -u)" != 0 ]; then
	t_skip "slurmd needs root"
	t_done
fi

S=$TMP/slurm
SLURM_CONF=$S/slurm.conf
export SLURM_CONF
host=$(hostname -s)
mkdir -p "$S/state" "$S/spool" "$S/munge"
# munge refuses folders that others may write to, and must reach its socket
chmod 755 "$TMP" "$S" "$S/munge"
head -c 1024 /dev/urandom >"$S/munge/key"
chmod 600 "$S/munge/key"
cat >"$SLURM_CONF" <<CONF
ClusterName=halbsim
SlurmctldHost=$host(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket=$S/munge.socket
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$S/state
SlurmdSpoolDir=$S/spool
SlurmctldPidFile=$S/slurmctld.pid
SlurmdPidFile=$S/slurmd.pid
SlurmctldLogFile=$S/slurmctld.log
SlurmdLogFile=$S/slurmd.log
SlurmctldPort=16817
SlurmdPort=16818
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 RealMemory=2000 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
stop() {
	for pid in "$S/slurmd.pid" "$S/slurmctld.pid" "$S/munge/pid"; do
		[ -s "$pid" ] && kill "$(cat "$pid")" 2>/dev/null
	done
	t_cleanup
}
trap stop EXIT
t_ok "munged" munged --force --key-file="$S/munge/key" --socket="$S/munge.socket" \
	--pid-file="$S/munge/pid" --log-file="$S/munge/log" --seed-file="$S/munge/seed"
t_ok "slurmctld" slurmctld -f "$SLURM_CONF"
t_ok "slurmd" slurmd -f "$SLURM_CONF" -N "$host"

phases=0ms..250ms/250ms
OUT=$TMP/shards
HALBSIM=$BIN/halbsim
export OUT HALBSIM
t_exit "the array" 0 sbatch --wait --array=1-2 --output="$TMP/task-%a.log" --export=ALL \
	packaging/sweep/slurm.sbatch master_down --phase $phases
t_exit "merged" 0 "$BIN/halbsim" merge --out "$OUT/whole" "$OUT/shard-1" "$OUT/shard-2"
t_exit "in one piece" 0 "$BIN/halbsim" sweep --quiet --out "$TMP/one" --phase $phases master_down
for f in table.jsonl table.csv sweep.html sweep.json; do
	t_ok "equal $f" cmp "$TMP/one/$f" "$OUT/whole/$f"
done
t_done
