// Lines of a report: headings, tables, wrapped sentences, colour.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace isrlab::results {

enum class Ink : std::uint8_t { kNone, kBold, kDim, kGood, kBad, kWarn, kAccent };

class Page {
 public:
  static constexpr std::size_t kWidth = 100;
  explicit Page(bool colour) : colour_(colour) {}

  std::string ink(Ink ink, std::string_view text) const;
  void heading(std::string_view title, std::string_view aside = {});
  void line(std::string_view text = {});
  /// `first` as it is (it may hold colour and takes `indent` columns), then `text`, broken at
  /// spaces and indented.
  void wrapped(std::string_view first, std::size_t indent, std::string_view text);
  std::string take() { return std::move(text_); }

 private:
  bool colour_;
  std::string text_;
};

/// A table whose columns are as wide as their widest cell.
class Table {
 public:
  enum class Align : std::uint8_t { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  void print(Page& page) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace isrlab::results
