//! From a page that is asked for to one that is charged, or refused (mm/memcontrol.c, 6.1).

use super::super::VmEvent;
use super::super::balance::SWAP_CLUSTER_MAX;
use super::super::files::Work;
use super::super::vmscan::MAX_RECLAIM_RETRIES;
use super::{CHARGE_BATCH, GroupEvent, GroupId, GroupNode, MAX_GROUPS, Memcg, PageCounter, Stock};
use crate::Machine;
use crate::gfp::GfpFlags;
use crate::machine::{Named, UnitEnd};
use crate::oom_kill::machine::{Progress, mem_cgroup_out_of_memory};
use crate::op::NameId;
use crate::page::Block;
use crate::step::{Func, ReclaimStep, Trace};
use crate::units::{CpuId, Order, Pfn};

/// Pages of orders up to this one are worth another try once something came back (`PAGE_ALLOC_COSTLY_ORDER`).
const COSTLY_ORDER: u8 = 3;

impl super::Reclaim {
    fn stock(&mut self, cpu: CpuId) -> Option<&mut Stock> {
        self.groups.stock.get_mut(cpu.index())
    }

    /// What a CPU has charged already serves (`consume_stock()`).
    fn consume_stock(&mut self, cpu: CpuId, group: GroupId, pages: u32) -> bool {
        let fits = |stock: &&mut Stock| stock.group == group && stock.pages >= pages;
        match self.stock(cpu).filter(fits) {
            Some(stock) => {
                stock.pages -= pages;
                true
            }
            None => false,
        }
    }

    /// What a CPU has charged ahead is given back (`drain_stock()`).
    fn drain_stock(&mut self, cpu: CpuId) {
        let Some(stock) = self.stock(cpu) else { return };
        let Stock { group, pages } = std::mem::take(stock);
        if let Some(group) = self.group_mut(group) {
            group.memory.usage -= u64::from(pages);
        }
    }

    /// A CPU keeps what it has charged and nobody needs yet (`refill_stock()`).
    fn refill_stock(&mut self, cpu: CpuId, group: GroupId, pages: u32) {
        if self.stock(cpu).is_some_and(|stock| stock.group != group) {
            self.drain_stock(cpu);
        }
        let Some(stock) = self.stock(cpu) else { return };
        stock.group = group;
        stock.pages += pages;
        if stock.pages > CHARGE_BATCH {
            self.drain_stock(cpu);
        }
    }

    /// All CPUs give back what they have charged to a group ahead (`drain_all_stock()`); how much.
    fn drain_all_stock(&mut self, group: GroupId) -> u32 {
        let mut drained = 0;
        for cpu in (0..self.groups.stock.len() as u8).map(CpuId) {
            let (of, pages) = self.charged_ahead(cpu);
            if of == group && pages > 0 {
                drained += pages;
                self.drain_stock(cpu);
            }
        }
        drained
    }

    fn count_event(&mut self, group: GroupId, event: GroupEvent) {
        if let Some(group) = self.group_mut(group) {
            group.events[event as usize] += 1;
        }
    }

    fn margin(&self, group: GroupId) -> u64 {
        self.group(group).map_or(u64::MAX, |group| group.memory.margin())
    }
}

impl Machine {
    /// A page, or a block of them, is charged to a group (`mem_cgroup_charge()`, and for the kernel's own pages
    /// `__memcg_kmem_charge_page()`). False: the group may have no more.
    pub(crate) fn mem_cgroup_charge(
        &mut self,
        t: &mut Trace<'_>,
        cpu: CpuId,
        group: GroupId,
        gfp: GfpFlags,
        block: Block,
    ) -> bool {
        if group.is_root() {
            return true;
        }
        let pages = block.order.pages();
        if !t.within(Func::TryChargeMemcg, |t| self.try_charge(t, cpu, group, gfp, block.order)) {
            return false;
        }
        let Some(reclaim) = self.reclaim_mut() else { return true };
        for frame in block.pfn.0..block.pfn.0 + pages {
            reclaim.groups.of_frame.set(frame, group);
        }
        if gfp.contains(GfpFlags::ACCOUNT)
            && let Some(group) = reclaim.group_mut(group)
        {
            group.kmem += u64::from(pages);
        }
        true
    }

    /// Pages go back, and are charged to nobody from now on (`mem_cgroup_uncharge()`). Those of tables the CPU keeps
    /// charged for a moment (`__memcg_kmem_uncharge_page()`).
    pub(crate) fn put_pages(&mut self, t: &mut Trace<'_>, cpu: CpuId, name: Option<NameId>, block: Block) {
        let is_kernels = name == Some(NameId::PAGE_TABLE);
        if let Some(reclaim) = self.reclaim_mut().filter(|reclaim| !reclaim.groups.list.is_empty()) {
            for frame in block.pfn.0..block.pfn.0 + block.order.pages() {
                let group = reclaim.group_of(Pfn(frame));
                if group.is_root() {
                    continue;
                }
                reclaim.groups.of_frame.set(frame, GroupId::ROOT);
                let Some(of) = reclaim.group_mut(group) else { continue };
                if is_kernels {
                    of.kmem -= 1;
                    reclaim.refill_stock(cpu, group, 1);
                } else {
                    of.memory.usage -= 1;
                }
            }
        }
        self.free_pages(t, cpu, name, block);
    }

    /// `try_charge_memcg()`: from what the CPU has charged ahead, or 64 pages at once, or just what is wanted; and if the
    /// group is full, what reclaim finds in it, and in the end whoever is killed in it.
    fn try_charge(
        &mut self,
        t: &mut Trace<'_>,
        cpu: CpuId,
        group: GroupId,
        gfp: GfpFlags,
        order: Order,
    ) -> bool {
        let pages = order.pages();
        let mut batch = pages.max(CHARGE_BATCH);
        let mut retries = MAX_RECLAIM_RETRIES;
        let (mut passed_oom, mut drained) = (false, false);
        let (mut rounds, mut sum) = (0, 0);
        let charged = loop {
            let Some(reclaim) = self.reclaim_mut() else { break true };
            if reclaim.consume_stock(cpu, group, pages) {
                break true;
            }
            let Some(of) = reclaim.group_mut(group) else { break true };
            if of.memory.try_charge(u64::from(batch)) {
                if batch > pages {
                    reclaim.refill_stock(cpu, group, batch - pages);
                }
                break true;
            }
            if batch > pages {
                batch = pages;
                continue;
            }
            if !gfp.contains(GfpFlags::DIRECT_RECLAIM) {
                break false;
            }
            reclaim.count_event(group, GroupEvent::Max);
            // The first round is shown; what the others of the same charge find is said in one sentence.
            let got = if rounds == 0 {
                self.told_over(t, group, pages);
                self.try_to_free_mem_cgroup_pages(t, cpu, group, u64::from(pages))
            } else {
                self.try_to_free_mem_cgroup_pages(&mut Trace::unseen(), cpu, group, u64::from(pages))
            };
            if rounds > 0 {
                sum += got;
            }
            rounds += 1;
            let Some(reclaim) = self.reclaim_mut() else { break true };
            if reclaim.margin(group) >= u64::from(pages) {
                continue;
            }
            if !drained {
                let ahead = reclaim.drain_all_stock(group);
                drained = true;
                if ahead > 0 {
                    self.told_group(t, group, Func::DrainAllStock, |group| ReclaimStep::GroupDrained {
                        group,
                        pages: ahead,
                    });
                }
                continue;
            }
            if gfp.contains(GfpFlags::NORETRY) {
                break false;
            }
            if got > 0 && order.get() <= COSTLY_ORDER {
                continue;
            }
            if retries > 0 {
                retries -= 1;
                continue;
            }
            if gfp.contains(GfpFlags::RETRY_MAYFAIL) || passed_oom && self.is_dying() {
                break false;
            }
            self.told_retried(t, group, rounds, sum);
            (rounds, sum) = (1, 0);
            if self.mem_cgroup_oom(t, cpu, group, gfp, order) == Progress::Nothing {
                break false;
            }
            passed_oom = true;
            retries = MAX_RECLAIM_RETRIES;
        };
        if charged {
            self.told_retried(t, group, rounds, sum);
        } else {
            self.told_group(t, group, Func::TryChargeMemcg, |group| ReclaimStep::GroupRefused {
                group,
                pages,
            });
        }
        charged
    }

    /// Somebody of the group is killed, or was and is on its way (`mem_cgroup_oom()`).
    fn mem_cgroup_oom(
        &mut self,
        t: &mut Trace<'_>,
        cpu: CpuId,
        group: GroupId,
        gfp: GfpFlags,
        order: Order,
    ) -> Progress {
        if order.get() > COSTLY_ORDER {
            return Progress::Nothing;
        }
        if let Some(reclaim) = self.reclaim_mut() {
            reclaim.count_event(group, GroupEvent::Oom);
        }
        mem_cgroup_out_of_memory(self, t, cpu, group, gfp, order)
    }

    /// Whether a request of so many pages would fit now.
    pub(crate) fn has_margin(&self, group: GroupId, pages: u32) -> bool {
        self.reclaim().is_none_or(|reclaim| reclaim.margin(group) >= u64::from(pages))
    }

    /// A process of a group is killed.
    pub(crate) fn count_oom_kill(&mut self, process: NameId) {
        let group = self.group_of_process(process);
        if let Some(reclaim) = self.reclaim_mut() {
            reclaim.count_event(group, GroupEvent::OomKill);
        }
    }

    /// A process of a group had a fault, or found with it that a disk has to be read (`count_memcg_event_mm()`).
    pub(crate) fn count_group_fault(&mut self, process: NameId, major: bool) {
        if self.reclaim().is_none_or(|reclaim| reclaim.groups.list.is_empty()) {
            return;
        }
        let group = self.group_of_process(process);
        if let Some(group) = self.reclaim_mut().and_then(|reclaim| reclaim.group_mut(group)) {
            group.faults[usize::from(major)] += 1;
        }
    }

    pub(in crate::reclaim) fn told_group(
        &self,
        t: &mut Trace<'_>,
        group: GroupId,
        func: Func,
        step: impl FnOnce(NameId) -> ReclaimStep,
    ) {
        if let Some(group) = self.reclaim().and_then(|reclaim| reclaim.group(group)) {
            self.told_reclaim(t, func, || step(group.name));
        }
    }

    fn told_over(&self, t: &mut Trace<'_>, group: GroupId, pages: u32) {
        let Some(of) = self.reclaim().and_then(|reclaim| reclaim.group(group)) else { return };
        let (usage, max) = (of.memory.usage, of.memory.max.unwrap_or(u64::MAX));
        let times = of.event(GroupEvent::Max);
        let told = |group| ReclaimStep::GroupOver { group, usage, max, pages, times };
        self.told_group(t, group, Func::TryChargeMemcg, told);
    }

    fn told_retried(&self, t: &mut Trace<'_>, group: GroupId, rounds: u32, reclaimed: u64) {
        if rounds > 1 {
            let told = |group| ReclaimStep::GroupRetried { group, rounds: rounds - 1, reclaimed };
            self.told_group(t, group, Func::TryChargeMemcg, told);
        }
    }

    /// A group is made, with its limits (`mem_cgroup_css_alloc()`).
    pub(in crate::reclaim) fn make_group(
        &mut self,
        t: &mut Trace<'_>,
        name: NameId,
        max: Option<u64>,
        swap_max: Option<u64>,
    ) -> UnitEnd {
        let (nodes, zones) = (usize::from(self.nodes()), self.zones().len());
        let is_free = matches!(self.named(name), Named::Nothing | Named::Failed | Named::Freed);
        match self.reclaim_mut() {
            Some(reclaim) if is_free && reclaim.groups.list.len() < MAX_GROUPS => {
                reclaim.groups.list.push(Memcg {
                    name,
                    memory: PageCounter::new(max),
                    swap: PageCounter::new(swap_max),
                    kmem: 0,
                    events: [0; GroupEvent::ALL.len()],
                    stat: [0; VmEvent::ALL.len()],
                    faults: [0; 2],
                    nodes: vec![GroupNode::default(); nodes],
                    zone_sizes: vec![[0; 5]; zones],
                    lowered_at: 0,
                });
            }
            _ => {
                self.skipped(t, name);
                return UnitEnd::Done;
            }
        }
        self.set_named(name, Named::Group);
        let told = || ReclaimStep::GroupMade { group: name, max, swap_max };
        self.told_reclaim(t, Func::MemCgroupCssAlloc, told);
        UnitEnd::Done
    }

    /// A group may have more or less of swap from now on (`swap_max_write()`): what is there already stays.
    pub(in crate::reclaim) fn swap_max(
        &mut self,
        t: &mut Trace<'_>,
        name: NameId,
        max: Option<u64>,
    ) -> UnitEnd {
        let group = self.reclaim().and_then(|reclaim| reclaim.group_named(name));
        let Some(of) = group.and_then(|group| self.reclaim_mut()?.group_mut(group)) else {
            self.skipped(t, name);
            return UnitEnd::Done;
        };
        of.swap.max = max;
        let usage = of.swap.usage;
        let told = || ReclaimStep::GroupLimit { group: name, swap: true, max, usage };
        self.told_reclaim(t, Func::SwapMaxWrite, told);
        UnitEnd::Done
    }

    /// A group may have more or less memory from now on (`memory_max_write()`): the next turn of its loop. What is above
    /// the limit has to go, and if it does not, somebody is killed.
    pub(in crate::reclaim) fn memory_max(
        &mut self,
        t: &mut Trace<'_>,
        name: NameId,
        max: Option<u64>,
        cpu: CpuId,
    ) -> UnitEnd {
        let Some(group) = self.reclaim().and_then(|reclaim| reclaim.group_named(name)) else {
            self.skipped(t, name);
            return UnitEnd::Done;
        };
        let left = match self.reclaim().and_then(|reclaim| reclaim.work) {
            Some(Work::Limit { left }) => left,
            _ => {
                let Some(reclaim) = self.reclaim_mut() else { return UnitEnd::Done };
                let Some(of) = reclaim.group_mut(group) else { return UnitEnd::Done };
                of.memory.max = max;
                let usage = of.memory.usage;
                of.lowered_at = if max.is_some_and(|max| usage > max) { usage } else { 0 };
                let told = || ReclaimStep::GroupLimit { group: name, swap: false, max, usage };
                self.told_reclaim(t, Func::MemoryMaxWrite, told);
                if self.has_room(group) {
                    return self.set_work(None);
                }
                let ahead = self.reclaim_mut().map_or(0, |reclaim| reclaim.drain_all_stock(group));
                if ahead > 0 {
                    let told = |group| ReclaimStep::GroupDrained { group, pages: ahead };
                    self.told_group(t, group, Func::DrainAllStock, told);
                }
                if self.has_room(group) {
                    return self.set_work(None);
                }
                return self.set_work(Some(Work::Limit { left: MAX_RECLAIM_RETRIES }));
            }
        };
        if self.has_room(group) {
            // Whoever was killed is gone meanwhile.
            if let Some(of) = self.reclaim().and_then(|reclaim| reclaim.group(group)) {
                let (max, usage) = (of.memory.max, of.memory.usage);
                let told = || ReclaimStep::GroupLimit { group: name, swap: false, max, usage };
                self.told_reclaim(t, Func::MemoryMaxWrite, told);
            }
            return self.set_work(None);
        }
        let mut left = left;
        let goes_on = t.within(Func::MemoryMaxWrite, |t| {
            if left > 0 {
                // (Linux asks for all that is too much at once; here a batch of it is a unit.)
                let got = self.try_to_free_mem_cgroup_pages(t, cpu, group, SWAP_CLUSTER_MAX);
                left -= u8::from(got == 0);
                return true;
            }
            if let Some(reclaim) = self.reclaim_mut() {
                reclaim.count_event(group, GroupEvent::Oom);
            }
            let gfp = GfpFlags::GFP_KERNEL;
            mem_cgroup_out_of_memory(self, t, cpu, group, gfp, Order::ZERO) != Progress::Nothing
        });
        let goes_on = goes_on && !self.has_room(group);
        self.set_work(goes_on.then_some(Work::Limit { left }))
    }

    /// Whether a group has no more than it may.
    fn has_room(&self, group: GroupId) -> bool {
        let of = self.reclaim().and_then(|reclaim| reclaim.group(group));
        of.is_none_or(|of| of.memory.max.is_none_or(|max| of.memory.usage <= max))
    }
}
