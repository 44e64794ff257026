/// \file
/// What people see while something runs: standard error, with a bar where that is a terminal.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "transports/clock.h"

#include "stack/outcome.h"

#include "tools/kiln/line_writer.h"

namespace kiln::tools {

struct ConsoleStyle {
    bool bar = false;    // draws one; else phases are lines
    bool color = false;  // NO_COLOR and what is no terminal take it away
    bool notes = true;   // phases and notes as lines, where no bar is drawn
    std::size_t columns = 80;
    /// What fits standard error and the environment.
    [[nodiscard]] static ConsoleStyle of_standard_error();
};

/// What a bar shows.
struct Bar {
    std::string_view label;
    std::optional<double> percent;
    double speed_x = 0;
    std::optional<double> buffer_percent;
    transports::Duration elapsed{};
    std::optional<transports::Duration> remaining;
};
[[nodiscard]] Bar bar_of(const stack::Progress& progress);

/// How far a read is.
struct ReadProgress {
    std::uint64_t done_blocks = 0;
    std::uint64_t all_blocks = 0;
    transports::Duration elapsed{};  // on the drive's clock
};
[[nodiscard]] Bar bar_of(const ReadProgress& progress);

/// One line: "writing-data  37% [#######.....]  12.0x  buffer 98%  0:42 left"; fits `columns`.
[[nodiscard]] std::string draw(const Bar& bar, std::size_t columns);

/// Thread:  one
class Console {
public:
    /// `clock` is a real one: it limits how often the bar is drawn.
    Console(ConsoleStyle style, const transports::Clock& clock)
        : style_(style), clock_(clock), writer_(kStandardError) {}

    void phase(stack::Phase phase);
    void bar(const Bar& bar);
    void note(std::string_view text);
    void warning(std::string_view text);
    void error(std::string_view text);
    /// Takes the bar away, so that other lines can follow.
    void clear_bar();

private:
    static constexpr int kStandardError = 2;
    void line(std::string_view label, std::string_view color, std::string_view text);

    ConsoleStyle style_;
    const transports::Clock& clock_;
    LineWriter writer_;
    transports::Instant drawn_{};
    bool bar_shown_ = false;
};

}  // namespace kiln::tools
