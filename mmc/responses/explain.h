/// \file
/// How answers become named fields, one family a source file. For the sources of mmc/ only.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/catalog.h"
#include "mmc/responses/toc.h"
#include "mmc/result.h"

namespace kiln::mmc::explain {

/// Which of a command's answers is meant.
struct Format {
    std::optional<unsigned> number;  // format, type, page ...; the answer or the first one if empty
    bool bd = false;                 // READ DISC STRUCTURE: the media type
    AddressForm form = AddressForm::Lba;
};

using Explained = Result<Answer, ExplainError>;

/// Lower-case hex without blanks, and numbers in upper-case hex of so many digits.
[[nodiscard]] std::string hex_of(ByteView bytes);
[[nodiscard]] std::string hex_number(std::uint64_t value, unsigned digits);
/// 79:59:73, with as many digits as each part needs but two for seconds and frames.
[[nodiscard]] std::string msf_text(Msf msf);

/// Collects fields in order.
class Fields {
public:
    explicit Fields(std::string prefix = {}) : prefix_(std::move(prefix)) {}

    void add(std::string_view name, std::int64_t value, std::string_view words = {});
    void add_text(std::string_view name, std::string value, std::string_view words = {});
    void add_list(std::string_view name, std::vector<std::string> values);
    void add_all(FieldList fields);

    /// The rows whose bytes lie within the first `received` of the answer; rows named X_msb are
    /// put together with row X.
    void rows(std::span<const Row> rows, const void* value, std::size_t received);
    /// Makes the number of field `name`, if it is there, a text of `digits` hex digits.
    void as_hex(std::string_view name, unsigned digits);

    [[nodiscard]] FieldList take() { return std::move(list_); }

private:
    std::string prefix_;
    FieldList list_;
};

/// What sense data say beside key, code and information. `bytes` are not empty.
void add_sense_details(ByteView bytes, Fields& fields);

[[nodiscard]] ExplainError error_of(DecodeError error);

/// `value` explained by `fill(const T&, Fields&)`; "length" is what the answer announces behind its
/// length field, of `before` bytes; none if 0.
template <typename T, typename Fill>
[[nodiscard]] Explained answer(std::string_view name, const Result<T, DecodeError>& value,
                               std::size_t before, Fill&& fill) {
    if (!value) {
        return tl::make_unexpected(error_of(value.error()));
    }
    Fields fields;
    if (before != 0) {
        fields.add("length", static_cast<std::int64_t>(value->extent.announced - before));
    }
    fill(*value, fields);
    return Answer{.name = name, .fields = fields.take(), .complete = value->extent.complete()};
}

/// An answer that is rows alone.
template <typename T>
[[nodiscard]] Explained answer_of_rows(std::string_view name, const Result<T, DecodeError>& value,
                                       std::size_t before, std::span<const Row> rows) {
    return answer(name, value, before, [&](const T& decoded, Fields& fields) {
        fields.rows(rows, &decoded, decoded.extent.received);
    });
}

// One function a command; the family's file says which.
[[nodiscard]] Explained disc_information(const Format& format, ByteView bytes);
[[nodiscard]] Explained track_information(const Format& format, ByteView bytes);
[[nodiscard]] Explained toc(const Format& format, ByteView bytes);
[[nodiscard]] Explained sub_channel(const Format& format, ByteView bytes);
[[nodiscard]] Explained configuration(const Format& format, ByteView bytes);
[[nodiscard]] Explained mode_sense(const Format& format, ByteView bytes);
[[nodiscard]] Explained mode_select(const Format& format, ByteView bytes);
[[nodiscard]] Explained inquiry(const Format& format, ByteView bytes);
[[nodiscard]] Explained event_status(const Format& format, ByteView bytes);
[[nodiscard]] Explained mechanism_status(const Format& format, ByteView bytes);
[[nodiscard]] Explained capacity(const Format& format, ByteView bytes);
[[nodiscard]] Explained buffer_capacity(const Format& format, ByteView bytes);
[[nodiscard]] Explained buffer(const Format& format, ByteView bytes);
[[nodiscard]] Explained logical_units(const Format& format, ByteView bytes);
[[nodiscard]] Explained media_serial_number(const Format& format, ByteView bytes);
[[nodiscard]] Explained request_sense(const Format& format, ByteView bytes);
[[nodiscard]] Explained format_capacities(const Format& format, ByteView bytes);
[[nodiscard]] Explained performance(const Format& format, ByteView bytes);
[[nodiscard]] Explained disc_structure(const Format& format, ByteView bytes);
[[nodiscard]] Explained report_key(const Format& format, ByteView bytes);
[[nodiscard]] Explained streaming(const Format& format, ByteView bytes);
[[nodiscard]] Explained cue_sheet(const Format& format, ByteView bytes);
[[nodiscard]] Explained opc_entry(const Format& format, ByteView bytes);
[[nodiscard]] Explained format_list(const Format& format, ByteView bytes);

}  // namespace kiln::mmc::explain
