// The table that the model is made of: that it is one, and what can be read off it.

#include "harness/model/machine_table.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace kiln::harness {
namespace {

using Stage = stack::BurnMachine::Stage;

const WalkedMachine& walked() {
    static const WalkedMachine machine = walk_machine(1);
    return machine;
}

bool is_cancel(ModelEvent event) {
    return event >= ModelEvent::Cancel0;
}

TEST(MachineTable, AStateIsAllThatItsRowsDependOn) {
    EXPECT_EQ(walked().wrong, 0U);
}

TEST(MachineTable, EveryStageIsInIt) {
    std::set<Stage> stages;
    for (const ModelState& state : walked().table.states) {
        stages.insert(state.stage);
    }
    // All but Idle, which is before Begin.
    EXPECT_EQ(stages.size(), static_cast<std::size_t>(Stage::Ended));
}

TEST(MachineTable, FromEveryStateItCanEnd) {
    const auto& states = walked().table.states;
    std::vector<bool> ends(states.size());
    bool more = true;
    while (more) {
        more = false;
        for (std::size_t i = 0; i < states.size(); ++i) {
            bool ends_now = states[i].stage == Stage::Ended;
            for (const ModelRow& row : states[i].rows) {
                ends_now = ends_now || (row.next != ModelRow::kCannotHappen && ends[row.next]);
            }
            more = more || (ends_now && !ends[i]);
            ends[i] = ends_now;
        }
    }
    for (std::size_t i = 0; i < states.size(); ++i) {
        EXPECT_TRUE(ends[i]) << "state " << i;
    }
}

TEST(MachineTable, NoAnnouncedWriteIsEverSentBehindACancel) {
    const auto& states = walked().table.states;
    std::vector<bool> cancelled(states.size());
    bool more = true;
    while (more) {
        more = false;
        for (std::size_t i = 0; i < states.size(); ++i) {
            for (std::size_t event = 0; event < kModelEvents; ++event) {
                const ModelRow& row = states[i].rows.at(event);
                if (row.next == ModelRow::kCannotHappen ||
                    !(cancelled[i] || is_cancel(static_cast<ModelEvent>(event)))) {
                    continue;
                }
                more = more || !cancelled[row.next];
                cancelled[row.next] = true;
                EXPECT_LT(row.actions.command, ModelCommand::FirstWrite)
                    << "state " << i << ", " << name_of(static_cast<ModelEvent>(event));
            }
        }
    }
}

TEST(MachineTable, ThatADriveIsGoneIsAnsweredByNoCommand) {
    const auto& states = walked().table.states;
    std::size_t met = 0;
    for (const ModelState& state : states) {
        const ModelRow& row = state.rows.at(static_cast<std::size_t>(ModelEvent::Gone));
        if (row.next == ModelRow::kCannotHappen) {
            continue;
        }
        ++met;
        EXPECT_EQ(row.actions.command, ModelCommand::None);
        // Nor does it try again later.
        const ModelState& then = states.at(row.next);
        const ModelRow& tick = then.rows.at(static_cast<std::size_t>(ModelEvent::Tick));
        if (tick.next != ModelRow::kCannotHappen) {
            EXPECT_EQ(tick.actions.command, ModelCommand::None);
        }
        EXPECT_EQ(then.stage, Stage::Ended);
    }
    EXPECT_GT(met, 0U);
}

}  // namespace
}  // namespace kiln::harness
