//! The stories as they read, and the rules that every sentence keeps.

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use mm::Config;
use mm::config::Mobility;
use mm::mmzone::ZoneKind;
use mm::op::{PageKind, Sysctl};
use mm::page::MigrateType::{self, Movable, Reclaimable, Unmovable};

use super::*;
use crate::testing::{Story, lists, mixed, pressed, small_with_reserves, three_zones, two_nodes, walk};

/// Every moment of a story as two lines, in both languages; a walk over empty lists is shown by its ends.
fn check(story: Story, en: Expect, zh: Expect) {
    let moments = story.moments();
    let empty = |step: &Option<Step>| matches!(step, Some(Step { kind: StepKind::ListEmpty { .. }, .. }));
    for (lang, expected) in [(Lang::En, en), (Lang::Zh, zh)] {
        let mut text = String::new();
        for moment in &moments {
            if empty(&moment.just_did) && empty(&moment.next) {
                if !text.ends_with("…\n") {
                    text.push_str("…\n");
                }
                continue;
            }
            let said = narration(moment, lang);
            let failed = if said.failed { " ✕" } else { "" };
            for (mark, sentence) in
                [(format!("{}{failed}", moment.cursor), said.did), ("  ▸".into(), said.next)]
            {
                let sentence = sentence.expect("there is always one");
                text.push_str(&format!("{mark} {} | {}\n", sentence.text, sentence.why));
            }
        }
        expected.assert_eq(&text);
    }
}

#[test]
fn a_split() {
    check(
        Story::on(lists(1024, Movable, &[(9, Movable, &[512]), (6, Movable, &[64])])).alloc(
            "buf",
            8,
            PageKind::Anon,
        ),
        expect![[r#"
            0.0 This machine has 1024 frames of 4 KiB (4 MiB) in one zone, Normal. | 576 pages are free now.
              ▸ buf wants 256 frames in a row (1 MiB). | One block of order 8, 2⁸ frames, from the MOVABLE lists.
            0.1 buf asked for 256 frames in a row (1 MiB). | A process's own memory can be moved, so the MOVABLE lists come first.
              ▸ Start in zone Normal, the only one. | On this pass, other types' blocks below a pageblock (2 MiB) stay untouched.
            0.2 Started in zone Normal, the only one. | On this pass, other types' blocks below a pageblock (2 MiB) stay untouched.
              ▸ Look at MOVABLE list 8: it is empty. | A block of the very size that is wanted would be best.
            0.3 Looked at MOVABLE list 8: it is empty. | No block has the very size that is wanted; a larger one, from list 9 up, can be cut.
              ▸ Take the head of MOVABLE list 9, frames 512–1023. | A request always takes the head, never a block behind it.
            0.4 Took frames 512–1023 off MOVABLE list 9: it was the head. | It is the smallest that will do, and order 8 is cut out of it.
              ▸ Cut 512–1023 in two and keep the lower half, 512–767. | The upper half, 768–1023, becomes the head of list 8.
            0.5 Cut 512–1023 in two; its upper half, 768–1023, became the head of MOVABLE list 8. | Why: list 8 was empty.
              ▸ Hand the lower half, frames 512–767, to buf. | The kernel keeps the upper part.
            1.0 buf got frames 512–767 (1 MiB). | A request gets the lowest frames of the block it took; the rest stays free.
              ▸ The story ends here: 320 pages are free, one name still holds memory. | Step back, or change the scenario and see what differs.
        "#]],
        expect![[r#"
            0.0 这台机器有 1024 个页框（4 MiB），只有 Normal 一个区（zone）。 | 每个页框 4 KiB，现有 576 页空闲。
              ▸ buf 要连续 256 个页框（1 MiB）。 | 即 8 阶块（2⁸ 页），取自 MOVABLE 链表。
            0.1 buf 申请了连续 256 个页框（1 MiB）。 | 进程的匿名页可以移动，先看 MOVABLE 链表。
              ▸ 先找 Normal 区，机器只有这一个区。 | 这一趟不碰其他类型里小于 pageblock（2 MiB）的块。
            0.2 从 Normal 区找起，机器只有这一个区。 | 这一趟不碰其他类型里小于 pageblock（2 MiB）的块。
              ▸ 看 MOVABLE 8 阶链表：它是空的。 | 有正好这么大的块最省事。
            0.3 看了 MOVABLE 8 阶链表：空的。 | 没有正好这么大的块；从 9 阶起，大块可以拆分。
              ▸ 取 MOVABLE 9 阶链表头：512–1023 号页框。 | 分配总是取链表头的块，不取后面的。
            0.4 从 MOVABLE 9 阶链表头取下 512–1023 号页框。 | 它是够用的最小块，要从中拆出 8 阶块。
              ▸ 把 512–1023 号页框拆成两半，前半 512–767 留在手里。 | 后半 768–1023 放到 8 阶链表头。
            0.5 把 512–1023 号页框拆成两半，后半 768–1023 成为 MOVABLE 8 阶链表头。 | 因为 8 阶链表是空的。
              ▸ 把前半 512–767 号页框交给 buf。 | 后面的部分都留在空闲链表上。
            1.0 buf 得到 512–767 号页框（1 MiB）。 | 给出去的总是块里地址最低的部分，其余仍空闲。
              ▸ 到这里就结束了：320 页空闲，1 个名字还占着内存。 | 可以往回走，或改动场景，看看有什么不同。
        "#]],
    );
}

#[test]
fn a_merge() {
    check(
        Story::on(lists(64, Movable, &[(2, Movable, &[8, 32]), (0, Movable, &[13])]))
            .alloc("a", 0, PageKind::Movable)
            .alloc("b", 1, PageKind::Movable)
            .free("a")
            .free("b")
            .free("a"),
        expect![[r#"
            0.0 This machine has 64 frames of 4 KiB (256 KiB) in one zone, Normal. | 9 pages are free now.
              ▸ a wants one frame (4 KiB). | A block of order 0, a single frame, from the MOVABLE lists.
            0.1 a asked for one frame (4 KiB). | Its pages can be moved, so the MOVABLE lists come first.
              ▸ Start in zone Normal, the only one. | On this pass, other types' blocks below a pageblock (2 MiB) stay untouched.
            0.2 Started in zone Normal, the only one. | On this pass, other types' blocks below a pageblock (2 MiB) stay untouched.
              ▸ Take the head of MOVABLE list 0, frame 13. | A request always takes the head, never a block behind it.
            0.3 Took frame 13 off MOVABLE list 0: it was the head. | It has exactly the size that is wanted.
              ▸ Hand frame 13 to a. | The size is right: nothing is left over.
            1.0 a got frame 13 (4 KiB). | A request gets the lowest frames of the block it took; the rest stays free.
              ▸ b wants 2 frames in a row (8 KiB). | One block of order 1, 2¹ frames, from the MOVABLE lists.
            1.1 b asked for 2 frames in a row (8 KiB). | Its pages can be moved, so the MOVABLE lists come first.
              ▸ Start in zone Normal, the only one. | On this pass, other types' blocks below a pageblock (2 MiB) stay untouched.
            1.2 Started in zone Normal, the only one. | On this pass, other types' blocks below a pageblock (2 MiB) stay untouched.
              ▸ Look at MOVABLE list 1: it is empty. | A block of the very size that is wanted would be best.
            1.3 Looked at MOVABLE list 1: it is empty. | No block has the very size that is wanted; a larger one, from list 2 up, can be cut.
              ▸ Take the head of MOVABLE list 2, frames 8–11. | A request always takes the head, never a block behind it.
            1.4 Took frames 8–11 off MOVABLE list 2: it was the head. | It is the smallest that will do, and order 1 is cut out of it.
              ▸ Cut 8–11 in two and keep the lower half, 8–9. | The upper half, 10–11, becomes the head of list 1.
            1.5 Cut 8–11 in two; its upper half, 10–11, became the head of MOVABLE list 1. | Why: list 1 was empty.
              ▸ Hand the lower half, frames 8–9, to b. | The kernel keeps the upper part.
            2.0 b got frames 8–9 (8 KiB). | A request gets the lowest frames of the block it took; the rest stays free.
              ▸ a gives back frame 13 (4 KiB). | Before it goes on a list, the kernel looks for a free buddy to merge with.
            2.1 a gave back frame 13 (4 KiB). | The MOVABLE lists get it: that is the type of its pageblock.
              ▸ Look for the buddy of frame 13: flip bit 0, 13 ⊕ 1 = 12. | They merge if it is free and of the same order and zone.
            2.2 Looked at the buddy of frame 13: 13 ⊕ 1 = 12; it is in use. | Only a free buddy can join: merging ends.
              ▸ Now put frame 13 at the head of MOVABLE list 0. | No larger merge is near, so the next request may have it, warm in the cache.
            3.0 Put frame 13 at the head of MOVABLE list 0. | No larger merge is near, so the next request may have it, warm in the cache.
              ▸ b gives back frames 8–9 (8 KiB). | Before it goes on a list, the kernel looks for a free buddy to merge with.
            3.1 b gave back frames 8–9 (8 KiB). | The MOVABLE lists get it: that is the type of its pageblock.
              ▸ Look for the buddy of 8–9: flip bit 1, 8 ⊕ 2 = 10. | They merge if it is free and of the same order and zone.
            3.2 Looked at the buddy of 8–9: 8 ⊕ 2 = 10; it is free as well. | Free, the same order, the same zone: the two merge.
              ▸ Take the buddy, 10–11, off MOVABLE list 1. | The two become one block: 8–11, order 2.
            3.3 Merged with the buddy, 10–11: now 8–11, order 2. | The buddy left MOVABLE list 1; the lower start names the whole.
              ▸ Look for the buddy of 8–11: flip bit 2, 8 ⊕ 4 = 12. | They merge if it is free and of the same order and zone.
            3.4 Looked at the buddy of 8–11: 8 ⊕ 4 = 12; it is in use. | Only a free buddy can join: merging ends.
              ▸ Now put frames 8–11 at the head of MOVABLE list 2. | No larger merge is near, so the next request may have it, warm in the cache.
            4.0 Put frames 8–11 at the head of MOVABLE list 2. | No larger merge is near, so the next request may have it, warm in the cache.
              ▸ Skip op 5: a was freed before. | Freeing a block twice would corrupt the lists of a real kernel.
            5.0 ✕ Skipped op 5: a was freed before. | Freeing a block twice would corrupt the lists of a real kernel.
              ▸ The story ends here: 9 pages are free, nobody holds memory. | Step back, or change the scenario and see what differs.
        "#]],
        expect![[r#"
            0.0 这台机器有 64 个页框（256 KiB），只有 Normal 一个区（zone）。 | 每个页框 4 KiB，现有 9 页空闲。
              ▸ a 要 1 个页框（4 KiB）。 | 即一个 0 阶块，取自 MOVABLE 链表。
            0.1 a 申请了 1 个页框（4 KiB）。 | 这种页可以移动，先看 MOVABLE 链表。
              ▸ 先找 Normal 区，机器只有这一个区。 | 这一趟不碰其他类型里小于 pageblock（2 MiB）的块。
            0.2 从 Normal 区找起，机器只有这一个区。 | 这一趟不碰其他类型里小于 pageblock（2 MiB）的块。
              ▸ 取 MOVABLE 0 阶链表头：13 号页框。 | 分配总是取链表头的块，不取后面的。
            0.3 从 MOVABLE 0 阶链表头取下 13 号页框。 | 大小正好，不用拆分。
              ▸ 把 13 号页框交给 a。 | 大小正好，没有剩余。
            1.0 a 得到 13 号页框（4 KiB）。 | 给出去的总是块里地址最低的部分，其余仍空闲。
              ▸ b 要连续 2 个页框（8 KiB）。 | 即 1 阶块（2¹ 页），取自 MOVABLE 链表。
            1.1 b 申请了连续 2 个页框（8 KiB）。 | 这种页可以移动，先看 MOVABLE 链表。
              ▸ 先找 Normal 区，机器只有这一个区。 | 这一趟不碰其他类型里小于 pageblock（2 MiB）的块。
            1.2 从 Normal 区找起，机器只有这一个区。 | 这一趟不碰其他类型里小于 pageblock（2 MiB）的块。
              ▸ 看 MOVABLE 1 阶链表：它是空的。 | 有正好这么大的块最省事。
            1.3 看了 MOVABLE 1 阶链表：空的。 | 没有正好这么大的块；从 2 阶起，大块可以拆分。
              ▸ 取 MOVABLE 2 阶链表头：8–11 号页框。 | 分配总是取链表头的块，不取后面的。
            1.4 从 MOVABLE 2 阶链表头取下 8–11 号页框。 | 它是够用的最小块，要从中拆出 1 阶块。
              ▸ 把 8–11 号页框拆成两半，前半 8–9 留在手里。 | 后半 10–11 放到 1 阶链表头。
            1.5 把 8–11 号页框拆成两半，后半 10–11 成为 MOVABLE 1 阶链表头。 | 因为 1 阶链表是空的。
              ▸ 把前半 8–9 号页框交给 b。 | 后面的部分都留在空闲链表上。
            2.0 b 得到 8–9 号页框（8 KiB）。 | 给出去的总是块里地址最低的部分，其余仍空闲。
              ▸ a 释放 13 号页框（4 KiB）。 | 上链表之前，先看有没有空闲的伙伴可以合并。
            2.1 a 释放了 13 号页框（4 KiB）。 | 按 pageblock 类型归到 MOVABLE 链表。
              ▸ 找 13 号页框的伙伴：翻转第 0 位，13 ⊕ 1 = 12。 | 若空闲、同阶、同区，就合并。
            2.2 看了 13 号页框的伙伴：13 ⊕ 1 = 12，在使用中。 | 伙伴不空闲，合并到此为止。
              ▸ 把 13 号页框放到 MOVABLE 0 阶链表头。 | 眼下合并不成更大的块；下次先取它，缓存还热。
            3.0 13 号页框放到了 MOVABLE 0 阶链表头。 | 眼下合并不成更大的块；下次先取它，缓存还热。
              ▸ b 释放 8–9 号页框（8 KiB）。 | 上链表之前，先看有没有空闲的伙伴可以合并。
            3.1 b 释放了 8–9 号页框（8 KiB）。 | 按 pageblock 类型归到 MOVABLE 链表。
              ▸ 找 8–9 号页框的伙伴：翻转第 1 位，8 ⊕ 2 = 10。 | 若空闲、同阶、同区，就合并。
            3.2 看了 8–9 号页框的伙伴：8 ⊕ 2 = 10，也空闲。 | 空闲、同阶、同区：可以合并。
              ▸ 把伙伴 10–11 从 MOVABLE 1 阶链表取下。 | 两块合成 2 阶的 8–11 号页框。
            3.3 与伙伴 10–11 合并，成为 2 阶的 8–11 号页框。 | 伙伴已从 MOVABLE 1 阶链表取下。
              ▸ 找 8–11 号页框的伙伴：翻转第 2 位，8 ⊕ 4 = 12。 | 若空闲、同阶、同区，就合并。
            3.4 看了 8–11 号页框的伙伴：8 ⊕ 4 = 12，在使用中。 | 伙伴不空闲，合并到此为止。
              ▸ 把 8–11 号页框放到 MOVABLE 2 阶链表头。 | 眼下合并不成更大的块；下次先取它，缓存还热。
            4.0 8–11 号页框放到了 MOVABLE 2 阶链表头。 | 眼下合并不成更大的块；下次先取它，缓存还热。
              ▸ 要跳过第 5 个操作：a 早已释放。 | 重复释放会弄坏真实内核的链表。
            5.0 ✕ 跳过第 5 个操作：a 早已释放。 | 重复释放会弄坏真实内核的链表。
              ▸ 到这里就结束了：9 页空闲，没有人占着内存。 | 可以往回走，或改动场景，看看有什么不同。
        "#]],
    );
}

#[test]
fn a_fallback_to_the_smallest() {
    check(
        Story::on(lists(1024, Unmovable, &[(3, Unmovable, &[520]), (2, Unmovable, &[600])])).alloc(
            "m",
            0,
            PageKind::Movable,
        ),
        expect![[r#"
            0.0 This machine has 1024 frames of 4 KiB (4 MiB) in one zone, Normal. | 12 pages are free now.
              ▸ m wants one frame (4 KiB). | A block of order 0, a single frame, from the MOVABLE lists.
            0.1 m asked for one frame (4 KiB). | Its pages can be moved, so the MOVABLE lists come first.
              ▸ Start in zone Normal, the only one. | On this pass, other types' blocks below a pageblock (2 MiB) stay untouched.
            0.2 Started in zone Normal, the only one. | On this pass, other types' blocks below a pageblock (2 MiB) stay untouched.
              ▸ Look at MOVABLE list 0: it is empty. | A block of the very size that is wanted would be best.
            …
            0.13 Looked at MOVABLE list 10: it is empty. | No list lies above: this type has nothing left that is large enough.
              ▸ MOVABLE has nothing left: search other types, order 10 down to 9. | Smaller blocks would mix types inside a pageblock.
            0.14 MOVABLE has nothing left: other types are searched, order 10 down to 9. | Smaller blocks would mix types inside a pageblock.
              ▸ Give up on zone Normal for order 0. | 12 pages are free there, but none that this pass may take.
            0.15 Zone Normal has nothing for order 0. | 12 pages are free there, but none that this pass may take.
              ▸ Walk the zones again, and now let types be mixed in a pageblock. | Better a pageblock of two types than no memory.
            0.16 Nothing was found without mixing types: now they may be mixed. | Better a pageblock of two types than no memory.
              ▸ Start a second pass in zone Normal. | Now other types' small blocks may be taken, at the price of mixing types.
            0.17 Started a second pass in zone Normal. | Now other types' small blocks may be taken, at the price of mixing types.
              ▸ Look at MOVABLE list 0: it is empty. | A block of the very size that is wanted would be best.
            …
            0.28 Looked at MOVABLE list 10: it is empty. | No list lies above: this type has nothing left that is large enough.
              ▸ MOVABLE has nothing left: search other types, order 10 down to 0. | Largest first, so that types mix in as few places as possible.
            0.29 MOVABLE has nothing left: other types are searched, order 10 down to 0. | Largest first, so that types mix in as few places as possible.
              ▸ Pick frames 600–603 from UNMOVABLE: the smallest that will do. | Movable pages can leave again, so they had better not spoil a large block.
            0.30 Picked frames 600–603 from UNMOVABLE: the smallest that will do. | Movable pages can leave again, so they had better not spoil a large block.
              ▸ Move frames 600–603 from UNMOVABLE to the tail of MOVABLE list 2. | Then the search starts over and finds it.
            0.31 Moved frames 600–603 from UNMOVABLE to the tail of MOVABLE list 2. | It is too small to claim the whole pageblock, so it moves alone.
              ▸ Look at MOVABLE list 0: it is empty. | A block of the very size that is wanted would be best.
            …
            0.33 Looked at MOVABLE list 1: it is empty. | List 2 is next: its blocks are twice as large, and can be cut as well.
              ▸ Take the head of MOVABLE list 2, frames 600–603. | A request always takes the head, never a block behind it.
            0.34 Took frames 600–603 off MOVABLE list 2: it was the head. | It is the smallest that will do, and order 0 is cut out of it.
              ▸ Cut 600–603 in two and keep the lower half, 600–601. | The upper half, 602–603, becomes the head of list 1.
            0.35 Cut 600–603 in two; its upper half, 602–603, became the head of MOVABLE list 1. | Why: list 1 was empty.
              ▸ Cut 600–601 in two and keep the lower half, frame 600. | The upper half, frame 601, becomes the head of list 0.
            0.36 Cut 600–601 in two; its upper half, frame 601, became the head of MOVABLE list 0. | Why: list 0 was empty.
              ▸ Hand the lower half, frame 600, to m. | The kernel keeps the upper part.
            1.0 m got frame 600 (4 KiB). | A request gets the lowest frames of the block it took; the rest stays free.
              ▸ The story ends here: 11 pages are free, one name still holds memory. | Step back, or change the scenario and see what differs.
        "#]],
        expect![[r#"
            0.0 这台机器有 1024 个页框（4 MiB），只有 Normal 一个区（zone）。 | 每个页框 4 KiB，现有 12 页空闲。
              ▸ m 要 1 个页框（4 KiB）。 | 即一个 0 阶块，取自 MOVABLE 链表。
            0.1 m 申请了 1 个页框（4 KiB）。 | 这种页可以移动，先看 MOVABLE 链表。
              ▸ 先找 Normal 区，机器只有这一个区。 | 这一趟不碰其他类型里小于 pageblock（2 MiB）的块。
            0.2 从 Normal 区找起，机器只有这一个区。 | 这一趟不碰其他类型里小于 pageblock（2 MiB）的块。
              ▸ 看 MOVABLE 0 阶链表：它是空的。 | 有正好这么大的块最省事。
            …
            0.13 看了 MOVABLE 10 阶链表：空的。 | 上面没有链表了：这个类型没有够大的块。
              ▸ MOVABLE 没有可用的块，去看其他类型，从 10 阶看到 9 阶。 | 更小的块会让同一个 pageblock 混入两种类型。
            0.14 MOVABLE 已经没有可用的块，改看其他类型，从 10 阶看到 9 阶。 | 更小的块会让同一个 pageblock 混入两种类型。
              ▸ 放弃 Normal 区：没有可用的 0 阶块。 | 那里有 12 页空闲，但这一趟都不能拿。
            0.15 Normal 区没有可用的 0 阶块。 | 那里有 12 页空闲，但这一趟都不能拿。
              ▸ 把各区再找一遍，这次允许类型混杂。 | 类型混杂，总好过没有内存。
            0.16 不混类型就找不到，现在允许混杂。 | 类型混杂，总好过没有内存。
              ▸ 回到 Normal 区，再找一趟。 | 这一趟允许拿其他类型的小块，代价是类型混杂。
            0.17 回到 Normal 区，开始第二趟。 | 这一趟允许拿其他类型的小块，代价是类型混杂。
              ▸ 看 MOVABLE 0 阶链表：它是空的。 | 有正好这么大的块最省事。
            …
            0.28 看了 MOVABLE 10 阶链表：空的。 | 上面没有链表了：这个类型没有够大的块。
              ▸ MOVABLE 没有可用的块，去看其他类型，从 10 阶看到 0 阶。 | 先拿最大的块，类型混杂的地方就最少。
            0.29 MOVABLE 已经没有可用的块，改看其他类型，从 10 阶看到 0 阶。 | 先拿最大的块，类型混杂的地方就最少。
              ▸ 选 UNMOVABLE 的 600–603 号页框：够用的最小块。 | 可移动页以后还能搬走，不必糟蹋大块。
            0.30 选中 UNMOVABLE 的 600–603 号页框：够用的最小块。 | 可移动页以后还能搬走，不必糟蹋大块。
              ▸ 要把 600–603 号页框从 UNMOVABLE 移到 MOVABLE 2 阶链表尾。 | 然后重新查找，就能找到它。
            0.31 把 600–603 号页框从 UNMOVABLE 移到 MOVABLE 2 阶链表尾。 | 块太小，改不了整个 pageblock，只移它。
              ▸ 看 MOVABLE 0 阶链表：它是空的。 | 有正好这么大的块最省事。
            …
            0.33 看了 MOVABLE 1 阶链表：空的。 | 再看 2 阶：大一倍的块也可以拆分。
              ▸ 取 MOVABLE 2 阶链表头：600–603 号页框。 | 分配总是取链表头的块，不取后面的。
            0.34 从 MOVABLE 2 阶链表头取下 600–603 号页框。 | 它是够用的最小块，要从中拆出 0 阶块。
              ▸ 把 600–603 号页框拆成两半，前半 600–601 留在手里。 | 后半 602–603 放到 1 阶链表头。
            0.35 把 600–603 号页框拆成两半，后半 602–603 成为 MOVABLE 1 阶链表头。 | 因为 1 阶链表是空的。
              ▸ 把 600–601 号页框拆成两半，前半 600 留在手里。 | 后半 601 放到 0 阶链表头。
            0.36 把 600–601 号页框拆成两半，后半 601 成为 MOVABLE 0 阶链表头。 | 因为 0 阶链表是空的。
              ▸ 把前半 600 号页框交给 m。 | 后面的部分都留在空闲链表上。
            1.0 m 得到 600 号页框（4 KiB）。 | 给出去的总是块里地址最低的部分，其余仍空闲。
              ▸ 到这里就结束了：11 页空闲，1 个名字还占着内存。 | 可以往回走，或改动场景，看看有什么不同。
        "#]],
    );
}

#[test]
fn claims() {
    check(
        Story::on(Config::single_zone(1024)).alloc("k", 8, PageKind::Unmovable).alloc(
            "r",
            3,
            PageKind::Reclaimable,
        ),
        expect![[r#"
            0.0 This machine has 1024 frames of 4 KiB (4 MiB) in one zone, Normal. | All of them are free.
              ▸ k wants 256 frames in a row (1 MiB). | One block of order 8, 2⁸ frames, from the UNMOVABLE lists.
            0.1 k asked for 256 frames in a row (1 MiB). | Kernel memory cannot move, so the UNMOVABLE lists come first.
              ▸ Start in zone Normal, the only one. | On this pass, other types' blocks below a pageblock (2 MiB) stay untouched.
            0.2 Started in zone Normal, the only one. | On this pass, other types' blocks below a pageblock (2 MiB) stay untouched.
              ▸ Look at UNMOVABLE list 8: it is empty. | A block of the very size that is wanted would be best.
            …
            0.5 Looked at UNMOVABLE list 10: it is empty. | No list lies above: this type has nothing left that is large enough.
              ▸ UNMOVABLE has nothing left: search other types, order 10 down to 9. | Smaller blocks would mix types inside a pageblock.
            0.6 UNMOVABLE has nothing left: other types are searched, order 10 down to 9. | Smaller blocks would mix types inside a pageblock.
              ▸ Pick frames 0–1023 from MOVABLE: the largest that another type has. | Largest first, so that types mix in as few places as possible.
            0.7 Picked frames 0–1023 from MOVABLE: the largest that another type has. | Largest first, so that types mix in as few places as possible.
              ▸ Mark frames 0–1023 as UNMOVABLE: 2 whole pageblocks. | It is all free, so no page of the old type stays behind in it.
            0.8 Marked frames 0–1023 as UNMOVABLE: 2 whole pageblocks. | It is all free, so no page of the old type stays behind in it.
              ▸ Move frames 0–1023 from MOVABLE to the tail of UNMOVABLE list 10. | Then the search starts over and finds it.
            0.9 Moved frames 0–1023 from MOVABLE to the tail of UNMOVABLE list 10. | The pageblock changed its type, and its free block follows.
              ▸ Look at UNMOVABLE list 8: it is empty. | A block of the very size that is wanted would be best.
            …
            0.11 Looked at UNMOVABLE list 9: it is empty. | List 10 is next: its blocks are twice as large, and can be cut as well.
              ▸ Take the head of UNMOVABLE list 10, frames 0–1023. | A request always takes the head, never a block behind it.
            0.12 Took frames 0–1023 off UNMOVABLE list 10: it was the head. | It is the smallest that will do, and order 8 is cut out of it.
              ▸ Cut 0–1023 in two and keep the lower half, 0–511. | The upper half, 512–1023, becomes the head of list 9.
            0.13 Cut 0–1023 in two; its upper half, 512–1023, became the head of UNMOVABLE list 9. | Why: list 9 was empty.
              ▸ Cut 0–511 in two and keep the lower half, 0–255. | The upper half, 256–511, becomes the head of list 8.
            0.14 Cut 0–511 in two; its upper half, 256–511, became the head of UNMOVABLE list 8. | Why: list 8 was empty.
              ▸ Hand the lower half, frames 0–255, to k. | The kernel keeps the upper part.
            1.0 k got frames 0–255 (1 MiB). | A request gets the lowest frames of the block it took; the rest stays free.
              ▸ r wants 8 frames in a row (32 KiB). | One block of order 3, 2³ frames, from the RECLAIMABLE lists.
            1.1 r asked for 8 frames in a row (32 KiB). | The kernel can give it up again, so the RECLAIMABLE lists come first.
              ▸ Start in zone Normal, the only one. | On this pass, other types' blocks below a pageblock (2 MiB) stay untouched.
            1.2 Started in zone Normal, the only one. | On this pass, other types' blocks below a pageblock (2 MiB) stay untouched.
              ▸ Look at RECLAIMABLE list 3: it is empty. | A block of the very size that is wanted would be best.
            …
            1.10 Looked at RECLAIMABLE list 10: it is empty. | No list lies above: this type has nothing left that is large enough.
              ▸ RECLAIMABLE has nothing left: search other types, order 10 down to 9. | Smaller blocks would mix types inside a pageblock.
            1.11 RECLAIMABLE has nothing left: other types are searched, order 10 down to 9. | Smaller blocks would mix types inside a pageblock.
              ▸ Pick frames 512–1023 from UNMOVABLE: the largest that another type has. | Largest first, so that types mix in as few places as possible.
            1.12 Picked frames 512–1023 from UNMOVABLE: the largest that another type has. | Largest first, so that types mix in as few places as possible.
              ▸ Mark frames 512–1023 as RECLAIMABLE: 1 whole pageblock. | It is all free, so no page of the old type stays behind in it.
            1.13 Marked frames 512–1023 as RECLAIMABLE: 1 whole pageblock. | It is all free, so no page of the old type stays behind in it.
              ▸ Move frames 512–1023 from UNMOVABLE to the tail of RECLAIMABLE list 9. | Then the search starts over and finds it.
            1.14 Moved frames 512–1023 from UNMOVABLE to the tail of RECLAIMABLE list 9. | The pageblock changed its type, and its free block follows.
              ▸ Look at RECLAIMABLE list 3: it is empty. | A block of the very size that is wanted would be best.
            …
            1.20 Looked at RECLAIMABLE list 8: it is empty. | List 9 is next: its blocks are twice as large, and can be cut as well.
              ▸ Take the head of RECLAIMABLE list 9, frames 512–1023. | A request always takes the head, never a block behind it.
            1.21 Took frames 512–1023 off RECLAIMABLE list 9: it was the head. | It is the smallest that will do, and order 3 is cut out of it.
              ▸ Cut 512–1023 in two and keep the lower half, 512–767. | The upper half, 768–1023, becomes the head of list 8.
            1.22 Cut 512–1023 in two; its upper half, 768–1023, became the head of RECLAIMABLE list 8. | Why: list 8 was empty.
              ▸ Cut 512–767 in two and keep the lower half, 512–639. | The upper half, 640–767, becomes the head of list 7.
            1.23 Cut 512–767 in two; its upper half, 640–767, became the head of RECLAIMABLE list 7. | Why: list 7 was empty.
              ▸ Cut 512–639 in two and keep the lower half, 512–575. | The upper half, 576–639, becomes the head of list 6.
            1.24 Cut 512–639 in two; its upper half, 576–639, became the head of RECLAIMABLE list 6. | Why: list 6 was empty.
              ▸ Cut 512–575 in two and keep the lower half, 512–543. | The upper half, 544–575, becomes the head of list 5.
            1.25 Cut 512–575 in two; its upper half, 544–575, became the head of RECLAIMABLE list 5. | Why: list 5 was empty.
              ▸ Cut 512–543 in two and keep the lower half, 512–527. | The upper half, 528–543, becomes the head of list 4.
            1.26 Cut 512–543 in two; its upper half, 528–543, became the head of RECLAIMABLE list 4. | Why: list 4 was empty.
              ▸ Cut 512–527 in two and keep the lower half, 512–519. | The upper half, 520–527, becomes the head of list 3.
            1.27 Cut 512–527 in two; its upper half, 520–527, became the head of RECLAIMABLE list 3. | Why: list 3 was empty.
              ▸ Hand the lower half, frames 512–519, to r. | The kernel keeps the upper part.
            2.0 r got frames 512–519 (32 KiB). | A request gets the lowest frames of the block it took; the rest stays free.
              ▸ The story ends here: 760 pages are free, 2 names still hold memory. | Step back, or change the scenario and see what differs.
        "#]],
        expect![[r#"
            0.0 这台机器有 1024 个页框（4 MiB），只有 Normal 一个区（zone）。 | 每个页框 4 KiB，全部空闲。
              ▸ k 要连续 256 个页框（1 MiB）。 | 即 8 阶块（2⁸ 页），取自 UNMOVABLE 链表。
            0.1 k 申请了连续 256 个页框（1 MiB）。 | 内核内存不能移动，先看 UNMOVABLE 链表。
              ▸ 先找 Normal 区，机器只有这一个区。 | 这一趟不碰其他类型里小于 pageblock（2 MiB）的块。
            0.2 从 Normal 区找起，机器只有这一个区。 | 这一趟不碰其他类型里小于 pageblock（2 MiB）的块。
              ▸ 看 UNMOVABLE 8 阶链表：它是空的。 | 有正好这么大的块最省事。
            …
            0.5 看了 UNMOVABLE 10 阶链表：空的。 | 上面没有链表了：这个类型没有够大的块。
              ▸ UNMOVABLE 没有可用的块，去看其他类型，从 10 阶看到 9 阶。 | 更小的块会让同一个 pageblock 混入两种类型。
            0.6 UNMOVABLE 已经没有可用的块，改看其他类型，从 10 阶看到 9 阶。 | 更小的块会让同一个 pageblock 混入两种类型。
              ▸ 选 MOVABLE 的 0–1023 号页框：其他类型里最大的空闲块。 | 先拿最大的块，类型混杂的地方就最少。
            0.7 选中 MOVABLE 的 0–1023 号页框：其他类型里最大的空闲块。 | 先拿最大的块，类型混杂的地方就最少。
              ▸ 要把 0–1023 号页框标记为 UNMOVABLE：共 2 个完整的 pageblock。 | 它全部空闲，里面不会留下旧类型的页。
            0.8 把 0–1023 号页框标记为 UNMOVABLE：共 2 个完整的 pageblock。 | 它全部空闲，里面不会留下旧类型的页。
              ▸ 要把 0–1023 号页框从 MOVABLE 移到 UNMOVABLE 10 阶链表尾。 | 然后重新查找，就能找到它。
            0.9 把 0–1023 号页框从 MOVABLE 移到 UNMOVABLE 10 阶链表尾。 | pageblock 已改类型，它也跟过去。
              ▸ 看 UNMOVABLE 8 阶链表：它是空的。 | 有正好这么大的块最省事。
            …
            0.11 看了 UNMOVABLE 9 阶链表：空的。 | 再看 10 阶：大一倍的块也可以拆分。
              ▸ 取 UNMOVABLE 10 阶链表头：0–1023 号页框。 | 分配总是取链表头的块，不取后面的。
            0.12 从 UNMOVABLE 10 阶链表头取下 0–1023 号页框。 | 它是够用的最小块，要从中拆出 8 阶块。
              ▸ 把 0–1023 号页框拆成两半，前半 0–511 留在手里。 | 后半 512–1023 放到 9 阶链表头。
            0.13 把 0–1023 号页框拆成两半，后半 512–1023 成为 UNMOVABLE 9 阶链表头。 | 因为 9 阶链表是空的。
              ▸ 把 0–511 号页框拆成两半，前半 0–255 留在手里。 | 后半 256–511 放到 8 阶链表头。
            0.14 把 0–511 号页框拆成两半，后半 256–511 成为 UNMOVABLE 8 阶链表头。 | 因为 8 阶链表是空的。
              ▸ 把前半 0–255 号页框交给 k。 | 后面的部分都留在空闲链表上。
            1.0 k 得到 0–255 号页框（1 MiB）。 | 给出去的总是块里地址最低的部分，其余仍空闲。
              ▸ r 要连续 8 个页框（32 KiB）。 | 即 3 阶块（2³ 页），取自 RECLAIMABLE 链表。
            1.1 r 申请了连续 8 个页框（32 KiB）。 | 内核内存，可以回收，先看 RECLAIMABLE 链表。
              ▸ 先找 Normal 区，机器只有这一个区。 | 这一趟不碰其他类型里小于 pageblock（2 MiB）的块。
            1.2 从 Normal 区找起，机器只有这一个区。 | 这一趟不碰其他类型里小于 pageblock（2 MiB）的块。
              ▸ 看 RECLAIMABLE 3 阶链表：它是空的。 | 有正好这么大的块最省事。
            …
            1.10 看了 RECLAIMABLE 10 阶链表：空的。 | 上面没有链表了：这个类型没有够大的块。
              ▸ RECLAIMABLE 没有可用的块，去看其他类型，从 10 阶看到 9 阶。 | 更小的块会让同一个 pageblock 混入两种类型。
            1.11 RECLAIMABLE 已经没有可用的块，改看其他类型，从 10 阶看到 9 阶。 | 更小的块会让同一个 pageblock 混入两种类型。
              ▸ 选 UNMOVABLE 的 512–1023 号页框：其他类型里最大的空闲块。 | 先拿最大的块，类型混杂的地方就最少。
            1.12 选中 UNMOVABLE 的 512–1023 号页框：其他类型里最大的空闲块。 | 先拿最大的块，类型混杂的地方就最少。
              ▸ 要把 512–1023 号页框标记为 RECLAIMABLE：共 1 个完整的 pageblock。 | 它全部空闲，里面不会留下旧类型的页。
            1.13 把 512–1023 号页框标记为 RECLAIMABLE：共 1 个完整的 pageblock。 | 它全部空闲，里面不会留下旧类型的页。
              ▸ 要把 512–1023 号页框从 UNMOVABLE 移到 RECLAIMABLE 9 阶链表尾。 | 然后重新查找，就能找到它。
            1.14 把 512–1023 号页框从 UNMOVABLE 移到 RECLAIMABLE 9 阶链表尾。 | pageblock 已改类型，它也跟过去。
              ▸ 看 RECLAIMABLE 3 阶链表：它是空的。 | 有正好这么大的块最省事。
            …
            1.20 看了 RECLAIMABLE 8 阶链表：空的。 | 再看 9 阶：大一倍的块也可以拆分。
              ▸ 取 RECLAIMABLE 9 阶链表头：512–1023 号页框。 | 分配总是取链表头的块，不取后面的。
            1.21 从 RECLAIMABLE 9 阶链表头取下 512–1023 号页框。 | 它是够用的最小块，要从中拆出 3 阶块。
              ▸ 把 512–1023 号页框拆成两半，前半 512–767 留在手里。 | 后半 768–1023 放到 8 阶链表头。
            1.22 把 512–1023 号页框拆成两半，后半 768–1023 成为 RECLAIMABLE 8 阶链表头。 | 因为 8 阶链表是空的。
              ▸ 把 512–767 号页框拆成两半，前半 512–639 留在手里。 | 后半 640–767 放到 7 阶链表头。
            1.23 把 512–767 号页框拆成两半，后半 640–767 成为 RECLAIMABLE 7 阶链表头。 | 因为 7 阶链表是空的。
              ▸ 把 512–639 号页框拆成两半，前半 512–575 留在手里。 | 后半 576–639 放到 6 阶链表头。
            1.24 把 512–639 号页框拆成两半，后半 576–639 成为 RECLAIMABLE 6 阶链表头。 | 因为 6 阶链表是空的。
              ▸ 把 512–575 号页框拆成两半，前半 512–543 留在手里。 | 后半 544–575 放到 5 阶链表头。
            1.25 把 512–575 号页框拆成两半，后半 544–575 成为 RECLAIMABLE 5 阶链表头。 | 因为 5 阶链表是空的。
              ▸ 把 512–543 号页框拆成两半，前半 512–527 留在手里。 | 后半 528–543 放到 4 阶链表头。
            1.26 把 512–543 号页框拆成两半，后半 528–543 成为 RECLAIMABLE 4 阶链表头。 | 因为 4 阶链表是空的。
              ▸ 把 512–527 号页框拆成两半，前半 512–519 留在手里。 | 后半 520–527 放到 3 阶链表头。
            1.27 把 512–527 号页框拆成两半，后半 520–527 成为 RECLAIMABLE 3 阶链表头。 | 因为 3 阶链表是空的。
              ▸ 把前半 512–519 号页框交给 r。 | 后面的部分都留在空闲链表上。
            2.0 r 得到 512–519 号页框（32 KiB）。 | 给出去的总是块里地址最低的部分，其余仍空闲。
              ▸ 到这里就结束了：760 页空闲，2 个名字还占着内存。 | 可以往回走，或改动场景，看看有什么不同。
        "#]],
    );
}

/// The claim rule: a pageblock changes its type when half of it is free or alike.
#[test]
fn half_of_a_pageblock() {
    let tiny = || {
        Story::on(Config { pageblock_order: crate::testing::order(5), ..Config::single_zone(64) })
            .alloc("x", 5, PageKind::Anon)
            .alloc("y", 4, PageKind::Anon)
    };
    let free = tiny().alloc("k", 0, PageKind::Unmovable);
    let alike = tiny().alloc("z", 2, PageKind::Movable).alloc("k", 0, PageKind::Reclaimable);
    let neither = tiny().alloc("z", 2, PageKind::Anon).alloc("k", 0, PageKind::Reclaimable);
    let mut said = Vec::new();
    for moment in [free, alike, neither].into_iter().flat_map(Story::moments) {
        if matches!(moment.just_did, Some(Step { kind: StepKind::MoveFreePages { .. }, .. })) {
            said.extend(
                Lang::ALL.map(|lang| narration(&moment, lang).did.map_or(String::new(), |s| s.whole(lang))),
            );
        }
    }
    expect![[r#"
        Moved all 16 free pages of pageblock 32–63 to the UNMOVABLE lists. 16 free, at least half: it turns UNMOVABLE.
        pageblock 32–63 的空闲页都移到了 UNMOVABLE 链表。空闲 16 页，够一半，它的类型也改。
        Moved all 12 free pages of pageblock 32–63 to the RECLAIMABLE lists. 12 free + 4 alike = 16, at least half: it turns RECLAIMABLE.
        pageblock 32–63 的空闲页都移到了 RECLAIMABLE 链表。空闲 12 + 同类 4 = 16，够一半，它的类型也改。
        Moved all 12 free pages of pageblock 32–63 to the RECLAIMABLE lists. 12 free, less than half: it stays MOVABLE.
        pageblock 32–63 的空闲页都移到了 RECLAIMABLE 链表。空闲 12 页，不到一半，类型不变。"#]].assert_eq(&said.join("\n"));
}

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

#[test]
fn a_line_needs_no_moment() {
    let story = Story::on(Config::single_zone(1024)).alloc("buf", 8, PageKind::Movable).free("buf");
    let moments = story.moments();
    for (lang, expected) in [
        (
            Lang::En,
            expect![[r#"
        buf asks for 256 frames in a row (1 MiB)
        try zone Normal
        MOVABLE list 8 is empty
        MOVABLE list 9 is empty
        take 0–1023, the head of MOVABLE list 10
        cut 0–1023 in two: 512–1023 to the head of MOVABLE list 9
        cut 0–511 in two: 256–511 to the head of MOVABLE list 8
        buf gets 0–255
        buf gives back 0–255
        buddy 0 ⊕ 256 = 256 is free as well
        merge with 256–511: 0–511, order 9
        buddy 0 ⊕ 512 = 512 is free as well
        merge with 512–1023: 0–1023, order 10
        put 0–1023 at the head of MOVABLE list 10"#]],
        ),
        (
            Lang::Zh,
            expect![[r#"
            buf 申请连续 256 个页框（1 MiB）
            找 Normal 区
            MOVABLE 8 阶链表是空的
            MOVABLE 9 阶链表是空的
            从 MOVABLE 10 阶链表头取下 0–1023
            拆分 0–1023：512–1023 放到 MOVABLE 9 阶链表头
            拆分 0–511：256–511 放到 MOVABLE 8 阶链表头
            buf 得到 0–255
            buf 释放 0–255
            伙伴 0 ⊕ 256 = 256：也空闲
            并入 256–511，成为 9 阶的 0–511
            伙伴 0 ⊕ 512 = 512：也空闲
            并入 512–1023，成为 10 阶的 0–1023
            0–1023 放到 MOVABLE 10 阶链表头"#]],
        ),
    ] {
        let lines: Vec<String> =
            moments.iter().filter_map(|m| Some(step_line(&m.scenario, m.just_did.as_ref()?, lang))).collect();
        expected.assert_eq(&lines.join("\n"));
    }
}

#[test]
fn titles_and_places() {
    let moment = Story::on(Config::single_zone(1024)).alloc("buf", 8, PageKind::Movable).free("buf").at(0, 6);
    let said = narration(&moment, Lang::En);
    let title = op_title(&moment, Lang::En).expect("an op");
    expect![[r#"
        buf = alloc order=8 movable wants 256 frames in a row (1 MiB)
        __alloc_pages › get_page_from_freelist › rmqueue_buddy › __rmqueue_smallest › expand
        Some(("mm/page_alloc.c", "expand"))
    "#]]
    .assert_eq(&format!(
        "{} {}\n{}\n{:?}\n",
        title.code,
        title.text,
        said.breadcrumb.join(" › "),
        said.source
    ));
}

#[test]
fn the_scenario_speaks_at_its_ops() {
    let text = "ram 4M\nsay \"One.\" zh \"一。\"\nsay \"Two.\"\na = alloc order=0\nfree a\nsay \"End.\"\n";
    let scenario = std::rc::Rc::new(scenario::parse(text).strict().expect("a scenario"));
    let mut said = Vec::new();
    walk(&scenario, |moment| {
        let captions = Lang::ALL.map(|lang| narration(moment, lang).caption);
        if said.last() != Some(&captions) {
            said.push(captions);
        }
    });
    let pair = |en: &str, zh: &str| [Some(en.to_owned()), Some(zh.to_owned())];
    assert_eq!(said, [pair("One. Two.", "一。Two."), [None, None], pair("End.", "End.")]);
}

#[test]
fn a_title_is_a_line_of_the_language() {
    let story = Story::on(three_zones(3, Mobility::On))
        .alloc_below("dma", 3, PageKind::Unmovable, ZoneKind::Dma)
        .alloc("b[3]", 0, PageKind::File)
        .workload("w", 10, (0, 3), [1, 0, 2, 0, 0], 40)
        .free("b[3]");
    let scenario = story.scenario();
    let titles: Vec<OpTitle> = scenario.ops.iter().map(|op| title_of(&scenario, &op.op, Lang::En)).collect();
    let codes: Vec<&str> = titles.iter().map(|title| title.code.as_str()).collect();
    let document = scenario::parse(&codes.join("\n")).document;
    assert!(
        document.lines.iter().all(|line| line.statement.as_ref().is_some_and(|s| s.is_op())),
        "{codes:?}"
    );
    assert_eq!(codes[0], "dma = alloc order=3 unmovable zone=DMA");
}

#[test]
fn numbers_are_grouped_from_ten_thousand_on() {
    let grouped = [9u32, 1024, 9999, 10_000, 65_536, 4_194_303].map(num);
    assert_eq!(grouped, ["9", "1024", "9999", "10,000", "65,536", "4,194,303"]);
}

// ---- the rules that every sentence keeps

fn is_cjk(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// The frame numbers in a text: `a–b`, `frame a`, `block a`, `a 号`, and those of a sum with ⊕.
fn frame_numbers(text: &str) -> Vec<u64> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if !chars[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        let grouped = |at: usize| chars[at] == ',' && chars.get(at + 1).is_some_and(char::is_ascii_digit);
        while at < chars.len() && (chars[at].is_ascii_digit() || grouped(at)) {
            at += 1;
        }
        let number: String = chars[start..at].iter().filter(|c| **c != ',').collect();
        let before: String = chars[..start].iter().collect();
        let after: String = chars[at..].iter().collect();
        let in_sum = text.contains('⊕') && (before.ends_with("= ") || after.starts_with(" ⊕"));
        if ["–", "frame ", "frames ", "block "].iter().any(|word| before.ends_with(word))
            || after.starts_with('–')
            || after.trim_start().starts_with('号')
            || in_sum
        {
            found.push(number.parse().expect("digits"));
        }
    }
    found
}

/// What the kernel calls so.
const KERNEL_NAMES: [&str; 7] = [
    "GFP_ATOMIC",
    "GFP_NOWAIT",
    "min_free_kbytes",
    "watermark_scale_factor",
    "watermark_boost_factor",
    "lowmem_reserve_ratio",
    "percpu_pagelist_high_fraction",
];

/// What holds for every sentence; `names` are taken out first, whatever they look like.
fn keeps_the_rules(sentence: &Sentence, lang: Lang, names: &[String], kind: Option<&StepKind>) {
    let whole = sentence.whole(lang);
    assert!(whole.chars().count() <= longest(lang), "{} characters: {whole}", whole.chars().count());
    let end = lang.pick('.', '。');
    for part in [&sentence.text, &sentence.why] {
        assert!(part.chars().count() > 3 && part.ends_with(end), "{part:?}");
        assert_eq!(part.trim(), part);
    }
    let mut longest_first: Vec<&String> = names.iter().collect();
    longest_first.sort_by_key(|name| std::cmp::Reverse(name.len()));
    // Names of the kernel's are not translated, and some have an underscore.
    let whole_plain = KERNEL_NAMES.iter().fold(whole.clone(), |text, name| text.replace(name, "Q"));
    let plain = longest_first.into_iter().fold(whole_plain, |text, name| text.replace(name.as_str(), "Q"));
    for raw in [
        "{", "}", "::", "_", "?", "Some(", "None", "Pfn", "Order", "NameId", "  ", "--", "..", "。。", "，。",
    ] {
        assert!(!plain.contains(raw), "{raw:?} in {whole}");
    }
    match lang {
        Lang::En => assert!(!plain.chars().any(is_cjk), "{whole}"),
        Lang::Zh => {
            for sign in [", ", ": ", ". ", "(", ")", ";"] {
                assert!(!plain.contains(sign), "{sign:?} in {whole}");
            }
            // A space between a Chinese character and a Latin letter or digit.
            for (a, b) in plain.chars().zip(plain.chars().skip(1)) {
                let glued =
                    (is_cjk(a) && b.is_ascii_alphanumeric()) || (a.is_ascii_alphanumeric() && is_cjk(b));
                assert!(!glued, "{a}{b} in {whole}");
            }
        }
    }
    let blocks: Vec<Block> = kind.map(blocks).unwrap_or_default();
    for pfn in frame_numbers(&plain) {
        let covered = blocks.iter().any(|b| (u64::from(b.pfn.0)..=u64::from(b.last().0)).contains(&pfn));
        assert!(covered, "frame {pfn} is not ringed: {whole}");
    }
}

fn blocks(kind: &StepKind) -> Vec<Block> {
    kind.blocks().into_iter().flatten().collect()
}

/// Walks every moment of a story in both languages.
fn every_moment_keeps_the_rules(story: Story) -> BTreeSet<u8> {
    let mut last: [Option<Narration>; 2] = [None, None];
    let mut seen = BTreeSet::new();
    walk(&story.scenario(), |moment| {
        let names = &moment.scenario.names;
        let [done, coming] = [moment.just_did, moment.next].map(|step| step.map(|step| step.kind));
        seen.extend(done.map(|kind| kind.code()));
        for (lang, last) in Lang::ALL.into_iter().zip(&mut last) {
            let said = narration(moment, lang);
            keeps_the_rules(said.did.as_ref().expect("did"), lang, names, done.as_ref());
            keeps_the_rules(said.next.as_ref().expect("next"), lang, names, coming.as_ref());
            assert_eq!(said.failed, done.is_some_and(|kind| kind.class() == StepClass::Fail));
            assert_eq!(said.source.is_some(), done.is_some_and(|k| !matches!(k, StepKind::Skipped { .. })));
            if let Some(last) = last {
                assert_ne!(last.did, said.did, "nothing seems to happen at {}", moment.cursor);
                assert_ne!(last.next, said.next, "nothing seems to happen at {}", moment.cursor);
            }
            *last = Some(said);
            if let Some(step) = &moment.just_did {
                let line = step_line(&moment.scenario, step, lang);
                assert!(!line.is_empty() && !line.contains('\n') && !line.ends_with(['.', '。']), "{line}");
                keeps_the_rules(&step_sentence(&moment.scenario, step, lang), lang, names, done.as_ref());
            }
        }
    });
    seen
}

#[test]
fn every_sentence_of_random_workloads_keeps_the_rules() {
    let any = [3, 2, 2, 3, 3];
    let mut seen = BTreeSet::new();
    for (pageblock_order, mobility) in
        [(9, Mobility::Auto), (3, Mobility::On), (1, Mobility::On), (5, Mobility::Off)]
    {
        let story = Story::on(three_zones(pageblock_order, mobility))
            .free("w")
            .workload("w", 350, (0, 4), any, 35)
            .workload("w", 5, (0, 1), any, 0)
            .alloc("one", 0, PageKind::File)
            .alloc("one", 0, PageKind::File)
            .alloc("odd", 11, PageKind::Anon)
            .alloc("odd", 10, PageKind::Anon)
            .free("odd")
            .free("odd")
            .workload("x[7]", 150, (0, 6), [0, 1, 1, 0, 0], 50)
            .free("w")
            .free("w")
            .free("x[7]")
            .free("one");
        seen.extend(every_moment_keeps_the_rules(story));
    }
    // A tiny machine, filled to the last page and emptied.
    let mut tiny = Story::on(Config { pageblock_order: crate::testing::order(2), ..Config::single_zone(64) });
    for i in 0..24 {
        tiny = tiny.alloc(&format!("b[{i}]"), i % 4, PageKind::ASKABLE[usize::from(i) % 5]);
    }
    for i in 0..24 {
        tiny = tiny.free(&format!("b[{}]", i * 5 % 24));
    }
    seen.extend(every_moment_keeps_the_rules(tiny));
    for config in [two_nodes(), small_with_reserves()] {
        seen.extend(every_moment_keeps_the_rules(pressed(config)));
    }
    seen.extend(every_moment_keeps_the_rules(mixed()));
    assert_eq!(seen.len(), 35, "every kind of step was told: {seen:?}");
}

#[test]
fn the_longest_sentences_fit() {
    use mm::config::ZoneSpec;
    use mm::step::BuddyVerdict;
    let zones = [ZoneKind::HighMem, ZoneKind::Movable].into_iter().flat_map(|kind| {
        (0..2).map(move |node| ZoneSpec { kind, node, span: mm::PfnRange::new(0, 8_388_608) })
    });
    let config = Config { zones: zones.collect(), ..Config::single_zone(8_388_608) };
    let long = format!("{}[1000000]", "abcdefghijklmnopqrstuvwxyz_12345");
    let scenario = Story::on(config).alloc(&long, 30, PageKind::Anon).scenario();
    let (name, zone, far) = (NameId(0), ZoneId(0), 8_387_584);
    let alloc = scenario.ops[0].op.clone();
    let free = u32::MAX >> 10;
    let mut kinds = Vec::new();
    for reason in [
        SkipReason::AllocationFailed,
        SkipReason::AlreadyFreed,
        SkipReason::NotYetAllocated,
        SkipReason::StillHeld,
    ] {
        kinds.push(StepKind::Skipped { name, reason });
    }
    for (order, kind) in
        (0..=12).chain([20, 21, 30, 255]).flat_map(|order| PageKind::ASKABLE.map(|kind| (order, kind)))
    {
        let (highest_zone, cpu) = (ZoneKind::Movable, CpuId(255));
        for flags in [kind.usual_flags(), GfpFlags::GFP_ATOMIC, GfpFlags::GFP_NOWAIT] {
            for migratetype in [flags.migratetype(), Unmovable] {
                kinds.push(StepKind::Request { name, order, kind, migratetype, highest_zone, flags, cpu });
            }
        }
        kinds.push(StepKind::TooLarge { order });
        kinds.push(StepKind::Failed { name, order, free });
        kinds.push(StepKind::Failed { name, order, free: 0 });
    }
    let (from, to) = (Unmovable, Reclaimable);
    for order in Order::all() {
        let block = Block { pfn: Pfn(far), order };
        let up = Block { pfn: Pfn(far), order: order.up().unwrap_or(order) };
        let buddy = Block { pfn: block.pfn.buddy(order), order };
        for tail in [false, true] {
            kinds.push(StepKind::TryZone { zone, no_fragment: tail });
            kinds.push(StepKind::PutBlock { zone, block, migratetype: to, tail });
            kinds.push(StepKind::FallbackFound { zone, block, from, to, largest: tail });
            for alike in [0, 512] {
                kinds.push(StepKind::MoveFreePages {
                    zone,
                    pageblock: block,
                    free: 512,
                    alike,
                    from,
                    to,
                    claimed: tail,
                });
            }
        }
        kinds.extend([
            StepKind::ListEmpty { zone, order, migratetype: to },
            StepKind::TakeHead { zone, block, migratetype: to, wanted: Order::ZERO },
            StepKind::TakeHead { zone, block, migratetype: to, wanted: order },
            StepKind::Split { zone, kept: block, put: buddy, migratetype: to, wanted: Order::ZERO },
            StepKind::Handed { zone, block, name, kind: PageKind::Anon },
            StepKind::FallbackBegins { zone, migratetype: to, wanted: Order::ZERO, min_order: order },
            StepKind::ClaimPageblocks { zone, block, from, to },
            StepKind::MoveBlock { zone, block, from, to },
            StepKind::ZoneFailed { zone, order, migratetype: to, free },
            StepKind::FreeRequest { zone, block, name: Some(name), migratetype: to },
            StepKind::FreeRequest { zone, block, name: None, migratetype: to },
            StepKind::Merge { zone, merged: up, buddy, from: to },
        ]);
        let cpu = CpuId(255);
        kinds.extend([
            StepKind::PcpEmpty { zone, cpu, order, migratetype: to, blocks: 63 },
            StepKind::PcpAppend { zone, cpu, block, migratetype: to },
            StepKind::PcpRefilled { zone, cpu, order, migratetype: to, blocks: 63, count: 100_000 },
            StepKind::PcpRefilled { zone, cpu, order, migratetype: to, blocks: 0, count: 100_000 },
            StepKind::PcpTake { zone, cpu, block, migratetype: to, count: 100_000 },
            StepKind::PcpPut { zone, cpu, block, migratetype: to, count: 100_000, high: 100_000 },
            StepKind::PcpPut { zone, cpu, block, migratetype: to, count: 99_999, high: 100_000 },
            StepKind::PcpPut { zone, cpu, block, migratetype: to, count: 100_000, high: 0 },
            StepKind::PcpDrain { zone, cpu, block, migratetype: to },
            StepKind::WakeKswapd { zone, order },
            StepKind::ReserveHighatomic { zone, pageblock: block, reserved: 100_000, max: 100_000 },
            StepKind::UnreserveHighatomic { zone, pageblock: block, to, free: 1023 },
        ]);
        for verdict in [WatermarkVerdict::Ok, WatermarkVerdict::TooFew, WatermarkVerdict::NoBlock] {
            let high = AllocFlags::MIN_RESERVE;
            let min = AllocFlags::WMARK_MIN;
            for flags in [
                min,
                AllocFlags::WMARK_LOW,
                AllocFlags::OOM,
                AllocFlags::NO_WATERMARKS,
                high,
                high.with(AllocFlags::NON_BLOCK),
            ] {
                let (mark, min, reserve) = (flags.mark(), free, free);
                kinds.push(StepKind::Watermark { zone, order, mark, flags, free, min, reserve, verdict });
            }
        }
        for verdict in [
            BuddyVerdict::Yes,
            BuddyVerdict::NoMemory,
            BuddyVerdict::InUse,
            BuddyVerdict::OtherOrder(Order::MAX),
            BuddyVerdict::OtherZone,
            BuddyVerdict::OtherType { ours: to, theirs: MigrateType::HighAtomic },
        ] {
            let of_large = matches!(verdict, BuddyVerdict::OtherOrder(_) | BuddyVerdict::OtherType { .. });
            // A single page has no smaller parts and is smaller than any pageblock; the largest order has no buddy.
            if order == Order::MAX || of_large && order == Order::ZERO {
                continue;
            }
            kinds.push(StepKind::BuddyCheck { zone, block, buddy: buddy.pfn, verdict });
        }
    }
    let cpu = CpuId(255);
    kinds.extend([
        StepKind::AllowFragment { zone },
        StepKind::PcpDrainBegins { zone, cpu, count: 100_000, pages: 100_000, free_factor: 5 },
        StepKind::Boost { zone, boost: 1_000_000, max: 1_000_000 },
        StepKind::SlowPath { flags: AllocFlags::WMARK_MIN },
        StepKind::SlowPath { flags: AllocFlags::NON_BLOCK },
        StepKind::SlowPath { flags: AllocFlags::MIN_RESERVE },
        StepKind::SlowPath { flags: AllocFlags::MIN_RESERVE.with(AllocFlags::NON_BLOCK) },
    ]);
    for what in [NotModelled::DirectCompact, NotModelled::DirectReclaim, NotModelled::OutOfMemory] {
        kinds.push(StepKind::Missing { what });
    }
    for sysctl in [
        Sysctl::MinFreeKbytes(u32::MAX),
        Sysctl::WatermarkScaleFactor(3000),
        Sysctl::WatermarkBoostFactor(u32::MAX),
        Sysctl::LowmemReserveRatio([1_000_000; 6]),
        Sysctl::PercpuPagelistHighFraction(u32::MAX),
    ] {
        kinds.push(StepKind::Written { sysctl });
    }
    let zone_failed = |zone| StepKind::ZoneFailed { zone, order: Order::MAX, migratetype: Movable, free };
    let befores = [
        None,
        Some(kinds[4]),
        Some(zone_failed(ZoneId(3))),
        Some(zone_failed(zone)),
        Some(StepKind::AllowFragment { zone }),
        Some(StepKind::SlowPath { flags: AllocFlags::WMARK_MIN }),
        kinds.iter().copied().find(|k| matches!(k, StepKind::Watermark { .. })),
        kinds.iter().copied().find(|k| matches!(k, StepKind::PcpTake { .. })),
        kinds.iter().copied().find(|k| matches!(k, StepKind::Split { .. })),
        kinds.iter().copied().find(|k| matches!(k, StepKind::ClaimPageblocks { .. })),
    ];
    let names = [long.clone(), "abcdef…0000]".to_owned()];
    for before in befores {
        let words = Words::of_scenario(&scenario).remembering(Some((99_999, &alloc)), before);
        for kind in &kinds {
            keeps_the_rules(&did::<En>(&words, kind), Lang::En, &names, Some(kind));
            keeps_the_rules(&next::<En>(&words, kind), Lang::En, &names, Some(kind));
            keeps_the_rules(&did::<Zh>(&words, kind), Lang::Zh, &names, Some(kind));
            keeps_the_rules(&next::<Zh>(&words, kind), Lang::Zh, &names, Some(kind));
        }
    }
}

/// The built-in lessons, step by step: their sentences keep the rules as well.
#[test]
fn every_sentence_of_the_lessons_keeps_the_rules() {
    for lesson in scenario::BUILTINS {
        let scenario = std::rc::Rc::new(scenario::parse(lesson.text).strict().expect(lesson.id));
        let mut session = crate::testing::session(&scenario);
        // Long lessons are sampled; the stride is odd, so that it does not only meet the ends of pairs.
        while !session.survey(1 << 20) {}
        let stride = (session.survey_so_far().steps() / 500).max(1) | 1;
        for global in (0..=session.survey_so_far().steps()).step_by(stride as usize) {
            session.seek_global(global);
            let moment = Moment::of(&session, &scenario);
            for lang in Lang::ALL {
                let said = narration(&moment, lang);
                let [done, coming] = [moment.just_did, moment.next].map(|step| step.map(|step| step.kind));
                keeps_the_rules(&said.did.expect("did"), lang, &scenario.names, done.as_ref());
                keeps_the_rules(&said.next.expect("next"), lang, &scenario.names, coming.as_ref());
            }
        }
    }
}
