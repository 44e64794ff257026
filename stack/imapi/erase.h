/// \file
/// IDiscFormat2Erase: blanks a CD-RW or DVD-RW. It has no cancel.

#pragma once

#include <cstdint>
#include <optional>

#include "stack/hresult.h"
#include "stack/imapi/format_layer.h"
#include "stack/imapi/recorder.h"
#include "stack/outcome.h"

namespace kiln::stack::imapi {

class Erase;

/// DDiscFormat2EraseEvents.
class EraseEvents {
public:
    EraseEvents() = default;
    EraseEvents(const EraseEvents&) = delete;
    EraseEvents& operator=(const EraseEvents&) = delete;
    virtual ~EraseEvents() = default;

    /// Units:   seconds; the estimate of the whole is 0 where there is none
    /// Thread:  erase_media()'s; no lock is held. What it returns is ignored
    virtual HResult update(Erase& object, std::int32_t elapsed_seconds,
                           std::int32_t estimated_total_seconds) = 0;
};

/// What the setters give while a medium is erased: EraseRecorderInUse. Another recorder can be set
/// only when the first is cleared: EraseOnlyOneRecorder.
class Erase final : public FormatLayer {
public:
    Erase();

    /// Spec:    IDiscFormat2Erase::EraseMedia
    /// Blocks:  until the medium is blank: minutes, and an hour for a full erase at 1x
    /// Cancel:  none: a blank that is cut off costs the disc
    /// Errors:  EraseRecorderInUse; RecorderRequired; EraseClientNameNotValid: none was set;
    /// Locked;
    ///          NoMedia; EraseMediaNotErasable; EraseTookTooLong; EraseCommandFailed;
    ///          EraseUnexpectedResponse: the drive said GOOD, and the disc is not blank
    [[nodiscard]] HResult erase_media();

    /// False at first: only what makes the medium look blank.
    ///
    /// Spec:    IDiscFormat2Erase::put_FullErase
    HResult set_full_erase(VariantBool value) { return change(full_erase_, value); }
    [[nodiscard]] VariantBool full_erase() const { return value_of(full_erase_); }

    /// One sink; null: none.
    void advise(EraseEvents* events) { events_ = events; }
    [[nodiscard]] const std::optional<BurnReport>& report() const { return report_; }

protected:
    [[nodiscard]] HResult may_follow(const Recorder* now, const Recorder* value) const override {
        const bool second = now != nullptr && value != nullptr && now != value;
        return second ? HResult::EraseOnlyOneRecorder : HResult::Ok;
    }

private:
    class Teller;

    VariantBool full_erase_ = VariantBool::False;
    EraseEvents* events_ = nullptr;
    std::optional<BurnReport> report_;
};

}  // namespace kiln::stack::imapi
