# The article's own example: 256 frames are wanted, and the smallest free block has 512.
title "256 frames out of a block of 512" zh "从 512 个页框的块里取出 256 个"
rules 6.1
ram 4M
zone Normal
page_group_by_mobility on
pcp off
watermarks off
free_list Normal 9 Movable: 0x200  # frames 0 to 511 are in use by somebody

say "256 frames are wanted: one block of order 8. The order-8 list is empty, so the kernel looks at order 9." zh "需要 256 个页框，也就是一个 8 阶块。8 阶链表是空的，内核于是去看 9 阶。"
a = alloc order=8 movable
say "The other half went to the order-8 list. The next request finds it there and cuts nothing." zh "另一半进了 8 阶链表。下一个请求直接从那里取，什么都不用切。"
b = alloc order=8 movable
say "Nothing is left: a request fails, and that is an answer like any other." zh "一块不剩了：请求失败，这也是一种正常的结果。"
c = alloc order=0 movable
say "One half comes back. Its buddy is still in use, so it stays an order-8 block." zh "一半还回来了。它的伙伴还在用，所以它仍是一个 8 阶块。"
free a
say "Now the other half comes back, finds its buddy free, and the two become the block of 512 again." zh "另一半也还回来了，发现伙伴空闲，两块又合成 512 个页框的一块。"
free b
say "A single page out of the same block: nine cuts, and a half left behind on every list." zh "从同一块里只取一页：要切九刀，每切一刀就有一半留在对应的链表上。"
d = alloc order=0 movable
say "Every order now has one block, so this request is served at once." zh "现在每一阶都有一块，这个请求马上就能满足。"
e = alloc order=4 movable
free d
say "The last one comes back, and all the halves find each other." zh "最后一块还回来，所有的一半都找到了自己的伙伴。"
free e
say "The machine is where it began." zh "机器回到了最初的样子。"
