#include "core/yaml.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <utility>

#include "core/limits.hpp"
#include "core/text.hpp"

namespace argosy::core {
namespace {

// Thrown out of the parser's events and caught in parse_yaml; yaml-cpp has no other way to stop.
struct Refusal {
  YAML::Mark mark;
  std::string reason;
  std::string hint;
};

class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(std::string_view text) : text_(text) {}

  [[nodiscard]] YamlNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) throw Refusal{mark, "a second document starts here", "keep one document in the file"};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { add(node(YamlNode::Kind::kNull, mark)); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_anchor(mark); }
  void OnAnchor(const YAML::Mark& mark, const std::string&) override { refuse_anchor(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
    check_tag(mark, tag);
    YamlNode scalar = node(YamlNode::Kind::kScalar, mark);
    scalar.scalar = value;
    scalar.quoted = tag == "!";
    if (scalar.quoted) check_closed(mark);
    add(std::move(scalar));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    start(YamlNode::Kind::kSequence, mark, tag);
  }
  void OnSequenceEnd() override { finish(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    start(YamlNode::Kind::kMapping, mark, tag);
  }
  void OnMapEnd() override { finish(); }

 private:
  // A collection that is still open, with the key whose value comes next.
  struct Level {
    YamlNode node;
    std::set<std::string, std::less<>> keys;
    bool has_key = false;
  };

  static YamlNode node(YamlNode::Kind kind, const YAML::Mark& mark) {
    YamlNode out;
    out.kind = kind;
    out.line = mark.line + 1;
    out.column = mark.column + 1;
    return out;
  }
  [[noreturn]] static void refuse_anchor(const YAML::Mark& mark) {
    throw Refusal{mark, "anchors (&) and aliases (*) are not supported",
                  "write the value out; put a text that starts with & or * in quotes"};
  }
  // "?" marks a plain scalar, "!" a quoted one, nothing a collection without a tag.
  static void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    throw Refusal{mark, fmt::format("the tag {} is not supported", tag),
                  "leave the tag out; put a text that starts with ! in quotes"};
  }
  // yaml-cpp takes a quote that is never closed as closed at the end of the file.
  void check_closed(const YAML::Mark& mark) const {
    auto at = static_cast<std::size_t>(mark.pos);
    if (at >= text_.size()) return;
    const char quote = text_[at];
    if (quote != '"' && quote != '\'') return;
    while (++at < text_.size()) {
      if (quote == '"' && text_[at] == '\\') {
        ++at;
      } else if (text_[at] == quote) {
        // Two single quotes stand for one.
        if (quote == '"' || at + 1 >= text_.size() || text_[at + 1] != quote) return;
        ++at;
      }
    }
    throw Refusal{mark, "a quote opens here and is never closed", "close it"};
  }
  void start(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag) {
    check_tag(mark, tag);
    refuse_as_key(mark);
    if (levels_.size() >= limits::kYamlDepth) {
      throw Refusal{mark, fmt::format("the document is nested more than {} deep", limits::kYamlDepth), ""};
    }
    levels_.push_back({node(kind, mark), {}, false});
  }
  void finish() {
    YamlNode done = std::move(levels_.back().node);
    levels_.pop_back();
    add(std::move(done));
  }
  [[nodiscard]] bool expects_key() const {
    return !levels_.empty() && levels_.back().node.kind == YamlNode::Kind::kMapping && !levels_.back().has_key;
  }
  void refuse_as_key(const YAML::Mark& mark) const {
    if (expects_key()) throw Refusal{mark, "a key must be a plain text", "write key: value"};
  }
  void add(YamlNode value) {
    if (levels_.empty()) {
      root_ = std::move(value);
      return;
    }
    Level& level = levels_.back();
    if (expects_key()) {
      add_key(level, std::move(value));
    } else if (level.node.kind == YamlNode::Kind::kMapping) {
      level.node.entries.back().value = std::move(value);
      level.has_key = false;
    } else {
      level.node.items.push_back(std::move(value));
    }
  }
  static void add_key(Level& level, YamlNode key) {
    YAML::Mark mark;
    mark.line = static_cast<int>(key.line - 1);
    mark.column = static_cast<int>(key.column - 1);
    if (key.kind != YamlNode::Kind::kScalar) throw Refusal{mark, "a key must be a plain text", "write key: value"};
    if (!level.keys.insert(key.scalar).second) {
      throw Refusal{mark, fmt::format("the key \"{}\" stands twice", key.scalar), "remove one of them"};
    }
    level.node.entries.push_back({std::move(key.scalar), key.line, key.column, {}});
    level.has_key = true;
  }

  std::string_view text_;
  std::vector<Level> levels_;
  YamlNode root_;
  int documents_ = 0;
};

std::unexpected<Error> refuse(std::string_view file, const YAML::Mark& mark, std::string reason, std::string hint) {
  return fail(Error(ErrorCode::kInvalidArgument, std::move(reason))
                  .at(std::string(file), mark.line + 1, mark.column + 1)
                  .with_hint(std::move(hint)));
}

std::unexpected<Error> refuse_byte(std::string_view text, std::string_view file, std::size_t at, std::string reason) {
  const std::string_view before = text.substr(0, at);
  YAML::Mark mark;
  mark.line = static_cast<int>(std::ranges::count(before, '\n'));
  mark.column = static_cast<int>(at - (before.rfind('\n') + 1));  // npos + 1 is 0
  return refuse(file, mark, std::move(reason), "save the file as UTF-8");
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto found = std::ranges::find(entries, key, &YamlEntry::key);
  return found == entries.end() ? nullptr : &found->value;
}

Result<YamlNode> parse_yaml(std::string_view text, std::string_view file) {
  if (text.size() > limits::kYamlBytes) {
    return fail(
        Error(ErrorCode::kLimit, fmt::format("the file has {} bytes, more than {}", text.size(), limits::kYamlBytes))
            .at(std::string(file)));
  }
  // yaml-cpp silently replaces what it cannot read as text.
  if (const auto bad = text.find('\0'); bad != std::string_view::npos) {
    return refuse_byte(text, file, bad, "a zero byte: this is no text file");
  }
  if (const auto bad = find_invalid_utf8(text)) {
    return refuse_byte(text, file, *bad, "this byte is not UTF-8");
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // so that places are counted as we do
  TreeBuilder builder(text);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refusal& refusal) {
    return refuse(file, refusal.mark, refusal.reason, refusal.hint);
  } catch (const YAML::Exception& error) {
    return refuse(file, error.mark, "this is not YAML: " + error.msg, "check indentation, colons and quotes here");
  }
  return builder.take();
}

}  // namespace argosy::core
