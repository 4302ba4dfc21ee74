# Stops the SSH server, and keeps anybody from starting it. Says each change; with the argument "True" only says it.
set -eu
for unit in ssh.socket sshd.socket ssh.service sshd.service; do
    load=$(systemctl show --property LoadState --value "$unit")
    case $load in
    not-found | masked) ;;
    *)
        echo "changed: $unit is no more to be started"
        [ "$1" = True ] || systemctl mask --quiet "$unit"
        ;;
    esac
    if systemctl is-active --quiet "$unit"; then
        echo "changed: $unit is stopped"
        [ "$1" = True ] || systemctl stop "$unit"
    fi
done
