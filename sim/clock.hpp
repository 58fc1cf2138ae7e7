// The clock of a host, as Linux has it: one hardware clock with a rate, read through two faces.
// The monotonic face (System.nanoTime) only ever runs on; the wall face (System.currentTimeMillis)
// is the monotonic one plus an offset that may be stepped. A rate that is off, or slewed by NTP,
// moves both. All in integers: what a deadline is converted to is the first instant of the run at
// which the face shows at least the deadline, so a timer never fires early on its own clock.
#pragma once
#include <cstdint>
#include <vector>

#include "sim/time.hpp"

namespace isrlab::sim {

/// What the wall face shows at the start of the run: far from 1970, so that a step back by years
/// stays after it (the kernel refuses to set a clock to before 1970).
inline constexpr Time kWallAtStart = 1'000'000'000 * kSecond;
/// The rate may be off by a tenth at most.
inline constexpr std::int64_t kMostPpm = 100'000;

class HostClock {
 public:
  /// The monotonic face at an instant of the run that is not before the last change of the rate.
  Time monotonic(Time run) const { return shown(now_, run); }
  /// The first instant of the run, from the last change on, at which the monotonic face shows this.
  Time due(Time monotonic) const { return reached(now_, monotonic); }
  /// The same for a reading of the past, on the rates that were in force then.
  Time run_time(Time monotonic) const;
  Duration wall_lead() const { return wall_lead_; }  // wall - monotonic
  std::int64_t ppm() const { return now_.ppm; }
  /// All steps of the wall face so far, and the slowest rate: by how much what is measured on this
  /// clock may take longer.
  Duration stepped() const { return stepped_; }
  std::int64_t slowest_ppm() const { return slowest_ppm_; }

  /// From this instant on the clock runs so many millionths faster (or slower, below 0) than
  /// before. What several causes add up to is kept; beyond kMostPpm no clock goes.
  void add_rate(Time run, std::int64_t ppm);
  /// Steps the wall face; it stays after 1970. Returns how far it really moved.
  Duration step_wall(Time run, Duration by);

 private:
  struct Stretch {
    Time run = 0;
    Time monotonic = 0;
    std::int64_t ppm = 0;
  };
  static Time shown(const Stretch& from, Time run);
  static Time reached(const Stretch& from, Time monotonic);

  void set_rate(Time run, std::int64_t ppm);

  Stretch now_;
  std::int64_t wanted_ppm_ = 0;
  std::int64_t slowest_ppm_ = 0;
  Duration stepped_ = 0;
  std::vector<Stretch> past_;  // rates that were in force before, in order
  Duration wall_lead_ = kWallAtStart;
};

/// What a host's clock shows, beside the truth.
struct ClockReading {
  Time run = 0;
  Time monotonic = 0;
  Time wall = kWallAtStart;
};

}  // namespace isrlab::sim
