# redis server and client, and busybox for `exec`.
names='docker.io/library/redis:latest docker.io/library/redis:7'
packages='redis-tools libc6 libatomic1 libgcc-s1 libstdc++6 libjemalloc2 liblzf1 libssl3 libsystemd0 liblz4-1 liblzma5 libzstd1 libcap2 libgcrypt20 libgpg-error0'
config='{"Cmd":["redis-server","--protected-mode","no"],"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"ExposedPorts":{"6379/tcp":{}},"WorkingDir":"/data","Volumes":{"/data":{}}}'
build() {
  add_busybox "$1"
  mkdir -p "$1/data"
  # One program under several names; the package redis-server would bring this one.
  [ -e "$1/usr/bin/redis-server" ] || ln -s redis-check-rdb "$1/usr/bin/redis-server"
}
