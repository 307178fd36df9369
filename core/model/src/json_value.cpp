// SPDX-License-Identifier: Apache-2.0
#include "json_value.hpp"

#include <algorithm>
#include <limits>

#include <boost/json/basic_parser_impl.hpp>

namespace scanferry::model {
namespace {

using Code = boost::json::error_code;
using View = boost::json::string_view;

/// Builds the value from what Boost.JSON's parser meets.
class Handler {
 public:
  constexpr static std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  constexpr static std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  constexpr static std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  constexpr static std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return open(JsonValue::Kind::object); }
  bool on_object_end(std::size_t, Code&) { return close(); }
  bool on_array_begin(Code&) { return open(JsonValue::Kind::array); }
  bool on_array_end(std::size_t, Code&) { return close(); }
  bool on_key_part(View part, std::size_t, Code&) { return append(part); }
  bool on_key(View part, std::size_t, Code&) {
    append(part);
    open_.back().names.push_back(std::move(piece_));
    piece_.clear();
    return true;
  }
  bool on_string_part(View part, std::size_t, Code&) { return append(part); }
  bool on_string(View part, std::size_t, Code&) {
    append(part);
    return scalar(JsonValue::Kind::string);
  }
  bool on_number_part(View part, Code&) { return append(part); }
  bool on_int64(std::int64_t, View part, Code&) { return number(part); }
  bool on_uint64(std::uint64_t, View part, Code&) { return number(part); }
  bool on_double(double, View part, Code&) { return number(part); }
  bool on_bool(bool, Code&) { return scalar(JsonValue::Kind::boolean); }
  bool on_null(Code&) { return scalar(JsonValue::Kind::null); }
  bool on_comment_part(View, Code&) { return true; }
  bool on_comment(View, Code&) { return true; }

  JsonValue root;

 private:
  bool append(View part) {
    piece_.append(part.data(), part.size());
    return true;
  }
  bool number(View part) {
    append(part);
    return scalar(JsonValue::Kind::number);
  }
  bool scalar(JsonValue::Kind kind) {
    JsonValue value;
    value.kind = kind;
    value.text = std::move(piece_);
    piece_.clear();
    return put(std::move(value));
  }
  bool open(JsonValue::Kind kind) {
    open_.emplace_back().kind = kind;
    return true;
  }
  bool close() {
    JsonValue value = std::move(open_.back());
    open_.pop_back();
    return put(std::move(value));
  }
  bool put(JsonValue value) {
    if (open_.empty()) {
      root = std::move(value);
    } else {
      open_.back().values.push_back(std::move(value));
    }
    return true;
  }

  std::vector<JsonValue> open_;
  std::string piece_;
};

}  // namespace

const JsonValue* JsonValue::find(std::string_view name) const {
  const auto found = std::ranges::find(names, name);
  return kind == Kind::object && found != names.end() ? &values[static_cast<std::size_t>(found - names.begin())] : nullptr;
}

Result<JsonValue> parse_json(std::string_view text, std::size_t depth_max) {
  boost::json::parse_options options;
  options.max_depth = depth_max;
  boost::json::basic_parser<Handler> parser{options};
  Code code;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), code);
  const auto rest = text.substr(used);
  if (!code && rest.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    return std::unexpected{Error{"there is more behind the JSON value", used, {}}};
  }
  if (code) return std::unexpected{Error{"this is no JSON: " + code.message(), used, {}}};
  return std::move(parser.handler().root);
}

}  // namespace scanferry::model
