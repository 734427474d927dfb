# shellcheck shell=sh
# Where the lab is; read by the commands beside it. Another address is set from outside, as it is for the services.
export AUTH_LISTEN="${AUTH_LISTEN:-127.0.0.1:5003}"
export PERSON_LISTEN="${PERSON_LISTEN:-127.0.0.1:5001}"
export HEALTH_LISTEN="${HEALTH_LISTEN:-127.0.0.1:5002}"
data=data/apart

# Shows what stands at the top of a command that got fewer arguments than it needs: `needs 1 "$@"`.
needs() {
  [ $# -gt "$1" ] || { sed -n '2,/^set /s/^# //p' "$0" >&2 && exit 64; }
}

# Prints the address of a service: `address person`.
address() {
  case $1 in
    auth) echo "$AUTH_LISTEN" ;;
    person) echo "$PERSON_LISTEN" ;;
    health) echo "$HEALTH_LISTEN" ;;
    *) echo "there is no service $1" >&2 && return 1 ;;
  esac
}

# curl with the token of ada, or of whoever AS names.
ask() {
  curl -sS --fail-with-body -H "@$data/${AS:-ada}.token" "$@"
}

# Builds what these arguments of cargo name; it is then in $binaries.
build() {
  project=$(cd -P "$(dirname "$0")/.." && pwd)
  cargo build --quiet --manifest-path "$project/Cargo.toml" "$@"
  # shellcheck disable=SC2034 # for who reads this
  binaries=${CARGO_TARGET_DIR:-$project/target}/debug
}

# Starts a program in the place of a service, and waits until it answers there: `begin person PROGRAM [ARGUMENT...]`.
begin() {
  service=$1 url=http://$(address "$1")/readyz
  shift
  if curl -s -m 2 -o /dev/null "$url"; then
    echo "something else answers at $(address "$service"): stop it first" >&2 && return 1
  fi
  "$@" >>"$data/$service.log" 2>&1 </dev/null &
  echo $! >"$data/$service.pid"
  until curl -sf -m 2 -o /dev/null "$url"; do
    kill -0 $! 2>/dev/null || { tail -n 1 "$data/$service.log" >&2 && return 1; }
    sleep 0.1
  done
}
