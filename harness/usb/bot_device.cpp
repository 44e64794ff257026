#include "harness/usb/bot_device.h"

#include <algorithm>
#include <utility>

namespace kiln::harness {
namespace {

namespace bot = transports::bot;
using bot::Flow;
using transports::Duration;
using transports::Instant;
using Kind = PipeReply::Kind;

constexpr std::uint8_t kToInterface = 0x21;    // class, interface, host to device
constexpr std::uint8_t kFromInterface = 0xA1;  // class, interface, device to host
constexpr std::uint8_t kToEndpoint = 0x02;     // standard, endpoint, host to device
constexpr std::uint8_t kClearFeature = 0x01;
constexpr std::uint8_t kMassStorageReset = 0xFF;
constexpr std::uint8_t kGetMaxLun = 0xFE;
constexpr std::uint8_t kDirectionIn = 0x80;
constexpr std::uint8_t kNoLun = 0x7F;
constexpr std::size_t kMostKept = std::size_t{1} << 24U;  // as Link::max_transfer

Flow flow_of(Direction direction) {
    return direction == Direction::In    ? Flow::In
           : direction == Direction::Out ? Flow::Out
                                         : Flow::None;
}

Duration time_on(const Link& link, std::size_t bytes) {
    constexpr std::uint64_t kNanos = 1'000'000'000;
    return Duration(bytes * kNanos / std::max<std::uint64_t>(1, link.bytes_per_second));
}

PipeReply stalled(std::size_t bytes = 0) {
    return {.kind = Kind::Stalled, .bytes = bytes};
}
PipeReply waits(Instant until = Instant::max()) {
    return {.kind = Kind::Waits, .until = until};
}

}  // namespace

BotDevice::BotDevice(FakeDrive& drive, const Link& link, Setup setup)
    : drive_(&drive), link_(link), setup_(std::move(setup)) {}

const BotFault* BotDevice::fault(Fault kind) const {
    const auto found = std::ranges::find_if(setup_.faults, [&](const BotFault& one) {
        return one.kind == kind && one.command == commands_;
    });
    return found == setup_.faults.end() ? nullptr : &*found;
}

const BotFault* BotDevice::trouble(Stage stage) const {
    for (const Fault kind : {Fault::Silence, Fault::NoHandshake, Fault::Vanish}) {
        const BotFault* const found = fault(kind);
        const bool far_enough =
            stage != Stage::Data || (found != nullptr && moved_ >= found->value);
        if (found != nullptr && found->stage == stage && far_enough) {
            return found;
        }
    }
    return nullptr;
}

PipeReply BotDevice::meet(const BotFault& trouble) {
    switch (trouble.kind) {
        case Fault::Silence:
            return waits();
        case Fault::Vanish:
            gone_ = true;
            return {.kind = Kind::Gone};
        default:
            return {.kind = Kind::BusError};
    }
}

void BotDevice::halt_in() {
    in_halted_ = true;
}

void BotDevice::halt_out() {
    out_halted_ = true;
}

PipeReply BotDevice::out(mmc::ByteView bytes, Instant now) {
    if (gone_) {
        return {.kind = Kind::Gone};
    }
    if (out_halted_) {
        return stalled();
    }
    switch (state_) {
        case State::Command:
            return take_command(bytes.first(std::min(bytes.size(), setup_.packet)), now);
        case State::DataOut:
            return take_data(bytes, now);
        case State::Invalid:
            return invalid();
        case State::DataIn:
        case State::Status:
            break;
    }
    return waits();
}

PipeReply BotDevice::in(mmc::MutableByteView space, Instant now, Queued queued) {
    if (gone_) {
        return {.kind = Kind::Gone};
    }
    if (in_halted_) {
        return stalled();
    }
    switch (state_) {
        case State::DataIn:
            return give_data(space, now);
        case State::Status:
            if (queued == Queued::Behind && setup_.early_status != EarlyStatus::Answered) {
                return give_early_status(space);
            }
            return give_status(space, now);
        case State::Invalid:
            return invalid();
        case State::Command:
        case State::DataOut:
            break;
    }
    return waits();
}

PipeReply BotDevice::give_early_status(mmc::MutableByteView space) const {
    if (setup_.early_status == EarlyStatus::Forgotten) {
        return waits();
    }
    const std::size_t size = std::min(space.size(), bot::kStatusWrapperSize);
    std::ranges::fill(space.first(size), std::uint8_t{0});
    return {.bytes = size};
}

/// Halted again and again until Reset Recovery, whatever the host clears.
PipeReply BotDevice::invalid() {
    state_ = State::Invalid;
    halt_in();
    halt_out();
    return stalled();
}

PipeReply BotDevice::take_command(mmc::ByteView bytes, Instant now) {
    ++commands_;
    if (const BotFault* const met = trouble(Stage::Command)) {
        --commands_;  // it has not arrived
        return meet(*met);
    }
    const auto wrapper = bot::decode_command(bytes);
    if (!wrapper || fault(Fault::StallCommand) != nullptr) {
        return invalid();
    }
    wrapper_ = *wrapper;
    begin(now);
    return {.bytes = bytes.size()};
}

void BotDevice::begin(Instant now) {
    moved_ = 0;
    padded_ = 0;
    data_over_ = false;
    sent_.clear();
    begun_ = now;
    const BotFault* const stalls = fault(Fault::StallStatus);
    stalls_left_ = stalls == nullptr ? 0 : stalls->value;
    const BotFault* const empty = fault(Fault::EmptyStatus);
    empty_left_ = empty == nullptr ? 0 : empty->value;
    intent_ = drive_->begin(wrapper_.command.bytes(), now);
    through_ = std::max(intent_.ready, now + link_.command_overhead);
    const std::uint32_t wanted = intent_.bytes;
    case_ = bot::case_number({.flow = wrapper_.flow, .bytes = wrapper_.data_transfer_length},
                             {.flow = flow_of(intent_.direction), .bytes = wanted});
    if (wrapper_.data_transfer_length > setup_.most_data) {
        case_ = wrapper_.flow == Flow::In ? 8 : 10;
    }
    choose_stage();
}

/// Spec: BOT 1.0, The Thirteen Cases: what the device sends and which pipe it halts.
void BotDevice::choose_stage() {
    const bool skip = fault(Fault::SkipData) != nullptr;
    const bool data_in = wrapper_.flow == Flow::In;
    if (!skip && (case_ == 5 || case_ == 6 || case_ == 7)) {
        state_ = State::DataIn;
    } else if (!skip && case_ >= 11) {
        state_ = State::DataOut;
    } else if (!skip && data_in && case_ == 4) {
        state_ = State::DataIn;
        data_over_ = true;
        finish_data();
    } else {
        if (!skip && wrapper_.flow == Flow::Out) {
            halt_out();
        } else if (!skip && data_in) {
            halt_in();
        }
        finish_data();
        state_ = State::Status;
    }
}

/// The drive ends the command; with a phase error it is not asked, and gives it up at the next.
void BotDevice::finish_data() {
    through_ += time_on(link_, moved_);
    if (bot::is_phase_error(case_)) {
        status_ = bot::kPhaseError;
        status_at_ = through_;
        return;
    }
    const Ending ending = drive_->end(through_);
    status_ = ending.status == transports::Status::Good ? bot::kPassed : bot::kFailed;
    status_at_ = std::max(ending.at, through_);
    record();
    if (const BotFault* const late = fault(Fault::LateStatus)) {
        status_at_ += late->delay;
    }
}

void BotDevice::record() {
    if (journal_ == nullptr) {
        return;
    }
    const std::size_t received = wrapper_.flow == Flow::In ? moved_ : 0;
    auto kept = journal_->record(wrapper_.command.bytes(), sent_, received, begun_, status_at_);
    if (!kept) {
        journal_trouble_ = std::move(kept).error();
        gone_ = true;
    }
}

PipeReply BotDevice::take_data(mmc::ByteView bytes, Instant now) {
    if (const BotFault* const met = trouble(Stage::Data)) {
        return meet(*met);
    }
    if (now < intent_.ready) {
        return waits(intent_.ready);
    }
    const std::uint32_t all = std::min(wrapper_.data_transfer_length, intent_.bytes);
    std::size_t room = all - moved_;
    const BotFault* const stall = fault(Fault::StallData);
    if (stall != nullptr) {
        room = std::min<std::size_t>(room, stall->value - std::min(stall->value, moved_));
    }
    const mmc::ByteView taken = bytes.first(std::min(bytes.size(), room));
    drive_->take(taken);
    if (journal_ != nullptr && sent_.size() < kMostKept) {
        sent_.insert(sent_.end(), taken.begin(), taken.end());
    }
    moved_ += static_cast<std::uint32_t>(taken.size());
    const bool stalls_here =
        stall != nullptr && moved_ >= stall->value && taken.size() < bytes.size();
    if (moved_ == all || stalls_here) {
        finish_data();
        state_ = State::Status;
        const bool more = moved_ < wrapper_.data_transfer_length;
        if (more) {
            halt_out();
        }
    }
    return taken.size() < bytes.size() ? stalled(taken.size()) : PipeReply{.bytes = taken.size()};
}

PipeReply BotDevice::give_data(mmc::MutableByteView space, Instant now) {
    if (const BotFault* const met = trouble(Stage::Data)) {
        return meet(*met);
    }
    if (data_over_) {
        return end_data_in(space, 0);
    }
    if (now < intent_.ready) {
        return waits(intent_.ready);
    }
    if (fault(Fault::TooMuchData) != nullptr) {
        std::ranges::fill(space, std::uint8_t{0});
        moved_ = wrapper_.data_transfer_length;
        finish_data();
        state_ = State::Status;
        return {.kind = Kind::TooMuch, .bytes = space.size()};
    }
    std::size_t most = std::min<std::size_t>(space.size(), wrapper_.data_transfer_length - moved_);
    const BotFault* cut = fault(Fault::CutData);
    cut = cut == nullptr ? fault(Fault::StallData) : cut;
    if (cut != nullptr) {
        most = std::min<std::size_t>(most, cut->value - std::min(cut->value, moved_));
    }
    std::size_t given = 0;
    while (given < most) {
        const std::size_t more = drive_->give(space.subspan(given, most - given));
        if (more == 0) {
            break;
        }
        given += more;
    }
    moved_ += static_cast<std::uint32_t>(given);
    if (moved_ == wrapper_.data_transfer_length) {
        finish_data();
        state_ = State::Status;
        return {.bytes = given};
    }
    if (given == space.size()) {
        return {.bytes = given};
    }
    data_over_ = true;
    finish_data();
    return end_data_in(space, given);
}

/// The drive has given less than the host asked for.
PipeReply BotDevice::end_data_in(mmc::MutableByteView space, std::size_t given) {
    if (fault(Fault::StallData) != nullptr || setup_.short_data == ShortData::Stall) {
        state_ = State::Status;
        halt_in();
        // Data that end with a short packet end the host's transfer; the halt meets its next.
        const bool short_packet = given % setup_.packet != 0;
        return short_packet ? PipeReply{.bytes = given} : stalled(given);
    }
    if (setup_.short_data == ShortData::ShortPacket || fault(Fault::CutData) != nullptr) {
        state_ = State::Status;
        return {.bytes = given};
    }
    const auto pad = space.subspan(given);
    const std::size_t left = wrapper_.data_transfer_length - moved_ - padded_;
    const std::size_t count = std::min(pad.size(), left);
    std::ranges::fill(pad.first(count), std::uint8_t{0});
    padded_ += static_cast<std::uint32_t>(count);
    if (moved_ + padded_ == wrapper_.data_transfer_length) {
        state_ = State::Status;
    }
    return {.bytes = given + count};
}

bot::StatusBytes BotDevice::status_bytes() const {
    const bool phase_error = status_ == bot::kPhaseError;
    const std::uint32_t residue = phase_error ? 0 : wrapper_.data_transfer_length - moved_;
    bot::StatusWrapper status{.tag = wrapper_.tag, .data_residue = residue, .status = status_};
    if (fault(Fault::CutData) != nullptr) {
        status.data_residue = 0;
    }
    if (fault(Fault::WrongTag) != nullptr) {
        status.tag ^= 0x80000000U;
    }
    if (const BotFault* const wrong = fault(Fault::WrongResidue)) {
        status.data_residue = wrong->value;
    }
    if (const BotFault* const wrong = fault(Fault::WrongStatus)) {
        status.status = static_cast<std::uint8_t>(wrong->value);
    }
    bot::StatusBytes bytes = bot::encode(status);
    if (fault(Fault::WrongSignature) != nullptr) {
        bytes[3] = 0x43;  // USBC, as a device that sends the CBW back
    }
    return bytes;
}

PipeReply BotDevice::give_status(mmc::MutableByteView space, Instant now) {
    if (const BotFault* const met = trouble(Stage::Status)) {
        return meet(*met);
    }
    if (fault(Fault::NoStatus) != nullptr) {
        return waits();
    }
    if (now < status_at_) {
        return waits(status_at_);
    }
    if (stalls_left_ > 0) {
        --stalls_left_;
        halt_in();
        return stalled();
    }
    if (empty_left_ > 0) {
        --empty_left_;
        return {};
    }
    const bot::StatusBytes bytes = status_bytes();
    std::size_t size = bytes.size();
    if (const BotFault* const cut = fault(Fault::ShortStatus)) {
        size = std::min<std::size_t>(size, cut->value);
    }
    state_ = State::Command;
    const std::size_t fits = std::min(size, space.size());
    std::copy_n(bytes.begin(), fits, space.begin());
    const bool too_much =
        size > space.size() || (fault(Fault::LongStatus) != nullptr && space.size() == size);
    return {.kind = too_much ? Kind::TooMuch : Kind::Done, .bytes = fits};
}

PipeReply BotDevice::control(mmc::ByteView request, mmc::MutableByteView answer, Instant now) {
    if (gone_) {
        return {.kind = Kind::Gone};
    }
    const std::uint8_t type = request[0];
    const auto value = mmc::load_little_endian<std::uint16_t>(request, 2, 2);
    const auto index = mmc::load_little_endian<std::uint16_t>(request, 4, 2);
    const auto length = mmc::load_little_endian<std::uint16_t>(request, 6, 2);
    if (type == kToEndpoint && request[1] == kClearFeature && value == 0) {
        ((index & kDirectionIn) != 0 ? in_halted_ : out_halted_) = false;
        return {};
    }
    const bool ours = (type == kToInterface || type == kFromInterface) && value == 0 && index == 0;
    return ours ? class_request(request[1], length, type == kFromInterface, answer, now)
                : stalled();
}

PipeReply BotDevice::class_request(std::uint8_t request, std::uint16_t length, bool to_host,
                                   mmc::MutableByteView answer, Instant now) {
    if (request == kMassStorageReset && !to_host && length == 0) {
        bulk_only_reset(now);
        return {};
    }
    if (request != kGetMaxLun || !to_host || length != 1 || answer.empty()) {
        return stalled();
    }
    switch (setup_.max_lun) {
        case MaxLun::Stalled:
            return stalled();
        case MaxLun::Silent:
            return waits();
        case MaxLun::Nonsense:
            answer[0] = kNoLun;
            return {.bytes = 1};
        case MaxLun::Answered:
            break;
    }
    answer[0] = 0;
    return {.bytes = 1};
}

/// The halts stay as they are: clearing them is the rest of Reset Recovery, and the host's part.
void BotDevice::bulk_only_reset(Instant now) {
    ++resets_;
    state_ = State::Command;
    drive_->reset(Reset::Bus, now);
}

void BotDevice::bus_reset(Instant now) {
    ++resets_;
    state_ = State::Command;
    in_halted_ = false;
    out_halted_ = false;
    drive_->reset(Reset::Device, now);
}

}  // namespace kiln::harness
