/// \file
/// kiln cmd: one raw command, with its answer as it came.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "mmc/commands/catalog.h"
#include "mmc/hex.h"

#include "tools/kiln/bytes_input.h"
#include "tools/kiln/drive_session.h"
#include "tools/kiln/json_events.h"
#include "tools/kiln/verbs.h"

namespace kiln::tools {
namespace {

constexpr std::size_t kMostData = 16U << 20U;

/// One command as it will be sent.
struct RawCommand {
    mmc::Cdb cdb;
    std::string words;  // "INQUIRY allocation_length=36"
    std::size_t in = 0;
    Bytes out;
};

std::string_view words_of(mmc::Effect effect) {
    switch (effect) {
        case mmc::Effect::Harmless:
            return "";
        case mmc::Effect::Writes:
            return "it writes to the disc";
        case mmc::Effect::Erases:
            return "it erases the disc";
        case mmc::Effect::Formats:
            return "it formats the disc";
        case mmc::Effect::Firmware:
            return "it can load firmware";
        case mmc::Effect::Vendor:
            return "only the drive's maker knows what it does";
        case mmc::Effect::Unknown:
            break;
    }
    return "kiln does not know what it does";
}

std::string_view words_of(transports::Status status) {
    switch (status) {
        case transports::Status::Good:
            return "GOOD";
        case transports::Status::CheckCondition:
            return "CHECK CONDITION";
        case transports::Status::Busy:
            return "BUSY";
        case transports::Status::ReservationConflict:
            return "RESERVATION CONFLICT";
        case transports::Status::TaskSetFull:
            return "TASK SET FULL";
        case transports::Status::TaskAborted:
            return "TASK ABORTED";
    }
    return "unknown status";
}

Result<mmc::Cdb, Problem> parse_cdb(const CmdArguments& arguments) {
    auto bytes = parse_hex(arguments.bytes);
    if (!bytes) {
        return tl::make_unexpected(std::move(bytes).error());
    }
    const std::size_t size = mmc::cdb_size(bytes->front());
    constexpr std::size_t kShortest = 6;
    if (size != 0 && bytes->size() != size) {
        return tl::make_unexpected(wrong_usage(fmt::format("command {:02x} has {} bytes, not {}",
                                                           bytes->front(), size, bytes->size())));
    }
    if (bytes->size() < kShortest || bytes->size() > mmc::Cdb::kMaxSize) {
        return tl::make_unexpected(
            wrong_usage(fmt::format("a command has 6 to 16 bytes, not {}", bytes->size())));
    }
    const mmc::Effect effect = mmc::effect_of(*bytes);
    if (effect != mmc::Effect::Harmless && !arguments.destructive) {
        return tl::make_unexpected(wrong_usage(fmt::format(
            "{}: {}; --destructive if you mean it", mmc::line_of(*bytes), words_of(effect))));
    }
    return mmc::Cdb::copy_of(*bytes);
}

/// Where the direction is not told, the command's own bytes say it.
Result<RawCommand, Problem> prepare(const CmdArguments& arguments) {
    auto cdb = parse_cdb(arguments);
    if (!cdb) {
        return tl::make_unexpected(std::move(cdb).error());
    }
    RawCommand command{.cdb = *cdb, .words = mmc::line_of(cdb->bytes()), .in = 0, .out = {}};
    if (arguments.out_file) {
        auto out = read_file(*arguments.out_file, kMostData);
        if (!out) {
            return tl::make_unexpected(std::move(out).error());
        }
        command.out = std::move(*out);
        return command;
    }
    if (arguments.in) {
        command.in = *arguments.in;
        return command;
    }
    const auto transfer = mmc::transfer_of(cdb->bytes());
    if (transfer && transfer->direction == mmc::DataDirection::Out &&
        transfer->bytes.value_or(1) != 0) {
        return tl::make_unexpected(
            wrong_usage(command.words + ": the drive wants data; --out FILE"));
    }
    if (transfer && transfer->direction == mmc::DataDirection::In) {
        command.in = std::min<std::uint64_t>(transfer->bytes.value_or(0), kMostData);
    }
    return command;
}

class CommandAnswer final : public Answer {
public:
    CommandAnswer(std::string words, const transports::Completion& completion, Bytes data)
        : words_(std::move(words)), completion_(completion), data_(std::move(data)) {}

    [[nodiscard]] std::string event() const override { return "cmd"; }
    [[nodiscard]] JsonObject json() const override {
        JsonObject json;
        json.set("command", words_)
            .set("scsi_status", static_cast<unsigned>(completion_.status))
            .set("scsi_status_words", words_of(completion_.status));
        if (has_sense()) {
            json.set("sense", json_of(completion_.sense));
        } else {
            json.set_null("sense");
        }
        json.set("moved", completion_.moved).set("data", mmc::to_hex(data_));
        json.set("seconds",
                 std::chrono::duration<double>(completion_.end - completion_.start).count());
        return json;
    }
    [[nodiscard]] std::string text() const override {
        std::string text =
            fmt::format("{}\nstatus {:02x} {}\n", words_, static_cast<unsigned>(completion_.status),
                        words_of(completion_.status));
        if (has_sense()) {
            text += fmt::format("sense {}\n      {}\n", describe(completion_.sense),
                                mmc::to_hex(completion_.sense.bytes()));
        }
        text += fmt::format("{} bytes moved\n{}", completion_.moved, dump(data_));
        return text;
    }

private:
    [[nodiscard]] bool has_sense() const {
        return completion_.status == transports::Status::CheckCondition;
    }

    std::string words_;
    transports::Completion completion_;
    Bytes data_;
};

struct Sent {
    transports::Completion completion;
    Bytes data;  // that came
};

transports::Result<Sent, transports::TransportError> send(transports::Transport& transport,
                                                          const RawCommand& command,
                                                          transports::Duration timeout) {
    const std::size_t size = std::max(command.in, command.out.size());
    const transports::Buffers buffers = transport.make_buffers(1, std::max<std::size_t>(size, 1));
    const mmc::MutableByteView buffer = buffers[0].first(size);
    transports::Request request{.cdb = command.cdb,
                                .data = transports::NoData{},
                                .timeout = timeout,
                                // Whoever sends by hand can reset by hand; a flush or a close
                                // that is cut costs the disc.
                                .guard = transports::Guard::NeverReset};
    if (!command.out.empty()) {
        std::copy(command.out.begin(), command.out.end(), buffer.begin());
        request.data = transports::DataOut{buffer};
    } else if (command.in > 0) {
        request.data = transports::DataIn{buffer};
    }
    auto completion = transport.execute(request);
    if (!completion) {
        return tl::make_unexpected(std::move(completion).error());
    }
    Sent sent{.completion = *completion, .data = {}};
    if (command.in > 0) {
        const auto came = buffer.first(std::min<std::size_t>(completion->moved, buffer.size()));
        sent.data.assign(came.begin(), came.end());
    }
    return sent;
}

}  // namespace

ExitStatus run(const Context& context, const CmdArguments& arguments) {
    const auto command = prepare(arguments);
    if (!command) {
        return context.reporter.failed(command.error());
    }
    auto session = DriveSession::open(context, arguments.drive);
    if (!session) {
        return context.reporter.failed(session.error());
    }
    const auto sent = send((*session)->transport(), *command, arguments.timeout);
    const auto closed = (*session)->close();
    if (!sent) {
        return context.reporter.failed(problem_from(
            "sending a command", stack::failure_from_transport(command->words, sent.error())));
    }
    const CommandAnswer answer(command->words, sent->completion, sent->data);
    const ExitStatus shown = context.reporter.answer(answer);
    if (sent->completion.status != transports::Status::Good) {
        // The command reached the drive, so a medium or a state that it refused is a failure too.
        Problem problem = problem_from(
            "sending a command", stack::failure_from_completion(command->words, sent->completion));
        problem.status = ExitStatus::Failed;
        return context.reporter.failed(problem);
    }
    return closed ? shown : context.reporter.failed(closed.error());
}

}  // namespace kiln::tools
