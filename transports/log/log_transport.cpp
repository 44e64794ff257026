#include "transports/log/log_transport.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <variant>

#include <fmt/format.h>

#include "mmc/commands/catalog.h"
#include "mmc/hex.h"

namespace kiln::transports {
namespace {

double seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

std::string words_of(Duration took) {
    const double value = seconds(took);
    return value < 10 ? fmt::format("{:.3f} ms", value * 1000) : fmt::format("{:.1f} s", value);
}

std::string words_of(const DataPhase& data) {
    if (const auto* in = std::get_if<DataIn>(&data)) {
        return fmt::format("in {}", in->buffer.size());
    }
    if (const auto* out = std::get_if<DataOut>(&data)) {
        return fmt::format("out {}", out->buffer.size());
    }
    return "no data";
}

/// line_of() gives the bytes itself where it knows no name.
std::string words_of(const mmc::Cdb& cdb) {
    const std::string hex = mmc::to_hex(cdb.bytes());
    return mmc::find_command(cdb.bytes()) == nullptr
               ? fmt::format("{}  unknown command", hex)
               : fmt::format("{}  {}", hex, mmc::line_of(cdb.bytes()));
}

std::string words_of(const Result<Completion, TransportError>& outcome) {
    if (!outcome) {
        return describe(outcome.error());
    }
    std::string words = describe(outcome->status);
    if (outcome->status == Status::CheckCondition) {
        words += " " + mmc::describe(outcome->sense);
    }
    return words + fmt::format("  moved {}", outcome->moved);
}

std::string_view name_of(TransportError::Kind kind) {
    using Kind = TransportError::Kind;
    switch (kind) {
        case Kind::NoSuchDevice:
            return "no such device";
        case Kind::NotPermitted:
            return "not permitted";
        case Kind::InUse:
            return "in use";
        case Kind::NotADrive:
            return "not an optical drive";
        case Kind::Gone:
            return "gone";
        case Kind::TimedOut:
            return "timed out";
        case Kind::Interrupted:
            return "interrupted";
        case Kind::TooLarge:
            return "too large";
        case Kind::HostFailure:
            return "host failure";
        case Kind::Protocol:
            return "protocol broken";
        case Kind::Unsupported:
            return "unsupported";
    }
    return "error";
}

std::string_view name_of(Rung rung) {
    constexpr std::array<std::string_view, 3> kNames{"clear halt", "reset transport",
                                                     "reset device"};
    return kNames[static_cast<std::size_t>(rung)];
}

}  // namespace

std::string describe(const TransportError& error) {
    std::string words(name_of(error.kind));
    if (!error.detail.empty()) {
        words += ": " + error.detail;
    }
    if (error.os_code != 0) {
        words += fmt::format(" (errno {})", error.os_code);
    }
    if (error.host_status != 0 || error.driver_status != 0) {
        words +=
            fmt::format(" (host {:04x}h, driver {:04x}h)", error.host_status, error.driver_status);
    }
    return words;
}

std::string describe(Status status) {
    switch (status) {
        case Status::Good:
            return "GOOD";
        case Status::CheckCondition:
            return "CHECK CONDITION";
        case Status::Busy:
            return "BUSY";
        case Status::ReservationConflict:
            return "RESERVATION CONFLICT";
        case Status::TaskSetFull:
            return "TASK SET FULL";
        case Status::TaskAborted:
            return "TASK ABORTED";
    }
    return fmt::format("status {:02x}h", static_cast<unsigned>(status));
}

std::string log_line(Instant at, Duration took, const Request& request,
                     const Result<Completion, TransportError>& outcome) {
    return fmt::format("{:.6f}  {}  {}  {}  {}", seconds(at.time_since_epoch()),
                       words_of(request.cdb), words_of(request.data), words_of(outcome),
                       words_of(took));
}

Result<Completion, TransportError> LogTransport::execute(const Request& request) {
    const Instant start = clock_->now();
    auto outcome = below_->execute(request);
    say(start, request, outcome);
    return outcome;
}

bool LogTransport::begin(const Request& request) {
    begun_at_ = clock_->now();
    begun_ = request;
    return below_->begin(request);
}

Result<Completion, TransportError> LogTransport::complete() {
    auto outcome = below_->complete();
    say(begun_at_, begun_, outcome);
    return outcome;
}

void LogTransport::say(Instant start, const Request& request,
                       const Result<Completion, TransportError>& outcome) {
    // A simulated drive's completion carries its times; the clock may not have moved yet.
    const Instant at = outcome ? outcome->start : start;
    const Instant end = outcome ? outcome->end : clock_->now();
    sink_(log_line(at, end - at, request, outcome));
}

Result<void, TransportError> LogTransport::recover(Rung rung) {
    const Instant start = clock_->now();
    auto outcome = below_->recover(rung);
    sink_(fmt::format("{:.6f}  recover: {}  {}  {}", seconds(start.time_since_epoch()),
                      name_of(rung), outcome ? "done" : describe(outcome.error()),
                      words_of(clock_->now() - start)));
    return outcome;
}

}  // namespace kiln::transports
