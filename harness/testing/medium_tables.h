/// \file
/// What the tests of all media say: burn so many blocks, close, flush; and a table of states.

#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "harness/testing/host.h"

namespace kiln::harness::testing {

inline constexpr auto kSync = "35 00 00 00 00 00 00 00 00 00";
inline constexpr auto kCloseTrack = "5b 00 01 00 00 01 00 00 00 00";
inline constexpr auto kCloseSession = "5b 00 02 00 00 00 00 00 00 00";
inline constexpr auto kFinalize = "5b 00 06 00 00 00 00 00 00 00";
inline constexpr auto kReserve = "53 00 00 00 00 00 00 04 00 00";  // 1024 blocks
inline constexpr auto kBlankMinimal = "a1 01 00 00 00 00 00 00 00 00 00 00";
inline constexpr auto kBlankAll = "a1 00 00 00 00 00 00 00 00 00 00 00";
inline constexpr auto kCapacity = "25 00 00 00 00 00 00 00 00 00";
inline constexpr auto kFormats = "23 00 00 00 00 00 00 00 fc 00";
inline constexpr auto kReady = "00 00 00 00 00 00";
inline constexpr auto kDiscInformation = "51 00 00 00 00 00 00 00 22 00";

inline void burn(Host& host, std::int32_t lba, std::uint32_t blocks) {
    while (blocks > 0) {
        const std::uint32_t count = std::min(blocks, 32U);
        ASSERT_EQ(host.write(lba, count), "good") << "at " << lba;
        lba += static_cast<std::int32_t>(count);
        blocks -= count;
    }
}

/// FORMAT UNIT with one descriptor, "TTTT" being the 4 bytes of blocks and so on, as hex.
inline std::string format(Host& host, std::string_view descriptor, bool immediate = false) {
    const std::string list = std::string("00 ") + (immediate ? "02" : "00") + " 00 08 ";
    return host.send_hex("04 11 00 00 00 00", list + std::string(descriptor));
}

/// One row of a table in a medium's header.
struct StateRow {
    const char* state;
    void (*reach)(Host&);
    const char* disc;
    const char* write;
    const char* write_elsewhere;
    const char* close_track;
    const char* close_session;
    const char* reserve;
};

inline void expect_table(MediumKind kind, std::span<const StateRow> rows,
                         std::int32_t elsewhere = 77776) {
    for (const StateRow& row : rows) {
        SCOPED_TRACE(row.state);
        Host reached(kind);
        row.reach(reached);
        EXPECT_EQ(Host(reached).disc(), row.disc);
        Host writing(reached);
        const Medium medium = writing.medium();
        const std::int32_t at = medium.tracks.empty()
                                    ? 0
                                    : medium.tracks.back().start +
                                          static_cast<std::int32_t>(medium.tracks.back().recorded);
        EXPECT_EQ(writing.write(at, 32), row.write);
        EXPECT_EQ(Host(reached).write(elsewhere, 16), row.write_elsewhere);
        EXPECT_EQ(Host(reached).send(kSync), "good");
        EXPECT_EQ(Host(reached).send(kCloseTrack), row.close_track);
        EXPECT_EQ(Host(reached).send(kCloseSession), row.close_session);
        EXPECT_EQ(Host(reached).send(kReserve), row.reserve);
    }
}

}  // namespace kiln::harness::testing
