#include "viz/widgets/plot_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "viz/widgets/time_axis_view.hpp"

namespace isrlab::viz {
namespace {

using sim::Time;

/// What one frame of one plot works with.
struct PlotFrame {
  Rect lines;   // where the lines are
  Rect header;  // left of them
  Rect names;   // right of them
  ValueScale scale;
  std::vector<std::vector<PlotColumn>> columns;  // of the strong lines
  std::vector<PlotColumn> others;                // envelope of the rest
  std::size_t strong = 0;
};

PlotFrame prepare(const Ui& ui, const Rect& area, const TimeAxis& axis,
                  const PlotOptions& options) {
  PlotFrame frame;
  frame.lines = {axis.x0, area.y0 + ui.px(4), axis.x1, area.y1 - ui.px(4)};
  frame.header = {area.x0, area.y0, axis.x0, area.y1};
  frame.names = {axis.x1, area.y0, area.x1, area.y1};
  frame.strong = std::min(options.series.size(), kStrongLines);
  double high = 0;
  for (std::size_t i = 0; i < options.series.size(); ++i) {
    const PlotSeries& series = options.series[i];
    std::vector<PlotColumn> columns =
        plot_columns(series.samples, axis, series.join, options.known_until);
    high = std::max(high, highest(columns, 0));
    if (i < frame.strong) {
      frame.columns.push_back(std::move(columns));
    } else {
      frame.others.resize(columns.size());
      widen_envelope(frame.others, columns);
    }
  }
  for (const PlotReference& reference : options.references) high = std::max(high, reference.value);
  frame.scale = {.low = 0,
                 .high = options.high.value_or(nice_ceiling(high, options.logarithmic)),
                 .logarithmic = options.logarithmic,
                 .linear_below = options.linear_below,
                 .y_low = frame.lines.y1,
                 .y_high = frame.lines.y0 + ui.px(2)};
  return frame;
}

void draw_header(const Ui& ui, ImDrawList& list, const PlotFrame& frame,
                 const PlotOptions& options) {
  const float line = font_size(ui.fonts.body) + ui.px(2);
  const Rect& header = frame.header;
  const Rect text{header.x0 + ui.px(28), header.y0 + ui.px(3), header.x1 - ui.px(58),
                  header.y0 + ui.px(3) + line};
  const std::string title = std::string(options.title) + (options.logarithmic ? " (log)" : "");
  draw_text(ui, list, ui.fonts.body, text, ui.palette.text, ui.fonts.plain(title));
  draw_text(ui, list, ui.fonts.small, {text.x0, text.y1, text.x1, text.y1 + line},
            ui.palette.text_dim, ui.fonts.plain(options.unit));
  const float half = font_size(ui.fonts.small) * 0.5F;
  for (const ValueTick& tick : value_ticks(frame.scale, ui.px(20))) {
    const float y = std::round(tick.y);
    list.AddRectFilled(ImVec2(frame.lines.x0, y), ImVec2(frame.lines.x1, y + ui.px(1)),
                       ui.palette.grid.packed());
    const float center = std::clamp(y, header.y0 + half, header.y1 - half);
    draw_text(ui, list, ui.fonts.small,
              {header.x1 - ui.px(56), center - half, header.x1 - ui.px(6), center + half},
              ui.palette.text_dim, ui.fonts.plain(tick.label), Align::right);
  }
}

void draw_lines(const Ui& ui, ImDrawList& list, const PlotFrame& frame, const TimeAxis& axis,
                const PlotOptions& options) {
  const std::uint32_t grey = ui.palette.text_dim.faded(0.35F).packed();
  for (const Rect& strip : envelope_strips(frame.others, axis, frame.scale)) {
    list.AddRectFilled(top_left(strip), bottom_right(strip), grey);
  }
  for (std::size_t i = 0; i < frame.strong; ++i) {
    const std::uint32_t color = options.series[i].color.packed();
    for (const Rect& strip : plot_strips(frame.columns[i], axis, frame.scale, ui.px(2))) {
      list.AddRectFilled(top_left(strip), bottom_right(strip), color);
    }
  }
}

void draw_references(const Ui& ui, ImDrawList& list, const PlotFrame& frame,
                     const PlotOptions& options) {
  for (const PlotReference& reference : options.references) {
    const float y = std::round(frame.scale.to_y(reference.value));
    draw_dashed(ui, list, frame.lines.x0, y, frame.lines.x1, y, ui.palette.text_dim);
    const float height = font_size(ui.fonts.small);
    const bool below = y - height < frame.lines.y0;
    const float top = below ? y + ui.px(2) : y - height - ui.px(1);
    draw_text(ui, list, ui.fonts.small,
              {frame.lines.x0 + ui.px(4), top, frame.lines.x1, top + height}, ui.palette.text_dim,
              ui.fonts.plain(reference.label));
  }
}

/// The names at the right, moved apart, each with the marker of its line.
void draw_names(const Ui& ui, ImDrawList& list, const PlotFrame& frame,
                const PlotOptions& options) {
  if (frame.names.width() < ui.px(30)) return;
  std::vector<std::size_t> shown;
  std::vector<float> centers;
  for (std::size_t i = 0; i < frame.strong; ++i) {
    const auto last = std::find_if(frame.columns[i].rbegin(), frame.columns[i].rend(),
                                   [](const PlotColumn& column) { return column.filled; });
    if (last == frame.columns[i].rend()) continue;
    shown.push_back(i);
    centers.push_back(frame.scale.to_y(last->last));
  }
  const float height = font_size(ui.fonts.small) + ui.px(1);
  spread_labels(centers, height, frame.names.y0 + height * 0.5F, frame.names.y1 - height * 0.5F);
  for (std::size_t k = 0; k < shown.size(); ++k) {
    const PlotSeries& series = options.series[shown[k]];
    draw_shape(ui, list, series.marker, frame.names.x0 + ui.px(10), centers[k], ui.px(4),
               series.color);
    draw_text(ui, list, ui.fonts.small,
              {frame.names.x0 + ui.px(19), centers[k] - height * 0.5F, frame.names.x1 - ui.px(2),
               centers[k] + height * 0.5F},
              ui.palette.text, series.name);
  }
}

void show_values(const Ui& ui, const PlotOptions& options, Time time) {
  ImGui::BeginTooltip();
  ImGui::PushFont(ui.fonts.bold);
  ImGui::TextUnformatted(ui.fonts.plain(format_clock(time, 6)).c_str());
  ImGui::PopFont();
  for (const PlotBand& band : options.bands) {
    if (time < band.from || time > band.to) continue;
    const std::string text = ui.fonts.plain(fmt::format("⚡ {}", band.label));
    ImGui::TextUnformatted(text.c_str());
  }
  const float line = ImGui::GetTextLineHeight();
  for (const PlotSeries& series :
       options.series.first(std::min(options.series.size(), kStrongLines))) {
    const auto value =
        time > options.known_until ? std::nullopt : value_at(series.samples, time, series.join);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    draw_shape(ui, *ImGui::GetWindowDrawList(), series.marker, at.x + line * 0.4F,
               at.y + line * 0.5F, ui.px(5), series.color);
    ImGui::SetCursorScreenPos(ImVec2(at.x + line, at.y));
    const std::string text =
        fmt::format("{}: {} {}", series.name, value ? format_value(*value) : "no value yet",
                    value ? options.unit : "");
    ImGui::TextUnformatted(ui.fonts.plain(text).c_str());
  }
  if (options.series.size() > kStrongLines) {
    ImGui::TextUnformatted(
        fmt::format("{} more in the grey band", options.series.size() - kStrongLines).c_str());
  }
  ImGui::EndTooltip();
}

/// For scripts and --dump-ui: the values at the playhead.
std::string describe(const PlotOptions& options) {
  std::string text;
  for (const PlotSeries& series : options.series) {
    const auto value =
        value_at(series.samples, std::min(options.playhead, options.known_until), series.join);
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", series.name,
                        value ? fmt::format("{}", *value) : "none");
  }
  return text;
}

}  // namespace

void draw_bands(const Ui& ui, ImDrawList& list, const Rect& area, const TimeAxis& axis,
                std::span<const PlotBand> bands, Time known_until, bool labelled) {
  for (const PlotBand& band : bands) {
    const Time to = std::min(band.to, known_until);
    if (to < axis.from || band.from > axis.to) continue;
    const float x0 = std::round(std::max(axis.to_x(band.from), area.x0));
    const float x1 = std::round(std::min(axis.to_x(to), area.x1));
    const Rect box{x0, area.y0, std::max(x1, x0 + ui.px(2)), area.y1};
    list.AddRectFilled(top_left(box), bottom_right(box), band.color.faded(0.16F).packed());
    if (band.hatched) draw_hatching(ui, list, box, band.color.faded(0.35F));
    if (band.from >= axis.from) {
      list.AddRectFilled(top_left(box), ImVec2(box.x0 + ui.px(1), box.y1),
                         band.color.faded(0.8F).packed());
    }
    if (!labelled) continue;
    const Rect room{box.x0 + ui.px(5), box.y0 + ui.px(2), box.x1 - ui.px(2),
                    box.y0 + ui.px(4) + font_size(ui.fonts.small)};
    const std::string label = elide(ui, ui.fonts.small, ui.fonts.plain(band.label), room.width());
    if (label.empty()) continue;
    // A plain ground: text on hatching cannot be read.
    list.AddRectFilled(ImVec2(room.x0 - ui.px(3), room.y0),
                       ImVec2(room.x0 + text_width(ui.fonts.small, label) + ui.px(3), room.y1),
                       ui.palette.panel.packed(), ui.px(2));
    draw_text(ui, list, ui.fonts.small, room, ui.palette.text_dim, label);
  }
}

PlotResult plot(Ui& ui, std::string_view id, const Rect& area, TimeAxis& axis,
                const TimeLimits& limits, const PlotOptions& options) {
  const CanvasInput input =
      canvas(ui, id, {axis.x0, area.y0, axis.x1, area.y1}, options.title, describe(options));
  steer_axis(input, axis, limits);
  const PlotFrame frame = prepare(ui, area, axis, options);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_time_grid(ui, list, {axis.x0, area.y0, axis.x1, area.y1}, axis);
  draw_bands(ui, list, {axis.x0, area.y0, axis.x1, area.y1}, axis, options.bands,
             options.known_until, options.labelled_bands);
  draw_header(ui, list, frame, options);
  list.PushClipRect(ImVec2(axis.x0, area.y0), ImVec2(axis.x1, area.y1), true);
  draw_lines(ui, list, frame, axis, options);
  draw_references(ui, list, frame, options);
  draw_playhead(ui, list, {axis.x0, area.y0, axis.x1, area.y1}, axis, options.playhead);
  list.PopClipRect();
  draw_names(ui, list, frame, options);

  PlotResult result;
  if (input.hovered && !input.panning) {
    const Time time = std::clamp(axis.to_time(input.x), limits.from, limits.to);
    result.hovered = time;
    if (input.clicked) result.clicked = time;
    const float x = std::round(input.x);
    list.AddRectFilled(ImVec2(x, area.y0), ImVec2(x + ui.px(1), area.y1),
                       ui.palette.text_dim.packed());
    show_values(ui, options, time);
  }
  ImGui::SetCursorScreenPos(top_left(frame.header));
  ImGui::Dummy(ImVec2(std::max(1.0F, frame.header.width()), std::max(1.0F, frame.header.height())));
  definition_tooltip(ui, options.definition);
  return result;
}

}  // namespace isrlab::viz
