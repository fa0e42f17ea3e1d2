title "40 bytes cost 64" zh "40 字节，占用 64 字节"
rules 6.1
ram 4M
zone Normal
page_group_by_mobility off
pcp off
watermarks off
pageblocks Normal 00
free_list Normal 0 Unmovable: 0x40 0x42 0x44
free_list Normal 2 Unmovable: 0x80

say "The kernel wants 40 bytes, and the buddy system has nothing smaller than a page. A cache cuts pages into objects." zh "内核要 40 字节，而伙伴系统最小只给一页。中间有一层缓存（cache），它把页切成一个个对象。"
a = kmalloc 40
say "The next one needs no page. Which object of the slab will it be?" zh "下一个请求不用再要页。它会得到 slab 里的哪个对象？"
b = kmalloc 40
say "65 bytes are too many for 64. The next cache has objects of 96 bytes, so 31 are lost." zh "65 字节超过了 64，下一档缓存的对象是 96 字节，浪费 31 字节。"
c = kmalloc 65
say "b goes, and another owner asks: the same object, and what b wrote is there, but for a pointer of the freelist." zh "b 归还后换了一个主人来要：还是那个对象，b 写的内容都在，只被空闲链的指针盖掉一点。"
free b
d = kmalloc 50
say "kzalloc takes the same way and sets all bytes to zero before it hands the object out." zh "kzalloc 走同一条路，只是交出之前把每个字节清零。"
free d
e = kzalloc 50
say "The largest cache has objects of 8 KiB. For 9 KiB kmalloc goes to the buddy system: a block of four pages." zh "最大的缓存，对象是 8 KiB。要 9 KiB，kmalloc 就直接找伙伴系统：拿一个四页的块。"
f = kmalloc 9K
say "8 MiB in one piece is more than the largest block: NULL at once." zh "连成一片的 8 MiB 比最大的块还大：立刻返回 NULL。"
g = kmalloc 8M
say "The block goes back to the buddy system, an object only to its slab: the page stays with the cache." zh "块还给伙伴系统；对象只还给 slab，那一页仍归缓存。"
free f
free c
