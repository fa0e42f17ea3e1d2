//! A scenario, ready to run: what the engine is given, and what the screen says beside it.

use std::sync::Arc;

use mm::config::{Config, Rules};
use mm::op::Op;
use mm::slab::Era;
use mm::units::Pfn;

use crate::ast::Phrase;
use crate::lang::Lang;

/// How deep loops may nest.
pub const MAX_LOOP_DEPTH: usize = 4;

/// A machine and what happens on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scenario {
    /// What it is called.
    pub title: Option<Phrase>,
    /// The machine; [`mm::Machine::boot`] accepts it.
    pub config: Config,
    /// What happens, loops unrolled.
    pub ops: Vec<ScenarioOp>,
    /// The names, by [`mm::op::NameId`].
    pub names: Vec<String>,
    /// The labels of contiguous areas, by number.
    pub areas: Vec<String>,
    /// The labels of pools of devices, by number.
    pub pools: Vec<String>,
    /// Sentences bound to ops, by rising op.
    pub captions: Vec<Caption>,
    /// What the picture has to admit.
    pub notes: Vec<Note>,
}

/// One op and the line it comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScenarioOp {
    /// What happens.
    pub op: Op,
    /// The line, from 1.
    pub line: u32,
    /// The values of the variables of the loops around it, outermost first.
    pub turns: Turns,
    /// The frame that a real kernel handed out for this request.
    pub real: Option<Pfn>,
}

/// The values of loop variables: which turn an op comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Turns {
    values: [u32; MAX_LOOP_DEPTH],
    len: u8,
}

impl Turns {
    /// The values, outermost loop first; none outside every loop.
    #[must_use]
    pub fn values(&self) -> &[u32] {
        &self.values[..usize::from(self.len)]
    }

    /// One loop deeper. Past [`MAX_LOOP_DEPTH`] the value is left out.
    pub(crate) fn with(mut self, value: u32) -> Turns {
        if let Some(slot) = self.values.get_mut(usize::from(self.len)) {
            *slot = value;
            self.len += 1;
        }
        self
    }
}

/// A sentence of the author.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caption {
    /// The op it is said before; the number of ops for one at the very end.
    pub op: u32,
    /// Its line, from 1.
    pub line: u32,
    /// The sentence.
    pub say: Arc<Phrase>,
}

impl Scenario {
    /// The ops as the engine takes them.
    pub fn engine_ops(&self) -> impl ExactSizeIterator<Item = &Op> {
        self.ops.iter().map(|op| &op.op)
    }

    /// What a name of the engine is called; empty for one that the scenario does not have.
    #[must_use]
    pub fn name(&self, name: mm::op::NameId) -> &str {
        let of_kernel = name.kernel_name().unwrap_or("");
        self.names.get(name.0 as usize).map_or(of_kernel, String::as_str)
    }

    /// The title in a language; empty without one.
    #[must_use]
    pub fn title(&self, lang: Lang) -> &str {
        self.title.as_ref().map_or("", |title| title.in_lang(lang))
    }

    /// The sentences said before op `op`, or at the end when there is no such op.
    pub fn captions_at(&self, op: u32) -> impl Iterator<Item = &Phrase> {
        let from = self.captions.partition_point(|caption| caption.op < op);
        self.captions[from..].iter().take_while(move |caption| caption.op == op).map(|caption| &*caption.say)
    }

    /// The newest sentence when `ops` ops have begun: the one to show below the picture.
    #[must_use]
    pub fn caption(&self, op: u32) -> Option<&Phrase> {
        let end = self.captions.partition_point(|caption| caption.op <= op);
        self.captions[..end].last().map(|caption| &*caption.say)
    }

    /// What the picture has to admit: whose rules, what is invented, what is simplified.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

/// What the picture has to admit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Note {
    /// As in this kernel.
    AsIn(Rules),
    /// The scenario gives the first free lists, a real kernel's or its author's.
    GivenLists,
    /// The frames that a real kernel handed out stand beside the model's.
    RealAnswers,
    /// The counts are real, the places are not.
    PositionsInvented,
    /// The sizes of the zones are not real either.
    ZonesInvented,
    /// Objects come from classic SLAB: that of 2.6, or that of 6.1.
    ClassicSlab(Era),
    /// The kernel does more than this.
    Simplified(Simplification),
}

/// Where the model is simpler than the kernel.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Simplification {
    /// No per-CPU lists in front of the free lists.
    NoPcp,
    /// No watermarks: the last page can be had.
    NoWatermarks,
    /// Nothing is reclaimed or compacted when memory runs low.
    NoReclaim,
    /// Memory is reclaimed, but not compacted.
    NoCompaction,
    /// Memory is compacted, and both scanners go frame by frame.
    LinearScan,
    /// Caches replace by LRU, and nothing is fetched ahead.
    Caches,
}

impl Note {
    /// The badge: a few words.
    #[must_use]
    pub fn label(self, lang: Lang) -> String {
        match self {
            Note::AsIn(rules) => format!("{} Linux {}", lang.pick("as in", "依照"), rules.name()),
            Note::GivenLists => lang.pick("free lists as given", "空闲链表为给定").into(),
            Note::RealAnswers => lang.pick("real answers beside", "附真实内核的结果").into(),
            Note::PositionsInvented => {
                lang.pick("positions invented, counts real", "位置虚构，数量真实").into()
            }
            Note::ZonesInvented => lang.pick("zone sizes invented", "内存区大小虚构").into(),
            Note::ClassicSlab(Era::Linux2_6) => lang.pick("SLAB as in 2.6", "SLAB 依照 2.6").into(),
            Note::ClassicSlab(Era::Linux6_1) => lang.pick("SLAB, removed in 6.8", "SLAB，6.8 已移除").into(),
            Note::Simplified(Simplification::NoPcp) => {
                lang.pick("simplified: no per-CPU lists", "简化：无 pcp").into()
            }
            Note::Simplified(Simplification::NoWatermarks) => {
                lang.pick("simplified: no watermarks", "简化：无水位线").into()
            }
            Note::Simplified(Simplification::NoReclaim) => {
                lang.pick("simplified: no reclaim", "简化：不回收内存").into()
            }
            Note::Simplified(Simplification::NoCompaction) => {
                lang.pick("simplified: no compaction", "简化：不规整内存").into()
            }
            Note::Simplified(Simplification::LinearScan) => {
                lang.pick("simplified: scans go in order", "简化：只按顺序扫描").into()
            }
            Note::Simplified(Simplification::Caches) => {
                lang.pick("simplified: no prefetch", "简化：无预取").into()
            }
        }
    }

    /// The reason: one sentence.
    #[must_use]
    pub fn reason(self, lang: Lang) -> String {
        match self {
            Note::AsIn(rules) => match lang {
                Lang::En => format!("Every decision follows the source of Linux {}.", rules.name()),
                Lang::Zh => format!("每一个决定都依照 Linux {} 的源代码。", rules.name()),
            },
            Note::GivenLists => lang
                .pick(
                    "The scenario says what is on the free lists at first; who has the other frames is not known.",
                    "场景给出了最初的空闲链表；其余页框归谁使用并不清楚。",
                )
                .into(),
            Note::RealAnswers => lang
                .pick(
                    "Beside the model's answer stands the frame that a real kernel handed out for the same request.",
                    "模型的结果旁边，是真实内核对同一请求给出的页框。",
                )
                .into(),
            Note::PositionsInvented => lang
                .pick(
                    "/proc/buddyinfo has counts only, so the places of the free blocks are drawn from the seed.",
                    "/proc/buddyinfo 只有数量，空闲块的位置是按随机种子摆放的。",
                )
                .into(),
            Note::ZonesInvented => lang
                .pick(
                    "/proc/buddyinfo does not say how large a zone is: each is as small as its free blocks allow.",
                    "/proc/buddyinfo 不说明内存区有多大：这里取放得下这些空闲块的最小值。",
                )
                .into(),
            Note::ClassicSlab(era) => match (era, lang) {
                (Era::Linux2_6, Lang::En) => {
                    "Objects come from the SLAB of 2.6, with its colours and size-N caches; Linux 6.8 removed SLAB.".into()
                }
                (Era::Linux2_6, Lang::Zh) => {
                    "对象来自 2.6 的 SLAB，有着色和 size-N 缓存；Linux 6.8 移除了 SLAB。".into()
                }
                (Era::Linux6_1, Lang::En) => {
                    "Objects come from classic SLAB instead of SLUB: Linux 6.5 deprecated it and 6.8 removed it.".into()
                }
                (Era::Linux6_1, Lang::Zh) => {
                    "对象来自经典的 SLAB，不是 SLUB：Linux 6.5 弃用它，6.8 移除了它。".into()
                }
            },
            Note::Simplified(Simplification::NoPcp) => lang
                .pick(
                    "A real kernel serves orders 0 to 3 and 9 from per-CPU lists first; here every request goes to the free lists.",
                    "真实内核的 0 到 3 阶和 9 阶请求先由每 CPU 页链表（pcp）满足；这里的请求都直接找空闲链表。",
                )
                .into(),
            Note::Simplified(Simplification::NoReclaim) => lang
                .pick(
                    "When memory runs low, a real kernel reclaims and compacts before it kills or a request fails; here it does neither.",
                    "内存不足时，真实内核会先回收、规整，不行才杀进程或让请求失败；这里两样都不做。",
                )
                .into(),
            Note::Simplified(Simplification::NoCompaction) => lang
                .pick(
                    "For requests of several pages a real kernel also moves pages together; here only reclaim makes room for them.",
                    "遇到多页请求，真实内核还会把零散的页挪到一起；这里只靠回收腾地方。",
                )
                .into(),
            Note::Simplified(Simplification::LinearScan) => lang
                .pick(
                    "A real kernel first looks for pages and room where chances are good; here both scanners of compaction go frame by frame.",
                    "真实内核会先到希望大的地方找页和空位；这里规整的两个扫描器都逐个页框前进。",
                )
                .into(),
            Note::Simplified(Simplification::Caches) => lang
                .pick(
                    "Caches here replace by LRU and fetch nothing ahead; what an access costs is the sum of its levels.",
                    "这里的缓存按 LRU 替换，不预取；一次访问的代价是所查各级之和。",
                )
                .into(),
            Note::Simplified(Simplification::NoWatermarks) => lang
                .pick(
                    "A real kernel keeps some pages back and reclaims before it fails; here the last page can be had.",
                    "真实内核会留下一些页，失败之前还会先回收内存；这里可以一直用到最后一页。",
                )
                .into(),
        }
    }
}

/// A name that is not used yet, for a block that is asked for on the screen: `a` to `z`, then `a1`, `b1`, …
#[must_use]
pub fn fresh_name(scenario: &Scenario) -> String {
    // `b[3]` makes `b` taken as well: the two would be hard to tell apart.
    let is_taken = |name: &str| {
        let rests = scenario.names.iter().filter_map(|taken| taken.strip_prefix(name));
        rests.into_iter().any(|rest| rest.is_empty() || rest.starts_with('['))
    };
    let mut round = String::new();
    for next in 1u32.. {
        for letter in 'a'..='z' {
            let name = format!("{letter}{round}");
            if !is_taken(&name) {
                return name;
            }
        }
        round = next.to_string();
    }
    String::new()
}
