//! Translations: every kind of step in both languages, and the longest.

use std::collections::BTreeSet;

use expect_test::expect;
use mm::step::{Denial, MmuStep};
use mm::units::Vaddr;
use mm::x86::pgtable::{Level, Pte};
use mm::x86::tlb::PageSize;
use mm::{Config, NrPages};

use super::rules::keeps_the_rules;
use super::*;

const P: NameId = NameId(0);

fn steps(address: Vaddr, frame: Pfn, large: u64) -> Vec<MmuStep> {
    use MmuStep as S;
    let entry = Pte::anonymous_written(frame);
    let (level, set, index) = (1, 15, 495);
    let read = |level, entry, references| S::Read { address, level, table: frame, index, entry, references };
    let mut all = vec![
        S::Switched { pgd: frame, asid: 0, dropped: Some(0) },
        S::Switched { pgd: frame, asid: 5, dropped: Some(large as u32) },
        S::Switched { pgd: frame, asid: 1, dropped: None },
        S::Kept { task: P, pgd: frame },
        S::NotDirty { address },
        S::Skipped { address, level: Level::Pte, table: frame, levels: 3 },
        S::Skipped { address, level: Level::Pud, table: frame, levels: 1 },
        read(Level::Pgd, Pte::USER_TABLE.to(frame), 1),
        read(Level::Pmd, entry.with(Pte::PSE).with(Pte::GLOBAL), 3),
        read(Level::Pte, Pte(0), 4),
        S::Marked { address, table: frame, index, entry, dirty: true },
        S::Marked { address, table: frame, index, entry, dirty: false },
        S::Forgot { start: address, pages: Some(NrPages(1)), dropped: 1, ipi: false },
        S::Forgot { start: address, pages: Some(NrPages(33)), dropped: 2, ipi: true },
        S::Forgot { start: address, pages: None, dropped: large as u32, ipi: false },
        S::Forgot { start: address, pages: None, dropped: large as u32, ipi: true },
    ];
    for level in [1, 2] {
        for hit in [None, Some((PageSize::Small, frame)), Some((PageSize::Large, frame))] {
            all.push(S::Look { address, level, set, hit });
        }
    }
    for (size, evicted) in [
        (PageSize::Small, None),
        (PageSize::Small, Some((address, 0))),
        (PageSize::Large, None),
        (PageSize::Giant, None),
    ] {
        all.push(S::Filled { address, level, set, size, evicted });
    }
    for references in [0, 1, 4] {
        let physical = u64::from(frame.0) << 12 | 0x123;
        all.push(S::Translated { address, physical, size: PageSize::Small, references });
    }
    for why in [Denial::NotPresent, Denial::ReadOnly, Denial::NoExec] {
        for level in [None, Some(Level::Pte)] {
            all.push(S::Denied { address, level, entry, why });
        }
    }
    all
}

fn scenario(name: &str, cpus: usize) -> std::rc::Rc<Scenario> {
    let config = Config { cpus: vec![0; cpus], ..Config::single_zone(1024) };
    Story::on(config).alloc(name, 0, PageKind::Anon).scenario()
}

fn told(lang: Lang, words: &Words, kind: &StepKind) -> ([Sentence; 2], String) {
    match lang {
        Lang::En => ([did::<En>(words, kind), next::<En>(words, kind)], tell::<En>(words, kind).brief),
        Lang::Zh => ([did::<Zh>(words, kind), next::<Zh>(words, kind)], tell::<Zh>(words, kind).brief),
    }
}

#[test]
fn every_step_of_a_translation_is_told() {
    let scenario = scenario("p", 1);
    let mut seen = BTreeSet::new();
    let mut texts = [String::new(), String::new()];
    for step in steps(Vaddr(0x7fff_f7fe_f000), Pfn(812), 9) {
        let kind = StepKind::Mmu { cpu: CpuId(0), process: P, step };
        seen.insert(kind.code());
        let words = Words::of_scenario(&scenario);
        for (lang, text) in Lang::ALL.into_iter().zip(&mut texts) {
            let ([did, next], brief) = told(lang, &words, &kind);
            for sentence in [&did, &next] {
                keeps_the_rules(sentence, lang, &scenario.names, Some(&kind));
            }
            *text += &format!("{} | {}\n  ▸ {} | {}\n  · {brief}\n", did.text, did.why, next.text, next.why);
        }
    }
    assert_eq!(seen.len(), 11);
    let [en, zh] = texts;
    expect![[r#"
        CR3 points to the PGD of p now, frame 812. | It gets slot 0, which is empty.
          ▸ Point CR3 to the PGD of p, frame 812. | It gets slot 0, which is empty.
          · CR3: the PGD of p, frame 812
        CR3 points to the PGD of p now, frame 812. | It gets slot 5: 9 translations no longer held.
          ▸ Point CR3 to the PGD of p, frame 812. | It gets slot 5: 9 translations no longer held.
          · CR3: the PGD of p, frame 812
        CR3 points to the PGD of p now, frame 812. | Slot 1 still has its translations: nothing is forgotten.
          ▸ Point CR3 to the PGD of p, frame 812. | Slot 1 still has its translations: nothing is forgotten.
          · CR3: the PGD of p, frame 812
        p runs on CPU 0 now, and CR3 stays: it is still the PGD of p. | The threads of a process share its page tables, so nothing is forgotten.
          ▸ Let p run on CPU 0; CR3 stays: it is still the PGD of p. | The threads of a process share its page tables, so nothing is forgotten.
          · p runs on CPU 0, CR3 stays
        It was the first write to 0x7ffff7fef000, so the tables were read after all. | The kernel has to learn of writes: D is set in the table.
          ▸ The first write to 0x7ffff7fef000: read the tables after all. | The kernel has to learn of writes: D is set in the table.
          · first write to 0x7ffff7fef000: the tables are read
        The PTE table for 0x7ffff7fef000 was remembered: frame 812. | A walk before came that way: 3 levels above it need no reading.
          ▸ Begin at the PTE table for 0x7ffff7fef000, frame 812. | A walk before came that way: 3 levels above it need no reading.
          · the walk for 0x7ffff7fef000 begins at the PTE table in frame 812
        The PUD table for 0x7ffff7fef000 was remembered: frame 812. | A walk before came that way: 1 level above it needs no reading.
          ▸ Begin at the PUD table for 0x7ffff7fef000, frame 812. | A walk before came that way: 1 level above it needs no reading.
          · the walk for 0x7ffff7fef000 begins at the PUD table in frame 812
        Entry 495 of the PGD in frame 812 was read: it leads to frame 812. | Reference 1 to memory. Its bits: P W U A D.
          ▸ Read entry 495 of the PGD in frame 812: it leads to frame 812. | Reference 1 to memory. Its bits: P W U A D.
          · PGD entry 495 in frame 812: it leads to frame 812
        Entry 495 of the PMD in frame 812 was read: it leads to frame 812. | Reference 3 to memory. Its bits: P W U A D PS G NX.
          ▸ Read entry 495 of the PMD in frame 812: it leads to frame 812. | Reference 3 to memory. Its bits: P W U A D PS G NX.
          · PMD entry 495 in frame 812: it leads to frame 812
        Entry 495 of the PTE in frame 812 was read: it is not present. | Reference 4 to memory.
          ▸ Read entry 495 of the PTE in frame 812: it is not present. | Reference 4 to memory.
          · PTE entry 495 in frame 812: it is not present
        The processor set D in entry 495 of frame 812: the page was written to. | Reclaim and write-back go by these bits.
          ▸ Set D in entry 495 of frame 812: the page is written to. | Reclaim and write-back go by these bits.
          · D is set in entry 495 of frame 812
        The processor set A in entry 495 of frame 812: the page was used. | Reclaim and write-back go by these bits.
          ▸ Set A in entry 495 of frame 812: the page is used. | Reclaim and write-back go by these bits.
          · A is set in entry 495 of frame 812
        CPU 0 forgot 1 page of p: 1 entry of its TLBs. | One INVLPG for each page.
          ▸ Let CPU 0 forget 1 page of p: 1 entry of its TLBs. | One INVLPG for each page.
          · CPU 0 forgets 1 page of p: 1 entry
        CPU 0 forgot 33 pages of p: 2 entries of its TLBs. | Another CPU interrupted it for this: a TLB shootdown.
          ▸ Let CPU 0 forget 33 pages of p: 2 entries of its TLBs. | Another CPU interrupted it for this: a TLB shootdown.
          · CPU 0 forgets 33 pages of p: 2 entries
        CPU 0 forgot all pages of p: 9 entries of its TLBs. | More than 33 pages, or tables gone: all at once is quicker.
          ▸ Let CPU 0 forget all pages of p: 9 entries of its TLBs. | More than 33 pages, or tables gone: all at once is quicker.
          · CPU 0 forgets all pages of p: 9 entries
        CPU 0 forgot all pages of p: 9 entries of its TLBs. | Another CPU interrupted it for this: a TLB shootdown.
          ▸ Let CPU 0 forget all pages of p: 9 entries of its TLBs. | Another CPU interrupted it for this: a TLB shootdown.
          · CPU 0 forgets all pages of p: 9 entries
        The L1 TLB did not know 0x7ffff7fef000; its set 15 was searched. | A miss: the second, larger one is asked.
          ▸ Ask the L1 TLB for 0x7ffff7fef000, in its set 15: it is not there. | A miss: the second, larger one is asked.
          · L1 TLB miss for 0x7ffff7fef000, set 15
        The L1 TLB knew 0x7ffff7fef000: frame 812. | A hit: no table has to be read.
          ▸ Ask the L1 TLB for 0x7ffff7fef000: it knows frame 812. | A hit: no table has to be read.
          · L1 TLB hit for 0x7ffff7fef000: frame 812
        The L1 TLB knew 0x7ffff7fef000: frame 812. | A hit, for a page that large: no table has to be read.
          ▸ Ask the L1 TLB for 0x7ffff7fef000: it knows frame 812. | A hit, for a page that large: no table has to be read.
          · L1 TLB hit for 0x7ffff7fef000: frame 812
        The L2 TLB did not know 0x7ffff7fef000; its set 15 was searched. | A miss there too: now the tables have to be read.
          ▸ Ask the L2 TLB for 0x7ffff7fef000, in its set 15: it is not there. | A miss there too: now the tables have to be read.
          · L2 TLB miss for 0x7ffff7fef000, set 15
        The L2 TLB knew 0x7ffff7fef000: frame 812. | A hit: some cycles more, and still no table has to be read.
          ▸ Ask the L2 TLB for 0x7ffff7fef000: it knows frame 812. | A hit: some cycles more, and still no table has to be read.
          · L2 TLB hit for 0x7ffff7fef000: frame 812
        The L2 TLB knew 0x7ffff7fef000: frame 812. | A hit: some cycles more, and still no table has to be read.
          ▸ Ask the L2 TLB for 0x7ffff7fef000: it knows frame 812. | A hit: some cycles more, and still no table has to be read.
          · L2 TLB hit for 0x7ffff7fef000: frame 812
        The L1 TLB keeps 0x7ffff7fef000 now, in its set 15. | There was room in the set.
          ▸ Keep 0x7ffff7fef000 in the L1 TLB, set 15. | There was room in the set.
          · L1 TLB keeps 0x7ffff7fef000 in set 15
        The L1 TLB keeps 0x7ffff7fef000 now, in its set 15. | The one unused for longest, 0x7ffff7fef000, had to go.
          ▸ Keep 0x7ffff7fef000 in the L1 TLB, set 15. | The one unused for longest, 0x7ffff7fef000, had to go.
          · L1 TLB keeps 0x7ffff7fef000 in set 15
        The L1 TLB keeps 0x7ffff7fef000 now, in its set 15. | One entry serves 2 MiB.
          ▸ Keep 0x7ffff7fef000 in the L1 TLB, set 15. | One entry serves 2 MiB.
          · L1 TLB keeps 0x7ffff7fef000 in set 15
        The L1 TLB keeps 0x7ffff7fef000 now, in its set 15. | One entry serves 1 GiB.
          ▸ Keep 0x7ffff7fef000 in the L1 TLB, set 15. | One entry serves 1 GiB.
          · L1 TLB keeps 0x7ffff7fef000 in set 15
        0x7ffff7fef000 is 0x32c123 in memory. | It took no reference to memory.
          ▸ Go to 0x32c123 in memory, which 0x7ffff7fef000 is. | It took no reference to memory.
          · 0x7ffff7fef000 is 0x32c123, after no reference to memory
        0x7ffff7fef000 is 0x32c123 in memory. | It took one reference to memory; the next time a TLB knows.
          ▸ Go to 0x32c123 in memory, which 0x7ffff7fef000 is. | It took one reference to memory; the next time a TLB knows.
          · 0x7ffff7fef000 is 0x32c123, after one reference to memory
        0x7ffff7fef000 is 0x32c123 in memory. | It took 4 references to memory; the next time a TLB knows.
          ▸ Go to 0x32c123 in memory, which 0x7ffff7fef000 is. | It took 4 references to memory; the next time a TLB knows.
          · 0x7ffff7fef000 is 0x32c123, after 4 references to memory
        P = 0: the TLB did not let p through at 0x7ffff7fef000. | Nothing is there yet: the kernel has to see to it.
          ▸ Stop p at 0x7ffff7fef000: the TLB says P = 0. | Nothing is there yet: the kernel has to see to it.
          · the TLB says P = 0 at 0x7ffff7fef000
        P = 0: the PTE entry did not let p through at 0x7ffff7fef000. | Nothing is there yet: the kernel has to see to it.
          ▸ Stop p at 0x7ffff7fef000: the PTE entry says P = 0. | Nothing is there yet: the kernel has to see to it.
          · the PTE entry says P = 0 at 0x7ffff7fef000
        R/W = 0: the TLB did not let p through at 0x7ffff7fef000. | It may not be written to: the kernel has to decide.
          ▸ Stop p at 0x7ffff7fef000: the TLB says R/W = 0. | It may not be written to: the kernel has to decide.
          · the TLB says R/W = 0 at 0x7ffff7fef000
        R/W = 0: the PTE entry did not let p through at 0x7ffff7fef000. | It may not be written to: the kernel has to decide.
          ▸ Stop p at 0x7ffff7fef000: the PTE entry says R/W = 0. | It may not be written to: the kernel has to decide.
          · the PTE entry says R/W = 0 at 0x7ffff7fef000
        NX = 1: the TLB did not let p through at 0x7ffff7fef000. | It is no code: the kernel has to decide.
          ▸ Stop p at 0x7ffff7fef000: the TLB says NX = 1. | It is no code: the kernel has to decide.
          · the TLB says NX = 1 at 0x7ffff7fef000
        NX = 1: the PTE entry did not let p through at 0x7ffff7fef000. | It is no code: the kernel has to decide.
          ▸ Stop p at 0x7ffff7fef000: the PTE entry says NX = 1. | It is no code: the kernel has to decide.
          · the PTE entry says NX = 1 at 0x7ffff7fef000
    "#]].assert_eq(&en);
    expect![[r#"
        CR3 指向了 p 的 PGD，812 号页框。 | 分到槽 0，是空的。
          ▸ 让 CR3 指向 p 的 PGD，812 号页框。 | 分到槽 0，是空的。
          · CR3：p 的 PGD，812 号页框
        CR3 指向了 p 的 PGD，812 号页框。 | 分到槽 5，丢掉 9 项。
          ▸ 让 CR3 指向 p 的 PGD，812 号页框。 | 分到槽 5，丢掉 9 项。
          · CR3：p 的 PGD，812 号页框
        CR3 指向了 p 的 PGD，812 号页框。 | 槽 1 里的转换还有效，一项也不丢。
          ▸ 让 CR3 指向 p 的 PGD，812 号页框。 | 槽 1 里的转换还有效，一项也不丢。
          · CR3：p 的 PGD，812 号页框
        CPU 0 换成 p，CR3 不变：还是 p 的 PGD。 | 同一进程的线程共用页表，TLB 一项也不丢。
          ▸ CPU 0 换 p 来跑，CR3 不变：还是 p 的 PGD。 | 同一进程的线程共用页表，TLB 一项也不丢。
          · CPU 0 换成 p，CR3 不变
        第一次写 0x7ffff7fef000，还是去读了页表。 | 内核要知道哪页写过：得在页表里置 D 位。
          ▸ 第一次写 0x7ffff7fef000：还是要读页表。 | 内核要知道哪页写过：得在页表里置 D 位。
          · 第一次写 0x7ffff7fef000，要读页表
        记得 0x7ffff7fef000 的 PTE 表：812 号页框。 | 上次走过这条路，上面 3 级不用再读。
          ▸ 0x7ffff7fef000 从记得的 PTE 表查起，812 号页框。 | 上次走过这条路，上面 3 级不用再读。
          · 0x7ffff7fef000 从 812 号页框的 PTE 表查起
        记得 0x7ffff7fef000 的 PUD 表：812 号页框。 | 上次走过这条路，上面 1 级不用再读。
          ▸ 0x7ffff7fef000 从记得的 PUD 表查起，812 号页框。 | 上次走过这条路，上面 1 级不用再读。
          · 0x7ffff7fef000 从 812 号页框的 PUD 表查起
        读了 812 号页框里 PGD 的第 495 项：指向 812 号页框。 | 第 1 次访存，标志 P W U A D。
          ▸ 读 812 号页框里 PGD 的第 495 项：指向 812 号页框。 | 第 1 次访存，标志 P W U A D。
          · 812 号页框 PGD 第 495 项：指向 812 号页框
        读了 812 号页框里 PMD 的第 495 项：指向 812 号页框。 | 第 3 次访存，标志 P W U A D PS G NX。
          ▸ 读 812 号页框里 PMD 的第 495 项：指向 812 号页框。 | 第 3 次访存，标志 P W U A D PS G NX。
          · 812 号页框 PMD 第 495 项：指向 812 号页框
        读了 812 号页框里 PTE 的第 495 项：不在内存。 | 第 4 次访存。
          ▸ 读 812 号页框里 PTE 的第 495 项：不在内存。 | 第 4 次访存。
          · 812 号页框 PTE 第 495 项：不在内存
        处理器在 812 号页框第 495 项置了 D 位：这页写过。 | 回收和写回都看这些位。
          ▸ 在 812 号页框第 495 项置 D 位：这页写过。 | 回收和写回都看这些位。
          · 812 号页框第 495 项置 D 位
        处理器在 812 号页框第 495 项置了 A 位：这页用过。 | 回收和写回都看这些位。
          ▸ 在 812 号页框第 495 项置 A 位：这页用过。 | 回收和写回都看这些位。
          · 812 号页框第 495 项置 A 位
        CPU 0 忘掉了 p 的 1 页，TLB 少了 1 项。 | 每页一条 INVLPG。
          ▸ 让 CPU 0 忘掉 p 的 1 页，TLB 少 1 项。 | 每页一条 INVLPG。
          · CPU 0 忘掉 p 的 1 页：1 项
        CPU 0 忘掉了 p 的 33 页，TLB 少了 2 项。 | 别的 CPU 发中断要它做：TLB 击落。
          ▸ 让 CPU 0 忘掉 p 的 33 页，TLB 少 2 项。 | 别的 CPU 发中断要它做：TLB 击落。
          · CPU 0 忘掉 p 的 33 页：2 项
        CPU 0 忘掉了 p 的所有页，TLB 少了 9 项。 | 超过 33 页或页表没了：一次全丢更快。
          ▸ 让 CPU 0 忘掉 p 的所有页，TLB 少 9 项。 | 超过 33 页或页表没了：一次全丢更快。
          · CPU 0 忘掉 p 的所有页：9 项
        CPU 0 忘掉了 p 的所有页，TLB 少了 9 项。 | 别的 CPU 发中断要它做：TLB 击落。
          ▸ 让 CPU 0 忘掉 p 的所有页，TLB 少 9 项。 | 别的 CPU 发中断要它做：TLB 击落。
          · CPU 0 忘掉 p 的所有页：9 项
        查了 L1 TLB 第 15 组，没有 0x7ffff7fef000。 | 未命中，去查更大的 L2。
          ▸ 在 L1 TLB 第 15 组查 0x7ffff7fef000：没有。 | 未命中，去查更大的 L2。
          · L1 TLB 第 15 组没有 0x7ffff7fef000
        L1 TLB 里有 0x7ffff7fef000：812 号页框。 | 命中，不用读页表。
          ▸ 在 L1 TLB 里查 0x7ffff7fef000：有，812 号页框。 | 命中，不用读页表。
          · L1 TLB 命中 0x7ffff7fef000：812 号页框
        L1 TLB 里有 0x7ffff7fef000：812 号页框。 | 命中了大页，不用读页表。
          ▸ 在 L1 TLB 里查 0x7ffff7fef000：有，812 号页框。 | 命中了大页，不用读页表。
          · L1 TLB 命中 0x7ffff7fef000：812 号页框
        查了 L2 TLB 第 15 组，没有 0x7ffff7fef000。 | 也未命中，只能去读页表。
          ▸ 在 L2 TLB 第 15 组查 0x7ffff7fef000：没有。 | 也未命中，只能去读页表。
          · L2 TLB 第 15 组没有 0x7ffff7fef000
        L2 TLB 里有 0x7ffff7fef000：812 号页框。 | 命中：慢几个周期，仍不用读页表。
          ▸ 在 L2 TLB 里查 0x7ffff7fef000：有，812 号页框。 | 命中：慢几个周期，仍不用读页表。
          · L2 TLB 命中 0x7ffff7fef000：812 号页框
        L2 TLB 里有 0x7ffff7fef000：812 号页框。 | 命中：慢几个周期，仍不用读页表。
          ▸ 在 L2 TLB 里查 0x7ffff7fef000：有，812 号页框。 | 命中：慢几个周期，仍不用读页表。
          · L2 TLB 命中 0x7ffff7fef000：812 号页框
        L1 TLB 第 15 组记下了 0x7ffff7fef000。 | 这一组还有空位。
          ▸ 在 L1 TLB 第 15 组记下 0x7ffff7fef000。 | 这一组还有空位。
          · L1 TLB 第 15 组记下 0x7ffff7fef000
        L1 TLB 第 15 组记下了 0x7ffff7fef000。 | 最久没用的 0x7ffff7fef000 让出位置。
          ▸ 在 L1 TLB 第 15 组记下 0x7ffff7fef000。 | 最久没用的 0x7ffff7fef000 让出位置。
          · L1 TLB 第 15 组记下 0x7ffff7fef000
        L1 TLB 第 15 组记下了 0x7ffff7fef000。 | 一项管 2 MiB。
          ▸ 在 L1 TLB 第 15 组记下 0x7ffff7fef000。 | 一项管 2 MiB。
          · L1 TLB 第 15 组记下 0x7ffff7fef000
        L1 TLB 第 15 组记下了 0x7ffff7fef000。 | 一项管 1 GiB。
          ▸ 在 L1 TLB 第 15 组记下 0x7ffff7fef000。 | 一项管 1 GiB。
          · L1 TLB 第 15 组记下 0x7ffff7fef000
        0x7ffff7fef000 就是内存里的 0x32c123。 | 没有访存。
          ▸ 去内存的 0x32c123，它就是 0x7ffff7fef000。 | 没有访存。
          · 0x7ffff7fef000 是 0x32c123，访存 0 次
        0x7ffff7fef000 就是内存里的 0x32c123。 | 访存 1 次，下次查 TLB 就行。
          ▸ 去内存的 0x32c123，它就是 0x7ffff7fef000。 | 访存 1 次，下次查 TLB 就行。
          · 0x7ffff7fef000 是 0x32c123，访存 1 次
        0x7ffff7fef000 就是内存里的 0x32c123。 | 访存 4 次，下次查 TLB 就行。
          ▸ 去内存的 0x32c123，它就是 0x7ffff7fef000。 | 访存 4 次，下次查 TLB 就行。
          · 0x7ffff7fef000 是 0x32c123，访存 4 次
        TLB 里 P = 0，p 在 0x7ffff7fef000 被拦下。 | 那里还没有页，交给内核。
          ▸ 在 0x7ffff7fef000 拦下 p：TLB 里 P = 0。 | 那里还没有页，交给内核。
          · 0x7ffff7fef000 的 TLB 里 P = 0
        PTE 项里 P = 0，p 在 0x7ffff7fef000 被拦下。 | 那里还没有页，交给内核。
          ▸ 在 0x7ffff7fef000 拦下 p：PTE 项里 P = 0。 | 那里还没有页，交给内核。
          · 0x7ffff7fef000 的 PTE 项里 P = 0
        TLB 里 R/W = 0，p 在 0x7ffff7fef000 被拦下。 | 不许写，由内核决定。
          ▸ 在 0x7ffff7fef000 拦下 p：TLB 里 R/W = 0。 | 不许写，由内核决定。
          · 0x7ffff7fef000 的 TLB 里 R/W = 0
        PTE 项里 R/W = 0，p 在 0x7ffff7fef000 被拦下。 | 不许写，由内核决定。
          ▸ 在 0x7ffff7fef000 拦下 p：PTE 项里 R/W = 0。 | 不许写，由内核决定。
          · 0x7ffff7fef000 的 PTE 项里 R/W = 0
        TLB 里 NX = 1，p 在 0x7ffff7fef000 被拦下。 | 不是代码，由内核决定。
          ▸ 在 0x7ffff7fef000 拦下 p：TLB 里 NX = 1。 | 不是代码，由内核决定。
          · 0x7ffff7fef000 的 TLB 里 NX = 1
        PTE 项里 NX = 1，p 在 0x7ffff7fef000 被拦下。 | 不是代码，由内核决定。
          ▸ 在 0x7ffff7fef000 拦下 p：PTE 项里 NX = 1。 | 不是代码，由内核决定。
          · 0x7ffff7fef000 的 PTE 项里 NX = 1
    "#]]
    .assert_eq(&zh);
}

#[test]
fn the_longest_sentences_of_translations_fit() {
    let long = format!("{}[1000000]", "abcdefghijklmnopqrstuvwxyz_12345");
    let scenario = scenario(&long, 64);
    for step in steps(Vaddr(0x7fff_ffff_f000), Pfn(8_387_584), 100_000) {
        let kind = StepKind::Mmu { cpu: CpuId(63), process: P, step };
        for lang in Lang::ALL {
            for sentence in told(lang, &Words::of_scenario(&scenario), &kind).0 {
                keeps_the_rules(&sentence, lang, &scenario.names, Some(&kind));
            }
        }
    }
}
