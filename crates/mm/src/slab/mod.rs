//! Classic SLAB: slabs on three lists, and arrays of free objects in front of them (mm/slab.c of 6.1, with what was
//! different in 2.6.32). 6.5 deprecated it and 6.8 removed it.
//!
//! # Where a free object can be
//! - In the array of a CPU: the last one that came is handed out first.
//! - In the array that the CPUs of a node share, where there are several.
//! - In its slab: full, partial and free slabs are on a list each, by node.

mod geometry;
#[cfg(test)]
mod tests;

pub use geometry::{Era, Geometry, Machine, Management, general_caches};

use std::collections::VecDeque;

use crate::hash::Digest;
use crate::slab_common::{CacheArgs, SlabLook, SlabPlace};
use crate::slub::{Host, NotInUse, Object, SlabId};
use crate::units::{CpuId, NrPages, Order, Pfn};

/// A CPU that has found its array empty once, and not used it since, is given no more (`BATCHREFILL_LIMIT`).
const BATCHREFILL_LIMIT: u32 = 16;

/// What SLAB does in one request, told as it happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SlabStep {
    /// The last object of the CPU's array is handed out (`____cache_alloc()`).
    ArrayAlloc(Object),
    /// The CPU's array is empty: objects come from the node's shared array (`transfer_objects()`).
    FromShared {
        /// How many.
        objects: u32,
    },
    /// The CPU's array is empty: objects come out of a slab (`alloc_block()`).
    FromSlab {
        /// The slab.
        slab: Pfn,
        /// How many.
        objects: u32,
        /// Whether it is full now.
        full: bool,
    },
    /// A block comes from the buddy system (`cache_grow_begin()`).
    NewSlab {
        /// The slab.
        slab: Pfn,
        /// The block's order.
        order: Order,
        /// Its colour: how many times `colour_off` the first object is moved.
        colour: u32,
    },
    /// The buddy system has no block.
    NoSlab,
    /// The object goes to the end of the CPU's array (`___cache_free()`).
    ArrayFree(Object),
    /// The CPU's array is full: its oldest objects go to the shared array (`cache_flusharray()`).
    ToShared {
        /// How many.
        objects: u32,
    },
    /// The CPU's array is full: its oldest objects go back into their slabs (`cache_flusharray()`).
    ToSlabs {
        /// How many.
        objects: u32,
    },
    /// All objects of a slab are free (`free_block()`).
    Empty {
        /// The slab.
        slab: Pfn,
    },
    /// The node has more free objects than it may: a slab goes back to the buddy system (`slab_destroy()`).
    Destroys {
        /// The slab.
        slab: Pfn,
    },
}

/// An index into the cache's slabs.
type SlabAt = usize;

/// A slab and which of its objects are free.
#[derive(Clone, Debug)]
struct Slab {
    pfn: Pfn,
    order: Order,
    node: u8,
    colour: u32,
    /// Objects that are not free in the slab.
    active: u16,
    /// The free ones, from `active` on; the next to be taken first.
    freelist: Vec<u16>,
}

/// `struct array_cache`
#[derive(Clone, Debug, Default)]
struct ArrayCache {
    entries: VecDeque<Object>,
    touched: bool,
}

/// `struct kmem_cache_node`
#[derive(Clone, Debug, Default)]
struct Node {
    partial: VecDeque<SlabAt>,
    full: VecDeque<SlabAt>,
    free: VecDeque<SlabAt>,
    /// `free_objects`: those in slabs.
    free_objects: u32,
    shared: ArrayCache,
    colour_next: u32,
    free_touched: bool,
}

/// A line of `/proc/slabinfo`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SlabInfo {
    /// `active_objs`: those in CPUs' arrays count.
    pub active_objs: u32,
    /// `num_objs`
    pub num_objs: u32,
    /// `active_slabs`
    pub active_slabs: u32,
    /// `num_slabs`
    pub num_slabs: u32,
    /// `sharedavail`
    pub shared_avail: u32,
}

/// A cache (`struct kmem_cache`).
#[derive(Clone, Debug)]
pub struct KmemCache {
    args: CacheArgs,
    geometry: Geometry,
    cpus: Vec<ArrayCache>,
    nodes: Vec<Node>,
    slabs: Vec<Option<Slab>>,
}

impl KmemCache {
    /// An empty cache on a machine with these nodes.
    #[must_use]
    pub fn new(args: CacheArgs, geometry: Geometry, cpus: u8, nodes: u8) -> KmemCache {
        KmemCache {
            args,
            geometry,
            cpus: vec![ArrayCache::default(); usize::from(cpus)],
            nodes: vec![Node::default(); usize::from(nodes)],
            slabs: Vec::new(),
        }
    }

    /// What it was created with.
    #[must_use]
    pub fn args(&self) -> &CacheArgs {
        &self.args
    }

    /// How its objects lie.
    #[must_use]
    pub fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// The colour of an object's slab; none when there is no such slab.
    #[must_use]
    pub fn colour(&self, object: Object) -> Option<u32> {
        Some(self.slab_of(object)?.colour)
    }

    /// An object, as `cpu` on `node` asks (`kmem_cache_alloc()`); none when there is no memory.
    pub fn alloc(
        &mut self,
        cpu: CpuId,
        node: u8,
        host: &mut impl Host<KmemCache, SlabStep>,
    ) -> Option<Object> {
        if self.cpus[cpu.index()].entries.is_empty() && !self.refill(cpu, node, host) {
            host.did(self, SlabStep::NoSlab);
            return None;
        }
        let ac = &mut self.cpus[cpu.index()];
        ac.touched = true;
        let object = ac.entries.pop_back()?;
        host.did(self, SlabStep::ArrayAlloc(object));
        Some(object)
    }

    /// `cache_alloc_refill()`: from the shared array, else from slabs, and only when both have nothing from a new slab.
    fn refill(&mut self, cpu: CpuId, node: u8, host: &mut impl Host<KmemCache, SlabStep>) -> bool {
        let batch = self.geometry.batchcount;
        let batch = if self.cpus[cpu.index()].touched { batch } else { batch.min(BATCHREFILL_LIMIT) };
        let shared = &mut self.nodes[usize::from(node)].shared;
        let from_shared = (batch as usize).min(shared.entries.len());
        if from_shared > 0 {
            shared.touched = true;
            let moved = shared.entries.split_off(shared.entries.len() - from_shared);
            self.cpus[cpu.index()].entries.extend(moved);
            host.did(self, SlabStep::FromShared { objects: from_shared as u32 });
            return true;
        }
        let mut left = batch;
        while left > 0 {
            let n = &mut self.nodes[usize::from(node)];
            let slab = n.partial.pop_front().or_else(|| {
                n.free_touched = true;
                n.free.pop_front()
            });
            let Some(at) = slab else { break };
            left -= self.take_from(at, cpu, left, host);
        }
        if left < batch {
            return true;
        }
        let Some(at) = self.grow(node, host) else { return false };
        self.take_from(at, cpu, batch, host);
        true
    }

    /// `alloc_block()` and `fixup_slab_list()`: objects of a slab that is on no list move to a CPU's array.
    fn take_from(
        &mut self,
        at: SlabAt,
        cpu: CpuId,
        most: u32,
        host: &mut impl Host<KmemCache, SlabStep>,
    ) -> u32 {
        let num = self.geometry.objects;
        let Some(slab) = self.slabs[at].as_mut() else { unreachable!("a list names slabs that are there") };
        let count = most.min(u32::from(num - slab.active));
        for _ in 0..count {
            let index = slab.freelist[usize::from(slab.active)];
            slab.active += 1;
            let object = Object { slab: slab.pfn, at: SlabId(at as u32), index };
            self.cpus[cpu.index()].entries.push_back(object);
        }
        let (pfn, full, node) = (slab.pfn, slab.active == num, &mut self.nodes[usize::from(slab.node)]);
        node.free_objects -= count;
        if full { &mut node.full } else { &mut node.partial }.push_front(at);
        host.did(self, SlabStep::FromSlab { slab: pfn, objects: count, full });
        count
    }

    /// `cache_grow_begin()`: a new slab in the next colour, on no list yet.
    fn grow(&mut self, node: u8, host: &mut impl Host<KmemCache, SlabStep>) -> Option<SlabAt> {
        let g = self.geometry;
        let (pfn, order, node) = host.take(self, g.order, g.order).map(|(pfn, order, of)| {
            // A slab belongs to the node of its pages; the machine may have had none where it was asked for.
            (pfn, order, if usize::from(of) < self.nodes.len() { of } else { node })
        })?;
        let n = &mut self.nodes[usize::from(node)];
        let next = if n.colour_next + 1 < g.colours { n.colour_next + 1 } else { 0 };
        // 2.6.32 takes the colour first and moves on then, 6.1 the other way round.
        let colour = if g.era == Era::Linux2_6 { n.colour_next } else { next };
        n.colour_next = next;
        n.free_objects += u32::from(g.objects);
        let slab = Slab { pfn, order, node, colour, active: 0, freelist: (0..g.objects).collect() };
        let free = self.slabs.iter().position(Option::is_none);
        let at = free.unwrap_or_else(|| {
            self.slabs.push(None);
            self.slabs.len() - 1
        });
        self.slabs[at] = Some(slab);
        host.did(self, SlabStep::NewSlab { slab: pfn, order, colour });
        Some(at)
    }

    /// Frees an object on a CPU (`kmem_cache_free()`).
    ///
    /// # Errors
    /// [`NotInUse`] when no such object is in use: a bug of whoever frees it, and nothing changes.
    pub fn free(
        &mut self,
        cpu: CpuId,
        object: Object,
        host: &mut impl Host<KmemCache, SlabStep>,
    ) -> Result<(), NotInUse> {
        let node = self.node_of(object).filter(|_| self.is_in_use(object)).ok_or(NotInUse(object))?;
        if self.cpus[cpu.index()].entries.len() >= self.geometry.limit as usize {
            self.flush_array(cpu, node, host);
        }
        self.cpus[cpu.index()].entries.push_back(object);
        host.did(self, SlabStep::ArrayFree(object));
        Ok(())
    }

    /// `cache_flusharray()`
    fn flush_array(&mut self, cpu: CpuId, node: u8, host: &mut impl Host<KmemCache, SlabStep>) {
        let g = self.geometry;
        let shared = &mut self.nodes[usize::from(node)].shared.entries;
        let room = (g.shared * g.batchcount) as usize - shared.len();
        let entries = &mut self.cpus[cpu.index()].entries;
        if room > 0 {
            let count = room.min(g.batchcount as usize);
            shared.extend(entries.drain(..count));
            host.did(self, SlabStep::ToShared { objects: count as u32 });
            return;
        }
        let oldest: Vec<Object> = entries.drain(..g.batchcount as usize).collect();
        host.did(self, SlabStep::ToSlabs { objects: g.batchcount });
        self.free_block(&oldest, host);
    }

    /// `free_block()`: each object goes into its slab; when there is more than enough, empty slabs go.
    fn free_block(&mut self, objects: &[Object], host: &mut impl Host<KmemCache, SlabStep>) {
        let limit = self.geometry.free_limit(self.cpus_of_node());
        let num = u32::from(self.geometry.objects);
        for object in objects {
            let at = object.at.index();
            let Some(slab) = self.slabs[at].as_mut() else { unreachable!("an object's slab is there") };
            slab.active -= 1;
            slab.freelist[usize::from(slab.active)] = object.index;
            let (empty, node) = (slab.active == 0, usize::from(slab.node));
            let lists = &mut self.nodes[node];
            lists.free_objects += 1;
            for list in [&mut lists.partial, &mut lists.full] {
                list.retain(|on| *on != at);
            }
            if !empty {
                lists.partial.push_back(at);
                continue;
            }
            host.did(self, SlabStep::Empty { slab: object.slab });
            let lists = &mut self.nodes[node];
            if self.geometry.era == Era::Linux2_6 && lists.free_objects > limit {
                lists.free_objects -= num;
                self.destroy(at, host);
            } else {
                lists.free.push_front(at);
            }
        }
        if self.geometry.era == Era::Linux6_1 {
            for node in 0..self.nodes.len() {
                let mut doomed = Vec::new();
                while self.nodes[node].free_objects > limit {
                    let Some(at) = self.nodes[node].free.pop_back() else { break };
                    self.nodes[node].free_objects -= num;
                    doomed.push(at);
                }
                // Each went to the head of a list of its own (`list_move()`).
                for at in doomed.into_iter().rev() {
                    self.destroy(at, host);
                }
            }
        }
    }

    fn destroy(&mut self, at: SlabAt, host: &mut impl Host<KmemCache, SlabStep>) {
        let Some(slab) = self.slabs[at].take() else { return };
        host.did(self, SlabStep::Destroys { slab: slab.pfn });
        host.give_back(self, slab.pfn, slab.order);
    }

    /// Takes everything from CPUs and shared arrays, and gives back every slab that is empty then
    /// (`__kmem_cache_shrink()`).
    pub fn shrink(&mut self, host: &mut impl Host<KmemCache, SlabStep>) {
        for cpu in 0..self.cpus.len() {
            let all: Vec<Object> = std::mem::take(&mut self.cpus[cpu].entries).into();
            self.free_block(&all, host);
        }
        for node in 0..self.nodes.len() {
            let all: Vec<Object> = std::mem::take(&mut self.nodes[node].shared.entries).into();
            self.free_block(&all, host);
            self.drain_free_slabs(node, u32::MAX, host);
        }
    }

    /// What runs every two seconds on each CPU (`cache_reap()`): an array that was not used since loses a fifth; every
    /// four seconds, with `node`, the shared array and the empty slabs have their turn.
    pub fn reap(&mut self, cpu: CpuId, node: Option<u8>, host: &mut impl Host<KmemCache, SlabStep>) {
        let oldest = drain_array(&mut self.cpus[cpu.index()], self.geometry.limit);
        self.free_block(&oldest, host);
        let Some(node) = node.map(usize::from) else { return };
        let g = self.geometry;
        let oldest = drain_array(&mut self.nodes[node].shared, g.shared * g.batchcount);
        self.free_block(&oldest, host);
        if std::mem::take(&mut self.nodes[node].free_touched) {
            return;
        }
        let num = u32::from(g.objects);
        let limit = g.free_limit(self.cpus_of_node());
        self.drain_free_slabs(node, limit.div_ceil(5 * num), host);
    }

    /// `drain_freelist()`: the coldest first.
    fn drain_free_slabs(&mut self, node: usize, most: u32, host: &mut impl Host<KmemCache, SlabStep>) {
        for _ in 0..most {
            let Some(at) = self.nodes[node].free.pop_back() else { return };
            self.nodes[node].free_objects -= u32::from(self.geometry.objects);
            self.destroy(at, host);
        }
    }

    fn cpus_of_node(&self) -> u32 {
        (self.cpus.len() / self.nodes.len()) as u32
    }

    fn slab_of(&self, object: Object) -> Option<&Slab> {
        self.slabs.get(object.at.index())?.as_ref().filter(|slab| slab.pfn == object.slab)
    }

    fn node_of(&self, object: Object) -> Option<u8> {
        Some(self.slab_of(object)?.node)
    }

    /// Whether somebody has it.
    #[must_use]
    pub fn is_in_use(&self, object: Object) -> bool {
        object.index < self.geometry.objects
            && self.slab_of(object).is_some_and(|slab| {
                !slab.freelist[usize::from(slab.active)..].contains(&object.index)
                    && !self.arrays().any(|free| *free == object)
            })
    }

    /// Pages of all its slabs.
    #[must_use]
    pub fn pages(&self) -> NrPages {
        NrPages(self.slabs.iter().flatten().map(|slab| u64::from(slab.order.pages())).sum())
    }

    /// Objects that somebody has.
    #[must_use]
    pub fn in_use(&self) -> u32 {
        self.slabinfo().active_objs - self.arrays().count() as u32
    }

    /// The objects in the array of a CPU, the next one to be handed out last.
    pub fn array(&self, cpu: CpuId) -> impl DoubleEndedIterator<Item = Object> {
        self.cpus[cpu.index()].entries.iter().copied()
    }

    /// The objects in the array that the CPUs of a node share.
    pub fn shared_array(&self, node: u8) -> impl DoubleEndedIterator<Item = Object> {
        self.nodes[usize::from(node)].shared.entries.iter().copied()
    }

    /// Its slabs: the partial ones in the order in which they will be used, the free ones, the full ones.
    #[must_use]
    pub fn look(&self) -> Vec<SlabLook> {
        let mut seen: Vec<(SlabAt, SlabPlace)> = Vec::new();
        for (number, node) in (0u8..).zip(&self.nodes) {
            seen.extend(node.partial.iter().map(|at| (*at, SlabPlace::Partial(number))));
            seen.extend(node.free.iter().map(|at| (*at, SlabPlace::Free(number))));
            seen.extend(node.full.iter().map(|at| (*at, SlabPlace::Full(number))));
        }
        // Inside a function a slab may be on its way from one list to another.
        for (at, slab) in self.slabs.iter().enumerate() {
            if let Some(slab) = slab.as_ref().filter(|_| !seen.iter().any(|(of, _)| *of == at)) {
                seen.push((at, SlabPlace::Moving(slab.node)));
            }
        }
        let mut kept = vec![0u16; self.slabs.len()];
        self.arrays().for_each(|object| kept[object.at.index()] += 1);
        let look = |(at, place): (SlabAt, SlabPlace)| {
            let slab = self.slabs[at].as_ref()?;
            Some(SlabLook {
                at: SlabId(at as u32),
                pfn: slab.pfn,
                order: slab.order,
                objects: self.geometry.objects,
                in_use: slab.active - kept[at],
                colour: slab.colour,
                place,
                free: slab.freelist[usize::from(slab.active)..].to_vec(),
                free_of_cpu: 0,
            })
        };
        seen.into_iter().filter_map(look).collect()
    }

    /// The arrays, and what is next in line.
    pub(crate) fn digest_arrays(&self, to: &mut Digest) {
        for object in self.arrays() {
            to.word(u64::from(object.slab.0) << 16 | u64::from(object.index));
        }
        self.cpus.iter().for_each(|array| to.word(u64::from(array.touched)));
        for node in &self.nodes {
            to.word(u64::from(node.colour_next) << 2 | u64::from(node.free_touched) << 1);
        }
    }

    /// All that it has; what is left has nothing.
    pub(crate) fn take(&mut self) -> KmemCache {
        let KmemCache { args, geometry, cpus, nodes, slabs } = self;
        KmemCache {
            args: *args,
            geometry: *geometry,
            cpus: std::mem::take(cpus),
            nodes: std::mem::take(nodes),
            slabs: std::mem::take(slabs),
        }
    }

    /// The line of `/proc/slabinfo` (`get_slabinfo()`).
    #[must_use]
    pub fn slabinfo(&self) -> SlabInfo {
        let num_slabs = self.slabs.iter().flatten().count() as u32;
        let num_objs = num_slabs * u32::from(self.geometry.objects);
        let sum = |of: fn(&Node) -> usize| self.nodes.iter().map(of).sum::<usize>() as u32;
        SlabInfo {
            active_objs: num_objs - self.nodes.iter().map(|node| node.free_objects).sum::<u32>(),
            num_objs,
            active_slabs: num_slabs - sum(|node| node.free.len()),
            num_slabs,
            shared_avail: sum(|node| node.shared.entries.len()),
        }
    }

    /// The laws: every slab on the list of how full it is, no object free twice, counts as a recount has them.
    ///
    /// # Errors
    /// What is broken, in a sentence.
    pub fn check(&self) -> Result<(), String> {
        let num = self.geometry.objects;
        for (at, slab) in self.slabs.iter().enumerate() {
            let Some(slab) = slab else { continue };
            let node = &self.nodes[usize::from(slab.node)];
            let on =
                [&node.partial, &node.full, &node.free].map(|list| list.iter().filter(|s| **s == at).count());
            let expected = if slab.active == 0 {
                [0, 0, 1]
            } else if slab.active == num {
                [0, 1, 0]
            } else {
                [1, 0, 0]
            };
            if on != expected {
                return Err(format!("slab {at} with {} active is on {on:?}", slab.active));
            }
            let mut free = slab.freelist[usize::from(slab.active)..].to_vec();
            free.extend(self.arrays().filter(|object| object.slab == slab.pfn).map(|object| object.index));
            free.sort_unstable();
            if free.windows(2).any(|pair| pair[0] == pair[1]) || free.iter().any(|index| *index >= num) {
                return Err(format!("an object of slab {at} is free twice, or outside of it"));
            }
        }
        for (number, node) in self.nodes.iter().enumerate() {
            let of_node = self.slabs.iter().flatten().filter(|slab| usize::from(slab.node) == number);
            if node.free_objects != of_node.map(|slab| u32::from(num - slab.active)).sum::<u32>() {
                return Err(format!("node {number} does not count its free objects right"));
            }
        }
        Ok(())
    }

    /// The objects in arrays.
    fn arrays(&self) -> impl Iterator<Item = &Object> {
        let shared = self.nodes.iter().map(|node| &node.shared);
        self.cpus.iter().chain(shared).flat_map(|array| &array.entries)
    }
}

/// `drain_array_locked()`: nothing of an array that was used since the last time; else its oldest objects.
fn drain_array(array: &mut ArrayCache, limit: u32) -> Vec<Object> {
    if array.entries.is_empty() || std::mem::take(&mut array.touched) {
        return Vec::new();
    }
    let avail = array.entries.len();
    let fifth = (limit as usize).div_ceil(5);
    array.entries.drain(..if fifth > avail { avail.div_ceil(2) } else { fifth }).collect()
}
