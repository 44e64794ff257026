#include "tools/explore/progress.h"

#include <algorithm>
#include <iostream>
#include <new>

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

namespace kiln::tools::explore {

ProgressLine::ProgressLine() : is_terminal_(isatty(STDERR_FILENO) == 1) {
    // Where there is no memory to share, each process counts for itself and nobody sees it.
    void* const memory = mmap(nullptr, sizeof(SharedProgress), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    shared_ = memory == MAP_FAILED ? new SharedProgress : new (memory) SharedProgress;
    is_terminal_ = is_terminal_ && memory != MAP_FAILED;
}

void ProgressLine::tell() {
    if (!is_terminal_) {
        return;
    }
    const std::uint64_t all = std::max<std::uint64_t>(1, shared_->cases);
    std::cerr << fmt::format("\r{:3} %, {} runs, {} violations\033[K",
                             std::min<std::uint64_t>(99, shared_->cases_begun * 100 / all),
                             shared_->runs.load(), shared_->wrong.load())
              << std::flush;
    told_ = true;
}

void ProgressLine::wipe() {
    if (told_) {
        std::cerr << "\r\033[K" << std::flush;
        told_ = false;
    }
}

}  // namespace kiln::tools::explore
