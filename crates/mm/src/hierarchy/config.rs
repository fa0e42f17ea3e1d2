//! What the caches of a processor are: sizes, ways and how long each level takes.
//!
//! Times are cycles of the processor's clock. The figures of the presets are those of the makers' manuals and of published
//! measurements (facts 17): Intel's optimization manual for Skylake, AnandTech 11544 for Skylake-SP, 7-cpu.com for Zen 2.

use crate::cache::{MAX_WAYS, Shape};

/// Bytes of a line.
pub const LINE: u32 = 64;

/// The most bytes of a level-1 cache, of a level-2 cache and of the level-3 cache.
pub const MOST_BYTES: [u32; 3] = [1 << 20, 8 << 20, 64 << 20];

/// A processor whose caches are known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub enum Preset {
    /// Intel Skylake for desktops: four cores, 8 MiB of level 3, inclusive.
    #[default]
    Skylake,
    /// Intel Skylake-SP for servers: 16 cores with 1.375 MiB of level 3 each.
    SkylakeSp,
    /// AMD Zen 2: four cores with 16 MiB of level 3.
    Zen2,
}

impl Preset {
    /// All of them.
    pub const ALL: [Preset; 3] = [Preset::Skylake, Preset::SkylakeSp, Preset::Zen2];

    /// The name as a person writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Preset::Skylake => "skylake",
            Preset::SkylakeSp => "skylake-sp",
            Preset::Zen2 => "zen2",
        }
    }
}

/// Size and ways of a cache; its lines have [`LINE`] bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Geometry {
    /// Bytes.
    pub bytes: u32,
    /// Lines of a set.
    pub ways: u8,
}

impl Geometry {
    /// So many bytes and ways, if sets of that size can be told apart by bits of an address: their number is a power of
    /// two.
    #[must_use]
    pub fn new(bytes: u64, ways: u64) -> Option<Geometry> {
        let of_set = ways.checked_mul(u64::from(LINE)).filter(|of_set| *of_set > 0)?;
        let is_whole = bytes.is_multiple_of(of_set) && (bytes / of_set).is_power_of_two();
        let ways = u8::try_from(ways).ok().filter(|ways| u32::from(*ways) <= MAX_WAYS)?;
        is_whole.then_some(Geometry { bytes: u32::try_from(bytes).ok()?, ways })
    }

    /// How many sets.
    #[must_use]
    pub fn sets(self) -> u32 {
        self.bytes / LINE / u32::from(self.ways)
    }

    /// As a cache.
    #[must_use]
    pub fn shape(self) -> Shape {
        Shape { line: LINE, sets: self.sets(), ways: u32::from(self.ways) }
    }
}

/// What the last level is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub enum Disk {
    /// A solid-state drive (NVMe): 100 µs for 4 KiB.
    #[default]
    Ssd,
    /// A hard disk of 7,200 revolutions a minute: 10 ms, of which half a turn is 4.17 ms.
    Hdd,
}

/// Cycles that it takes to look in a level, beyond those for the levels before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Cycles {
    /// Level 1.
    pub l1: u32,
    /// Level 2.
    pub l2: u32,
    /// Level 3.
    pub l3: u32,
    /// Memory.
    pub dram: u32,
}

/// The levels of a machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Caches {
    /// Where the figures come from that nobody has said.
    pub preset: Preset,
    /// Data, level 1, one for each CPU.
    pub l1d: Geometry,
    /// Instructions, level 1, one for each CPU.
    pub l1i: Geometry,
    /// Level 2, one for each CPU.
    pub l2: Geometry,
    /// Level 3, one for all.
    pub l3: Geometry,
    /// How long each takes.
    pub cycles: Cycles,
    /// The clock, in MHz: what a cycle is in nanoseconds.
    pub mhz: u32,
    /// What is below memory.
    pub disk: Disk,
}

impl Default for Caches {
    fn default() -> Caches {
        Caches::of(Preset::default())
    }
}

impl Caches {
    /// The caches of a known processor.
    #[must_use]
    pub fn of(preset: Preset) -> Caches {
        let of = |kib: u32, ways: u8| Geometry { bytes: kib << 10, ways };
        let (l1d, l1i) = (of(32, 8), of(32, 8));
        let (l2, l3, cycles, mhz) = match preset {
            // DRAM: 80 ns.
            Preset::Skylake => {
                (of(256, 4), of(8 << 10, 16), Cycles { l1: 4, l2: 12, l3: 44, dram: 320 }, 4000)
            }
            // Level 3: 25 ns; DRAM: 90 ns.
            Preset::SkylakeSp => {
                (of(1 << 10, 16), of(22 << 10, 11), Cycles { l1: 4, l2: 14, l3: 62, dram: 225 }, 2500)
            }
            // DRAM: 96 ns.
            Preset::Zen2 => (of(512, 8), of(16 << 10, 16), Cycles { l1: 4, l2: 12, l3: 39, dram: 336 }, 3500),
        };
        Caches { preset, l1d, l1i, l2, l3, cycles, mhz, disk: Disk::default() }
    }

    /// Cycles that a read from a disk takes.
    #[must_use]
    pub fn disk_cycles(&self, disk: Disk) -> u64 {
        let micros: u64 = match disk {
            Disk::Ssd => 100,
            Disk::Hdd => 10_000,
        };
        micros * u64::from(self.mhz)
    }

    /// So many cycles in picoseconds.
    #[must_use]
    pub fn picoseconds(&self, cycles: u64) -> u64 {
        let ps = u128::from(cycles) * 1_000_000 / u128::from(self.mhz.max(1));
        u64::try_from(ps).unwrap_or(u64::MAX)
    }
}
