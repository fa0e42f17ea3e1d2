# The sum of an article about memory: how much a process has, and how much it was promised.
title "The article's sum: RSS 1500K, VSZ 3200K" zh "文章里的算式：RSS 1500K，VSZ 3200K"
rules 6.1
ram 16M
zone Normal
page_group_by_mobility on
pcp off
watermarks off
pageblocks Normal 0 1*7
free_list Normal 0 Unmovable: 0x11 0x32 0x54 0x76 0x98
free_list Normal 3 Unmovable: 0x40
free_list Normal 0 Movable: 0x213 0x236
free_list Normal 2 Movable: 0x280
free_list Normal 10 Movable: 0x400 0x800 0xc00

say "On the disk: a program of 500K and a library of 2500K. 400K and 1000K of them are in the page cache." zh "磁盘上有 500K 的程序和 2500K 的库，其中 400K 和 1000K 已在页缓存里。"
bin = file 500K cached=400K
lib = file 2500K cached=1000K
say "A process: its stack is 132K long. With a heap of 68K that makes 200K." zh "一个进程：栈 132K，再加 68K 的堆，共 200K。"
p = exec
brk p +68K
say "Program and library are mapped. VSZ: 500K + 2500K + 200K = 3200K. RSS is still 4K." zh "映射程序和库。VSZ：500K + 2500K + 200K = 3200K。RSS 还是 4K。"
text = mmap p 500K file=bin rx
so = mmap p 2500K file=lib rx
say "The first instruction. How many pages does this one fault bring?" zh "执行第一条指令。这一次缺页会带来几页？"
exec text 0..4K
say "Sixteen: what is in the page cache anyway is mapped with it. 400K take seven faults, not a hundred." zh "十六页：周围的页反正在页缓存里，顺手一起映射。400K 只缺页 7 次，不是 100 次。"
exec text 0..400K
exec so 0..1000K
say "Of stack and heap 100K are used: 32K and 68K. Each page of these is a fault of its own." zh "栈和堆用到 100K：32K 加 68K。这些是匿名页，一页缺页一次。"
write p stack 0..32K
write p heap
say "RSS: 400K + 1000K + 100K = 1500K. The other 1700K are addresses, and nothing else." zh "RSS：400K + 1000K + 100K = 1500K。其余 1700K 只是地址，别无他物。"
