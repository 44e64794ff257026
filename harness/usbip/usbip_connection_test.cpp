#include "harness/usbip/usbip_connection.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "harness/sim/fake_drive.h"
#include "harness/sim/medium_store.h"
#include "harness/sim/sim_address.h"
#include "harness/testing/usbip_client.h"

namespace kiln::harness {
namespace {

using testing::Bytes;
using testing::UsbipClient;
using usbip::Connection;

constexpr std::int32_t kStalled = -32;      // EPIPE
constexpr std::int32_t kUnlinked = -104;    // ECONNRESET
constexpr std::int32_t kShort = -121;       // EREMOTEIO
constexpr std::int32_t kNoHandshake = -71;  // EPROTO
const Bytes kInquiry{0x12, 0, 0, 0, 36, 0};
const Bytes kSetConfiguration{0, 9, 1, 0, 0, 0, 0, 0};

class UsbipServer : public ::testing::Test {
protected:
    explicit UsbipServer(UsbIdentityCard::Speed speed = UsbIdentityCard::Speed::High)
        : sim(open_sim(parse_sim_address("sim:dvd-ram").value(), {}).value()),
          device(sim->drive(), sim->personality().link, {}),
          function(device, card_of(speed)),
          port(function, {}) {}
    static UsbIdentityCard card_of(UsbIdentityCard::Speed speed) {
        UsbIdentityCard card;
        card.speed = speed;
        return card;
    }
    void enumerate() {
        ASSERT_EQ(client.import().size(), 0x140U);
        ASSERT_EQ(client.control_out(kSetConfiguration).status, 0);
        client.command_in(kInquiry, 36);
        client.command_in({0x03, 0, 0, 0, 18, 0}, 18);  // the unit attention of the reset
    }

    std::unique_ptr<SimDrive> sim;
    BotDevice device;
    UsbFunction function;
    usbip::Port port;
    Connection connection{port};
    UsbipClient client{connection, sim->clock()};
};

TEST_F(UsbipServer, ListsTheDeviceAndEnds) {
    client.send({1, 0x11, 0x80, 5, 0, 0, 0, 0});
    EXPECT_TRUE(connection.is_over());
    EXPECT_EQ(connection.complaint(), "");
    EXPECT_EQ(client.hear().size(), 0x148U);
}

TEST_F(UsbipServer, ListsNothingWhileItIsInUseOrUnplugged) {
    ASSERT_EQ(client.import().size(), 0x140U);
    Connection second(port);
    UsbipClient other(second, sim->clock());
    other.send({1, 0x11, 0x80, 5, 0, 0, 0, 0});
    EXPECT_EQ(other.hear(), (Bytes{1, 0x11, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0}));
    Connection third(port);
    EXPECT_EQ(UsbipClient(third, sim->clock()).import(), (Bytes{1, 0x11, 0, 3, 0, 0, 0, 2}));
    EXPECT_TRUE(third.is_over());
    EXPECT_FALSE(connection.is_over());
}

TEST_F(UsbipServer, RefusesAnotherBusId) {
    EXPECT_EQ(client.import("1-2"), (Bytes{1, 0x11, 0, 3, 0, 0, 0, 4}));
    EXPECT_TRUE(connection.is_over());
    EXPECT_FALSE(port.in_use());
}

TEST_F(UsbipServer, TakesBytesInPiecesOfAnySize) {
    Bytes request{1, 0x11, 0x80, 3, 0, 0, 0, 0, '1', '-', '1'};
    request.resize(40, 0);
    for (const std::uint8_t byte : request) {
        EXPECT_TRUE(client.hear().empty());
        client.send({byte});
    }
    EXPECT_EQ(client.hear().size(), 0x140U);
}

TEST_F(UsbipServer, EnumeratesAsChapter9HasIt) {
    client.import();
    const auto device_said = client.control_in({0x80, 6, 0, 1, 0, 0, 64, 0});
    EXPECT_EQ(device_said.status, 0);
    EXPECT_EQ(device_said.data,
              (Bytes{18, 1, 0x00, 0x02, 0, 0, 0, 64, 0x8D, 0x0E, 0x56, 0x19, 1, 0, 1, 2, 3, 1}));
    const auto head = client.control_in({0x80, 6, 0, 2, 0, 0, 9, 0});
    EXPECT_EQ(head.data, (Bytes{9, 2, 32, 0, 1, 1, 0, 0x80, 250}));
    const auto all = client.control_in({0x80, 6, 0, 2, 0, 0, 32, 0});
    EXPECT_EQ(Bytes(all.data.begin() + 9, all.data.end()),
              (Bytes{9, 4, 0, 0, 2, 8, 2, 0x50, 0, 7, 5, 0x81, 2, 0, 2, 0, 7, 5, 2, 2, 0, 2, 0}));
    EXPECT_EQ(client.control_in({0x80, 6, 0, 3, 0, 0, 255, 0}).data, (Bytes{4, 3, 9, 4}));
    EXPECT_EQ(client.control_in({0x80, 6, 1, 3, 9, 4, 255, 0}).data,
              (Bytes{10, 3, 'K', 0, 'I', 0, 'L', 0, 'N', 0}));
    EXPECT_EQ(client.control_in({0x80, 6, 4, 3, 9, 4, 255, 0}).status, kStalled);
    EXPECT_EQ(client.control_in({0x80, 6, 0, 6, 0, 0, 10, 0}).data,
              (Bytes{10, 6, 0, 2, 0, 0, 0, 64, 1, 0}));
    EXPECT_EQ(client.control_in({0x80, 6, 0, 0x0F, 0, 0, 5, 0}).status, kStalled);
    EXPECT_EQ(client.control_in({0x80, 8, 0, 0, 0, 0, 1, 0}).data, Bytes{0});
    EXPECT_EQ(client.control_out(kSetConfiguration).status, 0);
    EXPECT_EQ(client.control_in({0x80, 8, 0, 0, 0, 0, 1, 0}).data, Bytes{1});
    EXPECT_EQ(client.control_out({0, 9, 2, 0, 0, 0, 0, 0}).status, kStalled);
    EXPECT_EQ(client.control_in({0xA1, 0xFE, 0, 0, 0, 0, 1, 0}).data, Bytes{0});
    EXPECT_EQ(client.control_in({0x80, 0, 0, 0, 0, 0, 2, 0}).data, (Bytes{0, 0}));
}

class SuperSpeedUsbipServer : public UsbipServer {
protected:
    SuperSpeedUsbipServer() : UsbipServer(UsbIdentityCard::Speed::Super) {}
};

TEST_F(SuperSpeedUsbipServer, HasCompanionsAndCapabilities) {
    const Bytes imported = client.import();
    EXPECT_EQ(imported[0x133], 5);
    EXPECT_EQ(client.control_in({0x80, 6, 0, 1, 0, 0, 18, 0}).data[7], 9);
    const auto configuration = client.control_in({0x80, 6, 0, 2, 0, 0, 255, 0}).data;
    EXPECT_EQ(configuration[8], 112);  // 896 mA; more than a port's 900 is refused
    EXPECT_EQ(Bytes(configuration.begin() + 18, configuration.begin() + 31),
              (Bytes{7, 5, 0x81, 2, 0, 4, 0, 6, 0x30, 15, 0, 0, 0}));
    EXPECT_EQ(client.control_in({0x80, 6, 0, 0x0F, 0, 0, 255, 0}).data,
              (Bytes{5, 15, 22, 0, 2, 7, 16, 2, 0, 0, 0, 0, 10, 16, 3, 0, 14, 0, 1, 10, 255, 7}));
    EXPECT_EQ(client.control_in({0x80, 6, 0, 6, 0, 0, 10, 0}).status, kStalled);
    EXPECT_EQ(client.await(client.submit_out(0, Bytes(6, 0), {0, 0x30, 0, 0, 0, 0, 6, 0})).status,
              0);
}

TEST_F(UsbipServer, NoEndpointsBeforeConfiguration) {
    client.import();
    EXPECT_EQ(client.await(client.submit_out(2, Bytes(31, 0))).status, kNoHandshake);
    client.control_out(kSetConfiguration);
    EXPECT_EQ(client.await(client.submit_out(3, Bytes(31, 0))).status, kNoHandshake);
}

TEST_F(UsbipServer, AnswersInquiry) {
    enumerate();
    const auto ended = client.command_in(kInquiry, 36);
    ASSERT_EQ(ended.data.size(), 36U);
    EXPECT_EQ(ended.data[0], 5);
    EXPECT_EQ(Bytes(ended.status.begin(), ended.status.begin() + 4),
              (Bytes{0x55, 0x53, 0x42, 0x53}));
    EXPECT_EQ(Bytes(ended.status.begin() + 8, ended.status.end()), Bytes(5, 0));
}

TEST_F(UsbipServer, AnInTransferWaitsForItsData) {
    enumerate();
    const auto early = client.submit_in(1, 36);
    EXPECT_FALSE(client.is_answered(early));
    EXPECT_EQ(connection.next_change(), transports::Instant::max());
    client.await(client.submit_out(2, client.wrapper(kInquiry, 36, 0x80)));
    EXPECT_EQ(client.await(early).length, 36U);
}

TEST_F(UsbipServer, UnlinkTakesBackWhatIsPendingAndNothingElse) {
    enumerate();
    const auto pending = client.submit_in(1, 36);
    EXPECT_EQ(client.unlink(pending), kUnlinked);
    EXPECT_FALSE(client.is_answered(pending));
    EXPECT_EQ(client.unlink(pending), 0);
    const auto done = client.submit_in(0, 18, {0x80, 6, 0, 1, 0, 0, 18, 0});
    EXPECT_EQ(client.await(done).status, 0);
    EXPECT_EQ(client.unlink(done), 0);
    EXPECT_EQ(client.command_in(kInquiry, 36).data.size(), 36U);
}

TEST_F(UsbipServer, ASilentDriveAnswersNothingUntilItSpeaks) {
    enumerate();
    function.be_silent(true);
    const auto control = client.submit_in(0, 18, {0x80, 6, 0, 1, 0, 0, 18, 0});
    const auto command = client.submit_out(2, client.wrapper(kInquiry, 36, 0x80));
    const auto data = client.submit_in(1, 36);
    const auto status = client.submit_in(1, 13);
    connection.run_until(sim->clock().now() + std::chrono::hours(1));
    for (const auto urb : {control, command, data, status}) {
        EXPECT_FALSE(client.is_answered(urb));
    }
    EXPECT_EQ(client.unlink(control), kUnlinked);
    function.be_silent(false);
    connection.run_until(sim->clock().now());
    EXPECT_EQ(client.await(command).status, 0);
    EXPECT_EQ(client.await(data).data.size(), 36U);
    EXPECT_EQ(client.await(status).data.size(), 13U);
}

TEST_F(UsbipServer, ShortDataStallWhereAskedAndEndWithTheResidue) {
    enumerate();
    const auto ended = client.command_in({0x12, 0, 0, 0, 255, 0}, 512);
    EXPECT_LT(ended.data.size(), 512U);
    ASSERT_EQ(ended.status.size(), 13U);
    EXPECT_EQ(ended.status[8] | ended.status[9] << 8, 512 - static_cast<int>(ended.data.size()));
}

TEST_F(UsbipServer, ShortIsAnErrorForWhoSaysSo) {
    enumerate();
    client.await(client.submit_out(2, client.wrapper({0x12, 0, 0, 0, 255, 0}, 512, 0x80)));
    EXPECT_EQ(client.await(client.submit_in(1, 512, {}, 1)).status, kShort);
}

TEST_F(UsbipServer, HaltsAreSeenAndCleared) {
    enumerate();
    client.await(client.submit_out(2, Bytes(30, 0)));  // no CBW: both pipes halt
    EXPECT_EQ(client.await(client.submit_in(1, 13)).status, kStalled);
    EXPECT_EQ(client.control_in({0x82, 0, 0, 0, 0x81, 0, 2, 0}).data, (Bytes{1, 0}));
    // Reset Recovery.
    EXPECT_EQ(client.control_out({0x21, 0xFF, 0, 0, 0, 0, 0, 0}).status, 0);
    EXPECT_EQ(client.control_out({0x02, 1, 0, 0, 0x81, 0, 0, 0}).status, 0);
    EXPECT_EQ(client.control_out({0x02, 1, 0, 0, 0x02, 0, 0, 0}).status, 0);
    EXPECT_EQ(client.control_in({0x82, 0, 0, 0, 0x81, 0, 2, 0}).data, (Bytes{0, 0}));
    EXPECT_EQ(client.control_out({0x02, 3, 0, 0, 0x81, 0, 0, 0}).status, 0);  // SET FEATURE
    EXPECT_EQ(client.await(client.submit_in(1, 13)).status, kStalled);
    EXPECT_EQ(client.control_out({0x02, 1, 0, 0, 0x83, 0, 0, 0}).status, kStalled);
}

TEST_F(UsbipServer, BurnsALittle) {
    enumerate();
    EXPECT_EQ(client.command_in({0, 0, 0, 0, 0, 0}, 0).status.at(12), 0);
    const Bytes written(65536, 0xA5);
    EXPECT_EQ(client.command_out({0x2A, 0, 0, 0, 0, 0, 0, 0, 32, 0}, written).status.at(12), 0);
    EXPECT_EQ(client.command_out({0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {}).status.at(12), 0);
    const auto read = client.command_in({0x28, 0, 0, 0, 0, 31, 0, 0, 1, 0}, 2048);
    EXPECT_EQ(read.data, Bytes(2048, 0xA5));
    EXPECT_GT(sim->clock().now(), transports::Instant{});
}

TEST_F(UsbipServer, UnplugEndsTheClientAndAnotherComes) {
    enumerate();
    client.submit_in(1, 13);
    port.unplug();
    EXPECT_TRUE(connection.is_over());
    EXPECT_FALSE(port.in_use());
    Connection second(port);
    UsbipClient unlucky(second, sim->clock());
    EXPECT_EQ(unlucky.import(), (Bytes{1, 0x11, 0, 3, 0, 0, 0, 4}));
    port.plug();
    Connection third(port);
    UsbipClient lucky(third, sim->clock());
    EXPECT_EQ(lucky.import().size(), 0x140U);
    lucky.control_out(kSetConfiguration);
    EXPECT_EQ(lucky.command_in(kInquiry, 36).data.size(), 36U);
}

TEST_F(UsbipServer, AClientThatGoesGivesTheDeviceBackInMidCommand) {
    {
        Connection first(port);
        UsbipClient gone(first, sim->clock());
        gone.import();
        gone.control_out(kSetConfiguration);
        gone.await(gone.submit_out(2, gone.wrapper({0x2A, 0, 0, 0, 0, 0, 0, 0, 32, 0}, 65536, 0)));
    }
    enumerate();
    EXPECT_EQ(client.command_in(kInquiry, 36).data.size(), 36U);
}

TEST_F(UsbipServer, ImportedBySomebodyElseItTakesUrbsAtOnce) {
    ASSERT_TRUE(connection.import_now(sim->clock().now()));
    EXPECT_EQ(client.control_in({0x80, 6, 0, 1, 0, 0, 18, 0}).data.size(), 18U);
}

}  // namespace
}  // namespace kiln::harness
