#include "transports/usb/usb_selector.h"

#include <string>

#include <gtest/gtest.h>

namespace kiln::transports {
namespace {

TEST(UsbSelector, IsAPort) {
    for (const char* port : {"1-2", "12-1.4.2", "3-10.1"}) {
        EXPECT_EQ(parse_usb_selector(port)->which,
                  (std::variant<UsbPort, UsbIdentity>(UsbPort{port})));
    }
}

TEST(UsbSelector, IsAnIdentity) {
    const auto plain = parse_usb_selector("0e8d:1956");
    ASSERT_TRUE(plain);
    EXPECT_EQ(std::get<UsbIdentity>(plain->which), (UsbIdentity{0x0E8D, 0x1956, ""}));
    const auto serial = parse_usb_selector("0E8D:1956:KILN:0001");
    ASSERT_TRUE(serial);
    EXPECT_EQ(std::get<UsbIdentity>(serial->which), (UsbIdentity{0x0E8D, 0x1956, "KILN:0001"}));
}

TEST(UsbSelector, TakesQuirksByHand) {
    const auto selector =
        parse_usb_selector("1-2,quirk=go-slow,quirk=!ignore-residue,quirk=max-32-kib");
    ASSERT_TRUE(selector);
    EXPECT_EQ(selector->added, (Quirks{Quirk::GoSlow, Quirk::Max32KiB}));
    EXPECT_EQ(selector->removed, Quirks{Quirk::IgnoreResidue});
}

TEST(UsbSelector, SaysWhatIsWrong) {
    for (const char* text : {"",
                             "1",
                             "1-",
                             "-1",
                             "1-2.",
                             "1-2..3",
                             "01-2",
                             "1-0",
                             "1-1234",
                             "a-b",
                             "0e8d",
                             "0e8d:",
                             ":1956",
                             "0e8d:195",
                             "0e8d:19560",
                             "0e8g:1956",
                             "1-2,",
                             "1-2,quirk",
                             "1-2,quirk=",
                             "1-2,quirk=go-fast",
                             "1-2,drive=x",
                             "1-2,quirk=go-slow,"}) {
        const auto selector = parse_usb_selector(text);
        ASSERT_FALSE(selector) << text;
        EXPECT_FALSE(selector.error().empty());
    }
    EXPECT_EQ(parse_usb_selector("x").error(), "'x' is not BUS-PORT[.PORT...] or VID:PID[:SERIAL]");
    EXPECT_NE(parse_usb_selector("1-2,quirk=go-fast").error().find("go-slow"), std::string::npos)
        << "which there are";
}

}  // namespace
}  // namespace kiln::transports
