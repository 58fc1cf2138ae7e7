// The version of the code, as it stands in replay tokens, manifests and reports: the release and a
// hash of the sources that determine a history. The definition is generated
// (scripts/version.cmake).
#pragma once
#include <string_view>

namespace isrlab::results {

/// "0.1.0+89abcdef".
std::string_view code_version();
/// What the model imitates, for report headers.
inline constexpr std::string_view kModelled = "Kafka 3.9 with ZooKeeper 3.8";

}  // namespace isrlab::results
