title "Four tables to find one page, and then none" zh "找一页要查四张表，第二次一张也不查"
rules 6.1
ram 4M
zone Normal
page_group_by_mobility on
pcp off
watermarks off
tlb skylake
pageblocks Normal 01
free_list Normal 0 Unmovable: 0xa6 0x13d 0x15d 0x160 0x164 0x175
free_list Normal 0 Movable: 0x282 0x2e3 0x3d1 0x297 0x3ab

p = exec
say "Sixteen pages are promised. An address has four fields of nine bits, one for each level of tables, and an offset." zh "许诺 16 页。地址分成四段，每段 9 位，各管一级页表，最后是页内偏移。"
m = mmap p 64K
say "The first write: both TLBs are asked, then the tables. There are none yet, so it ends in a page fault, and is tried again." zh "第一次写：先问两级 TLB，再查页表。表还没有，于是缺页，处理完重来。"
write m 0..4K
say "The same page again. What does it cost now?" zh "再读同一页。这次要多少代价？"
read m 0..4K
say "The neighbour: no TLB knows it, but three of four tables are remembered. One reference instead of four." zh "相邻的页：TLB 里没有，但四级里有三级记得。访存一次，不是四次。"
write m 4K..8K
say "A page that is only read at first: the entry allows no write, and leads to the page of zeros." zh "先读的页：表项不许写，指向零页。"
read m 8K..12K
say "Then it is written to. The TLB itself says no: the translation it keeps may only be read." zh "再写它。TLB 自己就说不行：它记下的转换只许读。"
write m 8K..12K
say "Taken back: the processor has to forget, or it would go on using a frame that belongs to somebody else." zh "收回去：处理器必须忘掉，不然还会去用别人的页框。"
munmap m 0..8K
say "What is left is still known; what is gone is a page fault, and then the end." zh "剩下的还记得；没了的先是缺页，然后就是段错误。"
read m 8K..12K
read m 0..4K
