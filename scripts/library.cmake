# Writes OUTPUT, the source file that holds the scenarios of the library as texts.
# cmake -DSOURCE_DIR=... -DOUTPUT=... -P library.cmake
file(GLOB files ${SOURCE_DIR}/scenarios/library/*.json)
list(SORT files)
set(rows "")
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} text)
  string(APPEND rows "    {\"${name}\", R\"isrlab(${text})isrlab\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"scenarios/format/library.hpp\"

namespace isrlab::scenarios {
namespace {

constexpr LibraryScenario kLibrary[] = {
${rows}};

}  // namespace

std::span<const LibraryScenario> library_scenarios() {
  return kLibrary;
}

const LibraryScenario* find_library_scenario(std::string_view name) {
  for (const LibraryScenario& scenario : kLibrary) {
    if (scenario.name == name) return &scenario;
  }
  return nullptr;
}

}  // namespace isrlab::scenarios
")
