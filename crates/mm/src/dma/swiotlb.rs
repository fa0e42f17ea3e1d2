//! Bounce buffers (kernel/dma/swiotlb.c, 6.1): memory that was kept low at boot, in slots of 2 KiB. What a device does not
//! reach is copied there, and back.

use crate::hash::Digest;
use crate::units::{CpuId, PAGE_SIZE, PfnRange};

/// Bytes of a slot (`IO_TLB_SIZE`).
pub const IO_TLB_SIZE: u32 = 2048;
/// Slots of a segment; a mapping lies in one (`IO_TLB_SEGSIZE`).
pub const IO_TLB_SEGSIZE: u32 = 128;
/// The fewest slots (`IO_TLB_MIN_SLABS`): 1 MiB.
pub const IO_TLB_MIN_SLABS: u32 = 512;
/// Its size unless the command line says another one, in bytes (`IO_TLB_DEFAULT_SIZE`).
pub const IO_TLB_DEFAULT_SIZE: u64 = 64 << 20;
/// The most bytes of it here: 256 MiB.
pub const MAX_SWIOTLB: u64 = 256 << 20;

/// The pool (`struct io_tlb_mem`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Swiotlb {
    /// Its frames.
    pub frames: PfnRange,
    /// A bit for each slot that is in use.
    bits: Vec<u64>,
    /// Where the search in each area goes on, counted from its first slot (`struct io_tlb_area`).
    index: Vec<u32>,
}

/// How many slots so many bytes need (`nr_slots()`).
#[must_use]
pub fn slots_of(bytes: u32) -> u32 {
    bytes.div_ceil(IO_TLB_SIZE)
}

impl Swiotlb {
    /// All slots are free; each CPU searches its own area first (`swiotlb_init_remap()`, `limit_nareas()`).
    pub(super) fn new(frames: PfnRange, cpus: u32) -> Swiotlb {
        let slots = frames.len() * (PAGE_SIZE as u32 / IO_TLB_SIZE);
        let areas = cpus.max(1).next_power_of_two().min(slots / IO_TLB_SEGSIZE).max(1);
        Swiotlb { frames, bits: vec![0; slots.div_ceil(64) as usize], index: vec![0; areas as usize] }
    }

    /// How many slots there are.
    #[must_use]
    pub fn slots(&self) -> u32 {
        self.frames.len() * (PAGE_SIZE as u32 / IO_TLB_SIZE)
    }

    /// How many are in use.
    #[must_use]
    pub fn used(&self) -> u32 {
        self.bits.iter().map(|word| word.count_ones()).sum()
    }

    /// How many areas there are, each with as many slots.
    #[must_use]
    pub fn areas(&self) -> u32 {
        self.index.len() as u32
    }

    /// Whether a slot is in use.
    #[must_use]
    pub fn is_used(&self, slot: u32) -> bool {
        self.bits.get((slot / 64) as usize).is_some_and(|word| word >> (slot % 64) & 1 == 1)
    }

    /// The physical address of a slot.
    #[must_use]
    pub fn address(&self, slot: u32) -> u64 {
        u64::from(self.frames.start.0) * PAGE_SIZE + u64::from(slot) * u64::from(IO_TLB_SIZE)
    }

    /// The longest run of free slots in one segment: what can still be had at once.
    #[must_use]
    pub fn largest(&self) -> u32 {
        let (mut most, mut run) = (0, 0);
        for slot in 0..self.slots() {
            if slot.is_multiple_of(IO_TLB_SEGSIZE) {
                run = 0;
            }
            run = if self.is_used(slot) { 0 } else { run + 1 };
            most = most.max(run);
        }
        most
    }

    fn set(&mut self, first: u32, slots: u32, used: bool) {
        for slot in first..first + slots {
            if let Some(word) = self.bits.get_mut((slot / 64) as usize) {
                *word = *word & !(1 << (slot % 64)) | u64::from(used) << (slot % 64);
            }
        }
    }

    /// Slots side by side in one segment, from where the last search ended on; the CPU's own area first. They are in use
    /// then (`swiotlb_find_slots()`, `swiotlb_do_find_slots()`).
    pub(super) fn take(&mut self, cpu: CpuId, bytes: u32) -> Option<u32> {
        let areas = self.areas();
        let of_cpu = u32::from(cpu.0) & (areas - 1);
        (0..areas).find_map(|at| self.take_in((of_cpu + at) % areas, bytes))
    }

    fn take_in(&mut self, area: u32, bytes: u32) -> Option<u32> {
        let (each, slots) = (self.slots() / self.areas(), slots_of(bytes));
        let base = area * each;
        // Whoever wants a page or more gets whole pages.
        let stride = if u64::from(bytes) >= PAGE_SIZE { PAGE_SIZE as u32 / IO_TLB_SIZE } else { 1 };
        let wrap = |index: u32| if index >= each { 0 } else { index };
        let start = wrap(self.index.get(area as usize)?.next_multiple_of(stride));
        let mut index = start;
        loop {
            let slot = base + index;
            let in_segment = slot % IO_TLB_SEGSIZE + slots <= IO_TLB_SEGSIZE;
            if in_segment && !(slot..slot + slots).any(|slot| self.is_used(slot)) {
                self.set(slot, slots, true);
                self.index[area as usize] = wrap(index + slots);
                return Some(slot);
            }
            index = wrap(index + stride);
            if index == start {
                return None;
            }
        }
    }

    /// They are free again (`swiotlb_release_slots()`).
    pub(super) fn give_back(&mut self, first: u32, slots: u32) {
        self.set(first, slots, false);
    }

    pub(super) fn digest(&self, to: &mut Digest) {
        let Swiotlb { frames, bits, index } = self;
        to.word(u64::from(frames.start.0) << 32 | u64::from(frames.end.0));
        bits.iter().for_each(|word| to.word(*word));
        index.iter().for_each(|at| to.word(u64::from(*at)));
    }
}
