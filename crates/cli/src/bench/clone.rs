//! What a keyframe costs before anything is changed.

use mm::limits::MAX_FRAMES;
use mm::{Config, Machine};

use super::Row;
use super::sample::{median, show, time};

/// A lesson-sized machine and the largest one.
pub fn measure() -> Vec<Row> {
    let mut rows = Vec::new();
    for frames in [1024, 1_048_576, MAX_FRAMES] {
        let Ok(machine) = Machine::boot(&Config::single_zone(frames)) else { continue };
        let mut times: Vec<_> = (0..1000).map(|_| time(|| machine.clone()).0).collect();
        let what = format!("clone of {frames} frames, {} nodes counted", machine.clone_cost());
        rows.push((what, show(median(&mut times))));
    }
    rows
}
