#include "harness/sim/sim_folder_journal.h"

#include <array>
#include <optional>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace kiln::harness {

namespace {

// Record: size of the body (4), body, XXH3 of the body (8); integers big-endian. Body: start (8),
// end (8), sent size (8), received size (8), length of the CDB (1), CDB, what was sent and kept.
constexpr std::size_t kSizeBytes = 4;
constexpr std::size_t kHashBytes = 8;
constexpr std::size_t kFixedBytes = 33;
/// Parameter lists are smaller by far; what claims more is not a record.
constexpr std::size_t kMostBody = std::size_t{1} << 24U;

void append(std::vector<std::uint8_t>& out, std::uint64_t value, std::size_t width) {
    const std::size_t at = out.size();
    out.resize(at + width);
    mmc::store_big_endian(mmc::MutableByteView(out), at, width, value);
}

std::uint64_t nanos(Instant instant) {
    return static_cast<std::uint64_t>(instant.time_since_epoch().count());
}

Instant instant_at(mmc::ByteView body, std::size_t offset) {
    return Instant(
        Duration(static_cast<Duration::rep>(mmc::load_big_endian<std::uint64_t>(body, offset, 8))));
}

std::optional<JournalEntry> entry_of(mmc::ByteView body) {
    if (body.size() < kFixedBytes || body.size() < kFixedBytes + body[kFixedBytes - 1]) {
        return std::nullopt;
    }
    JournalEntry entry;
    entry.start = instant_at(body, 0);
    entry.end = instant_at(body, 8);
    entry.sent_size = mmc::load_big_endian<std::uint64_t>(body, 16, 8);
    entry.received_size = mmc::load_big_endian<std::uint64_t>(body, 24, 8);
    const mmc::ByteView rest = body.subspan(kFixedBytes);
    const mmc::ByteView cdb = rest.first(body[kFixedBytes - 1]);
    const mmc::ByteView sent = rest.subspan(cdb.size());
    entry.cdb.assign(cdb.begin(), cdb.end());
    entry.sent.assign(sent.begin(), sent.end());
    return entry;
}

}  // namespace

bool writes_blocks(mmc::ByteView cdb) {
    constexpr std::array<std::uint8_t, 3> kWrites = {0x2A,   // WRITE (10)
                                                     0x2E,   // WRITE AND VERIFY (10)
                                                     0xAA};  // WRITE (12)
    return !cdb.empty() && std::ranges::find(kWrites, cdb[0]) != kWrites.end();
}

void append_record(const JournalEntry& entry, std::vector<std::uint8_t>& out) {
    append(out, kFixedBytes + entry.cdb.size() + entry.sent.size(), kSizeBytes);
    const std::size_t body = out.size();
    append(out, nanos(entry.start), 8);
    append(out, nanos(entry.end), 8);
    append(out, entry.sent_size, 8);
    append(out, entry.received_size, 8);
    out.push_back(static_cast<std::uint8_t>(entry.cdb.size()));
    out.insert(out.end(), entry.cdb.begin(), entry.cdb.end());
    out.insert(out.end(), entry.sent.begin(), entry.sent.end());
    append(out, XXH3_64bits(out.data() + body, out.size() - body), kHashBytes);
}

std::vector<JournalEntry> read_records(mmc::ByteView bytes) {
    std::vector<JournalEntry> entries;
    while (bytes.size() >= kSizeBytes) {
        const auto size = mmc::load_big_endian<std::size_t>(bytes, 0, kSizeBytes);
        if (size > kMostBody || bytes.size() - kSizeBytes < size + kHashBytes) {
            break;
        }
        const mmc::ByteView body = bytes.subspan(kSizeBytes, size);
        const auto hash = mmc::load_big_endian<std::uint64_t>(bytes, kSizeBytes + size, kHashBytes);
        auto entry = entry_of(body);
        if (XXH3_64bits(body.data(), body.size()) != hash || !entry) {
            break;
        }
        entries.push_back(*std::move(entry));
        bytes = bytes.subspan(kSizeBytes + size + kHashBytes);
    }
    return entries;
}

}  // namespace kiln::harness
