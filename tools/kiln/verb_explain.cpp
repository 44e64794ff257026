/// \file
/// kiln explain: what bytes mean, without a drive.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "mmc/commands/catalog.h"
#include "mmc/hex.h"
#include "mmc/responses/catalog.h"
#include "mmc/sense.h"

#include "tools/kiln/bytes_input.h"
#include "tools/kiln/json_object.h"
#include "tools/kiln/verbs.h"

namespace kiln::tools {
namespace {

// Longer than any answer: lengths on the wire have 24 bits at most, and real ones 16.
constexpr std::size_t kMostBytes = 1U << 20U;

/// A name, fields in order, and what some of their values mean.
class Explanation final : public Answer {
public:
    explicit Explanation(std::string name) : name_(std::move(name)) {}

    void add(const std::string& field, std::int64_t value, std::string_view words = {}) {
        fields_.set(field, value);
        lines_ += fmt::format("  {:<40} {}{}{}\n", field, value, words.empty() ? "" : "  ", words);
        add_words(field, words);
    }
    void add_unsigned(const std::string& field, std::uint64_t value, std::string_view words) {
        fields_.set(field, value);
        lines_ += fmt::format("  {:<40} {}{}{}\n", field, value, words.empty() ? "" : "  ", words);
        add_words(field, words);
    }
    void add(const std::string& field, const std::string& value, std::string_view words = {}) {
        fields_.set(field, value);
        lines_ += fmt::format("  {:<40} {}\n", field, value);
        add_words(field, words);
    }
    void add(const std::string& field, const std::vector<std::string>& values,
             std::string_view words = {}) {
        fields_.set(field, values);
        lines_ += fmt::format("  {}\n", field);
        for (const std::string& value : values) {
            lines_ += fmt::format("    {}\n", value);
        }
        add_words(field, words);
    }
    void is_cut(std::string note) { note_ = std::move(note); }
    void means(std::string words) { means_ = std::move(words); }

    [[nodiscard]] std::string event() const override { return "explain"; }
    [[nodiscard]] JsonObject json() const override {
        JsonObject json;
        json.set("name", name_)
            .set("fields", fields_)
            .set("words", words_)
            .set("complete", note_.empty());
        if (!means_.empty()) {
            json.set("means", means_);
        }
        return json;
    }
    [[nodiscard]] std::string text() const override {
        std::string text = name_ + "\n" + lines_;
        text += means_.empty() ? "" : fmt::format("  = {}\n", means_);
        text += note_.empty() ? "" : fmt::format("  ({})\n", note_);
        return text;
    }

private:
    void add_words(const std::string& field, std::string_view words) {
        if (!words.empty()) {
            words_.set(field, words);
        }
    }

    std::string name_;
    JsonObject fields_;
    JsonObject words_;
    std::string lines_;
    std::string note_;
    std::string means_;
};

ExitStatus explain_command(Reporter& reporter, const Bytes& bytes) {
    if (bytes.size() > mmc::Cdb::kMaxSize) {
        return reporter.failed(
            wrong_usage(fmt::format("a command has 16 bytes at most, not {}", bytes.size())));
    }
    const mmc::CommandWords words = mmc::describe(mmc::ByteView(bytes));
    Explanation explanation(words.name);
    for (const mmc::FieldWords& field : words.fields) {
        explanation.add_unsigned(std::string(field.name), field.bits, field.words);
    }
    if (!words.known) {
        explanation.is_cut("kiln does not know this command");
    } else if (!words.complete) {
        explanation.is_cut(fmt::format("cut: {} of {} bytes are there", bytes.size(), words.size));
    }
    return reporter.answer(explanation);
}

void add_all(const mmc::Answer& answer, Explanation& explanation) {
    for (const mmc::Field& field : answer.fields) {
        std::visit([&](const auto& value) { explanation.add(field.name, value, field.words); },
                   field.value);
    }
    if (!answer.complete) {
        explanation.is_cut("cut: it announces more than is there");
    }
}

ExitStatus explain_sense(Reporter& reporter, const Bytes& bytes) {
    const auto answer = mmc::explain_sense(bytes);
    if (!answer) {
        constexpr unsigned kResponseCode = 0x7F;
        return reporter.failed(host_problem(
            "explaining sense data",
            fmt::format("{:02x} is no response code of them", bytes.front() & kResponseCode)));
    }
    Explanation explanation{std::string(answer->name)};
    add_all(*answer, explanation);
    explanation.means(describe(mmc::decode_sense(bytes)));
    return reporter.answer(explanation);
}

Problem problem_of(mmc::ExplainError error, const std::string& command) {
    Problem problem = host_problem(fmt::format("explaining the answer of {}", command),
                                   std::string(mmc::words(error)));
    if (error == mmc::ExplainError::UnknownCommand || error == mmc::ExplainError::UnknownFormat) {
        problem.status = ExitStatus::WrongUsage;
    }
    return problem;
}

ExitStatus explain_answer(Reporter& reporter, const std::string& command, const Bytes& bytes) {
    // A command's own bytes say which of its formats is meant; no name reads as six bytes of hex.
    constexpr std::size_t kShortestCommand = 6;
    const auto cdb = parse_hex(command);
    const bool is_cdb = cdb && cdb->size() >= kShortestCommand;
    const auto answer =
        is_cdb ? mmc::explain_answer(*cdb, bytes) : mmc::explain_answer(command, {}, bytes);
    if (!answer) {
        return reporter.failed(problem_of(answer.error(), command));
    }
    Explanation explanation{std::string(answer->name)};
    add_all(*answer, explanation);
    return reporter.answer(explanation);
}

}  // namespace

ExitStatus run(const Context& context, const ExplainArguments& arguments) {
    const auto bytes = bytes_from(arguments.bytes, kMostBytes);
    if (!bytes) {
        return context.reporter.failed(bytes.error());
    }
    if (bytes->empty()) {
        return context.reporter.failed(host_problem("explaining " + arguments.bytes, "no bytes"));
    }
    if (arguments.sense) {
        return explain_sense(context.reporter, *bytes);
    }
    if (arguments.answer_to) {
        return explain_answer(context.reporter, *arguments.answer_to, *bytes);
    }
    return explain_command(context.reporter, *bytes);
}

}  // namespace kiln::tools
