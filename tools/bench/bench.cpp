#include "tools/bench/bench.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <new>
#include <span>
#include <string_view>

#include <sys/resource.h>

#include "transports/os/os_clock.h"

#include "stack/burn.h"
#include "stack/drive.h"

#include "tools/kiln/units.h"
#include "tools/libkiln/open_drive.h"

namespace kiln::tools::bench {
namespace {

std::atomic<std::uint64_t> counted_allocations{0};

double cpu_seconds(Whose whose) {
    rusage usage{};
    getrusage(whose == Whose::Ours ? RUSAGE_SELF : RUSAGE_CHILDREN, &usage);
    constexpr double kMicro = 1e-6;
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * kMicro;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

std::uint64_t allocations_so_far() noexcept {
    return counted_allocations.load();
}

Taken measure(Whose whose, const std::function<void()>& work) {
    const double cpu = cpu_seconds(whose);
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    return {.seconds = took.count(), .cpu_seconds = cpu_seconds(whose) - cpu};
}

std::uint64_t peak_memory() {
    std::ifstream status("/proc/self/status");
    std::string line;
    while (std::getline(status, line)) {
        constexpr std::string_view kName = "VmHWM:";
        if (line.starts_with(kName)) {
            const auto start = line.find_first_of("0123456789");
            const auto end = line.find_first_not_of("0123456789", start);
            constexpr std::uint64_t kKibi = 1024;
            return parse_count(line.substr(start, end - start)).value_or(0) * kKibi;
        }
    }
    return 0;
}

transports::Result<std::size_t, transports::SourceError> GeneratedSource::read(
    mmc::MutableByteView buffer) {
    const std::size_t size = std::min<std::uint64_t>(buffer.size(), left_);
    std::size_t done = 0;
    std::uint64_t state = state_;
    while (done + sizeof state <= size) {
        state ^= state << 13U;
        state ^= state >> 7U;
        state ^= state << 17U;
        std::memcpy(&buffer[done], &state, sizeof state);
        done += sizeof state;
    }
    state_ = state;
    std::fill(buffer.begin() + static_cast<std::ptrdiff_t>(done),
              buffer.begin() + static_cast<std::ptrdiff_t>(size), std::uint8_t{0xA5});
    left_ -= size;
    return size;
}

Burnt burn_onto(const std::string& address, transports::Source& source) {
    transports::OsClock clock;
    transports::OsWaker waker;
    auto opened = open_drive(address, {.clock = clock, .waker = waker});
    if (!opened) {
        return {.report = {}, .problem = opened.error().detail};
    }
    stack::CancelSwitch cancel(waker, &source);
    stack::Drive drive((*opened)->transport(), (*opened)->clock(), waker);
    auto ports = (*opened)->make_ports((*opened)->transport());
    stack::BurnObserver observer;
    Burnt burnt;
    burnt.report = stack::burn({.drive = drive,
                                .ports = *ports,
                                .source = source,
                                .cancel = cancel,
                                .observer = observer,
                                .options = {}});
    ports.reset();
    if (burnt.report.outcome != stack::Outcome::Completed) {
        burnt.problem = burnt.report.failure ? burnt.report.failure->message() : "cancelled";
    }
    if (const auto closed = (*opened)->close(); !closed && burnt.problem.empty()) {
        burnt.problem = closed.error().detail;
    }
    return burnt;
}

}  // namespace kiln::tools::bench

// Replaced in this program alone, so that what a WRITE costs can be counted. The array and
// nothrow forms end in these.
// NOLINTBEGIN(cppcoreguidelines-no-malloc,misc-definitions-in-headers)
void* operator new(std::size_t size) {
    kiln::tools::bench::counted_allocations.fetch_add(1, std::memory_order_relaxed);
    if (void* memory = std::malloc(size == 0 ? 1 : size); memory != nullptr) {
        return memory;
    }
    std::abort();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    kiln::tools::bench::counted_allocations.fetch_add(1, std::memory_order_relaxed);
    const auto align = static_cast<std::size_t>(alignment);
    if (void* memory = std::aligned_alloc(align, (size + align - 1) / align * align);
        memory != nullptr) {
        return memory;
    }
    std::abort();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
    std::free(memory);
}
// NOLINTEND(cppcoreguidelines-no-malloc,misc-definitions-in-headers)
