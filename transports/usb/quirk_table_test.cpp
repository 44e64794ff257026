#include "transports/usb/quirk_table.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace kiln::transports {
namespace {

TEST(QuirkTable, KnowsTheBridges) {
    EXPECT_EQ(quirks_of(0x05E3, 0x0701, 0x0002),
              (Quirks{Quirk::GoSlow, Quirk::Max32KiB, Quirk::IgnoreResidue}));
    EXPECT_EQ(quirks_of(0x059F, 0x0643, 0), Quirks{Quirk::GoSlow});
    EXPECT_TRUE(quirks_of(0x0E8D, 0x1956, 0x0001).empty()) << "an ordinary drive";
}

TEST(QuirkTable, LooksAtTheRevision) {
    EXPECT_TRUE(quirks_of(0x13FD, 0x3609, 0x0209).has(Quirk::IgnoreResidue));
    EXPECT_TRUE(quirks_of(0x13FD, 0x3609, 0x0208).empty());
    EXPECT_TRUE(quirks_of(0x13FD, 0x3609, 0x0210).empty());
}

TEST(QuirkTable, GivesAReasonForEach) {
    EXPECT_FALSE(quirk_table().empty());
    for (const QuirkEntry& entry : quirk_table()) {
        EXPECT_FALSE(entry.quirks.empty()) << entry.name;
        EXPECT_FALSE(entry.reason.empty()) << entry.name;
        EXPECT_TRUE(entry.link.starts_with("https://")) << entry.name;
    }
}

TEST(Quirks, HaveNamesThatLeadBackToThem) {
    for (const Quirk quirk : kAllQuirks) {
        EXPECT_EQ(quirk_named(name_of(quirk)), quirk);
    }
    EXPECT_FALSE(quirk_named("go-fast"));
    EXPECT_FALSE(quirk_named(""));
}

TEST(Quirks, AreASet) {
    Quirks quirks{Quirk::GoSlow};
    quirks.add(Quirk::IgnoreTag);
    EXPECT_TRUE(quirks.has(Quirk::IgnoreTag));
    EXPECT_FALSE(quirks.has(Quirk::LongSense));
    quirks.remove(Quirk::GoSlow);
    EXPECT_EQ(quirks, Quirks{Quirk::IgnoreTag});
}

}  // namespace
}  // namespace kiln::transports
