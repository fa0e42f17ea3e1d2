title "A pool of huge pages" zh "大页池"
rules 6.1
ram 16M
zone Normal
page_group_by_mobility on
pcp off
watermarks off
thp never
pageblocks Normal 0 1*7
free_list Normal 0 Unmovable: 0x11 0x22 0x34 0x96
free_list Normal 6 Unmovable: 0x40
free_list Normal 0 Movable: 0x213 0x236
free_list Normal 5 Movable: 0x280
free_list Normal 10 Movable: 0x400 0x800 0xc00

say "An administrator sets two huge pages aside, before anybody needs them. What does free memory say?" zh "管理员预留两个大页，这时还没有人要用。空闲内存会怎样？"
nr_hugepages 2
say "4 MiB less: they are the pool's now. A process maps one of them with MAP_HUGETLB." zh "少了 4 MiB：它们归大页池了。一个进程用 MAP_HUGETLB 映射一个。"
p = exec
m = mmap p 2M huge
say "No page came, but one is promised: HugePages_Rsvd is 1. Two more are asked for. Will mmap promise them?" zh "页还没给，但许出了一个：HugePages_Rsvd 是 1。再要两个，mmap 会答应吗？"
n = mmap p 4M huge
say "No: the pool promises only what it has, unlike other memory. The promised one is touched." zh "不会：大页池有多少才许多少，和别的内存不同。现在碰一下许过的那个。"
write m 0..4K
say "One fault, 2 MiB. Neither RSS nor a table by its side: HugetlbPages counts it. It is given back." zh "一次缺页，2 MiB。RSS 不算它，也不备页表：它算在 HugetlbPages 里。现在归还。"
munmap m
say "It went to the pool: the buddy system does not get it. Meanwhile others write 3 MiB, page by page." zh "它回到大页池，伙伴系统得不到它。这时别的内存写了 3 MiB，一页一页地来。"
o = mmap p 3M
write o
say "Six huge pages are wanted now. 5 MiB are free: is that enough for four more?" zh "现在想要六个大页。还空闲 5 MiB 多：够再拿四个吗？"
nr_hugepages 6
say "Only whole blocks of 512 frames count, so there are fewer, and no error. A pool is best filled early." zh "只有连着的 512 个页框才算数，所以给得少，也不报错。大页池要趁早备好。"
nr_hugepages 0
