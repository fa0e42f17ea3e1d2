# Caches of the article's slabtop, with the objects that it lists in thousands.
title "The article's slabtop, one object for a thousand" zh "文章里的 slabtop：一千个对象缩成一个"
rules 6.1
ram 64M
cpus 4
watermarks off
pcp off

say "The caches of the article's server, with the sizes of its table. None of them has memory yet." zh "文章里那台服务器的缓存，大小照它的表。现在都还没有内存。"
buffer_head = kmem_cache_create size=104 reclaim_account
dentry = kmem_cache_create size=192 reclaim_account account usercopy
ext4_inode_cache = kmem_cache_create size=1080 reclaim_account account ctor
vm_area_struct = kmem_cache_create size=208 account
radix_tree_node = kmem_cache_create size=576 reclaim_account ctor
kernfs_node_cache = kmem_cache_create size=136
inode_cache = kmem_cache_create size=600 reclaim_account account ctor
filp = kmem_cache_create size=256 hwcache_align account nomerge
say "474 buffer heads of 104 bytes: 39 fit into a page." zh "474 个 buffer_head，每个 104 字节：一页装 39 个。"
for i in 1..474
  bh[i] = kmem_cache_alloc buffer_head
end
say "231 directory entries of 192 bytes: 21 fit into a page. The cache is reclaimable: its pages are of that type." zh "231 个目录项，每个 192 字节：一页装 21 个。这个缓存可回收，它的页也是可回收类型。"
for i in 1..231
  de[i] = kmem_cache_alloc dentry
end
say "168 ext4 inodes of 1088 bytes: a slab has eight pages, so that little is lost." zh "168 个 ext4 inode，每个 1088 字节：一个 slab 用八页，这样浪费得少。"
for i in 1..168
  ei[i] = kmem_cache_alloc ext4_inode_cache
end
say "The smaller ones: areas of processes, nodes of trees, open files." zh "少一些的：进程的内存区、树的节点、打开的文件。"
for i in 1..59
  vma[i] = kmem_cache_alloc vm_area_struct
end
for i in 1..47
  tn[i] = kmem_cache_alloc radix_tree_node
end
for i in 1..43
  kn[i] = kmem_cache_alloc kernfs_node_cache
end
for i in 1..19
  f[i] = kmem_cache_alloc filp
end
for i in 1..17
  ino[i] = kmem_cache_alloc inode_cache
end
say "Most objects are buffer heads, most memory is ext4 inodes, as in the article. And there is kmalloc, with small sizes mostly." zh "对象最多的是 buffer_head，占内存最多的是 ext4 的 inode，和文章里一样。还有 kmalloc，多半是小的。"
for i in 1..36
  k[i] = kmalloc 64
end
for i in 1..14
  s[i] = kmalloc 32
end
for i in 1..3
  m[i] = kmalloc 1K
end
for i in 1..2
  l[i] = kmalloc 4K
end
say "A server frees as well: one buffer head of each full slab. slabtop counts it as free once a node has the slab." zh "服务器也会释放：每个满的 slab 还一个 buffer_head。slab 到了节点手里，slabtop 才算它空闲。"
for i in 1..430 step 39
  free bh[i]
end
say "Seven of the twelve show; five slabs are still kept by the CPU. That is why so many lines of slabtop say 100%." zh "十二个里看得出七个，另外五个 slab 还由 CPU 留着。所以 slabtop 里那么多行都是 100%。"
