#include "mmc/fuzz/checks.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "mmc/bytes.h"
#include "mmc/cdb.h"
#include "mmc/commands/catalog.h"
#include "mmc/commands/parameters.h"
#include "mmc/hex.h"
#include "mmc/responses/catalog.h"
#include "mmc/sense.h"

namespace kiln::mmc::fuzz {
namespace {

std::string wrong(std::string_view what, ByteView bytes) {
    return std::string(what) + ": " + to_hex(bytes);
}

std::string check_known(const AnyCommand& command, ByteView bytes) {
    const auto cdb = command.encode();
    if (!cdb) {
        return wrong("decoded, but has no encoding", bytes);
    }
    if (describe(cdb->bytes()).fields != describe(bytes).fields) {
        return wrong("its encoding has other fields", bytes);
    }
    if (line_of(cdb->bytes()) != line_of(bytes)) {
        return wrong("its encoding has another line", bytes);
    }
    const auto again = AnyCommand::decode(cdb->bytes());
    if (!again || again->encode() != cdb) {
        return wrong("its encoding does not decode to itself", bytes);
    }
    return {};
}

bool same_answer(const Answer& a, const Answer& b) {
    return a.name == b.name && a.fields == b.fields && a.complete == b.complete;
}

std::string check_explained(ByteView bytes, const Result<Answer, ExplainError>& answer,
                            const Result<Answer, ExplainError>& again) {
    if (answer.has_value() != again.has_value()) {
        return wrong("an answer once, an error once", bytes);
    }
    if (answer ? !same_answer(*answer, *again) : answer.error() != again.error()) {
        return wrong("two readings differ", bytes);
    }
    if (answer && answer->name.empty()) {
        return wrong("an answer without a name", bytes);
    }
    if (!answer && words(answer.error()).empty()) {
        return wrong("an error without words", bytes);
    }
    return {};
}

template <typename Value>
std::string check_list(ByteView bytes, const Result<Value, DecodeError>& list) {
    if (list && !encode(*list)) {
        return wrong("a parameter list that decodes, but has no encoding", bytes);
    }
    return {};
}

std::string check_parameters(ByteView bytes) {
    if (auto problem = check_list(bytes, decode_format_list(bytes)); !problem.empty()) {
        return problem;
    }
    if (auto problem = check_list(bytes, decode_streaming_descriptor(bytes)); !problem.empty()) {
        return problem;
    }
    if (auto problem = check_list(bytes, decode_timestamp(bytes)); !problem.empty()) {
        return problem;
    }
    const auto cue_sheet = decode_cue_sheet(bytes);
    if (!cue_sheet) {
        return {};
    }
    const auto encoded = encode_cue_sheet(*cue_sheet);
    return encoded && std::ranges::equal(*encoded, bytes)
               ? ""
               : wrong("a cue sheet that does not encode to itself", bytes);
}

std::string check_sense(ByteView bytes) {
    const auto sense = decode_sense(bytes);
    if (describe(sense).empty()) {
        return wrong("sense data without words", bytes);
    }
    const auto kept = bytes.first(std::min(bytes.size(), sense.raw.size()));
    return std::ranges::equal(sense.bytes(), kept) ? "" : wrong("sense data not kept", bytes);
}

}  // namespace

std::string check_cdb(ByteView bytes) {
    const auto words = describe(bytes);
    if (words.name.empty() || line_of(bytes).empty()) {
        return wrong("no words", bytes);
    }
    const bool harmful = effect_of(bytes) == Effect::Unknown || effect_of(bytes) == Effect::Vendor;
    if (harmful == words.known) {
        return wrong("effect and catalog disagree", bytes);
    }
    const auto command = AnyCommand::decode(bytes);
    if (command.has_value() != (words.known && words.complete)) {
        return wrong("decoding and words disagree", bytes);
    }
    if (transfer_of(bytes).has_value() != command.has_value()) {
        return wrong("decoding and transfer disagree", bytes);
    }
    return command ? check_known(*command, bytes) : "";
}

std::string check_answer(ByteView bytes) {
    if (bytes.empty()) {
        return {};
    }
    const std::size_t cdb_size = std::min({std::size_t{bytes[0]}, Cdb::kMaxSize, bytes.size() - 1});
    const auto cdb = bytes.subspan(1, cdb_size);
    const auto answer = bytes.subspan(1 + cdb_size);
    auto problem = check_explained(bytes, explain_answer(cdb, answer), explain_answer(cdb, answer));
    for (const auto name : answered_commands()) {
        if (!problem.empty()) {
            return problem;
        }
        problem = check_explained(bytes, explain_answer(name, cdb, answer),
                                  explain_answer(name, cdb, answer));
    }
    for (const auto& check : {explain_feature, explain_mode_page}) {
        if (problem.empty()) {
            problem = check_explained(bytes, check(answer), check(answer));
        }
    }
    if (problem.empty()) {
        problem = check_parameters(answer);
    }
    return problem.empty() ? check_sense(answer) : problem;
}

}  // namespace kiln::mmc::fuzz
