#include "model/zookeeper/disk.hpp"

#include <algorithm>

namespace isrlab::model {

std::uint32_t zk_log_bytes(const ZkTransaction& transaction) {
  std::uint32_t bytes = 60;
  for (const ZkOp& op : transaction.ops) {
    bytes += 30 + static_cast<std::uint32_t>(op.path.size());
    if (!std::holds_alternative<std::monostate>(op.value)) bytes += 100;
  }
  return bytes;
}

void ZkDisk::append(ZkTransactionPtr transaction) {
  SIM_ASSERT2(transaction->zxid > last_logged(), "the log is written in the order of the zxids",
              transaction->zxid, last_logged());
  unwritten_bytes_ += zk_log_bytes(*transaction);
  log_.push_back(std::move(transaction));
}

std::uint32_t ZkDisk::take_unwritten_bytes() {
  const std::uint32_t bytes = unwritten_bytes_;
  unwritten_bytes_ = 0;
  return bytes;
}

void ZkDisk::synced(std::int64_t zxid) {
  synced_zxid_ = std::max(synced_zxid_, zxid);
  if (applied_ > 0 && log_[applied_ - 1]->zxid <= synced_zxid_) {
    log_.erase(log_.begin(), log_.begin() + static_cast<std::ptrdiff_t>(applied_));
    applied_ = 0;
    base_.reset();
  }
}

ZkTransactionPtr ZkDisk::next_unapplied() const {
  return applied_ < log_.size() ? log_[applied_] : nullptr;
}

void ZkDisk::apply_next(std::vector<ZkChange>* changes, std::vector<ZkOpResult>* results) {
  SIM_ASSERT(applied_ < log_.size(), "nothing is left to apply");
  const ZkTransactionPtr transaction = log_[applied_];
  if (applied_ == 0 && transaction->zxid <= synced_zxid_) {
    log_.pop_front();
  } else {
    if (applied_ == 0) base_ = tree_;
    ++applied_;
  }
  tree_.apply(*transaction, changes, results);
}

void ZkDisk::install(const ZkTree& tree, const std::vector<ZkTransactionPtr>& pending) {
  tree_ = tree;
  log_.assign(pending.begin(), pending.end());
  applied_ = 0;
  base_.reset();
  unwritten_bytes_ = 0;
  synced_zxid_ = last_logged();
}

void ZkDisk::begin_epoch(std::int64_t first_zxid) {
  SIM_ASSERT(log_.empty(), "a new leader has applied and synced all it has logged");
  tree_.set_last_zxid(first_zxid);
  synced_zxid_ = first_zxid;
}

void ZkDisk::crash() {
  if (base_) tree_ = *base_;
  base_.reset();
  applied_ = 0;
  while (!log_.empty() && log_.back()->zxid > synced_zxid_) log_.pop_back();
  unwritten_bytes_ = 0;
}

}  // namespace isrlab::model
