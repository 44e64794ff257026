/// \file
/// kiln-usb-ceiling VID:PID BYTES COMMAND_BYTES [IMAGE]: what a bus and a drive can take at most.
/// WRITE (10) commands whose wrappers were made beforehand, their three transfers begun together,
/// one command after the other: as little as a program can do with libusb. The disc is blank and
/// takes block 0 first; nothing is closed, nothing is said of errors but that there was one. With
/// IMAGE the data of each command are read from it before: as little as a program that burns an
/// image can do.
///
/// Spec:    USB Mass Storage Class, Bulk-Only Transport 1.0; the writing is tools/bench's own

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <libusb.h>

namespace {

constexpr std::size_t kBlock = 2048;
constexpr std::size_t kWrapper = 31;
constexpr std::size_t kStatus = 13;
constexpr std::uint8_t kPassed = 0;

using Wrapper = std::array<std::uint8_t, kWrapper>;

Wrapper wrapper_of(std::uint32_t tag, std::uint32_t lba, std::uint32_t blocks) {
    const auto bytes = static_cast<std::uint32_t>(blocks * kBlock);
    Wrapper it{'U', 'S', 'B', 'C'};
    for (std::size_t i = 0; i < 4; ++i) {
        it.at(4 + i) = static_cast<std::uint8_t>(tag >> (8 * i));
        it.at(8 + i) = static_cast<std::uint8_t>(bytes >> (8 * i));
        it.at(17 + i) = static_cast<std::uint8_t>(lba >> (24 - 8 * i));
    }
    it[14] = 10;    // bCBWCBLength
    it[15] = 0x2A;  // WRITE (10)
    it[22] = static_cast<std::uint8_t>(blocks >> 8U);
    it[23] = static_cast<std::uint8_t>(blocks);
    return it;
}

struct Ends {
    std::uint8_t in = 0;
    std::uint8_t out = 0;
};

Ends bulk_ends(libusb_device_handle* handle) {
    Ends ends;
    libusb_config_descriptor* config = nullptr;
    if (libusb_get_active_config_descriptor(libusb_get_device(handle), &config) != 0) {
        return ends;
    }
    const libusb_interface_descriptor& setting = config->interface->altsetting[0];
    for (int i = 0; i < setting.bNumEndpoints; ++i) {
        const std::uint8_t address = setting.endpoint[i].bEndpointAddress;
        ((address & LIBUSB_ENDPOINT_IN) != 0 ? ends.in : ends.out) = address;
    }
    libusb_free_config_descriptor(config);
    return ends;
}

void LIBUSB_CALL on_end(libusb_transfer* transfer) {
    --*static_cast<int*>(transfer->user_data);
}

/// Sends all commands; the number of the first that failed, or -1.
long send_all(libusb_device_handle* handle, std::vector<Wrapper>& wrappers,
              std::span<std::uint8_t> data, libusb_context* context, int image) {
    const Ends ends = bulk_ends(handle);
    std::array<libusb_transfer*, 3> transfers{libusb_alloc_transfer(0), libusb_alloc_transfer(0),
                                              libusb_alloc_transfer(0)};
    std::array<std::uint8_t, kStatus> status{};
    int open = 0;
    libusb_fill_bulk_transfer(transfers[1], handle, ends.out, data.data(),
                              static_cast<int>(data.size()), on_end, &open, 0);
    libusb_fill_bulk_transfer(transfers[2], handle, ends.in, status.data(), kStatus, on_end, &open,
                              0);
    long failed = -1;
    for (std::size_t i = 0; i < wrappers.size() && failed < 0; ++i) {
        libusb_fill_bulk_transfer(transfers[0], handle, ends.out, wrappers[i].data(), kWrapper,
                                  on_end, &open, 0);
        if (image >= 0 &&
            ::read(image, data.data(), data.size()) != static_cast<ssize_t>(data.size())) {
            failed = static_cast<long>(i);
            break;
        }
        for (libusb_transfer* const transfer : transfers) {
            open += libusb_submit_transfer(transfer) == 0 ? 1 : 0;
        }
        while (open > 0) {
            libusb_handle_events(context);
        }
        if (transfers[2]->actual_length != kStatus || status[12] != kPassed) {
            failed = static_cast<long>(i);
        }
    }
    for (libusb_transfer* const transfer : transfers) {
        libusb_free_transfer(transfer);
    }
    return failed;
}

template <typename Number>
Number number_in(std::string_view text, int base) {
    Number number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number, base);
    return number;
}

int write_all(libusb_context* context, libusb_device_handle* handle, std::uint64_t bytes,
              std::size_t size, int image) {
    std::vector<Wrapper> wrappers;
    for (std::uint64_t at = 0; at + size <= bytes; at += size) {
        wrappers.push_back(wrapper_of(static_cast<std::uint32_t>(wrappers.size() + 1),
                                      static_cast<std::uint32_t>(at / kBlock),
                                      static_cast<std::uint32_t>(size / kBlock)));
    }
    std::vector<std::uint8_t> usual;
    std::uint8_t* memory = libusb_dev_mem_alloc(handle, size);
    if (memory == nullptr) {
        usual.resize(size);
        memory = usual.data();
    }
    std::uint8_t next = 0;
    std::ranges::generate(std::span(memory, size), [&next] { return next++; });
    const long failed = send_all(handle, wrappers, std::span(memory, size), context, image);
    if (usual.empty()) {
        libusb_dev_mem_free(handle, memory, size);
    }
    if (failed >= 0) {
        std::fprintf(stderr, "kiln-usb-ceiling: command %ld failed\n", failed);
    }
    return failed < 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    const std::span<char*> words(argv, static_cast<std::size_t>(argc));
    if (words.size() != 4 && words.size() != 5) {
        std::fprintf(stderr, "kiln-usb-ceiling VID:PID BYTES COMMAND_BYTES [IMAGE]\n");
        return 2;
    }
    const std::string_view id(words[1]);
    const auto colon = std::min(id.find(':'), id.size() - 1);
    const int image = words.size() == 5 ? ::open(words[4], O_RDONLY | O_CLOEXEC) : -1;
    libusb_context* context = nullptr;
    if (libusb_init(&context) != 0) {
        return 1;
    }
    libusb_device_handle* const handle =
        libusb_open_device_with_vid_pid(context, number_in<std::uint16_t>(id.substr(0, colon), 16),
                                        number_in<std::uint16_t>(id.substr(colon + 1), 16));
    int status = 1;
    if (handle != nullptr && libusb_set_auto_detach_kernel_driver(handle, 1) == 0 &&
        libusb_claim_interface(handle, 0) == 0) {
        status = write_all(context, handle, number_in<std::uint64_t>(words[2], 10),
                           number_in<std::size_t>(words[3], 10), image);
        libusb_release_interface(handle, 0);
    }
    if (handle != nullptr) {
        libusb_close(handle);
    }
    libusb_exit(context);
    return status;
}
