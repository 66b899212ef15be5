#!/bin/sh
# Puts Terraform into a folder, when a version is asked for. Its archive must have the given SHA-256.
#
#   TERRAFORM_VERSION=… TERRAFORM_SHA256_AMD64=… TERRAFORM_RELEASES=… terraform.sh FOLDER
set -eu
folder=$1
mkdir -p "$folder"
[ -n "${TERRAFORM_VERSION:-}" ] || exit 0

fail() { echo "terraform.sh: $*" >&2; exit 2; }

# builders without TARGETARCH build for the machine that they are on
architecture=${TARGETARCH:-$(dpkg --print-architecture)}
case "$architecture" in
  amd64) sha256=${TERRAFORM_SHA256_AMD64:-} argument=TERRAFORM_SHA256_AMD64 ;;
  arm64) sha256=${TERRAFORM_SHA256_ARM64:-} argument=TERRAFORM_SHA256_ARM64 ;;
  *) fail "Terraform is not put into images for $architecture" ;;
esac
case "$TERRAFORM_VERSION" in *[!0-9A-Za-z.-]*) fail "TERRAFORM_VERSION is no version: $TERRAFORM_VERSION" ;; esac
[ -n "$sha256" ] || fail "with TERRAFORM_VERSION, $argument must be given: it is in the release's SHA256SUMS"

apt-get update -q
apt-get install -y -q --no-install-recommends ca-certificates curl unzip
archive="terraform_${TERRAFORM_VERSION}_linux_${architecture}.zip"
curl --fail --silent --show-error --location --retry 3 --output "/tmp/$archive" "$TERRAFORM_RELEASES/$TERRAFORM_VERSION/$archive"
echo "$sha256  /tmp/$archive" | sha256sum --check --quiet || fail "$archive does not have the SHA-256 $sha256"
unzip -q -o "/tmp/$archive" terraform -d "$folder"
rm "/tmp/$archive"
