#!/usr/bin/env bash
# Builds an image of this repository and pushes it to Amazon ECR. The last line on standard output is what to put into a job or
# task definition: the image by its digest. Everything else goes to standard error.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
  cat <<'END'
Usage: ./push_to_ecr.sh [OPTIONS] [-- BUILD OPTIONS…]

Builds an image, pushes it to Amazon ECR and prints its digest reference as the last line.

  --region REGION       AWS_REGION, AWS_DEFAULT_REGION, or that of the profile
  --profile PROFILE     AWS_PROFILE
  --account ACCOUNT     AWS_ACCOUNT_ID; without it, that of the credentials
  --repository NAME     ECR_REPOSITORY; without it, the target's name (chaos-starter-pack for chaos)
  --tag TAG             IMAGE_TAG; without it, the commit, with -dirty after it where files differ; latest outside of git
  --target TARGET       IMAGE_TARGET: chaos (the default), comments-web, comments-api, comments-spamcheck or ecs-container-hog
  --platform LIST       IMAGE_PLATFORM: linux/amd64, linux/arm64 or both with a comma between; without it, this machine's
  --engine ENGINE       CONTAINER_ENGINE: docker, podman or buildah; without it, the first that is there
  --immutable           a repository that is created refuses to have a tag overwritten
  --keep COUNT          a repository that is created keeps so many images, and drops older ones
  --no-create           fail when the repository is missing
  --dry-run             print the commands that would change something, and run none of them
  -h, --help            this text

What stands after -- goes to the build, such as: --build-arg TERRAFORM_VERSION=1.9.8
A repository that is missing is created, with scan on push and encryption. Exit codes: 2 for bad input, 1 for a failure.
END
}

say() { printf '%s\n' "$*" >&2; }
bad() { say "push_to_ecr.sh: $*"; exit 2; }
fail() { say "push_to_ecr.sh: $*"; exit 1; }

read_options() {
  region=${AWS_REGION:-${AWS_DEFAULT_REGION:-}}
  account=${AWS_ACCOUNT_ID:-}
  repository=${ECR_REPOSITORY:-}
  tag=${IMAGE_TAG:-}
  target=${IMAGE_TARGET:-chaos}
  platform=${IMAGE_PLATFORM:-}
  engine=${CONTAINER_ENGINE:-}
  immutable='' keep='' create=yes dry_run='' build_options=()
  while [ $# -gt 0 ]; do
    case $1 in
      --region | --profile | --account | --repository | --tag | --target | --platform | --engine | --keep)
        [ $# -ge 2 ] || bad "$1 needs a value"
        [ -n "$2" ] || bad "the value of $1 is empty"
        case $1 in
          --profile) export AWS_PROFILE=$2 ;;
          *) printf -v "${1#--}" '%s' "$2" ;;
        esac
        shift 2 ;;
      --immutable) immutable=yes; shift ;;
      --no-create) create=''; shift ;;
      --dry-run) dry_run=yes; shift ;;
      -h | --help) usage; exit 0 ;;
      --) shift; build_options=("$@"); break ;;
      *) bad "there is no option $1; --help tells which there are" ;;
    esac
  done
}

matches() { [[ $2 =~ ^($3)$ ]] || bad "$1 is wrong: $2"; }

check_options() {
  case $target in
    chaos) repository=${repository:-chaos-starter-pack} ;;
    comments-web | comments-api | comments-spamcheck | ecs-container-hog) repository=${repository:-$target} ;;
    *) bad "there is no target $target; --help tells which there are" ;;
  esac
  tag=${tag:-$(git describe --always --dirty --exclude '*' --abbrev=12 2>/dev/null || echo latest)}
  [ -z "$region" ] || matches --region "$region" '[a-z]{2}(-[a-z]+)+-[0-9]+'
  [ -z "$account" ] || matches --account "$account" '[0-9]{12}'
  matches --repository "$repository" '[a-z0-9]+([._/-][a-z0-9]+)*'
  matches --tag "$tag" '[A-Za-z0-9_][A-Za-z0-9._-]{0,127}'
  [ -z "$platform" ] || matches --platform "$platform" 'linux/(amd64|arm64)(,linux/(amd64|arm64))?'
  [ -z "$keep" ] || matches --keep "$keep" '[1-9][0-9]{0,3}'
  [ -z "$engine" ] || matches --engine "$engine" 'docker|podman|buildah'
}

works() {
  command -v "$1" >/dev/null && "$1" info >/dev/null 2>&1 || return
  [ "$1" != docker ] || docker buildx version >/dev/null 2>&1
}

# An engine that is there and works.
find_engine() {
  local candidate
  for candidate in ${engine:-docker podman buildah}; do
    if works "$candidate"; then
      engine=$candidate
      return
    fi
  done
  fail "no container engine: ${engine:-docker (with buildx), podman or buildah} must be installed and running"
}

# Before anything is built: all that the push will need.
check_surroundings() {
  command -v aws >/dev/null || fail "the AWS CLI is missing: install it (aws)"
  find_engine
  region=${region:-$(aws configure get region || true)}
  [ -n "$region" ] || bad "no region: give --region, or set AWS_REGION"
  export AWS_REGION=$region AWS_DEFAULT_REGION=$region AWS_PAGER=''
  own_account=$(aws sts get-caller-identity --query Account --output text) ||
    fail "AWS does not take the credentials: log in, or set AWS_PROFILE"
  account=${account:-$own_account}
  local domain=amazonaws.com
  case $region in cn-*) domain=amazonaws.com.cn ;; esac
  registry=$account.dkr.ecr.$region.$domain
  image=$registry/$repository
}

shown() { { printf '%q ' "$@"; echo; } >&2; }

# Runs a command that changes something, or only shows it.
change() {
  if [ -n "$dry_run" ]; then shown "$@"; else "$@" >&2; fi
}

lifecycle() {
  local selection='{"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": '$keep'}'
  printf '{"rules": [{"rulePriority": 1, "selection": %s, "action": {"type": "expire"}}]}' "$selection"
}

create_repository() {
  [ -n "$create" ] || fail "there is no repository $repository in $region"
  [ "$account" = "$own_account" ] || fail "there is no repository $repository, and only account $account itself can create it"
  local mutability=MUTABLE
  [ -z "$immutable" ] || mutability=IMMUTABLE
  say "creating the repository $repository"
  change aws ecr create-repository --repository-name "$repository" --image-tag-mutability "$mutability" \
    --image-scanning-configuration scanOnPush=true --encryption-configuration encryptionType=AES256
  [ -z "$keep" ] || change aws ecr put-lifecycle-policy --repository-name "$repository" --lifecycle-policy-text "$(lifecycle)"
}

# The repository is there, and takes this tag.
ensure_repository() {
  local told
  if ! told=$(aws ecr describe-repositories --registry-id "$account" --repository-names "$repository" \
    --query 'repositories[0].imageTagMutability' --output text 2>&1); then
    [[ $told == *RepositoryNotFoundException* ]] || fail "cannot look at the repository $repository: $told"
    create_repository
  elif [[ $told == IMMUTABLE* ]] && aws ecr describe-images --registry-id "$account" --repository-name "$repository" \
    --image-ids "imageTag=$tag" >/dev/null 2>&1; then
    fail "$repository:$tag is there already and cannot be overwritten: give another --tag"
  fi
}

# The password goes from one program to the other, past command lines and files of ours.
log_in() {
  if [ -n "$dry_run" ]; then
    say "aws ecr get-login-password | $engine login --username AWS --password-stdin $registry"
    return
  fi
  local password
  password=$(aws ecr get-login-password) || fail "AWS gives no password for the registry: ecr:GetAuthorizationToken is needed"
  printf '%s' "$password" | "$engine" login --username AWS --password-stdin "$registry" >&2 || fail "the registry does not take the password"
}

# What docker tells of a build has more digests than that of what was pushed. Provenance would make a list of one image.
with_docker() {
  change docker buildx build "${build[@]}" --provenance=false --tag "$image:$tag" --push --metadata-file "$work/metadata" .
  [ -n "$dry_run" ] || sed -n 's/.*"containerimage.digest": *"\([^"]*\)".*/\1/p' "$work/metadata" > "$work/digest"
}

# podman and buildah build several platforms into a list, which has commands of its own.
with_podman() {
  local list=localhost/$repository-$tag
  if [[ $platform == *,* ]]; then
    "$engine" manifest rm "$list" >/dev/null 2>&1 || true
    change "$engine" build "${build[@]}" --manifest "$list" .
    change "$engine" manifest push --all --digestfile "$work/digest" "$list" "docker://$image:$tag"
  else
    change "$engine" build "${build[@]}" --tag "$image:$tag" .
    change "$engine" push --digestfile "$work/digest" "$image:$tag"
  fi
}

build_and_push() {
  build=(--target "$target")
  [ -z "$platform" ] || build+=(--platform "$platform")
  build+=(${build_options[@]+"${build_options[@]}"})
  case $engine in
    docker) with_docker ;;
    *) with_podman ;;
  esac
}

main() {
  read_options "$@"
  check_options
  check_surroundings
  ensure_repository
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  log_in
  build_and_push
  if [ -n "$dry_run" ]; then
    say "nothing was changed; this would push $image:$tag"
    return
  fi
  local digest
  digest=$(grep -xE 'sha256:[0-9a-f]{64}' "$work/digest") || fail "$engine pushed $image:$tag, and told no digest"
  say "pushed $image:$tag"
  printf '%s@%s\n' "$image" "$digest"
}

main "$@"
