#include "mmc/commands/write.h"

#include "mmc/layout.h"

namespace kiln::mmc {
namespace {

constexpr Row kWrite10[] = {
    bits<&Write10::disable_page_out>("dpo", 1, 4, 4),
    bits<&Write10::force_unit_access>("fua", 1, 3, 3),
    bits<&Write10::timely_safe_recording>("tsr", 1, 2, 2),
    bits<&Write10::relative_address>("reladr", 1, 0, 0),
    number<&Write10::logical_block_address>("logical_block_address", 2, 5),
    number<&Write10::transfer_length>("transfer_length", 7, 8),
    number<&Write10::control>("control", 9, 9),
};

constexpr Row kWrite12[] = {
    bits<&Write12::disable_page_out>("dpo", 1, 4, 4),
    bits<&Write12::force_unit_access>("fua", 1, 3, 3),
    bits<&Write12::timely_safe_recording>("tsr", 1, 2, 2),
    bits<&Write12::relative_address>("reladr", 1, 0, 0),
    number<&Write12::logical_block_address>("logical_block_address", 2, 5),
    number<&Write12::transfer_length>("transfer_length", 6, 9),
    bits<&Write12::streaming>("streaming", 10, 7, 7),
    number<&Write12::control>("control", 11, 11),
};

constexpr Row kWriteAndVerify10[] = {
    bits<&WriteAndVerify10::disable_page_out>("dpo", 1, 4, 4),
    bits<&WriteAndVerify10::byte_check>("bytchk", 1, 1, 1),
    bits<&WriteAndVerify10::relative_address>("reladr", 1, 0, 0),
    number<&WriteAndVerify10::logical_block_address>("logical_block_address", 2, 5),
    number<&WriteAndVerify10::transfer_length>("transfer_length", 7, 8),
    number<&WriteAndVerify10::control>("control", 9, 9),
};

constexpr Row kSynchronizeCache10[] = {
    bits<&SynchronizeCache10::immediate>("immed", 1, 1, 1),
    bits<&SynchronizeCache10::relative_address>("reladr", 1, 0, 0),
    number<&SynchronizeCache10::logical_block_address>("logical_block_address", 2, 5),
    number<&SynchronizeCache10::number_of_blocks>("number_of_blocks", 7, 8),
    number<&SynchronizeCache10::control>("control", 9, 9),
};

constexpr Row kReadBufferCapacity[] = {
    bits<&ReadBufferCapacity::block>("block", 1, 0, 0),
    number<&ReadBufferCapacity::allocation_length>("allocation_length", 7, 8),
    number<&ReadBufferCapacity::control>("control", 9, 9),
};

constexpr Row kSendCueSheet[] = {
    number<&SendCueSheet::cue_sheet_size>("cue_sheet_size", 6, 8),
    number<&SendCueSheet::control>("control", 9, 9),
};

constexpr Row kSendOpcInformation[] = {
    bits<&SendOpcInformation::perform_opc>("doopc", 1, 0, 0),
    bits<&SendOpcInformation::exclude_layer_1>("exclude1", 2, 1, 1),
    bits<&SendOpcInformation::exclude_layer_0>("exclude0", 2, 0, 0),
    number<&SendOpcInformation::parameter_list_length>("parameter_list_length", 7, 8),
    number<&SendOpcInformation::control>("control", 9, 9),
};

}  // namespace

template <>
constinit const Layout LayoutOf<Write10>::kLayout{"WRITE (10)", 0x2A, 10, kWrite10};
template <>
constinit const Layout LayoutOf<Write12>::kLayout{"WRITE (12)", 0xAA, 12, kWrite12};
template <>
constinit const Layout LayoutOf<WriteAndVerify10>::kLayout{"WRITE AND VERIFY (10)", 0x2E, 10,
                                                           kWriteAndVerify10};
template <>
constinit const Layout LayoutOf<SynchronizeCache10>::kLayout{"SYNCHRONIZE CACHE (10)", 0x35, 10,
                                                             kSynchronizeCache10};
template <>
constinit const Layout LayoutOf<ReadBufferCapacity>::kLayout{"READ BUFFER CAPACITY", 0x5C, 10,
                                                             kReadBufferCapacity};
template <>
constinit const Layout LayoutOf<SendCueSheet>::kLayout{"SEND CUE SHEET", 0x5D, 10, kSendCueSheet};
template <>
constinit const Layout LayoutOf<SendOpcInformation>::kLayout{"SEND OPC INFORMATION", 0x54, 10,
                                                             kSendOpcInformation};

}  // namespace kiln::mmc
