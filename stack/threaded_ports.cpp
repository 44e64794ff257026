#include "stack/threaded_ports.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <variant>

#include "stack/mailbox.h"
#include "stack/port_buffers.h"

namespace kiln::stack {
namespace {

/// A thread that does one thing at a time, when told to.
class Worker {
public:
    Worker() : thread_([this] { run(); }) {}
    ~Worker() {
        {
            const std::lock_guard lock(mutex_);
            stop_ = true;
        }
        changed_.notify_one();
        thread_.join();
    }
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void give(std::function<void()> job) {
        {
            const std::lock_guard lock(mutex_);
            job_ = std::move(job);
        }
        changed_.notify_one();
    }

private:
    void run() {
        std::unique_lock lock(mutex_);
        while (true) {
            changed_.wait(lock, [this] { return stop_ || job_; });
            if (!job_) {
                return;
            }
            const std::function<void()> job = std::exchange(job_, nullptr);
            lock.unlock();  // no lock is held across a call out
            job();
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::function<void()> job_;
    bool stop_ = false;
    std::thread thread_;  // last: it uses the others
};

}  // namespace

class ThreadedPorts::Impl {
public:
    Impl(transports::Transport& transport, transports::Clock& clock, transports::Waker& waker,
         const Setup& setup)
        : transport_(transport),
          clock_(clock),
          waker_(waker),
          buffers_(transport, setup.slots, setup.slot_bytes) {}

    void start(const Execute& command) {
        device_out_ = true;
        command_ = command;
        device_.give([this] {
            const auto request = buffers_.request_for(command_);
            mailbox_.device.put(buffers_.completed(command_, transport_.execute(request)));
            waker_.wake();
        });
    }

    void recover(transports::Rung rung) {
        device_out_ = true;
        rung_ = rung;
        device_.give([this] {
            // Whether it worked is seen by the next command.
            (void)transport_.recover(rung_);
            mailbox_.device.put(Recovered{});
            waker_.wake();
        });
    }

    void read(const ReadBlocks& read) {
        reader_out_ = true;
        read_ = read;
        reader_.give([this, source = source_] {
            mailbox_.reader.put(buffers_.fill(read_, *source));
            waker_.wake();
        });
    }

    Event next(transports::Instant deadline) {
        return noted(mailbox_.next(clock_, deadline, waker_)).value_or(Tick{});
    }

    void settle(transports::Duration patience) {
        if (reader_out_ && source_ != nullptr) {
            source_->interrupt();
        }
        const transports::Instant deadline = clock_.now() + patience;
        // The source belongs to the caller, who may take it away when this returns.
        while (reader_out_ || (device_out_ && clock_.now() < deadline)) {
            if (!noted(mailbox_.take())) {
                clock_.wait_until(clock_.now() + std::chrono::seconds(1), waker_);
            }
        }
    }

    transports::Transport& transport_;
    transports::Clock& clock_;
    transports::Waker& waker_;
    transports::Source* source_ = nullptr;
    PortBuffers buffers_;

private:
    /// What has come is not out any more.
    std::optional<Event> noted(std::optional<Event> event) {
        if (event) {
            const bool from_reader = std::holds_alternative<BlocksRead>(*event) ||
                                     std::holds_alternative<SourceFailed>(*event);
            (from_reader ? reader_out_ : device_out_) = false;
        }
        return event;
    }

    Mailbox<Event, StandardSync> mailbox_;
    Execute command_;
    ReadBlocks read_;
    transports::Rung rung_ = transports::Rung::ResetDevice;
    bool device_out_ = false;
    bool reader_out_ = false;
    Worker device_;  // last: they use the others
    Worker reader_;
};

ThreadedPorts::ThreadedPorts(transports::Transport& transport, transports::Clock& clock,
                             transports::Waker& waker, const Setup& setup)
    : impl_(std::make_unique<Impl>(transport, clock, waker, setup)) {}

ThreadedPorts::~ThreadedPorts() {
    // A command that hangs is ended where the transport can, a read of the source too: the threads
    // are joined.
    impl_->transport_.interrupt();
    if (impl_->source_ != nullptr) {
        impl_->source_->interrupt();
    }
}

transports::Instant ThreadedPorts::now() const {
    return impl_->clock_.now();
}
std::size_t ThreadedPorts::slots() const {
    return impl_->buffers_.slots();
}
std::size_t ThreadedPorts::slot_bytes() const {
    return impl_->buffers_.slot_bytes();
}
void ThreadedPorts::set_source(transports::Source* source) {
    impl_->source_ = source;
}
void ThreadedPorts::start(const Execute& command) {
    impl_->start(command);
}
void ThreadedPorts::read(const ReadBlocks& read) {
    impl_->read(read);
}
void ThreadedPorts::interrupt() {
    impl_->transport_.interrupt();
}
void ThreadedPorts::recover(transports::Rung rung) {
    impl_->recover(rung);
}
Event ThreadedPorts::next(transports::Instant deadline) {
    return impl_->next(deadline);
}
void ThreadedPorts::settle(transports::Duration patience) {
    impl_->settle(patience);
}

}  // namespace kiln::stack
