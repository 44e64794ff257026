/// \file
/// kiln-explore: cancels every burn at every point, and says what was not as it should be.

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "transports/os/os_clock.h"

#include "harness/testing/checkers/checkers.h"
#include "harness/testing/explore/explorer.h"
#include "harness/testing/explore/shrink.h"

#include "tools/explore/options.h"
#include "tools/explore/picture.h"
#include "tools/explore/result.h"

namespace {

using namespace kiln;                  // NOLINT(google-build-using-namespace): this is the program
using namespace kiln::tools::explore;  // NOLINT(google-build-using-namespace)
using harness::CaseFile;
using harness::Finding;

constexpr int kWrong = 1;
constexpr int kWrongUsage = 2;
constexpr int kNoSuchFile = 4;

/// Keeps the first finding of each checker, made small.
void keep(Result& result, const Finding& finding, unsigned told) {
    for (const harness::Violation& violation : finding.violations) {
        if (result.violations[violation.checker]++ > 0 || result.found.size() >= told) {
            continue;
        }
        const CaseFile small =
            harness::shrink({.scenario = finding.scenario, .trial = finding.trial},
                            violation.checker, harness::judge);
        result.found.push_back({.checker = violation.checker,
                                .words = violation.words,
                                .scenario = finding.scenario.name,
                                .trial = harness::words_of(finding.trial),
                                .toml = harness::to_toml(small)});
    }
}

Result explore(const harness::Selection& selection, unsigned told) {
    Result result;
    harness::Explorer explorer(selection,
                               [&](const Finding& finding) { keep(result, finding, told); });
    explorer.explore();
    result.tallies = explorer.tallies();
    result.cut_points = explorer.points();
    result.trials_in_full = explorer.trials_in_full();
    return result;
}

struct Process {
    pid_t id = -1;
    int from = -1;
};

/// Shard `part` of `jobs` of what is asked for, in a process of its own.
Process start(const Options& options, unsigned part, unsigned jobs) {
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
    const std::string text = to_json(explore(selection, options.told));
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t written = write(ends[1], text.data() + done, text.size() - done);
        if (written <= 0) {
            _exit(kWrong);
        }
        done += static_cast<std::size_t>(written);
    }
    _exit(0);
}

std::string read_all(int from) {
    std::string text;
    std::array<char, 65536> buffer{};
    for (ssize_t got = 0; (got = read(from, buffer.data(), buffer.size())) > 0;) {
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    close(from);
    return text;
}

Result explore_in_processes(const Options& options) {
    const unsigned jobs =
        options.jobs != 0 ? options.jobs : std::max(1U, std::thread::hardware_concurrency());
    const transports::OsClock clock;
    const auto began = clock.now();
    std::vector<Process> processes;
    for (unsigned part = 0; part < jobs; ++part) {
        processes.push_back(start(options, part, jobs));
    }
    Result all;
    for (const Process& process : processes) {
        add(all, from_json(process.id > 0 ? read_all(process.from) : std::string()));
        if (process.id > 0) {
            waitpid(process.id, nullptr, 0);
        }
    }
    all.seconds = std::chrono::duration<double>(clock.now() - began).count();
    return all;
}

int list(const Options& options) {
    for (const harness::Scenario& scenario : harness::all_scenarios()) {
        if (harness::selects(options.selection, scenario)) {
            std::cout << harness::name_of(scenario.face) << ' ' << scenario.name << '\n';
        }
    }
    return 0;
}

int run_one(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
        std::cerr << "kiln-explore: cannot read " << path << '\n';
        return kNoSuchFile;
    }
    const auto it = harness::parse_case(
        std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()));
    if (!it) {
        std::cerr << "kiln-explore: " << path << ": " << it.error() << '\n';
        return kWrongUsage;
    }
    const auto violations = harness::run_case(*it, harness::judge);
    std::cout << it->scenario.name << ", " << harness::words_of(it->trial) << ": "
              << violations.size() << " violations\n";
    for (const harness::Violation& violation : violations) {
        std::cout << violation.checker << ": " << violation.words << '\n';
    }
    return violations.empty() ? 0 : kWrong;
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
        return run_one(options.case_file);
    }
    if (!options.svg_file.empty()) {
        return draw(options);
    }
    const Result result = explore_in_processes(options);
    std::cout << (options.json ? json_lines(result) : text(result));
    return violated_runs(result) == 0 ? 0 : kWrong;
}
