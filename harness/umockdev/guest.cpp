#include "harness/umockdev/guest.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/scsi/scsi_node.h"
#include "harness/umockdev/passing_time.h"
#include "harness/umockdev/testbed.h"

namespace kiln::harness {
namespace {

constexpr std::string_view kUmockdev = "libumockdev-preload.so.0";
constexpr std::string_view kBlockNodes = "libkiln-block-nodes.so";

/// Beside this program: in a build folder, or installed.
std::string block_nodes_library() {
    std::error_code ignored;
    const auto here = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
    for (const auto* folder : {"../harness/umockdev", "harness/umockdev", "../lib/kiln", "."}) {
        const auto candidate = here / folder / kBlockNodes;
        if (std::filesystem::exists(candidate, ignored)) {
            return candidate.lexically_normal().string();
        }
    }
    return {};
}

/// This process's environment with the drive in it.
std::vector<std::string> environment_with(const std::string& folder) {
    std::vector<std::string> variables;
    std::string preload(kUmockdev);
    if (const std::string library = block_nodes_library(); !library.empty()) {
        preload = library + ":" + preload;
    }
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text(*variable);
        if (text.starts_with("LD_PRELOAD=") && text.size() > 11) {
            preload += ":" + std::string(text.substr(11));
        } else if (!text.starts_with("UMOCKDEV_DIR=")) {
            variables.emplace_back(text);
        }
    }
    variables.push_back("LD_PRELOAD=" + preload);
    variables.push_back("UMOCKDEV_DIR=" + folder);
    return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

/// While the program runs, the keys are its own: as system() does it.
class KeysIgnored {
public:
    KeysIgnored() {
        for (std::size_t i = 0; i < kKeys.size(); ++i) {
            before_[i] = std::signal(kKeys[i], SIG_IGN);
        }
    }
    KeysIgnored(const KeysIgnored&) = delete;
    KeysIgnored& operator=(const KeysIgnored&) = delete;
    ~KeysIgnored() {
        for (std::size_t i = 0; i < kKeys.size(); ++i) {
            std::signal(kKeys[i], before_[i]);
        }
    }

private:
    static constexpr std::array kKeys{SIGINT, SIGQUIT};
    std::array<void (*)(int), 2> before_{};
};

mmc::Result<int, std::string> spawn_and_wait(std::vector<std::string> command,
                                             std::vector<std::string> environment) {
    const KeysIgnored ignored;
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t keys{};
    ::sigemptyset(&keys);
    ::sigaddset(&keys, SIGINT);
    ::sigaddset(&keys, SIGQUIT);
    ::posix_spawnattr_setsigdefault(&attributes, &keys);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    pid_t child = 0;
    const int error = ::posix_spawnp(&child, command[0].c_str(), nullptr, &attributes,
                                     pointers_to(command).data(), pointers_to(environment).data());
    ::posix_spawnattr_destroy(&attributes);
    if (error != 0) {
        return tl::make_unexpected(
            fmt::format("run {}: {}", command[0], std::generic_category().message(error)));
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return tl::make_unexpected(
                fmt::format("wait for {}: {}", command[0], std::generic_category().message(errno)));
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

mmc::Result<int, std::string> run_guest(const GuestDrive& drive,
                                        const std::vector<std::string>& command) {
    PassingTime transport(drive);
    ScsiNode node(transport);
    KILN_ASSIGN_OR_RETURN(const auto bed, Testbed::make(drive, node));
    return spawn_and_wait(command, environment_with(bed->folder()));
}

}  // namespace kiln::harness
