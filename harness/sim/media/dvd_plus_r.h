/// \file
/// DVD+R and DVD+R DL: fragments in sessions. BD-R in sequential recording mode (bd_r.h) is much
/// the same and shares the code.
///
///              WRITE, RESERVE                 CLOSE 1                  CLOSE 2
///   +-------+               +---------------+          +-----------+            +------------+
///   | blank | ------------> | session open, | -------> | session   | ---------> | appendable |
///   +-------+               | fragment open | <------- | open      |            +------------+
///                           +---------------+  WRITE   +-----------+             | WRITE:
///                                   | CLOSE 2: 5/72/03       |                   | session open
///                                                            | CLOSE 5, 6        | CLOSE 5, 6
///                                                            v                   v
///                                                      +---------------------------------+
///                                                      |            complete             |
///                                                      +---------------------------------+
///
/// | state         | 51h | WRITE at NWA  | elsewhere | CLOSE 1 | CLOSE 2 | 5, 6    | RESERVE |
/// |---------------|-----|---------------|-----------|---------|---------|---------|---------|
/// | blank         | 0/0 | fragment open | 5/21/02   | GOOD    | GOOD    | GOOD    | GOOD    |
/// | fragment open | 1/1 | grows         | 5/21/02   | ends it | 5/72/03 | 5/72/03 | 5/2C/00 |
/// | session open  | 1/1 | fragment open | 5/21/02   | GOOD    | closes  | ends    | GOOD 1) |
/// | appendable    | 1/0 | fragment open | 5/21/02   | GOOD    | GOOD    | ends    | GOOD    |
/// | complete      | 2/3 | 5/30/05       | 5/30/05   | 5/27/00 | 5/27/00 | 5/27/00 | 5/27/00 |
///
/// 1) 15 at most in a session, then 5/72/05; CLOSE 1 pads a reserved fragment, past its end a WRITE
/// is 5/63/00. CLOSE 0, 3, 4, 7: 5/24/00. Page 05h means nothing. A flush fills the last 16 blocks
/// up. The next session begins 2048 blocks (closure and intro) behind; where there is no room for
/// it the drive finalises instead. After a close all fragments of the session are one track.
/// DL: a layer break may be set once before the first write.

#pragma once

#include "harness/sim/media/track_list.h"

namespace kiln::harness {

/// DVD+R and BD-R.
class FragmentFamily : public SequentialFamily {
public:
    [[nodiscard]] Planned close(const Medium& medium, const WriteMode& mode, std::uint8_t function,
                                std::uint16_t number) const override;
    [[nodiscard]] Verdict reserve(Medium& medium, const WriteMode& mode,
                                  std::uint32_t blocks) const override;
    [[nodiscard]] TrackReport report(const Medium& medium, const Track& track,
                                     const WriteMode& mode) const override;
    void complete(Medium& medium, const Operation& operation) const override;

protected:
    [[nodiscard]] virtual bool finalizes_with(std::uint8_t function) const = 0;
    /// Whether CLOSE 2 and the finalising ones end the last, not reserved fragment by themselves.
    [[nodiscard]] virtual bool session_close_ends_fragment() const { return false; }
    [[nodiscard]] virtual bool merges_fragments() const { return false; }
    [[nodiscard]] virtual bool reports_last_recorded() const { return true; }
};

[[nodiscard]] const Family& dvd_plus_r_family();
[[nodiscard]] const Family& dvd_plus_r_dl_family();

}  // namespace kiln::harness
