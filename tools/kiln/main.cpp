/// \file
/// kiln: burns optical discs.

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "transports/os/os_clock.h"

#include "tools/kiln/command_line.h"
#include "tools/kiln/console.h"
#include "tools/kiln/json_reporter.h"
#include "tools/kiln/line_writer.h"
#include "tools/kiln/signals.h"
#include "tools/kiln/text_reporter.h"
#include "tools/kiln/verbs.h"

namespace {

using namespace kiln;         // NOLINT(google-build-using-namespace): this file is the program
using namespace kiln::tools;  // NOLINT(google-build-using-namespace)

/// A file opened later must not become standard output because that was closed.
void fill_standard_descriptors() {
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        // NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): their faces
        if (fcntl(descriptor, F_GETFD) < 0) {
            // The lowest free number is the one that is missing.
            [[maybe_unused]] const int filled = open("/dev/null", O_RDWR);
        }
        // NOLINTEND(cppcoreguidelines-pro-type-vararg)
    }
}

bool changes_a_disc(std::span<const std::string> words) {
    constexpr std::array<std::string_view, 3> kVerbs{"burn", "blank", "format"};
    return !words.empty() && std::find(kVerbs.begin(), kVerbs.end(), words[0]) != kVerbs.end();
}

std::unique_ptr<Reporter> make_reporter(bool json, bool output_is_data, Console& console) {
    if (json) {
        return std::make_unique<JsonReporter>(console, STDOUT_FILENO);
    }
    return std::make_unique<TextReporter>(console, output_is_data ? STDERR_FILENO : STDOUT_FILENO);
}

ExitStatus end_without_verb(const CommandLineEnd& end, std::span<const std::string> words,
                            Console& console) {
    if (!end.wrong_usage) {
        LineWriter output(STDOUT_FILENO);
        output.write(end.text);
        return ExitStatus::Done;
    }
    const auto reporter = make_reporter(end.json, false, console);
    const Problem problem = wrong_usage(end.text);
    return changes_a_disc(words) ? reporter->burn_failed_early(problem) : reporter->failed(problem);
}

ExitStatus run_program(std::span<const std::string> words) {
    transports::OsClock clock;
    transports::OsWaker waker;
    const auto arguments = parse_command_line(words);
    const bool json = arguments ? arguments->json : arguments.error().json;
    ConsoleStyle style = ConsoleStyle::of_standard_error();
    // Two things that move on one terminal would be unreadable.
    style.bar = style.bar && !(json && LineWriter(STDOUT_FILENO).is_terminal());
    style.notes = !json;
    Console console(style, clock);
    if (!arguments) {
        return end_without_verb(arguments.error(), words, console);
    }
    const auto* read = std::get_if<ReadArguments>(&arguments->verb);
    const auto reporter = make_reporter(json, read != nullptr && read->file == "-", console);
    const Context context{
        .reporter = *reporter, .clock = clock, .waker = waker, .log = arguments->log};
    return std::visit([&](const auto& verb) { return run(context, verb); }, arguments->verb);
}

}  // namespace

int main(int argc, char** argv) {
    fill_standard_descriptors();
    ignore_broken_pipes();
    const std::span<char*> all(argv, static_cast<std::size_t>(argc));
    const std::vector<std::string> words(all.begin() + std::min(argc, 1), all.end());
    return static_cast<int>(run_program(words));
}
