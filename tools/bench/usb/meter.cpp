/// \file
/// kiln-meter PID[,PID...] -- COMMAND...: runs a command and prints, as one line of JSON, what it
/// took: wall time, CPU time of the whole machine, CPU time of those processes (a drive that is
/// emulated on the same machine), CPU time and peak memory of the command.
///
/// All of it as the scheduler accounts for it, in nanoseconds, and not as the timer samples it.

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

double seconds_of(const timeval& time) {
    constexpr double kMicro = 1e-6;
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * kMicro;
}

/// Of all tasks of the machine, also those that have ended: the seventh number of each processor.
double machine_seconds() {
    std::ifstream file("/proc/schedstat");
    double sum = 0;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string name;
        std::array<double, 7> numbers{};
        words >> name;
        for (double& one : numbers) {
            words >> one;
        }
        sum += name.starts_with("cpu") ? numbers.back() * 1e-9 : 0;
    }
    return sum;
}

/// Of all threads of these processes.
double cpu_seconds(const std::vector<int>& processes) {
    double sum = 0;
    for (const int process : processes) {
        std::error_code gone;
        const std::string tasks = "/proc/" + std::to_string(process) + "/task";
        for (const auto& task : std::filesystem::directory_iterator(tasks, gone)) {
            std::ifstream file(task.path() / "schedstat");
            double nanoseconds = 0;
            file >> nanoseconds;
            sum += nanoseconds * 1e-9;
        }
    }
    return sum;
}

std::vector<int> numbers_in(std::string_view text) {
    std::vector<int> numbers;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        int number = 0;
        if (std::from_chars(text.data(), text.data() + end, number).ec == std::errc()) {
            numbers.push_back(number);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return numbers;
}

}  // namespace

int main(int argc, char** argv) {
    const std::span<char*> words(argv, static_cast<std::size_t>(argc));
    if (words.size() < 4 || std::string_view(words[2]) != "--") {
        std::fprintf(stderr, "kiln-meter PID[,PID...] -- COMMAND...\n");
        return 2;
    }
    const std::vector<int> drive = numbers_in(words[1]);
    const double drive_before = cpu_seconds(drive);
    const double machine_before = machine_seconds();
    const auto start = Clock::now();
    pid_t child = 0;
    if (posix_spawnp(&child, words[3], nullptr, nullptr, &words[3], environ) != 0) {
        std::fprintf(stderr, "kiln-meter: %s cannot be run\n", words[3]);
        return 1;
    }
    int status = 0;
    rusage usage{};
    while (wait4(child, &status, 0, &usage) < 0 && errno == EINTR) {
    }
    const double wall = std::chrono::duration<double>(Clock::now() - start).count();
    const double of_machine = machine_seconds() - machine_before;
    const double of_drive = cpu_seconds(drive) - drive_before;
    std::printf(
        "{\"status\":%d,\"seconds\":%.6f,\"machine_cpu_seconds\":%.6f,"
        "\"drive_cpu_seconds\":%.6f,\"own_cpu_seconds\":%.6f,\"peak_bytes\":%ld}\n",
        WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), wall, of_machine,
        of_drive, seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime), usage.ru_maxrss * 1024);
    return 0;
}
