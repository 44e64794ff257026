/// \file
/// kiln-bench [--bytes SIZE] [NAME...]: figures as one JSON object, a member for each benchmark.
///
/// Each runs in a process of its own, so that memory and CPU time are its own.

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/bench/bench.h"
#include "tools/kiln/line_writer.h"
#include "tools/kiln/units.h"

namespace {

using namespace kiln::tools;  // NOLINT(google-build-using-namespace): this file is the program
using namespace kiln::tools::bench;  // NOLINT(google-build-using-namespace)

struct Benchmark {
    std::string_view name;
    Figures (*run)(const Wanted&);
    std::string_view what;
    bool only_by_name = false;
};
constexpr std::array kBenchmarks{
    Benchmark{"burn-digest", burn_digest,
              "a burn onto sim:bd-r,content=digest beside reading its source alone"},
    Benchmark{"burn-keep", burn_keep, "a burn into a folder beside dd bs=64K"},
    Benchmark{"burns", burns_per_second, "simulated burns per second"},
    Benchmark{"memory", memory, "peak memory of a burn"},
    Benchmark{"allocations", allocations, "allocations for each WRITE"},
    Benchmark{"commands", commands, "nanoseconds for a command built and decoded"},
    Benchmark{"usb", usb,
              "by name only: kiln, cdrskin and wodim on one USB burner in QEMU, and the ceiling",
              true},
};

std::string help() {
    std::string text =
        "kiln-bench [--bytes SIZE] [NAME...]\nFigures as one JSON object; without names all.\n\n";
    for (const Benchmark& benchmark : kBenchmarks) {
        text += fmt::format("  {:<14} {}\n", benchmark.name, benchmark.what);
    }
    return text;
}

/// What `run` wrote in a process of its own: a JSON object, or a line that begins with '!'.
std::string run_apart(const Benchmark& benchmark, const Wanted& wanted) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) {
        return "!no pipe";
    }
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        const Figures figures = benchmark.run(wanted);
        LineWriter(ends[1]).write(!figures.problem.empty() ? "!" + figures.problem
                                  : figures.json.empty()   ? figures.values.line()
                                                           : figures.json);
        _exit(0);
    }
    close(ends[1]);
    std::string text;
    constexpr std::size_t kSome = 4096;
    std::array<char, kSome> buffer{};
    while (true) {
        const ssize_t got = read(ends[0], buffer.data(), buffer.size());
        if (got > 0) {
            text.append(buffer.data(), static_cast<std::size_t>(got));
        } else if (got == 0 || errno != EINTR) {
            break;
        }
    }
    close(ends[0]);
    int status = 0;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return text.empty() ? "!it died" : text;
}

const Benchmark* find(std::string_view name) {
    const auto* const found =
        std::find_if(kBenchmarks.begin(), kBenchmarks.end(),
                     [name](const Benchmark& benchmark) { return benchmark.name == name; });
    return found == kBenchmarks.end() ? nullptr : found;
}

int wrong_usage_ends(std::string_view text) {
    LineWriter(STDERR_FILENO).write(fmt::format("kiln-bench: {}\n", text));
    return 2;
}

int run_all(std::span<const Benchmark* const> chosen, const Wanted& wanted) {
    LineWriter output(STDOUT_FILENO);
    int status = 0;
    std::string_view before = "{";
    for (const Benchmark* benchmark : chosen) {
        const std::string text = run_apart(*benchmark, wanted);
        if (text.starts_with('!')) {
            LineWriter(STDERR_FILENO)
                .write(fmt::format("kiln-bench: {}: {}\n", benchmark->name, text.substr(1)));
            status = 1;
            continue;
        }
        output.write(fmt::format("{}\"{}\": {}", before, benchmark->name, text));
        before = ",\n ";
    }
    output.write(before == "{" ? "{}\n" : "}\n");
    return status;
}

}  // namespace

int main(int argc, char** argv) {
    const std::span<char*> all(argv, static_cast<std::size_t>(argc));
    std::vector<const Benchmark*> chosen;
    Wanted wanted;
    for (std::size_t i = 1; i < all.size(); ++i) {
        const std::string_view word = all[i];
        if (word == "--help") {
            LineWriter(STDOUT_FILENO).write(help());
            return 0;
        }
        if (word == "--bytes" && i + 1 < all.size()) {
            wanted.bytes = parse_size(all[++i]);
            if (!wanted.bytes || *wanted.bytes == 0) {
                return wrong_usage_ends(fmt::format("--bytes: '{}' is not a size", all[i]));
            }
        } else if (const Benchmark* benchmark = find(word); benchmark != nullptr) {
            chosen.push_back(benchmark);
        } else {
            return wrong_usage_ends(
                fmt::format("there is no benchmark '{}' (kiln-bench --help)", word));
        }
    }
    if (chosen.empty()) {
        for (const Benchmark& benchmark : kBenchmarks) {
            if (!benchmark.only_by_name) {
                chosen.push_back(&benchmark);
            }
        }
    }
    return run_all(chosen, wanted);
}
