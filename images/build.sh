#!/bin/bash
# Builds the test images from Debian packages as OCI layouts in .cache/images/layouts/NAME, one after the other. A layout that
# its recipe made before is kept. `images/build.sh` builds all, `images/build.sh nginx redis` these.
# .cache/images/layouts/NAME/names lists what each is to be called in a registry. Versions inside are Debian's: tags are names only.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

recipes=("$@")
[ ${#recipes[@]} -gt 0 ] || recipes=($(cd "$here/recipes" && ls ./*.sh | sed 's/^\.\///; s/\.sh$//'))
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9 # two test runs at once build one after the other

for recipe in "${recipes[@]}"; do
  names='' packages='' config='{}'
  build() { :; }
  source "$here/recipes/$recipe.sh"
  stamp=$(cat "$here/lib.sh" "$here/recipes/$recipe.sh" "$here/nginx.conf" | sha256sum | cut -d' ' -f1)
  [ "$(cat "$layouts/$recipe/stamp" 2>/dev/null || true)" = "$stamp" ] && continue
  echo "building image $recipe"
  rootfs=$(mktemp -d)
  chmod 755 "$rootfs"
  base_files "$rootfs"
  unpack_packages "$rootfs" $packages
  build "$rootfs"
  write_layout "$recipe" "$rootfs" "$config"
  rm -rf "$rootfs"
  printf '%s\n' $names >"$layouts/$recipe.new/names"
  echo "$stamp" >"$layouts/$recipe.new/stamp"
  rm -rf "${layouts:?}/$recipe"
  mv "$layouts/$recipe.new" "$layouts/$recipe"
done
