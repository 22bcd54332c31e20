# Completion of `vigil` for bash.
_vigil()
{
	local word=$2 previous=$3 command=${COMP_WORDS[1]}
	local packs="--rules --no-starter --knowledge --help"
	local request="--order --as-of --time-zone --hook --not-supplied --record-drafts --alerts"
	local commands="check explain show lint words test mutate boundaries impact new fmt selftest lookup knowledge import scan serve journal doctor version help"
	local sections="medications allergies conditions results procedures immunizations encounters orders"
	local hooks="patient-view order-select order-sign order-dispatch encounter-start encounter-discharge appointment-book \
allergyintolerance-create problem-list-item-create medication-refill"
	local options="" formats="text json"
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$word")
		return
	fi
	case $command in
	check) options="$request --all-statuses --all --format --trace --fail-on $packs" formats="text json cards" ;;
	explain) options="$request --full --format $packs" ;;
	knowledge) options="--format --to --name $packs" ;;
	serve) options="--listen --socket --journal --no-journal --allow-origin --config --time-zone $packs" formats="text" ;;
	scan)
		options="--as-of --time-zone --only --not-supplied --alerts --all --format --out --resume --jobs --shard --since --forecast --quick --report --suppress-below $packs"
		formats="table csv ndjson fhir"
		;;
	import) options="--source --errors --jobs --format --help" formats="text json" ;;
	journal) options="--key --from --to --fail-on --format --help" formats="text json csv ndjson" ;;
	show) options="--format $packs" formats="text json markdown" ;;
	lookup) options="--format $packs" ;;
	doctor) options="--config --format $packs" ;;
	words) options="--format --out" formats="text json markdown editor luals plugin luarc luacheck" ;;
	lint) options="--format --explain --record --today --fail-on $packs" formats="text json oneline sarif markdown" ;;
	selftest) options="--format $packs" formats="text json" ;;
	test) options="--coverage --format --rule --watch $packs" formats="text json junit" ;;
	mutate) options="--at-least --format $packs" ;;
	impact) options="--as-of --time-zone --all-statuses --record-drafts --sample --format --rules --no-starter --help" ;;
	new) options="--out $packs" formats="" ;;
	fmt) options="--check --help" ;;
	boundaries) options="--as-of --format --write $packs" formats="text markdown html json" ;;
	version) options="--format --help" ;;
	help) options="$commands" ;;
	esac
	case $previous in
	--format) mapfile -t COMPREPLY < <(compgen -W "$formats" -- "$word") ;;
	--hook) mapfile -t COMPREPLY < <(compgen -W "$hooks" -- "$word") ;;
	--not-supplied) mapfile -t COMPREPLY < <(compgen -W "$sections" -- "$word") ;;
	--fail-on)
		local levels="info warning critical incomplete"
		[ "$command" = lint ] && levels="error warning note"
		mapfile -t COMPREPLY < <(compgen -W "$levels" -- "$word")
		;;
	--only | --jobs | --shard | --suppress-below | --as-of | --sample | --today | --time-zone | --explain | --rule | --at-least | --name | --listen | --allow-origin) ;;
	--rules | --to) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
	--order | --out | --errors | --since | --report | --knowledge | --record | --key | --socket | --journal | --config) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
	*)
		if [[ $word == -* || $command == help ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
		elif [ "$command" = knowledge ]; then
			case $previous in
			knowledge) mapfile -t COMPREPLY < <(compgen -W "info import list-imports remove" -- "$word") ;;
			import) mapfile -t COMPREPLY < <(compgen -W "rxnorm valueset sets local-codes" -- "$word") ;;
			*) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
			esac
		elif [[ $command == new && $previous == new ]]; then
			mapfile -t COMPREPLY < <(compgen -W "rule interaction contraindication allergy duplicate_therapy duplicate_test screening define" -- "$word")
		elif [[ $command == journal && $previous == journal ]]; then
			mapfile -t COMPREPLY < <(compgen -W "verify export stats" -- "$word")
		else
			mapfile -t COMPREPLY < <(compgen -f -- "$word")
		fi
		;;
	esac
}
complete -o filenames -F _vigil vigil
