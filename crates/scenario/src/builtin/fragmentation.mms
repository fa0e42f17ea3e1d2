title "Half of memory is free, and 64 KiB cannot be had" zh "一半内存空闲，却拿不出连续的 64 KiB"
rules 6.1
ram 16M
zone Normal
page_group_by_mobility on
pcp off
watermarks off

say "A program and the page cache fill the memory in turn, page by page." zh "一个程序和页缓存轮流占用内存，一次一页，直到占满。"
for i in 0..2047
  anon[i] = alloc order=0 anon
  file[i] = alloc order=0 file
end
say "The page cache is dropped: every other frame comes back. No buddy of any of them is free." zh "页缓存被丢弃：每隔一个页框还回来一个。它们的伙伴没有一个是空闲的。"
for i in 0..2047
  free file[i]
end
say "8 MiB are free, and 16 pages in one piece are not among them." zh "空闲有 8 MiB，其中却没有连续的 16 页。"
big = alloc order=4 unmovable
say "What if the program's pages lay together? Those of the lower half are given back ..." zh "如果程序的页都挨在一起会怎样？先把低一半的还回去……"
for i in 0..1023
  free anon[i]
end
say "... and as many are taken again: they fill the holes of the upper half." zh "……再取回同样多的页：它们正好填满高一半的空洞。"
for i in 0..1023
  moved[i] = alloc order=0 anon
end
say "As much is free as before, but in one piece: the same request is easy. This is what compaction does." zh "空闲的一样多，但连成了一片：同样的请求轻而易举。内存规整（compaction）做的就是这件事。"
again = alloc order=4 unmovable
huge = alloc order=10 unmovable
