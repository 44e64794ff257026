/// Clients that are none: what they send ends their connection, and nothing else.

#include <algorithm>
#include <memory>
#include <random>

#include <gtest/gtest.h>

#include "harness/sim/fake_drive.h"
#include "harness/sim/medium_store.h"
#include "harness/sim/sim_address.h"
#include "harness/testing/effort.h"
#include "harness/testing/usbip_client.h"
#include "harness/usbip/usbip_connection.h"

namespace kiln::harness {
namespace {

using testing::add_words;
using testing::Bytes;
using testing::UsbipClient;
using usbip::Connection;

struct World {
    World()
        : sim(open_sim(parse_sim_address("sim:cd-rw").value(), {}).value()),
          device(sim->drive(), sim->personality().link, {}),
          function(device, {}),
          port(function, {}) {}

    std::unique_ptr<SimDrive> sim;
    BotDevice device;
    UsbFunction function;
    usbip::Port port;
    Connection connection{port};
    UsbipClient client{connection, sim->clock()};
};

/// SUBMIT with words that a client may choose.
struct Wish {
    std::uint32_t device = UsbipClient::kDevice;
    std::uint32_t in = 0;
    std::uint32_t length = 0;
    std::uint32_t packets = 0;
};

Bytes submit(const Wish& wish) {
    Bytes bytes;
    add_words(bytes, {1, 1, wish.device, wish.in, 1, 0, wish.length, 0, wish.packets, 0, 0, 0});
    return bytes;
}

TEST(HostileUsbip, WhatIsNoRequestEndsTheConnection) {
    for (const Bytes& bytes :
         {Bytes{'G', 'E', 'T', ' ', '/', ' ', 'H', 'T'}, Bytes(8, 0), Bytes(8, 0xFF)}) {
        World world;
        world.client.send(bytes);
        EXPECT_TRUE(world.connection.is_over());
        EXPECT_NE(world.connection.complaint(), "");
        EXPECT_TRUE(world.client.hear().empty());
    }
}

TEST(HostileUsbip, WhatIsNoUrbEndsTheConnectionAndGivesTheDeviceBack) {
    for (const Wish& wish :
         {Wish{.device = 0x10003}, Wish{.in = 1, .packets = 8}, Wish{.length = 0xFFFFFFFF},
          Wish{.in = 1, .length = 0xFFFFFFFF}, Wish{.in = 1, .length = (16U << 20U) + 1}}) {
        World world;
        world.client.import();
        world.client.send(submit(wish));
        EXPECT_TRUE(world.connection.is_over()) << wish.length;
        EXPECT_NE(world.connection.complaint(), "");
        EXPECT_FALSE(world.port.in_use());
    }
}

TEST(HostileUsbip, ManyTransfersAreTooMany) {
    World world;
    world.client.import();
    world.client.control_out({0, 9, 1, 0, 0, 0, 0, 0});
    for (std::size_t i = 0; i < Connection::kMostUrbs; ++i) {
        world.client.submit_in(1, 13);
    }
    EXPECT_EQ(world.connection.waiting(), Connection::kMostUrbs);
    EXPECT_FALSE(world.connection.is_over());
    world.client.submit_in(1, 13);
    EXPECT_TRUE(world.connection.is_over());
    EXPECT_EQ(world.connection.waiting(), 0U);
}

TEST(HostileUsbip, LargeTransfersAreTooManySooner) {
    World world;
    world.client.import();
    world.client.control_out({0, 9, 1, 0, 0, 0, 0, 0});
    world.client.submit_in(1, 16U << 20U);
    world.client.submit_in(1, 16U << 20U);
    EXPECT_FALSE(world.connection.is_over());
    world.client.submit_in(1, 1);
    EXPECT_TRUE(world.connection.is_over());
}

TEST(HostileUsbip, AClientThatDoesNotListenIsServedNoMore) {
    World world;
    world.client.import();
    world.client.control_out({0, 9, 1, 0, 0, 0, 0, 0});
    world.connection.receive(submit({.in = 1, .length = 16U << 20U}), world.sim->clock().now());
    Bytes asks;
    for (int i = 0; i < 1000; ++i) {
        add_words(asks, {1, 7, UsbipClient::kDevice, 1, 0, 0, 18, 0, 0, 0, 0x80060001, 0x1200});
    }
    std::size_t sent = 0;
    while (world.connection.takes_more() && sent < (std::size_t{64} << 20U)) {
        world.connection.receive(asks, world.sim->clock().now());
        sent += asks.size();
        if (world.connection.is_over()) {
            break;
        }
    }
    EXPECT_LE(world.connection.output().size(), Connection::kMostHeld + (1U << 20U));
}

class Dice {
public:
    std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_()) % end; }
    std::uint32_t any() { return static_cast<std::uint32_t>(random_()); }
    std::uint8_t byte() { return static_cast<std::uint8_t>(random_() & 0xFFU); }
    bool one_in(std::uint32_t many) { return below(many) == 0; }

private:
    std::mt19937 random_{2026};
};

/// A SUBMIT, now and then an UNLINK or neither, to any endpoint and of any kind, with its data.
Bytes any_request(Dice& dice) {
    const std::uint32_t command = dice.one_in(16) ? dice.below(6) : dice.one_in(8) ? 2 : 1;
    const std::uint32_t length = dice.below(dice.one_in(4) ? 70000 : 64);
    const std::uint32_t in = dice.below(2);
    Bytes bytes;
    add_words(bytes, {command, dice.below(20), UsbipClient::kDevice, in, dice.below(4),
                      dice.below(2), length, 0, dice.one_in(2) ? 0 : 0xFFFFFFFF, 0,
                      dice.any() & 0xA3FF0303, dice.any() & 0x83004000});
    bytes.resize(bytes.size() + (in == 0 ? length : 0), dice.byte());
    return bytes;
}

/// A SUBMIT with a good wrapper of a command that may be anything.
Bytes any_command(Dice& dice, UsbipClient& client) {
    const Bytes wrapper = client.wrapper(
        {dice.byte(), dice.byte(), 0, 0, dice.byte(), 0, 0, dice.byte(), dice.byte(), 0},
        dice.below(70000), dice.one_in(2) ? 0x80 : 0);
    Bytes bytes;
    add_words(bytes, {1, dice.below(20), UsbipClient::kDevice, 0, 2, 0, 31, 0, 0, 0, 0, 0});
    bytes.insert(bytes.end(), wrapper.begin(), wrapper.end());
    return bytes;
}

void spoil(Dice& dice, Bytes& bytes) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    if (dice.one_in(10)) {
        bytes[dice.below(size)] ^= static_cast<std::uint8_t>(1U << dice.below(8));
    }
    if (dice.one_in(20)) {
        bytes.resize(dice.below(size));
    }
}

/// Requests that are nearly right, cut, changed and mixed; after all of it a good client is served.
TEST(HostileUsbip, NothingThatIsSentDoesHarm) {
    Dice dice;
    const int rounds = testing::effort(60);
    for (int round = 0; round < rounds; ++round) {
        World world;
        if (!dice.one_in(8)) {
            world.client.import();
            world.client.control_out({0, 9, 1, 0, 0, 0, 0, 0});
        }
        for (int step = 0; step < 40 && !world.connection.is_over(); ++step) {
            Bytes bytes = dice.one_in(2) ? any_command(dice, world.client) : any_request(dice);
            spoil(dice, bytes);
            world.client.send(bytes);
            (void)world.client.await(dice.below(20));
            ASSERT_LE(world.connection.waiting(), Connection::kMostUrbs);
        }
        world.port.unplug();
        world.port.plug();
        Connection next(world.port);
        UsbipClient good(next, world.sim->clock());
        ASSERT_EQ(good.import().size(), 0x140U) << round;
        ASSERT_EQ(good.control_out({0, 9, 1, 0, 0, 0, 0, 0}).status, 0) << round;
        ASSERT_EQ(good.command_in({0x12, 0, 0, 0, 36, 0}, 36).data.size(), 36U) << round;
    }
}

}  // namespace
}  // namespace kiln::harness
