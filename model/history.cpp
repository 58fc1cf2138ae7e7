#include "model/history.hpp"

#include "sim/assert.hpp"

namespace isrlab::model {

const HistoryKindInfo& history_kind(HistoryKind kind) {
  static constexpr HistoryKindInfo kTable[] = {
#define X(name, kept, subject, a, b, c) {#name, kept, subject, a, b, c},
      ISRLAB_HISTORY(X)
#undef X
  };
  SIM_ASSERT(kind < HistoryKind::kCount, "no such kind of history event");
  return kTable[static_cast<std::size_t>(kind)];
}

}  // namespace isrlab::model
