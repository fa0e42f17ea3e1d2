//! The machine's side of kernel objects: ops, and the door between caches and the buddy system.

use std::rc::Rc;

use super::caches::{Cache, Kmem, KmemConfig, Objects};
use super::{Allocator, CacheArgs, Kmalloc, KmallocType, SlabFlags, kmalloc};
use crate::cache::{self, Shape};
use crate::config::Arch;
use crate::cow::own;
use crate::gfp::GfpFlags;
use crate::machine::{Machine, Named, UnitEnd};
use crate::op::{Gfp, KmemOp, NameId, PageKind};
use crate::page::Block;
use crate::process::Cell;
use crate::rng::Rng;
use crate::slab::SlabStep;
use crate::slub::{Host, Object, SlubStep};
use crate::step::{Func, KmemStep, Nothing, SkipReason, StepKind, Trace};
use crate::units::{CpuId, NrPages, Order, PAGE_SIZE, Pfn};
use crate::{slab, slub, vmalloc};

/// Runs the next unit of an op.
pub(crate) fn run(machine: &mut Machine, op: &KmemOp, t: &mut Trace<'_>) -> UnitEnd {
    machine.boot_kmem();
    match *op {
        KmemOp::Vmalloc { name, bytes, zero, cpu } => {
            return vmalloc::machine::alloc(machine, t, name, bytes, zero, cpu);
        }
        KmemOp::Kvmalloc { name, bytes, cpu } => return machine.kvmalloc(t, name, bytes, cpu),
        KmemOp::CacheCreate { name, args, merge } => machine.kmem_cache_create(t, name, &args, merge),
        KmemOp::CacheAlloc { name, cache, zero, cpu } => machine.kmem_cache_alloc(t, name, cache, zero, cpu),
        KmemOp::Kmalloc { name, bytes, ty, zero, cpu } => {
            if machine.may_name(t, name) {
                machine.kmalloc(t, name, bytes, ty, zero, cpu, GfpFlags::GFP_KERNEL);
            }
        }
        KmemOp::RegisterShrinker { cache, seeks } => machine.register_shrinker(t, cache, seeks),
        KmemOp::ListLru { name, unused } => machine.list_lru(t, name, unused),
        KmemOp::CacheShrink { cache } => machine.kmem_cache_shrink(t, cache),
        KmemOp::CacheDestroy { cache } => machine.kmem_cache_destroy(t, cache),
        KmemOp::Reap { cpu } => machine.cache_reap(t, cpu),
        KmemOp::Touch { name, offset, cpu } => machine.touch(t, name, offset, cpu),
    }
    UnitEnd::Done
}

/// Runs the next unit of giving back an object, an area or a cache.
pub(crate) fn free(machine: &mut Machine, name: NameId, cpu: CpuId, t: &mut Trace<'_>) -> UnitEnd {
    match machine.named(name) {
        Named::Object { cache, object } => {
            machine.kfree(t, name, cache, object, cpu);
            UnitEnd::Done
        }
        Named::Cache(_) => {
            machine.kmem_cache_destroy(t, name);
            UnitEnd::Done
        }
        _ => vmalloc::machine::free(machine, t, name, cpu),
    }
}

/// The allocator's way to the machine while it works on a cache that was taken out of it.
struct Door<'m, 'o> {
    machine: &'m mut Machine,
    t: &'m mut Trace<'o>,
    /// Which cache.
    at: usize,
    name: NameId,
    refcount: u16,
    merges: bool,
    /// What its pages are asked for with.
    gfp: GfpFlags,
    cpu: CpuId,
}

impl Door<'_, '_> {
    /// The cache is back in its place while `look` runs, for whoever looks on.
    fn shown<C>(
        &mut self,
        cache: &mut C,
        wrap: fn(&mut C) -> Objects,
        unwrap: fn(Objects) -> Option<C>,
        look: impl FnOnce(&mut Self),
    ) {
        if !self.t.looks() {
            return look(self);
        }
        let (name, refcount, merges) = (self.name, self.refcount, self.merges);
        let cache_now = Cache { name, refcount, merges, objects: wrap(cache) };
        self.machine.kmem_mut().caches[self.at] = Some(Rc::new(cache_now));
        look(self);
        let back = self.machine.kmem_mut().caches[self.at].take().map(Rc::unwrap_or_clone);
        if let Some(objects) = back.and_then(|cache| unwrap(cache.objects)) {
            *cache = objects;
        }
    }

    /// `alloc_slab_page()`
    fn take_pages(&mut self, order: Order, min: Order) -> Option<(Pfn, Order, u8)> {
        let func = if self.machine.kmem_config().allocator == Allocator::Slab {
            Func::KmemGetpages
        } else {
            Func::AllocateSlab
        };
        let (machine, cpu, name) = (&mut *self.machine, self.cpu, self.name);
        let with = |order: Order, flags: GfpFlags| {
            let compound = if order > Order::ZERO { GfpFlags::COMP } else { GfpFlags::NONE };
            Gfp { kind: PageKind::Slab, flags: flags | compound }
        };
        let gfp = self.gfp;
        let got = self.t.within(func, |t| {
            if order > min {
                // Without trying hard: fewer objects a slab are better than a search.
                let easy = (gfp | GfpFlags::NOWARN | GfpFlags::NORETRY | GfpFlags::NOMEMALLOC)
                    & !(GfpFlags::NOFAIL | GfpFlags::RECLAIM);
                let got = machine.alloc_pages(t, cpu, name, order.get(), with(order, easy));
                if let Some(pfn) = got {
                    return Some((pfn, order));
                }
            }
            let pfn = machine.alloc_pages(t, cpu, name, min.get(), with(min, gfp))?;
            Some((pfn, min))
        });
        let (pfn, order) = got?;
        let node = self.machine.zone_of(pfn).map_or(0, |zone| self.machine.zone(zone).node);
        Some((pfn, order, node))
    }

    fn give_pages(&mut self, pfn: Pfn, order: Order) {
        let func = if self.machine.kmem_config().allocator == Allocator::Slab {
            Func::KmemFreepages
        } else {
            Func::FreeSlab
        };
        let (machine, cpu, name) = (&mut *self.machine, self.cpu, self.name);
        self.t.within(func, |t| machine.free_pages(t, cpu, Some(name), Block { pfn, order }));
    }

    fn told(&mut self, func: Func, kind: StepKind) {
        let machine = &*self.machine;
        self.t.within(func, |t| t.emit(machine, kind));
    }
}

impl Host<slub::KmemCache, SlubStep> for Door<'_, '_> {
    fn take(&mut self, cache: &mut slub::KmemCache, order: Order, min: Order) -> Option<(Pfn, Order, u8)> {
        let mut got = None;
        self.shown(cache, |c| Objects::Slub(c.take()), as_slub, |door| got = door.take_pages(order, min));
        got
    }

    fn give_back(&mut self, cache: &mut slub::KmemCache, pfn: Pfn, order: Order) {
        self.shown(cache, |c| Objects::Slub(c.take()), as_slub, |door| door.give_pages(pfn, order));
    }

    fn did(&mut self, cache: &mut slub::KmemCache, step: SlubStep) {
        if self.t.looks() {
            let kind = StepKind::Slub { cache: self.name, step };
            self.shown(cache, |c| Objects::Slub(c.take()), as_slub, |door| door.told(step.func(), kind));
        }
    }
}

impl Host<slab::KmemCache, SlabStep> for Door<'_, '_> {
    fn take(&mut self, cache: &mut slab::KmemCache, order: Order, min: Order) -> Option<(Pfn, Order, u8)> {
        let mut got = None;
        self.shown(cache, |c| Objects::Slab(c.take()), as_slab, |door| got = door.take_pages(order, min));
        got
    }

    fn give_back(&mut self, cache: &mut slab::KmemCache, pfn: Pfn, order: Order) {
        self.shown(cache, |c| Objects::Slab(c.take()), as_slab, |door| door.give_pages(pfn, order));
    }

    fn did(&mut self, cache: &mut slab::KmemCache, step: SlabStep) {
        if self.t.looks() {
            let kind = StepKind::Slab { cache: self.name, step };
            self.shown(cache, |c| Objects::Slab(c.take()), as_slab, |door| door.told(step.func(), kind));
        }
    }
}

fn as_slub(objects: Objects) -> Option<slub::KmemCache> {
    match objects {
        Objects::Slub(cache) => Some(cache),
        Objects::Slab(_) => None,
    }
}

fn as_slab(objects: Objects) -> Option<slab::KmemCache> {
    match objects {
        Objects::Slab(cache) => Some(cache),
        Objects::Slub(_) => None,
    }
}

impl Machine {
    /// How its objects are allocated.
    #[must_use]
    pub fn kmem_config(&self) -> &KmemConfig {
        &self.settings().kmem
    }

    /// Caches, areas and what belongs to them.
    #[must_use]
    pub fn kmem(&self) -> &Kmem {
        &self.kmem
    }

    /// The caches as they are before anything asks for them, too.
    #[must_use]
    pub fn kmem_booted(&self) -> Rc<Kmem> {
        if self.kmem.caches.is_empty() {
            Rc::new(Kmem { caches: Kmem::boot(self), ..Kmem::default() })
        } else {
            Rc::clone(&self.kmem)
        }
    }

    pub(crate) fn kmem_mut(&mut self) -> &mut Kmem {
        own(&mut self.kmem)
    }

    /// The kmalloc caches come with the first op that may want them.
    fn boot_kmem(&mut self) {
        if self.kmem.caches.is_empty() {
            let caches = Kmem::boot(self);
            self.kmem_mut().caches = caches;
        }
    }

    /// An empty cache for such objects; none when no block is large enough for one.
    pub(super) fn new_cache(&self, args: &CacheArgs, name: NameId) -> Option<Objects> {
        let (config, cpus, nodes) = (self.kmem_config(), self.cpus(), self.nodes());
        let arch = self.settings().arch;
        Some(match config.allocator {
            Allocator::Slub => {
                let geometry = slub::Geometry::of(args, u32::from(cpus), arch)?;
                let cache = slub::KmemCache::new(*args, geometry, cpus, nodes);
                Objects::Slub(if config.freelist_random {
                    // A stream of its own for each cache, far from those of the ops.
                    cache.randomised(Rng::new(self.settings().seed, 1 << 40 | u64::from(name.0)))
                } else {
                    cache
                })
            }
            Allocator::Slab => {
                let large =
                    self.zones().iter().map(|zone| zone.present.0).sum::<u64>() > (32 << 20) / PAGE_SIZE;
                let pc = slab::Machine { large, ..slab::Machine::of(arch, u32::from(cpus)) };
                let mut geometry = slab::Geometry::of(args, config.era, pc)?;
                if !config.colour {
                    geometry.colours = 0;
                }
                Objects::Slab(slab::KmemCache::new(*args, geometry, cpus, nodes))
            }
        })
    }

    /// Whether a name can be given: it stands for nothing that is still held.
    pub(crate) fn may_name(&mut self, t: &mut Trace<'_>, name: NameId) -> bool {
        let may = matches!(self.named(name), Named::Nothing | Named::Failed | Named::Freed);
        if !may {
            t.emit(self, StepKind::Skipped { name, reason: SkipReason::StillHeld });
        }
        may
    }

    fn told(&mut self, t: &mut Trace<'_>, func: Func, step: KmemStep) {
        t.within(func, |t| t.emit(self, StepKind::Kmem(step)));
    }

    /// The op is skipped, as the name is not of what it means.
    pub(crate) fn skipped(&self, t: &mut Trace<'_>, name: NameId) {
        let reason = match self.named(name) {
            Named::Freed => SkipReason::AlreadyFreed,
            Named::Failed => SkipReason::AllocationFailed,
            Named::Nothing => SkipReason::NotYetAllocated,
            _ => SkipReason::OtherKind,
        };
        t.emit(self, StepKind::Skipped { name, reason });
    }

    /// `kmem_cache_create()`: a cache of its own, or one more name for an old one.
    fn kmem_cache_create(&mut self, t: &mut Trace<'_>, name: NameId, args: &CacheArgs, merge: bool) {
        if !self.may_name(t, name) {
            return;
        }
        // The name is gone, but a cache that others share still has it.
        if self.cache_at(name).is_some() {
            t.emit(self, StepKind::Skipped { name, reason: SkipReason::StillHeld });
            return;
        }
        // Both SLUB and SLAB of 6.1 merge; 2.6 has none of it.
        let arch = self.settings().arch;
        let merges = merge && (self.kmem_config().allocator, self.kmem_config().era) != OLD_SLAB;
        if let Some(at) = merges.then(|| self.kmem.find_mergeable(args, arch)).flatten() {
            let with = {
                let cache = self.kmem_mut().caches[at].as_mut().map(Rc::make_mut);
                let Some(cache) = cache else { return };
                cache.refcount += 1;
                cache.name
            };
            self.set_named(name, Named::Cache(with));
            self.told(t, Func::KmemCacheAlias, KmemStep::Merged { name, with });
            return;
        }
        let Some(objects) = self.new_cache(args, name) else {
            self.set_named(name, Named::Failed);
            self.told(t, Func::KmemCacheCreate, KmemStep::NotCreated { name });
            return;
        };
        let cache = Cache { name, refcount: 1, merges, objects };
        self.kmem_mut().caches.push(Some(Rc::new(cache)));
        self.set_named(name, Named::Cache(name));
        self.told(t, Func::KmemCacheCreate, KmemStep::Created { cache: name });
    }

    /// Where a cache stands among the caches.
    fn cache_at(&self, name: NameId) -> Option<usize> {
        let is_it = |cache: &Option<Rc<Cache>>| cache.as_ref().is_some_and(|cache| cache.name == name);
        // Those of SLUB's kmalloc come first, type by type and size by size.
        let guess = |(ty, size)| {
            let at = super::KMALLOC_SIZES.iter().position(|of| *of == size)?;
            Some(ty as usize * super::KMALLOC_SIZES.len() + at)
        };
        let guess = name.as_kmalloc().and_then(guess);
        let near = guess.filter(|at| self.kmem.caches.get(*at).is_some_and(is_it));
        near.or_else(|| self.kmem.caches.iter().position(is_it))
    }

    /// Takes a cache out, lets `work` be done on it, and puts it back.
    fn on_cache<R>(
        &mut self,
        t: &mut Trace<'_>,
        at: usize,
        cpu: CpuId,
        flags: GfpFlags,
        work: impl FnOnce(&mut Objects, &mut Door<'_, '_>) -> R,
    ) -> Option<R> {
        let mut cache = self.kmem_mut().caches[at].take()?;
        // Where nobody else has it, it stays where it is.
        let Cache { name, refcount, merges, objects } = Rc::make_mut(&mut cache);
        let (name, refcount, merges) = (*name, *refcount, *merges);
        // (While it asks for memory, a shrinker may work on another one.)
        let outer = self.kmem_mut().working.replace(name);
        let args = match &*objects {
            Objects::Slub(cache) => cache.args(),
            Objects::Slab(cache) => cache.args(),
        };
        let gfp = [
            (SlabFlags::RECLAIM_ACCOUNT, GfpFlags::RECLAIMABLE),
            (SlabFlags::CACHE_DMA, GfpFlags::DMA),
            (SlabFlags::CACHE_DMA32, GfpFlags::DMA32),
        ];
        let gfp =
            gfp.into_iter().filter(|(flag, _)| args.flags.has(*flag)).fold(flags, |all, (_, gfp)| all | gfp);
        let mut door = Door { machine: self, t, at, name, refcount, merges, gfp, cpu };
        let result = work(objects, &mut door);
        self.kmem_mut().caches[at] = Some(cache);
        self.kmem_mut().working = outer;
        Some(result)
    }

    /// An object without a name, and without anybody looking on: for benchmarks. With the cache that it is of.
    pub fn kmalloc_unnamed(&mut self, cpu: CpuId, bytes: u32) -> Option<(NameId, Object)> {
        self.boot_kmem();
        let config = *self.kmem_config();
        let Kmalloc::Cache(size) = kmalloc(config.allocator, bytes) else { return None };
        let cache = config.kmalloc_name(KmallocType::Normal, size);
        let (at, node) = (self.cache_at(cache)?, self.node_of(cpu));
        let t = &mut Trace::unseen();
        let object = self.on_cache(t, at, cpu, GfpFlags::GFP_KERNEL, |objects, door| match objects {
            Objects::Slub(cache) => cache.alloc(cpu, node, door),
            Objects::Slab(cache) => cache.alloc(cpu, node, door),
        });
        Some((cache, object??))
    }

    /// Gives such an object back; false when nobody has it.
    pub fn kfree_unnamed(&mut self, cpu: CpuId, cache: NameId, object: Object) -> bool {
        let Some(at) = self.cache_at(cache) else { return false };
        let t = &mut Trace::unseen();
        let freed = self.on_cache(t, at, cpu, GfpFlags::GFP_KERNEL, |objects, door| match objects {
            Objects::Slub(cache) => cache.free(cpu, object, door),
            Objects::Slab(cache) => cache.free(cpu, object, door),
        });
        freed.is_some_and(|freed| freed.is_ok())
    }

    /// One object of a cache (`slab_alloc_node()`), under a name.
    fn alloc_object(
        &mut self,
        t: &mut Trace<'_>,
        name: NameId,
        cache: NameId,
        zero: bool,
        cpu: CpuId,
        flags: GfpFlags,
    ) -> Option<Object> {
        let at = self.cache_at(cache)?;
        let node = self.node_of(cpu);
        let flags = if zero { flags | GfpFlags::ZERO } else { flags };
        let object = self.on_cache(t, at, cpu, flags, |objects, door| match objects {
            Objects::Slub(cache) => cache.alloc(cpu, node, door),
            Objects::Slab(cache) => cache.alloc(cpu, node, door),
        })?;
        let Some(object) = object else {
            self.set_named(name, Named::Failed);
            self.told(t, Func::SlabAllocNode, KmemStep::NoObject { name, cache });
            return None;
        };
        self.set_named(name, Named::Object { cache, object });
        let args = self.kmem.caches[at].as_ref().map(|cache| *cache.args());
        let constructed = args.is_some_and(|args| args.ctor);
        // `slab_want_init_on_alloc()`: not what somebody may still look at, unless it is asked for.
        let looked_at = args.is_some_and(|args| args.flags.has(SlabFlags::TYPESAFE_BY_RCU));
        let zeroed =
            if self.kmem_config().init_on_alloc { !constructed && (zero || !looked_at) } else { zero };
        if zeroed && let Some((address, bytes)) = self.object_at(cache, object) {
            self.kernel_writes(address, bytes, Cell::Byte(0));
        }
        self.told(t, Func::SlabAllocNode, KmemStep::Handed { name, cache, object, zeroed, constructed });
        if !zeroed && self.processes().knows_bytes() {
            self.told_holds(t, name);
        }
        Some(object)
    }

    /// `kmem_cache_alloc()`
    fn kmem_cache_alloc(&mut self, t: &mut Trace<'_>, name: NameId, cache: NameId, zero: bool, cpu: CpuId) {
        if !self.may_name(t, name) {
            return;
        }
        let Named::Cache(of) = self.named(cache) else {
            self.skipped(t, cache);
            return;
        };
        t.within(Func::KmemCacheAlloc, |t| {
            self.alloc_object(t, name, of, zero, cpu, GfpFlags::GFP_KERNEL);
        });
    }

    /// `kmalloc()`: from the smallest cache whose objects are large enough, or past them all. Whether there is memory.
    #[allow(clippy::too_many_arguments, reason = "what a request says, each once")]
    fn kmalloc(
        &mut self,
        t: &mut Trace<'_>,
        name: NameId,
        bytes: u32,
        ty: KmallocType,
        zero: bool,
        cpu: CpuId,
        flags: GfpFlags,
    ) -> bool {
        t.within(Func::Kmalloc, |t| {
            let config = *self.kmem_config();
            let old = (config.allocator, config.era) == OLD_SLAB;
            // 2.6 knows two types, and its caches go on to the largest block.
            let ty = if old && ty != KmallocType::Dma { KmallocType::Normal } else { ty };
            let class = if old { self.general_cache(bytes) } else { kmalloc(config.allocator, bytes) };
            match class {
                Kmalloc::ZeroSize => {
                    self.set_named(name, Named::Failed);
                    self.told(t, Func::KmallocSlab, KmemStep::ZeroSize { name });
                    false
                }
                Kmalloc::TooLarge => {
                    self.set_named(name, Named::Failed);
                    self.told(t, Func::KmallocSlab, KmemStep::TooLarge { name, bytes });
                    false
                }
                Kmalloc::Cache(size) => {
                    let cache = config.kmalloc_name(ty, size);
                    self.told(t, Func::KmallocSlab, KmemStep::SizeClass { name, bytes, cache, size });
                    self.alloc_object(t, name, cache, zero, cpu, flags).is_some()
                }
                Kmalloc::Pages(order) => t.within(Func::KmallocLarge, |t| {
                    t.emit(self, StepKind::Kmem(KmemStep::Large { name, bytes, order }));
                    let of_type = match ty {
                        KmallocType::Dma => GfpFlags::DMA,
                        KmallocType::Reclaim => GfpFlags::RECLAIMABLE,
                        KmallocType::Normal | KmallocType::Cgroup => GfpFlags::NONE,
                    };
                    let gfp = Gfp { kind: PageKind::Slab, flags: flags | GfpFlags::COMP | of_type };
                    let block = self.alloc_pages(t, cpu, name, order.get(), gfp);
                    self.set_named(
                        name,
                        block.map_or(Named::Failed, |pfn| Named::Block(Block { pfn, order })),
                    );
                    if block.is_some() {
                        self.handed(t, name, zero);
                    }
                    block.is_some()
                }),
            }
        })
    }

    /// The general cache of 2.6 for so many bytes.
    fn general_cache(&self, bytes: u32) -> Kmalloc {
        if bytes == 0 {
            return Kmalloc::ZeroSize;
        }
        let sizes = self.kmem.caches().filter_map(|cache| cache.name.as_kmalloc()).map(|(_, size)| size);
        sizes.filter(|size| *size >= bytes).min().map_or(Kmalloc::TooLarge, Kmalloc::Cache)
    }

    /// `kvmalloc()`: what is larger than a page is tried as one piece without insisting, and comes in single pages
    /// otherwise.
    fn kvmalloc(&mut self, t: &mut Trace<'_>, name: NameId, bytes: u32, cpu: CpuId) -> UnitEnd {
        if self.units_done() > 0 {
            return vmalloc::machine::alloc(self, t, name, u64::from(bytes), false, cpu);
        }
        if !self.may_name(t, name) {
            return UnitEnd::Done;
        }
        let small = u64::from(bytes) <= PAGE_SIZE;
        let flags = GfpFlags::GFP_KERNEL;
        let flags = if small { flags } else { flags | GfpFlags::NORETRY | GfpFlags::NOWARN };
        let got = t.within(Func::KvmallocNode, |t| {
            self.kmalloc(t, name, bytes, KmallocType::Normal, false, cpu, flags)
        });
        if got || small {
            return UnitEnd::Done;
        }
        vmalloc::machine::alloc(self, t, name, u64::from(bytes), false, cpu)
    }

    /// `kfree()` and `kmem_cache_free()`
    pub(super) fn kfree(
        &mut self,
        t: &mut Trace<'_>,
        name: NameId,
        cache: NameId,
        object: Object,
        cpu: CpuId,
    ) {
        let Some(at) = self.cache_at(cache) else { return };
        let func = if cache.as_kmalloc().is_some() { Func::Kfree } else { Func::KmemCacheFree };
        t.within(func, |t| {
            self.set_named(name, Named::Freed);
            self.leaves_list_lru(name, cache);
            t.emit(self, StepKind::Kmem(KmemStep::FreeObject { name, cache, object }));
            if let Some((address, bytes)) = self.free_pointer(cache, object) {
                // Where nothing is known it is known to be there all the same.
                if self.processes().cell_at(address) != Cell::Unsaid {
                    self.kernel_writes(address, bytes, Cell::FreePointer);
                }
            }
            let freed = self.on_cache(t, at, cpu, GfpFlags::GFP_KERNEL, |objects, door| match objects {
                Objects::Slub(cache) => cache.free(cpu, object, door),
                Objects::Slab(cache) => cache.free(cpu, object, door),
            });
            assert!(freed.is_none_or(|freed| freed.is_ok()), "a name had an object that nobody has");
        });
    }

    /// `kmem_cache_shrink()`
    fn kmem_cache_shrink(&mut self, t: &mut Trace<'_>, cache: NameId) {
        let Named::Cache(of) = self.named(cache) else {
            self.skipped(t, cache);
            return;
        };
        let Some(at) = self.cache_at(of) else { return };
        t.within(Func::KmemCacheShrink, |t| {
            t.emit(self, StepKind::Kmem(KmemStep::Shrinks { cache: of }));
            self.shrink_at(t, at);
            let slabs = self.kmem.caches[at].as_ref().map_or(0, |cache| cache.figures().num_slabs);
            t.emit(self, StepKind::Kmem(KmemStep::Shrunk { cache: of, slabs }));
        });
    }

    fn shrink_at(&mut self, t: &mut Trace<'_>, at: usize) {
        self.on_cache(t, at, CpuId(0), GfpFlags::GFP_KERNEL, |objects, door| match objects {
            Objects::Slub(cache) => cache.shrink(door),
            Objects::Slab(cache) => cache.shrink(door),
        });
    }

    /// `kmem_cache_destroy()`: refused while an object is in use.
    fn kmem_cache_destroy(&mut self, t: &mut Trace<'_>, name: NameId) {
        let Named::Cache(of) = self.named(name) else {
            self.skipped(t, name);
            return;
        };
        let Some(at) = self.cache_at(of) else { return };
        t.within(Func::KmemCacheDestroy, |t| {
            let Some(cache) = self.kmem_mut().caches[at].as_mut().map(Rc::make_mut) else { return };
            if cache.refcount > 1 {
                cache.refcount -= 1;
                self.set_named(name, Named::Freed);
                t.emit(self, StepKind::Kmem(KmemStep::Unaliased { name, with: of }));
                return;
            }
            // `__kmem_cache_shutdown()` gives back what it can, and looks then.
            let objects = cache.figures().in_use;
            self.shrink_at(t, at);
            if objects > 0 {
                t.emit(self, StepKind::Kmem(KmemStep::StillInUse { cache: of, objects }));
                return;
            }
            let kmem = self.kmem_mut();
            kmem.caches[at] = None;
            kmem.shrinkers.retain(|shrinker| shrinker.cache != of);
            self.set_named(name, Named::Freed);
            t.emit(self, StepKind::Kmem(KmemStep::Destroyed { cache: of }));
        });
    }

    /// `cache_reap()` on one CPU: each cache of SLAB in turn, and its node with it.
    fn cache_reap(&mut self, t: &mut Trace<'_>, cpu: CpuId) {
        let node = self.node_of(cpu);
        if self.kmem_config().allocator == Allocator::Slub {
            t.emit(self, StepKind::NothingToDo { why: Nothing::NoReaper });
            return;
        }
        t.within(Func::CacheReap, |t| {
            t.emit(self, StepKind::Kmem(KmemStep::Reaps { cpu }));
            for at in 0..self.kmem.caches.len() {
                let slabs = self.kmem.caches[at].as_ref().map_or(0, |cache| cache.figures().num_slabs);
                if slabs > 0 {
                    self.on_cache(t, at, cpu, GfpFlags::GFP_KERNEL, |objects, door| {
                        if let Objects::Slab(cache) = objects {
                            cache.reap(cpu, Some(node), door);
                        }
                    });
                }
            }
        });
    }

    /// Pages of `kmalloc()` beyond the largest cache, which the kernel counts with the slabs that cannot be given back
    /// (`kmalloc_large()`, 6.1).
    #[must_use]
    pub fn kmalloc_large_pages(&self) -> NrPages {
        let pages = (0..self.names_len()).filter_map(|name| match self.named(NameId(name)) {
            Named::Block(block) if self.page(block.pfn).kind == PageKind::Slab => Some(block.order.pages()),
            _ => None,
        });
        NrPages(pages.map(u64::from).sum())
    }

    /// A CPU reads a word of an object: its line is looked for in the level-1 cache.
    fn touch(&mut self, t: &mut Trace<'_>, name: NameId, offset: u32, cpu: CpuId) {
        let at = match self.named(name) {
            Named::Object { cache, object } => self.kmem.cache_of(cache).map(|of| {
                let inside = of.place(object) + offset.min(of.args().object_size - 1);
                u64::from(object.slab.0) * PAGE_SIZE + u64::from(inside)
            }),
            Named::Block(block) => {
                let inside = u64::from(offset).min(u64::from(block.order.pages()) * PAGE_SIZE - 1);
                Some(u64::from(block.pfn.0) * PAGE_SIZE + inside)
            }
            _ => None,
        };
        let Some(address) = at else {
            self.skipped(t, name);
            return;
        };
        if let Named::Object { cache, .. } = self.named(name) {
            self.was_referenced(name, cache);
        }
        let l1 = &mut self.kmem_mut().l1;
        if l1.len() <= cpu.index() {
            l1.resize(cpu.index() + 1, None);
        }
        let access = l1[cpu.index()].get_or_insert_with(|| cache::Cache::new(Shape::L1D)).access(address);
        t.emit(self, StepKind::Kmem(KmemStep::Touched { name, address, cpu, access }));
    }

    /// Where the directly mapped memory ends (`high_memory`), which decides where vmalloc begins on i386.
    pub(crate) fn high_memory(&self) -> vmalloc::Vaddr {
        const PAGE_OFFSET: u64 = 0xc000_0000;
        let low = self.zones().iter().filter(|zone| zone.kind <= crate::mmzone::ZoneKind::Normal);
        let end = low.map(|zone| zone.span.end.0).max().unwrap_or(0);
        match self.settings().arch {
            Arch::I386 => vmalloc::Vaddr(PAGE_OFFSET + u64::from(end) * PAGE_SIZE),
            Arch::X86_64 => vmalloc::Vaddr(0),
        }
    }
}

/// Classic SLAB of 2.6.
const OLD_SLAB: (Allocator, slab::Era) = (Allocator::Slab, slab::Era::Linux2_6);
