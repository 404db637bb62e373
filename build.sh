#!/usr/bin/env bash
# One entry for a Linux machine with the .NET SDK. './build.sh help' lists the verbs.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

configuration=Release
packages=artifacts/packages
results=artifacts/tests
# -tl:off: the logger for terminals leaves out the line that says which TorchSharp is built against.
quiet=(--configuration "$configuration" --no-restore --nologo --verbosity minimal -tl:off)

help() {
    cat <<'HELP'
Usage: ./build.sh VERB

  demo   builds and runs samples/VanishingMlp
  test   runs every test; the last line is the totals
  bench  what the probe costs a training step, as ratios, into artifacts/bench.json; takes some minutes
  accuracy
         predicted against measured gradients, family by family: prints the table and writes artifacts/accuracy.json. The
         measurements are committed; networks without one are measured first, by PyTorch. 'accuracy anew' measures all
         again, an hour or more of one core, and may be stopped and resumed
  faults runs every analyzer and the generator over 20,000 broken sources, and measures what GradLint costs, as ratios,
         into artifacts/faults.tsv; GRADLINT_MUTATIONS says how many sources, GRADLINT_COST_ROUNDS how often it measures
  pack   builds the packages GradLint and GradLint.Probe into artifacts/packages
  help   says this

Where no NuGet feed serves TorchSharp, networks run on the machine's libtorch. On Debian, demo, test and bench install
what that takes (libtorch-dev, libopenblas0, g++) unless it is there; LIBTORCH names the folder of another libtorch.
HELP
}

say() { printf 'build.sh: %s\n' "$*"; }
complain() { say "$*" >&2; }

restore() {
    if ! command -v dotnet >/dev/null; then
        complain "the .NET SDK is missing; install it, so that 'dotnet --version' answers."
        return 1
    fi
    dotnet restore GradLint.sln --verbosity quiet
}

# Installs what the TorchSharp stand-in is built from and runs on, where it is not there. Without it everything builds,
# and what runs a network says what it lacks; so a set-up that fails is said, and does not stop the verb.
set_up_libtorch() {
    local source
    source=$(dotnet msbuild tests/TorchSharp.Standin/TorchSharp.Standin.csproj -getProperty:TorchSharpSource)
    [ "$source" = standin ] || return 0
    if [ "$(uname -s)" != Linux ]; then
        complain "no NuGet feed here serves TorchSharp, and its stand-in runs on Linux only. With a feed that serves it, plain 'dotnet test' and 'dotnet run --project samples/VanishingMlp' work on every system."
        return 0
    fi

    local missing=()
    command -v g++ >/dev/null || missing+=(g++)
    if [ -z "${LIBTORCH:-}" ]; then
        is_installed libtorch-dev || missing+=(libtorch-dev)
        # The reference BLAS that libtorch-dev comes with is some 25 times slower.
        is_installed libopenblas0 || missing+=(libopenblas0)
    fi
    [ ${#missing[@]} -eq 0 ] || install "${missing[@]}"
}

is_installed() {
    [ "$(dpkg-query --show --showformat='${db:Status-Abbrev}' "$1" 2>/dev/null)" = 'ii ' ]
}

install() {
    local as_root=()
    if ! command -v apt-get >/dev/null; then
        complain "there is no apt-get to install $* with. Install libtorch with its headers and g++, and set LIBTORCH to libtorch's folder."
        return 0
    fi
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            complain "neither root nor sudo is here to install $*. As root: apt-get install $*"
            return 0
        fi
        as_root=(sudo)
        [ -t 0 ] || as_root+=(--non-interactive)
    fi
    say "installing $* with apt-get: the TorchSharp stand-in runs on it."
    apt_get() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get --yes --quiet "$@" </dev/null; }
    # The package lists of a machine may be empty or old; only then are they fetched.
    if ! apt_get install --no-install-recommends "$@" && ! { apt_get update && apt_get install --no-install-recommends "$@"; }; then
        complain "apt-get could not install $*."
    fi
}

demo() {
    restore
    set_up_libtorch
    # The compiler's warning is part of the demo, and a compiler that has nothing to do gives none.
    rm -rf "samples/VanishingMlp/obj/$configuration"
    dotnet msbuild samples/VanishingMlp -property:Configuration="$configuration" -nologo -verbosity:minimal -tl:off
    dotnet run --project samples/VanishingMlp --configuration "$configuration" --no-build
}

run_tests() {
    restore
    set_up_libtorch
    rm -rf "$results"
    local exit_code=0
    dotnet test GradLint.sln "${quiet[@]}" || exit_code=$?
    eng/sum-tests.sh "$results" || exit_code=$((exit_code == 0 ? 1 : exit_code))
    return "$exit_code"
}

# The tests hold a small sample of this; the figures are in the output.
faults() {
    restore
    rm -f artifacts/faults.tsv
    GRADLINT_MUTATIONS="${GRADLINT_MUTATIONS:-20000}" GRADLINT_COST_ROUNDS="${GRADLINT_COST_ROUNDS:-9}" \
        dotnet test tests/GradLint.Analyzers.Tests "${quiet[@]}" --filter FullyQualifiedName~GradLint.Analyzers.Tests.Mutation \
        --logger 'console;verbosity=detailed'
}

# The measuring is PyTorch's, in float64 (tests/GradLint.SignalPropagation.Tests/Oracle/measure.py).
accuracy() {
    restore
    local oracle=tests/GradLint.SignalPropagation.Tests/Oracle python
    if python=$(python_with_torch); then
        OMP_NUM_THREADS=1 nice -n 10 "$python" "$oracle/measure.py" ${1:+"--$1"}
    elif [ -n "${1:-}" ]; then
        complain "measuring needs PyTorch, which is missing here."
        return 1
    else
        say "PyTorch is missing: the committed measurements are used as they are."
    fi

    local exit_code=0
    GRADLINT_ACCURACY="$PWD/artifacts" dotnet test tests/GradLint.SignalPropagation.Tests "${quiet[@]}" \
        --filter FullyQualifiedName~AccuracyTests || exit_code=$?
    cat artifacts/accuracy.md
    say "the same figures are in artifacts/accuracy.json"
    return "$exit_code"
}

# A Python that imports torch; Debian's python3-torch serves Debian's own Python only. Installed where it is missing and can be.
python_with_torch() {
    local candidate attempt
    for attempt in there installed; do
        for candidate in "${PYTHON:-python3}" /usr/bin/python3; do
            if "$candidate" -c 'import torch' 2>/dev/null; then
                printf '%s\n' "$candidate"
                return 0
            fi
        done
        [ "$attempt" = installed ] || install python3-torch >&2
    done
    return 1
}

pack() {
    restore
    local project
    for project in src/GradLint.Package src/GradLint.Probe; do
        dotnet pack "$project" "${quiet[@]}" --output "$packages"
    done
}

bench() {
    restore
    set_up_libtorch
    dotnet build tests/GradLint.Benchmarks "${quiet[@]}"
    dotnet run --project tests/GradLint.Benchmarks --configuration "$configuration" --no-build -- cost artifacts/bench.json
}

case "${1:-help}" in
    demo) demo ;;
    test) run_tests ;;
    bench) bench ;;
    accuracy)
        case "${2:-}" in
            '' | anew) accuracy "${2:-}" ;;
            *)
                complain "'$2' is nothing that accuracy knows; it takes 'anew' or nothing."
                exit 2
                ;;
        esac
        ;;
    faults) faults ;;
    pack) pack ;;
    help | -h | --help) help ;;
    *)
        complain "'$1' is no verb."
        help >&2
        exit 2
        ;;
esac
