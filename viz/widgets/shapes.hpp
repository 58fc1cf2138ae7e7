// Shapes with a fixed meaning, and the icons that DejaVu Sans lacks, drawn with a few vertices.
#pragma once
#include <cstdint>

#include "viz/core/theme_colors.hpp"

struct ImDrawList;

namespace isrlab::viz {

struct Ui;

enum class Shape : std::uint8_t {
  triangle_up,  // Produce
  triangle_down,
  triangle_left,   // consumers
  triangle_right,  // producers
  circle,          // Fetch
  ring,            // fetch of a replica
  square,          // LeaderAndIsr, UpdateMetadata, StopReplica
  diamond,         // ZooKeeper traffic
  diamond_hollow,  // things that differ in the other run
  pentagon,        // group protocol
  hexagon,         // ZooKeeper server, leader
  hexagon_hollow,  // ZooKeeper server
  cross,           // down, dropped, error
  bar,             // a point in time on a lane
};

/// `radius` in pixels, half of the height. Shapes of one radius look equally large.
void draw_shape(const Ui& ui, ImDrawList& list, Shape shape, float x, float y, float radius,
                theme::Color color);

enum class Icon : std::uint8_t {
  pause,  // two bars
  play,
  step,  // bar and triangle
  step_back,
  stop,
  search,     // magnifier
  hourglass,  // ephemeral znode, session
  clock,      // clock skew, timers
  eye,        // on the watch list
  eye_closed,
  lock,  // pinned
};

/// Fits into a square of `size` pixels round x, y.
void draw_icon(const Ui& ui, ImDrawList& list, Icon icon, float x, float y, float size,
               theme::Color color);

}  // namespace isrlab::viz
