# Stops the SSH server, and keeps anybody from starting it. Says each change; with the argument "True" only says it.
set -eu
for unit in ssh.socket sshd.socket ssh.service sshd.service; do
    link=/etc/systemd/system/$unit
    case $(systemctl show --property LoadState --value "$unit") in
    not-found) [ -L "$link" ] || continue ;;
    masked) continue ;;
    esac
    echo "changed: $unit"
    [ "$1" != True ] || continue
    systemctl disable --quiet --now "$unit" 2>/dev/null || systemctl stop "$unit" 2>/dev/null || true
    # On Debian sshd.service is another name of ssh.service, by a link in the place of the one that masks it.
    [ ! -L "$link" ] || rm "$link"
    systemctl mask --quiet "$unit"
    if systemctl is-active --quiet "$unit"; then
        echo "$unit cannot be stopped" >&2
        exit 1
    fi
done
