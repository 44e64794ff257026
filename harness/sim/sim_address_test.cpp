#include "harness/sim/sim_address.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace kiln::harness {
namespace {

SimAddress parsed(std::string_view text) {
    auto address = parse_sim_address(text);
    EXPECT_TRUE(address.has_value()) << address.error().detail;
    return address.value_or(SimAddress{});
}

SimError refused(std::string_view text) {
    const auto address = parse_sim_address(text);
    EXPECT_FALSE(address.has_value()) << text;
    return address ? SimError{} : address.error();
}

TEST(SimAddress, NamesEveryMedium) {
    for (const MediumFacts& facts : all_media()) {
        EXPECT_EQ(parsed("sim:" + std::string(facts.name)).medium, facts.kind);
    }
}

TEST(SimAddress, HasDefaults) {
    const SimAddress address = parsed("sim:bd-r");
    EXPECT_EQ(address.folder, "");
    EXPECT_EQ(address.drive, "");
    EXPECT_EQ(address.time_factor, 0);
    EXPECT_EQ(address.content, SimAddress::Content::Keep);
    EXPECT_TRUE(address.faults.empty());
}

TEST(SimAddress, TakesOptions) {
    const SimAddress address = parsed(
        "sim:dvd+r,drive=pioneer-dvr-111d,time=2.5,content=digest,fault=write:3:stall,fault=a:1:b");
    EXPECT_EQ(address.medium, MediumKind::DvdPlusR);
    EXPECT_EQ(address.drive, "pioneer-dvr-111d");
    EXPECT_EQ(address.time_factor, 2.5);
    EXPECT_EQ(address.content, SimAddress::Content::Digest);
    EXPECT_EQ(address.faults, (std::vector<std::string>{"write:3:stall", "a:1:b"}));
    EXPECT_EQ(parsed("sim:cd-r,time=real").time_factor, 1);
    EXPECT_EQ(parsed("sim:cd-r,time=virtual").time_factor, 0);
}

TEST(SimAddress, NamesAFolderBySlash) {
    EXPECT_EQ(parsed("sim:disc/").folder, "disc");
    EXPECT_EQ(parsed("sim:/a/b c/").folder, "/a/b c");
    EXPECT_EQ(parsed("sim:x//,time=real").folder, "x");
    EXPECT_EQ(parsed("sim:/").folder, "/");
    EXPECT_EQ(parsed("sim:bd-r/").medium, std::nullopt);
    EXPECT_EQ(parsed("sim:a%2cb/,time=real").folder, "a,b");
    EXPECT_EQ(parsed("sim:a%2Cb%2/").folder, "a,b%2");
}

TEST(SimAddress, IsRefusedInOneLine) {
    EXPECT_EQ(refused("sim:").detail, "neither a medium nor a folder behind sim:");
    EXPECT_EQ(refused("sim:,time=real").kind, SimError::Kind::Usage);
    EXPECT_EQ(refused("usb:1-2").detail, "does not begin with sim:");
    EXPECT_EQ(refused("sim:hd-dvd").kind, SimError::Kind::NoSuch);
    EXPECT_EQ(refused("sim:hd-dvd").detail,
              "no such medium 'hd-dvd'; `kiln sim list` names them, and a "
              "folder is sim:hd-dvd/");
    EXPECT_EQ(refused("sim:a/b").detail,
              "a folder ends in a slash, and a comma in its path is written %2c: sim:a/b/");
    EXPECT_EQ(refused("sim:cd-r,speed=4").detail,
              "no such key 'speed'; there are drive, time, content, fault");
    for (const char* const text :
         {"sim:cd-r,", "sim:cd-r,,", "sim:cd-r,drive", "sim:cd-r,drive=", "sim:cd-r,=x",
          "sim:cd-r,time=fast", "sim:cd-r,time=0", "sim:cd-r,time=-1", "sim:cd-r,time=nan",
          "sim:cd-r,drive=a,drive=a", "sim:cd-r,time=inf", "sim:cd-r,time=1e400",
          "sim:cd-r,time=2x", "sim:cd-r,content=no"}) {
        EXPECT_EQ(refused(text).kind, SimError::Kind::Usage) << text;
    }
}

}  // namespace
}  // namespace kiln::harness
