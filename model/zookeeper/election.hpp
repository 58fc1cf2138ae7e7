// FastLeaderElection.java: one server's part in electing a leader, as a pure state machine. It gets
// notifications and time-outs and says what to do; links and timers belong to the server.
// Reference: controller-zookeeper.md 1.6.
#pragma once
#include <cstdint>
#include <map>

#include "model/protocol/zookeeper.hpp"

namespace isrlab::model {

inline constexpr std::uint8_t kZkLooking = 0;
inline constexpr std::uint8_t kZkFollowing = 1;
inline constexpr std::uint8_t kZkLeading = 2;

inline constexpr sim::Duration kZkFinalizeWait = 200 * sim::kMillisecond;
inline constexpr sim::Duration kZkResendMax = 60 * sim::kSecond;

struct ZkVote {
  std::int32_t leader = 0;
  std::int64_t zxid = 0;
  std::int64_t peer_epoch = 0;
  std::int64_t election_epoch = 0;  // logical clock of the round it was cast in
  std::uint8_t state = kZkLooking;  // of the voter
};

/// totalOrderPredicate: peer epoch, then zxid, then server id.
bool zk_vote_beats(const ZkVote& candidate, const ZkVote& current);
/// Vote.equals: votes of a finished election agree on leader and epoch alone, because their zxids
/// and rounds differ between servers that joined at different times (ZOOKEEPER-1805).
bool zk_votes_agree(const ZkVote& left, const ZkVote& right);

using ZkVotes = std::map<std::int32_t, ZkVote>;  // by voter
int zk_count_votes(const ZkVotes& votes, const ZkVote& vote);

class ZkElection {
 public:
  struct Action {
    bool broadcast = false;     // send the own vote to everybody
    bool answer = false;        // send the own vote to the sender
    bool await_better = false;  // (re)start finalizeWait
    bool keep_waiting = false;  // (re)start the resend time-out
    bool decided = false;       // vote().leader is the leader
  };

  /// Starts a round with the own state as the proposal.
  Action begin(std::int32_t id, int servers, std::int64_t zxid, std::int64_t epoch);
  Action on_notification(const ZkNotification& notification);
  /// 200 ms without a better vote.
  Action on_finalize();
  /// Silence: send again, wait twice as long.
  Action on_silence();

  bool looking() const { return looking_; }
  const ZkVote& vote() const { return vote_; }
  /// After the epoch is settled every member reports the same vote (QuorumPeer.updateElectionVote).
  void settle(std::int64_t epoch) { vote_.peer_epoch = epoch; }
  sim::Duration resend_after() const { return resend_after_; }
  ZkNotification notification(std::uint8_t state) const;

 private:
  bool quorum(int count) const { return count > servers_ / 2; }
  void propose(const ZkVote& vote);
  Action on_looking(const ZkNotification& notification, const ZkVote& vote);
  Action on_settled(const ZkNotification& notification, const ZkVote& vote);
  bool leader_confirmed(const ZkVotes& votes, std::int32_t leader, std::int64_t round) const;

  std::int32_t id_ = 0;
  int servers_ = 1;
  bool looking_ = false;
  bool finalizing_ = false;
  std::int64_t round_ = 0;  // logicalclock
  ZkVote initial_;
  ZkVote vote_;
  ZkVotes received_;     // recvset: votes of this round
  ZkVotes established_;  // outofelection: votes of servers that have a leader
  sim::Duration resend_after_ = kZkFinalizeWait;
};

}  // namespace isrlab::model
