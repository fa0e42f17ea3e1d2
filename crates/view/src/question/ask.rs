//! From the moment and the steps that come to a question: one function for each kind.

mod cma;
mod compact;
mod dma;
mod fallback;
mod hierarchy;
mod huge;
mod kmem;
mod malloc;
mod mmu;
mod oom;
mod pcp;
mod process;
mod reclaim;
mod segmentation;

use mm::mmzone::{PerCpuPages, ZoneId, ZoneKind};
use mm::op::NameId;
use mm::page::{Block, MigrateType, PageState};
use mm::rng::Rng;
use mm::step::{BuddyVerdict, WatermarkVerdict};
use mm::{AllocFlags, Machine, Op, Order, Pfn, Step, StepKind, UnitEnd};

use super::{
    Answers, Ask, Choice, Claim, End, Goes, Measured, Mistake, Note, Question, Source, Verdict, rules,
};
use crate::Moment;

/// More answers are not read.
const MOST_CHOICES: usize = 4;
/// The requests that are told apart when one of them is to fail.
const MOST_REQUESTS: usize = 4;

/// Where we are.
struct At<'a> {
    moment: &'a Moment,
    machine: &'a Machine,
    coming: &'a [Step],
    next: StepKind,
    /// Decides where several questions are possible.
    dice: u32,
}

type Asker = fn(&At) -> Option<Question>;

pub(super) fn question(moment: &Moment, coming: &[Step]) -> Option<Question> {
    let next = coming.first()?.kind;
    let cursor = u64::from(moment.cursor.op) << 32 | u64::from(moment.cursor.step);
    let dice = Rng::new(moment.scenario.config.seed, cursor).below(1 << 16);
    let at = At { moment, machine: &moment.machine, coming, next, dice };
    if let Some(question) = hierarchy::misses(&at).or_else(|| huge::pool(&at)) {
        return Some(question);
    }
    match next {
        StepKind::Request { .. } => fails(&at).or_else(|| {
            // Whether the only zone serves is no question where nothing is tight.
            let many = at.machine.zones().len() > 1;
            let askers: &[Asker] = if many { &[served, source, cuts] } else { &[source, cuts] };
            at.one_of(askers).or_else(|| served(&at))
        }),
        StepKind::TryZone { .. } if at.machine.zones().len() == 1 => list(&at).or_else(|| served(&at)),
        StepKind::TryZone { .. }
        | StepKind::ZoneFailed { .. }
        | StepKind::AllowFragment { .. }
        | StepKind::SlowPath { .. }
        | StepKind::Missing { .. }
        | StepKind::TooLarge { .. }
        | StepKind::WakeKswapd { .. }
        | StepKind::UnreserveHighatomic { .. } => served(&at),
        StepKind::Watermark { .. } => watermark(&at),
        StepKind::PcpEmpty { .. } => pcp::refill(&at),
        StepKind::PcpAppend { .. } => pcp::append(&at),
        StepKind::PcpTake { .. } => pcp::head(&at),
        StepKind::PcpPut { .. } => pcp::put(&at),
        StepKind::PcpDrainBegins { .. } => pcp::drain(&at),
        StepKind::PcpDrain { .. } => pcp::tail(&at),
        StepKind::ListEmpty { .. } => list(&at),
        StepKind::TakeHead { .. } => at.one_of(&[head, list, cuts]).or_else(|| list(&at)),
        StepKind::Split { .. } => at.one_of(&[half, upper_half]),
        StepKind::Handed { .. } => given(&at),
        StepKind::FallbackBegins { .. } => fallback::steal(&at).or_else(|| served(&at)),
        StepKind::FallbackFound { .. } => fallback::steal(&at),
        StepKind::Boost { .. } => fallback::marks(&at).or_else(|| fallback::pageblock(&at)),
        StepKind::ClaimPageblocks { .. } | StepKind::MoveFreePages { .. } | StepKind::MoveBlock { .. } => {
            fallback::pageblock(&at)
        }
        StepKind::FreeRequest { .. } => merge_to(&at).or_else(|| pcp::put(&at)),
        StepKind::BuddyCheck { .. } => at.one_of(&[buddy, buddy, buddy_place]),
        StepKind::Merge { .. } => merge_start(&at),
        StepKind::PutBlock { .. } => put(&at),
        StepKind::Kmem(_) | StepKind::Slub { .. } | StepKind::Slab { .. } | StepKind::Vmalloc { .. } => {
            kmem::question(&at)
        }
        StepKind::Process { .. } => {
            process::question(&at).or_else(|| malloc::question(&at)).or_else(|| huge::question(&at))
        }
        StepKind::Mmu { .. } => mmu::question(&at),
        StepKind::Hierarchy(_) => hierarchy::question(&at),
        StepKind::Segment(_) => segmentation::question(&at),
        StepKind::Cma(_) => cma::question(&at),
        StepKind::Dma(_) => dma::question(&at),
        StepKind::Compact(_) => compact::question(&at),
        StepKind::Oom(_) => oom::question(&at).or_else(|| served(&at)),
        StepKind::Reclaim { .. } => reclaim::question(&at).or_else(|| huge::question(&at)),
        StepKind::Migrate(_)
        | StepKind::NothingToDo { .. }
        | StepKind::Skipped { .. }
        | StepKind::Failed { .. }
        | StepKind::PcpRefilled { .. }
        | StepKind::ReserveHighatomic { .. }
        | StepKind::Isolate { .. }
        | StepKind::IsolateRefused { .. }
        | StepKind::Unisolate { .. }
        | StepKind::Diverged { .. }
        | StepKind::Written { .. } => None,
    }
}

impl At<'_> {
    /// The first question that can be asked, from the one on that the dice say.
    fn one_of(&self, askers: &[Asker]) -> Option<Question> {
        let from = self.dice as usize % askers.len();
        (0..askers.len()).find_map(|at| askers[(from + at) % askers.len()](self))
    }

    /// The name that asks.
    fn who(&self) -> Option<NameId> {
        match self.request() {
            Some(StepKind::Request { name, .. }) => known(name),
            _ => None,
        }
    }

    /// The trail belongs to the unit that goes on, not to the one before.
    fn is_inside(&self) -> bool {
        let begins = matches!(self.next, StepKind::Request { .. } | StepKind::FreeRequest { .. });
        self.moment.cursor.step > 0 && !begins
    }

    /// What was asked for, of the unit that goes on.
    fn request(&self) -> Option<StepKind> {
        let is = |step: &&Step| matches!(step.kind, StepKind::Request { .. });
        let done = self.moment.trail.iter().rev().filter(|_| self.is_inside()).find(is);
        self.coming.first().filter(is).or(done).map(|step| step.kind)
    }

    /// The first of the coming steps that says so, and how many steps it takes to get there.
    fn find<T>(&self, is: impl Fn(&StepKind) -> Option<T>) -> Option<(T, usize)> {
        self.coming.iter().enumerate().find_map(|(at, step)| Some((is(&step.kind)?, at + 1)))
    }

    fn list(&self, zone: ZoneId, order: Order, migratetype: MigrateType) -> Vec<Pfn> {
        self.machine.free_list(zone, order, migratetype).collect()
    }

    /// A question of a few answers: what is right, and what misconceptions say.
    fn choice(&self, ask: Ask, right: Claim, wrong: Vec<(Claim, Mistake)>, steps: usize) -> Draft {
        let mut choices = vec![Choice { claim: right, mistake: None }];
        for (claim, mistake) in wrong {
            if choices.len() < MOST_CHOICES && choices.iter().all(|c| c.claim != claim) {
                choices.push(Choice { claim, mistake: Some(mistake) });
            }
        }
        Draft { ask, choices, steps, about: Vec::new(), dice: self.dice }
    }
}

/// A question in the making.
struct Draft {
    ask: Ask,
    choices: Vec<Choice>,
    steps: usize,
    about: Vec<Block>,
    dice: u32,
}

impl Draft {
    fn about(self, blocks: &[Block]) -> Draft {
        Draft { about: blocks.to_vec(), ..self }
    }

    fn finish(self, clicks: bool) -> Option<Question> {
        let Draft { ask, choices, steps, about, .. } = self;
        let answers = if clicks { Answers::Click(choices) } else { Answers::Choice(choices) };
        let steps = steps as u32;
        let question = Question { ask, answers, steps, about };
        (question.choices().len() > 1).then_some(question)
    }

    /// In the order of what they say.
    fn sorted(mut self) -> Option<Question> {
        mm::sort::by_key(&mut self.choices, |choice| rank(&choice.claim));
        self.finish(false)
    }

    /// Where no order is natural, the dice make one.
    fn shuffled(mut self) -> Option<Question> {
        let by = self.dice as usize % self.choices.len().max(1);
        self.choices.rotate_left(by);
        self.finish(false)
    }

    /// On the picture, by address.
    fn on_the_picture(mut self) -> Option<Question> {
        mm::sort::by_key(&mut self.choices, |choice| rank(&choice.claim));
        self.finish(true)
    }
}

fn rank(claim: &Claim) -> u64 {
    match *claim {
        Claim::List(order) => order.map_or(100, |order| u64::from(order.get())),
        Claim::Block(block, _) => u64::from(block.pfn.0) << 8 | u64::from(10 - block.order.get()),
        Claim::Order(order) => u64::from(order.get()),
        Claim::Start(pfn) => u64::from(pfn.0),
        Claim::Buddy(verdict) => verdict as u64,
        Claim::End(end) => end as u64,
        Claim::Freed(freed) => freed as u64,
        // The highest zone stands first, as it is tried first.
        Claim::Zone(zone) => zone.map_or(255, |zone| 100 - u64::from(zone.0)),
        Claim::Served(served) => u64::from(!served),
        Claim::Passes(verdict) => verdict as u64,
        Claim::Fate(fate, _) => fate as u64,
        Claim::Source(source) => source as u64,
        Claim::Rises(rises) => u64::from(!rises),
        Claim::Cache(name) => name.as_kmalloc().map_or(0, |(_, size)| u64::from(size)),
        Claim::CacheOf(size) => u64::from(size),
        Claim::Object(object) => u64::from(object.slab.0) << 16 | u64::from(object.index),
        Claim::ObjectTo(to) => to as u64,
        Claim::SlabGoes(goes) => u64::from(!goes),
        Claim::Address(at) | Claim::Page(at) => at.0,
        Claim::LineThere(there) => u64::from(!there),
        Claim::Fault(leaf) => leaf as u64,
        Claim::Chunk(from) => from as u64,
        Claim::Found(level) => level as u64,
        Claim::CacheLine(line, _) => line,
        Claim::Linear(at) => at,
        Claim::Loads(base) => u64::from(base),
        // Faults stand last.
        Claim::Exception(vector) => u64::MAX - 255 + u64::from(vector.number()),
        Claim::Dies(process) => u64::from(process.0),
        Claim::PageFate(fate) => fate as u64,
        Claim::Kswapd(goes_on) => u64::from(!goes_on),
        Claim::Cma(end) => end as u64,
        Claim::Dma(end) => end as u64,
        Claim::Lends(end) => end as u64,
        Claim::Version(value) => u64::from(value),
        Claim::Meet(at) => at.map_or(u64::MAX, |pfn| u64::from(pfn.0)),
        Claim::Takes(takes) => u64::from(!takes),
        Claim::Collapse(end) => end as u64,
        Claim::HugeWhole(whole) => u64::from(!whole),
        Claim::TableEntry { local, index } => u64::from(index) << 1 | u64::from(local),
        Claim::Goes(_) | Claim::Name(_) => 0,
    }
}

fn number(
    ask: Ask,
    right: u32,
    wrong: &[(u32, Mistake)],
    otherwise: Mistake,
    steps: usize,
) -> Option<Question> {
    let mut kept: Vec<(u32, Mistake)> = Vec::new();
    for (answer, mistake) in wrong {
        if *answer != right && kept.iter().all(|(other, _)| other != answer) {
            kept.push((*answer, *mistake));
        }
    }
    let most = kept.iter().map(|(answer, _)| *answer).chain([right]).max()? * 4 + 10;
    let answers = Answers::Number { right, most, wrong: kept, otherwise };
    let question = Question { ask, answers, steps: steps as u32, about: Vec::new() };
    match &question.answers {
        Answers::Number { wrong, .. } if wrong.is_empty() => None,
        _ => Some(question),
    }
}

/// The name, unless nobody knows it: somebody of a recorded trace.
fn known(name: NameId) -> Option<NameId> {
    (name.0 != u32::MAX).then_some(name)
}

fn union(a: Block) -> Option<Block> {
    let up = a.order.up()?;
    Some(Block { pfn: a.pfn.align_down(up), order: up })
}

/// From which list: the search goes up from the order that is wanted.
fn list(at: &At) -> Option<Question> {
    let skip = usize::from(matches!(at.next, StepKind::TryZone { .. }));
    let coming = at.coming.get(skip..)?;
    let (zone, order, migratetype) = match coming.first()?.kind {
        StepKind::ListEmpty { zone, order, migratetype } => (zone, order, migratetype),
        StepKind::TakeHead { zone, block, migratetype, .. } => (zone, block.order, migratetype),
        _ => return None,
    };
    let is_same = |step: &&Step| matches!(step.kind, StepKind::ListEmpty { zone: z, migratetype: t, .. } if (z, t) == (zone, migratetype));
    let trail = at.moment.trail.iter().rev().filter(|_| skip == 0);
    let seen = trail.take_while(is_same).filter_map(|step| match step.kind {
        StepKind::ListEmpty { order, .. } => Some(order),
        _ => None,
    });
    let wanted = seen.chain([order]).min()?;
    let empty = coming.iter().take_while(is_same).count();
    let taken = match coming.get(empty).map(|step| step.kind) {
        Some(StepKind::TakeHead { block, .. }) => Some(block.order),
        _ => None,
    };
    let mut wrong = Vec::new();
    if taken != Some(order) {
        let mistake =
            if taken.is_some() { Mistake::ExactKept { order } } else { Mistake::NothingLeft { migratetype } };
        wrong.push((Claim::List(Some(order)), mistake));
    }
    if let Some((other, from)) = rules::any_type_list(at.machine, zone, order, migratetype) {
        wrong.push((Claim::List(Some(other)), Mistake::AnyType { from }));
    }
    if let Some(largest) = rules::largest_list(at.machine, zone, order, migratetype) {
        wrong.push((Claim::List(Some(largest)), Mistake::LargestFirst));
    }
    if taken.is_some() && empty > 0 {
        wrong.push((Claim::List(None), Mistake::GivesUp));
    }
    if let Some(smaller) = rules::smaller_list(at.machine, zone, wanted, migratetype) {
        wrong.push((Claim::List(Some(smaller)), Mistake::RoundsDown { order: smaller }));
    }
    let ask = Ask::List { who: at.who(), zone, wanted, migratetype };
    at.choice(ask, Claim::List(taken), wrong, skip + empty + usize::from(taken.is_some())).sorted()
}

/// Which block of a list: the head.
fn head(at: &At) -> Option<Question> {
    let StepKind::TakeHead { zone, block, migratetype, .. } = at.next else { return None };
    let order = block.order;
    let list = at.list(zone, order, migratetype);
    if list.len() < 2 {
        return None;
    }
    let claim = |pfn| Claim::Block(Block { pfn, order }, Note::None);
    let wrong = [(rules::lowest(&list), Mistake::LowestAddress), (rules::oldest(&list), Mistake::TailFirst)];
    let wrong = wrong.into_iter().filter_map(|(pfn, mistake)| Some((claim(pfn?), mistake))).collect();
    let ask = Ask::Head { zone, order, migratetype, blocks: list.len() as u32 };
    at.choice(ask, Claim::Block(block, Note::None), wrong, 1).on_the_picture()
}

/// How often a block is cut until it has the order that is wanted.
fn cuts(at: &At) -> Option<Question> {
    let is_cut = |step: &&Step| matches!(step.kind, StepKind::Split { .. });
    let (ask, from, wanted) = match at.next {
        StepKind::Request { name, order, .. } => {
            (Ask::Cuts { who: known(name), block: None, wanted: Order::new(order)? }, None, order)
        }
        StepKind::TakeHead { block, wanted, .. } => {
            if block.order == wanted {
                return None;
            }
            (Ask::Cuts { who: at.who(), block: Some(block), wanted }, Some(block.order), wanted.get())
        }
        _ => return None,
    };
    let through_cpu =
        at.find(|kind| matches!(kind, StepKind::PcpEmpty { .. } | StepKind::PcpTake { .. }).then_some(()));
    if from.is_none() && through_cpu.is_some() {
        return None;
    }
    let (head, to_head) = at.find(|kind| match kind {
        StepKind::TakeHead { block, .. } => Some(*block),
        _ => None,
    })?;
    let cuts = at.coming[to_head..].iter().take_while(is_cut).count();
    let up = head.order.get().saturating_sub(wanted);
    let otherwise = match Order::new(wanted) {
        Some(to) if up > 0 => Mistake::HalfByHalf { from: head.order, to },
        _ => Mistake::NoCut { order: head.order },
    };
    let wrong = [
        (1, if up > 0 { Mistake::OneCut } else { otherwise }),
        (u32::from(up) + 1, if up > 0 { Mistake::CountsOrders } else { otherwise }),
        ((1 << up) - 1, Mistake::CountsPages),
        (0, otherwise),
    ];
    number(ask, cuts as u32, &wrong, otherwise, to_head + cuts)
}

/// Which half stays in hand.
fn half(at: &At) -> Option<Question> {
    let StepKind::Split { kept, put, .. } = at.next else { return None };
    let block = union(kept)?;
    let note = |b: Block| if b.pfn == block.pfn { Note::Lower } else { Note::Upper };
    let wrong = vec![(Claim::Block(put, note(put)), Mistake::KeepsUpper)];
    at.choice(Ask::Half { block }, Claim::Block(kept, note(kept)), wrong, 1).about(&[block]).on_the_picture()
}

/// Where the other half goes.
fn upper_half(at: &At) -> Option<Question> {
    let StepKind::Split { kept, put, .. } = at.next else { return None };
    let block = union(kept)?;
    let wrong = vec![
        (Claim::Goes(Goes::Tail(put.order)), Mistake::PutsTail),
        (Claim::Goes(Goes::Back(block.order)), Mistake::StaysOnList),
        (Claim::Goes(Goes::Caller), Mistake::GoesAlong),
    ];
    let right = Claim::Goes(Goes::Head(put.order));
    at.choice(Ask::UpperHalf { block }, right, wrong, 1).about(&[block]).shuffled()
}

/// Which frames the caller gets of a block that was cut.
fn given(at: &At) -> Option<Question> {
    let StepKind::Handed { block, name, .. } = at.next else { return None };
    let Some(StepKind::Split { put, .. }) = at.moment.trail.last().map(|step| step.kind) else { return None };
    let mut wrong = vec![(Claim::Block(put, Note::Upper), Mistake::KeepsUpper)];
    wrong.extend(union(block).map(|whole| (Claim::Block(whole, Note::Whole), Mistake::GetsWhole)));
    at.choice(Ask::Given { who: known(name) }, Claim::Block(block, Note::Lower), wrong, 1).on_the_picture()
}

/// Whether a freed block merges with its buddy, and why not.
fn buddy(at: &At) -> Option<Question> {
    let StepKind::BuddyCheck { zone, block, buddy, verdict } = at.next else { return None };
    let machine = at.machine;
    let other = rules::other_side(machine, zone, block);
    let other_is_free = other.is_some_and(|other| rules::is_free(machine, other.pfn));
    let head = machine.block_of(buddy).map(|head| machine.page(head.pfn));
    let name = head.and_then(|page| page.owner());
    let (right, merges) = match verdict {
        BuddyVerdict::Yes => (Verdict::Merge, None),
        BuddyVerdict::NoMemory => (Verdict::NoMemory, Some(Mistake::IgnoresHole)),
        BuddyVerdict::InUse => {
            let kept = head.is_some_and(|page| page.state == PageState::Pcp);
            let mistake = match () {
                () if kept => Mistake::KeptByCpu,
                // Whoever takes the block on the other side for the buddy is right about that one.
                () if other_is_free => Mistake::AnyNeighbour { buddy },
                () => Mistake::StillHeld { name },
            };
            (Verdict::InUse, Some(mistake))
        }
        BuddyVerdict::OtherOrder(order) => (Verdict::OtherOrder, Some(Mistake::IgnoresOrder { order })),
        BuddyVerdict::OtherZone => (Verdict::OtherZone, Some(Mistake::IgnoresZone)),
        BuddyVerdict::OtherType { theirs, .. } => (Verdict::OtherType, Some(Mistake::IgnoresType { theirs })),
    };
    let look = Mistake::Look { verdict: right, name };
    let in_use = match right {
        Verdict::Merge if other.is_some() && !other_is_free => Mistake::WrongSide { buddy },
        _ => look,
    };
    let mut wrong = vec![
        (Claim::Buddy(Verdict::Merge), merges.unwrap_or(look)),
        (Claim::Buddy(Verdict::InUse), in_use),
        (Claim::Buddy(Verdict::OtherOrder), look),
    ];
    if machine.zones().len() > 1 {
        wrong.push((Claim::Buddy(Verdict::OtherZone), look));
    }
    let buddy = Block { pfn: buddy, order: block.order };
    at.choice(Ask::Buddy { block, buddy }, Claim::Buddy(right), wrong, 1).about(&[block, buddy]).sorted()
}

/// Which of the two blocks beside a block is its buddy.
fn buddy_place(at: &At) -> Option<Question> {
    let StepKind::BuddyCheck { zone, block, buddy, .. } = at.next else { return None };
    let right = Block { pfn: buddy, order: block.order };
    let other = rules::other_side(at.machine, zone, block)?;
    let wrong = vec![(Claim::Block(other, Note::None), Mistake::NextDoor { buddy })];
    let right = Claim::Block(right, Note::None);
    at.choice(Ask::BuddyPlace { block }, right, wrong, 1).about(&[block]).on_the_picture()
}

/// Where the merged block begins.
fn merge_start(at: &At) -> Option<Question> {
    let StepKind::Merge { merged, buddy, .. } = at.next else { return None };
    let block = Block { pfn: buddy.pfn.buddy(buddy.order), order: buddy.order };
    let halves = [block, buddy];
    let wrong = halves.map(|half| (Claim::Start(half.pfn), Mistake::KeepsAddress)).to_vec();
    at.choice(Ask::MergeStart { halves }, Claim::Start(merged.pfn), wrong, 1).about(&halves).sorted()
}

/// How far a freed block merges.
fn merge_to(at: &At) -> Option<Question> {
    let StepKind::FreeRequest { zone, block, name, .. } = at.next else { return None };
    let has_cpu = at.find(|kind| matches!(kind, StepKind::PcpPut { .. }).then_some(()));
    if has_cpu.is_some() {
        return None;
    }
    let (put, steps) = at.find(|kind| match kind {
        StepKind::PutBlock { block, .. } => Some(*block),
        _ => None,
    })?;
    let buddy = put.pfn.buddy(put.order);
    let any = rules::merge_with_any(at.machine, zone, block);
    let mut wrong = vec![
        (Claim::Order(block.order), Mistake::NoMerge),
        (Claim::Order(any), Mistake::AnyNeighbour { buddy }),
        (Claim::Order(Order::MAX), Mistake::AllTheWay { order: put.order }),
    ];
    let one =
        if put.order > block.order { Mistake::OneMerge } else { Mistake::AllTheWay { order: put.order } };
    wrong.extend(block.order.up().map(|up| (Claim::Order(up), one)));
    let right = Claim::Order(put.order);
    at.choice(Ask::MergeTo { who: name.and_then(known), block }, right, wrong, steps).about(&[block]).sorted()
}

/// At which end of its list a block is put.
fn put(at: &At) -> Option<Question> {
    let StepKind::PutBlock { zone, block, migratetype, tail } = at.next else { return None };
    let right = if tail { End::Tail } else { End::Head };
    let wrong = vec![
        (Claim::End(End::Head), Mistake::AlwaysHead),
        (Claim::End(End::Tail), Mistake::AlwaysTail),
        (Claim::End(End::Sorted), Mistake::SortedByAddress),
    ];
    let ask = Ask::Put { block, zone, migratetype };
    at.choice(ask, Claim::End(right), wrong, 1).about(&[block]).sorted()
}

/// Which zone serves a request, if any.
fn served(at: &At) -> Option<Question> {
    let StepKind::Request { name, order, highest_zone, flags, cpu, .. } = at.request()? else { return None };
    let machine = at.machine;
    let (zone, steps) = at.find(|kind| match *kind {
        StepKind::Handed { zone, .. } => Some(Some(zone)),
        StepKind::Failed { .. } => Some(None),
        _ => None,
    })?;
    let all: Vec<ZoneId> = machine.zone_ids().collect();
    let many = all.len() > 1;
    let ask = Ask::Served { who: known(name), order, many };
    let free: u64 =
        machine.zones().iter().filter(|z| z.kind <= highest_zone).map(|z| z.nr_free_pages.0).sum();
    let pages = Order::new(order).map_or(u64::MAX, |order| u64::from(order.pages()));
    let shown = free.min(u64::from(u32::MAX)) as u32;
    let failing = if order > Order::MAX.get() {
        Mistake::TooLarge
    } else if free >= pages {
        Mistake::PagesAreEnough { free: shown }
    } else {
        Mistake::TooLittle { free: shown }
    };
    if !many {
        let mistake = if zone.is_some() { Mistake::StopsAtOne } else { failing };
        let wrong = vec![(Claim::Served(zone.is_none()), mistake)];
        return at.choice(ask, Claim::Served(zone.is_some()), wrong, steps).sorted();
    }
    let mut allowed = machine.zonelist_of(cpu, flags);
    let mems = machine.processes().cpuset_of_current().map(|cpuset| cpuset.mems);
    let is_outside = |id: ZoneId| mems.is_some_and(|mems| !mems.has(machine.zone(id).node));
    let leaves = zone.is_some_and(is_outside);
    let outside: Vec<ZoneId> = allowed.iter().copied().filter(|id| is_outside(*id)).collect();
    let outside = rules::most_free(machine, &outside).filter(|_| !leaves);
    if !leaves {
        allowed.retain(|id| !is_outside(*id));
    }
    let says = |zone: Option<ZoneId>, mistake: Mistake| zone.map(|zone| (Claim::Zone(Some(zone)), mistake));
    let above = all.iter().copied().rev().find(|id| machine.zone(*id).kind > highest_zone);
    let node = |id: ZoneId| machine.zone(id).node;
    let own = allowed.first().map(|first| node(*first));
    let is_own = |id: &ZoneId| Some(node(*id)) == own;
    let elsewhere =
        allowed.iter().copied().find(|id| !is_own(id)).filter(|_| zone.as_ref().is_some_and(is_own));
    let wrong = if zone.is_some() {
        vec![
            says(allowed.first().copied(), Mistake::HighestServes),
            says(above, Mistake::AboveLimit),
            says(elsewhere, Mistake::OtherNode),
            says(rules::most_free(machine, &allowed), Mistake::MostFree),
            says(allowed.iter().copied().rfind(is_own), Mistake::LowestFirst),
            says(outside, Mistake::CpusetForbids),
            Some((Claim::Zone(None), if leaves { Mistake::CpusetHolds } else { Mistake::StopsAtOne })),
        ]
    } else {
        vec![
            says(outside, Mistake::CpusetForbids),
            says(rules::most_free(machine, &allowed), failing),
            says(above, Mistake::AboveLimit),
            says(allowed.first().copied(), failing),
        ]
    };
    at.choice(ask, Claim::Zone(zone), wrong.into_iter().flatten().collect(), steps).sorted()
}

/// Whether a mark lets a request pass.
fn watermark(at: &At) -> Option<Question> {
    let StepKind::Watermark { zone, order, mark, flags, free, min, reserve, verdict } = at.next else {
        return None;
    };
    if flags.has(AllocFlags::NO_WATERMARKS) {
        return None;
    }
    let z = at.machine.zone(zone);
    let need = min + reserve;
    // An urgent single page is measured without the boost.
    let lowered = flags.has(AllocFlags::MIN_RESERVE) || flags.has(AllocFlags::OOM);
    let pages = if lowered { z.wmark_pages(mark) } else { min };
    let ask = Ask::Watermark(Measured { zone, order, mark, pages, min, reserve, free });
    let enough = if free <= pages + reserve && lowered {
        Mistake::IgnoresRights { min }
    } else {
        Mistake::Enough { need }
    };
    let too_few = if free > min {
        Mistake::IgnoresReserve { need }
    } else if free == need {
        Mistake::AtLeast { need }
    } else {
        Mistake::NotEnough { need }
    };
    let mut wrong = match verdict {
        WatermarkVerdict::Ok => vec![(Claim::Passes(WatermarkVerdict::TooFew), enough)],
        WatermarkVerdict::TooFew => vec![(Claim::Passes(WatermarkVerdict::Ok), too_few)],
        WatermarkVerdict::NoBlock => vec![
            (Claim::Passes(WatermarkVerdict::Ok), Mistake::NoLargeBlock { order }),
            (Claim::Passes(WatermarkVerdict::TooFew), enough),
        ],
    };
    if order > Order::ZERO {
        let mistake = if verdict == WatermarkVerdict::Ok { Mistake::HasBlock } else { too_few };
        wrong.push((Claim::Passes(WatermarkVerdict::NoBlock), mistake));
    }
    at.choice(ask, Claim::Passes(verdict), wrong, 1).sorted()
}

/// Where a request's block comes from when the CPUs have lists.
fn source(at: &At) -> Option<Question> {
    let StepKind::Request { name, order, migratetype, cpu, .. } = at.next else { return None };
    let order = Order::new(order)?;
    if !at.machine.has_pcp() {
        return None;
    }
    let ((source, zone), steps) = at.find(|kind| match *kind {
        StepKind::PcpTake { zone, .. } => Some((Source::OwnList, zone)),
        StepKind::PcpEmpty { zone, .. } => Some((Source::Refill, zone)),
        StepKind::Handed { zone, .. } => Some((Source::FreeLists, zone)),
        _ => None,
    })?;
    // A refill may bring nothing.
    at.find(|kind| matches!(kind, StepKind::Handed { .. }).then_some(()))?;
    if source == Source::Refill
        && at.find(|kind| matches!(kind, StepKind::PcpTake { .. }).then_some(())).is_none()
    {
        return None;
    }
    let index = PerCpuPages::index_of(order, migratetype);
    let blocks = at.machine.zone(zone).pcp(cpu).list(index).len();
    let (own, refill, free) = match source {
        Source::OwnList => (Mistake::PastCpu, Mistake::CpuListHas { blocks }, Mistake::PastCpu),
        Source::Refill => (Mistake::CpuListEmpty, Mistake::PastCpu, Mistake::PastCpu),
        Source::FreeLists => {
            let large = Mistake::TooLargeForCpu { order };
            (large, large, large)
        }
    };
    let wrong = vec![
        (Claim::Source(Source::OwnList), own),
        (Claim::Source(Source::Refill), refill),
        (Claim::Source(Source::FreeLists), free),
    ];
    at.choice(Ask::Source { who: known(name), cpu, order }, Claim::Source(source), wrong, steps).sorted()
}

/// Which of the next requests is the first to fail: runs the engine ahead on a copy.
fn fails(at: &At) -> Option<Question> {
    /// A free of so many blocks is not waited for.
    const MOST_UNITS: u32 = 64;
    let cursor = at.moment.cursor;
    if cursor.step > 0 {
        return None;
    }
    let mut machine = at.machine.clone();
    let mut asked: Vec<(NameId, u8)> = Vec::new();
    let (mut steps, mut found) = (0, None);
    let (mut limit, mut end) = (ZoneKind::Dma, 0);
    for op in at.moment.scenario.ops.iter().skip(cursor.op as usize) {
        if let Op::Alloc { name, order, gfp, .. } = &op.op {
            if asked.len() == MOST_REQUESTS || asked.iter().any(|(other, _)| other == name) {
                break;
            }
            asked.push((*name, *order));
            limit = limit.max(machine.highest_zone(gfp.flags));
        } else if !matches!(op.op, Op::Free { .. }) {
            break;
        }
        let mut units = 0;
        loop {
            let mut run: Vec<Step> = Vec::new();
            let more = machine.run_unit(&op.op, &mut run) == UnitEnd::More;
            let failed = run.iter().position(|step| matches!(step.kind, StepKind::Failed { .. }));
            if found.is_none() {
                end = steps + failed.map_or(run.len(), |at| at + 1);
                found = failed.and(asked.last().copied());
            }
            steps += run.len();
            units += 1;
            if !more {
                break;
            }
            if units == MOST_UNITS {
                return None;
            }
        }
    }
    let right = found?;
    if asked.len() < 2 {
        return None;
    }
    let zones = at.machine.zones().iter().filter(|zone| zone.kind <= limit);
    let free: u64 = zones.map(|zone| zone.nr_free_pages.0).sum();
    let shown = free.min(u64::from(u32::MAX)) as u32;
    let orders: Vec<u8> = asked.iter().map(|(_, order)| *order).collect();
    let name = |at: Option<usize>| Claim::Name(at.map(|at| asked[at]));
    let sum = match rules::first_beyond_sum(free, &orders) {
        Some(first) => (name(Some(first)), Mistake::PagesAreEnough { free: shown }),
        None => (name(None), Mistake::PagesAreEnough { free: shown }),
    };
    let mut wrong = vec![sum, (name(rules::largest_request(&orders)), Mistake::LargestFails)];
    let fails = asked.iter().position(|other| *other == right).unwrap_or(0);
    wrong.extend(asked.iter().enumerate().map(|(at, other)| {
        let mistake = if at < fails { Mistake::ServedFirst } else { Mistake::FailsEarlier };
        (Claim::Name(Some(*other)), mistake)
    }));
    wrong.push((name(None), Mistake::NoneFails));
    // In the order in which they ask.
    let draft = at.choice(Ask::Fails { requests: asked.len() as u32 }, Claim::Name(Some(right)), wrong, end);
    let mut choices = draft.choices;
    let place = |claim: &Claim| match claim {
        Claim::Name(Some(request)) => asked.iter().position(|other| other == request).unwrap_or(0),
        _ => asked.len(),
    };
    mm::sort::by_key(&mut choices, |choice| place(&choice.claim) as u64);
    Draft { choices, ..draft }.finish(false)
}
