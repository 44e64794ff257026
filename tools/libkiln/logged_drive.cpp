#include "tools/libkiln/logged_drive.h"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "transports/log/log_transport.h"

namespace kiln::tools {
namespace {

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

class LoggedDrive final : public OpenDrive {
public:
    LoggedDrive(std::unique_ptr<OpenDrive> inner, File file)
        : inner_(std::move(inner)),
          file_(std::move(file)),
          log_(inner_->transport(), inner_->clock(), [this](std::string_view line) {
              // A full disk is no reason to stop a burn: the log just ends.
              std::fwrite(line.data(), 1, line.size(), file_.get());
              std::fputc('\n', file_.get());
              std::fflush(file_.get());
          }) {}

    [[nodiscard]] transports::Transport& transport() override { return log_; }
    [[nodiscard]] transports::Clock& clock() override { return inner_->clock(); }
    [[nodiscard]] bool time_is_virtual() const override { return inner_->time_is_virtual(); }
    [[nodiscard]] std::unique_ptr<stack::Ports> make_ports(transports::Transport& top) override {
        return inner_->make_ports(top);
    }
    Result<void, OpenError> close() override { return inner_->close(); }

private:
    std::unique_ptr<OpenDrive> inner_;
    File file_;
    transports::LogTransport log_;
};

}  // namespace

Result<std::unique_ptr<OpenDrive>, OpenError> log_to(const std::string& path,
                                                     std::unique_ptr<OpenDrive> inner) {
    File file(std::fopen(path.c_str(), "we"));
    if (!file) {
        return tl::make_unexpected(
            OpenError{OpenError::Kind::Failed,
                      fmt::format("open {}: {}", path, std::generic_category().message(errno))});
    }
    return std::make_unique<LoggedDrive>(std::move(inner), std::move(file));
}

}  // namespace kiln::tools
