//! Booting the largest machine that a scenario may lay out.

use mm::limits::MAX_FRAMES;
use mm::{Config, Machine};

use super::Row;
use super::sample::{median, show, time};

/// The median of a few boots.
pub fn measure() -> Vec<Row> {
    let config = Config::x86_64(MAX_FRAMES);
    let mut times: Vec<_> = (0..7).map(|_| time(|| Machine::boot(&config).is_ok()).0).collect();
    vec![(format!("boot of {MAX_FRAMES} frames"), show(median(&mut times)))]
}
