/// \file
/// Any answer as named fields: for `kiln explain --answer`, logs, and the golden rows.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/result.h"

namespace kiln::mmc {

/// A number, a text, or a list of texts (repeated descriptors, one text each).
using FieldValue = std::variant<std::int64_t, std::string, std::vector<std::string>>;

struct Field {
    std::string name;  // the standard's field in snake_case, `disc_status`
    FieldValue value;
    std::string_view words;  // what the number means, where a table says so

    friend bool operator==(const Field&, const Field&) = default;
};

using FieldList = std::vector<Field>;

/// What an answer says.
struct Answer {
    std::string_view name;  // "READ DISC INFORMATION, standard"
    FieldList fields;       // only those whose bytes came
    bool complete = true;   // false: the answer announces more than came
};

/// Why there are no fields.
enum class ExplainError : std::uint8_t {
    UnknownCommand,  // no command of this name, or none whose answer has fields
    UnknownFormat,   // the command has no such format; or it needs a CDB to tell the format
    TooShort,
    WrongType,  // the answer says of itself that it is something else
};

/// The first one with this name, or null.
[[nodiscard]] const Field* find(const FieldList& fields, std::string_view name);

/// Reads `bytes` as the answer of `command`, which is the standard's name, `READ DISC INFORMATION`;
/// case, blanks and punctuation do not count. Which format is meant is taken from `cdb` if it is
/// there; else from words behind the name (`READ TOC/PMA/ATIP 4`, `GET PERFORMANCE 3`, `INQUIRY
/// 80`, `READ DISC STRUCTURE BD 00`); else from the answer itself, or it is the first one.
[[nodiscard]] Result<Answer, ExplainError> explain_answer(std::string_view command, ByteView cdb,
                                                          ByteView bytes);

/// The same by a CDB alone.
[[nodiscard]] Result<Answer, ExplainError> explain_answer(ByteView cdb, ByteView bytes);

/// One feature descriptor, or one mode page, as fields.
[[nodiscard]] Result<Answer, ExplainError> explain_feature(ByteView bytes);
[[nodiscard]] Result<Answer, ExplainError> explain_mode_page(ByteView bytes);

/// Sense data of either format, with every field that came.
///
/// Spec:    SPC, fixed and descriptor format sense data
/// Errors:  TooShort: none; WrongType: another response code
[[nodiscard]] Result<Answer, ExplainError> explain_sense(ByteView bytes);

/// The names that explain_answer() takes.
[[nodiscard]] std::span<const std::string_view> answered_commands();

[[nodiscard]] std::string_view words(ExplainError error);

}  // namespace kiln::mmc
