#include "stack/imapi/stream.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "mmc/bytes.h"
#include "mmc/result.h"

#include "transports/error.h"
#include "transports/source.h"

#include "stack/hresult.h"

namespace kiln::stack::imapi {

transports::Result<std::size_t, transports::SourceError> StreamSource::read(
    mmc::MutableByteView buffer) {
    if (interrupted_) {
        return tl::make_unexpected(
            transports::SourceError{.interrupted = true, .detail = "interrupted"});
    }
    if (ended_) {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), zeros_));
        std::fill_n(buffer.begin(), count, std::uint8_t{0});
        zeros_ -= count;
        return count;
    }
    const StreamRead got = stream_.read(buffer);
    if (succeeded(got.code)) {
        ended_ = got.bytes == 0;
        return ended_ ? read(buffer) : std::min(got.bytes, buffer.size());
    }
    if (interrupted_) {
        return tl::make_unexpected(
            transports::SourceError{.interrupted = true, .detail = "interrupted"});
    }
    failure_ = got.code;
    return tl::make_unexpected(transports::SourceError{
        .detail = fmt::format("Read gave {:08X} {}", static_cast<unsigned>(got.code),
                              name_of(got.code))});
}

std::optional<std::uint64_t> StreamSource::size() const {
    const auto size = stream_.size();
    return size ? std::optional(*size + zeros_) : std::nullopt;
}

void StreamSource::interrupt() noexcept {
    interrupted_ = true;
    stream_.interrupt();
}

StreamRead SourceStream::read(mmc::MutableByteView buffer) {
    const auto got = source_.read(buffer);
    return got ? StreamRead{.bytes = *got} : StreamRead{.code = HResult::Fail};
}

}  // namespace kiln::stack::imapi
