//! What a text says of caches: `caches skylake`, `caches l1d=32K/8 l2=256K/4 l3=8M/16`.

use std::fmt;

use mm::hierarchy::{Caches, Cycles, Disk, Geometry, Preset};
use mm::process::{Access, Pattern, Scan};

use crate::kmem::Size;
use crate::process::ACCESSES;

/// A line about the caches of the processor. What it does not say is as its preset has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CachesLine {
    /// A known processor; none: said by the line alone.
    pub preset: Option<Preset>,
    /// L1d, L1i, L2 and L3.
    pub sizes: [Option<Geometry>; 4],
    /// How long each level takes, in cycles.
    pub cycles: Option<Cycles>,
    /// The clock in MHz.
    pub mhz: Option<u32>,
    /// What is below memory.
    pub disk: Option<Disk>,
}

/// The words for the sizes.
pub(crate) const SIZES: [&str; 4] = ["l1d", "l1i", "l2", "l3"];

/// The words for what is below memory.
pub(crate) const DISKS: [(&str, Disk); 2] = [("ssd", Disk::Ssd), ("hdd", Disk::Hdd)];

/// The words for patterns; the last two have a number behind them.
pub(crate) const PATTERNS: [&str; 4] = ["row", "column", "stride", "random"];

impl CachesLine {
    /// The caches that it means.
    #[must_use]
    pub fn caches(&self) -> Caches {
        let of = Caches::of(self.preset.unwrap_or_default());
        let [l1d, l1i, l2, l3] = self.sizes;
        Caches {
            preset: of.preset,
            l1d: l1d.unwrap_or(of.l1d),
            l1i: l1i.unwrap_or(of.l1i),
            l2: l2.unwrap_or(of.l2),
            l3: l3.unwrap_or(of.l3),
            cycles: self.cycles.unwrap_or(of.cycles),
            mhz: self.mhz.unwrap_or(of.mhz),
            disk: self.disk.unwrap_or(of.disk),
        }
    }
}

impl fmt::Display for CachesLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("caches")?;
        if let Some(preset) = self.preset {
            write!(f, " {}", preset.name())?;
        }
        for (word, size) in SIZES.into_iter().zip(self.sizes) {
            if let Some(Geometry { bytes, ways }) = size {
                write!(f, " {word}={}/{ways}", Size(u64::from(bytes)))?;
            }
        }
        if let Some(Cycles { l1, l2, l3, dram }) = self.cycles {
            write!(f, " cycles={l1}/{l2}/{l3}/{dram}")?;
        }
        if let Some(mhz) = self.mhz {
            write!(f, " mhz={mhz}")?;
        }
        match self.disk.and_then(|disk| DISKS.into_iter().find(|(_, of)| *of == disk)) {
            Some((word, _)) => write!(f, " disk={word}"),
            None => Ok(()),
        }
    }
}

/// ` row 64x64`, ` stride=64`: the order in which words are asked for.
pub(crate) fn pattern(pattern: Pattern) -> String {
    match pattern {
        Pattern::Rows { rows, columns } => format!("row {rows}x{columns}"),
        Pattern::Columns { rows, columns } => format!("column {rows}x{columns}"),
        Pattern::Stride { bytes } => format!("stride={}", Size(bytes)),
        Pattern::Random { count } => format!("random count={count}"),
    }
}

/// ` write elem=4 times=2`: what is not as it usually is.
pub(crate) fn options(scan: &Scan) -> String {
    let mut out = String::new();
    if scan.access != Access::Read
        && let Some((word, _)) = ACCESSES.into_iter().find(|(_, of)| *of == scan.access)
    {
        out += &format!(" {word}");
    }
    if scan.elem != Scan::ELEM {
        out += &format!(" elem={}", Size(u64::from(scan.elem)));
    }
    if scan.times != 1 {
        out += &format!(" times={}", scan.times);
    }
    out
}
