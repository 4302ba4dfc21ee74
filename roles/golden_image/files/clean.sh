#!/bin/sh
# What no two machines may have in common, and what an image is only larger by. It ends with a test of that.
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/building-shared-amis.html
# https://docs.aws.amazon.com/imagebuilder/latest/userguide/security-best-practices.html
set -eu

# Packages that were fetched, and lists of them.
if command -v apt-get >/dev/null; then
  apt-get clean
  rm -rf /var/lib/apt/lists/*
fi
for manager in dnf yum; do
  if command -v "$manager" >/dev/null; then "$manager" clean all >/dev/null; fi
done

# Each machine has SSH host keys of its own, which cloud-init makes, and lets in whom it was launched for.
rm -f /etc/ssh/ssh_host_*
find /root /home -maxdepth 3 -path '*/.ssh/authorized_keys*' -type f -delete
rm -f /etc/sudoers.d/90-cloud-init-users

# What cloud-init and the network have learned of this machine.
if command -v cloud-init >/dev/null; then cloud-init clean --logs; fi
rm -rf /var/lib/cloud/instance /var/lib/cloud/instances /var/lib/cloud/data /var/lib/cloud/sem
find /var/lib/dhcp /var/lib/dhclient /var/lib/NetworkManager -name '*lease*' -type f -delete 2>/dev/null || true

# What people did, and what others left for a while.
find /root /home -maxdepth 2 -name '.*history' -type f -delete
rm -f /root/.wget-hsts /root/.viminfo /root/.lesshst

left=$(find /etc/ssh -name 'ssh_host_*' 2>/dev/null; find /root /home -maxdepth 3 -name 'authorized_keys*' -type f)
if [ -n "$left" ]; then
  echo "These are left, and must not be in an image: $left" >&2
  exit 1
fi
