#include "mmc/responses/report_key.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/codec.h"
#include "mmc/responses/tables.h"
#include "mmc/result.h"

namespace kiln::mmc {
namespace {

constexpr std::size_t kSize = 8;

constexpr std::array kStateWords{
    Word{0, "no region set"},
    Word{1, "region set"},
    Word{2, "last change left"},
    Word{3, "region permanent"},
};
constexpr std::array kSchemeWords{
    Word{0, "unknown"},
    Word{1, "RPC phase II"},
};

constexpr std::array kRpcRows{
    bits<&RpcState::region_state>("type_code", 4, 7, 6, kStateWords),
    bits<&RpcState::vendor_resets>("vendor_resets", 4, 5, 3),
    bits<&RpcState::user_changes>("user_changes", 4, 2, 0),
    number<&RpcState::region_mask>("region_mask", 5, 5),
    number<&RpcState::rpc_scheme>("rpc_scheme", 6, 6, kSchemeWords),
};
constexpr std::array kSuccessRows{
    bits<&AuthenticationSuccess::success>("asf", 7, 0, 0),
};
constexpr std::array kGrantRows{
    bits<&AuthenticationGrant::agid>("agid", 7, 7, 6),
};

Encoded encode_rows(std::span<const Row> rows, const void* value) {
    detail::Writer writer(kSize);
    writer.rows(rows, value);
    return writer.finish({});
}

}  // namespace

std::span<const Row> tables::rpc_state() {
    return kRpcRows;
}
std::span<const Row> tables::authentication_success() {
    return kSuccessRows;
}
std::span<const Row> tables::authentication_grant() {
    return kGrantRows;
}

Result<RpcState, DecodeError> decode_rpc_state(ByteView bytes) {
    return detail::decode_rows<RpcState>(kRpcRows, detail::honour(bytes, {}, kSize));
}
Result<AuthenticationSuccess, DecodeError> decode_authentication_success(ByteView bytes) {
    return detail::decode_rows<AuthenticationSuccess>(kSuccessRows,
                                                      detail::honour(bytes, {}, kSize));
}
Result<AuthenticationGrant, DecodeError> decode_authentication_grant(ByteView bytes) {
    return detail::decode_rows<AuthenticationGrant>(kGrantRows, detail::honour(bytes, {}, kSize));
}

Encoded encode(const RpcState& value) {
    return encode_rows(kRpcRows, &value);
}
Encoded encode(const AuthenticationSuccess& value) {
    return encode_rows(kSuccessRows, &value);
}
Encoded encode(const AuthenticationGrant& value) {
    return encode_rows(kGrantRows, &value);
}

std::string_view words(RegionState state) {
    return detail::word_in(kStateWords, static_cast<std::int64_t>(state));
}

}  // namespace kiln::mmc
