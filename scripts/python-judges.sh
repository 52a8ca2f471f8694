#!/bin/sh
# Puts the judges of the Python tests into a virtual environment, from the index that pip is configured for: packaging,
# which pip itself reads versions and requirements with, poetry's of its own versions, and uv. `npm test` finds them by
# COPSE_PYTHON_PACKAGING=FOLDER/bin/python3 and COPSE_UV=FOLDER/bin/uv.
set -eu
folder=${1:?usage: python-judges.sh FOLDER}
failed() {
  echo "note: no judges for the Python tests: $1" >&2
  exit 1
}
python3 -m venv "$folder" || failed "python3 -m venv does not work (Debian: apt install python3-venv)"
"$folder/bin/python3" -m pip install --quiet --disable-pip-version-check 'packaging>=26.3' poetry-core uv ||
  failed "pip cannot install them"
