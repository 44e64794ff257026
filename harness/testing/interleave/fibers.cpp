#include "harness/testing/interleave/fibers.h"

#include <cstdint>
#include <cstdlib>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace kiln::harness::interleave {
namespace {

/// A runner with a machine, not optimised and under a sanitizer, needs a tenth of this.
constexpr std::size_t kStackBytes = 256U * 1024U;

}  // namespace

Fibers::~Fibers() {
    for (const auto& fiber : fibers_) {
        discard(*fiber);
    }
}

void Fibers::renew(std::size_t count) {
    while (fibers_.size() < count) {
        fibers_.push_back(std::make_unique<Fiber>());
        fibers_.back()->stack = std::make_unique<char[]>(kStackBytes);
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): makecontext() hands over ints
    const auto self = std::uint64_t{reinterpret_cast<std::uintptr_t>(this)};
    for (const auto& fiber : fibers_) {
#if defined(__SANITIZE_ADDRESS__)
        __asan_unpoison_memory_region(fiber->stack.get(), kStackBytes);
#endif
        discard(*fiber);
        ::getcontext(&fiber->context);
        fiber->context.uc_stack.ss_sp = fiber->stack.get();
        fiber->context.uc_stack.ss_size = kStackBytes;
        fiber->context.uc_link = nullptr;
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
        ::makecontext(&fiber->context, reinterpret_cast<void (*)()>(&Fibers::enter), 2,
                      static_cast<unsigned>(self >> 32U), static_cast<unsigned>(self));
    }
}

/// The address sanitizer keeps a fiber's locals on a stack of its own, which only goes when the
/// fiber says that it leaves for good; one that is dropped never says so. In its place: in, and out
/// for good.
void Fibers::discard([[maybe_unused]] Fiber& fiber) const {
#if defined(__SANITIZE_ADDRESS__)
    if (fiber.fake_stack == nullptr) {
        return;
    }
    void* ours = nullptr;
    __sanitizer_start_switch_fiber(&ours, fiber.stack.get(), kStackBytes);
    __sanitizer_finish_switch_fiber(fiber.fake_stack, nullptr, nullptr);
    __sanitizer_start_switch_fiber(nullptr, outside_bottom_, outside_size_);
    __sanitizer_finish_switch_fiber(ours, nullptr, nullptr);
    fiber.fake_stack = nullptr;
#endif
}

void Fibers::enter(unsigned high, unsigned low) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast,performance-no-int-to-ptr)
    auto* fibers = reinterpret_cast<Fibers*>(
        static_cast<std::uintptr_t>((std::uint64_t{high} << 32U) | std::uint64_t{low}));
#if defined(__SANITIZE_ADDRESS__)
    const void* bottom = nullptr;
    std::size_t size = 0;
    __sanitizer_finish_switch_fiber(nullptr, &bottom, &size);
    if (fibers->outside_bottom_ == nullptr) {
        fibers->outside_bottom_ = bottom;
        fibers->outside_size_ = size;
    }
#endif
    fibers->body_(fibers->running_);
    std::abort();
}

void Fibers::change(Fiber& from, Fiber& to) {
#if defined(__SANITIZE_ADDRESS__)
    const bool out = &to == &outside_;
    __sanitizer_start_switch_fiber(&from.fake_stack, out ? outside_bottom_ : to.stack.get(),
                                   out ? outside_size_ : kStackBytes);
#endif
    ::swapcontext(&from.context, &to.context);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(from.fake_stack, nullptr, nullptr);
#endif
}

void Fibers::switch_to(std::size_t index) {
    Fiber& from = running_ == none() ? outside_ : *fibers_[running_];
    running_ = index;
    change(from, *fibers_[index]);
}

void Fibers::leave() {
    Fiber& from = *fibers_[running_];
    running_ = none();
    change(from, outside_);
}

}  // namespace kiln::harness::interleave
