#!/bin/sh
# Leaves of a workspace only its manifests and empty sources: what its dependencies can be built with. The result is the same,
# down to the times of its files, as long as the manifests are: that is what keeps the layer with the dependencies.
#
#   manifests.sh FOLDER
set -eu
cd "$1"
find . -type f ! -name Cargo.toml ! -name Cargo.lock ! -path '*/src/lib.rs' ! -path '*/src/main.rs' ! -path '*/src/bin/*.rs' -delete
find . -type l -delete
find . -path '*/src/lib.rs' | while read -r file; do : > "$file"; done
find . \( -path '*/src/main.rs' -o -path '*/src/bin/*.rs' \) | while read -r file; do echo 'fn main() {}' > "$file"; done
find . -type d -empty -delete
find . -exec touch -d @0 {} +
