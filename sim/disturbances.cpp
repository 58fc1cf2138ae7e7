#include "sim/disturbances.hpp"

#include <algorithm>

namespace isrlab::sim {

void Disturbances::open(std::vector<Entry>& list, std::uint32_t source, std::uint32_t target,
                        std::uint32_t event) {
  for (Entry& entry : list) {
    if (entry.source != source || entry.target != target) continue;
    entry.event = event;
    entry.until = kNever;
    return;
  }
  list.push_back({source, target, event, kNever});
}

void Disturbances::end(std::vector<Entry>& list, std::uint32_t source, std::uint32_t target,
                       Time now) {
  for (Entry& entry : list) {
    if (entry.source == source && entry.target == target) entry.until = std::min(entry.until, now);
  }
}

void Disturbances::silence(ProcessId process, std::uint32_t event) {
  open(processes_, process, 0, event);
}

void Disturbances::speak(ProcessId process, Time now) {
  end(processes_, process, 0, now);
}

void Disturbances::disturb(HostId source, HostId target, std::uint32_t event) {
  open(links_, source, target, event);
}

void Disturbances::heal(HostId source, HostId target, Time now) {
  end(links_, source, target, now);
}

std::uint32_t Disturbances::of_process(ProcessId process, Time since) const {
  for (const Entry& entry : processes_) {
    if (entry.source == process) return entry.until >= since ? entry.event : 0;
  }
  return 0;
}

std::uint32_t Disturbances::of_link(HostId one, HostId other, Time since) const {
  std::uint32_t latest = 0;
  for (const Entry& entry : links_) {
    const bool between = (entry.source == one && entry.target == other) ||
                         (entry.source == other && entry.target == one);
    if (between && entry.until >= since) latest = std::max(latest, entry.event);
  }
  return latest;
}

std::uint32_t Disturbances::of_host(HostId host, Time since) const {
  std::uint32_t latest = 0;
  for (const Entry& entry : links_) {
    const bool touches = entry.source == host || entry.target == host;
    if (touches && entry.until >= since) latest = std::max(latest, entry.event);
  }
  return latest;
}

std::uint32_t Disturbances::of_clock(HostId host) const {
  for (const Entry& entry : clocks_) {
    if (entry.source == host) return entry.event;
  }
  return 0;
}

}  // namespace isrlab::sim
