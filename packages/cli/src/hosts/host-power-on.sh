#!/bin/sh
# Switches a local host on, in three stages: enter its cgroups, leave the machine's namespaces, be its first process.
# Between `unshare` and the last stage nothing may run but the shell itself: the first process that it starts is the host's pid 1.
# HOST_DIR, HOST_NAME, HOST_NETWORK, HOST_CGROUPS (directories), HOST_LEAF (of version 2, or empty) and HOST_NODE say what to do.
set -eu

enter() {
  for cgroup in $HOST_CGROUPS; do echo 0 >"$cgroup/cgroup.procs"; done
  exec nsenter --net="/run/netns/$HOST_NETWORK" \
    unshare --mount --uts --ipc --pid --cgroup --propagation private -- /bin/sh "$0" leave "$@"
}

leave() {
  # In version 2 a cgroup that has processes of its own gives no limits to the ones below it.
  if [ -n "$HOST_LEAF" ]; then echo 0 >"$HOST_LEAF/cgroup.procs"; fi
  /bin/sh "$0" boot "$@" &
}

# A host sees nothing of the machine's engine, of its network namespaces, and of other hosts.
hide_machine() {
  awk '{
    for (i = 7; $i != "-"; i++);
    if ($5 != "/" && ($5 ~ "^/run/" || $5 ~ "^/var/lib/docker(/|$)" || $(i + 1) ~ "^(nsfs|overlay)$")) print $5
  }' /proc/self/mountinfo | sort -r | while read -r point; do umount -l "$point" 2>/dev/null || :; done
  mount -t tmpfs -o mode=755 tmpfs /run
  mkdir -p /run/lock /var/lib/docker /etc/docker
  mount --bind "$HOST_DIR/engine" /var/lib/docker
  mount --bind "$HOST_DIR/etc" /etc/docker
}

# The kernel shows a cgroup namespace the part of each hierarchy that is its own, once it is mounted anew.
mount_cgroups() {
  hierarchies=$(awk '{
    for (i = 7; $i != "-"; i++);
    if ($(i + 1) ~ "^cgroup2?$") print $5, $(i + 1), $(i + 3)
  }' /proc/self/mountinfo)
  if [ "$(echo "$hierarchies" | cut -d' ' -f1)" = /sys/fs/cgroup ]; then
    mount -t cgroup2 cgroup /sys/fs/cgroup
    sed -e 's/ / +/g' -e 's/^/+/' /sys/fs/cgroup/cgroup.controllers >/sys/fs/cgroup/cgroup.subtree_control
    return
  fi
  mount -t tmpfs -o mode=755 cgroups /sys/fs/cgroup
  echo "$hierarchies" | while read -r point type options; do
    mkdir -p "$point"
    if [ "$type" = cgroup2 ]; then mount -t cgroup2 cgroup "$point"; continue; fi
    options=$(echo ",$options" | sed -e 's/,rw//' -e 's/,xattr//' -e 's/,release_agent=[^,]*//' -e 's/^,//')
    case $options in name=*) options=none,$options ;; esac
    mount -t cgroup -o "$options" cgroup "$point"
  done
}

keep_engine() {
  while :; do
    rm -f /run/docker.pid
    env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY \
      dockerd -H unix:///run/docker.sock -H "unix://$HOST_DIR/docker.sock" || :
    sleep 1
  done >>"$HOST_DIR/log/engine.log" 2>&1
}

keep_agent() {
  # Its tasks are to find the images that a new host is given.
  while [ ! -e "$HOST_DIR/has-images" ]; do sleep 0.1; done
  while :; do
    "$HOST_NODE" "$@" || :
    sleep 1
  done >>"$HOST_DIR/log/agent.log" 2>&1
}

boot() {
  echo "$HOST_NAME" >/proc/sys/kernel/hostname
  hide_machine
  mount_cgroups
  mount -t proc proc /proc
  keep_engine &
  keep_agent "$@" &
  # As the first process it takes in every orphan of the host.
  while :; do wait || :; done
}

stage=$1
shift
case $stage in
  enter) enter "$@" ;;
  leave) leave "$@" ;;
  boot) boot "$@" ;;
esac
