# Restarts the journal where it does not know its limits yet, stops the SSH server unless it is to stay, and keeps
# anybody from starting it. Says each change; in check mode (True) only says it.
# A handler would not do: a run that ends before its handlers leaves the journal with the limits that it had.
set -eu
check=$1 ssh=$2
since=$(date --date "$(systemctl show --property ActiveEnterTimestamp --value systemd-journald)" +%s)
if [ "$(stat --format %Y /etc/systemd/journald.conf)" -gt "$since" ]; then
    echo 'changed: the journal'
    [ "$check" = True ] || systemctl restart systemd-journald
fi
[ "$ssh" != True ] || exit 0
for unit in ssh.socket sshd.socket ssh.service sshd.service; do
    link=/etc/systemd/system/$unit
    case $(systemctl show --property LoadState --value "$unit") in
    not-found) [ -L "$link" ] || continue ;;
    masked) continue ;;
    esac
    echo "changed: $unit"
    [ "$check" != True ] || continue
    systemctl disable --quiet --now "$unit" 2>/dev/null || systemctl stop "$unit" 2>/dev/null || true
    # On Debian sshd.service is another name of ssh.service, by a link in the place of the one that masks it.
    [ ! -L "$link" ] || rm "$link"
    systemctl mask --quiet "$unit"
    if systemctl is-active --quiet "$unit"; then
        echo "$unit cannot be stopped" >&2
        exit 1
    fi
done
