"""Ctrl-C with a drive that has fallen silent; and burners that come and go.

The drive answers nothing, on no pipe: kiln ends within a bound nevertheless, with the status of what was
cancelled, and finds the drive again when it speaks. (A drive that is silent while the kernel itself has it
is another matter: the kernel asks it on every open, for a minute and a half, and nothing ends that.)
"""

import json

import cases

# Reset Recovery, which nobody answers, and what the kernel asks when it gets the device back.
BOUND_S = 10

# The program runs in the foreground and with a group of its own: in the background SIGINT is ignored.
INTERRUPTED = """
kiln sim new drive --medium dvd+r
serve drive high real
export usb
kiln burn /image $usb > /dev/null 2>&1
now() { cut -d ' ' -f 1 /proc/uptime; }
interrupt() {
  until_so [ -s copy ]
  echo silence > $orders
  sleep 3
  now > $out/sent
  kill -INT -$(cat program)
  until_so [ -e $out/gone ]
  echo speak > $orders
}
interrupt &
status=0
setsid sh -c 'echo $$ > program; exec kiln read $usb copy' > $out/said 2> $out/err || status=$?
now > $out/gone
echo $status > $out/exit
# The kernel, which got it back silent, has given it up by now or goes on asking.
until_so sh -c 'kiln info $usb --json > again'
cp again $out
ended
"""


def check_interrupted(evidence: cases.Evidence):
    assert evidence.text("exit") == "3\n", (evidence.text("exit"), evidence.text("err"))
    took = float(evidence.text("gone")) - float(evidence.text("sent"))
    assert took <= BOUND_S, f"it ended {took:.1f} s after the signal"
    said = [line for line in evidence.text("err").splitlines() if line]
    assert said and len(said) <= 2, said
    assert evidence.last_event("again")["medium"]["status"] == "appendable"


# libusb hears of devices from udevd.
WATCHED = """
ln -s $(command -v udevadm) systemd-udevd
./systemd-udevd --daemon
kiln drives --watch --json > watched &
watch=$!
told() { [ "$(grep -c $2 watched)" = $1 ]; }
kiln sim new drive --medium bd-r
serve drive super real
until_so told 1 drive-arrived
echo unplug > $orders
until_so told 1 drive-left
gone /dev/sr0
echo plug > $orders
until_so told 2 drive-arrived
there /dev/sr0
kill $watch
wait $watch || echo "the watch ended with $?"
cp watched $out
ended
kill $(pidof systemd-udevd)
"""


def check_watched(evidence: cases.Evidence):
    events = [json.loads(line) for line in evidence.text("watched").splitlines()]
    assert [event["event"] for event in events] == ["drive-arrived", "drive-left", "drive-arrived"]
    assert len({event["address"] for event in events}) == 1, events
    assert all(event["can_open"] for event in events if "can_open" in event), events
    assert "the watch ended with" not in evidence.log, evidence.log


BOOTS = (
    cases.Boot("interrupted",
               (cases.Case("read-of-a-drive-that-falls-silent", INTERRUPTED, check_interrupted,
                           longest_s=300),
                cases.Case("watched-drives", WATCHED, check_watched, ("udevadm",))),
               files=("image",), counts_instructions=True),
)
