/// \file
/// Text onto a file descriptor, for a program that must not die or wait because of who reads it.

#pragma once

#include <string_view>

#include "transports/clock.h"

namespace kiln::tools {

/// Never throws, never raises SIGPIPE's death as long as that signal is ignored.
///
/// Thread:  one at a time
class LineWriter {
public:
    explicit LineWriter(int descriptor) : descriptor_(descriptor) {}

    /// Writes all of `text`, or gives up.
    ///
    /// Blocks:  at most `patience` for a reader that does not read
    /// Returns: false where not everything was written. A reader that is gone stays gone
    bool write(std::string_view text, transports::Duration patience = kPatient);

    /// The reader went away, or the file is full: nothing more will be written.
    [[nodiscard]] bool broken() const { return broken_; }
    /// errno of what broke it; EPIPE where the reader went away.
    [[nodiscard]] int os_code() const { return os_code_; }
    [[nodiscard]] bool is_terminal() const;

    static constexpr transports::Duration kPatient = std::chrono::seconds(60);

private:
    int descriptor_;
    int os_code_ = 0;
    bool broken_ = false;
};

}  // namespace kiln::tools
