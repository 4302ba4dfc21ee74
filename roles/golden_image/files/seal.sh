#!/bin/sh
# The last that a builder does: it takes away what a session needs, and its traces, and shuts down. Where anything of it
# fails, it goes on running, and no image is made.
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/building-shared-amis.html
# https://docs.aws.amazon.com/imagebuilder/latest/userguide/security-best-practices.html
set -eu

for unit in amazon-ssm-agent snap.amazon-ssm-agent.amazon-ssm-agent amazon-cloudwatch-agent; do
  if systemctl is-active --quiet "$unit.service"; then systemctl stop "$unit.service"; fi
done
# As which machine the agent is registered, and how far the other has read the logs.
if [ -d /var/lib/amazon/ssm ]; then find /var/lib/amazon/ssm -type f -delete; fi
rm -rf /opt/aws/amazon-cloudwatch-agent/logs/state

# What Ansible has brought.
rm -rf /root/.ansible /home/*/.ansible /tmp/* /var/tmp/*
find /root /home -maxdepth 2 -name '.*history' -type f -delete

# Logs begin anew, with whose they are unchanged; the journal goes to memory first.
journalctl --relinquish-var || true
rm -rf /var/log/journal/*
find /var/log -type f \( -name '*.gz' -o -name '*.xz' -o -name '*.[0-9]' -o -name '*.old' \) -delete
find /var/log /opt/aws/amazon-cloudwatch-agent/logs -type f -exec truncate --size=0 {} + 2>/dev/null || true

# An empty one is filled at the next boot, which is then no first one: units stay as they are enabled.
# https://www.freedesktop.org/software/systemd/man/latest/machine-id.html
truncate --size=0 /etc/machine-id
if [ -f /var/lib/dbus/machine-id ] && [ ! -L /var/lib/dbus/machine-id ]; then
  ln -sf /etc/machine-id /var/lib/dbus/machine-id
fi
# Its name and the drift of its clock; cloud-init gives each machine a name.
rm -f /etc/hostname /var/lib/systemd/random-seed /var/lib/chrony/drift /var/lib/chrony/chrony.drift
sync
systemctl poweroff
