#!/bin/sh
echo "$1" "$0" | sed "s#/.*/##"; exit 0
