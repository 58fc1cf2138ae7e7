// A record batch: the unit of append, replication, deduplication and truncation. Records are not
// bytes but identities: the n-th record that a producer addressed to a partition. Sizes follow the
// v2 format (DefaultRecordBatch.java: 61-byte header).
#pragma once
#include <cstdint>

#include "model/ids.hpp"
#include "sim/time.hpp"

namespace isrlab::model {

inline constexpr std::int32_t kBatchHeaderBytes = 61;

struct Batch {
  std::int64_t base_offset = 0;
  std::uint64_t first_record = 0;  // number of its first record within (producer, partition)
  std::int64_t producer_id = -1;   // idempotence; -1 = none
  sim::Time timestamp = 0;         // create time of the first record, on the producer's clock
  std::uint32_t count = 0;         // records; offsets base_offset .. base_offset + count - 1
  std::uint32_t bytes = 0;
  std::int32_t leader_epoch = -1;
  std::int32_t base_sequence = -1;
  std::uint32_t producer = kNone;  // index of the simulated producer, kNone = a broker's own record
  std::uint32_t payload = kNone;   // broker's own record: index in the record arena
  std::int16_t producer_epoch = -1;
  bool transactional = false;
  std::uint8_t padding = 0;

  std::int64_t next_offset() const { return base_offset + count; }
  std::int64_t last_offset() const { return base_offset + count - 1; }
};
static_assert(sizeof(Batch) == 64);

}  // namespace isrlab::model
