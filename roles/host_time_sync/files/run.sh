# Keeps chrony enabled, and running with what its files say now. Says each change.
# A handler would not do: a run that ends before its handlers leaves chrony with what its files said before.
set -eu
unit=$1
shift
if ! systemctl is-enabled --quiet "$unit"; then
    echo "changed: $unit is enabled"
    systemctl enable --quiet "$unit"
fi
since=$(date --date "$(systemctl show --property ActiveEnterTimestamp --value "$unit")" +%s)
stale=
for file in "$@"; do
    if [ -e "$file" ] && [ "$(stat --format %Y "$file")" -gt "$since" ]; then
        stale=yes
    fi
done
if [ -n "$stale" ] || ! systemctl is-active --quiet "$unit"; then
    echo "changed: $unit is restarted"
    systemctl daemon-reload
    systemctl restart "$unit"
fi
