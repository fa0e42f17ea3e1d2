//! Questions about the memory hierarchy: where a word is found, which line leaves its set, and how many references of a
//! pattern miss.

use std::collections::BTreeSet;

use mm::cache::Shape;
use mm::hierarchy::{CacheId, Level, l1_of};
use mm::op::ProcessOp;
use mm::process::{At as Place, Pattern};
use mm::rng::Rng;
use mm::step::{HierarchyStep, Observer};
use mm::units::PAGE_SIZE;
use mm::{Machine, Named, Op, Step, StepKind, UnitEnd, Vaddr};

use super::{At, number};
use crate::hierarchy::{Contents, Spot};
use crate::question::rules::{WrongSets, misses_of};
use crate::question::{Ask, Claim, Mistake, Question};

/// More references are not counted ahead.
const MOST_REFERENCES: u64 = 4096;

pub(super) fn question(at: &At) -> Option<Question> {
    match at.next {
        StepKind::Hierarchy(HierarchyStep::Reference { .. } | HierarchyStep::Hits { .. }) => found(at),
        StepKind::Hierarchy(HierarchyStep::Fill { .. }) => leaves(at),
        _ => None,
    }
}

/// Where the word is found.
fn found(at: &At) -> Option<Question> {
    let hierarchy = at.machine.hierarchy()?;
    if let StepKind::Hierarchy(HierarchyStep::Hits { cpu, line, .. }) = at.next {
        let wrong = vec![(Claim::Found(Level::Dram), Mistake::ElementLines)];
        return at
            .choice(Ask::FoundIn { cpu, line, spot: spot_of(at, line) }, Claim::Found(Level::L1), wrong, 1)
            .sorted();
    }
    let StepKind::Hierarchy(HierarchyStep::Reference { cpu, physical, access, .. }) = at.next else {
        return None;
    };
    let (right, steps) = at.find(|kind| match *kind {
        StepKind::Hierarchy(HierarchyStep::Look { hit: true, cache, .. }) => Some(match cache {
            CacheId::L1d | CacheId::L1i => Level::L1,
            CacheId::L2 => Level::L2,
            CacheId::L3 => Level::L3,
        }),
        StepKind::Hierarchy(HierarchyStep::Dram { .. }) => Some(Level::Dram),
        _ => None,
    })?;
    let l1 = l1_of(access);
    let page = physical / PAGE_SIZE * PAGE_SIZE;
    let line = at.machine.caches().l1d.shape().line_of(physical);
    // "The page is cached": what somebody says who thinks that caches hold pages.
    let of_page = hierarchy.sets(cpu, l1).is_some_and(|sets| {
        (page..page + PAGE_SIZE).step_by(64).any(|other| other != line && sets.find(other).is_some())
    });
    let others = hierarchy.cores().any(|(other, _)| {
        other != cpu && hierarchy.sets(other, CacheId::L2).is_some_and(|sets| sets.find(line).is_some())
    });
    let mut wrong = Vec::new();
    if right > Level::L1 {
        let why = if of_page { Mistake::PageIsCached } else { Mistake::NotInSet };
        wrong.push((Claim::Found(Level::L1), why));
    }
    match right {
        Level::L1 => wrong.push((Claim::Found(Level::L2), Mistake::ElementLines)),
        Level::L2 => wrong.push((Claim::Found(Level::Dram), Mistake::LostEverywhere)),
        Level::L3 => {
            if others {
                wrong.push((Claim::Found(Level::L2), Mistake::PrivateToOther));
            }
            wrong.push((Claim::Found(Level::Dram), Mistake::LostEverywhere));
        }
        Level::Dram | Level::Disk => wrong.push((Claim::Found(Level::L3), Mistake::NeverHere)),
    }
    at.choice(Ask::FoundIn { cpu, line, spot: spot_of(at, physical) }, Claim::Found(right), wrong, steps)
        .sorted()
}

/// What the picture calls a line or a word.
fn spot_of(at: &At, line: u64) -> Option<Spot> {
    Contents::of(at.moment)?.spot(line)
}

/// Which line leaves the set.
fn leaves(at: &At) -> Option<Question> {
    let StepKind::Hierarchy(HierarchyStep::Fill { cpu, cache, set, victim: Some(victim), .. }) = at.next
    else {
        return None;
    };
    let lines: Vec<_> = at.machine.hierarchy()?.sets(cpu, cache)?.lines(set).collect();
    let spot = |line| spot_of(at, line);
    let mut wrong = Vec::new();
    // "First in, first out", as far as it is known who came first.
    let came: Vec<u64> = at
        .moment
        .trail
        .iter()
        .filter_map(|step| match step.kind {
            StepKind::Hierarchy(HierarchyStep::Fill { cpu: by, cache: of, line, set: into, .. })
                if (by, of, into) == (cpu, cache, set) =>
            {
                Some(line)
            }
            _ => None,
        })
        .collect();
    if lines.iter().all(|line| came.contains(&line.address)) {
        let first = came.into_iter().find(|line| lines.iter().any(|there| there.address == *line));
        wrong.extend(first.map(|line| (Claim::CacheLine(line, spot(line)), Mistake::FirstInFirstOut)));
    }
    wrong.extend(
        lines.first().map(|line| (Claim::CacheLine(line.address, spot(line.address)), Mistake::NewestLeaves)),
    );
    let lowest = lines.iter().map(|line| line.address).min();
    wrong.extend(lowest.map(|line| (Claim::CacheLine(line, spot(line)), Mistake::LowestLine)));
    if victim.modified {
        // "What was written to has to stay": the next one goes instead.
        let clean = lines.iter().rev().find(|line| !line.modified);
        wrong.extend(
            clean.map(|line| (Claim::CacheLine(line.address, spot(line.address)), Mistake::WrittenStays)),
        );
    }
    at.choice(Ask::Leaves { cpu, cache, set }, Claim::CacheLine(victim.line, spot(victim.line)), wrong, 1)
        .sorted()
}

/// Counts steps.
struct Count(u64);

impl Observer for Count {
    fn step(&mut self, _: &Machine, _: &Step) {
        self.0 += 1;
    }
}

/// How many references of a pattern miss level 1; asked before the first of them.
pub(super) fn misses(at: &At) -> Option<Question> {
    if at.moment.cursor.step > 0 {
        return None;
    }
    let op = &at.moment.scenario.ops.get(at.moment.cursor.op as usize)?.op;
    let Op::Process(ProcessOp::Scan { at: place @ Place::Area { name, by }, bytes, scan, .. }) = *op else {
        return None;
    };
    debug_assert!(matches!(place, Place::Area { .. }));
    let Named::Mapping { process, start, pages } = at.machine.named(name) else { return None };
    let process = by.unwrap_or(process);
    let from = bytes.map_or(0, |bytes| bytes.from);
    let len = bytes.map_or(u64::from(pages) * PAGE_SIZE, |bytes| bytes.to - bytes.from);
    let references = scan.references(len);
    if !(16..=MOST_REFERENCES).contains(&references) || matches!(scan.pattern, Pattern::Random { .. }) {
        return None;
    }
    let mut machine = at.machine.clone();
    let mut count = Count(0);
    while machine.run_unit(op, &mut count) == UnitEnd::More {}
    let cpu = machine.hierarchy()?.runs_on(process)?;
    let l1 = l1_of(scan.access);
    let counts = |machine: &Machine| machine.hierarchy().map_or(0, |h| h.counts(Some(cpu), l1).misses);
    let right = u32::try_from(counts(&machine).checked_sub(counts(at.machine))?).ok()?;
    // The lines that the same words are in.
    let pgd = machine.processes().mm(process)?.pgd;
    let mut rng = Rng::new(0, 0);
    let mut words = Vec::new();
    for index in 0..references {
        let address = Vaddr(start.0 + from + scan.offset(index, len, &mut rng));
        let (.., pte) = machine.processes().tables().place(pgd, Vaddr(address.0 / PAGE_SIZE * PAGE_SIZE))?;
        words.push(u64::from(pte.pfn().0) * PAGE_SIZE + address.0 % PAGE_SIZE);
    }
    let geometry = if l1 == CacheId::L1i { at.machine.caches().l1i } else { at.machine.caches().l1d };
    let shape = geometry.shape();
    let there: Vec<u64> = match at.machine.hierarchy().and_then(|h| h.sets(cpu, l1)) {
        Some(sets) => {
            // In each set the one that was used last comes last.
            (0..shape.sets)
                .flat_map(|set| sets.lines(set).collect::<Vec<_>>().into_iter().rev())
                .map(|l| l.address)
                .collect()
        }
        None => Vec::new(),
    };
    let lines: BTreeSet<u64> = words.iter().map(|word| shape.line_of(*word)).collect();
    let fresh = lines.iter().filter(|line| !there.contains(line)).count() as u32;
    let count_of = |rule: WrongSets, shape: Shape| misses_of(rule, shape, &there, &words);
    let direct = Shape { ways: 1, ..shape };
    let wrong = [
        (u32::try_from(references).ok()?, Mistake::ElementLines),
        (fresh, Mistake::LinesStay { ways: shape.ways }),
        (count_of(WrongSets::Fifo, shape), Mistake::FirstInFirstOut),
        (count_of(WrongSets::SetOfByte, shape), Mistake::SetOfByte),
        (count_of(WrongSets::Fifo, direct), Mistake::DirectMapped { ways: shape.ways }),
    ];
    let ask = Ask::CacheMisses { process, references: u32::try_from(references).ok()?, scan };
    number(ask, right, &wrong, Mistake::MissesRule, usize::try_from(count.0).ok()?)
}
