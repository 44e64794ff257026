/// \file
/// Answers of REPORT KEY that do not belong to an authentication: AGID, ASF, RPC state.

#pragma once

#include <cstdint>
#include <string_view>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/result.h"

namespace kiln::mmc {

enum class RegionState : std::uint8_t { None = 0, Set = 1, LastChance = 2, Permanent = 3 };
[[nodiscard]] std::string_view words(RegionState state);

/// Key format 08h.
struct RpcState {
    Extent extent{};
    RegionState region_state = RegionState::None;  // type code
    std::uint8_t vendor_resets = 0;                // left
    std::uint8_t user_changes = 0;                 // left
    std::uint8_t region_mask = 0xFF;               // bit 0 clear: region 1 plays
    std::uint8_t rpc_scheme = 0;                   // 1: RPC phase II

    friend constexpr bool operator==(const RpcState&, const RpcState&) = default;
};

/// Key format 05h.
struct AuthenticationSuccess {
    Extent extent{};
    bool success = false;  // ASF

    friend constexpr bool operator==(const AuthenticationSuccess&,
                                     const AuthenticationSuccess&) = default;
};

/// Key format 00h.
struct AuthenticationGrant {
    Extent extent{};
    std::uint8_t agid = 0;

    friend constexpr bool operator==(const AuthenticationGrant&,
                                     const AuthenticationGrant&) = default;
};

/// Errors:  TooShort below 8 bytes
[[nodiscard]] Result<RpcState, DecodeError> decode_rpc_state(ByteView bytes);
[[nodiscard]] Result<AuthenticationSuccess, DecodeError> decode_authentication_success(
    ByteView bytes);
[[nodiscard]] Result<AuthenticationGrant, DecodeError> decode_authentication_grant(ByteView bytes);

[[nodiscard]] Encoded encode(const RpcState& value);
[[nodiscard]] Encoded encode(const AuthenticationSuccess& value);
[[nodiscard]] Encoded encode(const AuthenticationGrant& value);

}  // namespace kiln::mmc
