#!/bin/sh
# Copies programs and libraries of a Debian system, with all libraries they need, into the root of an image. What it takes
# is entered as a package there, so that scanners find it, with its licence.
#
#   collect.sh ROOT PROGRAM-OR-LIBRARY…
set -eu
root=$1
shift

# The path of a program on PATH, or of a library by its name.
located() {
  command -v "$1" || ldconfig -p | awk -v name="$1" '$1 == name { print $NF; exit }'
}

# The libraries and the loader that a file needs; a static program needs none.
needed() {
  ldd "$1" 2>/dev/null | grep -o '/[^ ]*' || true
}

# Enters the package that a file is from. Packages may name it by a path from before /usr took in /lib and /bin.
entered() {
  package=$(dpkg-query -S "*/${1##*/}" | awk -F': ' -v path="${1#/usr}" '{ sub("^/usr", "", $2) } $2 == path { print $1; exit }')
  package=${package%%:*}
  if [ -z "$package" ] || [ -e "$root/var/lib/dpkg/status.d/$package" ]; then return; fi
  mkdir -p "$root/var/lib/dpkg/status.d" "$root/usr/share/doc/$package"
  dpkg-query -s "$package" > "$root/var/lib/dpkg/status.d/$package"
  cp -L "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/"
}

for folder in bin sbin lib lib64; do
  if [ -e "$root/$folder" ] || ! [ -e "/$folder" ]; then continue; fi
  mkdir -p "$root/usr/$folder"
  ln -s "usr/$folder" "$root/$folder"
done
for name in "$@"; do
  file=$(located "$name")
  [ -n "$file" ] || { echo "collect.sh: $name is not installed" >&2; exit 1; }
  for path in "$file" $(needed "$file"); do
    [ -e "$root$path" ] || { mkdir -p "$root${path%/*}" && cp -L "$path" "$root$path"; }
    entered "$path"
  done
done
