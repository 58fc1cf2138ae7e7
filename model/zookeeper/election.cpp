#include "model/zookeeper/election.hpp"

#include <algorithm>

namespace isrlab::model {

bool zk_vote_beats(const ZkVote& candidate, const ZkVote& current) {
  if (candidate.peer_epoch != current.peer_epoch) return candidate.peer_epoch > current.peer_epoch;
  if (candidate.zxid != current.zxid) return candidate.zxid > current.zxid;
  return candidate.leader > current.leader;
}

bool zk_votes_agree(const ZkVote& left, const ZkVote& right) {
  if (left.leader != right.leader || left.peer_epoch != right.peer_epoch) return false;
  if (left.state != kZkLooking && right.state != kZkLooking) return true;
  return left.zxid == right.zxid && left.election_epoch == right.election_epoch;
}

int zk_count_votes(const ZkVotes& votes, const ZkVote& vote) {
  return static_cast<int>(std::count_if(votes.begin(), votes.end(), [&vote](const auto& entry) {
    return zk_votes_agree(vote, entry.second);
  }));
}

void ZkElection::propose(const ZkVote& vote) {
  vote_ = vote;
  vote_.election_epoch = round_;
  vote_.state = kZkLooking;
  received_[id_] = vote_;  // a server's broadcast reaches itself first
}

ZkElection::Action ZkElection::begin(std::int32_t id, int servers, std::int64_t zxid,
                                     std::int64_t epoch) {
  id_ = id;
  servers_ = servers;
  looking_ = true;
  finalizing_ = false;
  ++round_;
  received_.clear();
  established_.clear();
  initial_ = {id, zxid, epoch, round_, kZkLooking};
  resend_after_ = kZkFinalizeWait;
  propose(initial_);
  return {.broadcast = true, .keep_waiting = true};
}

ZkNotification ZkElection::notification(std::uint8_t state) const {
  ZkNotification notification;
  notification.sender = id_;
  notification.leader = vote_.leader;
  notification.zxid = vote_.zxid;
  notification.peer_epoch = vote_.peer_epoch;
  notification.election_epoch = vote_.election_epoch;
  notification.state = state;
  return notification;
}

ZkElection::Action ZkElection::on_notification(const ZkNotification& notification) {
  const ZkVote vote{notification.leader, notification.zxid, notification.peer_epoch,
                    notification.election_epoch, notification.state};
  if (!looking_) return {.answer = notification.state == kZkLooking};
  const bool behind = notification.state == kZkLooking && notification.election_epoch < round_;
  Action action;
  if (finalizing_ && !zk_vote_beats(vote, vote_)) {
    // What is not better is thrown away, but it starts the 200 ms again.
    action.await_better = true;
  } else {
    finalizing_ = false;
    action = notification.state == kZkLooking ? on_looking(notification, vote)
                                              : on_settled(notification, vote);
    if (!action.await_better && !action.decided) action.keep_waiting = true;
  }
  if (behind) action.answer = true;  // the receiver thread tells a server of an older round
  return action;
}

ZkElection::Action ZkElection::on_looking(const ZkNotification& notification, const ZkVote& vote) {
  Action action;
  if (vote.election_epoch < round_) return action;
  if (vote.election_epoch > round_) {
    round_ = vote.election_epoch;
    received_.clear();
    propose(zk_vote_beats(vote, initial_) ? vote : initial_);
    action.broadcast = true;
  } else if (zk_vote_beats(vote, vote_)) {
    propose(vote);
    action.broadcast = true;
  }
  received_[notification.sender] = vote;
  if (quorum(zk_count_votes(received_, vote_))) {
    finalizing_ = true;
    action.await_better = true;
  }
  return action;
}

bool ZkElection::leader_confirmed(const ZkVotes& votes, std::int32_t leader,
                                  std::int64_t round) const {
  // Nobody follows a leader that does not say itself that it leads.
  if (leader == id_) return round_ == round;
  const auto own = votes.find(leader);
  return own != votes.end() && own->second.state == kZkLeading;
}

ZkElection::Action ZkElection::on_settled(const ZkNotification& notification, const ZkVote& vote) {
  Action action;
  if (vote.election_epoch == round_) {
    received_[notification.sender] = vote;
    action.decided = quorum(zk_count_votes(received_, vote)) &&
                     leader_confirmed(received_, vote.leader, vote.election_epoch);
  }
  if (!action.decided) {
    established_[notification.sender] = vote;
    if (quorum(zk_count_votes(established_, vote)) &&
        leader_confirmed(established_, vote.leader, vote.election_epoch)) {
      round_ = vote.election_epoch;
      action.decided = true;
    }
  }
  if (action.decided) {
    vote_ = vote;
    looking_ = false;
  }
  return action;
}

ZkElection::Action ZkElection::on_finalize() {
  if (!looking_ || !finalizing_) return {};
  finalizing_ = false;
  looking_ = false;
  return {.decided = true};
}

ZkElection::Action ZkElection::on_silence() {
  if (!looking_ || finalizing_) return {};
  resend_after_ = std::min(2 * resend_after_, kZkResendMax);
  return {.broadcast = true, .keep_waiting = true};
}

}  // namespace isrlab::model
