// What faults did to processes and links, and for how long: so that who concludes something from
// silence (a session that expires, a request that times out) can name the event behind it. For the
// causes in the history only; no handler decides anything by it.
#pragma once
#include <cstdint>
#include <vector>

#include "sim/ids.hpp"
#include "sim/time.hpp"

namespace isrlab::sim {

class Disturbances {
 public:
  /// The process fell silent (killed, paused, exited) by this kept event; until it runs again.
  void silence(ProcessId process, std::uint32_t event);
  void speak(ProcessId process, Time now);
  /// The way from one host to another was cut or slowed by this kept event; until it is healed.
  void disturb(HostId source, HostId target, std::uint32_t event);
  void heal(HostId source, HostId target, Time now);
  /// The host's clock was stepped, or runs at another rate, by this kept event.
  void move_clock(HostId host, std::uint32_t event) { open(clocks_, host, 0, event); }

  /// The latest kept event that kept the process silent at or after `since`, 0 if none did.
  std::uint32_t of_process(ProcessId process, Time since) const;
  /// The same for the ways between two hosts, either direction.
  std::uint32_t of_link(HostId one, HostId other, Time since) const;
  /// The same for all ways from and to a host.
  std::uint32_t of_host(HostId host, Time since) const;
  /// The last kept event that moved the host's clock, 0 if none did.
  std::uint32_t of_clock(HostId host) const;

 private:
  struct Entry {
    std::uint32_t source = 0;  // process or host
    std::uint32_t target = 0;
    std::uint32_t event = 0;
    Time until = kNever;
  };
  static void open(std::vector<Entry>& list, std::uint32_t source, std::uint32_t target,
                   std::uint32_t event);
  static void end(std::vector<Entry>& list, std::uint32_t source, std::uint32_t target, Time now);

  // One entry per process or pair that was ever disturbed; few, so a linear look is enough.
  std::vector<Entry> processes_;
  std::vector<Entry> links_;
  std::vector<Entry> clocks_;
};

}  // namespace isrlab::sim
