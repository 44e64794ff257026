#include "stack/threaded_ports.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <variant>

#include "stack/mailbox.h"
#include "stack/port_buffers.h"

namespace kiln::stack {
namespace {

/// A thread that does one thing at a time, when told to, and hands in what came of it.
class Worker {
public:
    using Work = std::function<Event()>;
    using HandIn = std::function<void(Event)>;

    explicit Worker(HandIn hand_in)
        : shared_(std::make_shared<Shared>()), thread_([shared = shared_] { run(*shared); }) {
        shared_->hand_in = std::move(hand_in);
    }
    ~Worker() {
        {
            const std::lock_guard lock(shared_->mutex);
            shared_->stop = true;
        }
        shared_->changed.notify_one();
        if (thread_.joinable()) {
            thread_.join();
        }
    }
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void give(Work work) {
        {
            const std::lock_guard lock(shared_->mutex);
            shared_->work = std::move(work);
        }
        shared_->changed.notify_one();
    }
    /// The work under way does not end: its result is not handed in any more, and its thread ends
    /// with it. This one takes no more work.
    void leave_behind() {
        {
            const std::lock_guard lock(shared_->handing_in);
            shared_->hand_in = nullptr;
        }
        thread_.detach();
    }

private:
    struct Shared {
        std::mutex mutex;
        std::condition_variable changed;
        Work work;
        bool stop = false;
        // One of its own: whom it wakes gives more work at once, and would wait for the other.
        std::mutex handing_in;
        HandIn hand_in;  // called with that held: it blocks nobody
    };

    static void run(Shared& shared) {
        std::unique_lock lock(shared.mutex);
        while (true) {
            shared.changed.wait(lock, [&] { return shared.stop || shared.work; });
            if (!shared.work) {
                return;
            }
            const Work work = std::exchange(shared.work, nullptr);
            lock.unlock();  // no lock is held across a call out
            Event event = work();
            {
                const std::lock_guard handing_in(shared.handing_in);
                if (shared.hand_in) {
                    shared.hand_in(std::move(event));
                }
            }
            lock.lock();
        }
    }

    std::shared_ptr<Shared> shared_;
    std::thread thread_;
};

}  // namespace

class ThreadedPorts::Impl {
public:
    Impl(transports::Transport& transport, transports::Clock& clock, transports::Waker& waker,
         const Setup& setup)
        : transport_(transport),
          clock_(clock),
          waker_(waker),
          setup_(setup),
          buffers_(std::make_shared<PortBuffers>(transport, setup.slots, setup.slot_bytes)),
          waits_itself_(transport.waker() != nullptr && waker.forward_to(transport.waker())),
          device_([this](Event event) {
              mailbox_.device.put(std::move(event));
              waker_.wake();
          }),
          reader_(make_reader()) {}

    ~Impl() {
        // A command that hangs is ended where the transport can, a read of the source too: the
        // threads are joined.
        transport_.interrupt();
        if (begun_) {
            (void)transport_.complete();
        }
        if (source_ != nullptr) {
            source_->interrupt();
        }
        (void)waker_.forward_to(nullptr);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void start(const Execute& command) {
        await_late_command();
        device_out_ = true;
        command_ = command;
        lent_ = buffers_;
        request_ = lent_->request_for(command_);
        begun_ = waits_itself_ && transport_.begin(request_);
        if (!begun_) {
            device_.give(
                [this] { return Event(lent_->completed(command_, transport_.execute(request_))); });
        }
    }

    void recover(transports::Rung rung) {
        await_late_command();
        device_out_ = true;
        rung_ = rung;
        device_.give([this] {
            // Whether it worked is seen by the next command.
            (void)transport_.recover(rung_);
            return Event(Recovered{});
        });
    }

    void read(const ReadBlocks& read) {
        reader_out_ = true;
        // Of its own all that it touches, but the source: it may be left behind.
        reader_->give(
            [read, source = source_, buffers = buffers_] { return buffers->fill(read, *source); });
    }

    Event next(transports::Instant deadline) {
        if (auto event = noted(mailbox_.take())) {
            return *std::move(event);
        }
        if (begun_) {
            if (auto event = advance(deadline)) {
                return *std::move(event);
            }
            // What woke the transport is looked for now; a wake after this ends the next wait.
            (void)waker_.wait_for(transports::Duration::zero());
            return noted(mailbox_.take()).value_or(Tick{});
        }
        return noted(mailbox_.next(clock_, deadline, waker_)).value_or(Tick{});
    }

    bool settle(transports::Duration patience) {
        if (reader_out_ && source_ != nullptr) {
            source_->interrupt();
        }
        // A source is real, whatever the clock: slices of real time. A wake is none of them.
        constexpr int kSlices = 50;
        for (int slice = 0; reader_out_ && slice < kSlices;) {
            if (!noted(mailbox_.take()) && !waker_.wait_for(patience / kSlices)) {
                ++slice;
            }
        }
        const transports::Instant deadline = clock_.now() + patience;
        while (device_out_ && clock_.now() < deadline) {
            (void)next(deadline);
        }
        if (!reader_out_) {
            return true;
        }
        // It may still write into the ring: the next job gets another.
        reader_->leave_behind();
        reader_out_ = false;
        (void)mailbox_.reader.take();
        buffers_ = std::make_shared<PortBuffers>(transport_, setup_.slots, setup_.slot_bytes);
        reader_ = make_reader();
        return false;
    }

    transports::Transport& transport_;
    transports::Clock& clock_;
    transports::Waker& waker_;
    transports::Source* source_ = nullptr;
    Setup setup_;
    std::shared_ptr<PortBuffers> buffers_;

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

    /// The end of the command that was begun. Where it is to be waited for without looking at
    /// anything else, the device thread does that.
    std::optional<Event> advance(transports::Instant deadline) {
        switch (transport_.advance(deadline)) {
            case transports::Advance::Ended:
                begun_ = false;
                device_out_ = false;
                return Event(lent_->completed(command_, transport_.complete()));
            case transports::Advance::Blocks:
                begun_ = false;
                device_.give(
                    [this] { return Event(lent_->completed(command_, transport_.complete())); });
                break;
            case transports::Advance::UnderWay:
                break;
        }
        return std::nullopt;
    }

    /// One that outlived settle(): its result is nobody's. The transport ends it, at its time-out.
    void await_late_command() {
        while (device_out_) {
            const auto soon = clock_.now() + std::chrono::seconds(1);
            if (begun_) {
                (void)advance(soon);
            } else if (!noted(mailbox_.device.take())) {
                clock_.wait_until(soon, waker_);
            }
        }
    }

    std::unique_ptr<Worker> make_reader() {
        return std::make_unique<Worker>([this](Event event) {
            mailbox_.reader.put(std::move(event));
            waker_.wake();
        });
    }

    Mailbox<Event, StandardSync> mailbox_;
    Execute command_;
    transports::Request request_;
    std::shared_ptr<PortBuffers> lent_;  // its; settle() may make others before it has ended
    transports::Rung rung_ = transports::Rung::ResetDevice;
    bool device_out_ = false;
    bool reader_out_ = false;
    const bool waits_itself_;  // for the device, without the device thread
    bool begun_ = false;       // a command that it waits for
    Worker device_;            // last: they use the others
    std::unique_ptr<Worker> reader_;
};

ThreadedPorts::ThreadedPorts(transports::Transport& transport, transports::Clock& clock,
                             transports::Waker& waker, const Setup& setup)
    : impl_(std::make_unique<Impl>(transport, clock, waker, setup)) {}

ThreadedPorts::~ThreadedPorts() = default;

transports::Instant ThreadedPorts::now() const {
    return impl_->clock_.now();
}
std::size_t ThreadedPorts::slots() const {
    return impl_->buffers_->slots();
}
std::size_t ThreadedPorts::slot_bytes() const {
    return impl_->buffers_->slot_bytes();
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
bool ThreadedPorts::settle(transports::Duration patience) {
    return impl_->settle(patience);
}

}  // namespace kiln::stack
