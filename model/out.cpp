#include "model/out.hpp"

namespace isrlab::model {

void Out::because_of_silence(ProcessId process, Time own_since) {
  if (process >= catalog_->processes().size()) return;  // nobody of this world
  const Time since = run_time_of(own_since);
  const sim::Disturbances& disturbances = history_->disturbances();
  const sim::HostId own = catalog_->process(self_).host;
  const sim::HostId other = catalog_->process(process).host;
  // Nearest first: the process itself, the way to it, then what else it needs to be heard.
  std::uint32_t event = disturbances.of_process(process, since);
  if (event == 0) event = disturbances.of_link(own, other, since);
  if (event == 0) event = disturbances.of_host(other, since);
  if (event == 0) {
    event = disturbances.of_clock(own);
    if (event != 0 && (*history_)[event].time < since) event = 0;
  }
  if (event != 0) because(event);
}

}  // namespace isrlab::model
