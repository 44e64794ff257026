/// \file
/// Threads that run only when they are told to, all on one thread of the operating system.

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include <ucontext.h>

namespace kiln::harness::interleave {

class Fibers {
public:
    /// The body of fiber `index`; it must not return.
    explicit Fibers(std::function<void(std::size_t)> body) : body_(std::move(body)) {}
    Fibers(const Fibers&) = delete;
    Fibers& operator=(const Fibers&) = delete;
    Fibers(Fibers&&) = delete;
    Fibers& operator=(Fibers&&) = delete;
    ~Fibers();

    /// `count` fibers that have not begun. Those there are now are dropped as they stand: what
    /// their stacks hold is not destroyed.
    void renew(std::size_t count);
    /// From outside, or from another fiber. Returns when somebody switches back.
    void switch_to(std::size_t index);
    /// From a fiber to who called the first switch_to() from outside.
    void leave();
    /// The one that runs; none() outside.
    [[nodiscard]] std::size_t running() const { return running_; }
    [[nodiscard]] static constexpr std::size_t none() { return static_cast<std::size_t>(-1); }

private:
    struct Fiber {
        ucontext_t context{};
        std::unique_ptr<char[]> stack;
        void* fake_stack = nullptr;  // the address sanitizer's
    };

    static void enter(unsigned high, unsigned low);
    void change(Fiber& from, Fiber& to);
    void discard(Fiber& fiber) const;

    std::function<void(std::size_t)> body_;
    Fiber outside_;
    std::vector<std::unique_ptr<Fiber>> fibers_;
    std::size_t running_ = none();
    const void* outside_bottom_ = nullptr;
    std::size_t outside_size_ = 0;
};

}  // namespace kiln::harness::interleave
