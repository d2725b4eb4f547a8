# The guestbook's front page, without PHP: enough for what the examples show of it.
names='gcr.io/google_samples/gb-frontend:v3'
packages='nginx nginx-common libc6 libcrypt1 libpcre2-8-0 libssl3 zlib1g'
config='{"Cmd":["nginx","-g","daemon off;"],"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"ExposedPorts":{"80/tcp":{}},"StopSignal":"SIGQUIT"}'
build() {
  add_busybox "$1"
  rm -rf "$1/etc/nginx/sites-enabled" "$1/etc/nginx/modules-enabled" "$1/etc/init.d" "$1/lib/systemd"
  mkdir -p "$1/var/log/nginx" "$1/var/lib/nginx" "$1/usr/share/nginx/html"
  sed 's/^pid/user nginx;\npid/' "$here/nginx.conf" >"$1/etc/nginx/nginx.conf"
  cat >"$1/usr/share/nginx/html/index.html" <<'END'
<!DOCTYPE html>
<html><head><title>Guestbook</title></head>
<body><h2>Guestbook</h2></body></html>
END
}
