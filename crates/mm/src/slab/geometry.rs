//! How objects lie in a slab of classic SLAB, and its colours: in 6.1 and as in 2.6.32 (mm/slab.c of both).
//!
//! What is left over at a slab's end is used to let the objects of successive slabs begin at different cache lines:
//! that is the slab's *colour*.

use crate::config::Arch;
use crate::slab_common::{
    Allocator, CACHE_LINE, CacheArgs, Kmalloc, SlabFlags, align_up, calculate_alignment, kmalloc, word,
};
use crate::units::Order;

/// Which SLAB.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Era {
    /// As in 2.6.32: a `struct slab` and four bytes for each object.
    Linux2_6,
    /// As in 6.1: one byte for each object. 6.8 removed it.
    Linux6_1,
}

/// Where the notes of which objects are free lie.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Management {
    /// In the slab itself.
    OnSlab,
    /// In an object of a kmalloc cache (`CFLGS_OFF_SLAB`).
    OffSlab,
    /// In one of the slab's own free objects (`CFLGS_OBJFREELIST_SLAB`, 6.1).
    ObjFreelist,
}

/// What the machine is, as far as layouts depend on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Machine {
    /// The architecture: the size of a word.
    pub arch: Arch,
    /// Bytes of a cache line: [`CACHE_LINE`], or 32 on an older PC.
    pub line: u32,
    /// More than 32 MiB of memory: slabs may have two pages.
    pub large: bool,
    /// CPUs that there can be.
    pub cpus: u32,
}

impl Machine {
    /// A PC of today.
    #[must_use]
    pub fn of(arch: Arch, cpus: u32) -> Machine {
        Machine { arch, line: CACHE_LINE, large: true, cpus }
    }
}

/// The layout and the limits of a cache.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Geometry {
    /// Which SLAB.
    pub era: Era,
    /// Bytes from one object to the next.
    pub size: u32,
    /// Where the notes lie.
    pub management: Management,
    /// Bytes of the notes, where they are at the slab's start (2.6.32, on-slab).
    pub management_size: u32,
    /// `gfporder`
    pub order: Order,
    /// `num`: objects in a slab.
    pub objects: u16,
    /// Bytes that are neither objects nor notes.
    pub left_over: u32,
    /// `colour`: how many colours there are; 0 and 1 are the same: none but the first.
    pub colours: u32,
    /// `colour_off`: bytes from one colour to the next.
    pub colour_off: u32,
    /// `limit` of a CPU's array.
    pub limit: u32,
    /// `batchcount`: so many objects move at once.
    pub batchcount: u32,
    /// `shared`: the node's array holds so many batches; 0: there is none.
    pub shared: u32,
}

impl Geometry {
    /// The layout; none when no slab of the largest order has an object.
    #[must_use]
    pub fn of(args: &CacheArgs, era: Era, machine: Machine) -> Option<Geometry> {
        match era {
            Era::Linux6_1 => of_6_1(args, machine),
            Era::Linux2_6 => of_2_6(args, machine),
        }
    }

    /// Where an object lies in a slab of this colour, in bytes from the slab's start.
    #[must_use]
    pub fn place(&self, colour: u32, index: u16) -> u32 {
        colour * self.colour_off + self.management_size + u32::from(index) * self.size
    }

    /// `free_limit` of a node with so many CPUs: with more free objects, empty slabs go.
    #[must_use]
    pub fn free_limit(&self, cpus: u32) -> u32 {
        (1 + cpus) * self.batchcount + u32::from(self.objects)
    }
}

/// `enable_cpucache()`: the same numbers in both.
fn limits(size: u32, machine: Machine) -> (u32, u32, u32) {
    let limit = match size {
        131_073.. => 1,
        4097.. => 8,
        1025.. => 24,
        257.. => 54,
        _ => 120,
    };
    let shared = if size <= 4096 && machine.cpus > 1 { 8 } else { 0 };
    (limit, limit.div_ceil(2), shared)
}

/// A slab that would do.
#[derive(Clone, Copy)]
struct Estimate {
    order: u8,
    objects: u32,
    left_over: u32,
}

/// `calculate_slab_order()`: the first order that wastes at most an eighth, as far as orders may grow.
fn calculate(
    machine: Machine,
    flags: SlabFlags,
    most: u32,
    estimate: impl Fn(u32) -> (u32, u32),
    accept: impl Fn(u32) -> bool,
) -> Option<Estimate> {
    let max_order = u8::from(machine.large);
    let mut best = None;
    for order in 0..=Order::MAX.get() {
        let bytes = 4096 << order;
        let (objects, left_over) = estimate(bytes);
        if objects == 0 {
            continue;
        }
        if objects > most {
            break;
        }
        if !accept(objects) {
            continue;
        }
        best = Some(Estimate { order, objects, left_over });
        if flags.has(SlabFlags::RECLAIM_ACCOUNT) || order >= max_order || left_over * 8 <= bytes {
            break;
        }
    }
    best
}

fn of_6_1(args: &CacheArgs, machine: Machine) -> Option<Geometry> {
    /// An index is a byte (`SLAB_OBJ_MAX_NUM`).
    const MOST: u32 = 255;
    let align = calculate_alignment(args, machine.arch);
    let mut size = align_up(align_up(args.object_size, word(machine.arch)), align);
    if size < 16 {
        size = align_up(16, align);
    }
    let colour_off = machine.line.max(align);
    let whole = |bytes: u32| (bytes / size, bytes % size);
    let obj_freelist = || {
        let touched = args.ctor || args.flags.has(SlabFlags::TYPESAFE_BY_RCU);
        let found = calculate(machine, args.flags, MOST, whole, |_| !touched)?;
        (found.objects <= args.object_size).then_some((Management::ObjFreelist, found))
    };
    let off_slab = || {
        // Not when the notes take much beside an object.
        let pays = |objects| match kmalloc(Allocator::Slab, objects) {
            Kmalloc::Cache(notes) => notes <= size / 2,
            _ => false,
        };
        let found = calculate(machine, args.flags, MOST, whole, pays)?;
        // The notes would fit on the slab.
        (found.left_over < found.objects).then_some((Management::OffSlab, found))
    };
    let on_slab = || {
        let with_note = |bytes: u32| (bytes / (size + 1), bytes % (size + 1));
        Some((Management::OnSlab, calculate(machine, args.flags, MOST, with_note, |_| true)?))
    };
    let (management, found) = obj_freelist().or_else(off_slab).or_else(on_slab)?;
    let (limit, batchcount, shared) = limits(size, machine);
    Some(Geometry {
        era: Era::Linux6_1,
        size,
        management,
        management_size: 0,
        order: Order::new(found.order)?,
        objects: found.objects as u16,
        left_over: found.left_over,
        colours: found.left_over / colour_off,
        colour_off,
        limit,
        batchcount,
        shared,
    })
}

fn of_2_6(args: &CacheArgs, machine: Machine) -> Option<Geometry> {
    /// `sizeof(kmem_bufctl_t)`
    const BUFCTL: u32 = 4;
    let word = word(machine.arch);
    // `sizeof(struct slab)`
    let head = if word == 8 { 48 } else { 28 };
    let object = align_up(args.object_size, word);
    let mut align = args.align;
    if args.flags.has(SlabFlags::HWCACHE_ALIGN) {
        let mut line = machine.line;
        while object <= line / 2 {
            line /= 2;
        }
        align = align.max(line);
    }
    let align = align.max(word);
    let size = align_up(object, align);
    let colour_off = machine.line.max(align);
    let notes = |objects: u32| align_up(head + objects * BUFCTL, align);
    let off = object >= 4096 / 8;
    let most = if off { (size - head) / BUFCTL } else { u32::MAX };
    let estimate = |bytes: u32| {
        if off {
            return (bytes / size, bytes % size);
        }
        let mut objects = (bytes - head) / (size + BUFCTL);
        if notes(objects) + objects * size > bytes {
            objects -= 1;
        }
        (objects, bytes - objects * size - notes(objects))
    };
    let found = calculate(machine, args.flags, most, estimate, |_| true)?;
    let (mut management, mut management_size, mut left_over) =
        (Management::OnSlab, notes(found.objects), found.left_over);
    if off {
        (management, management_size) = (Management::OffSlab, 0);
        // What is left over has room for the notes after all.
        let needed = notes(found.objects);
        if left_over >= needed {
            (management, management_size, left_over) = (Management::OnSlab, needed, left_over - needed);
        }
    }
    let (limit, batchcount, shared) = limits(size, machine);
    Some(Geometry {
        era: Era::Linux2_6,
        size,
        management,
        management_size,
        order: Order::new(found.order)?,
        objects: found.objects as u16,
        left_over,
        colours: left_over / colour_off,
        colour_off,
        limit,
        batchcount,
        shared,
    })
}

/// The sizes of the general caches `size-N` of 2.6.32, ascending, as far as the largest block of the buddy system goes
/// (include/linux/kmalloc_sizes.h); `largest` is `KMALLOC_MAX_SIZE`, at most 32 MiB.
pub fn general_caches(line: u32, largest: u32) -> impl Iterator<Item = u32> {
    let between = [(96, line < 64), (192, line < 128)];
    let powers = (5..=25).map(|shift| 1 << shift).filter(move |size| *size <= largest);
    powers.flat_map(move |power: u32| {
        let odd = between.into_iter().find(|(size, there)| *there && power < *size && *size < 2 * power);
        std::iter::once(power).chain(odd.map(|(size, _)| size))
    })
}
