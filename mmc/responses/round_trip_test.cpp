// What is read is written again as it was: golden rows.

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/features.h"
#include "mmc/hex.h"
#include "mmc/mode_pages.h"
#include "mmc/responses/catalog.h"
#include "mmc/responses/round_trip_test_support.h"

#include "harness/testing/test_data.h"

namespace kiln::mmc {
namespace {

TEST(RoundTrip, GoldenAnswersAreWrittenAsTheyWereRead) {
    std::set<std::string_view> names;
    const auto lines = harness::read_lines(harness::fixtures() / "golden" / "responses.csv");
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const auto parts = harness::split(lines[i], ';');
        const auto bytes = *harness::bytes_of(parts.at(1));
        if (parts[0].starts_with("feature ")) {
            EXPECT_EQ(typed_feature_difference(*decode_feature(bytes)), "") << parts[0];
            Bytes written;
            ASSERT_TRUE(append_feature(*decode_feature(bytes), written).has_value());
            EXPECT_EQ(to_hex(written), to_hex(bytes)) << parts[0];
        } else if (parts[0].starts_with("mode page ") && !parts[0].ends_with("mask")) {
            EXPECT_EQ(typed_page_difference(*decode_mode_page(bytes)), "") << parts[0];
            EXPECT_EQ(to_hex(*encode(*decode_mode_page(bytes))), to_hex(bytes)) << parts[0];
        } else if (const auto begin = parts[0].find("[CDB "); begin != std::string::npos) {
            const auto cdb =
                *harness::bytes_of(parts[0].substr(begin + 5, parts[0].find(']') - begin - 5));
            const auto answer = explain_answer(cdb, bytes);
            ASSERT_TRUE(answer.has_value()) << parts[0];
            if (answer->complete) {
                names.insert(answer->name);
                EXPECT_EQ(answer_difference(answer->name, bytes), "") << parts[0];
            }
        }
    }
    EXPECT_GE(names.size(), 14U);
}

// The rows without a CDB, each read by its own reader.
TEST(RoundTrip, HandMadeGoldenAnswersToo) {
    const std::map<std::string, std::string_view> readers{
        {"atip", "READ TOC/PMA/ATIP, ATIP"},
        {"bd-structure 09h", "cartridge status"},
        {"bd-structure 0Ah", "spare area"},
        {"buffer-capacity", "READ BUFFER CAPACITY"},
        {"disc-info", "READ DISC INFORMATION, standard"},
        {"dvd-structure 01h", "copyright information"},
        {"dvd-structure 09h", "DVD-RAM medium status"},
        {"dvd-structure 0Ah", "DVD-RAM spare area"},
        {"dvd-structure 20h", "layer boundary"},
        {"dvd-structure 21h", "shifted middle area"},
        {"dvd-structure 22h", "jump interval"},
        {"dvd-structure C0h", "write protection status"},
        {"format-capacities", "READ FORMAT CAPACITIES"},
        {"gesn", "GET EVENT STATUS NOTIFICATION"},
        {"mechanism-status", "MECHANISM STATUS"},
        {"pma", "READ TOC/PMA/ATIP, PMA"},
        {"pow-resources information", "READ DISC INFORMATION, POW resources"},
        {"read-capacity", "READ CAPACITY (10)"},
        {"report-key ASF", "REPORT KEY, ASF"},
        {"report-key RPC", "REPORT KEY, RPC state"},
        {"toc format 1", "READ TOC/PMA/ATIP, session information"},
        {"track-info", "READ TRACK INFORMATION"},
        {"track-resources", "READ DISC INFORMATION, track resources"},
        {"vpd 83", "INQUIRY, device identification"},
    };
    std::size_t compared = 0;
    for (const auto& line : harness::read_lines(harness::fixtures() / "golden" / "responses.csv")) {
        const auto parts = harness::split(line, ';');
        if (parts.size() < 3 || parts[0].find("[CDB") != std::string::npos) {
            continue;
        }
        for (const auto& [beginning, name] : readers) {
            if (parts[0].starts_with(beginning)) {
                const auto bytes = *harness::bytes_of(parts[1]);
                EXPECT_EQ(to_hex(writers().at(name)(bytes)), to_hex(bytes)) << parts[0];
                ++compared;
            }
        }
    }
    EXPECT_GE(compared, 55U);
}

}  // namespace
}  // namespace kiln::mmc
