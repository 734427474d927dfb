# shellcheck shell=sh
# Addresses and functions that the other scripts share. The services' own variables change the addresses.
export AUTH_LISTEN="${AUTH_LISTEN:-127.0.0.1:5003}"
export PERSON_LISTEN="${PERSON_LISTEN:-127.0.0.1:5001}"
export HEALTH_LISTEN="${HEALTH_LISTEN:-127.0.0.1:5002}"
data=data/apart
# shellcheck disable=SC2034 # the scripts use it: curl before 7.82 has no `--json`
json='Content-Type: application/json'

# Prints the comment at the top of the script and exits if arguments are missing: `needs 1 "$@"`.
needs() {
  [ $# -gt "$1" ] || { sed -n "$(say '2,/^#$/' '/^#$/,/^set /')s/^# //p" "$0" >&2 && exit 64; }
}

# Prints the first text, or the second if the messages of the system are in French: `say ENGLISH FRENCH`.
say() {
  : "${2:?the message needs a French text: $1}"
  case ${LANGUAGE:-${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}} in
    fr*) printf '%s\n' "$2" ;;
    *) printf '%s\n' "$1" ;;
  esac
}

# Fails if a program is not installed: `require curl jq`.
require() {
  "$(dirname "$0")/doctor" --require "$@" || exit
}

# Prints the address of a service: `address person`.
address() {
  case $1 in
    auth) echo "$AUTH_LISTEN" ;;
    person) echo "$PERSON_LISTEN" ;;
    health) echo "$HEALTH_LISTEN" ;;
    *) say "unknown service: $1" "service inconnu : $1" >&2 && return 1 ;;
  esac
}

# Calls curl with the token of ada, or of the user in AS.
ask() {
  user=${AS:-ada}
  if ! [ -e "$data/$user.token" ]; then
    say "$user is not logged in: type \`scripts/login $user\` in the folder of the project" \
      "$user n'est pas connecté : tapez \`scripts/login $user\` dans le dossier du projet" >&2
    exit 1
  fi
  curl -s --fail-with-body -H "@$data/$user.token" "$@" || {
    code=$?
    # 22: the answer is an error, and says which.
    [ "$code" -eq 22 ] || say "no answer (curl: $code); \`scripts/start\` starts the services" \
      "pas de réponse (curl : $code) ; \`scripts/start\` démarre les services" >&2
    return "$code"
  }
}

# Builds packages and sets `binaries` to the folder that holds them: `build -p PACKAGE...`. Cargo is silent unless it may
# have minutes of work, because the dependencies are not those of the last build.
build() {
  require cargo cc
  project=$(cd -P "$(dirname "$0")/.." && pwd)
  binaries=${CARGO_TARGET_DIR:-$project/target}/debug
  built=$binaries/dependencies.lock
  if cmp -s "$project/Cargo.lock" "$built"; then
    set -- --quiet "$@"
  else
    say "Compiling. The first time takes a few minutes." "Compilation. La première fois prend quelques minutes." >&2
  fi
  cargo build --manifest-path "$project/Cargo.toml" "$@"
  cp "$project/Cargo.lock" "$built"
}

# Starts a program at the address of a service and waits until it is ready: `begin person PROGRAM [ARGUMENT...]`.
begin() {
  service=$1 url=http://$(address "$1")/readyz
  shift
  if curl -s -m 2 -o /dev/null "$url"; then
    say "another program already answers at $(address "$service"); stop it first (a lab: Ctrl-C or \`docker compose down\`)" \
      "un autre programme répond déjà à l'adresse $(address "$service") ; arrêtez-le d'abord (un lab : Ctrl-C ou \`docker compose down\`)" >&2
    return 1
  fi
  "$@" >>"$data/$service.log" 2>&1 </dev/null &
  echo $! >"$data/$service.pid"
  until curl -sf -m 2 -o /dev/null "$url"; do
    kill -0 $! 2>/dev/null || { tail -n 1 "$data/$service.log" >&2 && return 1; }
    sleep 0.1
  done
}
