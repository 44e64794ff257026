// The WRITE loop of the burn machine, and what it tells of it.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "mmc/responses/capacity.h"
#include "mmc/sense.h"

#include "stack/burn_machine.h"
#include "stack/facts.h"
#include "stack/failure.h"
#include "stack/step_commands.h"
#include "stack/wait.h"

namespace kiln::stack {

void BurnMachine::pump_writes(transports::Instant now, ActionList& out) {
    if (command_out()) {
        return;
    }
    if (resend_at_) {
        if (now >= *resend_at_) {
            resend_at_.reset();
            send_write(now, out);
        }
        return;
    }
    if (window_.finished()) {
        if (stage_ == Stage::Cancelling) {
            const auto policy = static_cast<std::size_t>(*policy_carried_out_);
            const Steps steps = plan_.recipe->on_cancel.at(policy);
            sequence_moved(sequence_.start(steps, plan_, learned_, now, out), now, out);
        } else {
            enter(Stage::Finishing, now, out);
        }
        return;
    }
    if (buffer_query_due_) {
        buffer_query_due_ = false;
        buffer_query_out_ = true;
        out.emplace_back(ask_buffer());
        return;
    }
    if (hold_writes_until_) {
        if (now < *hold_writes_until_) {
            return;
        }
        hold_writes_until_.reset();
    }
    chunk_ = window_.next_chunk();
    if (chunk_) {
        chunk_since_ = now;
        write_retries_ = 0;
        send_write(now, out);
    }
}

void BurnMachine::send_write(transports::Instant now, ActionList& out) {
    auto command = write_command(plan_, chunk_->lba, chunk_->blocks, chunk_->slot);
    if (!command) {
        fail(std::move(command).error());
        return;
    }
    const bool pads_a_cancel = stage_ == Stage::Cancelling;
    if (!pads_a_cancel) {
        command->milestone = chunk_->first && !wrote_
                                 ? (chunk_->last ? Milestone::OnlyWrite : Milestone::FirstWrite)
                                 : (chunk_->last ? Milestone::LastWrite : Milestone::MiddleWrite);
    }
    if (!wrote_) {
        first_write_ = now;
    }
    wrote_ = true;
    write_out_ = true;
    out.emplace_back(*std::move(command));
}

void BurnMachine::write_completed(const Completed& event, transports::Instant now,
                                  ActionList& out) {
    write_out_ = false;
    const Role role = plan_.recipe->write.sequential ? Role::SequentialWrite : Role::RandomWrite;
    const Verdict verdict =
        event.error ? classify(role, *event.error) : classify(role, *event.completion);
    switch (verdict) {
        case Verdict::Done:
            window_.accepted(*chunk_);
            chunk_.reset();
            last_write_ = now;
            return;
        case Verdict::KeepWaiting:
            if (now - chunk_since_ < poll_for(LongOperation::Write, plan_.family).deadline) {
                // The drive's buffer is full: the same WRITE again when some of it is on the disc.
                send_again(now + buffer_full_pause(plan_.write_kilobytes), out);
                return;
            }
            break;
        case Verdict::Retry:
            if (++write_retries_ <= kMaxRetries) {
                send_again(now, out);
                return;
            }
            break;
        case Verdict::Resync:
        case Verdict::Fail:
            break;
    }
    write_refused(event, now, out);
}

void BurnMachine::send_again(transports::Instant at, ActionList& out) {
    resend_at_ = at;
    if (chunk_->last) {
        out.emplace_back(LastWriteRefused{});
    }
}

/// A minimally blanked DVD-RW takes only disc-at-once, and its drive may still claim feature 0021h:
/// the first WRITE is 5/64/00 then. Nothing is written, so the mode can still be changed, if the
/// size is known.
bool BurnMachine::falls_back_to_disc_at_once(const Completed& event, transports::Instant now,
                                             ActionList& out) {
    const bool first = window_.accepted_blocks() == 0 && stage_ == Stage::Writing;
    const bool wrong_mode =
        event.completion && event.completion->sense.is(mmc::SenseKey::IllegalRequest, 0x6400);
    if (!first || !wrong_mode || plan_.recipe->id != RecipeId::DvdMinusIncremental ||
        plan_.status_before != DiscStatus::Blank || !plan_.total_blocks()) {
        return false;
    }
    out.emplace_back(NotifyWarning{
        "the disc takes only disc-at-once, whatever the drive says: it will be closed"});
    plan_.recipe = &recipe(RecipeId::DvdMinusDiscAtOnce);
    plan_.write_type = 2;
    plan_.closes = true;
    plan_.multi_session = false;
    plan_.calibrates = false;
    plan_.blanks = false;
    plan_.reserve_blocks = static_cast<std::uint32_t>(*plan_.total_blocks());
    chunk_.reset();
    sequence_.forget_what_is_done();
    stage_ = Stage::Preparing;
    prepare_list_ = 0;
    prepared(now, out);
    return true;
}

void BurnMachine::write_refused(const Completed& event, transports::Instant now, ActionList& out) {
    last_write_ = now;
    if (was_interrupted(event)) {
        needs_recovery_ = true;
        return;  // we did that; wind_down() goes on from here
    }
    if (falls_back_to_disc_at_once(event, now, out)) {
        return;
    }
    const auto command = write_command(plan_, chunk_->lba, chunk_->blocks, chunk_->slot);
    const std::string words = command ? words_of(*command) : "WRITE (10)";
    Failure failure = event.error ? failure_from_transport(words, *event.error)
                                  : failure_from_completion(words, *event.completion);
    failure.doing = "writing";
    failure.lba = chunk_->lba;
    if (event.completion && event.completion->sense.is(mmc::SenseKey::NotReady, 0x0408)) {
        failure.kind = FailureKind::TimedOut;
        failure.detail = "the drive's buffer stayed full until the deadline";
    }
    if (event.completion && event.completion->sense.is(mmc::SenseKey::IllegalRequest, 0x6400) &&
        window_.accepted_blocks() == 0) {
        failure.detail =
            "the disc does not take this way of writing; give --size, or blank it in full";
    }
    write_failed_ = true;
    padding_failed_ = stage_ == Stage::Cancelling;
    fail(std::move(failure));
}

void BurnMachine::buffer_answered(const Completed& event, transports::Instant now,
                                  ActionList& /*out*/) {
    buffer_query_out_ = false;
    buffer_query_works_ = false;
    if (!event.completion || event.completion->status != transports::Status::Good) {
        drive_buffer_percent_.reset();
        return;  // never asked again: only for the display
    }
    const auto answer = mmc::decode_buffer_capacity(
        event.answer.first(std::min<std::size_t>(event.answer.size(), event.completion->moved)));
    if (answer && answer->buffer_length > 0) {
        // Some drives report more room than they have.
        const auto total = static_cast<double>(answer->buffer_length);
        const auto room = std::min(total, static_cast<double>(answer->available));
        drive_buffer_percent_ = (total - room) * 100.0 / total;
        buffer_query_works_ = true;
        if (room < static_cast<double>(plan_.chunk_blocks) * kBlockSize) {
            // The next WRITE would be held or refused. Waiting here keeps the drive free for a
            // cancel, which cannot end a WRITE in flight.
            hold_writes_until_ = now + buffer_full_pause(plan_.write_kilobytes);
        }
    }
}

void BurnMachine::sample_speed(transports::Instant now) {
    if (!wrote_) {
        return;
    }
    samples_.at(sample_count_++ % samples_.size()) = {.at = now,
                                                      .blocks = window_.accepted_blocks()};
}

Phase BurnMachine::phase_now() const {
    switch (stage_) {
        case Stage::Writing:
            return Phase::WritingData;
        case Stage::Preparing:
            return sequence_.phase().value_or(Phase::InitializingHardware);
        case Stage::Idle:
        case Stage::Waiting:
            return Phase::InitializingHardware;
        default:
            return plan_.recipe->writes ? Phase::Finalization
                                        : sequence_.phase().value_or(Phase::Finalization);
    }
}

Progress BurnMachine::progress(transports::Instant now) const {
    Progress it;
    it.phase = phase_now();
    it.start_lba = static_cast<std::int64_t>(plan_.start);
    const auto payload = plan_.payload_blocks();
    it.sector_count = payload.value_or(0);
    const auto read =
        static_cast<std::int64_t>((window_.read_bytes() + kBlockSize - 1) / kBlockSize);
    it.last_read_lba = it.start_lba - 1 + read;
    it.last_written_lba = it.start_lba - 1 + static_cast<std::int64_t>(window_.accepted_payload());
    it.total_system_buffer = plan_.recipe->writes ? total_buffer_ : 0;
    it.used_system_buffer =
        std::min(it.total_system_buffer, static_cast<std::uint64_t>(window_.filled_slots()) *
                                             plan_.chunk_blocks * kBlockSize);
    it.free_system_buffer = it.total_system_buffer - it.used_system_buffer;
    it.elapsed = now - started_;
    it.drive_buffer_percent = drive_buffer_percent_;
    it.operation_percent = sequence_.percent();
    if (sample_count_ > 0) {
        const Sample& oldest = sample_count_ < samples_.size()
                                   ? samples_.front()
                                   : samples_.at(sample_count_ % samples_.size());
        const double seconds = std::chrono::duration<double>(now - oldest.at).count();
        const auto bytes =
            static_cast<double>((window_.accepted_blocks() - oldest.blocks) * kBlockSize);
        if (seconds > 0.01 && plan_.one_x_bytes > 0 && stage_ == Stage::Writing) {
            it.speed_x = bytes / seconds / plan_.one_x_bytes;
            if (payload && bytes > 0) {
                const auto left = static_cast<double>(
                    (*payload - std::min(*payload, window_.accepted_payload())) * kBlockSize);
                it.remaining = std::chrono::duration_cast<transports::Duration>(
                    std::chrono::duration<double>(left * seconds / bytes));
            }
        }
    }
    return it;
}

}  // namespace kiln::stack
