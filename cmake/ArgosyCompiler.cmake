# Compiler settings shared by every target: C++23, warnings as errors, bit-reproducible floating point.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(ARGOSY_SANITIZE "" CACHE STRING "address, thread or empty")

add_library(argosy_options INTERFACE)
target_compile_options(argosy_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  -Wimplicit-fallthrough -Wno-missing-field-initializers -Werror
  # libstdc++ 12's std::stable_sort calls a function that it has itself marked deprecated.
  -Wno-deprecated-declarations
  # Messages name files from the project's root, the same in every clone.
  "-fmacro-prefix-map=${CMAKE_SOURCE_DIR}/="
  # The same bits in every build: no contraction into fused multiply-add, no reassociation.
  -ffp-contract=off -fno-fast-math
  # Everything is linked into programs. A precompiled header without its time of making can be cached by ccache.
  -fPIE -Xclang -fno-pch-timestamp)
target_link_options(argosy_options INTERFACE -pie)
target_include_directories(argosy_options INTERFACE "${CMAKE_SOURCE_DIR}/src")

if(ARGOSY_SANITIZE STREQUAL "address")
  set(flags -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
elseif(ARGOSY_SANITIZE STREQUAL "thread")
  set(flags -fsanitize=thread -fno-omit-frame-pointer)
endif()
# What libFuzzer is told of the code it runs. Written out, for -fsanitize=fuzzer-no-link needs its own precompiled headers.
set(ARGOSY_COVERAGE "")
if(ARGOSY_SANITIZE STREQUAL "address")
  set(ARGOSY_COVERAGE -fsanitize-coverage=inline-8bit-counters,indirect-calls,trace-cmp,pc-table)
endif()
if(flags)
  target_compile_options(argosy_options INTERFACE ${flags})
  target_link_options(argosy_options INTERFACE ${flags})
endif()
