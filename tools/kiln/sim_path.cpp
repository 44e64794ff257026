#include "tools/kiln/sim_path.h"

namespace kiln::tools {

std::string sim_address_of(const std::string& path) {
    if (path.starts_with("sim:")) {
        return path;
    }
    const auto comma = path.find(',');
    std::string folder = path.substr(0, comma);
    if (!folder.ends_with('/')) {
        folder += '/';
    }
    return "sim:" + folder + (comma == std::string::npos ? std::string() : path.substr(comma));
}

}  // namespace kiln::tools
