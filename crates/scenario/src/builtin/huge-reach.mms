title "Huge pages against TLB misses" zh "大页对付 TLB 未命中"
rules 6.1
ram 16M
zone Normal
page_group_by_mobility on
pcp off
watermarks off
thp madvise
tlb skylake l1=4/2 large=2/2 l2=16/4

p = exec
m = mmap p 4M
h = mmap p 4M
madvise h hugepage
say "A tiny TLB of 16 entries. 128 KiB in pages of 4 KiB are 32 translations: twice as many." zh "一个只有 16 项的小 TLB。128 KiB，页是 4 KiB，就有 32 个转换：多一倍。"
write m 4K..132K
say "Again: going round, each entry is gone just before its turn. 32 pages, 32 walks." zh "再走一遍：转着圈走，每一项都在轮到之前被挤掉。32 页，查 32 次表。"
read m 4K..132K
say "The other area wants huge pages, and one fault brings 2 MiB. The same 128 KiB need one entry." zh "另一个区域想要大页，一次缺页就来 2 MiB。同样的 128 KiB 只要一项。"
write h 4K..132K
say "Again: not one walk. 16 entries reach 64 KiB with small pages, and 32 MiB with huge ones." zh "再走一遍：一次表也不用查。16 项，小页够 64 KiB，大页够 32 MiB。"
read h 4K..132K
