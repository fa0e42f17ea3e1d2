# To fit on a screen a pageblock has 64 frames here; on x86-64 it has 512.
title "One kernel page, and a pageblock is never whole again" zh "一个内核页，就让 pageblock 再也拼不完整"
rules 6.1
ram 1M
zone Normal
pageblock_order 6
page_group_by_mobility on
pcp off
watermarks off

say "Processes fill the memory: four movable pageblocks of 64 frames." zh "进程占满了内存：四个可移动的 pageblock，每个 64 个页框。"
for i in 0..255
  p[i] = alloc order=0 anon
end
say "Some pages come back: 40 in the second pageblock, 12 in the first." zh "还回来一些页：第二个 pageblock 里 40 页，第一个里 12 页。"
for i in 64..103
  free p[i]
end
for i in 16..27
  free p[i]
end
say "The kernel wants a page, and has no unmovable list to take it from. It looks for the largest block of another type." zh "内核要一页，不可移动的链表却是空的。它到别的类型里找最大的块。"
k[0] = alloc order=0 unmovable
say "More than half of that pageblock is free: it was claimed as a whole, and is unmovable now." zh "那个 pageblock 有一半以上空闲：整个被占下，现在是不可移动的了。"
for i in 1..39
  k[i] = alloc order=0 unmovable
end
say "Those 40 are used up. The first pageblock has only 12 free frames. Will it be claimed, too?" zh "这 40 页用完了。第一个 pageblock 只有 12 个空闲页框，它也会被占下吗？"
k[40] = alloc order=0 unmovable
say "It stays movable, but now has a kernel page in it, and its other free frames serve the kernel." zh "它仍是可移动的，里面却有了一个内核页，其余空闲页框也归内核用。"
k[41] = alloc order=0 unmovable
say "The processes end. Nearly all of the kernel's pages come back as well." zh "进程都结束了，内核的页也几乎都还了回来。"
for i in 0..15
  free p[i]
end
for i in 28..63
  free p[i]
end
for i in 104..255
  free p[i]
end
for i in 0..38
  free k[i]
end
free k[41]
say "Two pages are in use, 254 are free. Two blocks of 128 are wanted." zh "只有两页在用，254 页空闲。现在要两个 128 页的块。"
big[0] = alloc order=7 movable
big[1] = alloc order=7 movable
say "Each of the two pages spoils a pageblock. This is the long tail: pages that live long, where others come and go." zh "两页各毁了一个 pageblock。这就是长尾：别的页来来去去，它们却久留不走。"
free k[39]
free k[40]
say "Only now can it be had." zh "现在才拿得到。"
big[2] = alloc order=7 movable
