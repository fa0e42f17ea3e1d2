//! A block is cut, and put together again.

use expect_test::expect;
use mm::op::PageKind;
use mm::page::MigrateType::Movable;

use super::*;
use crate::testing::lists;

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
