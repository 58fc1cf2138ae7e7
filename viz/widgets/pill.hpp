// Pills (a word on a coloured ground) and status badges (a sign, a number, a definition).
#pragma once
#include <cstdint>
#include <string_view>

#include "viz/core/theme_colors.hpp"

namespace isrlab::viz {

struct Ui;

struct PillStyle {
  theme::Color fill;
  bool hollow = false;    // out of sync and the like: edge only, so that the shape tells it too
  bool selected = false;  // a second edge in the colour of attention
};

/// Placed in the flow of the window like a button. True when clicked.
bool pill(Ui& ui, std::string_view id, const PillStyle& style, std::string_view text);

enum class Status : std::uint8_t { good, warning, bad, pending, unknown };

/// The sign of a status; never the colour alone.
const char* sign_of(Status status);
const char* word_of(Status status);

/// What a number means: every number of the viewer can say it.
struct Definition {
  std::string_view name;    // Kafka's own, for example "UnderReplicatedPartitions"
  std::string_view text;    // one or two sentences
  std::string_view source;  // where the words come from, for example a JMX name; may be empty
};

/// `⚠ URP 12`. The label never changes its place or its words, only sign and value do. True when
/// clicked; the definition is shown on hover.
bool badge(Ui& ui, std::string_view id, Status status, std::string_view label,
           std::string_view value, const Definition& definition);

/// Shows the definition when the item that was just drawn is hovered. `value` may be empty.
void definition_tooltip(Ui& ui, const Definition& definition, std::string_view value = {});

}  // namespace isrlab::viz
