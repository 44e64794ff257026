#include "harness/usbip/usbip_wire.h"

#include <gtest/gtest.h>

#include "harness/testing/usbip_client.h"

namespace kiln::harness::usbip {
namespace {

using testing::add_words;
using testing::Bytes;

/// The document's own example: CmdIntrIN.
TEST(UsbipWire, SubmitIsReadAsTheDocumentHasIt) {
    Bytes bytes;
    add_words(bytes, {0x00000001, 0x00000d05, 0x0001000f, 0x00000001, 0x00000001, 0x00000200,
                      0x00000040, 0xffffffff, 0x00000000, 0x00000004, 0x00000000, 0x00000000});
    ASSERT_EQ(command_of(bytes), Command::Submit);
    const Submit submit = decode_submit(bytes);
    EXPECT_EQ(submit.sequence, 0xD05U);
    EXPECT_EQ(submit.device, 0x1000FU);
    EXPECT_TRUE(submit.in);
    EXPECT_EQ(submit.endpoint, 1U);
    EXPECT_EQ(submit.flags, 0x200U);
    EXPECT_EQ(submit.length, 0x40U);
    EXPECT_EQ(submit.packets, 0U);
}

TEST(UsbipWire, SetupIsAsOnTheBus) {
    Bytes bytes(40, 0);
    bytes.insert(bytes.end(), {0x80, 0x06, 0x00, 0x01, 0x34, 0x12, 0x12, 0x00});
    const Submit submit = decode_submit(bytes);
    EXPECT_EQ(submit.setup, (std::array<std::uint8_t, 8>{0x80, 6, 0, 1, 0x34, 0x12, 0x12, 0}));
}

/// The document's RetIntrOut, but for the frame number of an interrupt pipe.
TEST(UsbipWire, AnswerIsAsTheDocumentHasIt) {
    Bytes expected;
    add_words(expected, {0x00000003, 0x00000d06, 0, 0, 0, 0, 0x00000040, 0, 0, 0, 0, 0});
    const Header header = encode(SubmitResult{.sequence = 0xD06, .length = 0x40});
    EXPECT_EQ(Bytes(header.begin(), header.end()), expected);
}

TEST(UsbipWire, ErrorsAreNegativeNumbersOfLinux) {
    Bytes stalled;
    add_words(stalled, {3, 7, 0, 0, 0, 0xFFFFFFE0, 5, 0, 0xFFFFFFFF, 0, 0, 0});
    const Header header = encode(SubmitResult{
        .sequence = 7, .status = UrbStatus::Stalled, .length = 5, .packets = kNoPackets});
    EXPECT_EQ(Bytes(header.begin(), header.end()), stalled);
    Bytes unlinked;
    add_words(unlinked, {4, 8, 0, 0, 0, 0xFFFFFF98, 0, 0, 0, 0, 0, 0});
    const Header second = encode_unlinked(8, UrbStatus::Unlinked);
    EXPECT_EQ(Bytes(second.begin(), second.end()), unlinked);
}

TEST(UsbipWire, UnlinkNamesTheSubmit) {
    Bytes bytes;
    add_words(bytes, {2, 9, 0x10002, 0, 0, 0x01020304, 0, 0, 0, 0, 0, 0});
    ASSERT_EQ(command_of(bytes), Command::Unlink);
    EXPECT_EQ(decode_unlink(bytes).unlinked, 0x01020304U);
    EXPECT_EQ(decode_unlink(bytes).sequence, 9U);
}

TEST(UsbipWire, OtherVersionsAndCommandsAreNone) {
    EXPECT_TRUE(decode_operation(Bytes{1, 0x11, 0x80, 5, 0, 0, 0, 0}));
    EXPECT_TRUE(decode_operation(Bytes{1, 0x11, 0x80, 3, 0, 0, 0, 0}));
    EXPECT_FALSE(decode_operation(Bytes{1, 0x06, 0x80, 5, 0, 0, 0, 0}));
    EXPECT_FALSE(decode_operation(Bytes{1, 0x11, 0x00, 5, 0, 0, 0, 0}));
    for (const std::uint8_t command : Bytes{0, 3, 4, 5}) {
        Bytes header(48, 0);
        header[3] = command;
        EXPECT_FALSE(command_of(header));
    }
}

TEST(UsbipWire, BusIdIsClosedWithZero) {
    Bytes request{1, 0x11, 0x80, 3, 0, 0, 0, 0, '3', '-', '2'};
    request.resize(40, 0);
    EXPECT_EQ(decode_import(request), "3-2");
    std::fill(request.begin() + 8, request.end(), std::uint8_t{'1'});
    EXPECT_FALSE(decode_import(request));
}

TEST(UsbipWire, DeviceListHasTheDocumentsOffsets) {
    ExportedDevice device;
    device.card.speed = UsbIdentityCard::Speed::Super;
    const Bytes list = encode_device_list({device});
    ASSERT_EQ(list.size(), 0x148U);
    EXPECT_EQ(Bytes(list.begin(), list.begin() + 12),
              (Bytes{1, 0x11, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1}));
    EXPECT_EQ(list[12], '/');
    EXPECT_EQ(list[0x10B], 0);
    EXPECT_EQ(Bytes(list.begin() + 0x10C, list.begin() + 0x110), (Bytes{'1', '-', '1', 0}));
    EXPECT_EQ(Bytes(list.begin() + 0x12C, list.end()),
              (Bytes{0,    0,    0, 1, 0, 0, 0, 2, 0, 0, 0,    5,    0x0E, 0x8D,
                     0x19, 0x56, 0, 1, 0, 0, 0, 1, 1, 1, 0x08, 0x02, 0x50, 0}));
    EXPECT_EQ(encode_device_list({}), (Bytes{1, 0x11, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(UsbipWire, ImportHasTheDocumentsOffsets) {
    const Bytes reply = encode_import({});
    ASSERT_EQ(reply.size(), 0x140U);
    EXPECT_EQ(Bytes(reply.begin(), reply.begin() + 9), (Bytes{1, 0x11, 0, 3, 0, 0, 0, 0, '/'}));
    EXPECT_EQ(Bytes(reply.begin() + 0x108, reply.begin() + 0x10C), (Bytes{'1', '-', '1', 0}));
    EXPECT_EQ(reply[0x133], 3);  // high speed
    EXPECT_EQ(encode_import_refused(OperationStatus::NoSuchDevice),
              (Bytes{1, 0x11, 0, 3, 0, 0, 0, 4}));
}

}  // namespace
}  // namespace kiln::harness::usbip
