title "One CPU unmaps, the other has to forget" zh "一个 CPU 收回，另一个也得忘掉"
rules 6.1
ram 4M
cpus 2
zone Normal
page_group_by_mobility on
pcp off
watermarks off
tlb skylake
pageblocks Normal 01
free_list Normal 0 Unmovable: 0x3b 0x45 0x81 0xbb 0x14b 0x1ae
free_list Normal 0 Movable: 0x253 0x3c8 0x38f 0x29a 0x3bd 0x376 0x390 0x248 0x3b2 0x2a1 0x295 0x265

p = exec
m = mmap p 256K
say "Two threads of p share its address space. The one on CPU 0 writes to eight pages." zh "p 的两个线程共用地址空间。CPU 0 上的线程写八页。"
write m 0..32K
say "The one on CPU 1 reads them: it has a TLB of its own, and fills it with walks of its own." zh "CPU 1 上的线程读它们：它有自己的 TLB，自己查表来填。"
read m 0..32K cpu=1
say "Four pages are given up on CPU 0. CPU 1 still knows where they were: an interrupt tells it to forget." zh "CPU 0 上丢掉四页。CPU 1 还记得它们在哪：发中断让它忘掉。"
madvise m dontneed 0..16K
say "The other four are still known there: page by page, only what changed was forgotten." zh "另外四页它还记得：逐页地忘，只忘变了的。"
read m 16K..32K cpu=1
say "Protecting 40 pages: more than 33, so everything goes at once, on both." zh "改 40 页的权限：超过 33 页，两边都一次全丢。"
mprotect m r 0..160K
read m 16K..32K cpu=1
