/// \file
/// Who has a drive: one of these for each drive, shared by its recorders.

#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "stack/hresult.h"

namespace kiln::stack::imapi {

/// The rules of IDiscRecorder2::AcquireExclusiveAccess and of the IOCTL below it: counted, one
/// owner, a name for others to read. Beside it, that one thread at a time speaks to the drive.
///
/// Spec:    IDiscRecorder2; ntddcdrm.h, IOCTL_CDROM_EXCLUSIVE_ACCESS
/// Thread:  any
class ExclusiveAccess {
public:
    ExclusiveAccess() = default;
    ExclusiveAccess(const ExclusiveAccess&) = delete;
    ExclusiveAccess& operator=(const ExclusiveAccess&) = delete;
    ~ExclusiveAccess() = default;

    /// `who` is an address that tells recorders apart.
    ///
    /// Errors:  InvalidArgument for a name that is_client_name() refuses; Locked where another has
    ///          it: owner() says who
    [[nodiscard]] HResult acquire(const void* who, std::string_view name);
    /// Errors:  Fail where nobody has it; InvalidHandle where another has
    HResult release(const void* who);

    /// Locked where another one has it, else Ok.
    [[nodiscard]] HResult may_use(const void* who) const;
    /// The holder's name; empty where there is none.
    [[nodiscard]] std::string owner() const;

private:
    friend class DriveUse;
    [[nodiscard]] HResult enter(const void* who);
    void leave();

    mutable std::mutex mutex_;
    const void* holder_ = nullptr;
    unsigned count_ = 0;
    std::string name_;
    bool in_use_ = false;
};

/// For its lifetime, where code() is Ok, nobody else speaks to the drive; the others get Locked at
/// once, and nobody waits. A handler that is called while a section is written gets it too: a drive
/// takes one command at a time.
class DriveUse {
public:
    DriveUse(ExclusiveAccess& access, const void* who)
        : access_(access), code_(access.enter(who)) {}
    ~DriveUse() {
        if (code_ == HResult::Ok) {
            access_.leave();
        }
    }
    DriveUse(const DriveUse&) = delete;
    DriveUse& operator=(const DriveUse&) = delete;

    [[nodiscard]] HResult code() const { return code_; }

private:
    ExclusiveAccess& access_;
    HResult code_;
};

/// Letters, digits, blanks and `. , : ; - _`; at least one, less than 64
/// (CDROM_EXCLUSIVE_CALLER_LENGTH, with the NUL).
[[nodiscard]] bool is_client_name(std::string_view name);

}  // namespace kiln::stack::imapi
