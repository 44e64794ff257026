"""A USB/IP client over real sockets, written from the protocol's document.

Spec: Linux, Documentation/usb/usbip_protocol.rst; USB Mass Storage Class, Bulk-Only Transport 1.0
"""

import dataclasses
import socket
import struct

LONGEST_S = 60
DEVICE = 0x00010002
SET_CONFIGURATION = bytes.fromhex("0009010000000000")
CLEAR_HALT_IN = bytes.fromhex("0201000081000000")


@dataclasses.dataclass
class Answer:
    status: int
    length: int
    data: bytes


class Client:
    def __init__(self, port: int, host: str = "127.0.0.1"):
        self.socket = socket.create_connection((host, port), timeout=LONGEST_S)
        self.sequence = 0
        self.tag = 0
        self.asked_in: set[int] = set()

    def close(self):
        self.socket.close()

    def take(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            assert more, f"the server ended the connection after {len(data)} of {count} bytes"
            data += more
        return data

    def is_ended(self) -> bool:
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def devices(self) -> list[tuple[str, int]]:
        """Bus ids and speeds."""
        self.socket.sendall(struct.pack(">HHI", 0x0111, 0x8005, 0))
        version, code, status, count = struct.unpack(">HHII", self.take(12))
        assert (version, code, status) == (0x0111, 0x0005, 0)
        found = []
        for _ in range(count):
            device = self.take(0x138)
            self.take(4 * device[-1])
            bus_id = device[256:288].rstrip(b"\0").decode()
            found.append((bus_id, struct.unpack(">I", device[296:300])[0]))
        return found

    def import_device(self, bus_id: str = "1-1") -> int:
        """The status; 0: it is ours."""
        self.socket.sendall(struct.pack(">HHI32s", 0x0111, 0x8003, 0, bus_id.encode()))
        version, code, status = struct.unpack(">HHI", self.take(8))
        assert (version, code) == (0x0111, 0x0003)
        if status == 0:
            self.take(0x138)
        return status

    def submit(self, endpoint: int, length: int = 0, data: bytes | None = None,
               setup: bytes = bytes(8)) -> int:
        """Data: out; none: in."""
        self.sequence += 1
        out = data is not None
        if not out:
            self.asked_in.add(self.sequence)
        size = len(data) if out else length
        self.socket.sendall(struct.pack(">10I8s", 1, self.sequence, DEVICE, 0 if out else 1,
                                        endpoint, 0, size, 0, 0xFFFFFFFF, 0, setup)
                            + (data or b""))
        return self.sequence

    def answer(self, sequence: int) -> Answer:
        """The next one, which has to be this."""
        words = struct.unpack(">12I", self.take(48))
        assert words[0] in (3, 4) and words[1] == sequence, words
        status = words[5] - (1 << 32) if words[5] >= 1 << 31 else words[5]
        is_in = words[0] == 3 and sequence in self.asked_in
        return Answer(status, words[6], self.take(words[6]) if is_in else b"")

    def control_in(self, setup: str) -> Answer:
        packet = bytes.fromhex(setup)
        return self.answer(self.submit(0, packet[6] | packet[7] << 8, setup=packet))

    def control_out(self, packet: bytes) -> Answer:
        return self.answer(self.submit(0, data=b"", setup=packet))

    def command(self, cdb: str, receive: int = 0, send: bytes = b"") -> tuple[int, bytes]:
        """Status of the CSW, and the data."""
        packet = bytes.fromhex(cdb)
        self.tag += 1
        flags = 0x80 if receive else 0
        wrapper = struct.pack("<4sIIBBB16s", b"USBC", self.tag, receive or len(send), flags, 0,
                              len(packet), packet)
        assert self.answer(self.submit(2, data=wrapper)).status == 0
        data = b""
        if receive:
            answer = self.answer(self.submit(1, receive))
            assert answer.status in (0, -32), answer
            data = answer.data
        elif send:
            assert self.answer(self.submit(2, data=send)).status == 0
        answer = self.answer(self.submit(1, 13))
        if answer.status == -32:
            assert self.control_out(CLEAR_HALT_IN).status == 0
            answer = self.answer(self.submit(1, 13))
        signature, tag, _, status = struct.unpack("<4sIIB", answer.data)
        assert (signature, tag) == (b"USBS", self.tag)
        return status, data

    def begin(self):
        """Imports, configures, and takes the unit attention of the reset."""
        assert self.import_device() == 0
        assert self.control_out(SET_CONFIGURATION).status == 0
        self.command("000000000000")
        self.command("030000001200", receive=18)
