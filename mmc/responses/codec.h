/// \file
/// What the readers and writers of answers share. For the sources of mmc/ only.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/result.h"

namespace kiln::mmc::detail {

/// Where an answer says how long it is.
struct LengthField {
    std::size_t offset = 0;
    std::size_t width = 2;
    std::size_t before = 2;  // bytes of the answer that the number does not count
};

/// The bytes of an answer that count: no more than came, and no more than it announces.
struct Honoured {
    Extent extent;
    ByteView bytes;
};

/// Errors:  TooShort if fewer than `minimum` bytes count
[[nodiscard]] Result<Honoured, DecodeError> honour(ByteView bytes, LengthField length,
                                                   std::size_t minimum);

/// The same for answers without a length field: `size` bytes, or all if 0.
[[nodiscard]] Result<Honoured, DecodeError> honour_fixed(ByteView bytes, std::size_t size,
                                                         std::size_t minimum);

/// `bytes` from `offset` on, or nothing.
[[nodiscard]] ByteView from(ByteView bytes, std::size_t offset);

/// The characters from `offset` on, as far as they came, without the blanks at their end.
[[nodiscard]] std::string text_at(ByteView bytes, std::size_t offset, std::size_t size);
[[nodiscard]] std::string without_trailing_blanks(std::string text);

/// Writes an answer: zeros, then rows, then its length.
class Writer {
public:
    explicit Writer(std::size_t size) : bytes_(size) {}

    /// Rows of `value`, their offsets counted from `base`.
    void rows(std::span<const Row> rows, const void* value, std::size_t base = 0);
    /// Appends `size` zero bytes, and rows into them.
    void append_rows(std::span<const Row> rows, const void* value, std::size_t size);
    void append(ByteView bytes);
    void number(std::size_t offset, std::size_t width, std::uint64_t value);
    /// `text` at `offset`, the rest of `size` filled with `fill`.
    void text(std::size_t offset, std::size_t size, std::string_view text, char fill);
    /// Copies as much of `bytes` as there is room for at `offset`; more is an error.
    void copy(std::size_t offset, ByteView bytes);
    void resize(std::size_t size) { bytes_.resize(size); }

    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] Encoded finish();
    /// With the length of what was written in its field.
    [[nodiscard]] Encoded finish(LengthField length);

private:
    void fail(EncodeError error);

    std::vector<std::uint8_t> bytes_;
    Result<void, EncodeError> state_;
};

/// Element `Index` of an array member, big-endian in bytes `first` to `last`.
template <auto Member, std::size_t Index>
constexpr Row element(std::string_view name, std::size_t first, std::size_t last) {
    using Command = typename MemberOf<decltype(Member)>::Command;
    return {
        .name = name,
        .last = last,
        .low = 0,
        .width = static_cast<unsigned>(8U * (last - first + 1U)),
        .get =
            [](const void* value) {
                return static_cast<std::int64_t>(
                    (static_cast<const Command*>(value)->*Member)[Index]);
            },
        .set =
            [](void* value, std::int64_t number) {
                auto& field = (static_cast<Command*>(value)->*Member)[Index];
                field = static_cast<std::remove_reference_t<decltype(field)>>(number);
            },
    };
}

/// A number whose bytes do not stand together: its low byte ...
template <auto Member>
constexpr Row low_byte(std::string_view name, std::size_t byte) {
    using Command = typename MemberOf<decltype(Member)>::Command;
    return {
        .name = name,
        .last = byte,
        .low = 0,
        .width = 8,
        .get =
            [](const void* value) {
                return static_cast<std::int64_t>(static_cast<const Command*>(value)->*Member &
                                                 0xFFU);
            },
        .set =
            [](void* value, std::int64_t number) {
                auto& field = static_cast<Command*>(value)->*Member;
                field = static_cast<std::uint16_t>((field & 0xFF00U) |
                                                   (static_cast<unsigned>(number) & 0xFFU));
            },
    };
}

/// ... and its high one; the name is the low one's with `_msb` behind it.
template <auto Member>
constexpr Row high_byte(std::string_view name, std::size_t byte) {
    using Command = typename MemberOf<decltype(Member)>::Command;
    return {
        .name = name,
        .last = byte,
        .low = 0,
        .width = 8,
        .get =
            [](const void* value) {
                return static_cast<std::int64_t>(
                    static_cast<unsigned>(static_cast<const Command*>(value)->*Member) >> 8U);
            },
        .set =
            [](void* value, std::int64_t number) {
                auto& field = static_cast<Command*>(value)->*Member;
                field = static_cast<std::uint16_t>((field & 0xFFU) |
                                                   (static_cast<unsigned>(number) << 8U));
            },
    };
}

/// The text for `value` in a table of words, or "unknown".
[[nodiscard]] std::string_view word_in(std::span<const Word> words, std::int64_t value);

/// An answer that is rows alone.
template <typename T>
[[nodiscard]] Result<T, DecodeError> decode_rows(std::span<const Row> rows,
                                                 const Result<Honoured, DecodeError>& honoured) {
    if (!honoured) {
        return tl::make_unexpected(honoured.error());
    }
    T value;
    value.extent = honoured->extent;
    decode_present(rows, honoured->bytes, &value);
    return value;
}

}  // namespace kiln::mmc::detail
