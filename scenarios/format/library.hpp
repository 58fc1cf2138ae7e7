// The scenario library as part of the program: the files of scenarios/library by name, so that code
// that links isrlab has them without looking for files. The definition is generated
// (scripts/library.cmake).
#pragma once
#include <span>
#include <string_view>

namespace isrlab::scenarios {

struct LibraryScenario {
  std::string_view name;  // "leader-crash"
  std::string_view text;  // the file, with its comments
};

/// Sorted by name.
std::span<const LibraryScenario> library_scenarios();

/// Null if there is none of that name.
const LibraryScenario* find_library_scenario(std::string_view name);

}  // namespace isrlab::scenarios
