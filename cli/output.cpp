#include "cli/output.hpp"

#include "cli/terminal.hpp"
#include "results/run_folder.hpp"

namespace isrlab::cli {

bool as_json(const Options& options) {
  return options.json() || options.output.ends_with(".json");
}

bool to_stdout(const Options& options) {
  return options.output.empty() || options.output == "-";
}

bool put(const Options& options, const std::string& text) {
  if (to_stdout(options)) {
    print(text);
    return true;
  }
  if (results::write_file(options.output, text)) return true;
  say("isrlab: cannot write to " + options.output);
  return false;
}

std::filesystem::path folder_or(const Options& options, const char* otherwise) {
  return options.runs_folder.empty() ? std::filesystem::path(otherwise)
                                     : std::filesystem::path(options.runs_folder);
}

}  // namespace isrlab::cli
