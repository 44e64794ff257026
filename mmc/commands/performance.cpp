#include "mmc/commands/performance.h"

#include "mmc/layout.h"

namespace kiln::mmc {
namespace {

constexpr Word kRotationalControls[] = {
    {0, "CLV and non-pure CAV"},
    {1, "pure CAV"},
};
constexpr Row kSetCdSpeed[] = {
    bits<&SetCdSpeed::rotational_control>("rotational_control", 1, 1, 0, kRotationalControls),
    number<&SetCdSpeed::logical_unit_read_speed>("logical_unit_read_speed", 2, 3),
    number<&SetCdSpeed::logical_unit_write_speed>("logical_unit_write_speed", 4, 5),
    number<&SetCdSpeed::control>("control", 11, 11),
};

constexpr Word kStreamingTypes[] = {
    {0, "performance"},
    {5, "defective block information cache zone"},
};
constexpr Row kSetStreaming[] = {
    number<&SetStreaming::type>("type", 8, 8, kStreamingTypes),
    number<&SetStreaming::parameter_list_length>("parameter_list_length", 9, 10),
    number<&SetStreaming::control>("control", 11, 11),
};

constexpr Word kPerformanceTypes[] = {
    {0, "performance"},
    {1, "unusable area"},
    {2, "defect status"},
    {3, "write speed"},
    {4, "defective block information"},
    {5, "defective block information cache zone"},
};
constexpr Row kGetPerformance[] = {
    bits<&GetPerformance::data_type>("data_type", 1, 4, 0),
    number<&GetPerformance::starting_lba>("starting_lba", 2, 5),
    number<&GetPerformance::maximum_number_of_descriptors>("maximum_number_of_descriptors", 8, 9),
    number<&GetPerformance::type>("type", 10, 10, kPerformanceTypes),
    number<&GetPerformance::control>("control", 11, 11),
};

constexpr Row kSetReadAhead[] = {
    number<&SetReadAhead::trigger_logical_block_address>("trigger_logical_block_address", 2, 5),
    number<&SetReadAhead::read_ahead_logical_block_address>("read_ahead_logical_block_address", 6,
                                                            9),
    number<&SetReadAhead::control>("control", 11, 11),
};

}  // namespace

template <>
constinit const Layout LayoutOf<SetCdSpeed>::kLayout{"SET CD SPEED", 0xBB, 12, kSetCdSpeed};
template <>
constinit const Layout LayoutOf<SetStreaming>::kLayout{"SET STREAMING", 0xB6, 12, kSetStreaming};
template <>
constinit const Layout LayoutOf<GetPerformance>::kLayout{"GET PERFORMANCE", 0xAC, 12,
                                                         kGetPerformance};
template <>
constinit const Layout LayoutOf<SetReadAhead>::kLayout{"SET READ AHEAD", 0xA7, 12, kSetReadAhead};

}  // namespace kiln::mmc
