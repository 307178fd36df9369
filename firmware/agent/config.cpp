// SPDX-License-Identifier: Apache-2.0
#include "agent/config.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <limits>
#include <optional>

#include <toml++/toml.h>

namespace scanferry::firmware {
namespace {

/// More help nobody, and each costs the PACS a process or a thread.
constexpr std::int64_t kAssociationsMax = 16;
/// In kilobytes a second. Below, one PDU would take longer than a peer waits.
constexpr std::int64_t kPaceMin = 16;
constexpr std::int64_t kPaceMax = 10'000'000;

/// Reads one table; keeps the first failure, so that the readers below need no branches.
class TableReader {
 public:
  TableReader(const toml::table& table, std::string_view file, std::string name, std::optional<Failure>& failure)
      : table_{table}, file_{file}, name_{std::move(name)}, failure_{failure} {}

  void string(std::string_view key, std::string& into) {
    if (const auto* node = find(key)) {
      if (const auto value = node->value_exact<std::string>()) {
        into = *value;
      } else {
        fail(*node, key, "must be text in quotes");
      }
    }
  }
  void strings(std::string_view key, std::vector<std::string>& into) {
    const auto* node = find(key);
    if (node == nullptr) return;
    const auto* list = node->as_array();
    if (list == nullptr || !list->is_homogeneous<std::string>()) return fail(*node, key, "must be a list of texts in quotes");
    for (const auto& one : *list) into.push_back(**one.as_string());
  }
  void boolean(std::string_view key, bool& into) {
    if (const auto* node = find(key)) {
      if (const auto value = node->value_exact<bool>()) {
        into = *value;
      } else {
        fail(*node, key, "must be true or false");
      }
    }
  }
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t low, std::int64_t high) {
    const auto* node = find(key);
    if (node == nullptr) return std::nullopt;
    const auto value = node->value_exact<std::int64_t>();
    if (value && *value >= low && *value <= high) return value;
    fail(*node, key, text("must be a whole number from ", low, " to ", high));
    return std::nullopt;
  }
  /// A key in seconds, fractions allowed.
  void seconds(std::string_view key, core::Millis& into, double low, double high) {
    const auto* node = find(key);
    if (node == nullptr) return;
    const auto value = node->is_number() ? node->value<double>() : std::nullopt;
    if (value && *value >= low && *value <= high) {
      into = core::Millis{static_cast<std::int64_t>(*value * 1000.0)};
    } else {
      fail(*node, key, text("must be a number of seconds from ", number(low), " to ", number(high)));
    }
  }
  void megabytes(std::string_view key, std::uint64_t& into, std::int64_t low) {
    if (const auto value = integer(key, low, 1'000'000'000)) into = static_cast<std::uint64_t>(*value) * 1'000'000U;
  }
  void port(std::string_view key, std::uint16_t& into, std::int64_t low) {
    if (const auto value = integer(key, low, 65535)) into = static_cast<std::uint16_t>(*value);
  }
  void aet(std::string_view key, dimse::AeTitle& into) {
    std::string value;
    string(key, value);
    if (const auto* node = find(key); node != nullptr && !dimse::is_valid_ae_title(value)) {
      fail(*node, key, "must be an AE title: 1 to 16 characters, no backslash");
    }
    into = dimse::AeTitle{value};
  }
  void absolute_path(std::string_view key, std::string& into) {
    string(key, into);
    if (const auto* node = find(key); node != nullptr && (into.empty() || into.front() != '/')) {
      fail(*node, key, "must be an absolute path");
    }
    while (into.size() > 1 && into.back() == '/') into.pop_back();
  }
  void require(std::string_view key) {
    if (find(key) == nullptr) fail_at(table_.source().begin.line, text("'", key, "' is missing in ", where()));
  }
  void allow(std::initializer_list<std::string_view> keys) {
    for (const auto& [key, node] : table_) {
      if (std::ranges::find(keys, key.str()) != keys.end()) continue;
      std::string known;
      for (const auto k : keys) known += text(known.empty() ? "" : ", ", k);
      fail_at(key.source().begin.line, text("unknown key '", key.str(), "' in ", where(), "; known: ", known));
    }
  }
  void fail(const toml::node& node, std::string_view key, std::string_view what) {
    fail_at(node.source().begin.line, text("'", key, "' in ", where(), " ", what));
  }
  [[nodiscard]] const toml::node* find(std::string_view key) const { return table_.get(key); }

 private:
  static std::string number(double value) {
    auto digits = std::to_string(value);
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
    return digits;
  }
  [[nodiscard]] std::string where() const { return name_.empty() ? "the top level" : text("[", name_, "]"); }
  void fail_at(std::uint32_t line, const std::string& what) {
    if (!failure_) failure_ = Failure{Trouble::bad_input, text(file_, ":", std::max(line, 1U), ": ", what)};
  }

  const toml::table& table_;
  std::string_view file_;
  std::string name_;
  std::optional<Failure>& failure_;
};

bool is_within(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

class ConfigReader {
 public:
  ConfigReader(const toml::table& root, std::string_view file) : root_{root}, file_{file} {}

  Result<AgentConfig> read() {
    auto top = reader(root_, "");
    top.allow({"aet", "spool", "listen", "device", "retry", "health", "stop_seconds", "destination", "watch"});
    top.require("aet");
    top.aet("aet", config_.aet);
    top.seconds("stop_seconds", config_.stop_within, 0, 3600);
    top.require("spool");
    section("spool", [this](TableReader& t) { read_spool(t); });
    section("listen", [this](TableReader& t) { read_listen(t); });
    section("device", [this](TableReader& t) { read_device(t); });
    section("retry", [this](TableReader& t) { read_retry(t); });
    section("health", [this](TableReader& t) { read_health(t); });
    each("destination", [this](TableReader& t) { read_destination(t); });
    each("watch", [this](TableReader& t) { read_watch(t); });
    top.require("destination");
    if (failure_) return std::unexpected{*failure_};
    return std::move(config_);
  }

 private:
  TableReader reader(const toml::table& table, std::string name) { return {table, file_, std::move(name), failure_}; }

  template <class Read>
  void section(std::string_view name, Read read) {
    const auto* node = root_.get(name);
    if (node == nullptr) return;
    if (const auto* table = node->as_table()) {
      auto t = reader(*table, std::string{name});
      read(t);
    } else {
      reader(root_, "").fail(*node, name, text("must be a table: write [", name, "]"));
    }
  }
  template <class Read>
  void each(std::string_view name, Read read) {
    const auto* node = root_.get(name);
    if (node == nullptr) return;
    const auto* array = node->as_array();
    if (array == nullptr || !array->is_homogeneous(toml::node_type::table)) {
      reader(root_, "").fail(*node, name, text("must be a list of tables: write [[", name, "]]"));
      return;
    }
    for (const auto& item : *array) {
      auto t = reader(*item.as_table(), std::string{name});
      read(t);
    }
  }

  void read_spool(TableReader& t) {
    t.allow({"path", "max_mb", "min_free_mb", "keep_stored_hours"});
    t.require("path");
    t.absolute_path("path", config_.spool.path);
    t.megabytes("max_mb", config_.spool.max_bytes, 1);
    t.megabytes("min_free_mb", config_.spool.min_free_bytes, 0);
    if (const auto hours = t.integer("keep_stored_hours", 0, 100'000)) config_.spool.keep_stored = core::Millis{*hours * 3'600'000};
  }
  void read_listen(TableReader& t) {
    t.allow({"port", "address", "store", "callers", "sop_classes", "tls", "tls_profile", "tls_ca", "tls_certificate", "tls_key", "tls_pins"});
    config_.listen.enabled = true;
    t.boolean("store", config_.listen.takes_objects);
    t.strings("callers", config_.listen.callers);
    t.strings("sop_classes", config_.listen.sop_classes);
    t.port("port", config_.listen.port, 0);
    t.string("address", config_.listen.address);
    read_security(t, config_.listen.security, check_listening);
  }
  void read_device(TableReader& t) {
    t.allow({"manufacturer", "model_name", "serial_number", "station_name", "institution_name"});
    t.string("manufacturer", config_.device.manufacturer);
    t.string("model_name", config_.device.model_name);
    t.string("serial_number", config_.device.serial_number);
    t.string("station_name", config_.device.station_name);
    t.string("institution_name", config_.device.institution_name);
  }
  void read_retry(TableReader& t) {
    t.allow({"first_seconds", "longest_seconds"});
    t.seconds("first_seconds", config_.retry.first, 0.01, 3600);
    t.seconds("longest_seconds", config_.retry.longest, 0.01, 86'400);
    if (config_.retry.longest < config_.retry.first) {
      const auto* node = t.find("longest_seconds") != nullptr ? t.find("longest_seconds") : t.find("first_seconds");
      t.fail(*node, "longest_seconds", "must not be less than first_seconds");
    }
  }
  void read_health(TableReader& t) {
    t.allow({"echo_seconds"});
    t.seconds("echo_seconds", config_.echo_interval, 0, 86'400);
  }
  void read_destination(TableReader& t) {
    t.allow({"name", "address", "connect_seconds", "associate_seconds", "response_seconds", "transfer_seconds", "tls", "tls_profile",
             "tls_verify", "tls_ca", "tls_certificate", "tls_key", "tls_name", "tls_pins", "user", "user_passcode_file", "user_token_type",
             "user_token_file", "user_must_confirm", "window", "associations", "linger_seconds", "max_kb_per_second"});
    DestinationConfig d;
    t.require("name");
    t.require("address");
    t.string("name", d.name);
    std::string address;
    t.string("address", address);
    if (const auto* node = t.find("address")) {
      if (auto parsed = parse_address(address)) {
        d.address = *parsed;
      } else {
        t.fail(*node, "address", text(": ", parsed.error().message));
      }
    }
    const auto same_name = [&d](const DestinationConfig& other) { return other.name == d.name; };
    if (const auto* node = t.find("name")) {
      if (d.name.empty() || d.name.find('@') != std::string::npos) t.fail(*node, "name", "must be a short name without '@'");
      if (std::ranges::any_of(config_.destinations, same_name)) t.fail(*node, "name", text("'", d.name, "' is there twice"));
    }
    t.seconds("connect_seconds", d.connect_timeout, 0.1, 3600);
    t.seconds("associate_seconds", d.timeouts.associate, 0.1, 3600);
    t.seconds("response_seconds", d.timeouts.response, 0.1, 86'400);
    t.seconds("transfer_seconds", d.timeouts.transfer, 0.1, 86'400);
    read_security(t, d.security, check);
    read_user(t, d.user);
    if (const auto window = t.integer("window", 1, dimse::kOutstandingMax)) d.window = static_cast<std::uint16_t>(*window);
    if (const auto associations = t.integer("associations", 1, kAssociationsMax)) d.associations = static_cast<std::uint16_t>(*associations);
    if (const auto kb = t.integer("max_kb_per_second", kPaceMin, kPaceMax)) d.bytes_per_second = static_cast<std::uint64_t>(*kb) * 1000;
    t.seconds("linger_seconds", d.linger, 0, 3600);
    config_.destinations.push_back(std::move(d));
  }
  static void read_security(TableReader& t, SecurityConfig& security, Result<void> (*check_it)(const SecurityConfig&)) {
    t.boolean("tls", security.is_wanted);
    t.string("tls_profile", security.profile);
    t.string("tls_verify", security.verify);
    t.absolute_path("tls_ca", security.ca);
    t.absolute_path("tls_certificate", security.certificate);
    t.absolute_path("tls_key", security.key);
    t.string("tls_name", security.name);
    t.strings("tls_pins", security.pins);
    if (const auto meant = check_it(security); !meant) t.fail(*t.find("tls"), "tls", text(": ", meant.error().message));
    // What nobody looks at makes believe.
    for (const std::string_view key : {"tls_profile", "tls_verify", "tls_ca", "tls_certificate", "tls_key", "tls_name", "tls_pins"}) {
      if (const auto* node = t.find(key); node != nullptr && !security.is_wanted) t.fail(*node, key, "says nothing without tls = true");
    }
  }
  static void read_user(TableReader& t, UserConfig& user) {
    t.string("user", user.name);
    t.absolute_path("user_passcode_file", user.passcode_file);
    t.string("user_token_type", user.token_type);
    t.absolute_path("user_token_file", user.token_file);
    t.boolean("user_must_confirm", user.must_confirm);
    const auto meant = check(user);
    if (meant) return;
    for (const auto* key : {"user_passcode_file", "user_token_type", "user_token_file", "user_must_confirm"}) {
      if (const auto* node = t.find(key)) return t.fail(*node, key, text(": ", meant.error().message));
    }
  }
  void read_watch(TableReader& t) {
    t.allow({"path", "poll_seconds", "settle_seconds", "incomplete_seconds", "after_accept"});
    WatchConfig w;
    t.require("path");
    t.absolute_path("path", w.path);
    const auto overlaps = [&w](const WatchConfig& other) { return is_within(w.path, other.path) || is_within(other.path, w.path); };
    if (const auto* node = t.find("path"); node != nullptr && std::ranges::any_of(config_.watches, overlaps)) {
      t.fail(*node, "path", "is watched already, or lies in a watched folder, or around one");
    }
    t.seconds("poll_seconds", w.poll, 0.05, 3600);
    t.seconds("settle_seconds", w.settle, 0, 3600);
    t.seconds("incomplete_seconds", w.incomplete_after, 0, 86'400);
    std::string after = "delete";
    t.string("after_accept", after);
    if (after != "delete" && after != "keep") t.fail(*t.find("after_accept"), "after_accept", "must be \"delete\" or \"keep\"");
    w.after_accept = after == "keep" ? AfterAccept::keep : AfterAccept::remove;
    config_.watches.push_back(std::move(w));
  }

  const toml::table& root_;
  std::string_view file_;
  std::optional<Failure> failure_;
  AgentConfig config_;
};

}  // namespace

Result<AgentConfig> parse_config(std::string_view toml, std::string_view file) {
  const auto parsed = toml::parse(toml, file);
  if (!parsed) {
    const auto& error = parsed.error();
    return bad_input(file, ":", error.source().begin.line, ": ", error.description());
  }
  return ConfigReader{parsed.table(), file}.read();
}

Result<DestinationConfig> find_destination(const AgentConfig& config, std::string_view name) {
  for (const auto& d : config.destinations) {
    if (d.name == name) return d;
  }
  if (name.find('@') == std::string_view::npos) {
    std::string known;
    for (const auto& d : config.destinations) known += text(known.empty() ? "" : ", ", d.name);
    return bad_input("'", name, "' is neither an address, AET@host:port, nor a destination of the config, which has ",
                     known.empty() ? "none (see --config)" : known);
  }
  auto address = parse_address(name);
  if (!address) return std::unexpected{address.error()};
  DestinationConfig d;
  d.name = name;
  d.address = *address;
  return d;
}

}  // namespace scanferry::firmware
