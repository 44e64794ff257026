#include "stack/imapi/section_machine.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "mmc/commands/write.h"
#include "mmc/layout.h"
#include "mmc/lba.h"

#include "transports/clock.h"

#include "stack/facts.h"
#include "stack/failure.h"
#include "stack/outcome.h"
#include "stack/ports.h"
#include "stack/step_commands.h"
#include "stack/wait.h"

namespace kiln::stack::imapi {
namespace {

using std::chrono::milliseconds;

/// DWriteEngine2Events::Update's cadence.
constexpr transports::Duration kUpdateEvery = milliseconds(500);

/// Without an estimate: soon at first, then as rarely as for the slowest drive. The bounds are
/// buffer_full_pause()'s.
constexpr Poll kUnknownSpeed{.first_pause = milliseconds(4), .longest_pause = milliseconds(220)};

template <typename... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

transports::Duration write_deadline() {
    return poll_for(LongOperation::Write, MediumFamily::Unknown).deadline;
}

}  // namespace

void SectionMachine::step(const Event& event, transports::Instant now, ActionList& out) {
    if (stage_ == Stage::Ended) {
        return;
    }
    std::visit(Overloaded{
                   [&](const Begin&) {
                       stage_ = Stage::Starting;
                       started_ = now;
                       next_update_ = now + kUpdateEvery;
                       out.emplace_back(NotifyUpdate{});
                   },
                   [&](const Completed& it) { write_completed(it, now, out); },
                   [&](const BlocksRead& it) { blocks_read(it); },
                   [&](const SourceFailed& it) {
                       reading_ = false;
                       stream_failed(it.error.detail);
                   },
                   [&](const Recovered&) {},
                   [&](const Tick&) {},
                   [&](const CancelSeen& it) { cancel_seen(it); },
               },
               event);
    tick(now, out);
}

void SectionMachine::tick(transports::Instant now, ActionList& out) {
    if (code_ && !write_out_) {
        stage_ = Stage::Ended;
        return;
    }
    if (now >= next_update_) {
        out.emplace_back(NotifyUpdate{});
        // Never two for one moment: a late tick does not make up for what was missed.
        next_update_ += (now - next_update_) / kUpdateEvery * kUpdateEvery + kUpdateEvery;
    }
    if (!code_) {
        read_ahead(out);
        write_next(now, out);
    }
}

transports::Instant SectionMachine::wake_at() const {
    return resend_at_ ? std::min(next_update_, *resend_at_) : next_update_;
}

/// Blocks of the WRITE that begins at `block`. All but the last are of one size, so a slot belongs
/// to each.
std::uint32_t SectionMachine::chunk_at(std::uint32_t block) const {
    return std::min(section_.sectors_per_write, count() - block);
}

void SectionMachine::read_ahead(ActionList& out) {
    const std::uint32_t each = section_.sectors_per_write;
    const std::uint64_t room = std::uint64_t{slots_} * each;
    if (reading_ || asked_ == count() || std::uint64_t{asked_} - written_ >= room) {
        return;
    }
    const std::uint32_t blocks = chunk_at(asked_);
    reading_ = true;
    const std::size_t bytes = std::size_t{blocks} * section_.bytes_per_sector;
    out.emplace_back(ReadBlocks{.slot = asked_ / each % slots_, .bytes = bytes, .each = bytes});
    asked_ += blocks;
}

void SectionMachine::blocks_read(const BlocksRead& event) {
    reading_ = false;
    const auto blocks = static_cast<std::uint32_t>(event.bytes / section_.bytes_per_sector);
    read_ += blocks;
    if (event.failed) {
        stream_failed(event.failed->detail);
    } else if (read_ < asked_) {
        // Nothing is padded: a disc that is short would look whole.
        stream_failed(fmt::format("it ended after {} of {} blocks of {} bytes", read_, count(),
                                  section_.bytes_per_sector));
    }
}

void SectionMachine::stream_failed(const std::string& detail) {
    if (code_) {
        return;
    }
    failure_ = make_failure(FailureKind::Failed, "reading the stream", detail);
    stream_failed_ = true;
    stop(HResult::Fail);
}

void SectionMachine::write_next(transports::Instant now, ActionList& out) {
    const bool whole = written_ < count() && read_ >= written_ + chunk_at(written_);
    if (write_out_ || !whole || (resend_at_ && now < *resend_at_)) {
        return;
    }
    auto command = write_command();
    if (!command) {
        failure_ = std::move(command).error();
        stop(HResult::InvalidArgument);
        stage_ = Stage::Ended;
        return;
    }
    if (refusals_ == 0) {
        write_since_ = now;
    }
    resend_at_.reset();
    write_out_ = true;
    first_issued_ = true;
    stage_ = Stage::Writing;
    out.emplace_back(*std::move(command));
}

Result<Execute, Failure> SectionMachine::write_command() const {
    const std::uint32_t blocks = chunk_at(written_);
    const auto lba = static_cast<mmc::Lba>(static_cast<std::int64_t>(section_.start) + written_);
    const mmc::BlockCount length{blocks};
    const auto cdb =
        section_.streaming
            ? mmc::encode(mmc::Write12{
                  .logical_block_address = lba, .transfer_length = length, .streaming = true})
            : mmc::encode(mmc::Write10{.logical_block_address = lba, .transfer_length = length});
    if (!cdb) {
        return tl::make_unexpected(make_failure(FailureKind::Unsuitable, "building a WRITE",
                                                "a value does not fit its field"));
    }
    Execute execute;
    execute.cdb = *cdb;
    execute.payload = Payload::Ring;
    execute.milestone = milestone();
    execute.bytes = blocks * section_.bytes_per_sector;
    execute.slot = written_ / section_.sectors_per_write % slots_;
    execute.timeout = write_deadline();
    return execute;
}

Milestone SectionMachine::milestone() const {
    const bool last = written_ + chunk_at(written_) == count();
    if (first_issued_) {
        return last ? Milestone::LastWrite : Milestone::MiddleWrite;
    }
    return last ? Milestone::OnlyWrite : Milestone::FirstWrite;
}

void SectionMachine::write_completed(const Completed& event, transports::Instant now,
                                     ActionList& out) {
    write_out_ = false;
    const std::uint32_t blocks = chunk_at(written_);
    const bool last = written_ + blocks == count();
    // What the medium is nobody has said: as if it had a next writable address, a WRITE of which
    // the drive may have done something is never repeated.
    const Verdict verdict = event.error ? classify(Role::SequentialWrite, *event.error)
                                        : classify(Role::SequentialWrite, *event.completion);
    if (verdict == Verdict::Done) {
        written_ += blocks;
        refusals_ = 0;
        if (last) {
            // Complete, whatever was latched while the last WRITE was out.
            code_ = HResult::Ok;
            failure_.reset();
            stream_failed_ = false;
        }
        return;
    }
    if (code_) {
        return;  // a cancel, or the stream's failure, came first
    }
    if (verdict == Verdict::KeepWaiting && now - write_since_ < write_deadline()) {
        resend_at_ = now + pause();
        ++refusals_;
        if (last) {
            out.emplace_back(LastWriteRefused{});
        }
        return;
    }
    write_failed(event);
}

void SectionMachine::write_failed(const Completed& event) {
    const auto command = write_command();
    const std::string words = command ? words_of(*command) : "WRITE";
    failure_ = event.error ? failure_from_transport(words, *event.error)
                           : failure_from_completion(words, *event.completion);
    failure_->doing = "writing";
    failure_->lba = static_cast<mmc::Lba>(static_cast<std::int64_t>(section_.start) + written_);
    stop(code_of(*failure_));
}

void SectionMachine::cancel_seen(const CancelSeen& event) {
    if (event.withdrawn) {
        write_out_ = false;
    }
    stop(HResult::RequestCancelled);
}

void SectionMachine::stop(HResult code) {
    if (!code_) {
        code_ = code;
        stage_ = Stage::Stopping;
    }
    resend_at_.reset();
}

/// How long to leave the drive alone. Between the two estimates the speed is taken to grow evenly,
/// as that of a disc does; where one is missing the other holds for all of it.
transports::Duration SectionMachine::pause() const {
    std::int64_t from = section_.starting_sectors_per_second;
    std::int64_t to = section_.ending_sectors_per_second;
    if (from < 0 && to < 0) {
        return kUnknownSpeed.pause(refusals_);
    }
    from = from < 0 ? to : from;
    to = to < 0 ? from : to;
    const std::int64_t sectors = from + (to - from) * written_ / count();
    const std::int64_t kilobytes = sectors * section_.bytes_per_sector / 1000;
    constexpr std::int64_t kFastest = 10'000'000;  // any more is 4 ms too
    return buffer_full_pause(static_cast<std::uint32_t>(std::min(kilobytes, kFastest)));
}

Progress SectionMachine::progress(transports::Instant now) const {
    Progress it;
    const std::uint64_t each = section_.bytes_per_sector;
    it.phase = Phase::WritingData;
    it.start_lba = static_cast<std::int64_t>(section_.start);
    it.sector_count = count();
    it.last_read_lba = it.start_lba + read_ - 1;
    it.last_written_lba = it.start_lba + written_ - 1;
    it.total_system_buffer = each * section_.sectors_per_write * slots_;
    it.used_system_buffer = each * (read_ - written_);
    it.free_system_buffer = it.total_system_buffer - it.used_system_buffer;
    it.elapsed = now - started_;
    return it;
}

SectionEnd SectionMachine::end() const {
    return {.code = code_.value_or(HResult::Fail),
            .failure = failure_,
            .stream_failed = stream_failed_,
            .written = written_};
}

}  // namespace kiln::stack::imapi
