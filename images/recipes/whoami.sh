# Answers every HTTP request on port 8080 (or $PORT) with its host name and address: shows which pod a service reaches.
names='test.example/whoami:1'
config='{"Cmd":["/bin/whoami-server"],"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"ExposedPorts":{"8080/tcp":{}}}'
build() {
  add_busybox "$1"
  mkdir -p "$1/www/cgi-bin"
  cat >"$1/www/cgi-bin/index.cgi" <<'END'
#!/bin/sh
printf 'Content-Type: text/plain\r\n\r\n'
echo "hostname: $(hostname)"
echo "client: $REMOTE_ADDR"
END
  chmod 755 "$1/www/cgi-bin/index.cgi"
  cat >"$1/bin/whoami-server" <<'END'
#!/bin/sh
trap 'kill $!; exit 0' TERM INT
httpd -f -p "${PORT:-8080}" -h /www &
wait $!
END
  chmod 755 "$1/bin/whoami-server"
}
