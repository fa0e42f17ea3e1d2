//! What a text says of kernel objects and of vmalloc: `p = kmalloc 40`, `inode = kmem_cache_create size=600`.

use std::fmt;

use mm::slab::Era;
use mm::slab_common::shrinker::DEFAULT_SEEKS;
use mm::slab_common::{Allocator, CacheArgs, KmallocType, SlabFlags};

use crate::ast::Target;

/// How the kernel was built and started.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KmemSetting {
    /// `slab slub`, `slab slab`, `slab slab 2.6`
    Slab(Allocator, Era),
    /// `freelist_random on|off`
    FreelistRandom(bool),
    /// `slab_colour on|off`
    Colour(bool),
    /// `init_on_alloc on|off`
    InitOnAlloc(bool),
}

impl KmemSetting {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            KmemSetting::Slab(..) => "slab",
            KmemSetting::FreelistRandom(_) => "freelist_random",
            KmemSetting::Colour(_) => "slab_colour",
            KmemSetting::InitOnAlloc(_) => "init_on_alloc",
        }
    }
}

impl fmt::Display for KmemSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = match *self {
            KmemSetting::Slab(Allocator::Slub, _) => "slub",
            KmemSetting::Slab(Allocator::Slab, Era::Linux6_1) => "slab",
            KmemSetting::Slab(Allocator::Slab, Era::Linux2_6) => "slab 2.6",
            KmemSetting::FreelistRandom(on) | KmemSetting::Colour(on) | KmemSetting::InitOnAlloc(on) => {
                if on { "on" } else { "off" }
            }
        };
        write!(f, "{} {value}", self.word())
    }
}

/// An op on objects, caches or areas.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kmem {
    /// `inode = kmem_cache_create size=600 align=64 ctor`
    Create {
        /// What the cache is called.
        target: Target,
        /// Its objects.
        args: CacheArgs,
        /// Whether an older cache may serve instead; not `nomerge`.
        merge: bool,
    },
    /// `o = kmem_cache_alloc inode`, `o = kmem_cache_zalloc inode`
    Alloc {
        /// What the object is called.
        target: Target,
        /// Of which cache.
        cache: Target,
        /// Whether it is filled with zeros.
        zero: bool,
        /// The CPU that asks.
        cpu: u8,
    },
    /// `p = kmalloc 40 reclaimable`, `p = kzalloc 40`
    Kmalloc {
        /// What the object is called.
        target: Target,
        /// Bytes.
        bytes: u32,
        /// The kind of cache.
        ty: KmallocType,
        /// Whether it is filled with zeros.
        zero: bool,
        /// The CPU that asks.
        cpu: u8,
    },
    /// `v = vmalloc 64K`, `v = vzalloc 64K`
    Vmalloc {
        /// What the area is called.
        target: Target,
        /// Bytes.
        bytes: u64,
        /// Whether it is filled with zeros.
        zero: bool,
        /// The CPU that asks.
        cpu: u8,
    },
    /// `k = kvmalloc 64K`
    Kvmalloc {
        /// What it is called.
        target: Target,
        /// Bytes.
        bytes: u32,
        /// The CPU that asks.
        cpu: u8,
    },
    /// `register_shrinker inode seeks=4`
    RegisterShrinker {
        /// Of which cache.
        cache: Target,
        /// What it costs to have an object again.
        seeks: u8,
    },
    /// `list_lru_add o`, `list_lru_del o`
    ListLru {
        /// Which object.
        target: Target,
        /// Whether nobody uses it.
        unused: bool,
    },
    /// `kmem_cache_shrink inode`
    Shrink(Target),
    /// `kmem_cache_destroy inode`
    Destroy(Target),
    /// `reap cpu=1`
    Reap(u8),
    /// `touch o offset=64`
    Touch {
        /// Which object.
        target: Target,
        /// Where in it, in bytes.
        offset: u32,
        /// Which CPU.
        cpu: u8,
    },
}

/// The words of flags of a cache, and the flags.
pub(crate) const CACHE_FLAGS: [(&str, SlabFlags); 6] = [
    ("hwcache_align", SlabFlags::HWCACHE_ALIGN),
    ("reclaim_account", SlabFlags::RECLAIM_ACCOUNT),
    ("dma", SlabFlags::CACHE_DMA),
    ("dma32", SlabFlags::CACHE_DMA32),
    ("account", SlabFlags::ACCOUNT),
    ("typesafe_by_rcu", SlabFlags::TYPESAFE_BY_RCU),
];

/// The words of kinds of kmalloc caches; without one it is the normal kind.
pub(crate) const KMALLOC_TYPES: [(&str, KmallocType); 3] =
    [("account", KmallocType::Cgroup), ("reclaimable", KmallocType::Reclaim), ("dma", KmallocType::Dma)];

impl Kmem {
    /// The name that it gives or takes away, or works on.
    #[must_use]
    pub fn target(&self) -> Option<&Target> {
        match self {
            Kmem::Create { target, .. }
            | Kmem::Alloc { target, .. }
            | Kmem::Kmalloc { target, .. }
            | Kmem::Vmalloc { target, .. }
            | Kmem::Kvmalloc { target, .. }
            | Kmem::RegisterShrinker { cache: target, .. }
            | Kmem::ListLru { target, .. }
            | Kmem::Shrink(target)
            | Kmem::Destroy(target)
            | Kmem::Touch { target, .. } => Some(target),
            Kmem::Reap(_) => None,
        }
    }

    /// Pages that it asks for one by one.
    #[must_use]
    pub fn pages(&self) -> u64 {
        match *self {
            Kmem::Vmalloc { bytes, .. } => bytes.div_ceil(mm::units::PAGE_SIZE),
            Kmem::Kvmalloc { bytes, .. } => u64::from(bytes).div_ceil(mm::units::PAGE_SIZE),
            _ => 0,
        }
    }
}

impl fmt::Display for Kmem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let z = |zero: &bool| if *zero { "z" } else { "" };
        match self {
            Kmem::Create { target, args, merge } => {
                write!(f, "{target} = kmem_cache_create size={}", Size(u64::from(args.object_size)))?;
                if args.align > 0 {
                    write!(f, " align={}", args.align)?;
                }
                let words = CACHE_FLAGS.into_iter().filter(|(_, flag)| args.flags.has(*flag));
                words.map(|(word, _)| word).try_for_each(|word| write!(f, " {word}"))?;
                let switches = [("ctor", args.ctor), ("usercopy", args.user_copy), ("nomerge", !merge)];
                switches.into_iter().filter(|(_, on)| *on).try_for_each(|(word, _)| write!(f, " {word}"))
            }
            Kmem::Alloc { target, cache, zero, cpu } => {
                write!(f, "{target} = kmem_cache_{}alloc {cache}{}", z(zero), Cpu(*cpu))
            }
            Kmem::Kmalloc { target, bytes, ty, zero, cpu } => {
                let word = if *zero { "kzalloc" } else { "kmalloc" };
                write!(f, "{target} = {word} {}", Size(u64::from(*bytes)))?;
                if let Some((word, _)) = KMALLOC_TYPES.into_iter().find(|(_, of)| of == ty) {
                    write!(f, " {word}")?;
                }
                write!(f, "{}", Cpu(*cpu))
            }
            Kmem::Vmalloc { target, bytes, zero, cpu } => {
                let word = if *zero { "vzalloc" } else { "vmalloc" };
                write!(f, "{target} = {word} {}{}", Size(*bytes), Cpu(*cpu))
            }
            Kmem::Kvmalloc { target, bytes, cpu } => {
                write!(f, "{target} = kvmalloc {}{}", Size(u64::from(*bytes)), Cpu(*cpu))
            }
            Kmem::RegisterShrinker { cache, seeks } => {
                write!(f, "register_shrinker {cache}")?;
                if *seeks == DEFAULT_SEEKS { Ok(()) } else { write!(f, " seeks={seeks}") }
            }
            Kmem::ListLru { target, unused } => {
                write!(f, "list_lru_{} {target}", if *unused { "add" } else { "del" })
            }
            Kmem::Shrink(cache) => write!(f, "kmem_cache_shrink {cache}"),
            Kmem::Destroy(cache) => write!(f, "kmem_cache_destroy {cache}"),
            Kmem::Reap(cpu) => write!(f, "reap{}", Cpu(*cpu)),
            Kmem::Touch { target, offset, cpu } => {
                write!(f, "touch {target}")?;
                if *offset > 0 {
                    write!(f, " offset={offset}")?;
                }
                write!(f, "{}", Cpu(*cpu))
            }
        }
    }
}

/// Bytes with the largest unit of which they are a whole number: `40`, `64K`, `16M`.
pub(crate) struct Size(pub(crate) u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [("G", 30), ("M", 20), ("K", 10)];
        match units.into_iter().find(|(_, shift)| self.0 > 0 && self.0.trailing_zeros() >= *shift) {
            Some((unit, shift)) => write!(f, "{}{unit}", self.0 >> shift),
            None => write!(f, "{}", self.0),
        }
    }
}

/// The CPU, unless it is the first one.
pub(crate) struct Cpu(pub(crate) u8);

impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 > 0 { write!(f, " cpu={}", self.0) } else { f.write_str("") }
    }
}
