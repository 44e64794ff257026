#include "tools/kiln/console.h"

#include <gtest/gtest.h>

namespace kiln::tools {
namespace {

stack::Progress half_way() {
    stack::Progress progress;
    progress.phase = stack::Phase::WritingData;
    progress.start_lba = 1000;
    progress.sector_count = 200;
    progress.last_written_lba = 1099;
    progress.speed_x = 12.04;
    progress.drive_buffer_percent = 98;
    progress.elapsed = std::chrono::seconds(41);
    progress.remaining = std::chrono::seconds(42);
    return progress;
}

TEST(Console, TheBarTellsPhasePercentSpeedBufferAndTimeLeft) {
    EXPECT_EQ(draw(bar_of(half_way()), 80),
              "writing-data           50% [##########..........] 12.0x  buffer  98%  0:42 left");
}

TEST(Console, TheBarFitsItsTerminal) {
    for (std::size_t columns = 1; columns < 200; ++columns) {
        EXPECT_LT(draw(bar_of(half_way()), columns).size(), columns) << columns;
    }
}

TEST(Console, BeforeTheFirstBlockNothingIsDone) {
    stack::Progress progress = half_way();
    progress.last_written_lba = progress.start_lba - 1;
    EXPECT_EQ(bar_of(progress).percent, 0.0);
    progress.sector_count = 0;
    EXPECT_EQ(bar_of(progress).percent, std::nullopt);
}

TEST(Console, AnOperationsOwnPercentGoesFirst) {
    stack::Progress progress = half_way();
    progress.operation_percent = 7;
    EXPECT_EQ(bar_of(progress).percent, 7.0);
}

TEST(Console, AReadKnowsWhatIsLeft) {
    const Bar bar = bar_of(
        ReadProgress{.done_blocks = 25, .all_blocks = 100, .elapsed = std::chrono::seconds(10)});
    EXPECT_EQ(bar.percent, 25.0);
    EXPECT_EQ(bar.remaining, std::chrono::seconds(30));
    EXPECT_EQ(bar_of(ReadProgress{}).percent, std::nullopt);
}

}  // namespace
}  // namespace kiln::tools
