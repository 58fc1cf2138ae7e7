#include "sim/clock.hpp"

#include <algorithm>

namespace isrlab::sim {

namespace {

constexpr std::int64_t kMillion = 1'000'000;
using Wide = __int128;

/// Rounded down, below 0 as well.
std::int64_t floor_div(Wide value, std::int64_t by) {
  const Wide quotient = value / by;
  return static_cast<std::int64_t>(value % by < 0 ? quotient - 1 : quotient);
}

}  // namespace

Time HostClock::shown(const Stretch& from, Time run) {
  const Duration passed = run - from.run;
  if (from.ppm == 0) return from.monotonic + passed;
  return from.monotonic + passed + floor_div(Wide{passed} * from.ppm, kMillion);
}

Time HostClock::reached(const Stretch& from, Time monotonic) {
  const Duration wanted = monotonic - from.monotonic;
  if (from.ppm == 0) return from.run + wanted;
  // A first guess, exact up to the rounding of the division; then the last nanoseconds.
  Time run = from.run + floor_div(Wide{wanted} * kMillion, kMillion + from.ppm);
  while (shown(from, run) >= monotonic) --run;
  while (shown(from, run) < monotonic) ++run;
  return run;
}

Time HostClock::run_time(Time monotonic) const {
  if (monotonic >= now_.monotonic) return reached(now_, monotonic);
  for (auto stretch = past_.rbegin(); stretch != past_.rend(); ++stretch) {
    if (monotonic >= stretch->monotonic) return reached(*stretch, monotonic);
  }
  return past_.empty() ? reached(now_, monotonic) : reached(past_.front(), monotonic);
}

void HostClock::add_rate(Time run, std::int64_t ppm) {
  wanted_ppm_ += ppm;
  set_rate(run, std::clamp(wanted_ppm_, -kMostPpm, kMostPpm));
}

void HostClock::set_rate(Time run, std::int64_t ppm) {
  if (ppm == now_.ppm) return;
  const Time monotonic = shown(now_, run);
  if (now_.run < run) past_.push_back(now_);
  now_ = {run, monotonic, ppm};
  slowest_ppm_ = std::min(slowest_ppm_, ppm);
}

Duration HostClock::step_wall(Time run, Duration by) {
  const Duration least = -monotonic(run);  // 1970
  const Duration before = wall_lead_;
  wall_lead_ = std::clamp(wall_lead_ + by, least, 2 * kWallAtStart);
  const Duration moved = wall_lead_ - before;
  stepped_ += moved < 0 ? -moved : moved;
  return moved;
}

}  // namespace isrlab::sim
