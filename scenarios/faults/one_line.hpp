// Faults as one line, for the command line and for reports:
//
//   at 60s kill leader of orders-0 restart after 5m
//   between 10s..20s partition leader of orders-0 and client p1 from all brokers for 30s
//   at 30s every 20s times 3 pause one broker for 2s
//
// trigger, action, selector, then any of: from <selector>, direction both|to|from, latency, jitter,
// rate, for, restart after <duration>|never, and last why <text>. It maps one to one to the JSON
// item.
#pragma once
#include <string>
#include <string_view>

#include "scenarios/format/document.hpp"
#include "scenarios/format/scenario.hpp"

namespace isrlab::scenarios {

/// Turns a line into the JSON item; values are checked later, with the rest of the scenario. On
/// failure returns false and says what is wrong and what to do.
bool parse_fault_line(std::string_view line, Value& item, std::string& what, std::string& fix);

/// The line for a fault, without `why`; FaultSpec::text. parse_fault_line() reads it back.
std::string fault_line(const FaultSpec& fault);

/// The item in canonical JSON, without `why`.
Value fault_value(const FaultSpec& fault);

}  // namespace isrlab::scenarios
