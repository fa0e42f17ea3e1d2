//! Kernel objects: a cache, its slabs as ribbons of memory, and the objects in them, with the free ones threaded in the
//! order in which they will be handed out; the door to the buddy system beside, and the level-1 cache that they fall into.

mod draw;
#[cfg(test)]
mod tests;

use mm::op::{KmemOp, NameId};
use mm::slab_common::{Cache, Kmem, Objects, SlabLook};
use mm::step::{KmemStep, StepKind};
use mm::{CpuId, Named, Op, Pfn};
use scenario::Lang;

use crate::Moment;
use crate::narrate::num;
use crate::pyramid::Direction;
use crate::scene::{Room, Scene};

/// Draws the cache in play.
#[must_use]
pub fn scene(moment: &Moment, room: &Room, lang: Lang, selected: Option<Pfn>) -> Scene {
    draw::scene(moment, room, lang, selected)
}

/// The cache that a step speaks of.
fn cache_of_step(kind: &StepKind) -> Option<NameId> {
    match *kind {
        StepKind::Slub { cache, .. } | StepKind::Slab { cache, .. } => Some(cache),
        StepKind::Kmem(
            KmemStep::Created { cache }
            | KmemStep::SizeClass { cache, .. }
            | KmemStep::Handed { cache, .. }
            | KmemStep::NoObject { cache, .. }
            | KmemStep::FreeObject { cache, .. }
            | KmemStep::Shrinks { cache }
            | KmemStep::Shrunk { cache, .. }
            | KmemStep::StillInUse { cache, .. }
            | KmemStep::Merged { with: cache, .. }
            | KmemStep::Unaliased { with: cache, .. },
        ) => Some(cache),
        _ => None,
    }
}

/// The cache that an op speaks of, as the machine is now.
fn cache_of_op(moment: &Moment, op: &Op) -> Option<NameId> {
    let of_name = |name: NameId| match moment.machine.named(name) {
        Named::Cache(cache) | Named::Object { cache, .. } => Some(cache),
        _ => None,
    };
    match *op {
        Op::Kmem(KmemOp::CacheAlloc { cache, .. } | KmemOp::CacheShrink { cache }) => of_name(cache),
        Op::Kmem(KmemOp::Touch { name, .. }) | Op::Free { name, .. } => of_name(name),
        _ => None,
    }
}

/// The cache that the picture shows: that of the slab that is selected, else that of the step, of the steps before it, of
/// the op, of the step that comes; else the fullest.
pub(crate) fn in_play(moment: &Moment, kmem: &Kmem, selected: Option<Pfn>) -> Option<NameId> {
    let owner = |pfn: Pfn| moment.machine.page(moment.machine.block_of(pfn)?.pfn).owner();
    let is_there = |name: &NameId| kmem.cache_of(*name).is_some();
    let of = |step: &mm::Step| cache_of_step(&step.kind).filter(is_there);
    let ended = moment.cursor.step == 0 && moment.just_did.is_some();
    let op = moment.scenario.ops.get(moment.cursor.op.saturating_sub(u32::from(ended)) as usize);
    let fullest = || {
        let with_slabs = kmem.caches().filter(|cache| cache.figures().num_slabs > 0);
        with_slabs.max_by_key(|cache| cache.figures().in_use).map(|cache| cache.name)
    };
    selected
        .and_then(owner)
        .filter(is_there)
        .or_else(|| moment.just_did.as_ref().and_then(of))
        .or_else(|| moment.trail.iter().rev().find_map(of))
        .or_else(|| op.and_then(|op| cache_of_op(moment, &op.op)).filter(is_there))
        .or_else(|| moment.next.as_ref().and_then(of))
        .or_else(fullest)
        .or_else(|| kmem.caches().map(|cache| cache.name).find(|name| name.as_kmalloc().is_none()))
}

/// The CPU of the op that runs.
fn cpu_in_play(moment: &Moment) -> CpuId {
    let ended = moment.cursor.step == 0 && moment.just_did.is_some();
    let op = moment.scenario.ops.get(moment.cursor.op.saturating_sub(u32::from(ended)) as usize);
    op.and_then(|op| op.op.cpu()).unwrap_or(CpuId(0))
}

/// The slab to select when an arrow key is pressed: the next one, or the one before.
#[must_use]
pub fn neighbour(moment: &Moment, from: Option<Pfn>, to: Direction) -> Option<Pfn> {
    let kmem = moment.machine.kmem_booted();
    let cache = kmem.cache_of(in_play(moment, &kmem, from)?)?;
    let slabs: Vec<Pfn> = cache.slabs().into_iter().map(|slab| slab.pfn).collect();
    let at = from
        .and_then(|pfn| moment.machine.block_of(pfn))
        .and_then(|block| slabs.iter().position(|slab| *slab == block.pfn));
    let Some(at) = at else { return slabs.first().copied() };
    match to {
        Direction::Left | Direction::Up => slabs.get(at.checked_sub(1)?).copied(),
        Direction::Right | Direction::Down => slabs.get(at + 1).copied(),
    }
}

/// What a screen reader says of the picture as a whole; the text twin has the rest.
#[must_use]
pub fn label(moment: &Moment, lang: Lang) -> String {
    let kmem = moment.machine.kmem_booted();
    let Some(cache) = in_play(moment, &kmem, None).and_then(|name| kmem.cache_of(name)) else {
        return lang.pick("Kernel objects: nothing yet.", "内核对象：还没有。").to_owned();
    };
    let (name, f) = (moment.name(cache.name), cache.figures());
    match lang {
        Lang::En => format!(
            "Kernel objects: cache {name}, {} slabs, {} of {} objects in use. Arrow keys go from slab to slab.",
            num(f.num_slabs),
            num(f.in_use),
            num(f.num_objs)
        ),
        Lang::Zh => format!(
            "内核对象：缓存 {name}，{} 个 slab，{} 个对象中 {} 个在用。用方向键在 slab 之间移动。",
            num(f.num_slabs),
            num(f.num_objs),
            num(f.in_use)
        ),
    }
}

/// The slab that holds a frame, among some.
fn slab_at(slabs: &[SlabLook], pfn: Pfn) -> Option<&SlabLook> {
    slabs.iter().find(|slab| slab.pfn <= pfn && pfn.0 < slab.pfn.0 + slab.order.pages())
}

/// Bytes of each slab that neither an object nor a note takes.
fn left_over(cache: &Cache) -> u32 {
    match &cache.objects {
        Objects::Slub(cache) => cache.geometry().left_over(),
        Objects::Slab(cache) => cache.geometry().left_over,
    }
}
