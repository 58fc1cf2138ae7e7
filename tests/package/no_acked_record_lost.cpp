// With acks=all and min ISR 2 no schedule of crashes loses an acknowledged record.
#include <isrlab/lab.hpp>
#include <isrlab/rapidcheck.hpp>

using namespace isrlab::lab;
using namespace std::chrono_literals;

int main() {
  const Cluster cluster =
      Cluster()
          .brokers(3)
          .zookeeper(3)
          .set("zookeeper.session.timeout.ms", 6s)
          .topic(Topic("orders").partitions(2).replication(3).set("min.insync.replicas", 2));
  const Load load = Load()
                        .producer(Producer("orders").rate(200).set("acks", "all"))
                        .group(Group("billing", {"orders"}).members(2));
  isrlab::gen::ScheduleBounds crashes;
  crashes.faults = {"kill", "stop", "pause"};
  crashes.count = {1, 5};

  const bool held = rc::check("no acknowledged record is lost", [&] {
    const auto schedule = *isrlab::gen::schedules(cluster, crashes);
    const auto seed = *isrlab::gen::seeds();
    const Result result = Lab(cluster, load, schedule).lasts(90s).run(seed);
    RC_LOG() << result;
    RC_ASSERT(result.acked() > 0);
    RC_ASSERT(result.lost() == 0);
    RC_ASSERT(result.broken().empty());
  });
  return held ? 0 : 1;
}
