//! Control groups of memory (mm/memcontrol.c, mm/page_counter.c, mm/swap_cgroup.c, 6.1, `cgroup` version 2): pages are
//! charged to the group of whoever asked for them first, and a group that is full has to find room in itself.
//!
//! - this file: a group, what it has, and whose a page and a slot are;
//! - `charge`: from a page that is asked for to one that is charged, or refused; limits that are written;
//! - `stat`: `memory.stat`, counted anew;
//! - `check`: the laws.
//!
//! Groups lie side by side below the root, which has no limit and is told nothing about.

mod charge;
mod check;
mod stat;

pub use stat::MemoryStat;

use super::balance::inactive_is_low;
use super::lruvec::{Lru, Lruvec};
use super::{Reclaim, VmEvent};
use crate::Machine;
use crate::cow::CowVec;
use crate::hash::Digest;
use crate::mmzone::ZoneId;
use crate::op::NameId;
use crate::units::{CpuId, Pfn};
use crate::xarray::SwapEntry;

/// Pages that a CPU charges at once, and keeps for the next ones that it is asked for (`MEMCG_CHARGE_BATCH`).
pub const CHARGE_BATCH: u32 = 64;
/// Groups that a machine can have; more are refused (`ENOSPC`). The kernel has 65535 (`MEM_CGROUP_ID_MAX`).
pub const MAX_GROUPS: usize = 64;

/// Which group: 0 is the root, to which everything belongs that nobody put anywhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct GroupId(u8);

impl GroupId {
    /// The root.
    pub const ROOT: GroupId = GroupId(0);

    /// Whether it is the root.
    #[must_use]
    pub fn is_root(self) -> bool {
        self == GroupId::ROOT
    }

    /// As a shadow keeps it.
    pub(crate) fn raw(self) -> u8 {
        self.0
    }

    fn at(self) -> Option<usize> {
        usize::from(self.0).checked_sub(1)
    }
}

macro_rules! group_events {
    ($($(#[$doc:meta])* $event:ident $name:literal,)*) => {
        /// What is counted in `memory.events`.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        pub enum GroupEvent {
            $($(#[$doc])* $event,)*
        }

        impl GroupEvent {
            /// All of them, in the order of the file.
            pub const ALL: &'static [GroupEvent] = &[$(GroupEvent::$event,)*];

            /// As the file calls it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(GroupEvent::$event => $name,)*
                }
            }
        }
    };
}

group_events! {
    /// Reclaimed although it is below `memory.low`: never here.
    Low "low",
    /// Above `memory.high`: never here.
    High "high",
    /// A charge was about to exceed `memory.max`.
    Max "max",
    /// That was followed by reclaim that did not help.
    Oom "oom",
    /// Processes of the group that were killed.
    OomKill "oom_kill",
    /// The same with all of the group: never here.
    OomGroupKill "oom_group_kill",
}

/// The lists of a group on a node.
#[derive(Clone, Debug, Default)]
struct GroupNode {
    lruvec: Lruvec,
    /// Pages that came back and became active, without and with files (`WORKINGSET_ACTIVATE_BASE`).
    activated: [u64; 2],
}

/// What a group may have of something, and what it has (`struct page_counter`), in pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PageCounter {
    /// What it has.
    pub usage: u64,
    /// What it may have; none: as much as it likes.
    pub max: Option<u64>,
    /// How often it was refused.
    pub failcnt: u64,
}

impl PageCounter {
    fn new(max: Option<u64>) -> PageCounter {
        PageCounter { usage: 0, max, failcnt: 0 }
    }

    /// `page_counter_try_charge()`
    fn try_charge(&mut self, pages: u64) -> bool {
        if self.max.is_some_and(|max| self.usage + pages > max) {
            self.failcnt += 1;
            return false;
        }
        self.usage += pages;
        true
    }

    /// How many pages fit still (`mem_cgroup_margin()`).
    #[must_use]
    pub fn margin(&self) -> u64 {
        self.max.map_or(u64::MAX, |max| max.saturating_sub(self.usage))
    }

    fn digest(&self, to: &mut Digest) {
        to.word(self.usage);
        to.word(self.max.unwrap_or(u64::MAX));
        to.word(self.failcnt);
    }
}

/// A group (`struct mem_cgroup`).
#[derive(Clone, Debug)]
pub struct Memcg {
    /// What it is called.
    pub name: NameId,
    /// `memory.current` and `memory.max`.
    pub memory: PageCounter,
    /// `memory.swap.current` and `memory.swap.max`.
    pub swap: PageCounter,
    /// Pages that the kernel itself has for it: page tables (`MEMCG_KMEM`).
    pub kmem: u64,
    /// `memory.events`
    events: [u64; GroupEvent::ALL.len()],
    /// What is counted in `memory.stat`, by the names of `/proc/vmstat`.
    stat: [u64; VmEvent::ALL.len()],
    /// Faults, and those among them that took a disk.
    pub faults: [u64; 2],
    nodes: Vec<GroupNode>,
    /// Pages on each list, zone by zone (`lru_zone_size[]`).
    zone_sizes: Vec<[u64; 5]>,
    /// What it had when its limit was written and was below that; 0: it was not.
    lowered_at: u64,
}

impl Memcg {
    /// How often something happened.
    #[must_use]
    pub fn event(&self, event: GroupEvent) -> u64 {
        self.events[event as usize]
    }

    /// How often something happened to pages of it.
    #[must_use]
    pub fn stat(&self, event: VmEvent) -> u64 {
        self.stat[event as usize]
    }

    /// Pages of it on a list, in all nodes.
    #[must_use]
    pub fn size(&self, lru: Lru) -> u64 {
        self.nodes.iter().map(|node| node.lruvec.len(lru)).sum()
    }

    fn digest(&self, to: &mut Digest) {
        to.word(u64::from(self.name.0));
        self.memory.digest(to);
        self.swap.digest(to);
        to.word(self.kmem);
        to.word(self.lowered_at);
        self.events.iter().for_each(|word| to.word(*word));
        VmEvent::digest(&self.stat, to);
        self.faults.iter().for_each(|word| to.word(*word));
        for node in &self.nodes {
            node.lruvec.digest(to);
            node.activated.iter().for_each(|word| to.word(*word));
        }
    }
}

/// Pages that a CPU has charged and not used yet (`struct memcg_stock_pcp`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Stock {
    group: GroupId,
    pages: u32,
}

/// All groups, and whose everything is.
#[derive(Clone)]
pub(super) struct Groups {
    list: Vec<Memcg>,
    /// The group of each frame (`page->memcg_data`).
    pub(super) of_frame: CowVec<GroupId, 256>,
    stock: Vec<Stock>,
}

impl Groups {
    pub(super) fn new(frames: u32, cpus: u8) -> Groups {
        Groups {
            list: Vec::new(),
            of_frame: CowVec::filled(frames, GroupId::ROOT),
            stock: vec![Stock::default(); usize::from(cpus)],
        }
    }

    /// Whether there is any but the root.
    #[inline]
    pub(super) fn has_any(&self) -> bool {
        !self.list.is_empty()
    }

    /// Without groups there is nothing to say.
    pub(super) fn digest(&self, to: &mut Digest) {
        if self.list.is_empty() {
            return;
        }
        self.list.iter().for_each(|group| group.digest(to));
        for (pfn, group) in self.of_frame.iter().enumerate().filter(|(_, group)| !group.is_root()) {
            to.word((pfn as u64) << 8 | u64::from(group.0));
        }
        self.stock.iter().for_each(|stock| to.word(u64::from(stock.pages) << 8 | u64::from(stock.group.0)));
    }
}

impl Reclaim {
    /// The groups, in the order in which they were made; the root is none of them.
    #[must_use]
    pub fn groups(&self) -> &[Memcg] {
        &self.groups.list
    }

    /// All groups, the root first: the order in which they are looked at when the whole machine is short
    /// (`mem_cgroup_iter()`).
    pub fn group_ids(&self) -> impl Iterator<Item = GroupId> + use<> {
        (0..=self.groups.list.len() as u8).map(GroupId)
    }

    /// A group; none: the root.
    #[must_use]
    pub fn group(&self, group: GroupId) -> Option<&Memcg> {
        self.groups.list.get(group.at()?)
    }

    pub(super) fn group_mut(&mut self, group: GroupId) -> Option<&mut Memcg> {
        self.groups.list.get_mut(group.at()?)
    }

    /// The group of a name.
    #[must_use]
    pub fn group_named(&self, name: NameId) -> Option<GroupId> {
        let at = self.groups.list.iter().position(|group| group.name == name)?;
        Some(GroupId(at as u8 + 1))
    }

    /// The group that a frame is charged to.
    #[must_use]
    pub fn group_of(&self, pfn: Pfn) -> GroupId {
        *self.groups.of_frame.get_or_fill(pfn.0)
    }

    /// Pages that a CPU has charged to a group and keeps for what it is asked for next, 0 to 64; the group.
    #[must_use]
    pub fn charged_ahead(&self, cpu: CpuId) -> (GroupId, u32) {
        self.groups.stock.get(cpu.index()).map_or((GroupId::ROOT, 0), |stock| (stock.group, stock.pages))
    }

    /// The lists of a group on a node.
    #[must_use]
    pub fn lruvec(&self, node: u8, group: GroupId) -> &Lruvec {
        let node = usize::from(node);
        match self.group(group) {
            None => &self.nodes[node].lruvec,
            Some(group) => &group.nodes[node].lruvec,
        }
    }

    pub(super) fn lruvec_mut(&mut self, node: u8, group: GroupId) -> &mut Lruvec {
        let node = usize::from(node);
        match group.at().and_then(|at| self.groups.list.get_mut(at)) {
            None => &mut self.nodes[node].lruvec,
            Some(group) => &mut group.nodes[node].lruvec,
        }
    }

    /// The lists that a page belongs to, and where their pages are linked.
    pub(super) fn lists_of(&mut self, node: u8, pfn: Pfn) -> (&mut Lruvec, &mut super::LruPages) {
        let (node, group) = (usize::from(node), *self.groups.of_frame.get_or_fill(pfn.0));
        let Reclaim { pages, nodes, groups, .. } = self;
        let lruvec = match group.at().and_then(|at| groups.list.get_mut(at)) {
            None => &mut nodes[node].lruvec,
            Some(group) => &mut group.nodes[node].lruvec,
        };
        (lruvec, pages)
    }

    /// Pages of a zone on a list: those of one more, or of one less.
    pub(super) fn count_on_list(&mut self, zone: ZoneId, lru: Lru, pfn: Pfn, more: bool) {
        let pages = self.page(pfn).pages();
        let add = |size: &mut u64| *size = if more { *size + pages } else { *size - pages };
        add(&mut self.zone_sizes[zone.index()][lru as usize]);
        let group = self.group_of(pfn);
        if let Some(group) = self.group_mut(group) {
            add(&mut group.zone_sizes[zone.index()][lru as usize]);
        }
    }

    /// Pages of a group on a list that lie in a zone (`lruvec_lru_size()`).
    pub(super) fn zone_size_of(&self, group: GroupId, zone: ZoneId, lru: Lru) -> u64 {
        let of = |sizes: &Vec<[u64; 5]>| sizes[zone.index()][lru as usize];
        match self.group(group) {
            Some(group) => of(&group.zone_sizes),
            None => {
                of(&self.zone_sizes) - self.groups.list.iter().map(|group| of(&group.zone_sizes)).sum::<u64>()
            }
        }
    }

    /// Pages on a list of a node: those of a group, and of the root with all of its groups (`lruvec_page_state()`).
    #[must_use]
    #[inline]
    pub fn len_within(&self, node: u8, group: GroupId, lru: Lru) -> u64 {
        if !self.groups.has_any() {
            return self.nodes[usize::from(node)].lruvec.len(lru);
        }
        self.len_of_groups(node, group, lru)
    }

    fn len_of_groups(&self, node: u8, group: GroupId, lru: Lru) -> u64 {
        if !group.is_root() {
            return self.lruvec(node, group).len(lru);
        }
        self.group_ids().map(|group| self.lruvec(node, group).len(lru)).sum()
    }

    /// Whether too few of the pages of a kind are inactive (`inactive_is_low()`).
    pub(super) fn is_low(&self, node: u8, group: GroupId, is_file: bool) -> bool {
        let len = |is_active| self.len_within(node, group, Lru::of(is_file, is_active));
        inactive_is_low(len(false), len(true))
    }

    /// Pages that came back and became active, without and with files.
    pub(super) fn activated(&self, node: u8, group: GroupId) -> [u64; 2] {
        match self.group(group) {
            None => self.nodes[usize::from(node)].activated,
            Some(group) => group.nodes[usize::from(node)].activated,
        }
    }

    pub(super) fn count_activated(&mut self, node: u8, group: GroupId, kind: usize) {
        self.nodes[usize::from(node)].activated[kind] += 1;
        if let Some(group) = self.group_mut(group) {
            group.nodes[usize::from(node)].activated[kind] += 1;
        }
    }

    /// The lists are older by so many pages, and so are those of the root (`workingset_age_nonresident()`).
    pub(super) fn age_nonresident(&mut self, node: u8, group: GroupId, pages: u64) {
        self.nodes[usize::from(node)].lruvec.nonresident_age += pages;
        if !group.is_root() {
            self.lruvec_mut(node, group).nonresident_age += pages;
        }
    }

    /// Something of a kind was written out or came back too early: it is left alone for longer, in the group and in the
    /// root (`lru_note_cost()`).
    pub(super) fn note_cost(&mut self, node: u8, group: GroupId, is_file: bool, pages: u64) {
        for of in [group, GroupId::ROOT].into_iter().take(1 + usize::from(!group.is_root())) {
            let size = Lru::EVICTABLE.iter().map(|lru| self.len_within(node, of, *lru)).sum();
            self.lruvec_mut(node, of).note_cost(is_file, pages, size);
        }
    }

    /// Slots that pages of a group may still be put in (`mem_cgroup_get_nr_swap_pages()`).
    pub(super) fn swap_left(&self, group: GroupId) -> u64 {
        let free = self.areas.iter().map(|area| u64::from(area.free())).sum::<u64>();
        self.group(group).map_or(free, |group| free.min(group.swap.margin()))
    }

    /// Slots are scarce, in the machine or in the group of a page (`mem_cgroup_swap_full()`).
    pub(super) fn swap_full(&self, pfn: Pfn) -> bool {
        let of_group = |group: &Memcg| group.swap.max.is_some_and(|max| group.swap.usage * 2 >= max);
        self.vm_swap_full() || self.group(self.group_of(pfn)).is_some_and(of_group)
    }

    /// Something happened to pages of a group; of the machine it is counted apart (`__count_memcg_events()`).
    pub(super) fn count_in(&mut self, group: GroupId, event: VmEvent, by: u64) {
        if let Some(group) = self.group_mut(group) {
            group.stat[event as usize] += by;
        }
    }

    /// The same, and to the machine as well.
    #[inline]
    pub(super) fn count_both(&mut self, group: GroupId, event: VmEvent, by: u64) {
        self.count(event, by);
        self.count_in(group, event, by);
    }

    /// The slots of a page are charged to its group (`mem_cgroup_try_charge_swap()`). False: that may have no more of them.
    pub(super) fn try_charge_swap(&mut self, pfn: Pfn) -> bool {
        let (group, slots) = (self.group_of(pfn), self.page(pfn).pages());
        self.group_mut(group).is_none_or(|group| group.swap.try_charge(slots))
    }

    /// A slot is nobody's any more (`mem_cgroup_uncharge_swap()`).
    pub(super) fn uncharge_swap(&mut self, group: GroupId) {
        if let Some(group) = self.group_mut(group) {
            group.swap.usage -= 1;
        }
    }

    /// The group that a slot is charged to (`lookup_swap_cgroup_id()`).
    #[must_use]
    pub fn group_of_swap(&self, entry: SwapEntry) -> GroupId {
        self.areas.get(usize::from(entry.area)).map_or(GroupId::ROOT, |area| area.group(entry.offset))
    }

    /// What a choice within a group is about: its limit, and what it may have of swap (`mem_cgroup_get_max()`), in pages.
    /// Without a limit it is about all that there is, which `total` says.
    pub(crate) fn max_of(&self, group: &Memcg, total: u64) -> u64 {
        let slots = self.swap_pages().0;
        let swap =
            if self.tunables.swappiness > 0 { group.swap.max.map_or(slots, |max| max.min(slots)) } else { 0 };
        group.memory.max.map_or(total, |max| max + swap)
    }
}

impl Machine {
    /// The group that a process is in, and what it asks for is charged to (`get_mem_cgroup_from_mm()`).
    #[must_use]
    pub fn group_of_process(&self, process: NameId) -> GroupId {
        self.group_of_task(self.processes().mm(process).and_then(|mm| mm.oom.args.cgroup))
    }

    /// The group of a name that a program was started with.
    pub(crate) fn group_of_task(&self, cgroup: Option<NameId>) -> GroupId {
        let of = cgroup.and_then(|name| self.reclaim()?.group_named(name));
        of.unwrap_or(GroupId::ROOT)
    }

    /// The group of whoever runs in the kernel.
    pub(crate) fn group_of_current(&self) -> GroupId {
        self.processes().oom().current.map_or(GroupId::ROOT, |process| self.group_of_process(process))
    }
}
