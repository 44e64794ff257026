/// \file
/// A thread for calls into the kernel that may never return.

#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "transports/clock.h"

namespace kiln::transports {

/// Runs one task at a time. A task that does not return is left behind: the destructor does not
/// wait for it, so a task must own all that it touches.
///
///     idle --start()--> busy --task returned, waker woken--> idle
///
/// Thread:  one; the tasks run on another, with all signals blocked
class HelperThread {
public:
    /// `waker` is woken at the end of each task.
    ///
    /// Errors:  by std::system_error where no thread can be had
    explicit HelperThread(std::shared_ptr<Waker> waker);
    HelperThread(const HelperThread&) = delete;
    HelperThread& operator=(const HelperThread&) = delete;
    /// Blocks:  never for a task
    ~HelperThread();

    /// Only while idle.
    void start(std::function<void()> task);
    [[nodiscard]] bool idle() const;

private:
    struct Shared {
        std::mutex mutex;
        std::condition_variable changed;
        std::function<void()> task;  // of whoever is busy
        bool stop = false;
        std::shared_ptr<Waker> waker;
    };
    static void run(const std::shared_ptr<Shared>& shared);

    std::shared_ptr<Shared> shared_;
    std::thread thread_;
};

}  // namespace kiln::transports
