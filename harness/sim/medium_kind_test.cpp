#include "harness/sim/medium_kind.h"

#include <set>

#include <gtest/gtest.h>

namespace kiln::harness {
namespace {

TEST(MediumKind, EachStandsAtItsPlaceInTheTable) {
    for (const MediumFacts& facts : all_media()) {
        EXPECT_EQ(&facts_of(facts.kind), &facts) << facts.name;
    }
}

TEST(MediumKind, IsFoundByItsName) {
    std::set<std::string_view> names;
    for (const MediumFacts& facts : all_media()) {
        EXPECT_EQ(medium_named(facts.name), facts.kind);
        EXPECT_TRUE(names.insert(facts.name).second) << facts.name;
    }
    EXPECT_EQ(medium_named("dvd-rw-ro"), MediumKind::DvdRwRestrictedOverwrite);
}

TEST(MediumKind, IsNotFoundByAnotherName) {
    EXPECT_EQ(medium_named("BD-R"), std::nullopt);
    EXPECT_EQ(medium_named(""), std::nullopt);
    EXPECT_EQ(medium_named("hd-dvd"), std::nullopt);
}

}  // namespace
}  // namespace kiln::harness
