#!/bin/sh
# build.sh <compiler> <source> <library> [<libtorch folder>/]
# Compiles to a name of its own and moves it, so that two builds at once never see half a library.
set -eu
compiler=$1 source=$2 library=$3 home=${4:-}
next=$library.$$
trap 'rm -f "$next"' EXIT
set -- -std=c++17 -O1 -fPIC -shared -w
if [ -n "$home" ]; then
  set -- "$@" -I"${home}include" -I"${home}include/torch/csrc/api/include" -L"${home}lib" -Wl,-rpath,"${home}lib"
  # The official builds before 2.6 use the old C++ ABI and say so in their CMake file.
  if grep -q 'D_GLIBCXX_USE_CXX11_ABI=0' "${home}share/cmake/Torch/TorchConfig.cmake" 2>/dev/null; then
    set -- "$@" -D_GLIBCXX_USE_CXX11_ABI=0
  fi
  # Nothing refers to the CUDA library by name: without this the linker would drop it and PyTorch would see no GPU.
  if [ -e "${home}lib/libtorch_cuda.so" ]; then cuda='-Wl,--no-as-needed -ltorch_cuda -lc10_cuda'; fi
fi
"$compiler" "$source" -o "$next" "$@" -ltorch -ltorch_cpu -lc10 ${cuda:-}
mv -f "$next" "$library"
