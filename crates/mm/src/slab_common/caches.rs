//! The caches of a machine, and what they are called.

use std::rc::Rc;

use super::shrinker::Shrinker;
use super::{Allocator, CacheArgs, KMALLOC_SIZES, KmallocType, Mergeable, SlabFlags, merges_with};
use crate::cache;
use crate::config::{Arch, Config};
use crate::hash::Digest;
use crate::machine::Machine;
use crate::op::NameId;
use crate::slub::{Object, SlabId};
use crate::units::{Bytes, NrPages, Order, PAGE_SIZE, Pfn};
use crate::vmalloc::{Vaddr, Vmalloc};
use crate::{slab, slub};

/// How the kernel was built and started, as far as objects are concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KmemConfig {
    /// SLUB or classic SLAB.
    pub allocator: Allocator,
    /// Of which time SLAB is.
    pub era: slab::Era,
    /// Whether a new slab's free objects are in a random order (`CONFIG_SLAB_FREELIST_RANDOM`).
    pub freelist_random: bool,
    /// Whether SLAB's slabs have colours. Linux has no such switch; a lesson compares.
    pub colour: bool,
    /// Whether all memory is zeroed when it is handed out (`init_on_alloc=1`).
    pub init_on_alloc: bool,
}

impl Default for KmemConfig {
    fn default() -> Self {
        KmemConfig {
            allocator: Allocator::Slub,
            era: slab::Era::Linux6_1,
            freelist_random: false,
            colour: true,
            init_on_alloc: false,
        }
    }
}

/// The sizes that the caches of `kmalloc()` may have, over all kernels: those of 6.1 end with 8 KiB, those of 2.6.32 with
/// 32 MiB.
const SIZES: [u32; 25] = {
    let mut sizes = [0; 25];
    let mut at = 0;
    while at < sizes.len() {
        sizes[at] = if at < KMALLOC_SIZES.len() { KMALLOC_SIZES[at] } else { 1 << (at + 1) };
        at += 1;
    }
    sizes
};

/// Names of kmalloc caches, by type and size.
const NAMES_6_1: [[&str; 13]; 4] = {
    macro_rules! names {
        ($prefix:literal) => {
            [
                concat!($prefix, "-8"),
                concat!($prefix, "-16"),
                concat!($prefix, "-32"),
                concat!($prefix, "-64"),
                concat!($prefix, "-96"),
                concat!($prefix, "-128"),
                concat!($prefix, "-192"),
                concat!($prefix, "-256"),
                concat!($prefix, "-512"),
                concat!($prefix, "-1k"),
                concat!($prefix, "-2k"),
                concat!($prefix, "-4k"),
                concat!($prefix, "-8k"),
            ]
        };
    }
    [names!("kmalloc"), names!("kmalloc-cg"), names!("kmalloc-rcl"), names!("dma-kmalloc")]
};

/// Names of the general caches of 2.6.32.
const NAMES_2_6: [[&str; 25]; 2] = {
    macro_rules! names {
        ($($size:literal)*; $suffix:literal) => { [$(concat!("size-", $size, $suffix)),*] };
    }
    macro_rules! all {
        ($suffix:literal) => {
            names!("8" "16" "32" "64" "96" "128" "192" "256" "512" "1024" "2048" "4096" "8192" "16384" "32768" "65536"
                "131072" "262144" "524288" "1048576" "2097152" "4194304" "8388608" "16777216" "33554432"; $suffix)
        };
    }
    [all!(""), all!("(DMA)")]
};

impl NameId {
    /// From here on names are the kernel's own.
    const KERNEL: u32 = 0xf000_0000;
    /// A table of page-table entries.
    pub const PAGE_TABLE: NameId = NameId(Self::KERNEL | 0xffff);
    /// The huge page of zeros.
    pub const HUGE_ZERO_PAGE: NameId = NameId(Self::KERNEL | 0xfffe);
    /// The pool of huge pages.
    pub const HUGETLB: NameId = NameId(Self::KERNEL | 0xfffd);
    /// The daemon that makes huge pages of small ones.
    pub const KHUGEPAGED: NameId = NameId(Self::KERNEL | 0xfffc);

    /// The kmalloc cache of a type and a size.
    fn kmalloc(era: slab::Era, ty: KmallocType, size: u32) -> NameId {
        let at = SIZES.iter().position(|of| *of == size).unwrap_or(0) as u32;
        NameId(Self::KERNEL | ((era == slab::Era::Linux2_6) as u32 * 256) | (ty as u32 * 32) | at)
    }

    /// The type and the size of a kmalloc cache, if it is one.
    #[must_use]
    pub fn as_kmalloc(self) -> Option<(KmallocType, u32)> {
        let at = self.0.checked_sub(Self::KERNEL).filter(|at| *at < 512)?;
        let types = [KmallocType::Normal, KmallocType::Cgroup, KmallocType::Reclaim, KmallocType::Dma];
        Some((types[(at / 32 % 8) as usize & 3], *SIZES.get((at % 32) as usize)?))
    }

    /// What the kernel itself calls it: a kmalloc cache or a page table; none for a name of the scenario.
    #[must_use]
    pub fn kernel_name(self) -> Option<&'static str> {
        let at = self.0.checked_sub(Self::KERNEL)? as usize;
        match self {
            Self::PAGE_TABLE => return Some("page table"),
            Self::HUGE_ZERO_PAGE => return Some("huge zero page"),
            Self::HUGETLB => return Some("hugetlb"),
            Self::KHUGEPAGED => return Some("khugepaged"),
            _ => {}
        }
        let (ty, size) = (at / 32 % 8, at % 32);
        match at / 256 {
            0 => NAMES_6_1.get(ty)?.get(size).copied(),
            1 => NAMES_2_6[usize::from(ty > 0)].get(size).copied(),
            _ => None,
        }
    }
}

/// The objects of a cache under one of the two allocators.
#[derive(Clone, Debug)]
pub enum Objects {
    /// SLUB's.
    Slub(slub::KmemCache),
    /// Classic SLAB's.
    Slab(slab::KmemCache),
}

/// Where a slab of a cache is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SlabPlace {
    /// SLUB: the slab of this CPU, which hands its objects out.
    Cpu(u8),
    /// SLUB: on the partial list of this CPU.
    CpuPartial(u8),
    /// On the partial list of this node.
    Partial(u8),
    /// No object is free: on no list (SLUB), or on that of full ones (SLAB).
    Full(u8),
    /// SLAB: every object is free, on the list of such ones.
    Free(u8),
    /// Inside a function: off one list, and not yet on another one.
    Moving(u8),
}

/// A slab as it can be looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SlabLook {
    /// Its number in the cache.
    pub at: SlabId,
    /// Its first frame.
    pub pfn: Pfn,
    /// Its order.
    pub order: Order,
    /// Objects that it has.
    pub objects: u16,
    /// Objects that somebody has.
    pub in_use: u16,
    /// SLAB: how many times `colour_off` its first object is moved.
    pub colour: u32,
    /// Where it is.
    pub place: SlabPlace,
    /// Its free objects, the next one to be handed out first. Those in arrays of SLAB are not among them.
    pub free: Vec<u16>,
    /// SLUB: so many of `free`, from the first on, are on the freelist of the CPU.
    pub free_of_cpu: u16,
}

/// The line of a cache in `/proc/slabinfo` (`get_slabinfo()`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CacheFigures {
    /// `active_objs`: SLUB counts all but those that are free on a node's partial list, SLAB those in arrays too.
    pub active_objs: u32,
    /// `num_objs`
    pub num_objs: u32,
    /// `objsize`: bytes from one object to the next.
    pub objsize: u32,
    /// `objperslab`
    pub objperslab: u32,
    /// `pagesperslab`
    pub pagesperslab: u32,
    /// `limit`, `batchcount` and `sharedfactor`: 0 with SLUB.
    pub tunables: [u32; 3],
    /// `active_slabs`
    pub active_slabs: u32,
    /// `num_slabs`
    pub num_slabs: u32,
    /// `sharedavail`
    pub shared_avail: u32,
    /// Objects that somebody has.
    pub in_use: u32,
}

/// The memory of all caches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct KmemTotals {
    /// Objects that somebody has.
    pub in_use: u64,
    /// Objects that there are.
    pub objects: u64,
    /// Slabs.
    pub slabs: u64,
    /// Bytes that were asked for by those who have objects.
    pub used: Bytes,
    /// Pages of all slabs: what of them is not used is free, or lost.
    pub pages: NrPages,
}

/// A cache (`struct kmem_cache`).
#[derive(Clone, Debug)]
pub struct Cache {
    /// What it is called: by the scenario, or by the kernel.
    pub name: NameId,
    /// How many names stand for it (`refcount`).
    pub refcount: u16,
    /// Whether the caches that come later may share it.
    pub merges: bool,
    /// Its objects.
    pub objects: Objects,
}

impl Cache {
    /// What it was created with.
    #[must_use]
    pub fn args(&self) -> &CacheArgs {
        match &self.objects {
            Objects::Slub(cache) => cache.args(),
            Objects::Slab(cache) => cache.args(),
        }
    }

    /// Bytes from one object to the next.
    #[must_use]
    pub fn size(&self) -> u32 {
        match &self.objects {
            Objects::Slub(cache) => cache.geometry().size,
            Objects::Slab(cache) => cache.geometry().size,
        }
    }

    /// Where an object lies in its slab, in bytes.
    #[must_use]
    pub fn place(&self, object: Object) -> u32 {
        match &self.objects {
            Objects::Slub(cache) => u32::from(object.index) * cache.geometry().size,
            Objects::Slab(cache) => cache.geometry().place(cache.colour(object).unwrap_or(0), object.index),
        }
    }

    /// Whether somebody has an object.
    #[must_use]
    pub fn is_in_use(&self, object: Object) -> bool {
        match &self.objects {
            Objects::Slub(cache) => cache.is_in_use(object),
            Objects::Slab(cache) => cache.is_in_use(object),
        }
    }

    /// Its slabs, those of CPUs first, then those on lists in the order of the lists, then full ones.
    #[must_use]
    pub fn slabs(&self) -> Vec<SlabLook> {
        match &self.objects {
            Objects::Slub(cache) => cache.look(),
            Objects::Slab(cache) => cache.look(),
        }
    }

    /// Its line in `/proc/slabinfo`.
    #[must_use]
    pub fn figures(&self) -> CacheFigures {
        match &self.objects {
            Objects::Slub(cache) => {
                let (figures, g) = (cache.figures(), cache.geometry());
                CacheFigures {
                    active_objs: figures.objects,
                    num_objs: figures.total_objects,
                    objsize: g.size,
                    objperslab: u32::from(g.objects),
                    pagesperslab: g.order.pages(),
                    active_slabs: figures.slabs,
                    num_slabs: figures.slabs,
                    in_use: cache.in_use(),
                    ..CacheFigures::default()
                }
            }
            Objects::Slab(cache) => {
                let (info, g) = (cache.slabinfo(), cache.geometry());
                CacheFigures {
                    active_objs: info.active_objs,
                    num_objs: info.num_objs,
                    objsize: g.size,
                    objperslab: u32::from(g.objects),
                    pagesperslab: g.order.pages(),
                    tunables: [g.limit, g.batchcount, g.shared],
                    active_slabs: info.active_slabs,
                    num_slabs: info.num_slabs,
                    shared_avail: info.shared_avail,
                    in_use: cache.in_use(),
                }
            }
        }
    }

    /// Pages of all its slabs.
    #[must_use]
    pub fn pages(&self) -> NrPages {
        match &self.objects {
            Objects::Slub(cache) => cache.pages(),
            Objects::Slab(cache) => cache.pages(),
        }
    }

    fn check(&self) -> Result<(), String> {
        match &self.objects {
            Objects::Slub(cache) => cache.check(),
            Objects::Slab(cache) => cache.check(),
        }
    }
}

/// All that kernel code gets besides whole pages: caches, areas of vmalloc, and the CPUs' level-1 caches that show where
/// objects lie.
#[derive(Clone, Debug, Default)]
pub struct Kmem {
    /// Those of `kmalloc()` first, then those that were created, the oldest first; none where one was destroyed, and
    /// while an allocator works on it. Empty until the first is wanted.
    pub(super) caches: Vec<Option<Rc<Cache>>>,
    pub(super) vmalloc: Option<Vmalloc>,
    /// The cache that an allocator is in the middle of working on: its laws hold again when it is done.
    pub(super) working: Option<NameId>,
    /// Who takes unused objects away, the oldest shrinker first.
    pub(super) shrinkers: Vec<Shrinker>,
    /// The level-1 data cache of each CPU that has touched an object.
    pub(super) l1: Vec<Option<cache::Cache>>,
}

impl Kmem {
    /// The caches that a machine boots with (`create_kmalloc_caches()`).
    pub(super) fn boot(machine: &Machine) -> Vec<Option<Rc<Cache>>> {
        let config = machine.kmem_config();
        let (sizes, types): (Vec<u32>, &[KmallocType]) = match (config.allocator, config.era) {
            (Allocator::Slab, slab::Era::Linux2_6) => {
                let largest = PAGE_SIZE as u32 * Order::MAX.pages();
                let sizes = slab::general_caches(super::CACHE_LINE, largest).collect();
                (sizes, &[KmallocType::Normal, KmallocType::Dma])
            }
            (allocator, _) => {
                let sizes =
                    KMALLOC_SIZES.into_iter().filter(|size| allocator == Allocator::Slub || *size >= 32);
                (
                    sizes.collect(),
                    &[KmallocType::Normal, KmallocType::Cgroup, KmallocType::Reclaim, KmallocType::Dma],
                )
            }
        };
        let caches = types.iter().flat_map(|ty| sizes.iter().map(move |size| (*ty, *size)));
        let cache = |(ty, size): (KmallocType, u32)| {
            let flags = match ty {
                KmallocType::Normal => SlabFlags::NONE,
                KmallocType::Cgroup => SlabFlags::ACCOUNT,
                KmallocType::Reclaim => SlabFlags::RECLAIM_ACCOUNT,
                KmallocType::Dma => SlabFlags::CACHE_DMA,
            };
            // SLAB creates them with `ARCH_KMALLOC_FLAGS`; with SLUB a power of two lies at a multiple of itself.
            let (flags, align) = match config.allocator {
                Allocator::Slab => (flags | SlabFlags::HWCACHE_ALIGN, 0),
                Allocator::Slub => (flags, if size.is_power_of_two() { size } else { 0 }),
            };
            let args = CacheArgs { flags, align, ..CacheArgs::of_size(size) };
            let name = NameId::kmalloc(config.era_of_names(), ty, size);
            // 6.1 with control groups for kernel memory keeps those of the normal type to itself.
            let objects = machine.new_cache(&args, name)?;
            Some(Rc::new(Cache { name, refcount: 1, merges: ty != KmallocType::Normal, objects }))
        };
        caches.map(cache).filter(Option::is_some).collect()
    }

    /// The caches, those of kmalloc first.
    pub fn caches(&self) -> impl Iterator<Item = &Cache> {
        self.caches.iter().flatten().map(Rc::as_ref)
    }

    /// The cache that a name of the kernel or the scenario was given first.
    #[must_use]
    pub fn cache_of(&self, name: NameId) -> Option<&Cache> {
        self.caches().find(|cache| cache.name == name)
    }

    /// Who takes unused objects away.
    #[must_use]
    pub fn shrinkers(&self) -> &[Shrinker] {
        &self.shrinkers
    }

    /// The range of vmalloc; none before it is used first.
    #[must_use]
    pub fn vmalloc(&self) -> Option<&Vmalloc> {
        self.vmalloc.as_ref()
    }

    pub(crate) fn vmalloc_mut(&mut self) -> Option<&mut Vmalloc> {
        self.vmalloc.as_mut()
    }

    pub(crate) fn set_vmalloc(&mut self, vmalloc: Vmalloc) {
        self.vmalloc = Some(vmalloc);
    }

    /// Whether nobody ever asked for anything.
    pub(crate) fn is_untouched(&self) -> bool {
        self.caches.is_empty()
    }

    /// Whether an area is being built or given back.
    pub(crate) fn is_busy(&self) -> bool {
        self.vmalloc.as_ref().is_some_and(|vmalloc| vmalloc.open().is_some())
    }

    /// The level-1 data cache of a CPU; none before it touches an object.
    #[must_use]
    pub fn l1(&self, cpu: crate::CpuId) -> Option<&cache::Cache> {
        self.l1.get(cpu.index())?.as_ref()
    }

    /// Pages of slabs, unreclaimable and reclaimable ones (`SUnreclaim`, `SReclaimable`).
    #[must_use]
    pub fn slab_pages(&self) -> [NrPages; 2] {
        let mut pages = [0; 2];
        for cache in self.caches() {
            let reclaims = cache.args().flags.has(SlabFlags::RECLAIM_ACCOUNT);
            pages[usize::from(reclaims)] += cache.pages().0;
        }
        pages.map(NrPages)
    }

    /// All caches together.
    pub(crate) fn totals(&self) -> KmemTotals {
        let mut totals = KmemTotals::default();
        for cache in self.caches().filter(|cache| cache.pages().0 > 0) {
            let f = cache.figures();
            totals.in_use += u64::from(f.in_use);
            totals.objects += u64::from(f.num_objs);
            totals.slabs += u64::from(f.num_slabs);
            totals.used.0 += u64::from(f.in_use) * u64::from(cache.args().object_size);
            totals.pages.0 += cache.pages().0;
        }
        totals
    }

    /// The oldest cache that a new one could share (`find_mergeable()`).
    pub(super) fn find_mergeable(&self, args: &CacheArgs, arch: Arch) -> Option<usize> {
        self.caches.iter().position(|cache| {
            cache.as_ref().is_some_and(|cache| {
                let old = Mergeable {
                    size: cache.size(),
                    flags: cache.args().flags,
                    alone: !cache.merges || cache.args().ctor || cache.args().user_copy,
                };
                merges_with(args, &old, arch)
            })
        })
    }

    /// Blocks that slabs, areas and tables take: with their owners, for the oracle.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = (NameId, Pfn, Order)> {
        let of = |cache: &Cache| {
            let name = cache.name;
            cache.slabs().into_iter().map(move |slab| (name, slab.pfn, slab.order))
        };
        self.caches().flat_map(of)
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        for cache in self.caches().filter(|_| self.working.is_none()) {
            cache.check().map_err(|broken| format!("cache {:?}: {broken}", cache.name))?;
        }
        self.vmalloc.as_ref().map_or(Ok(()), Vmalloc::check)
    }

    /// Everything in it.
    pub(crate) fn digest_of(kmem: &Kmem) -> u64 {
        let mut d = Digest::default();
        for cache in &kmem.caches {
            let Some(cache) = cache else {
                d.word(0);
                continue;
            };
            d.word(u64::from(cache.name.0) << 16 | u64::from(cache.refcount));
            for slab in cache.slabs() {
                d.word(u64::from(slab.pfn.0) << 32 | u64::from(slab.at.0));
                d.word(
                    u64::from(slab.in_use) << 32 | u64::from(slab.colour) << 16 | u64::from(slab.free_of_cpu),
                );
                let (tag, of) = match slab.place {
                    SlabPlace::Cpu(of) => (0, of),
                    SlabPlace::CpuPartial(of) => (1, of),
                    SlabPlace::Partial(of) => (2, of),
                    SlabPlace::Full(of) => (3, of),
                    SlabPlace::Free(of) => (4, of),
                    SlabPlace::Moving(of) => (5, of),
                };
                d.word(tag << 8 | u64::from(of));
                slab.free.iter().for_each(|index| d.word(u64::from(*index)));
            }
            if let Objects::Slab(cache) = &cache.objects {
                cache.digest_arrays(&mut d);
            }
        }
        if let Some(vmalloc) = &kmem.vmalloc {
            for area in vmalloc.areas().chain(vmalloc.open().map(|(area, _)| area)) {
                d.word(area.start.0);
                area.pages.iter().for_each(|pfn| d.word(u64::from(pfn.0)));
            }
            d.word(vmalloc.waiting());
            vmalloc.tables().for_each(|(Vaddr(from), _)| d.word(from));
        }
        kmem.shrinkers.iter().for_each(|shrinker| shrinker.digest(&mut d));
        for l1 in kmem.l1.iter().flatten() {
            for set in 0..l1.shape().sets {
                d.word(l1.counts()[set as usize].0 << 32 | l1.counts()[set as usize].1);
                l1.lines(set).iter().for_each(|line| d.word(*line));
            }
        }
        d.finish()
    }
}

impl KmemConfig {
    /// Whose names the general caches have: only SLAB of 2.6 calls them `size-N`.
    fn era_of_names(&self) -> slab::Era {
        if self.allocator == Allocator::Slab { self.era } else { slab::Era::Linux6_1 }
    }

    /// The cache of `kmalloc()` for objects of a size.
    pub(super) fn kmalloc_name(&self, ty: KmallocType, size: u32) -> NameId {
        NameId::kmalloc(self.era_of_names(), ty, size)
    }
}

impl Config {
    /// With another allocator of objects.
    #[must_use]
    pub fn with_kmem(self, kmem: KmemConfig) -> Config {
        Config { kmem, ..self }
    }
}
