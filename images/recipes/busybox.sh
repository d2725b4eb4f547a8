# busybox: small programs and a shell.
names='docker.io/library/busybox:1.28 docker.io/library/busybox:latest'
config='{"Cmd":["sh"],"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]}'
build() { add_busybox "$1"; }
