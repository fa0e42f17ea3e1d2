title "Sixteen entries, seventeen pages" zh "十六项，十七页"
rules 6.1
ram 4M
zone Normal
page_group_by_mobility on
pcp off
watermarks off
tlb skylake l1=4/2 large=2/2 l2=16/4
pageblocks Normal 01
free_list Normal 0 Unmovable: 0x27 0x39 0x6f 0xe0 0xfd 0x12f
free_list Normal 0 Movable: 0x3b7 0x3f4 0x244 0x280 0x2fb 0x287 0x312 0x2d5 0x3b5 0x32c 0x354 0x284 0x378 0x28f 0x30e 0x219 0x36e 0x38a 0x2f7 0x3f2 0x3ed 0x31a

p = exec
m = mmap p 256K
say "A tiny processor: 4 translations in its first TLB, 16 in the second. Twelve pages are touched once." zh "一个很小的处理器：一级 TLB 有 4 项，二级有 16 项。先把 12 页各碰一次。"
write m 0..48K
say "Again, in the same order. The first TLB is too small for twelve pages: each pushes out one that will be needed. The second has them all." zh "再按原来的顺序来一遍。一级装不下 12 页：每一页都挤掉马上要用的。二级全都有。"
read m 0..48K
say "Now twenty pages, twice. The second TLB has 16 entries: going round, each page is gone just before its turn." zh "现在是 20 页，走两遍。二级只有 16 项：转着圈走，轮到谁，谁刚好被挤掉。"
write m 0..80K
read m 0..80K
say "Four pages over and over: all of them stay in the first TLB. It is not memory that is slow, it is finding it." zh "只用四页，反复来：都在一级 TLB 里。慢的不是内存，而是找到它。"
read m 0..16K
read m 0..16K
