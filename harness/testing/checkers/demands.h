/// \file
/// What each demand looks at, by the file it stands in. Rows of the table in checkers.cpp.

#pragma once

#include <optional>
#include <string>

#include "harness/testing/checkers/seen.h"

namespace kiln::harness::checks {

/// What was expected and what was found; nothing: it is as it should be.
using Found = std::optional<std::string>;

// result.cpp
[[nodiscard]] Found cancelled_only_if_asked(const Run& run);
[[nodiscard]] Found outcome_and_code_agree(const Run& run);
[[nodiscard]] Found completed_is_complete(const Run& run);
[[nodiscard]] Found complete_is_not_cancelled(const Run& run);
[[nodiscard]] Found nothing_fails_by_itself(const Run& run);
[[nodiscard]] Found first_error_is_told(const Run& run);

// after_cancel.cpp
[[nodiscard]] Found no_write_after_cancel(const Run& run);
[[nodiscard]] Found only_filler_after_cancel(const Run& run);
[[nodiscard]] Found tracks_are_filled_up(const Run& run);
[[nodiscard]] Found nothing_prepared_after_cancel(const Run& run);
[[nodiscard]] Found nothing_closed_after_cancel(const Run& run);

// in_time.cpp
[[nodiscard]] Found cancel_ends_in_time(const Run& run);
[[nodiscard]] Found cancel_write_ends_at_once(const Run& run);

// medium_bytes.cpp
[[nodiscard]] Found written_is_on_the_medium(const Run& run);
[[nodiscard]] Found filler_is_zeros(const Run& run);
[[nodiscard]] Found nothing_else_is_written(const Run& run);

// disc_state.cpp
[[nodiscard]] Found disc_is_as_predicted(const Run& run);
[[nodiscard]] Found disc_is_as_foretold(const Run& run);
[[nodiscard]] Found disc_is_as_reported(const Run& run);
[[nodiscard]] Found session_is_left_as_the_policy_says(const Run& run);
[[nodiscard]] Found disc_is_not_damaged(const Run& run);

// drive_left.cpp
[[nodiscard]] Found tray_is_unlocked(const Run& run);
[[nodiscard]] Found drive_is_ready(const Run& run);
[[nodiscard]] Found buffer_is_empty(const Run& run);
[[nodiscard]] Found nothing_is_pending(const Run& run);
[[nodiscard]] Found nothing_is_running(const Run& run);
[[nodiscard]] Found access_is_released(const Run& run);

// updates.cpp
[[nodiscard]] Found updated_before(const Run& run);
[[nodiscard]] Found updated_after(const Run& run);
[[nodiscard]] Found section_updates_frame_it(const Run& run);
[[nodiscard]] Found updated_every_interval(const Run& run);
[[nodiscard]] Found updates_are_monotone(const Run& run);
[[nodiscard]] Found update_buffers_add_up(const Run& run);
[[nodiscard]] Found updates_stay_in_the_section(const Run& run);
[[nodiscard]] Found updates_say_what_was_accepted(const Run& run);

// order.cpp
[[nodiscard]] Found writes_are_in_order(const Run& run);
[[nodiscard]] Found flushed_before_closing(const Run& run);
[[nodiscard]] Found track_closed_before_session(const Run& run);
[[nodiscard]] Found no_write_after_flush(const Run& run);
[[nodiscard]] Found nothing_prepared_while_writing(const Run& run);
[[nodiscard]] Found only_polls_while_running(const Run& run);
[[nodiscard]] Found tray_is_locked_first(const Run& run);
[[nodiscard]] Found tray_is_unlocked_last(const Run& run);
[[nodiscard]] Found nothing_guarded_is_reset(const Run& run);
[[nodiscard]] Found only_writes_are_sent(const Run& run);

// order_medium.cpp
[[nodiscard]] Found medium_has_the_commands(const Run& run);
[[nodiscard]] Found buffer_is_flushed(const Run& run);
[[nodiscard]] Found left_readable(const Run& run);

// retries.cpp
[[nodiscard]] Found no_write_again_after_attention(const Run& run);
[[nodiscard]] Found no_write_again_after_silence(const Run& run);
[[nodiscard]] Found busy_is_not_done(const Run& run);

// completion.cpp
[[nodiscard]] Found ends_once(const Run& run);
[[nodiscard]] Found phases_are_in_order(const Run& run);
[[nodiscard]] Found completed_phase_means_success(const Run& run);
[[nodiscard]] Found next_job_works(const Run& run);

// imapi.cpp
[[nodiscard]] Found cancel_write_answers_as_documented(const Run& run);
[[nodiscard]] Found section_returns_cancelled(const Run& run);
[[nodiscard]] Found section_error_fits_the_sense(const Run& run);

}  // namespace kiln::harness::checks
