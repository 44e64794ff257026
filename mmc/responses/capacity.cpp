#include "mmc/responses/capacity.h"

#include <array>
#include <cstddef>
#include <span>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/codec.h"
#include "mmc/responses/tables.h"
#include "mmc/result.h"

namespace kiln::mmc {
namespace {

constexpr std::size_t kCapacitySize = 8;
constexpr std::size_t kBufferCapacitySize = 12;
constexpr std::size_t kBufferDescriptorSize = 4;

constexpr std::array kCapacityRows{
    number<&Capacity::last_lba>("last_lba", 0, 3),
    number<&Capacity::block_length>("block_length", 4, 7),
};
constexpr std::array kBufferCapacityRows{
    bits<&BufferCapacity::block>("block", 3, 0, 0),
    number<&BufferCapacity::buffer_length>("buffer_length", 4, 7),
    number<&BufferCapacity::available>("available", 8, 11),
};
constexpr std::array kBufferDescriptorRows{
    number<&BufferDescriptor::offset_boundary>("offset_boundary", 0, 0),
    number<&BufferDescriptor::buffer_capacity>("buffer_capacity", 1, 3),
};

}  // namespace

std::span<const Row> tables::capacity() {
    return kCapacityRows;
}
std::span<const Row> tables::buffer_capacity() {
    return kBufferCapacityRows;
}
std::span<const Row> tables::buffer_descriptor() {
    return kBufferDescriptorRows;
}

Result<Capacity, DecodeError> decode_capacity(ByteView bytes) {
    return detail::decode_rows<Capacity>(kCapacityRows,
                                         detail::honour_fixed(bytes, kCapacitySize, kCapacitySize));
}

Result<BufferCapacity, DecodeError> decode_buffer_capacity(ByteView bytes) {
    return detail::decode_rows<BufferCapacity>(kBufferCapacityRows,
                                               detail::honour(bytes, {}, kBufferCapacitySize));
}

Result<BufferDescriptor, DecodeError> decode_buffer_descriptor(ByteView bytes) {
    return detail::decode_rows<BufferDescriptor>(
        kBufferDescriptorRows,
        detail::honour_fixed(bytes, kBufferDescriptorSize, kBufferDescriptorSize));
}

Encoded encode(const Capacity& value) {
    detail::Writer writer(kCapacitySize);
    writer.rows(kCapacityRows, &value);
    return writer.finish();
}

Encoded encode(const BufferCapacity& value) {
    detail::Writer writer(kBufferCapacitySize);
    writer.rows(kBufferCapacityRows, &value);
    return writer.finish({});
}

Encoded encode(const BufferDescriptor& value) {
    detail::Writer writer(kBufferDescriptorSize);
    writer.rows(kBufferDescriptorRows, &value);
    return writer.finish();
}

}  // namespace kiln::mmc
