title "Two threads, one address space: a shootdown" zh "两个线程，一个地址空间：TLB 击落"
rules 6.1
ram 4M
cpus 2
zone Normal
page_group_by_mobility on
pcp off
watermarks off
tlb skylake

p = exec
m = mmap p 64K
write m 0..16K
say "A thread is one more task on the same address space: no area and no table is copied. Its stack is an area of mmap with a guard page below." zh "线程是同一个地址空间上的又一个任务：区域和页表都不复制。它的栈是 mmap 来的区域，下面有一个保护页。"
t = thread p stack=64K cpu=1
say "t reads what p wrote: not one fault. Only the TLB of CPU 1 is its own, and it is cold." zh "t 读 p 写的页：一次缺页也没有。只有 CPU 1 的 TLB 是它自己的，还是冷的。"
read m 0..16K by=t
say "p gives two pages up. CPU 1 still knows where they were, and somebody else may have them soon: an interrupt makes it forget." zh "p 不要两页了。CPU 1 还记得它们在哪，而那里马上可能是别人的：发中断让它忘掉。"
madvise m dontneed 0..8K
read m 0..8K by=t
say "On one CPU there is nothing to shoot down: CR3 stays, and t finds what p has looked up." zh "在同一个 CPU 上就没什么可击落的：CR3 不变，p 查过的，t 直接命中。"
read m 8K..16K
move t cpu=0
read m 8K..16K by=t
say "A thread ends, its address space does not. Its stack waits for the next thread." zh "线程结束，地址空间还在。它的栈留给下一个线程。"
exit t
u = thread p stack=64K cpu=1
say "When the leader ends, all threads do, and the last one takes the address space with it." zh "主线程一退出，所有线程都结束，地址空间随最后一个一起走。"
exit p
