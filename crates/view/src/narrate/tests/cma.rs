//! Contiguous areas: every kind of step in both languages, with the longest names and numbers.

use expect_test::expect;
use mm::cma::Denied;
use mm::step::CmaStep;

use super::rules::keeps_the_rules;
use super::*;

fn steps(name: NameId, first: Pfn, count: u32) -> Vec<CmaStep> {
    use CmaStep as S;
    let (area, to) = (0, first.plus(count));
    vec![
        S::Asked { name, area, count, align: 0 },
        S::Asked { name, area, count, align: 10 },
        S::AskedRange { name, first, count },
        S::NoArea { name },
        S::Found { area, first, count },
        S::NotFound { area, from: first, count },
        S::Drained { pages: count },
        S::Moved { from: first, to },
        S::Dropped { page: first },
        S::Stays { page: first, no_memory: false },
        S::Stays { page: first, no_memory: true },
        S::Emptied { from: first, to, moved: 0 },
        S::Emptied { from: first, to, moved: count },
        S::Tested { first, count, busy: None },
        S::Tested { first, count, busy: Some(first) },
        S::Taken { name, first, count, rest: 0 },
        S::Taken { name, first, count, rest: count },
        S::Slides { area, denied: Denied::Busy(Some(first)), from: to },
        S::Slides { area, denied: Denied::Busy(None), from: to },
        S::Got { name, first, count },
        S::Failed { name, count, denied: None },
        S::Failed { name, count, denied: Some(Denied::Busy(Some(first))) },
        S::Failed { name, count, denied: Some(Denied::NoMemory) },
        S::Failed { name, count, denied: Some(Denied::NoZone) },
        S::Release { name, first, count },
        S::Returned { first, count },
        S::Released { name, first, count },
    ]
}

fn text_of(name: &str, first: Pfn, count: u32, lang: Lang) -> String {
    let scenario = Story::on(mm::Config::single_zone(64)).names(&[name]).scenario();
    let words = Words::of_scenario(&scenario);
    let mut text = String::new();
    for step in steps(NameId(0), first, count) {
        let kind = StepKind::Cma(step);
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
    for lang in Lang::ALL {
        text_of("a_name_as_long_as_a_name_can_be_in_a_text", Pfn(8_388_607), 4_194_304, lang);
    }
}

#[test]
fn every_step_of_an_area_is_told() {
    expect![[r#"
        A device wants 256 pages for buf in one piece (1 MiB). | Its pages have to lie side by side, wherever they begin.
          ▸ A device asks for 256 pages in one piece (1 MiB) for buf. | Its pages have to lie side by side, wherever they begin.
          · buf: 256 pages are asked of CMA
        A device wants 256 pages for buf in one piece (1 MiB). | They have to lie side by side, from a multiple of 1024 on.
          ▸ A device asks for 256 pages in one piece (1 MiB) for buf. | They have to lie side by side, from a multiple of 1024 on.
          · buf: 256 pages are asked of CMA
        Frames 48,640–48,895 are wanted for buf. | Whoever is there has to leave, if that is possible.
          ▸ Ask for frames 48,640–48,895, for buf. | Whoever is there has to leave, if that is possible.
          · buf: frames 48,640–48,895 are wanted
        There is no contiguous area for buf. | A line like `cma 16M` sets one aside at boot.
          ▸ Look for a contiguous area for buf: there is none. | A line like `cma 16M` sets one aside at boot.
          · buf: there is no contiguous area
        The bitmap has 256 zeros in a row: 48,640–48,895 are marked. | Nobody was given them. Whether they are empty is another question.
          ▸ Mark 48,640–48,895 in the bitmap: 256 zeros in a row. | Nobody was given them. Whether they are empty is another question.
          · frames 48,640–48,895 are marked in the bitmap
        From frame 48,640 on there are no 256 zeros in a row. | Zeros are pages that nobody was given.
          ▸ Look for 256 zeros in a row from frame 48,640 on: there are none. | Zeros are pages that nobody was given.
          · no 256 zeros in a row from frame 48,640 on
        The CPUs gave back what they kept of this zone: 256 pages. | What they keep is free, but on no list that is looked at here.
          ▸ Have the CPUs give back what they keep of this zone: 256 pages. | What they keep is free, but on no list that is looked at here.
          · the CPUs give 256 pages back
        The guest in frame 48,640 moved to 48,896. | Its bytes were copied, and its page tables lead there now. Its program noticed nothing.
          ▸ Move the guest in frame 48,640 to 48,896. | Copy its bytes, and turn its page tables.
          · guest 48,640 → 48,896
        The clean page of a file in frame 48,640 was dropped. | The same bytes are on the disk: reading them again is cheaper than a copy.
          ▸ Drop the clean page of a file in frame 48,640. | The same bytes are on the disk: reading them again is cheaper than a copy.
          · clean page 48,640 is dropped
        The guest in frame 48,640 cannot leave. | Somebody counts on where it lies: it is pinned.
          ▸ Ask the guest in frame 48,640 to leave: it cannot. | Somebody counts on where it lies: it is pinned.
          · guest 48,640 is pinned
        The guest in frame 48,640 finds no place to go to. | Outside of the isolated pageblocks no page can be had.
          ▸ Look for a place for the guest in frame 48,640: there is none. | Outside of the isolated pageblocks no page can be had.
          · guest 48,640 finds no place
        Frames 48,640 to 48,895 were looked through. | Nobody was there who could be moved.
          ▸ Look through frames 48,640 to 48,895. | Nobody was there who could be moved.
          · frames 48,640 to 48,895: 0 guests left
        Frames 48,640 to 48,895 were looked through. | 256 guests left.
          ▸ Look through frames 48,640 to 48,895. | 256 guests left.
          · frames 48,640 to 48,895: 256 guests left
        Frames 48,640–48,895 are empty. | Every page is free, in pageblocks that nobody else takes from.
          ▸ Test frames 48,640–48,895: they are empty. | Every page is free, in pageblocks that nobody else takes from.
          · frames 48,640–48,895 are empty
        Frame 48,640 is not free. | −EBUSY: one page that stays is enough to spoil the whole range.
          ▸ Test the range: frame 48,640 is not free. | −EBUSY: one page that stays is enough to spoil the whole range.
          · frame 48,640 is not free: −EBUSY
        Frames 48,640–48,895 left the free lists for buf. | They are single pages now, one beside the other.
          ▸ Take frames 48,640–48,895 off the free lists for buf. | They are single pages now, one beside the other.
          · frames 48,640–48,895 are taken for buf
        Frames 48,640–48,895 left the free lists for buf. | 256 pages of the free blocks were too many, and went back.
          ▸ Take frames 48,640–48,895 off the free lists for buf. | 256 pages of the free blocks were too many, and went back.
          · frames 48,640–48,895 are taken for buf
        This range was not to be had; the search goes on from frame 48,896. | The bits are cleared: frame 48,640 stays where it is.
          ▸ Go on from frame 48,896: this range cannot be had. | The bits are cleared: frame 48,640 stays where it is.
          · −EBUSY: on from frame 48,896
        This range was not to be had; the search goes on from frame 48,896. | The bits are cleared: somebody works there already.
          ▸ Go on from frame 48,896: this range cannot be had. | The bits are cleared: somebody works there already.
          · −EBUSY: on from frame 48,896
        buf has frames 48,640–48,895 in one piece: 1 MiB. | The area lends the rest to movable pages, as before.
          ▸ Give buf frames 48,640–48,895: 1 MiB in one piece. | The area lends the rest to movable pages, as before.
          · buf has frames 48,640–48,895
        buf was not had: 256 pages in one piece. | There is no run of zeros that is long enough.
          ▸ Give up: 256 pages in one piece for buf. | There is no run of zeros that is long enough.
          · buf fails
        buf was not had: 256 pages in one piece. | −EBUSY: frame 48,640 stays where it is, and there is no other range.
          ▸ Give up: 256 pages in one piece for buf. | −EBUSY: frame 48,640 stays where it is, and there is no other range.
          · buf fails
        buf was not had: 256 pages in one piece. | −ENOMEM: guests find no place to go to, and there is no other range.
          ▸ Give up: 256 pages in one piece for buf. | −ENOMEM: guests find no place to go to, and there is no other range.
          · buf fails
        buf was not had: 256 pages in one piece. | −EINVAL: no zone has all of these frames, and there is no other range.
          ▸ Give up: 256 pages in one piece for buf. | −EINVAL: no zone has all of these frames, and there is no other range.
          · buf fails
        buf is given back: frames 48,640–48,895. | From now on movable pages may use them again.
          ▸ Give buf back: frames 48,640–48,895. | From now on movable pages may use them again.
          · buf is given back
        Frames 48,640–48,895 went back, page by page. | Each is freed for itself, and merges with its buddies where they are free.
          ▸ Free frames 48,640–48,895, page by page. | Each is freed for itself, and merges with its buddies where they are free.
          · frames 48,640–48,895 go back
        All of buf is back, and its bits are cleared. | The device has let go, and the memory is of use to others.
          ▸ Clear the bits of buf: 48,640–48,895. | The device has let go, and the memory is of use to others.
          · buf is back
    "#]].assert_eq(&text_of("buf", Pfn(48_640), 256, Lang::En));
    expect![[r#"
        设备为 buf 要一整块 256 页（1 MiB）。 | 页必须一张挨一张，从哪里开始都行。
          ▸ 设备为 buf 要一整块 256 页（1 MiB）。 | 页必须一张挨一张，从哪里开始都行。
          · buf 向 CMA 要 256 页
        设备为 buf 要一整块 256 页（1 MiB）。 | 页必须一张挨一张，起点是 1024 的倍数。
          ▸ 设备为 buf 要一整块 256 页（1 MiB）。 | 页必须一张挨一张，起点是 1024 的倍数。
          · buf 向 CMA 要 256 页
        为 buf 要 48,640–48,895 号页框。 | 在那里的都得让开，只要让得开。
          ▸ 为 buf 要 48,640–48,895 号页框。 | 在那里的都得让开，只要让得开。
          · buf 要 48,640–48,895 号页框
        没有可给 buf 的连续内存区。 | 写一行 cma 16M，启动时就会留出一块。
          ▸ 为 buf 找连续内存区：没有。 | 写一行 cma 16M，启动时就会留出一块。
          · buf 没有连续内存区可用
        位图里有连续 256 个 0：48,640–48,895 号已标记。 | 它们没有交给设备；里面有没有客人另说。
          ▸ 位图里有连续 256 个 0，把 48,640–48,895 号标记上。 | 它们没有交给设备；里面有没有客人另说。
          · 在位图里标记 48,640–48,895 号
        从 48,640 号起，没有连续 256 个 0。 | 0 表示这一页没有发给设备。
          ▸ 从 48,640 号起找连续 256 个 0：没有。 | 0 表示这一页没有发给设备。
          · 从 48,640 号起没有连续 256 个 0
        各 CPU 交回了这个区的存货：256 页。 | 它们留着的页是空闲的，却不在这里要看的链表上。
          ▸ 让各 CPU 交回这个区的存货：256 页。 | 它们留着的页是空闲的，却不在这里要看的链表上。
          · 各 CPU 交回 256 页
        48,640 号页框里的客人搬到了 48,896 号。 | 字节已拷贝，页表已改指；程序毫不知情。
          ▸ 把 48,640 号页框里的客人搬到 48,896 号。 | 拷贝字节，改页表。
          · 客人 48,640 → 48,896
        48,640 号页框里干净的文件页丢掉了。 | 磁盘上有同样的内容，再读一遍比拷贝省事。
          ▸ 丢掉 48,640 号页框里干净的文件页。 | 磁盘上有同样的内容，再读一遍比拷贝省事。
          · 丢掉干净页 48,640
        48,640 号页框里的客人走不了。 | 有人指望它留在原地：它被钉住了（pin）。
          ▸ 请 48,640 号页框里的客人走：走不了。 | 有人指望它留在原地：它被钉住了（pin）。
          · 客人 48,640 被钉住
        48,640 号页框里的客人没有地方可去。 | 隔离的页块之外，一页也要不到。
          ▸ 给 48,640 号页框里的客人找地方：没有。 | 隔离的页块之外，一页也要不到。
          · 客人 48,640 没有地方可去
        48,640–48,895 号页框查过了。 | 那里没有可搬的客人。
          ▸ 查一遍 48,640–48,895 号页框。 | 那里没有可搬的客人。
          · 48,640–48,895 号：走了 0 位
        48,640–48,895 号页框查过了。 | 走了 256 位客人。
          ▸ 查一遍 48,640–48,895 号页框。 | 走了 256 位客人。
          · 48,640–48,895 号：走了 256 位
        48,640–48,895 号页框已经腾空。 | 每一页都空闲，而且在别人不会取用的页块里。
          ▸ 检查 48,640–48,895 号页框：已经腾空。 | 每一页都空闲，而且在别人不会取用的页块里。
          · 48,640–48,895 号已腾空
        48,640 号页框不空。 | −EBUSY：一页不走，整段作废。
          ▸ 检查这一段：48,640 号页框不空。 | −EBUSY：一页不走，整段作废。
          · 48,640 号不空：−EBUSY
        48,640–48,895 号页框从空闲链表取下，给 buf。 | 它们现在是一张挨一张的单页。
          ▸ 把 48,640–48,895 号页框从空闲链表取下，给 buf。 | 它们现在是一张挨一张的单页。
          · 取下 48,640–48,895 号
        48,640–48,895 号页框从空闲链表取下，给 buf。 | 多出的 256 页已放回。
          ▸ 把 48,640–48,895 号页框从空闲链表取下，给 buf。 | 多出的 256 页已放回。
          · 取下 48,640–48,895 号
        这一段要不到，从 48,896 号页框接着找。 | 位图已清：48,640 号页框搬不走。
          ▸ 这一段要不到，从 48,896 号页框接着找。 | 位图已清：48,640 号页框搬不走。
          · −EBUSY：从 48,896 号接着找
        这一段要不到，从 48,896 号页框接着找。 | 位图已清：已经有人在那里动手。
          ▸ 这一段要不到，从 48,896 号页框接着找。 | 位图已清：已经有人在那里动手。
          · −EBUSY：从 48,896 号接着找
        buf 得到了 48,640–48,895 号页框，一整块 1 MiB。 | 其余的照旧借给可移动的页。
          ▸ 给 buf 48,640–48,895 号页框，一整块 1 MiB。 | 其余的照旧借给可移动的页。
          · buf 得到 48,640–48,895 号
        buf 没要到一整块 256 页。 | 没有足够长的一串 0。
          ▸ 放弃： buf 要不到一整块 256 页。 | 没有足够长的一串 0。
          · buf 失败
        buf 没要到一整块 256 页。 | −EBUSY：48,640 号页框搬不走，也没有别的段可试。
          ▸ 放弃： buf 要不到一整块 256 页。 | −EBUSY：48,640 号页框搬不走，也没有别的段可试。
          · buf 失败
        buf 没要到一整块 256 页。 | −ENOMEM：客人没有地方可去，也没有别的段可试。
          ▸ 放弃： buf 要不到一整块 256 页。 | −ENOMEM：客人没有地方可去，也没有别的段可试。
          · buf 失败
        buf 没要到一整块 256 页。 | −EINVAL：没有哪个区包含全部这些页框，也没有别的段可试。
          ▸ 放弃： buf 要不到一整块 256 页。 | −EINVAL：没有哪个区包含全部这些页框，也没有别的段可试。
          · buf 失败
        归还 buf：48,640–48,895 号页框。 | 以后可移动的页又能用它们。
          ▸ 归还 buf：48,640–48,895 号页框。 | 以后可移动的页又能用它们。
          · 归还 buf
        48,640–48,895 号页框一页一页放回去了。 | 每页单独释放，伙伴空闲就合并。
          ▸ 把 48,640–48,895 号页框一页一页放回去。 | 每页单独释放，伙伴空闲就合并。
          · 放回 48,640–48,895 号
        buf 全部还清，位图里的位也清了。 | 设备放手了，内存又能给别人用。
          ▸ 清掉 buf 在位图里的位：48,640–48,895。 | 设备放手了，内存又能给别人用。
          · buf 还清
    "#]]
    .assert_eq(&text_of("buf", Pfn(48_640), 256, Lang::Zh));
}
