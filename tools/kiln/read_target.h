/// \file
/// Where `kiln read` puts blocks: a file that may hold some of them already, or a stream.

#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "mmc/lba.h"

#include "transports/os/bounced_io.h"
#include "transports/os/unique_fd.h"
#include "transports/stop.h"

#include "stack/read_disc.h"

#include "tools/kiln/problem.h"

namespace kiln::tools {

/// Appends blocks to what is there. Zeros take no room in a file: much of what an overwritable disc
/// holds is nothing. Thread:  one
class ReadTarget final : public stack::BlockSink {
public:
    /// `path` "-" is standard output. Only a regular file can hold something already.
    ///
    /// Errors:  Failed, as the system says it
    /// Cancel:  stop, which outlives it; also while a pipe takes nothing
    [[nodiscard]] static Result<std::unique_ptr<ReadTarget>, Problem> open(
        const std::string& path, const transports::Stop& stop);

    /// Whole blocks that are there.
    [[nodiscard]] std::uint64_t held_blocks() const { return held_blocks_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    /// Block `index` of those that are there.
    [[nodiscard]] Result<std::vector<std::uint8_t>, Problem> held_block(std::uint64_t index) const;
    /// Cuts a last block that is there in part, and goes on behind the held ones.
    [[nodiscard]] Result<void, Problem> go_on();

    stack::Result<void, stack::Failure> take(mmc::Lba first, mmc::ByteView bytes) override;
    [[nodiscard]] stack::Result<void, stack::Failure> take_zeros(std::uint64_t blocks);
    /// What was taken is as safe as the system can make it.
    [[nodiscard]] Result<void, Problem> finish();

private:
    ReadTarget(std::string name, transports::UniqueFd owned, int fd, const transports::Stop& stop)
        : name_(std::move(name)), owned_(std::move(owned)), fd_(fd), stop_(&stop) {}
    [[nodiscard]] Problem failed() const;

    std::string name_;
    transports::UniqueFd owned_;
    int fd_;
    const transports::Stop* stop_;
    transports::BouncedIo io_;
    bool is_file_ = false;
    bool ends_in_hole_ = false;  // the file is longer than what was written to it
    std::uint64_t held_blocks_ = 0;
};

}  // namespace kiln::tools
