#include <imgui.h>

#include <algorithm>

#include "viz/core/theme.hpp"

namespace isrlab::viz::theme {
namespace {

ImVec4 vector_of(Color color) {
  return ImGui::ColorConvertU32ToFloat4(color.packed());
}

void set_colors(ImGuiStyle& style, const Palette& palette) {
  const auto set = [&style](ImGuiCol index, Color color) {
    style.Colors[index] = vector_of(color);
  };
  const Color hovered = blend(palette.raised, palette.text.faded(0.14F));
  const Color pressed = blend(palette.raised, palette.text.faded(0.26F));
  const Color clear{0, 0, 0, 0};
  set(ImGuiCol_Text, palette.text);
  set(ImGuiCol_TextDisabled, palette.text_dim);
  set(ImGuiCol_WindowBg, palette.panel);
  set(ImGuiCol_ChildBg, clear);  // every extra layer costs fill rate on llvmpipe
  set(ImGuiCol_PopupBg, blend(palette.panel, palette.text.faded(0.05F)));
  set(ImGuiCol_Border, palette.grid);
  set(ImGuiCol_FrameBg, palette.raised);
  set(ImGuiCol_FrameBgHovered, hovered);
  set(ImGuiCol_FrameBgActive, pressed);
  set(ImGuiCol_TitleBg, palette.panel);
  set(ImGuiCol_TitleBgActive, palette.raised);
  set(ImGuiCol_MenuBarBg, palette.panel);
  set(ImGuiCol_ScrollbarBg, clear);
  set(ImGuiCol_ScrollbarGrab, palette.raised);
  set(ImGuiCol_ScrollbarGrabHovered, hovered);
  set(ImGuiCol_ScrollbarGrabActive, pressed);
  set(ImGuiCol_CheckMark, palette.text);
  set(ImGuiCol_SliderGrab, palette.text_dim);
  set(ImGuiCol_SliderGrabActive, palette.text);
  set(ImGuiCol_Button, palette.raised);
  set(ImGuiCol_ButtonHovered, hovered);
  set(ImGuiCol_ButtonActive, pressed);
  set(ImGuiCol_Header, palette.raised);
  set(ImGuiCol_HeaderHovered, hovered);
  set(ImGuiCol_HeaderActive, pressed);
  set(ImGuiCol_Separator, palette.grid);
  set(ImGuiCol_SeparatorHovered, palette.text_dim);
  set(ImGuiCol_SeparatorActive, palette.text);
  set(ImGuiCol_Tab, palette.panel);
  set(ImGuiCol_TabHovered, hovered);
  set(ImGuiCol_TabActive, palette.raised);
  set(ImGuiCol_TabUnfocused, palette.panel);
  set(ImGuiCol_TabUnfocusedActive, palette.raised);
  set(ImGuiCol_TableHeaderBg, palette.raised);
  set(ImGuiCol_TableBorderStrong, palette.grid);
  set(ImGuiCol_TableBorderLight, palette.grid);
  set(ImGuiCol_TableRowBg, clear);
  set(ImGuiCol_TableRowBgAlt, palette.text.faded(0.03F));
  set(ImGuiCol_TextSelectedBg, palette.leader.faded(0.55F));
  set(ImGuiCol_NavHighlight, palette.attention);
  set(ImGuiCol_PlotLines, palette.text);
}

}  // namespace

void apply_style(Kind kind, float scale) {
  // From a fresh style each time: ScaleAllSizes on an already scaled one would multiply.
  ImGuiStyle style;
  style.WindowPadding = ImVec2(8, 6);
  style.FramePadding = ImVec2(7, 3);
  style.CellPadding = ImVec2(5, 2);
  style.ItemSpacing = ImVec2(7, 5);
  style.ItemInnerSpacing = ImVec2(5, 4);
  style.ScrollbarSize = 12;
  style.GrabMinSize = 10;
  style.WindowRounding = 0;  // tiles touch each other
  style.ChildRounding = 3;
  style.FrameRounding = 3;
  style.PopupRounding = 4;
  style.GrabRounding = 3;
  style.TabRounding = 3;
  style.ScrollbarRounding = 3;
  style.WindowBorderSize = 0;
  style.PopupBorderSize = 1;
  set_colors(style, palette(kind));
  style.ScaleAllSizes(scale);
  ImGui::GetStyle() = style;
}

float clamp_scale(float scale) {
  if (!(scale > 0)) return 1.0F;
  return std::clamp(scale, kScaleMinimum, kScaleMaximum);
}

}  // namespace isrlab::viz::theme
