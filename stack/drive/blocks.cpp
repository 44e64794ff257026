// Reading blocks, and where it failed.

#include <chrono>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "mmc/bytes.h"
#include "mmc/commands/read.h"
#include "mmc/lba.h"
#include "mmc/result.h"

#include "transports/clock.h"
#include "transports/transport.h"

#include "stack/drive.h"
#include "stack/facts.h"
#include "stack/failure.h"

namespace kiln::stack {
namespace {

// A READ of a damaged block: drives try for tens of seconds before they give up.
constexpr transports::Duration kReadTimeout = std::chrono::seconds(120);

}  // namespace

Result<void, Failure> Drive::read_blocks(mmc::Lba first, mmc::MutableByteView buffer) {
    const auto count = static_cast<std::uint32_t>(buffer.size() / kBlockSize);
    How how;
    how.timeout = kReadTimeout;
    const transports::DataIn data{buffer};
    Result<transports::Completion, Failure> done;
    if (count <= 0xFFFFU) {
        mmc::Read10 command;
        command.logical_block_address = first;
        command.transfer_length = mmc::BlockCount{count};
        done = run(command, data, how);
    } else {
        mmc::Read12 command;
        command.logical_block_address = first;
        command.transfer_length = mmc::BlockCount{count};
        done = run(command, data, how);
    }
    if (done && done->moved == buffer.size()) {
        return {};
    }
    Failure failure =
        done ? make_failure(FailureKind::Failed, "",
                            fmt::format("READ of {} bytes gave {}", buffer.size(), done->moved))
             : std::move(done).error();
    failure.lba = first;
    if (failure.sense && failure.sense->information) {
        const auto start = static_cast<std::int64_t>(first);
        const auto told = static_cast<std::int64_t>(*failure.sense->information);
        if (told >= start && told < start + count) {
            failure.lba = static_cast<mmc::Lba>(told);
        }
    }
    return tl::make_unexpected(std::move(failure));
}

}  // namespace kiln::stack
