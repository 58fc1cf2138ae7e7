#include "results/page.hpp"

#include <algorithm>

#include "results/text.hpp"

namespace isrlab::results {

namespace {

/// At a space, but not at one within a number ("1 180 000").
bool may_break(std::string_view text, std::size_t at) {
  const auto digit = [&](std::size_t i) {
    return i < text.size() && text[i] >= '0' && text[i] <= '9';
  };
  return text[at] == ' ' && !(at > 0 && digit(at - 1) && digit(at + 1));
}

}  // namespace

std::string Page::ink(Ink ink, std::string_view text) const {
  if (!colour_ || ink == Ink::kNone || text.empty()) return std::string(text);
  const char* code = "";
  switch (ink) {
    case Ink::kBold: code = "1"; break;
    case Ink::kDim: code = "2"; break;
    case Ink::kGood: code = "32"; break;
    case Ink::kBad: code = "1;31"; break;
    case Ink::kWarn: code = "33"; break;
    case Ink::kAccent: code = "36"; break;
    case Ink::kNone: break;
  }
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

void Page::heading(std::string_view title, std::string_view aside) {
  text_ += "\n" + ink(Ink::kBold, title);
  if (!aside.empty()) text_ += "  " + ink(Ink::kDim, aside);
  text_ += "\n";
}

void Page::line(std::string_view text) {
  std::string trimmed(text);
  while (!trimmed.empty() && trimmed.back() == ' ') trimmed.pop_back();
  text_ += trimmed + "\n";
}

void Page::wrapped(std::string_view first, std::size_t indent, std::string_view text) {
  const std::size_t room = kWidth > indent + 20 ? kWidth - indent : 20;
  std::string prefix(first);
  while (true) {
    std::size_t cut = text.size();
    if (columns(text) > room) {
      std::size_t used = 0;
      std::size_t space = 0;
      for (std::size_t i = 0; i < text.size() && used <= room; ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) ++used;
        if (may_break(text, i)) space = i;
      }
      if (space == 0) space = text.find(' ');
      cut = space == std::string_view::npos ? text.size() : space;
    }
    line(prefix + std::string(text.substr(0, cut)));
    if (cut >= text.size()) return;
    text.remove_prefix(cut + 1);
    prefix.assign(indent, ' ');
  }
}

void Table::print(Page& page) const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = columns(columns_[c].title);
    for (const auto& row : rows_) width = std::max(width, columns(row[c]));
    widths.push_back(width);
  }
  const auto text_of = [&](const std::vector<std::string>& cells) {
    std::string text = "  ";
    for (std::size_t c = 0; c < cells.size(); ++c) {
      if (c != 0) text += "  ";
      text += columns_[c].align == Align::kLeft ? left_column(cells[c], widths[c])
                                                : right_column(cells[c], widths[c]);
    }
    return text;
  };
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  page.line(page.ink(Ink::kDim, text_of(titles)));
  for (const auto& row : rows_) page.line(text_of(row));
}

}  // namespace isrlab::results
