# A slab of three objects: 10 KiB each, in a block of order 3.
title "Everything is freed, and the cache keeps its memory" zh "全都释放了，缓存还占着内存"
rules 6.1
ram 4M
zone Normal
page_group_by_mobility off
pcp off
watermarks off
pageblocks Normal 00
free_list Normal 3 Unmovable: 0x40 0x50 0x60 0x70 0x80

buf = kmem_cache_create size=10K
say "Fifteen buffers of 10 KiB: five slabs, and the free lists of the buddy system are empty." zh "十五个 10 KiB 的缓冲区，占五个 slab，伙伴系统的空闲链表空了。"
for i in 0..14
  b[i] = kmem_cache_alloc buf
end
say "All of them are given back. How much does the buddy system get?" zh "全部归还。伙伴系统能收回多少？"
for i in 0..14
  free b[i]
end
say "Nothing: 160 KiB are free and yet not. The CPU keeps all five slabs, so that the next request is fast." zh "一点也没有：160 KiB 空闲，却还占着。五个 slab 都由 CPU 留着，下次申请就快。"
again = kmem_cache_alloc buf
free again
say "kmem_cache_shrink takes the slabs from the CPUs, and gives all that are empty to the buddy system." zh "kmem_cache_shrink 把 slab 从各 CPU 收上来，空的全部还给伙伴系统。"
kmem_cache_shrink buf
say "One object in use is enough to hold a slab: 10 KiB are wanted, 32 KiB are taken." zh "只要有一个对象在用，整个 slab 就得留着：要的是 10 KiB，占的是 32 KiB。"
one = kmem_cache_alloc buf
kmem_cache_shrink buf
say "And a cache with an object in use cannot be destroyed." zh "有对象在用的缓存也销毁不了。"
kmem_cache_destroy buf
