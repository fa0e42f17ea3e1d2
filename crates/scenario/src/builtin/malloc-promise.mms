title "malloc promises 10 MiB, page faults deliver them" zh "malloc 许诺 10 MiB，缺页异常一页页兑现"
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

say "A new process: a stack of 132 KiB is promised (VSZ), and one page of it is there (RSS 4 KiB)." zh "一个新进程：许诺了 132 KiB 的栈（VSZ），真正有的只有一页（RSS 4 KiB）。"
p = exec
say "For 10 MiB, malloc calls mmap. VSZ rises by 10 MiB at once. And RSS?" zh "要 10 MiB，malloc 就调用 mmap。VSZ 立刻多出 10 MiB。RSS 呢？"
m = mmap p 10M
say "The first byte is written. Only now a frame is wanted, and a page table that leads to it." zh "写第一个字节。到这时才要一个页框，还要一张通向它的页表。"
write m 0..4K
say "The same page again: the processor finds it by itself, and the kernel hears nothing of it." zh "再写同一页：处理器自己就找到了，内核毫不知情。"
write m 0..4K
say "Pages come in the order in which they are touched: this one from the middle." zh "先碰哪页，哪页先来：这一页在正中间。"
write m 5M..5124K
say "Three pages, RSS 12 KiB. Now memset over all of it: a fault for each of the other 2558 pages." zh "三页，RSS 12 KiB。现在 memset 写一遍：其余 2558 页，每页缺页一次。"
write m
say "RSS is 10,244 KiB: the promise is kept. free calls munmap, and both figures fall at once." zh "RSS 10,244 KiB，许诺这才全部兑现。free 调用 munmap，两个数一起落下。"
munmap m
say "May more be promised than there is? 10 MiB twice in a machine of 16: each request is judged alone." zh "许诺可以超过实有吗？16 MiB 的机器上许两次 10 MiB：每次请求单独判断。"
a = mmap p 10M
b = mmap p 10M
say "Only a single request for more than all memory is refused (overcommit mode 0)." zh "只有一次就要得比全部内存还多，才会被拒绝（overcommit 模式 0）。"
c = mmap p 20M
say "And if all promises fall due? Then memory runs out, and the OOM killer chooses who has to go." zh "要是许诺都来兑现呢？内存不够了，就由 OOM killer 挑一个进程杀掉。"
