# The ctest test `vm`: the test programs of the stages that touch the kernel
# most, on pure cgroup v2 and AppArmor. Include it after all stages and final/.
include_guard(GLOBAL)
if(BUILD_TESTING)
  add_test(NAME vm
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/tools/vm --build ${CMAKE_BINARY_DIR})
  # One at a time: an emulated machine is slow enough with both processors.
  set_tests_properties(vm PROPERTIES LABELS "vm" TIMEOUT 900 RUN_SERIAL TRUE)
endif()
