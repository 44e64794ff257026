#include "transports/sg_io/helper_thread.h"

#include <cassert>
#include <csignal>
#include <utility>

#include <pthread.h>

namespace kiln::transports {

HelperThread::HelperThread(std::shared_ptr<Waker> waker) : shared_(std::make_shared<Shared>()) {
    shared_->waker = std::move(waker);
    // The new thread inherits the mask. A signal would end an SG_IO with EINTR, its answer lost;
    // and Ctrl-C must reach the thread that waits for it.
    sigset_t all{};
    sigset_t before{};
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    struct Restore {
        sigset_t* mask;
        explicit Restore(sigset_t* before_it) : mask(before_it) {}
        Restore(const Restore&) = delete;
        Restore& operator=(const Restore&) = delete;
        ~Restore() { ::pthread_sigmask(SIG_SETMASK, mask, nullptr); }
    } const restore(&before);
    thread_ = std::thread([shared = shared_] { run(shared); });
}

HelperThread::~HelperThread() {
    bool left_behind = false;
    {
        const std::scoped_lock lock(shared_->mutex);
        shared_->stop = true;
        left_behind = shared_->task != nullptr;
    }
    shared_->changed.notify_one();
    if (left_behind) {
        thread_.detach();
    } else {
        thread_.join();
    }
}

void HelperThread::start(std::function<void()> task) {
    {
        const std::scoped_lock lock(shared_->mutex);
        assert(shared_->task == nullptr);
        shared_->task = std::move(task);
    }
    shared_->changed.notify_one();
}

bool HelperThread::idle() const {
    const std::scoped_lock lock(shared_->mutex);
    return shared_->task == nullptr;
}

void HelperThread::run(const std::shared_ptr<Shared>& shared) {
    std::unique_lock lock(shared->mutex);
    while (true) {
        shared->changed.wait(lock, [&] { return shared->stop || shared->task != nullptr; });
        if (shared->task == nullptr) {
            return;
        }
        lock.unlock();
        shared->task();
        lock.lock();
        shared->task = nullptr;
        shared->waker->wake();
        if (shared->stop) {
            return;
        }
    }
}

}  // namespace kiln::transports
