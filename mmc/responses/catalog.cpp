#include "mmc/responses/catalog.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "mmc/bytes.h"
#include "mmc/cdb.h"
#include "mmc/layout.h"
#include "mmc/responses/explain.h"
#include "mmc/responses/toc.h"
#include "mmc/result.h"

namespace kiln::mmc {
namespace {

using explain::Format;

/// What of a whole CDB tells the answer's format. Shorter CDBs are zero there.
Format no_format(const Cdb&) {
    return {};
}
std::uint8_t byte_of(const Cdb& cdb, std::size_t index) {
    return cdb.bytes().size() > index ? cdb.bytes()[index] : std::uint8_t{0};
}
AddressForm form_of(const Cdb& cdb) {
    return (byte_of(cdb, 1) & 0x02U) != 0 ? AddressForm::Msf : AddressForm::Lba;
}
Format toc_format(const Cdb& cdb) {
    // Before MMC-1 the format stood in the control byte's vendor bits; hosts still send it there.
    const unsigned format = byte_of(cdb, 2) & 0xFU;
    return {.number = format != 0 ? format : byte_of(cdb, 9) >> 6U, .form = form_of(cdb)};
}
Format sub_channel_format(const Cdb& cdb) {
    return {.number = byte_of(cdb, 3), .form = form_of(cdb)};
}
Format vital_product_data(const Cdb& cdb) {
    if ((byte_of(cdb, 1) & 0x01U) == 0) {
        return {};
    }
    return {.number = byte_of(cdb, 2)};
}
Format disc_information_type(const Cdb& cdb) {
    return {.number = byte_of(cdb, 1) & 0x07U};
}
Format performance_type(const Cdb& cdb) {
    return {.number = byte_of(cdb, 10)};
}
Format structure_format(const Cdb& cdb) {
    return {.number = byte_of(cdb, 7), .bd = (byte_of(cdb, 1) & 0xFU) == 1};
}
Format key_format(const Cdb& cdb) {
    return {.number = byte_of(cdb, 10) & 0x3FU};
}
Format buffer_mode(const Cdb& cdb) {
    return {.number = byte_of(cdb, 1) & 0x1FU};
}

struct Command {
    std::uint8_t opcode;
    std::string_view name;
    Format (*format)(const Cdb&);
    explain::Explained (*explain)(const Format&, ByteView);
};

constexpr std::array kCommands{
    Command{0x03, "REQUEST SENSE", no_format, explain::request_sense},
    Command{0x04, "FORMAT UNIT", no_format, explain::format_list},
    Command{0x12, "INQUIRY", vital_product_data, explain::inquiry},
    Command{0x23, "READ FORMAT CAPACITIES", no_format, explain::format_capacities},
    Command{0x25, "READ CAPACITY (10)", no_format, explain::capacity},
    Command{0x3C, "READ BUFFER", buffer_mode, explain::buffer},
    Command{0x42, "READ SUB-CHANNEL", sub_channel_format, explain::sub_channel},
    Command{0x43, "READ TOC/PMA/ATIP", toc_format, explain::toc},
    Command{0x46, "GET CONFIGURATION", no_format, explain::configuration},
    Command{0x4A, "GET EVENT STATUS NOTIFICATION", no_format, explain::event_status},
    Command{0x51, "READ DISC INFORMATION", disc_information_type, explain::disc_information},
    Command{0x52, "READ TRACK INFORMATION", no_format, explain::track_information},
    Command{0x54, "SEND OPC INFORMATION", no_format, explain::opc_entry},
    Command{0x55, "MODE SELECT (10)", no_format, explain::mode_select},
    Command{0x5A, "MODE SENSE (10)", no_format, explain::mode_sense},
    Command{0x5C, "READ BUFFER CAPACITY", no_format, explain::buffer_capacity},
    Command{0x5D, "SEND CUE SHEET", no_format, explain::cue_sheet},
    Command{0xA0, "REPORT LUNS", no_format, explain::logical_units},
    Command{0xA4, "REPORT KEY", key_format, explain::report_key},
    Command{0xAB, "READ MEDIA SERIAL NUMBER", no_format, explain::media_serial_number},
    Command{0xAC, "GET PERFORMANCE", performance_type, explain::performance},
    Command{0xAD, "READ DISC STRUCTURE", structure_format, explain::disc_structure},
    Command{0xB6, "SET STREAMING", no_format, explain::streaming},
    Command{0xBD, "MECHANISM STATUS", no_format, explain::mechanism_status},
    Command{0xBF, "SEND DISC STRUCTURE", structure_format, explain::disc_structure},
};

constexpr auto kNames = [] {
    std::array<std::string_view, kCommands.size()> names{};
    std::ranges::transform(kCommands, names.begin(), &Command::name);
    return names;
}();

/// Letters, in lower case, and digits; nothing else.
std::string normalised(std::string_view text) {
    std::string plain;
    for (const char character : text) {
        if (character >= 'A' && character <= 'Z') {
            plain += static_cast<char>(character - 'A' + 'a');
        } else if ((character >= 'a' && character <= 'z') ||
                   (character >= '0' && character <= '9')) {
            plain += character;
        }
    }
    return plain;
}

bool take(std::string& text, std::string_view beginning) {
    if (!text.starts_with(beginning)) {
        return false;
    }
    text.erase(0, beginning.size());
    return true;
}

/// The normalised rest behind a command's name: "4", "msf", "format2", "bd00", "page83h"; nothing
/// if it is none of these.
std::optional<Format> format_in_words(std::string rest) {
    Format format;
    for (bool again = true; again;) {
        again = take(rest, "format") || take(rest, "type") || take(rest, "page") ||
                take(rest, "vpd") || take(rest, "dvd");
        if (take(rest, "bd")) {
            format.bd = again = true;
        } else if (take(rest, "msf")) {
            format.form = AddressForm::Msf;
            again = true;
        }
    }
    if (rest.empty()) {
        return format;
    }
    if (rest.size() > 1 && rest.back() == 'h') {
        rest.pop_back();
    }
    unsigned number = 0;
    for (const char character : rest) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        const auto digit = kDigits.find(character);
        if (digit == std::string_view::npos || number > 0xFU) {
            return std::nullopt;
        }
        number = number << 4U | static_cast<unsigned>(digit);
    }
    format.number = number;
    return format;
}

struct Asked {
    const Command* command = nullptr;
    std::string rest;
};

/// The command whose name is the longest beginning of `text`; "(10)" may be left out.
Asked command_named(std::string_view text) {
    const std::string wanted = normalised(text);
    Asked best;
    std::size_t longest = 0;
    for (const Command& command : kCommands) {
        std::string name = normalised(command.name);
        if (!wanted.starts_with(name) && command.name.ends_with("(10)")) {
            name.resize(name.size() - 2);
        }
        if (wanted.starts_with(name) && name.size() > longest) {
            longest = name.size();
            best = {.command = &command, .rest = wanted.substr(name.size())};
        }
    }
    return best;
}

const Command* command_of(const Cdb& cdb) {
    const auto* const found = std::ranges::find(kCommands, byte_of(cdb, 0), &Command::opcode);
    return cdb.bytes().empty() || found == kCommands.end() ? nullptr : found;
}

}  // namespace

const Field* find(const FieldList& fields, std::string_view name) {
    const auto found = std::ranges::find(fields, name, &Field::name);
    return found == fields.end() ? nullptr : &*found;
}

Result<Answer, ExplainError> explain_answer(std::string_view command, ByteView cdb,
                                            ByteView bytes) {
    const Asked asked = command_named(command);
    if (asked.command == nullptr) {
        return tl::make_unexpected(ExplainError::UnknownCommand);
    }
    auto format = format_in_words(asked.rest);
    if (!format || (format->number && asked.command->format == no_format)) {
        return tl::make_unexpected(ExplainError::UnknownFormat);
    }
    if (!cdb.empty()) {
        format = asked.command->format(Cdb::copy_of(cdb));
    }
    return asked.command->explain(*format, bytes);
}

Result<Answer, ExplainError> explain_answer(ByteView cdb, ByteView bytes) {
    const Cdb whole = Cdb::copy_of(cdb);
    const Command* command = command_of(whole);
    if (command == nullptr) {
        return tl::make_unexpected(ExplainError::UnknownCommand);
    }
    return command->explain(command->format(whole), bytes);
}

std::span<const std::string_view> answered_commands() {
    return kNames;
}

std::string_view words(ExplainError error) {
    switch (error) {
        case ExplainError::UnknownCommand:
            return "no command of this name has an answer with fields";
        case ExplainError::UnknownFormat:
            return "the command has no such format, or needs one";
        case ExplainError::TooShort:
            return "too few bytes for this answer";
        case ExplainError::WrongType:
            return "the bytes say that they are another answer";
    }
    return "unknown error";
}

}  // namespace kiln::mmc
