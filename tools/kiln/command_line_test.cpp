#include "tools/kiln/command_line.h"

#include <initializer_list>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

namespace kiln::tools {
namespace {

auto parse(std::initializer_list<const char*> words) {
    return parse_command_line(std::vector<std::string>(words.begin(), words.end()));
}

template <typename Verb>
Verb parsed_as(std::initializer_list<const char*> words) {
    auto arguments = parse(words);
    if (!arguments) {
        ADD_FAILURE() << arguments.error().text;
        return {};
    }
    const Verb* verb = std::get_if<Verb>(&arguments->verb);
    EXPECT_NE(verb, nullptr);
    return verb == nullptr ? Verb{} : *verb;
}

bool is_wrong_usage(std::initializer_list<const char*> words) {
    const auto arguments = parse(words);
    return !arguments && arguments.error().wrong_usage && !arguments.error().text.empty() &&
           arguments.error().text.find('\n') == std::string::npos;
}

TEST(CommandLine, ABurnHasItsDefaults) {
    const auto burn = parsed_as<BurnArguments>({"burn", "image.iso", "sim:bd-r"});
    EXPECT_EQ(burn.source, "image.iso");
    EXPECT_EQ(burn.drive, "sim:bd-r");
    EXPECT_FALSE(burn.options.append);
    EXPECT_FALSE(burn.options.close);
    EXPECT_EQ(burn.options.speed_x, std::nullopt);
    EXPECT_EQ(burn.options.on_cancel, stack::CancelPolicy::MakeReadable);
    EXPECT_EQ(burn.cancel_after, std::nullopt);
}

TEST(CommandLine, ABurnTakesAllItsOptions) {
    const auto burn =
        parsed_as<BurnArguments>({"burn", "-", "sg:/dev/sr0", "--append", "--close", "--speed", "8",
                                  "--verify", "--simulate", "--on-cancel=leave-resumable",
                                  "--cancel-after", "37%", "--size=64MiB", "--eject"});
    EXPECT_EQ(burn.source, "-");
    EXPECT_TRUE(burn.options.append);
    EXPECT_TRUE(burn.options.close);
    EXPECT_EQ(burn.options.speed_x, 8.0);
    EXPECT_TRUE(burn.options.verify);
    EXPECT_TRUE(burn.options.simulate);
    EXPECT_TRUE(burn.options.eject);
    EXPECT_EQ(burn.options.on_cancel, stack::CancelPolicy::LeaveResumable);
    EXPECT_EQ(burn.options.size, 64U << 20U);
    EXPECT_EQ(burn.cancel_after, CancelAfter(AfterPercent{37}));
}

TEST(CommandLine, OptionsMayComeBeforeTheNames) {
    const auto burn = parsed_as<BurnArguments>({"burn", "--overwrite", "a", "--speed=max", "b"});
    EXPECT_EQ(burn.source, "a");
    EXPECT_EQ(burn.drive, "b");
    EXPECT_TRUE(burn.options.overwrite);
    EXPECT_EQ(burn.options.speed_x, std::nullopt);
}

TEST(CommandLine, WhatMakesNoSenseIsWrongUsageInOneLine) {
    EXPECT_TRUE(is_wrong_usage({}));
    EXPECT_TRUE(is_wrong_usage({"bake"}));
    EXPECT_TRUE(is_wrong_usage({"burn"}));
    EXPECT_TRUE(is_wrong_usage({"burn", "a"}));
    EXPECT_TRUE(is_wrong_usage({"burn", "a", "b", "c"}));
    EXPECT_TRUE(is_wrong_usage({"burn", "a", "b", "--speed", "fast"}));
    EXPECT_TRUE(is_wrong_usage({"burn", "a", "b", "--speed"}));
    EXPECT_TRUE(is_wrong_usage({"burn", "a", "b", "--on-cancel", "panic"}));
    EXPECT_TRUE(is_wrong_usage({"burn", "a", "b", "--cancel-after", "soon"}));
    EXPECT_TRUE(is_wrong_usage({"burn", "a", "b", "--size", "big"}));
    EXPECT_TRUE(is_wrong_usage({"burn", "a", "b", "--append", "--overwrite"}));
    EXPECT_TRUE(is_wrong_usage({"burn", "a", "b", "--frobnicate"}));
    EXPECT_TRUE(is_wrong_usage({"read", "a", "-", "--json"}));
    EXPECT_TRUE(is_wrong_usage({"read", "a", "b", "--track", "1", "--blocks", "0+1"}));
    EXPECT_TRUE(is_wrong_usage({"read", "a", "b", "--track", "0"}));
    EXPECT_TRUE(is_wrong_usage({"format", "a", "--spare", "some"}));
    EXPECT_TRUE(is_wrong_usage({"cmd", "a"}));
    EXPECT_TRUE(is_wrong_usage({"cmd", "a", "00", "--in", "1", "--out", "f"}));
    EXPECT_TRUE(is_wrong_usage({"cmd", "a", "00", "--in", "0"}));
    EXPECT_TRUE(is_wrong_usage({"explain", "00", "--sense", "--answer", "INQUIRY"}));
    EXPECT_TRUE(is_wrong_usage({"sim"}));
    EXPECT_TRUE(is_wrong_usage({"sim", "new", "p"}));
    EXPECT_TRUE(is_wrong_usage({"sim", "run", "p"}));
    EXPECT_TRUE(is_wrong_usage({"sim", "run", "p", "--"}));
}

TEST(CommandLine, WrongUsageKnowsWhetherJsonWasAskedFor) {
    const auto arguments = parse({"burn", "--json"});
    ASSERT_FALSE(arguments);
    EXPECT_TRUE(arguments.error().json);
    EXPECT_FALSE(parse({"burn"}).error().json);
}

TEST(CommandLine, HelpAndVersionAreNoErrors) {
    for (const char* verb : {"drives", "info", "burn", "blank", "format", "read", "load", "eject",
                             "cmd", "explain", "sim"}) {
        const auto arguments = parse({verb, "--help"});
        ASSERT_FALSE(arguments) << verb;
        EXPECT_FALSE(arguments.error().wrong_usage) << verb;
        EXPECT_NE(arguments.error().text.find(std::string("kiln ") + verb), std::string::npos)
            << arguments.error().text;
    }
    EXPECT_NE(parse({"sim", "run", "--help"}).error().text.find("COMMAND"), std::string::npos);
    EXPECT_EQ(parse({"--version"}).error().text.substr(0, 5), "kiln ");
    EXPECT_FALSE(parse({"--help"}).error().wrong_usage);
}

TEST(CommandLine, HexMayComeInOneWordOrInMany) {
    EXPECT_EQ(parsed_as<ExplainArguments>({"explain", "2a 00 00"}).bytes, "2a 00 00");
    EXPECT_EQ(parsed_as<ExplainArguments>({"explain", "2a", "00", "00"}).bytes, "2a 00 00");
    const auto cmd =
        parsed_as<CmdArguments>({"cmd", "sim:none", "12 00 00 00 24 00", "--in", "36"});
    EXPECT_EQ(cmd.bytes, "12 00 00 00 24 00");
    EXPECT_EQ(cmd.in, 36U);
    EXPECT_FALSE(cmd.destructive);
}

TEST(CommandLine, TheCommandOfSimRunKeepsItsOptions) {
    const auto run = parsed_as<SimRunArguments>(
        {"sim", "run", "disc", "--", "wodim", "--json", "-v", "--", "--help"});
    EXPECT_EQ(run.path, "disc");
    EXPECT_EQ(run.command, (std::vector<std::string>{"wodim", "--json", "-v", "--", "--help"}));
}

TEST(CommandLine, SpareAreasAreAWordOrANumber) {
    EXPECT_EQ(parsed_as<FormatArguments>({"format", "d", "--spare", "none"}).options.spare,
              stack::SpareAreas::None);
    EXPECT_EQ(parsed_as<FormatArguments>({"format", "d", "--spare", "max"}).options.spare,
              stack::SpareAreas::Max);
    const auto blocks = parsed_as<FormatArguments>({"format", "d", "--spare", "4096", "--full"});
    EXPECT_EQ(blocks.options.spare, stack::SpareAreas::Blocks);
    EXPECT_EQ(blocks.options.spare_blocks, 4096U);
    EXPECT_TRUE(blocks.options.full);
}

TEST(CommandLine, ReadTakesATrackOrBlocks) {
    EXPECT_EQ(parsed_as<ReadArguments>({"read", "d", "f", "--track", "2"}).track, 2);
    EXPECT_EQ(parsed_as<ReadArguments>({"read", "d", "f", "--blocks", "16+32"}).blocks,
              (BlockRange{16, 32}));
    EXPECT_EQ(parsed_as<ReadArguments>({"read", "d", "-"}).file, "-");
}

TEST(CommandLine, TheTrayGoesTheWayItWasTold) {
    EXPECT_EQ(parsed_as<TrayArguments>({"load", "d"}).to, Tray::Load);
    EXPECT_EQ(parsed_as<TrayArguments>({"eject", "d"}).to, Tray::Eject);
}

}  // namespace
}  // namespace kiln::tools
