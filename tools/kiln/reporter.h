/// \file
/// How a verb tells what it does and how it ended: for people, or as JSON Lines.

#pragma once

#include <cstdint>
#include <string>

#include "stack/outcome.h"

#include "tools/kiln/exit_status.h"
#include "tools/kiln/json_object.h"
#include "tools/kiln/problem.h"

namespace kiln::tools {

/// What a verb that asks found out; one JSON object or some lines of text.
class Answer {
public:
    Answer() = default;
    Answer(Answer&&) = default;
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;
    Answer& operator=(Answer&&) = delete;
    virtual ~Answer() = default;
    /// "info"
    [[nodiscard]] virtual std::string event() const = 0;
    [[nodiscard]] virtual JsonObject json() const = 0;
    [[nodiscard]] virtual std::string text() const = 0;
};

struct ReadProgress;

/// How a verb that only reads or moves the tray ended.
struct Ending {
    std::string words;   // "read 1024 blocks into disc.iso"
    JsonObject details;  // members of the result event beside outcome and code
};

/// Every implementation says errors and warnings on standard error too.
///
/// Thread:  one
class Reporter : public stack::BurnObserver {
public:
    virtual void on_read(const ReadProgress& progress) = 0;
    /// The end of a burn, blank or format; returns the exit status that it means.
    virtual ExitStatus burn_ended(const stack::BurnReport& report) = 0;
    /// The end of another verb that did something.
    virtual ExitStatus ended(const Ending& ending) = 0;
    /// What a verb that asks found out; its only output if that went well.
    virtual ExitStatus answer(const Answer& answer) = 0;
    /// The end of a verb that could not do it. Returns the problem's status.
    virtual ExitStatus failed(const Problem& problem) { return failed(problem, JsonObject()); }
    /// `details` are further members of the result event.
    virtual ExitStatus failed(const Problem& problem, const JsonObject& details) = 0;
    /// The end of a burn, blank or format that nothing was done for: its result event has all
    /// members of a burn's.
    ExitStatus burn_failed_early(const Problem& problem);
    /// Waits that are bounded, but not by the drive, may be longer: nothing runs dry meanwhile.
    virtual void time_stands_still_while_writing() {}
};

/// The exit status of a burn.
[[nodiscard]] ExitStatus status_of(const stack::BurnReport& report);

/// "on the disc now: 1 session, 1 track, 1024 blocks of this burn can be read, appendable"; of a
/// disc that nothing was burnt onto what is on it alone.
[[nodiscard]] std::string words_for_disc(const stack::BurnReport& report);

/// One line for the end of a burn: what was done or what went wrong, and what is on the disc now.
[[nodiscard]] std::string words_for(const stack::BurnReport& report);

}  // namespace kiln::tools
