//! What SLUB and SLAB have in common: flags, alignment, the sizes of kmalloc, and which caches become one
//! (mm/slab_common.c and include/linux/slab.h, 6.1).

mod bytes;
mod caches;
pub(crate) mod machine;
pub mod shrinker;

pub use caches::{Cache, CacheFigures, Kmem, KmemConfig, KmemTotals, Objects, SlabLook, SlabPlace};

use std::ops::BitOr;

use crate::config::Arch;
use crate::units::Order;

/// The bytes of a cache line of the level-1 cache (`cache_line_size()` on x86).
pub const CACHE_LINE: u32 = 64;

/// `slab_flags_t`: the flags that change where objects lie or which pages they are cut from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub struct SlabFlags(u32);

impl SlabFlags {
    /// None of them.
    pub const NONE: SlabFlags = SlabFlags(0);
    /// `SLAB_HWCACHE_ALIGN`: objects begin at cache lines, or at whole parts of one.
    pub const HWCACHE_ALIGN: SlabFlags = SlabFlags(1);
    /// `SLAB_RECLAIM_ACCOUNT`: the pages are counted as reclaimable and come from RECLAIMABLE pageblocks.
    pub const RECLAIM_ACCOUNT: SlabFlags = SlabFlags(1 << 1);
    /// `SLAB_CACHE_DMA`: the pages come from ZONE_DMA.
    pub const CACHE_DMA: SlabFlags = SlabFlags(1 << 2);
    /// `SLAB_CACHE_DMA32`: the pages come from ZONE_DMA32.
    pub const CACHE_DMA32: SlabFlags = SlabFlags(1 << 3);
    /// `SLAB_ACCOUNT`: charged to a control group.
    pub const ACCOUNT: SlabFlags = SlabFlags(1 << 4);
    /// `SLAB_TYPESAFE_BY_RCU`: a freed object may still be looked at for a while.
    pub const TYPESAFE_BY_RCU: SlabFlags = SlabFlags(1 << 5);

    /// The flags of which two caches that become one must have the same (`SLAB_MERGE_SAME`).
    const MERGE_SAME: SlabFlags =
        SlabFlags(Self::RECLAIM_ACCOUNT.0 | Self::CACHE_DMA.0 | Self::CACHE_DMA32.0 | Self::ACCOUNT.0);
    /// The flags with which a cache stays alone (`SLAB_NEVER_MERGE`, without those for debugging).
    const NEVER_MERGE: SlabFlags = Self::TYPESAFE_BY_RCU;

    /// Whether it has any of `flags`.
    #[must_use]
    pub fn has(self, flags: SlabFlags) -> bool {
        self.0 & flags.0 != 0
    }

    /// Those that are in `mask` too.
    #[must_use]
    fn masked(self, mask: SlabFlags) -> SlabFlags {
        SlabFlags(self.0 & mask.0)
    }
}

impl BitOr for SlabFlags {
    type Output = SlabFlags;

    fn bitor(self, other: SlabFlags) -> SlabFlags {
        SlabFlags(self.0 | other.0)
    }
}

/// What `kmem_cache_create()` is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CacheArgs {
    /// Bytes of an object, 1 to [`MAX_OBJECT`].
    pub object_size: u32,
    /// Bytes that an object's address is to be a multiple of: 0 (no wish) or a power of two.
    pub align: u32,
    /// The flags.
    pub flags: SlabFlags,
    /// Whether objects have a constructor, which runs once when their slab is made.
    pub ctor: bool,
    /// Whether a part of the object may be copied to and from user space (`usersize`).
    pub user_copy: bool,
}

impl CacheArgs {
    /// Objects of a size, and nothing special.
    #[must_use]
    pub fn of_size(object_size: u32) -> CacheArgs {
        CacheArgs { object_size, align: 0, flags: SlabFlags::NONE, ctor: false, user_copy: false }
    }
}

/// The largest object that a cache may have (`KMALLOC_MAX_SIZE`): one block of the largest order.
pub const MAX_OBJECT: u32 = 4096 << (Order::COUNT - 1);

/// Bytes of a machine word (`sizeof(void *)`).
#[must_use]
pub fn word(arch: Arch) -> u32 {
    match arch {
        Arch::X86_64 => 8,
        Arch::I386 => 4,
    }
}

/// `size` rounded up to a multiple of `align`, a power of two (`ALIGN()`).
#[must_use]
pub fn align_up(size: u32, align: u32) -> u32 {
    size.next_multiple_of(align)
}

/// The smallest order whose block has `bytes` (`get_order()`, include/asm-generic/getorder.h, 6.1); more than 10 when
/// none has.
#[must_use]
pub fn get_order(bytes: u32) -> u8 {
    bytes.div_ceil(4096).next_power_of_two().trailing_zeros() as u8
}

/// The alignment of a cache's objects (`calculate_alignment()`, mm/slab_common.c, 6.1): a cache line, or the smallest
/// half, quarter, … of one that an object fits into; what was asked for; and at least a word.
#[must_use]
pub fn calculate_alignment(args: &CacheArgs, arch: Arch) -> u32 {
    let mut align = args.align;
    if args.flags.has(SlabFlags::HWCACHE_ALIGN) {
        let mut line = CACHE_LINE;
        while args.object_size <= line / 2 {
            line /= 2;
        }
        align = align.max(line);
    }
    align_up(align.max(MIN_ALIGN), word(arch))
}

/// `ARCH_SLAB_MINALIGN`: `unsigned long long`'s.
const MIN_ALIGN: u32 = 8;

/// Which allocator cuts objects out of pages.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub enum Allocator {
    /// SLUB, the only one since 6.8.
    #[default]
    Slub,
    /// Classic SLAB, removed by 6.8.
    Slab,
}

/// The sizes of the kmalloc caches, ascending (`kmalloc_info`, mm/slab_common.c, 6.1). SLAB begins at 32.
pub const KMALLOC_SIZES: [u32; 13] = [8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192];

/// The largest request that a cache serves (`KMALLOC_MAX_CACHE_SIZE`, 6.1); more goes to the buddy system.
pub const KMALLOC_MAX_CACHE_SIZE: u32 = 8192;

/// Where a request of `kmalloc()` goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kmalloc {
    /// `kmalloc(0)`: an address that faults when it is used, and no memory (`ZERO_SIZE_PTR`).
    ZeroSize,
    /// The cache with objects of so many bytes.
    Cache(u32),
    /// A block of this order, past all caches (`kmalloc_large()`).
    Pages(Order),
    /// More than the largest block: no memory.
    TooLarge,
}

/// Where `kmalloc(bytes)` goes (`kmalloc_index()` and `kmalloc_slab()`, 6.1).
#[must_use]
pub fn kmalloc(allocator: Allocator, bytes: u32) -> Kmalloc {
    if bytes == 0 {
        return Kmalloc::ZeroSize;
    }
    // KMALLOC_SHIFT_LOW is 5 for SLAB.
    let smallest = if allocator == Allocator::Slab { 32 } else { 8 };
    match KMALLOC_SIZES.into_iter().find(|size| *size >= bytes.max(smallest)) {
        Some(size) => Kmalloc::Cache(size),
        None => Order::new(get_order(bytes)).map_or(Kmalloc::TooLarge, Kmalloc::Pages),
    }
}

/// The kind of kmalloc cache that serves a request (`kmalloc_type()`, 6.1): where several would do, ZONE_DMA comes
/// before reclaimable, and that before charged to a control group.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum KmallocType {
    /// `kmalloc-N`
    Normal,
    /// `kmalloc-cg-N`: `__GFP_ACCOUNT`, where the kernel has control groups for kernel memory.
    Cgroup,
    /// `kmalloc-rcl-N`: `__GFP_RECLAIMABLE`
    Reclaim,
    /// `dma-kmalloc-N`: `__GFP_DMA`
    Dma,
}

impl KmallocType {
    /// The name of its cache of this size (`kmalloc_info`): `kmalloc-1k`, `dma-kmalloc-96`.
    #[must_use]
    pub fn cache_name(self, size: u32) -> String {
        let prefix = match self {
            KmallocType::Normal => "kmalloc",
            KmallocType::Cgroup => "kmalloc-cg",
            KmallocType::Reclaim => "kmalloc-rcl",
            KmallocType::Dma => "dma-kmalloc",
        };
        if size >= 1024 { format!("{prefix}-{}k", size / 1024) } else { format!("{prefix}-{size}") }
    }
}

/// A cache as far as merging looks at it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mergeable {
    /// `s->size`: bytes from one object to the next.
    pub size: u32,
    /// `s->flags`
    pub flags: SlabFlags,
    /// It has a constructor, or a part that may be copied to user space.
    pub alone: bool,
}

/// Whether a new cache is served by `old` under another name (`find_mergeable()`, mm/slab_common.c, 6.1, where it is
/// asked of one cache after another, the oldest first).
#[must_use]
pub fn merges_with(args: &CacheArgs, old: &Mergeable, arch: Arch) -> bool {
    let never = |flags: SlabFlags, alone: bool| alone || flags.has(SlabFlags::NEVER_MERGE);
    if never(args.flags, args.ctor || args.user_copy) || never(old.flags, old.alone) {
        return false;
    }
    let align = calculate_alignment(args, arch);
    let size = align_up(align_up(args.object_size, word(arch)), align);
    old.size >= size
        && old.size - size < word(arch)
        && args.flags.masked(SlabFlags::MERGE_SAME) == old.flags.masked(SlabFlags::MERGE_SAME)
        && old.size.is_multiple_of(align)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_07_kmalloc_sizes() {
        let slub = |bytes| kmalloc(Allocator::Slub, bytes);
        assert_eq!(slub(0), Kmalloc::ZeroSize);
        for (bytes, size) in
            [(1, 8), (8, 8), (9, 16), (40, 64), (65, 96), (97, 128), (129, 192), (193, 256), (257, 512)]
        {
            assert_eq!(slub(bytes), Kmalloc::Cache(size), "{bytes}");
        }
        assert_eq!(slub(8192), Kmalloc::Cache(8192));
        assert_eq!(slub(8193), Kmalloc::Pages(Order::new(2).unwrap()));
        assert_eq!(slub(MAX_OBJECT), Kmalloc::Pages(Order::MAX));
        assert_eq!(slub(MAX_OBJECT + 1), Kmalloc::TooLarge);
        assert_eq!(kmalloc(Allocator::Slab, 1), Kmalloc::Cache(32));
    }

    #[test]
    fn facts_07_alignment() {
        let hwcache = |object_size| {
            calculate_alignment(
                &CacheArgs { flags: SlabFlags::HWCACHE_ALIGN, ..CacheArgs::of_size(object_size) },
                Arch::X86_64,
            )
        };
        assert_eq!([20, 60, 100].map(|size| align_up(size, hwcache(size))), [32, 64, 128]);
        assert_eq!(calculate_alignment(&CacheArgs::of_size(100), Arch::X86_64), 8);
    }

    #[test]
    fn caches_merge_when_their_objects_fit_and_their_pages_are_alike() {
        let old = Mergeable { size: 64, flags: SlabFlags::NONE, alone: false };
        let merges = |args: &CacheArgs| merges_with(args, &old, Arch::X86_64);
        assert!(merges(&CacheArgs::of_size(64)));
        assert!(merges(&CacheArgs::of_size(57)));
        assert!(!merges(&CacheArgs::of_size(56)), "eight bytes would be lost in each");
        assert!(!merges(&CacheArgs::of_size(65)));
        assert!(!merges(&CacheArgs { ctor: true, ..CacheArgs::of_size(64) }));
        assert!(!merges(&CacheArgs { user_copy: true, ..CacheArgs::of_size(64) }));
        assert!(!merges(&CacheArgs { flags: SlabFlags::RECLAIM_ACCOUNT, ..CacheArgs::of_size(64) }));
        assert!(!merges(&CacheArgs { flags: SlabFlags::TYPESAFE_BY_RCU, ..CacheArgs::of_size(64) }));
        assert!(merges(&CacheArgs { flags: SlabFlags::HWCACHE_ALIGN, ..CacheArgs::of_size(60) }));
        assert!(!merges_with(
            &CacheArgs { align: 128, ..CacheArgs::of_size(128) },
            &Mergeable { size: 192, ..old },
            Arch::X86_64
        ));
    }
}
