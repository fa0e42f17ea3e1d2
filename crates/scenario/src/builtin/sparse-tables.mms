title "What the same eight pages cost in page tables" zh "同样八页，页表要几张？"
rules 6.1
ram 4M
zone Normal
page_group_by_mobility on
pcp off
watermarks off
pageblocks Normal 01
free_list Normal 0 Unmovable: 0x11 0x22 0x34 0x96
free_list Normal 6 Unmovable: 0x40
free_list Normal 0 Movable: 0x213 0x236
free_list Normal 5 Movable: 0x280

say "One page of a stack needs three tables below the PGD: PUD, PMD, PTE. VmPTE is 12 KiB." zh "栈上的一页，在 PGD 下面要三张表：PUD、PMD、PTE。VmPTE 是 12 KiB。"
p = exec
say "Eight pages side by side. A PTE table serves 2 MiB: how many more tables will it be?" zh "连着的八页。一张 PTE 表管 2 MiB：要再加几张？"
a = mmap p 32K
write a
say "One table for all of them. Now eight pages, 2 MiB apart." zh "一张就够八页用。再来八页，两两相隔 2 MiB。"
for i in 0..7
  b[i] = mmap p 2M noreserve
  write b[i] 0..4K
end
say "A PTE table for each page: eight more. The next eight are 1 GiB apart: a PMD serves no more than that." zh "每页一张 PTE 表，多了八张。下面八页相隔 1 GiB：一张 PMD 也只管这么多。"
for i in 0..7
  c[i] = mmap p 1G noreserve
  write c[i] 0..4K
end
say "Two tables for each page. At 512 GiB apart three: PUD, PMD and PTE, 12 KiB of tables for 4 KiB." zh "每页两张。相隔 512 GiB 就是三张：PUD、PMD、PTE，12 KiB 的表只为 4 KiB。"
for i in 0..7
  d[i] = mmap p 512G noreserve
  write d[i] 0..4K
end
say "The lowest area is unmapped: with its page all three of its tables go." zh "撤掉最低的一块：页走了，它的三张表也都还掉。"
munmap d[7]
say "Tables are frames too: VmPTE counts them, RSS does not. One flat table for all addresses would need 512 GiB." zh "页表也占页框：VmPTE 算它们，RSS 不算。要是用一张大表管所有地址，得 512 GiB。"
exit p
