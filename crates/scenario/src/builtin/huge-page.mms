title "One fault for 2 MiB" zh "一次缺页，来 2 MiB"
rules 6.1
ram 16M
zone Normal
page_group_by_mobility on
pcp off
watermarks off
thp always
pageblocks Normal 0 1*7
free_list Normal 0 Unmovable: 0x11 0x22 0x34 0x96
free_list Normal 6 Unmovable: 0x40
free_list Normal 0 Movable: 0x213 0x236
free_list Normal 5 Movable: 0x280
free_list Normal 10 Movable: 0x400 0x800 0xc00

say "Transparent huge pages are on. A process asks for 4 MiB, as always with mmap." zh "透明大页开着。一个进程照常用 mmap 要 4 MiB。"
p = exec
m = mmap p 4M
say "The area does not begin at a multiple of 2 MiB: its first page is alone in its tile. So it gets 4 KiB." zh "区域没有从 2 MiB 的整数倍开始：第一页独占一块。它只得到 4 KiB。"
write m 0..4K
say "The next page begins a tile that lies in the area as a whole. One byte is written: how much comes?" zh "下一页正是一块的开头，这一块整个在区域里。写一个字节：来多少？"
write m 4K..8K
say "All 512 pages, with one fault. The other 511 are written now: the kernel hears nothing of it." zh "512 页，只缺页一次。现在写其余 511 页：内核毫不知情。"
write m 8K..2052K
say "The last tile is one page short. Its 511 pages come one by one, a fault for each." zh "最后一块少一页。它的 511 页一页一页地来，每页缺页一次。"
write m 2052K..4M
say "Both sides have a table of 4 KiB in VmPTE: that of the huge page is only put by. Now one page of it is given up." zh "两边在 VmPTE 里都有一张 4 KiB 的页表：大页那张只是备着。现在放弃大页中的一页。"
madvise m dontneed 1M..1028K
say "The table was needed: 511 entries lead to the same frames as before. Not even one frame came back." zh "备着的页表用上了：511 项还通向原来的页框。可是一个页框也没还回来。"
write m 1M..1028K
say "Where there is a table, a page has 4 KiB. When the last of the huge page's frames goes, all 512 come back." zh "有了页表，缺页就只给 4 KiB。大页的最后一页也不要了，512 个页框才一起归还。"
munmap m
say "Another area: its writer forks, and the child shares the huge page, which both may only read." zh "再来一个区域：写完就 fork，子进程共用这个大页，双方都只能读。"
n = mmap p 4M
write n 4K..8K
q = fork p
say "The child writes one byte. Does it get a copy of 2 MiB?" zh "子进程写一个字节。要复制整整 2 MiB 吗？"
write n 4K..8K by=q
say "No: its entry is taken apart, and 4 KiB are copied. The parent still has all in one piece." zh "不用：把它的大页表项拆开，只复制 4 KiB。父进程那边还是一整个大页。"
exit q
