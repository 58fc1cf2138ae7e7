// Everything a scenario file may say, as rows for `isrlab list` and for generated documentation.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace isrlab::scenarios {

struct ListEntry {
  std::string section;  // "faults", "selectors", "broker settings" ...
  std::string name;     // the word, form or setting
  std::string detail;   // fields, value form, default; may be empty
  std::string what;     // one sentence
  std::string colour;   // "#RRGGBB" of a fault, else empty
};

/// All rows, section by section, in table order.
std::vector<ListEntry> list_everything();

/// The sections, in the order of list_everything().
std::vector<std::string> list_sections();

/// The rows of one section; `isrlab list settings` style group words work too ("settings" is all
/// sections that end in it). Empty when nothing has that name.
std::vector<ListEntry> list_section(std::string_view section);

}  // namespace isrlab::scenarios
