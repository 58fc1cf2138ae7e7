// The same search with acks=1 finds a loss, shrinks it to the fewest faults, and says why.
#include <isrlab/lab.hpp>
#include <isrlab/rapidcheck.hpp>

using namespace isrlab::lab;
using namespace std::chrono_literals;

int main() {
  const Cluster cluster = Cluster()
                              .set("zookeeper.session.timeout.ms", 6s)
                              .topic(Topic("orders").replication(3).set("min.insync.replicas", 2));
  const Load load = Load().producer(
      Producer("orders").rate(100).set("acks", "1").set("enable.idempotence", false));
  isrlab::gen::ScheduleBounds faults;
  faults.faults = {"kill", "isolate"};
  faults.targets = {"leader of orders-0", "followers of orders-0"};
  faults.until = 20s;
  faults.longest = 10s;

  const bool held = rc::check("acks=1 loses nothing (it does)", [&] {
    const auto schedule = *isrlab::gen::schedules(cluster, faults);
    const Result result = Lab(cluster, load, schedule).lasts(45s).run(1);
    RC_LOG() << result;
    RC_ASSERT(result.lost() == 0);
  });
  return held ? 1 : 0;
}
