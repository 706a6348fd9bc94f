#!/bin/sh
# Makes the namespace that TEMPORAL_NAMESPACE names, and registers the search attributes of flowyml's runs in it. Does nothing
# where that is done.
set -eu

attributes='FlowymlProject=Keyword FlowymlStack=Keyword FlowymlStatus=Keyword FlowymlFailedStep=Keyword FlowymlTags=KeywordList'

# Runs a command until it succeeds: a server answers late, and knows a namespace some seconds after it was made.
again() {
  tries=0
  until output=$("$@" 2>&1); do
    tries=$((tries + 1))
    if [ "$tries" -ge 60 ]; then
      printf '%s\n' "$output" >&2
      return 1
    fi
    sleep 1
  done
}

has_namespace() {
  temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "${TEMPORAL_RETENTION:-30d}"
}

has_attribute() {
  temporal operator search-attribute list | grep -q "^ *$1 *$2 *$" ||
    { temporal operator search-attribute create --name "$1" --type "$2" && return 1; }
}

again temporal operator cluster health
again has_namespace
for attribute in $attributes; do
  again has_attribute "${attribute%=*}" "${attribute#*=}"
done
echo "Namespace $TEMPORAL_NAMESPACE is ready for flowyml"
