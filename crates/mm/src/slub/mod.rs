//! SLUB: slabs of objects cut from buddy blocks, with a freelist in the free objects (mm/slub.c, 6.1).
//!
//! # Where a slab can be
//! - A CPU's slab: the CPU hands its objects out; all of them count as in use.
//! - A CPU's partial list: slabs that were full until this CPU freed an object of theirs. With the CPU's slab they are
//!   *frozen*: no other CPU takes objects of them, and frees into them touch no list.
//! - A node's partial list: some objects are free, anybody may take it.
//! - Nowhere: it is full, and comes back with the first object that is freed.
//!
//! What is done is told to a [`Host`], in the order in which the kernel does it.

mod geometry;
mod lists;
#[cfg(test)]
mod tests;

pub use geometry::Geometry;

use std::rc::Rc;

use crate::rng::Rng;
use crate::slab_common::{CacheArgs, SlabLook, SlabPlace};
use crate::units::{CpuId, NrPages, Order, Pfn};
use lists::List;

/// A slab of a cache: an index into the cache's slabs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct SlabId(pub(crate) u32);

impl SlabId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// An object: its slab, and which object of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct Object {
    /// The first frame of its slab.
    pub slab: Pfn,
    /// The number of its slab.
    pub at: SlabId,
    /// Its number in the slab, from the slab's start.
    pub index: u16,
}

/// What a cache works in: the buddy system below it, and whoever looks on.
///
/// The cache is handed along, so that all of it can be looked at whenever something is done.
pub trait Host<C, S> {
    /// A block of `order`, else one of `min` (`allocate_slab()`: the first without trying hard); with its node.
    fn take(&mut self, cache: &mut C, order: Order, min: Order) -> Option<(Pfn, Order, u8)>;
    /// Gives a block back (`__free_slab()`).
    fn give_back(&mut self, cache: &mut C, pfn: Pfn, order: Order);
    /// Something was done.
    fn did(&mut self, cache: &mut C, step: S);
}

/// What SLUB does in one request, told as it happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SlubStep {
    /// The head of the CPU's own freelist is handed out (`slab_alloc_node()`).
    FastAlloc(Object),
    /// The CPU's freelist is empty; what was freed into its slab from elsewhere becomes its freelist
    /// (`get_freelist()`).
    TakesRemoteFrees {
        /// The slab.
        slab: Pfn,
        /// Objects on the list.
        objects: u16,
    },
    /// Nothing is free in the CPU's slab: it is let go, full (`get_freelist()`).
    LetsFullSlabGo {
        /// The slab.
        slab: Pfn,
    },
    /// The newest slab of the CPU's partial list becomes its slab (`___slab_alloc()`).
    TakesCpuPartial {
        /// The slab.
        slab: Pfn,
    },
    /// The first slab of a node's partial list becomes the CPU's slab (`get_partial_node()`).
    TakesNodePartial {
        /// The slab.
        slab: Pfn,
        /// The node.
        node: u8,
    },
    /// One more slab moves from the node's partial list to the CPU's (`get_partial_node()`).
    TakesOneMore {
        /// The slab.
        slab: Pfn,
    },
    /// A block comes from the buddy system and becomes the CPU's slab (`new_slab()`).
    NewSlab {
        /// The slab.
        slab: Pfn,
        /// The block's order.
        order: Order,
    },
    /// The buddy system has no block (`slab_out_of_memory()`).
    NoSlab,
    /// The object goes to the head of the freelist of the CPU's own slab (`do_slab_free()`).
    FastFree(Object),
    /// The object goes to the head of its slab's freelist (`__slab_free()`).
    SlowFree {
        /// The object.
        object: Object,
        /// Its slab belongs to a CPU: no list changes.
        frozen: bool,
    },
    /// The slab was full until now; it goes on this CPU's partial list (`put_cpu_partial()`).
    ToCpuPartial {
        /// The slab.
        slab: Pfn,
    },
    /// The CPU has as many partial slabs as it may: all of them leave it (`__unfreeze_partials()`).
    CpuPartialIsFull {
        /// How many.
        slabs: u32,
    },
    /// The slab goes on its node's partial list (`add_partial()`).
    ToNodePartial {
        /// The slab.
        slab: Pfn,
        /// At its end; else it is the next to be taken.
        tail: bool,
    },
    /// The slab was deactivated with every object in use (`deactivate_slab()`).
    StaysFull {
        /// The slab.
        slab: Pfn,
    },
    /// All of its objects are free, and the node has enough slabs: back to the buddy system (`discard_slab()`).
    Discards {
        /// The slab.
        slab: Pfn,
    },
    /// Its last object was freed, but the node keeps at least `min_partial` slabs.
    KeepsEmpty {
        /// The slab.
        slab: Pfn,
    },
}

/// Which list a slab is on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    /// It belongs to a CPU: its slab, or on its partial list.
    Frozen,
    /// On its node's partial list.
    Partial,
    /// On none: full.
    Nowhere,
}

/// What an object says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    /// It is in use.
    InUse,
    /// It is free, and the last one.
    End,
    /// It is free, and so is this one.
    Free(u16),
}

impl Next {
    fn of(next: Option<u16>) -> Next {
        next.map_or(Next::End, Next::Free)
    }

    fn free(self) -> Option<u16> {
        match self {
            Next::Free(next) => Some(next),
            Next::End | Next::InUse => None,
        }
    }
}

/// A slab (`struct slab`, mm/slab.h).
#[derive(Clone, Debug)]
struct Slab {
    pfn: Pfn,
    order: Order,
    node: u8,
    /// How many objects it has.
    objects: u16,
    /// Of them in use, as the slab counts: all of them while a CPU has its freelist.
    inuse: u16,
    /// The head of its own freelist.
    freelist: Option<u16>,
    /// What each object says of the next one that is free.
    next: Rc<[Next]>,
    place: Place,
    links: lists::Links,
}

/// What a CPU has of a cache (`struct kmem_cache_cpu`).
#[derive(Clone, Debug, Default)]
struct CpuSlab {
    /// `c->slab`
    slab: Option<SlabId>,
    /// `c->freelist`
    freelist: Option<u16>,
    /// `c->partial`, the newest first.
    partial: Vec<SlabId>,
}

/// What a node has of a cache (`struct kmem_cache_node`).
#[derive(Clone, Debug, Default)]
struct NodeSlabs {
    partial: List,
    /// `nr_slabs`
    slabs: u32,
    /// `total_objects`
    objects: u32,
}

/// The figures of `/sys/kernel/slab/<cache>`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SlabFigures {
    /// `objects`: those that are not free on a node's partial list.
    pub objects: u32,
    /// `total_objects`
    pub total_objects: u32,
    /// `slabs`
    pub slabs: u32,
    /// `partial`: slabs on the nodes' partial lists.
    pub partial: u32,
    /// `objects_partial`: objects in use in those.
    pub objects_partial: u32,
    /// `cpu_slabs`: slabs of CPUs, with those on their partial lists.
    pub cpu_slabs: u32,
    /// `slabs_cpu_partial`, its second number: slabs on the CPUs' partial lists.
    pub slabs_cpu_partial: u32,
}

/// Objects that a free has nothing to do with: they are not in use, or of another cache.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotInUse(pub Object);

/// A cache (`struct kmem_cache`).
#[derive(Clone, Debug)]
pub struct KmemCache {
    args: CacheArgs,
    geometry: Geometry,
    cpus: Vec<CpuSlab>,
    nodes: Vec<NodeSlabs>,
    slabs: Vec<Option<Slab>>,
    /// The order in which the objects of a new slab follow each other, and where it is entered; none: ascending
    /// (`CONFIG_SLAB_FREELIST_RANDOM`).
    random: Option<(Rc<[u16]>, Rng)>,
}

/// A machine without per-CPU partial lists has none to fill (`CONFIG_SLUB_CPU_PARTIAL`); the kernels of the reference
/// have them.
impl KmemCache {
    /// An empty cache on a machine with these nodes; `cpus` are those that are present.
    #[must_use]
    pub fn new(args: CacheArgs, geometry: Geometry, cpus: u8, nodes: u8) -> KmemCache {
        KmemCache {
            args,
            geometry,
            cpus: vec![CpuSlab::default(); usize::from(cpus)],
            nodes: vec![NodeSlabs::default(); usize::from(nodes)],
            slabs: Vec::new(),
            random: None,
        }
    }

    /// The same with objects in a random order, drawn once for the cache and entered anew by each slab
    /// (`init_cache_random_seq()` and `shuffle_freelist()`).
    #[must_use]
    pub fn randomised(mut self, mut rng: Rng) -> KmemCache {
        let mut order: Vec<u16> = (0..self.geometry.objects).collect();
        for at in (1..order.len()).rev() {
            order.swap(at, rng.below(at as u32 + 1) as usize);
        }
        self.random = Some((order.into(), rng));
        self
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

    /// An object, as `cpu` on `node` asks (`kmem_cache_alloc()`); none when there is no memory.
    pub fn alloc(
        &mut self,
        cpu: CpuId,
        node: u8,
        host: &mut impl Host<KmemCache, SlubStep>,
    ) -> Option<Object> {
        loop {
            let CpuSlab { slab, freelist, .. } = &mut self.cpus[cpu.index()];
            if let (Some(id), Some(index)) = (*slab, *freelist) {
                let slab =
                    self.slabs[id.index()].as_mut().unwrap_or_else(|| unreachable!("a CPU's slab is there"));
                *freelist = slab.next[usize::from(index)].free();
                slab.say(index, Next::InUse);
                let object = Object { slab: slab.pfn, at: id, index };
                host.did(self, SlubStep::FastAlloc(object));
                return Some(object);
            }
            // `___slab_alloc()`: from what is near to what is far.
            let found = self.takes_remote_frees(cpu, host)
                || self.takes_cpu_partial(cpu, host)
                || self.takes_node_partial(cpu, node, host)
                || self.takes_new_slab(cpu, host);
            if !found {
                host.did(self, SlubStep::NoSlab);
                return None;
            }
        }
    }

    /// `get_freelist()`: all that was freed into the CPU's slab at once, or the slab goes.
    fn takes_remote_frees(&mut self, cpu: CpuId, host: &mut impl Host<KmemCache, SlubStep>) -> bool {
        let Some(id) = self.cpus[cpu.index()].slab else { return false };
        let slab = self.slab_mut(id);
        let (pfn, objects) = (slab.pfn, slab.objects - slab.inuse);
        let Some(head) = slab.freelist.take() else {
            slab.place = Place::Nowhere;
            self.cpus[cpu.index()].slab = None;
            host.did(self, SlubStep::LetsFullSlabGo { slab: pfn });
            return false;
        };
        slab.inuse = slab.objects;
        self.cpus[cpu.index()].freelist = Some(head);
        host.did(self, SlubStep::TakesRemoteFrees { slab: pfn, objects });
        true
    }

    fn takes_cpu_partial(&mut self, cpu: CpuId, host: &mut impl Host<KmemCache, SlubStep>) -> bool {
        let c = &mut self.cpus[cpu.index()];
        if c.partial.is_empty() {
            return false;
        }
        let id = c.partial.remove(0);
        c.slab = Some(id);
        host.did(self, SlubStep::TakesCpuPartial { slab: self.slab(id).pfn });
        true
    }

    /// `get_partial()`: the node's own list, then those of other nodes that have more than they need.
    fn takes_node_partial(
        &mut self,
        cpu: CpuId,
        node: u8,
        host: &mut impl Host<KmemCache, SlubStep>,
    ) -> bool {
        let min = self.geometry.min_partial;
        let others = (0..self.nodes.len() as u8).filter(|other| *other != node);
        let spare = |other: &u8| self.nodes[usize::from(*other)].partial.len() > min;
        let here = self.nodes[usize::from(node)].partial.len() > 0;
        let Some(from) = here.then_some(node).or_else(|| others.into_iter().find(spare)) else {
            return false;
        };
        let id = self.leave_partial_head(from);
        let slab = self.slab_mut(id);
        let head = slab.freelist.take();
        slab.inuse = slab.objects;
        let pfn = slab.pfn;
        let c = &mut self.cpus[cpu.index()];
        (c.slab, c.freelist) = (Some(id), head);
        host.did(self, SlubStep::TakesNodePartial { slab: pfn, node: from });
        // A few more for the CPU, while the lock is held anyway.
        for _ in 0..=self.geometry.cpu_partial_slabs / 2 {
            if self.nodes[usize::from(from)].partial.len() == 0 {
                break;
            }
            let id = self.leave_partial_head(from);
            self.cpus[cpu.index()].partial.insert(0, id);
            host.did(self, SlubStep::TakesOneMore { slab: self.slab(id).pfn });
        }
        true
    }

    /// `new_slab()`
    fn takes_new_slab(&mut self, cpu: CpuId, host: &mut impl Host<KmemCache, SlubStep>) -> bool {
        let g = self.geometry;
        let Some((pfn, order, node)) = host.take(self, g.order, g.min_order) else { return false };
        let objects = if order == g.order { g.objects } else { g.min_objects };
        let (head, next) = self.new_freelist(objects);
        let slab = Slab {
            pfn,
            order,
            node,
            objects,
            inuse: objects,
            freelist: None,
            next,
            place: Place::Frozen,
            links: lists::Links::default(),
        };
        let free = self.slabs.iter().position(Option::is_none);
        let at = free.unwrap_or_else(|| {
            self.slabs.push(None);
            self.slabs.len() - 1
        });
        self.slabs[at] = Some(slab);
        let n = &mut self.nodes[usize::from(node)];
        n.slabs += 1;
        n.objects += u32::from(objects);
        let c = &mut self.cpus[cpu.index()];
        (c.slab, c.freelist) = (Some(SlabId(at as u32)), head);
        host.did(self, SlubStep::NewSlab { slab: pfn, order });
        true
    }

    /// The freelist of a new slab: ascending, or the cache's random order from a place of its own.
    fn new_freelist(&mut self, objects: u16) -> (Option<u16>, Rc<[Next]>) {
        let mut next = vec![Next::End; usize::from(objects)];
        let order: Vec<u16> = match &mut self.random {
            Some((sequence, rng)) => {
                let start = rng.below(sequence.len() as u32) as usize;
                let around = sequence[start..].iter().chain(&sequence[..start]);
                around.copied().filter(|index| *index < objects).collect()
            }
            None => (0..objects).collect(),
        };
        for pair in order.windows(2) {
            next[usize::from(pair[0])] = Next::Free(pair[1]);
        }
        (order.first().copied(), next.into())
    }

    /// Frees an object on a CPU (`kmem_cache_free()`).
    ///
    /// # Errors
    /// [`NotInUse`] when no such object is in use: a bug of whoever frees it, and nothing changes.
    pub fn free(
        &mut self,
        cpu: CpuId,
        object: Object,
        host: &mut impl Host<KmemCache, SlubStep>,
    ) -> Result<(), NotInUse> {
        if !self.is_in_use(object) {
            return Err(NotInUse(object));
        }
        let id = object.at;
        let c = &mut self.cpus[cpu.index()];
        if c.slab == Some(id) {
            let before = c.freelist.replace(object.index);
            self.slab_mut(id).link(object.index, before);
            host.did(self, SlubStep::FastFree(object));
            return Ok(());
        }
        self.free_slow(cpu, id, object, host);
        Ok(())
    }

    /// `__slab_free()`
    fn free_slow(
        &mut self,
        cpu: CpuId,
        id: SlabId,
        object: Object,
        host: &mut impl Host<KmemCache, SlubStep>,
    ) {
        let slab = self.slab_mut(id);
        let before = slab.freelist.replace(object.index);
        slab.link(object.index, before);
        slab.inuse -= 1;
        let (place, empty, node) = (slab.place, slab.inuse == 0, slab.node);
        host.did(self, SlubStep::SlowFree { object, frozen: place == Place::Frozen });
        match place {
            Place::Frozen => {}
            Place::Nowhere => self.put_cpu_partial(cpu, id, host),
            Place::Partial if !empty => {}
            Place::Partial if self.has_enough(node) => {
                self.leave_partial(id);
                self.discard(id, host);
            }
            Place::Partial => host.did(self, SlubStep::KeepsEmpty { slab: object.slab }),
        }
    }

    /// `put_cpu_partial()` with `drain`: one list is full, the next one starts with this slab.
    fn put_cpu_partial(&mut self, cpu: CpuId, id: SlabId, host: &mut impl Host<KmemCache, SlubStep>) {
        let slab = self.slab_mut(id);
        slab.place = Place::Frozen;
        let pfn = slab.pfn;
        let limit = self.geometry.cpu_partial_slabs as usize;
        let partial = &mut self.cpus[cpu.index()].partial;
        let full = if partial.len() >= limit { std::mem::take(partial) } else { Vec::new() };
        self.cpus[cpu.index()].partial.insert(0, id);
        host.did(self, SlubStep::ToCpuPartial { slab: pfn });
        if !full.is_empty() {
            host.did(self, SlubStep::CpuPartialIsFull { slabs: full.len() as u32 });
            self.unfreeze_partials(&full, host);
        }
    }

    /// `__unfreeze_partials()`: the newest first.
    fn unfreeze_partials(&mut self, slabs: &[SlabId], host: &mut impl Host<KmemCache, SlubStep>) {
        let mut empty = Vec::new();
        for id in slabs {
            let slab = self.slab(*id);
            if slab.inuse == 0 && self.has_enough(slab.node) {
                empty.push(*id);
            } else {
                self.enter_partial(*id, true, host);
            }
        }
        // They were chained up, so the last one goes first.
        for id in empty.into_iter().rev() {
            self.discard(id, host);
        }
    }

    /// Takes everything from a CPU (`__flush_cpu_slab()`).
    pub fn flush_cpu(&mut self, cpu: CpuId, host: &mut impl Host<KmemCache, SlubStep>) {
        let CpuSlab { slab, freelist, partial } = std::mem::take(&mut self.cpus[cpu.index()]);
        if let Some(id) = slab {
            self.deactivate(id, freelist, host);
        }
        self.unfreeze_partials(&partial, host);
    }

    /// `deactivate_slab()`: the CPU's freelist goes in front of the slab's own.
    fn deactivate(&mut self, id: SlabId, freelist: Option<u16>, host: &mut impl Host<KmemCache, SlubStep>) {
        let slab = self.slab_mut(id);
        // Objects that others freed into it wait for whoever is next in line.
        let tail = slab.freelist.is_some();
        if let Some(head) = freelist {
            let own = slab.freelist.replace(head);
            let (mut last, mut count) = (head, 1);
            while let Some(next) = slab.next[usize::from(last)].free() {
                (last, count) = (next, count + 1);
            }
            slab.link(last, own);
            slab.inuse -= count;
        }
        let (pfn, node) = (slab.pfn, slab.node);
        let (empty, full) = (slab.inuse == 0, slab.freelist.is_none());
        if empty && self.has_enough(node) {
            self.discard(id, host);
        } else if full {
            self.slab_mut(id).place = Place::Nowhere;
            host.did(self, SlubStep::StaysFull { slab: pfn });
        } else {
            self.enter_partial(id, tail, host);
        }
    }

    /// Takes everything from every CPU, gives back what is empty, and puts the fullest slabs first
    /// (`__kmem_cache_shrink()`).
    pub fn shrink(&mut self, host: &mut impl Host<KmemCache, SlubStep>) {
        for cpu in 0..self.cpus.len() as u8 {
            self.flush_cpu(CpuId(cpu), host);
        }
        for node in 0..self.nodes.len() {
            let mut empty = Vec::new();
            // By how many objects are free, 1 to 32; those with more keep their order behind them.
            let mut buckets: [Vec<SlabId>; 32] = Default::default();
            for id in self.partial(node as u8).collect::<Vec<_>>() {
                let slab = self.slab(id);
                match slab.objects - slab.inuse {
                    free if free == slab.objects => empty.push(id),
                    free @ 1..=32 => buckets[usize::from(free) - 1].insert(0, id),
                    _ => continue,
                }
                self.leave_partial(id);
            }
            for bucket in buckets.iter().rev() {
                for id in bucket.iter().rev() {
                    self.link_partial(*id, false);
                }
            }
            // Each went to the head of a list of its own (`list_move()`).
            for id in empty.into_iter().rev() {
                self.discard(id, host);
            }
        }
    }

    fn discard(&mut self, id: SlabId, host: &mut impl Host<KmemCache, SlubStep>) {
        let Some(slab) = self.slabs[id.index()].take() else { return };
        let node = &mut self.nodes[usize::from(slab.node)];
        node.slabs -= 1;
        node.objects -= u32::from(slab.objects);
        host.did(self, SlubStep::Discards { slab: slab.pfn });
        host.give_back(self, slab.pfn, slab.order);
    }

    /// Whether a node keeps no more empty slabs.
    fn has_enough(&self, node: u8) -> bool {
        self.nodes[usize::from(node)].partial.len() >= self.geometry.min_partial
    }

    fn enter_partial(&mut self, id: SlabId, tail: bool, host: &mut impl Host<KmemCache, SlubStep>) {
        self.link_partial(id, tail);
        host.did(self, SlubStep::ToNodePartial { slab: self.slab(id).pfn, tail });
    }

    fn slab(&self, id: SlabId) -> &Slab {
        self.slabs[id.index()].as_ref().unwrap_or_else(|| unreachable!("a list names slabs that are there"))
    }

    fn slab_mut(&mut self, id: SlabId) -> &mut Slab {
        self.slabs[id.index()].as_mut().unwrap_or_else(|| unreachable!("a list names slabs that are there"))
    }

    /// The free objects of a slab, in the order in which they will be handed out: first those that a CPU has.
    fn free_objects(&self, id: SlabId) -> impl Iterator<Item = u16> {
        let slab = self.slab(id);
        let of_cpu = self.cpus.iter().find(|c| c.slab == Some(id)).and_then(|c| c.freelist);
        let chain = |head: Option<u16>| std::iter::successors(head, |at| slab.next[usize::from(*at)].free());
        chain(of_cpu).chain(chain(slab.freelist))
    }

    /// Whether somebody has it.
    #[must_use]
    pub fn is_in_use(&self, object: Object) -> bool {
        let slab = self.slabs.get(object.at.index()).and_then(Option::as_ref);
        slab.is_some_and(|slab| {
            slab.pfn == object.slab && slab.next.get(usize::from(object.index)) == Some(&Next::InUse)
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
        let of = |slab: &Slab| slab.next.iter().filter(|next| **next == Next::InUse).count() as u32;
        self.slabs.iter().flatten().map(of).sum()
    }

    /// Its slabs: those of CPUs, those on the partial lists of CPUs and of nodes, the full ones.
    #[must_use]
    pub fn look(&self) -> Vec<SlabLook> {
        let mut seen = Vec::new();
        for (cpu, c) in (0u8..).zip(&self.cpus) {
            seen.extend(c.slab.map(|id| (id, SlabPlace::Cpu(cpu))));
        }
        for (cpu, c) in (0u8..).zip(&self.cpus) {
            seen.extend(c.partial.iter().map(|id| (*id, SlabPlace::CpuPartial(cpu))));
        }
        for node in 0..self.nodes.len() as u8 {
            seen.extend(self.partial(node).map(|id| (id, SlabPlace::Partial(node))));
        }
        // Inside a function a slab may be on its way from one place to another.
        let mut placed = vec![false; self.slabs.len()];
        seen.iter().for_each(|(id, _)| placed[id.index()] = true);
        let others = (0u32..).zip(&self.slabs).filter(|(at, _)| !placed[*at as usize]);
        seen.extend(others.filter_map(|(at, slab)| {
            let slab = slab.as_ref()?;
            let of = if slab.freelist.is_none() { SlabPlace::Full } else { SlabPlace::Moving };
            Some((SlabId(at), of(slab.node)))
        }));
        seen.into_iter().map(|(id, place)| self.look_at(id, place)).collect()
    }

    fn look_at(&self, id: SlabId, place: SlabPlace) -> SlabLook {
        let slab = self.slab(id);
        let free: Vec<u16> = self.free_objects(id).collect();
        let own = std::iter::successors(slab.freelist, |at| slab.next[usize::from(*at)].free()).count();
        SlabLook {
            at: id,
            pfn: slab.pfn,
            order: slab.order,
            objects: slab.objects,
            in_use: slab.next.iter().filter(|next| **next == Next::InUse).count() as u16,
            colour: 0,
            place,
            free_of_cpu: (free.len() - own) as u16,
            free,
        }
    }

    /// All that it has; what is left has nothing.
    pub(crate) fn take(&mut self) -> KmemCache {
        let KmemCache { args, geometry, cpus, nodes, slabs, random } = self;
        KmemCache {
            args: *args,
            geometry: *geometry,
            cpus: std::mem::take(cpus),
            nodes: std::mem::take(nodes),
            slabs: std::mem::take(slabs),
            random: random.take(),
        }
    }

    /// The figures of `/sys/kernel/slab/<cache>` (`show_slab_objects()`).
    #[must_use]
    pub fn figures(&self) -> SlabFigures {
        let mut figures = SlabFigures::default();
        for (node, n) in (0u8..).zip(&self.nodes) {
            figures.total_objects += n.objects;
            figures.objects += n.objects;
            figures.slabs += n.slabs;
            figures.partial += n.partial.len();
            for id in self.partial(node) {
                let slab = self.slab(id);
                figures.objects_partial += u32::from(slab.inuse);
                figures.objects -= u32::from(slab.objects - slab.inuse);
            }
        }
        for c in &self.cpus {
            figures.cpu_slabs += u32::from(c.slab.is_some());
            figures.slabs_cpu_partial += c.partial.len() as u32;
        }
        figures.cpu_slabs += figures.slabs_cpu_partial;
        figures
    }

    /// The laws: every list whole, every freelist inside its slab and without a loop, every count a recount.
    ///
    /// # Errors
    /// What is broken, in a sentence.
    pub fn check(&self) -> Result<(), String> {
        let mut places = vec![0u32; self.slabs.len()];
        for (cpu, c) in self.cpus.iter().enumerate() {
            if c.slab.is_none() && c.freelist.is_some() {
                return Err(format!("CPU {cpu} has a freelist and no slab"));
            }
            for id in c.slab.iter().chain(&c.partial) {
                if self.slabs[id.index()].as_ref().is_none_or(|slab| slab.place != Place::Frozen) {
                    return Err(format!("CPU {cpu} has slab {}, which is not frozen", id.0));
                }
                places[id.index()] += 1;
            }
        }
        for (node, n) in (0u8..).zip(&self.nodes) {
            let of_node = || self.slabs.iter().flatten().filter(|slab| slab.node == node);
            if n.slabs as usize != of_node().count()
                || n.objects != of_node().map(|slab| u32::from(slab.objects)).sum::<u32>()
            {
                return Err(format!("node {node} does not count its slabs or objects right"));
            }
            if self.partial(node).count() != n.partial.len() as usize {
                return Err(format!("node {node} does not count its partial list right"));
            }
            for id in self.partial(node) {
                let slab = self.slab(id);
                if slab.place != Place::Partial || slab.node != node || slab.freelist.is_none() {
                    return Err(format!("slab {} is on the wrong list", id.0));
                }
                places[id.index()] += 1;
            }
        }
        for (at, slab) in self.slabs.iter().enumerate() {
            let Some(slab) = slab else { continue };
            let id = SlabId(at as u32);
            if places[at] != u32::from(slab.place != Place::Nowhere) {
                return Err(format!("slab {at} is on {} lists", places[at]));
            }
            let mut seen = vec![false; usize::from(slab.objects)];
            for index in self.free_objects(id).take(usize::from(slab.objects) + 1) {
                if std::mem::replace(
                    seen.get_mut(usize::from(index)).ok_or("a free object outside its slab")?,
                    true,
                ) {
                    return Err(format!("object {index} of slab {at} is free twice"));
                }
            }
            if slab.next.iter().zip(&seen).any(|(next, free)| (*next == Next::InUse) == *free) {
                return Err(format!("an object of slab {at} is neither free nor in use, or both"));
            }
            let own = std::iter::successors(slab.freelist, |at| slab.next[usize::from(*at)].free()).count();
            if usize::from(slab.objects - slab.inuse) != own {
                return Err(format!("slab {at} says {} in use, and {own} are free", slab.inuse));
            }
            if slab.place == Place::Nowhere && own > 0 {
                return Err(format!("slab {at} has free objects and is on no list"));
            }
        }
        Ok(())
    }
}

impl Slab {
    /// A free object's pointer to the next.
    fn link(&mut self, index: u16, next: Option<u16>) {
        self.say(index, Next::of(next));
    }

    fn say(&mut self, index: u16, next: Next) {
        Rc::make_mut(&mut self.next)[usize::from(index)] = next;
    }
}
