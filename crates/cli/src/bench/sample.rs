//! Times, and what is said of many of them.

use std::time::{Duration, Instant};

/// How long something takes, and what it gives.
pub fn time<R>(what: impl FnOnce() -> R) -> (Duration, R) {
    #[allow(clippy::disallowed_methods, reason = "measuring is what this is for; no model looks at it")]
    let start = Instant::now();
    let result = std::hint::black_box(what());
    (start.elapsed(), result)
}

/// The time below which so many of a hundred lie; zero of none.
pub fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    let at = (times.len() * percent).div_ceil(100).saturating_sub(1);
    times.get(at).copied().unwrap_or_default()
}

/// The median.
pub fn median(times: &mut [Duration]) -> Duration {
    percentile(times, 50)
}

/// In a unit that leaves few digits.
pub fn show(time: Duration) -> String {
    match time.as_nanos() {
        ns @ ..10_000 => format!("{ns} ns"),
        ns @ ..10_000_000 => format!("{:.1} µs", ns as f64 / 1e3),
        ns => format!("{:.1} ms", ns as f64 / 1e6),
    }
}
