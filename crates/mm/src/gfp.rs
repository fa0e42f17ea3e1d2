//! What a request for pages says about itself: `gfp_t` (include/linux/gfp_types.h, 6.1).
//!
//! The bits are those of a 6.1 kernel; other versions number them differently, but print the same names.

use std::fmt;
use std::ops::{BitAnd, BitOr, BitOrAssign, Not};

use crate::mmzone::ZoneKind;
use crate::page::MigrateType;

/// The names that the kernel prints (`__def_gfpflag_names`, include/trace/events/mmflags.h, 6.1), in the order in
/// which it tries them: a name is printed when all its bits are still there.
pub const NAMES: [(&str, GfpFlags); 36] = [
    ("GFP_TRANSHUGE", GfpFlags::GFP_TRANSHUGE),
    ("GFP_TRANSHUGE_LIGHT", GfpFlags::GFP_TRANSHUGE_LIGHT),
    ("GFP_HIGHUSER_MOVABLE", GfpFlags::GFP_HIGHUSER_MOVABLE),
    ("GFP_HIGHUSER", GfpFlags::GFP_HIGHUSER),
    ("GFP_USER", GfpFlags::GFP_USER),
    ("GFP_KERNEL_ACCOUNT", GfpFlags::GFP_KERNEL_ACCOUNT),
    ("GFP_KERNEL", GfpFlags::GFP_KERNEL),
    ("GFP_NOFS", GfpFlags::GFP_NOFS),
    ("GFP_ATOMIC", GfpFlags::GFP_ATOMIC),
    ("GFP_NOIO", GfpFlags::GFP_NOIO),
    ("GFP_NOWAIT", GfpFlags::GFP_NOWAIT),
    ("GFP_DMA", GfpFlags::DMA),
    ("__GFP_HIGHMEM", GfpFlags::HIGHMEM),
    ("GFP_DMA32", GfpFlags::DMA32),
    ("__GFP_HIGH", GfpFlags::HIGH),
    ("__GFP_ATOMIC", GfpFlags::ATOMIC),
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
    ("__GFP_RECLAIM", GfpFlags::RECLAIM),
    ("__GFP_DIRECT_RECLAIM", GfpFlags::DIRECT_RECLAIM),
    ("__GFP_KSWAPD_RECLAIM", GfpFlags::KSWAPD_RECLAIM),
    ("__GFP_ZEROTAGS", GfpFlags::ZEROTAGS),
];

/// A set of `__GFP_*` bits (`gfp_t`). A constant named `GFP_…` is one of the kernel's usual combinations; the others
/// are single bits without their `__GFP_`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct GfpFlags(pub u32);

impl GfpFlags {
    /// No bit: an unmovable request that may not wait.
    pub const NONE: GfpFlags = GfpFlags(0);
    /// From ZONE_DMA.
    pub const DMA: GfpFlags = GfpFlags(0x1);
    /// ZONE_HIGHMEM will do.
    pub const HIGHMEM: GfpFlags = GfpFlags(0x2);
    /// From ZONE_DMA32 or below.
    pub const DMA32: GfpFlags = GfpFlags(0x4);
    /// The pages can be moved; with [`GfpFlags::HIGHMEM`] also ZONE_MOVABLE will do.
    pub const MOVABLE: GfpFlags = GfpFlags(0x8);
    /// The pages can be given back.
    pub const RECLAIMABLE: GfpFlags = GfpFlags(0x10);
    /// May use a part of the reserve below the min watermark.
    pub const HIGH: GfpFlags = GfpFlags(0x20);
    /// Reclaim may start block IO.
    pub const IO: GfpFlags = GfpFlags(0x40);
    /// Reclaim may call into a file system.
    pub const FS: GfpFlags = GfpFlags(0x80);
    /// The pages are wanted zeroed.
    pub const ZERO: GfpFlags = GfpFlags(0x100);
    /// The caller cannot wait and matters.
    pub const ATOMIC: GfpFlags = GfpFlags(0x200);
    /// May reclaim and compact by itself.
    pub const DIRECT_RECLAIM: GfpFlags = GfpFlags(0x400);
    /// Wakes kswapd when memory is low.
    pub const KSWAPD_RECLAIM: GfpFlags = GfpFlags(0x800);
    /// The page will be written to soon (spreads dirty pages over zones).
    pub const WRITE: GfpFlags = GfpFlags(0x1000);
    /// No message when it fails.
    pub const NOWARN: GfpFlags = GfpFlags(0x2000);
    /// Tries harder, but may fail.
    pub const RETRY_MAYFAIL: GfpFlags = GfpFlags(0x4000);
    /// Must not fail.
    pub const NOFAIL: GfpFlags = GfpFlags(0x8000);
    /// Gives up early.
    pub const NORETRY: GfpFlags = GfpFlags(0x1_0000);
    /// May use the whole reserve.
    pub const MEMALLOC: GfpFlags = GfpFlags(0x2_0000);
    /// A compound page.
    pub const COMP: GfpFlags = GfpFlags(0x4_0000);
    /// Never uses the reserve, whoever asks.
    pub const NOMEMALLOC: GfpFlags = GfpFlags(0x8_0000);
    /// Only on the nodes of the task's cpuset.
    pub const HARDWALL: GfpFlags = GfpFlags(0x10_0000);
    /// Only on the node that was asked for.
    pub const THISNODE: GfpFlags = GfpFlags(0x20_0000);
    /// Charged to the memory cgroup.
    pub const ACCOUNT: GfpFlags = GfpFlags(0x40_0000);
    /// Memory tags are wanted zeroed (arm64).
    pub const ZEROTAGS: GfpFlags = GfpFlags(0x80_0000);

    /// Both ways to reclaim (`__GFP_RECLAIM`).
    pub const RECLAIM: GfpFlags = GfpFlags(0xc00);
    /// `GFP_ATOMIC`: from an interrupt.
    pub const GFP_ATOMIC: GfpFlags = GfpFlags(0xa20);
    /// `GFP_KERNEL`: the kernel for itself.
    pub const GFP_KERNEL: GfpFlags = GfpFlags(0xcc0);
    /// `GFP_KERNEL_ACCOUNT`: the same, charged.
    pub const GFP_KERNEL_ACCOUNT: GfpFlags = GfpFlags(0x40_0cc0);
    /// `GFP_NOWAIT`: without waiting.
    pub const GFP_NOWAIT: GfpFlags = GfpFlags(0x800);
    /// `GFP_NOIO`: reclaim starts no IO.
    pub const GFP_NOIO: GfpFlags = GfpFlags(0xc00);
    /// `GFP_NOFS`: reclaim calls into no file system.
    pub const GFP_NOFS: GfpFlags = GfpFlags(0xc40);
    /// `GFP_USER`: for user space, but the kernel accesses it too.
    pub const GFP_USER: GfpFlags = GfpFlags(0x10_0cc0);
    /// `GFP_HIGHUSER`: for user space.
    pub const GFP_HIGHUSER: GfpFlags = GfpFlags(0x10_0cc2);
    /// `GFP_HIGHUSER_MOVABLE`: a page of a process (without the bits of hardware memory tags).
    pub const GFP_HIGHUSER_MOVABLE: GfpFlags = GfpFlags(0x10_0cca);
    /// `GFP_TRANSHUGE_LIGHT`: a huge page, if there is one.
    pub const GFP_TRANSHUGE_LIGHT: GfpFlags = GfpFlags(0x1c_20ca);
    /// `GFP_TRANSHUGE`: a huge page, with compaction if need be.
    pub const GFP_TRANSHUGE: GfpFlags = GfpFlags(0x1c_24ca);

    /// Whether all bits of `other` are set.
    #[must_use]
    pub const fn contains(self, other: GfpFlags) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any bit of `other` is set.
    #[must_use]
    pub const fn intersects(self, other: GfpFlags) -> bool {
        self.0 & other.0 != 0
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
        self.0 & 0x18 == 0x18
    }

    /// The same request by somebody who cannot sleep: kswapd may be woken, and that is all (`GFP_NOWAIT`).
    #[must_use]
    pub const fn nowait(self) -> GfpFlags {
        GfpFlags(self.0 & !(GfpFlags::IO.0 | GfpFlags::FS.0 | GfpFlags::DIRECT_RECLAIM.0))
    }

    /// The same request by somebody who cannot sleep and is urgent (`GFP_ATOMIC`).
    #[must_use]
    pub const fn atomic(self) -> GfpFlags {
        GfpFlags(self.nowait().0 | GfpFlags::HIGH.0 | GfpFlags::ATOMIC.0)
    }

    /// The highest zone that may serve the request on a kernel with these zones (`gfp_zone()`,
    /// include/linux/gfp.h, 6.1). Bits that contradict each other give the lowest zone, as the kernel's table does.
    #[must_use]
    pub const fn highest_zone(self, has_highmem: bool, has_dma32: bool) -> ZoneKind {
        let highmem = if has_highmem { ZoneKind::HighMem } else { ZoneKind::Normal };
        let dma32 = if has_dma32 { ZoneKind::Dma32 } else { ZoneKind::Normal };
        match self.0 & 0xf {
            0x0 | 0x8 => ZoneKind::Normal,
            0x2 => highmem,
            0x4 | 0xc => dma32,
            0xa => ZoneKind::Movable,
            _ => ZoneKind::Dma,
        }
    }

    /// The number of the migratetype it asks for while pages are grouped by mobility (`gfp_migratetype()`,
    /// include/linux/gfp.h, 6.1): 0 unmovable, 1 movable, 2 reclaimable; 3 where both bits are set, which no caller
    /// may do.
    #[must_use]
    pub const fn migratetype_raw(self) -> u8 {
        (self.0 >> 3 & 3) as u8
    }

    /// The same as a type; both bits at once count as unmovable.
    #[must_use]
    pub fn migratetype(self) -> MigrateType {
        match self.migratetype_raw() {
            1 => MigrateType::Movable,
            2 => MigrateType::Reclaimable,
            _ => MigrateType::Unmovable,
        }
    }
}

impl BitOr for GfpFlags {
    type Output = GfpFlags;
    fn bitor(self, other: GfpFlags) -> GfpFlags {
        GfpFlags(self.0 | other.0)
    }
}

impl BitOrAssign for GfpFlags {
    fn bitor_assign(&mut self, other: GfpFlags) {
        self.0 |= other.0;
    }
}

impl BitAnd for GfpFlags {
    type Output = GfpFlags;
    fn bitand(self, other: GfpFlags) -> GfpFlags {
        GfpFlags(self.0 & other.0)
    }
}

impl Not for GfpFlags {
    type Output = GfpFlags;
    fn not(self) -> GfpFlags {
        GfpFlags(!self.0)
    }
}

impl fmt::Debug for GfpFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GfpFlags({:#x})", self.0)
    }
}

/// As the kernel's trace events print them (`show_gfp_flags()`): `GFP_KERNEL|__GFP_ZERO`; bits without a name in hex at
/// the end; `none` when there is no bit.
impl fmt::Display for GfpFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut left, mut bar) = (*self, "");
        for (name, bits) in NAMES {
            if left.0 != 0 && left.contains(bits) {
                left = left & !bits;
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

    /// The combinations are made of the bits that facts 04 section 6 names.
    #[test]
    fn combinations_are_made_of_bits() {
        use GfpFlags as G;
        assert_eq!(G::GFP_KERNEL, G::RECLAIM | G::IO | G::FS);
        assert_eq!(G::RECLAIM, G::DIRECT_RECLAIM | G::KSWAPD_RECLAIM);
        assert_eq!(G::GFP_ATOMIC, G::HIGH | G::ATOMIC | G::KSWAPD_RECLAIM);
        assert_eq!(G::GFP_KERNEL_ACCOUNT, G::GFP_KERNEL | G::ACCOUNT);
        assert_eq!(G::GFP_USER, G::GFP_KERNEL | G::HARDWALL);
        assert_eq!(G::GFP_HIGHUSER_MOVABLE, G::GFP_USER | G::HIGHMEM | G::MOVABLE);
        let huge = G::GFP_HIGHUSER_MOVABLE | G::COMP | G::NOMEMALLOC | G::NOWARN;
        assert_eq!(G::GFP_TRANSHUGE_LIGHT, huge & !G::RECLAIM);
        assert_eq!(G::GFP_TRANSHUGE, G::GFP_TRANSHUGE_LIGHT | G::DIRECT_RECLAIM);
    }

    /// Facts 04 section 6: the zone from the low four bits.
    #[test]
    fn the_zone_is_the_kernels() {
        let zone = |bits| GfpFlags(bits).highest_zone(false, true);
        assert_eq!(zone(0), ZoneKind::Normal);
        assert_eq!([zone(1), zone(9)], [ZoneKind::Dma; 2]);
        assert_eq!([zone(2), zone(8)], [ZoneKind::Normal; 2]);
        assert_eq!([zone(4), zone(0xc)], [ZoneKind::Dma32; 2]);
        assert_eq!(zone(0xa), ZoneKind::Movable);
        assert_eq!(GfpFlags::HIGHMEM.highest_zone(true, false), ZoneKind::HighMem);
        assert_eq!(GfpFlags::DMA32.highest_zone(true, false), ZoneKind::Normal);
        assert_eq!(zone(3), ZoneKind::Dma);
    }

    #[test]
    fn the_migratetype_is_in_two_bits() {
        assert_eq!(GfpFlags::GFP_KERNEL.migratetype_raw(), 0);
        assert_eq!(GfpFlags::GFP_HIGHUSER_MOVABLE.migratetype_raw(), 1);
        assert_eq!((GfpFlags::GFP_KERNEL | GfpFlags::RECLAIMABLE).migratetype_raw(), 2);
    }

    #[test]
    fn flags_are_printed_as_the_kernel_does() {
        let printed = |flags: GfpFlags| flags.to_string();
        assert_eq!(printed(GfpFlags::GFP_ATOMIC | GfpFlags::NOWARN), "GFP_ATOMIC|__GFP_NOWARN");
        assert_eq!(printed(GfpFlags::GFP_KERNEL | GfpFlags::ACCOUNT), "GFP_KERNEL_ACCOUNT");
        assert_eq!(printed(GfpFlags::GFP_KERNEL | GfpFlags::DMA), "GFP_KERNEL|GFP_DMA");
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
        assert_eq!(GfpFlags::GFP_KERNEL.atomic(), GfpFlags::GFP_ATOMIC);
        assert_eq!(GfpFlags::GFP_KERNEL.nowait(), GfpFlags::GFP_NOWAIT);
        assert!(GfpFlags(0x5).names_two_zones() && !GfpFlags::GFP_HIGHUSER_MOVABLE.names_two_zones());
        assert!(GfpFlags(0x18).names_two_types() && !GfpFlags(0x10).names_two_types());
    }
}
