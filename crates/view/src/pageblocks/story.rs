//! What a step did to the type of a pageblock, and why.

use mm::Pfn;
use mm::mmzone::ZoneId;
use mm::page::{Block, MigrateType};
use mm::step::{Step, StepKind};
use scenario::Lang;

use crate::Moment;
use crate::narrate::{num, type_name};
use crate::scene::Ring;

/// What a step did to pageblocks, or found there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Story {
    pub zone: ZoneId,
    /// The memory that it is about; none while a type is still being looked for.
    pub block: Option<Block>,
    /// The type that it had, where that is known, and the type that it has or wants.
    pub from: Option<MigrateType>,
    pub to: MigrateType,
    /// The whole pageblock changed its type.
    pub claimed: bool,
    pub ring: Ring,
    kind: StepKind,
    /// Frames of a pageblock.
    pages: u32,
}

impl Story {
    fn of(kind: &StepKind, pages: u32) -> Option<Story> {
        let story = |zone, block, from, to, claimed, ring| {
            Some(Story { zone, block, from, to, claimed, ring, kind: *kind, pages })
        };
        match *kind {
            StepKind::FallbackBegins { zone, migratetype, .. } => {
                story(zone, None, None, migratetype, false, Ring::Look)
            }
            StepKind::FallbackFound { zone, block, from, to, .. } => {
                story(zone, Some(block), Some(from), to, false, Ring::Done)
            }
            StepKind::ClaimPageblocks { zone, block, from, to } => {
                story(zone, Some(block), Some(from), to, from != to, Ring::Done)
            }
            StepKind::MoveFreePages { zone, pageblock, from, to, claimed, .. } => {
                story(zone, Some(pageblock), Some(from), to, claimed && from != to, Ring::Done)
            }
            StepKind::MoveBlock { zone, block, from, to } => {
                story(zone, Some(block), Some(from), to, false, Ring::Done)
            }
            StepKind::ReserveHighatomic { zone, pageblock, .. } => {
                story(zone, Some(pageblock), None, MigrateType::HighAtomic, true, Ring::Done)
            }
            StepKind::UnreserveHighatomic { zone, pageblock, to, .. } => {
                story(zone, Some(pageblock), Some(MigrateType::HighAtomic), to, true, Ring::Done)
            }
            StepKind::Isolate { zone, pageblock, from, .. } => {
                story(zone, Some(pageblock), Some(from), MigrateType::Isolate, true, Ring::Done)
            }
            StepKind::IsolateRefused { zone, pageblock, .. } => {
                story(zone, Some(pageblock), None, MigrateType::Isolate, false, Ring::Fail)
            }
            StepKind::Unisolate { zone, pageblock, to, .. } => {
                story(zone, Some(pageblock), Some(MigrateType::Isolate), to, true, Ring::Done)
            }
            _ => None,
        }
    }

    /// What the step that was just done says; with none, what an earlier step of the same op said, and `false`.
    pub(super) fn of_moment(moment: &Moment) -> Option<(Story, bool)> {
        let pages = moment.machine.pageblock_order().pages();
        let of = |step: &Step| Story::of(&step.kind, pages);
        let mut steps = moment.trail.iter().rev().filter(|step| of(step).is_some());
        let last = steps.next()?;
        let is_now = moment.trail.last().is_some_and(|step| of(step).is_some());
        let story = of(last)?;
        // The free block follows its pageblock: what is told is why that changed.
        if let StepKind::MoveBlock { block, .. } = last.kind
            && let Some(before) = steps.next().and_then(of)
            && before.claimed
            && before.block == Some(block)
        {
            return Some((before, is_now));
        }
        Some((story, is_now))
    }

    /// The first frame that it is about.
    pub(super) fn pfn(&self) -> Option<Pfn> {
        self.block.map(|block| block.pfn)
    }

    /// What happened, in a few words, by length.
    pub(super) fn title(&self, lang: Lang) -> Vec<String> {
        let to = type_name(self.to);
        match (self.kind, self.from) {
            (StepKind::FallbackBegins { .. }, _) => vec![
                lang.pick(format!("{to} has nothing left"), format!("{to} 已经没有空闲块")),
                lang.pick(format!("{to}: empty"), format!("{to} 空了")),
            ],
            (StepKind::FallbackFound { .. }, Some(from)) => vec![
                lang.pick(format!("{to} falls back to {from}", from = type_name(from)), {
                    format!("{to} 借用 {}", type_name(from))
                }),
                format!("{to} ← {}", type_name(from)),
            ],
            (StepKind::IsolateRefused { .. }, _) => {
                vec![lang.pick("cannot be isolated".into(), "隔离不了".into())]
            }
            (_, Some(from)) if self.claimed => {
                vec![
                    format!("{} → {to}", type_name(from)),
                    format!("{} → {}", super::letter(from), super::letter(self.to)),
                ]
            }
            (_, None) => vec![format!("→ {to}")],
            (_, Some(from)) if from == self.to => {
                vec![lang.pick(format!("stays {to}"), format!("仍是 {to}"))]
            }
            (StepKind::MoveBlock { .. }, Some(_)) => vec![
                lang.pick("the pageblock keeps its type".into(), "pageblock 类型不变".into()),
                lang.pick("keeps its type".into(), "类型不变".into()),
            ],
            (_, Some(from)) => {
                vec![lang.pick(format!("stays {}", type_name(from)), format!("仍是 {}", type_name(from)))]
            }
        }
    }

    /// Why, in sentences: the longest first.
    pub(super) fn reason(&self, lang: Lang) -> Vec<String> {
        let to = type_name(self.to);
        let half = self.pages / 2;
        match self.kind {
            StepKind::FallbackBegins { migratetype, min_order, wanted, .. } => {
                let names: Vec<&str> = migratetype.fallbacks().iter().map(|t| type_name(*t)).collect();
                let first = match lang {
                    _ if names.is_empty() => {
                        lang.pick("It falls back to no other type.", "它不借用其他类型。").to_owned()
                    }
                    Lang::En => format!("It falls back to {}, in this order.", names.join(", then ")),
                    Lang::Zh => format!("依次借用 {}。", names.join("、")),
                };
                let more = lang.pick(
                    " On this pass only whole pageblocks count, so that types do not mix.",
                    "这一轮只看整个 pageblock，免得类型混杂。",
                );
                match min_order > wanted {
                    true => vec![format!("{first}{more}"), first],
                    false => vec![first],
                }
            }
            StepKind::FallbackFound { block, from, largest, .. } => {
                let (from, order) = (type_name(from), block.order);
                let (en, zh) = if largest {
                    (
                        format!(
                            "Its largest free block, of order {order}: large ones first, so that types mix in few places."
                        ),
                        format!("{from} 最大的空闲块是 {order} 阶：先拿大的，类型混杂的地方就少。"),
                    )
                } else {
                    (
                        format!(
                            "The smallest block that will do, of order {order}: movable pages can leave again."
                        ),
                        format!("够用的最小块是 {order} 阶：可移动页以后还能搬走。"),
                    )
                };
                vec![lang.pick(en, zh)]
            }
            StepKind::ClaimPageblocks { block, .. } => {
                let order = block.order;
                vec![lang.pick(
                    format!(
                        "The free block has order {order}, no smaller than a pageblock: no page of the old type is left in it, so all of it changes."
                    ),
                    format!("空闲块是 {order} 阶，不小于 pageblock：里面不剩旧类型的页，整个改类型。"),
                )]
            }
            StepKind::MoveFreePages { free, alike, from, claimed, .. } => {
                let sum = free + alike;
                let sign = if sum >= half { "≥" } else { "<" };
                let maths = match lang {
                    Lang::En if alike > 0 => format!(
                        "{} free + {} alike {sign} {}, half of {}",
                        num(free),
                        num(alike),
                        num(half),
                        num(self.pages)
                    ),
                    Lang::En => format!("{} free {sign} {}, half of {}", num(free), num(half), num(self.pages)),
                    Lang::Zh if alike > 0 => format!(
                        "空闲 {} + 同类 {} {sign} {}（{} 的一半）",
                        num(free),
                        num(alike),
                        num(half),
                        num(self.pages)
                    ),
                    Lang::Zh => format!("空闲 {} {sign} {}（{} 的一半）", num(free), num(half), num(self.pages)),
                };
                let so = match (claimed, sum >= half) {
                    (true, true) if from == self.to => lang.pick("the type stays.", "类型不变。").to_owned(),
                    (true, true) => lang.pick("the whole pageblock changes.", "整个 pageblock 改类型。").to_owned(),
                    (true, false) => {
                        lang.pick("types are not grouped, so it changes.", "不按类型分组，直接改。").to_owned()
                    }
                    (false, _) => lang.pick(
                        format!("only its free pages go to the {to} lists, the pageblock stays {}.", type_name(from)),
                        format!("只有空闲页进 {to} 链表，pageblock 仍是 {}。", type_name(from)),
                    ),
                };
                let between = lang.pick(": ", "：");
                vec![format!("{maths}{between}{so}"), maths]
            }
            StepKind::MoveBlock { block, .. } => {
                let order = block.order;
                vec![lang.pick(
                    format!("Only the free block of order {order} went to the {to} list: too small for the whole pageblock."),
                    format!("只有这个 {order} 阶空闲块进了 {to} 链表：太小，改不了整个 pageblock。"),
                )]
            }
            StepKind::ReserveHighatomic { reserved, max, .. } => vec![
                lang.pick(
                    format!(
                        "Set aside for requests of several pages that cannot wait: {} of at most {} pages.",
                        num(reserved),
                        num(max)
                    ),
                    format!("留给不能等的多页请求：已留 {} 页，最多 {} 页。", num(reserved), num(max)),
                ),
            ],
            StepKind::UnreserveHighatomic { free, .. } => vec![lang.pick(
                format!("Given up before a request fails: {} free pages came of it.", num(free)),
                format!("请求快失败了，只好交出来：得到 {} 个空闲页。", num(free)),
            )],
            StepKind::Isolate { free, .. } => vec![lang.pick(
                format!(
                    "Taken out of use: its {} free pages are on lists that nobody takes from, and no longer count as free.",
                    num(free)
                ),
                format!("暂停使用：{} 个空闲页进了没人取的链表，不再算空闲。", num(free)),
            )],
            StepKind::IsolateRefused { unmovable, .. } => vec![lang.pick(
                format!("Page {} in it cannot be moved away.", num(unmovable.0)),
                format!("其中的 {} 号页搬不走。", num(unmovable.0)),
            )],
            StepKind::Unisolate { free, .. } => vec![lang.pick(
                format!("In use again: its {} free pages can be taken.", num(free)),
                format!("恢复使用：{} 个空闲页又能取了。", num(free)),
            )],
            _ => Vec::new(),
        }
    }
}
