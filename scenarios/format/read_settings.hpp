// Reading and writing Kafka's and ZooKeeper's own settings by their dotted names, from the tables
// of model/settings.hpp. They accept Kafka's raw unit (10000) or ours ("10s").
#pragma once
#include <span>
#include <string>
#include <vector>

#include "model/settings.hpp"
#include "scenarios/format/reader.hpp"

namespace isrlab::scenarios {

/// What a setting's value must look like; independent of its owner.
struct SettingRule {
  std::string_view name;
  model::SettingType type;
  std::int64_t minimum;
  std::int64_t maximum;
};

/// Reads one value into stored units (ns, bytes, 0/1). Reports and returns false if it does not
/// fit.
bool read_setting(const SettingRule& rule, const Value& value, const std::string& pointer,
                  Problems& problems, std::int64_t& result);

bool read_text_setting(std::string_view name, model::TextForm form, const Value& value,
                       const std::string& pointer, Problems& problems, std::string& result);

/// The value as the canonical form writes it: "10s", 2, true, "all".
Value setting_value(model::SettingType type, std::int64_t stored);

template <class Config>
std::vector<std::string> setting_names(std::span<const model::Setting<Config>> table) {
  std::vector<std::string> names;
  for (const model::Setting<Config>& setting : table) names.emplace_back(setting.name);
  for (const auto& setting : model::text_settings<Config>()) names.emplace_back(setting.name);
  return names;
}

/// Sets the members of `config` that `object` names; other keys are the caller's business.
template <class Config>
void read_settings(const Value& object, const std::string& pointer,
                   std::span<const model::Setting<Config>> table, Problems& problems,
                   Config& config) {
  for (const model::Setting<Config>& setting : table) {
    const Value* value = object.find(setting.name);
    if (value == nullptr) continue;
    const SettingRule rule{setting.name, setting.type, setting.minimum, setting.maximum};
    read_setting(rule, *value, child_pointer(pointer, setting.name), problems,
                 config.*setting.member);
  }
  for (const auto& setting : model::text_settings<Config>()) {
    const Value* value = object.find(setting.name);
    if (value == nullptr) continue;
    read_text_setting(setting.name, setting.form, *value, child_pointer(pointer, setting.name),
                      problems, config.*setting.member);
  }
}

/// The member "config" of an object: only settings, unknown ones are errors.
template <class Config>
void read_config(ObjectReader& owner, Shape shape, std::span<const model::Setting<Config>> table,
                 Config& config) {
  const Value* value = owner.find("config");
  if (value == nullptr) return;
  const ObjectReader reader(*value, owner.at("config"), shape, owner.problems(),
                            setting_names(table));
  if (reader.valid()) read_settings(*value, owner.at("config"), table, owner.problems(), config);
}

/// Adds all settings that have a value to an object, in table order. "Not set" is stored as a
/// number below the minimum (a topic that inherits, ZooKeeper's session bounds) and left out.
template <class Config>
void add_settings(std::span<const model::Setting<Config>> table, const Config& config,
                  Value& object) {
  for (const model::Setting<Config>& setting : table) {
    const std::int64_t stored = config.*setting.member;
    const bool set = stored >= setting.minimum && stored != model::kInherit;
    if (set) object.set(setting.name, setting_value(setting.type, stored));
  }
  for (const auto& setting : model::text_settings<Config>()) {
    const std::string& text = config.*setting.member;
    if (!text.empty()) object.set(setting.name, Value::of_text(text));
  }
}

}  // namespace isrlab::scenarios
