//! Contiguous memory areas (mm/cma.c, 6.1): memory that movable pages may use until a device wants it in one piece.
//!
//! - [`place`]: where an area comes to lie at boot;
//! - `machine`: `cma_alloc()` and `cma_release()`, unit by unit;
//! - `contig`: `alloc_contig_range()`, which empties a range of frames;
//! - `leave`: how guests leave it.

mod contig;
mod leave;
pub(crate) mod machine;
pub mod place;

use crate::Machine;
use crate::cow::CowVec;
use crate::hash::{Digest, Digestible};
use crate::machine::Named;
use crate::mmzone::ZoneId;
use crate::op::NameId;
use crate::page::{MigrateType, PageState};
use crate::units::{CpuId, NrPages, Order, Pfn, PfnRange};

/// The most areas that a kernel has (`CONFIG_CMA_AREAS`: 7, one more for the default area).
pub const MAX_AREAS: usize = 8;
/// The largest alignment that may be asked for, as an order: that of the largest block.
pub const MAX_ALIGN: u8 = 10;

/// What is asked of contiguous areas.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CmaOp {
    /// `name = cma_alloc 256 align=8`
    Alloc {
        /// What the buffer is called.
        name: NameId,
        /// Of which area, from 0; none: of the default one.
        area: Option<u8>,
        /// How many pages, at least 1.
        count: u32,
        /// Its first frame is a multiple of so many, as an order.
        align: u8,
        /// The CPU that asks.
        cpu: CpuId,
    },
    /// `name = alloc_contig_range 0x1800 512`
    Range {
        /// What the range is called.
        name: NameId,
        /// Its first frame.
        first: Pfn,
        /// How many pages, at least 1.
        count: u32,
        /// The CPU that asks.
        cpu: CpuId,
    },
    /// `cma_release name`
    Release {
        /// Which buffer.
        name: NameId,
        /// The CPU that gives it back.
        cpu: CpuId,
    },
}

impl CmaOp {
    pub(crate) fn cpu(&self) -> CpuId {
        let (CmaOp::Alloc { cpu, .. } | CmaOp::Range { cpu, .. } | CmaOp::Release { cpu, .. }) = *self;
        cpu
    }

    pub(crate) fn name(&self) -> NameId {
        let (CmaOp::Alloc { name, .. } | CmaOp::Range { name, .. } | CmaOp::Release { name, .. }) = *self;
        name
    }
}

/// An area as the machine boots with it: placed, and aligned to pageblocks (`struct cma`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AreaSpec {
    /// Its frames.
    pub frames: PfnRange,
    /// Devices without an area of their own use it (`dma_contiguous_default_area`).
    pub default: bool,
}

/// An area and which of its pages are handed out.
#[derive(Clone)]
pub struct Area {
    /// Its frames.
    pub frames: PfnRange,
    /// The zone that has all of them.
    pub zone: ZoneId,
    /// Devices without an area of their own use it.
    pub default: bool,
    /// A bit for each page: handed out, or being worked on (`order_per_bit` is 0).
    bitmap: CowVec<u64, 32>,
}

impl Area {
    fn new(spec: &AreaSpec, zone: ZoneId) -> Area {
        let bitmap = CowVec::filled(spec.frames.len().div_ceil(64), 0);
        Area { frames: spec.frames, zone, default: spec.default, bitmap }
    }

    /// Whether the bit of a page is set, counted from the area's first one.
    #[must_use]
    pub fn is_set(&self, page: u32) -> bool {
        self.bitmap.get(page / 64) >> (page % 64) & 1 == 1
    }

    /// How many bits are set.
    #[must_use]
    pub fn used(&self) -> u32 {
        self.bitmap.iter().map(u64::count_ones).sum()
    }

    /// The longest run of bits that are not set (`maxchunk`).
    #[must_use]
    pub fn max_chunk(&self) -> u32 {
        let (mut longest, mut run) = (0, 0);
        for page in 0..self.frames.len() {
            run = if self.is_set(page) { 0 } else { run + 1 };
            longest = longest.max(run);
        }
        longest
    }

    fn set(&mut self, first: u32, count: u32, used: bool) {
        for page in first..first + count {
            let word = self.bitmap.get_mut(page / 64);
            *word = *word & !(1 << (page % 64)) | u64::from(used) << (page % 64);
        }
    }

    /// The first run of so many bits that are not set, from `from` on, whose frame is a multiple of `mask` + 1
    /// (`bitmap_find_next_zero_area_off()`).
    #[must_use]
    pub fn find(&self, from: u32, count: u32, mask: u32) -> Option<u32> {
        let (base, len) = (self.frames.start.0, self.frames.len());
        let mut at = from;
        loop {
            at = (base.checked_add(at)?.checked_add(mask)? & !mask) - base;
            let end = at.checked_add(count).filter(|end| *end <= len)?;
            match (at..end).rev().find(|page| self.is_set(*page)) {
                None => return Some(at),
                Some(set) => at = set + 1,
            }
        }
    }
}

/// Why a range was not had.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Denied {
    /// −EBUSY: this page stays where it is; none: somebody works on its pageblock already.
    Busy(Option<Pfn>),
    /// −ENOMEM: there is no place for the pages that have to leave.
    NoMemory,
    /// −EINVAL: no zone has all of these frames.
    NoZone,
}

/// What the op that runs is at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    /// The bitmap is searched from this bit on.
    Search { from: u32 },
    /// So many pageblocks are isolated: the first, the last, then those between.
    Isolate { done: u32 },
    /// The CPUs give their pages back.
    Drain,
    /// Pages leave, from this frame on; so many of the last ones were tried so often.
    Migrate { next: Pfn },
    /// Is everything free?
    Test,
    /// The pages leave the lists, from the first frame of a free block on.
    Take { outer: Pfn },
    /// Pageblocks become what they were, so many are done; so many had been isolated.
    Undo { next: u32, isolated: u32, denied: Option<Denied> },
    /// So many pages were given back.
    Release { done: u32 },
}

/// The op that runs, all that its next unit needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Work {
    pub(crate) name: NameId,
    pub(crate) cpu: CpuId,
    pub(crate) area: Option<u8>,
    /// The first frame of the range that is tried, or that is given back.
    pub(crate) first: Pfn,
    pub(crate) count: u32,
    /// Its first frame has none of these bits.
    pub(crate) mask: u32,
    pub(crate) phase: Phase,
    /// Why the last range was not had.
    pub(crate) denied: Option<Denied>,
}

impl Work {
    /// The range that is tried, or given back.
    #[must_use]
    pub fn range(&self) -> PfnRange {
        PfnRange::new(self.first.0, self.first.0 + self.count)
    }

    /// The area that it belongs to.
    #[must_use]
    pub fn area(&self) -> Option<u8> {
        self.area
    }

    /// What the buffer is, or will be, called.
    #[must_use]
    pub fn name(&self) -> NameId {
        self.name
    }

    /// Whether it is being given back.
    #[must_use]
    pub fn is_release(&self) -> bool {
        matches!(self.phase, Phase::Release { .. })
    }

    /// Whether the range is only looked for: nothing is done to it yet.
    #[must_use]
    pub fn is_search(&self) -> bool {
        matches!(self.phase, Phase::Search { .. })
    }
}

/// All contiguous areas, and the op that works on them.
#[derive(Clone, Default)]
pub struct Cma {
    pub(crate) areas: Vec<Area>,
    pub(crate) work: Option<Work>,
    /// `cma_alloc_success` and `cma_alloc_fail` of `/proc/vmstat`.
    pub(crate) events: [u64; 2],
}

impl Cma {
    /// The areas, as they were declared.
    #[must_use]
    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    /// The op that runs, between its units.
    #[must_use]
    pub fn work(&self) -> Option<&Work> {
        self.work.as_ref()
    }

    /// How many requests were met, and how many were not.
    #[must_use]
    pub fn events(&self) -> [u64; 2] {
        self.events
    }

    /// The area of this number, or the default one (`dev_get_cma_area()`).
    #[must_use]
    pub fn area(&self, number: Option<u8>) -> Option<(u8, &Area)> {
        let mut all = (0u8..).zip(&self.areas);
        match number {
            Some(number) => all.find(|(at, _)| *at == number),
            None => all.find(|(_, area)| area.default),
        }
    }

    pub(crate) fn digest_of(cma: &Cma) -> u64 {
        let Cma { areas, work, events } = cma;
        let mut d = Digest::default();
        for area in areas {
            let Area { frames, zone: _, default, bitmap } = area;
            d.word(u64::from(frames.start.0) << 32 | u64::from(frames.end.0));
            d.word(u64::from(*default));
            bitmap.digest(&mut d);
        }
        d.word(events[0]);
        d.word(events[1]);
        let Some(Work { name, cpu, area, first, count, mask, phase, denied }) = *work else {
            return d.finish();
        };
        d.word(u64::from(name.0) << 32 | u64::from(cpu.0) << 16 | area.map_or(0, |area| u64::from(area) + 1));
        d.word(u64::from(first.0) << 32 | u64::from(count));
        d.word(u64::from(mask));
        let (tag, a, b) = match phase {
            Phase::Search { from } => (1, from, 0),
            Phase::Isolate { done } => (2, done, 0),
            Phase::Drain => (3, 0, 0),
            Phase::Migrate { next } => (4, next.0, 0),
            Phase::Test => (5, 0, 0),
            Phase::Take { outer } => (6, outer.0, 0),
            Phase::Undo { next, isolated, denied } => {
                digest_denied(denied, &mut d);
                (7, next, isolated)
            }
            Phase::Release { done } => (8, done, 0),
        };
        d.word(tag);
        d.word(u64::from(a) << 32 | u64::from(b));
        digest_denied(denied, &mut d);
        d.finish()
    }
}

fn digest_denied(denied: Option<Denied>, d: &mut Digest) {
    d.word(match denied {
        None => 0,
        Some(Denied::Busy(None)) => 1,
        Some(Denied::NoMemory) => 2,
        Some(Denied::NoZone) => 3,
        Some(Denied::Busy(Some(pfn))) => 4 | u64::from(pfn.0) << 8,
    });
}

impl Machine {
    /// The contiguous areas; none where there are none and nobody has asked for a range.
    #[must_use]
    pub fn cma(&self) -> Option<&Cma> {
        self.cma.as_deref()
    }

    /// Pages of a zone that belong to areas (`cma_pages`).
    #[must_use]
    pub fn cma_pages(&self, zone: ZoneId) -> NrPages {
        let areas = self.cma().map_or(&[][..], Cma::areas);
        NrPages(areas.iter().filter(|area| area.zone == zone).map(|area| u64::from(area.frames.len())).sum())
    }

    /// The laws of contiguous areas: their pageblocks are of their type, or isolated while somebody works on them;
    /// a bit is set exactly for what somebody has, or is being worked on.
    pub(crate) fn check_cma(&self) -> Result<(), String> {
        let Some(cma) = self.cma() else { return Ok(()) };
        let at_work = cma.work.map(|work| work.range());
        let mut handed = Vec::new();
        for name in (0..self.names_len()).map(NameId) {
            let Named::Contig { first, count } = self.named(name) else { continue };
            let range = PfnRange::new(first.0, first.0 + count);
            for pfn in (range.start.0..range.end.0).map(Pfn) {
                let page = self.page(pfn);
                let is_its = page.state == PageState::Allocated
                    && page.order == Order::ZERO
                    && page.owner() == Some(name);
                if !is_its {
                    return Err(format!("{name:?} has frame {pfn}, which is {page:?}"));
                }
            }
            handed.push(range);
        }
        for area in &cma.areas {
            for pfn in
                (area.frames.start.0..area.frames.end.0).step_by(self.pageblock_order().pages() as usize)
            {
                let of = self.pageblock_type(Pfn(pfn));
                if !matches!(of, MigrateType::Cma | MigrateType::Isolate) {
                    return Err(format!("pageblock {pfn} of an area is {of:?}"));
                }
            }
            for page in 0..area.frames.len() {
                let pfn = area.frames.start.plus(page);
                let has = handed.iter().any(|range| range.contains(pfn));
                let works = at_work.is_some_and(|range| range.contains(pfn));
                if area.is_set(page) != has && !works {
                    return Err(format!("frame {pfn}: bit {}, handed out {has}", area.is_set(page)));
                }
            }
        }
        Ok(())
    }
}
