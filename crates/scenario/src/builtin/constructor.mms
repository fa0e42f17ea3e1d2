title "A constructor runs once for each object, not for each request" zh "构造函数：每个对象只跑一次，而不是每次申请都跑"
rules 6.1
ram 4M
zone Normal
page_group_by_mobility off
pcp off
watermarks off
pageblocks Normal 00
free_list Normal 1 Unmovable: 0x40 0x44 0x48

say "An inode has 600 bytes and a constructor: locks and lists are set up in every object when a slab is made." zh "一个 inode 有 600 字节，还有构造函数：建 slab 时就给每个对象备好锁和链表头。"
inode = kmem_cache_create size=600 ctor
say "Its objects take 608 bytes: the pointer to the next free one lies behind them, where it spoils nothing." zh "它的对象占 608 字节：指向下一个空闲对象的指针放在后面，不会弄坏里面的内容。"
a = kmem_cache_alloc inode
say "The owner gives it back as it was constructed. The next owner finds locks and lists ready." zh "主人归还时，对象要和刚构造好时一样。下一个主人拿到的锁和链表头都是现成的。"
free a
b = kmem_cache_alloc inode
say "The same without a constructor: 600 bytes an object, the pointer lies in the middle of what is free." zh "同样大小，没有构造函数：每个对象 600 字节，指针就放在空闲对象的中间。"
plain = kmem_cache_create size=600
c = kmem_cache_alloc plain
free c
say "The next owner has to set up everything: it finds leftovers of the last one, and a pointer of the freelist." zh "下一个主人得自己从头备好：里面是上一个主人的残留，还有空闲链的指针。"
d = kmem_cache_alloc plain
say "Or it asks for zeros, which cost 600 bytes of writing every time." zh "也可以要清零的，每次要写 600 字节。"
free d
e = kmem_cache_zalloc plain
say "A third cache, without a constructor either, for objects of 596 bytes. Does it get slabs of its own?" zh "第三个缓存，也没有构造函数，对象 596 字节。它会有自己的 slab 吗？"
other = kmem_cache_create size=596
say "No: its objects fit into those of 600, so it is one more name of the same cache. With a constructor that cannot be." zh "不会：它的对象放得进 600 字节，所以只是同一个缓存多了一个名字。有构造函数就不能这样。"
f = kmem_cache_alloc other
