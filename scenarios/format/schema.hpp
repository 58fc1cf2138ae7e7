// The JSON Schema of scenario files, for completion and checking in editors. It is generated from
// the same tables as the loader; what a schema language cannot say (min ISR <= RF, names that must
// exist) only the loader checks.
#pragma once
#include <string>

namespace isrlab::scenarios {

/// JSON Schema, draft 2020-12, indented by two spaces. The same text every time.
std::string json_schema();

}  // namespace isrlab::scenarios
