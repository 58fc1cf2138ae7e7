#include "scenarios/faults/event_names.hpp"

#include "model/history.hpp"
#include "model/protocol/messages.hpp"

namespace isrlab::scenarios {
namespace {

struct EventName {
  std::string_view name;
  bool kept;
};
constexpr EventName kEvents[] = {
#define X(name, kept, subject, a, b, c) {#name, kept},
    ISRLAB_HISTORY(X)
#undef X
};
constexpr std::string_view kMessages[] = {
#define X(name) #name,
    ISRLAB_MESSAGES(X)
#undef X
};

}  // namespace

std::int32_t kept_event(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kEvents); ++i) {
    if (kEvents[i].kept && kEvents[i].name == name) return static_cast<std::int32_t>(i);
  }
  return -1;
}

std::string_view event_word(std::int32_t event) {
  return kEvents[static_cast<std::size_t>(event)].name;
}

std::vector<std::string> kept_events() {
  std::vector<std::string> names;
  for (const EventName& event : kEvents) {
    if (event.kept) names.emplace_back(event.name);
  }
  return names;
}

std::int32_t find_message(std::string_view name) {
  for (const bool with_request : {false, true}) {
    const std::string wanted = std::string(name) + (with_request ? "Request" : "");
    for (std::size_t i = 0; i < std::size(kMessages); ++i) {
      if (kMessages[i] == wanted) return static_cast<std::int32_t>(i);
    }
  }
  return -1;
}

std::string_view message_word(std::int32_t message) {
  if (message < 0) return "?";  // not found: reported by the loader
  return kMessages[static_cast<std::size_t>(message)];
}

std::vector<std::string> message_words() {
  std::vector<std::string> words;
  for (const std::string_view name : kMessages) {
    constexpr std::string_view kRequest = "Request";
    const bool request = name.ends_with(kRequest);
    words.emplace_back(request ? name.substr(0, name.size() - kRequest.size()) : name);
  }
  return words;
}

}  // namespace isrlab::scenarios
