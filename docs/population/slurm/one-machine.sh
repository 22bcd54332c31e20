#!/usr/bin/env bash
# A Slurm of one machine, without systemd and without root's help beyond starting it: to try a job array before the cluster's turn comes.
#
#     docs/population/slurm/one-machine.sh start|stop DIRECTORY
#
# Needs Debian's slurm-wlm and munge.  Everything it writes is in DIRECTORY; nothing of the machine's own configuration is touched.
# SLURM_PORT (6917) and the one after it must be free.  Afterwards: export SLURM_CONF=DIRECTORY/slurm.conf and use sbatch, squeue, scancel as ever.
set -euo pipefail
if [ $# -ne 2 ] || [[ $1 != start && $1 != stop ]]; then
	sed -n '2,7s/^# \{0,1\}//p' "$0"
	exit 2
fi
directory=$(mkdir -p "$2" && cd "$2" && pwd)
stop() {
	local name
	for name in slurmd slurmctld munged; do # the next one when this one is gone: each writes its state as it ends
		[ -s "$directory/$name.pid" ] || continue
		local pid
		pid=$(cat "$directory/$name.pid")
		kill "$pid" 2>/dev/null || continue
		for _ in $(seq 600); do
			grep -qs '^State:\s*[^ZX]' "/proc/$pid/status" || break
			sleep 0.1
		done
	done
}
if [ "$1" = stop ]; then
	stop
	exit 0
fi
for program in munged slurmctld slurmd; do
	[ -x "/usr/sbin/$program" ] || { echo "$program is not here: apt-get install slurm-wlm munge" >&2; exit 2; }
done
mkdir -p "$directory/state" "$directory/spool" "$directory/munge"
chmod 700 "$directory/munge"
[ -s "$directory/munge/key" ] || (umask 077 && head -c 1024 /dev/urandom >"$directory/munge/key")
host=$(hostname -s) me=$(id -un)
cat >"$directory/slurm.conf" <<CONF
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$me
SlurmdUser=$me
AuthType=auth/munge
AuthInfo=socket=$directory/munge/socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=2
SlurmctldPidFile=$directory/slurmctld.pid
SlurmdPidFile=$directory/slurmd.pid
StateSaveLocation=$directory/state
SlurmdSpoolDir=$directory/spool
SlurmctldLogFile=$directory/slurmctld.log
SlurmdLogFile=$directory/slurmd.log
SlurmctldPort=${SLURM_PORT:-6917}
SlurmdPort=$((${SLURM_PORT:-6917} + 1))
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
munged --force --key-file "$directory/munge/key" --socket "$directory/munge/socket" --pid-file "$directory/munged.pid" --log-file "$directory/munge/log" \
	--seed-file "$directory/munge/seed"
export SLURM_CONF="$directory/slurm.conf"
slurmctld -f "$SLURM_CONF"
slurmd -f "$SLURM_CONF"
ended() { grep -qs 'fatal:' "$directory/slurmctld.log" || ! kill -0 "$(cat "$directory/slurmctld.pid" 2>/dev/null || echo $$)" 2>/dev/null; }
deadline=$((SECONDS + 300))
while [ $SECONDS -lt $deadline ] && ! ended; do # a port that is taken ends the controller
	if timeout 60 sinfo -h -o %T 2>/dev/null | grep -q '^idle'; then
		echo "ready: export SLURM_CONF=$SLURM_CONF"
		exit 0
	fi
	sleep 0.5
done
echo "Slurm did not become ready; the last words of its logs:" >&2
tail -n 3 "$directory"/slurm*.log >&2
stop
exit 6
