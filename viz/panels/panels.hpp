// The panels of the window. Each draws the scene into its area; see viz/core/scene.hpp for what it
// may change.
#pragma once
#include "viz/core/scene.hpp"
#include "viz/widgets/ui.hpp"

namespace isrlab::viz {

/// All panels in layout F1, in the current Dear ImGui window that covers `area`.
void draw_window(Ui& ui, Scene& scene, const Rect& area);

void draw_header(Ui& ui, Scene& scene, const Rect& area);
void draw_status(Ui& ui, Scene& scene, const Rect& area);
void draw_map(Ui& ui, Scene& scene, const Rect& area);
void draw_matrix(Ui& ui, Scene& scene, const Rect& area);
void draw_inspector(Ui& ui, Scene& scene, const Rect& area);
void draw_timeline(Ui& ui, Scene& scene, const Rect& area);
/// Banner, toast, caption, help, palette: above everything else.
void draw_overlays(Ui& ui, Scene& scene, const Rect& area);

/// The ground of a tile and its title line; returns what is left for the content.
Rect draw_tile(Ui& ui, const Rect& area, std::string_view title, std::string_view note = {});

/// Yellow cannot be read on white: there words of attention keep the colour of text.
theme::Color attention_ink(const Ui& ui);
/// Colour of a node or word by how well it is.
theme::Color tone_color(const theme::Palette& palette, Tone tone);

}  // namespace isrlab::viz
