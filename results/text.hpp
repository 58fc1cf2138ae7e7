// Words and numbers of reports: locale-free, the same on every machine.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/catalog.hpp"
#include "sim/time.hpp"

namespace isrlab::results {

/// "1 180 000".
std::string grouped(std::int64_t number);
/// "-0.125": three decimals.
std::string decimal_text(double number);
/// "13.41 s", "250 ms", "40 us", "0 s": three or four digits that matter.
std::string span_text(sim::Duration duration);
/// "33.204" below 100 s, "02:13.204" up to an hour, "1:02:13.204" beyond: a column of a timeline.
std::string clock_text(sim::Time time);
/// "1 record", "5 records".
std::string counted(std::int64_t number, std::string_view one, std::string_view many = {});
/// "{2,3,1}".
std::string isr_text(std::span<const std::uint32_t> isr);
std::string isr_text(const std::vector<model::BrokerId>& isr);
/// "a, b and 3 more" with at most `most` of them named.
std::string some_of(const std::vector<std::string>& names, std::size_t most = 3);
/// "broker-2"; "nobody" for -1.
std::string broker_name(model::BrokerId broker);
/// For text and attributes of HTML and XML; a control character, which XML forbids, becomes '?'.
std::string markup_text(std::string_view text);
std::string hex16(std::uint64_t value);
/// Bytes of UTF-8 text as columns of a terminal, good enough for the letters we print.
std::size_t columns(std::string_view text);
/// Padded with spaces to so many columns; never cut.
std::string left_column(std::string_view text, std::size_t width);
std::string right_column(std::string_view text, std::size_t width);

}  // namespace isrlab::results
