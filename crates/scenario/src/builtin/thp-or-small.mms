title "Huge pages against small ones" zh "大页对小页"
rules 6.1
ram 16M
zone Normal
page_group_by_mobility on
pcp off
watermarks off
thp madvise

p = exec
m = mmap p 6M
say "Huge pages are for those who ask. m does not: four bytes are written, far apart." zh "谁申请，谁才有大页。m 没申请：写四个字节，隔得很远。"
write m 4K..8K
write m 1M..1028K
write m 2052K..2056K
write m 3M..3076K
say "Four faults, four pages, 16 KiB. n asks for huge pages, and the same is written." zh "缺页四次，来四页，16 KiB。n 申请大页，再写同样的四处。"
n = mmap p 6M
madvise n hugepage
write n 4K..8K
write n 1M..1028K
write n 2052K..2056K
write n 3M..3076K
say "Two faults, but RSS grew by 4 MiB, nearly all of it never touched. Now 2 MiB of m are written in a row." zh "只缺页两次，RSS 却多了 4 MiB，几乎都没碰过。现在连着写 m 的 2 MiB。"
write m 2052K..4100K
say "A fault for each page, and 512 translations. The same of n:" zh "每页缺页一次，要 512 个地址翻译。n 也一样写："
write n 2052K..4100K
say "No fault, one translation: a TLB of 64 entries reaches over 128 MiB so. Half of it is given up." zh "一次缺页也没有，只要一个翻译：64 项的 TLB 这样能覆盖 128 MiB。放弃一半。"
madvise n dontneed 3M..4100K
write n 3M..3076K
