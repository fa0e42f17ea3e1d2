title "Allocated on one CPU, freed on another" zh "在一个 CPU 上申请，在另一个 CPU 上释放"
rules 6.1
ram 4M
zone Normal
cpus 2
page_group_by_mobility off
pcp off
watermarks off
pageblocks Normal 00
free_list Normal 3 Unmovable: 0x40 0x50 0x60

say "Packets are made on CPU 0 and freed on CPU 1. A slab has four of them; CPU 0 takes three." zh "数据包在 CPU 0 上建立，在 CPU 1 上释放。一个 slab 有四个对象，CPU 0 取走三个。"
pkt = kmem_cache_create size=8K
for i in 0..2
  p[i] = kmem_cache_alloc pkt
end
say "CPU 1 frees two. The slab is frozen: it is CPU 0's, so they go to a second freelist, the slab's own." zh "CPU 1 释放两个。slab 是冻结的，归 CPU 0，所以它们进另一条空闲链：slab 自己的。"
free p[0] cpu=1
free p[1] cpu=1
say "CPU 0 does not look there while its own freelist has something. One object is left on it." zh "CPU 0 自己的空闲链上还有，就不看那一条。现在还剩一个对象。"
a = kmem_cache_alloc pkt
say "Now it is empty. The other list is taken whole, with a single exchange: no lock, whoever freed them." zh "现在空了。一次交换就把另一条链全部拿来：不管是谁还的，都不用锁。"
b = kmem_cache_alloc pkt
c = kmem_cache_alloc pkt
say "CPU 1 wants one. It does not take from CPU 0's slab, it gets its own." zh "CPU 1 也要一个。它不从 CPU 0 的 slab 里取，而是另要一个。"
q = kmem_cache_alloc pkt cpu=1
say "CPU 0 goes on to a third slab; its first one is full and on no list." zh "CPU 0 用上了第三个 slab；它的第一个满了，不在任何链表上。"
d = kmem_cache_alloc pkt
say "CPU 1 frees an object of that full slab. It is frozen again, and whose is it now?" zh "CPU 1 释放那个满 slab 的一个对象。slab 又冻结了，这回归谁？"
free a cpu=1
say "CPU 1's: once its own slab is used up, it goes on with the one that CPU 0 began." zh "归 CPU 1：自己的 slab 用完之后，它接着用 CPU 0 开始的那一个。"
for i in 0..3
  r[i] = kmem_cache_alloc pkt cpu=1
end
