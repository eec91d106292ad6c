# shellcheck shell=bash
# What bin/test, bin/quickstart and Benchmarks/run share: the set-up of a fresh machine, and how a step is told.

ROOT=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
# One scratch path per flag set, outside the clone: a new clone builds only what changed.
SCRATCH=${PAWANG_SCRATCH:-${HOME:?}/.cache/pawang}
VENV=$ROOT/.pawang/venv
LOGS=$ROOT/.pawang/logs
UV_VERSION=0.13.9
missing_packages=()

say() { printf '%s\n' "$*"; }

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 3
}

# 75 → "1 min 15 s".
duration() {
    if (($1 < 60)); then printf '%s s' "$1"; else printf '%s min %s s' "$(($1 / 60))" "$(($1 % 60))"; fi
}

# Shows what is worth reading of a long output: one progress line in ten seconds, and of what is not progress the first
# and the last lines. All of it is in the log.
progress() {
    local line shown=-10 passed=0 count=0
    local -a last=()
    while IFS= read -r line || [[ -n $line ]]; do
        case $line in
            '' | *' started.') ;;
            '['[0-9]*']'*)
                if ((SECONDS - shown >= 10)); then
                    printf '    %s\n' "${line:0:110}"
                    shown=$SECONDS
                fi
                ;;
            *Test\ *' passed after '* | *Suite\ *' passed after '*)
                passed=$((passed + 1))
                if [[ $line == *'Test run with'* ]]; then printf '    %s\n' "$line"; fi
                if ((SECONDS - shown >= 10)); then
                    printf '    … %s passed so far\n' "$passed"
                    shown=$SECONDS
                fi
                ;;
            *)
                count=$((count + 1))
                if ((count <= 120)); then
                    printf '    %s\n' "$line"
                else
                    last[count % 30]=$line
                fi
                ;;
        esac
    done
    if ((count > 120)); then
        if ((count > 150)); then printf '    … %s more lines\n' "$((count - 150))"; fi
        for ((line = (count > 150 ? count - 29 : 121); line <= count; line++)); do printf '    %s\n' "${last[line % 30]}"; done
    fi
}

# The log file of a step, by its sentence.
log_of() { printf '%s/%s.log' "$LOGS" "$(tr -cs '[:alnum:]' '-' <<<"$1" | cut -c1-40)"; }

# step WHAT COMMAND…: says what it does, runs it with its output in a log, says how long it took.
# To be called plainly, never in a condition: bash would then switch `set -e` off inside.
step() {
    local what=$1 started=$SECONDS stops=$- status log
    shift
    mkdir -p "$LOGS"
    log=$(log_of "$what")
    printf '• %s\n' "$what"
    set +e
    (
        set -euo pipefail
        "$@"
    ) 2>&1 | tee "$log" | progress
    status=${PIPESTATUS[0]}
    if [[ $stops == *e* ]]; then set -e; fi
    if ((status == 0)); then
        printf '  done in %s\n' "$(duration $((SECONDS - started)))"
    else
        printf '  failed after %s (exit status %s); all of its output: %s\n' \
            "$(duration $((SECONDS - started)))" "$status" "$log" >&2
    fi
    return "$status"
}

# Notes that a Debian package is wanted unless a command of that name, or a file, is there already.
want_command() { if ! command -v "$1" >/dev/null; then missing_packages+=("$2"); fi; }
want_file() { if ! compgen -G "$1" >/dev/null; then missing_packages+=("$2"); fi; }

# What Swift itself needs to start, and its build of this package besides.
want_build_packages() {
    want_command git git
    want_file '/etc/ssl/certs/ca-certificates.crt' ca-certificates
    want_file '/usr/lib/*/libncurses.so.6' libncurses6
    want_file '/usr/lib/*/libcurl.so.4' libcurl4
    want_file '/usr/lib/*/libxml2.so.2' libxml2
    want_command ld binutils
    want_file '/usr/include/stdio.h' libc6-dev
    want_file '/usr/lib/gcc/*/*/libstdc++.so' libstdc++-12-dev
    want_file '/usr/include/zlib.h' zlib1g-dev
    want_file '/usr/include/sqlite3.h' libsqlite3-dev
    want_file '/usr/include/postgresql/libpq-fe.h' libpq-dev
}

# Installs the packages that were noted. Nothing is asked, and nothing happens when all are there.
install_packages() {
    if ((${#missing_packages[@]} == 0)); then
        say "all there"
        return
    fi
    say "installing: ${missing_packages[*]}"
    command -v apt-get >/dev/null || fail "this is not Debian: install what these packages hold, then try again"
    local as_root=()
    if (($(id -u) != 0)); then
        command -v sudo >/dev/null || fail "run as root once, or install sudo: apt-get has to install packages"
        as_root=(sudo)
    fi
    local apt=(
        ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive
        apt-get --yes --quiet=2 -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300
    )
    local log=$LOGS/apt.log
    if ! {
        "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "${missing_packages[@]}"
    } >"$log" 2>&1; then
        tail -n 20 "$log"
        fail "apt-get did not install them; all it said: $log"
    fi
}

# Puts Swift on the path if it is not, and checks that it is new enough.
find_swift() {
    local folder version
    if ! command -v swift >/dev/null; then
        for folder in /opt/swift/usr/bin "$HOME/.local/share/swiftly/bin" "$HOME/.swiftly/bin" /usr/local/swift/usr/bin; do
            if [[ -x $folder/swift ]]; then
                PATH=$folder:$PATH
                break
            fi
        done
    fi
    command -v swift >/dev/null || fail "Swift 6.3 is not installed, or not on the path: see https://www.swift.org/install"
    version=$(swift --version 2>&1) || fail "Swift at $(command -v swift) does not start: $version"
    version=$(sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' <<<"$version" | head -n 1)
    if [[ ! $version =~ ^([0-9]+)\.([0-9]+)$ ]] || ((BASH_REMATCH[1] * 100 + BASH_REMATCH[2] < 603)); then
        fail "Swift 6.3 or newer is needed; found ${version:-an unknown version} at $(command -v swift)"
    fi
}

# Prints the first Python that can make a virtual environment and is new enough for the pinned packages (3.11).
find_python() {
    local candidate
    for candidate in python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

want_python() { if ! find_python >/dev/null; then missing_packages+=(python3 python3-venv); fi; }

# python_environment NAME FILE…: the requirement files' packages are in .pawang/venv. Files called *-nodeps.txt are
# installed without what they depend on. The stamp is written last, so an interrupted run is simply done again.
python_environment() {
    local stamp=$VENV/.pawang-$1 digest file options
    shift
    digest=$(cat -- "$@" | sha256sum | cut -d ' ' -f 1)
    if [[ -f $stamp && $(<"$stamp") == "$digest" ]] && "$VENV/bin/python" -c '' 2>/dev/null; then
        say "up to date"
        return
    fi
    mkdir -p "$ROOT/.pawang"
    exec 9>"$ROOT/.pawang/venv.lock"
    flock 9
    if ! "$VENV/bin/python" -c 'import pip' 2>/dev/null; then
        rm -rf -- "$VENV"
        "$(find_python)" -m venv "$VENV"
    fi
    if [[ $("$VENV/bin/python" -m uv --version 2>/dev/null) != "uv $UV_VERSION"* ]]; then
        "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"
    fi
    for file in "$@"; do
        options=()
        if [[ $file == *-nodeps.txt ]]; then options=(--no-deps); fi
        say "installing what ${file#"$ROOT/"} lists"
        "$VENV/bin/python" -m uv pip install --quiet --python "$VENV/bin/python" \
            ${options[@]+"${options[@]}"} --requirement "$file" ||
            "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check \
                ${options[@]+"${options[@]}"} --requirement "$file"
    done
    printf '%s\n' "$digest" >"$stamp.new"
    mv -f -- "$stamp.new" "$stamp"
    flock -u 9
}

# swift_build debug|release ARGUMENT…
swift_build() {
    local flags=$1
    shift
    swift build --package-path "$ROOT" --scratch-path "$SCRATCH/$flags" --configuration "$flags" "$@"
}

# The path of a built `pawang`.
built() { printf '%s/%s/%s/pawang' "$SCRATCH" "$1" "$1"; }

trap 'printf "\nStopped. Nothing is half done: run it again to go on.\n" >&2; exit 130' INT
