// The isrlab command: reads the command line and calls a verb. stdout is the result, stderr is
// progress and notes; every way out has an exit code of its own (options.hpp).
#include <cstdio>
#include <exception>
#include <string>

#include "cli/options.hpp"
#include "cli/terminal.hpp"
#include "sim/assert.hpp"

namespace isrlab::cli {
namespace {

int call(const Options& options) {
  if (options.verb == "run") return options.repeat > 1 ? repeat_verb(options) : run_verb(options);
  if (options.verb == "sweep") return sweep_verb(options);
  if (options.verb == "test") return test_verb(options);
  if (options.verb == "replay") return replay_verb(options);
  if (options.verb == "validate") return validate_verb(options);
  if (options.verb == "list") return list_verb(options);
  if (options.verb == "schema") return schema_verb(options);
  if (options.verb == "view") return view_verb(options);
  return kBadUsage;
}

}  // namespace
}  // namespace isrlab::cli

int main(int argc, char** argv) {
  using namespace isrlab;
  try {
    cli::Options options;
    if (const auto done = cli::read_arguments(argc, argv, options)) return *done;
    return cli::call(options);
  } catch (const sim::InternalError& error) {
    cli::say("isrlab: a bug in isrlab itself, not in your scenario: " + std::string(error.what()));
    cli::say(cli::what_was_running());
    return cli::kInternal;
  } catch (const std::bad_alloc&) {
    cli::say("isrlab: out of memory. " + cli::what_was_running());
    return cli::kInternal;
  } catch (const std::exception& error) {
    cli::say("isrlab: unexpected error: " + std::string(error.what()));
    cli::say(cli::what_was_running());
    return cli::kInternal;
  }
}
