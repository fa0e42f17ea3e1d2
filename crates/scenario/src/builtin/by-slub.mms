# The same requests as in `by-classic-slab`.
title "SLUB: the list of free objects is in the objects" zh "SLUB：空闲对象的链就在对象里"
rules 6.1
slab slub
ram 4M
zone Normal
cpus 2
page_group_by_mobility off
pcp off
watermarks off
pageblocks Normal 00
free_list Normal 0 Unmovable: 0x40 0x42 0x44 0x46

c = kmem_cache_create size=320
say "Twelve objects fit into a page. CPU 0 gets the slab, and the first request the first object." zh "一页装得下十二个对象。CPU 0 得到这个 slab，第一个请求得到第一个对象。"
a = kmem_cache_alloc c
b = kmem_cache_alloc c
say "CPU 1 asks: it gets a slab of its own." zh "CPU 1 也来要：它另得一个 slab。"
d = kmem_cache_alloc c cpu=1
say "CPU 1 frees an object that CPU 0 got. It goes home into its slab; CPU 1 cannot have it." zh "CPU 1 释放 CPU 0 要来的对象。对象回到自己的 slab，CPU 1 用不上它。"
free a cpu=1
e = kmem_cache_alloc c cpu=1
say "CPU 0 frees one of its own slab: it is handed out next." zh "CPU 0 释放自己 slab 里的一个：下次就先给它。"
free b
f = kmem_cache_alloc c
say "All is given back, and the cache is shrunk: both slabs go." zh "全部归还，再收缩缓存：两个 slab 都还掉。"
free d cpu=1
free e cpu=1
free f
kmem_cache_shrink c
say "Slabs were all there was to look after: no arrays beside them." zh "要照管的只有 slab 本身：旁边没有数组，也没有队列。"
