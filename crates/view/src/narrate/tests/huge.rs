//! Huge pages and their pool: every kind of step in both languages.

use std::collections::BTreeSet;

use expect_test::expect;
use mm::NrPages;
use mm::op::ProcessOp;
use mm::process::{Access, Advice, At, Found, MmapArgs, ScanLimits, ScanResult};
use mm::step::{HugeStep, ProcessStep, Refusal, Signal};
use mm::units::Vaddr;

use super::processes::{access, mmap, scenario, told_of};
use super::rules::{is_cjk, keeps_the_rules};
use super::*;

const CPU: CpuId = CpuId(0);
const P: NameId = NameId(0);
const M: NameId = NameId(2);

/// Each kind of step with the op that it belongs to, with these figures.
fn steps(address: Vaddr, pfn: Pfn, pages: NrPages, huge: u32) -> Vec<(Op, ProcessStep)> {
    use ProcessStep as S;
    let whole = At::Area { name: M, by: None };
    let write = || access(Access::Write, whole, None);
    let advise = |advice| Op::Process(ProcessOp::Madvise { at: whole, advice, bytes: None, cpu: CPU });
    let sized = |pages| Op::Process(ProcessOp::NrHugepages { pages, cpu: CPU });
    let wakes = || Op::Process(ProcessOp::Khugepaged { limits: ScanLimits::default(), cpu: CPU });
    let beyond = |step| (Op::Process(ProcessOp::NrOvercommitHugepages { pages: huge }), S::Huge(step));
    let looks = |step| (wakes(), S::Huge(step));
    let scanned = |result| match result {
        ScanResult::PmdNull | ScanResult::PmdMapped => {
            HugeStep::Scanned { address, found: Found::default(), result }
        }
        ScanResult::Succeed => {
            let found = Found { present: 448, none: 64, referenced: 448, ..Found::default() };
            HugeStep::Scanned { address, found, result }
        }
        result => {
            let found = Found { present: 300, none: 148, swap: 64, shared: 200, referenced: 100 };
            HugeStep::Scanned { address, found, result }
        }
    };
    let more = |more| HugeStep::Collapsed { address, pfn, table: Pfn(4), rss: pages, more: NrPages(more) };
    let why = Refusal::NoHugePages { pages: u64::from(huge) + 1, available: huge };
    vec![
        (write(), S::HugePage { address, pfn, rss: pages, tables: pages }),
        (access(Access::Read, whole, None), S::HugeZeroPage { address, pfn, tables: pages }),
        (write(), S::HugeFallback { address }),
        (write(), S::HugeReused { address, pfn }),
        (write(), S::SplitPmd { address, pfn, zero: true }),
        (advise(Advice::DontNeed), S::SplitPmd { address, pfn, zero: false }),
        (advise(Advice::Free), S::SplitPage { pfn, freed: NrPages(0) }),
        (advise(Advice::Free), S::SplitPage { pfn, freed: NrPages(200) }),
        (advise(Advice::HugePage), S::HugeAdvised { start: address, pages, huge: true }),
        (advise(Advice::NoHugePage), S::HugeAdvised { start: address, pages, huge: false }),
        (sized(huge), S::PoolGrows { pfn, total: huge }),
        (sized(huge), S::PoolSized { wanted: huge, total: huge, free: huge }),
        (sized(huge), S::PoolSized { wanted: huge, total: huge - 1, free: huge - 1 }),
        (sized(0), S::PoolSized { wanted: 0, total: huge, free: 0 }),
        (write(), S::HugetlbPage { address, pfn, free: huge, reserved: huge }),
        (write(), S::HugetlbCopied { address, from: pfn, to: pfn, free: huge }),
        (write(), S::PoolEmpty { address }),
        (write(), S::PoolBack { back: huge, gone: 0, free: huge, total: huge }),
        (write(), S::PoolBack { back: huge, gone: 1, free: huge, total: huge }),
        (mmap(MmapArgs::ANONYMOUS), S::Refused { why }),
        (advise(Advice::Free), S::Refused { why: Refusal::Pooled }),
        (write(), S::Killed { address, signal: Signal::NoHugePage }),
        beyond(HugeStep::Overcommit { most: huge, surplus: 0 }),
        beyond(HugeStep::Overcommit { most: 0, surplus: 0 }),
        beyond(HugeStep::Overcommit { most: 0, surplus: huge }),
        (
            mmap(MmapArgs::ANONYMOUS),
            S::Huge(HugeStep::Surplus { pfn, surplus: huge, most: huge, total: huge }),
        ),
        (mmap(MmapArgs::ANONYMOUS), S::Huge(HugeStep::NoSurplus { surplus: huge, most: huge })),
        (mmap(MmapArgs::ANONYMOUS), S::Huge(HugeStep::NoSurplus { surplus: 0, most: huge })),
        looks(scanned(ScanResult::Succeed)),
        looks(scanned(ScanResult::PmdNull)),
        looks(scanned(ScanResult::PmdMapped)),
        looks(scanned(ScanResult::ExceedNone)),
        looks(scanned(ScanResult::ExceedSwap)),
        looks(scanned(ScanResult::ExceedShared)),
        looks(scanned(ScanResult::PageRo)),
        looks(scanned(ScanResult::LackReferenced)),
        looks(scanned(ScanResult::PageLru)),
        looks(scanned(ScanResult::PageCount)),
        looks(scanned(ScanResult::PteNonPresent)),
        looks(HugeStep::CollapseCopied { address, pfn, copied: 448, cleared: 64 }),
        looks(HugeStep::CollapseCopied { address, pfn, copied: 1, cleared: 511 }),
        looks(more(64)),
        looks(more(0)),
        looks(HugeStep::NotCollapsed { address, why: ScanResult::AllocFail }),
        looks(HugeStep::NotCollapsed { address, why: ScanResult::ChargeFail }),
        looks(HugeStep::NotCollapsed { address, why: ScanResult::SwapIn }),
        looks(HugeStep::Slept { scanned: 4096, collapsed: 1, full_scans: 1 }),
        looks(HugeStep::Slept { scanned: 0, collapsed: 0, full_scans: 1 }),
    ]
}

#[test]
fn every_step_of_a_huge_page_is_told() {
    let scenario = scenario();
    let mut texts = [String::new(), String::new()];
    let mut seen = BTreeSet::new();
    for (op, step) in &steps(Vaddr(0x7fff_f760_0000), Pfn(1024), NrPages(513), 4) {
        let kind = StepKind::Process { process: P, step: *step };
        seen.insert(kind.code());
        let words = Words::of_scenario(&scenario).remembering(Some((0, op)), None);
        for (lang, text) in Lang::ALL.into_iter().zip(&mut texts) {
            let (sentences, brief) = told_of(lang, &words, &kind);
            sentences.iter().for_each(|of| keeps_the_rules(of, lang, &scenario.names, Some(&kind)));
            assert!(
                !brief.ends_with(['.', '。']) && brief.chars().any(is_cjk) == (lang == Lang::Zh),
                "{brief}"
            );
            let [did, next] = sentences;
            text.push_str(&format!(
                "{} | {}\n  ▸ {} | {}\n  · {brief}\n",
                did.text, did.why, next.text, next.why
            ));
        }
    }
    assert!((170..183).all(|code| seen.contains(&code)), "every kind of step: {seen:?}");
    let [en, zh] = texts;
    expect![[r#"
        2 MiB from frame 1024 on, zeroed, are mapped at 0x7ffff7600000: RSS is 2052 KiB. | One fault for 512 frames, and a table is put by.
          ▸ Zero 2 MiB from frame 1024 on and map them at 0x7ffff7600000: RSS becomes 2052 KiB. | One fault for 512 frames, and a table is put by.
          · a huge page at frame 1024 is mapped at 0x7ffff7600000
        The huge page of zeros, frame 1024, is mapped at 0x7ffff7600000. | Only read, so RSS stays; a table is put by (VmPTE 2052 KiB).
          ▸ Map the huge page of zeros, frame 1024, at 0x7ffff7600000. | Only read, so RSS stays; a table is put by (VmPTE 2052 KiB).
          · the huge page of zeros is mapped at 0x7ffff7600000
        There was no huge page for 0x7ffff7600000: 4 KiB had to do. | No block of 512 frames is free, however much memory is.
          ▸ Find no huge page for 0x7ffff7600000: 4 KiB will do. | No block of 512 frames is free, however much memory is.
          · no huge page for 0x7ffff7600000: 4 KiB will do
        p may write to all 2 MiB at 0x7ffff7600000, from frame 1024 on. | Nobody else has it: it stays in one piece.
          ▸ Let p write to all 2 MiB at 0x7ffff7600000, from frame 1024 on. | Nobody else has it: it stays in one piece.
          · the huge page at 0x7ffff7600000 may be written to
        The entry for 2 MiB at 0x7ffff7600000 became a table of 512, in frame 1024. | It says 512 times: the page of zeros.
          ▸ Make the entry for 2 MiB at 0x7ffff7600000 a table of 512, in frame 1024. | It says 512 times: the page of zeros.
          · the huge entry at 0x7ffff7600000 becomes a table
        The entry for 2 MiB at 0x7ffff7600000 became a table of 512, in frame 1024. | It had been put by; the frames stay the same.
          ▸ Make the entry for 2 MiB at 0x7ffff7600000 a table of 512, in frame 1024. | It had been put by; the frames stay the same.
          · the huge entry at 0x7ffff7600000 becomes a table
        The huge page at frame 1024 became 512 pages of 4 KiB. | From now on each can be given back by itself.
          ▸ Make the huge page at frame 1024 512 pages of 4 KiB. | From now on each can be given back by itself.
          · the huge page at frame 1024 becomes 512 small ones
        The huge page at frame 1024 became 512 pages of 4 KiB. | 200 frames that nobody has any more come back.
          ▸ Make the huge page at frame 1024 512 pages of 4 KiB. | 200 frames that nobody has any more come back.
          · the huge page at frame 1024 becomes 512 small ones
        p asked for huge pages in 513 pages from 0x7ffff7600000 on. | The next faults there bring 2 MiB, where they fit.
          ▸ p asks for huge pages in 513 pages from 0x7ffff7600000 on. | The next faults there bring 2 MiB, where they fit.
          · p asks for huge pages in 513 pages from 0x7ffff7600000
        p wanted no huge pages in 513 pages from 0x7ffff7600000 on. | The next faults there bring 4 KiB.
          ▸ p wants no huge pages in 513 pages from 0x7ffff7600000 on. | The next faults there bring 4 KiB.
          · p wants no huge pages in 513 pages from 0x7ffff7600000
        2 MiB from frame 1024 on are set aside: the pool has 4. | Whether somebody needs it or not.
          ▸ Set 2 MiB from frame 1024 on aside: the pool will have 4. | Whether somebody needs it or not.
          · frame 1024 and 511 more join the pool
        The pool has 4 huge pages, 4 of them free. | The buddy system has them no longer.
          ▸ Leave the pool with 4 huge pages, and 4 of them free. | The buddy system has them no longer.
          · the pool has 4 huge pages
        The pool has 3 huge pages, 3 of them free. | 4 were wanted, but no other block of 512 frames is free.
          ▸ Leave the pool with 3 huge pages, and 3 of them free. | 4 were wanted, but no other block of 512 frames is free.
          · the pool has 3 huge pages
        The pool has 4 huge pages, 0 of them free. | Those in use go when they come back.
          ▸ Leave the pool with 4 huge pages, and 0 of them free. | Those in use go when they come back.
          · the pool has 4 huge pages
        p got 2 MiB of the pool, frame 1024 on, at 0x7ffff7600000. | 4 left, 4 of them promised; RSS does not count it.
          ▸ Give p 2 MiB of the pool, frame 1024 on, at 0x7ffff7600000. | 4 left, 4 of them promised; RSS does not count it.
          · p gets a huge page of the pool at 0x7ffff7600000
        The huge page at frame 1024 was copied to frame 1024 for 0x7ffff7600000. | All 2 MiB; 4 left.
          ▸ Copy the huge page at frame 1024 to frame 1024 for 0x7ffff7600000. | All 2 MiB; 4 left.
          · the huge page at 0x7ffff7600000 is copied
        The pool had no huge page for 0x7ffff7600000. | What is free is promised to others.
          ▸ Find no huge page of the pool for 0x7ffff7600000. | What is free is promised to others.
          · the pool has no huge page for 0x7ffff7600000
        p gave 4 huge pages back to the pool. | 4 of 4 free; the buddy system gets none of them.
          ▸ Take 4 huge pages of p back to the pool. | 4 of 4 free; the buddy system gets none of them.
          · p gives 4 huge pages back to the pool
        p gave 4 huge pages back to the pool. | 4 of 4 free; 1 surplus: back to the buddy system.
          ▸ Take 4 huge pages of p back to the pool. | 4 of 4 free; 1 surplus: back to the buddy system.
          · p gives 4 huge pages back to the pool
        mmap failed for p with ENOMEM: 5 wanted, and 4 huge pages left. | The pool promises only what it has.
          ▸ Let mmap of p fail with ENOMEM: 5 wanted, and 4 huge pages left. | The pool promises only what it has.
          · mmap of p fails: ENOMEM
        madvise failed for p with EINVAL: there are huge pages of the pool in it. | They come and go whole, 2 MiB at a time.
          ▸ Let madvise of p fail with EINVAL: there are huge pages of the pool in it. | They come and go whole, 2 MiB at a time.
          · madvise of p fails: EINVAL
        p got SIGSEGV at 0x7ffff7600000 and is gone: the pool of huge pages is empty. | Nobody had promised it one there.
          ▸ End p with SIGSEGV at 0x7ffff7600000: the pool of huge pages is empty. | Nobody had promised it one there.
          · p gets SIGSEGV at 0x7ffff7600000: the pool of huge pages is empty
        Up to 4 huge pages beyond the pool may be had. | They come when they are wanted, and go when they come back.
          ▸ Allow up to 4 huge pages beyond the pool. | They come when they are wanted, and go when they come back.
          · up to 4 huge pages beyond the pool may be had
        No huge page beyond the pool may be had. | Whoever wants more than the pool has is refused.
          ▸ Allow no huge page beyond the pool. | Whoever wants more than the pool has is refused.
          · no huge page beyond the pool may be had
        No huge page beyond the pool may be had. | Those that there are stay until they come back.
          ▸ Allow no huge page beyond the pool. | Those that there are stay until they come back.
          · no huge page beyond the pool may be had
        2 MiB from frame 1024 on joined the pool: 4, 4 surplus. | It goes to the buddy system when it comes back.
          ▸ Let 2 MiB from frame 1024 on join the pool: 4, 4 surplus. | It goes to the buddy system when it comes back.
          · frame 1024 and 511 more join the pool as surplus
        There was no huge page beyond the pool. | There are 4 already, as many as are allowed.
          ▸ Find no huge page beyond the pool. | There are 4 already, as many as are allowed.
          · no huge page beyond the pool
        There was no huge page beyond the pool. | No block of 512 frames is free.
          ▸ Find no huge page beyond the pool. | No block of 512 frames is free.
          · no huge page beyond the pool
        2 MiB of p at 0x7ffff7600000 were looked at: 448 there, 64 not. | They can be one: some may be written to, and were used.
          ▸ Look at 2 MiB of p at 0x7ffff7600000: 448 there, 64 not. | They can be one: some may be written to, and were used.
          · khugepaged looks at 2 MiB at 0x7ffff7600000
        2 MiB of p at 0x7ffff7600000 were looked at. | Nothing was touched there, so there is no table.
          ▸ Look at 2 MiB of p at 0x7ffff7600000. | Nothing was touched there, so there is no table.
          · khugepaged looks at 2 MiB at 0x7ffff7600000
        2 MiB of p at 0x7ffff7600000 were looked at. | It is a huge page already.
          ▸ Look at 2 MiB of p at 0x7ffff7600000. | It is a huge page already.
          · khugepaged looks at 2 MiB at 0x7ffff7600000
        2 MiB of p at 0x7ffff7600000 were looked at: 300 there, 148 not, 64 in swap. | More are missing than max_ptes_none allows.
          ▸ Look at 2 MiB of p at 0x7ffff7600000: 300 there, 148 not, 64 in swap. | More are missing than max_ptes_none allows.
          · khugepaged looks at 2 MiB at 0x7ffff7600000
        2 MiB of p at 0x7ffff7600000 were looked at: 300 there, 148 not, 64 in swap. | More are in swap than max_ptes_swap allows.
          ▸ Look at 2 MiB of p at 0x7ffff7600000: 300 there, 148 not, 64 in swap. | More are in swap than max_ptes_swap allows.
          · khugepaged looks at 2 MiB at 0x7ffff7600000
        2 MiB of p at 0x7ffff7600000 were looked at: 300 there, 148 not, 64 in swap. | Others share more than max_ptes_shared allows.
          ▸ Look at 2 MiB of p at 0x7ffff7600000: 300 there, 148 not, 64 in swap. | Others share more than max_ptes_shared allows.
          · khugepaged looks at 2 MiB at 0x7ffff7600000
        2 MiB of p at 0x7ffff7600000 were looked at: 300 there, 148 not, 64 in swap. | Not one of them may be written to.
          ▸ Look at 2 MiB of p at 0x7ffff7600000: 300 there, 148 not, 64 in swap. | Not one of them may be written to.
          · khugepaged looks at 2 MiB at 0x7ffff7600000
        2 MiB of p at 0x7ffff7600000 were looked at: 300 there, 148 not, 64 in swap. | Too few were used of late.
          ▸ Look at 2 MiB of p at 0x7ffff7600000: 300 there, 148 not, 64 in swap. | Too few were used of late.
          · khugepaged looks at 2 MiB at 0x7ffff7600000
        2 MiB of p at 0x7ffff7600000 were looked at: 300 there, 148 not, 64 in swap. | One is on no list.
          ▸ Look at 2 MiB of p at 0x7ffff7600000: 300 there, 148 not, 64 in swap. | One is on no list.
          · khugepaged looks at 2 MiB at 0x7ffff7600000
        2 MiB of p at 0x7ffff7600000 were looked at: 300 there, 148 not, 64 in swap. | Somebody counts on where one of them lies.
          ▸ Look at 2 MiB of p at 0x7ffff7600000: 300 there, 148 not, 64 in swap. | Somebody counts on where one of them lies.
          · khugepaged looks at 2 MiB at 0x7ffff7600000
        2 MiB of p at 0x7ffff7600000 were looked at: 300 there, 148 not, 64 in swap. | One of them is on its way elsewhere.
          ▸ Look at 2 MiB of p at 0x7ffff7600000: 300 there, 148 not, 64 in swap. | One of them is on its way elsewhere.
          · khugepaged looks at 2 MiB at 0x7ffff7600000
        Frame 1024 on got a copy of 448 pages at 0x7ffff7600000; 64 more are zeros. | No entry leads to the old ones now: who touches them waits.
          ▸ Copy 448 pages at 0x7ffff7600000 to frame 1024 on, and fill 64 with zeros. | No entry leads to the old ones now: who touches them waits.
          · 448 pages at 0x7ffff7600000 are copied to a huge page
        Frame 1024 on got a copy of 1 page at 0x7ffff7600000; 511 more are zeros. | No entry leads to the old ones now: who touches them waits.
          ▸ Copy 1 page at 0x7ffff7600000 to frame 1024 on, and fill 511 with zeros. | No entry leads to the old ones now: who touches them waits.
          · 1 page at 0x7ffff7600000 are copied to a huge page
        One entry leads to 2 MiB at 0x7ffff7600000, frame 1024 on: RSS is 2052 KiB. | 256 KiB more, never touched; the table is put by.
          ▸ Let one entry lead to 2 MiB at 0x7ffff7600000, frame 1024 on: RSS becomes 2052 KiB. | 256 KiB more, never touched; the table is put by.
          · the pages at 0x7ffff7600000 are one huge page
        One entry leads to 2 MiB at 0x7ffff7600000, frame 1024 on: RSS is 2052 KiB. | Just as much, in one piece; the table is put by.
          ▸ Let one entry lead to 2 MiB at 0x7ffff7600000, frame 1024 on: RSS becomes 2052 KiB. | Just as much, in one piece; the table is put by.
          · the pages at 0x7ffff7600000 are one huge page
        khugepaged left the small pages at 0x7ffff7600000 as they are. | No block of 512 frames is free.
          ▸ Leave the small pages at 0x7ffff7600000 as they are. | No block of 512 frames is free.
          · the pages at 0x7ffff7600000 stay small
        khugepaged left the small pages at 0x7ffff7600000 as they are. | The control group may have no more.
          ▸ Leave the small pages at 0x7ffff7600000 as they are. | The control group may have no more.
          · the pages at 0x7ffff7600000 stay small
        khugepaged left the small pages at 0x7ffff7600000 as they are. | One could not come back from swap.
          ▸ Leave the small pages at 0x7ffff7600000 as they are. | One could not come back from swap.
          · the pages at 0x7ffff7600000 stay small
        khugepaged looked at 4096 pages, made 1 huge page, and sleeps. | Next time it goes on where it stopped.
          ▸ Sleep: khugepaged looked at 4096 pages and made 1 huge page. | Next time it goes on where it stopped.
          · khugepaged sleeps; it made 1 huge page
        khugepaged found nothing to look at, and sleeps. | No area may have huge pages and has ever been written to.
          ▸ Find nothing to look at, and sleep. | No area may have huge pages and has ever been written to.
          · khugepaged finds nothing to look at
    "#]]
    .assert_eq(&en);
    expect![[r#"
        1024 号页框起的 2 MiB 清零，映射到 0x7ffff7600000：RSS 为 2052 KiB。 | 一次来 512 页。
          ▸ 把 1024 号页框起的 2 MiB 清零，映射到 0x7ffff7600000：RSS 变为 2052 KiB。 | 一次来 512 页。
          · 1024 号页框起的大页映射到 0x7ffff7600000
        大零页（1024 号页框起）映射到了 0x7ffff7600000。 | 只读没写，RSS 不变；另备一张页表（VmPTE 2052 KiB）。
          ▸ 把大零页（1024 号页框起）映射到 0x7ffff7600000。 | 只读没写，RSS 不变；另备一张页表（VmPTE 2052 KiB）。
          · 大零页映射到 0x7ffff7600000
        0x7ffff7600000 要不到大页，只好用 4 KiB 的页。 | 空闲内存再多，也没有连着的 512 个页框。
          ▸ 0x7ffff7600000 要不到大页，改用 4 KiB 的页。 | 空闲内存再多，也没有连着的 512 个页框。
          · 0x7ffff7600000 要不到大页，改用 4 KiB
        p 可以写 0x7ffff7600000 的整个大页（1024 号页框起）了。 | 没有别人用它：整个大页保持不动。
          ▸ 让 p 可以写 0x7ffff7600000 的整个大页（1024 号页框起）。 | 没有别人用它：整个大页保持不动。
          · 0x7ffff7600000 的大页可以写了
        0x7ffff7600000 的大页表项换成了 512 项的页表，在 1024 号页框。 | 512 项都指向零页。
          ▸ 把 0x7ffff7600000 的大页表项换成 512 项的页表，在 1024 号页框。 | 512 项都指向零页。
          · 0x7ffff7600000 的大页表项换成页表
        0x7ffff7600000 的大页表项换成了 512 项的页表，在 1024 号页框。 | 这张表早就备好了；地址还通向原来的页框。
          ▸ 把 0x7ffff7600000 的大页表项换成 512 项的页表，在 1024 号页框。 | 这张表早就备好了；地址还通向原来的页框。
          · 0x7ffff7600000 的大页表项换成页表
        1024 号页框起的大页拆成了 512 个 4 KiB 的页。 | 从此每一页都能单独归还。
          ▸ 把 1024 号页框起的大页拆成 512 个 4 KiB 的页。 | 从此每一页都能单独归还。
          · 1024 号页框起的大页拆成小页
        1024 号页框起的大页拆成了 512 个 4 KiB 的页。 | 没人用的 200 个页框归还了。
          ▸ 把 1024 号页框起的大页拆成 512 个 4 KiB 的页。 | 没人用的 200 个页框归还了。
          · 1024 号页框起的大页拆成小页
        p 说 0x7ffff7600000 起的 513 页想用大页。 | 以后在那里缺页，放得下就给 2 MiB。
          ▸ p 要说 0x7ffff7600000 起的 513 页想用大页。 | 以后在那里缺页，放得下就给 2 MiB。
          · p 说 0x7ffff7600000 起的 513 页想用大页
        p 说 0x7ffff7600000 起的 513 页不要大页。 | 以后在那里缺页，只给 4 KiB。
          ▸ p 要说 0x7ffff7600000 起的 513 页不要大页。 | 以后在那里缺页，只给 4 KiB。
          · p 说 0x7ffff7600000 起的 513 页不要大页
        1024 号页框起的 2 MiB 留给了大页池，池里有 4 个。 | 不管有没有人要用。
          ▸ 把 1024 号页框起的 2 MiB 留给大页池，池里将有 4 个。 | 不管有没有人要用。
          · 1024 号页框起的 2 MiB 进了大页池
        大页池有 4 个大页，4 个空闲。 | 它们不归伙伴系统管了。
          ▸ 让大页池有 4 个大页，4 个空闲。 | 它们不归伙伴系统管了。
          · 大页池有 4 个大页
        大页池有 3 个大页，3 个空闲。 | 要的是 4 个，可是再没有连着的 512 个页框了。
          ▸ 让大页池有 3 个大页，3 个空闲。 | 要的是 4 个，可是再没有连着的 512 个页框了。
          · 大页池有 3 个大页
        大页池有 4 个大页，0 个空闲。 | 还在用的，归还时再走。
          ▸ 让大页池有 4 个大页，0 个空闲。 | 还在用的，归还时再走。
          · 大页池有 4 个大页
        p 得到池里的大页（1024 号页框起），在 0x7ffff7600000。 | 空闲 4 个，许出 4 个；不算进 RSS。
          ▸ 给 p 池里的大页（1024 号页框起），在 0x7ffff7600000。 | 空闲 4 个，许出 4 个；不算进 RSS。
          · p 在 0x7ffff7600000 得到池里的大页
        1024 号页框起的大页复制到了 1024 号页框起，归 0x7ffff7600000。 | 整整 2 MiB；还空闲 4 个。
          ▸ 把 1024 号页框起的大页复制到 1024 号页框起，归 0x7ffff7600000。 | 整整 2 MiB；还空闲 4 个。
          · 0x7ffff7600000 的大页复制了一份
        大页池里没有给 0x7ffff7600000 的大页了。 | 空闲的都许给了别人。
          ▸ 大页池里找不到给 0x7ffff7600000 的大页。 | 空闲的都许给了别人。
          · 大页池里没有给 0x7ffff7600000 的大页
        p 把 4 个大页还给了大页池。 | 共 4 个，空闲 4 个；不回伙伴系统。
          ▸ 把 p 的 4 个大页收回大页池。 | 共 4 个，空闲 4 个；不回伙伴系统。
          · p 还给大页池 4 个大页
        p 把 4 个大页还给了大页池。 | 共 4 个，空闲 4 个；超额 1 个回伙伴系统。
          ▸ 把 p 的 4 个大页收回大页池。 | 共 4 个，空闲 4 个；超额 1 个回伙伴系统。
          · p 还给大页池 4 个大页
        p 的 mmap 返回了 ENOMEM：要 5 个大页，只剩 4 个。 | 池里有多少，才许诺多少。
          ▸ p 的 mmap 将返回 ENOMEM：要 5 个大页，只剩 4 个。 | 池里有多少，才许诺多少。
          · p 的 mmap 返回 ENOMEM
        p 的 madvise 返回了 EINVAL：里面有大页池的页。 | 它们整个来、整个走，一次 2 MiB。
          ▸ p 的 madvise 将返回 EINVAL：里面有大页池的页。 | 它们整个来、整个走，一次 2 MiB。
          · p 的 madvise 返回 EINVAL
        p 在 0x7ffff7600000 遇到段错误（SIGSEGV），结束了：大页池空了。 | 那里没有许诺过大页。
          ▸ 用段错误（SIGSEGV）结束 p，在 0x7ffff7600000：大页池空了。 | 那里没有许诺过大页。
          · p 在 0x7ffff7600000 遇到段错误（SIGSEGV）：大页池空了
        大页池外最多可以再要 4 个大页。 | 要用时才来，归还时就走。
          ▸ 允许在大页池外最多再要 4 个大页。 | 要用时才来，归还时就走。
          · 大页池外最多再要 4 个大页
        大页池外不能再要大页了。 | 池里不够的，申请只能失败。
          ▸ 大页池外不许再要大页。 | 池里不够的，申请只能失败。
          · 大页池外不能再要大页
        大页池外不能再要大页了。 | 已有的，归还时再走。
          ▸ 大页池外不许再要大页。 | 已有的，归还时再走。
          · 大页池外不能再要大页
        1024 号页框起的 2 MiB 进了大页池：共 4 个，超额 4 个。 | 归还时，它就回到伙伴系统。
          ▸ 让 1024 号页框起的 2 MiB 进大页池：共 4 个，超额 4 个。 | 归还时，它就回到伙伴系统。
          · 1024 号页框起的 2 MiB 作为超额进了大页池
        大页池外没有要到大页。 | 超额的已有 4 个，不许再多。
          ▸ 大页池外要不到大页。 | 超额的已有 4 个，不许再多。
          · 大页池外要不到大页
        大页池外没有要到大页。 | 没有连着的 512 个页框。
          ▸ 大页池外要不到大页。 | 没有连着的 512 个页框。
          · 大页池外要不到大页
        看了 0x7ffff7600000 的 2 MiB：448 页在，64 页缺。 | 能写，也用过：可以合并。
          ▸ 查看 0x7ffff7600000 的 2 MiB：448 页在，64 页缺。 | 能写，也用过：可以合并。
          · khugepaged 查看 0x7ffff7600000 的 2 MiB
        看了 0x7ffff7600000 的 2 MiB。 | 那里没碰过，还没有页表。
          ▸ 查看 0x7ffff7600000 的 2 MiB。 | 那里没碰过，还没有页表。
          · khugepaged 查看 0x7ffff7600000 的 2 MiB
        看了 0x7ffff7600000 的 2 MiB。 | 已经是大页了。
          ▸ 查看 0x7ffff7600000 的 2 MiB。 | 已经是大页了。
          · khugepaged 查看 0x7ffff7600000 的 2 MiB
        看了 0x7ffff7600000 的 2 MiB：300 页在，148 页缺，64 页换出。 | 缺的多于 max_ptes_none。
          ▸ 查看 0x7ffff7600000 的 2 MiB：300 页在，148 页缺，64 页换出。 | 缺的多于 max_ptes_none。
          · khugepaged 查看 0x7ffff7600000 的 2 MiB
        看了 0x7ffff7600000 的 2 MiB：300 页在，148 页缺，64 页换出。 | 换出的多于 max_ptes_swap。
          ▸ 查看 0x7ffff7600000 的 2 MiB：300 页在，148 页缺，64 页换出。 | 换出的多于 max_ptes_swap。
          · khugepaged 查看 0x7ffff7600000 的 2 MiB
        看了 0x7ffff7600000 的 2 MiB：300 页在，148 页缺，64 页换出。 | 共用的多于 max_ptes_shared。
          ▸ 查看 0x7ffff7600000 的 2 MiB：300 页在，148 页缺，64 页换出。 | 共用的多于 max_ptes_shared。
          · khugepaged 查看 0x7ffff7600000 的 2 MiB
        看了 0x7ffff7600000 的 2 MiB：300 页在，148 页缺，64 页换出。 | 没有一页能写。
          ▸ 查看 0x7ffff7600000 的 2 MiB：300 页在，148 页缺，64 页换出。 | 没有一页能写。
          · khugepaged 查看 0x7ffff7600000 的 2 MiB
        看了 0x7ffff7600000 的 2 MiB：300 页在，148 页缺，64 页换出。 | 近来用过的太少。
          ▸ 查看 0x7ffff7600000 的 2 MiB：300 页在，148 页缺，64 页换出。 | 近来用过的太少。
          · khugepaged 查看 0x7ffff7600000 的 2 MiB
        看了 0x7ffff7600000 的 2 MiB：300 页在，148 页缺，64 页换出。 | 有一页不在链表上。
          ▸ 查看 0x7ffff7600000 的 2 MiB：300 页在，148 页缺，64 页换出。 | 有一页不在链表上。
          · khugepaged 查看 0x7ffff7600000 的 2 MiB
        看了 0x7ffff7600000 的 2 MiB：300 页在，148 页缺，64 页换出。 | 有人认定了其中一页的位置。
          ▸ 查看 0x7ffff7600000 的 2 MiB：300 页在，148 页缺，64 页换出。 | 有人认定了其中一页的位置。
          · khugepaged 查看 0x7ffff7600000 的 2 MiB
        看了 0x7ffff7600000 的 2 MiB：300 页在，148 页缺，64 页换出。 | 有一页正要搬走。
          ▸ 查看 0x7ffff7600000 的 2 MiB：300 页在，148 页缺，64 页换出。 | 有一页正要搬走。
          · khugepaged 查看 0x7ffff7600000 的 2 MiB
        0x7ffff7600000 的 448 页复制到了 1024 号页框起，64 页清零。 | 这时没有表项通向旧页，谁碰谁等。
          ▸ 把 0x7ffff7600000 的 448 页复制到 1024 号页框起，64 页清零。 | 这时没有表项通向旧页，谁碰谁等。
          · 0x7ffff7600000 的 448 页复制进大页
        0x7ffff7600000 的 1 页复制到了 1024 号页框起，511 页清零。 | 这时没有表项通向旧页，谁碰谁等。
          ▸ 把 0x7ffff7600000 的 1 页复制到 1024 号页框起，511 页清零。 | 这时没有表项通向旧页，谁碰谁等。
          · 0x7ffff7600000 的 1 页复制进大页
        一项管 0x7ffff7600000 的 2 MiB（1024 号页框起）：RSS 为 2052 KiB。 | 多 256 KiB。
          ▸ 一项管 0x7ffff7600000 的 2 MiB（1024 号页框起）：RSS 变 2052 KiB。 | 多 256 KiB。
          · 0x7ffff7600000 的小页合成了大页
        一项管 0x7ffff7600000 的 2 MiB（1024 号页框起）：RSS 为 2052 KiB。 | 页数不变。
          ▸ 一项管 0x7ffff7600000 的 2 MiB（1024 号页框起）：RSS 变 2052 KiB。 | 页数不变。
          · 0x7ffff7600000 的小页合成了大页
        khugepaged 没有合并 0x7ffff7600000 的小页。 | 没有连着的 512 个页框。
          ▸ 不合并 0x7ffff7600000 的小页。 | 没有连着的 512 个页框。
          · 0x7ffff7600000 的小页没有合并
        khugepaged 没有合并 0x7ffff7600000 的小页。 | 控制组不能再多用了。
          ▸ 不合并 0x7ffff7600000 的小页。 | 控制组不能再多用了。
          · 0x7ffff7600000 的小页没有合并
        khugepaged 没有合并 0x7ffff7600000 的小页。 | 有一页换不回来。
          ▸ 不合并 0x7ffff7600000 的小页。 | 有一页换不回来。
          · 0x7ffff7600000 的小页没有合并
        khugepaged 看了 4096 页，合成 1 个大页，又睡了。 | 下次从停下的地方接着看。
          ▸ 去睡：khugepaged 看了 4096 页，合成 1 个大页。 | 下次从停下的地方接着看。
          · khugepaged 睡了，合成 1 个大页
        khugepaged 没有可看的，又睡了。 | 没有哪个区域既可用大页，又写过。
          ▸ 没有可看的，接着睡。 | 没有哪个区域既可用大页，又写过。
          · khugepaged 没有可看的
    "#]]
    .assert_eq(&zh);
}

#[test]
fn the_longest_sentences_of_huge_pages_fit() {
    let long = format!("{}[1000000]", "abcdefghijklmnopqrstuvwxyz_12345");
    let scenario = Story::on(mm::Config::single_zone(1024)).alloc(&long, 3, PageKind::Anon).scenario();
    for (op, step) in &steps(Vaddr(0x7fff_ffff_f000), Pfn(8_387_584), NrPages(1 << 35), 8192) {
        let words = Words::of_scenario(&scenario).remembering(Some((99_999, op)), None);
        let kind = StepKind::Process { process: P, step: *step };
        for lang in Lang::ALL {
            for sentence in told_of(lang, &words, &kind).0 {
                keeps_the_rules(&sentence, lang, &scenario.names, Some(&kind));
            }
        }
    }
}
