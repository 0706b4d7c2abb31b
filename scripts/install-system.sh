#!/bin/bash
# Installs what the tests need from Debian and makes the user as whom their servers run.
# Safe to run again: what is there already is left alone. Needs root and apt.
set -euo pipefail

packages=(
  python3 python3-venv
  # a Slurm of the tests' own, with and without accounting
  munge slurmctld slurmd slurm-client slurmdbd mariadb-server slurm-wlm-mysql-plugin
  # the browser of the stories
  chromium
)
test_user=compute-test

missing=()
for package in "${packages[@]}"; do
  if [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
    missing+=("$package")
  fi
done

if [ ${#missing[@]} -gt 0 ]; then
  echo "Installing from Debian: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  # The tests start their own servers on their own ports; Debian's must not come up by themselves.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}" >/dev/null
fi

if ! id "$test_user" >/dev/null 2>&1; then
  useradd --create-home --shell /bin/bash "$test_user"
fi
