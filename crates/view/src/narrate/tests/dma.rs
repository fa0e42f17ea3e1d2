//! Memory for devices: every kind of step in both languages, with the longest names and numbers.

use expect_test::expect;
use mm::dma::{Direction, Lane, NoMapping, Region, Through};
use mm::step::DmaStep;

use super::rules::keeps_the_rules;
use super::*;

fn steps([name, device]: [NameId; 2], first: Pfn, pages: u32) -> Vec<DmaStep> {
    use DmaStep as S;
    let (pool, order, iova) = (0, Order::MAX, 0xf_ff00);
    let block = Block { pfn: Pfn(first.0 & !1023), order };
    let lanes = [
        Lane::Pool { pool, first, order },
        Lane::Cma { first, pages },
        Lane::Buddy(block),
        Lane::Iommu { iova, pages },
    ];
    let mut all = vec![
        S::Device { name: device, mask: 32, region: None },
        S::Device { name: device, mask: 64, region: Some(Region::Pool(0)) },
        S::Asked { name, device, bytes: u64::from(pages) << 12, pages, mask: 32, atomic: false },
        S::Asked { name, device, bytes: u64::from(pages) << 12, pages, mask: 32, atomic: true },
        S::FromPool { name, pool, first, order },
        S::PoolFull { name, pool, pages },
        S::FromArea { name, area: 0, pages, align: 8 },
        S::AsksBuddy { name, order: 12 },
        S::TooHigh { name, pfn: first, mask: 30 },
        S::Scattered { name, pages },
        S::Gathered { name, pages: pages / 2, of: pages, last: Some(block) },
        S::Addresses { name, iova, pages },
        S::Mapped { name, iova, pages, tables: 0 },
        S::Mapped { name, iova, pages, tables: 4 },
        S::Failed { name, pages: 3 },
        S::Failed { name, pages: 65_536 },
        S::Unmapped { name, iova, pages },
    ];
    for lane in lanes {
        all.push(S::Got { name, device, lane });
        all.push(S::Free { name, device, lane });
    }
    for known in [None, Some(false), Some(true)] {
        all.push(S::Access { device, address: iova, pfn: first, known });
    }
    all.extend(lent([name, device], first));
    all
}

/// What is lent for a while.
fn lent([name, device]: [NameId; 2], first: Pfn) -> Vec<DmaStep> {
    use DmaStep as S;
    let (what, value, newest, bytes) = (name, 41, 42, 262_144);
    let address = u64::from(first.0) << 12;
    let mut all = vec![
        S::Direct { name, address, bytes },
        S::OutOfReach { name, last: address + 0xfff, mask: 32 },
        S::Slots { name, first: 3, slots: 1, used: 1 },
        S::Slots { name, first: 130_944, slots: 128, used: 131_072 },
        S::Bounced { name, first: 0, slots: 3, to_device: true, value },
        S::Bounced { name, first: 0, slots: 3, to_device: false, value },
        S::Cleaned { name, wrote: true, value },
        S::Cleaned { name, wrote: false, value },
        S::Baton { name, device, with_device: true },
        S::Baton { name, device, with_device: false },
        S::Faulted { name, device, write: true, address },
        S::Faulted { name, device, write: false, address },
        S::CpuTouched { what, write: true, value, newest: value, lent_to: None },
        S::CpuTouched { what, write: true, value, newest: value, lent_to: Some(device) },
        S::CpuTouched { what, write: false, value, newest: value, lent_to: None },
        S::CpuTouched { what, write: false, value, newest, lent_to: Some(device) },
    ];
    for dir in [Direction::ToDevice, Direction::FromDevice, Direction::Both] {
        all.push(S::MapAsked { name, device, what, first, bytes, dir });
    }
    for dropped in [None, Some((value, false)), Some((value, true))] {
        all.push(S::Invalidated { name, dropped });
    }
    let full = NoMapping::Full { largest: 127 };
    for why in [NoMapping::NoSwiotlb, NoMapping::TooLarge, full, NoMapping::SlotTooHigh, NoMapping::NoTables]
    {
        all.push(S::NotMapped { name, bytes, why });
    }
    let iommu = Through::Iommu { iova: 0xf_ff00, pages: 64 };
    for through in [Through::Direct, Through::Swiotlb { first: 0, slots: 128 }, iommu] {
        all.push(S::StreamEnds { name, device, through });
    }
    for (write, value, with_device) in
        [(true, 42, true), (true, 42, false), (false, 42, true), (false, 41, true)]
    {
        all.push(S::DeviceTouched { name, device, write, value, newest, with_device });
    }
    all
}

fn text_of(names: [&str; 2], first: Pfn, pages: u32, lang: Lang) -> String {
    let scenario = Story::on(mm::Config::single_zone(64)).names(&names).scenario();
    let words = Words::of_scenario(&scenario);
    let mut text = String::new();
    for step in steps([NameId(0), NameId(1)], first, pages) {
        let kind = StepKind::Dma(step);
        let ([did, next], brief) = reclaim::told(lang, &words, &kind);
        for sentence in [&did, &next] {
            keeps_the_rules(sentence, lang, &scenario.names, Some(&kind));
        }
        assert!(brief.chars().count() > 3, "{brief}");
        text += &format!("{} | {}\n  ▸ {} | {}\n  · {brief}\n", did.text, did.why, next.text, next.why);
    }
    text
}

#[test]
fn the_longest_sentences_fit() {
    let names = ["a_name_as_long_as_a_name_can_be_in_a_text", "a_device_with_a_name_as_long_as_it_can_be"];
    for lang in Lang::ALL {
        text_of(names, Pfn(8_388_600), 65_536, lang);
    }
}

#[test]
fn every_step_of_a_device_is_told() {
    expect![[r#"
        Device cam is there. | It puts out 32 bits of an address.
          ▸ Declare device cam. | It puts out 32 bits of an address.
          · device cam, 32 bits
        Device cam is there. | It puts out 64 bits of an address, and has memory of its own.
          ▸ Declare device cam. | It puts out 64 bits of an address, and has memory of its own.
          · device cam, 64 bits
        cam wants 1 MiB for buf. | It sees memory as one piece, from the first address to the last.
          ▸ Ask for 1 MiB for buf, which cam is to use. | It sees memory as one piece, from the first address to the last.
          · buf: 1 MiB for cam
        cam wants 1 MiB for buf. | It has no MMU, so one piece is wanted, and nobody may wait.
          ▸ Ask for 1 MiB for buf, which cam is to use. | It has no MMU, so one piece is wanted, and nobody may wait.
          · buf: 1 MiB for cam
        buf has frames 48,640–49,663 of a pool that was kept for devices. | Reserved at boot: always there, and of no use to others.
          ▸ Give buf frames 48,640–49,663 of a pool that was kept for devices. | Reserved at boot: always there, and of no use to others.
          · buf: frames 48,640–49,663 of the pool
        The pool has no room of 256 pages for buf. | A device with a pool gets nothing from anywhere else.
          ▸ Look in the pool for 256 pages for buf: there is no room. | A device with a pool gets nothing from anywhere else.
          · buf: the pool is full
        A contiguous area was asked for 256 pages for buf. | Exactly so many, aligned to 256. Guests have to leave first.
          ▸ Ask the contiguous area for 256 pages for buf. | Exactly so many, aligned to 256. Guests have to leave first.
          · buf: CMA is asked for 256 pages
        The area had nothing for buf: the buddy system is next. | A block of order 12 is the last hope.
          ▸ Turn to the buddy system: the area has nothing for buf. | A block of order 12 is the last hope.
          · buf: on to the buddy system
        Block 48,640 lies above what 30 bits reach: buf cannot have it. | A lower zone is next.
          ▸ Give block 48,640 back: 30 bits do not reach it, for buf. | A lower zone is next.
          · block 48,640 is above 30 bits
        256 pages for buf may be scattered. | The IOMMU makes one piece of them: frames may lie anywhere.
          ▸ Gather 256 pages for buf, wherever they are. | The IOMMU makes one piece of them: frames may lie anywhere.
          · buf: 256 pages, wherever they are
        128 of 256 pages are there for buf. | The largest blocks first, single pages if there are none.
          ▸ Gather pages for buf: 128 of 256. | The largest blocks first, single pages if there are none.
          · buf: 128 of 256 pages
        buf has addresses for 256 pages, from 0xfff00000 on. | The device's own addresses, from the top downwards.
          ▸ Find addresses for 256 pages of buf: from 0xfff00000 on. | The device's own addresses, from the top downwards.
          · buf: addresses from 0xfff00000 on
        256 pages of buf got their entries, from 0xfff00000 on. | The tables that are there have room.
          ▸ Write the entries for 256 pages of buf, from 0xfff00000 on. | The tables that are there have room.
          · buf: 256 pages mapped
        256 pages of buf got their entries, from 0xfff00000 on. | 4 tables for that came from the buddy system.
          ▸ Write the entries for 256 pages of buf, from 0xfff00000 on. | 4 tables for that came from the buddy system.
          · buf: 256 pages mapped
        buf was not had: 12 KiB. | There was no piece that is large enough.
          ▸ Give up: 12 KiB for buf. | There was no piece that is large enough.
          · buf fails
        buf was not had: 256 MiB. | The largest block of the buddy system has 4 MiB.
          ▸ Give up: 256 MiB for buf. | The largest block of the buddy system has 4 MiB.
          · buf fails
        256 pages of buf lost their entries, from 0xfff00000 on. | The IOTLB has forgotten them; the pages went back.
          ▸ Take the entries of 256 pages of buf, from 0xfff00000 on. | The IOTLB has forgotten them; the pages went back.
          · buf: 256 pages unmapped
        cam can use buf. | Frames 48,640–49,663, one behind the other.
          ▸ Hand buf over to cam. | Frames 48,640–49,663, one behind the other.
          · cam has buf
        cam gives buf back. | Frames 48,640–49,663 can be had again.
          ▸ Take buf back from cam. | Frames 48,640–49,663 can be had again.
          · cam gives buf back
        cam can use buf. | Frames 48,640–48,895, one behind the other.
          ▸ Hand buf over to cam. | Frames 48,640–48,895, one behind the other.
          · cam has buf
        cam gives buf back. | Frames 48,640–48,895 can be had again.
          ▸ Take buf back from cam. | Frames 48,640–48,895 can be had again.
          · cam gives buf back
        cam can use buf. | Frames 48,128–49,151: a block of the buddy system.
          ▸ Hand buf over to cam. | Frames 48,128–49,151: a block of the buddy system.
          · cam has buf
        cam gives buf back. | Frames 48,128–49,151 can be had again.
          ▸ Take buf back from cam. | Frames 48,128–49,151 can be had again.
          · cam gives buf back
        cam can use buf. | For it they are one piece, from 0xfff00000 on.
          ▸ Hand buf over to cam. | For it they are one piece, from 0xfff00000 on.
          · cam has buf
        cam gives buf back. | Its entries go first, then its pages.
          ▸ Take buf back from cam. | Its entries go first, then its pages.
          · cam gives buf back
        cam used address 0xfff00000: frame 48,640. | Nothing lies between: its addresses are those of memory.
          ▸ Let cam use address 0xfff00000: frame 48,640. | Nothing lies between: its addresses are those of memory.
          · cam: 0xfff00000 is frame 48,640
        cam used address 0xfff00000: frame 48,640. | The IOTLB did not know the way: four tables were read.
          ▸ Let cam use address 0xfff00000: frame 48,640. | The IOTLB did not know the way: four tables were read.
          · cam: 0xfff00000 is frame 48,640
        cam used address 0xfff00000: frame 48,640. | The IOTLB knew the way.
          ▸ Let cam use address 0xfff00000: frame 48,640. | The IOTLB knew the way.
          · cam: 0xfff00000 is frame 48,640
        buf is used where it lies, at address 0xbe00000. | All of it is within the device's reach: nothing has to be copied.
          ▸ Let the device use buf where it lies, at address 0xbe00000. | All of it is within the device's reach: nothing has to be copied.
          · buf is used where it lies
        32 bits do not reach buf, which ends at 0xbe00fff. | A copy low in memory has to stand for it.
          ▸ See whether 32 bits reach buf, which ends at 0xbe00fff. | A copy low in memory has to stand for it.
          · 32 bits do not reach buf
        buf has slot 3, in the bounce buffers. | Slots of 2 KiB that are in use now: 1.
          ▸ Give buf slot 3, in the bounce buffers. | Slots of 2 KiB that are in use now: 1.
          · buf: slot 3
        buf has 128 slots from slot 130944 on, in the bounce buffers. | Slots of 2 KiB that are in use now: 131072.
          ▸ Give buf 128 slots from slot 130944 on, in the bounce buffers. | Slots of 2 KiB that are in use now: 131072.
          · buf: 128 slots from slot 130944 on
        The CPU copied buf to its slots: version 41. | The device works there, and not in the buffer.
          ▸ Copy buf to its slots: version 41. | The device works there, and not in the buffer.
          · buf is copied to its slots
        The CPU copied buf back from its slots: version 41. | Now the buffer has what the device wrote.
          ▸ Copy buf back from its slots: version 41. | Now the buffer has what the device wrote.
          · buf is copied back from its slots
        The cache wrote version 41 of buf to memory. | This device does not look into caches.
          ▸ Write version 41 of buf from the cache to memory. | This device does not look into caches.
          · buf: version 41 is in memory
        Nothing of buf had to be written from the cache. | Memory has version 41 already.
          ▸ Write what the cache has of buf to memory: there is nothing. | Memory has version 41 already.
          · buf: nothing to write
        It is cam's turn with buf. | The CPU keeps its hands off until it is synced or unmapped.
          ▸ From now on it is cam's turn with buf. | The CPU keeps its hands off until it is synced or unmapped.
          · buf: cam's turn
        It is the CPU's turn with buf. | cam keeps its hands off until it is synced.
          ▸ From now on it is the CPU's turn with buf. | cam keeps its hands off until it is synced.
          · buf: the CPU's turn
        The IOMMU did not let cam write buf at 0xbe00000. | It was lent to be read.
          ▸ Stop cam, which wants to write buf at 0xbe00000. | It was lent to be read.
          · cam may not write buf
        The IOMMU did not let cam read buf at 0xbe00000. | It was lent to be written.
          ▸ Stop cam, which wants to read buf at 0xbe00000. | It was lent to be written.
          · cam may not read buf
        The CPU wrote buf: version 41. | It is in the CPU's cache, and not yet in memory.
          ▸ Write version 41 of buf. | It is in the CPU's cache, and not yet in memory.
          · the CPU writes buf
        The CPU wrote buf: version 41. | It is cam's turn, which may never see that.
          ▸ Write version 41 of buf. | It is cam's turn, which may never see that.
          · the CPU writes buf
        The CPU read buf: version 41. | Nobody has written a newer one.
          ▸ Read buf with the CPU: version 41. | Nobody has written a newer one.
          · the CPU reads buf: version 41
        The CPU read buf: version 41, and 42 is newer. | What the device wrote lies elsewhere: it was not synced for the CPU.
          ▸ Read buf with the CPU: version 41, and 42 is newer. | What the device wrote lies elsewhere: it was not synced for the CPU.
          · the CPU reads buf: version 41
        cam is to use 256 KiB of buf for a while. | The device is going to read it.
          ▸ Lend 256 KiB of buf to cam for a while. | The device is going to read it.
          · buf is lent to cam
        cam is to use 256 KiB of buf for a while. | The device is going to write it.
          ▸ Lend 256 KiB of buf to cam for a while. | The device is going to write it.
          · buf is lent to cam
        cam is to use 256 KiB of buf for a while. | The device is going to read and to write it.
          ▸ Lend 256 KiB of buf to cam for a while. | The device is going to read and to write it.
          · buf is lent to cam
        The cache forgot nothing of buf. | The next read comes from memory anyway.
          ▸ Make the cache forget buf: it has nothing. | The next read comes from memory anyway.
          · the cache forgets buf
        The cache forgot version 41 of buf. | The next read comes from memory.
          ▸ Make the cache forget buf: it has version 41. | The next read comes from memory.
          · the cache forgets buf
        The cache forgot version 41, which was nowhere else of buf. | It was written when it was the device's turn: now it is lost.
          ▸ Make the cache forget buf: it has version 41, which was nowhere else. | It was written when it was the device's turn: now it is lost.
          · the cache forgets buf
        buf is refused: 256 KiB. | There are no bounce buffers, and it is out of reach.
          ▸ Refuse buf: 256 KiB. | There are no bounce buffers, and it is out of reach.
          · buf is refused
        buf is refused: 256 KiB. | 128 slots in a row are the most: 256 KiB.
          ▸ Refuse buf: 256 KiB. | 128 slots in a row are the most: 256 KiB.
          · buf is refused
        buf is refused: 256 KiB. | The longest free run has 127 slots.
          ▸ Refuse buf: 256 KiB. | The longest free run has 127 slots.
          · buf is refused
        buf is refused: 256 KiB. | The bounce buffers are out of its reach, too.
          ▸ Refuse buf: 256 KiB. | The bounce buffers are out of its reach, too.
          · buf is refused
        buf is refused: 256 KiB. | There are no addresses left, or no page for a table.
          ▸ Refuse buf: 256 KiB. | There are no addresses left, or no page for a table.
          · buf is refused
        buf is over: cam has it no longer. | There was nothing to copy.
          ▸ Take buf away from cam. | There was nothing to copy.
          · buf is over
        buf is over: cam has it no longer. | 128 slots came free.
          ▸ Take buf away from cam. | 128 slots came free.
          · buf is over
        buf is over: cam has it no longer. | Its entries are gone, from the IOTLB as well.
          ▸ Take buf away from cam. | Its entries are gone, from the IOTLB as well.
          · buf is over
        cam wrote buf: version 42. | It is its turn; the CPU sees that once it is synced or unmapped.
          ▸ Let cam write version 42 of buf. | It is its turn; the CPU sees that once it is synced or unmapped.
          · cam writes buf
        cam wrote buf: version 42. | It is the CPU's turn: whose version stays is a matter of luck.
          ▸ Let cam write version 42 of buf. | It is the CPU's turn: whose version stays is a matter of luck.
          · cam writes buf
        cam read buf: version 42. | Nobody has written a newer one.
          ▸ Let cam read buf: version 42. | Nobody has written a newer one.
          · cam reads buf: version 42
        cam read buf: version 41, and 42 is newer. | What the CPU wrote lies elsewhere: it was not synced for the device.
          ▸ Let cam read buf: version 41, and 42 is newer. | What the CPU wrote lies elsewhere: it was not synced for the device.
          · cam reads buf: version 41
    "#]].assert_eq(&text_of(["buf", "cam"], Pfn(48_640), 256, Lang::En));
    expect![[r#"
        有了设备 cam。 | 它能发出 32 位地址。
          ▸ 声明设备 cam。 | 它能发出 32 位地址。
          · 设备 cam：32 位
        有了设备 cam。 | 它能发出 64 位地址，还有自己的内存。
          ▸ 声明设备 cam。 | 它能发出 64 位地址，还有自己的内存。
          · 设备 cam：64 位
        cam 为 buf 要 1 MiB。 | 它眼里的内存是一整块，地址从头到尾。
          ▸ cam 为 buf 要 1 MiB。 | 它眼里的内存是一整块，地址从头到尾。
          · buf 要 1 MiB
        cam 为 buf 要 1 MiB。 | 它没有 MMU，要一整块，而且不能等。
          ▸ cam 为 buf 要 1 MiB。 | 它没有 MMU，要一整块，而且不能等。
          · buf 要 1 MiB
        buf 得到设备池里的 48,640–49,663 号页框。 | 启动时留好的：随时都有，别人用不上。
          ▸ 从设备池里给 buf 48,640–49,663 号页框。 | 启动时留好的：随时都有，别人用不上。
          · buf ：池里的 48,640–49,663 号
        池里放不下 buf 的 256 页。 | 有池的设备不会再去别处要。
          ▸ 在池里给 buf 找 256 页：放不下。 | 有池的设备不会再去别处要。
          · buf ：池满了
        为 buf 向连续内存区要了 256 页。 | 不多不少，按 256 对齐；客人得先搬走。
          ▸ 为 buf 向连续内存区要 256 页。 | 不多不少，按 256 对齐；客人得先搬走。
          · buf 向 CMA 要 256 页
        连续内存区给不了 buf，去找伙伴系统。 | 只剩下伙伴系统的 12 阶块了。
          ▸ 连续内存区给不了 buf，去找伙伴系统。 | 只剩下伙伴系统的 12 阶块了。
          · buf 去找伙伴系统
        48,640 号块太高，30 位地址够不着，不能给 buf。 | 再到更低的区去找。
          ▸ 还回 48,640 号块：30 位地址够不着，不能给 buf。 | 再到更低的区去找。
          · 30 位地址够不着 48,640 号块
        buf 的 256 页可以是分散的。 | IOMMU 会把它们拼成一整块，页框在哪里都行。
          ▸ 为 buf 到处收集 256 页。 | IOMMU 会把它们拼成一整块，页框在哪里都行。
          · buf ：到处收集 256 页
        为 buf 收集到 128 页，共要 256 页。 | 先拿大块，没有就一页一页地拿。
          ▸ 为 buf 收集：128 页，共要 256 页。 | 先拿大块，没有就一页一页地拿。
          · buf ：收集到 128/256 页
        buf 得到 256 页地址，从 0xfff00000 起。 | 这是设备自己的地址，从高处往下给。
          ▸ 给 buf 找 256 页地址：从 0xfff00000 起。 | 这是设备自己的地址，从高处往下给。
          · buf ：地址从 0xfff00000 起
        buf 的 256 页有了表项，从 0xfff00000 起。 | 已有的表放得下。
          ▸ 给 buf 的 256 页写表项，从 0xfff00000 起。 | 已有的表放得下。
          · buf ：映射了 256 页
        buf 的 256 页有了表项，从 0xfff00000 起。 | 为此向伙伴系统要了 4 张表。
          ▸ 给 buf 的 256 页写表项，从 0xfff00000 起。 | 为此向伙伴系统要了 4 张表。
          · buf ：映射了 256 页
        buf 没要到：12 KiB。 | 没有足够大的一块。
          ▸ 放弃： buf 要不到 12 KiB。 | 没有足够大的一块。
          · buf 失败
        buf 没要到：256 MiB。 | 伙伴系统最大的块是 4 MiB。
          ▸ 放弃： buf 要不到 256 MiB。 | 伙伴系统最大的块是 4 MiB。
          · buf 失败
        buf 的 256 页没有表项了，从 0xfff00000 起。 | IOTLB 忘掉了它们，页框也还了。
          ▸ 去掉 buf 的 256 页的表项，从 0xfff00000 起。 | IOTLB 忘掉了它们，页框也还了。
          · buf ：去掉 256 页的映射
        cam 可以用 buf 了。 | 48,640–49,663 号页框，一张挨一张。
          ▸ 把 buf 交给 cam。 | 48,640–49,663 号页框，一张挨一张。
          · cam 得到 buf
        cam 归还 buf。 | 48,640–49,663 号页框又能给别人。
          ▸ 从 cam 收回 buf。 | 48,640–49,663 号页框又能给别人。
          · cam 归还 buf
        cam 可以用 buf 了。 | 48,640–48,895 号页框，一张挨一张。
          ▸ 把 buf 交给 cam。 | 48,640–48,895 号页框，一张挨一张。
          · cam 得到 buf
        cam 归还 buf。 | 48,640–48,895 号页框又能给别人。
          ▸ 从 cam 收回 buf。 | 48,640–48,895 号页框又能给别人。
          · cam 归还 buf
        cam 可以用 buf 了。 | 48,128–49,151 号页框：伙伴系统的一块。
          ▸ 把 buf 交给 cam。 | 48,128–49,151 号页框：伙伴系统的一块。
          · cam 得到 buf
        cam 归还 buf。 | 48,128–49,151 号页框又能给别人。
          ▸ 从 cam 收回 buf。 | 48,128–49,151 号页框又能给别人。
          · cam 归还 buf
        cam 可以用 buf 了。 | 在它眼里是一整块，从 0xfff00000 起。
          ▸ 把 buf 交给 cam。 | 在它眼里是一整块，从 0xfff00000 起。
          · cam 得到 buf
        cam 归还 buf。 | 先去掉表项，再还页框。
          ▸ 从 cam 收回 buf。 | 先去掉表项，再还页框。
          · cam 归还 buf
        cam 用了地址 0xfff00000：48,640 号页框。 | 中间没有隔着什么：它的地址就是内存的地址。
          ▸ 让 cam 用地址 0xfff00000：48,640 号页框。 | 中间没有隔着什么：它的地址就是内存的地址。
          · cam ：0xfff00000 是 48,640 号
        cam 用了地址 0xfff00000：48,640 号页框。 | IOTLB 不认得路：读了四级表。
          ▸ 让 cam 用地址 0xfff00000：48,640 号页框。 | IOTLB 不认得路：读了四级表。
          · cam ：0xfff00000 是 48,640 号
        cam 用了地址 0xfff00000：48,640 号页框。 | IOTLB 认得路。
          ▸ 让 cam 用地址 0xfff00000：48,640 号页框。 | IOTLB 认得路。
          · cam ：0xfff00000 是 48,640 号
        设备就地使用 buf，地址是 0xbe00000。 | 整个缓冲区设备都够得着，不用复制。
          ▸ 设备就地使用 buf，地址是 0xbe00000。 | 整个缓冲区设备都够得着，不用复制。
          · 就地使用 buf
        32 位地址够不着 buf：它到 0xbe00fff 为止。 | 只好在低处放一份副本。
          ▸ 看 32 位地址够不够得着 buf：它到 0xbe00fff 为止。 | 只好在低处放一份副本。
          · 32 位够不着 buf
        buf 得到弹跳缓冲区里第 3 个槽。 | 现在占用的 2 KiB 槽：1 个。
          ▸ 给 buf 弹跳缓冲区里第 3 个槽。 | 现在占用的 2 KiB 槽：1 个。
          · buf ：第 3 个槽
        buf 得到弹跳缓冲区里从第 130944 个起的 128 个槽。 | 现在占用的 2 KiB 槽：131072 个。
          ▸ 给 buf 弹跳缓冲区里从第 130944 个起的 128 个槽。 | 现在占用的 2 KiB 槽：131072 个。
          · buf ：从第 130944 个起的 128 个槽
        CPU 把 buf 复制到槽里：第 41 版。 | 设备用的是槽，不是缓冲区。
          ▸ 把 buf 复制到槽里：第 41 版。 | 设备用的是槽，不是缓冲区。
          · buf 复制到槽里
        CPU 把 buf 从槽里复制回来：第 41 版。 | 这下缓冲区里才有设备写的东西。
          ▸ 把 buf 从槽里复制回来：第 41 版。 | 这下缓冲区里才有设备写的东西。
          · buf 从槽里复制回来
        缓存把 buf 的第 41 版写回内存。 | 这个设备不看缓存。
          ▸ 缓存把 buf 的第 41 版写回内存。 | 这个设备不看缓存。
          · buf ：第 41 版写回内存
        缓存里没有 buf 要写回的东西。 | 内存里已经是第 41 版。
          ▸ 缓存里没有 buf 要写回的东西。 | 内存里已经是第 41 版。
          · buf ：没有要写回的
        轮到 cam 用 buf。 | 同步或解除映射之前，CPU 不能碰。
          ▸ 轮到 cam 用 buf。 | 同步或解除映射之前，CPU 不能碰。
          · 轮到 cam 用 buf
        轮到 CPU 用 buf。 | 再同步之前， cam 不能碰。
          ▸ 轮到 CPU 用 buf。 | 再同步之前， cam 不能碰。
          · 轮到 CPU 用 buf
        IOMMU 不让 cam 写 buf，地址是 0xbe00000。 | 它只借给设备读。
          ▸ IOMMU 不让 cam 写 buf，地址是 0xbe00000。 | 它只借给设备读。
          · cam 不能写 buf
        IOMMU 不让 cam 读 buf，地址是 0xbe00000。 | 它只借给设备写。
          ▸ IOMMU 不让 cam 读 buf，地址是 0xbe00000。 | 它只借给设备写。
          · cam 不能读 buf
        CPU 写了 buf：第 41 版。 | 在 CPU 的缓存里，还没到内存。
          ▸ CPU 写了 buf：第 41 版。 | 在 CPU 的缓存里，还没到内存。
          · CPU 写 buf
        CPU 写了 buf：第 41 版。 | 现在轮到 cam：它也许永远看不到。
          ▸ CPU 写了 buf：第 41 版。 | 现在轮到 cam：它也许永远看不到。
          · CPU 写 buf
        CPU 读了 buf：第 41 版。 | 没有人写过更新的。
          ▸ CPU 读了 buf：第 41 版。 | 没有人写过更新的。
          · CPU 读 buf：第 41 版
        CPU 读了 buf：第 41 版，最新的是第 42 版。 | 设备写的在别处：没有为 CPU 同步。
          ▸ CPU 读了 buf：第 41 版，最新的是第 42 版。 | 设备写的在别处：没有为 CPU 同步。
          · CPU 读 buf：第 41 版
        把 buf 的 256 KiB 借给 cam 用一会儿。 | 设备要读它。
          ▸ 把 buf 的 256 KiB 借给 cam 用一会儿。 | 设备要读它。
          · buf 借给 cam
        把 buf 的 256 KiB 借给 cam 用一会儿。 | 设备要写它。
          ▸ 把 buf 的 256 KiB 借给 cam 用一会儿。 | 设备要写它。
          · buf 借给 cam
        把 buf 的 256 KiB 借给 cam 用一会儿。 | 设备要读它，也要写它。
          ▸ 把 buf 的 256 KiB 借给 cam 用一会儿。 | 设备要读它，也要写它。
          · buf 借给 cam
        缓存忘掉 buf：没有它。 | 下次读本来就要去内存。
          ▸ 缓存忘掉 buf：没有它。 | 下次读本来就要去内存。
          · 缓存忘掉 buf
        缓存忘掉 buf：丢掉第 41 版。 | 下次读要去内存。
          ▸ 缓存忘掉 buf：丢掉第 41 版。 | 下次读要去内存。
          · 缓存忘掉 buf
        缓存忘掉 buf：丢掉第 41 版，别处没有。 | 轮到设备时 CPU 写了它：这下丢了。
          ▸ 缓存忘掉 buf：丢掉第 41 版，别处没有。 | 轮到设备时 CPU 写了它：这下丢了。
          · 缓存忘掉 buf
        buf 被拒绝：256 KiB。 | 够不着，又没有弹跳缓冲区。
          ▸ 拒绝 buf：256 KiB。 | 够不着，又没有弹跳缓冲区。
          · buf 被拒绝
        buf 被拒绝：256 KiB。 | 最多 128 个连续的槽：256 KiB。
          ▸ 拒绝 buf：256 KiB。 | 最多 128 个连续的槽：256 KiB。
          · buf 被拒绝
        buf 被拒绝：256 KiB。 | 最长的空闲段有 127 个槽。
          ▸ 拒绝 buf：256 KiB。 | 最长的空闲段有 127 个槽。
          · buf 被拒绝
        buf 被拒绝：256 KiB。 | 弹跳缓冲区它也够不着。
          ▸ 拒绝 buf：256 KiB。 | 弹跳缓冲区它也够不着。
          · buf 被拒绝
        buf 被拒绝：256 KiB。 | 没有地址了，或者没有页放表。
          ▸ 拒绝 buf：256 KiB。 | 没有地址了，或者没有页放表。
          · buf 被拒绝
        buf 结束了：cam 不能再用。 | 没有要复制的。
          ▸ 从 cam 收回 buf。 | 没有要复制的。
          · buf 结束
        buf 结束了：cam 不能再用。 | 还回 128 个槽。
          ▸ 从 cam 收回 buf。 | 还回 128 个槽。
          · buf 结束
        buf 结束了：cam 不能再用。 | 表项没了，IOTLB 也忘了。
          ▸ 从 cam 收回 buf。 | 表项没了，IOTLB 也忘了。
          · buf 结束
        cam 写了 buf：第 42 版。 | 轮到它；同步或解除映射之后 CPU 才看得到。
          ▸ cam 写了 buf：第 42 版。 | 轮到它；同步或解除映射之后 CPU 才看得到。
          · cam 写 buf
        cam 写了 buf：第 42 版。 | 现在轮到 CPU：谁的留下来要看运气。
          ▸ cam 写了 buf：第 42 版。 | 现在轮到 CPU：谁的留下来要看运气。
          · cam 写 buf
        cam 读了 buf：第 42 版。 | 没有人写过更新的。
          ▸ cam 读了 buf：第 42 版。 | 没有人写过更新的。
          · cam 读 buf：第 42 版
        cam 读了 buf：第 41 版，最新的是第 42 版。 | CPU 写的在别处：没有为设备同步。
          ▸ cam 读了 buf：第 41 版，最新的是第 42 版。 | CPU 写的在别处：没有为设备同步。
          · cam 读 buf：第 41 版
    "#]]
    .assert_eq(&text_of(["buf", "cam"], Pfn(48_640), 256, Lang::Zh));
}
