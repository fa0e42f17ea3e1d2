//! Where the scanners of compaction meet, and what they take: the sentences of the questions, and the misconceptions.

use mm::compaction::Scanner;
use scenario::Lang;

use super::{Ask, Claim};
use crate::narrate::{Words, num, type_name};

/// A misconception about compaction.
#[allow(missing_docs, reason = "the sentences say it")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CompactMistake {
    InTheMiddle,
    AllTheWay,
    StopsWhenServed,
    FindsOne,
    GoesOn,
    OneSpoilsIt,
    OnlyEmptyIsRoom,
    Marked,
    OtherType(mm::page::MigrateType),
    NotMovable(mm::page::MigrateType),
    IsFree,
    Huge,
    AllStay,
    NothingFree,
}

pub(super) fn ask(lang: Lang, w: &Words, ask: &Ask) -> String {
    match *ask {
        Ask::ScannersMeet { zone, migrate, free } => {
            let (zone, migrate, free) = (w.zone(zone), num(migrate.0), num(free.0));
            lang.pick(
                format!(
                    "The scanners of zone {zone} begin at frames {migrate} and {free}. Where do they meet?"
                ),
                format!("{zone} 区的扫描器从 {migrate} 号和 {free} 号页框出发。在哪里相遇？"),
            )
        }
        Ask::BlockTaken { scanner, pageblock, used, free } => {
            let (at, used, free) = (num(pageblock.pfn.0), num(used), num(free));
            let (en, zh) = match scanner {
                Scanner::Migrate => ("migration scanner", "迁移扫描器"),
                Scanner::Free => ("free scanner", "空闲扫描器"),
            };
            lang.pick(
                format!("The {en} is at pageblock {at}: {used} used, {free} free. Does it take anything?"),
                format!("{zh}到了 {at} 号页块：在用 {used}，空闲 {free}。它取东西吗？"),
            )
        }
        _ => String::new(),
    }
}

pub(super) fn claim(lang: Lang, claim: &Claim) -> String {
    match *claim {
        Claim::Meet(Some(pfn)) => {
            let at = num(pfn.0);
            lang.pick(format!("in pageblock {at}"), format!("{at} 号页块"))
        }
        Claim::Meet(None) => lang.pick("nowhere: it stops before", "不相遇：提前停下").to_owned(),
        Claim::Takes(true) => lang.pick("yes, it takes some", "取").to_owned(),
        Claim::Takes(false) => lang.pick("no, it goes on", "不取，往前走").to_owned(),
        _ => String::new(),
    }
}

pub(super) fn mistake(lang: Lang, mistake: CompactMistake) -> String {
    use CompactMistake as M;
    let (en, zh) = match mistake {
        M::InTheMiddle => (
            "“In the middle”? One finds pages, the other room: whoever finds little goes further.",
            "“在中间”？一个找页，一个找空位：找到得少的走得远。",
        ),
        M::AllTheWay => (
            "“At the end”? There the pages that moved lie now: nothing is left to move.",
            "“在末端”？那里已经放满搬来的页，没什么可搬了。",
        ),
        M::StopsWhenServed => (
            "“Once there is a large block”? Nobody waits for one: it goes on until they meet.",
            "“有了大块就停”？没人在等大块：一直走到相遇。",
        ),
        M::FindsOne => (
            "“It finds a block before”? No piece came together on the way: they went on and met.",
            "“半路就凑出来了”？路上没有凑出一块，一直走到相遇。",
        ),
        M::GoesOn => (
            "“Until they meet”? A request only wants one block: with it, or for want of room, it stops.",
            "“走到相遇”？请求只要一块：凑出来，或没有空位，就停。",
        ),
        M::OneSpoilsIt => (
            "“One page that stays spoils it”? The others are taken all the same.",
            "“有一页不走就作废”？其余的照样取走。",
        ),
        M::OnlyEmptyIsRoom => (
            "“Only an empty pageblock is room”? Single frames are: pages move one by one.",
            "“空页块才算空位”？单个页框就行：页是一张一张搬的。",
        ),
        M::Marked => (
            "“It looks again”? It was looked at in vain not long ago, and has a mark since.",
            "“再看一次”？不久前白看过，有标记了。",
        ),
        M::OtherType(of) => {
            let of = type_name(of);
            return lang.pick(
                format!("“Any page will do”? Its type is {of}; a request in a hurry keeps to its own."),
                format!("“哪里的页都行”？它的类型是 {of}；着急的请求只看自己的类型。"),
            );
        }
        M::NotMovable(of) => {
            let of = type_name(of);
            return lang.pick(
                format!("“Room is room”? Its type is {of}: pages that move must not spoil it."),
                format!("“空位就是空位”？它的类型是 {of}：不能让搬来的页弄乱它。"),
            );
        }
        M::IsFree => (
            "“There is most room”? It is free as a whole already: that is what all this is for.",
            "“那里空位最多”？它已经整块空闲，要的正是这个。",
        ),
        M::Huge => (
            "“It can move”? It is one piece as large as the pageblock: nothing would be won.",
            "“搬得动”？它和页块一样大，搬了也没有好处。",
        ),
        M::AllStay => (
            "“Something can move”? Nothing in it: what is not free there has to stay.",
            "“总有能搬的”？没有：里面不空闲的都走不了。",
        ),
        M::NothingFree => {
            ("“There is room”? Where it looked, no frame was free.", "“有空位”？它看的地方没有空闲页框。")
        }
    };
    lang.pick(en, zh).to_owned()
}
