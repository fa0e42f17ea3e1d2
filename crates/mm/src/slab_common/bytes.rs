//! The bytes of the kernel's own memory: objects of caches, and blocks of pages (mm/slab.h, mm/slub.c, mm/page_alloc.c,
//! 6.1).
//!
//! Nobody clears them unless it is asked for (`__GFP_ZERO`, `init_on_alloc`): an object has what its last owner left, but
//! for the pointer that SLUB kept in it while it was free.

use super::Objects;
use super::word;
use crate::machine::{Machine, Named};
use crate::op::NameId;
use crate::page::Block;
use crate::process::{ByteRange, Cell};
use crate::slub::Object;
use crate::step::{KmemStep, StepKind, Trace};
use crate::units::PAGE_SIZE;

impl Machine {
    /// The physical address of an object, and its bytes.
    pub(super) fn object_at(&self, cache: NameId, object: Object) -> Option<(u64, u64)> {
        let of = self.kmem().cache_of(cache)?;
        let start = u64::from(object.slab.0) * PAGE_SIZE + u64::from(of.place(object));
        Some((start, u64::from(of.args().object_size)))
    }

    /// Where SLUB keeps the pointer to the next free object while this one is free, and its bytes.
    pub(super) fn free_pointer(&self, cache: NameId, object: Object) -> Option<(u64, u64)> {
        let of = self.kmem().cache_of(cache)?;
        let Objects::Slub(slub) = &of.objects else { return None };
        let (start, _) = self.object_at(cache, object)?;
        Some((start + u64::from(slub.geometry().offset), u64::from(word(self.settings().arch))))
    }

    pub(super) fn kernel_writes(&mut self, address: u64, bytes: u64, cell: Cell) {
        self.procs().kernel_writes(address, bytes, cell);
    }

    /// Where the memory of a name lies, and its bytes: an object's, or a block's.
    fn memory_of(&self, name: NameId) -> Option<(u64, u64)> {
        match self.named(name) {
            Named::Object { cache, object } => self.object_at(cache, object),
            Named::Block(Block { pfn, order }) => {
                Some((u64::from(pfn.0) * PAGE_SIZE, u64::from(order.pages()) * PAGE_SIZE))
            }
            _ => None,
        }
    }

    /// Whether a name stands for memory of the kernel's own.
    pub(crate) fn is_kernel_memory(&self, name: NameId) -> bool {
        matches!(self.named(name), Named::Object { .. } | Named::Block(_))
    }

    /// Every object was free once, so the pointer is in it unless somebody has written there.
    fn knows_free_pointer(&mut self, name: NameId) {
        if let Named::Object { cache, object } = self.named(name)
            && let Some((address, bytes)) = self.free_pointer(cache, object)
            && self.processes().cell_at(address) == Cell::Unsaid
        {
            self.kernel_writes(address, bytes, Cell::FreePointer);
        }
    }

    /// What somebody left in what was just handed out.
    pub(super) fn told_holds(&mut self, t: &mut Trace<'_>, name: NameId) {
        let Some((address, bytes)) = self.memory_of(name) else { return };
        if !self.processes().knows_bytes_at(address, bytes) {
            return;
        }
        self.knows_free_pointer(name);
        let holds = self.processes().kernel_window(address, bytes);
        if holds.runs().iter().any(|(_, cell)| matches!(cell, Cell::Byte(1..))) {
            t.emit(self, StepKind::Kmem(KmemStep::Holds { name, holds }));
        }
    }

    /// A block was handed out: it is cleared if that is asked for (`post_alloc_hook()`), and else it has what was there.
    pub(crate) fn handed(&mut self, t: &mut Trace<'_>, name: NameId, zero: bool) {
        if zero || self.kmem_config().init_on_alloc {
            if let Some((address, bytes)) = self.memory_of(name) {
                self.kernel_writes(address, bytes, Cell::Byte(0));
            }
        } else {
            self.told_holds(t, name);
        }
    }

    /// The part of a name's memory that a range means.
    fn part_of(&self, name: NameId, range: Option<ByteRange>) -> Option<(u64, u64)> {
        let (address, bytes) = self.memory_of(name)?;
        let (from, to) = range.map_or((0, bytes), |range| (range.from.min(bytes), range.to.min(bytes)));
        Some((address + from, to - from))
    }

    /// `memset o 0x41`: bytes of an object or a block become the same.
    pub(crate) fn kernel_memset(
        &mut self,
        t: &mut Trace<'_>,
        name: NameId,
        range: Option<ByteRange>,
        value: u8,
    ) {
        self.knows_free_pointer(name);
        let Some((address, bytes)) = self.part_of(name, range) else { return };
        self.procs().looks_at_kernel();
        self.procs().fill_frames(address, bytes, value);
        t.emit(self, StepKind::Kmem(KmemStep::Filled { name, address, bytes, value }));
    }

    /// `hexdump o`: what lies there is told.
    pub(crate) fn kernel_hexdump(&mut self, t: &mut Trace<'_>, name: NameId, range: Option<ByteRange>) {
        self.knows_free_pointer(name);
        let Some((address, bytes)) = self.part_of(name, range) else { return };
        self.procs().looks_at_kernel();
        let holds = self.processes().kernel_window(address, bytes);
        t.emit(self, StepKind::Kmem(KmemStep::Dumped { name, address, bytes, holds }));
    }
}
