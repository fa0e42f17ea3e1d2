//! How objects lie in a slab, and how many slabs are kept (`calculate_sizes()`, `calculate_order()`,
//! `set_min_partial()` and `set_cpu_partial()`, mm/slub.c, 6.1).

use crate::config::Arch;
use crate::slab_common::{CacheArgs, SlabFlags, align_up, calculate_alignment, get_order, word};
use crate::units::Order;

/// `slub_max_order`: slabs of several objects are no larger (`PAGE_ALLOC_COSTLY_ORDER`).
const MAX_ORDER: u8 = 3;

/// The layout and the limits of a cache.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Geometry {
    /// `s->object_size`: the bytes that were asked for.
    pub object_size: u32,
    /// `s->size`: bytes from one object to the next.
    pub size: u32,
    /// `s->align`
    pub align: u32,
    /// `s->offset`: where in a free object the pointer to the next one lies.
    pub offset: u32,
    /// `s->oo`: the order of a slab, and its objects.
    pub order: Order,
    /// Objects in a slab of that order, at least 1.
    pub objects: u16,
    /// `s->min`: the order that is tried when there is no block of [`order`](Self::order).
    pub min_order: Order,
    /// Objects in a slab of that order.
    pub min_objects: u16,
    /// `s->min_partial`: so many slabs with free objects a node keeps, empty ones too; 5 to 10.
    pub min_partial: u32,
    /// `s->cpu_partial`: the objects that a CPU is meant to keep on its partial slabs.
    pub cpu_partial: u32,
    /// `s->cpu_partial_slabs`: so many partial slabs a CPU keeps.
    pub cpu_partial_slabs: u32,
}

impl Geometry {
    /// The layout on a machine with so many CPUs; none when no block is large enough for one object.
    ///
    /// `cpus` is the number of CPUs that are present.
    #[must_use]
    pub fn of(args: &CacheArgs, cpus: u32, arch: Arch) -> Option<Geometry> {
        let word = word(arch);
        let align = calculate_alignment(args, arch);
        let inside = align_up(args.object_size, word);
        // The pointer may not lie where somebody could still look, or where the constructor has put something.
        let behind = args.ctor || args.flags.has(SlabFlags::TYPESAFE_BY_RCU);
        let offset = if behind { inside } else { args.object_size / 2 / word * word };
        let size = align_up(if behind { inside + word } else { inside }, align);
        let order = Order::new(calculate_order(size, cpus)?)?;
        let min_order = Order::new(get_order(size))?;
        let objects = |order: Order| (bytes(order.get()) / size) as u16;
        let cpu_partial = match size {
            4096.. => 6,
            1024.. => 24,
            256.. => 52,
            _ => 120,
        };
        Some(Geometry {
            object_size: args.object_size,
            size,
            align,
            offset,
            order,
            objects: objects(order),
            min_order,
            min_objects: objects(min_order),
            min_partial: (size.ilog2() / 2).clamp(5, 10),
            cpu_partial,
            // Half of the objects of a partial slab are thought to be free.
            cpu_partial_slabs: (cpu_partial * 2).div_ceil(u32::from(objects(order))),
        })
    }

    /// Bytes at the end of a slab that are no object.
    #[must_use]
    pub fn left_over(&self) -> u32 {
        bytes(self.order.get()) - u32::from(self.objects) * self.size
    }
}

fn bytes(order: u8) -> u32 {
    4096 << order
}

/// `calculate_order()`: the more CPUs, the more objects a slab is to have; among the orders with enough, the first
/// one that wastes little.
fn calculate_order(size: u32, cpus: u32) -> Option<u8> {
    let bit_length = u32::BITS - cpus.max(1).leading_zeros();
    let wanted = 4 * (bit_length + 1);
    let mut min_objects = wanted.min(bytes(MAX_ORDER) / size);
    while min_objects > 1 {
        for fraction in [16, 8, 4] {
            let fits = |order: &u8| bytes(*order) % size <= bytes(*order) / fraction;
            if let Some(order) = (get_order(min_objects * size)..=MAX_ORDER).find(fits) {
                return Some(order);
            }
        }
        min_objects -= 1;
    }
    // One object has its slab to itself.
    Some(get_order(size)).filter(|order| *order <= Order::MAX.get())
}
