#include "transports/os/file_source.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace kiln::transports {
namespace {

using namespace std::chrono_literals;

/// Standard input replaced for the length of a test.
class StandardInput {
public:
    explicit StandardInput(UniqueFd replacement) : saved_(::dup(STDIN_FILENO)) {
        ::dup2(replacement.get(), STDIN_FILENO);
    }
    StandardInput(const StandardInput&) = delete;
    StandardInput& operator=(const StandardInput&) = delete;
    ~StandardInput() { ::dup2(saved_.get(), STDIN_FILENO); }

private:
    UniqueFd saved_;
};

class FileSourceTest : public ::testing::Test {
protected:
    FileSourceTest() {
        std::string name = (std::filesystem::temp_directory_path() / "kiln-source-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
    }
    ~FileSourceTest() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }

    std::string make_file(const std::string& name, const std::string& content) const {
        std::ofstream(path(name), std::ios::binary) << content;
        return path(name);
    }

    /// The whole source in pieces of `piece` bytes; the error text where one came.
    static std::string read_all(FileSource& source, std::size_t piece = 7) {
        std::string all;
        std::vector<std::uint8_t> buffer(piece);
        while (true) {
            const auto count = source.read(buffer);
            if (!count) {
                return all + "|" + count.error().detail;
            }
            if (*count == 0) {
                return all;
            }
            all.append(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*count));
        }
    }

    static std::string error_of(const Result<std::unique_ptr<FileSource>, SourceError>& opened) {
        return opened ? "opened" : opened.error().detail;
    }

    std::string folder_;
};

std::array<UniqueFd, 2> make_pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

void write_text(const UniqueFd& fd, const std::string& text) {
    EXPECT_EQ(::write(fd.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

TEST_F(FileSourceTest, RegularFileHasASizeAndItsBytes) {
    const std::string text = "a disc image of no round size";
    const auto source = FileSource::open(make_file("image", text));
    ASSERT_TRUE(source) << source.error().detail;
    EXPECT_EQ((*source)->kind(), FileSource::Kind::RegularFile);
    EXPECT_EQ((*source)->size(), text.size());
    EXPECT_EQ(read_all(**source), text);
    EXPECT_EQ(read_all(**source), "") << "the end stays the end";
}

TEST_F(FileSourceTest, LargeFileIsReadWhole) {
    std::string text(std::size_t{20} << 20U, '\0');
    for (std::size_t i = 0; i < text.size(); ++i) {
        text[i] = static_cast<char>((i * 2654435761U) >> 24U);
    }
    const auto source = FileSource::open(make_file("image", text));
    ASSERT_TRUE(source);
    EXPECT_TRUE(read_all(**source, 65536) == text);
}

TEST_F(FileSourceTest, EmptyFileSaysSo) {
    const auto source = FileSource::open(make_file("empty", ""));
    ASSERT_TRUE(source);
    EXPECT_EQ((*source)->size(), 0U);
    EXPECT_EQ(read_all(**source), "");
}

TEST_F(FileSourceTest, MissingFileIsNamed) {
    const auto source = FileSource::open(path("none.iso"));
    ASSERT_FALSE(source);
    EXPECT_EQ(source.error().detail, "open " + path("none.iso") + ": No such file or directory");
    EXPECT_EQ(source.error().os_code, ENOENT);
}

TEST_F(FileSourceTest, DirectoryIsRefused) {
    const auto source = FileSource::open(folder_);
    EXPECT_EQ(error_of(source), "open " + folder_ + ": Is a directory");
}

TEST_F(FileSourceTest, FileThatShrinksIsNoSilentEnd) {
    const auto source = FileSource::open(make_file("image", "0123456789"));
    ASSERT_TRUE(source);
    std::filesystem::resize_file(path("image"), 4);
    EXPECT_EQ(read_all(**source),
              "0123|read " + path("image") +
                  ": the file has become shorter: it ended after 4 of 10 bytes");
}

TEST_F(FileSourceTest, FileThatGrowsIsReadToTheSizeItHad) {
    const auto source = FileSource::open(make_file("image", "0123456789"));
    ASSERT_TRUE(source);
    std::ofstream(path("image"), std::ios::app) << "more";
    EXPECT_EQ(read_all(**source), "0123456789");
}

TEST_F(FileSourceTest, OfAFileOnlyTheGivenSizeIsRead) {
    const auto source = FileSource::open(make_file("image", "0123456789"), {.size = 8});
    ASSERT_TRUE(source);
    EXPECT_EQ((*source)->size(), 8U);
    EXPECT_EQ((*source)->left_out(), 2U);
    EXPECT_EQ(read_all(**source, 3), "01234567");
}

TEST_F(FileSourceTest, OfACharacterDeviceOnlyTheGivenSizeIsRead) {
    const auto source = FileSource::open("/dev/zero", {.size = 8});
    ASSERT_TRUE(source);
    EXPECT_EQ(read_all(**source, 3), std::string(8, '\0'));
}

TEST_F(FileSourceTest, FileShorterThanTheGivenSizeIsRefused) {
    EXPECT_EQ(error_of(FileSource::open(make_file("image", "0123"), {.size = 8})),
              "open " + path("image") + ": it holds 4 bytes, less than the 8 asked for");
}

TEST_F(FileSourceTest, StandardInputThatIsAFileGoesOnWhereItStands) {
    UniqueFd file(::open(make_file("image", "0123456789").c_str(), O_RDONLY | O_CLOEXEC));
    ::lseek(file.get(), 4, SEEK_SET);
    const StandardInput input(std::move(file));
    const auto source = FileSource::open("-");
    ASSERT_TRUE(source);
    EXPECT_EQ((*source)->size(), 6U);
    EXPECT_EQ((*source)->name(), "standard input");
    EXPECT_EQ(read_all(**source), "456789");
}

TEST_F(FileSourceTest, PipeHasNoSizeAndEndsWithItsWriter) {
    auto [out, in] = make_pipe();
    const StandardInput input(std::move(out));
    const auto source = FileSource::open("-");
    ASSERT_TRUE(source);
    EXPECT_EQ((*source)->kind(), FileSource::Kind::Stream);
    EXPECT_EQ((*source)->size(), std::nullopt);
    std::thread writer([&end = in] {
        write_text(end, "first");
        write_text(end, "second");
        end = UniqueFd();
    });
    EXPECT_EQ(read_all(**source), "firstsecond");
    writer.join();
}

TEST_F(FileSourceTest, PipeThatGivesNothingForTooLongIsAnError) {
    auto [out, in] = make_pipe();
    const StandardInput input(std::move(out));
    const auto source = FileSource::open("-", {.size = {}, .patience = 0ms});
    ASSERT_TRUE(source);
    write_text(in, "some");
    EXPECT_EQ(read_all(**source), "some|read standard input: nothing came for 0 s");
}

TEST_F(FileSourceTest, PipeThatEndsBeforeThePromisedSizeIsAnError) {
    auto [out, in] = make_pipe();
    const StandardInput input(std::move(out));
    const auto source = FileSource::open("-", {.size = 100});
    ASSERT_TRUE(source);
    EXPECT_EQ((*source)->size(), 100U);
    write_text(in, "short");
    in = UniqueFd();
    EXPECT_EQ(read_all(**source), "short|read standard input: ended after 5 of 100 bytes");
}

TEST_F(FileSourceTest, PipeWithMoreThanThePromisedSizeIsAnError) {
    auto [out, in] = make_pipe();
    const StandardInput input(std::move(out));
    const auto source = FileSource::open("-", {.size = 4});
    ASSERT_TRUE(source);
    write_text(in, "longer");
    // Told instead of the last bytes: who knows the size asks for no more than that.
    EXPECT_EQ(read_all(**source, 3),
              "lon|read standard input: more data than the 4 bytes that were promised");
}

TEST_F(FileSourceTest, PipeThatStaysOpenAfterThePromisedSizeIsNotWaitedFor) {
    auto [out, in] = make_pipe();
    const StandardInput input(std::move(out));
    const auto source = FileSource::open("-", {.size = 4});
    ASSERT_TRUE(source);
    write_text(in, "just");
    EXPECT_EQ(read_all(**source), "just");
}

TEST_F(FileSourceTest, PipeWithExactlyThePromisedSizeEnds) {
    auto [out, in] = make_pipe();
    const StandardInput input(std::move(out));
    const auto source = FileSource::open("-", {.size = 5});
    ASSERT_TRUE(source);
    write_text(in, "exact");
    in = UniqueFd();
    EXPECT_EQ(read_all(**source), "exact");
}

TEST_F(FileSourceTest, InterruptEndsABlockedReadAndStays) {
    auto [out, in] = make_pipe();
    const StandardInput input(std::move(out));
    const auto source = FileSource::open("-");
    ASSERT_TRUE(source);
    std::thread other([&source] { (*source)->interrupt(); });
    std::array<std::uint8_t, 16> buffer{};
    for (int i = 0; i < 2; ++i) {
        const auto count = (*source)->read(buffer);
        ASSERT_FALSE(count);
        EXPECT_TRUE(count.error().interrupted);
    }
    other.join();
}

FileSource* signalled = nullptr;

TEST_F(FileSourceTest, ASignalHandlerMayInterrupt) {
    auto [out, in] = make_pipe();
    const StandardInput input(std::move(out));
    const auto source = FileSource::open("-");
    ASSERT_TRUE(source);
    signalled = source->get();
    const auto before = std::signal(SIGUSR1, [](int) { signalled->interrupt(); });
    std::thread other([reader = ::pthread_self()] { ::pthread_kill(reader, SIGUSR1); });
    std::array<std::uint8_t, 16> buffer{};
    const auto count = (*source)->read(buffer);
    other.join();
    std::signal(SIGUSR1, before);
    ASSERT_FALSE(count);
    EXPECT_TRUE(count.error().interrupted);
}

TEST_F(FileSourceTest, FifoWithoutAWriterIsOpenedAtOnceAndWaitsInRead) {
    ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
    const auto source = FileSource::open(path("fifo"));
    ASSERT_TRUE(source) << source.error().detail;
    std::thread writer([name = path("fifo")] {
        const UniqueFd end(::open(name.c_str(), O_WRONLY | O_CLOEXEC));
        write_text(end, "late");
    });
    EXPECT_EQ(read_all(**source), "late");
    writer.join();
}

TEST_F(FileSourceTest, ReadErrorsAreToldInWords) {
    // The master of a terminal whose other side was closed answers EIO, like a disk that fails.
    UniqueFd master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    ASSERT_TRUE(master.open());
    ASSERT_EQ(::unlockpt(master.get()), 0);
    UniqueFd(::open(::ptsname(master.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
    const StandardInput input(std::move(master));
    const auto source = FileSource::open("-");
    ASSERT_TRUE(source);
    std::array<std::uint8_t, 16> buffer{};
    const auto count = (*source)->read(buffer);
    ASSERT_FALSE(count);
    EXPECT_EQ(count.error().detail, "read standard input: Input/output error");
    EXPECT_EQ(count.error().os_code, EIO);
    EXPECT_FALSE(count.error().interrupted);
}

TEST_F(FileSourceTest, AnErrorAfterSomeDataKeepsTheData) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    UniqueFd ours(ends[0]);
    UniqueFd theirs(ends[1]);
    write_text(theirs, "some");
    write_text(ours, "never read, so that the end is a reset");
    theirs = UniqueFd();
    const StandardInput input(std::move(ours));
    const auto source = FileSource::open("-");
    ASSERT_TRUE(source);
    EXPECT_EQ(read_all(**source), "some|read standard input: Connection reset by peer");
}

TEST_F(FileSourceTest, CharacterDeviceIsAStream) {
    const auto source = FileSource::open("/dev/zero");
    ASSERT_TRUE(source);
    EXPECT_EQ((*source)->kind(), FileSource::Kind::Stream);
    std::vector<std::uint8_t> buffer(4096, 0xff);
    EXPECT_EQ((*source)->read(buffer), 4096U);
    EXPECT_TRUE(std::ranges::all_of(buffer, [](std::uint8_t byte) { return byte == 0; }));
}

}  // namespace
}  // namespace kiln::transports
