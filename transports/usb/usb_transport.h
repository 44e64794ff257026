/// \file
/// Optical drives through libusb, without a kernel driver in between.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "transports/bot/host_machine.h"
#include "transports/clock.h"
#include "transports/stop.h"
#include "transports/transport.h"
#include "transports/usb/usb_bus.h"
#include "transports/usb/usb_pipes.h"
#include "transports/usb/usb_selector.h"
#include "transports/usb/usb_waker.h"

namespace kiln::transports {

/// The three transfers of a command are begun together, data straight from the caller's buffer;
/// what came of them is handed to bot::HostMachine one by one, which says what is to be done.
///
/// The ladder of recovery, and when each rung is allowed:
///   clear halt        always: it resets nothing
///   Reset Recovery    after a failure of a command that does not say NeverReset; by recover()
///   port reset        after a Reset Recovery that failed; by recover()
///   give up           after a port reset that failed: every execute() is Gone
/// Once a NeverReset command was sent, the first two of these are all that happens by itself until
/// TEST UNIT READY has been GOOD: with the immediate bit its end is not the end of the work.
///
/// A command left behind (by its time-out with NeverReset, or by interrupt()) keeps the device:
/// every execute() is InUse until its status has come, or recover().
///
/// Where data-in fail on the way and half of them come, limits() is that from then on, also when
/// the device is opened again: a bridge that cannot do more.
///
/// A status that does not come is asked for again, once a command, after a second: QEMU's usb-bot
/// forgets who asks before the data are through. A device that does so is sent its transfers one at
/// a time from then on (Quirk::OneAtATime).
///
/// Thread:  as Transport
class UsbTransport final : public Transport {
public:
    /// Takes the device from the kernel's driver; the end of this object gives it back. After a
    /// request of `stop`, which outlives it, every execute() is Interrupted.
    ///
    /// Blocks:  for GET MAX LUN and INQUIRY, 60 s at most; of a drive that answers nothing while
    /// the
    ///          kernel's driver has it, as long as the kernel asks it (a minute and a half), and no
    ///          signal ends that
    /// Cancel:  stop.request(), which interrupts this transport from then on
    /// Errors:  NoSuchDevice, NotPermitted (with what to do), InUse, NotADrive; as execute()
    static Result<std::unique_ptr<UsbTransport>, TransportError> open(const UsbSelector& selector,
                                                                      Clock& clock,
                                                                      Stop* stop = nullptr);
    /// Gives the device back in step where it may: after an interrupted command that may be reset,
    /// by Reset Recovery, and no more than that.
    ///
    /// Blocks:  in that, 20 s at most; in the kernel, while its own driver looks at the device
    ~UsbTransport() override;
    UsbTransport(const UsbTransport&) = delete;
    UsbTransport& operator=(const UsbTransport&) = delete;

    Result<Completion, TransportError> execute(const Request& request) override;
    /// What begin() sends ends in advance() where all goes well, and within a second; else what is
    /// left of it Blocks.
    [[nodiscard]] bool begin(const Request& request) override;
    [[nodiscard]] Advance advance(Instant until) override;
    [[nodiscard]] Result<Completion, TransportError> complete() override;
    [[nodiscard]] Waker* waker() noexcept override { return waker_.get(); }
    /// Ends the wait. Awaiting its status, the command is left behind and the drive goes on with
    /// it; before that, the data are cut off and recover() is due.
    void interrupt() noexcept override;
    /// ResetTransport is Reset Recovery, ResetDevice a reset of the port.
    Result<void, TransportError> recover(Rung rung) override;
    [[nodiscard]] Limits limits() const override { return limits_; }
    /// Memory that the kernel can hand to the host controller as it is, where there is some.
    [[nodiscard]] Buffers make_buffers(std::size_t count, std::size_t each) override;

    [[nodiscard]] const UsbFound& found() const { return found_; }
    /// Of the table, by hand, and learnt since.
    [[nodiscard]] Quirks quirks() const { return machine_.settings().quirks; }

private:
    UsbTransport(UsbFound found, std::shared_ptr<UsbHandle> handle, std::unique_ptr<UsbWaker> waker,
                 Clock& clock, Stop* stop);

    Result<void, TransportError> prepare();
    Result<void, TransportError> find_unit();
    Result<void, TransportError> check_type(std::uint8_t highest_unit);
    Result<Completion, TransportError> inquire(mmc::MutableByteView answer);
    std::uint8_t ask_max_lun();

    /// A command that was sent, and what is to be done of it next.
    struct Begun {
        Request request;
        Guard guard = Guard::MayReset;
        Instant start{};
        Instant deadline{};
        bot::Action action;
        std::optional<Instant> status_since;  // its data are through since then
    };

    Result<void, TransportError> get_ready(const Request& request);
    void start(const Request& request);
    Result<Completion, TransportError> finish();
    [[nodiscard]] static std::optional<UsbPipes::Pipe> pipe_of(const bot::Action& action);
    std::optional<bot::Event> wait_for_begun(UsbPipes::Pipe pipe, Instant until);
    Result<void, TransportError> check_ready(const Request& request);
    Result<void, TransportError> get_in_step();
    Result<void, TransportError> resynchronise(bot::HostMachine::Reset reset);
    Result<void, TransportError> port_reset();
    TransportError give_up(TransportError error);
    [[nodiscard]] Guard guard_for(const Request& request) const;
    void note(const Request& request, const Result<Completion, TransportError>& outcome);
    void learn_size(const Request& request, const Result<Completion, TransportError>& outcome);

    void run(bot::Action action, const Request& request, Instant deadline);
    bot::Event perform(const bot::Action& action, const Request& request, Instant deadline);
    bot::Event send_command(const bot::Action& action, const Request& request, Instant deadline);
    void send(const bot::Action& action, const Request& request);
    void begin_data(const bot::Action& action, const Request& request);
    bot::Event receive_status(Instant deadline);
    [[nodiscard]] bool one_at_a_time() const;
    bot::Event control(const std::array<std::uint8_t, 8>& setup);
    [[nodiscard]] bool was_interrupted() const;
    [[nodiscard]] bool must_stop() const { return stop_ != nullptr && stop_->requested(); }

    UsbFound found_;
    std::shared_ptr<UsbHandle> handle_;
    std::unique_ptr<UsbWaker> waker_;
    Clock* clock_;
    Stop* stop_;
    UsbPipes pipes_;
    bot::HostMachine machine_;
    Limits limits_;
    std::size_t most_bytes_ = 0;  // that a command is sent with; limits_ may have learnt less
    std::size_t failed_at_ = 0;   // bytes of a data-in phase that failed just before; 0: none
    Instant sense_deadline_{};
    Begun begun_;
    bool may_be_at_work_ = false;  // a NeverReset command was sent, and nobody said READY since
    bool given_up_ = false;
    bool status_asked_early_ = false;  // of this command, before its data were through
    unsigned found_again_ = 0;         // statuses that came when asked for again, in a row
    std::string behind_;               // what was left behind, for the message

    std::uint64_t commands_ = 0;
    /// As in SgTransport: an interrupt() that comes too late does not end the next command.
    std::atomic<std::uint64_t> under_way_{0};
    std::atomic<std::uint64_t> interrupted_{0};
};

}  // namespace kiln::transports
