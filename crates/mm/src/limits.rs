//! The bounds of a machine. A scenario can come from anyone's link: everything is bounded before it is allocated.

/// Frames of RAM of a machine that a scenario lays out: 16 GiB of 4 KiB pages.
pub const MAX_FRAMES: u32 = 4_194_304;
/// The smallest machine.
pub const MIN_FRAMES: u32 = 64;
/// Frames of a machine that starts from `/proc/buddyinfo` or from a dump: the article's own server has 20 GiB *free*.
pub const MAX_FRAMES_IMPORTED: u32 = 8_388_608;
/// Ops of a scenario, loops unrolled.
pub const MAX_OPS: u32 = 100_000;
/// Actions of one random workload.
pub const MAX_WORKLOAD_ACTIONS: u32 = 1_000_000;
/// Actions of all random workloads of a scenario.
pub const MAX_ACTIONS: u32 = 5_000_000;
/// CPUs of a machine.
pub const MAX_CPUS: usize = 64;
/// NUMA nodes of a machine.
pub const MAX_NODES: u8 = 8;
