#include "harness/testing/explore/cut_device.h"

#include <algorithm>
#include <ostream>
#include <utility>
#include <variant>

#include "mmc/hex.h"

namespace kiln::harness {
namespace {

using transports::Completion;
using transports::Request;
using transports::TransportError;

/// Of most runs.
constexpr std::size_t kUsualCommands = 256;

bool is_write(std::uint8_t opcode) {
    return opcode == 0x2A || opcode == 0xAA || opcode == 0x2E;
}

std::uint8_t opcode_of(const Request& request) {
    const auto cdb = request.cdb.bytes();
    return cdb.empty() ? std::uint8_t{0} : cdb[0];
}

std::uint32_t packed(const mmc::Sense& sense) {
    return static_cast<std::uint32_t>(sense.key) << 16U |
           std::uint32_t{sense.additional_sense_code} << 8U |
           std::uint32_t{sense.additional_sense_code_qualifier};
}

}  // namespace

void PrintTo(const Command& command, std::ostream* out) {
    *out << "command " << command.number << ": " << mmc::to_hex(command.request.cdb.bytes());
}

CutDevice::CutDevice(const Parts& parts) : parts_(parts) {
    parts_.sim->set_pace(Pace::LeaveClock);
    commands_.reserve(kUsualCommands);
    times_.reserve(kUsualCommands);
    ON_CALL(*this, execute(::testing::Matcher<const Command&>(::testing::_)))
        .WillByDefault([this](const Command& command) { return carry_out(command); });
}

bool CutDevice::is_mocked(std::size_t number) const {
    return !mocked_ || std::find(mocked_->begin(), mocked_->end(), number) != mocked_->end();
}

Command CutDevice::number(const Request& request) {
    Command command{.request = request, .device = *this, .opcode = opcode_of(request)};
    command.number = commands_.size() + 1;
    command.of_code = ++of_code_.at(command.opcode);
    command.of_write = is_write(command.opcode) ? ++writes_ : 0;
    return command;
}

void CutDevice::log(const Request& request) {
    const auto cdb = request.cdb.bytes();
    SentCommand& sent = commands_.emplace_back();
    sent.cdb = cdb;
    sent.start = parts_.clock->now();
    sent.end = sent.start;
    sent.timeout = request.timeout;
    sent.never_reset = request.guard == transports::Guard::NeverReset;
    const auto* const out = std::get_if<transports::DataOut>(&request.data);
    if (out != nullptr && !is_write(sent.cdb.empty() ? std::uint8_t{0} : sent.cdb[0])) {
        sent.parameters.assign(out->buffer.begin(), out->buffer.end());
    }
    times_.push_back({.data = {.begin = sent.start, .end = sent.start},
                      .blocking = pace_ == Pace::WaitForEnd,
                      .answered = false});
}

void CutDevice::log_end(const Answered& answered) {
    SentCommand& sent = commands_.back();
    times_.back().answered = answered.has_value();
    if (answered) {
        sent.end = std::max(sent.start, answered->end);
        sent.status = static_cast<std::uint8_t>(answered->status);
        sent.moved = answered->moved;
        if (answered->status == transports::Status::CheckCondition) {
            sent.sense = packed(answered->sense);
            sent.deferred = answered->sense.deferred;
        }
        return;
    }
    sent.broken = answered.error().kind;
    if (sent.broken == TransportError::Kind::TimedOut) {
        sent.end = sent.start + sent.timeout;
    }
}

Answered CutDevice::execute(const Request& request) {
    const Command command = number(request);
    log(request);
    ++inside_;
    Answered answered = is_mocked(command.number) ? execute(command) : carry_out(command);
    --inside_;
    log_end(answered);
    if (pace_ == Pace::WaitForEnd) {
        parts_.clock->advance_to(commands_.back().end);
    }
    return answered;
}

Answered CutDevice::carry_out(const Command& command) {
    Answered answered = parts_.sim->execute(command.request);
    if (answered) {
        times_.back().data = parts_.sim->data_times();
    }
    return answered;
}

transports::Result<void, TransportError> CutDevice::recover(transports::Rung rung) {
    resets_.push_back(
        {.rung = rung, .at = parts_.clock->now(), .commands_before = commands_.size()});
    return parts_.sim->recover(rung);
}

transports::Limits CutDevice::limits() const {
    transports::Limits limits = parts_.sim->limits();
    limits.can_interrupt = true;
    if (parts_.max_transfer != 0) {
        limits.max_transfer = parts_.max_transfer;
    }
    return limits;
}

bool CutDevice::inside_a_command() const {
    return inside_ > 0 || (!commands_.empty() && commands_.back().end > parts_.clock->now());
}

void CutDevice::give_up() {
    SentCommand& sent = commands_.back();
    sent.end = parts_.clock->now();
    sent.broken = TransportError::Kind::Interrupted;
    sent.status = 0;
    sent.sense = 0;
    sent.moved = 0;
    times_.back().answered = false;
}

void CutDevice::start_anew(SimTransport& sim) {
    parts_.sim = &sim;
    parts_.sim->set_pace(Pace::LeaveClock);
    mock_only({});
    of_code_ = {};
    writes_ = 0;
    commands_.clear();
    times_.clear();
    resets_.clear();
}

}  // namespace kiln::harness
