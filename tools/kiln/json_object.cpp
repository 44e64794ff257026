#include "tools/kiln/json_object.h"

#include <cmath>

#include <nlohmann/json.hpp>

namespace kiln::tools {

using Json = nlohmann::ordered_json;

struct JsonObject::Members {
    Json json = Json::object();
};

JsonObject::JsonObject() : members_(std::make_unique<Members>()) {}
JsonObject::JsonObject(const JsonObject& other)
    : members_(std::make_unique<Members>(*other.members_)) {}
JsonObject::JsonObject(JsonObject&& other) noexcept = default;
JsonObject& JsonObject::operator=(const JsonObject& other) {
    members_ = std::make_unique<Members>(*other.members_);
    return *this;
}
JsonObject& JsonObject::operator=(JsonObject&& other) noexcept = default;
JsonObject::~JsonObject() = default;

JsonObject& JsonObject::set_bool(std::string_view key, bool value) {
    members_->json[std::string(key)] = value;
    return *this;
}

JsonObject& JsonObject::set_signed(std::string_view key, std::int64_t value) {
    members_->json[std::string(key)] = value;
    return *this;
}

JsonObject& JsonObject::set_unsigned(std::string_view key, std::uint64_t value) {
    members_->json[std::string(key)] = value;
    return *this;
}

JsonObject& JsonObject::set(std::string_view key, double value) {
    // A thousandth is below what any of our numbers means, and 2.4 should not read
    // 2.3999999999999999.
    members_->json[std::string(key)] = std::round(value * 1000.0) / 1000.0;
    return *this;
}

JsonObject& JsonObject::set(std::string_view key, std::string_view value) {
    members_->json[std::string(key)] = std::string(value);
    return *this;
}

JsonObject& JsonObject::set(std::string_view key, const JsonObject& value) {
    members_->json[std::string(key)] = value.members_->json;
    return *this;
}

JsonObject& JsonObject::set(std::string_view key, const std::vector<JsonObject>& values) {
    Json array = Json::array();
    for (const JsonObject& value : values) {
        array.push_back(value.members_->json);
    }
    members_->json[std::string(key)] = std::move(array);
    return *this;
}

JsonObject& JsonObject::set(std::string_view key, const std::vector<std::string>& values) {
    members_->json[std::string(key)] = values;
    return *this;
}

JsonObject& JsonObject::set(std::string_view key, const std::vector<std::uint64_t>& values) {
    members_->json[std::string(key)] = values;
    return *this;
}

JsonObject& JsonObject::set_null(std::string_view key) {
    members_->json[std::string(key)] = nullptr;
    return *this;
}

JsonObject& JsonObject::merge(const JsonObject& other) {
    for (const auto& [key, value] : other.members_->json.items()) {
        members_->json[key] = value;
    }
    return *this;
}

bool JsonObject::has(std::string_view key) const {
    return members_->json.contains(std::string(key));
}

std::string JsonObject::line() const {
    return members_->json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace kiln::tools
