//! The laws of groups, which hold at every step.

use super::super::lruvec::Lru;
use super::{GroupId, Reclaim};
use crate::Machine;
use crate::op::NameId;
use crate::page::PageState;
use crate::units::{CpuId, Pfn};
use crate::xarray::SwapEntry;

impl Machine {
    /// What each group has is what is charged to it, and no more than it may; whatever is charged is in use.
    ///
    /// # Errors
    /// The first law that does not hold.
    pub(in crate::reclaim) fn check_groups(&self, reclaim: &Reclaim) -> Result<(), String> {
        let ids: Vec<GroupId> = reclaim.group_ids().skip(1).collect();
        let mut frames = vec![[0u64; 2]; ids.len() + 1];
        for pfn in (0..self.end().0).map(Pfn) {
            let group = reclaim.group_of(pfn);
            if group.is_root() {
                continue;
            }
            let Some(of) = frames.get_mut(usize::from(group.raw())) else {
                return Err(format!("frame {pfn} is charged to {group:?}, which there is not"));
            };
            let block =
                self.block_of(pfn).map(|block| (self.page(block.pfn).state, self.page(block.pfn).owner()));
            let Some((PageState::Allocated, owner)) = block else {
                return Err(format!("frame {pfn} is charged to {group:?}, and nobody has it: {block:?}"));
            };
            of[0] += 1;
            of[1] += u64::from(owner == Some(NameId::PAGE_TABLE));
        }
        let mut slots = vec![0u64; ids.len() + 1];
        for (at, area) in (0u8..).zip(reclaim.areas()) {
            for offset in 1..area.pages {
                let group = reclaim.group_of_swap(SwapEntry { area: at, offset });
                let in_use = area.count(offset) > 0 || area.has_cache(offset);
                if !group.is_root() && !in_use {
                    return Err(format!(
                        "slot {offset} of area {at} is charged to {group:?}, and is nobody's"
                    ));
                }
                slots[usize::from(group.raw())] += 1;
            }
        }
        for id in ids {
            let Some(group) = reclaim.group(id) else { continue };
            let ahead = (0..self.cpus()).map(CpuId).map(|cpu| reclaim.charged_ahead(cpu));
            let ahead: u64 = ahead.filter(|(of, _)| *of == id).map(|(_, pages)| u64::from(pages)).sum();
            let [charged, kernel] = frames[usize::from(id.raw())];
            if group.memory.usage != charged + ahead {
                let usage = group.memory.usage;
                return Err(format!("{id:?} has {usage} pages, and {charged} and {ahead} ahead are charged"));
            }
            // Only a limit that was lowered lets a group have more than it may (nothing is charged by force here).
            if group.memory.usage > group.memory.max.unwrap_or(u64::MAX).max(group.lowered_at) {
                return Err(format!("{id:?} has more than it may: {:?}", group.memory));
            }
            if group.kmem != kernel {
                return Err(format!("{id:?} has {} pages of the kernel's, not {kernel}", group.kmem));
            }
            if group.swap.usage != slots[usize::from(id.raw())] {
                let (usage, counted) = (group.swap.usage, slots[usize::from(id.raw())]);
                return Err(format!("{id:?} has {usage} slots, and {counted} are charged"));
            }
            for lru in Lru::ALL {
                let on_zones: u64 = self.zone_ids().map(|zone| reclaim.zone_size_of(id, zone, lru)).sum();
                if on_zones != group.size(lru) {
                    let size = group.size(lru);
                    return Err(format!("{id:?} has {size} pages on {lru:?}, and {on_zones} by zones"));
                }
            }
        }
        Ok(())
    }
}
