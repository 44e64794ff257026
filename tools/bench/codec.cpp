/// \file
/// Benchmark of commands built and decoded.

#include <cstdint>

#include "mmc/commands/catalog.h"
#include "mmc/commands/write.h"
#include "mmc/layout.h"

#include "tools/bench/bench.h"

namespace kiln::tools::bench {

Figures commands(const Wanted& /*wanted*/) {
    constexpr std::uint32_t kRounds = 2'000'000;
    constexpr double kNano = 1e9;
    std::uint64_t sum = 0;  // told, so that nothing can be left out
    mmc::Cdb cdb;
    const Taken built = measure(Whose::Ours, [&] {
        for (std::uint32_t i = 0; i < kRounds; ++i) {
            mmc::Write10 command;
            command.logical_block_address = static_cast<mmc::Lba>(i);
            command.transfer_length = mmc::BlockCount{32};
            cdb = mmc::encode(command).value_or(mmc::Cdb());
            sum += cdb.bytes()[5];
        }
    });
    const Taken decoded = measure(Whose::Ours, [&] {
        for (std::uint32_t i = 0; i < kRounds; ++i) {
            mmc::store_big_endian(cdb.mutable_bytes(), 2, 4, i);
            const auto command = mmc::decode<mmc::Write10>(cdb.bytes());
            sum += command ? static_cast<std::uint32_t>(command->logical_block_address) & 0xFFU : 0;
        }
    });
    std::uint64_t described = 0;
    const Taken all = measure(Whose::Ours, [&] {
        constexpr std::uint32_t kTimes = 2000;
        for (std::uint32_t i = 0; i < kTimes; ++i) {
            for (const mmc::CommandKind& kind : mmc::all_commands()) {
                const auto encoded = mmc::AnyCommand(kind).encode();
                sum += encoded && mmc::AnyCommand::decode(encoded->bytes()) ? 1U : 0U;
                ++described;
            }
        }
    });
    Figures figures;
    figures.values.set("write_10_built_ns", built.cpu_seconds * kNano / kRounds)
        .set("write_10_decoded_ns", decoded.cpu_seconds * kNano / kRounds)
        .set("any_command_built_and_decoded_ns",
             all.cpu_seconds * kNano / static_cast<double>(described))
        .set("checksum", sum);
    return figures;
}

}  // namespace kiln::tools::bench
