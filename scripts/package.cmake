# What `cmake --install` puts where, for find_package(isrlab): the libraries isrlab::sim, model,
# scenarios and results, isrlab::isrlab with all of them, isrlab::rapidcheck, the headers, the command
# and the scenarios. Included by CMakeLists.txt.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(isrlab_config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/isrlab)
set(isrlab_parts isrlab_sim isrlab_model isrlab_scenarios isrlab_results)

# The target `isrlab` is the command, so the facade has another name in this tree.
add_library(isrlab_all INTERFACE)
target_link_libraries(isrlab_all INTERFACE ${isrlab_parts})
foreach(target IN LISTS isrlab_parts)
  string(REPLACE isrlab_ "" part ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${part})
  target_include_directories(${target} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(${target} INTERFACE cxx_std_20)
endforeach()
set_target_properties(isrlab_all PROPERTIES EXPORT_NAME isrlab)

install(TARGETS ${isrlab_parts} isrlab_all EXPORT isrlab ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT isrlab NAMESPACE isrlab:: FILE isrlabTargets.cmake DESTINATION ${isrlab_config_dir})
configure_package_config_file(scripts/isrlabConfig.cmake.in generated/isrlabConfig.cmake
                              INSTALL_DESTINATION ${isrlab_config_dir}
                              PATH_VARS CMAKE_INSTALL_DATADIR)
# Before 1.0 a new minor version may change what code sees.
write_basic_package_version_file(generated/isrlabConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/generated/isrlabConfig.cmake
              ${CMAKE_BINARY_DIR}/generated/isrlabConfigVersion.cmake
        DESTINATION ${isrlab_config_dir})

install(CODE "set(isrlab_source \"${CMAKE_SOURCE_DIR}\")
set(isrlab_include \"${CMAKE_INSTALL_INCLUDEDIR}/isrlab\")")
install(SCRIPT scripts/install_headers.cmake)

install(TARGETS isrlab RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY scenarios/library DESTINATION ${CMAKE_INSTALL_DATADIR}/isrlab/scenarios)
