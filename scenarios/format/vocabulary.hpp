// The keys of every object of a scenario file, in canonical order. The loader refuses all others,
// the schema and `isrlab list` are generated from here. Faults and expectations have their own
// tables in scenarios/faults/registry.hpp.
#pragma once
#include <span>
#include <string_view>

#include "scenarios/format/word.hpp"

namespace isrlab::scenarios {

inline constexpr std::string_view kSchemaName = "kafka-failure-scenario/1";

/// The words of an object; empty for kFault and for the settings shapes, which have own tables.
std::span<const Word> words_of(Shape shape);

/// Null when the object has no such word.
const Word* find_word(Shape shape, std::string_view name);

/// "cluster", "producer": for headings and the names of schema definitions.
std::string_view shape_name(Shape shape);

}  // namespace isrlab::scenarios
