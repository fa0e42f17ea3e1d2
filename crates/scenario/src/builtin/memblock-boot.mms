title "What the buddy system is given at boot" zh "启动时交给伙伴系统的内存"
rules 6.1
ram 24M
pcp off

say "At boot all free memory goes to the movable lists, in blocks as large as alignment allows. The first MiB is reserved." zh "启动时所有空闲内存都进可移动链表，块的大小由对齐决定。第一个 MiB 是保留的。"
a = alloc order=0 unmovable
say "No list had unmovable memory. A block of 1024 was taken whole, and its two pageblocks are unmovable now." zh "没有一个不可移动的链表有内存。于是整块拿下 1024 页，它的两个 pageblock 从此不可移动。"
b = alloc order=0 unmovable
say "The second one found the rest. Where does a movable page come from?" zh "第二个请求用的是剩下的部分。可移动的页会来自哪里？"
c = alloc order=0 movable
say "Reclaimable memory has no list of its own yet, either. Unmovable is the first type it may borrow from." zh "可回收类型也还没有自己的链表。它首先可以借用的是不可移动类型。"
d = alloc order=0 reclaimable
say "In zone DMA the first pageblock was never marked movable: it begins before the zone does." zh "DMA 区的第一个 pageblock 从未标成可移动：它的起点在区的起点之前。"
e = alloc order=0 unmovable zone=DMA
say "So that page cost no other type anything. Now a whole pageblock: one of 512 frames is free. Is it taken?" zh "所以那一页没有动用别的类型。现在要整个 pageblock：正好有一块 512 页的空闲。会取它吗？"
f = alloc order=9 unmovable zone=DMA
say "No: another type's memory is taken from the largest block, so that types mix in as few places as can be." zh "不会：动用别的类型时从最大的块取，好让类型混杂的地方尽量少。"
