// Between events and sentences: a note says one thing; notes of one form and key that follow each
// other closely become one sentence.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "model/cluster.hpp"
#include "results/cluster_view.hpp"
#include "results/summary.hpp"

namespace isrlab::results {

enum class Form : std::uint8_t {
  kPlain,       // its text as it is; never merged
  kStarts,      // processes start
  kUp,          // brokers are up
  kLooking,     // ZooKeeper servers look for a leader
  kZkLost,      // brokers lose their ZooKeeper server
  kZkBack,      // and find one again
  kElected,     // partitions have new leaders
  kShrunk,      // a broker leaves ISRs
  kExpanded,    // a broker comes back into ISRs
  kLeaderless,  // partitions have no leader left
  kActs,        // a broker acts as leader
  kCut,         // a broker cuts its logs
  kLearned,     // a client learns leaders
  kResent,      // a producer has to resend
  kGaveUp,      // a producer gives up
  kNoAnswer,    // a client waits in vain
  kAssigned,    // members get partitions
  kOutageBegins,
  kOutageEnds,
};

struct Note {
  Form form = Form::kPlain;
  Time time = 0;
  std::string kind;  // of the timeline entry
  std::string key;   // what may be merged
  std::string name;  // what is enumerated: a partition, a process
  std::string text;
  std::int64_t number = 0;
  bool internal = false;  // about a partition of the offsets topic
  std::uint32_t event = 0;
  std::uint32_t cause = 0;
};

/// Collects notes and makes entries of them.
class NoteBook {
 public:
  void add(Note note);
  /// All entries by time; the book is empty afterwards.
  std::vector<TimelineEntry> finish();

 private:
  using Group = std::vector<Note>;
  void write(Group& group);
  std::map<std::pair<Form, std::string>, Group> open_;
  std::vector<TimelineEntry> entries_;
};

/// How long notes of a form may be apart to be told together.
Duration merge_window(Form form);
/// The sentences of a group, at least one note long.
std::vector<TimelineEntry> sentences(const std::vector<Note>& group);

}  // namespace isrlab::results
