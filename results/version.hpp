// The version of the code that decides a run's history. A replay token names it: another version
// may order events differently, so a token of it is refused instead of "diverging".
#pragma once
#include <string_view>

namespace isrlab::results {

#ifdef ISRLAB_VERSION
inline constexpr std::string_view kCodeVersion = ISRLAB_VERSION;
#else
inline constexpr std::string_view kCodeVersion = "0.1.0";
#endif
/// What the model imitates, for report headers.
inline constexpr std::string_view kModelled = "Kafka 3.9 with ZooKeeper 3.8";

}  // namespace isrlab::results
