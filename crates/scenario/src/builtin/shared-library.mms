title "One library in memory, two processes that use it" zh "内存里一份库，两个进程用"
rules 6.1
ram 4M
zone Normal
page_group_by_mobility on
pcp off
watermarks off
pageblocks Normal 01
free_list Normal 0 Unmovable: 0x11 0x32 0x54 0x76 0x98
free_list Normal 3 Unmovable: 0x40 0x80
free_list Normal 0 Movable: 0x213 0x236
free_list Normal 2 Movable: 0x280
free_list Normal 6 Movable: 0x2c0

say "A library of 192 KiB lies on the disk, and nothing of it is in memory. A process maps it." zh "磁盘上有个 192 KiB 的库，还完全不在内存里。一个进程映射它。"
libc = file 192K
p = exec
t = mmap p 192K file=libc rx
say "The first instruction: a major fault, the process waits for the disk. Is it worth reading one page only?" zh "第一条指令：主缺页，进程等磁盘。只读一页划算吗？"
exec t 0..4K
say "32 pages were read, one is mapped. The next fault needs no disk: minor, and it maps 16 pages at once." zh "读进来 32 页，只映射了一页。下一次缺页不用磁盘：是次缺页，一次映射 16 页。"
exec t 4K..8K
say "Another program starts and maps the same library. Everything it wants is in the page cache." zh "另一个程序启动，映射同一个库。它要的都在页缓存里了。"
q = exec
u = mmap q 192K file=libc rx
exec u 0..64K
say "Both map 16 pages: 64 KiB in each RSS. PSS divides by those who share: 32 KiB each. What will fork copy?" zh "两边都映射了 16 页：RSS 各算 64 KiB。PSS 按共用者均分：各 32 KiB。q 再 fork，会复制什么？"
r = fork q
say "Nothing of the library: the child finds it in the page cache, with a fault of its own. PSS is a third now." zh "库的表项一个也不复制：子进程自己缺页，再从页缓存里找到。PSS 变成三分之一。"
exec u 0..4K by=r
say "p ends. No frame of the library goes: the page cache has them, for whoever comes next." zh "p 结束。库的页框一个也不走：页缓存留着，给后来的用。"
exit p
