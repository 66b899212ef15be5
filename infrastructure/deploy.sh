#!/usr/bin/env bash
# Runs Terraform in each part of the deployment, in their order; `destroy` goes backwards.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
parts=(comments-app/networking comments-app/services batch)

usage() {
  cat <<'TEXT'
Usage: deploy.sh apply|plan|destroy [--only PART] [options of Terraform, such as -auto-approve]

  --only PART   comments-app/networking, comments-app/services or batch

Settings are read from settings.tfvars beside this program, and from TF_VAR_… variables.

  STATE_BUCKET  the bucket of Terraform's state; without it the state stays in the folders, on this machine
TEXT
}

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 2
}

is_part() {
  local part
  for part in "${parts[@]}"; do
    [[ $part != "$1" ]] || return 0
  done
  return 1
}

# Terragrunt writes the same file.
write_backend() {
  local part=$1 region=${TF_VAR_region:-us-east-1}
  cat > "$here/$part/backend.tf" <<BACKEND
terraform {
  backend "s3" {
    bucket       = "$STATE_BUCKET"
    key          = "${TF_VAR_environment:-live}/$part/terraform.tfstate"
    region       = "$region"
    encrypt      = true
    use_lockfile = true
  }
}
BACKEND
}

run() {
  local part=$1 command=$2 settings=()
  shift 2
  printf '== %s: %s\n' "$command" "$part"
  if [[ -n ${STATE_BUCKET:-} ]]; then
    write_backend "$part"
  elif [[ -e $here/$part/backend.tf ]]; then
    fail "the state of $part is in a bucket, as backend.tf there says: set STATE_BUCKET"
  fi
  [[ ! -e $here/settings.tfvars ]] || settings=(-var-file="$here/settings.tfvars")
  terraform -chdir="$here/$part" init -input=false
  # each part warns of the settings of the others
  terraform -chdir="$here/$part" "$command" -input=false -compact-warnings "${settings[@]}" "$@"
}

main() {
  local command=${1:-} part turned=()
  case $command in
    apply | plan | destroy) shift ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
  if [[ ${1:-} == --only ]]; then
    [[ $# -ge 2 ]] || fail "--only wants a part: ${parts[*]}"
    is_part "$2" || fail "there is no part $2: take one of ${parts[*]}"
    parts=("$2")
    shift 2
  fi
  command -v terraform > /dev/null || fail "there is no terraform on the PATH: install 1.11 or newer"
  if [[ $command == destroy ]]; then
    for part in "${parts[@]}"; do
      turned=("$part" "${turned[@]}")
    done
    parts=("${turned[@]}")
  fi
  for part in "${parts[@]}"; do
    run "$part" "$command" "$@"
  done
}

main "$@"
