//! Which page goes when a frame is needed: the engine's page cache with its lists, reclaim and shadows beside caches that
//! keep what was used last, over the same references and in turns.
//!
//! The engine reads one page of a file with each reference; the file is four times as large as memory. Its lists, kswapd,
//! watermarks, per-CPU lists and shadows are those of every scenario. The others have as many places as the machine has
//! frames, and keep a number for each page. "The rules alone" are the engine's in bare arrays (`floor`).

use std::fmt::Write as _;
use std::num::NonZeroUsize;

use mm::op::{FileOp, NameId, Op, ProcessOp};
use mm::reclaim::{FileAdvice, ReclaimConfig};
use mm::{Config, CpuId, Machine, UnitEnd};

use crate::accesses::zipf;
use crate::cpu_time;
use crate::floor::Cache;

/// Frames of the machine, and places of the caches.
pub const FRAMES: u32 = 65_536;
/// Pages of the file.
pub const PAGES: u32 = 4 * FRAMES;
const FILE: NameId = NameId(0);

/// Who takes part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Peer {
    /// The engine.
    Mmscope,
    /// The crate `lru`: a hash table and a list of boxes.
    Lru,
    /// The crate `hashlink`: a hash table whose entries are linked.
    Hashlink,
    /// The crate `clru`: the same with a list in a vector.
    Clru,
    /// The engine's rules in bare arrays.
    Rules,
}

impl Peer {
    /// All of them.
    pub const ALL: [Peer; 5] = [Peer::Mmscope, Peer::Lru, Peer::Hashlink, Peer::Clru, Peer::Rules];

    /// Its name in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Peer::Mmscope => "mmscope",
            Peer::Lru => "lru",
            Peer::Hashlink => "hashlink",
            Peer::Clru => "clru",
            Peer::Rules => "the rules alone",
        }
    }
}

/// A machine that has one zone and a file, all of it on the disk, of which nothing is read ahead.
fn engine(frames: u32, pages: u32) -> Machine {
    let reclaim = Some(ReclaimConfig::default());
    let config = Config { pcp: true, watermarks: true, reclaim, ..Config::single_zone(frames) };
    let mut machine = Machine::boot(&config).expect("it boots");
    let cpu = CpuId(0);
    for op in [
        Op::Process(ProcessOp::File { name: FILE, bytes: u64::from(pages) * 4096, cached: 0, cpu }),
        Op::File(FileOp::Advise { file: FILE, advice: FileAdvice::Random }),
    ] {
        while machine.run_unit_unseen(&op) == UnitEnd::More {}
    }
    machine.flatten();
    machine
}

/// Runs the references once, each cache with the hash function that it comes with: nanoseconds of CPU each, and how many missed.
#[must_use]
pub fn run(peer: Peer, frames: u32, pages: u32, references: &[u32]) -> (f64, u64) {
    let places = NonZeroUsize::new(frames as usize).unwrap_or(NonZeroUsize::MIN);
    // What each does with a page: whether it was there.
    macro_rules! cache {
        ($cache:expr, $insert:ident) => {{
            let mut cache = $cache;
            cpu_time(|| {
                let mut missed = 0;
                for page in references {
                    if cache.get(page).is_none() {
                        missed += 1;
                        cache.$insert(*page, *page);
                    }
                }
                missed
            })
        }};
    }
    let (time, missed) = match peer {
        Peer::Mmscope => {
            let mut machine = engine(frames, pages);
            let (time, (read, missed)) =
                cpu_time(|| machine.read_pages_unseen(FILE, CpuId(0), references.iter().copied()));
            assert_eq!(read, references.len() as u64, "memory never runs out");
            (time, missed)
        }
        Peer::Lru => cache!(lru::LruCache::new(places), put),
        Peer::Hashlink => cache!(hashlink::LruCache::new(places.get()), insert),
        Peer::Clru => cache!(clru::CLruCache::new(places), put),
        Peer::Rules => {
            let mut cache = Cache::new(&engine(frames, pages), pages);
            cpu_time(|| references.iter().map(|page| u64::from(!cache.read(*page))).sum())
        }
    };
    (time.as_nanos() as f64 / references.len() as f64, missed)
}

/// Measures all of them in turns and writes the table, in Markdown.
#[must_use]
pub fn table(turns: usize, references: usize) -> String {
    let pages = zipf(PAGES, references, 11);
    let mut times: [Vec<f64>; Peer::ALL.len()] = Default::default();
    let mut misses = [0; Peer::ALL.len()];
    for _ in 0..turns {
        for (at, peer) in Peer::ALL.into_iter().enumerate() {
            let (time, missed) = run(peer, FRAMES, PAGES, &pages);
            times[at].push(time);
            misses[at] = missed;
        }
    }
    let mut text =
        String::from("| page replacement | ns of CPU a reference | misses |\n| --- | --: | --: |\n");
    for (at, peer) in Peer::ALL.into_iter().enumerate() {
        times[at].sort_by(f64::total_cmp);
        let share = 100.0 * misses[at] as f64 / references as f64;
        let _ = writeln!(text, "| {} | {:.1} | {share:.1} % |", peer.name(), times[at][turns / 2]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The caches miss the same pages, the engine about as many: it holds a little less, and knows better what to keep.
    #[test]
    fn all_read_the_same() {
        let references = zipf(16_384, 100_000, 3);
        let [ours, peers @ .., rules] = Peer::ALL.map(|peer| run(peer, 4096, 16_384, &references).1);
        assert!(peers.iter().all(|misses| *misses == peers[0]), "{peers:?}");
        assert_eq!(ours, rules);
        assert!(ours > peers[0] / 2 && ours < 2 * peers[0], "{ours} {}", peers[0]);
        let machine = {
            let mut machine = engine(4096, 16_384);
            machine.read_pages_unseen(FILE, CpuId(0), references.iter().copied());
            machine
        };
        assert_eq!(machine.check(), Ok(()));
    }

    /// The engine misses the same pages, from the first reference to the last, and puts them into the same frames.
    #[test]
    fn the_rules_alone_decide_as_the_engine_does() {
        for (frames, n) in [(4096, 300_000), (FRAMES, 800_000)] {
            let pages = 4 * frames;
            let mut machine = engine(frames, pages);
            let mut cache = Cache::new(&machine, pages);
            for (at, page) in zipf(pages, n, 7).into_iter().enumerate() {
                let missed = machine.read_pages_unseen(FILE, CpuId(0), [page]).1;
                assert_eq!(cache.read(page), missed == 0, "{frames} frames, reference {at}");
                let file = machine.processes().file_of(FILE).and_then(|file| machine.processes().file(file));
                let frame = file.and_then(|file| file.cached(page));
                assert_eq!(cache.frame(page), frame.map(|pfn| pfn.0), "{frames} frames, reference {at}");
            }
        }
    }
}
