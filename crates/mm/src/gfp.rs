//! What a request says besides its size (include/linux/gfp_types.h, 6.1).

use std::fmt;

use crate::mmzone::ZoneKind;
use crate::page::MigrateType;

/// The names that the kernel prints (`__def_gfpflag_names`, include/trace/events/mmflags.h, 6.1), in the order in
/// which it tries them: a name is printed when all its bits are still there.
pub const NAMES: [(&str, GfpFlags); 36] = [
    ("GFP_TRANSHUGE", GfpFlags(0x1c_24ca)),
    ("GFP_TRANSHUGE_LIGHT", GfpFlags(0x1c_20ca)),
    ("GFP_HIGHUSER_MOVABLE", GfpFlags::HIGHUSER_MOVABLE),
    ("GFP_HIGHUSER", GfpFlags::HIGHUSER),
    ("GFP_USER", GfpFlags::USER),
    ("GFP_KERNEL_ACCOUNT", GfpFlags::KERNEL.with(GfpFlags::ACCOUNT)),
    ("GFP_KERNEL", GfpFlags::KERNEL),
    ("GFP_NOFS", GfpFlags::NOFS),
    ("GFP_ATOMIC", GfpFlags::ATOMIC),
    ("GFP_NOIO", GfpFlags::NOIO),
    ("GFP_NOWAIT", GfpFlags::NOWAIT),
    ("GFP_DMA", GfpFlags::DMA),
    ("__GFP_HIGHMEM", GfpFlags::HIGHMEM),
    ("GFP_DMA32", GfpFlags::DMA32),
    ("__GFP_HIGH", GfpFlags::HIGH),
    ("__GFP_ATOMIC", GfpFlags::ATOMIC_BIT),
    ("__GFP_IO", GfpFlags::IO),
    ("__GFP_FS", GfpFlags::FS),
    ("__GFP_NOWARN", GfpFlags::NOWARN),
    ("__GFP_RETRY_MAYFAIL", GfpFlags::RETRY_MAYFAIL),
    ("__GFP_NOFAIL", GfpFlags::NOFAIL),
    ("__GFP_NORETRY", GfpFlags::NORETRY),
    ("__GFP_COMP", GfpFlags::COMP),
    ("__GFP_ZERO", GfpFlags::ZERO),
    ("__GFP_NOMEMALLOC", GfpFlags::NOMEMALLOC),
    ("__GFP_MEMALLOC", GfpFlags::MEMALLOC),
    ("__GFP_HARDWALL", GfpFlags::HARDWALL),
    ("__GFP_THISNODE", GfpFlags::THISNODE),
    ("__GFP_RECLAIMABLE", GfpFlags::RECLAIMABLE),
    ("__GFP_MOVABLE", GfpFlags::MOVABLE),
    ("__GFP_ACCOUNT", GfpFlags::ACCOUNT),
    ("__GFP_WRITE", GfpFlags::WRITE),
    ("__GFP_RECLAIM", GfpFlags(0xc00)),
    ("__GFP_DIRECT_RECLAIM", GfpFlags::DIRECT_RECLAIM),
    ("__GFP_KSWAPD_RECLAIM", GfpFlags::KSWAPD_RECLAIM),
    ("__GFP_ZEROTAGS", GfpFlags(0x80_0000)),
];

/// The bits of `gfp_t`, with the numbers of Linux 6.1.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub struct GfpFlags(pub u32);

impl GfpFlags {
    /// `__GFP_DMA`: ZONE_DMA only.
    pub const DMA: GfpFlags = GfpFlags(0x1);
    /// `__GFP_HIGHMEM`: HighMem will do as well.
    pub const HIGHMEM: GfpFlags = GfpFlags(0x2);
    /// `__GFP_DMA32`: DMA32 and below.
    pub const DMA32: GfpFlags = GfpFlags(0x4);
    /// `__GFP_MOVABLE`: the page can be moved elsewhere.
    pub const MOVABLE: GfpFlags = GfpFlags(0x8);
    /// `__GFP_RECLAIMABLE`: a slab that a shrinker can empty.
    pub const RECLAIMABLE: GfpFlags = GfpFlags(0x10);
    /// `__GFP_HIGH`: may use half of the reserve.
    pub const HIGH: GfpFlags = GfpFlags(0x20);
    /// `__GFP_IO`: reclaim may start IO.
    pub const IO: GfpFlags = GfpFlags(0x40);
    /// `__GFP_FS`: reclaim may call into file systems.
    pub const FS: GfpFlags = GfpFlags(0x80);
    /// `__GFP_ZERO`: the page comes zeroed.
    pub const ZERO: GfpFlags = GfpFlags(0x100);
    /// `__GFP_ATOMIC`: the caller cannot sleep and is urgent.
    pub const ATOMIC_BIT: GfpFlags = GfpFlags(0x200);
    /// `__GFP_DIRECT_RECLAIM`: the caller may reclaim for itself, so it can sleep.
    pub const DIRECT_RECLAIM: GfpFlags = GfpFlags(0x400);
    /// `__GFP_KSWAPD_RECLAIM`: kswapd is woken when memory runs low.
    pub const KSWAPD_RECLAIM: GfpFlags = GfpFlags(0x800);
    /// `__GFP_WRITE`: the page will be dirtied soon.
    pub const WRITE: GfpFlags = GfpFlags(0x1000);
    /// `__GFP_NOWARN`: no report when it fails.
    pub const NOWARN: GfpFlags = GfpFlags(0x2000);
    /// `__GFP_RETRY_MAYFAIL`: tries hard, but does not kill.
    pub const RETRY_MAYFAIL: GfpFlags = GfpFlags(0x4000);
    /// `__GFP_NOFAIL`: never fails.
    pub const NOFAIL: GfpFlags = GfpFlags(0x8000);
    /// `__GFP_NORETRY`: gives up early.
    pub const NORETRY: GfpFlags = GfpFlags(0x1_0000);
    /// `__GFP_MEMALLOC`: may use all of the reserve.
    pub const MEMALLOC: GfpFlags = GfpFlags(0x2_0000);
    /// `__GFP_COMP`: the frames become one compound page.
    pub const COMP: GfpFlags = GfpFlags(0x4_0000);
    /// `__GFP_NOMEMALLOC`: may never use the reserve.
    pub const NOMEMALLOC: GfpFlags = GfpFlags(0x8_0000);
    /// `__GFP_HARDWALL`: the caller's cpuset is binding.
    pub const HARDWALL: GfpFlags = GfpFlags(0x10_0000);
    /// `__GFP_THISNODE`: this node only.
    pub const THISNODE: GfpFlags = GfpFlags(0x20_0000);
    /// `__GFP_ACCOUNT`: charged to the caller's memory cgroup.
    pub const ACCOUNT: GfpFlags = GfpFlags(0x40_0000);

    /// `GFP_ATOMIC`
    pub const ATOMIC: GfpFlags = GfpFlags(0xa20);
    /// `GFP_NOWAIT`
    pub const NOWAIT: GfpFlags = GfpFlags(0x800);
    /// `GFP_NOIO`
    pub const NOIO: GfpFlags = GfpFlags(0xc00);
    /// `GFP_NOFS`
    pub const NOFS: GfpFlags = GfpFlags(0xc40);
    /// `GFP_KERNEL`
    pub const KERNEL: GfpFlags = GfpFlags(0xcc0);
    /// `GFP_USER`
    pub const USER: GfpFlags = GfpFlags(0x10_0cc0);
    /// `GFP_HIGHUSER`
    pub const HIGHUSER: GfpFlags = GfpFlags(0x10_0cc2);
    /// `GFP_HIGHUSER_MOVABLE` (without the bits that only KASAN has)
    pub const HIGHUSER_MOVABLE: GfpFlags = GfpFlags(0x10_0cca);

    /// Whether every bit of `bits` is set.
    #[must_use]
    pub const fn has(self, bits: GfpFlags) -> bool {
        self.0 & bits.0 == bits.0
    }

    /// With the bits of `bits` as well.
    #[must_use]
    pub const fn with(self, bits: GfpFlags) -> GfpFlags {
        GfpFlags(self.0 | bits.0)
    }

    /// Without the bits of `bits`.
    #[must_use]
    pub const fn without(self, bits: GfpFlags) -> GfpFlags {
        GfpFlags(self.0 & !bits.0)
    }

    /// The flags with this name, as [`NAMES`] has it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<GfpFlags> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, flags)| *flags)
    }

    /// Whether two zones are named at once, which the kernel takes for a bug (`GFP_ZONE_BAD`).
    #[must_use]
    pub const fn names_two_zones(self) -> bool {
        !matches!(self.0 & 0xf, 0 | 1 | 2 | 4 | 8 | 9 | 0xa | 0xc)
    }

    /// Whether two migratetypes are named at once, which the kernel takes for a bug (`gfp_migratetype()`).
    #[must_use]
    pub const fn names_two_types(self) -> bool {
        self.has(GfpFlags::MOVABLE.with(GfpFlags::RECLAIMABLE))
    }

    /// The same request by somebody who cannot sleep: kswapd may be woken, and that is all (`GFP_NOWAIT`).
    #[must_use]
    pub const fn nowait(self) -> GfpFlags {
        self.without(GfpFlags(GfpFlags::IO.0 | GfpFlags::FS.0 | GfpFlags::DIRECT_RECLAIM.0))
    }

    /// The same request by somebody who cannot sleep and is urgent (`GFP_ATOMIC`).
    #[must_use]
    pub const fn atomic(self) -> GfpFlags {
        self.nowait().with(GfpFlags::HIGH).with(GfpFlags::ATOMIC_BIT)
    }

    /// The highest zone that may serve the request (`gfp_zone()`), on a kernel with or without these zones.
    #[must_use]
    pub fn highest_zone(self, has_dma32: bool, has_highmem: bool) -> ZoneKind {
        if self.has(GfpFlags::DMA) {
            ZoneKind::Dma
        } else if self.has(GfpFlags::DMA32) {
            if has_dma32 { ZoneKind::Dma32 } else { ZoneKind::Normal }
        } else if self.has(GfpFlags::HIGHMEM.with(GfpFlags::MOVABLE)) {
            ZoneKind::Movable
        } else if self.has(GfpFlags::HIGHMEM) && has_highmem {
            ZoneKind::HighMem
        } else {
            ZoneKind::Normal
        }
    }

    /// The migratetype that the request carries (`gfp_migratetype()`). Both bits at once is an error in the kernel;
    /// here it counts as unmovable.
    #[must_use]
    pub fn migratetype(self) -> MigrateType {
        match (self.has(GfpFlags::MOVABLE), self.has(GfpFlags::RECLAIMABLE)) {
            (true, false) => MigrateType::Movable,
            (false, true) => MigrateType::Reclaimable,
            _ => MigrateType::Unmovable,
        }
    }
}

/// As the kernel's trace events print them (`show_gfp_flags()`): `GFP_KERNEL|__GFP_ZERO`; bits without a name in hex at
/// the end; `none` when there is no bit.
impl fmt::Display for GfpFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut left, mut bar) = (*self, "");
        for (name, bits) in NAMES {
            if left.0 != 0 && left.has(bits) {
                left = left.without(bits);
                write!(f, "{bar}{name}")?;
                bar = "|";
            }
        }
        match left.0 {
            0 if bar.is_empty() => f.write_str("none"),
            0 => Ok(()),
            left => write!(f, "{bar}{left:#x}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zone_and_the_type_of_the_usual_sets() {
        let of = |flags: GfpFlags| (flags.highest_zone(true, false), flags.migratetype());
        assert_eq!(of(GfpFlags::KERNEL), (ZoneKind::Normal, MigrateType::Unmovable));
        assert_eq!(of(GfpFlags::HIGHUSER), (ZoneKind::Normal, MigrateType::Unmovable));
        assert_eq!(of(GfpFlags::HIGHUSER_MOVABLE), (ZoneKind::Movable, MigrateType::Movable));
        assert_eq!(of(GfpFlags::KERNEL.with(GfpFlags::DMA)).0, ZoneKind::Dma);
        assert_eq!(of(GfpFlags(0xc)).0, ZoneKind::Dma32);
        assert_eq!(GfpFlags(0x4).highest_zone(false, true), ZoneKind::Normal);
        assert_eq!(GfpFlags::HIGHUSER.highest_zone(false, true), ZoneKind::HighMem);
        assert_eq!(of(GfpFlags::MOVABLE).0, ZoneKind::Normal, "without HIGHMEM no movable zone");
        assert_eq!(of(GfpFlags::KERNEL.with(GfpFlags::RECLAIMABLE)).1, MigrateType::Reclaimable);
    }

    #[test]
    fn flags_are_printed_as_the_kernel_does() {
        let printed = |flags: GfpFlags| flags.to_string();
        assert_eq!(printed(GfpFlags::ATOMIC.with(GfpFlags::NOWARN)), "GFP_ATOMIC|__GFP_NOWARN");
        assert_eq!(printed(GfpFlags::KERNEL.with(GfpFlags::ACCOUNT)), "GFP_KERNEL_ACCOUNT");
        assert_eq!(printed(GfpFlags::KERNEL.with(GfpFlags::DMA)), "GFP_KERNEL|GFP_DMA");
        assert_eq!(printed(GfpFlags(0x101_0000)), "__GFP_NORETRY|0x1000000");
        assert_eq!(printed(GfpFlags(0)), "none");
        for (name, flags) in NAMES {
            assert_eq!(GfpFlags::from_name(name), Some(flags));
            // Two names of the same bits: the first one is printed.
            assert_eq!(GfpFlags::from_name(&printed(flags)), Some(flags));
        }
    }

    #[test]
    fn who_cannot_sleep() {
        assert_eq!(GfpFlags::KERNEL.atomic(), GfpFlags::ATOMIC);
        assert_eq!(GfpFlags::KERNEL.nowait(), GfpFlags::NOWAIT);
        assert!(GfpFlags(0x5).names_two_zones() && !GfpFlags::HIGHUSER_MOVABLE.names_two_zones());
        assert!(GfpFlags(0x18).names_two_types() && !GfpFlags(0x10).names_two_types());
    }
}
