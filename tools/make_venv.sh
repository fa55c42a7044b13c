#!/bin/sh
# make_venv.sh FOLDER [PYTHON]: make the virtual environment FOLDER, unless a working one is there already.
# Uses PYTHON, or else the newest Python (3.11 or later) that runs here and can make environments. For the tests PYTHON may
# also be `newest` or `oldest`: of all Pythons here, including those of pyenv that are not on the PATH.
set -u
folder=$1
wanted=${2:-}

if "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    exit 0
fi

# A name on the PATH proves nothing: pyenv puts commands there that only say "command not found". So each one is run.
too_old=
no_venv=
case "$wanted" in
    newest | oldest)
        minors="14 13 12 11"
        [ "$wanted" = newest ] || minors="11 12 13 14"
        set --
        for minor in $minors; do
            set -- "$@" "python3.$minor" "${PYENV_ROOT:-${HOME:-}/.pyenv}/versions/3.$minor".*/bin/python3
        done
        ;;
    ?*) set -- "$wanted" ;;
    *) set -- python3.14 python3.13 python3.12 python3.11 python3 python ;;
esac
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
