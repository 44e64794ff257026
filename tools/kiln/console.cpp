#include "tools/kiln/console.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tools/kiln/units.h"

namespace kiln::tools {
namespace {

constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kYellow = "\x1b[33m";
constexpr std::string_view kPlain = "\x1b[0m";
constexpr std::string_view kEraseLine = "\r\x1b[K";
constexpr double kAll = 100;
constexpr transports::Duration kBetweenBars = std::chrono::milliseconds(100);
/// A terminal that does not take text does not hold up a burn.
constexpr transports::Duration kImpatient = std::chrono::milliseconds(100);

std::optional<double> percent_of(const stack::Progress& progress) {
    if (progress.operation_percent) {
        return progress.operation_percent;
    }
    if (progress.sector_count == 0) {
        return std::nullopt;
    }
    const auto done = static_cast<double>(progress.last_written_lba - progress.start_lba + 1);
    return std::clamp(kAll * done / static_cast<double>(progress.sector_count), 0.0, kAll);
}

bool set_in_environment(const char* name) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread is started
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
}

}  // namespace

ConsoleStyle ConsoleStyle::of_standard_error() {
    ConsoleStyle style;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread is started
    const char* terminal = std::getenv("TERM");
    const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
    style.bar = isatty(STDERR_FILENO) == 1 && !dumb;
    style.color = style.bar && !set_in_environment("NO_COLOR");
    winsize size{};
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): that is ioctl's face
    if (style.bar && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        style.columns = size.ws_col;
    }
    return style;
}

Bar bar_of(const stack::Progress& progress) {
    return {.label = name_of(progress.phase),
            .percent = percent_of(progress),
            .speed_x = progress.speed_x,
            .buffer_percent = progress.drive_buffer_percent,
            .elapsed = progress.elapsed,
            .remaining = progress.remaining};
}

Bar bar_of(const ReadProgress& progress) {
    Bar bar{.label = "reading",
            .percent = std::nullopt,
            .buffer_percent = std::nullopt,
            .elapsed = progress.elapsed,
            .remaining = std::nullopt};
    if (progress.done_blocks > 0 && progress.all_blocks > 0) {
        const double part =
            static_cast<double>(progress.done_blocks) / static_cast<double>(progress.all_blocks);
        bar.percent = kAll * part;
        bar.remaining = std::chrono::duration_cast<transports::Duration>(
            std::chrono::duration<double, std::nano>(static_cast<double>(progress.elapsed.count()) *
                                                     (1.0 - part) / part));
    }
    return bar;
}

std::string draw(const Bar& bar, std::size_t columns) {
    const std::string left = bar.percent ? fmt::format("{:<21} {:3.0f}% ", bar.label, *bar.percent)
                                         : fmt::format("{:<21}      ", bar.label);
    std::string right;
    if (bar.speed_x > 0) {
        right += fmt::format(" {:4.1f}x", bar.speed_x);
    }
    if (bar.buffer_percent) {
        right += fmt::format("  buffer {:3.0f}%", *bar.buffer_percent);
    }
    right += bar.remaining ? fmt::format("  {} left", words_for_time(*bar.remaining))
                           : fmt::format("  {}", words_for_time(bar.elapsed));
    std::string middle;
    constexpr std::size_t kShortest = 8;
    constexpr std::size_t kLongest = 40;
    const std::size_t taken = left.size() + right.size() + 3;
    if (bar.percent && columns > taken + kShortest) {
        const std::size_t room = std::min(columns - taken, kLongest);
        const auto full = static_cast<std::size_t>(*bar.percent / kAll * static_cast<double>(room));
        middle = fmt::format("[{}{}]", std::string(full, '#'), std::string(room - full, '.'));
    }
    std::string line = left + middle + right;
    // The last column stays free: a terminal may go to the next line after it.
    line.resize(std::min(line.size(), std::max<std::size_t>(columns, 1) - 1));
    return line;
}

void Console::phase(stack::Phase phase) {
    if (style_.notes && !style_.bar) {
        writer_.write(fmt::format("{}\n", name_of(phase)), kImpatient);
    }
}

void Console::bar(const Bar& bar) {
    const transports::Instant now = clock_.now();
    if (!style_.bar || (bar_shown_ && now - drawn_ < kBetweenBars)) {
        return;
    }
    drawn_ = now;
    bar_shown_ = true;
    writer_.write(fmt::format("{}{}", kEraseLine, draw(bar, style_.columns)), kImpatient);
}

void Console::clear_bar() {
    if (bar_shown_) {
        writer_.write(kEraseLine, kImpatient);
        bar_shown_ = false;
    }
}

void Console::note(std::string_view text) {
    if (style_.notes) {
        clear_bar();
        writer_.write(fmt::format("{}\n", text));
    }
}

void Console::warning(std::string_view text) {
    line("warning: ", kYellow, text);
}

void Console::error(std::string_view text) {
    line("", kRed, text);
}

void Console::line(std::string_view label, std::string_view color, std::string_view text) {
    clear_bar();
    if (style_.color) {
        writer_.write(fmt::format("{}kiln: {}{}{}\n", color, label, text, kPlain));
    } else {
        writer_.write(fmt::format("kiln: {}{}\n", label, text));
    }
}

}  // namespace kiln::tools
