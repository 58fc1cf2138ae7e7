#include "scenarios/faults/moment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "scenarios/faults/event_names.hpp"
#include "scenarios/faults/registry.hpp"
#include "scenarios/faults/selector.hpp"
#include "scenarios/format/spelling.hpp"
#include "scenarios/format/units.hpp"

namespace isrlab::scenarios {
namespace {

/// The words of a moment, comparisons apart from what touches them.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto is_sign = [](char c) { return c == '<' || c == '>' || c == '=' || c == '!'; };
  for (const char c : text) {
    const bool space = c == ' ' || c == '\t';
    if (space || (!word.empty() && is_sign(c) != is_sign(word.back()))) {
      if (!word.empty()) words.push_back(word);
      word.clear();
    }
    if (!space) word += c;
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

class MomentParser {
 public:
  MomentParser(std::string_view text, Moment& moment)
      : text_(text), words_(words_of(text)), moment_(moment) {}

  bool parse() {
    for (const MomentInfo& form : moment_table()) {
      next_ = 0;
      moment_ = Moment();
      what.clear();
      if (read(form.kind) && next_ == words_.size()) {
        moment_.kind = form.kind;
        return true;
      }
      if (!what.empty()) return false;
    }
    moment_ = Moment();
    what = "unknown condition " + in_quotes(text_);
    fix = "isrlab list moments shows all forms";
    std::vector<std::string> forms;
    for (const MomentInfo& form : moment_table()) forms.emplace_back(form.example);
    if (const std::string best = nearest(text_, forms); !best.empty()) {
      fix = "did you mean something like " + in_quotes(best) + "?";
    }
    return false;
  }

  std::string what;
  std::string fix;

 private:
  bool take(std::string_view word) {
    if (next_ >= words_.size() || words_[next_] != word) return false;
    ++next_;
    return true;
  }

  bool read(MomentKind kind) {
    switch (kind) {
      case MomentKind::kNone: return false;
      case MomentKind::kIsrSize: return take("isr") && take("of") && partition() && bound();
      case MomentKind::kLeaderIs:
        return take("leader") && take("of") && partition() && take("is") && broker(true);
      case MomentKind::kControllerIs: return take("controller") && take("is") && broker(true);
      case MomentKind::kLogEnd:
        return take("end") && take("of") && partition() && take("on") && broker(false) && bound();
      case MomentKind::kHighWatermark:
        return take("hw") && take("of") && partition() && take("on") && broker(false) && bound();
      case MomentKind::kHolds: return take("fault") && number() && take("holds");
      case MomentKind::kEvent: return take("event") && event();
    }
    return false;
  }

  bool partition() {
    Selector selector;
    std::string ignored;
    if (next_ >= words_.size()) return false;
    if (!parse_selector("isr of " + words_[next_], selector, ignored, ignored)) return false;
    ++next_;
    moment_.topic = selector.name;
    moment_.partition = selector.partition;
    return true;
  }

  bool broker(bool or_none) {
    if (or_none && take("none")) return true;
    Selector selector;
    std::string ignored;
    if (next_ >= words_.size()) return false;
    if (!parse_selector(words_[next_], selector, ignored, ignored)) return false;
    if (selector.kind != SelectorKind::kBroker || selector.ids.size() != 1) return false;
    ++next_;
    moment_.broker = selector.ids[0];
    return true;
  }

  bool bound() {
    if (next_ >= words_.size()) return false;
    const ComparisonInfo* comparison = find_comparison(words_[next_]);
    if (comparison == nullptr) return false;
    ++next_;
    moment_.comparison = comparison->comparison;
    return number();
  }

  bool number() {
    if (next_ >= words_.size()) return false;
    const Measure measure = parse_whole_number(words_[next_]);
    if (!measure.ok()) return false;
    ++next_;
    moment_.value = measure.value;
    return true;
  }

  bool event() {
    if (next_ >= words_.size()) return false;
    moment_.event = kept_event(words_[next_]);
    if (moment_.event < 0) {
      what = "no event is called " + in_quotes(words_[next_]);
      fix = suggestion(words_[next_], kept_events());
      return false;
    }
    ++next_;
    if (take("on")) {
      if (next_ >= words_.size()) return false;
      moment_.process = words_[next_++];
    }
    if (take("of")) return partition();
    return true;
  }

  std::string_view text_;
  std::vector<std::string> words_;
  std::size_t next_ = 0;
  Moment& moment_;
};

std::string broker_text(std::int32_t broker) {
  return broker < 0 ? "none" : fmt::format("broker-{}", broker);
}

}  // namespace

bool parse_moment(std::string_view text, Moment& moment, std::string& what, std::string& fix) {
  MomentParser parser(text, moment);
  if (parser.parse()) return true;
  what = parser.what;
  fix = parser.fix;
  return false;
}

std::string moment_text(const Moment& moment) {
  const std::string partition = fmt::format("{}-{}", moment.topic, moment.partition);
  const std::string bound = fmt::format("{} {}", info(moment.comparison).symbol, moment.value);
  switch (moment.kind) {
    case MomentKind::kNone: return {};
    case MomentKind::kIsrSize: return fmt::format("isr of {} {}", partition, bound);
    case MomentKind::kLeaderIs:
      return fmt::format("leader of {} is {}", partition, broker_text(moment.broker));
    case MomentKind::kControllerIs: return "controller is " + broker_text(moment.broker);
    case MomentKind::kLogEnd:
      return fmt::format("end of {} on broker-{} {}", partition, moment.broker, bound);
    case MomentKind::kHighWatermark:
      return fmt::format("hw of {} on broker-{} {}", partition, moment.broker, bound);
    case MomentKind::kHolds: return fmt::format("fault {} holds", moment.value);
    case MomentKind::kEvent: break;
  }
  std::string text = fmt::format("event {}", event_word(moment.event));
  if (!moment.process.empty()) text += " on " + moment.process;
  if (!moment.topic.empty()) text += " of " + partition;
  return text;
}

}  // namespace isrlab::scenarios
