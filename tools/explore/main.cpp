/// \file
/// kiln-explore: cancels every burn at every point, and says what was not as it should be.

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mmc/hex.h"

#include "transports/os/os_clock.h"

#include "stack/hresult.h"

#include "harness/testing/checkers/checkers.h"
#include "harness/testing/explore/cut_world.h"
#include "harness/testing/explore/explorer.h"
#include "harness/testing/explore/scenario.h"
#include "harness/testing/explore/shrink.h"

#include "tools/explore/options.h"
#include "tools/explore/picture.h"
#include "tools/explore/progress.h"
#include "tools/explore/result.h"

namespace {

using namespace kiln;                  // NOLINT(google-build-using-namespace): this is the program
using namespace kiln::tools::explore;  // NOLINT(google-build-using-namespace)
using harness::CaseFile;
using harness::Finding;

constexpr int kWrong = 1;
constexpr int kWrongUsage = 2;
constexpr int kNoSuchFile = 4;

std::string beside(const harness::Trial& trial) {
    return trial.again                               ? "second request"
           : trial.trouble != harness::Trouble::None ? std::string(name_of(trial.trouble))
                                                     : "nothing beside";
}

/// Counts a finding, and keeps the first one of its kind; the first ones of all are made small.
void keep(Result& result, const Finding& finding, unsigned shrunk) {
    for (const harness::Violation& violation : finding.violations) {
        if (violation.checker == "scenario") {
            result.problems.push_back(violation.words);
            continue;
        }
        const bool small = result.found.size() < shrunk;
        Found& found = result.found[{.checker = violation.checker,
                                     .scenario = finding.scenario.name,
                                     .beside = beside(finding.trial)}];
        if (found.runs++ > 0) {
            continue;
        }
        const CaseFile whole{.scenario = finding.scenario, .trial = finding.trial};
        found.words = violation.words;
        found.trial = harness::words_of(finding.trial);
        found.toml = harness::to_toml(
            small ? harness::shrink(whole, violation.checker, harness::judge) : whole);
    }
}

Result explore(const harness::Selection& selection, unsigned shrunk, SharedProgress& progress) {
    Result result;
    harness::Explorer explorer(
        selection,
        [&](const Finding& finding) {
            keep(result, finding, shrunk);
            ++progress.wrong;
        },
        [&](const auto&...) { ++progress.runs; },
        [&](std::size_t done, std::size_t all) {
            ++progress.cases_begun;
            progress.cases = done == 0 ? progress.cases + all : progress.cases.load();
        });
    explorer.explore();
    result.tallies = explorer.tallies();
    result.cut_points = explorer.points();
    result.alike = explorer.alike();
    result.trials_in_full = explorer.trials_in_full();
    return result;
}

struct Process {
    pid_t id = -1;
    int from = -1;
};

/// Shard `part` of `jobs` of what is asked for, in a process of its own.
Process start(const Options& options, unsigned part, unsigned jobs, SharedProgress& progress) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) {
        return {};
    }
    const pid_t child = fork();
    if (child != 0) {
        close(ends[1]);
        return {.id = child, .from = ends[0]};
    }
    close(ends[0]);
    harness::Selection selection = options.selection;
    selection.shard.index += part * selection.shard.count;
    selection.shard.count *= jobs;
    selection.limit = selection.limit / jobs + (part < selection.limit % jobs ? 1 : 0);
    const std::string text = to_json(explore(selection, options.shrunk, progress));
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t written = write(ends[1], text.data() + done, text.size() - done);
        if (written <= 0) {
            _exit(kWrong);
        }
        done += static_cast<std::size_t>(written);
    }
    _exit(0);
}

/// Whether there is more to come.
bool read_some(int from, std::string& text) {
    std::array<char, 65536> buffer{};
    const ssize_t got = read(from, buffer.data(), buffer.size());
    text.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(0, got)));
    return got > 0;
}

/// All that the processes have to say, in their order; the progress is told meanwhile.
std::vector<std::string> read_all(const std::vector<Process>& processes, ProgressLine& line) {
    constexpr int kEveryMs = 500;
    std::vector<std::string> texts(processes.size());
    std::vector<pollfd> open;
    for (const Process& process : processes) {
        open.push_back({.fd = process.from, .events = POLLIN, .revents = 0});  // -1 is passed over
    }
    const auto is_open = [](const pollfd& it) { return it.fd >= 0; };
    while (std::any_of(open.begin(), open.end(), is_open)) {
        if (poll(open.data(), open.size(), kEveryMs) == 0) {
            line.tell();
        }
        for (std::size_t i = 0; i < open.size(); ++i) {
            if (open[i].revents != 0 && !read_some(open[i].fd, texts[i])) {
                close(open[i].fd);
                open[i].fd = -1;
            }
            open[i].revents = 0;
        }
    }
    line.wipe();
    return texts;
}

Result explore_in_processes(const Options& options) {
    unsigned jobs =
        options.jobs != 0 ? options.jobs : std::max(1U, std::thread::hardware_concurrency());
    if (const std::uint64_t limit = options.selection.limit; limit != 0 && limit < jobs) {
        jobs = static_cast<unsigned>(limit);
    }
    const transports::OsClock clock;
    const auto began = clock.now();
    ProgressLine line;
    std::vector<Process> processes;
    for (unsigned part = 0; part < jobs; ++part) {
        processes.push_back(start(options, part, jobs, line.shared()));
    }
    Result all;
    for (const std::string& text : read_all(processes, line)) {
        add(all, from_json(text));
    }
    for (const Process& process : processes) {
        if (process.id > 0) {
            waitpid(process.id, nullptr, 0);
        }
    }
    all.seconds = std::chrono::duration<double>(clock.now() - began).count();
    return all;
}

int list(const Options& options) {
    for (const harness::Scenario& scenario : harness::selected_scenarios(options.selection)) {
        std::cout << harness::name_of(scenario.face) << ' ' << scenario.name << '\n';
    }
    return 0;
}

/// The commands of a case, with their time, bytes and answers.
void print_log(const CaseFile& it) {
    const auto prepared = harness::prepare(it.scenario);
    if (!prepared) {
        return;
    }
    harness::CutWorld world(*prepared, it.trial);
    const harness::Evidence& evidence = world.run(harness::CutWorld::Next::Skip);
    const auto seconds = [&](transports::Instant at) {
        return std::chrono::duration<double>(at - evidence.began).count();
    };
    for (std::size_t i = 0; i < evidence.commands.size(); ++i) {
        const harness::SentCommand& sent = evidence.commands[i];
        std::cout << fmt::format("{:>4} {:>11.6f} s {:>10.6f} s  {}  {}{}\n", i + 1,
                                 seconds(sent.start), seconds(sent.end) - seconds(sent.start),
                                 mmc::to_hex(sent.cdb),
                                 sent.broken        ? "no answer"
                                 : sent.status == 0 ? "GOOD"
                                                    : fmt::format("{:06x}", sent.sense),
                                 sent.injected ? ", injected" : "");
    }
    for (const harness::CancelCall& call : evidence.cancels) {
        std::cout << fmt::format("cancel {:.6f} s, behind {} commands{}\n", seconds(call.at),
                                 call.commands_before, call.inside ? ", inside the last" : "");
    }
    std::cout << fmt::format("ended  {:.6f} s, {}\n", seconds(evidence.ended),
                             stack::name_of(evidence.returned));
}

/// None: there is no such file, or it is none that can be read.
std::optional<std::string> text_of_file(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    file.peek();  // a folder can be opened
    if (!file || !(text << file.rdbuf())) {
        return std::nullopt;
    }
    return text.str();
}

int run_one(const Options& options) {
    const std::string& path = options.case_file;
    const auto text = text_of_file(path);
    if (!text) {
        std::cerr << "kiln-explore: cannot read " << path << '\n';
        return kNoSuchFile;
    }
    const auto it = harness::parse_case(*text);
    if (!it) {
        std::cerr << "kiln-explore: " << path << ": " << it.error() << '\n';
        return kWrongUsage;
    }
    if (options.log) {
        print_log(*it);
    }
    const transports::OsClock clock;
    const auto began = clock.now();
    Finding finding{.scenario = it->scenario, .trial = it->trial, .violations = {}};
    finding.violations = harness::run_case(*it, harness::judge);
    Result result;
    harness::Tally& tally = result.tallies[{
        .medium = it->scenario.medium, .face = it->scenario.face, .policy = it->trial.policy}];
    keep(result, finding, 0);
    tally.runs = tally.distinct = result.problems.empty() ? 1 : 0;
    tally.violations = result.found.empty() ? 0 : 1;
    result.cut_points = it->trial.cut ? 1 : 0;
    result.seconds = std::chrono::duration<double>(clock.now() - began).count();
    if (options.json) {
        std::cout << json_lines(result, options.told);
    } else {
        std::cout << it->scenario.name << ", " << harness::words_of(it->trial) << ": "
                  << finding.violations.size() << " violations\n";
        for (const harness::Violation& violation : finding.violations) {
            std::cout << violation.checker << ": " << violation.words << '\n';
        }
    }
    std::cout << summary_line(result);
    return violations(result) == 0 ? 0 : kWrong;
}

int draw(const Options& options) {
    const std::string svg = picture_of(options.selection);
    if (svg.empty()) {
        std::cerr << "kiln-explore: no scenario fits\n";
        return kWrongUsage;
    }
    std::ofstream file(options.svg_file, std::ios::binary);
    file << svg;
    file.close();
    return file ? 0 : kNoSuchFile;
}

}  // namespace

int main(int argc, char** argv) {
    const Parsed parsed = parse_options(argc, argv);
    if (parsed.exit_status) {
        return *parsed.exit_status;
    }
    const Options& options = parsed.options;
    if (options.list) {
        return list(options);
    }
    if (!options.case_file.empty()) {
        return run_one(options);
    }
    if (!options.svg_file.empty()) {
        return draw(options);
    }
    const Result result = explore_in_processes(options);
    if (options.table && violations(result) != 0) {
        std::cerr << text(result, options.told);  // a table says nothing of them
    }
    std::cout << (options.json    ? json_lines(result, options.told)
                  : options.table ? markdown(result)
                                  : text(result, options.told))
              << summary_line(result);
    return violations(result) == 0 ? 0 : kWrong;
}
