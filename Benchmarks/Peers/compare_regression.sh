#!/usr/bin/env bash
# Builds ours, installs theirs (pinned, in .venv-peers at the repository's root) and runs compare_regression.py with the flags
# given. glmnet is Debian's r-cran-glmnet.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
if [[ "${1:-}" == "-h" || "${1:-}" == "--help" ]]; then
  echo "Usage: Benchmarks/Peers/compare_regression.sh [compare_regression.py's flags]"
  echo "PEERS_PYTHON names a Python that has requirements-regression.txt installed; otherwise .venv-peers is made."
  exec python3 "$root/Benchmarks/Peers/compare_regression.py" --help
fi
python="${PEERS_PYTHON:-$root/.venv-peers/bin/python}"
if [[ -z "${PEERS_PYTHON:-}" ]]; then
  [[ -x "$python" ]] || python3 -m venv "$root/.venv-peers"
  "$python" -m pip install --quiet --requirement "$root/Benchmarks/Peers/requirements-regression.txt"
fi
command -v Rscript >/dev/null || { echo "Rscript is missing: apt-get install r-cran-glmnet" >&2; exit 1; }
"$root/scripts/setup"
swift build --package-path "$root" -c release --product regression-timing
exec "$python" "$root/Benchmarks/Peers/compare_regression.py" "$@"
