#include "viz/widgets/pill.hpp"

#include <cmath>
#include <string>

#include "viz/widgets/ui.hpp"

namespace isrlab::viz {
namespace {

/// Takes the room of one pill in the flow; true when it was clicked.
bool place(std::string_view id, float width, Rect& box) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float height = std::round(ImGui::GetFrameHeight());
  ImGui::PushID(id.data(), id.data() + id.size());
  const bool clicked = ImGui::InvisibleButton("pill", ImVec2(std::ceil(width), height));
  ImGui::PopID();
  box = {at.x, at.y, at.x + std::ceil(width), at.y + height};
  return clicked;
}

void draw_edge(const Ui& ui, ImDrawList& list, const Rect& box, theme::Color color, float thickness,
               float rounding) {
  const float half = ui.px(thickness) * 0.5F;
  list.AddRect(ImVec2(box.x0 + half, box.y0 + half), ImVec2(box.x1 - half, box.y1 - half),
               color.packed(), rounding, 0, ui.px(thickness));
}

theme::Color color_of(const theme::Palette& palette, Status status) {
  switch (status) {
    case Status::warning: return palette.out_of_sync;
    case Status::bad: return palette.down;
    default: return palette.good;
  }
}

}  // namespace

bool pill(Ui& ui, std::string_view id, const PillStyle& style, std::string_view text) {
  const std::string shown = ui.fonts.plain(text);
  Rect box;
  const bool clicked = place(id, text_width(ui.fonts.body, shown) + ui.px(16), box);
  mark_item(ui, id, text, style.selected ? "selected" : "");
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float rounding = std::round(box.height() * 0.5F);
  if (style.hollow) {
    draw_edge(ui, list, box, style.fill, 2, rounding);
  } else {
    list.AddRectFilled(top_left(box), bottom_right(box), style.fill.packed(), rounding);
    if (ui.palette.outlined) draw_edge(ui, list, box, ui.palette.outline, 1, rounding);
  }
  if (style.selected) draw_edge(ui, list, box, ui.palette.attention, 2, rounding);
  if (ImGui::IsItemHovered()) draw_edge(ui, list, box, ui.palette.text, 1, rounding);
  const theme::Color ink = style.hollow ? ui.palette.text : theme::label_on(style.fill);
  draw_text(ui, list, ui.fonts.body, box, ink, shown, Align::center);
  return clicked;
}

const char* sign_of(Status status) {
  switch (status) {
    case Status::good: return "✓";
    case Status::warning: return "⚠";
    case Status::bad: return "✗";
    case Status::pending: return "…";
    case Status::unknown: return "○";
  }
  return "";
}

const char* word_of(Status status) {
  switch (status) {
    case Status::good: return "good";
    case Status::warning: return "warning";
    case Status::bad: return "bad";
    case Status::pending: return "pending";
    case Status::unknown: return "unknown";
  }
  return "";
}

bool badge(Ui& ui, std::string_view id, Status status, std::string_view label,
           std::string_view value, const Definition& definition) {
  const std::string sign = ui.fonts.plain(sign_of(status));
  const std::string number = ui.fonts.plain(value);
  // A fixed column for the sign: badges must not shift when one of them changes its status.
  const float sign_width = ui.px(20);
  const float gap = ui.px(6);
  const float label_width = text_width(ui.fonts.body, label);
  // In coarse steps, so that the badges to the right do not tremble with every digit.
  const float step = ui.px(18);
  const float number_width = std::ceil(text_width(ui.fonts.bold, number) / step) * step;
  Rect box;
  const bool clicked = place(id, sign_width + label_width + gap + number_width + 2 * gap, box);
  mark_item(ui, id, std::string(label) + " " + std::string(value), word_of(status));
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const theme::Color color = color_of(ui.palette, status);
  const bool alarming = status == Status::bad || status == Status::warning;
  const float rounding = ui.px(3);
  if (status == Status::bad) {
    list.AddRectFilled(top_left(box), bottom_right(box), color.packed(), rounding);
  } else if (status == Status::warning) {
    draw_edge(ui, list, box, color, 1, rounding);
  }
  if (ImGui::IsItemHovered()) draw_edge(ui, list, box, ui.palette.text_dim, 1, rounding);
  const theme::Color ink = status == Status::bad ? theme::label_on(color) : ui.palette.text;
  float x = box.x0 + gap;
  draw_text(ui, list, ui.fonts.body, {x, box.y0, x + sign_width, box.y1},
            status == Status::bad ? ink : color, sign);
  x += sign_width;
  const theme::Color quiet = status == Status::bad ? ink : ui.palette.text_dim;
  draw_text(ui, list, ui.fonts.body, {x, box.y0, x + label_width + 1, box.y1}, quiet, label);
  x += label_width + gap;
  draw_text(ui, list, alarming ? ui.fonts.bold : ui.fonts.body, {x, box.y0, box.x1, box.y1}, ink,
            number);
  definition_tooltip(ui, definition, value);
  return clicked;
}

void definition_tooltip(Ui& ui, const Definition& definition, std::string_view value) {
  if (definition.name.empty() || !ImGui::IsItemHovered()) return;
  ImGui::BeginTooltip();
  ImGui::PushTextWrapPos(ui.px(360));
  ImGui::PushFont(ui.fonts.bold);
  ImGui::TextUnformatted(definition.name.data(), definition.name.data() + definition.name.size());
  ImGui::PopFont();
  if (!value.empty()) {
    const std::string now = "now: " + ui.fonts.plain(value);
    ImGui::TextUnformatted(now.c_str());
  }
  ImGui::TextUnformatted(definition.text.data(), definition.text.data() + definition.text.size());
  if (!definition.source.empty()) {
    ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim.packed());
    ImGui::TextUnformatted(definition.source.data(),
                           definition.source.data() + definition.source.size());
    ImGui::PopStyleColor();
  }
  ImGui::PopTextWrapPos();
  ImGui::EndTooltip();
}

}  // namespace isrlab::viz
