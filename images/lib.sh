# Shell functions that the image recipes share. A recipe is a file recipes/NAME.sh that sets
#   names     image names with tags, separated by blanks
#   packages  Debian packages whose files make the root file system
#   config    JSON of the OCI image configuration's "config", without Labels
# and defines  build ROOTFS  for what is to be added. Sourced by build.sh; needs a Debian-like host with apt-get, no root.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache="${TIMONIER_IMAGE_CACHE:-$here/../.cache/images}"
debs="$cache/debs"
layouts="$cache/layouts"

# fetch_package NAME: downloads its .deb into the cache, once.
fetch_package() {
  local name=$1
  compgen -G "$debs/${name}_*.deb" >/dev/null && return
  mkdir -p "$debs"
  (cd "$debs" && apt-get -qq -o APT::Sandbox::User=root download "$name") ||
    { echo "cannot download the Debian package $name: run apt-get update, then try again" >&2; return 1; }
}

# unpack_packages ROOTFS NAME...: files of packages, without documentation and translations.
unpack_packages() {
  local rootfs=$1 name
  shift
  for name in "$@"; do
    fetch_package "$name"
    dpkg-deb --fsys-tarfile "$(ls "$debs/${name}"_*.deb | tail -n 1)" |
      tar -x -C "$rootfs" --no-same-owner --exclude='./usr/share/doc' --exclude='./usr/share/man' --exclude='./usr/share/locale' \
        --exclude='./usr/share/lintian' --exclude='./usr/share/info' --exclude='./usr/lib/*/gconv' --exclude='./lib/*/gconv' \
        --exclude='./usr/share/nginx/html/*'
  done
}

# base_files ROOTFS: what every program expects to find.
base_files() {
  local rootfs=$1 directory
  for directory in bin etc root run usr/bin usr/sbin var/log var/lib home dev proc sys; do mkdir -p "$rootfs/$directory"; done
  mkdir -p -m 1777 "$rootfs/tmp" "$rootfs/var/tmp"
  cat >"$rootfs/etc/passwd" <<'END'
root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
nginx:x:101:101:nginx:/nonexistent:/bin/false
redis:x:999:999:redis:/data:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
END
  cat >"$rootfs/etc/group" <<'END'
root:x:0:
daemon:x:1:
www-data:x:33:
nginx:x:101:
redis:x:999:
nogroup:x:65534:
END
  echo 'hosts: files dns' >"$rootfs/etc/nsswitch.conf"
}

# add_busybox ROOTFS: Debian's busybox, what it links to, and each of its programs that is not there already. The static build
# would be smaller, but it crashes when it looks a host name up.
add_busybox() {
  local rootfs=$1 unpacked program
  unpacked=$(mktemp -d)
  unpack_packages "$unpacked" busybox libc6
  cp "$unpacked"/bin/busybox "$rootfs/bin/busybox"
  if ! compgen -G "$rootfs/lib/*/libc.so.6" >/dev/null; then
    (cd "$unpacked" && find lib lib64 \( -name 'ld-linux*' -o -name 'libc.so.*' -o -name 'libresolv.so.*' -o -name 'libnss_*' \) -print0 2>/dev/null |
      tar -c --null -T -) | tar -x -C "$rootfs"
  fi
  rm -rf "$unpacked"
  for program in $("$rootfs"/bin/busybox --list); do
    [ "$program" = busybox ] || [ -e "$rootfs/bin/$program" ] || [ -e "$rootfs/usr/bin/$program" ] || [ -e "$rootfs/usr/sbin/$program" ] ||
      ln -s busybox "$rootfs/bin/$program"
  done
  # This build of wget crashes on -T and does not know --timeout: an outer timeout does the same.
  rm -f "$rootfs/bin/wget"
  cat >"$rootfs/bin/wget" <<'END'
#!/bin/busybox sh
limit=
count=$#
while [ "$count" -gt 0 ]; do
  argument=$1
  shift
  count=$((count - 1))
  case $argument in
    -T) limit=$1; shift; count=$((count - 1)) ;;
    -T?*) limit=${argument#-T} ;;
    --timeout=*) limit=${argument#--timeout=} ;;
    --timeout) limit=$1; shift; count=$((count - 1)) ;;
    --tries=*) ;;
    -t) shift; count=$((count - 1)) ;;
    *) set -- "$@" "$argument" ;;
  esac
done
[ -z "$limit" ] && exec /bin/busybox wget "$@"
exec /bin/busybox timeout "$limit" /bin/busybox wget "$@"
END
  chmod 755 "$rootfs/bin/wget"
}

# store_blob LAYOUT FILE: moves the file to its digest's place; prints "digest size".
store_blob() {
  local digest size
  digest=$(sha256sum "$2" | cut -d' ' -f1)
  size=$(stat -c %s "$2")
  mv "$2" "$1/blobs/sha256/$digest"
  echo "sha256:$digest $size"
}

# write_layout NAME ROOTFS CONFIG: an OCI image layout of one layer. The same files give the same digests.
write_layout() {
  local name=$1 rootfs=$2 config=$3 layout work diff_id layer config_blob manifest architecture
  layout="$layouts/$name.new"
  rm -rf "$layout"
  mkdir -p "$layout/blobs/sha256"
  work=$(mktemp -d)
  architecture=$(dpkg --print-architecture)
  tar -C "$rootfs" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=gnu -cf "$work/layer.tar" .
  diff_id="sha256:$(sha256sum "$work/layer.tar" | cut -d' ' -f1)"
  gzip -n -1 "$work/layer.tar"
  layer=($(store_blob "$layout" "$work/layer.tar.gz"))
  # A label of its own keeps images with equal content apart: a runtime takes equal configurations for one image.
  printf '{"architecture":"%s","os":"linux","created":"1970-01-01T00:00:00Z","config":%s,"rootfs":{"type":"layers","diff_ids":["%s"]},"history":[{"created":"1970-01-01T00:00:00Z","created_by":"images/recipes/%s.sh"}]}' \
    "$architecture" "${config%\}},\"Labels\":{\"timonier.recipe\":\"$name\"}}" "$diff_id" "$name" >"$work/config"
  config_blob=($(store_blob "$layout" "$work/config"))
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%s},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"%s","size":%s}]}' \
    "${config_blob[0]}" "${config_blob[1]}" "${layer[0]}" "${layer[1]}" >"$work/manifest"
  manifest=($(store_blob "$layout" "$work/manifest"))
  echo '{"imageLayoutVersion":"1.0.0"}' >"$layout/oci-layout"
  printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":%s,"platform":{"architecture":"%s","os":"linux"}}]}\n' \
    "${manifest[0]}" "${manifest[1]}" "$architecture" >"$layout/index.json"
  rm -rf "$work"
}
