title "MAP_SHARED and MAP_PRIVATE: whose page is written to?" zh "MAP_SHARED 与 MAP_PRIVATE：写到谁的页里？"
rules 6.1
ram 4M
zone Normal
page_group_by_mobility on
pcp off
watermarks off
pageblocks Normal 01
free_list Normal 0 Unmovable: 0x11 0x32 0x54 0x76 0x98
free_list Normal 3 Unmovable: 0x40
free_list Normal 0 Movable: 0x213 0x236
free_list Normal 3 Movable: 0x280

say "A file of four pages is in the page cache. p maps it shared, q privately." zh "一个四页的文件在页缓存里。p 以共享方式映射，q 以私有方式映射。"
data = file 16K cached
p = exec
s = mmap p 16K file=data shared
q = exec
v = mmap q 16K file=data
say "Both read. The same frames: those of the page cache." zh "两个都读。页框相同，就是页缓存里的那些。"
read s
read v
say "p writes. The page of the file itself changes, and is dirty: it has to go to the disk some day." zh "p 写。改的就是文件页本身，它成了脏页，早晚要写回磁盘。"
write s 0..4K
say "q reads it: as long as q has not written, q sees what p wrote. No fault, the same frame." zh "q 来读：q 没写过，看到的就是 p 写的。没有缺页，同一个页框。"
read v 0..4K
say "q writes to the same page. What does p see of it?" zh "q 写同一页。p 看得到吗？"
write v 0..4K
say "Nothing: q has a copy now, an anonymous page, and no longer sees what p writes there." zh "看不到：q 有了自己的副本（匿名页），从此也看不到 p 在那里写什么。"
write s 0..4K
say "A page that q writes to at once: also one copy, and no page of the file is mapped first." zh "q 一上来就写另一处映射：同样得副本，不先映射文件页。"
w = mmap q 16K file=data
write w 0..4K
say "q ends. Its copies are gone, and the file never knew of them. What p wrote stays." zh "q 结束。它的副本没了，文件从来不知道；p 写的还在。"
exit q
