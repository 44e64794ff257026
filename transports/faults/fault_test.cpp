#include "transports/faults/fault.h"

#include <chrono>
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::transports {
namespace {

using ::testing::HasSubstr;

std::string error_of(std::string_view text) {
    const auto fault = parse_fault(text);
    return fault ? "no error" : fault.error();
}

TEST(ParseFault, ReadsCommandCountAndKind) {
    const auto fault = parse_fault("write10:5:stall");
    ASSERT_TRUE(fault) << fault.error();
    EXPECT_EQ(fault->operation_code, 0x2A);
    EXPECT_EQ(fault->first, 5U);
    EXPECT_EQ(fault->last, 5U);
    EXPECT_TRUE(std::holds_alternative<Stall>(fault->kind));
}

TEST(ParseFault, CommandsByNameByCodeOrAny) {
    EXPECT_EQ(parse_fault("0x35:1:lie")->operation_code, 0x35);
    EXPECT_EQ(parse_fault("read-track-information:1:lie")->operation_code, 0x52);
    EXPECT_EQ(parse_fault("any:1:lie")->operation_code, std::nullopt);
}

TEST(ParseFault, CountsOneFromOneOnOrAll) {
    constexpr auto kEnd = std::numeric_limits<std::uint64_t>::max();
    EXPECT_EQ(parse_fault("any:7+:lie")->first, 7U);
    EXPECT_EQ(parse_fault("any:7+:lie")->last, kEnd);
    EXPECT_EQ(parse_fault("any:*:lie")->first, 1U);
    EXPECT_EQ(parse_fault("any:*:lie")->last, kEnd);
}

TEST(ParseFault, Sense) {
    const auto fault = parse_fault("write10:1:sense=3/0c/09");
    ASSERT_TRUE(fault) << fault.error();
    const auto& sense = std::get<FailWith>(fault->kind).sense;
    EXPECT_TRUE(sense.is(mmc::SenseKey::MediumError, 0x0C09));
    EXPECT_FALSE(sense.deferred);
    const auto deferred = parse_fault("any:1:deferred=4/3e/02");
    ASSERT_TRUE(deferred) << deferred.error();
    EXPECT_TRUE(std::get<FailWith>(deferred->kind).sense.deferred);
}

TEST(ParseFault, FailIsALikelyErrorOfTheCommand) {
    const auto key_of = [](std::string_view text) {
        return std::get<FailWith>(parse_fault(text)->kind).sense.key;
    };
    EXPECT_EQ(key_of("write10:1:fail"), mmc::SenseKey::MediumError);
    EXPECT_EQ(key_of("read10:1:fail"), mmc::SenseKey::MediumError);
    EXPECT_EQ(key_of("inquiry:1:fail"), mmc::SenseKey::HardwareError);
}

TEST(ParseFault, TimesAndBytes) {
    using std::chrono::milliseconds;
    EXPECT_EQ(std::get<Delay>(parse_fault("any:1:delay=250ms")->kind).by, milliseconds(250));
    EXPECT_EQ(std::get<Delay>(parse_fault("any:1:delay=1.5s")->kind).by, milliseconds(1500));
    EXPECT_EQ(std::get<Delay>(parse_fault("any:1:delay=2min")->kind).by, std::chrono::minutes(2));
    EXPECT_EQ(std::get<Shorten>(parse_fault("any:1:short=7")->kind).bytes, 7U);
}

TEST(ParseFault, EveryPlainKind) {
    for (const std::string kind : {"fail", "busy", "stall", "lose", "lie", "host", "vanish"}) {
        EXPECT_TRUE(parse_fault("any:1:" + kind)) << kind;
    }
}

TEST(ParseFault, SaysWhatIsWrong) {
    EXPECT_THAT(error_of("nonsense:1:fail"), HasSubstr("no command 'nonsense'"));
    EXPECT_THAT(error_of("0x1zz:1:fail"), HasSubstr("no command '0x1zz'"));
    EXPECT_THAT(error_of("0x123:1:fail"), HasSubstr("no command '0x123'"));
    EXPECT_THAT(error_of("write10:0:fail"), HasSubstr("no count '0'"));
    EXPECT_THAT(error_of("write10:x:fail"), HasSubstr("no count 'x'"));
    EXPECT_THAT(error_of("write10:-1:fail"), HasSubstr("no count '-1'"));
    EXPECT_THAT(error_of("write10::fail"), HasSubstr("no count ''"));
    EXPECT_THAT(error_of("write10:+:fail"), HasSubstr("no count '+'"));
    EXPECT_THAT(error_of("write10:1:explode"), HasSubstr("no kind 'explode'"));
    EXPECT_THAT(error_of("write10:1:sense=3/0c"), HasSubstr("no sense '3/0c'"));
    EXPECT_THAT(error_of("write10:1:sense=10/0c/00"), HasSubstr("no sense"));
    EXPECT_THAT(error_of("write10:1:delay=5"), HasSubstr("no time '5'"));
    EXPECT_THAT(error_of("write10:1:delay=-5s"), HasSubstr("no time '-5s'"));
    EXPECT_THAT(error_of("write10:1:delay=nans"), HasSubstr("no time 'nans'"));
    EXPECT_THAT(error_of("write10:1:delay=1e300s"), HasSubstr("no time"));
    EXPECT_THAT(error_of("write10:1:short=-1"), HasSubstr("no number of bytes"));
    EXPECT_THAT(error_of("write10"), HasSubstr("not OP:N:KIND"));
    EXPECT_THAT(error_of(""), HasSubstr("not OP:N:KIND"));
}

}  // namespace
}  // namespace kiln::transports
