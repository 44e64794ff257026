// USB devices as Linux's usb-storage debugging told of them, command by command: the host's machine
// meets what each did, and says what came of it.

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include "mmc/hex.h"

#include "transports/bot/host_machine.h"

#include "harness/testing/test_data.h"

namespace kiln::harness {
namespace {

namespace bot = transports::bot;
using bot::HostMachine;
using Do = bot::Action::Kind;
using Kind = bot::Event::Kind;
using Json = nlohmann::json;

/// The commands of `device` in a file; an empty name is every one.
std::vector<Json> commands_in(const std::string& file, std::string_view device = {}) {
    std::vector<Json> all;
    for (const std::string& line : read_lines(*real_data() / "usb-storage-debug" / file)) {
        Json one = Json::parse(line, nullptr, false);
        const bool is_command = !one.is_discarded() && one.contains("cdb");
        if (is_command && one.value("dev", std::string()).starts_with(device)) {
            all.push_back(std::move(one));
        }
    }
    return all;
}

/// "70 .. 05/20/00", "02/3A/01".
std::array<std::uint8_t, 18> sense_in(const Json& command) {
    std::string words = command.value("sense", std::string("00/00/00"));
    std::ranges::transform(words, words.begin(), [](unsigned char letter) {
        return static_cast<char>(std::tolower(letter));
    });
    const auto bytes =
        mmc::from_hex(words.substr(words.size() - 8, 2) + words.substr(words.size() - 5, 2) +
                      words.substr(words.size() - 2, 2));
    std::array<std::uint8_t, 18> sense{0x70};
    sense[2] = bytes[0];
    sense[7] = 10;
    sense[12] = bytes[1];
    sense[13] = bytes[2];
    return sense;
}

/// One command of the caller's and, where the host asks for sense, the one behind it.
class Replay {
public:
    explicit Replay(std::vector<Json> commands) : commands_(std::move(commands)) {
        while (next_ < commands_.size()) {
            run(commands_[next_]);
        }
    }
    std::vector<std::string> lines;

private:
    void run(const Json& asked) {
        const auto bytes = asked.at("len").get<std::uint32_t>();
        // As much sense as Linux asked for there.
        const bool long_sense =
            next_ + 1 < commands_.size() && commands_[next_ + 1].at("len").get<int>() == 96;
        HostMachine machine({.quirks = long_sense ? transports::Quirks{transports::Quirk::LongSense}
                                                  : transports::Quirks{},
                             .first_tag = asked.at("tag").get<std::uint32_t>()});
        std::string line;
        bot::Action action = machine.start(
            {.cdb = mmc::Cdb::copy_of(mmc::from_hex(asked.at("cdb").get<std::string>())),
             .flow = bytes == 0 ? bot::Flow::None : bot::Flow::In,
             .bytes = bytes});
        while (action.kind != Do::Finish) {
            line += "CDDSioR."[static_cast<std::size_t>(action.kind)];
            action = machine.handle(meet(action, machine));
        }
        const auto& outcome = machine.outcome();
        lines.push_back(line + " " +
                        (!outcome ? outcome.error().detail
                         : outcome->status == transports::Status::Good
                             ? "moved " + std::to_string(outcome->moved)
                             : mmc::describe(outcome->sense).substr(0, 8)));
    }

    bot::Event meet(const bot::Action& action, HostMachine& machine) {
        switch (action.kind) {
            case Do::SendCommand:
                now_ = next_ < commands_.size() ? &commands_[next_++] : nullptr;
                halted_ = false;
                return {.bytes = 31};
            case Do::ReceiveData:
                return data(machine);
            case Do::ReceiveStatus:
                return status();
            default:
                halted_ = false;
                return {};
        }
    }
    bot::Event data(HostMachine& machine) {
        const auto length = now_->at("len").get<std::uint32_t>();
        std::uint32_t got = now_->value("got", length);
        if (now_->contains("data") && now_->at("data").is_array()) {
            got = now_->at("data").at(2).get<std::uint32_t>();
        }
        // Short data end in a halt, which the status meets unless there were none at all.
        halted_ = got < length;
        data_.assign(std::max<std::size_t>(got, 18), 0);
        std::ranges::copy(sense_in(*now_), data_.begin());
        if (machine.wrapper().command.bytes().front() == 0x03) {
            std::copy_n(data_.begin(), std::min<std::size_t>(got, machine.sense_buffer().size()),
                        machine.sense_buffer().begin());
        }
        return {.kind = got == 0 ? Kind::Stalled : Kind::Done,
                .bytes = got,
                .received = mmc::ByteView(data_).first(got)};
    }
    bot::Event status() {
        if (!now_->contains("status")) {
            return {.kind = Kind::TimedOut};
        }
        if (halted_) {
            return {.kind = Kind::Stalled};
        }
        status_ = bot::encode({.tag = now_->at("tag").get<std::uint32_t>(),
                               .data_residue = now_->value("residue", 0U),
                               .status = now_->at("status").get<std::uint8_t>()});
        return {.bytes = 13, .received = status_};
    }

    std::vector<Json> commands_;
    std::size_t next_ = 0;
    const Json* now_ = nullptr;
    bool halted_ = false;
    std::vector<std::uint8_t> data_;
    bot::StatusBytes status_{};
};

class RecordedCommands : public ::testing::Test {
protected:
    void SetUp() override {
        if (!real_data()) {
            GTEST_SKIP() << kNoRealData;
        }
    }
    using Lines = std::vector<std::string>;
};

TEST_F(RecordedCommands, OfAPlextorThatHaltsBehindShortData) {
    const Lines lines = Replay(commands_in("plextor_093b_0020_usb_optical_2004.jsonl")).lines;
    ASSERT_GE(lines.size(), 3U);
    EXPECT_EQ(lines[0], "CDSiS moved 96") << "INQUIRY of 255 bytes";
    EXPECT_EQ(lines[1], "CDiSCDS 05/20/00") << "MODE SENSE (6), which it does not know";
    EXPECT_EQ(lines[2], "CS moved 0");
}

TEST_F(RecordedCommands, OfAStickWhoseStatusNeverComes) {
    EXPECT_EQ(Replay(commands_in("sandisk_0781_5150_csw_never_comes.jsonl")).lines,
              (Lines{"CDS moved 36", "CSRio receiving the status: no answer in time"}));
}

TEST_F(RecordedCommands, OfAToshibaWithoutAMedium) {
    auto commands =
        commands_in("toshiba_0930_0c08_optical_poll_no_medium.jsonl", "optical 0930:0c08");
    ASSERT_GE(commands.size(), 7U);
    commands.erase(commands.begin());  // of the first one only the end is there
    commands.resize(5);                // of the last ones only the beginning
    const Lines lines = Replay(std::move(commands)).lines;
    EXPECT_EQ(lines[0], "CDS moved 8") << "GET EVENT STATUS NOTIFICATION";
    EXPECT_EQ(std::ranges::count(lines, "CSCDSiS 02/3a/01"), 1)
        << "TEST UNIT READY, and sense that is shorter than what was asked for";
}

}  // namespace
}  // namespace kiln::harness
