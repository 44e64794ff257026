/* The handshake of a burn with those who cancel it, for spin.
 *
 *     cancellers --word--> runner <--cells-- device, reader
 *          |                  ^
 *          +-----waker--------+
 *
 * What the machine does with an event is transitions.pml, made of the burn machine itself; the rest
 * is written by hand, after stack/cancel_word.h, mailbox.h, runner_loop.h and
 * transports/os/futex_waker.h. Each atomic operation is a step; a loop around a compare-and-swap is
 * the one step with which it succeeds.
 *
 * -DCANCEL_WRITE, -DREQUEST, -DESCALATE: who cancels, a process each.
 * -DEMERGENCY: REQUEST asks for that and for nothing less.
 * -DHANGS: a WRITE may hang until it is interrupted. -DBLOCKS: the source may give nothing more.
 * -DFAILS: what a device may answer besides GOOD and, once, 02/04/08.
 * -DHASTY_WAKER, -DLATE_WORD, -DSTORED: seeded faults of the environment.
 */

#include "transitions.pml"

/* As harness/model/machine_table.h has them. */
#define NONE 0
#define LOCK 1
#define UNLOCK 2
#define OTHER 3
#define PLAIN 4
#define FIRST 5
#define MIDDLE 6
#define LAST 7
#define ONLY 8
#define RECOVER 9

#define IDLE 0
#define WRITING 1
#define LAST_ISSUED 2

/* The cancel word. */
byte state = IDLE;
bool accepted = false;
byte policy = 0; /* 1 + the latched one */
#define REQUESTED (policy > 0 || accepted)
#define ASKED_FOR (policy > 0 -> policy - 1 : 2)

/* The waker. */
bool woken = false;
bool asleep = false;

/* The cells, and what the device and the reader are told. */
byte device_cell, reader_cell;
bool device_full = false, reader_full = false;
byte command = NONE;
bool read_out = false;
bool interrupted = false, source_interrupted = false;

/* The machine. */
short machine = 0;
byte happened = 0;
byte does = AT_BEGIN;
byte told = 0; /* 1 + the policy */
byte outcome = 0;

/* For the properties. */
bool device_works = false, locked = false, gone = false, trouble = false;
bool last_out = false, any_ok = false, cancel_asked = false, released = false;

inline wake() {
    if
    :: atomic { !woken -> woken = true }
       atomic { asleep = false }
    :: atomic { woken -> skip }
    fi
}

/* One event into the machine; what it wants done is in `does`. */
inline feed(event) {
    d_step {
        happened = event;
        c_code {
            now.does = kDoes[now.machine][now.happened];
            now.machine = kNext[now.machine][now.happened];
        };
        assert(machine >= 0); /* else it cannot happen, says the machine */
        outcome = c_expr { kEnded[now.machine] };
        /* The values of a step that nobody looks at again make states only. */
        happened = 0;
    }
}

inline start(what) {
    d_step {
        assert(!gone);                       /* no command to a drive that is gone */
        assert(command == NONE && !device_works && !device_full);
        assert(what < FIRST || what == RECOVER || told == 0); /* no WRITE behind a cancel */
        command = what;
        last_out = (what == LAST || what == ONLY);
        /* Who has S_OK has it for good: the last WRITE is never out then. */
        assert(!last_out || !any_ok);
        what = NONE
    }
}

/* The swaps of the first and the last WRITE, a look before each other one. */
inline announce(what, wins) {
    wins = true;
    if
    :: what == FIRST || what == ONLY ->
        atomic {
            wins = (state == IDLE && !REQUESTED);
            if :: wins -> state = WRITING :: else fi
        }
    :: what == MIDDLE -> atomic { wins = !REQUESTED }
    :: else
    fi;
    if
    :: wins && (what == LAST || what == ONLY) ->
#ifdef STORED
        wins = (state == WRITING && !REQUESTED);
        if :: wins -> state = LAST_ISSUED :: else fi
#else
        atomic {
            wins = (state == WRITING && !REQUESTED);
            if :: wins -> state = LAST_ISSUED :: else fi
        }
#endif
    :: else
    fi
}

inline perform() {
    do
    :: does & 128 ->
        atomic {
            if :: state == LAST_ISSUED -> state = WRITING :: else fi;
            last_out = false;
            does = does & 127
        }
    :: !(does & 128) && (does & 16) -> atomic { read_out = true; does = does & 239 }
    :: !(does & 144) && (does & 32) -> atomic { interrupted = true; does = does & 223 }
    :: !(does & 176) && (does & 64) -> does = does & 191; what = RECOVER; start(what)
    :: !(does & 240) && does >= FIRST ->
        what = does; does = 0;
        announce(what, wins);
        if
        :: wins -> start(what)
        :: else ->
            what = NONE;
            atomic { told = ASKED_FOR + 1; event = Withdrawn0 + told - 1 }
            feed(event)
        fi
    :: !(does & 240) && does > 0 && does < FIRST -> what = does; does = 0; start(what)
    :: does == 0 -> break
    od
}

inline look() {
    atomic {
        if
        :: REQUESTED && told < ASKED_FOR + 1 -> told = ASKED_FOR + 1; event = Cancel0 + told - 1
        :: else -> event = 255
        fi
    }
    if
    :: event != 255 -> feed(event); perform()
    :: else
    fi
}

inline take() {
    event = 255;
    if
    :: device_full -> event = device_cell; device_full = false
    :: !device_full ->
        if
        :: reader_full -> event = reader_cell; reader_full = false
        :: !reader_full
        fi
    fi
}

#define TICK_MATTERS c_expr { kNext[now.machine][10] != now.machine || kDoes[now.machine][10] != 0 }

active proctype Runner() {
    byte event, came, what = NONE;
    bool wins, was;
    perform();
    do
    :: outcome != 0 -> break
    :: else ->
        look();
        if :: outcome != 0 -> break :: else fi;
        take();
        if
        :: event != 255 -> goto have
        :: else
        fi;
        /* FutexWaker::wait_for() */
        do
        :: atomic { woken -> woken = false; break }
        :: atomic { !woken -> skip };
#ifdef HASTY_WAKER
            asleep = true;
#else
            atomic { asleep = !woken };
#endif
            if
            :: !asleep
            :: TICK_MATTERS -> asleep = false; woken = false; break
            fi
        od;
        take();
        if :: event == 255 -> event = Tick :: else fi;
have:
        came = event;
        /* look() uses `event`. */
        look();
        event = came; came = 0;
        if
        :: outcome == 0 -> feed(event); perform()
        :: else
        fi
    od;
    atomic { state = IDLE; accepted = false };
    d_step {
        assert(!locked || gone);                        /* the tray is open to the user */
        assert(!any_ok || outcome != 1);                /* S_OK: not completed */
        assert(told > 0 || trouble || outcome == 1);    /* nobody cancelled: completed */
        assert(told == 0 || any_ok || policy > 0);      /* 00AA0302 is remembered by nobody */
        released = true
    }
}

active proctype Device() {
    byte answer, busy_left = 1, doing = NONE;
end:
    do
    :: atomic { command != NONE -> doing = command; command = NONE; device_works = true };
        if
        :: doing == RECOVER -> answer = Recovered
        :: doing != RECOVER -> answer = Good
        :: doing > UNLOCK && doing != RECOVER && busy_left > 0 -> answer = Busy; busy_left--
#ifdef FAILS
        :: doing >= OTHER && doing != RECOVER -> answer = Refused; trouble = true
        :: doing != RECOVER -> answer = Gone; gone = true; trouble = true
        :: doing >= PLAIN && doing != RECOVER -> answer = TimedOut; trouble = true
#endif
#ifdef HANGS
        :: doing >= PLAIN && doing != RECOVER -> hangs: interrupted -> answer = Interrupted
#endif
        fi;
        atomic {
            if
            :: answer == Good && doing == LOCK -> locked = true
            :: answer == Good && doing == UNLOCK -> locked = false
            :: answer == TimedOut && doing >= PLAIN -> skip
            :: else
            fi;
            doing = NONE; device_works = false;
            assert(!device_full);
            device_cell = answer
        }
        device_full = true;
        wake()
    od
}

active proctype Reader() {
    byte answer;
end:
    do
    :: atomic { read_out -> read_out = false };
        if
        :: answer = Read
#ifdef BLOCKS
        :: end_blocked: source_interrupted -> answer = SourceInterrupted
#endif
#ifdef FAILS
        :: answer = SourceBroken; trouble = true
#endif
        fi;
        atomic { assert(!reader_full); reader_cell = answer }
        reader_full = true;
        wake()
    od
}

#ifdef CANCEL_WRITE
active proctype CancelWrite() {
    bool ok = false;
    atomic {
        ok = (accepted || state == WRITING);
        if
        :: ok -> accepted = true; any_ok = true; assert(!last_out)
        :: else
        fi
    }
    if
    :: ok -> cancel_asked = true; source_interrupted = true; wake()
    :: else
    fi
}
#endif

#ifdef REQUEST
active proctype Request() {
    byte wanted = 1;
#ifdef EMERGENCY
    wanted = 4;
#else
    if
    :: wanted = 1 :: wanted = 2 :: wanted = 3 :: wanted = 4
    fi;
#endif
#ifdef LATE_WORD
    wake();
#endif
    atomic { if :: policy < wanted -> policy = wanted :: else fi; cancel_asked = true }
    source_interrupted = true;
#ifndef LATE_WORD
    wake()
#endif
}
#endif

#ifdef ESCALATE
active proctype Escalate() {
    byte times = 2;
    do
    :: times > 0 ->
        atomic {
            policy = (policy < 4 -> policy + 1 : 4);
            cancel_asked = true; times--
        }
        source_interrupted = true;
        wake()
    :: times == 0 -> break
    od
}
#endif

#ifdef LIVENESS
#ifdef HANGS
/* Only an emergency ends a WRITE that hangs; the others wait for it. */
ltl ends { [] (policy == 4 -> <> released) }
#else
ltl ends { [] (cancel_asked -> <> released) }
#endif
#endif
