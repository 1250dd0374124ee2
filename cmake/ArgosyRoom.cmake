# Under the thread sanitizer only these rooms' tests are built: the others start no threads of their own.
set(ARGOSY_TSAN_ROOMS core net)

# argosy_read_rooms(FILE): sets ARGOSY_ROOMS and ARGOSY_ROOM_USES_<room> from the table in src/rooms.txt.
macro(argosy_read_rooms file)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  file(STRINGS "${file}" lines REGEX "^[a-z]")
  set(ARGOSY_ROOMS "")
  foreach(line IN LISTS lines)
    string(REGEX MATCH "^([a-z]+) \\| ([^|]+) \\|" _ "${line}")
    set(name "${CMAKE_MATCH_1}")
    set(uses "${CMAKE_MATCH_2}")
    if(uses STREQUAL "-")
      set(uses "")
    elseif(uses STREQUAL "*")
      set(uses "${ARGOSY_ROOMS}")
    endif()
    string(REPLACE " " ";" uses "${uses}")
    list(APPEND ARGOSY_ROOMS ${name})
    set(ARGOSY_ROOM_USES_${name} "${uses}")
  endforeach()
endmacro()

# Headers that most sources include, parsed once a preset: half of a build's time went into them. Sources still include
# what they use (`./dev check` compiles them without these), for the set may change.
set(ARGOSY_COMMON_HEADERS
  <algorithm> <array> <chrono> <cmath> <cstdint> <deque> <expected> <filesystem> <functional> <limits> <map> <memory>
  <optional> <set> <span> <string> <string_view> <unordered_map> <utility> <variant> <vector> <fmt/format.h>)
set(ARGOSY_TEST_HEADERS ${ARGOSY_COMMON_HEADERS} <gmock/gmock.h> <gtest/gtest.h> <rapidcheck.h> <rapidcheck/gtest.h>)

# argosy_precompile(TARGET HOST HEADERS header... [OPTIONS option...]): the headers precompiled; taken from the target HOST
# unless options that a precompiled header must share with its user differ.
function(argosy_precompile name host)
  cmake_parse_arguments(arg "" "" "HEADERS;OPTIONS" ${ARGN})
  target_compile_options(${name} PRIVATE ${arg_OPTIONS})
  if(name STREQUAL host OR arg_OPTIONS)
    target_precompile_headers(${name} PRIVATE ${arg_HEADERS})
  else()
    target_precompile_headers(${name} REUSE_FROM ${host})
  endif()
endfunction()

# argosy_room(NAME [LIBS lib...] [PRECOMPILE header...] [DEBUG_OPTIONS option...] [SHARDS n]): one static library from the room's
# sources, one test program from its *_test.cpp. It links the rooms its row in src/rooms.txt allows, and the third-party
# libraries named in LIBS (as SYSTEM, private). PRECOMPILE: heavy headers that most of the room's sources include.
# DEBUG_OPTIONS: compiler options of library and test program in the sanitizers' builds. FUZZED: fuzzers see which of its
# code an input reaches.
function(argosy_room name)
  cmake_parse_arguments(arg "FUZZED" "SHARDS" "LIBS;PRECOMPILE;DEBUG_OPTIONS" ${ARGN})
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    set(arg_DEBUG_OPTIONS "")
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "*.cpp")
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$|/main\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  if(NOT sources)
    return()
  endif()
  add_library(argosy_${name} STATIC ${sources})
  target_link_libraries(argosy_${name} PUBLIC argosy_options fmt::fmt)
  foreach(used IN LISTS ARGOSY_ROOM_USES_${name})
    if(TARGET argosy_${used})
      target_link_libraries(argosy_${name} PUBLIC argosy_${used})
    endif()
  endforeach()
  target_link_libraries(argosy_${name} PRIVATE ${arg_LIBS})
  if(arg_FUZZED)
    target_compile_options(argosy_${name} PRIVATE ${ARGOSY_COVERAGE})
  endif()
  set(host argosy_core)
  if(arg_PRECOMPILE)
    set(host argosy_${name})
  endif()
  argosy_precompile(argosy_${name} ${host} HEADERS ${ARGOSY_COMMON_HEADERS} ${arg_PRECOMPILE} OPTIONS ${arg_DEBUG_OPTIONS})
  if(ARGOSY_SANITIZE STREQUAL "thread" AND NOT name IN_LIST ARGOSY_TSAN_ROOMS)
    set_target_properties(argosy_${name} PROPERTIES EXCLUDE_FROM_ALL ON)
  elseif(tests)
    argosy_test(${name}_test SOURCES ${tests} LIBS argosy_${name} ${arg_LIBS} OPTIONS ${arg_DEBUG_OPTIONS}
                SHARDS ${arg_SHARDS})
  endif()
endfunction()

# argosy_program(): the program `argosy` from src/cli/main.cpp, placed in build/<preset>/ itself. Only the release
# preset's program carries that name, so that a slow build with a sanitizer is never taken for it. No test runs the
# sanitizers' programs; `ninja argosy` builds one when it is wanted.
function(argosy_program)
  add_executable(argosy src/cli/main.cpp)
  target_link_libraries(argosy PRIVATE argosy_cli CLI11::CLI11)
  argosy_precompile(argosy argosy_cli)
  target_compile_definitions(argosy PRIVATE ARGOSY_VERSION="${PROJECT_VERSION}")
  set_target_properties(argosy PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
  if(ARGOSY_SANITIZE)
    set_target_properties(argosy PROPERTIES OUTPUT_NAME "argosy-${ARGOSY_SANITIZE}")
    set_target_properties(argosy argosy_cli PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
endfunction()

# argosy_test(NAME SOURCES file... [LIBS lib...] [LABEL label] [OPTIONS option...] [SHARDS n]): one GoogleTest program,
# registered with ctest; with SHARDS as NAME_1 to NAME_n, each a part of its cases, lest one core is left with them all.
# Labels keep it out of the plain `./dev test`: peers, long, servers, browser.
function(argosy_test name)
  cmake_parse_arguments(arg "" "LABEL;SHARDS" "SOURCES;LIBS;OPTIONS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LIBS} argosy_options argosy_test_main GTest::gtest GTest::gmock rapidcheck)
  target_compile_definitions(${name} PRIVATE ARGOSY_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  argosy_precompile(${name} argosy_test_main HEADERS ${ARGOSY_TEST_HEADERS} OPTIONS ${arg_OPTIONS})
  # Tests are compiled more often than they run. What they test is optimised; who debugs takes the debug preset.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1> $<$<CONFIG:Release>:-g0>)
  set(tests ${name})
  if(arg_SHARDS)
    set(tests "")
    foreach(shard RANGE 1 ${arg_SHARDS})
      set(test ${name}_${shard})
      math(EXPR index "${shard} - 1")
      # They would write one report.
      add_test(NAME ${test} COMMAND ${name} "--gtest_output=xml:${CMAKE_BINARY_DIR}/reports/${test}.xml")
      set_tests_properties(${test} PROPERTIES ENVIRONMENT "GTEST_TOTAL_SHARDS=${arg_SHARDS};GTEST_SHARD_INDEX=${index}")
      list(APPEND tests ${test})
    endforeach()
  else()
    add_test(NAME ${name} COMMAND ${name})
  endif()
  set_tests_properties(${tests} PROPERTIES TIMEOUT 600)
  # The longest begin first, lest one is left alone at the end.
  if(name MATCHES "^(simulation|honesty|live|formula)_test$")
    set_tests_properties(${tests} PROPERTIES COST 100)
  endif()
  if(arg_LABEL)
    set_tests_properties(${tests} PROPERTIES LABELS ${arg_LABEL})
  endif()
endfunction()

# argosy_fuzzer(NAME LIBS lib...): the libFuzzer program fuzz_NAME from NAME.cpp. In the debug preset it is a test of some
# seconds that begins with the inputs saved in corpus/NAME, and one of minutes labelled long. In the release preset it
# repeats the saved inputs, on the code as users run it.
function(argosy_fuzzer name)
  cmake_parse_arguments(arg "" "" "LIBS" ${ARGN})
  set(program fuzz_${name})
  add_executable(${program} ${name}.cpp harness.cpp)
  target_link_libraries(${program} PRIVATE ${arg_LIBS} argosy_options)
  target_compile_options(${program} PRIVATE ${ARGOSY_COVERAGE})
  target_link_options(${program} PRIVATE -fsanitize=fuzzer)
  target_compile_options(${program} PRIVATE $<$<CONFIG:Debug>:-O1>)
  set(run python3 "${CMAKE_SOURCE_DIR}/tools/fuzz.py" ${name} --program $<TARGET_FILE:${program}>)
  if(ARGOSY_SANITIZE)
    add_test(NAME ${program} COMMAND ${run} --seconds 20)
    add_test(NAME ${program}_long COMMAND ${run} --seconds 300)
    set_tests_properties(${program}_long PROPERTIES LABELS long)
  else()
    add_test(NAME ${program} COMMAND ${run} --seconds 0)
  endif()
  set_tests_properties(${program} PROPERTIES TIMEOUT 600)
endfunction()
