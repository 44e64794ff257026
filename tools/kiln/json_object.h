/// \file
/// A JSON object that keeps the order of its members. The JSON library stays behind it, in one
/// source file.

#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::tools {

/// Strings need not be UTF-8: bytes that are not become the replacement character.
class JsonObject {
public:
    JsonObject();
    JsonObject(const JsonObject& other);
    JsonObject(JsonObject&& other) noexcept;
    JsonObject& operator=(const JsonObject& other);
    JsonObject& operator=(JsonObject&& other) noexcept;
    ~JsonObject();

    /// Adds a member, or replaces its value in place.
    template <std::integral T>
    JsonObject& set(std::string_view key, T value) {
        if constexpr (std::same_as<T, bool>) {
            return set_bool(key, value);
        } else if constexpr (std::signed_integral<T>) {
            return set_signed(key, value);
        } else {
            return set_unsigned(key, value);
        }
    }
    JsonObject& set(std::string_view key, double value);
    JsonObject& set(std::string_view key, std::string_view value);
    JsonObject& set(std::string_view key, const char* value) {
        return set(key, std::string_view(value));
    }
    JsonObject& set(std::string_view key, const JsonObject& value);
    JsonObject& set(std::string_view key, const std::vector<JsonObject>& values);
    JsonObject& set(std::string_view key, const std::vector<std::string>& values);
    JsonObject& set(std::string_view key, const std::vector<std::uint64_t>& values);
    JsonObject& set_null(std::string_view key);
    /// null where there is none.
    template <typename T>
    JsonObject& set(std::string_view key, const std::optional<T>& value) {
        return value ? set(key, *value) : set_null(key);
    }

    /// Adds all members of `other` behind those that are here.
    JsonObject& merge(const JsonObject& other);

    [[nodiscard]] bool has(std::string_view key) const;
    /// On one line, without the line feed.
    [[nodiscard]] std::string line() const;

private:
    struct Members;
    JsonObject& set_bool(std::string_view key, bool value);
    JsonObject& set_signed(std::string_view key, std::int64_t value);
    JsonObject& set_unsigned(std::string_view key, std::uint64_t value);
    std::unique_ptr<Members> members_;
};

}  // namespace kiln::tools
