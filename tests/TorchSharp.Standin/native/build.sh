#!/bin/sh
# build.sh <source> <library> [<libtorch folder>/]
# Compiles to a name of its own and moves it, so that two builds at once never see half a library.
set -eu
source=$1 library=$2 home=${3:-}
next=$library.$$
log=$next.log
trap 'rm -f "$next" "$log"' EXIT

set -- -O1 -fPIC -shared -w
if [ -n "$home" ]; then
  set -- "$@" -I"${home}include" -I"${home}include/torch/csrc/api/include" -L"${home}lib" -Wl,-rpath,"${home}lib"
  # The official builds before 2.6 use the old C++ ABI and say so in their CMake file.
  if grep -q 'GLIBCXX_USE_CXX11_ABI=0' "${home}share/cmake/Torch/TorchConfig.cmake" 2>/dev/null; then
    set -- "$@" -D_GLIBCXX_USE_CXX11_ABI=0
  fi
fi
set -- "$@" "$source" -o "$next" -ltorch -ltorch_cpu -lc10
# Nothing refers to the CUDA library by name: without this the linker would drop it and PyTorch would see no GPU.
if [ -n "$home" ] && [ -e "${home}lib/libtorch_cuda.so" ]; then
  set -- "$@" -Wl,--no-as-needed -ltorch_cuda -lc10_cuda
fi

# The newest PyTorch may want more than C++17, the oldest does not bear more.
if ! g++ -std=c++17 "$@" 2>"$log" && ! g++ -std=c++20 "$@" 2>/dev/null; then
  cat "$log" >&2
  exit 1
fi
mv -f "$next" "$library"
