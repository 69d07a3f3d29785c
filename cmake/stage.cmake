# The rules of the house as functions: a stage links only lower-numbered stages,
# its headers compile alone, its child code calls only what cmake/child.allow
# lists, and its tests run one process each.
include_guard(GLOBAL)
get_filename_component(DOCKER_CPP_ROOT "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE CACHE)
list(APPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}")
include(CTest)
find_package(GTest REQUIRED)
include(GoogleTest)

option(DOCKER_CPP_FAILPOINTS "Compile the failpoints in (test builds)" OFF)
option(DOCKER_CPP_STATIC "Link what runs once per container statically" OFF)

find_program(DOCKER_CPP_CCACHE ccache)
if(DOCKER_CPP_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${DOCKER_CPP_CCACHE})
endif()
find_program(DOCKER_CPP_MOLD mold)
if(DOCKER_CPP_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

set(DOCKER_CPP_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual)

# docker_cpp_precompiled(<target> <std|json|test>): one precompiled header of its
# kind for the whole build. Headers of ours are never in it, and the ci presets
# build without, so every file still includes what it uses.
set(DOCKER_CPP_STD_HEADERS algorithm array atomic charconv chrono cstdint cstdio
  cstdlib cstring deque expected filesystem fstream functional future map memory
  mutex optional set span sstream stdexcept string string_view thread
  unordered_map utility variant vector)
list(TRANSFORM DOCKER_CPP_STD_HEADERS REPLACE "(.+)" "<\\1>")
function(docker_cpp_precompiled target kind)
  set(headers_std "")
  set(headers_json "<nlohmann/json.hpp>")
  set(headers_test "<gmock/gmock.h>;<gtest/gtest.h>")
  set(pch docker_cpp_pch_${kind})
  if(NOT TARGET ${pch})
    file(WRITE "${CMAKE_BINARY_DIR}/${pch}.cpp" "")
    add_library(${pch} OBJECT "${CMAKE_BINARY_DIR}/${pch}.cpp")
    docker_cpp_compiler_settings(${pch})
    if(kind STREQUAL "test")
      target_link_libraries(${pch} PRIVATE GTest::gmock_main)  # its definitions
    endif()
    set(all ${DOCKER_CPP_STD_HEADERS} ${headers_${kind}})
    list(TRANSFORM all REPLACE "(.+)" "$<$<COMPILE_LANGUAGE:CXX>:\\1>")
    target_precompile_headers(${pch} PRIVATE ${all})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${pch})
endfunction()

# The presets that nobody edits under compile several files as one unit, grouped
# by tools/units.py. What cmake/unity.apart matches stays by itself there.
file(STRINGS "${CMAKE_CURRENT_LIST_DIR}/unity.apart" DOCKER_CPP_APART REGEX "^[^#]")
function(docker_cpp_units target)
  get_target_property(sources ${target} SOURCES)
  list(FILTER sources INCLUDE REGEX "\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "\\.child\\.cpp$")
  list(JOIN DOCKER_CPP_APART "|" apart)
  list(FILTER sources EXCLUDE REGEX "${apart}")
  if(NOT sources)
    return()
  endif()
  execute_process(COMMAND python3 "${DOCKER_CPP_ROOT}/tools/units.py" ${sources}
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    OUTPUT_VARIABLE lines COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "[^\n;]+;[0-9]+" lines "${lines}")
  while(lines)
    list(POP_FRONT lines source unit)
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP "unit_${unit}")
  endwhile()
  set_target_properties(${target} PROPERTIES UNITY_BUILD_MODE GROUP)
  # Neighbours in a unit share their file-local names; dev looks at each alone.
  target_compile_options(${target} PRIVATE -Wno-shadow)
endfunction()

# Compiler settings shared by libraries, programs and tests of the house.
function(docker_cpp_defaults target)
  docker_cpp_compiler_settings(${target})
  if(CMAKE_UNITY_BUILD)
    docker_cpp_units(${target})
  endif()
  get_target_property(type ${target} TYPE)
  if(NOT type STREQUAL "MODULE_LIBRARY")
    docker_cpp_precompiled(${target} std)
  endif()
endfunction()
function(docker_cpp_compiler_settings target)
  target_compile_features(${target} PUBLIC cxx_std_23)
  get_target_property(type ${target} TYPE)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  if(NOT type STREQUAL "MODULE_LIBRARY")
    # Everything ends in position-independent programs, so libraries are
    # compiled as their parts: calls need no table, one header fits all.
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${target} PRIVATE -fPIE)
  endif()
  target_compile_options(${target} PRIVATE ${DOCKER_CPP_WARNINGS})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # False alarms of g++ 12 on designated initialisers and inlined strings.
    target_compile_options(${target} PRIVATE -Wno-missing-field-initializers -Wno-restrict
      -Wno-stringop-overflow -Wno-array-bounds -Wno-maybe-uninitialized -Wno-dangling-pointer)
  else()
    # As g++ has it: -Wconversion without the sign half.
    target_compile_options(${target} PRIVATE -Wno-missing-field-initializers
      -Wno-missing-designated-field-initializers -Wno-sign-conversion)
  endif()
  if(DOCKER_CPP_FAILPOINTS)
    target_compile_definitions(${target} PRIVATE DOCKER_CPP_FAILPOINTS=1)
  endif()
endfunction()

# docker_cpp_stage(<NN> <name> [DEPENDS NN-name...] SOURCES ... HEADERS ...
#                  [TESTS ...] [LIBRARIES ...] [TEST_LIBRARIES ...] [JSON]
#                  [TEST_TIMEOUT seconds])
# Builds docker_cpp::<name> from the folder that calls it.
function(docker_cpp_stage number name)
  cmake_parse_arguments(PARSE_ARGV 2 arg "JSON" "TEST_TIMEOUT"
    "DEPENDS;SOURCES;HEADERS;TESTS;LIBRARIES;TEST_LIBRARIES")
  set(target docker_cpp_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(docker_cpp::${name} ALIAS ${target})
  docker_cpp_defaults(${target})
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS include FILES ${arg_HEADERS})
  set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  if(arg_JSON)
    docker_cpp_precompiled(${target} json)
  endif()
  foreach(dep IN LISTS arg_DEPENDS)
    string(REGEX MATCH "^[0-9]+" dep_number "${dep}")
    if(NOT dep_number LESS number)
      message(FATAL_ERROR "stage ${number}-${name} may not depend on ${dep}: only on earlier stages")
    endif()
    string(REGEX REPLACE "^[0-9]+-" "" dep_name "${dep}")
    if(NOT TARGET docker_cpp::${dep_name})
      # The tests of an earlier stage belong to that stage's own build.
      set(DOCKER_CPP_AS_DEPENDENCY ON)
      add_subdirectory("${DOCKER_CPP_ROOT}/stages/${dep}" "${CMAKE_BINARY_DIR}/stages/${dep}" EXCLUDE_FROM_ALL)
      unset(DOCKER_CPP_AS_DEPENDENCY)
    endif()
    target_link_libraries(${target} PUBLIC docker_cpp::${dep_name})
  endforeach()
  target_link_libraries(${target} PUBLIC ${arg_LIBRARIES})
  docker_cpp_child_code(${number} ${target} "${arg_SOURCES}")
  if(BUILD_TESTING AND arg_TESTS AND NOT DOCKER_CPP_AS_DEPENDENCY)
    docker_cpp_test(${target}_test PREFIX "${number}." LABELS "stage-${number}"
      TIMEOUT ${arg_TEST_TIMEOUT} SOURCES ${arg_TESTS}
      LIBRARIES docker_cpp::${name} ${arg_TEST_LIBRARIES})
  endif()
endfunction()

# Code that runs between clone and exec: `throw` does not compile there, and the
# finished object may call only what cmake/child.allow lists, or other child code.
function(docker_cpp_child_code number target sources)
  list(FILTER sources INCLUDE REGEX "\\.child\\.cpp$")
  if(NOT sources)
    return()
  endif()
  set_source_files_properties(${sources} PROPERTIES SKIP_PRECOMPILE_HEADERS ON
    COMPILE_OPTIONS "-O2;-fno-exceptions;-fno-sanitize=all;-fno-stack-protector;-U_FORTIFY_SOURCE;-U_GLIBCXX_ASSERTIONS")
  set_property(GLOBAL APPEND PROPERTY DOCKER_CPP_CHILD_TARGETS ${target})
  if(BUILD_TESTING AND NOT DOCKER_CPP_AS_DEPENDENCY)
    get_property(all GLOBAL PROPERTY DOCKER_CPP_CHILD_TARGETS)
    set(objects "")
    foreach(one IN LISTS all)
      list(APPEND objects $<TARGET_OBJECTS:${one}>)
    endforeach()
    add_test(NAME ${number}.child_code_is_async_signal_safe
      COMMAND python3 ${DOCKER_CPP_ROOT}/tools/check_child_symbols.py
              --allow ${DOCKER_CPP_ROOT}/cmake/child.allow ${objects}
      COMMAND_EXPAND_LISTS)
    set_tests_properties(${number}.child_code_is_async_signal_safe PROPERTIES LABELS "stage-${number}")
  endif()
endfunction()

# docker_cpp_test(<target> PREFIX p LABELS l TIMEOUT s SOURCES ... LIBRARIES ...)
function(docker_cpp_test target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "PREFIX;TIMEOUT" "LABELS;SOURCES;LIBRARIES")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  add_executable(${target} ${arg_SOURCES})
  docker_cpp_defaults(${target})
  target_link_libraries(${target} PRIVATE ${arg_LIBRARIES} GTest::gmock_main)
  docker_cpp_precompiled(${target} test)
  set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
  # What the sanitizers' builds are asked for: without programs and clients.
  set(group daemon_tests)
  if(arg_LABELS MATCHES "^stage-0[1-6]")
    set(group kernel_tests)
  endif()
  if(arg_LABELS MATCHES "^stage-")
    if(NOT TARGET ${group})
      add_custom_target(${group})
    endif()
    add_dependencies(${group} ${target})
  endif()
  gtest_discover_tests(${target} TEST_PREFIX "${arg_PREFIX}" DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
endfunction()

# docker_cpp_static_program(<target> [ORDER file])
# A program that runs once per container: static where the build asks for it. The
# functions that a file of tools/link_order names are put side by side, and
# relocations packed: a start then touches a tenth of the program's pages.
find_program(DOCKER_CPP_LLD NAMES ld.lld)
function(docker_cpp_static_program target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "ORDER" "")
  if(NOT DOCKER_CPP_STATIC)
    return()
  endif()
  target_link_options(${target} PRIVATE -static-pie -Wl,--gc-sections -Wl,-z,relro,-z,now)
  if(arg_ORDER AND DOCKER_CPP_LLD)
    target_link_options(${target} PRIVATE -fuse-ld=lld -Wl,--pack-dyn-relocs=relr
      -Wl,--symbol-ordering-file=${CMAKE_CURRENT_SOURCE_DIR}/${arg_ORDER} -Wl,--no-warn-symbol-ordering)
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${arg_ORDER})
  endif()
endfunction()

# docker_cpp_exercises(<NN> <name>...): one test source each, linked twice: it must
# fail on the starter and pass on the solution. They link nothing of the stage.
function(docker_cpp_exercises number)
  if(DOCKER_CPP_AS_DEPENDENCY OR NOT BUILD_TESTING)
    return()
  endif()
  foreach(name IN LISTS ARGN)
    set(exercise ex_${number}_${name})
    add_library(${exercise}_test OBJECT exercises/${name}/test.cpp)
    docker_cpp_defaults(${exercise}_test)
    target_link_libraries(${exercise}_test PRIVATE GTest::gtest_main)
    foreach(variant starter solution)
      set(target ${exercise}_${variant})
      add_executable(${target} $<TARGET_OBJECTS:${exercise}_test> exercises/${name}/${variant}.cpp)
      docker_cpp_defaults(${target})
      target_link_libraries(${target} PRIVATE GTest::gtest_main)
      set(command $<TARGET_FILE:${target}>)
      if(variant STREQUAL "starter")
        # WILL_FAIL does not take an abort for a failure, and a sanitizer or an
        # assertion of the library may end a starter that way: sh says 1 for
        # both. A starter that was never built has not failed.
        set(command sh -c "[ ! -x \"$1\" ] || \"$1\" || exit 1" sh ${command})
      endif()
      add_test(NAME ${number}.exercise.${name}.${variant} COMMAND ${command})
      set_tests_properties(${number}.exercise.${name}.${variant} PROPERTIES
        LABELS "stage-${number};exercise" TIMEOUT 60)
    endforeach()
    set_tests_properties(${number}.exercise.${name}.starter PROPERTIES WILL_FAIL TRUE)
    add_custom_target(check-${number}-${name} COMMAND ${exercise}_starter USES_TERMINAL
      COMMENT "Checking your solution of exercise ${number}/${name}")
  endforeach()
endfunction()

# docker_cpp_stage_program(<NN> <name>): app/main.cpp becomes stageNN.
function(docker_cpp_stage_program number name)
  if(DOCKER_CPP_AS_DEPENDENCY)
    return()
  endif()
  add_executable(stage${number} app/main.cpp)
  docker_cpp_defaults(stage${number})
  target_link_libraries(stage${number} PRIVATE docker_cpp::${name} ${ARGN})
endfunction()
