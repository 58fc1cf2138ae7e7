#include "model/protocol/zookeeper.hpp"

namespace isrlab::model {

std::string_view zk_code_name(ZkCode code) {
  switch (code) {
    case ZkCode::kOk: return "OK";
    case ZkCode::kRuntimeInconsistency: return "RUNTIMEINCONSISTENCY";
    case ZkCode::kConnectionLoss: return "CONNECTIONLOSS";
    case ZkCode::kNoNode: return "NONODE";
    case ZkCode::kBadVersion: return "BADVERSION";
    case ZkCode::kNoChildrenForEphemerals: return "NOCHILDRENFOREPHEMERALS";
    case ZkCode::kNodeExists: return "NODEEXISTS";
    case ZkCode::kNotEmpty: return "NOTEMPTY";
    case ZkCode::kSessionExpired: return "SESSIONEXPIRED";
    case ZkCode::kSessionMoved: return "SESSIONMOVED";
  }
  return "UNKNOWN";
}

}  // namespace isrlab::model
