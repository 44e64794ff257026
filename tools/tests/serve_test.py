"""kiln sim serve over the loopback: real sockets, and a client that is not ours to trust."""

import json
import os
import select
import signal
import subprocess

import kiln_cases
from kiln_cases import Kiln, check_events
from usbip_client import Client

INQUIRY = "120000002400"
FLUSH = "35000000000000000000"


class Served:
    """A server at a port of its own, until the end of the `with`."""

    def __init__(self, kiln: Kiln, *options, medium: str = "dvd-ram", time: str = "time=virtual",
                 path: str | None = None):
        self.kiln = kiln
        if path is None:
            path = kiln.folder(medium, name=f"drive{kiln.random.random()}")[4:-1]
        self.path = path
        self.process = kiln.start("sim", "serve", f"{path},{time}" if time else path, "--port",
                                  "0", "--json", *options, stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read().decode()
        self.event = check_events(line)[0]
        self.port = int(self.event["where"].rsplit(":")[-1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def client(self) -> Client:
        return Client(self.port)

    def order(self, word: str):
        self.process.stdin.write(f"{word}\n".encode())
        self.process.stdin.flush()

    def wait_until_it_has_read_orders(self):
        self.order("jump")
        line = self.process.stderr.readline().decode()
        assert "no such order: 'jump'" in line, line

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=kiln_cases.LONGEST_S)
        return self.process.returncode, err.decode()


def test_it_listens_on_the_loopback_and_says_where(kiln: Kiln):
    with Served(kiln, time="") as served:
        assert served.event["where"].startswith("127.0.0.1:"), served.event
        assert served.event["speed"] == "high" and not served.event["attached"]
        assert served.client().devices() == [("1-1", 3)]
        assert served.end()[0] == 0
    with Served(kiln, "--speed", "super", "--listen", "::1") as served:
        assert served.event["where"].startswith("[::1]:"), served.event
        assert Client(served.port, "::1").devices() == [("1-1", 5)]


def test_it_answers_inquiry_in_real_time(kiln: Kiln):
    with Served(kiln, time="") as served:
        client = served.client()
        client.begin()
        device = client.control_in("8006000100001200")
        assert device.data[:4] == bytes.fromhex("12010002"), device
        status, data = client.command(INQUIRY, receive=36)
        assert status == 0 and data[0] == 5 and len(data) == 36


def test_what_was_written_is_kept_and_read_by_kiln(kiln: Kiln):
    written = kiln.random.randbytes(65536)
    for number in (signal.SIGTERM, signal.SIGINT):
        with Served(kiln) as served:
            client = served.client()
            client.begin()
            assert client.command("2a000000000000002000", send=written)[0] == 0
            assert client.command(FLUSH)[0] == 0
            assert served.end(number)[0] == 0
            drive = f"sim:{served.path}/"
            back = kiln.place / "back"
            back.unlink(missing_ok=True)
            kiln.run("read", drive, back, "--blocks", "0+32")
            assert back.read_bytes() == written


def test_a_killed_server_is_a_power_cut_and_not_a_lost_disc(kiln: Kiln):
    written = kiln.random.randbytes(65536)
    with Served(kiln) as served:
        client = served.client()
        client.begin()
        assert client.command("2a000000000000002000", send=written)[0] == 0
        assert client.command(FLUSH)[0] == 0
        served.process.kill()
        served.process.wait()
        back = kiln.place / "back"
        kiln.run("read", f"sim:{served.path}/", back, "--blocks", "0+32")
        assert back.read_bytes() == written


def test_clients_in_turn_and_one_at_a_time(kiln: Kiln):
    with Served(kiln) as served:
        first = served.client()
        first.begin()
        assert served.client().devices() == []
        second = served.client()
        assert second.import_device() == 2  # busy
        assert second.is_ended()
        first.submit(1, 13)  # in mid-command, it waits for what does not come
        first.close()
        while (again := served.client()).import_device() != 0:
            pass
        again.close()


def test_unplug_and_plug(kiln: Kiln):
    with Served(kiln) as served:
        client = served.client()
        client.begin()
        served.order("unplug")
        assert client.is_ended()
        assert served.client().import_device() == 4  # no such device
        served.order("plug")
        while served.client().devices() == []:
            pass
        client = served.client()
        client.begin()
        served.order("power-cut")
        assert client.is_ended()
        served.wait_until_it_has_read_orders()
        served.order("quit")
        assert served.process.wait(timeout=kiln_cases.LONGEST_S) == 0


def test_it_falls_silent_and_speaks_again(kiln: Kiln):
    with Served(kiln) as served:
        client = served.client()
        client.begin()
        served.order("silence")
        served.wait_until_it_has_read_orders()
        asked = client.submit(0, 18, setup=bytes.fromhex("8006000100001200"))
        # With the first it has the transfer too, with the second it has looked at it.
        served.wait_until_it_has_read_orders()
        served.wait_until_it_has_read_orders()
        assert select.select([client.socket], [], [], 0)[0] == [], "it has answered"
        served.order("speak")
        assert client.answer(asked).data[:4] == bytes.fromhex("12010002")


def test_the_tray_can_be_opened_by_hand(kiln: Kiln):
    with Served(kiln) as served:
        client = served.client()
        client.begin()
        served.order("eject")
        while client.command("000000000000")[0] == 0:
            pass
        sense = client.command("030000001200", receive=18)[1]
        assert sense[2] & 0xF in (2, 6), sense.hex()


def test_nonsense_is_let_go_with_a_word(kiln: Kiln):
    with Served(kiln) as served:
        for nonsense in (b"GET / HTTP/1.1\r\n\r\n", os.urandom(64)):
            client = served.client()
            client.socket.sendall(nonsense)
            assert client.is_ended()
        client = served.client()
        client.begin()
        client.socket.sendall(bytes.fromhex("00000001 00000009 00010002 00000000 00000002 00000000"
                                            "ffffffff 00000000 ffffffff 00000000") + bytes(8))
        assert client.is_ended()
        served.client().begin()
        status, err = served.end()
        assert status == 0 and err.count("let go") == 3, err
        assert "4294967295 bytes" in err, err


def test_what_cannot_be_served(kiln: Kiln):
    path = kiln.folder("dvd-r")[4:-1]
    kiln.refused("sim", "serve", kiln.place / "none", status=4)
    kiln.refused("sim", "serve", path, "--listen", "nowhere", status=2, says="nowhere")
    kiln.refused("sim", "serve", f"{path},fault=WRITE:1:fails", status=2)
    kiln.run("sim", "serve", path, "--attach", "--port", "1", expect=2)
    kiln.run("sim", "serve", path, "--port", "70000", expect=2)
    with Served(kiln, path=path) as served:
        kiln.refused("sim", "serve", path, status=5, says="in use by kiln (process")
        other = kiln.folder("dvd-r", name="other")[4:-1]
        kiln.refused("sim", "serve", other, "--port", served.port, status=5, says="in use")


def test_attach_says_what_is_missing(kiln: Kiln):
    if os.path.exists("/sys/devices/platform/vhci_hcd.0"):
        raise kiln_cases.Skip("this machine has a vhci_hcd")
    path = kiln.folder("dvd-r")[4:-1]
    ended = kiln.run("sim", "serve", path, "--attach", "--json", expect=4)
    assert "modprobe vhci_hcd" in json.dumps(ended.result), ended.result
    kiln.refused("sim", "serve", path, "--attach", status=4, says="modprobe vhci_hcd")


if __name__ == "__main__":
    kiln_cases.main(globals())
