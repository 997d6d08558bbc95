#!/usr/bin/env bash
# Builds ours, installs theirs (pinned, in .venv-peers at the repository's root) and runs compare.py with the flags given.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
if [[ "${1:-}" == "-h" || "${1:-}" == "--help" ]]; then
  echo "Usage: Benchmarks/Peers/compare.sh [compare.py's flags]"
  echo "PEERS_PYTHON names a Python that already has requirements.txt installed; otherwise .venv-peers is made."
  python3 "$root/Benchmarks/Peers/compare.py" --help
  exit 0
fi
python="${PEERS_PYTHON:-$root/.venv-peers/bin/python}"
if [[ ! -x "$python" ]]; then
  python3 -m venv "$root/.venv-peers"
  "$python" -m pip install --quiet --requirement "$root/Benchmarks/Peers/requirements.txt"
fi
"$root/scripts/setup"
swift build --package-path "$root" -c release --product ridgeline
exec "$python" "$root/Benchmarks/Peers/compare.py" "$@"
