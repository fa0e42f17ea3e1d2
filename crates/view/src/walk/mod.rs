//! The page walk: how the processor gets from an address of a process to a place in memory, by a TLB that knows the page
//! or by the tables, one reference for each level.

mod draw;
mod shootdown;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::STORIES;

use mm::op::NameId;
use mm::process::{Read, Walk};
use mm::step::{Denial, MmuStep, StepKind};
use mm::x86::pgtable::Level;
use mm::x86::tlb::PageSize;
use mm::{CpuId, Pfn, Step, Vaddr};
use scenario::Lang;

use crate::Moment;
use crate::narrate::num;
use crate::process::in_play;
use crate::scene::{Room, Scene};
pub(crate) use draw::name_of;

/// Draws the address, the TLBs that are asked for it, and the tables that lead from it to memory.
#[must_use]
pub fn scene(moment: &Moment, room: &Room, lang: Lang) -> Scene {
    draw::scene(moment, room, lang)
}

/// How far the lookup of an address has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Lookup {
    pub process: NameId,
    pub cpu: CpuId,
    pub address: Vaddr,
    /// What the two TLBs said, as far as they were asked: whether the page was there, and how large it is.
    pub asked: [Option<Option<PageSize>>; 2],
    /// The level that was read first.
    pub begins: Option<Level>,
    /// The level that was read last, and how many entries were read.
    pub read: Option<(Level, u8)>,
    /// Where the address lies in memory, once it is known.
    pub physical: Option<u64>,
    /// Why it is not known: the level of the entry that says no.
    pub denied: Option<(Option<Level>, Denial)>,
}

impl Lookup {
    fn of(process: NameId, cpu: CpuId, address: Vaddr) -> Lookup {
        Lookup {
            process,
            cpu,
            address,
            asked: [None; 2],
            begins: None,
            read: None,
            physical: None,
            denied: None,
        }
    }

    /// Whether the entry of a level was read.
    pub(crate) fn has_read(&self, level: Level) -> bool {
        let begins = self.begins.unwrap_or(Level::Pgd);
        self.read.is_some_and(|(last, _)| (begins..=last).contains(&level))
    }

    /// The TLB that knew the page, 0 or 1.
    pub(crate) fn hit(&self) -> Option<usize> {
        self.asked.iter().position(|asked| matches!(asked, Some(Some(_))))
    }
}

/// The last lookup among some steps.
pub(crate) fn lookup<'s>(steps: impl Iterator<Item = &'s Step>) -> Option<Lookup> {
    let mut found: Option<Lookup> = None;
    for step in steps {
        let StepKind::Mmu { cpu, process, step } = step.kind else { continue };
        if let MmuStep::Look { address, level: 1, .. } = step {
            found = Some(Lookup::of(process, cpu, address));
        }
        let Some(of) = found.as_mut() else { continue };
        match step {
            MmuStep::Look { level, hit, .. } => {
                of.asked[usize::from(level > 1)] = Some(hit.map(|(size, _)| size));
            }
            MmuStep::Skipped { level, .. } => of.begins = Some(level),
            MmuStep::Read { level, references, .. } => of.read = Some((level, references)),
            MmuStep::Translated { physical, .. } => of.physical = Some(physical),
            MmuStep::Denied { level, why, .. } => of.denied = Some((level, why)),
            MmuStep::Switched { .. }
            | MmuStep::Kept { .. }
            | MmuStep::NotDirty { .. }
            | MmuStep::Marked { .. }
            | MmuStep::Filled { .. }
            | MmuStep::Forgot { .. } => {}
        }
    }
    found
}

/// The lookup that the picture is about: the one that goes on, or that led to what the kernel is doing now; else the
/// one that comes; else an address that a step speaks of.
pub(crate) fn shown(moment: &Moment) -> Option<Lookup> {
    let procs = moment.machine.processes();
    let is_there = |of: &Lookup| procs.mm(of.process).is_some();
    if let Some(of) = lookup(moment.trail.iter()).filter(is_there) {
        return Some(of);
    }
    let process = in_play(moment)?;
    let told = |step: &Step| match step.kind {
        StepKind::Mmu { cpu, process, step } => Some(Lookup::of(process, cpu, step.address()?)),
        StepKind::Process { process, step } => Some(Lookup::of(process, CpuId(0), step.address()?)),
        _ => None,
    };
    moment.just_did.iter().chain(moment.next.iter()).find_map(|step| told(step).filter(is_there)).or_else(
        || {
            // Whatever it has first.
            let first = procs.mm(process)?.vmas().first()?.start;
            Some(Lookup::of(process, CpuId(0), first))
        },
    )
}

/// The way through the tables as they are now.
pub(crate) fn walk(moment: &Moment, of: &Lookup) -> Option<Walk> {
    let procs = moment.machine.processes();
    Some(procs.tables().walk(procs.mm(of.process)?.pgd, of.address))
}

/// What a screen reader says of the picture as a whole; the text twin has the rest.
#[must_use]
pub fn label(moment: &Moment, lang: Lang) -> String {
    let Some(of) = shown(moment) else {
        return lang.pick("Page walk: no process yet.", "页表查找：还没有进程。").to_owned();
    };
    let (name, address) = (moment.name(of.process), of.address);
    let way: Vec<String> = walk(moment, &of)
        .iter()
        .flat_map(Walk::reads)
        .map(|Read { level, index, entry, .. }| {
            let Pfn(pfn) = entry.pfn();
            format!("{} [{index}] {}", name_of(level), num(pfn))
        })
        .collect();
    let way = way.join(", ");
    match lang {
        Lang::En => format!("Page walk of {address:#x} of {name}: {way}."),
        Lang::Zh => format!("{name} 的 {address:#x} 的页表查找：{way}。"),
    }
}
