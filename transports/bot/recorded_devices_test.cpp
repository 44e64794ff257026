// Devices that misbehaved before Linux, from usbmon's texts: the host's machine meets each packet
// as it was, and does better where Linux hung.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/hex.h"

#include "transports/bot/host_machine.h"

#include "harness/testing/test_data.h"

namespace kiln::transports::bot {
namespace {

using Do = Action::Kind;
using Kind = Event::Kind;

/// A bulk transfer that ended.
struct Transfer {
    bool in = false;
    int status = 0;  // negative errno
    std::uint32_t bytes = 0;
    std::vector<std::uint8_t> data;
};

std::vector<std::uint8_t> data_of(std::istringstream& words) {
    std::string all;
    for (std::string word; words >> word;) {
        all += word;
    }
    return harness::bytes_of(all).value_or(std::vector<std::uint8_t>());
}

/// "TAG TIME S|C Bo:BUS:DEV:EP STATUS LENGTH [= DATA | < | >]". Data-out stand in the submission.
std::vector<Transfer> transfers_in(const std::string& file) {
    std::vector<Transfer> all;
    std::vector<std::uint8_t> sent;
    for (const std::string& line :
         harness::read_lines(*harness::real_data() / "usbmon-text-quirks" / file)) {
        std::istringstream words(line);
        std::string tag;
        std::string time;
        std::string event;
        std::string pipe;
        std::string mark;
        Transfer transfer;
        words >> tag >> time >> event >> pipe >> transfer.status >> transfer.bytes >> mark;
        if (tag == "#" || !pipe.starts_with('B')) {
            continue;
        }
        transfer.in = pipe.starts_with("Bi");
        transfer.data = mark == "=" ? data_of(words) : std::vector<std::uint8_t>();
        if (event == "S") {
            sent = transfer.data;
        } else {
            transfer.data = transfer.in ? transfer.data : sent;
            all.push_back(transfer);
        }
    }
    return all;
}

Event event_of(const Transfer& transfer) {
    constexpr int kPipe = -32;
    constexpr int kCancelled = -104;
    const Kind kind = transfer.status == kPipe        ? Kind::Stalled
                      : transfer.status == kCancelled ? Kind::TimedOut
                                                      : Kind::Done;
    return {.kind = kind, .bytes = transfer.bytes, .received = transfer.data};
}

/// What was done and what came of it, a line a command: "10 CDS moved 8".
class Replay {
public:
    explicit Replay(const std::string& file) : transfers_(transfers_in(file)) {
        while (next_ < transfers_.size()) {
            const Transfer& first = transfers_[next_];
            const auto wrapper = first.in ? decode_command({}) : decode_command(first.data);
            if (!wrapper) {
                ++next_;  // what Linux still waited for
                continue;
            }
            run(*wrapper);
        }
    }
    std::vector<std::string> lines;

private:
    void run(const CommandWrapper& wrapper) {
        HostMachine machine({.first_tag = wrapper.tag});
        std::string line;
        Action action = machine.start(
            {.cdb = wrapper.command, .flow = wrapper.flow, .bytes = wrapper.data_transfer_length});
        while (action.kind != Do::Finish) {
            line += "CDDSioR."[static_cast<std::size_t>(action.kind)];
            action = machine.handle(meet(action, machine));
        }
        const auto& outcome = machine.outcome();
        lines.push_back(line + " " +
                        (!outcome ? outcome.error().detail
                         : outcome->status == Status::Good
                             ? "moved " + std::to_string(outcome->moved)
                             : mmc::describe(outcome->sense).substr(0, 8)));
    }
    Event meet(const Action& action, HostMachine& machine) {
        const bool control = action.kind == Do::ClearHaltIn || action.kind == Do::ClearHaltOut ||
                             action.kind == Do::ResetInterface;
        if (control) {
            return {};
        }
        if (next_ == transfers_.size()) {
            return {.kind = Kind::TimedOut};
        }
        const Transfer& transfer = transfers_[next_++];
        EXPECT_EQ(transfer.in, action.kind == Do::ReceiveData || action.kind == Do::ReceiveStatus);
        if (action.kind == Do::SendCommand) {
            EXPECT_EQ(mmc::to_hex(encode(machine.wrapper())), mmc::to_hex(transfer.data));
        } else if (action.of_sense && action.kind == Do::ReceiveData) {
            std::copy_n(transfer.data.begin(),
                        std::min(transfer.data.size(), machine.sense_buffer().size()),
                        machine.sense_buffer().begin());
        }
        return event_of(transfer);
    }

    std::vector<Transfer> transfers_;
    std::size_t next_ = 0;
};

class RecordedDevice : public ::testing::Test {
protected:
    void SetUp() override {
        if (!harness::real_data()) {
            GTEST_SKIP() << harness::kNoRealData;
        }
    }
    using Lines = std::vector<std::string>;
};

TEST_F(RecordedDevice, ThatSkipsTheDataIsNotWaitedForASecondTime) {
    EXPECT_EQ(Replay("wd_hdd_csw_instead_of_data.usbmon.txt").lines,
              (Lines{"CS moved 0", "CD moved 0"}));
}

TEST_F(RecordedDevice, ThatNeverGivesItsStatusIsReset) {
    EXPECT_EQ(Replay("genesys_05e3_0703_getmaxlun_stall_then_hang.usbmon.txt").lines,
              (Lines{"CS moved 0", "CSRio receiving the status: no answer in time"}));
}

TEST_F(RecordedDevice, ThatDoesNotTakeRequestSenseIsReset) {
    EXPECT_EQ(Replay("realtek_virtual_cd_request_sense_never_answered.usbmon.txt").lines,
              (Lines{"CDS moved 8",
                     "CDSCRio REQUEST SENSE after a failed command: sending the command: no answer "
                     "in time"}));
}

TEST_F(RecordedDevice, ThatLosesItsMediumSaysSoInItsSense) {
    EXPECT_EQ(Replay("kindle_sync_cache_medium_not_present.usbmon.txt").lines,
              (Lines{"CS moved 0", "CS moved 0", "CS moved 0", "CS moved 0", "CSCDS 02/3a/00"}));
}

}  // namespace
}  // namespace kiln::transports::bot
