#include "results/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace isrlab::results {

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number < 0 ? -number : number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, " ");
  return number < 0 ? "-" + digits : digits;
}

std::string decimal_text(double number) {
  // In thousandths, so that no text depends on how a library prints doubles.
  const auto all = static_cast<std::int64_t>(std::llround(number * 1000));
  return fmt::format("{}{}.{:03}", all < 0 ? "-" : "", grouped(std::abs(all) / 1000),
                     std::abs(all) % 1000);
}

std::string span_text(sim::Duration duration) {
  if (duration < 0) return "-" + span_text(-duration);
  const auto decimals = [](std::int64_t value, std::int64_t unit, int places) {
    std::int64_t scale = 1;
    for (int i = 0; i < places; ++i) scale *= 10;
    const auto rounded =
        static_cast<std::int64_t>((static_cast<__int128>(value) * scale + unit / 2) / unit);
    std::string text = std::to_string(rounded / scale);
    if (places == 0) return text;
    std::string fraction = std::to_string(rounded % scale);
    fraction.insert(0, static_cast<std::size_t>(places) - fraction.size(), '0');
    return text + "." + fraction;
  };
  if (duration == 0) return "0 s";
  if (duration < sim::kMillisecond) return decimals(duration, sim::kMicrosecond, 0) + " us";
  if (duration < 10 * sim::kMillisecond) return decimals(duration, sim::kMillisecond, 1) + " ms";
  if (duration < sim::kSecond) return decimals(duration, sim::kMillisecond, 0) + " ms";
  if (duration < 100 * sim::kSecond) return decimals(duration, sim::kSecond, 2) + " s";
  return decimals(duration, sim::kSecond, 1) + " s";
}

std::string clock_text(sim::Time time) {
  const std::int64_t ms = time / sim::kMillisecond;
  if (ms < 100'000) return fmt::format("{}.{:03}", ms / 1000, ms % 1000);
  const std::int64_t seconds = ms / 1000;
  if (seconds < 3600) {
    return fmt::format("{:02}:{:02}.{:03}", seconds / 60, seconds % 60, ms % 1000);
  }
  return fmt::format("{}:{:02}:{:02}.{:03}", seconds / 3600, seconds / 60 % 60, seconds % 60,
                     ms % 1000);
}

std::string counted(std::int64_t number, std::string_view one, std::string_view many) {
  const std::string word = number == 1    ? std::string(one)
                           : many.empty() ? std::string(one) + "s"
                                          : std::string(many);
  return grouped(number) + " " + word;
}

std::string isr_text(std::span<const std::uint32_t> isr) {
  std::string text = "{";
  for (const std::uint32_t id : isr) text += (text.size() > 1 ? "," : "") + std::to_string(id);
  return text + "}";
}

std::string isr_text(const std::vector<model::BrokerId>& isr) {
  std::vector<std::uint32_t> ids(isr.begin(), isr.end());
  return isr_text(ids);
}

std::string some_of(const std::vector<std::string>& names, std::size_t most) {
  if (names.size() > most + 1) {
    std::string text;
    for (std::size_t i = 0; i < most; ++i) text += (i == 0 ? "" : ", ") + names[i];
    return text + fmt::format(" and {} more", names.size() - most);
  }
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  }
  return text;
}

std::string broker_name(model::BrokerId broker) {
  return broker < 0 ? "nobody" : "broker-" + std::to_string(broker);
}

std::string markup_text(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '"': safe += "&quot;"; break;
      case '\n': safe += '\n'; break;
      default: safe += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    }
  }
  return safe;
}

std::string hex16(std::uint64_t value) {
  return fmt::format("{:016x}", value);
}

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string left_column(std::string_view text, std::size_t width) {
  std::string cell(text);
  const std::size_t used = columns(text);
  if (used < width) cell.append(width - used, ' ');
  return cell;
}

std::string right_column(std::string_view text, std::size_t width) {
  const std::size_t used = columns(text);
  return (used < width ? std::string(width - used, ' ') : std::string()) + std::string(text);
}

}  // namespace isrlab::results
