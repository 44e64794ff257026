/// \file
/// A whole burn: validate, plan, run the machine, read the disc back, verify.

#pragma once

#include <cstdint>

#include "transports/source.h"

#include "stack/cancel_word.h"
#include "stack/drive.h"
#include "stack/outcome.h"
#include "stack/ports.h"

namespace kiln::stack {

/// Asks whatever job runs to stop. One per job; outlives it.
///
/// Thread:  any, and signal handlers
class CancelSwitch {
public:
    CancelSwitch(transports::Waker& waker, transports::Source* source)
        : waker_(&waker), source_(source) {}

    /// Latches. A later request can only escalate.
    void request(CancelPolicy policy) noexcept;
    /// The first request asks for `first`, each further one for the next policy.
    void request_or_escalate(CancelPolicy first) noexcept;

    [[nodiscard]] AtomicCancelWord& word() { return word_; }

private:
    AtomicCancelWord word_;
    transports::Waker* waker_;
    transports::Source* source_;
};

struct BurnJob {
    Drive& drive;
    Ports& ports;  // over the same transport as `drive`
    transports::Source& source;
    CancelSwitch& cancel;
    BurnObserver& observer;
    BurnOptions options;
};

/// Burns `job.source` onto the medium in the drive.
///
/// Blocks:  until the drive is released; every wait inside has a deadline
/// Cancel:  job.cancel, in every phase, as its policy says
/// Errors:  in the report; the first one wins. A report is always complete: what the disc is now
/// was
///          read back where the drive still answers
/// Thread:  the caller's; nobody else may use the drive meanwhile
[[nodiscard]] BurnReport burn(const BurnJob& job);

/// Blanks a rewritable medium (CD-RW, DVD-RW) and reads its state back.
[[nodiscard]] BurnReport blank(Drive& drive, Ports& ports, CancelSwitch& cancel,
                               BurnObserver& observer, BlankKind kind);

/// Formats what can be formatted (CD-RW no; DVD-RW, DVD+RW, DVD-RAM, BD-R, BD-RE).
[[nodiscard]] BurnReport format(Drive& drive, Ports& ports, CancelSwitch& cancel,
                                BurnObserver& observer, const FormatOptions& options);

/// What would be done with `drive` now, and what a cancel would leave: for `kiln info`.
[[nodiscard]] transports::Result<PlanSummary, Failure> plan_only(Drive& drive,
                                                                 const BurnOptions& options);

}  // namespace kiln::stack
