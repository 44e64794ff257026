/// \file
/// An open drive with the operations of the stack over it, for verbs that write nothing.

#pragma once

#include <memory>
#include <string>

#include "stack/drive.h"

#include "tools/kiln/problem.h"
#include "tools/kiln/verbs.h"
#include "tools/libkiln/open_drive.h"

namespace kiln::tools {

/// The border between an address that leads to no drive and a verb that cannot do its work.
[[nodiscard]] Problem problem_from(const std::string& doing, const OpenError& error);

/// Opens `address`, or says in one line why not.
[[nodiscard]] Result<std::unique_ptr<OpenDrive>, Problem> open_for(const Context& context,
                                                                   const std::string& address);

/// Thread:  one
class DriveSession {
public:
    [[nodiscard]] static Result<std::unique_ptr<DriveSession>, Problem> open(
        const Context& context, const std::string& address);

    [[nodiscard]] stack::Drive& drive() { return drive_; }
    [[nodiscard]] transports::Transport& transport() { return opened_->transport(); }
    [[nodiscard]] transports::Clock& clock() { return opened_->clock(); }
    [[nodiscard]] const std::string& address() const { return address_; }
    /// Puts the drive away; a problem with that is the verb's problem.
    [[nodiscard]] Result<void, Problem> close();

private:
    DriveSession(std::string address, std::unique_ptr<OpenDrive> opened, transports::Waker& waker)
        : address_(std::move(address)),
          opened_(std::move(opened)),
          drive_(opened_->transport(), opened_->clock(), waker) {}

    std::string address_;
    std::unique_ptr<OpenDrive> opened_;
    stack::Drive drive_;
};

}  // namespace kiln::tools
