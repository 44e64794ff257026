#include "mmc/commands/device.h"

#include "mmc/layout.h"

namespace kiln::mmc {
namespace {

constexpr Word kRequestedFeatures[] = {
    {0, "all features"},
    {1, "current features"},
    {2, "one feature"},
};
constexpr Row kGetConfiguration[] = {
    bits<&GetConfiguration::requested>("rt", 1, 1, 0, kRequestedFeatures),
    number<&GetConfiguration::starting_feature_number>("starting_feature_number", 2, 3),
    number<&GetConfiguration::allocation_length>("allocation_length", 7, 8),
    number<&GetConfiguration::control>("control", 9, 9),
};

constexpr Word kNotificationClasses[] = {
    {0x02, "operational change"}, {0x04, "power management"},
    {0x08, "external request"},   {0x10, "media"},
    {0x20, "multi-host"},         {0x40, "device busy"},
};
constexpr Row kGetEventStatusNotification[] = {
    bits<&GetEventStatusNotification::polled>("polled", 1, 0, 0),
    number<&GetEventStatusNotification::notification_class_request>("notification_class_request", 4,
                                                                    4, kNotificationClasses),
    number<&GetEventStatusNotification::allocation_length>("allocation_length", 7, 8),
    number<&GetEventStatusNotification::control>("control", 9, 9),
};

constexpr Row kMechanismStatus[] = {
    number<&MechanismStatus::allocation_length>("allocation_length", 8, 9),
    number<&MechanismStatus::control>("control", 11, 11),
};

constexpr Row kLoadUnloadMedium[] = {
    bits<&LoadUnloadMedium::immediate>("immed", 1, 0, 0),
    bits<&LoadUnloadMedium::load_unload>("lounlo", 4, 1, 1),
    bits<&LoadUnloadMedium::start>("start", 4, 0, 0),
    number<&LoadUnloadMedium::slot>("slot", 8, 8),
    number<&LoadUnloadMedium::control>("control", 11, 11),
};

}  // namespace

template <>
constinit const Layout LayoutOf<GetConfiguration>::kLayout{"GET CONFIGURATION", 0x46, 10,
                                                           kGetConfiguration};
template <>
constinit const Layout LayoutOf<GetEventStatusNotification>::kLayout{
    "GET EVENT STATUS NOTIFICATION", 0x4A, 10, kGetEventStatusNotification};
template <>
constinit const Layout LayoutOf<MechanismStatus>::kLayout{"MECHANISM STATUS", 0xBD, 12,
                                                          kMechanismStatus};
template <>
constinit const Layout LayoutOf<LoadUnloadMedium>::kLayout{"LOAD/UNLOAD MEDIUM", 0xA6, 12,
                                                           kLoadUnloadMedium};

}  // namespace kiln::mmc
