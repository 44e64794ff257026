/// \file
/// A whole USB burner: the default control pipe with the standard requests, before a Bulk-Only
/// device.
///
/// Pure: time is handed in.
///
/// Spec:    USB 2.0, 9.4 Standard Device Requests; USB 3.2 for SET_SEL and SET_ISOCH_DELAY

#pragma once

#include <cstddef>
#include <cstdint>

#include "mmc/bytes.h"

#include "transports/clock.h"

#include "harness/usb/bot_device.h"
#include "harness/usb/usb_descriptors.h"

namespace kiln::harness {

inline constexpr std::size_t kSetupSize = 8;

class UsbFunction {
public:
    /// `device` outlives it.
    UsbFunction(BotDevice& device, UsbIdentityCard card);

    /// A control transfer: its setup packet of kSetupSize bytes, and room for what the device
    /// answers. What the host sends with it means nothing to this device.
    ///
    /// A SET CONFIGURATION is taken for the end of a port reset, which is the one thing that
    /// USB/IP does not carry: endpoints, halts and the drive's port start anew.
    PipeReply control(mmc::ByteView setup, mmc::MutableByteView answer, transports::Instant now);
    /// A bulk transfer on the endpoint with this number. There is none before SET CONFIGURATION.
    PipeReply out(std::uint8_t endpoint, mmc::ByteView bytes, transports::Instant now);
    PipeReply in(std::uint8_t endpoint, mmc::MutableByteView space, transports::Instant now);
    /// As after power on, not configured.
    void bus_reset(transports::Instant now);
    /// NAK on every pipe, as a drive whose firmware hangs, until it speaks again.
    void be_silent(bool silent) { silent_ = silent; }

    [[nodiscard]] const UsbIdentityCard& card() const { return card_; }
    [[nodiscard]] std::uint8_t configuration() const { return configuration_; }
    [[nodiscard]] bool has_bulk(std::uint8_t endpoint_address) const;

private:
    struct Setup;

    PipeReply to_device(const Setup& setup, transports::Instant now);
    PipeReply to_endpoint(const Setup& setup, mmc::ByteView bytes, mmc::MutableByteView answer,
                          transports::Instant now);
    [[nodiscard]] PipeReply get_descriptor(const Setup& setup, mmc::MutableByteView answer) const;
    [[nodiscard]] PipeReply get_status(const Setup& setup, mmc::MutableByteView answer) const;

    BotDevice* device_;
    UsbIdentityCard card_;
    std::uint8_t configuration_ = 0;
    bool silent_ = false;
};

}  // namespace kiln::harness
