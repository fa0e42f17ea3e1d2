//! Guests leave a range (`__alloc_contig_migrate_range()`, mm/page_alloc.c, 6.1): up to 32 of them at a time.

use super::{Denied, Phase, Work};
use crate::Machine;
use crate::gfp::GfpFlags;
use crate::machine::UnitEnd;
use crate::migrate::Stays;
use crate::mmzone::ZoneKind;
use crate::op::PageKind;
use crate::page::PageState;
use crate::reclaim::LruFlags;
use crate::step::{CmaStep, StepKind, Trace};
use crate::units::{CpuId, Order, Pfn};

/// Pages that leave in one round (`COMPACT_CLUSTER_MAX`).
const CLUSTER: usize = 32;

/// What became of a guest.
enum Fate {
    Moved(Pfn),
    Stays,
    NoMemory,
}

impl Machine {
    /// What waits for a list goes there: it could not be isolated otherwise (`lru_cache_disable()`).
    pub(super) fn contig_prepare(&mut self) {
        self.lru_add_drain_all(&mut Trace::unseen());
    }

    /// The next guests leave, from this frame on.
    pub(super) fn contig_migrate(&mut self, t: &mut Trace<'_>, work: Work, next: Pfn) -> UnitEnd {
        let end = work.range().end;
        let (mut guests, mut pfn) = (Vec::new(), next);
        while pfn < end && guests.len() < CLUSTER {
            let block = self.block_of(pfn);
            if self.page(pfn).state == PageState::Allocated {
                if self.is_clean_file_page(pfn) {
                    self.reclaim_pages(&mut Trace::unseen(), &[pfn], work.cpu);
                }
                if self.page(pfn).state != PageState::Allocated {
                    t.emit(self, StepKind::Cma(CmaStep::Dropped { page: pfn }));
                    pfn = pfn.plus(1);
                    continue;
                }
                match self.isolate_movable(pfn) {
                    Ok(()) => guests.push(pfn),
                    Err(Stays::Pinned) => {
                        t.emit(self, StepKind::Cma(CmaStep::Stays { page: pfn, no_memory: false }));
                    }
                    Err(_) => {}
                }
            }
            pfn = block.map_or(pfn, |block| block.last()).plus(1);
        }
        let reached = pfn.min(end);
        let mut moved = 0;
        for (at, guest) in guests.iter().enumerate() {
            match self.guest_leaves(work.cpu, *guest) {
                Fate::Moved(to) => {
                    moved += 1;
                    t.emit(self, StepKind::Cma(CmaStep::Moved { from: *guest, to }));
                }
                Fate::Stays => {
                    self.putback_movable([*guest]);
                    t.emit(self, StepKind::Cma(CmaStep::Stays { page: *guest, no_memory: false }));
                }
                Fate::NoMemory => {
                    self.putback_movable(guests[at..].iter().copied());
                    let phase = self.undo_all(&work, Some(Denied::NoMemory));
                    let end = self.goes_to(work, phase);
                    t.emit(self, StepKind::Cma(CmaStep::Stays { page: *guest, no_memory: true }));
                    return end;
                }
            }
        }
        let phase = if reached == end { Phase::Test } else { Phase::Migrate { next: reached } };
        let end = self.goes_to(work, phase);
        t.emit(self, StepKind::Cma(CmaStep::Emptied { from: next, to: reached, moved }));
        end
    }

    /// Whether the page is a file's and is on the disk as it is: nobody has to keep it
    /// (`reclaim_clean_pages_from_list()`).
    fn is_clean_file_page(&self, pfn: Pfn) -> bool {
        let mapped = self.processes.mapped(pfn);
        let of_file = mapped.file().and_then(|(file, _)| self.processes.file(file));
        let Some(flags) = self.reclaim().map(|reclaim| reclaim.page(pfn).flags) else { return false };
        of_file.is_some_and(|file| !file.shmem)
            && flags.has(LruFlags::LRU)
            && !flags.has(LruFlags::UNEVICTABLE)
            && !flags.has(LruFlags::WRITEBACK)
            && !mapped.dirty
            && !self.is_pinned(pfn)
    }

    /// One guest moves to a page outside (`alloc_migration_target()`).
    fn guest_leaves(&mut self, cpu: CpuId, guest: Pfn) -> Fate {
        let usual = GfpFlags::GFP_USER | GfpFlags::MOVABLE | GfpFlags::RETRY_MAYFAIL;
        let kind = self.zone_of(guest).map(|zone| self.zone(zone).kind);
        let high = matches!(kind, Some(ZoneKind::HighMem | ZoneKind::Movable));
        let gfp = if high { usual | GfpFlags::HIGHMEM } else { usual };
        let mut found = None;
        let done = self.migrate_pages(&mut Trace::unseen(), cpu, &[guest], |machine, t, _| {
            let (zone, block) = machine.alloc_block(t, cpu, Order::ZERO, gfp)?;
            machine.hand_over_unnamed(t, zone, block, PageKind::Movable);
            found = Some(block.pfn);
            found
        });
        match (done.moved, found) {
            (1, Some(to)) => Fate::Moved(to),
            (_, None) => Fate::NoMemory,
            _ => {
                for pfn in done.unused {
                    let block = crate::page::Block { pfn, order: Order::ZERO };
                    self.free_pages(&mut Trace::unseen(), cpu, None, block);
                }
                Fate::Stays
            }
        }
    }
}
