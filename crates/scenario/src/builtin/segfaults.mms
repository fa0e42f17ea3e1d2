title "Five ways to die of a page fault" zh "五种致命的缺页异常"
rules 6.1
ram 4M
zone Normal
page_group_by_mobility on
pcp off
watermarks off
pageblocks Normal 01
free_list Normal 0 Unmovable: 0x11 0x32 0x54 0x76 0x98 0xba
free_list Normal 0 Movable: 0x213 0x236 0x258 0x27a

say "A null pointer is read. Nothing is ever mapped so low, so that the mistake shows: SIGSEGV." zh "读空指针。那么低的地方从不映射，错误才会露出来：SIGSEGV。"
null = exec
read null 0x0
say "Memory that may only be read is read, and then written to. A page is there, but its area forbids it." zh "只许读的内存，先读后写。页是有的，可它的区域不许写。"
ro = exec
r = mmap ro 4K r
read r
write r
say "Data is executed, as an attacker would like it: the entry says NX, and the processor refuses." zh "把数据当代码执行，攻击者正想这样：表项里有 NX 位，处理器不肯。"
nx = exec
d = mmap nx 4K
write d
exec d
say "Memory is used after it was given back: page and area are gone. Why does this often pass unnoticed?" zh "用已经归还的内存：页没了，区域也没了。可平时 free 之后再用，为什么常常不出错？"
uaf = exec
u = mmap uaf 12K
write u
munmap u 4K..8K
read u 4K..8K
say "Because free mostly keeps the pages in the process. Last: a file of 6 KiB, mapped with three pages." zh "因为 free 多半把页留在进程里。最后一种：6 KiB 的文件，映射了三页。"
f = file 6K cached
bus = exec
m = mmap bus 12K file=f r shared
read m 0..8K
say "The second page is half full, the rest of it zeros. The third has no file behind it: SIGBUS." zh "第二页只有半页内容，其余是 0。第三页后面没有文件了：SIGBUS。"
read m 8K..12K
