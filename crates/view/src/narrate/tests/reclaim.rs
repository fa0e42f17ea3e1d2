//! Reclaim: every kind of step in both languages, the longest, and a run that meets most of them.

use std::collections::BTreeSet;

use expect_test::{expect, expect_file};
use mm::mmzone::ZoneId;
use mm::op::FileOp;
use mm::process::ByteRange;
use mm::reclaim::balance::ScanBalance;
use mm::reclaim::{Batch, FileAdvice, Lru, Medium, SplitWhy, Verdict};
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
        S::Isolated { node, lru: Lru::ActiveFile, taken: 543, skipped: 65_535 },
        S::Aged { pfn, stays: false },
        S::Aged { pfn, stays: true },
        S::AddedToSwap { pfn, entry },
        S::Unmapped { pfn, process: P, address, entry: Some(entry) },
        S::Unmapped { pfn, process: P, address, entry: None },
        S::PagedOut { pfn, entry, at_once: false },
        S::PagedOut { pfn, entry, at_once: true },
        S::HugeSplit { pfn, why: SplitWhy::InPieces },
        S::HugeSplit { pfn, why: SplitWhy::NoCluster },
        S::HugeUnmapped { pfn, process: P, address, entry: Some(entry), pages: 512 },
        S::HugeUnmapped { pfn, process: P, address, entry: None, pages: 512 },
        S::DeferredSplit { pfn, used: 511 },
        S::SplitScan { node, group: None, priority: 12, waiting: large, scan: 0 },
        S::SplitScan { node, group: Some(F), priority: 0, waiting: 1, scan: 2 },
        S::Reclaimed { pfn, age: Some(large) },
        S::Reclaimed { pfn, age: None },
        S::Shrunk { node, lru, taken: 543, gone: 512, active: 31 },
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
        Kept::Pinned,
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
    expect_file!["expected/every-step-of-reclaim-is-told-en.txt"].assert_eq(&en);
    expect_file!["expected/every-step-of-reclaim-is-told-zh.txt"].assert_eq(&zh);
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
