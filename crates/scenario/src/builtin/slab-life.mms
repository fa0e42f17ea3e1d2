# A slab of four objects: 8 KiB each, in a block of order 3.
title "The life of a slab: full, forgotten, found again" zh "slab 的一生：满了、离开链表、再回来"
rules 6.1
ram 4M
zone Normal
page_group_by_mobility off
pcp off
watermarks off
pageblocks Normal 00
free_list Normal 3 Unmovable: 0x40 0x50 0x60 0x70 0x80

say "A cache for buffers of 8 KiB. It computes how many fit into a slab, and takes no memory yet." zh "给 8 KiB 的缓冲区建一个缓存。它只算好一个 slab 装几个，还没有要内存。"
buf = kmem_cache_create size=8K
say "The first request brings a slab from the buddy system. It is CPU 0's now, with all of its four objects." zh "第一个请求才向伙伴系统要来一个 slab。它和里面的四个对象都归 CPU 0。"
a[0] = kmem_cache_alloc buf
say "The next three come off the CPU's own freelist: no lock, no buddy system." zh "后面三个从 CPU 自己的空闲链上取：不用锁，也不找伙伴系统。"
for i in 1..3
  a[i] = kmem_cache_alloc buf
end
say "The slab is full. Who remembers it? Nobody: the CPU lets it go, and takes the next one." zh "这个 slab 满了。谁还记着它？没有谁：CPU 放开它，再去要一个新的。"
b[0] = kmem_cache_alloc buf
say "Three more slabs fill up in the same way, and a fifth one is begun." zh "再照样装满三个，并开始用第五个。"
for i in 1..3
  b[i] = kmem_cache_alloc buf
end
for i in 0..3
  c[i] = kmem_cache_alloc buf
end
for i in 0..3
  d[i] = kmem_cache_alloc buf
end
e = kmem_cache_alloc buf
say "One object of the first slab comes back. That is how a full slab is found again: the object knows its page." zh "第一个 slab 有一个对象回来了。满的 slab 就这样找回来：从对象的地址就知道它在哪个 slab。"
free a[0]
free b[0]
free c[0]
say "The CPU may keep three partial slabs. The fourth sends all three to the list of their node." zh "一个 CPU 最多留三个部分空闲的 slab。第四个一来，前三个一起交给节点的链表。"
free d[0]
say "The first slab loses its other objects too. It is empty then, but stays: the node keeps up to six." zh "第一个 slab 的其他对象也还了。它空了，却不走：节点手头最多留六个。"
for i in 1..3
  free a[i]
end
say "Now requests again. First the CPU's own slab ..." zh "再来申请。先用 CPU 自己的 slab……"
for i in 0..2
  f[i] = kmem_cache_alloc buf
end
say "... then the CPU's partial list ..." zh "……再用 CPU 的部分空闲链表……"
g = kmem_cache_alloc buf
say "... and then the node's list: one slab to use and two to keep. The buddy system is not asked." zh "……最后才用节点的链表：一个马上用，两个留着。一次也没有找伙伴系统。"
h = kmem_cache_alloc buf
