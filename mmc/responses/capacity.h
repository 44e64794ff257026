/// \file
/// Short answers about sizes: READ CAPACITY (10), READ BUFFER CAPACITY, and READ BUFFER's
/// descriptor.

#pragma once

#include <cstdint>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/result.h"

namespace kiln::mmc {

/// Zero, or nonsense, on blank media.
struct Capacity {
    Extent extent{};
    std::uint32_t last_lba = 0;
    std::uint32_t block_length = 2048;

    friend constexpr bool operator==(const Capacity&, const Capacity&) = default;
};

/// Units:   bytes, or blocks if `block` is set
struct BufferCapacity {
    Extent extent{};
    bool block = false;
    std::uint32_t buffer_length = 0;
    std::uint32_t available = 0;  // some drives say more than buffer_length

    friend constexpr bool operator==(const BufferCapacity&, const BufferCapacity&) = default;
};

/// READ BUFFER, mode 3 (descriptor).
struct BufferDescriptor {
    Extent extent{};
    std::uint8_t offset_boundary = 0;   // a power of two; FFh: only offset 0
    std::uint32_t buffer_capacity = 0;  // 24 bits

    friend constexpr bool operator==(const BufferDescriptor&, const BufferDescriptor&) = default;
};

/// Errors:  TooShort below 8 bytes
[[nodiscard]] Result<Capacity, DecodeError> decode_capacity(ByteView bytes);
/// Errors:  TooShort below 12 bytes
[[nodiscard]] Result<BufferCapacity, DecodeError> decode_buffer_capacity(ByteView bytes);
/// Errors:  TooShort below 4 bytes
[[nodiscard]] Result<BufferDescriptor, DecodeError> decode_buffer_descriptor(ByteView bytes);

[[nodiscard]] Encoded encode(const Capacity& value);
[[nodiscard]] Encoded encode(const BufferCapacity& value);
[[nodiscard]] Encoded encode(const BufferDescriptor& value);

}  // namespace kiln::mmc
