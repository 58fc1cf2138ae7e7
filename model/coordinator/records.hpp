// Size of the records that a coordinator writes, and how an append's error becomes an answer.
// Source: GroupMetadataManager (3.9), GroupMetadataKey/Value.json, OffsetCommitKey/Value.json;
// reference clients-and-groups.md sections 3.4 step 9 and 3.6.
#pragma once
#include <cstdint>

#include "model/arena.hpp"
#include "model/catalog.hpp"
#include "model/protocol/errors.hpp"

namespace isrlab::model {

std::uint32_t batch_bytes(const OffsetCommitRecord& record, const Catalog& catalog);
std::uint32_t batch_bytes(const GroupMetadataRecord& record, const Catalog& catalog);

/// The answer to SyncGroup when the group's record could not be written.
Error group_store_error(Error append_error);
/// The answer to OffsetCommit; REQUEST_TIMED_OUT passes through unchanged.
Error offset_commit_error(Error append_error);

}  // namespace isrlab::model
