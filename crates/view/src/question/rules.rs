//! Wrong-rule engines: what would happen if a misconception were the rule. Each follows one, and nothing else.

use mm::cache::Shape;
use mm::mmzone::{PerCpuPages, ZoneId};
use mm::page::{Block, MigrateType, PageState};
use mm::process::{Mm, Processes};
use mm::slab_common::SlabLook;
use mm::slub::Object;
use mm::units::PAGE_SIZE;
use mm::vmalloc::{Vaddr, Vmalloc};
use mm::{Machine, Order, Pfn};

/// "Lists are sorted": the block with the lowest address.
pub(super) fn lowest(list: &[Pfn]) -> Option<Pfn> {
    list.iter().copied().min()
}

/// "The one that has waited longest goes first": the tail.
pub(super) fn oldest(list: &[Pfn]) -> Option<Pfn> {
    list.last().copied()
}

/// "The most recent one goes first": the head.
pub(super) fn newest(list: &[Pfn]) -> Option<Pfn> {
    list.first().copied()
}

fn has(machine: &Machine, zone: ZoneId, order: Order, migratetype: MigrateType) -> bool {
    !machine.zone(zone).area(order).list(migratetype).is_empty()
}

/// "The largest block is taken first."
pub(super) fn largest_list(
    machine: &Machine,
    zone: ZoneId,
    from: Order,
    migratetype: MigrateType,
) -> Option<Order> {
    from.and_up().rev().find(|order| has(machine, zone, *order, migratetype))
}

/// "A block of any type will do": the first order from `from` up where another type has one.
pub(super) fn any_type_list(
    machine: &Machine,
    zone: ZoneId,
    from: Order,
    own: MigrateType,
) -> Option<(Order, MigrateType)> {
    from.and_up().find_map(|order| {
        let mut others = MigrateType::ALL.into_iter().filter(|t| *t != own);
        others.find(|t| has(machine, zone, order, *t)).map(|t| (order, t))
    })
}

/// "Round the order down": the largest block that is too small.
pub(super) fn smaller_list(
    machine: &Machine,
    zone: ZoneId,
    wanted: Order,
    own: MigrateType,
) -> Option<Order> {
    Order::all().take(wanted.index()).rev().find(|order| has(machine, zone, *order, own))
}

/// The block as large on the other side of `block` than its buddy, inside the zone.
pub(super) fn other_side(machine: &Machine, zone: ZoneId, block: Block) -> Option<Block> {
    let size = block.order.pages();
    let other = if block.pfn.buddy(block.order) > block.pfn {
        block.pfn.0.checked_sub(size)?
    } else {
        block.pfn.0.checked_add(size)?
    };
    let other = Block { pfn: Pfn(other), order: block.order };
    let span = machine.zone(zone).span;
    (span.contains(other.pfn) && span.contains(other.last())).then_some(other)
}

/// Whether the frame belongs to a free block.
pub(super) fn is_free(machine: &Machine, pfn: Pfn) -> bool {
    machine.block_of(pfn).is_some_and(|block| machine.page(block.pfn).state == PageState::Free)
}

/// "Any free neighbour merges": the order that the block would reach if any free block of its size beside it would
/// do, buddy or not.
pub(super) fn merge_with_any(machine: &Machine, zone: ZoneId, block: Block) -> Order {
    let mut block = block;
    while let Some(up) = block.order.up() {
        let buddy = Block { pfn: block.pfn.buddy(block.order), order: block.order };
        let other = other_side(machine, zone, block);
        let free = |b: &Block| is_free(machine, b.pfn) && machine.zone_of(b.pfn) == Some(zone);
        let Some(with) = Some(buddy).filter(free).or(other.filter(free)) else { break };
        block = Block { pfn: block.pfn.min(with.pfn), order: up };
    }
    block.order
}

/// "The smallest block of another type is taken": its block and type.
pub(super) fn smallest_of_others(
    machine: &Machine,
    zone: ZoneId,
    wanted: Order,
    own: MigrateType,
) -> Option<(Block, MigrateType)> {
    wanted.and_up().find_map(|order| head_of_others(machine, zone, order, own))
}

/// "The largest block of another type is always taken", types in the order of their numbers.
pub(super) fn largest_of_others(
    machine: &Machine,
    zone: ZoneId,
    wanted: Order,
    own: MigrateType,
) -> Option<(Block, MigrateType)> {
    wanted.and_up().rev().find_map(|order| head_of_others(machine, zone, order, own))
}

fn head_of_others(
    machine: &Machine,
    zone: ZoneId,
    order: Order,
    own: MigrateType,
) -> Option<(Block, MigrateType)> {
    let others = MigrateType::ALL.into_iter().filter(|t| *t != own && t.is_mergeable());
    others
        .filter_map(|t| Some((machine.zone(zone).area(order).list(t).head()?, t)))
        .map(|(pfn, t)| (Block { pfn, order }, t))
        .next()
}

/// "Free pages are enough, wherever they lie": the first request that would fail if only the sum counted.
pub(super) fn first_beyond_sum(free: u64, orders: &[u8]) -> Option<usize> {
    let mut left = free;
    orders.iter().position(|order| match left.checked_sub(1 << order.min(&40)) {
        Some(rest) => {
            left = rest;
            false
        }
        None => true,
    })
}

/// "The larger, the sooner it fails": the first of the largest requests.
pub(super) fn largest_request(orders: &[u8]) -> Option<usize> {
    let most = orders.iter().max()?;
    orders.iter().position(|order| order == most)
}

/// "The list is filled up to its limit": blocks of a refill.
pub(super) fn fill_up(pcp: &PerCpuPages, order: Order) -> u32 {
    pcp.high.saturating_sub(pcp.count) >> order.get()
}

/// "It gives back what is above the limit": pages of a drain.
pub(super) fn down_to_limit(pcp: &PerCpuPages) -> u32 {
    pcp.count.saturating_sub(pcp.high).max(1)
}

/// "The zone with most free pages serves."
pub(super) fn most_free(machine: &Machine, among: &[ZoneId]) -> Option<ZoneId> {
    among.iter().copied().max_by_key(|id| machine.zone(*id).nr_free_pages)
}

/// "Sizes double": the smallest cache whose objects are a power of two and large enough.
pub(super) fn power_of_two(sizes: impl Iterator<Item = u32>, bytes: u32) -> Option<u32> {
    sizes.filter(|size| size.is_power_of_two() && *size >= bytes).min()
}

/// "The nearest size will do": the largest that is too small.
pub(super) fn nearest_below(sizes: impl Iterator<Item = u32>, bytes: u32) -> Option<u32> {
    sizes.filter(|size| *size < bytes).max()
}

/// "Each object has a header, as with malloc": the smallest with room for sixteen bytes more.
pub(super) fn with_header(sizes: impl Iterator<Item = u32>, bytes: u32) -> Option<u32> {
    sizes.filter(|size| *size >= bytes.saturating_add(16)).min()
}

/// "Any slab with a free object will do": the first free object of the first such slab.
pub(super) fn first_free<'a>(mut slabs: impl Iterator<Item = &'a SlabLook>) -> Option<Object> {
    slabs.find_map(|slab| Some(Object { slab: slab.pfn, at: slab.at, index: *slab.free.first()? }))
}

/// The lowest hole of so many bytes between what is `taken`.
fn lowest_hole(from: Vaddr, taken: impl Iterator<Item = (u64, u64)>, size: u64) -> Vaddr {
    let mut taken: Vec<(u64, u64)> = taken.collect();
    mm::sort::by_key(&mut taken, |(start, _)| *start);
    let mut at = from.0;
    for (start, end) in taken {
        if start >= at + size {
            break;
        }
        at = end;
    }
    Vaddr(at)
}

fn areas(vmalloc: &Vmalloc) -> impl Iterator<Item = (u64, u64)> {
    vmalloc.areas().map(|area| (area.start.0, area.start.0 + area.size()))
}

fn waits(vmalloc: &Vmalloc) -> impl Iterator<Item = (u64, u64)> {
    vmalloc.waits().map(|(from, to)| (from.0, to.0))
}

/// "Freed addresses are free at once": the lowest hole for so many pages, those that wait included.
pub(super) fn as_if_purged(vmalloc: &Vmalloc, pages: u64) -> Vaddr {
    lowest_hole(vmalloc.start(), areas(vmalloc), pages * PAGE_SIZE)
}

/// "New areas go to the end": behind everything.
pub(super) fn behind_the_last(vmalloc: &Vmalloc) -> Vaddr {
    let ends = areas(vmalloc).chain(waits(vmalloc)).map(|(_, end)| end);
    Vaddr(ends.max().unwrap_or(vmalloc.start().0))
}

/// "Areas lie side by side": as if no area had a guard page; `pages` counts one.
pub(super) fn without_guards(vmalloc: &Vmalloc, pages: u64) -> Vaddr {
    let bare = areas(vmalloc).map(|(start, end)| (start, end - PAGE_SIZE));
    lowest_hole(vmalloc.start(), bare.chain(waits(vmalloc)), (pages - 1) * PAGE_SIZE)
}

/// What a wrong killer looks at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// "Whoever has promised itself the most."
    Vsz,
    /// "Whoever has the most in memory", whatever its adjustment.
    Rss,
    /// "Whoever has the highest adjustment", whatever it has.
    Adjustment,
}

/// The process that such a killer kills among those that can be chosen; of equals the last one in the list.
pub(super) fn largest(processes: &Processes, by: By, is_in: impl Fn(&Mm) -> bool) -> Option<&Mm> {
    processes.in_list_order().filter(|mm| is_in(mm)).max_by_key(|mm| match by {
        By::Vsz => mm.total_vm().0 as i64,
        By::Rss => mm.rss.total().0 as i64,
        By::Adjustment => i64::from(mm.oom.oom_score_adj),
    })
}

/// A level-1 cache with a wrong rule.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum WrongSets {
    /// "First in, first out": a line that is used again does not become younger.
    Fifo,
    /// "The set is the address modulo the number of sets": the bytes of a line lie in different sets.
    SetOfByte,
}

/// Misses under a wrong rule: `there` is what the cache has, the oldest first.
pub(super) fn misses_of(rule: WrongSets, shape: Shape, there: &[u64], words: &[u64]) -> u32 {
    let mut sets: Vec<Vec<u64>> = vec![Vec::new(); shape.sets as usize];
    let place = |address: u64| match rule {
        WrongSets::Fifo => shape.set_of(address) as usize,
        WrongSets::SetOfByte => (address % u64::from(shape.sets)) as usize,
    };
    let mut misses = 0;
    let all = there.iter().map(|line| (*line, false)).chain(words.iter().map(|word| (*word, true)));
    for (address, counts) in all {
        let (set, line) = (&mut sets[place(address)], shape.line_of(address));
        match set.iter().position(|other| *other == line) {
            Some(at) if rule == WrongSets::SetOfByte => {
                let line = set.remove(at);
                set.push(line);
            }
            Some(_) => {}
            None => {
                misses += u32::from(counts);
                set.push(line);
                if set.len() > shape.ways as usize {
                    set.remove(0);
                }
            }
        }
    }
    misses
}
