//! Reclaim: every kind of step in both languages, the longest, and a run that meets most of them.

use std::collections::BTreeSet;

use expect_test::expect;
use mm::mmzone::ZoneId;
use mm::op::FileOp;
use mm::process::ByteRange;
use mm::reclaim::balance::ScanBalance;
use mm::reclaim::{Batch, FileAdvice, Lru, Medium, Verdict};
use mm::step::{Kept, ReclaimStep, Reclaimer};
use mm::units::Vaddr;
use mm::xarray::SwapEntry;

use super::rules::keeps_the_rules;
use super::*;
use crate::testing::{reclaiming, short_of_memory, walk};

const P: NameId = NameId(0);
const F: NameId = NameId(1);

fn steps(pfn: Pfn, large: u32) -> Vec<ReclaimStep> {
    use ReclaimStep as S;
    let (cpu, address, entry) = (CpuId(0), Vaddr(0x7fff_f7fe_f000), SwapEntry { area: 0, offset: large });
    let (node, lru, zone) = (0, Lru::InactiveAnon, ZoneId(0));
    let file = F;
    let mut all = vec![
        S::Referenced { pfn },
        S::Deactivated { pfn },
        S::Evictable { pfn, may_go: false },
        S::Evictable { pfn, may_go: true },
        S::ReadHit { file, index: large, pfn },
        S::ReadAhead { file, index: 0, start: 0, pages: 4, mark: Some(1), missed: true },
        S::ReadAhead { file, index: large, start: large, pages: 1, mark: None, missed: true },
        S::ReadAhead { file, index: large, start: large, pages: 32, mark: Some(large), missed: false },
        S::ReadAhead { file, index: large, start: large, pages: 32, mark: None, missed: false },
        S::Refault { pfn, distance: large, size: large, activated: true, restored: true },
        S::Refault { pfn, distance: large, size: large, activated: true, restored: false },
        S::Refault { pfn, distance: large, size: large, activated: false, restored: false },
        S::DirectReclaim { order: Order::ZERO },
        S::DirectReclaimed { reclaimed: large, priority: 12 },
        S::DirectReclaimed { reclaimed: 0, priority: 0 },
        S::Isolated { node, lru, taken: 32, skipped: 0 },
        S::Isolated { node, lru: Lru::ActiveFile, taken: 32, skipped: 255 },
        S::Aged { pfn, stays: false },
        S::Aged { pfn, stays: true },
        S::AddedToSwap { pfn, entry },
        S::Unmapped { pfn, process: P, address, entry: Some(entry) },
        S::Unmapped { pfn, process: P, address, entry: None },
        S::PagedOut { pfn, entry, at_once: false },
        S::PagedOut { pfn, entry, at_once: true },
        S::Reclaimed { pfn, age: Some(large) },
        S::Reclaimed { pfn, age: None },
        S::Shrunk { node, lru, taken: 32, gone: 20, active: 5 },
        S::Shrunk { node, lru: Lru::ActiveAnon, taken: 32, gone: 31, active: 1 },
        S::Written { first: pfn, pages: large, rotated: 0 },
        S::Written { first: pfn, pages: large, rotated: large },
        S::Balance { node, balanced: None, priority: 12 },
        S::Balance { node, balanced: None, priority: 3 },
        S::Balance { node, balanced: Some(zone), priority: 12 },
        S::KswapdSleeps { node, reclaimed: large, failures: 0 },
        S::KswapdSleeps { node, reclaimed: 0, failures: 16 },
        S::NodeReclaim { node, pages: large, least: large, enough: true },
        S::NodeReclaim { node, pages: 0, least: large, enough: false },
        S::NodeReclaimed { node, reclaimed: large },
        S::Retry { order: Order::ZERO, zone: Some(zone), no_progress: 0 },
        S::Retry { order: Order::ZERO, zone: None, no_progress: 3 },
        S::Retry { order: Order::ZERO, zone: None, no_progress: 17 },
        S::SwapCacheHit { pfn, entry, read_ahead: false },
        S::SwapCacheHit { pfn, entry, read_ahead: true },
        S::SwapIn { entry, start: large, pages: 8 },
        S::SwapIn { entry, start: large, pages: 1 },
        S::SwapRead { entry, pfn },
        S::Swapped { process: P, address, pfn, entry, freed: false },
        S::Swapped { process: P, address, pfn, entry, freed: true },
        S::Dirtied { file, index: large, pfn, dirty: large },
        S::Throttled { dirty: large, limit: large },
        S::FlusherWoken { dirty: large, limit: 0 },
        S::FlusherWoken { dirty: 1, limit: large },
        S::WriteBack { file, first: large, pages: 32 },
        S::WriteBack { file, first: large, pages: 1 },
        S::Synced { file: None, pages: large },
        S::Synced { file: Some(file), pages: 1 },
        S::Dropped { pages: large, kept: 0 },
        S::Dropped { pages: large, kept: large },
        S::Advised { file, ra_pages: 0 },
        S::Advised { file, ra_pages: 64 },
        S::Cold { process: P, start: address, pages: large, pageout: false },
        S::Cold { process: P, start: address, pages: large, pageout: true },
        S::EndOfFile { file },
        S::NoPage { file },
        S::Waited { ms: 100 },
        S::Waited { ms: 5000 },
    ];
    for batch in Batch::ALL {
        all.push(S::Batched { pfn, batch, cpu, waiting: 3 });
        all.push(S::Batched { pfn, batch, cpu, waiting: 15 });
        all.push(S::Drained { cpu, batch, pages: 15 });
    }
    for (verdict, ptes, referenced) in [
        (Verdict::Reclaim, 0, false),
        (Verdict::ReclaimClean, 0, true),
        (Verdict::Keep, 1, false),
        (Verdict::Activate, 1, true),
        (Verdict::Activate, 2, false),
        (Verdict::Activate, 1, false),
        (Verdict::Activate, 0, false),
    ] {
        all.push(S::Looked { pfn, ptes, referenced, verdict });
    }
    let why = [
        Kept::Locked,
        Kept::NoSwap,
        Kept::Dirty,
        Kept::Writeback,
        Kept::Redirtied,
        Kept::PagedOut,
        Kept::Mlocked,
    ];
    all.extend(why.map(|why| S::Kept { pfn, why }));
    for (balance, counts) in [
        (ScanBalance::Fract, [large, 0, large, large]),
        (ScanBalance::Fract, [0; 4]),
        (ScanBalance::Anon, [large, 1, 0, 0]),
        (ScanBalance::File, [0, 0, large, 0]),
        (ScanBalance::Equal, [large; 4]),
    ] {
        for by in [Reclaimer::Kswapd(0), Reclaimer::Direct] {
            all.push(S::ScanCount { by, node, group: None, priority: 12, balance, counts });
        }
    }
    all
}

/// The same of control groups.
fn of_groups(large: u32) -> Vec<ReclaimStep> {
    use ReclaimStep as S;
    let (group, process, many) = (F, P, u64::from(large));
    let scan = |by| {
        let (balance, counts) = (ScanBalance::Fract, [large, 0, large, large]);
        S::ScanCount { by, node: 0, group: Some(group), priority: 12, balance, counts }
    };
    vec![
        S::GroupMade { group, max: Some(many), swap_max: None },
        S::GroupMade { group, max: None, swap_max: Some(many) },
        S::GroupJoined { process, group },
        S::GroupLimit { group, swap: false, max: Some(1), usage: many },
        S::GroupLimit { group, swap: false, max: Some(many), usage: 1 },
        S::GroupLimit { group, swap: true, max: None, usage: many },
        S::GroupOver { group, usage: many, max: many, pages: 1, times: 1 },
        S::GroupOver { group, usage: many, max: many, pages: 512, times: many },
        S::GroupDrained { group, pages: 64 },
        S::GroupReclaimed { group, reclaimed: 32, priority: 12, usage: many, max: Some(many) },
        S::GroupReclaimed { group, reclaimed: 0, priority: 0, usage: many, max: Some(many) },
        S::GroupRetried { group, rounds: 17, reclaimed: 0 },
        S::GroupRetried { group, rounds: 1, reclaimed: many },
        S::GroupRefused { group, pages: 1 },
        S::GroupRefused { group, pages: 512 },
        scan(Reclaimer::Group),
        scan(Reclaimer::Kswapd(0)),
    ]
}

/// Sentences about groups, whole, and with the largest numbers as short as they have to be.
#[test]
fn every_step_of_a_group_is_told() {
    let scenario = story(&["p", "web"]);
    let machine = mm::Machine::boot(&scenario.config).expect("boots");
    let mut texts = [String::new(), String::new()];
    for large in [10_240, 1 << 23] {
        for step in of_groups(large) {
            let kind = StepKind::Reclaim { step };
            let words = Words::of_step(&scenario, &machine, 0);
            for (lang, text) in Lang::ALL.into_iter().zip(&mut texts) {
                let ([did, next], brief) = told(lang, &words, &kind);
                for sentence in [&did, &next] {
                    keeps_the_rules(sentence, lang, &scenario.names, Some(&kind));
                }
                if large == 10_240 {
                    *text += &format!("{} | {}\n  ▸ {}\n  · {brief}\n", did.text, did.why, next.text);
                }
            }
        }
    }
    let [en, zh] = texts;
    expect![[r#"
        Group web may have 40 MiB. | What its processes ask for is charged to it, wherever it lies.
          ▸ Make group web, which may have 40 MiB.
          · group web: 40 MiB
        Group web may have as much as it likes. | What its processes ask for is charged to it, wherever it lies.
          ▸ Make group web, which may have as much as it likes.
          · group web: as much as it likes
        p is in group web. | Its pages and tables are charged to the group, and its children's.
          ▸ Put p in group web.
          · p is in group web
        Group web may have 4 KiB now. | It has 40 MiB: what is above the limit has to go.
          ▸ Let group web have 4 KiB.
          · group web: 4 KiB
        Group web may have 40 MiB now. | It has 4 KiB.
          ▸ Let group web have 40 MiB.
          · group web: 40 MiB
        Group web may have as much as it likes of swap now. | It has 40 MiB.
          ▸ Let group web have as much as it likes of swap.
          · group web: as much as it likes of swap
        web has 10,240 of 10,240 pages, and 1 more did not fit. | Whatever the machine has: the group looks in itself.
          ▸ web has 10,240 of 10,240 pages: no room for 1 more.
          · web is full: 10,240 of 10,240 pages
        web has 10,240 of 10,240 pages, and 512 more did not fit. | Whatever the machine has: the group looks in itself.
          ▸ web has 10,240 of 10,240 pages: no room for 512 more.
          · web is full: 10,240 of 10,240 pages
        64 pages charged to web ahead were given back. | A CPU charges 64 pages at once, and keeps what it does not need.
          ▸ Give back 64 pages that are charged to web ahead.
          · web: 64 pages charged ahead go back
        web has found 32 pages in itself. | It came to priority 12, and has 10,240 pages now.
          ▸ web has found 32 pages in itself.
          · web finds 32 pages in itself
        web has found nothing in itself. | All of it is in use, or there is nowhere for it to go.
          ▸ web has found nothing in itself.
          · web finds nothing in itself
        17 more rounds in web found nothing. | After 16 retries somebody of the group is killed.
          ▸ Look in web again, 17 more rounds: nothing.
          · 17 more rounds in web: nothing
        1 more round in web found 10,240 pages. | After 16 retries somebody of the group is killed.
          ▸ Look in web again, 1 more round: 10,240 pages.
          · 1 more round in web: 10,240 pages
        web has no room for 1 page: ENOMEM. | The request fails, however much the machine has.
          ▸ Refuse web 1 page: ENOMEM.
          · web has no room for 1 page
        web has no room for 512 pages: ENOMEM. | The request fails, however much the machine has.
          ▸ Refuse web 512 pages: ENOMEM.
          · web has no room for 512 pages
        The task itself scans 10,240 anon pages and 20,480 of files in web, at priority 12. | Swappiness 60 and past cost: 30 % anon.
          ▸ The task itself is to scan 10,240 anon pages and 20,480 of files in web, at priority 12.
          · priority 12: 10,240 anon pages and 20,480 of files in web
        kswapd scans 10,240 anon pages and 20,480 of files in web, at priority 12. | Swappiness 60 and past cost: 30 % anon.
          ▸ kswapd is to scan 10,240 anon pages and 20,480 of files in web, at priority 12.
          · priority 12: 10,240 anon pages and 20,480 of files in web
    "#]].assert_eq(&en);
    expect![[r#"
        控制组 web 的内存最多 40 MiB。 | 组里进程要的页都记在它账上，不管页在哪里。
          ▸ 建控制组 web：内存最多 40 MiB。
          · 控制组 web：最多 40 MiB
        控制组 web 的内存不限。 | 组里进程要的页都记在它账上，不管页在哪里。
          ▸ 建控制组 web：内存不限。
          · 控制组 web：不限
        p 在控制组 web 里。 | 它和子进程的页、页表都记在组的账上。
          ▸ 把 p 放进控制组 web。
          · p 在控制组 web 里
        控制组 web 的内存现在最多 4 KiB。 | 它已有 40 MiB，超出的得走。
          ▸ 把控制组 web 的内存改成最多 4 KiB。
          · 控制组 web 的内存最多 4 KiB
        控制组 web 的内存现在最多 40 MiB。 | 它已有 4 KiB。
          ▸ 把控制组 web 的内存改成最多 40 MiB。
          · 控制组 web 的内存最多 40 MiB
        控制组 web 的交换区现在不限。 | 它已有 40 MiB。
          ▸ 把控制组 web 的交换区改成不限。
          · 控制组 web 的交换区不限
        web 已有 10,240/10,240 页，再要 1 页放不下。 | 整机再空也没用：先在组里找。
          ▸ web 已有 10,240/10,240 页，再要 1 页放不下。
          · web 满了：10,240/10,240 页
        web 已有 10,240/10,240 页，再要 512 页放不下。 | 整机再空也没用：先在组里找。
          ▸ web 已有 10,240/10,240 页，再要 512 页放不下。
          · web 满了：10,240/10,240 页
        预先记在 web 账上的 64 页退回了。 | CPU 一次记 64 页的账，没用完的先留着。
          ▸ 退回预先记在 web 账上的 64 页。
          · web 退回预记的 64 页
        web 在组内找到 32 页。 | 优先级到了 12，现在用着 10,240 页。
          ▸ web 在组内找到 32 页。
          · web 在组内找到 32 页
        web 在组内什么也没找到。 | 页都在用，或者没有地方可去。
          ▸ web 在组内什么也没找到。
          · web 在组内什么也没找到
        在 web 里又找了 17 轮，一无所获。 | 重试 16 次还不够，就杀组里的一个进程。
          ▸ 在 web 里又找了 17 轮，一无所获。
          · 在 web 里又找了 17 轮，一无所获
        在 web 里又找了 1 轮，找到 10,240 页。 | 重试 16 次还不够，就杀组里的一个进程。
          ▸ 在 web 里又找了 1 轮，找到 10,240 页。
          · 在 web 里又找了 1 轮，找到 10,240 页
        web 放不下 1 页：ENOMEM。 | 整机再空，请求也失败。
          ▸ 拒绝 web 的 1 页：ENOMEM。
          · web 放不下 1 页
        web 放不下 512 页：ENOMEM。 | 整机再空，请求也失败。
          ▸ 拒绝 web 的 512 页：ENOMEM。
          · web 放不下 512 页
        任务自己在优先级 12 扫描 10,240 个匿名页、20,480 个文件页。 | 按 swappiness 60 和代价。
          ▸ 任务自己要在优先级 12 扫描 10,240 个匿名页、20,480 个文件页。
          · 优先级 12：在 web 里扫描 10,240 个匿名页、20,480 个文件页
        kswapd 在优先级 12 扫描 10,240 个匿名页、20,480 个文件页。 | 按 swappiness 60 和代价。
          ▸ kswapd 要在优先级 12 扫描 10,240 个匿名页、20,480 个文件页。
          · 优先级 12：在 web 里扫描 10,240 个匿名页、20,480 个文件页
    "#]]
    .assert_eq(&zh);
}

fn story(names: &[&str]) -> std::rc::Rc<Scenario> {
    Story::on(reclaiming(Medium::Disk)).names(names).scenario()
}

pub(super) fn told(lang: Lang, words: &Words, kind: &StepKind) -> ([Sentence; 2], String) {
    match lang {
        Lang::En => ([did::<En>(words, kind), next::<En>(words, kind)], tell::<En>(words, kind).brief),
        Lang::Zh => ([did::<Zh>(words, kind), next::<Zh>(words, kind)], tell::<Zh>(words, kind).brief),
    }
}

#[test]
fn every_step_of_reclaim_is_told() {
    let scenario = story(&["p", "log"]);
    let machine = mm::Machine::boot(&scenario.config).expect("boots");
    let mut seen = BTreeSet::new();
    let mut texts = [String::new(), String::new()];
    for step in steps(Pfn(812), 37) {
        let kind = StepKind::Reclaim { step };
        seen.insert(kind.code());
        let words = Words::of_step(&scenario, &machine, 0);
        for (lang, text) in Lang::ALL.into_iter().zip(&mut texts) {
            let ([did, next], brief) = told(lang, &words, &kind);
            for sentence in [&did, &next] {
                keeps_the_rules(sentence, lang, &scenario.names, Some(&kind));
            }
            *text += &format!("{} | {}\n  ▸ {} | {}\n  · {brief}\n", did.text, did.why, next.text, next.why);
        }
    }
    assert_eq!(seen.len(), 16);
    let [en, zh] = texts;
    expect![[r#"
        Frame 812 is marked as referenced. | One use may be the only one; with a second it becomes active.
          ▸ Mark frame 812 as referenced. | One use may be the only one; with a second it becomes active.
          · frame 812: referenced
        Frame 812 became inactive. | Nobody needs it soon.
          ▸ Make frame 812 inactive. | Nobody needs it soon.
          · frame 812: inactive
        Frame 812 went to the unevictable list. | It is locked: no scan is to waste time on it.
          ▸ Move frame 812 to the unevictable list. | It is locked: no scan is to waste time on it.
          · frame 812: the unevictable list
        Frame 812 went to an evictable list. | The lock is gone: it may be taken away like any other.
          ▸ Move frame 812 to an evictable list. | The lock is gone: it may be taken away like any other.
          · frame 812: an evictable list
        read found page 37 of log in frame 812. | It is in the page cache: no wait for the disk.
          ▸ read finds page 37 of log in frame 812. | It is in the page cache: no wait for the disk.
          · page 37 of log is cached
        Reads pages 0 to 3 of log: page 0 was missing. | Who reads on will want them; page 1 gets the mark.
          ▸ Read pages 0 to 3 of log: page 0 was missing. | Who reads on will want them; page 1 gets the mark.
          · log: read pages 0 to 3
        Reads page 37 of log: page 37 was missing. | Nothing says that it goes on in order.
          ▸ Read page 37 of log: page 37 was missing. | Nothing says that it goes on in order.
          · log: read page 37
        Reads pages 37 to 68 of log: page 37 had the mark. | Before anybody waits; page 37 is the next mark.
          ▸ Read pages 37 to 68 of log: page 37 had the mark. | Before anybody waits; page 37 is the next mark.
          · log: read pages 37 to 68
        Reads pages 37 to 68 of log: page 37 had the mark. | Only as far as this.
          ▸ Read pages 37 to 68 of log: page 37 had the mark. | Only as far as this.
          · log: read pages 37 to 68
        Frame 812 came back at distance 37: it becomes active at once. | Active before, and not beyond 37: it left too early.
          ▸ Frame 812 comes back at distance 37: it becomes active at once. | Active before, and not beyond 37: it left too early.
          · frame 812 comes back at distance 37
        Frame 812 came back at distance 37: it becomes active at once. | Not beyond 37: it left too early.
          ▸ Frame 812 comes back at distance 37: it becomes active at once. | Not beyond 37: it left too early.
          · frame 812 comes back at distance 37
        Frame 812 came back at distance 37: it begins as inactive. | Beyond 37: it could not have stayed.
          ▸ Frame 812 comes back at distance 37: it begins as inactive. | Beyond 37: it could not have stayed.
          · frame 812 comes back at distance 37
        Direct reclaim began, for order 0. | kswapd is too slow: the task does the work, and waits for its memory.
          ▸ Direct reclaim, for order 0. | kswapd is too slow: the task does the work, and waits for its memory.
          · direct reclaim for order 0
        The task has reclaimed 37 pages itself. | It came to priority 12; now it tries its request again.
          ▸ The task has reclaimed 37 pages itself. | It came to priority 12; now it tries its request again.
          · direct reclaim: 37 pages
        The task has reclaimed 0 pages itself. | All of them are in use, or there is nowhere for them to go.
          ▸ The task has reclaimed 0 pages itself. | All of them are in use, or there is nowhere for them to go.
          · direct reclaim: 0 pages
        Took 32 pages from the tail of the inactive anon list. | Nobody has waited there for longer.
          ▸ Take 32 pages from the tail of the inactive anon list. | Nobody has waited there for longer.
          · 32 pages off the inactive anon list
        Took 32 pages from the tail of the active file list. | 255 pages of zones that are no help went to the head.
          ▸ Take 32 pages from the tail of the active file list. | 255 pages of zones that are no help went to the head.
          · 32 pages off the active file list
        Frame 812 becomes inactive. | Used or not: the inactive list will tell.
          ▸ Frame 812 becomes inactive. | Used or not: the inactive list will tell.
          · frame 812 becomes inactive
        Frame 812 stays active. | It was used, and it is code.
          ▸ Frame 812 stays active. | It was used, and it is code.
          · frame 812 stays active
        Frame 812 got slot 37 in swap. | It has no file: only swap can keep what is in it.
          ▸ Give frame 812 slot 37 in swap. | It has no file: only swap can keep what is in it.
          · frame 812: slot 37
        p's entry for 0x7ffff7fef000 says slot 37 now, not frame 812. | The next access faults.
          ▸ p's entry for 0x7ffff7fef000: from frame 812 to slot 37. | The next access faults.
          · unmap frame 812 from p
        p's entry for 0x7ffff7fef000, to frame 812, is gone. | The file has the bytes.
          ▸ Take p's entry for 0x7ffff7fef000, to frame 812, away. | The file has the bytes.
          · unmap frame 812 from p
        Frame 812 is on its way to slot 37. | It is free only when the disk has it.
          ▸ Write frame 812 to slot 37. | It is free only when the disk has it.
          · frame 812 to slot 37
        Frame 812 is compressed into slot 37. | It is in zram at once: nobody waits for a disk.
          ▸ Write frame 812 to slot 37. | It is in zram at once: nobody waits for a disk.
          · frame 812 to slot 37
        Frame 812 is taken away. | A shadow with age 37 stays, in case it comes back.
          ▸ Take frame 812 away. | A shadow with age 37 stays, in case it comes back.
          · frame 812 is taken away
        Frame 812 is taken away. | MADV_FREE allowed it: what was in it is gone.
          ▸ Take frame 812 away. | MADV_FREE allowed it: what was in it is gone.
          · frame 812 is taken away
        Of 32 pages of the inactive anon list 20 are free now. | 5 became active; the rest went back to the head.
          ▸ Of 32 pages of the inactive anon list 20 are free now. | 5 became active; the rest went back to the head.
          · inactive anon: 20 of 32 pages free now
        Of 32 pages of the active anon list 31 are inactive now. | Still active: 1.
          ▸ Of 32 pages of the active anon list 31 are inactive now. | Still active: 1.
          · active anon: 31 of 32 pages inactive now
        The disk has 37 pages more. | They are clean now.
          ▸ The disk gets 37 pages. | They are clean now.
          · 37 pages written
        The disk has 37 pages more. | 37 of them were to go: to the tail with them.
          ▸ The disk gets 37 pages. | 37 of them were to go: to the tail with them.
          · 37 pages written
        No zone of node 0 is above high: kswapd goes on. | Priority 12: a 4096th of each list.
          ▸ No zone of node 0 is above high: kswapd goes on. | Priority 12: a 4096th of each list.
          · kswapd goes on at priority 12
        No zone of node 0 is above high: kswapd goes on. | Priority 3: 1/8 of each list.
          ▸ No zone of node 0 is above high: kswapd goes on. | Priority 3: 1/8 of each list.
          · kswapd goes on at priority 3
        kswapd found zone DMA above high. | One zone is enough: it can stop.
          ▸ kswapd finds zone DMA above high. | One zone is enough: it can stop.
          · kswapd: enough
        kswapd of node 0 fell asleep: it reclaimed 37 pages. | It is woken again when a zone falls below low.
          ▸ kswapd of node 0 goes to sleep: it reclaimed 37 pages. | It is woken again when a zone falls below low.
          · kswapd sleeps, 37 pages reclaimed
        kswapd of node 0 fell asleep: it reclaimed 0 pages. | 16 runs brought nothing: nobody wakes it until a task succeeds itself.
          ▸ kswapd of node 0 goes to sleep: it reclaimed 0 pages. | 16 runs brought nothing: nobody wakes it until a task succeeds itself.
          · kswapd sleeps, 0 pages reclaimed
        Node 0 is near: its page cache goes before another node is asked. | 37 pages of files could go, and 37 stay in any case.
          ▸ Node 0 is near: take of its page cache before another node is asked. | 37 pages of files could go, and 37 stay in any case.
          · node 0: its own page cache first
        Node 0 has too little page cache to take from. | 0 pages of files could go, and 37 stay in any case.
          ▸ Node 0 has too little page cache to take from. | 0 pages of files could go, and 37 stay in any case.
          · node 0: too little page cache
        37 pages of node 0 went. | Now the zone is measured again.
          ▸ 37 pages of node 0 go. | Now the zone is measured again.
          · node 0 gave up 37 pages
        Another round makes sense. | If all that can go went, zone DMA would have enough.
          ▸ Another round makes sense. | If all that can go went, zone DMA would have enough.
          · another round makes sense
        No other round. | Not even all that can go would be enough.
          ▸ No other round. | Not even all that can go would be enough.
          · no other round
        No other round. | 16 rounds in a row brought nothing.
          ▸ No other round. | 16 rounds in a row brought nothing.
          · no other round
        Slot 37 was in memory, in frame 812. | The swap cache still has it: no wait for the disk.
          ▸ Slot 37 is in memory, in frame 812. | The swap cache still has it: no wait for the disk.
          · slot 37 is in frame 812
        Slot 37 was in memory, in frame 812. | It was read ahead with a neighbour: no wait for the disk.
          ▸ Slot 37 is in memory, in frame 812. | It was read ahead with a neighbour: no wait for the disk.
          · slot 37 is in frame 812
        Slot 37 is wanted: reads slots 37 to 44. | What went out together may be wanted together.
          ▸ Slot 37 is wanted: read slots 37 to 44. | What went out together may be wanted together.
          · read slots 37 to 44
        Slot 37 is wanted: reads slot 37. | Alone: what was read ahead before was not asked for.
          ▸ Slot 37 is wanted: read slot 37. | Alone: what was read ahead before was not asked for.
          · read slot 37
        Read slot 37 into frame 812. | The slot keeps its copy: unchanged, the page need not be written again.
          ▸ Read slot 37 into frame 812. | The slot keeps its copy: unchanged, the page need not be written again.
          · slot 37: frame 812
        p's entry for 0x7ffff7fef000 leads to frame 812 again, not slot 37. | The slot keeps a copy.
          ▸ p's entry for 0x7ffff7fef000: from slot 37 to frame 812. | The slot keeps a copy.
          · p has slot 37 in frame 812
        p's entry for 0x7ffff7fef000 leads to frame 812 again, not slot 37. | The slot is free: the page alone counts.
          ▸ p's entry for 0x7ffff7fef000: from slot 37 to frame 812. | The slot is free: the page alone counts.
          · p has slot 37 in frame 812
        write made page 37 of log (frame 812) dirty. | The disk learns of it later: 37 pages dirty now.
          ▸ write makes page 37 of log (frame 812) dirty. | The disk learns of it later: 37 pages dirty now.
          · page 37 of log is dirty
        The writer has to wait: 37 pages are dirty, more than 37. | It may not fill memory faster than the disk takes it.
          ▸ Let the writer wait: 37 pages are dirty, more than 37. | It may not fill memory faster than the disk takes it.
          · the writer waits: 37 dirty
        Woke the flusher. | 37 pages are dirty, more than 0.
          ▸ Wake the flusher. | 37 pages are dirty, more than 0.
          · wake the flusher: 37 dirty
        Woke the flusher. | The scan met nothing but dirty pages.
          ▸ Wake the flusher. | The scan met nothing but dirty pages.
          · wake the flusher: 1 dirty
        Pages 37 to 68 of log are on the way to the disk. | Neighbours go together; until it is done they are under writeback.
          ▸ Send pages 37 to 68 of log to the disk. | Neighbours go together; until it is done they are under writeback.
          · log: write pages 37 to 68
        Page 37 of log is on the way to the disk. | Neighbours go together; until it is done they are under writeback.
          ▸ Send page 37 of log to the disk. | Neighbours go together; until it is done they are under writeback.
          · log: write page 37
        All files are on the disk. | 37 pages had to be written first.
          ▸ Wait until the disk has all files. | 37 pages had to be written first.
          · synced: 37 pages
        log is on the disk. | 1 page had to be written first.
          ▸ Wait until the disk has log. | 1 page had to be written first.
          · synced: 1 page
        Threw 37 pages of files away. | All were clean and nobody's.
          ▸ Throw 37 pages of files away. | All were clean and nobody's.
          · 37 pages of files thrown away
        Threw 37 pages of files away. | 37 pages stay: dirty, mapped, waiting or being written.
          ▸ Throw 37 pages of files away. | 37 pages stay: dirty, mapped, waiting or being written.
          · 37 pages of files thrown away
        From now on nothing of log is read ahead. | It will be read here and there.
          ▸ From now on nothing of log is read ahead. | It will be read here and there.
          · log: 0 pages ahead
        From now on at most 64 pages of log are read at once. | It says how it reads.
          ▸ From now on at most 64 pages of log are read at once. | It says how it reads.
          · log: 64 pages ahead
        37 pages of p from 0x7ffff7fef000 on count as unused. | MADV_COLD: they become inactive, so they go sooner.
          ▸ Count as unused 37 pages of p from 0x7ffff7fef000 on. | MADV_COLD: they become inactive, so they go sooner.
          · 37 pages of p count as unused
        37 pages of p from 0x7ffff7fef000 on may go at once. | MADV_PAGEOUT does not ask whether they were used.
          ▸ Take away 37 pages of p from 0x7ffff7fef000 on. | MADV_PAGEOUT does not ask whether they were used.
          · 37 pages of p may go at once
        log ends here. | There is nothing behind its end.
          ▸ log ends here. | There is nothing behind its end.
          · log ends
        There was no frame for a page of log. | Nothing could be taken from anybody: the call fails with ENOMEM.
          ▸ There is no frame for a page of log. | Nothing could be taken from anybody: the call fails with ENOMEM.
          · no frame for log
        100 ms passed. | Daemons with something to do go on meanwhile.
          ▸ 100 ms pass. | Daemons with something to do go on meanwhile.
          · 100 ms pass
        5 s passed. | Daemons with something to do go on meanwhile.
          ▸ 5 s pass. | Daemons with something to do go on meanwhile.
          · 5 s pass
        Frame 812 waits with CPU 0's new pages: 3 of 15. | 15 together take the lists' lock once.
          ▸ Let frame 812 wait with CPU 0's new pages. | 15 together take the lists' lock once.
          · frame 812 waits with new pages, 3 of 15
        Frame 812 waits with CPU 0's new pages: 15 of 15. | The batch is full: it goes to the lists now.
          ▸ Let frame 812 wait with CPU 0's new pages. | The batch is full: it goes to the lists now.
          · frame 812 waits with new pages, 15 of 15
        CPU 0's batch of 15 pages went to the lists. | Each to the head of its list: the tail is looked at first.
          ▸ Send CPU 0's batch of 15 pages to the lists. | Each to the head of its list: the tail is looked at first.
          · CPU 0: 15 pages to the lists
        Frame 812 waits with CPU 0's written pages: 3 of 15. | 15 together take the lists' lock once.
          ▸ Let frame 812 wait with CPU 0's written pages. | 15 together take the lists' lock once.
          · frame 812 waits with written pages, 3 of 15
        Frame 812 waits with CPU 0's written pages: 15 of 15. | The batch is full: it goes to the lists now.
          ▸ Let frame 812 wait with CPU 0's written pages. | The batch is full: it goes to the lists now.
          · frame 812 waits with written pages, 15 of 15
        CPU 0's batch of 15 pages went to the lists. | To the tail: they are clean now, and go next.
          ▸ Send CPU 0's batch of 15 pages to the lists. | To the tail: they are clean now, and go next.
          · CPU 0: 15 pages to the lists
        Frame 812 waits with CPU 0's pages to deactivate: 3 of 15. | 15 together take the lists' lock once.
          ▸ Let frame 812 wait with CPU 0's pages to deactivate. | 15 together take the lists' lock once.
          · frame 812 waits with pages to deactivate, 3 of 15
        Frame 812 waits with CPU 0's pages to deactivate: 15 of 15. | The batch is full: it goes to the lists now.
          ▸ Let frame 812 wait with CPU 0's pages to deactivate. | The batch is full: it goes to the lists now.
          · frame 812 waits with pages to deactivate, 15 of 15
        CPU 0's batch of 15 pages went to the lists. | To the heads of the inactive lists, without their marks.
          ▸ Send CPU 0's batch of 15 pages to the lists. | To the heads of the inactive lists, without their marks.
          · CPU 0: 15 pages to the lists
        Frame 812 waits with CPU 0's pages that may be thrown away: 3 of 15. | 15 together take the lists' lock once.
          ▸ Let frame 812 wait with CPU 0's pages that may be thrown away. | 15 together take the lists' lock once.
          · frame 812 waits with pages that may be thrown away, 3 of 15
        Frame 812 waits with CPU 0's pages that may be thrown away: 15 of 15. | The batch is full: it goes to the lists now.
          ▸ Let frame 812 wait with CPU 0's pages that may be thrown away. | The batch is full: it goes to the lists now.
          · frame 812 waits with pages that may be thrown away, 15 of 15
        CPU 0's batch of 15 pages went to the lists. | To the inactive files: thrown away like clean pages, without swap.
          ▸ Send CPU 0's batch of 15 pages to the lists. | To the inactive files: thrown away like clean pages, without swap.
          · CPU 0: 15 pages to the lists
        Frame 812 waits with CPU 0's pages to activate: 3 of 15. | It was used a second time.
          ▸ Let frame 812 wait with CPU 0's pages to activate. | It was used a second time.
          · frame 812 waits with pages to activate, 3 of 15
        Frame 812 waits with CPU 0's pages to activate: 15 of 15. | The batch is full: it goes to the lists now.
          ▸ Let frame 812 wait with CPU 0's pages to activate. | The batch is full: it goes to the lists now.
          · frame 812 waits with pages to activate, 15 of 15
        CPU 0's batch of 15 pages went to the lists. | To the heads of the active lists.
          ▸ Send CPU 0's batch of 15 pages to the lists. | To the heads of the active lists.
          · CPU 0: 15 pages to the lists
        Frame 812 can go. | No entry says that it was used since the last look.
          ▸ Look at frame 812: it can go. | No entry says that it was used since the last look.
          · frame 812 can go
        Frame 812 can go if it is clean. | It was used once, by read.
          ▸ Look at frame 812: it can go if it is clean. | It was used once, by read.
          · frame 812 can go if it is clean
        Frame 812 goes to the head again. | It was used once: a second chance.
          ▸ Look at frame 812: it goes to the head again. | It was used once: a second chance.
          · frame 812 goes to the head again
        Frame 812 becomes active. | It was used again since the mark.
          ▸ Look at frame 812: it becomes active. | It was used again since the mark.
          · frame 812 becomes active
        Frame 812 becomes active. | 2 entries say that it was used.
          ▸ Look at frame 812: it becomes active. | 2 entries say that it was used.
          · frame 812 becomes active
        Frame 812 becomes active. | It was used, and it is code.
          ▸ Look at frame 812: it becomes active. | It was used, and it is code.
          · frame 812 becomes active
        Frame 812 has to stay. | Somebody has locked it.
          ▸ Look at frame 812: it has to stay. | Somebody has locked it.
          · frame 812 has to stay
        Frame 812 stays: it is being read. | Whoever reads it has it locked.
          ▸ Let frame 812 stay: it is being read. | Whoever reads it has it locked.
          · frame 812 stays: it is being read
        Frame 812 stays: no slot in swap is free. | Without one its contents would be lost.
          ▸ Let frame 812 stay: no slot in swap is free. | Without one its contents would be lost.
          · frame 812 stays: no slot in swap is free
        Frame 812 stays: it is dirty. | The flusher writes files; then it goes at once.
          ▸ Let frame 812 stay: it is dirty. | The flusher writes files; then it goes at once.
          · frame 812 stays: it is dirty
        Frame 812 stays: it is on its way to the disk. | It goes when the disk has it.
          ▸ Let frame 812 stay: it is on its way to the disk. | It goes when the disk has it.
          · frame 812 stays: it is on its way to the disk
        Frame 812 stays: it was written to meanwhile. | It is ordinary memory again.
          ▸ Let frame 812 stay: it was written to meanwhile. | It is ordinary memory again.
          · frame 812 stays: it was written to meanwhile
        Frame 812 stays: its write has only begun. | It goes when the disk has it.
          ▸ Let frame 812 stay: its write has only begun. | It goes when the disk has it.
          · frame 812 stays: its write has only begun
        Frame 812 stays: it is locked in memory. | The unevictable list is its place.
          ▸ Let frame 812 stay: it is locked in memory. | The unevictable list is its place.
          · frame 812 stays: it is locked in memory
        kswapd scans 37 anon pages and 74 of files, at priority 12. | Swappiness 60 and past cost: 30 % anon.
          ▸ kswapd is to scan 37 anon pages and 74 of files, at priority 12. | Swappiness 60 and past cost: 30 % anon.
          · priority 12: 37 anon pages and 74 of files
        The task itself scans 37 anon pages and 74 of files, at priority 12. | Swappiness 60 and past cost: 30 % anon.
          ▸ The task itself is to scan 37 anon pages and 74 of files, at priority 12. | Swappiness 60 and past cost: 30 % anon.
          · priority 12: 37 anon pages and 74 of files
        kswapd scans no page at all, at priority 12. | The lists are too short for that priority.
          ▸ kswapd is to scan no page at all, at priority 12. | The lists are too short for that priority.
          · priority 12: no page at all
        The task itself scans no page at all, at priority 12. | The lists are too short for that priority.
          ▸ The task itself is to scan no page at all, at priority 12. | The lists are too short for that priority.
          · priority 12: no page at all
        kswapd scans 38 anon pages and 0 of files, at priority 12. | Hardly any pages of files are left.
          ▸ kswapd is to scan 38 anon pages and 0 of files, at priority 12. | Hardly any pages of files are left.
          · priority 12: 38 anon pages and 0 of files
        The task itself scans 38 anon pages and 0 of files, at priority 12. | Hardly any pages of files are left.
          ▸ The task itself is to scan 38 anon pages and 0 of files, at priority 12. | Hardly any pages of files are left.
          · priority 12: 38 anon pages and 0 of files
        kswapd scans 0 anon pages and 37 of files, at priority 12. | Enough inactive pages of files are there.
          ▸ kswapd is to scan 0 anon pages and 37 of files, at priority 12. | Enough inactive pages of files are there.
          · priority 12: 0 anon pages and 37 of files
        The task itself scans 0 anon pages and 37 of files, at priority 12. | Enough inactive pages of files are there.
          ▸ The task itself is to scan 0 anon pages and 37 of files, at priority 12. | Enough inactive pages of files are there.
          · priority 12: 0 anon pages and 37 of files
        kswapd scans 74 anon pages and 74 of files, at priority 12. | Nothing else helped: all lists, whole.
          ▸ kswapd is to scan 74 anon pages and 74 of files, at priority 12. | Nothing else helped: all lists, whole.
          · priority 12: 74 anon pages and 74 of files
        The task itself scans 74 anon pages and 74 of files, at priority 12. | Nothing else helped: all lists, whole.
          ▸ The task itself is to scan 74 anon pages and 74 of files, at priority 12. | Nothing else helped: all lists, whole.
          · priority 12: 74 anon pages and 74 of files
    "#]].assert_eq(&en);
    expect![[r#"
        812 号页框标上了 referenced。 | 也许只用这一次；再用一次才转为活跃。
          ▸ 给 812 号页框标上 referenced。 | 也许只用这一次；再用一次才转为活跃。
          · 812 号页框：referenced
        812 号页框转为不活跃。 | 近期没人要用它。
          ▸ 把 812 号页框转为不活跃。 | 近期没人要用它。
          · 812 号页框：不活跃
        812 号页框移到了不可回收链表。 | 它被锁住了，扫描时不必白看它。
          ▸ 把 812 号页框移到不可回收链表。 | 它被锁住了，扫描时不必白看它。
          · 812 号页框：不可回收链表
        812 号页框移到了可回收的链表。 | 锁解开了，它和别的页一样可以收走。
          ▸ 把 812 号页框移到可回收的链表。 | 锁解开了，它和别的页一样可以收走。
          · 812 号页框：可回收的链表
        read 在 812 号页框找到 log 第 37 页。 | 它在页缓存里，不用等磁盘。
          ▸ read 会在 812 号页框找到 log 第 37 页。 | 它在页缓存里，不用等磁盘。
          · log 第 37 页在缓存里
        读 log 第 0 到 3 页：第 0 页不在。 | 往后读的人会要它们；第 1 页做标记。
          ▸ 要读 log 第 0 到 3 页：第 0 页不在。 | 往后读的人会要它们；第 1 页做标记。
          · 读 log 第 0 到 3 页
        读 log 第 37 页：第 37 页不在。 | 看不出会接着往下读。
          ▸ 要读 log 第 37 页：第 37 页不在。 | 看不出会接着往下读。
          · 读 log 第 37 页
        读 log 第 37 到 68 页：第 37 页有预读标记。 | 赶在有人等之前；下个标记在第 37 页。
          ▸ 要读 log 第 37 到 68 页：第 37 页有预读标记。 | 赶在有人等之前；下个标记在第 37 页。
          · 读 log 第 37 到 68 页
        读 log 第 37 到 68 页：第 37 页有预读标记。 | 只读到这里。
          ▸ 要读 log 第 37 到 68 页：第 37 页有预读标记。 | 只读到这里。
          · 读 log 第 37 到 68 页
        812 号页框回来了，距离 37：马上活跃。 | 没超过竞争者 37 页：走早了，它原来就活跃。
          ▸ 812 号页框回来，距离 37：马上活跃。 | 没超过竞争者 37 页：走早了，它原来就活跃。
          · 812 号页框回来，距离 37
        812 号页框回来了，距离 37：马上活跃。 | 没超过竞争者 37 页：它走早了。
          ▸ 812 号页框回来，距离 37：马上活跃。 | 没超过竞争者 37 页：它走早了。
          · 812 号页框回来，距离 37
        812 号页框回来了，距离 37：从不活跃开始。 | 超过 37：反正留不住。
          ▸ 812 号页框回来，距离 37：从不活跃开始。 | 超过 37：反正留不住。
          · 812 号页框回来，距离 37
        开始直接回收，为了 0 阶的块。 | kswapd 来不及：任务自己干活，它的内存先等着。
          ▸ 直接回收，为了 0 阶的块。 | kswapd 来不及：任务自己干活，它的内存先等着。
          · 直接回收，0 阶
        任务自己回收了 37 页。 | 优先级到了 12；现在再试一次请求。
          ▸ 任务自己回收了 37 页。 | 优先级到了 12；现在再试一次请求。
          · 直接回收：37 页
        任务自己回收了 0 页。 | 页都在用，或者没有地方可去。
          ▸ 任务自己回收了 0 页。 | 页都在用，或者没有地方可去。
          · 直接回收：0 页
        从不活跃匿名链表的表尾取下 32 页。 | 表尾的待得最久。
          ▸ 从不活跃匿名链表的表尾取 32 页。 | 表尾的待得最久。
          · 不活跃匿名链表取下 32 页
        从活跃文件链表的表尾取下 32 页。 | 另有 255 页所在的区帮不上忙，放回表头。
          ▸ 从活跃文件链表的表尾取 32 页。 | 另有 255 页所在的区帮不上忙，放回表头。
          · 活跃文件链表取下 32 页
        812 号页框转为不活跃。 | 不管用没用过：到不活跃链表上再看。
          ▸ 812 号页框要转为不活跃。 | 不管用没用过：到不活跃链表上再看。
          · 812 号页框转为不活跃
        812 号页框仍然活跃。 | 用过，而且是代码。
          ▸ 812 号页框要仍然活跃。 | 用过，而且是代码。
          · 812 号页框仍然活跃
        812 号页框得到 swap 的槽 37。 | 它没有文件，内容只能放进 swap。
          ▸ 给 812 号页框 swap 的槽 37。 | 它没有文件，内容只能放进 swap。
          · 812 号页框：槽 37
        p 在 0x7ffff7fef000 的页表项改指槽 37，不再指 812 号页框。 | 下次访问会缺页。
          ▸ p 在 0x7ffff7fef000 的页表项：从 812 号页框改指槽 37。 | 下次访问会缺页。
          · p 解除 812 号页框的映射
        p 在 0x7ffff7fef000 指向 812 号页框的页表项清掉了。 | 内容文件里有。
          ▸ 清掉 p 在 0x7ffff7fef000 指向 812 号页框的页表项。 | 内容文件里有。
          · p 解除 812 号页框的映射
        812 号页框正写往槽 37。 | 磁盘写完，它才能空闲。
          ▸ 把 812 号页框写到槽 37。 | 磁盘写完，它才能空闲。
          · 812 号页框写到槽 37
        812 号页框压缩进了槽 37。 | zram 在内存里，不用等磁盘。
          ▸ 把 812 号页框写到槽 37。 | zram 在内存里，不用等磁盘。
          · 812 号页框写到槽 37
        收走了 812 号页框。 | 留下影子项，年龄 37，它回来时好比较。
          ▸ 收走 812 号页框。 | 留下影子项，年龄 37，它回来时好比较。
          · 收走 812 号页框
        收走了 812 号页框。 | MADV_FREE 允许的，内容不要了。
          ▸ 收走 812 号页框。 | MADV_FREE 允许的，内容不要了。
          · 收走 812 号页框
        不活跃匿名链表的 32 页里，20 页成了空闲页。 | 5 页转为活跃，其余放回表头。
          ▸ 不活跃匿名链表的 32 页里，20 页成了空闲页。 | 5 页转为活跃，其余放回表头。
          · 不活跃匿名：32 页里 20 页成了空闲页
        活跃匿名链表的 32 页里，31 页转为不活跃。 | 仍然活跃的：1 页。
          ▸ 活跃匿名链表的 32 页里，31 页转为不活跃。 | 仍然活跃的：1 页。
          · 活跃匿名：32 页里 31 页转为不活跃
        磁盘写完了 37 页。 | 它们干净了。
          ▸ 磁盘写完 37 页。 | 它们干净了。
          · 写完 37 页
        磁盘写完了 37 页。 | 其中 37 页等着走：放到表尾。
          ▸ 磁盘写完 37 页。 | 其中 37 页等着走：放到表尾。
          · 写完 37 页
        节点 0 没有一个区高于 high：kswapd 接着干。 | 优先级 12：每条链表的 1/4096。
          ▸ 节点 0 没有一个区高于 high：kswapd 接着干。 | 优先级 12：每条链表的 1/4096。
          · kswapd 接着干，优先级 12
        节点 0 没有一个区高于 high：kswapd 接着干。 | 优先级 3：每条链表的 1/8。
          ▸ 节点 0 没有一个区高于 high：kswapd 接着干。 | 优先级 3：每条链表的 1/8。
          · kswapd 接着干，优先级 3
        kswapd 看到 DMA 区高于 high。 | 有一个区够了就停。
          ▸ kswapd 看到 DMA 区高于 high。 | 有一个区够了就停。
          · kswapd：够了
        节点 0 的 kswapd 睡了：它回收了 37 页。 | 有区低于 low 时再叫醒它。
          ▸ 节点 0 的 kswapd 要睡了：它回收了 37 页。 | 有区低于 low 时再叫醒它。
          · kswapd 睡了，回收 37 页
        节点 0 的 kswapd 睡了：它回收了 0 页。 | 连着 16 次一无所获：任务自己成功之前没人再叫它。
          ▸ 节点 0 的 kswapd 要睡了：它回收了 0 页。 | 连着 16 次一无所获：任务自己成功之前没人再叫它。
          · kswapd 睡了，回收 0 页
        节点 0 近：先收它的文件页，再问别的节点。 | 可以走的文件页有 37，至少留 37。
          ▸ 节点 0 近：先收它的文件页，再问别的节点。 | 可以走的文件页有 37，至少留 37。
          · 节点 0：先收自己的文件页
        节点 0 的文件页太少，收不了。 | 可以走的文件页有 0，至少留 37。
          ▸ 节点 0 的文件页太少，收不了。 | 可以走的文件页有 0，至少留 37。
          · 节点 0：文件页太少
        节点 0 走了 37 页。 | 现在再量一次这个区。
          ▸ 节点 0 要走 37 页。 | 现在再量一次这个区。
          · 节点 0 走 37 页
        值得再来一轮。 | 能走的都走，DMA 区就够了。
          ▸ 值得再来一轮。 | 能走的都走，DMA 区就够了。
          · 值得再来一轮
        不再试了。 | 能走的都走也不够。
          ▸ 不再试了。 | 能走的都走也不够。
          · 不再试了
        不再试了。 | 连着 16 轮一无所获。
          ▸ 不再试了。 | 连着 16 轮一无所获。
          · 不再试了
        槽 37 的页在内存里：812 号页框。 | 交换缓存里还有它，不用等磁盘。
          ▸ 槽 37 的页在内存里：812 号页框。 | 交换缓存里还有它，不用等磁盘。
          · 槽 37 在 812 号页框
        槽 37 的页在内存里：812 号页框。 | 随邻居预读进来的，不用等磁盘。
          ▸ 槽 37 的页在内存里：812 号页框。 | 随邻居预读进来的，不用等磁盘。
          · 槽 37 在 812 号页框
        要槽 37：读槽 37 到 44。 | 一起换出的，也许会一起要。
          ▸ 要槽 37：将读槽 37 到 44。 | 一起换出的，也许会一起要。
          · 读槽 37 到 44
        要槽 37：读槽 37。 | 只读它：之前预读的没人要。
          ▸ 要槽 37：将读槽 37。 | 只读它：之前预读的没人要。
          · 读槽 37
        槽 37 读进了 812 号页框。 | 槽里的副本留着：页不改，下次就不用再写。
          ▸ 把槽 37 读进 812 号页框。 | 槽里的副本留着：页不改，下次就不用再写。
          · 槽 37：812 号页框
        p 在 0x7ffff7fef000 的页表项从槽 37 改回 812 号页框。 | 槽留着副本。
          ▸ 把 p 在 0x7ffff7fef000 的页表项从槽 37 改回 812 号页框。 | 槽留着副本。
          · p 的槽 37 回到 812 号页框
        p 在 0x7ffff7fef000 的页表项从槽 37 改回 812 号页框。 | 槽空出来了。
          ▸ 把 p 在 0x7ffff7fef000 的页表项从槽 37 改回 812 号页框。 | 槽空出来了。
          · p 的槽 37 回到 812 号页框
        write 写脏了 log 第 37 页（812 号页框）。 | 磁盘以后才知道；脏页共 37。
          ▸ write 要写脏 log 第 37 页（812 号页框）。 | 磁盘以后才知道；脏页共 37。
          · log 第 37 页脏了
        写的人得等：脏页有 37，超过 37。 | 写内存不能一直比磁盘快。
          ▸ 让写的人等一等：脏页有 37，超过 37。 | 写内存不能一直比磁盘快。
          · 写的人等待：脏页 37
        唤醒了刷写线程。 | 脏页 37，超过 0。
          ▸ 唤醒刷写线程。 | 脏页 37，超过 0。
          · 唤醒刷写线程：脏页 37
        唤醒了刷写线程。 | 扫描碰到的全是脏页。
          ▸ 唤醒刷写线程。 | 扫描碰到的全是脏页。
          · 唤醒刷写线程：脏页 1
        log 第 37 到 68 页正送往磁盘。 | 相邻的一起写；写完之前处于回写状态。
          ▸ 把 log 第 37 到 68 页送往磁盘。 | 相邻的一起写；写完之前处于回写状态。
          · 写 log 第 37 到 68 页
        log 第 37 页正送往磁盘。 | 相邻的一起写；写完之前处于回写状态。
          ▸ 把 log 第 37 页送往磁盘。 | 相邻的一起写；写完之前处于回写状态。
          · 写 log 第 37 页
        所有文件都在磁盘上了。 | 先写了 37 页。
          ▸ 等所有文件都写到磁盘。 | 先写了 37 页。
          · 同步：37 页
        log 都在磁盘上了。 | 先写了 1 页。
          ▸ 等 log 都写到磁盘。 | 先写了 1 页。
          · 同步：1 页
        丢掉了 37 页文件缓存。 | 都是干净的，也没人映射。
          ▸ 丢掉 37 页文件缓存。 | 都是干净的，也没人映射。
          · 丢掉 37 页文件缓存
        丢掉了 37 页文件缓存。 | 留下 37 页：脏的、被映射的、在排队或回写的。
          ▸ 丢掉 37 页文件缓存。 | 留下 37 页：脏的、被映射的、在排队或回写的。
          · 丢掉 37 页文件缓存
        log 从此不预读。 | 程序说会东读一处、西读一处。
          ▸ log 从此不预读。 | 程序说会东读一处、西读一处。
          · log：预读 0 页
        log 从此一次最多读 64 页。 | 程序说了它会怎样读。
          ▸ log 从此一次最多读 64 页。 | 程序说了它会怎样读。
          · log：预读 64 页
        p 从 0x7ffff7fef000 起的 37 页算作没用过。 | MADV_COLD：会早些收走。
          ▸ p 从 0x7ffff7fef000 起 37 页要算作没用过。 | MADV_COLD：会早些收走。
          · p 的 37 页算作没用过
        p 从 0x7ffff7fef000 起的 37 页现在就收走。 | MADV_PAGEOUT 不问用没用过。
          ▸ p 从 0x7ffff7fef000 起 37 页要现在就收走。 | MADV_PAGEOUT 不问用没用过。
          · p 的 37 页现在就收走
        log 到此为止。 | 后面什么也没有。
          ▸ log 到此为止。 | 后面什么也没有。
          · log 到头了
        log 的页没有页框可放。 | 谁的页都拿不走：调用返回 ENOMEM。
          ▸ log 的页没有页框可放。 | 谁的页都拿不走：调用返回 ENOMEM。
          · log 没有页框
        过了 100 ms。 | 有事可做的守护线程接着做。
          ▸ 过 100 ms。 | 有事可做的守护线程接着做。
          · 过 100 ms
        过了 5 s。 | 有事可做的守护线程接着做。
          ▸ 过 5 s。 | 有事可做的守护线程接着做。
          · 过 5 s
        812 号页框在 CPU 0 的新页批次里排队：3/15 页。 | 攒够 15 页只拿一次锁。
          ▸ 让 812 号页框到 CPU 0 的新页批次里排队。 | 攒够 15 页只拿一次锁。
          · 812 号页框排进新页批次，3/15
        812 号页框在 CPU 0 的新页批次里排队：15/15 页。 | 满了，马上送上链表。
          ▸ 让 812 号页框到 CPU 0 的新页批次里排队。 | 满了，马上送上链表。
          · 812 号页框排进新页批次，15/15
        CPU 0 的一批 15 页上了链表。 | 都放在表头，从表尾开始看。
          ▸ 把 CPU 0 的一批 15 页送上链表。 | 都放在表头，从表尾开始看。
          · CPU 0：15 页上链表
        812 号页框在 CPU 0 的已写完批次里排队：3/15 页。 | 攒够 15 页只拿一次锁。
          ▸ 让 812 号页框到 CPU 0 的已写完批次里排队。 | 攒够 15 页只拿一次锁。
          · 812 号页框排进已写完批次，3/15
        812 号页框在 CPU 0 的已写完批次里排队：15/15 页。 | 满了，马上送上链表。
          ▸ 让 812 号页框到 CPU 0 的已写完批次里排队。 | 满了，马上送上链表。
          · 812 号页框排进已写完批次，15/15
        CPU 0 的一批 15 页上了链表。 | 放到表尾：已经干净，下一个就是它们。
          ▸ 把 CPU 0 的一批 15 页送上链表。 | 放到表尾：已经干净，下一个就是它们。
          · CPU 0：15 页上链表
        812 号页框在 CPU 0 的待转不活跃批次里排队：3/15 页。 | 攒够 15 页只拿一次锁。
          ▸ 让 812 号页框到 CPU 0 的待转不活跃批次里排队。 | 攒够 15 页只拿一次锁。
          · 812 号页框排进待转不活跃批次，3/15
        812 号页框在 CPU 0 的待转不活跃批次里排队：15/15 页。 | 满了，马上送上链表。
          ▸ 让 812 号页框到 CPU 0 的待转不活跃批次里排队。 | 满了，马上送上链表。
          · 812 号页框排进待转不活跃批次，15/15
        CPU 0 的一批 15 页上了链表。 | 放到不活跃链表的表头，标记清掉。
          ▸ 把 CPU 0 的一批 15 页送上链表。 | 放到不活跃链表的表头，标记清掉。
          · CPU 0：15 页上链表
        812 号页框在 CPU 0 的可丢弃批次里排队：3/15 页。 | 攒够 15 页只拿一次锁。
          ▸ 让 812 号页框到 CPU 0 的可丢弃批次里排队。 | 攒够 15 页只拿一次锁。
          · 812 号页框排进可丢弃批次，3/15
        812 号页框在 CPU 0 的可丢弃批次里排队：15/15 页。 | 满了，马上送上链表。
          ▸ 让 812 号页框到 CPU 0 的可丢弃批次里排队。 | 满了，马上送上链表。
          · 812 号页框排进可丢弃批次，15/15
        CPU 0 的一批 15 页上了链表。 | 放进不活跃文件链表：像干净页一样丢掉，不用 swap。
          ▸ 把 CPU 0 的一批 15 页送上链表。 | 放进不活跃文件链表：像干净页一样丢掉，不用 swap。
          · CPU 0：15 页上链表
        812 号页框在 CPU 0 的待转活跃批次里排队：3/15 页。 | 它被用了第二次。
          ▸ 让 812 号页框到 CPU 0 的待转活跃批次里排队。 | 它被用了第二次。
          · 812 号页框排进待转活跃批次，3/15
        812 号页框在 CPU 0 的待转活跃批次里排队：15/15 页。 | 满了，马上送上链表。
          ▸ 让 812 号页框到 CPU 0 的待转活跃批次里排队。 | 满了，马上送上链表。
          · 812 号页框排进待转活跃批次，15/15
        CPU 0 的一批 15 页上了链表。 | 放到活跃链表的表头。
          ▸ 把 CPU 0 的一批 15 页送上链表。 | 放到活跃链表的表头。
          · CPU 0：15 页上链表
        812 号页框可以走。 | 上次看过之后，没有页表项说它用过。
          ▸ 看看 812 号页框：可以走。 | 上次看过之后，没有页表项说它用过。
          · 812 号页框可以走
        812 号页框干净就可以走。 | 只被 read 用过一次。
          ▸ 看看 812 号页框：干净就可以走。 | 只被 read 用过一次。
          · 812 号页框干净就可以走
        812 号页框回到表头。 | 用过一次：再给一次机会。
          ▸ 看看 812 号页框：回到表头。 | 用过一次：再给一次机会。
          · 812 号页框回到表头
        812 号页框转为活跃。 | 有标记之后又用了一次。
          ▸ 看看 812 号页框：转为活跃。 | 有标记之后又用了一次。
          · 812 号页框转为活跃
        812 号页框转为活跃。 | 2 个页表项说它用过。
          ▸ 看看 812 号页框：转为活跃。 | 2 个页表项说它用过。
          · 812 号页框转为活跃
        812 号页框转为活跃。 | 用过，而且是代码。
          ▸ 看看 812 号页框：转为活跃。 | 用过，而且是代码。
          · 812 号页框转为活跃
        812 号页框得留下。 | 有人锁住了它。
          ▸ 看看 812 号页框：得留下。 | 有人锁住了它。
          · 812 号页框得留下
        812 号页框留下：正在读入。 | 读它的人锁着它。
          ▸ 让 812 号页框留下：正在读入。 | 读它的人锁着它。
          · 812 号页框留下：正在读入
        812 号页框留下：swap 没有空槽。 | 没有槽，内容就丢了。
          ▸ 让 812 号页框留下：swap 没有空槽。 | 没有槽，内容就丢了。
          · 812 号页框留下：swap 没有空槽
        812 号页框留下：它是脏的。 | 文件由刷写线程写，写完马上走。
          ▸ 让 812 号页框留下：它是脏的。 | 文件由刷写线程写，写完马上走。
          · 812 号页框留下：它是脏的
        812 号页框留下：正在回写。 | 磁盘写完它再走。
          ▸ 让 812 号页框留下：正在回写。 | 磁盘写完它再走。
          · 812 号页框留下：正在回写
        812 号页框留下：其间又被写过。 | 它又是普通内存了。
          ▸ 让 812 号页框留下：其间又被写过。 | 它又是普通内存了。
          · 812 号页框留下：其间又被写过
        812 号页框留下：刚开始写。 | 磁盘写完它再走。
          ▸ 让 812 号页框留下：刚开始写。 | 磁盘写完它再走。
          · 812 号页框留下：刚开始写
        812 号页框留下：锁在内存里。 | 它该待在不可回收链表。
          ▸ 让 812 号页框留下：锁在内存里。 | 它该待在不可回收链表。
          · 812 号页框留下：锁在内存里
        kswapd 在优先级 12 扫描 37 个匿名页、74 个文件页。 | swappiness 60 加上代价：匿名占 30%。
          ▸ kswapd 要在优先级 12 扫描 37 个匿名页、74 个文件页。 | swappiness 60 加上代价：匿名占 30%。
          · 优先级 12：扫描 37 个匿名页、74 个文件页
        任务自己在优先级 12 扫描 37 个匿名页、74 个文件页。 | swappiness 60 加上代价：匿名占 30%。
          ▸ 任务自己要在优先级 12 扫描 37 个匿名页、74 个文件页。 | swappiness 60 加上代价：匿名占 30%。
          · 优先级 12：扫描 37 个匿名页、74 个文件页
        kswapd 在优先级 12 一页也不扫描。 | 这个优先级下链表太短。
          ▸ kswapd 要在优先级 12 一页也不扫描。 | 这个优先级下链表太短。
          · 优先级 12：一页也不扫描
        任务自己在优先级 12 一页也不扫描。 | 这个优先级下链表太短。
          ▸ 任务自己要在优先级 12 一页也不扫描。 | 这个优先级下链表太短。
          · 优先级 12：一页也不扫描
        kswapd 在优先级 12 扫描 38 个匿名页、0 个文件页。 | 文件页几乎没有了。
          ▸ kswapd 要在优先级 12 扫描 38 个匿名页、0 个文件页。 | 文件页几乎没有了。
          · 优先级 12：扫描 38 个匿名页、0 个文件页
        任务自己在优先级 12 扫描 38 个匿名页、0 个文件页。 | 文件页几乎没有了。
          ▸ 任务自己要在优先级 12 扫描 38 个匿名页、0 个文件页。 | 文件页几乎没有了。
          · 优先级 12：扫描 38 个匿名页、0 个文件页
        kswapd 在优先级 12 扫描 0 个匿名页、37 个文件页。 | 不活跃的文件页足够多。
          ▸ kswapd 要在优先级 12 扫描 0 个匿名页、37 个文件页。 | 不活跃的文件页足够多。
          · 优先级 12：扫描 0 个匿名页、37 个文件页
        任务自己在优先级 12 扫描 0 个匿名页、37 个文件页。 | 不活跃的文件页足够多。
          ▸ 任务自己要在优先级 12 扫描 0 个匿名页、37 个文件页。 | 不活跃的文件页足够多。
          · 优先级 12：扫描 0 个匿名页、37 个文件页
        kswapd 在优先级 12 扫描 74 个匿名页、74 个文件页。 | 别的都没用：所有链表，整个看。
          ▸ kswapd 要在优先级 12 扫描 74 个匿名页、74 个文件页。 | 别的都没用：所有链表，整个看。
          · 优先级 12：扫描 74 个匿名页、74 个文件页
        任务自己在优先级 12 扫描 74 个匿名页、74 个文件页。 | 别的都没用：所有链表，整个看。
          ▸ 任务自己要在优先级 12 扫描 74 个匿名页、74 个文件页。 | 别的都没用：所有链表，整个看。
          · 优先级 12：扫描 74 个匿名页、74 个文件页
    "#]]
    .assert_eq(&zh);
}

#[test]
fn the_longest_fit_two_lines() {
    let name = "a_process_or_file_with_quite_a_long_name".to_owned();
    let scenario = story(&[&name, &format!("{name}2")]);
    let machine = mm::Machine::boot(&scenario.config).expect("boots");
    for words in [Words::of_scenario(&scenario), Words::of_step(&scenario, &machine, 0)] {
        for step in steps(Pfn(134_217_727), 4_194_303) {
            let kind = StepKind::Reclaim { step };
            for lang in Lang::ALL {
                let ([did, next], brief) = told(lang, &words, &kind);
                for sentence in [&did, &next] {
                    keeps_the_rules(sentence, lang, &scenario.names, Some(&kind));
                }
                assert!(!brief.is_empty());
            }
        }
    }
}

#[test]
fn a_run_short_of_memory_is_told_all_along() {
    for (medium, every) in [(Medium::Disk, 1), (Medium::Zram, 7)] {
        let mut seen = BTreeSet::new();
        let mut at = 0usize;
        walk(&short_of_memory(medium).scenario(), |moment| {
            at += 1;
            let reclaims = matches!(moment.just_did, Some(Step { kind: StepKind::Reclaim { .. }, .. }));
            if reclaims && at.is_multiple_of(every) {
                let kind = moment.just_did.map(|step| step.kind);
                seen.extend(kind.map(|kind| kind.code()));
                for lang in Lang::ALL {
                    let said = narration(moment, lang);
                    let did = said.did.expect("there is always one");
                    keeps_the_rules(&did, lang, &moment.scenario.names, kind.as_ref());
                }
            }
        });
        // All of them but a writer who waits, and a shortage that nothing helps.
        assert!(seen.len() >= 13, "{medium:?}: {seen:?}");
    }
}

#[test]
fn what_is_done_with_files_has_a_title() {
    let scenario = story(&["p", "log"]);
    let cpu = CpuId(0);
    let bytes = |from, to| Some(ByteRange { from, to });
    let ops = [
        FileOp::Read { file: F, bytes: None, block: 4096, cpu },
        FileOp::Read { file: F, bytes: bytes(4096, 65536), block: 16384, cpu },
        FileOp::Write { file: F, bytes: bytes(0, 65536), block: 4096, cpu },
        FileOp::Sync { file: Some(F) },
        FileOp::Sync { file: None },
        FileOp::Advise { file: F, advice: FileAdvice::Random },
        FileOp::Advise { file: F, advice: FileAdvice::DontNeed },
        FileOp::DropCaches { what: 1 },
        FileOp::DropCaches { what: 3 },
        FileOp::Wait { ms: 5000 },
        FileOp::Group { name: F, max: Some(10_240), swap_max: Some(0) },
        FileOp::Group { name: F, max: None, swap_max: None },
        FileOp::GroupMax { group: F, max: Some(5), swap: false },
        FileOp::GroupMax { group: F, max: None, swap: true },
    ];
    let mut text = String::new();
    for op in ops {
        let [en, zh] = Lang::ALL.map(|lang| title_of(&scenario, &Op::File(op), lang));
        text += &format!("{} | {} | {}\n", en.code, en.text, zh.text);
    }
    expect![[r#"
        cat log | a program reads log | 程序读 log
        cat log 4K..64K block=16K | a program reads 60 KiB of log behind 4 KiB | 程序读 log 里 4 KiB 后的 60 KiB
        dd log 0..64K | a program writes 64 KiB of log | 程序写 log 的 64 KiB
        fsync log | log is to be on the disk | 把 log 写到磁盘
        sync | everything is to be on the disk | 把所有脏页写到磁盘
        fadvise log random | log will be read here and there | log 会随机读
        fadvise log dontneed | log is not needed any more | log 不再需要
        drop_caches 1 | clean pages of files are thrown away | 丢掉干净的文件页
        drop_caches 3 | what can be had again is thrown away | 丢掉能再得到的一切
        wait 5s | 5 s pass | 过 5 s
        log = cgroup max=40M swap.max=0 | a control group, which may have 40 MiB | 控制组，内存最多 40 MiB
        log = cgroup | a control group, which may have as much as it likes | 控制组，内存不限
        memory.max log 20K | group log may have 20 KiB | 控制组 log 的内存最多 20 KiB
        memory.swap.max log max | group log may have as much as it likes of swap | 控制组 log 的交换区不限
    "#]].assert_eq(&text);
}
