#!/bin/sh
# Uses up CPU: after HOG_DELAY seconds, as HOG_CONFIG says in options of stress-ng. Both come from a task definition, so each
# word is read and checked here, and stress-ng is given numbers only. SIGTERM ends it at once, also while it waits.
set -euf

fail() { echo "ecs-container-hog: $*" >&2; exit 2; }

# Whether a word is a whole number that the shell can calculate with.
whole() {
  case "$1" in '' | *[!0-9]*) return 1 ;; esac
  [ ${#1} -le 9 ]
}

# A whole number without leading zeros, which the shell takes for octal ones.
plain() { printf '%s' "$1" | sed 's/^0*\(.\)/\1/'; }

# The seconds of a time such as 60, 90s, 5m, 1h or 1d.
seconds() {
  case "$2" in
    *s) unit=1 ;; *m) unit=60 ;; *h) unit=3600 ;; *d) unit=86400 ;;
    *) unit=1 ;;
  esac
  number=${2%[smhd]}
  whole "$number" || fail "$1: \`$2\` is no time such as 60, 90s, 5m, 1h or 1d"
  echo $(($(plain "$number") * unit))
}

# Sets one option.
option() {
  case "$1" in
    --cpu | -c)
      whole "$2" || fail "HOG_CONFIG: $1 needs a number of workers from 0 up, not \`$2\`"
      cpu=$(plain "$2") ;;
    --cpu-load | -l)
      number=${2%\%}
      { whole "$number" && [ "$number" -le 100 ]; } || fail "HOG_CONFIG: $1 needs a whole number from 0 to 100, not \`$2\`"
      load=$(plain "$number") ;;
    --timeout | -t)
      timeout=$(seconds "HOG_CONFIG: $1" "$2") ;;
    *) fail "HOG_CONFIG: there is no option \`$1\`, only --cpu N (-c), --cpu-load PER_CENT (-l) and --timeout TIME (-t)" ;;
  esac
}

# Reads HOG_CONFIG: `--cpu 2`, `--cpu=2`, `-c 2` and `-c2` are the same.
configured() {
  cpu='' load=100 timeout=0 # a timeout of 0 is none; stress-ng's own is a day
  if [ "${1:-}" = stress-ng ]; then shift; fi
  while [ $# -gt 0 ]; do
    case "$1" in
      --*=*) option "${1%%=*}" "${1#*=}"; shift ;;
      -[!-]?*) rest=${1#-?}; option "${1%"$rest"}" "$rest"; shift ;;
      *) option "$1" "${2-}"; shift; [ $# -eq 0 ] || shift ;;
    esac
  done
}

# Runs a program so that a signal to this one does not have to wait for it.
run() {
  "$@" &
  wait "$!"
}

ended() {
  trap '' TERM INT
  if [ -n "${!:-}" ]; then
    kill -TERM "$!" 2>/dev/null || true
    wait "$!" || true
  fi
  echo "ecs-container-hog: ended by a signal" >&2
  exit 143
}
trap ended TERM INT

# shellcheck disable=SC2086  # words are wanted, and globbing is off
configured ${HOG_CONFIG:-}
delay=$(seconds HOG_DELAY "${HOG_DELAY:-0}")
if [ -z "$cpu" ]; then
  echo "ecs-container-hog: HOG_CONFIG has no --cpu, so nothing is used up" >&2
  exit 0
fi
if [ "$delay" -gt 0 ]; then
  echo "ecs-container-hog: waits for $delay s" >&2
  run sleep "$delay"
fi
run stress-ng --cpu "$cpu" --cpu-load "$load" --timeout "$timeout"
