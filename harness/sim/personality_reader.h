/// \file
/// Strict reading of a TOML table: every key is known, of its type and in range, or it is an error
/// that says where. The first error stays.

#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Header only: the shared library of Debian would have to be where the program goes.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <fmt/format.h>
// Of a text that is not TOML this version asserts, before it says so in an error; without the
// assertion it goes on and says it.
#define TOML_ASSERT(expr) static_assert(true)
#include <toml++/toml.h>

#include "harness/sim/speed_curve.h"

namespace kiln::harness {

/// What went wrong first; shared by all readers of one file.
struct ReadFailure {
    std::string text;  // empty: nothing yet
    void set(const std::string& where, const std::string& what) {
        if (text.empty()) {
            text = where + ": " + what;
        }
    }
};

/// "00 01 0b 08" to its bytes; nothing for other text.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> bytes_of_text(std::string_view text);

class TableReader {
public:
    TableReader(const toml::table& table, std::string where, ReadFailure& failure)
        : table_(&table), where_(std::move(where)), failure_(&failure) {}

    [[nodiscard]] bool has(std::string_view key) const { return table_->contains(key); }
    void fail(std::string_view key, const std::string& what) const {
        failure_->set(path(key), what);
    }

    /// Missing keys leave `out` as it is, unless they are required.
    void read(std::string_view key, std::string& out, std::size_t most);
    void read(std::string_view key, bool& out);
    void read_bytes(std::string_view key, std::vector<std::uint8_t>& out, std::size_t most);
    void read_milliseconds(std::string_view key, Duration& out) { read_time(key, out, 1e6); }
    void read_seconds(std::string_view key, Duration& out) { read_time(key, out, 1e9); }

    template <std::unsigned_integral Number>
    void read(std::string_view key, Number& out,
              std::uint64_t most = std::numeric_limits<Number>::max()) {
        if (const auto value = integer(key, most)) {
            out = static_cast<Number>(*value);
        }
    }

    /// One of a few words.
    template <typename Value>
    void read_word(std::string_view key, Value& out,
                   std::span<const std::pair<std::string_view, Value>> words) {
        std::string word;
        read(key, word, 64);
        if (!has(key) || !failure_->text.empty()) {
            return;
        }
        for (const auto& [name, value] : words) {
            if (name == word) {
                out = value;
                return;
            }
        }
        fail(key, fmt::format("'{}' is none of {}", word, names_of(words)));
    }

    void require(std::string_view key) const {
        if (!has(key)) {
            fail(key, "missing");
        }
    }

    /// Calls `read` with a reader of the table there, if it is there.
    template <typename Read>
    void table(std::string_view key, Read&& read) {
        if (const toml::node* const node = take(key)) {
            if (const toml::table* const inner = node->as_table()) {
                TableReader reader(*inner, path(key), *failure_);
                read(reader);
                reader.finish();
            } else {
                fail(key, "not a table");
            }
        }
    }
    /// Calls `read` with a reader of each table of an array.
    template <typename Read>
    void tables(std::string_view key, Read&& read) {
        each(key, [&](const toml::node& node, const std::string& where) {
            if (const toml::table* const inner = node.as_table()) {
                TableReader reader(*inner, where, *failure_);
                read(reader);
                reader.finish();
            } else {
                failure_->set(where, "not a table");
            }
        });
    }
    /// Calls `read(text, where)` for each string of an array.
    template <typename Read>
    void strings(std::string_view key, Read&& read) {
        each(key, [&](const toml::node& node, const std::string& where) {
            if (const auto* const text = node.as_string()) {
                read(std::string_view(text->get()), where);
            } else {
                failure_->set(where, "not a string");
            }
        });
    }
    /// Calls `read(reader, name)` for each table in this one, in the order of the file's keys.
    template <typename Read>
    void each_table(Read&& read) {
        for (const auto& [key, node] : *table_) {
            table(key.str(), [&](TableReader& reader) { read(reader, key.str()); });
        }
    }

    /// What nobody asked for is not known.
    void finish() const;

private:
    [[nodiscard]] std::string path(std::string_view key) const {
        return where_.empty() ? std::string(key) : where_ + "." + std::string(key);
    }
    const toml::node* take(std::string_view key) {
        taken_.emplace(key);
        return table_->get(key);
    }
    std::optional<std::uint64_t> integer(std::string_view key, std::uint64_t most);
    void read_time(std::string_view key, Duration& out, double nanos);

    template <typename Words>
    static std::string names_of(const Words& words) {
        std::string text;
        for (const auto& word : words) {
            text += (text.empty() ? "" : ", ") + std::string(word.first);
        }
        return text;
    }

    template <typename Read>
    void each(std::string_view key, Read&& read) {
        const toml::node* const node = take(key);
        if (node == nullptr) {
            return;
        }
        const toml::array* const array = node->as_array();
        if (array == nullptr) {
            fail(key, "not an array");
            return;
        }
        std::size_t index = 0;
        for (const toml::node& element : *array) {
            read(element, fmt::format("{}[{}]", path(key), index++));
        }
    }

    const toml::table* table_;
    std::string where_;
    ReadFailure* failure_;
    std::set<std::string, std::less<>> taken_;
};

}  // namespace kiln::harness
