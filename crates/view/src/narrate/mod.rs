//! The sentences: what was just done and why, and what comes next.
//!
//! A step holds numbers only. Here each kind of step has one function for each language (`Voice`, `En`, `Zh`), so
//! that a missing one does not compile. A sentence has to fit two lines on a projector: when it is too long it is
//! told again by `Words` that are terser, never cut off.

pub(crate) mod cma;
mod compact;
pub(crate) mod dma;
mod en;
pub(crate) mod hierarchy;
mod kmem;
mod mmu;
pub(crate) mod oom;
pub(crate) mod page_alloc;
mod process;
mod reclaim;
pub(crate) mod segmentation;
#[cfg(test)]
mod tests;
mod words;
mod zh;

use mm::gfp::GfpFlags;
use mm::mmzone::{ZoneId, ZoneKind};
use mm::op::{Gfp, NameId, PageKind, Workload};
use mm::page::{Block, MigrateType};
use mm::step::{Func, StepClass};
use mm::{CpuId, Machine, Named, Op, Order, Pfn, Step, StepKind};
use scenario::kernel::Kernel;
use scenario::{Lang, Scenario, Statement, ast, print_statement};

use self::en::En;
pub(crate) use self::words::{Shortage, Words, num, type_name};
use self::zh::Zh;
use crate::{Moment, parts};

/// A sentence and its reason. Together they fit two lines: at most 140 characters, in Chinese 70.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sentence {
    /// What happens.
    pub text: String,
    /// Why, or what it means.
    pub why: String,
}

impl Sentence {
    /// Both, one after the other.
    #[must_use]
    pub fn whole(&self, lang: Lang) -> String {
        format!("{}{}{}", self.text, lang.pick(" ", ""), self.why)
    }

    fn chars(&self, lang: Lang) -> usize {
        self.whole(lang).chars().count()
    }
}

impl<T: Into<String>, W: Into<String>> From<(T, W)> for Sentence {
    fn from((text, why): (T, W)) -> Sentence {
        Sentence { text: text.into(), why: why.into() }
    }
}

/// The most characters of a sentence with its reason.
#[must_use]
pub fn longest(lang: Lang) -> usize {
    lang.pick(140, 70)
}

/// All that is said about a moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Narration {
    /// What was just done; at the very beginning, what this machine is.
    pub did: Option<Sentence>,
    /// What comes next; at the very end, a closing sentence.
    pub next: Option<Sentence>,
    /// The kernel functions of the step just done, outermost first. Where room is short, show the last three.
    pub breadcrumb: Vec<&'static str>,
    /// The kernel's file and the function in it, of the step just done.
    pub source: Option<(&'static str, &'static str)>,
    /// The step just done says that something was not met.
    pub failed: bool,
    /// What the scenario itself says here.
    pub caption: Option<String>,
}

/// An op as a title: as code, and in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpTitle {
    /// `buf = alloc order=8 movable`; what a process does as a programmer writes it, `q = fork();`
    pub code: String,
    /// "wants 256 frames in a row (1 MiB)"
    pub text: String,
}

/// One kind of step, told in one language: as done, as coming, and as a line of a log.
pub(crate) struct Told {
    pub(crate) did: Sentence,
    pub(crate) next: Sentence,
    pub(crate) brief: String,
}

/// One language: a function for each kind of step, and for the few moments that are none.
pub(crate) trait Voice {
    const LANG: Lang;

    fn request(w: &Words, asked: &Asked) -> Told;
    fn try_zone(w: &Words, zone: ZoneId, no_fragment: bool) -> Told;
    fn list_empty(w: &Words, zone: ZoneId, order: Order, migratetype: MigrateType) -> Told;
    fn take_head(w: &Words, zone: ZoneId, block: Block, migratetype: MigrateType, wanted: Order) -> Told;
    fn split(w: &Words, zone: ZoneId, kept: Block, put: Block, migratetype: MigrateType) -> Told;
    fn handed(w: &Words, block: Block, name: NameId) -> Told;
    fn fallback_begins(w: &Words, zone: ZoneId, migratetype: MigrateType, orders: [Order; 2]) -> Told;
    fn zone_failed(w: &Words, zone: ZoneId, order: Order, free: u32) -> Told;
    fn failed(w: &Words, name: NameId, order: u8, free: u32) -> Told;
    fn free_request(w: &Words, block: Block, name: Option<NameId>, migratetype: MigrateType) -> Told;
    fn buddy_check(w: &Words, block: Block, buddy: Pfn, verdict: mm::step::BuddyVerdict) -> Told;
    fn merge(w: &Words, zone: ZoneId, merged: Block, buddy: Block, from: MigrateType) -> Told;
    fn put_block(w: &Words, zone: ZoneId, block: Block, migratetype: MigrateType, tail: bool) -> Told;
    fn allow_fragment(w: &Words) -> Told;

    /// Before the first step: what this machine is.
    fn machine(w: &Words, free: u64) -> Sentence;
    /// After the last step.
    fn ending(w: &Words, free: u64, held: u32) -> Sentence;
    /// What an op wants, behind its name.
    fn op_text(w: &Words, op: &Op) -> String;
}

/// What [`StepKind::Request`] says.
pub(crate) struct Asked {
    pub(crate) name: NameId,
    pub(crate) order: u8,
    pub(crate) kind: PageKind,
    pub(crate) migratetype: MigrateType,
    pub(crate) flags: GfpFlags,
    pub(crate) cpu: CpuId,
}

pub(super) fn told(
    did: (impl Into<String>, impl Into<String>),
    next: (impl Into<String>, impl Into<String>),
    brief: impl Into<String>,
) -> Told {
    Told { did: did.into(), next: next.into(), brief: brief.into() }
}

/// Steps of the first lesson are told here, all others through a table that comes later.
fn tell<V: Voice>(w: &Words, kind: &StepKind) -> Told {
    match *kind {
        StepKind::Request { name, order, kind, migratetype, highest_zone: _, flags, cpu } => {
            V::request(w, &Asked { name, order, kind, migratetype, flags, cpu })
        }
        StepKind::TryZone { zone, no_fragment } => V::try_zone(w, zone, no_fragment),
        StepKind::ListEmpty { zone, order, migratetype } => V::list_empty(w, zone, order, migratetype),
        StepKind::TakeHead { zone, block, migratetype, wanted } => {
            V::take_head(w, zone, block, migratetype, wanted)
        }
        StepKind::Split { zone, kept, put, migratetype, wanted: _ } => {
            V::split(w, zone, kept, put, migratetype)
        }
        StepKind::Handed { zone: _, block, name, kind: _ } => V::handed(w, block, name),
        StepKind::FallbackBegins { zone, migratetype, wanted, min_order } => {
            V::fallback_begins(w, zone, migratetype, [wanted, min_order])
        }
        StepKind::ZoneFailed { zone, order, migratetype: _, free } => V::zone_failed(w, zone, order, free),
        StepKind::Failed { name, order, free } => V::failed(w, name, order, free),
        StepKind::FreeRequest { zone: _, block, name, migratetype } => {
            V::free_request(w, block, name, migratetype)
        }
        StepKind::BuddyCheck { zone: _, block, buddy, verdict } => V::buddy_check(w, block, buddy, verdict),
        StepKind::Merge { zone, merged, buddy, from } => V::merge(w, zone, merged, buddy, from),
        StepKind::PutBlock { zone, block, migratetype, tail } => {
            V::put_block(w, zone, block, migratetype, tail)
        }
        StepKind::AllowFragment { zone: _ } => V::allow_fragment(w),
        _ => (parts::words().tell)(V::LANG, w, kind),
    }
}

/// The same for steps that the first lesson does not have.
pub(crate) fn rare_tell(lang: Lang, w: &Words, kind: &StepKind) -> Told {
    match *kind {
        StepKind::Process { process, step } => process::tell(lang, w, process, &step),
        StepKind::Mmu { cpu, process, step } => mmu::tell(lang, w, cpu, process, &step),
        StepKind::Hierarchy(step) => hierarchy::tell(lang, w, &step),
        StepKind::Segment(step) => segmentation::tell(lang, w, &step),
        StepKind::Reclaim { step } => reclaim::tell(lang, w, &step),
        StepKind::Oom(step) => oom::tell(lang, w, &step),
        StepKind::Cma(step) => cma::tell(lang, w, &step),
        StepKind::Dma(step) => dma::tell(lang, w, &step),
        StepKind::Migrate(step) => compact::migrate(lang, w, &step),
        StepKind::Compact(step) => compact::tell(lang, w, &step),
        StepKind::Kmem(_) | StepKind::Slub { .. } | StepKind::Slab { .. } | StepKind::Vmalloc { .. } => {
            kmem::tell(lang, w, kind)
        }
        _ => match lang {
            Lang::En => page_alloc::tell::<En>(w, kind),
            Lang::Zh => page_alloc::tell::<Zh>(w, kind),
        },
    }
}

/// What an op wants that the first lesson does not have, behind its name.
pub(crate) fn rare_op_text(lang: Lang, w: &Words, op: &Op) -> String {
    match op {
        Op::Kmem(op) => kmem::op_text(lang, w, op),
        Op::Process(op) => process::op_text(lang, w, op),
        Op::Segment(op) => segmentation::op_text(lang, op),
        Op::File(op) => reclaim::op_text(lang, w, op),
        Op::Cma(op) => cma::op_text(lang, w, op),
        Op::Dma(op) => dma::op_text(lang, w, op),
        Op::Compact(op) => compact::op_text(lang, w, op),
        _ => page_alloc::op_text(lang, w, op),
    }
}

/// The first telling that fits, from the fullest words to the tersest.
fn fit<V: Voice>(words: &Words, told: impl Fn(&Words) -> Sentence) -> Sentence {
    let mut w = *words;
    loop {
        let sentence = told(&w);
        if sentence.chars(V::LANG) <= longest(V::LANG) {
            return sentence;
        }
        match w.terser() {
            Some(terser) => w = terser,
            None => return sentence,
        }
    }
}

fn did<V: Voice>(words: &Words, kind: &StepKind) -> Sentence {
    fit::<V>(words, |w| tell::<V>(w, kind).did)
}

fn next<V: Voice>(words: &Words, kind: &StepKind) -> Sentence {
    fit::<V>(words, |w| tell::<V>(w, kind).next)
}

/// What is said about a moment.
#[must_use]
pub fn narration(moment: &Moment, lang: Lang) -> Narration {
    match lang {
        Lang::En => narrate::<En>(moment),
        Lang::Zh => narrate::<Zh>(moment),
    }
}

fn narrate<V: Voice>(moment: &Moment) -> Narration {
    let funcs = moment.just_did.map_or(Vec::new(), |step| step.chain.funcs().to_vec());
    let breadcrumb = funcs.iter().filter(|f| **f != Func::Scenario).map(|f| f.name()).collect();
    let source = match moment.just_did.map(|step| step.kind) {
        Some(StepKind::Written { sysctl }) => Some(page_alloc::handler(&sysctl)),
        _ => funcs.last().filter(|f| **f != Func::Scenario).map(|f| (f.file(), f.name())),
    };
    let free = moment.machine.zones().iter().map(|zone| zone.nr_free_pages.0).sum();
    Narration {
        did: Some(match &moment.just_did {
            Some(step) => did::<V>(&Words::of_done(moment), &step.kind),
            None => fit::<V>(&Words::of_next(moment), |w| V::machine(w, free)),
        }),
        next: Some(match &moment.next {
            Some(step) => coming::<V>(moment, step),
            None => {
                let held = held_names(moment);
                fit::<V>(&Words::of_next(moment), |w| V::ending(w, free, held))
            }
        }),
        breadcrumb,
        source,
        failed: moment.just_did.is_some_and(|step| step.kind.class() == StepClass::Fail),
        caption: caption(moment, V::LANG),
    }
}

/// What comes next; an op of many units is introduced as a whole.
fn coming<V: Voice>(moment: &Moment, step: &Step) -> Sentence {
    let words = Words::of_next(moment);
    let is_many = match (words.op(), step.kind) {
        (Some((_, Op::Workload(_))), StepKind::Request { .. } | StepKind::FreeRequest { .. }) => true,
        (Some((_, Op::Free { name, .. })), StepKind::FreeRequest { .. }) => {
            matches!(moment.machine.named(*name), Named::Pool { .. })
        }
        _ => false,
    };
    if moment.cursor.step == 0 && is_many {
        return (parts::words().begins)(V::LANG, &words, moment, &step.kind);
    }
    next::<V>(&words, &step.kind)
}

/// What the scenario says before the op at the cursor, or at its end.
fn caption(moment: &Moment, lang: Lang) -> Option<String> {
    let said: Vec<&str> =
        moment.scenario.captions_at(moment.cursor.op).map(|say| say.in_lang(lang)).collect();
    (!said.is_empty()).then(|| said.join(lang.pick(" ", "")))
}

/// How many names hold memory. What is mapped belongs to its process, and a cached file to whoever needs its pages.
fn held_names(moment: &Moment) -> u32 {
    let ids = (0..moment.scenario.names.len() as u32).map(NameId);
    let holds = |id: &NameId| {
        let named = moment.machine.named(*id);
        matches!(
            named,
            Named::Block(_)
                | Named::Pool { len: 1.., .. }
                | Named::Object { .. }
                | Named::Area(_)
                | Named::Contig { .. }
                | Named::Dma
                | Named::Process
        )
    };
    ids.filter(holds).count() as u32
}

/// One step in a few words, for a log: no moment is needed.
#[must_use]
pub fn step_line(scenario: &Scenario, step: &Step, lang: Lang) -> String {
    let words = Words::of_scenario(scenario);
    match lang {
        Lang::En => tell::<En>(&words, &step.kind).brief,
        Lang::Zh => tell::<Zh>(&words, &step.kind).brief,
    }
}

/// One step as a sentence with its reason, where it was just done to `machine` by the op with the number `op`. The steps
/// before it are not known, so it knows less than [`narration`].
#[must_use]
pub fn step_sentence(scenario: &Scenario, machine: &Machine, op: u32, step: &Step, lang: Lang) -> Sentence {
    let words = Words::of_step(scenario, machine, op);
    match lang {
        Lang::En => did::<En>(&words, &step.kind),
        Lang::Zh => did::<Zh>(&words, &step.kind),
    }
}

/// The op that runs at the cursor, or would run next; none behind the last one.
#[must_use]
pub fn op_title(moment: &Moment, lang: Lang) -> Option<OpTitle> {
    let at = moment.cursor.op as usize;
    Some(title_of(&moment.scenario, &moment.scenario.ops.get(at)?.op, lang))
}

/// Any op of a scenario as a title.
#[must_use]
pub fn title_of(scenario: &Scenario, op: &Op, lang: Lang) -> OpTitle {
    let words = Words::of_scenario(scenario);
    let text = match lang {
        Lang::En => En::op_text(&words, op),
        Lang::Zh => Zh::op_text(&words, op),
    };
    OpTitle { code: code(&words, op), text }
}

/// An op as the scenario's language writes it, loops unrolled; what a process does as C has it.
fn code(w: &Words, op: &Op) -> String {
    let target = |name: NameId| ast::Target::named(w.full_name(name));
    // Said only when it keeps a request out of a zone that it could have had.
    let said = |highest: ZoneKind| {
        let above = |kind: ZoneKind| kind > highest && kind != ZoneKind::Movable;
        w.config().zones.iter().any(|zone| above(zone.kind)).then_some(highest)
    };
    match op {
        Op::Alloc { name, order, gfp, cpu } => {
            let (flags, zone) = flags_of(gfp);
            let zone = zone.and_then(said);
            let alloc = ast::Alloc::new(target(*name), ast::Size::Order(*order), gfp.kind);
            ast::Alloc { zone, flags, cpu: cpu.0, ..alloc }.to_string()
        }
        Op::Free { name, cpu: CpuId(0) } => format!("free {}", target(*name)),
        Op::Free { name, cpu } => format!("free {} cpu={}", target(*name), cpu.0),
        Op::Workload(Workload { name, actions, orders, weights, free_percent, zone, cpu }) => ast::Workload {
            target: target(*name),
            actions: *actions,
            orders: *orders,
            weights: *weights,
            free_percent: *free_percent,
            zone: zone.and_then(said),
            cpu: cpu.0,
        }
        .to_string(),
        _ => (parts::words().code)(w, op),
    }
}

/// The same for ops that the first lesson does not have.
pub(crate) fn rare_code(w: &Words, op: &Op) -> String {
    match op {
        Op::Kmem(op) => kmem::code(w, op),
        Op::Process(op) => process::code(w, op),
        Op::Segment(op) => segmentation::code(op),
        Op::File(op) => reclaim::code(w, op),
        Op::Cma(op) => cma::code(w, op),
        Op::Dma(op) => dma::code(w, op),
        Op::Compact(op) => compact::code(w, op),
        Op::Isolate(pfn) => print_statement(&Statement::Isolate(pfn.0)),
        Op::Unisolate(pfn, to) => print_statement(&Statement::Unisolate(pfn.0, *to)),
        Op::Recorded(recorded) => Kernel::of(recorded, &w.config().recorded.moved).to_string(),
        Op::Sysctl(write) => {
            let (file, value) = page_alloc::sysctl(w.config(), write);
            format!("sysctl vm.{file} {value}")
        }
        Op::Drain | Op::Alloc { .. } | Op::Free { .. } | Op::Workload(_) => {
            print_statement(&Statement::Drain)
        }
    }
}

/// How a request's flags and zone are said.
fn flags_of(gfp: &Gfp) -> (ast::Flags, Option<ZoneKind>) {
    for zone in [None].into_iter().chain(ZoneKind::ALL.map(Some)) {
        let usual = Gfp::of(gfp.kind, zone).flags;
        for (flags, said) in [
            (usual, ast::Flags::Usual),
            (usual.nowait(), ast::Flags::Nowait),
            (usual.atomic(), ast::Flags::Atomic),
        ] {
            if flags == gfp.flags {
                return (said, zone);
            }
        }
    }
    (ast::Flags::Given(gfp.flags), None)
}
