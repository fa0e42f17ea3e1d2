//! Objects that are kept though nobody uses them, and who takes them away when memory is short (mm/list_lru.c,
//! mm/vmscan.c: `do_shrink_slab()`, fs/drop_caches.c: `drop_slab()`, 6.1).
//!
//! Dentries and inodes are such objects: they stay so that they need not be read again. An object that goes leaves a hole
//! in its slab; memory comes back when the whole slab is empty.

use std::collections::{BTreeSet, VecDeque};

use crate::hash::Digest;
use crate::machine::{Machine, Named};
use crate::op::NameId;
use crate::reclaim::balance::shrink_slab;
use crate::reclaim::{GroupId, VmEvent};
use crate::step::{Func, KmemStep, StepKind, Trace};
use crate::units::{CpuId, NrPages};

/// What it costs to have an object again, for most caches (`DEFAULT_SEEKS`).
pub const DEFAULT_SEEKS: u8 = 2;
/// Objects that are looked at together (`SHRINK_BATCH`).
const SHRINK_BATCH: u64 = 128;

/// An object that nobody uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unused {
    /// What it is called.
    pub name: NameId,
    /// It was used since it came here (`DCACHE_REFERENCED`): it is spared once.
    pub referenced: bool,
}

/// The unused objects of a cache that lie in one node (`struct list_lru_node`).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ListLru {
    /// The one that came first is looked at first.
    objects: VecDeque<Unused>,
    /// Objects that were to be looked at, but were too few for a batch (`shrinker->nr_deferred`).
    deferred: u64,
}

impl ListLru {
    /// The objects, the oldest first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Unused> + use<'_> {
        self.objects.iter().copied()
    }

    /// Objects that wait to be looked at with others.
    #[must_use]
    pub fn deferred(&self) -> u64 {
        self.deferred
    }
}

/// Who takes unused objects of a cache away (`struct shrinker`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shrinker {
    /// Of which cache.
    pub cache: NameId,
    /// What it costs to have one again; 0: nothing, and half of them go at a time.
    pub seeks: u8,
    /// Its lists, node by node.
    pub nodes: Vec<ListLru>,
}

impl Shrinker {
    /// Objects that nobody uses, in all nodes.
    #[must_use]
    pub fn unused(&self) -> u32 {
        self.nodes.iter().map(|list| list.objects.len()).sum::<usize>() as u32
    }

    fn find(&self, name: NameId) -> Option<(usize, usize)> {
        self.nodes.iter().enumerate().find_map(|(node, list)| {
            // What was put there last is asked for most.
            let at = list.objects.iter().rposition(|object| object.name == name)?;
            Some((node, at))
        })
    }

    pub(super) fn digest(&self, to: &mut Digest) {
        to.word(u64::from(self.cache.0) << 8 | u64::from(self.seeks));
        for list in &self.nodes {
            to.word(list.objects.len() as u64);
            list.objects
                .iter()
                .for_each(|object| to.word(u64::from(object.name.0) << 1 | u64::from(object.referenced)));
            to.word(list.deferred);
        }
    }
}

impl Machine {
    /// What is on a shrinker's list is an object of its cache and of the list's node, and is there once.
    pub(crate) fn check_shrinkers(&self) -> Result<(), String> {
        for shrinker in self.kmem.shrinkers() {
            let mut seen = BTreeSet::new();
            for (node, list) in (0u8..).zip(&shrinker.nodes) {
                for Unused { name, .. } in list.iter() {
                    let fits = matches!(self.named(name), Named::Object { cache, object }
                        if cache == shrinker.cache
                            && self.zone_of(object.slab).is_some_and(|zone| self.zone(zone).node == node));
                    if !fits || !seen.insert(name) {
                        return Err(format!("{name:?} does not belong on the list of {:?}", shrinker.cache));
                    }
                }
            }
        }
        Ok(())
    }

    fn shrinker_mut(&mut self, cache: NameId) -> Option<&mut Shrinker> {
        self.kmem_mut().shrinkers.iter_mut().find(|of| of.cache == cache)
    }

    fn told_shrinker(&self, t: &mut Trace<'_>, func: Func, step: impl FnOnce() -> KmemStep) {
        if t.looks() {
            let kind = StepKind::Kmem(step());
            t.within_once(func, |t| t.emit(self, kind));
        }
    }

    /// `register_shrinker()`: what nobody uses of a cache can be taken away from now on.
    pub(super) fn register_shrinker(&mut self, t: &mut Trace<'_>, cache: NameId, seeks: u8) {
        let Named::Cache(of) = self.named(cache) else {
            self.skipped(t, cache);
            return;
        };
        let nodes = usize::from(self.nodes());
        match self.shrinker_mut(of) {
            Some(shrinker) => shrinker.seeks = seeks,
            None => {
                let shrinker = Shrinker { cache: of, seeks, nodes: vec![ListLru::default(); nodes] };
                self.kmem_mut().shrinkers.push(shrinker);
            }
        }
        self.told_shrinker(t, Func::RegisterShrinker, || KmemStep::Shrinker { cache: of, seeks });
    }

    /// `list_lru_add()` and `list_lru_del()`: nobody uses an object any more, or somebody does again.
    pub(super) fn list_lru(&mut self, t: &mut Trace<'_>, name: NameId, unused: bool) {
        let Named::Object { cache, object } = self.named(name) else {
            self.skipped(t, name);
            return;
        };
        let node = self.zone_of(object.slab).map_or(0, |zone| usize::from(self.zone(zone).node));
        let func = if unused { Func::ListLruAdd } else { Func::ListLruDel };
        let Some(shrinker) = self.shrinker_mut(cache) else {
            self.told_shrinker(t, func, || KmemStep::NoShrinker { name, cache });
            return;
        };
        match (unused, shrinker.find(name)) {
            (true, None) => {
                shrinker.nodes[node].objects.push_back(Unused { name, referenced: false });
            }
            (false, Some((node, at))) => _ = shrinker.nodes[node].objects.remove(at),
            // It is where it should be.
            _ => {}
        }
        let left = shrinker.unused();
        self.told_shrinker(t, func, || KmemStep::Unused { name, cache, unused, left });
    }

    /// An object is given back by hand: it is on no list any more.
    pub(super) fn leaves_list_lru(&mut self, name: NameId, cache: NameId) {
        if self.kmem.shrinkers.iter().any(|of| of.cache == cache)
            && let Some(shrinker) = self.shrinker_mut(cache)
            && let Some((node, at)) = shrinker.find(name)
        {
            shrinker.nodes[node].objects.remove(at);
        }
    }

    /// Somebody looked an object up that nobody had used: it is spared when its turn comes.
    pub(super) fn was_referenced(&mut self, name: NameId, cache: NameId) {
        if self.kmem.shrinkers.iter().any(|of| of.cache == cache)
            && let Some(shrinker) = self.shrinker_mut(cache)
            && let Some((node, at)) = shrinker.find(name)
        {
            shrinker.nodes[node].objects[at].referenced = true;
        }
    }

    /// `shrink_slab()` on one node: every shrinker looks at a share of what nobody uses, that of huge pages (the first to be
    /// registered) and then those of caches. How many huge pages were split, how many objects went, and how many pages came
    /// back with them: what a huge page gives back is not counted as reclaimed.
    pub(crate) fn shrink_slab(
        &mut self,
        t: &mut Trace<'_>,
        node: u8,
        priority: u8,
        cpu: CpuId,
    ) -> (u64, u64, u64) {
        let mut sums = (self.shrink_split_queue(t, (node, GroupId::ROOT), priority, cpu), 0, 0);
        for at in 0..self.kmem.shrinkers.len() {
            let (objects, pages) = self.do_shrink_slab(t, at, node, priority, cpu);
            sums = (sums.0, sums.1 + objects, sums.2 + pages);
        }
        sums
    }

    /// One of them (`do_shrink_slab()`).
    fn do_shrink_slab(
        &mut self,
        t: &mut Trace<'_>,
        at: usize,
        node: u8,
        priority: u8,
        cpu: CpuId,
    ) -> (u64, u64) {
        let shrinker = &self.kmem.shrinkers[at];
        let (cache, seeks) = (shrinker.cache, shrinker.seeks);
        let Some(list) = shrinker.nodes.get(usize::from(node)) else { return (0, 0) };
        let pressure = self.reclaim().map_or(100, |reclaim| u64::from(reclaim.tunables.vfs_cache_pressure));
        let freeable = list.objects.len() as u64 * pressure / 100;
        // While a cache looks for memory itself nobody else can work on it.
        if freeable == 0 || self.kmem.working == Some(cache) {
            return (0, 0);
        }
        let (scan, deferred) = shrink_slab(freeable, priority, u64::from(seeks), list.deferred, SHRINK_BATCH);
        self.kmem_mut().shrinkers[at].nodes[usize::from(node)].deferred = deferred;
        t.within(Func::ShrinkSlab, |t| {
            let to_u32 = |count| u32::try_from(count).unwrap_or(u32::MAX);
            let counts = [freeable, scan, deferred].map(to_u32);
            self.told_shrinker(t, Func::DoShrinkSlab, || KmemStep::ShrinkerCount {
                cache,
                node,
                priority,
                counts,
            });
            if scan == 0 {
                return (0, 0);
            }
            if let Some(reclaim) = self.reclaim_mut() {
                reclaim.count(VmEvent::SlabsScanned, scan);
            }
            let pages_of = |this: &Machine| this.kmem.cache_of(cache).map_or(NrPages(0), |of| of.pages()).0;
            let before = pages_of(self);
            let (mut gone, mut spared) = (0, 0);
            // What has been spared once is met again only if there is nothing else.
            for _ in 0..scan {
                let list = &mut self.kmem_mut().shrinkers[at].nodes[usize::from(node)].objects;
                let Some(oldest) = list.pop_front() else { break };
                if oldest.referenced {
                    list.push_back(Unused { referenced: false, ..oldest });
                    spared += 1;
                    let name = oldest.name;
                    self.told_shrinker(t, Func::DoShrinkSlab, || KmemStep::Spared { name, cache });
                    continue;
                }
                let Named::Object { object, .. } = self.named(oldest.name) else {
                    unreachable!("an object that is gone is on no list")
                };
                gone += 1;
                self.kfree(t, oldest.name, cache, object, cpu);
            }
            let pages = before.saturating_sub(pages_of(self));
            let counts = [gone, spared, pages].map(to_u32);
            self.told_shrinker(t, Func::DoShrinkSlab, || KmemStep::ShrinkerDone { cache, counts });
            (gone, pages)
        })
    }

    /// `drop_slab()`: all unused objects go, as often as that yields any worth the trouble.
    pub(crate) fn drop_slab(&mut self, t: &mut Trace<'_>) {
        let (mut objects, mut pages, mut split) = (0, 0, 0);
        for node in 0..self.nodes() {
            for shift in 0.. {
                let (mut huge, gone, given) = self.shrink_slab(t, node, 0, CpuId(0));
                let groups = self.reclaim().into_iter().flat_map(|reclaim| reclaim.group_ids().skip(1));
                for group in groups.collect::<Vec<_>>() {
                    huge += self.shrink_split_queue(t, (node, group), 0, CpuId(0));
                }
                objects += gone;
                pages += given;
                split += huge;
                if (gone + huge) >> shift <= 1 {
                    break;
                }
            }
        }
        if split > 0 && self.kmem.shrinkers.is_empty() {
            return;
        }
        let counts = [objects, pages].map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        self.told_shrinker(t, Func::DropSlab, || KmemStep::SlabDropped { counts });
    }
}
