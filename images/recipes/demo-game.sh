# A "game" that tells how it is configured, keeps running, and serves the same on port 8080.
names='game.example/demo-game:latest'
config='{"Cmd":["/bin/demo-game"],"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"ExposedPorts":{"8080/tcp":{}}}'
build() {
  add_busybox "$1"
  mkdir -p "$1/www"
  cat >"$1/bin/demo-game" <<'END'
#!/bin/sh
trap 'kill $!; echo "game over"; exit 0' TERM INT
{
  echo "lives: ${PLAYER_INITIAL_LIVES:-unset}"
  echo "interface: ${UI_PROPERTIES_FILE_NAME:-unset}"
  for file in /config/*; do
    [ -f "$file" ] || continue
    echo "--- $file"
    cat "$file"
  done
} | tee /tmp/index.html
httpd -f -p 8080 -h /tmp &
wait $!
END
  chmod 755 "$1/bin/demo-game"
}
