#include "stack/step_commands.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "mmc/bytes.h"
#include "mmc/commands/catalog.h"
#include "mmc/commands/device.h"
#include "mmc/commands/media.h"
#include "mmc/commands/parameters.h"
#include "mmc/commands/performance.h"
#include "mmc/commands/primary.h"
#include "mmc/commands/track.h"
#include "mmc/commands/write.h"
#include "mmc/mode_pages.h"
#include "mmc/responses/track_information.h"

#include "stack/facts.h"

namespace kiln::stack {
namespace {

/// Fills in a StepCommand piece by piece; the first value that does not fit its field ends it.
class Builder {
public:
    template <typename Command>
    Builder& command(const Command& value) {
        if (auto cdb = mmc::encode(value)) {
            it_.execute.cdb = *cdb;
        } else {
            bad_ = true;
        }
        return *this;
    }
    Builder& answer(std::uint32_t bytes) {
        it_.execute.payload = Payload::Answer;
        it_.execute.bytes = bytes;
        return *this;
    }
    Builder& parameters(const mmc::Encoded& bytes) {
        if (!bytes || bytes->size() > it_.execute.parameters.size()) {
            bad_ = true;
            return *this;
        }
        std::copy(bytes->begin(), bytes->end(), it_.execute.parameters.begin());
        it_.execute.payload = Payload::Parameters;
        it_.execute.bytes = static_cast<std::uint32_t>(bytes->size());
        return *this;
    }
    /// An operation that the drive goes on with by itself if it has IMMED; else one long command.
    Builder& operation(LongOperation what, const Plan& plan, bool immediate) {
        it_.role = Role::Operation;
        it_.poll = poll_for(what, plan.family, plan.medium_capacity);
        it_.runs_on = true;
        it_.execute.guard = transports::Guard::NeverReset;
        it_.execute.timeout = immediate ? kImmediateTimeout : it_.poll.deadline;
        return *this;
    }
    Builder& phase(Phase phase) {
        it_.phase = phase;
        return *this;
    }
    [[nodiscard]] Result<StepCommand, Failure> done() const {
        if (bad_) {
            return tl::make_unexpected(make_failure(FailureKind::Unsuitable, "building a command",
                                                    "a value does not fit its field"));
        }
        return it_;
    }

    Builder() {
        it_.execute.timeout = kQueryTimeout;
        it_.poll = poll_for(LongOperation::BecomeReady, MediumFamily::Unknown);
    }

private:
    StepCommand it_;
    bool bad_ = false;
};

mmc::Encoded write_parameters(const Plan& plan) {
    const bool cd = facts_of(plan.family).medium_class == MediumClass::Cd;
    const bool incremental = plan.write_type == 0;
    mmc::WriteParametersPage page;
    page.buffer_underrun_free = plan.underrun_protection;
    page.test_write = plan.simulates;
    page.write_type = static_cast<mmc::WriteType>(plan.write_type);
    page.multi_session =
        plan.multi_session ? mmc::MultiSession::Allowed : mmc::MultiSession::NotAllowed;
    page.track_mode = cd ? 4 : 5;
    page.data_block_type = mmc::DataBlockType::Mode1;
    page.audio_pause_length = 150;
    if (!cd && incremental) {
        page.link_size_valid = true;
        page.link_size = 16;
        page.fixed_packet = true;
        page.packet_size = 16;
    }
    auto encoded = mmc::make_page(page);
    if (!encoded) {
        return tl::make_unexpected(encoded.error());
    }
    mmc::ModeParameters list;
    list.pages.push_back(*std::move(encoded));
    return mmc::encode_mode_select(list);
}

Result<StepCommand, Failure> select_write_parameters(const Plan& plan) {
    const mmc::Encoded bytes = write_parameters(plan);
    mmc::ModeSelect10 command;
    command.page_format = true;
    command.parameter_list_length = bytes ? static_cast<std::uint16_t>(bytes->size()) : 0;
    return Builder().command(command).parameters(bytes).done();
}

Result<StepCommand, Failure> set_speed(const Plan& plan) {
    if (plan.use_streaming && plan.write_kilobytes > 0) {
        mmc::StreamingDescriptor descriptor;
        descriptor.start_lba = mmc::Lba{0};
        descriptor.end_lba = mmc::Lba{static_cast<std::int32_t>(
            std::max<std::uint32_t>(1, static_cast<std::uint32_t>(plan.medium_capacity)) - 1)};
        descriptor.read_size = plan.read_kilobytes > 0 ? plan.read_kilobytes : plan.write_kilobytes;
        descriptor.read_time = 1000;
        descriptor.write_size = plan.write_kilobytes;
        descriptor.write_time = 1000;
        return Builder().command(mmc::SetStreaming{}).parameters(mmc::encode(descriptor)).done();
    }
    mmc::SetCdSpeed command;
    command.logical_unit_write_speed = plan.write_kilobytes == 0 || plan.write_kilobytes > 0xFFFF
                                           ? std::uint16_t{0xFFFF}
                                           : static_cast<std::uint16_t>(plan.write_kilobytes);
    return Builder().command(command).done();
}

Result<StepCommand, Failure> format_medium(const Plan& plan, const Learned& learned) {
    mmc::FormatListHeader header;
    header.format_options_valid = false;
    header.immediate = learned.immediate;
    mmc::FormatDescriptor descriptor;
    descriptor.number_of_blocks = mmc::BlockCount{plan.format.blocks};
    descriptor.format_type = static_cast<mmc::FormatType>(plan.format.type);
    descriptor.sub_type = plan.format.subtype;
    descriptor.type_dependent_parameter = plan.format.parameter;
    return Builder()
        .command(mmc::FormatUnit{})
        .parameters(mmc::encode(mmc::FormatList{.header = header, .descriptor = descriptor}))
        .operation(format_operation(plan), plan, learned.immediate)
        .phase(Phase::FormattingMedia)
        .done();
}

Result<StepCommand, Failure> layer_break(const Plan& plan) {
    mmc::LayerBoundary boundary;
    boundary.layer_0_capacity = mmc::BlockCount{plan.layer_break.value_or(0)};
    const mmc::Encoded bytes = mmc::encode(boundary);
    mmc::SendDiscStructure command;
    command.format_code = mmc::StructureFormat::DvdLayerCapacity;
    command.structure_data_length = bytes ? static_cast<std::uint32_t>(bytes->size()) : 0;
    return Builder()
        .command(command)
        .parameters(bytes)
        .operation(LongOperation::ReserveTrack, plan, false)
        .done();
}

Result<StepCommand, Failure> close(mmc::CloseFunction function, std::uint16_t track,
                                   LongOperation what, const Plan& plan, const Learned& learned,
                                   Phase phase) {
    mmc::CloseTrackSession command;
    command.immediate = learned.immediate;
    command.close_function = function;
    command.logical_track_number = track;
    return Builder().command(command).operation(what, plan, learned.immediate).phase(phase).done();
}

Result<StepCommand, Failure> prepare_command(Op op, const Plan& plan, const Learned& learned) {
    const bool locks = op == Op::LockTray;
    switch (op) {
        case Op::LockTray:
        case Op::UnlockTray: {
            mmc::PreventAllowMediumRemoval command;
            command.prevent = locks;
            return Builder()
                .command(command)
                .phase(locks ? Phase::InitializingHardware : Phase::Finalization)
                .done();
        }
        case Op::BlankDisc: {
            mmc::Blank command;
            command.immediate = learned.immediate;
            command.blanking_type =
                plan.full_blank ? mmc::BlankingType::Disc : mmc::BlankingType::Minimal;
            return Builder()
                .command(command)
                .operation(plan.full_blank ? LongOperation::BlankFull : LongOperation::BlankFast,
                           plan, learned.immediate)
                .phase(Phase::FormattingMedia)
                .done();
        }
        case Op::FormatMedium:
            return format_medium(plan, learned);
        case Op::CloseOpenTrack:
            return close(mmc::CloseFunction::Track, plan.open_track, LongOperation::CloseTrack,
                         plan, learned, Phase::InitializingHardware);
        case Op::CloseOpenSession:
            return close(mmc::CloseFunction::Session, 0, LongOperation::CloseSession, plan, learned,
                         Phase::InitializingHardware);
        case Op::SelectWriteParameters:
            return select_write_parameters(plan);
        case Op::SetSpeed:
            return set_speed(plan);
        case Op::SetLayerBreak:
            return layer_break(plan);
        case Op::ReserveTrack: {
            mmc::ReserveTrack command;
            command.reservation_size = plan.reserve_blocks;
            return Builder()
                .command(command)
                .operation(LongOperation::ReserveTrack, plan, false)
                .done();
        }
        case Op::ReadNextWritable: {
            mmc::ReadTrackInformation command;
            command.address_number_type = mmc::TrackAddressType::Track;
            command.address_or_number = plan.track;
            return Builder().command(command).answer(command.allocation_length).done();
        }
        default: {
            mmc::SendOpcInformation command;
            command.perform_opc = true;
            return Builder()
                .command(command)
                .operation(LongOperation::PowerCalibration, plan, false)
                .phase(Phase::CalibratingPower)
                .done();
        }
    }
}

}  // namespace

LongOperation format_operation(const Plan& plan) {
    const bool long_one = plan.format.full || plan.family == MediumFamily::DvdRam;
    return long_one ? LongOperation::FormatFull : LongOperation::FormatFast;
}

Result<StepCommand, Failure> command_for(Op op, const Plan& plan, const Learned& learned) {
    constexpr auto kEnd = Phase::Finalization;
    switch (op) {
        case Op::Synchronize: {
            mmc::SynchronizeCache10 command;
            command.immediate = learned.immediate;
            return Builder()
                .command(command)
                .operation(LongOperation::Flush, plan, learned.immediate)
                .phase(kEnd)
                .done();
        }
        case Op::CloseTrack:
            return close(mmc::CloseFunction::Track, learned.track.value_or(plan.track),
                         LongOperation::CloseTrack, plan, learned, kEnd);
        case Op::CloseSession:
            return close(mmc::CloseFunction::Session, 0, LongOperation::CloseSession, plan, learned,
                         kEnd);
        case Op::FinalizeMinimal:
            return close(mmc::CloseFunction::FinalizeMinimalRadius, 0, LongOperation::Finalize,
                         plan, learned, kEnd);
        case Op::Finalize:
            return close(mmc::CloseFunction::Finalize, 0, LongOperation::Finalize, plan, learned,
                         kEnd);
        case Op::StopFormat:
            return close(mmc::CloseFunction::StopBackgroundFormat, 0, LongOperation::StopFormat,
                         plan, learned, kEnd);
        case Op::StopFormatReadable:
            return close(mmc::CloseFunction::Session, 0, LongOperation::CloseSession, plan, learned,
                         kEnd);
        default:
            return prepare_command(op, plan, learned);
    }
}

Result<void, Failure> learn(Op op, const Plan& plan, mmc::ByteView answer, Learned& learned) {
    switch (op) {
        case Op::FormatMedium:
            learned.formatted = true;
            return {};
        case Op::BlankDisc:
            learned.blanked = true;
            return {};
        case Op::ReserveTrack:
            learned.reserved = true;
            return {};
        case Op::ReadNextWritable:
            break;
        default:
            return {};
    }
    const auto track = mmc::decode_track_information(answer);
    if (!track) {
        return tl::make_unexpected(make_failure(FailureKind::Failed,
                                                "asking for the next writable address",
                                                "READ TRACK INFORMATION: the answer is too short"));
    }
    if (!track->next_writable_address_valid) {
        return tl::make_unexpected(
            make_failure(FailureKind::Unsuitable, "asking for the next writable address",
                         "the drive gives none: the track is full, damaged or closed"));
    }
    // Some drives give -150 for a blank CD (BDR-205, LTR-48125S); data begin at 0.
    const auto lba = std::max(static_cast<std::int32_t>(track->next_writable_address), 0);
    if (plan.start_known && lba != static_cast<std::int32_t>(plan.start)) {
        return tl::make_unexpected(
            make_failure(FailureKind::Failed, "asking for the next writable address",
                         "it is " + std::to_string(lba) + " now, and was " +
                             std::to_string(static_cast<std::int32_t>(plan.start)) + " before"));
    }
    learned.next_writable = mmc::Lba{lba};
    learned.free_blocks = static_cast<std::uint64_t>(track->free_blocks);
    learned.track = track->track;
    return {};
}

Result<Execute, Failure> write_command(const Plan& plan, mmc::Lba lba, std::uint32_t blocks,
                                       std::optional<std::size_t> slot) {
    Execute execute;
    execute.payload = slot ? Payload::Ring : Payload::Zeros;
    execute.slot = slot.value_or(0);
    execute.bytes = blocks * kBlockSize;
    execute.timeout = poll_for(LongOperation::Write, plan.family).deadline;
    const auto cdb = plan.write12
                         ? mmc::encode(mmc::Write12{.logical_block_address = lba,
                                                    .transfer_length = mmc::BlockCount{blocks},
                                                    .streaming = true})
                         : mmc::encode(mmc::Write10{.logical_block_address = lba,
                                                    .transfer_length = mmc::BlockCount{blocks}});
    if (!cdb) {
        return tl::make_unexpected(make_failure(FailureKind::Unsuitable, "building a command",
                                                "a value does not fit its field"));
    }
    execute.cdb = *cdb;
    return execute;
}

namespace {

template <typename Command>
Execute query(const Command& command, std::uint32_t answer_bytes) {
    Execute execute;
    // Defaults of the structs: they always fit.
    execute.cdb = mmc::encode(command).value_or(mmc::Cdb{});
    execute.payload = answer_bytes == 0 ? Payload::None : Payload::Answer;
    execute.bytes = answer_bytes;
    execute.timeout = kQueryTimeout;
    return execute;
}

}  // namespace

Execute ask_ready() {
    return query(mmc::TestUnitReady{}, 0);
}
Execute ask_disc() {
    const mmc::ReadDiscInformation command;
    return query(command, command.allocation_length);
}
Execute ask_sense() {
    mmc::RequestSense command;
    command.allocation_length = 18;
    return query(command, 18);
}
Execute ask_buffer() {
    const mmc::ReadBufferCapacity command;
    return query(command, command.allocation_length);
}

bool applies(When when, const Plan& plan) {
    switch (when) {
        case When::Always:
            return true;
        case When::IfBlanking:
            return plan.blanks;
        case When::IfFormatting:
            return plan.formats;
        case When::IfOpenSession:
            return plan.closes_open_session;
        case When::IfCalibrating:
            return plan.calibrates;
        case When::IfLayerBreak:
            return plan.layer_break.has_value();
        case When::IfClosing:
            return plan.closes;
        case When::IfLeavingOpen:
            return !plan.closes;
        case When::IfBorderOpen:
            return plan.border_open;
        case When::IfFormatRunning:
            return plan.format_runs_on;
    }
    return true;
}

std::string words_of(const Execute& command) {
    return mmc::line_of(command.cdb.bytes());
}

}  // namespace kiln::stack
