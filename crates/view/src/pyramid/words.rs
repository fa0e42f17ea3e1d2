//! The few words on the picture, in both languages, longest first: what does not fit is said shorter.

use mm::mmzone::Mark;
use mm::page::{Block, MigrateType};
use mm::step::{BuddyVerdict, WatermarkVerdict};
use mm::{CpuId, NrPages, Order, Pfn};
use scenario::Lang;

use super::memory::Kept;
use crate::narrate::num;
use crate::scene::Ring;

/// Everything that the picture says in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Word {
    OrderHead,
    ListHead,
    WhereHead,
    Zone(String),
    WholeZone,
    PageblockHead,
    FramesHead,
    FramesHint,
    Empty,
    Folded(Order, Order),
    AllEmpty,
    LargerThanZone,
    More(u32),
    Was(Block),
    InHand(Block),
    Plain(Block),
    NewHead,
    NewTail,
    ToHead(Order),
    ToTail(Order),
    Given,
    ToCaller,
    ComesBack,
    Back,
    Buddies(Block),
    CheckBuddy,
    RiseTo(Order),
    CutNext,
    TakeNext,
    MergedTimes(u32),
    StartsHere(String),
    Verdict(BuddyVerdict, Pfn),
    From(MigrateType, MigrateType),
    Claimed(MigrateType, MigrateType),
    TypeName(MigrateType),
    Wants(Order),
    TooLarge(u8),
    Sum { listed: u64, off: u64, free: u64, kept: Option<u64> },
    Measured { free: u32, mark: Mark, min: u32, reserve: u32, verdict: Option<WatermarkVerdict> },
    ToCpu(CpuId, When),
    FromCpu(CpuId, When),
    Refill(CpuId, u32),
    Refilled(CpuId, u32),
    GivesBack(CpuId, u32),
    Boosted(u32, u32),
    WakesKswapd(u8),
    MixingAllowed,
    SlowPath,
    SetAside,
    GivenUp,
    Kept(Kept),
    FreeMemory,
    HandMemory,
    NotManaged,
    Means(Ring),
}

/// Whether it was just done or comes next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum When {
    Now,
    Next,
}

/// The letter of a lane.
pub(super) fn letter(migratetype: MigrateType) -> &'static str {
    ["U", "M", "R", "H", "C", "I"][migratetype.index()]
}

fn range(b: Block) -> String {
    let first = num(b.pfn.0);
    if b.order == Order::ZERO { first } else { format!("{first} – {}", num(b.last().0)) }
}

impl Word {
    /// The same thing in fewer and fewer letters.
    pub(super) fn say(&self, lang: Lang) -> Vec<String> {
        let both = |en: &[&str], zh: &[&str]| -> Vec<String> {
            lang.pick(en, zh).iter().map(|s| (*s).to_owned()).collect()
        };
        match self {
            Word::OrderHead => both(&["order"], &["阶"]),
            Word::ListHead => {
                both(&["free list, head → tail", "free list"], &["空闲链表，头 → 尾", "空闲链表"])
            }
            Word::WhereHead => {
                both(&["where each free block lies", "where it lies"], &["每个空闲块的真实地址", "真实地址"])
            }
            Word::Zone(name) => match lang {
                Lang::En => vec![format!("zone {name}"), name.clone()],
                Lang::Zh => vec![format!("{name} 区"), name.clone()],
            },
            Word::WholeZone => both(&["the whole zone", "zone"], &["整个区", "整区"]),
            Word::PageblockHead => both(&["pageblocks"], &["pageblock 类型", "pageblock"]),
            Word::FramesHead => both(&["frames"], &["页框"]),
            Word::FramesHint => both(&["colour: in use"], &["有颜色的在用"]),
            Word::Empty => both(&["empty"], &["空"]),
            Word::Folded(low, high) => {
                vec![if low == high { low.to_string() } else { format!("{high}–{low}") }]
            }
            Word::AllEmpty => both(&["all empty"], &["全空"]),
            Word::LargerThanZone => both(&["larger than this zone", "too large"], &["比整个区还大", "太大"]),
            Word::More(n) => match lang {
                Lang::En => vec![format!("{} more", num(*n)), format!("+{n}")],
                Lang::Zh => vec![format!("还有 {}", num(*n)), format!("+{n}")],
            },
            Word::Was(b) => match lang {
                Lang::En => {
                    vec![format!("was {}", range(*b)), format!("was {}", num(b.pfn.0)), "was".to_owned()]
                }
                Lang::Zh => {
                    vec![format!("原来是 {}", range(*b)), format!("原 {}", num(b.pfn.0)), "原".to_owned()]
                }
            },
            Word::InHand(b) => match lang {
                Lang::En => {
                    vec![format!("{} in hand", range(*b)), format!("{} in hand", num(b.pfn.0)), num(b.pfn.0)]
                }
                Lang::Zh => {
                    vec![format!("{} 在手中", range(*b)), format!("{} 在手中", num(b.pfn.0)), num(b.pfn.0)]
                }
            },
            Word::Plain(b) if b.order.get() >= 7 => vec![range(*b), num(b.pfn.0)],
            Word::Plain(b) => vec![num(b.pfn.0)],
            Word::NewHead => both(&["new head"], &["新的头", "新头"]),
            Word::NewTail => both(&["new tail"], &["新的尾", "新尾"]),
            Word::ToHead(order) => match lang {
                Lang::En => vec![format!("next: head of list {order}"), "next: head".to_owned()],
                Lang::Zh => vec![format!("下一步：放到 {order} 阶的头"), "下一步：头".to_owned()],
            },
            Word::ToTail(order) => match lang {
                Lang::En => vec![format!("next: tail of list {order}"), "next: tail".to_owned()],
                Lang::Zh => vec![format!("下一步：放到 {order} 阶的尾"), "下一步：尾".to_owned()],
            },
            Word::Given => both(&["to the caller"], &["交给调用者"]),
            Word::ToCaller => both(&["next: to the caller", "next"], &["下一步：交给调用者", "下一步"]),
            Word::Back => both(&["given back", "back"], &["还回来了", "还回"]),
            Word::ComesBack => both(&["next: given back", "next"], &["下一步：还回来", "下一步"]),
            Word::Buddies(b) => {
                let half = 1u32 << (b.order.get().max(1) - 1);
                let sum = format!("{} ⊕ {half} = {}", b.pfn, b.pfn.0 ^ half);
                vec![lang.pick(format!("buddies: {sum}"), format!("伙伴：{sum}")), sum]
            }
            Word::CheckBuddy => both(
                &["next: look at its buddy", "next: its buddy"],
                &["下一步：看它的伙伴", "下一步：看伙伴"],
            ),
            Word::RiseTo(order) => match lang {
                Lang::En => vec![format!("next: up to order {order}"), "next: up".to_owned()],
                Lang::Zh => vec![format!("下一步：升到 {order} 阶"), format!("升到 {order} 阶")],
            },
            Word::CutNext => both(&["next: cut in two", "next: cut"], &["下一步：一分为二", "下一步：切开"]),
            Word::TakeNext => both(&["next: take the head", "next"], &["下一步：取表头", "下一步"]),
            Word::MergedTimes(n) => match (lang, n) {
                (Lang::En, 1) => vec!["merged once".to_owned()],
                (Lang::En, 2) => vec!["merged twice".to_owned()],
                (Lang::En, n) => vec![format!("merged {n} times"), format!("merged {n}×")],
                (Lang::Zh, 2) => vec!["已并两次".to_owned()],
                (Lang::Zh, n) => vec![format!("已并 {n} 次")],
            },
            Word::StartsHere(name) => match lang {
                Lang::En => vec![format!("{name} starts here"), name.clone()],
                Lang::Zh => vec![format!("{name} 从这里开始"), name.clone()],
            },
            Word::Verdict(verdict, buddy) => {
                let why = match verdict {
                    BuddyVerdict::Yes => lang.pick("free, same order", "空闲、同阶").to_owned(),
                    BuddyVerdict::NoMemory => lang.pick("no such memory", "没有这块内存").to_owned(),
                    BuddyVerdict::InUse => lang.pick("in use", "在用").to_owned(),
                    BuddyVerdict::OtherOrder(order) => match lang {
                        Lang::En => format!("order {order}, not the same"),
                        Lang::Zh => format!("是 {order} 阶，不同阶"),
                    },
                    BuddyVerdict::OtherZone => lang.pick("another zone", "别的 zone").to_owned(),
                    BuddyVerdict::OtherType { ours, theirs } => {
                        format!("{} ≠ {}", letter(*ours), letter(*theirs))
                    }
                };
                let mark = if *verdict == BuddyVerdict::Yes { "✓" } else { "✕" };
                match lang {
                    Lang::En => vec![format!("{mark} buddy {buddy}: {why}"), format!("{mark} {why}")],
                    Lang::Zh => vec![format!("{mark} 伙伴 {buddy}：{why}"), format!("{mark} {why}")],
                }
            }
            Word::From(from, to) => {
                let short = format!("{} → {}", letter(*from), letter(*to));
                let long = format!("{} → {}", type_name(*from, lang), type_name(*to, lang));
                vec![long, short]
            }
            Word::Claimed(from, to) => {
                let short = format!("{} → {}", letter(*from), letter(*to));
                let long = format!("{} → {}", type_name(*from, lang), type_name(*to, lang));
                vec![lang.pick(format!("pageblock {long}"), format!("pageblock：{long}")), long, short]
            }
            Word::TypeName(t) => {
                vec![format!("{} {}", letter(*t), type_name(*t, lang)), letter(*t).to_owned()]
            }
            Word::Wants(order) => {
                let pages = order.pages();
                let bytes = NrPages(pages.into()).bytes();
                match (lang, pages) {
                    (Lang::En, 1) => vec![format!("wants one frame ({bytes})"), bytes.to_string()],
                    (Lang::En, _) => vec![
                        format!("wants {} frames in a row ({bytes})", num(pages)),
                        format!("{} frames ({bytes})", num(pages)),
                        bytes.to_string(),
                    ],
                    (Lang::Zh, _) => {
                        vec![format!("要连续 {} 页（{bytes}）", num(pages)), bytes.to_string()]
                    }
                }
            }
            Word::TooLarge(order) => match lang {
                Lang::En => vec![format!("✕ order {order}: the largest is 10"), format!("✕ {order} > 10")],
                Lang::Zh => vec![format!("✕ {order} 阶：最大是 10"), format!("✕ {order} > 10")],
            },
            Word::Sum { listed, off, free, kept } => {
                let (l, h, f) = (num(*listed), num(*off), num(*free));
                let mark = if listed + off == *free { "✓" } else { "✕" };
                // With per-CPU lists it may be a refill that has not ended, too.
                let (en, zh) = if kept.is_some() { ("on the way", "途中") } else { ("in hand", "手中") };
                let mut all = match (lang, off) {
                    (Lang::En, 0) => vec![
                        format!("{mark} {l} on lists = {f} free"),
                        format!("{mark} {l} listed = {f} free"),
                        format!("{mark} {l} = {f}"),
                    ],
                    (Lang::En, _) => vec![
                        format!("{mark} {l} on lists + {h} {en} = {f} free"),
                        format!("{mark} {l} listed + {h} {en} = {f} free"),
                        format!("{mark} {l} + {h} {en} = {f}"),
                        format!("{mark} {l} + {h} = {f}"),
                    ],
                    (Lang::Zh, 0) => {
                        vec![format!("{mark} 链上 {l} = 空闲 {f}"), format!("{mark} {l} = {f}")]
                    }
                    (Lang::Zh, _) => vec![
                        format!("{mark} 链上 {l} + {zh} {h} = 空闲 {f}"),
                        format!("{mark} {l} + {h} = {f}"),
                    ],
                };
                if let Some(kept) = kept {
                    let kept = num(*kept);
                    let with = |text: &String| match lang {
                        Lang::En => format!("{text} · CPUs keep {kept}"),
                        Lang::Zh => format!("{text} · CPU 留 {kept}"),
                    };
                    all.insert(0, with(&all[0]));
                }
                all
            }
            Word::Measured { free, mark, min, reserve, verdict } => {
                let sign = match verdict {
                    None => "",
                    Some(WatermarkVerdict::Ok) => "✓ ",
                    Some(WatermarkVerdict::TooFew | WatermarkVerdict::NoBlock) => "✕ ",
                };
                let than = match verdict {
                    None => "?",
                    Some(WatermarkVerdict::TooFew) => "≤",
                    Some(WatermarkVerdict::Ok | WatermarkVerdict::NoBlock) => ">",
                };
                let (free, min, reserve) = (num(*free), num(*min), num(*reserve));
                let mark = mark.name();
                let mut all = match lang {
                    Lang::En => vec![format!("{sign}{free} free {than} {mark} {min} + reserve {reserve}")],
                    Lang::Zh => vec![format!("{sign}空闲 {free} {than} {mark} {min} + 保留 {reserve}")],
                };
                if *verdict == Some(WatermarkVerdict::NoBlock) {
                    let text = lang.pick("✕ enough, but no block", "✕ 够，但没有块");
                    all = vec![text.to_owned()];
                }
                all.push(format!("{sign}{free} {than} {min} + {reserve}"));
                all
            }
            Word::ToCpu(cpu, When::Now) => match lang {
                Lang::En => vec![format!("to CPU {}'s list", cpu.0), format!("to CPU {}", cpu.0)],
                Lang::Zh => vec![format!("归 CPU {} 的链表", cpu.0), format!("归 CPU {}", cpu.0)],
            },
            Word::ToCpu(cpu, When::Next) => match lang {
                Lang::En => vec![format!("next: to CPU {}'s list", cpu.0), format!("next: CPU {}", cpu.0)],
                Lang::Zh => {
                    vec![format!("下一步：归 CPU {} 的链表", cpu.0), format!("下一步：CPU {}", cpu.0)]
                }
            },
            Word::FromCpu(cpu, When::Now) => match lang {
                Lang::En => vec![format!("off CPU {}'s list", cpu.0), format!("off CPU {}", cpu.0)],
                Lang::Zh => vec![format!("离开 CPU {} 的链表", cpu.0), format!("离开 CPU {}", cpu.0)],
            },
            Word::FromCpu(cpu, When::Next) => match lang {
                Lang::En => {
                    vec![format!("next: off CPU {}'s list", cpu.0), format!("next: off CPU {}", cpu.0)]
                }
                Lang::Zh => {
                    vec![format!("下一步：离开 CPU {} 的链表", cpu.0), format!("下一步：离开 CPU {}", cpu.0)]
                }
            },
            Word::Refill(cpu, blocks) => match lang {
                Lang::En => vec![
                    format!("CPU {} is out: refill with {}", cpu.0, num(*blocks)),
                    format!("refill {} for CPU {}", num(*blocks), cpu.0),
                ],
                Lang::Zh => vec![format!("CPU {} 空了，补 {} 块", cpu.0, num(*blocks))],
            },
            Word::Refilled(cpu, blocks) => match lang {
                Lang::En => vec![format!("CPU {} got {}: no longer free", cpu.0, num(*blocks))],
                Lang::Zh => vec![format!("CPU {} 补到 {} 块，不再算空闲", cpu.0, num(*blocks))],
            },
            Word::GivesBack(cpu, pages) => match lang {
                Lang::En => vec![format!("CPU {} gives back {}", cpu.0, num(*pages))],
                Lang::Zh => vec![format!("CPU {} 退回 {} 页", cpu.0, num(*pages))],
            },
            Word::Boosted(boost, max) => match lang {
                Lang::En => vec![format!("marks + {} of at most {}", num(*boost), num(*max))],
                Lang::Zh => vec![format!("水位抬高 {}，最多 {}", num(*boost), num(*max))],
            },
            Word::WakesKswapd(node) => match lang {
                Lang::En => vec![format!("kswapd of node {node} is woken"), "kswapd is woken".to_owned()],
                Lang::Zh => vec![format!("唤醒节点 {node} 的 kswapd"), "唤醒 kswapd".to_owned()],
            },
            Word::MixingAllowed => both(&["types may be mixed now"], &["现在允许类型混杂"]),
            Word::SlowPath => both(&["slow path: min counts"], &["慢速路径：看 min"]),
            Word::SetAside => {
                both(&["set aside: HIGHATOMIC", "HIGHATOMIC"], &["预留：HIGHATOMIC", "HIGHATOMIC"])
            }
            Word::GivenUp => both(&["reserve given up"], &["预留取消"]),
            Word::Kept(kept) => match kept {
                Kept::Unknown => both(&["in use"], &["在用"]),
                Kept::Unmovable => both(&["unmovable"], &["不可移动"]),
                Kept::Movable => both(&["movable"], &["可移动"]),
                Kept::Reclaimable => both(&["reclaimable"], &["可回收"]),
                Kept::Anon => both(&["anonymous"], &["匿名"]),
                Kept::File => both(&["file"], &["文件"]),
                Kept::Pcp => both(&["kept by a CPU"], &["CPU 留着"]),
            },
            Word::FreeMemory => both(&["free"], &["空闲"]),
            Word::HandMemory => both(&["in hand"], &["手中"]),
            Word::NotManaged => both(&["reserved"], &["保留"]),
            Word::Means(ring) => match ring {
                Ring::Done => both(&["just did"], &["刚才"]),
                Ring::Next => both(&["next"], &["下一步"]),
                Ring::Look => both(&["looked at"], &["正在看"]),
                Ring::Fail => both(&["failed"], &["失败"]),
            },
        }
    }
}

fn type_name(migratetype: MigrateType, lang: Lang) -> &'static str {
    match lang {
        Lang::En => {
            ["unmovable", "movable", "reclaimable", "highatomic", "CMA", "isolate"][migratetype.index()]
        }
        Lang::Zh => ["不可移动", "可移动", "可回收", "highatomic", "CMA", "isolate"][migratetype.index()],
    }
}
