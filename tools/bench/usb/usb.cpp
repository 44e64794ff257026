/// \file
/// kiln-bench usb: the script beside this file does it, for a machine is to be made and booted.

#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/bench/bench.h"

namespace kiln::tools::bench {
namespace {

std::string all_of(int fd) {
    std::string text;
    constexpr std::size_t kSome = 4096;
    std::array<char, kSome> buffer{};
    for (;;) {
        const ssize_t got = read(fd, buffer.data(), buffer.size());
        if (got > 0) {
            text.append(buffer.data(), static_cast<std::size_t>(got));
        } else if (got == 0 || errno != EINTR) {
            return text;
        }
    }
}

}  // namespace

Figures usb(const Wanted& wanted) {
    std::error_code unknown;
    const auto here = std::filesystem::read_symlink("/proc/self/exe", unknown).parent_path();
    std::vector<std::string> words{"python3", KILN_USB_LAB, here.string()};
    if (wanted.bytes) {
        words.insert(words.end(), {"--bytes", std::to_string(*wanted.bytes)});
    }
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        return {.values = {}, .problem = "no pipe", .json = {}};
    }
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
    pid_t child = 0;
    const int error = posix_spawnp(&child, "python3", &files, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    close(ends[1]);
    std::string text = error == 0 ? all_of(ends[0]) : std::string();
    close(ends[0]);
    int status = 0;
    while (error == 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (error != 0 || status != 0) {
        return {.values = {}, .problem = "usb_lab.py did not get to its end", .json = {}};
    }
    return {.values = {}, .problem = {}, .json = std::move(text)};
}

}  // namespace kiln::tools::bench
