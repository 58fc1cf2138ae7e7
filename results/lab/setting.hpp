// Values as C++ writes them (3, true, "all", 9s) for settings and words that a scenario file has as
// JSON: what the builders of this folder take.
#pragma once
#include <chrono>
#include <concepts>
#include <string>
#include <string_view>

#include "scenarios/format/document.hpp"

namespace isrlab::lab {

/// A length of time or an instant of the run: a std::chrono duration, rounded to nanoseconds, or
/// a text with a unit ("1.5s"). A bare number does not compile; a text that is no duration is
/// reported when the lab is loaded.
class Span {
 public:
  template <class Number, class Period>
  Span(std::chrono::duration<Number, Period> duration)
      : Span(std::chrono::round<std::chrono::nanoseconds>(duration).count()) {}
  Span(const char* text) : text_(text) {}
  Span(std::string text) : text_(std::move(text)) {}

  const std::string& text() const { return text_; }

 private:
  explicit Span(std::int64_t nanoseconds);
  std::string text_;
};

/// A value of one of Kafka's or ZooKeeper's settings, or of a word of the scenario format: a whole
/// number, a truth value, a text or a duration. Which of them fits is for the loader to say.
class Setting {
 public:
  template <std::integral Number>
  Setting(Number number) : value_(scenarios::Value::of_integer(static_cast<std::int64_t>(number))) {
    static_assert(sizeof(Number) <= sizeof(std::int64_t));
  }
  Setting(bool flag) : value_(scenarios::Value::of_flag(flag)) {}
  Setting(const char* text) : value_(scenarios::Value::of_text(text)) {}
  Setting(std::string_view text) : value_(scenarios::Value::of_text(text)) {}
  Setting(const std::string& text) : value_(scenarios::Value::of_text(text)) {}
  Setting(const Span& span) : value_(scenarios::Value::of_text(span.text())) {}
  template <class Number, class Period>
  Setting(std::chrono::duration<Number, Period> duration) : Setting(Span(duration)) {}
  /// Any JSON, for words that take lists or objects.
  explicit Setting(scenarios::Value value) : value_(std::move(value)) {}

  const scenarios::Value& value() const { return value_; }

 private:
  scenarios::Value value_;
};

/// An object of the scenario format that is put together word by word. `Self` is the builder, so
/// that calls can be chained. Nothing is checked here: names and values are the loader's.
template <class Self>
class Section {
 public:
  /// A setting by Kafka's (ZooKeeper's) own name: set("acks", "all").
  Self& set(std::string_view name, const Setting& value) {
    scenarios::Value* config = value_.find("config");
    if (config == nullptr) config = &value_.set("config", scenarios::Value::object());
    config->set(name, value.value());
    return self();
  }
  /// Any word that the format has at this place (`isrlab schema`).
  Self& with(std::string_view word, const Setting& value) {
    value_.set(word, value.value());
    return self();
  }
  const scenarios::Value& value() const { return value_; }

 protected:
  Section() = default;
  ~Section() = default;
  Section(const Section&) = default;
  Section(Section&&) = default;
  Section& operator=(const Section&) = default;
  Section& operator=(Section&&) = default;

  Self& self() { return static_cast<Self&>(*this); }
  scenarios::Value value_ = scenarios::Value::object();
};

/// A list of texts.
scenarios::Value texts(const std::vector<std::string>& list);

}  // namespace isrlab::lab
