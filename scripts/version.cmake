# Writes OUTPUT, the source file with the version of the code: VERSION and eight digits of the hash
# of what determines a history (sim, model, scenarios), so that a replay token of other code is known.
# cmake -DSOURCE_DIR=... -DVERSION=... -DOUTPUT=... -P version.cmake
set(files "")
foreach(directory sim model scenarios)
  file(GLOB_RECURSE found RELATIVE ${SOURCE_DIR} ${SOURCE_DIR}/${directory}/*.cpp
       ${SOURCE_DIR}/${directory}/*.hpp)
  list(APPEND files ${found})
endforeach()
list(SORT files)
set(hashes "")
foreach(file IN LISTS files)
  file(SHA256 ${SOURCE_DIR}/${file} hash)
  string(APPEND hashes "${file} ${hash}\n")
endforeach()
string(SHA256 hash "${hashes}")
string(SUBSTRING ${hash} 0 8 hash)
file(WRITE ${OUTPUT} "#include \"results/version.hpp\"

namespace isrlab::results {

std::string_view code_version() {
  return \"${VERSION}+${hash}\";
}

}  // namespace isrlab::results
")
