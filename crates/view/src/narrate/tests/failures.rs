//! Zones that cannot help, and requests that fail.

use expect_test::expect;
use mm::Config;
use mm::config::Mobility;
use mm::mmzone::ZoneKind;
use mm::op::PageKind;

use super::*;
use crate::testing::three_zones;

#[test]
fn zones_and_failures() {
    let config = Config { pageblock_order: crate::testing::order(3), ..three_zones(3, Mobility::On) };
    check(
        Story::on(config)
            .alloc("big", 9, PageKind::Unmovable)
            .alloc("huge", 12, PageKind::Anon)
            .free("huge")
            .alloc_below("dma", 7, PageKind::Unmovable, ZoneKind::Dma),
        expect![[r#"
            0.0 This machine has 1500 frames of 4 KiB (5.8 MiB) in zones DMA, DMA32, Normal. | 1464 pages are free now.
              ▸ big wants 512 frames in a row (2 MiB). | One block of order 9, 2⁹ frames, from the UNMOVABLE lists.
            0.1 big asked for 512 frames in a row (2 MiB). | Kernel memory cannot move, so the UNMOVABLE lists come first.
              ▸ Start in zone Normal, the highest that may serve. | On this pass, other types' blocks below a pageblock (32 KiB) stay untouched.
            0.2 Started in zone Normal, the highest that may serve. | On this pass, other types' blocks below a pageblock (32 KiB) stay untouched.
              ▸ Look at UNMOVABLE list 9 of Normal: it is empty. | A block of the very size that is wanted would be best.
            …
            0.4 Looked at UNMOVABLE list 10 of Normal: it is empty. | No list lies above: this type has nothing left that is large enough.
              ▸ UNMOVABLE has nothing left in Normal: search other types, order 10 down to 9. | Largest first, so that types mix in as few places as possible.
            0.5 UNMOVABLE has nothing left: other types are searched, order 10 down to 9. | Largest first, so that types mix in as few places as possible.
              ▸ Give up on zone Normal for order 9. | Only 500 pages are free there.
            0.6 Zone Normal has nothing for order 9. | Only 500 pages are free there.
              ▸ Go down to zone DMA32. | Zone Normal has nothing, and a lower zone may serve as well.
            0.7 Went down to zone DMA32. | Zone Normal has nothing, and a lower zone may serve as well.
              ▸ Look at UNMOVABLE list 9 of DMA32: it is empty. | A block of the very size that is wanted would be best.
            …
            0.9 Looked at UNMOVABLE list 10 of DMA32: it is empty. | No list lies above: this type has nothing left that is large enough.
              ▸ UNMOVABLE has nothing left in DMA32: search other types, order 10 down to 9. | Largest first, so that types mix in as few places as possible.
            0.10 UNMOVABLE has nothing left: other types are searched, order 10 down to 9. | Largest first, so that types mix in as few places as possible.
              ▸ Give up on zone DMA32 for order 9. | 724 pages are free there, but no 512 in a row that this pass may take.
            0.11 Zone DMA32 has nothing for order 9. | 724 pages are free there, but no 512 in a row that this pass may take.
              ▸ Go down to zone DMA. | Zone DMA32 has nothing, and a lower zone may serve as well.
            0.12 Went down to zone DMA. | Zone DMA32 has nothing, and a lower zone may serve as well.
              ▸ Look at UNMOVABLE list 9 of DMA: it is empty. | A block of the very size that is wanted would be best.
            …
            0.14 Looked at UNMOVABLE list 10 of DMA: it is empty. | No list lies above: this type has nothing left that is large enough.
              ▸ UNMOVABLE has nothing left in DMA: search other types, order 10 down to 9. | Largest first, so that types mix in as few places as possible.
            0.15 UNMOVABLE has nothing left: other types are searched, order 10 down to 9. | Largest first, so that types mix in as few places as possible.
              ▸ Give up on zone DMA for order 9. | Only 240 pages are free there.
            0.16 Zone DMA has nothing for order 9. | Only 240 pages are free there.
              ▸ Walk the zones again, and now let types be mixed in a pageblock. | Better a pageblock of two types than no memory.
            0.17 Nothing was found without mixing types: now they may be mixed. | Better a pageblock of two types than no memory.
              ▸ Start a second pass in zone Normal. | Now other types' small blocks may be taken, at the price of mixing types.
            0.18 Started a second pass in zone Normal. | Now other types' small blocks may be taken, at the price of mixing types.
              ▸ Look at UNMOVABLE list 9 of Normal: it is empty. | A block of the very size that is wanted would be best.
            …
            0.20 Looked at UNMOVABLE list 10 of Normal: it is empty. | No list lies above: this type has nothing left that is large enough.
              ▸ UNMOVABLE has nothing left in Normal: search other types, order 10 down to 9. | Largest first, so that types mix in as few places as possible.
            0.21 UNMOVABLE has nothing left: other types are searched, order 10 down to 9. | Largest first, so that types mix in as few places as possible.
              ▸ Give up on zone Normal for order 9. | Only 500 pages are free there.
            0.22 Zone Normal has nothing for order 9. | Only 500 pages are free there.
              ▸ Go down to zone DMA32. | Zone Normal has nothing, and a lower zone may serve as well.
            0.23 Went down to zone DMA32. | Zone Normal has nothing, and a lower zone may serve as well.
              ▸ Look at UNMOVABLE list 9 of DMA32: it is empty. | A block of the very size that is wanted would be best.
            …
            0.25 Looked at UNMOVABLE list 10 of DMA32: it is empty. | No list lies above: this type has nothing left that is large enough.
              ▸ UNMOVABLE has nothing left in DMA32: search other types, order 10 down to 9. | Largest first, so that types mix in as few places as possible.
            0.26 UNMOVABLE has nothing left: other types are searched, order 10 down to 9. | Largest first, so that types mix in as few places as possible.
              ▸ Give up on zone DMA32 for order 9. | 724 pages are free there, but no 512 in a row that this pass may take.
            0.27 Zone DMA32 has nothing for order 9. | 724 pages are free there, but no 512 in a row that this pass may take.
              ▸ Go down to zone DMA. | Zone DMA32 has nothing, and a lower zone may serve as well.
            0.28 Went down to zone DMA. | Zone DMA32 has nothing, and a lower zone may serve as well.
              ▸ Look at UNMOVABLE list 9 of DMA: it is empty. | A block of the very size that is wanted would be best.
            …
            0.30 Looked at UNMOVABLE list 10 of DMA: it is empty. | No list lies above: this type has nothing left that is large enough.
              ▸ UNMOVABLE has nothing left in DMA: search other types, order 10 down to 9. | Largest first, so that types mix in as few places as possible.
            0.31 UNMOVABLE has nothing left: other types are searched, order 10 down to 9. | Largest first, so that types mix in as few places as possible.
              ▸ Give up on zone DMA for order 9. | Only 240 pages are free there.
            0.32 Zone DMA has nothing for order 9. | Only 240 pages are free there.
              ▸ big gets nothing: all of memory is free, but no 512 frames in a row. | The 1464 free pages lie in smaller pieces: fragmentation.
            1.0 ✕ big got nothing: all of memory is free, but no 512 frames in a row. | The 1464 free pages lie in smaller pieces: fragmentation.
              ▸ huge wants 4096 frames in a row (16 MiB). | That is order 12, more than the largest block, order 10.
            1.1 huge asked for 4096 frames in a row (16 MiB). | A process's own memory can be moved, so the MOVABLE lists come first.
              ▸ Refuse order 12 at once, without a look at the lists. | The largest block has order 10: 1024 frames, 4 MiB.
            2.0 ✕ The kernel refused order 12 at once: the caller gets NULL. | The largest block has order 10: 1024 frames, 4 MiB.
              ▸ Skip op 3: huge has nothing to give back. | Its allocation had failed, so no block has that name.
            3.0 ✕ Skipped op 3: huge has nothing to give back. | Its allocation had failed, so no block has that name.
              ▸ dma wants 128 frames in a row (512 KiB). | One block of order 7, 2⁷ frames, from the UNMOVABLE lists.
            3.1 dma asked for 128 frames in a row (512 KiB). | Kernel memory cannot move, so the UNMOVABLE lists come first.
              ▸ Start in zone DMA, the highest that may serve. | If its own type has nothing, other types' blocks may be taken.
            3.2 Started in zone DMA, the highest that may serve. | If its own type has nothing, other types' blocks may be taken.
              ▸ Look at UNMOVABLE list 7 of DMA: it is empty. | A block of the very size that is wanted would be best.
            …
            3.6 Looked at UNMOVABLE list 10 of DMA: it is empty. | No list lies above: this type has nothing left that is large enough.
              ▸ UNMOVABLE has nothing left in DMA: search other types, order 10 down to 7. | Largest first, so that types mix in as few places as possible.
            3.7 UNMOVABLE has nothing left: other types are searched, order 10 down to 7. | Largest first, so that types mix in as few places as possible.
              ▸ Pick frames 128–255 from MOVABLE: the largest that another type has. | Largest first, so that types mix in as few places as possible.
            3.8 Picked frames 128–255 from MOVABLE: the largest that another type has. | Largest first, so that types mix in as few places as possible.
              ▸ Mark frames 128–255 as UNMOVABLE: 16 whole pageblocks. | It is all free, so no page of the old type stays behind in it.
            3.9 Marked frames 128–255 as UNMOVABLE: 16 whole pageblocks. | It is all free, so no page of the old type stays behind in it.
              ▸ Move frames 128–255 from MOVABLE to the tail of UNMOVABLE list 7 of DMA. | Then the search starts over and finds it.
            3.10 Moved frames 128–255 from MOVABLE to the tail of UNMOVABLE list 7 of DMA. | The pageblock changed its type, and its free block follows.
              ▸ Take the head of UNMOVABLE list 7 of DMA, frames 128–255. | A request always takes the head, never a block behind it.
            3.11 Took frames 128–255 off UNMOVABLE list 7 of DMA: it was the head. | It has exactly the size that is wanted.
              ▸ Hand frames 128–255 to dma. | The size is right: nothing is left over.
            4.0 dma got frames 128–255 (512 KiB). | A request gets the lowest frames of the block it took; the rest stays free.
              ▸ The story ends here: 1336 pages are free, one name still holds memory. | Step back, or change the scenario and see what differs.
        "#]],
        expect![[r#"
            0.0 这台机器有 1500 个页框（5.8 MiB），分为 DMA、DMA32、Normal 区。 | 每个页框 4 KiB，现有 1464 页空闲。
              ▸ big 要连续 512 个页框（2 MiB）。 | 即 9 阶块（2⁹ 页），取自 UNMOVABLE 链表。
            0.1 big 申请了连续 512 个页框（2 MiB）。 | 内核内存不能移动，先看 UNMOVABLE 链表。
              ▸ 先找 Normal 区，它是可用的最高区。 | 这一趟不碰其他类型里小于 pageblock（32 KiB）的块。
            0.2 从 Normal 区找起，它是可用的最高区。 | 这一趟不碰其他类型里小于 pageblock（32 KiB）的块。
              ▸ 看 Normal 区 UNMOVABLE 9 阶链表：它是空的。 | 有正好这么大的块最省事。
            …
            0.4 看了 Normal 区 UNMOVABLE 10 阶链表：空的。 | 上面没有链表了：这个类型没有够大的块。
              ▸ Normal 区的 UNMOVABLE 没有可用的块，去看其他类型，从 10 阶看到 9 阶。 | 先拿最大的块，类型混杂的地方就最少。
            0.5 Normal 区的 UNMOVABLE 已经没有可用的块，改看其他类型，从 10 阶看到 9 阶。 | 先拿最大的块，类型混杂的地方就最少。
              ▸ 放弃 Normal 区：没有可用的 9 阶块。 | 那里只有 500 页空闲。
            0.6 Normal 区没有可用的 9 阶块。 | 那里只有 500 页空闲。
              ▸ 往下转到 DMA32 区再找。 | Normal 区没有合适的块，低处的区也能满足请求。
            0.7 往下转到 DMA32 区。 | Normal 区没有合适的块，低处的区也能满足请求。
              ▸ 看 DMA32 区 UNMOVABLE 9 阶链表：它是空的。 | 有正好这么大的块最省事。
            …
            0.9 看了 DMA32 区 UNMOVABLE 10 阶链表：空的。 | 上面没有链表了：这个类型没有够大的块。
              ▸ DMA32 区的 UNMOVABLE 没有可用的块，去看其他类型，从 10 阶看到 9 阶。 | 先拿最大的块，类型混杂的地方就最少。
            0.10 DMA32 区的 UNMOVABLE 已经没有可用的块，改看其他类型，从 10 阶看到 9 阶。 | 先拿最大的块，类型混杂的地方就最少。
              ▸ 放弃 DMA32 区：没有可用的 9 阶块。 | 那里有 724 页空闲，但没有能拿的连续 512 页。
            0.11 DMA32 区没有可用的 9 阶块。 | 那里有 724 页空闲，但没有能拿的连续 512 页。
              ▸ 往下转到 DMA 区再找。 | DMA32 区没有合适的块，低处的区也能满足请求。
            0.12 往下转到 DMA 区。 | DMA32 区没有合适的块，低处的区也能满足请求。
              ▸ 看 DMA 区 UNMOVABLE 9 阶链表：它是空的。 | 有正好这么大的块最省事。
            …
            0.14 看了 DMA 区 UNMOVABLE 10 阶链表：空的。 | 上面没有链表了：这个类型没有够大的块。
              ▸ DMA 区的 UNMOVABLE 没有可用的块，去看其他类型，从 10 阶看到 9 阶。 | 先拿最大的块，类型混杂的地方就最少。
            0.15 DMA 区的 UNMOVABLE 已经没有可用的块，改看其他类型，从 10 阶看到 9 阶。 | 先拿最大的块，类型混杂的地方就最少。
              ▸ 放弃 DMA 区：没有可用的 9 阶块。 | 那里只有 240 页空闲。
            0.16 DMA 区没有可用的 9 阶块。 | 那里只有 240 页空闲。
              ▸ 把各区再找一遍，这次允许类型混杂。 | 类型混杂，总好过没有内存。
            0.17 不混类型就找不到，现在允许混杂。 | 类型混杂，总好过没有内存。
              ▸ 回到 Normal 区，再找一趟。 | 这一趟允许拿其他类型的小块，代价是类型混杂。
            0.18 回到 Normal 区，开始第二趟。 | 这一趟允许拿其他类型的小块，代价是类型混杂。
              ▸ 看 Normal 区 UNMOVABLE 9 阶链表：它是空的。 | 有正好这么大的块最省事。
            …
            0.20 看了 Normal 区 UNMOVABLE 10 阶链表：空的。 | 上面没有链表了：这个类型没有够大的块。
              ▸ Normal 区的 UNMOVABLE 没有可用的块，去看其他类型，从 10 阶看到 9 阶。 | 先拿最大的块，类型混杂的地方就最少。
            0.21 Normal 区的 UNMOVABLE 已经没有可用的块，改看其他类型，从 10 阶看到 9 阶。 | 先拿最大的块，类型混杂的地方就最少。
              ▸ 放弃 Normal 区：没有可用的 9 阶块。 | 那里只有 500 页空闲。
            0.22 Normal 区没有可用的 9 阶块。 | 那里只有 500 页空闲。
              ▸ 往下转到 DMA32 区再找。 | Normal 区没有合适的块，低处的区也能满足请求。
            0.23 往下转到 DMA32 区。 | Normal 区没有合适的块，低处的区也能满足请求。
              ▸ 看 DMA32 区 UNMOVABLE 9 阶链表：它是空的。 | 有正好这么大的块最省事。
            …
            0.25 看了 DMA32 区 UNMOVABLE 10 阶链表：空的。 | 上面没有链表了：这个类型没有够大的块。
              ▸ DMA32 区的 UNMOVABLE 没有可用的块，去看其他类型，从 10 阶看到 9 阶。 | 先拿最大的块，类型混杂的地方就最少。
            0.26 DMA32 区的 UNMOVABLE 已经没有可用的块，改看其他类型，从 10 阶看到 9 阶。 | 先拿最大的块，类型混杂的地方就最少。
              ▸ 放弃 DMA32 区：没有可用的 9 阶块。 | 那里有 724 页空闲，但没有能拿的连续 512 页。
            0.27 DMA32 区没有可用的 9 阶块。 | 那里有 724 页空闲，但没有能拿的连续 512 页。
              ▸ 往下转到 DMA 区再找。 | DMA32 区没有合适的块，低处的区也能满足请求。
            0.28 往下转到 DMA 区。 | DMA32 区没有合适的块，低处的区也能满足请求。
              ▸ 看 DMA 区 UNMOVABLE 9 阶链表：它是空的。 | 有正好这么大的块最省事。
            …
            0.30 看了 DMA 区 UNMOVABLE 10 阶链表：空的。 | 上面没有链表了：这个类型没有够大的块。
              ▸ DMA 区的 UNMOVABLE 没有可用的块，去看其他类型，从 10 阶看到 9 阶。 | 先拿最大的块，类型混杂的地方就最少。
            0.31 DMA 区的 UNMOVABLE 已经没有可用的块，改看其他类型，从 10 阶看到 9 阶。 | 先拿最大的块，类型混杂的地方就最少。
              ▸ 放弃 DMA 区：没有可用的 9 阶块。 | 那里只有 240 页空闲。
            0.32 DMA 区没有可用的 9 阶块。 | 那里只有 240 页空闲。
              ▸ big 得不到内存：内存全部空闲，却没有连续 512 个页框。 | 1464 个空闲页都是更小的碎块。
            1.0 ✕ big 没有得到内存：内存全部空闲，却没有连续 512 个页框。 | 1464 个空闲页都是更小的碎块。
              ▸ huge 要连续 4096 个页框（16 MiB）。 | 大于最大的 10 阶，所以给不了。
            1.1 huge 申请了连续 4096 个页框（16 MiB）。 | 进程的匿名页可以移动，先看 MOVABLE 链表。
              ▸ 当场拒绝 12 阶的请求，链表都不必看。 | 最大的块是 10 阶：1024 个页框，4 MiB。
            2.0 ✕ 内核当场拒绝 12 阶的请求，返回 NULL。 | 最大的块是 10 阶：1024 个页框，4 MiB。
              ▸ 要跳过第 3 个操作：huge 没有内存可释放。 | 当初的分配失败了，没有叫这个名字的块。
            3.0 ✕ 跳过第 3 个操作：huge 没有内存可释放。 | 当初的分配失败了，没有叫这个名字的块。
              ▸ dma 要连续 128 个页框（512 KiB）。 | 即 7 阶块（2⁷ 页），取自 UNMOVABLE 链表。
            3.1 dma 申请了连续 128 个页框（512 KiB）。 | 内核内存不能移动，先看 UNMOVABLE 链表。
              ▸ 先找 DMA 区，它是可用的最高区。 | 本类型没有时，可以拿其他类型的块。
            3.2 从 DMA 区找起，它是可用的最高区。 | 本类型没有时，可以拿其他类型的块。
              ▸ 看 DMA 区 UNMOVABLE 7 阶链表：它是空的。 | 有正好这么大的块最省事。
            …
            3.6 看了 DMA 区 UNMOVABLE 10 阶链表：空的。 | 上面没有链表了：这个类型没有够大的块。
              ▸ DMA 区的 UNMOVABLE 没有可用的块，去看其他类型，从 10 阶看到 7 阶。 | 先拿最大的块，类型混杂的地方就最少。
            3.7 DMA 区的 UNMOVABLE 已经没有可用的块，改看其他类型，从 10 阶看到 7 阶。 | 先拿最大的块，类型混杂的地方就最少。
              ▸ 选 MOVABLE 的 128–255 号页框：其他类型里最大的空闲块。 | 先拿最大的块，类型混杂的地方就最少。
            3.8 选中 MOVABLE 的 128–255 号页框：其他类型里最大的空闲块。 | 先拿最大的块，类型混杂的地方就最少。
              ▸ 要把 128–255 号页框标记为 UNMOVABLE：共 16 个完整的 pageblock。 | 它全部空闲，里面不会留下旧类型的页。
            3.9 把 128–255 号页框标记为 UNMOVABLE：共 16 个完整的 pageblock。 | 它全部空闲，里面不会留下旧类型的页。
              ▸ 要把 128–255 号页框从 MOVABLE 移到 DMA 区 UNMOVABLE 7 阶链表尾。 | 然后重新查找，就能找到它。
            3.10 把 128–255 号页框从 MOVABLE 移到 DMA 区 UNMOVABLE 7 阶链表尾。 | pageblock 已改类型，它也跟过去。
              ▸ 取 DMA 区 UNMOVABLE 7 阶链表头：128–255 号页框。 | 分配总是取链表头的块，不取后面的。
            3.11 从 DMA 区 UNMOVABLE 7 阶链表头取下 128–255 号页框。 | 大小正好，不用拆分。
              ▸ 把 128–255 号页框交给 dma。 | 大小正好，没有剩余。
            4.0 dma 得到 128–255 号页框（512 KiB）。 | 给出去的总是块里地址最低的部分，其余仍空闲。
              ▸ 到这里就结束了：1336 页空闲，1 个名字还占着内存。 | 可以往回走，或改动场景，看看有什么不同。
        "#]],
    );
}

#[test]
fn half_of_memory_is_free_but_not_in_a_row() {
    let mut story = Story::on(Config::single_zone(64));
    for i in 0..64 {
        story = story.alloc(&format!("p[{i}]"), 0, PageKind::Anon);
    }
    for i in 0..32 {
        story = story.free(&format!("p[{}]", 2 * i));
    }
    let story = story.alloc("buf", 4, PageKind::Movable);
    let moments = story.moments();
    let failed = moments.last().expect("moments");
    let said = |lang| narration(failed, lang).did.map(|did| did.whole(lang)).unwrap_or_default();
    assert!(narration(failed, Lang::En).failed);
    expect!["buf got nothing: half of memory is free, but no 16 frames in a row. The 32 free pages lie in smaller pieces: fragmentation."].assert_eq(&said(Lang::En));
    expect!["buf 没有得到内存：内存有一半空闲，却没有连续 16 个页框。32 个空闲页都是更小的碎块。"]
        .assert_eq(&said(Lang::Zh));
}
