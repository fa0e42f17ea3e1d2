//! All candidates in one process, taking turns; and what came out, as a table.

use std::fmt::Write as _;

use crate::candidate::{Candidate, Runner, Running, Turn};
use crate::engine::Engine;
use crate::floor::Floor;
use crate::mix::{Mix, Stream, stream};
use crate::peers::{Buddy, BuddySlab, BuddySystem, FrameAlloc, Offset};

/// How many frames: 256 MiB and 4 GiB.
pub const FRAMES: [u32; 2] = [65_536, 1_048_576];

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Turns of each candidate; the median counts.
    pub turns: usize,
    /// Requests in a turn.
    pub requests: usize,
    /// Turns of a full sweep.
    pub sweeps: usize,
}

impl Effort {
    /// What the README quotes.
    pub const FULL: Effort = Effort { turns: 15, requests: 1 << 17, sweeps: 5 };
}

fn runner<C: Candidate + 'static>(frames: u32, slots: u32) -> Box<dyn Runner> {
    Box::new(Running::<C>::new(frames, slots))
}

/// Every candidate with so many frames: ours first, then the peers, and last what the rules cost alone.
#[must_use]
pub fn runners(frames: u32, slots: u32) -> Vec<Box<dyn Runner>> {
    let all = [
        runner::<Engine>,
        runner::<BuddySlab>,
        runner::<FrameAlloc>,
        runner::<BuddySystem>,
        runner::<Buddy>,
        runner::<Offset>,
        runner::<Floor>,
    ];
    all.map(|new| new(frames, slots)).into()
}

/// The place of `buddy_system_allocator` among the candidates.
const FRAME_ALLOCATOR: usize = 3;
/// The places of all peers.
const PEERS: std::ops::Range<usize> = 1..6;

/// One line of the table: medians by candidate, in nanoseconds a request.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The sizes of requests.
    pub mix: Mix,
    /// The size of the memory.
    pub frames: u32,
    /// By candidate.
    pub ns: Vec<f64>,
    /// Of a million requests, how many were refused; by candidate.
    pub refused: Vec<f64>,
}

/// Measures one cell; the candidates take turns.
///
/// # Panics
/// When a candidate gives a frame away twice, or not as many as the others.
#[must_use]
pub fn measure(mix: Mix, frames: u32, effort: Effort) -> Cell {
    let mut turns: Vec<Vec<Turn>> = Vec::new();
    if mix == Mix::Sweep {
        let mut all = runners(frames, 0);
        turns.resize(all.len(), Vec::new());
        for _ in 0..effort.sweeps {
            all.iter_mut().zip(&mut turns).for_each(|(runner, turns)| turns.push(runner.sweep()));
        }
    } else {
        let Stream { fill, steady, slots } = stream(mix, frames, effort.turns * effort.requests, 1);
        let mut all = runners(frames, slots);
        all.iter_mut().for_each(|runner| {
            let _ = runner.serve(&fill);
        });
        turns.resize(all.len(), Vec::new());
        for asks in steady.chunks(effort.requests) {
            all.iter_mut().zip(&mut turns).for_each(|(runner, turns)| turns.push(runner.serve(asks)));
        }
        let refused = |turns: &[Turn]| turns.iter().any(|turn| turn.refused > 0);
        let served: Vec<u32> = all
            .iter()
            .zip(&turns)
            .filter(|(_, turns)| !refused(turns))
            .map(|(runner, _)| runner.frames_in_use())
            .collect();
        assert!(served.windows(2).all(|pair| pair[0] == pair[1]), "they do not hold the same: {served:?}");
    }
    let refused = |turns: &[Turn]| {
        let (refused, requests) = turns
            .iter()
            .fold((0.0, 0.0), |(r, n), turn| (r + f64::from(turn.refused), n + f64::from(turn.requests)));
        refused * 1e6 / requests
    };
    Cell {
        mix,
        frames,
        ns: turns.iter().map(|turns| median(turns.iter().map(Turn::ns).collect())).collect(),
        refused: turns.iter().map(|turns| refused(turns)).collect(),
    }
}

/// Measures every cell and writes the table, in Markdown: the one of the README.
#[must_use]
pub fn table(effort: Effort) -> String {
    let cells: Vec<Cell> = FRAMES
        .into_iter()
        .flat_map(|frames| Mix::ALL.map(|mix| (mix, frames)))
        .map(|(mix, frames)| measure(mix, frames, effort))
        .collect();
    let names: Vec<&str> = runners(1024, 0).iter().map(|runner| runner.name()).collect();
    let geometric_means: Vec<f64> =
        (0..names.len()).map(|at| geometric_mean(cells.iter().map(|cell| cell.ns[at]))).collect();
    let mut text = String::new();
    let mut line = |what: &str, values: &[String], note: &str| {
        let values: String = values.iter().map(|value| format!(" {value} |")).collect();
        let _ = writeln!(text, "| {what} |{values} {note} |");
    };
    let ns = |values: &[f64]| values.iter().map(|ns| format!("{ns:.1}")).collect::<Vec<_>>();
    line(
        "ns of CPU a request",
        &names.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "ours / best peer",
    );
    line("---", &vec!["--:".to_string(); names.len()], "--:");
    for cell in &cells {
        let best = cell.ns[PEERS].iter().copied().fold(f64::INFINITY, f64::min);
        let mut note = format!("{:.2}", cell.ns[0] / best);
        if cell.refused.iter().any(|refused| *refused > 0.0) {
            let _ = write!(
                note,
                ", refused of a million:{}",
                cell.refused.iter().map(|n| format!(" {n:.0}")).collect::<String>()
            );
        }
        line(&format!("{}, {} frames", cell.mix.name(), cell.frames), &ns(&cell.ns), &note);
    }
    let best = geometric_means[PEERS].iter().copied().fold(f64::INFINITY, f64::min);
    line("geometric mean", &ns(&geometric_means), &format!("{:.2}", geometric_means[0] / best));
    let worst = cells.iter().map(|cell| cell.ns[0] / cell.ns[FRAME_ALLOCATOR]).fold(0.0, f64::max);
    let ratios: Vec<String> =
        geometric_means.iter().map(|ns| format!("{:.2}", geometric_means[0] / ns)).collect();
    line("ours / theirs", &ratios, &format!("worst cell against {}: {worst:.2}", names[FRAME_ALLOCATOR]));
    for frames in FRAMES {
        let bytes = runners(frames, 0).iter().map(|runner| runner.bytes_a_frame()).collect::<Vec<_>>();
        let bytes: Vec<String> =
            bytes.iter().map(|bytes| bytes.map_or("-".into(), |bytes| format!("{bytes:.2}"))).collect();
        line(&format!("bytes of state a frame, {}", frames), &bytes, "");
    }
    text
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn geometric_mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + value.ln(), count + 1));
    (sum / f64::from(count.max(1))).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_serves_everything_and_gives_no_frame_away_twice() {
        const FRAMES: u32 = 65_536;
        for mix in [Mix::Geometric, Mix::Order0] {
            let Stream { fill, steady, slots } = stream(mix, FRAMES, 20_000, 3);
            for mut runner in runners(FRAMES, slots) {
                let turn = runner.serve(&fill);
                assert_eq!(turn.refused, 0, "{} {mix:?}", runner.name());
                assert!(
                    (FRAMES / 2..FRAMES / 2 + 1024).contains(&runner.frames_in_use()),
                    "{}",
                    runner.name()
                );
                for asks in steady.chunks(4000) {
                    assert_eq!(runner.serve(asks).refused, 0, "{} {mix:?}", runner.name());
                    runner.frames_in_use();
                }
            }
        }
    }

    #[test]
    fn everybody_has_the_same_frames_before_and_after() {
        const FRAMES: u32 = 8192;
        // The rules alone have one zone of several.
        for mut runner in runners(FRAMES, 0).into_iter().take(PEERS.end) {
            let before = runner.capacity();
            // Ours keeps what is below the lowest mark.
            let least = if runner.name() == "mmscope" { FRAMES - FRAMES / 8 } else { FRAMES };
            assert!((least..=FRAMES).contains(&before), "{}: {before}", runner.name());
            let turn = runner.sweep();
            assert!(turn.requests >= 2 * (2 * least - 2 * 11), "{}: {}", runner.name(), turn.requests);
            // And what lies on its CPU's lists of larger blocks.
            let after = runner.capacity();
            assert!((least..=FRAMES).contains(&after), "{}: {after}", runner.name());
        }
    }
}
