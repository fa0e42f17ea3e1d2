//! A type takes from another.

use expect_test::expect;
use mm::Config;
use mm::op::PageKind;
use mm::page::MigrateType::Unmovable;

use super::*;
use crate::testing::lists;

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
