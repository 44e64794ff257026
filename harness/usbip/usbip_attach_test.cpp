#include "harness/usbip/usbip_attach.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <unistd.h>

#include <gtest/gtest.h>

namespace kiln::harness::usbip {
namespace {

using Speed = UsbIdentityCard::Speed;

// As a 6.1 kernel prints it, with one high-speed port taken.
constexpr const char* kStatus =
    "hub port sta spd dev      sockfd local_busid\n"
    "hs  0000 006 003 00010002 000003 1-1\n"
    "hs  0001 004 000 00000000 000000 0-0\n"
    "ss  0008 004 000 00000000 000000 0-0\n";

TEST(UsbipAttach, TakesAFreePortOfItsSpeed) {
    EXPECT_EQ(free_port(kStatus, Speed::High), 1U);
    EXPECT_EQ(free_port(kStatus, Speed::Super), 8U);
    EXPECT_EQ(free_port("hub port sta\nhs  0000 006 003 00010002 000003 1-1\n", Speed::High),
              std::nullopt);
    EXPECT_EQ(free_port("", Speed::High), std::nullopt);
}

class VhciFolder : public ::testing::Test {
protected:
    VhciFolder() { std::filesystem::create_directory(path); }
    ~VhciFolder() override { std::filesystem::remove_all(path); }
    void put(const char* name, const char* text) const { std::ofstream(path / name) << text; }

    std::filesystem::path path =
        std::filesystem::path(::testing::TempDir()) /
        ("kiln-vhci-" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) + "-" +
         std::to_string(::getpid()));
};

TEST_F(VhciFolder, WritesPortDescriptorDeviceAndSpeed) {
    put("status", kStatus);
    put("attach", "");
    ExportedDevice device;
    device.card.speed = Speed::Super;
    const auto ours = attach(path.string(), device);
    ASSERT_TRUE(ours.has_value()) << ours.error().detail;
    std::ifstream order(path / "attach");
    std::uint32_t port = 0;
    int descriptor = -1;
    std::uint32_t id = 0;
    std::uint32_t speed = 0;
    order >> port >> descriptor >> id >> speed;
    EXPECT_EQ(port, 8U);
    EXPECT_GE(descriptor, 0);
    EXPECT_EQ(id, 0x10002U);
    EXPECT_EQ(speed, 5U);
}

TEST_F(VhciFolder, SaysWhatIsMissing) {
    const auto none = attach(path.string(), {});
    ASSERT_FALSE(none.has_value());
    EXPECT_EQ(none.error().kind, SimError::Kind::NoSuch);
    EXPECT_NE(none.error().detail.find("modprobe vhci_hcd"), std::string::npos);
    put("status", "hub port sta spd dev      sockfd local_busid\n");
    EXPECT_EQ(attach(path.string(), {}).error().kind, SimError::Kind::InUse);
}

}  // namespace
}  // namespace kiln::harness::usbip
