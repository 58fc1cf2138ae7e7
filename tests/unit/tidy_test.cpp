// Reads the source tree and fails on what the design forbids: hazards to determinism in sim/ and
// model/, includes against the direction of the layers, and the limits of style (lines of 100
// columns, functions of 70 lines, files of 40 KB, a purpose on the first line of every header, no
// left-overs). Comments and strings are not code: the rules look at tokens. The last two tests show
// that each rule catches what it is for and lets pass what merely looks like it.
#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/catch.hpp"

namespace {

using std::string;
using std::string_view;

constexpr std::size_t kColumnsMax = 100;
constexpr std::size_t kFunctionLinesMax = 70;
constexpr std::size_t kFileBytesMax = 40 * 1024;

// --- reading a file into tokens ------------------------------------------------------------------

struct Token {
  string text;  // "" for a string or character literal
  std::size_t line = 0;
};

struct Source {
  string path;  // from the root of the tree: "sim/engine.cpp"
  string text;
  std::vector<string> lines;
  std::vector<Token> tokens;      // of the code
  std::vector<Token> directives;  // of #define and #if
  std::vector<Token> includes;    // what is between the quotes or brackets
  std::vector<Token> comments;    // words of comments

  bool header() const { return path.ends_with(".hpp"); }
  string layer() const { return path.substr(0, path.find('/')); }
  bool deterministic() const { return layer() == "sim" || layer() == "model"; }
};

bool word_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Cuts a text into tokens, comment words and includes. Knows raw strings, digit separators and
/// continued lines, and nothing else of C++.
class Lexer {
 public:
  explicit Lexer(Source& source) : source_(source), text_(source.text) {}

  void read() {
    bool line_start = true;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n') {
        line_start = true;
        advance(1);
      } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
        advance(1);
      } else if (starts("//") || starts("/*")) {
        comment();
      } else if (c == '#' && line_start) {
        directive();
      } else {
        token(source_.tokens);
        line_start = false;
      }
    }
  }

 private:
  bool starts(string_view word) const { return text_.substr(at_).starts_with(word); }

  void advance(std::size_t count) {
    const std::size_t end = std::min(at_ + count, text_.size());
    line_ += static_cast<std::size_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                                 text_.begin() + static_cast<std::ptrdiff_t>(end),
                                                 '\n'));
    at_ = end;
  }

  std::size_t length_to(string_view mark, std::size_t from) const {
    const std::size_t found = text_.find(mark, at_ + from);
    return found == string_view::npos ? text_.size() - at_ : found - at_ + mark.size();
  }

  void comment() {
    const std::size_t length = starts("//") ? length_to("\n", 0) : length_to("*/", 2);
    const std::size_t end = at_ + length;
    while (at_ < end) {
      std::size_t size = 0;
      while (at_ + size < end && word_char(text_[at_ + size])) ++size;
      if (size > 0) source_.comments.push_back({string(text_.substr(at_, size)), line_});
      // The newline that ends a line comment is left to read().
      if (size == 0 && at_ + 1 == end && text_[at_] == '\n') return;
      advance(std::max<std::size_t>(size, 1));
    }
  }

  void directive() {
    std::size_t length = 0;
    do {
      length = length_to("\n", length);
    } while (length >= 2 && text_[at_ + length - 2] == '\\' && at_ + length < text_.size());
    const string_view line = text_.substr(at_, length);
    if (const std::size_t word = line.find("include"); word < 4) {
      const std::size_t open = line.find_first_of("<\"", word);
      if (open != string_view::npos) {
        const std::size_t close = line.find_first_of(">\"", open + 1);
        source_.includes.push_back({string(line.substr(open + 1, close - open - 1)), line_});
      }
      advance(length - 1);
      return;
    }
    const std::size_t end = at_ + length - (line.ends_with('\n') ? 1 : 0);
    while (at_ < end) {
      if (starts("//") || starts("/*")) {
        comment();
      } else if (text_[at_] == '\\' || std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
        advance(1);
      } else {
        token(source_.directives);
      }
    }
  }

  void token(std::vector<Token>& out) {
    std::size_t size = 1;
    if (const char c = text_[at_]; c == '"' || c == '\'') {
      return literal(out, c);
    } else if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      while (at_ + size < text_.size() && (word_char(text_[at_ + size]) || number_mark(size)))
        ++size;
    } else if (word_char(c)) {
      while (at_ + size < text_.size() && word_char(text_[at_ + size])) ++size;
      if (text_.substr(at_, size).ends_with("R") && at_ + size < text_.size() &&
          text_[at_ + size] == '"' && size <= 3) {
        return raw_string(out, size);
      }
    } else if (starts("::") || starts("->")) {
      size = 2;
    }
    out.push_back({string(text_.substr(at_, size)), line_});
    advance(size);
  }

  bool number_mark(std::size_t size) const {
    const char c = text_[at_ + size];
    return c == '.' ||
           (c == '\'' && at_ + size + 1 < text_.size() && word_char(text_[at_ + size + 1]));
  }

  void literal(std::vector<Token>& out, char quote) {
    out.push_back({"", line_});
    std::size_t size = 1;
    while (at_ + size < text_.size() && text_[at_ + size] != quote && text_[at_ + size] != '\n') {
      size += text_[at_ + size] == '\\' ? 2 : 1;
    }
    advance(size + 1);
  }

  void raw_string(std::vector<Token>& out, std::size_t prefix) {
    out.push_back({"", line_});
    const std::size_t open = text_.find('(', at_);
    const string delimiter(text_.substr(at_ + prefix + 1, open - at_ - prefix - 1));
    advance(length_to(")" + delimiter + "\"", prefix));
  }

  Source& source_;
  string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

Source read_text(string path, string text) {
  Source source;
  source.path = std::move(path);
  source.text = std::move(text);
  std::size_t start = 0;
  while (start < source.text.size()) {
    const std::size_t end = std::min(source.text.find('\n', start), source.text.size());
    source.lines.push_back(source.text.substr(start, end - start));
    start = end + 1;
  }
  Lexer(source).read();
  return source;
}

// --- the rules -----------------------------------------------------------------------------------

class Findings {
 public:
  explicit Findings(const Source& source) : source_(source) {}
  void add(std::size_t line, string_view what) {
    all.push_back(source_.path + ":" + std::to_string(line) + ": " + string(what));
  }
  std::vector<string> all;

 private:
  const Source& source_;
};

using Tokens = std::vector<Token>;

string_view text_at(const Tokens& tokens, std::size_t index) {
  return index < tokens.size() ? string_view(tokens[index].text) : string_view();
}

/// Index behind the parenthesis or brace that closes the one at `open`.
std::size_t behind_pair(const Tokens& tokens, std::size_t open) {
  std::size_t depth = 0;
  for (std::size_t i = open; i < tokens.size(); ++i) {
    const string_view text = tokens[i].text;
    if (text == "(" || text == "{" || text == "[") ++depth;
    if ((text == ")" || text == "}" || text == "]") && --depth == 0) return i + 1;
  }
  return tokens.size();
}

constexpr std::array<string_view, 24> kBannedWords = {"double",
                                                      "float",
                                                      "random_device",
                                                      "default_random_engine",
                                                      "mt19937",
                                                      "mt19937_64",
                                                      "system_clock",
                                                      "steady_clock",
                                                      "setlocale",
                                                      "getenv",
                                                      "high_resolution_clock",
                                                      "secure_getenv",
                                                      "gettimeofday",
                                                      "thread_local",
                                                      "clock_gettime",
                                                      "jthread",
                                                      "srand",
                                                      "rand_r",
                                                      "drand48",
                                                      "random_shuffle",
                                                      "localtime",
                                                      "gmtime",
                                                      "getpid",
                                                      "gethostname"};

void banned_in_deterministic_code(const Source& source, Findings& findings) {
  if (!source.deterministic()) return;
  const auto look = [&findings](const Tokens& tokens) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const string& word = tokens[i].text;
      const bool of_std = i >= 2 && tokens[i - 1].text == "::" && tokens[i - 2].text == "std";
      const bool member = i >= 1 && (tokens[i - 1].text == "." || tokens[i - 1].text == "->");
      const bool called = text_at(tokens, i + 1) == "(";
      const bool standard_only = word == "shuffle" || word == "sample" || word == "hash" ||
                                 word == "thread" || word == "async" || word == "mutex" ||
                                 word == "locale" || word == "execution" ||
                                 word.starts_with("unordered_") || word == "this_thread";
      const bool banned =
          std::find(kBannedWords.begin(), kBannedWords.end(), word) != kBannedWords.end() ||
          (word.ends_with("_distribution") && of_std) || (standard_only && of_std) ||
          ((word == "rand" || word == "clock") && called && !member &&
           text_at(tokens, i + 2) == ")") ||
          (word == "time" && called && !member &&
           (text_at(tokens, i + 2) == "nullptr" || text_at(tokens, i + 2) == "NULL"));
      if (banned) findings.add(tokens[i].line, "banned in sim/ and model/: " + word);
    }
  };
  look(source.tokens);
  look(source.directives);
}

/// Containers ordered by the addresses of their keys.
void pointer_keys(const Source& source, Findings& findings) {
  if (source.layer() == "viz" || source.layer() == "tests") return;
  static constexpr std::array<string_view, 8> kOrdered = {
      "map", "set", "multimap", "multiset", "flat_map", "flat_set", "FlatMap", "less"};
  const Tokens& tokens = source.tokens;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (std::find(kOrdered.begin(), kOrdered.end(), tokens[i].text) == kOrdered.end()) continue;
    if (tokens[i + 1].text != "<") continue;
    int depth = 1;
    for (std::size_t j = i + 2; j < tokens.size(); ++j) {
      const string& word = tokens[j].text;
      if (word == "<" || word == "(") ++depth;
      const bool closes = word == ">" || word == ")";
      if (depth == 1 && (word == "," || closes)) {
        std::size_t last = j - 1;
        while (tokens[last].text == "const") --last;
        if (tokens[last].text == "*") findings.add(tokens[i].line, "ordered by pointers");
        break;
      }
      if (closes) --depth;
      if (word == ";" || word == "{") break;
    }
  }
}

bool is_draw(const Tokens& tokens, std::size_t i) {
  const string_view word = tokens[i].text;
  const string_view before = i > 0 ? string_view(tokens[i - 1].text) : string_view();
  const string_view after = text_at(tokens, i + 1);
  if ((before == "." || before == "->") && after == "(") {
    if (word == "below" || word == "between" || word == "chance") return true;
    if (word == "next" && text_at(tokens, i + 2) == ")") return true;
    // A list that is put into the history gets the next handle.
    const string_view owner = i > 1 ? string_view(tokens[i - 2].text) : string_view();
    if (word == "list" && (owner == "out" || owner == "cluster")) return true;
  }
  // A stream handed to a function: f(random), f(x, network_.random()).
  const bool stream = word == "random" || word.ends_with("random_") || word.ends_with("_random") ||
                      word == "rng" || word == "rng_";
  if (!stream) return false;
  std::size_t first = i;
  while (first >= 2 && (tokens[first - 1].text == "." || tokens[first - 1].text == "->"))
    first -= 2;
  const string_view left = first > 0 ? string_view(tokens[first - 1].text) : string_view();
  const std::size_t right_at = after == "(" && text_at(tokens, i + 2) == ")" ? i + 3 : i + 1;
  const string_view right = text_at(tokens, right_at);
  return (left == "(" || left == ",") && (right == ")" || right == ",");
}

/// Two draws or two lists in one full expression: compilers differ in the order of evaluation.
/// Statements end at semicolons, at the braces of blocks, and behind the condition of an if, while,
/// for or switch.
void two_draws(const Source& source, Findings& findings) {
  if (source.layer() == "viz" || source.layer() == "tests") return;
  const Tokens& tokens = source.tokens;
  std::size_t draws = 0;
  std::size_t depth = 0;
  std::vector<std::size_t> condition_ends;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const string_view word = tokens[i].text;
    if ((word == "if" || word == "while" || word == "for" || word == "switch") &&
        text_at(tokens, i + 1) == "(") {
      condition_ends.push_back(behind_pair(tokens, i + 1));
    }
    if (word == "(" || word == "[") ++depth;
    if ((word == ")" || word == "]") && depth > 0) --depth;
    const bool block = (word == "{" || word == "}") && depth == 0;
    const bool after_condition = !condition_ends.empty() && condition_ends.back() == i;
    if (after_condition) condition_ends.pop_back();
    if (word == ";" || block || after_condition) draws = 0;
    if (is_draw(tokens, i) && ++draws == 2) {
      findings.add(tokens[i].line, "two random draws or lists of the history in one expression");
    }
  }
}

struct Layer {
  string_view name;
  string_view may_include;  // words
};
constexpr std::array<Layer, 6> kLayers = {{{"sim", " sim "},
                                           {"model", " model sim "},
                                           {"scenarios", " scenarios model sim "},
                                           {"results", " results scenarios model sim "},
                                           {"cli", " cli results scenarios model sim "},
                                           {"viz", " viz results scenarios model sim "}}};

/// cli, viz -> results -> scenarios -> model -> sim; heavy headers stay behind a few .cpp files.
void include_arrows(const Source& source, Findings& findings) {
  const auto* own = std::find_if(kLayers.begin(), kLayers.end(),
                                 [&](const Layer& layer) { return layer.name == source.layer(); });
  if (own == kLayers.end()) return;
  for (const Token& include : source.includes) {
    const string first = include.text.substr(0, include.text.find('/'));
    const bool ours =
        first == "tests" || std::any_of(kLayers.begin(), kLayers.end(),
                                        [&](const Layer& l) { return l.name == first; });
    if (ours && own->may_include.find(" " + first + " ") == string_view::npos) {
      findings.add(include.line, source.layer() + "/ must not include " + include.text);
    }
    const bool light = include.text == "nlohmann/json_fwd.hpp" && !source.deterministic();
    const bool heavy = (first == "nlohmann" && !light) || first == "Eigen" || first == "CLI" ||
                       include.text.starts_with("boost/graph/");
    if (heavy && source.header()) {
      findings.add(include.line, "a header must not include " + include.text + ": use a .cpp file");
    }
    if (first == "Eigen" && source.layer() != "results") {
      findings.add(include.line, "Eigen is for results/ only");
    }
  }
}

void long_lines(const Source& source, Findings& findings) {
  for (std::size_t i = 0; i < source.lines.size(); ++i) {
    const string& line = source.lines[i];
    const auto columns =
        static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
          return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
        }));
    if (columns > kColumnsMax) findings.add(i + 1, std::to_string(columns) + " columns");
    if (line.find('\t') != string::npos) findings.add(i + 1, "a tab");
  }
}

/// What stands before a brace decides what the brace opens.
enum class Opens { kFunction, kScope, kValue };

Opens what_opens(const Tokens& tokens, std::size_t header, std::size_t brace) {
  int depth = 0;
  bool parentheses = false;
  bool lambda = false;
  bool assigned = false;
  bool initialisers = false;
  for (std::size_t i = header; i < brace; ++i) {
    const string_view word = tokens[i].text;
    if (depth == 0 && !parentheses &&
        (word == "namespace" || word == "class" || word == "struct" || word == "union" ||
         word == "enum" || word == "extern")) {
      return Opens::kScope;
    }
    if (depth == 0 && word == "operator") {  // operator==, operator()
      ++i;
      while (i + 1 < brace && tokens[i + 1].text != "(") ++i;
      continue;
    }
    if (depth == 0 && word == "=") assigned = true;
    if (depth == 0 && word == "[" && assigned) lambda = true;
    if (depth == 0 && word == ":" && parentheses) initialisers = true;
    if (word == "(") {
      parentheses = true;
      ++depth;
    }
    if (word == ")") --depth;
  }
  if (depth > 0 || !parentheses) return Opens::kValue;
  if (assigned) return lambda ? Opens::kFunction : Opens::kValue;
  // `: member_{value}`: the body comes later.
  const string_view last = tokens[brace - 1].text;
  const bool member = last != "" && (word_char(last.back()) || last == ">");
  return initialisers && member ? Opens::kValue : Opens::kFunction;
}

void long_functions(const Source& source, Findings& findings) {
  const Tokens& tokens = source.tokens;
  std::size_t header = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const string_view word = tokens[i].text;
    if (word == ";" || word == "}") header = i + 1;
    if ((word == "public" || word == "private" || word == "protected") &&
        text_at(tokens, i + 1) == ":") {
      header = i + 2;
    }
    if (word != "{") continue;
    switch (what_opens(tokens, header, i)) {
      case Opens::kScope: header = i + 1; break;
      case Opens::kValue: i = behind_pair(tokens, i) - 1; break;
      case Opens::kFunction: {
        const std::size_t end = behind_pair(tokens, i) - 1;
        const std::size_t first = tokens[header].line;
        const std::size_t lines = tokens[end].line - first + 1;
        if (lines > kFunctionLinesMax) {
          findings.add(first, "a function of " + std::to_string(lines) + " lines");
        }
        i = end;
        header = i + 1;
        break;
      }
    }
  }
}

void big_files(const Source& source, Findings& findings) {
  if (source.text.size() > kFileBytesMax) {
    findings.add(1, std::to_string(source.text.size()) + " bytes");
  }
}

void purpose_comments(const Source& source, Findings& findings) {
  if (!source.header()) return;
  const auto words = std::count_if(source.comments.begin(), source.comments.end(),
                                   [](const Token& word) { return word.line == 1; });
  if (words < 3) findings.add(1, "a header says on its first line, in a comment, what it is for");
}

void left_overs(const Source& source, Findings& findings) {
  static const std::array<string, 4> kMarks = {
      "TO"
      "DO",
      "FIX"
      "ME",
      "XX"
      "X",
      "HA"
      "CK"};
  const auto look = [&findings](const Tokens& words) {
    for (const Token& word : words) {
      if (std::find(kMarks.begin(), kMarks.end(), word.text) != kMarks.end()) {
        findings.add(word.line, "a left-over: " + word.text);
      }
    }
  };
  look(source.comments);
  look(source.tokens);
  const std::vector<Token>& comments = source.comments;
  for (std::size_t i = 0; i < comments.size(); ++i) {
    const string_view word = comments[i].text;
    if (word == "unimplemented" || (word == "not" && text_at(comments, i + 1) == "implemented")) {
      findings.add(comments[i].line, "a left-over: what is missing belongs into docs/fidelity.md");
    }
  }
}

using Rule = void (*)(const Source&, Findings&);

// --- the tree ------------------------------------------------------------------------------------

const std::vector<Source>& tree() {
  static const std::vector<Source> kTree = [] {
    namespace fs = std::filesystem;
    std::vector<Source> sources;
    const fs::path root = ISRLAB_SOURCE_ROOT;
    for (const char* top : {"sim", "model", "scenarios", "results", "viz", "cli", "tests"}) {
      if (!fs::exists(root / top)) continue;
      for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
        const fs::path& path = entry.path();
        if (path.extension() != ".cpp" && path.extension() != ".hpp") continue;
        std::ifstream stream(path, std::ios::binary);
        sources.push_back(read_text(path.lexically_relative(root).generic_string(),
                                    {std::istreambuf_iterator<char>(stream), {}}));
      }
    }
    std::sort(sources.begin(), sources.end(),
              [](const Source& a, const Source& b) { return a.path < b.path; });
    return sources;
  }();
  return kTree;
}

string violations(Rule rule) {
  string text;
  for (const Source& source : tree()) {
    Findings findings(source);
    rule(source, findings);
    for (const string& line : findings.all) text += line + "\n";
  }
  return text;
}

std::size_t count(Rule rule, const string& path, const string& text) {
  const Source source = read_text(path, text);
  Findings findings(source);
  rule(source, findings);
  return findings.all.size();
}

}  // namespace

TEST_CASE("the tree is read", "[tidy]") {
  CHECK(tree().size() > 150);
  std::size_t tokens = 0;
  for (const Source& source : tree()) tokens += source.tokens.size();
  CHECK(tokens > 100'000);
}

TEST_CASE("sim/ and model/ use nothing that differs between machines", "[tidy]") {
  CHECK(violations(banned_in_deterministic_code) == "");
}
TEST_CASE("no container is ordered by pointers", "[tidy]") {
  CHECK(violations(pointer_keys) == "");
}
TEST_CASE("no expression draws twice", "[tidy]") {
  CHECK(violations(two_draws) == "");
}
TEST_CASE("includes follow the arrows of the architecture", "[tidy]") {
  CHECK(violations(include_arrows) == "");
}
TEST_CASE("lines have at most 100 columns", "[tidy]") {
  CHECK(violations(long_lines) == "");
}
TEST_CASE("functions have at most 70 lines", "[tidy]") {
  CHECK(violations(long_functions) == "");
}
TEST_CASE("files have at most 40 KB", "[tidy]") {
  CHECK(violations(big_files) == "");
}
TEST_CASE("headers say what they are for", "[tidy]") {
  CHECK(violations(purpose_comments) == "");
}
TEST_CASE("nothing is left over", "[tidy]") {
  CHECK(violations(left_overs) == "");
}

TEST_CASE("the tidy rules catch what they are for", "[tidy]") {
  const auto banned = [](const string& text) {
    return count(banned_in_deterministic_code, "sim/a.cpp", text);
  };
  CHECK(banned("double x = 0;") == 1);
  CHECK(banned("std::unordered_map<int, int> m; std::unordered_set<int> s;") == 2);
  CHECK(banned("std::shuffle(a, b, std::random_device());") == 2);
  CHECK(banned("std::uniform_int_distribution<int> d; x = std::hash<int>()(1);") == 2);
  CHECK(banned("auto t = std::chrono::steady_clock::now(); time(nullptr); rand();") == 3);
  CHECK(banned("const char* home = std::getenv(\"HOME\");") == 1);
  CHECK(banned("#define X(a) \\\n  static_cast<float>(a)\n") == 1);
  CHECK(count(banned_in_deterministic_code, "model/x/a.hpp", "float f;") == 1);

  const auto keys = [](const string& text) { return count(pointer_keys, "model/a.cpp", text); };
  CHECK(keys("std::map<const Actor*, int> m;") == 1);
  CHECK(keys("std::set<Node<int>* const> s;") == 1);

  const auto draws = [](const string& text) { return count(two_draws, "model/a.cpp", text); };
  CHECK(draws("f(random.next(), random.next());") == 1);
  CHECK(draws("x = a_.below(3) + this->b_->between(1, 2);") == 1);
  CHECK(draws("int x = pick(random_) * jitter(now, network_.random());") == 1);
  CHECK(draws("out.record(kind, out.list(a), out.list(b));") == 1);
  CHECK(draws("const auto first = out.list(a); const auto second = out.list(b);") == 0);
  CHECK(draws("run([&] { return Pair{random.next(), random.next()}; });") == 1);
  CHECK(draws("if (random.chance(1, 2) && random.chance(1, 3)) f();") == 1);

  const auto arrows = [](const string& path, const string& header) {
    return count(include_arrows, path, "#include \"" + header + "\"\n");
  };
  CHECK(arrows("sim/a.cpp", "model/b.hpp") == 1);
  CHECK(arrows("model/a.cpp", "scenarios/b.hpp") == 1);
  CHECK(arrows("scenarios/a.cpp", "results/b.hpp") == 1);
  CHECK(arrows("results/a.cpp", "viz/b.hpp") == 1);
  CHECK(arrows("cli/a.cpp", "viz/b.hpp") == 1);
  CHECK(arrows("results/a.cpp", "tests/support/b.hpp") == 1);
  CHECK(arrows("model/a.hpp", "nlohmann/json_fwd.hpp") == 1);
  CHECK(arrows("scenarios/a.hpp", "nlohmann/json.hpp") == 1);
  CHECK(arrows("viz/a.cpp", "Eigen/Dense") == 1);

  CHECK(count(long_lines, "sim/a.cpp", string(101, 'x')) == 1);
  CHECK(count(big_files, "sim/a.cpp", string(kFileBytesMax + 1, '\n')) == 1);
  CHECK(count(purpose_comments, "sim/a.hpp", "#pragma once\n// What it is for.\n") == 1);
  CHECK(count(left_overs, "cli/a.cpp", string("// TO") + "DO later\n") == 1);
  CHECK(count(left_overs, "cli/a.cpp", "int x;  // not implemented yet\n") == 1);

  const auto functions = [](const string& head, std::size_t lines, const string& tail) {
    string body;
    for (std::size_t i = 0; i < lines; ++i) body += "  f();\n";
    return count(long_functions, "sim/a.cpp", head + "\n" + body + tail);
  };
  CHECK(functions("void f(int a) {", 69, "}\n") == 1);
  CHECK(functions("namespace a {\nclass B : C<int(1)> {\n public:\n  int g() const {", 69,
                  "}};}\n") == 1);
  CHECK(functions("A::A(int x)\n    : b_{x},\n      c_(x) {", 67, "}\n") == 1);
  CHECK(functions("const auto f = [](int x) {", 69, "};\n") == 1);
  CHECK(functions("TEST_CASE(\"a\", \"[b]\") {", 69, "}\n") == 1);
  CHECK(functions("bool A::operator==(const A& other) const {", 69, "}\n") == 1);
}

TEST_CASE("the tidy rules let pass what only looks wrong", "[tidy]") {
  const auto banned = [](const string& text) {
    return count(banned_in_deterministic_code, "sim/a.cpp", text);
  };
  CHECK(banned("// no double, no std::hash, no getenv\nint x = 0;\n") == 0);
  CHECK(banned("/* rand()\n float */ int doubled = 1'000'000;") == 0);
  CHECK(banned("const char* text = \"rand() and double\"; char c = '\"';") == 0);
  CHECK(banned("auto t = R\"(float f = \"\")\"; Duration time(int x); now.time();") == 0);
  CHECK(banned("#include <unordered_map_free.hpp>\nint brand(int); hash(event);") == 0);
  CHECK(count(banned_in_deterministic_code, "viz/a.cpp", "double x;") == 0);

  const auto keys = [](const string& text) { return count(pointer_keys, "model/a.cpp", text); };
  CHECK(keys("std::map<int, const Actor*> m; std::set<std::pair<A, B>> s;") == 0);
  CHECK(keys("if (set < limit * 2) f(); std::map<std::string, std::less<>> q;") == 0);

  const auto draws = [](const string& text) { return count(two_draws, "model/a.cpp", text); };
  CHECK(draws("a = random.next(); b = random.next();") == 0);
  CHECK(draws("if (random.chance(1, 2)) x = random.below(3);") == 0);
  CHECK(draws("for (int i = random.below(3); i < 3; ++i) f(random);") == 0);
  CHECK(draws("void f(Random& random, int a);\nvoid g(Random random);") == 0);
  CHECK(draws("engine.next(activation, until) && engine.next(activation, until);") == 0);
  CHECK(draws("A::A(Random random) : random_(random) {}") == 0);

  CHECK(count(include_arrows, "viz/a.cpp", "#include \"results/b.hpp\"\n#include <vector>\n") == 0);
  CHECK(count(include_arrows, "results/a.cpp",
              "#include <Eigen/Dense>\n#include <CLI/CLI.hpp>\n") == 0);
  CHECK(count(include_arrows, "scenarios/a.hpp", "#include <nlohmann/json_fwd.hpp>\n") == 0);
  CHECK(count(include_arrows, "tests/a.cpp", "#include \"viz/b.hpp\"\n") == 0);

  string umlauts;
  for (int i = 0; i < 100; ++i) umlauts += "\xC3\xBC";
  CHECK(count(long_lines, "sim/a.cpp", umlauts) == 0);
  CHECK(count(purpose_comments, "sim/a.hpp", "// What it is for.\n#pragma once\n") == 0);

  string rows;
  for (int i = 0; i < 90; ++i) rows += "  {f(1), 2},\n";
  CHECK(count(long_functions, "sim/a.cpp", "void f() {\n" + string(68, '\n') + "}\n") == 0);
  CHECK(count(long_functions, "sim/a.cpp", "constexpr Row kRows[] = {\n" + rows + "};\n") == 0);
  CHECK(count(long_functions, "sim/a.cpp", "const auto kRows = make({\n" + rows + "});\n") == 0);
  CHECK(count(long_functions, "sim/a.cpp", "struct A {\n" + string(90, '\n') + "};\n") == 0);
  CHECK(count(long_functions, "sim/a.cpp", "enum class A : int {\n" + string(90, '\n') + "};\n") ==
        0);
}
