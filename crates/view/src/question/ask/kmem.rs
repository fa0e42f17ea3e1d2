//! Questions about kernel objects and vmalloc.

use mm::cache::{Access, Shape};
use mm::op::{KmemOp, NameId};
use mm::slab::SlabStep;
use mm::slab_common::{Cache, KmallocType, Objects, SlabLook, SlabPlace};
use mm::slub::{Object, SlubStep};
use mm::step::{KmemStep, StepKind};
use mm::units::PAGE_SIZE;
use mm::vmalloc::VmallocStep;
use mm::{CpuId, Op, Pfn, Step, UnitEnd};
use scenario::ScenarioOp;

use super::{At, known, number, rules};
use crate::question::{Ask, Claim, Mistake, ObjectTo, Question, ReclaimMistake};
use crate::vmalloc::{largest_free, order_for};

/// More units of an op are not run ahead.
const MOST_UNITS: u32 = 64;

pub(super) fn question(at: &At) -> Option<Question> {
    match at.next {
        StepKind::Kmem(KmemStep::SizeClass { .. }) => size_class(at),
        StepKind::Kmem(KmemStep::FreeObject { .. }) => freed_object(at),
        StepKind::Slub { step: SlubStep::FastAlloc(object), cache } => next_object(at, cache, object),
        StepKind::Slab { step: SlabStep::ArrayAlloc(object), cache } => next_of_array(at, cache, object),
        StepKind::Slub { step: SlubStep::KeepsEmpty { .. } | SlubStep::Discards { .. }, .. } => {
            empty_slab(at)
        }
        StepKind::Kmem(KmemStep::ShrinkerCount { .. }) => shrink(at),
        StepKind::Kmem(KmemStep::Touched { .. }) => sets(at).or_else(|| line(at)),
        StepKind::Vmalloc { step: VmallocStep::Request { .. }, .. } => vmalloc(at),
        StepKind::Vmalloc { step: VmallocStep::Addresses { .. }, .. } => addresses(at),
        _ => None,
    }
}

/// How many pages come back when unused objects go.
fn shrink(at: &At) -> Option<Question> {
    let StepKind::Kmem(KmemStep::ShrinkerCount { cache: name, counts: [_, scan, _], .. }) = at.next else {
        return None;
    };
    let (right, steps) = at.find(|kind| match kind {
        StepKind::Kmem(KmemStep::ShrinkerDone { cache, counts: [_, _, pages] }) if *cache == name => {
            Some(*pages)
        }
        _ => None,
    })?;
    let cache = at.machine.kmem().cache_of(name)?;
    let unused = at.machine.kmem().shrinkers().iter().find(|of| of.cache == name)?.unused();
    let bytes = u64::from(unused) * u64::from(cache.size());
    let wrong = [
        ((bytes / PAGE_SIZE) as u32, Mistake::Reclaim(ReclaimMistake::ObjectsGiveBytes)),
        (cache.pages().0 as u32, Mistake::Reclaim(ReclaimMistake::AllSlabsGo)),
        (0, Mistake::Reclaim(ReclaimMistake::NoSlabGoes)),
    ];
    let ask = Ask::ShrinkGives { cache: name, scan: scan.min(unused), slabs: cache.figures().num_slabs };
    number(ask, right, &wrong, Mistake::Reclaim(ReclaimMistake::CountSlabs), steps)
}

/// The CPU that the op runs on.
fn cpu(at: &At) -> Option<CpuId> {
    at.moment.scenario.ops.get(at.moment.cursor.op as usize)?.op.cpu()
}

/// Which cache of `kmalloc()` serves so many bytes.
fn size_class(at: &At) -> Option<Question> {
    let StepKind::Kmem(KmemStep::SizeClass { name, bytes, cache, .. }) = at.next else { return None };
    let (ty, _): (KmallocType, u32) = cache.as_kmalloc()?;
    let kmem = at.machine.kmem_booted();
    let sizes: Vec<(u32, NameId)> = kmem
        .caches()
        .filter_map(|of| of.name.as_kmalloc().filter(|(of, _)| *of == ty).map(|(_, size)| (size, of.name)))
        .collect();
    let named = |size: Option<u32>| {
        let size = size?;
        sizes.iter().find(|(other, _)| *other == size).map(|(_, name)| Claim::Cache(*name))
    };
    let all = || sizes.iter().map(|(size, _)| *size);
    let rounded = rules::nearest_below(all(), bytes);
    let is_exact = all().any(|size| size == bytes);
    let mut wrong = Vec::new();
    wrong.extend(named(rules::power_of_two(all(), bytes)).map(|claim| (claim, Mistake::PowersOfTwo)));
    let below = |size| Mistake::CacheTooSmall { size };
    wrong.extend(rounded.and_then(|size| Some((named(Some(size))?, below(size)))));
    if !is_exact {
        wrong.push((Claim::CacheOf(bytes), Mistake::ExactCache));
    }
    wrong.extend(named(rules::with_header(all(), bytes)).map(|claim| (claim, Mistake::HeaderRoom)));
    at.choice(Ask::SizeClass { who: known(name), bytes }, Claim::Cache(cache), wrong, 1).sorted()
}

fn object(slab: &SlabLook, index: u16) -> Object {
    Object { slab: slab.pfn, at: slab.at, index }
}

/// Which object of a CPU's slab goes out.
fn next_object(at: &At, cache: NameId, right: Object) -> Option<Question> {
    let slabs = at.machine.kmem().cache_of(cache)?.slabs();
    let own = slabs.iter().find(|slab| slab.at == right.at)?;
    let free: Vec<Pfn> = own.free.iter().map(|index| Pfn(u32::from(*index))).collect();
    let claim = |index: Pfn| Claim::Object(object(own, index.0 as u16));
    let mut wrong = Vec::new();
    wrong.extend(rules::lowest(&free).map(|index| (claim(index), Mistake::LowestObject)));
    wrong.extend(rules::oldest(&free).map(|index| (claim(index), Mistake::OldestObject)));
    wrong.extend(
        rules::first_free(slabs.iter().filter(|slab| slab.at != right.at))
            .map(|other| (Claim::Object(other), Mistake::OtherSlab)),
    );
    at.choice(Ask::NextObject { cache, free: free.len() as u32 }, Claim::Object(right), wrong, 1).sorted()
}

/// Which object of a CPU's array goes out.
fn next_of_array(at: &At, name: NameId, right: Object) -> Option<Question> {
    let cache = at.machine.kmem().cache_of(name)?;
    let Objects::Slab(slab) = &cache.objects else { return None };
    let array: Vec<Object> = slab.array(cpu(at)?).collect();
    let mut wrong = Vec::new();
    wrong.extend(array.iter().min().map(|object| (Claim::Object(*object), Mistake::LowestObject)));
    wrong.extend(array.first().map(|object| (Claim::Object(*object), Mistake::OldestObject)));
    let other = rules::first_free(cache.slabs().iter());
    wrong.extend(other.map(|other| (Claim::Object(other), Mistake::PastArray)));
    at.choice(Ask::NextObject { cache: name, free: array.len() as u32 }, Claim::Object(right), wrong, 1)
        .sorted()
}

/// Where a freed object goes, and its slab with it.
fn freed_object(at: &At) -> Option<Question> {
    let StepKind::Kmem(KmemStep::FreeObject { cache: name, object, .. }) = at.next else { return None };
    let cpu = cpu(at)?;
    let cache = at.machine.kmem().cache_of(name)?;
    let ask = Ask::FreedObject { cpu, object };
    if matches!(cache.objects, Objects::Slab(_)) {
        let (_, steps) = at.find(|kind| match kind {
            StepKind::Slab { step: SlabStep::ArrayFree(of), .. } if *of == object => Some(()),
            _ => None,
        })?;
        let wrong = vec![
            (Claim::ObjectTo(ObjectTo::Slab), Mistake::ArrayFirst),
            (Claim::ObjectTo(ObjectTo::Buddy), others(cache, object).unwrap_or(Mistake::ArrayFirst)),
        ];
        return at.choice(ask, Claim::ObjectTo(ObjectTo::Array), wrong, steps).sorted();
    }
    let (freed, steps) = at.find(|kind| match *kind {
        StepKind::Slub {
            step: step @ (SlubStep::FastFree(of) | SlubStep::SlowFree { object: of, .. }),
            ..
        } if of == object => Some(step),
        _ => None,
    })?;
    // What follows at once says what becomes of the slab.
    let then = match at.coming.get(steps).map(|step| step.kind) {
        Some(StepKind::Slub { step, .. }) => Some(step),
        _ => None,
    };
    let slab = cache.slabs().into_iter().find(|slab| slab.at == object.at)?;
    let (right, extra) = match (freed, then) {
        (SlubStep::FastFree(_), _) => (ObjectTo::Cpu, 0),
        (_, Some(SlubStep::ToCpuPartial { .. })) => (ObjectTo::CpuPartial, 1),
        (_, Some(SlubStep::Discards { .. })) => (ObjectTo::Buddy, 1),
        _ => (ObjectTo::Slab, 0),
    };
    let stays = match right {
        ObjectTo::Cpu => Mistake::IsCpusSlab,
        ObjectTo::CpuPartial => Mistake::WasFull,
        _ => enough(cache, &slab)?,
    };
    let moves = match right {
        ObjectTo::Cpu => Mistake::IsCpusSlab,
        _ => Mistake::WasNotFull,
    };
    let kept = match slab.place {
        SlabPlace::Partial(_) => enough(cache, &slab)?,
        _ => Mistake::Frozen,
    };
    let wrong = vec![
        (Claim::ObjectTo(ObjectTo::Cpu), Mistake::NotCpusSlab),
        (Claim::ObjectTo(ObjectTo::Slab), stays),
        (Claim::ObjectTo(ObjectTo::CpuPartial), moves),
        (Claim::ObjectTo(ObjectTo::Buddy), others(cache, object).unwrap_or(kept)),
    ];
    at.choice(ask, Claim::ObjectTo(right), wrong, steps + extra).sorted()
}

/// Other objects of its slab are in use: it cannot go.
fn others(cache: &Cache, object: Object) -> Option<Mistake> {
    let slab = cache.slabs().into_iter().find(|slab| slab.at == object.at)?;
    let objects = u32::from(slab.in_use).checked_sub(1).filter(|others| *others > 0)?;
    Some(Mistake::OthersInUse { objects })
}

/// How many slabs the node of a slab has on its list, and how many it keeps.
fn enough(cache: &Cache, slab: &SlabLook) -> Option<Mistake> {
    let Objects::Slub(slub) = &cache.objects else { return None };
    let min = slub.geometry().min_partial;
    let partial = cache.slabs().iter().filter(|other| other.place == slab.place).count() as u32;
    Some(if partial >= min {
        Mistake::EnoughSlabs { partial, min }
    } else {
        Mistake::KeepsSlabs { partial, min }
    })
}

/// Whether a slab without an object in use goes back.
fn empty_slab(at: &At) -> Option<Question> {
    let StepKind::Slub { cache: name, step } = at.next else { return None };
    let after_free =
        matches!(at.moment.just_did?.kind, StepKind::Slub { step: SlubStep::SlowFree { .. }, .. });
    let cache = at.machine.kmem().cache_of(name)?;
    let pfn = step.slab().filter(|_| after_free)?;
    let slabs = cache.slabs();
    // It is off its list already when it is told that it goes.
    let goes = matches!(step, SlubStep::Discards { .. });
    let slab = slabs.iter().find(|slab| slab.pfn == pfn)?;
    let wrong = vec![(Claim::SlabGoes(!goes), enough(cache, slab)?)];
    at.choice(Ask::EmptySlab { slab: pfn }, Claim::SlabGoes(goes), wrong, 1).sorted()
}

/// Whether single pages do where one block does not: runs the engine ahead on a copy.
fn vmalloc(at: &At) -> Option<Question> {
    let StepKind::Vmalloc { name, step: VmallocStep::Request { bytes } } = at.next else { return None };
    let op = &at.moment.scenario.ops.get(at.moment.cursor.op as usize)?.op;
    if at.moment.cursor.step > 0 || !matches!(op, Op::Kmem(KmemOp::Vmalloc { .. })) {
        return None;
    }
    let pages = bytes.div_ceil(PAGE_SIZE);
    let largest = largest_free(at.machine);
    let order = order_for(pages);
    let in_one_piece = order.is_some() && largest >= order;
    let mut machine = at.machine.clone();
    let mut steps = 0;
    for _ in 0..MOST_UNITS {
        let mut run: Vec<Step> = Vec::new();
        let more = machine.run_unit(op, &mut run) == UnitEnd::More;
        let end = run.iter().enumerate().find_map(|(at, step)| match step.kind {
            StepKind::Vmalloc { step: VmallocStep::Mapped { .. }, .. } => Some((true, at + 1)),
            StepKind::Vmalloc { step: VmallocStep::Failed { .. }, .. } => Some((false, at + 1)),
            _ => None,
        });
        if let Some((served, last)) = end {
            let wrong = if served { Mistake::NeedsOnePiece } else { Mistake::FramesRunOut };
            // Who thinks of one piece is right all the same where there is one.
            let wrong = (served != in_one_piece || !served).then_some((Claim::Served(!served), wrong));
            let ask = Ask::Vmalloc { who: known(name), pages, largest };
            let wrong = wrong.into_iter().collect();
            return at.choice(ask, Claim::Served(served), wrong, steps + last).sorted();
        }
        steps += run.len();
        if !more {
            break;
        }
    }
    None
}

/// Which addresses an area gets.
fn addresses(at: &At) -> Option<Question> {
    let StepKind::Vmalloc { name, step: VmallocStep::Addresses { start, pages } } = at.next else {
        return None;
    };
    let vmalloc = at.machine.kmem().vmalloc()?;
    let wrong = vec![
        (Claim::Address(rules::as_if_purged(vmalloc, pages)), Mistake::StillWaits),
        (Claim::Address(rules::behind_the_last(vmalloc)), Mistake::BehindTheLast),
        (Claim::Address(rules::without_guards(vmalloc, pages)), Mistake::NoGuardPage),
    ];
    let ask = Ask::Addresses { who: known(name), pages: pages - 1 };
    at.choice(ask, Claim::Address(start), wrong, 1).sorted()
}

fn is_touch(op: &ScenarioOp) -> bool {
    matches!(op.op, Op::Kmem(KmemOp::Touch { .. }))
}

/// In how many sets of the level-1 cache the reads that come next land. Asked before the first of them.
fn sets(at: &At) -> Option<Question> {
    /// More reads are not looked at ahead.
    const MOST_READS: usize = 64;
    let (ops, here) = (&at.moment.scenario.ops, at.moment.cursor.op as usize);
    if here.checked_sub(1).and_then(|before| ops.get(before)).is_some_and(is_touch) {
        return None;
    }
    let cpu = cpu(at)?;
    let mut machine = at.machine.clone();
    let mut landed = Vec::new();
    // What the story says next may tell the answer.
    let said = at.moment.scenario.captions.iter().map(|caption| caption.op as usize);
    let end = said.filter(|op| *op > here).min().unwrap_or(ops.len()).min(ops.len()).min(here + MOST_READS);
    let of_cpu = |op: &&ScenarioOp| is_touch(op) && op.op.cpu() == Some(cpu);
    for op in ops.get(here..end)?.iter().take_while(of_cpu) {
        let mut run: Vec<Step> = Vec::new();
        machine.run_unit(&op.op, &mut run);
        let [Step { kind: StepKind::Kmem(KmemStep::Touched { access, .. }), .. }] = run[..] else { break };
        landed.push(access.set());
    }
    let reads = landed.len();
    if reads < 3 {
        return None;
    }
    landed.sort_unstable();
    landed.dedup();
    let wrong = [(reads as u32, Mistake::SetForEach), (1, Mistake::OneSet)];
    number(Ask::Sets { cpu, reads: reads as u32 }, landed.len() as u32, &wrong, Mistake::SetRule, reads)
}

/// Whether a line that was read before is still there: nothing but reads came in between.
fn line(at: &At) -> Option<Question> {
    let StepKind::Kmem(KmemStep::Touched { name, cpu, access, .. }) = at.next else { return None };
    let (ops, here) = (&at.moment.scenario.ops, at.moment.cursor.op as usize);
    let this = &ops.get(here)?.op;
    let mut before = ops[..here].iter().rev().take_while(|op| is_touch(op));
    if !before.any(|op| op.op == *this) {
        return None;
    }
    let there = matches!(access, Access::Hit { .. });
    let wrong = if there { Mistake::StillThere } else { Mistake::PushedOut { ways: Shape::L1D.ways } };
    let wrong = vec![(Claim::LineThere(!there), wrong)];
    at.choice(Ask::Line { cpu, name }, Claim::LineThere(there), wrong, 1).sorted()
}
