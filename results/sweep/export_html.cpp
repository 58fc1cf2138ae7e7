#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "results/sweep/export.hpp"
#include "results/sweep/words.hpp"
#include "results/text.hpp"
#include "results/version.hpp"
#include "scenarios/faults/registry.hpp"

namespace isrlab::results {
namespace {

constexpr const char* kStyle = R"css(
:root { --page:#fff; --ink:#1b1f24; --soft:#667; --line:#d8dde3; --box:#f6f8fa;
  --pass:#2da44e; --fail:#bf8700; --violation:#cf222e; --open:#8c959f; --heat:31,111,235; }
@media (prefers-color-scheme: dark) { :root { --page:#0d1117; --ink:#e6edf3; --soft:#9aa4af;
  --line:#30363d; --box:#161b22; --pass:#3fb950; --fail:#d29922; --violation:#f85149;
  --open:#6e7681; --heat:88,166,255; } }
body { background:var(--page); color:var(--ink); margin:2rem auto; padding:0 1rem; max-width:72rem;
  font:15px/1.45 system-ui, sans-serif; }
h1 { font-size:1.5rem; margin:0; } h2 { font-size:1.1rem; margin:2.2rem 0 .5rem; }
p, .note { color:var(--soft); margin:.25rem 0; }
table { border-collapse:separate; border-spacing:3px; } caption { text-align:left; }
th { font-weight:600; text-align:left; padding:.2rem .6rem .2rem 0; white-space:nowrap; }
th.col { text-align:center; padding:.2rem .4rem; }
td { border-radius:4px; background:var(--box); padding:.4rem .6rem; min-width:7.5rem; }
td.name, td.plain { background:none; padding:.1rem .8rem .1rem 0; min-width:0; }
td.right { text-align:right; } td.out { color:var(--soft); }
.big { font-size:1.05rem; font-variant-numeric:tabular-nums; white-space:nowrap; }
.small { font-size:.8rem; color:var(--soft); font-variant-numeric:tabular-nums; }
.bar { display:flex; height:6px; border-radius:3px; overflow:hidden; margin:.3rem 0 .2rem;
  background:var(--line); }
.bar i { display:block; height:6px; }
.span { position:relative; height:10px; margin:.3rem 0 .1rem; }
.span::before { content:""; position:absolute; left:0; right:0; top:4.5px; height:1px;
  background:var(--line); }
.span b { position:absolute; top:3px; height:4px; min-width:2px; border-radius:2px;
  background:rgba(var(--heat),.75); }
.span u { position:absolute; top:0; width:2px; height:10px; background:var(--ink); }
.key i { display:inline-block; width:10px; height:10px; border-radius:2px; margin:0 .3rem 0 1rem; }
code { font:13px/1.5 ui-monospace, monospace; background:var(--box); padding:.1rem .35rem;
  border-radius:4px; overflow-wrap:anywhere; }
)css";

struct VerdictLook {
  Verdict verdict;
  const char* colour;
};
constexpr std::array kLooks = {
    VerdictLook{Verdict::kPass, "--pass"}, VerdictLook{Verdict::kFail, "--fail"},
    VerdictLook{Verdict::kViolation, "--violation"}, VerdictLook{Verdict::kInconclusive, "--open"}};

/// A place in 0..100, with one decimal.
std::string place(double share) {
  return percent_text(std::clamp(share, 0.0, 1.0)) + "%";
}

class HtmlWriter {
 public:
  HtmlWriter(const Plan& plan, const SweepReport& report) : plan_(plan), report_(report) {}

  std::string write() {
    head();
    verdicts();
    for (std::size_t m = 0; m < plan_.metrics.size(); ++m) metric(m);
    differences();
    states();
    failures();
    text_ += "</body>\n</html>\n";
    return std::move(text_);
  }

 private:
  template <class... Values>
  void line(fmt::format_string<Values...> form, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), form, std::forward<Values>(values)...);
    text_ += '\n';
  }

  void head() {
    text_ += "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
    text_ += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
    line("<title>{}: {} runs</title>\n<style>{}</style>\n</head>\n<body>",
         markup_text(plan_.scenario), report_.runs, kStyle);
    line("<h1>{}</h1>", markup_text(plan_.scenario));
    const std::string cells =
        plan_.cells.size() == 1 ? "" : fmt::format(" in {} cells", plan_.cells.size());
    line("<p>{}{} · seeds {}{} · isrlab {}</p>",
         counted(static_cast<std::int64_t>(report_.runs), "run"), cells,
         markup_text(plan_.seeds.text()),
         plan_.shard.whole() ? "" : " · shard " + plan_.shard.text(), markup_text(code_version()));
    if (report_.runs < report_.planned) {
      line("<p>{}: {} of {} runs</p>", report_.complete ? "stopped at the failures" : "unfinished",
           report_.runs, report_.planned);
    }
    if (report_.twice > 0) {
      line("<p>{} made twice, {} with another digest</p>",
           counted(static_cast<std::int64_t>(report_.twice), "run"), report_.diverged_runs);
    }
  }

  /// A table with the last variation's values as columns; `box` writes the inside of a cell.
  template <class Box>
  void matrix(Box box) {
    const std::size_t last = plan_.variations.size();
    const std::vector<std::string> one = {""};
    const auto& columns = last == 0 ? one : plan_.variations[last - 1].values;
    text_ += "<table>\n";
    if (last > 0) {
      std::string rows;
      for (std::size_t v = 0; v + 1 < last; ++v) {
        rows += (v == 0 ? "" : ", ") + plan_.variation_name(v);
      }
      line("<tr><th>{}</th><th class=\"col\" colspan=\"{}\">{}</th></tr>", markup_text(rows),
           columns.size(), markup_text(plan_.variation_name(last - 1)));
      text_ += "<tr><th></th>";
      for (const std::string& value : columns) {
        text_ += "<th class=\"col\">" + markup_text(value) + "</th>";
      }
      text_ += "</tr>\n";
    }
    std::vector<std::vector<std::string>> rows(1);
    for (std::size_t v = 0; v + 1 < last; ++v) {
      std::vector<std::vector<std::string>> longer;
      for (const auto& row : rows) {
        for (const std::string& value : plan_.variations[v].values) {
          longer.push_back(row);
          longer.back().push_back(value);
        }
      }
      rows = std::move(longer);
    }
    for (const std::vector<std::string>& row : rows) matrix_row(row, columns, last > 0, box);
    text_ += "</table>\n";
  }

  template <class Box>
  void matrix_row(std::vector<std::string> values, const std::vector<std::string>& columns,
                  bool varied, Box box) {
    std::string name;
    for (const std::string& value : values) name += (name.empty() ? "" : ", ") + value;
    text_ += "<tr><th>" + markup_text(name) + "</th>";
    if (varied) values.emplace_back();
    for (const std::string& column : columns) {
      if (varied) values.back() = column;
      if (const auto cell = cell_of(values)) {
        box(*cell);
      } else {
        text_ += "<td class=\"out\" title=\"" + markup_text(why_not(values)) + "\">cannot be</td>";
      }
    }
    text_ += "</tr>\n";
  }

  std::optional<std::size_t> cell_of(const std::vector<std::string>& values) const {
    for (std::size_t cell = 0; cell < plan_.cells.size(); ++cell) {
      if (plan_.cells[cell].values == values) return cell;
    }
    return std::nullopt;
  }

  std::string why_not(const std::vector<std::string>& values) const {
    for (const SkippedCell& each : plan_.skipped) {
      if (each.values == values) return each.why;
    }
    return {};
  }

  void verdicts() {
    text_ += "<h2>Passed</h2>\n<p class=\"key\">share of the runs, 95 % interval";
    for (const VerdictLook& look : kLooks) {
      if (report_.verdicts[static_cast<std::size_t>(look.verdict)] == 0) continue;
      text_ += fmt::format("<i style=\"background:var({})\"></i>{}", look.colour,
                           verdict_name(look.verdict));
    }
    text_ += "</p>\n";
    matrix([this](std::size_t cell) {
      const CellStats& stats = report_.cells[cell];
      text_ += fmt::format("<td><div class=\"big\">{} %</div><div class=\"bar\">",
                           percent_text(stats.passed.share()));
      for (const VerdictLook& look : kLooks) {
        const std::size_t count = stats.verdicts[static_cast<std::size_t>(look.verdict)];
        if (count == 0) continue;
        text_ += fmt::format("<i title=\"{}: {}\" style=\"width:{};background:var({})\"></i>",
                             verdict_name(look.verdict), count,
                             place(static_cast<double>(count) / static_cast<double>(stats.runs)),
                             look.colour);
      }
      text_ +=
          fmt::format("</div><div class=\"small\">{}..{} % of {}</div></td>",
                      percent_text(stats.passed.low), percent_text(stats.passed.high), stats.runs);
    });
  }

  void metric(std::size_t m) {
    double most = 0;
    std::int64_t largest = 0;
    for (const CellStats& stats : report_.cells) {
      most = std::max(most, std::abs(stats.metrics[m].mean.mean));
      largest = std::max(largest, stats.metrics[m].max);
    }
    const Metric& metric = plan_.metrics[m];
    line("<h2>{}</h2>", markup_text(metric.name));
    if (most == 0) {
      text_ += "<p>0 in every run</p>\n";
      return;
    }
    line(
        "<p>mean per run ± 95 % interval (the darker the higher), on a scale from 0 to {}; the "
        "stroke is the median</p>",
        value_text(metric, largest));
    matrix([&](std::size_t cell) {
      const MetricStats& stats = report_.cells[cell].metrics[m];
      const double half = stats.mean.known() ? stats.mean.half : 0;
      const auto scale = static_cast<double>(std::max<std::int64_t>(1, largest));
      const double low = std::clamp((stats.mean.mean - half) / scale, 0.0, 1.0);
      const double high = std::clamp((stats.mean.mean + half) / scale, 0.0, 1.0);
      const auto shade = static_cast<int>(std::llround(stats.mean.mean / most * 32));
      text_ += fmt::format(
          "<td style=\"background:rgba(var(--heat),.{:02})\"><div class=\"big\">{}</div>"
          "<div class=\"span\"><b style=\"left:{};width:{}\"></b><u style=\"left:{}\"></u></div>"
          "<div class=\"small\">p50 {} · p99 {} · max {}</div></td>",
          std::clamp(shade, 0, 99), mean_text(metric, stats.mean), place(low), place(high - low),
          place(static_cast<double>(stats.p50) / scale), value_text(metric, stats.p50),
          value_text(metric, stats.p99), value_text(metric, stats.max));
    });
  }

  void differences() {
    if (report_.differences.empty()) return;
    line(
        "<h2>Against cell 1</h2>\n<p>{}: mean difference by pairs of runs with the same seed, "
        "95 % interval; what may as well be no difference is left out</p>\n<table>",
        markup_text(plan_.cell_label(plan_.cells[0].values)));
    for (const CellDifference& each : report_.differences) {
      for (std::size_t m = 0; m < each.metrics.size(); ++m) {
        const MeanEstimate& mean = each.metrics[m];
        const bool clear = mean.known() && mean.half < std::abs(mean.mean);
        if (!clear) continue;
        line(
            "<tr><td class=\"plain\">{}</td><td class=\"plain\">{}</td><td class=\"plain right\">"
            "{}</td><td class=\"plain\">{}</td></tr>",
            markup_text(plan_.cell_label(plan_.cells[each.cell].values)),
            markup_text(plan_.metrics[m].name), mean_text(plan_.metrics[m], mean),
            mean.mean > 0 ? "more" : "less");
      }
    }
    text_ += "</table>\n";
  }

  void states() {
    text_ += "<h2>States</h2>\n<p>reached in so many runs of each cell</p>\n<table>\n<tr><th></th>";
    for (std::size_t cell = 0; cell < report_.cells.size(); ++cell) {
      text_ += fmt::format("<th class=\"col\" title=\"{}\">{}</th>",
                           markup_text(plan_.cell_label(plan_.cells[cell].values)), cell + 1);
    }
    text_ += "</tr>\n";
    const auto known = scenarios::state_table();
    for (std::size_t i = 0; i < known.size(); ++i) {
      text_ += fmt::format("<tr><td class=\"name\" title=\"{}\">{}</td>",
                           markup_text(known[i].what), known[i].name);
      for (const CellStats& stats : report_.cells) {
        const double share = stats.runs == 0 ? 0
                                             : static_cast<double>(stats.states[i]) /
                                                   static_cast<double>(stats.runs);
        text_ += fmt::format(
            "<td class=\"plain right\" style=\"background:rgba(var(--heat),.{:02})\">{}</td>",
            static_cast<int>(std::llround(share * 50)), stats.states[i]);
      }
      text_ += "</tr>\n";
    }
    text_ += "</table>\n";
  }

  void noted(const std::vector<NotedRun>& runs, std::size_t all, std::string_view title) {
    if (runs.empty()) return;
    line("<h2>{}</h2>\n<p>the first {} of {}</p>", title, runs.size(), all);
    for (const NotedRun& run : runs) {
      const std::string where =
          plan_.cells.size() == 1
              ? ""
              : fmt::format("cell {} ({}), ", run.cell + 1,
                            markup_text(plan_.cell_label(plan_.cells[run.cell].values)));
      line("<p>{}seed {}: {}<br><code>isrlab replay {}</code></p>", where, run.seed,
           markup_text(run.what), markup_text(run.replay));
    }
  }

  void failures() {
    noted(report_.diverged, report_.diverged_runs, "Not deterministic");
    noted(report_.failing, report_.failed_runs, "Failed");
    noted(report_.undecided, report_.verdicts[static_cast<std::size_t>(Verdict::kInconclusive)],
          "Inconclusive");
    line("<h2>Again</h2>\n<p><code>{}</code></p>",
         markup_text(plan_.run_command(0, plan_.seeds.at(0))));
  }

  const Plan& plan_;
  const SweepReport& report_;
  std::string text_;
};

}  // namespace

std::string sweep_html(const Plan& plan, const SweepReport& report) {
  return HtmlWriter(plan, report).write();
}

}  // namespace isrlab::results
