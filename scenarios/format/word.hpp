// The words of a scenario file: which keys an object has, how each value is written, and the
// sentence that the schema and `isrlab list` show for it.
#pragma once
#include <cstdint>
#include <limits>
#include <string_view>

namespace isrlab::scenarios {

/// How a value is written.
enum class Form : std::uint8_t {
  kText,        // free text
  kProse,       // free text, or a list of its lines
  kName,        // letters, digits, . _ -
  kCount,       // a whole number
  kSeed,        // an unsigned 64-bit number
  kDuration,    // "250ms"
  kOffset,      // a duration that may be negative: "-5s"
  kRange,       // "1.5s..2.5s"
  kSize,        // "1KiB"
  kBandwidth,   // "10MB/s"
  kRecordRate,  // "200/s"
  kSelector,    // "leader of orders-0", or a list of selectors
  kSides,       // a selector, or {side, from, direction}, or {groups}, or "a | b | c"
  kDirection,   // both, to, from
  kRestart,     // "after 15s" or "never"
  kMoment,      // "isr of orders-0 < 2"; until: also a time
  kMessage,     // "LeaderAndIsr"
  kRatio,       // "5%"
  kUnflushed,   // drawn, lost, kept
  kPartitions,  // "orders-0, payments", "all topics"
  kMoves,       // "orders-0 -> 4,5,6", or what kafka-reassign-partitions.sh reads
  kAwaited,     // isr, running
  kFlag,        // true or false
  kNames,       // a list of names
  kIds,         // a list of lists of broker ids
  kTexts,       // a list of texts
  kObject,      // one object of the given shape
  kObjects,     // a list of objects of the given shape
  kDisk,        // a bandwidth, or an object of the shape kDisk
  kAny,         // accepted and not looked at
};

/// The objects of a scenario file.
enum class Shape : std::uint8_t {
  kNone,
  kScenario,
  kCluster,
  kBugs,  // the switches of model/bugs.hpp
  kBrokers,
  kBrokerConfig,
  kZooKeeper,  // its own words and ZooKeeper's settings
  kDisk,
  kNetwork,
  kLink,
  kNamedLink,
  kClock,
  kTopic,
  kTopicConfig,
  kProducer,
  kProducerConfig,
  kKeys,
  kConsumers,
  kConsumerConfig,
  kFault,
  kSides,
  kReassignment,  // of kafka-reassign-partitions.sh
  kMove,
  kHeal,
  kChaos,
  kChaosWeights,
  kMaxDown,
  kExpect,
  kEventually,
};

struct Word {
  std::string_view name;
  Form form;
  std::string_view what;
  std::int64_t minimum = 0;  // of numbers, in stored units (ns, bytes, count)
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
  Shape shape = Shape::kNone;  // kObject, kObjects
  bool required = false;
};

}  // namespace isrlab::scenarios
