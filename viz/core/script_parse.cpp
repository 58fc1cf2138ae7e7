#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "viz/core/script.hpp"
#include "viz/core/ui_tree.hpp"

namespace isrlab::viz {
namespace {

/// What is wrong with one line and what to do about it; the file and line are put before it.
struct LineError {
  std::string text;
};

struct Token {
  std::string text;
  bool quoted = false;
};
using Tokens = std::vector<Token>;

bool is_space(char character) {
  return character == ' ' || character == '\t' || character == '\r';
}

/// Reads a quoted token; `at` stands on the opening quote and ends behind the closing one.
std::string take_quoted(std::string_view line, std::size_t& at) {
  std::string text;
  for (++at; at < line.size() && line[at] != '"'; ++at) {
    if (line[at] == '\\' && at + 1 < line.size()) {
      ++at;
      text += line[at] == 'n' ? '\n' : line[at];
    } else {
      text += line[at];
    }
  }
  if (at >= line.size()) throw LineError{"the quoted text does not end, close it with \""};
  ++at;
  return text;
}

/// Words of a line; `source` becomes the line without its comment. A `#` inside a word belongs to
/// the word ("map/x#1").
Tokens tokenize(std::string_view line, std::string& source) {
  Tokens tokens;
  std::size_t at = 0;
  std::size_t end = 0;
  std::size_t start = std::string_view::npos;
  while (true) {
    while (at < line.size() && is_space(line[at])) ++at;
    if (at >= line.size() || line[at] == '#') break;
    if (start == std::string_view::npos) start = at;
    Token token;
    if (line[at] == '"') {
      token.quoted = true;
      token.text = take_quoted(line, at);
      if (at < line.size() && !is_space(line[at])) {
        throw LineError{"something follows the closing quote at once, put a space between them"};
      }
    } else {
      while (at < line.size() && !is_space(line[at])) token.text += line[at++];
    }
    tokens.push_back(std::move(token));
    end = at;
  }
  if (start != std::string_view::npos) source = std::string(line.substr(start, end - start));
  return tokens;
}

void want_count(const Tokens& tokens, std::size_t least, std::size_t most, const char* example) {
  const std::string& word = tokens.front().text;
  if (tokens.size() - 1 < least) {
    throw LineError{fmt::format("{} needs more, write for example: {}", word, example)};
  }
  if (tokens.size() - 1 > most) {
    throw LineError{fmt::format("\"{}\" is too much for {}, write for example: {}",
                                tokens[most + 1].text, word, example)};
  }
}

sim::Duration want_duration(const Token& token) {
  if (const auto duration = parse_duration(token.text)) return *duration;
  throw LineError{fmt::format(
      "\"{}\" is not a time, write a number with a unit (ns us ms s m h), for example 14.8s",
      token.text)};
}

int want_count_number(const Token& token, const char* what) {
  int number = 0;
  const char* end = token.text.data() + token.text.size();
  const auto result = std::from_chars(token.text.data(), end, number);
  if (result.ec != std::errc{} || result.ptr != end || number < 1 || number > 1'000'000) {
    throw LineError{
        fmt::format("\"{}\" is not a number of {}, write a whole number from 1 to "
                    "1000000",
                    token.text, what)};
  }
  return number;
}

ScriptAction parse_seek(const Tokens& tokens) {
  want_count(tokens, 1, 1, "seek 14.8s");
  return step::Seek{want_duration(tokens[1])};
}

ScriptAction parse_play(const Tokens& tokens) {
  want_count(tokens, 0, 0, "play");
  return step::Play{};
}

ScriptAction parse_pause(const Tokens& tokens) {
  want_count(tokens, 0, 0, "pause");
  return step::Pause{};
}

ScriptAction parse_step(const Tokens& tokens) {
  want_count(tokens, 0, 1, "step 10");
  return step::Step{tokens.size() > 1 ? want_count_number(tokens[1], "events") : 1};
}

ScriptAction parse_speed(const Tokens& tokens) {
  want_count(tokens, 1, 1, "speed 0.1");
  std::string_view text = tokens[1].text;
  if (!text.empty() && text.back() == 'x') text.remove_suffix(1);
  double factor = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), factor);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size() ||
      !(factor >= 0.0001 && factor <= 1000)) {
    throw LineError{
        fmt::format("\"{}\" is not a speed, write a number from 0.0001 to 1000", tokens[1].text)};
  }
  return step::Speed{factor};
}

ScriptAction parse_click(const Tokens& tokens) {
  constexpr const char* kExample = "click map/broker:4";
  want_count(tokens, 1, 2, kExample);
  step::Click click{tokens[1].text, step::Click::How::left};
  if (tokens.size() > 2) {
    const std::string& how = tokens[2].text;
    if (how == "right") {
      click.how = step::Click::How::right;
    } else if (how == "middle") {
      click.how = step::Click::How::middle;
    } else if (how == "double") {
      click.how = step::Click::How::twice;
    } else if (how != "left") {
      throw LineError{
          fmt::format("\"{}\" is no way to click, write right, middle or double (an id "
                      "with spaces needs quotes)",
                      how)};
    }
  }
  return click;
}

ScriptAction parse_drag(const Tokens& tokens) {
  constexpr const char* kExample = "drag map/broker:1 to map/broker:2";
  want_count(tokens, 3, 3, kExample);
  if (tokens[2].text != "to" || tokens[2].quoted) {
    throw LineError{
        fmt::format("drag needs the word \"to\" between two ids, write for example: {}", kExample)};
  }
  return step::Drag{tokens[1].text, tokens[3].text};
}

ScriptAction parse_key(const Tokens& tokens) {
  want_count(tokens, 1, 1, "key Ctrl+K");
  const std::optional<Chord> chord = parse_chord(tokens[1].text);
  if (!chord) {
    throw LineError{
        fmt::format("there is no key \"{}\", write names as in Space, F1, Ctrl+K, "
                    "Shift+., ] or PageUp",
                    tokens[1].text)};
  }
  return step::Press{*chord};
}

ScriptAction parse_type(const Tokens& tokens) {
  want_count(tokens, 1, 1, "type \"orders-0\"");
  return step::Type{tokens[1].text};
}

ScriptAction parse_command(const Tokens& tokens) {
  want_count(tokens, 1, 1, "command fault.kill");
  return step::Command{tokens[1].text};
}

struct CompareSign {
  std::string_view sign;
  step::Compare compare;
};
constexpr std::array kCompareSigns{
    CompareSign{"==", step::Compare::equal},      CompareSign{"!=", step::Compare::not_equal},
    CompareSign{"<", step::Compare::less},        CompareSign{">", step::Compare::greater},
    CompareSign{"<=", step::Compare::less_equal}, CompareSign{">=", step::Compare::greater_equal},
};

std::optional<step::Compare> compare_of(const Token& token) {
  if (token.quoted) return std::nullopt;
  for (const CompareSign& entry : kCompareSigns) {
    if (entry.sign == token.text) return entry.compare;
  }
  return std::nullopt;
}

ScriptAction parse_expect(const Tokens& tokens) {
  constexpr const char* kExample = "expect cluster.controller == broker-0";
  std::size_t sign = 1;
  while (sign < tokens.size() && !compare_of(tokens[sign])) ++sign;
  if (sign == tokens.size()) {
    throw LineError{
        fmt::format("expect needs one of == != < > <= >= with spaces round it, write "
                    "for example: {}",
                    kExample)};
  }
  if (sign == 1 || sign + 1 == tokens.size()) {
    throw LineError{fmt::format("one side of \"{}\" is empty, write for example: {}",
                                tokens[sign].text, kExample)};
  }
  if (sign > 2 || sign + 2 < tokens.size()) {
    throw LineError{
        fmt::format("there is more than one word on the {} of \"{}\", put it in "
                    "quotes",
                    sign > 2 ? "left" : "right", tokens[sign].text)};
  }
  return step::Expect{{tokens[1].text, tokens[1].quoted},
                      *compare_of(tokens[sign]),
                      {tokens[3].text, tokens[3].quoted}};
}

ScriptAction parse_shot(const Tokens& tokens) {
  want_count(tokens, 1, 1, "shot failover.png");
  const std::string& file = tokens[1].text;
  if (file.size() < 5 || file.substr(file.size() - 4) != ".png") {
    throw LineError{fmt::format("pictures are PNG, write for example: shot {}.png", file)};
  }
  return step::Shot{file};
}

ScriptAction parse_wait(const Tokens& tokens) {
  constexpr const char* kExample = "wait 3 frames";
  want_count(tokens, 2, 2, kExample);
  if (tokens[2].text != "frames" && tokens[2].text != "frame") {
    throw LineError{
        fmt::format("wait counts frames, not \"{}\", write for example: {} (for "
                    "simulated time: run until 15s)",
                    tokens[2].text, kExample)};
  }
  return step::Wait{want_count_number(tokens[1], "frames")};
}

ScriptAction parse_say(const Tokens& tokens) {
  constexpr const char* kExample = "say \"The session had to expire first.\"";
  want_count(tokens, 1, tokens.size(), kExample);
  if (tokens.size() > 2 || !tokens[1].quoted) {
    throw LineError{fmt::format("what is said must be in quotes, write for example: {}", kExample)};
  }
  return step::Say{tokens[1].text};
}

ScriptAction parse_run(const Tokens& tokens) {
  constexpr const char* kExample = "run until 20s";
  want_count(tokens, 2, 4, kExample);
  if (tokens[1].text != "until") {
    throw LineError{fmt::format("run needs the word \"until\", write for example: {}", kExample)};
  }
  if (!tokens[2].quoted) {
    want_count(tokens, 2, 2, kExample);
    return step::RunUntil{want_duration(tokens[2])};
  }
  step::RunUntilCondition until{tokens[2].text, std::nullopt};
  if (tokens.size() > 3) {
    if (tokens[3].text != "within" || tokens.size() < 5) {
      throw LineError{
          "only a limit may follow the condition, write for example: run until "
          "\"leader of orders-4 changed\" within 15s"};
    }
    until.within = want_duration(tokens[4]);
  }
  return until;
}

struct Word {
  std::string_view name;
  ScriptAction (*parse)(const Tokens&);
};
constexpr std::array kWords{
    Word{"seek", parse_seek},       Word{"play", parse_play},     Word{"pause", parse_pause},
    Word{"step", parse_step},       Word{"speed", parse_speed},   Word{"click", parse_click},
    Word{"drag", parse_drag},       Word{"key", parse_key},       Word{"type", parse_type},
    Word{"command", parse_command}, Word{"expect", parse_expect}, Word{"shot", parse_shot},
    Word{"wait", parse_wait},       Word{"say", parse_say},       Word{"run", parse_run},
};

ScriptAction parse_action(const Tokens& tokens) {
  const std::string& first = tokens.front().text;
  std::string all;
  std::string_view nearest;
  std::size_t best = 3;
  for (const Word& word : kWords) {
    if (word.name == first) return word.parse(tokens);
    const std::size_t distance = edit_distance(first, word.name, best);
    if (distance < best) {
      best = distance;
      nearest = word.name;
    }
    all += (all.empty() ? "" : ", ") + std::string(word.name);
  }
  if (!nearest.empty()) {
    throw LineError{
        fmt::format("there is no command \"{}\", did you mean \"{}\"?", first, nearest)};
  }
  throw LineError{fmt::format("there is no command \"{}\", write one of {}", first, all)};
}

}  // namespace

Script parse_script(std::string_view text, std::string file) {
  Script script;
  script.file = std::move(file);
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    try {
      ScriptStep parsed;
      parsed.line = number;
      const Tokens tokens = tokenize(line, parsed.source);
      if (tokens.empty()) continue;
      parsed.action = parse_action(tokens);
      script.steps.push_back(std::move(parsed));
    } catch (const LineError& error) {
      script.errors.push_back(fmt::format("{}:{}: {}", script.file, number, error.text));
    }
  }
  return script;
}

Script load_script(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  // A folder opens but cannot be read.
  if (!stream || stream.peek() == std::ifstream::traits_type::eof()) {
    std::error_code error;
    if (std::filesystem::is_regular_file(path, error)) return parse_script("", path);
    Script script;
    script.file = path;
    script.errors.push_back(path + ":1: the file cannot be read, check its name and rights");
    return script;
  }
  const std::string text((std::istreambuf_iterator<char>(stream)),
                         std::istreambuf_iterator<char>());
  return parse_script(text, path);
}

const char* sign_of(step::Compare compare) {
  for (const CompareSign& entry : kCompareSigns) {
    if (entry.compare == compare) return entry.sign.data();
  }
  return "?";
}

}  // namespace isrlab::viz
