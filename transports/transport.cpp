#include "transports/transport.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

#include "mmc/bytes.h"

namespace kiln::transports {

bool Transport::begin(const Request& /*request*/) {
    return false;
}

Advance Transport::advance(Instant /*until*/) {
    return Advance::Blocks;
}

Result<Completion, TransportError> Transport::complete() {
    return tl::make_unexpected(
        TransportError{.kind = TransportError::Kind::Unsupported, .detail = "nothing was begun"});
}

Buffers Transport::make_buffers(std::size_t count, std::size_t each) {
    // Page aligned: O_DIRECT sources and SG_IO without a bounce buffer both want it.
    constexpr std::size_t kPage = 4096;
    const auto alignment = static_cast<std::align_val_t>(std::max(limits().alignment, kPage));
    const std::size_t size = count * each;
    auto* memory = static_cast<std::uint8_t*>(::operator new(size, alignment));
    std::fill_n(memory, size, std::uint8_t{0});
    std::shared_ptr<void> keep(memory,
                               [alignment](void* block) { ::operator delete(block, alignment); });
    return {std::move(keep), mmc::MutableByteView(memory, size), each};
}

}  // namespace kiln::transports
