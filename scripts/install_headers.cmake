# Installs the headers below include/isrlab. In this tree they include each other as "sim/time.hpp";
# a folder `sim` on the include path of a stranger's project would get in the way of his own, so the
# installed ones say "isrlab/sim/time.hpp". The headers of results/lab are what code includes: they
# stand at the top, as <isrlab/lab.hpp>.
# Run by `cmake --install`, which sets isrlab_source and isrlab_include.
foreach(layer sim model scenarios results)
  file(GLOB_RECURSE headers RELATIVE ${isrlab_source} ${isrlab_source}/${layer}/*.hpp)
  foreach(header IN LISTS headers)
    file(READ ${isrlab_source}/${header} text)
    string(REPLACE "#include \"results/lab/" "#include \"isrlab/" text "${text}")
    string(REGEX REPLACE "#include \"(sim|model|scenarios|results)/" "#include \"isrlab/\\1/" text
           "${text}")
    string(REPLACE "results/lab/" "" header ${header})
    set(target ${CMAKE_INSTALL_PREFIX}/${isrlab_include}/${header})
    set(there "")
    if(EXISTS $ENV{DESTDIR}${target})
      file(READ $ENV{DESTDIR}${target} there)
    endif()
    if(NOT there STREQUAL text)  # an equal file keeps its time, so that nothing is built again
      file(WRITE $ENV{DESTDIR}${target} "${text}")
    endif()
    list(APPEND CMAKE_INSTALL_MANIFEST_FILES ${target})
  endforeach()
endforeach()
