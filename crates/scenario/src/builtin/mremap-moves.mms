title "mremap moves page tables, not pages" zh "mremap 搬页表项，不搬页"
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

p = exec
say "Two areas next to each other: the second one lies right below the first." zh "两个区域紧挨着：第二个就在第一个下面。"
w = mmap p 16K r
m = mmap p 1M
say "16 pages of it are written: RSS is 68 KiB with the page of the stack." zh "写其中 16 页：加上栈的一页，RSS 是 68 KiB。"
memset m 0x41 0..64K
say "It is to be twice as long. Above it there is no room, and moving was not allowed." zh "要把它加长一倍。上面没有地方，又没准许搬家。"
mremap m 2M
say "With MREMAP_MAYMOVE it may lie elsewhere. 1 MiB in 16 pages: how many bytes are copied?" zh "加上 MREMAP_MAYMOVE，可以搬家。16 页的内容，要复制多少字节？"
mremap m 2M maymove
say "None: 16 entries of page tables moved, the frames are the same. No fault, and the bytes are there." zh "一个也不用：搬了 16 个页表项，页框没变。没有缺页，内容都在。"
hexdump m 0..64K
say "Shorter: what is cut off goes back at once. Then longer again, in place this time: there is room now." zh "缩短：截下的马上归还。再加长，这回原地就行：后面有地方了。"
mremap m 32K
mremap m 1M
say "realloc of a large block does just that: 300 KiB grow to 600, and no page is copied." zh "大块的 realloc 正是这样：300 KiB 变 600 KiB，一页也不复制。"
b = malloc p 300K
memset b 0x42
b = realloc b 600K
hexdump b 0..300K
