title "Unused objects give way" zh "没人用的对象让路"
rules 6.1
ram 2M
zone Normal
page_group_by_mobility off
pcp off
reclaim on

inode = kmem_cache_create size=1000 reclaim_account nomerge
register_shrinker inode
for i in 0..127
  a[i] = kmem_cache_alloc inode
end
say "Nobody uses them any more, but they stay." zh "没人用它们了，但还留着。"
for i in 0..127
  list_lru_add a[i]
end
say "Of each slab, one is used again." zh "每个 slab 里又有一个被用上。"
for i in 0..15
  list_lru_del a[8*i]
end
touch a[1]
say "What nobody uses goes, and no page comes back: one object holds its slab." zh "没人用的全走，却一页也收不回：一个对象占住一个 slab。"
drop_caches 2
say "Those as well: slabs are empty now, and SLUB keeps a few." zh "这些也放手：slab 空了，SLUB 还留几个。"
for i in 0..15
  list_lru_add a[8*i]
end
drop_caches 2
kmem_cache_shrink inode
say "When memory is short, kswapd does it, and takes more the more urgent it is." zh "内存紧张时 kswapd 自己动手，越紧急收得越多。"
for i in 0..127
  b[i] = kmem_cache_alloc inode
  list_lru_add b[i]
end
p = exec
m = mmap p 2M
write m 0..1720K
