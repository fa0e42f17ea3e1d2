title "khugepaged makes one of many" zh "khugepaged 把小页合成大页"
rules 6.1
ram 16M
zone Normal
page_group_by_mobility on
pcp off
watermarks off
thp madvise

p = exec
m = mmap p 6M
write m 4K..1540K
write m 2052K..2068K
say "384 small pages in one range of 2 MiB, 4 in the next. Huge pages are asked for too late: nobody faults there again." zh "一段 2 MiB 里有 384 个小页，下一段有 4 个。这才申请大页，晚了：那里不会再缺页。"
madvise m hugepage
say "khugepaged wakes. With it, up to 200 of 512 may be missing." zh "khugepaged 醒来。这次 512 页里最多可以缺 200 页。"
khugepaged max_ptes_none=200
say "The first range is one page now; 384 frames came back. As Linux is set, 511 may be missing:" zh "第一段成了一个大页，还回 384 个页框。按 Linux 的默认值，可以缺 511 页："
khugepaged
say "4 pages became 512: RSS grew by what nobody touched. A child shares both, and writes one byte." zh "4 页变成 512 页：RSS 多了没碰过的。子进程共用这两个大页，写一个字节。"
q = fork p
write m 4K..8K by=q
exit q
say "A third range, but all other blocks of 2 MiB are taken first." zh "还有第三段，不过先把其余 2 MiB 的整块都占掉。"
n = mmap p 4M
write n 4K..64K
madvise n hugepage
for i in 0..5
  b[i] = alloc order=9 movable
end
khugepaged
say "It copies, so it needs a block to copy to. One is given back." zh "它是复制过去的，所以得有一整块可用。还回一块。"
free b[0]
khugepaged
