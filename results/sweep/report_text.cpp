// The report of a sweep for a terminal or a file: 100 columns, the same bytes on every machine.
#include <fmt/format.h>

#include <algorithm>

#include "results/page.hpp"
#include "results/sweep/report.hpp"
#include "results/sweep/words.hpp"
#include "results/text.hpp"
#include "results/version.hpp"
#include "scenarios/faults/registry.hpp"

namespace isrlab::results {
namespace {

using Align = Table::Align;

std::string number(std::size_t value) {
  return grouped(static_cast<std::int64_t>(value));
}

class Writer {
 public:
  Writer(const Plan& plan, const SweepReport& report, bool colour)
      : plan_(plan), report_(report), page_(colour) {}

  std::string write() {
    header();
    verdicts();
    skipped();
    diverged();
    failures();
    if (plan_.cells.size() == 1) {
      metrics_of_one_cell();
    } else {
      metrics_by_cell();
      differences();
    }
    states();
    noted(report_.failing, report_.failed_runs, "FIRST FAILING RUN");
    if (report_.failing.empty()) {
      noted(report_.undecided, report_.verdicts[static_cast<std::size_t>(Verdict::kInconclusive)],
            "FIRST INCONCLUSIVE RUN");
    }
    return page_.take();
  }

 private:
  /// "2, 9s": the values of a cell.
  std::string cell_name(std::size_t cell) const {
    std::string name;
    for (const std::string& value : plan_.cells[cell].values) {
      name += (name.empty() ? "" : ", ") + value;
    }
    return name;
  }

  /// "cell 2 (9s)", or nothing if there is only one.
  std::string in_cell(std::size_t cell) const {
    if (plan_.cells.size() == 1) return {};
    return fmt::format("cell {} ({}) ", cell + 1, cell_name(cell));
  }

  void header() {
    page_.line(fmt::format("{} · {} · seeds {} · {}{}{}",
                           page_.ink(Ink::kBold, "isrlab " + std::string(code_version())),
                           page_.ink(Ink::kBold, plan_.scenario), plan_.seeds.text(),
                           plan_.shard.whole() ? "" : "shard " + plan_.shard.text() + " · ",
                           plan_.cells.size() == 1 ? "" : number(plan_.cells.size()) + " cells · ",
                           counted(static_cast<std::int64_t>(report_.runs), "run")));
    if (!report_.complete) {
      page_.line(page_.ink(Ink::kWarn, fmt::format("unfinished: {} of {} runs",
                                                   number(report_.runs), number(report_.planned))));
    } else if (report_.runs < report_.planned) {
      page_.line(page_.ink(Ink::kWarn, fmt::format("stopped at the failures: {} of {} runs",
                                                   number(report_.runs), number(report_.planned))));
    }
    page_.line(
        fmt::format("{} made twice{}",
                    counted(static_cast<std::int64_t>(report_.twice), "run was", "runs were"),
                    report_.twice == 0           ? ""
                    : report_.diverged_runs == 0 ? ", with the same digest each time"
                                                 : ""));
    if (!plan_.request.check_invariants) page_.line("invariants were not checked (--check off)");
  }

  /// What the values of a cell belong to, in their order.
  std::string variation_names() const {
    std::string names;
    for (std::size_t v = 0; v < plan_.variations.size(); ++v) {
      names += (v == 0 ? "" : ", ") + plan_.variation_name(v);
    }
    return names;
  }

  void verdicts() {
    page_.heading("VERDICTS");
    const std::string names = variation_names();
    constexpr std::size_t kTitle = 48;  // columns that are left beside the numbers
    if (results::columns(names) > kTitle) page_.wrapped("  cells by ", 11, names);
    std::vector<Table::Column> columns;
    if (plan_.cells.size() > 1) columns.push_back({"cell", Align::kRight});
    if (!names.empty()) columns.push_back({results::columns(names) > kTitle ? "values" : names});
    columns.push_back({"runs", Align::kRight});
    std::vector<Verdict> shown = {Verdict::kPass};
    for (const Verdict each : {Verdict::kFail, Verdict::kViolation, Verdict::kInconclusive}) {
      if (report_.verdicts[static_cast<std::size_t>(each)] > 0) shown.push_back(each);
    }
    for (const Verdict each : shown) {
      columns.push_back({std::string(verdict_name(each)), Align::kRight});
    }
    columns.push_back({"passed, 95 % interval", Align::kRight});
    Table table(std::move(columns));
    for (std::size_t cell = 0; cell < report_.cells.size(); ++cell) {
      const CellStats& stats = report_.cells[cell];
      std::vector<std::string> row;
      if (plan_.cells.size() > 1) row.push_back(number(cell + 1));
      if (!names.empty()) row.push_back(cell_name(cell));
      row.push_back(number(stats.runs));
      for (const Verdict each : shown) {
        row.push_back(number(stats.verdicts[static_cast<std::size_t>(each)]));
      }
      row.push_back(share_text(stats.passed));
      table.row(std::move(row));
    }
    table.print(page_);
  }

  void skipped() {
    if (plan_.skipped.empty()) return;
    page_.heading("LEFT OUT", "combinations that cannot be");
    for (const SkippedCell& cell : plan_.skipped) {
      page_.wrapped("  ", 2, plan_.cell_label(cell.values) + ": " + cell.why);
    }
  }

  void diverged() {
    if (report_.diverged.empty()) return;
    page_.heading(page_.ink(Ink::kBad, "NOT DETERMINISTIC"),
                  counted(static_cast<std::int64_t>(report_.diverged_runs), "run") +
                      " gave another digest the second time");
    for (const NotedRun& run : report_.diverged) {
      page_.line(fmt::format("  {}seed {}: {} then {}", in_cell(run.cell), run.seed,
                             hex16(run.digest), hex16(run.second_digest)));
    }
    page_.line("  " +
               plan_.run_command(report_.diverged.front().cell, report_.diverged.front().seed));
  }

  void failures() {
    bool any = false;
    for (std::size_t cell = 0; cell < report_.cells.size(); ++cell) {
      const CellStats& stats = report_.cells[cell];
      if (stats.broken.empty() && stats.failed.empty()) continue;
      if (!any) page_.heading("WHAT DID NOT HOLD");
      any = true;
      if (plan_.cells.size() > 1) page_.line(fmt::format("  {}", in_cell(cell)));
      const auto list = [&](const std::vector<Named>& names, Ink ink, std::string_view before) {
        for (const auto& [name, runs] : names) {
          const std::string count =
              right_column(counted(static_cast<std::int64_t>(runs), "run"), 12);
          page_.wrapped("  " + page_.ink(ink, count) + "  ", 16, std::string(before) + name);
        }
      };
      list(stats.broken, Ink::kBad, "invariant broken: ");
      list(stats.failed, Ink::kWarn, "");
    }
  }

  std::vector<std::string> metric_row(std::string name, const Metric& metric,
                                      const MetricStats& stats) const {
    return {std::move(name),
            mean_text(metric, stats.mean),
            value_text(metric, stats.p50),
            value_text(metric, stats.p99),
            value_text(metric, stats.max),
            share_text(stats.above_zero)};
  }

  static Table metric_table(std::string first) {
    return Table({{std::move(first)},
                  {"mean, 95 % interval", Align::kRight},
                  {"p50", Align::kRight},
                  {"p99", Align::kRight},
                  {"max", Align::kRight},
                  {"runs above 0, 95 %", Align::kRight}});
  }

  void metrics_of_one_cell() {
    page_.heading("METRICS", "per run");
    Table table = metric_table("");
    for (std::size_t m = 0; m < plan_.metrics.size(); ++m) {
      table.row(
          metric_row(plan_.metrics[m].name, plan_.metrics[m], report_.cells.front().metrics[m]));
    }
    table.print(page_);
  }

  bool all_zero(std::size_t metric) const {
    return std::all_of(report_.cells.begin(), report_.cells.end(), [&](const CellStats& cell) {
      return cell.metrics[metric].above_zero.hits == 0;
    });
  }

  void metrics_by_cell() {
    std::vector<std::string> zero;
    for (std::size_t m = 0; m < plan_.metrics.size(); ++m) {
      if (all_zero(m)) {
        zero.push_back(plan_.metrics[m].name);
        continue;
      }
      page_.heading(plan_.metrics[m].name, "per run");
      Table table = metric_table("cell");
      for (std::size_t cell = 0; cell < report_.cells.size(); ++cell) {
        table.row(metric_row(fmt::format("{}: {}", cell + 1, cell_name(cell)), plan_.metrics[m],
                             report_.cells[cell].metrics[m]));
      }
      table.print(page_);
    }
    if (zero.empty()) return;
    page_.line();
    page_.wrapped("0 in every run: ", 16, some_of(zero, zero.size()));
  }

  void differences() {
    Table table({{"cell"},
                 {"metric"},
                 {"mean difference", Align::kRight},
                 {"95 % interval", Align::kRight},
                 {""}});
    for (const CellDifference& each : report_.differences) {
      for (std::size_t m = 0; m < each.metrics.size(); ++m) {
        const MeanEstimate& mean = each.metrics[m];
        const Metric& metric = plan_.metrics[m];
        if (all_zero(m) || !mean.known()) continue;
        const double low = mean.mean - mean.half;
        const double high = mean.mean + mean.half;
        const char* word = low == 0 && high == 0 ? "equal"
                           : high < 0            ? "less"
                           : low > 0             ? "more"
                                                 : "no clear difference";
        table.row({fmt::format("{}: {}", each.cell + 1, cell_name(each.cell)), metric.name,
                   value_text(metric, mean.mean),
                   value_text(metric, low) + " .. " + value_text(metric, high), word});
      }
    }
    if (table.empty()) return;
    page_.heading(
        "DIFFERENCES",
        fmt::format("from cell 1 ({}), by pairs of runs with the same seed", cell_name(0)));
    table.print(page_);
  }

  void states() {
    page_.heading("STATES", "reached in how many runs");
    const bool by_cell = report_.cells.size() > 1 && report_.cells.size() <= 6;
    std::vector<Table::Column> columns = {{""}, {"runs", Align::kRight}};
    columns.push_back({"share, 95 %", Align::kRight});
    for (std::size_t cell = 0; by_cell && cell < report_.cells.size(); ++cell) {
      columns.push_back({"cell " + number(cell + 1), Align::kRight});
    }
    Table table(std::move(columns));
    std::vector<std::string> never;
    const auto known = scenarios::state_table();
    for (std::size_t i = 0; i < known.size(); ++i) {
      if (report_.states[i] == 0) {
        never.emplace_back(known[i].name);
        continue;
      }
      std::vector<std::string> row = {
          std::string(known[i].name), number(report_.states[i]),
          share_text(estimate_proportion(report_.states[i], report_.runs))};
      for (std::size_t cell = 0; by_cell && cell < report_.cells.size(); ++cell) {
        row.push_back(number(report_.cells[cell].states[i]));
      }
      table.row(std::move(row));
    }
    if (!table.empty()) table.print(page_);
    if (!never.empty()) page_.wrapped("  never reached: ", 17, some_of(never, never.size()));
  }

  void noted(const std::vector<NotedRun>& runs, std::size_t all, std::string_view title) {
    if (runs.empty()) return;
    const NotedRun& first = runs.front();
    page_.heading(title, fmt::format("{}seed {}: {}", in_cell(first.cell), first.seed,
                                     verdict_name(first.verdict)));
    page_.wrapped("  ", 2, first.what);
    page_.line("  isrlab replay " + first.replay);
    page_.line("  " + plan_.run_command(first.cell, first.seed));
    if (runs.size() == 1) return;
    page_.line(fmt::format(
        "  {}", all > runs.size()
                    ? fmt::format("the next {} of {} more:", runs.size() - 1, number(all - 1))
                    : "the others:"));
    for (std::size_t i = 1; i < runs.size(); ++i) {
      const std::string where = fmt::format("    {}seed {}: ", in_cell(runs[i].cell), runs[i].seed);
      page_.wrapped(where, columns(where), runs[i].what);
    }
  }

  const Plan& plan_;
  const SweepReport& report_;
  Page page_;
};

}  // namespace

std::string sweep_text(const Plan& plan, const SweepReport& report, bool colour) {
  return Writer(plan, report, colour).write();
}

}  // namespace isrlab::results
