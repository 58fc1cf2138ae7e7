// libFuzzer target: no bytes may make the loader crash, throw or run away, and what loads has a
// canonical form that loads to itself. Build with clang and -fsanitize=fuzzer,address,undefined;
// start from tests/data/malformed and scenarios/library.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scenarios/faults/one_line.hpp"
#include "scenarios/format/loader.hpp"

using namespace isrlab::scenarios;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const LoadResult result = load_scenario_text(text, "fuzz");
  if (result.ok()) {
    const LoadResult again = load_scenario_text(result.scenario.canonical, "canonical");
    if (!again.ok() || again.scenario.canonical != result.scenario.canonical) std::abort();
  } else if (result.problems.empty() || result.json().empty()) {
    std::abort();
  }
  // The same bytes as a fault line.
  Value item;
  std::string what;
  std::string fix;
  if (!parse_fault_line(text.substr(0, 200), item, what, fix) && what.empty()) std::abort();
  return 0;
}
