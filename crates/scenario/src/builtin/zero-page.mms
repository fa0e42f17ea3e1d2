title "Read first, write later: two faults for one page" zh "先读后写：一页缺两次"
rules 6.1
ram 4M
zone Normal
page_group_by_mobility on
pcp off
watermarks off
pageblocks Normal 01
free_list Normal 0 Unmovable: 0x11 0x32 0x54 0x76 0x98 0xba
free_list Normal 2 Unmovable: 0x40 0xc0
free_list Normal 0 Movable: 0x213 0x236
free_list Normal 2 Movable: 0x280

p = exec
say "Four pages are promised. No entry of a page table speaks of them yet, not even of zeros." zh "许诺四页。页表里还没有它们的表项，连零页也没有映射。"
m = mmap p 16K
say "The program reads before it ever wrote. It has to see zeros: does that take a frame?" zh "程序没写就先读，读到的必须是 0。这要占一个页框吗？"
read m 0..4K
say "No: one page of zeros serves everybody, read-only. The next page gets the same one, and RSS stays." zh "不用：一个只读的零页供所有人用。下一页映射的还是它，RSS 不变。"
read m 4K..8K
say "Now a write. There is an entry, and it forbids that: the second fault for one page." zh "现在写。表项有了，却不许写：同一页第二次缺页。"
write m 0..4K
say "Written to at once, a page costs one fault." zh "一上来就写，一页只缺页一次。"
write m 8K..12K
say "Another process reads its own memory: the very same frame of zeros, and its RSS does not rise." zh "另一个进程读自己的内存：还是那个零页，RSS 也不涨。"
q = exec
n = mmap q 8K
read n
say "All four pages of p are read: three are there already. RSS is 12 KiB: the stack and the two that were written." zh "把 p 的四页读一遍：三页已经在了。RSS 是 12 KiB：栈一页，写过的两页。"
read m
