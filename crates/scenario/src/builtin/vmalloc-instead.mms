title "kmalloc finds no 16 KiB in one piece, vmalloc needs none" zh "kmalloc 找不到连续的 16 KiB，vmalloc 用不着连续"
rules 6.1
ram 4M
zone Normal
page_group_by_mobility off
pcp off
watermarks off
pageblocks Normal 00
free_list Normal 0 Unmovable: 0x11 0x3c 0x27 0x52 0x44 0x19
free_list Normal 2 Unmovable: 0x80

say "One block of four pages is free, and six single pages. kmalloc takes the block: one request, one answer." zh "空闲的有一个四页的块和六个单页。kmalloc 拿下这个块：一次请求就够。"
a = kmalloc 16K
say "The same once more. Six pages are free, four would do, but no two of them are neighbours: NULL." zh "再来一次。空闲六页，四页就够，可是没有两页相邻：返回 NULL。"
b = kmalloc 16K
say "vmalloc wants four pages in a row of addresses only. The frames come one by one, from anywhere." zh "vmalloc 只要地址连续的四页，页框一个一个拿，从哪里来都行。"
v = vmalloc 16K
say "It cost a fifth frame for the page table, and four entries where one would map a large block. A device cannot use it." zh "代价是：第五个页框做了页表，四页要四个页表项；要物理连续的设备也用不了它。"
free a
say "kvmalloc leaves the choice to the kernel: a block if one is at hand, else single pages by itself." zh "kvmalloc 让内核自己选：手边有块就用块，没有就自动改用单页。"
k = kvmalloc 16K
say "v is freed: its frames come back at once. Its addresses wait until one flush of every TLB pays." zh "释放 v：页框马上归还。地址先等着，攒够了才刷新一次所有 TLB。"
free v
say "So the next area lies behind it, and behind its guard page, though the addresses in front are free." zh "所以下一块排在它和它的保护页后面，虽然前面的地址已经空着。"
w = vmalloc 4K
