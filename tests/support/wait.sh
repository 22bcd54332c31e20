# Sourced by suites. Waits until a command holds, as long as a slow machine may need: only what is broken needs minutes.
wait_for() {
	local until=$((SECONDS + 300))
	until "$@"; do
		[ $SECONDS -lt $until ] || return 1
		sleep 0.05
	done
}
