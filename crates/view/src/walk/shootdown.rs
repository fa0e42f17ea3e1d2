//! The picture of a TLB shootdown: every CPU that has the address space loaded, which of them are interrupted, and which
//! translations go.

use mm::op::NameId;
use mm::step::{MmuStep, StepKind};
use mm::x86::mmu::Mmu;
use mm::x86::tlb::{Entry, PageSize};
use mm::{CpuId, NrPages, Step, Vaddr};
use scenario::Lang;

use super::draw::{DIGITS, Draw};
use crate::Moment;
use crate::board::Board;
use crate::narrate::num;
use crate::scene::{Area, Dash, Face, Form, Hit, Id, Paint, Ring, Spot, centred};

/// A flush that reaches several CPUs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Flush {
    pub process: NameId,
    /// The first address, and how many pages; none: all of the address space.
    pub start: Vaddr,
    pub pages: Option<NrPages>,
    /// The CPU that wants it; none: it is not on the address space itself.
    pub from: Option<CpuId>,
    /// The CPUs that are on the address space, and how far each is.
    pub cpus: Vec<(CpuId, Stage)>,
}

/// How far a CPU is with a flush.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    /// So many translations are gone.
    Done(u32),
    /// Its turn is the next one.
    Next,
    /// Its turn comes.
    Waits,
}

fn forgot(step: &Step) -> Option<(CpuId, NameId, Vaddr, Option<NrPages>, u32, bool)> {
    match step.kind {
        StepKind::Mmu { cpu, process, step: MmuStep::Forgot { start, pages, dropped, ipi } } => {
            Some((cpu, process, start, pages, dropped, ipi))
        }
        _ => None,
    }
}

/// The flush that goes on, where more than one CPU has the address space loaded.
pub(crate) fn flush(moment: &Moment) -> Option<Flush> {
    let (did, next) = (moment.just_did.as_ref().and_then(forgot), moment.next.as_ref().and_then(forgot));
    let (_, process, start, pages, ..) = did.or(next)?;
    let mmus = moment.machine.mmus();
    let loaded = mmus.iter().filter(|(_, unit)| unit.loaded() == Some(process)).map(|(cpu, _)| cpu);
    let loaded: Vec<CpuId> = loaded.collect();
    if loaded.len() < 2 {
        return None;
    }
    // Steps of this flush stand together.
    let mut all: Vec<_> = Vec::new();
    if did.is_some() {
        all.extend(moment.trail.iter().rev().map_while(forgot));
        all.extend(did.filter(|did| !all.contains(did)));
    }
    let done = |cpu: CpuId| all.iter().find(|(of, ..)| *of == cpu).map(|(.., dropped, _)| *dropped);
    let is_next = next.map(|(cpu, ..)| cpu);
    let told = all.iter().chain(next.iter());
    let from = told.filter(|(.., ipi)| !ipi).map(|(cpu, ..)| *cpu).next();
    let mut cpus: Vec<(CpuId, Stage)> = loaded
        .into_iter()
        .map(|cpu| {
            let stage = match done(cpu) {
                Some(dropped) => Stage::Done(dropped),
                None if is_next == Some(cpu) => Stage::Next,
                None => Stage::Waits,
            };
            (cpu, stage)
        })
        .collect();
    // It does its own part first.
    cpus.sort_by_key(|(cpu, _)| Some(*cpu) != from);
    Some(Flush { process, start, pages, from, cpus })
}

impl Flush {
    /// Whether a translation goes.
    fn covers(&self, entry: &Entry) -> bool {
        let shift = entry.key.size.shift();
        let (first, behind) = (entry.key.page << shift, (entry.key.page + 1) << shift);
        self.pages.is_none_or(|pages| {
            let end = self.start.0.saturating_add(pages.0.saturating_mul(4096));
            first < end && self.start.0 < behind
        })
    }

    /// The translations of the address space in one of the TLBs of a CPU: those that go first.
    fn entries(&self, unit: &Mmu, level: u8) -> Vec<Entry> {
        let sizes: &[PageSize] = if level == 1 { &PageSize::ALL } else { &[PageSize::Small] };
        let its = |entry: &Entry| entry.key.asid == unit.asid();
        let all = sizes.iter().flat_map(|size| unit.tlb(level, *size).iter().filter(its));
        let mut all: Vec<Entry> = all.collect();
        all.sort_by_key(|entry| (!self.covers(entry), entry.key.page << entry.key.size.shift()));
        all
    }
}

pub(super) fn legend(b: &Board) -> [(Paint, Vec<String>); 2] {
    [
        (Paint::ChipHot, b.say(&["has to go"], &["要忘掉的"])),
        (Paint::Chip, b.say(&["may stay"], &["可以留下的"])),
    ]
}

impl Draw<'_> {
    pub(super) fn shootdown(&mut self, flush: &Flush, room: Area) {
        let s = self.b.s;
        let name = self.moment.name(flush.process).to_owned();
        let at = format!("{:#x}", flush.start.0);
        let words = match (self.b.lang, flush.pages) {
            (Lang::En, Some(NrPages(1))) => {
                vec![
                    format!("the page at {at} of {name} is to be forgotten"),
                    format!("forget {at} of {name}"),
                ]
            }
            (Lang::En, Some(pages)) => vec![
                format!("{} pages of {name} from {at} on are to be forgotten", num(pages.0)),
                format!("forget {} pages of {name}", num(pages.0)),
            ],
            (Lang::En, None) => {
                vec![format!("all of {name} is to be forgotten"), format!("forget all of {name}")]
            }
            (Lang::Zh, Some(pages)) => vec![
                format!("要忘掉 {name} 从 {at} 起的 {} 页", num(pages.0)),
                format!("忘掉 {name} 的 {} 页", num(pages.0)),
            ],
            (Lang::Zh, None) => vec![format!("要忘掉 {name} 的所有页")],
        };
        let y = room.y + s.body;
        let face = Face { size: s.body, ..self.b.strong() };
        self.b.words(&words, face, Spot::start(room.x, y), room, Paint::Ink);
        let top = y + s.space * 1.4;
        let is_phone = self.b.form == Form::Phone;
        let (rows, gap) = (if is_phone { 1.0 } else { 2.0 }, s.space * 1.6);
        let height = s.label * 1.75 * rows + s.space * (rows + 1.0) * 0.7;
        let fits = (((room.bottom() - top + gap) / (height + gap)) as usize).max(1);
        let fits = if fits < flush.cpus.len() { fits.saturating_sub(1).max(1) } else { fits };
        // The ways of the interrupts run left of the CPUs.
        let lane = if is_phone { 0.0 } else { s.label * 3.2 };
        let mut source = None;
        for (at, (cpu, stage)) in flush.cpus.iter().take(fits).enumerate() {
            let y = top + at as f32 * (height + gap);
            let area = Area { x: room.x + lane, y, w: room.w - lane, h: height };
            self.cpu(flush, *cpu, *stage, area);
            let middle = area.centre().1;
            if Some(*cpu) == flush.from {
                source = Some(middle);
            } else if let Some(from) = source.filter(|_| !is_phone) {
                let x = room.x + lane * 0.35;
                let ring = if matches!(stage, Stage::Done(_)) { Ring::Done } else { Ring::Next };
                self.b.way(&[(area.x, from), (x, from), (x, middle), (area.x - s.edge, middle)], ring);
                let face = self.b.strong();
                let spot = Spot::start(x + s.go + s.space * 0.4, middle - s.label * 0.5);
                let within = Area::between(x, area.y, area.x, area.bottom());
                self.b.words(&["IPI".to_owned()], face, spot, within, Paint::Ink);
            }
        }
        let more = flush.cpus.len().saturating_sub(fits);
        if more > 0 {
            let y = top + fits as f32 * (height + gap) + s.label;
            let words = match self.b.lang {
                Lang::En => vec![format!("and {more} more CPUs"), format!("+{more}")],
                Lang::Zh => vec![format!("还有 {more} 个 CPU"), format!("+{more}")],
            };
            let face = self.b.plain();
            self.b.words(&words, face, Spot::start(room.x + lane, y), room, Paint::Quiet);
        }
    }

    /// What a CPU remembers of the address space, and how far it is.
    fn cpu(&mut self, flush: &Flush, cpu: CpuId, stage: Stage, area: Area) {
        let s = self.b.s;
        let Some(unit) = self.moment.machine.mmus().cpu(cpu).cloned() else { return };
        let item = self.b.things.rect(area, s.radius, Paint::Vma, s.line);
        if stage == Stage::Waits {
            item.pen.dash = Dash::Look;
        }
        let ring = match stage {
            Stage::Done(_)
                if self.moment.just_did.as_ref().and_then(forgot).is_some_and(|(of, ..)| of == cpu) =>
            {
                Some(Ring::Done)
            }
            Stage::Next => Some(Ring::Next),
            _ => None,
        };
        if let Some(ring) = ring {
            self.b.ring(area, ring, Id::Ringed(ring));
        }
        let inside = Area::between(area.x + s.space, area.y, area.right() - s.space, area.bottom());
        let task = self.moment.machine.processes().ran_on(cpu);
        let task = task.filter(|task| self.moment.machine.processes().leader(*task) == flush.process);
        let task = self.moment.name(task.unwrap_or(flush.process)).to_owned();
        let strong = Face { size: s.body, ..self.b.strong() };
        let names = s.label * if self.b.form == Form::Phone { 6.0 } else { 7.0 };
        let left = Area { w: names, ..inside };
        let rows: &[u8] = if self.b.form == Form::Phone { &[1] } else { &[1, 2] };
        let row = |at: usize| Area {
            x: inside.x + names,
            y: area.y + s.space * 0.7 + at as f32 * (s.label * 1.75 + s.space * 0.7),
            w: inside.w - names,
            h: s.label * 1.75,
        };
        let y = centred(row(0).centre().1, s.body);
        let words = match self.b.lang {
            _ if rows.len() == 1 => vec![format!("CPU {}: {task}", cpu.0), format!("CPU {}", cpu.0)],
            _ => vec![format!("CPU {}", cpu.0)],
        };
        self.b.words(&words, strong, Spot::start(left.x, y), left, Paint::Ink);
        if rows.len() > 1 {
            let words = match self.b.lang {
                Lang::En => vec![format!("runs {task}"), task],
                Lang::Zh => vec![format!("在跑 {task}"), task],
            };
            let (face, y) = (self.b.plain(), centred(row(1).centre().1, s.label));
            self.b.words(&words, face, Spot::start(left.x, y), left, Paint::Quiet);
        }
        // How far it is stands at the right.
        let is_asker = Some(cpu) == flush.from;
        let said = match (self.b.lang, stage) {
            (Lang::En, Stage::Done(gone)) => vec![format!("forgot {}", num(gone))],
            (Lang::Zh, Stage::Done(gone)) => vec![format!("忘了 {} 项", num(gone))],
            (Lang::En, Stage::Next) if is_asker => vec!["forgets next".to_owned(), "next".to_owned()],
            (Lang::Zh, Stage::Next) if is_asker => vec!["先忘自己的".to_owned(), "下一步".to_owned()],
            (Lang::En, Stage::Next) => vec!["interrupted next".to_owned(), "next".to_owned()],
            (Lang::Zh, Stage::Next) => vec!["马上被中断".to_owned(), "下一步".to_owned()],
            (Lang::En, Stage::Waits) => vec!["will be interrupted".to_owned(), "waits".to_owned()],
            (Lang::Zh, Stage::Waits) => vec!["将被中断".to_owned(), "还没轮到".to_owned()],
        };
        let behind = s.label * if self.b.form == Form::Phone { 5.2 } else { 9.5 };
        let right = Area { x: inside.right() - behind, w: behind, ..inside };
        let (face, y) = (self.b.strong(), centred(row(0).centre().1, s.label));
        let paint = if matches!(stage, Stage::Done(_)) { Paint::Ink } else { Paint::Quiet };
        self.b.words(&said, face, Spot::end(right.right(), y), right, paint);
        for (at, level) in rows.iter().enumerate() {
            let row = Area { w: row(at).w - behind - s.space, ..row(at) };
            self.remembered(flush, &unit, *level, row);
        }
    }

    /// The translations of one of the TLBs, those that go first.
    fn remembered(&mut self, flush: &Flush, unit: &Mmu, level: u8, row: Area) {
        let s = self.b.s;
        let y = centred(row.centre().1, s.label);
        let named = s.label * 2.0;
        let face = self.b.plain();
        self.b.words(
            &[format!("L{level}")],
            face,
            Spot::start(row.x, y),
            Area { w: named, ..row },
            Paint::Quiet,
        );
        let entries = flush.entries(unit, level);
        let each = s.label * if self.b.form == Form::Phone { 4.6 } else { 5.4 };
        let room = row.w - named;
        let most = (room / each).max(0.0) as usize;
        let shown = if entries.len() > most { most.saturating_sub(1) } else { entries.len() };
        for (at, entry) in entries.iter().take(shown).enumerate() {
            let area =
                Area { x: row.x + named + at as f32 * each, y: row.y, w: each - s.space * 0.35, h: row.h };
            let paint = if flush.covers(entry) { Paint::ChipHot } else { Paint::Chip };
            let item = self.b.things.rect(area, s.radius, paint, s.edge);
            item.hit = Some(Hit::Block(entry.pte.pfn()));
            self.b.labels.keep_off(area);
            let digits = format!("{:x}", entry.key.page);
            let tail = &digits[digits.len().saturating_sub(DIGITS)..];
            let (mono, spot) =
                (self.b.mono(), Spot::middle(area.centre().0, centred(area.centre().1, s.label)));
            self.b.words(&[format!("…{tail}"), tail.to_owned()], mono, spot, area, Paint::Ink);
        }
        let x = row.x + named + shown as f32 * each;
        let within = Area::between(x, row.y, row.right(), row.bottom());
        let words = match (self.b.lang, entries.len()) {
            (_, all) if all > shown => vec![format!("+{}", all - shown)],
            (Lang::En, 0) => vec!["nothing".to_owned()],
            (Lang::Zh, 0) => vec!["空".to_owned()],
            _ => return,
        };
        let face = self.b.plain();
        self.b.words(&words, face, Spot::start(x + s.space * 0.5, y), within, Paint::Quiet);
    }
}
