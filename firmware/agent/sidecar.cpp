// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <optional>

#include <boost/json/object.hpp>
#include <boost/json/stream_parser.hpp>
#include <toml++/toml.h>

#include "agent/acquisition.hpp"

namespace scanferry::firmware {
namespace {

namespace json = boost::json;

/// One acquisition has no more frames than this; a longer list is a mistake.
constexpr std::size_t kFrameFilesMax = 100'000;
constexpr std::size_t kNestingMax = 8;

json::value to_json(const toml::node& node) {
  if (const auto* table = node.as_table()) {
    json::object object;
    for (const auto& [key, value] : *table) object[json::string_view{key.str()}] = to_json(value);
    return object;
  }
  if (const auto* array = node.as_array()) {
    json::array list;
    for (const auto& item : *array) list.push_back(to_json(item));
    return list;
  }
  if (const auto* string = node.as_string()) return json::string{json::string_view{string->get()}};
  if (const auto* integer = node.as_integer()) return integer->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* boolean = node.as_boolean()) return boolean->get();
  return nullptr;  // dates: no key of ours is one, so the reader below says what it wants instead
}

Result<json::value> parse_toml(std::string_view text, std::string_view file) {
  const auto parsed = toml::parse(text, file);
  if (parsed) return to_json(parsed.table());
  return bad_input(file, ":", parsed.error().source().begin.line, ": ", parsed.error().description());
}

Result<json::value> parse_json(std::string_view text, std::string_view file) {
  json::parse_options options;
  options.max_depth = kNestingMax;
  json::stream_parser parser{{}, options};
  json::error_code error;
  const auto read = parser.write_some(text.data(), text.size(), error);
  if (!error && read == text.size()) parser.finish(error);
  if (!error && read == text.size()) return parser.release();
  const auto line = 1 + std::ranges::count(text.substr(0, read), '\n');
  return bad_input(file, ":", line, ": no valid JSON: ", error ? error.message() : "text after the end");
}

/// Reads one object of the sidecar; keeps the first failure.
class ObjectReader {
 public:
  ObjectReader(const json::object& object, std::string_view file, std::string path, std::optional<Failure>& failure)
      : object_{object}, file_{file}, path_{std::move(path)}, failure_{failure} {}

  void string(std::string_view key, std::string& into) {
    const auto* value = find(key);
    if (value == nullptr) return;
    if (const auto* string = value->if_string()) {
      into.assign(string->data(), string->size());
    } else {
      fail(key, "must be text");
    }
  }
  template <class Number>
  void number(std::string_view key, Number& into, std::int64_t low, std::int64_t high) {
    const auto* value = find(key);
    if (value == nullptr) return;
    const auto* integer = value->if_int64();
    if (integer != nullptr && *integer >= low && *integer <= high) {
      into = static_cast<Number>(*integer);
    } else {
      fail(key, text("must be a whole number from ", low, " to ", high));
    }
  }
  void milliseconds(std::string_view key, std::uint32_t& into_us) {
    const auto* value = find(key);
    if (value == nullptr) return;
    const auto ms = value->is_number() ? value->to_number<double>() : -1.0;
    if (ms >= 0.0 && ms <= 3'600'000.0) {
      into_us = static_cast<std::uint32_t>(std::lround(ms * 1000.0));
    } else {
      fail(key, "must be a number of milliseconds from 0 to 3600000");
    }
  }
  void boolean(std::string_view key, bool& into) {
    const auto* value = find(key);
    if (value == nullptr) return;
    if (const auto* flag = value->if_bool()) {
      into = *flag;
    } else {
      fail(key, "must be true or false");
    }
  }
  /// A text that names one of a few things.
  template <class Value, class Parse>
  void choice(std::string_view key, Value& into, Parse parse) {
    std::string name;
    string(key, name);
    if (find(key) == nullptr || failure_) return;
    if (auto value = parse(name)) {
      into = *value;
    } else {
      fail(key, text(": ", value.error().message));
    }
  }
  void file_names(std::string_view key, std::vector<std::string>& into) {
    const auto* value = find(key);
    if (value == nullptr) return;
    const auto* list = value->if_array();
    if (list == nullptr || list->empty() || list->size() > kFrameFilesMax) {
      fail(key, text("must be a list of 1 to ", kFrameFilesMax, " file names"));
      return;
    }
    for (const auto& item : *list) {
      const auto* name = item.if_string();
      if (name == nullptr || !is_plain_name({name->data(), name->size()})) {
        fail(key, "must hold names of files beside this one, without '/'");
        return;
      }
      into.emplace_back(name->data(), name->size());
    }
  }
  void require(std::string_view key) {
    if (find(key) == nullptr) fail(key, "is missing");
  }
  void allow(std::initializer_list<std::string_view> keys) {
    for (const auto& member : object_) {
      const std::string_view name{member.key().data(), member.key().size()};
      if (std::ranges::find(keys, name) == keys.end()) {
        std::string known;
        for (const auto k : keys) known += text(known.empty() ? "" : ", ", k);
        fail(name, text("is not known; known: ", known));
      }
    }
  }
  template <class Read>
  void object(std::string_view key, Read read) {
    const auto* value = find(key);
    if (value == nullptr) return;
    if (const auto* inner = value->if_object()) {
      ObjectReader reader{*inner, file_, text(path_, key, "."), failure_};
      read(reader);
    } else {
      fail(key, "must be an object");
    }
  }
  void fail(std::string_view key, std::string_view what) {
    if (!failure_) failure_ = Failure{Trouble::bad_input, text(file_, ": '", path_, key, "' ", what)};
  }

 private:
  static bool is_plain_name(std::string_view name) {
    return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
           name.find_first_of(std::string_view{"\0\n", 2}) == std::string_view::npos;
  }
  [[nodiscard]] const json::value* find(std::string_view key) const { return object_.if_contains(json::string_view{key}); }

  const json::object& object_;
  std::string_view file_;
  std::string path_;
  std::optional<Failure>& failure_;
};

Result<core::PixelCoding> parse_format(std::string_view name) {
  if (name == "raw") return core::PixelCoding::native;
  if (name == "jpeg") return core::PixelCoding::jpeg_baseline;
  return bad_input("'", name, "' is no format; known: raw, jpeg");
}

void read_patient(ObjectReader& r, Acquisition& a) {
  r.allow({"name", "id", "birth_date", "sex"});
  r.string("name", a.patient_name);
  r.string("id", a.patient_id);
  r.string("birth_date", a.patient_birth_date);
  r.string("sex", a.patient_sex);
}

void read_study(ObjectReader& r, Acquisition& a) {
  r.allow({"instance_uid", "id", "accession_number", "description", "referring_physician", "date", "time"});
  r.string("instance_uid", a.study_instance_uid);
  r.string("id", a.study_id);
  r.string("accession_number", a.accession_number);
  r.string("description", a.study_description);
  r.string("referring_physician", a.referring_physician_name);
  r.string("date", a.study_date);
  r.string("time", a.study_time);
}

void read_series(ObjectReader& r, Acquisition& a) {
  r.allow({"instance_uid", "number", "description", "modality", "body_part", "laterality"});
  r.string("instance_uid", a.series_instance_uid);
  r.number("number", a.series_number, 0, 2'147'483'647);
  r.string("description", a.series_description);
  r.string("modality", a.modality);
  r.string("body_part", a.body_part);
  r.string("laterality", a.laterality);
}

void read_top(ObjectReader& r, Acquisition& a) {
  r.allow({"object", "format", "frames", "rows", "columns", "photometric", "bits_allocated", "bits_stored", "frame_time_ms", "lossy",
           "burned_in_annotation", "instance_number", "date", "time", "timezone", "patient", "study", "series"});
  r.require("frames");
  r.choice("object", a.kind, parse_object_kind);
  r.choice("format", a.coding, parse_format);
  r.file_names("frames", a.frame_files);
  if (a.coding == core::PixelCoding::native) {
    for (const char* key : {"rows", "columns", "photometric"}) r.require(key);
  }
  r.number("rows", a.rows, 1, 65535);
  r.number("columns", a.columns, 1, 65535);
  r.choice("photometric", a.photometric, parse_photometric);
  r.number("bits_allocated", a.bits_allocated, 8, 16);
  a.bits_stored = a.bits_allocated;
  r.number("bits_stored", a.bits_stored, 1, 16);
  r.milliseconds("frame_time_ms", a.frame_time_us);
  r.boolean("lossy", a.lossy);
  r.boolean("burned_in_annotation", a.burned_in_annotation);
  r.number("instance_number", a.instance_number, 0, 2'147'483'647);
  r.string("date", a.content_date);
  r.string("time", a.content_time);
  r.string("timezone", a.timezone_offset);
  r.object("patient", [&a](ObjectReader& inner) { read_patient(inner, a); });
  r.object("study", [&a](ObjectReader& inner) { read_study(inner, a); });
  r.object("series", [&a](ObjectReader& inner) { read_series(inner, a); });
}

}  // namespace

Result<Acquisition> parse_sidecar(std::string_view text, std::string_view file_name) {
  auto parsed = file_name.ends_with(".toml") ? parse_toml(text, file_name) : parse_json(text, file_name);
  if (!parsed) return std::unexpected{parsed.error()};
  const auto* object = parsed->if_object();
  if (object == nullptr) return bad_input(file_name, ": must hold one object");
  std::optional<Failure> failure;
  Acquisition acquisition;
  ObjectReader reader{*object, file_name, "", failure};
  read_top(reader, acquisition);
  if (failure) return std::unexpected{*failure};
  return acquisition;
}

}  // namespace scanferry::firmware
