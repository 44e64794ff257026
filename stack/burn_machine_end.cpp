// What the burn machine says of its end: before, and when it is there.

#include <algorithm>
#include <cstdint>

#include "stack/burn_machine.h"
#include "stack/facts.h"
#include "stack/failure.h"
#include "stack/prediction.h"

namespace kiln::stack {

Prediction BurnMachine::if_cancelled(CancelPolicy policy) const {
    const std::uint64_t accepted = window_.accepted_payload();
    if (stage_ == Stage::Ended) {
        return end().outcome == Outcome::Completed
                   ? predict_completed(plan_, accepted)
                   : predict_cancelled(plan_, accepted, policy, sequence_.done());
    }
    if (!plan_.recipe->writes) {
        return predict_stopped(plan_, learned_.formatted || learned_.blanked);
    }
    const CancelPolicy asked = cancel_ ? std::max(*cancel_, policy) : policy;
    OpSet done = sequence_.done();
    if (const auto op = sequence_.under_way(); op && sequence_.in_guarded_operation()) {
        done.set(static_cast<std::size_t>(*op));
    }
    if (failure_ || write_failed_) {
        return predict_failed(plan_, accepted);
    }
    // The WRITE in flight is awaited; the last one cannot be taken back.
    const bool awaited = write_out_ && chunk_ && asked != CancelPolicy::Emergency;
    // One that is interrupted may have been accepted all the same: it counts for the upper bound.
    const std::uint64_t payload = accepted + (write_out_ && chunk_ ? chunk_->payload_blocks : 0);
    const bool complete = stage_ == Stage::Finishing || (awaited && chunk_->last) ||
                          (stage_ == Stage::Writing && window_.finished());
    if (complete && !cancel_ &&
        (asked == CancelPolicy::MakeReadable || nothing_left(plan_.recipe->finish, plan_, done))) {
        return predict_completed(plan_, payload);
    }
    return predict_cancelled(plan_, payload, asked, done);
}

/// A cancel that came too late to leave anything out: every block is accepted, and what the policy
/// did is all that was planned.
bool BurnMachine::left_nothing_out() const {
    // A reserved track that is not filled up stays open.
    const bool filled = !plan_.recipe->write.sequential ||
                        window_.accepted_blocks() >= plan_.padded(window_.accepted_payload());
    return window_.source_ended() && !source_failed_ && filled &&
           window_.accepted_payload() * kBlockSize >= window_.read_bytes() &&
           nothing_left(plan_.recipe->finish, plan_, sequence_.done());
}

MachineEnd BurnMachine::end() const {
    MachineEnd end;
    end.failure = failure_;
    end.accepted_payload = window_.accepted_payload();
    end.accepted_blocks = window_.accepted_blocks();
    end.wrote = wrote_;
    end.write_failed = write_failed_;
    end.gone = gone_;
    end.ending_done = ending_done_;
    end.steps_done = sequence_.done();
    end.operation_begun = learned_.formatted || learned_.blanked;
    end.operation_stopped = sequence_.stopped();
    end.writing =
        wrote_ ? std::max(last_write_, first_write_) - first_write_ : transports::Duration{};
    if (failure_) {
        end.outcome = Outcome::Failed;
        end.code = code_of(*failure_);
    } else if (ending_done_ && (policy_carried_out_ ? left_nothing_out() : all_accepted_)) {
        end.outcome = Outcome::Completed;
        end.code = HResult::Ok;
    } else {
        end.outcome = Outcome::Cancelled;
        end.code = HResult::RequestCancelled;
        end.cancelled = policy_carried_out_ ? policy_carried_out_ : cancel_;
    }
    return end;
}

}  // namespace kiln::stack
