#include "mmc/responses/codec.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/result.h"

namespace kiln::mmc::detail {

Result<Honoured, DecodeError> honour(ByteView bytes, LengthField length, std::size_t minimum) {
    if (bytes.size() < std::max(minimum, length.offset + length.width)) {
        return tl::make_unexpected(DecodeError::TooShort);
    }
    const auto announced =
        load_big_endian<std::uint64_t>(bytes, length.offset, length.width) + length.before;
    return honour_fixed(bytes, announced, minimum);
}

Result<Honoured, DecodeError> honour_fixed(ByteView bytes, std::size_t size, std::size_t minimum) {
    const std::size_t announced = size == 0 ? bytes.size() : size;
    const std::size_t received = std::min(bytes.size(), announced);
    if (received < minimum) {
        return tl::make_unexpected(DecodeError::TooShort);
    }
    return Honoured{.extent = {.announced = announced, .received = received},
                    .bytes = bytes.first(received)};
}

ByteView from(ByteView bytes, std::size_t offset) {
    return bytes.subspan(std::min(offset, bytes.size()));
}

std::string text_at(ByteView bytes, std::size_t offset, std::size_t size) {
    const ByteView rest = from(bytes, offset);
    const ByteView field = rest.first(std::min(size, rest.size()));
    return without_trailing_blanks({field.begin(), field.end()});
}

std::string without_trailing_blanks(std::string text) {
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

void Writer::fail(EncodeError error) {
    if (state_) {
        state_ = tl::make_unexpected(error);
    }
}

void Writer::rows(std::span<const Row> rows, const void* value, std::size_t base) {
    const auto written = encode_into(rows, value, MutableByteView(bytes_).subspan(base));
    if (!written) {
        fail(written.error());
    }
}

void Writer::append_rows(std::span<const Row> rows, const void* value, std::size_t size) {
    const std::size_t base = bytes_.size();
    bytes_.resize(base + size);
    this->rows(rows, value, base);
}

void Writer::append(ByteView bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void Writer::number(std::size_t offset, std::size_t width, std::uint64_t value) {
    if (width < 8 && value >> (8U * width) != 0) {
        fail(EncodeError::FieldOverflow);
        return;
    }
    store_big_endian(MutableByteView(bytes_), offset, width, value);
}

void Writer::text(std::size_t offset, std::size_t size, std::string_view text, char fill) {
    if (text.size() > size) {
        fail(EncodeError::FieldOverflow);
        return;
    }
    const auto field = MutableByteView(bytes_).subspan(offset, size);
    std::ranges::fill(field, static_cast<std::uint8_t>(fill));
    std::ranges::copy(text, field.begin());
}

void Writer::copy(std::size_t offset, ByteView bytes) {
    if (offset > bytes_.size() || bytes.size() > bytes_.size() - offset) {
        fail(EncodeError::FieldOverflow);
        return;
    }
    std::ranges::copy(bytes, MutableByteView(bytes_).subspan(offset).begin());
}

Encoded Writer::finish() {
    return state_.map([this] { return std::move(bytes_); });
}

Encoded Writer::finish(LengthField length) {
    number(length.offset, length.width, bytes_.size() - length.before);
    return finish();
}

std::string_view word_in(std::span<const Word> words, std::int64_t value) {
    const auto found = std::ranges::find(words, value, &Word::value);
    return found == words.end() ? "unknown" : found->text;
}

}  // namespace kiln::mmc::detail
