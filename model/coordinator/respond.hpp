// Makes a response and the action that sends it.
#pragma once
#include <utility>

#include "model/coordinator/actions.hpp"

namespace isrlab::model {

template <class Response>
Outgoing<Response> respond(ConnectionId connection, std::uint32_t correlation,
                           const CoordinatorTurn& turn) {
  const Outgoing<Response> response = turn.out.make<Response>();
  response->correlation = correlation;
  CoordinatorAction action;
  action.kind = CoordinatorAction::Kind::kRespond;
  action.connection = connection;
  action.message = response.ref;
  turn.actions.push_back(std::move(action));
  return response;
}

}  // namespace isrlab::model
