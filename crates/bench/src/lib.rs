//! What one allocation or free costs: the engine beside other allocators of frames, over the same requests.
//!
//! - `mix`: the requests, made before anything is measured;
//! - `candidate`: what an allocator has to do to take part, and how it is run;
//! - `engine`: ours, with zones, migratetypes, watermarks and per-CPU lists on, and nobody looking on;
//! - `peers`: the others;
//! - `floor`: what the engine's rules cost in bare arrays;
//! - `objects`: small pieces of memory: `kmalloc()` beside allocators of those;
//! - `accesses`: addresses that a process uses, beside a floor;
//! - `replacement`: which page goes, beside caches that keep what was used last;
//! - `compaction`: pages that move together, beside copying them alone;
//! - `table`: rounds in which all take turns, and what came out.
//!
//! Times are those of the thread on its CPU, and medians of many turns: the machine that measures is shared, and not the
//! same from one minute to the next.

pub mod accesses;
pub mod candidate;
pub mod compaction;
pub mod engine;
pub mod floor;
pub mod mix;
pub mod objects;
pub mod peers;
pub mod replacement;
pub mod table;

/// Where there are no other threads, as in WebAssembly, all the time that goes by is this one's.
#[cfg(not(unix))]
use std::time::Instant as ThreadTime;

#[cfg(unix)]
use cpu_time::ThreadTime;

/// How long this thread takes on its CPU for something, and what it gives. To ask takes longer than a request does.
pub fn cpu_time<R>(what: impl FnOnce() -> R) -> (std::time::Duration, R) {
    let start = ThreadTime::now();
    let result = std::hint::black_box(what());
    (start.elapsed(), result)
}
