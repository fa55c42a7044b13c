#!/bin/sh
# make_venv.sh FOLDER [PYTHON]: make the virtual environment FOLDER, unless one that works is there.
# Takes PYTHON or else the newest Python of 3.11 or more that runs here and can make environments.
set -u
folder=$1
wanted=${2:-}

if "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    exit 0
fi

# A name on the PATH proves nothing: pyenv puts commands there that only say "command not found". So each one is run.
too_old=
no_venv=
if [ -n "$wanted" ]; then
    set -- "$wanted"
else
    set -- python3.14 python3.13 python3.12 python3.11 python3 python
fi
for python in "$@"; do
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        too_old="$too_old $python ($version)"
    elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        no_venv="$no_venv $python"
    else
        echo "Making $folder with $python ($version)."
        exec "$python" -m venv --clear "$folder"
    fi
done

{
    echo "No Python to work with: the course needs Python 3.11 or newer with the modules venv and ensurepip."
    [ -z "$wanted" ] || echo "  asked for:                $wanted"
    [ -z "$too_old" ] || echo "  too old:                 $too_old"
    [ -z "$no_venv" ] || echo "  without venv/ensurepip:  $no_venv (on Debian and Ubuntu: apt install python3-venv)"
    echo "Name one with 'make lab PYTHON=/path/to/python3', or use conda: see README.md."
} >&2
exit 1
