/// \file
/// An open drive with the operations of the stack over it, for verbs that write nothing.

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "transports/stop.h"

#include "stack/drive.h"

#include "tools/kiln/problem.h"
#include "tools/kiln/signals.h"
#include "tools/kiln/verbs.h"
#include "tools/libkiln/open_drive.h"

namespace kiln::tools {

/// The border between an address that leads to no drive and a verb that cannot do its work.
[[nodiscard]] Problem problem_from(const std::string& doing, const OpenError& error);

/// Opens `address`, or says in one line why not. `stop`, which outlives the drive, ends that early.
[[nodiscard]] Result<std::unique_ptr<OpenDrive>, Problem> open_for(const Context& context,
                                                                   const std::string& address,
                                                                   transports::Stop& stop);

/// While it lives signals interrupt the command under way, and every later one: what waits for the
/// drive fails with Interrupted, status 3, and the drive is given back.
///
/// Thread:  one, the main one
class DriveSession {
public:
    [[nodiscard]] static Result<std::unique_ptr<DriveSession>, Problem> open(
        const Context& context, const std::string& address,
        SignalWords words = SignalWords::Asking);
    DriveSession(const DriveSession&) = delete;
    DriveSession& operator=(const DriveSession&) = delete;
    ~DriveSession() { stop_.watch(nullptr); }

    [[nodiscard]] stack::Drive& drive() { return *drive_; }
    [[nodiscard]] const transports::Stop& stop() const { return stop_; }
    [[nodiscard]] transports::Transport& transport() { return opened_->transport(); }
    [[nodiscard]] transports::Clock& clock() { return opened_->clock(); }
    [[nodiscard]] const std::string& address() const { return address_; }
    /// Puts the drive away; a problem with that is the verb's problem.
    [[nodiscard]] Result<void, Problem> close();

private:
    DriveSession(std::string address, transports::Waker& waker, SignalWords words)
        : address_(std::move(address)), stop_(waker), guard_(stop_, words) {}

    std::string address_;
    transports::Stop stop_;
    SignalGuard guard_;
    std::unique_ptr<OpenDrive> opened_;
    std::optional<stack::Drive> drive_;
};

}  // namespace kiln::tools
