#include "results/summary.hpp"

namespace isrlab::results {

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass: return "pass";
    case Verdict::kFail: return "fail";
    case Verdict::kViolation: return "violation";
    case Verdict::kInconclusive: return "inconclusive";
  }
  return "";
}

int exit_code(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass: return 0;
    case Verdict::kFail: return 1;
    case Verdict::kViolation: return 4;
    case Verdict::kInconclusive: return 3;
  }
  return 70;
}

Verdict heavier(Verdict left, Verdict right) {
  for (const Verdict each : {Verdict::kViolation, Verdict::kFail, Verdict::kInconclusive}) {
    if (left == each || right == each) return each;
  }
  return Verdict::kPass;
}

std::string_view kind_word(scenarios::ExpectationKind kind) {
  switch (kind) {
    case scenarios::ExpectationKind::kAlways: return "always";
    case scenarios::ExpectationKind::kSometimes: return "sometimes";
    case scenarios::ExpectationKind::kEventually: return "eventually";
    case scenarios::ExpectationKind::kLimit: return "limit";
  }
  return "";
}

std::string acks_name(scenarios::AcksClass acks) {
  switch (acks) {
    case scenarios::AcksClass::kZero: return "acks=0";
    case scenarios::AcksClass::kOne: return "acks=1";
    case scenarios::AcksClass::kAll: return "acks=all";
    case scenarios::AcksClass::kAny: break;
  }
  return "any acks";
}

}  // namespace isrlab::results
