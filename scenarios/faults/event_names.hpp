// Names of the history's kept events and of the messages that can be held back, from the two lists
// that make them; so the loader knows them without the model behind it.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace isrlab::scenarios {

/// A kept event by its name (model::HistoryKind), -1 if there is none.
std::int32_t kept_event(std::string_view name);
std::string_view event_word(std::int32_t event);
std::vector<std::string> kept_events();

/// A message by its name (model::MessageType), -1 if there is none. "LeaderAndIsr" means the
/// request.
std::int32_t find_message(std::string_view name);
std::string_view message_word(std::int32_t message);
std::vector<std::string> message_words();

}  // namespace isrlab::scenarios
